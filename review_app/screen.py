"""The one component of the page: picture, boxes, filmstrip, acts and keys, in the browser.

Plain HTML, CSS and JavaScript beside this file; nothing is fetched from elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import streamlit as st

from review_app.desk import Desk
from review_app.words import words_in
from species_db.language import Language
from species_db.review import (
    EventView,
    FindingView,
    MediaView,
    NeighbourView,
    Progress,
    QuestionView,
    ReviewView,
)

HERE = Path(__file__).parent
AHEAD = 6  # pictures of the coming event that are fetched before they are asked for
FETCHED_AT_ONCE = {"video/mp4", "video/quicktime"}  # others are copied first: only when asked

Words = Mapping[str, str]
Sent = dict[str, object]  # what goes to the browser as JSON


def read_part(name: str) -> str:
    """Read the component's HTML, CSS or JavaScript."""
    return (HERE / name).read_text(encoding="utf-8")


# Registered once, on import; Streamlit hands it to each page that shows it.
show_screen = st.components.v2.component(
    "namcha_review",
    html=read_part("screen.html"),
    css=read_part("screen.css"),
    js=read_part("screen.js") + read_part("paint.js"),
)


def screen_data(
    event: EventView | None,
    coming: EventView | None,
    *,
    done: Progress,
    desk: Desk,
    person: str,
    language: Language,
) -> Sent:
    """Say in JSON what the browser shows; it decides nothing but where to put it."""
    words = words_in(language)
    return {
        "serial": desk.serial,
        "language": language,
        "words": words,
        "person": person.strip(),
        "progress": {
            "text": words["progress"].format(
                reviewed=f"{done.reviewed:,}",
                total=f"{done.total:,}",
                percent=int(done.share * 100),  # never rounded up to a hundred
            ),
            "share": done.share,
        },
        "event": _event(event, words, language) if event else None,
        "ahead": _ahead(coming) if coming else [],
        "recent": list(desk.recent),
        "message": _message(desk, words, language, person),
        "isWarning": not desk.message.startswith(("said_", "undone")),
    }


def best_frame(event: EventView) -> int:
    """Choose the frame to show first: where the machine is surest of what it calls the event."""
    wanted = event.machine.observation_type
    scores = [
        max((b.score or 0.0 for b in media.boxes if b.observation_type == wanted), default=-1.0)
        for media in event.media
    ]
    return scores.index(max(scores)) if scores else 0


def _message(desk: Desk, words: Words, language: Language, person: str) -> str:
    if not desk.message:
        return "" if person.strip() else words["need_person"]
    why = desk.refusal.sentence(language) if desk.refusal else ""
    return f"{words[desk.message]} {why}".strip()


def _event(event: EventView, words: Words, language: Language) -> Sent:
    call, named = event.machine, event.machine_finding
    return {
        "id": event.key.event_id,
        "reviewId": event.review.review_id if event.review else None,
        "media": event.shown_media,
        "newMedia": words["new_media"] if event.has_new_media else "",
        "place": event.location_name or event.location_id,
        "placeMore": _place_more(event, words),
        "first": best_frame(event),
        "frames": [_frame(media, words) for media in event.media],
        "call": {
            "type": call.observation_type,
            "name": _finding(named, words, language)["name"] if named.scientific_name else "",
            "score": call.probability,
            "model": _model(event, words),
        },
        "questions": "\n".join(_question(one, words, language) for one in event.questions),
        "proposed": dict(event.proposed_counts),
        "review": _review(event.review, event, words, language) if event.review else None,
        "neighbours": "\n".join(
            filter(
                None,
                [
                    _neighbour(event.earlier, "earlier", words),
                    _neighbour(event.later, "later", words),
                ],
            )
        ),
    }


def _model(event: EventView, words: Words) -> str:
    told = [event.model or words["no_model"]]
    rank = event.machine_finding.rank
    if event.machine.prediction_source and rank:
        told.append(words["guess"].format(rank=words.get(f"rank_{rank}", rank)))
    if event.dismissed_by:
        told.append(words["boxes_dismissed"].format(people=", ".join(event.dismissed_by)))
    return " · ".join(told)


def _question(question: QuestionView, words: Words, language: Language) -> str:
    hidden = (_finding(one, words, language)["name"] for one in question.could_be)
    what = words[f"question_{question.reason}"].format(
        name=_finding(question.about, words, language)["name"],
        outside=words["list_comma"].join(words[f"outside_{one}"] for one in question.outside),
        hidden=words["list_comma"].join(map(str, hidden)),
    )
    return words["question"].format(what=what)


def _place_more(event: EventView, words: Words) -> str:
    parts = [
        event.location_id if event.location_name else "",
        f"{words['plot']} {event.plot_id}" if event.plot_id else "",
        f"{words['deployment']} {event.deployment_id}",
    ]
    return " · ".join(part for part in parts if part)


def _frame(media: MediaView, words: Words) -> Sent:
    is_film = media.file_mediatype.startswith("video/")
    return {
        "id": media.media_id,
        "name": media.file_name,
        "time": _time(media.local_time, words),
        "temperature": "" if media.temperature_c is None else f"{media.temperature_c:g} °C",
        "kind": "film" if is_film else "picture",
        "isFetchedAtOnce": media.file_mediatype in FETCHED_AT_ONCE,
        "isRestricted": media.is_restricted,
        "path": media.file_path,
        "boxes": [
            {"type": b.observation_type, "score": b.score, "at": [b.x, b.y, b.width, b.height]}
            for b in media.boxes
        ],
    }


def _review(review: ReviewView, event: EventView, words: Words, language: Language) -> Sent:
    offset = event.local_start.tzinfo if event.local_start else None
    return {
        "findings": [_finding(finding, words, language) for finding in review.findings],
        "by": f"{review.person} · {review.decided_at.astimezone(offset):%Y-%m-%d %H:%M}",
    }


def _finding(finding: FindingView, words: Words, language: Language) -> Sent:
    kind = finding.camera_setup_type or finding.observation_type
    common = finding.zh if language == "zh" else finding.en
    if kind == "animal" and not finding.scientific_name:
        kind = "unidentified"
    return {
        "name": common or finding.scientific_name or words[kind],
        "latin": finding.scientific_name if common else "",
        "count": finding.count,
    }


def _neighbour(neighbour: NeighbourView | None, side: str, words: Words) -> str:
    if neighbour is None or neighbour.local_start is None:
        return ""
    when = f"{neighbour.local_start:%m-%d %H:%M}"
    return f"{words[side]} {when} {words[neighbour.machine_type]}"


def _ahead(coming: EventView) -> list[Sent]:
    first = best_frame(coming)
    order = [first, *(n for n in range(len(coming.media)) if n != first)]
    frames = [coming.media[n] for n in order[:AHEAD]] if coming.media else []
    return [
        {"id": media.media_id, "isRestricted": media.is_restricted}
        for media in frames
        if media.file_mediatype.startswith("image/")
    ]


def _time(instant: datetime | None, words: Words) -> str:
    if instant is None:
        return words["no_time"]
    offset = f"{instant:%z}"
    return f"{instant:%Y-%m-%d %H:%M:%S} {offset[:3]}:{offset[3:5]}"
