"""One reviewer's desk: the event that lies on it, and what a press of a key does to it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from species_db.review import (
    EventView,
    Progress,
    ReviewConflict,
    ReviewError,
    Shown,
    confirm,
    correct,
    event_key,
    mark_animal,
    mark_blank,
    mark_human,
    mark_setup,
    mark_unknown,
    mark_vehicle,
    next_event,
    previous_event,
    progress,
    undo,
    view_event,
)
from species_db.survey import Survey

logger = logging.getLogger(__name__)

MARKS: dict[str, Callable[..., str]] = {
    "blank": mark_blank,
    "unknown": mark_unknown,
    "setup": mark_setup,
}
COUNTED_MARKS: dict[str, Callable[..., str]] = {
    "animal": mark_animal,
    "human": mark_human,
    "vehicle": mark_vehicle,
}
DECISIONS = {"confirm", "correct", *MARKS, *COUNTED_MARKS}
RECENT_TAXA = 6


@dataclass(frozen=True)
class Press:
    """One press of a key in the browser: the act, and what the screen showed when it came."""

    token: str
    act: str
    event_id: str | None = None
    review_id: str | None = None
    shown_type: str | None = None
    count: int | None = None
    taxon_id: str | None = None


@dataclass
class Desk:
    """What one browser tab works on; kept as long as the tab is open."""

    event_id: str | None = None
    trail: list[str] = field(default_factory=list)  # events looked at, for going back
    position: int = -1  # of the event on the desk, in the trail
    recent: list[str] = field(default_factory=list)  # taxa chosen lately, newest first
    message: str = ""  # a key of review_app/words.py
    note: str = ""  # a sentence for the person, already in words
    serial: int = 0  # counts the screens sent, so that the browser knows a new one

    def lay_out(self, event_id: str | None) -> None:
        """Put an event on the desk; what lay ahead on the trail is forgotten."""
        self.event_id = event_id
        is_there = self.position >= 0 and self.trail[self.position] == event_id
        if event_id is not None and not is_there:
            del self.trail[self.position + 1 :]
            self.trail.append(event_id)
            self.position = len(self.trail) - 1


def read_press(sent: Mapping[str, object]) -> Press:
    """Read what the browser sent."""

    def text(name: str) -> str | None:
        value = sent.get(name)
        return value if isinstance(value, str) and value else None

    count = sent.get("count")
    return Press(
        token=text("token") or "",
        act=text("act") or "",
        event_id=text("event"),
        review_id=text("review"),
        shown_type=text("shown"),
        count=count if isinstance(count, int) and count > 0 else None,
        taxon_id=text("taxon"),
    )


def press_key(survey: Survey, desk: Desk, press: Press, *, person: str) -> None:
    """Do what a key asks: move on, or act on the event and then move on.

    After a conflict the event stays on the desk, to be looked at again.
    """
    desk.message = desk.note = ""
    if press.act in ("next", "back"):
        _move(survey, desk, forward=press.act == "next")
    elif not person.strip():
        desk.message = "need_person"
    elif press.act == "undo":
        undone = undo(survey, person=person, token=press.token)
        desk.message = "undone" if undone else "nothing_to_undo"
        if undone:
            desk.lay_out(undone)
    elif press.act in DECISIONS and press.event_id is not None:
        _decide(survey, desk, press, person)
    else:
        logger.warning("the browser sent an act that is not known: %r", press.act)


def take_up(survey: Survey, desk: Desk) -> tuple[EventView | None, EventView | None, Progress]:
    """See what lies on the desk, what will come next, and how far the work has come."""
    with survey.reading() as session:
        key = event_key(session, desk.event_id) if desk.event_id else None
        if key is None:  # a new tab, or everything was reviewed a moment ago
            key = next_event(session)
            desk.lay_out(key.event_id if key else None)
        if key is None:
            return None, None, progress(session)
        following = next_event(session, after=key, skip=[key.event_id])
        coming = _ahead(desk) or (following.event_id if following else None)
        return (
            view_event(session, key.event_id),
            view_event(session, coming) if coming else None,
            progress(session),
        )


def _decide(survey: Survey, desk: Desk, press: Press, person: str) -> None:
    if press.act == "confirm" and press.shown_type == "unclassified":
        desk.message = "nothing_to_confirm"
        return
    try:
        _apply(survey, press, person)
    except ReviewConflict:
        desk.message = "conflict"
    except ReviewError as error:
        desk.message, desk.note = "refused", str(error)
    else:
        desk.message = f"said_{press.act}"
        if press.act == "correct" and press.taxon_id is not None:
            others = [taxon for taxon in desk.recent if taxon != press.taxon_id]
            desk.recent = [press.taxon_id, *others][:RECENT_TAXA]
        desk.position = len(desk.trail) - 1  # back where the work was, if this was a look back
        with survey.reading() as session:
            found = next_event(session, after=event_key(session, press.event_id or ""))
        desk.lay_out(found.event_id if found else None)


def _apply(survey: Survey, press: Press, person: str) -> None:
    event_id = press.event_id or ""
    shown: Shown = {
        "person": person,
        "expected_review_id": press.review_id,
        "token": press.token,
    }
    if press.act == "confirm":
        confirm(survey, event_id, shown_type=press.shown_type, count=press.count, **shown)
    elif press.act == "correct":
        correct(survey, event_id, taxon_id=press.taxon_id or "", count=press.count, **shown)
    elif press.act in MARKS:
        MARKS[press.act](survey, event_id, **shown)
    else:
        COUNTED_MARKS[press.act](survey, event_id, count=press.count, **shown)


def _move(survey: Survey, desk: Desk, *, forward: bool) -> None:
    if forward and (ahead := _ahead(desk)) is not None:
        desk.position += 1
        desk.event_id = ahead
        return
    is_done = desk.event_id is None and desk.position >= 0  # the last event lies just behind
    if not forward and (is_done or desk.position > 0):
        desk.position -= 0 if is_done else 1
        desk.event_id = desk.trail[desk.position]
        return
    with survey.reading() as session:
        key = event_key(session, desk.event_id) if desk.event_id else None
        if forward:
            found = next_event(session, after=key)
        else:
            found = previous_event(session, before=key) if key else None
    if forward:
        desk.lay_out(found.event_id if found else None)
    elif found is not None:
        desk.trail.insert(0, found.event_id)
        desk.position = 0
        desk.event_id = found.event_id
    else:
        desk.message = "no_earlier"


def _ahead(desk: Desk) -> str | None:
    return desk.trail[desk.position + 1] if desk.position + 1 < len(desk.trail) else None
