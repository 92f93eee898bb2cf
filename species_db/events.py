"""Group the media of a deployment into events: what is looked at and recorded together.

An event here is Camtrap DP's: media of one deployment with no silence longer than the sequence gap
between them. It is neither the camera's burst nor an independent event for counting (DOMAIN.md 1).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from species_db import identity
from species_db.media_rows import write_media
from species_db.review import summarise_event
from species_db.tables import CardImport, Decision, Event, Media, Observation
from species_db.vocabulary import Act, ImportState

IDS_A_QUERY = 500  # SQLite takes a bounded number of values in one statement


@dataclass(frozen=True, slots=True)
class DatedMedia:
    """What grouping needs to know of one media."""

    media_id: str
    timestamp: datetime
    file_name: str


@dataclass(frozen=True, slots=True)
class _Filed:
    """One media of a finished card, and the event that it is in now."""

    media_id: str
    timestamp: datetime | None
    file_name: str
    event_id: str | None
    is_film: bool


@dataclass(slots=True)
class Grouping:
    """One event in the making: its span, the media that join it, and the event it already is."""

    start: datetime
    end: datetime
    media_ids: list[str] = field(default_factory=list)
    event_id: str | None = None


@dataclass(slots=True)
class _Span:
    """What an event shall be: its media and their first and last time."""

    start: datetime | None = None
    end: datetime | None = None
    media_ids: list[str] = field(default_factory=list)


def group_by_gap(
    media: Iterable[DatedMedia], known: Iterable[Grouping], *, gap: timedelta
) -> list[Grouping]:
    """Put media into events; one that falls within the gap of a known event joins it.

    Known events, which a person has reviewed, are never merged nor renamed: what was reviewed
    stays what it was.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    >>> shots = [DatedMedia(str(s), nine + timedelta(seconds=s), "") for s in (0, 1, 121, 242)]
    >>> [g.media_ids for g in group_by_gap(shots, [], gap=timedelta(seconds=120))]
    [['0', '1', '121'], ['242']]
    """
    ordered = sorted(media, key=lambda m: (m.timestamp, m.file_name, m.media_id))
    singles = [Grouping(m.timestamp, m.timestamp, [m.media_id]) for m in ordered]
    groups: list[Grouping] = []
    for item in sorted([*known, *singles], key=lambda g: (g.start, g.event_id is None)):
        last = groups[-1] if groups else None
        if last and item.start - last.end <= gap and not (item.event_id and last.event_id):
            last.end = max(last.end, item.end)
            last.media_ids += item.media_ids
            last.event_id = last.event_id or item.event_id
        else:
            groups.append(item)
    return groups


def assign_events(session: Session, deployment_id: str, *, gap: timedelta) -> int:
    """Group the media of a deployment's finished cards into events; tell how many events changed.

    Events that a person has reviewed keep their identity and the media that the review covered;
    their times follow those media. New media may join them, and then send them back to the queue,
    since nobody has seen the new ones; they leave again when their time is corrected. All others
    are grouped anew, so that cards give the same events in whatever order they arrive. Undated
    media are each their own event (DOMAIN.md 1).
    """
    media = _filed(session, deployment_id)
    covered = _covered(session, deployment_id, media)
    bound = {media_id for of_event in covered.values() for media_id in of_event}
    loose = [one for one in media if one.media_id not in bound]
    dated = [DatedMedia(m.media_id, m.timestamp, m.file_name) for m in loose if m.timestamp]
    groups = group_by_gap(dated, _known(covered, media, gap=gap), gap=gap)
    wanted = {media_id: _name(deployment_id, g) for g in groups for media_id in g.media_ids}
    wanted |= {
        m.media_id: identity.event_id(deployment_id, m.media_id) for m in loose if not m.timestamp
    }
    wanted |= {media_id: event for event, ids in covered.items() for media_id in ids}
    moved = [one for one in media if one.event_id != wanted[one.media_id]]
    _store_events(session, deployment_id, _spans(media, wanted), covered)
    write_media(session, ({"media_id": m.media_id, "event_id": wanted[m.media_id]} for m in moved))
    _move_answers(session, moved, wanted)
    _drop_empty(session, deployment_id, set(wanted.values()) | set(covered))
    return len(({wanted[one.media_id] for one in moved} | {m.event_id for m in moved}) - {None})


def _name(deployment_id: str, group: Grouping) -> str:
    return group.event_id or identity.event_id(deployment_id, group.media_ids[0])


def _filed(session: Session, deployment_id: str) -> list[_Filed]:
    finished = select(CardImport.card_import_id).where(
        CardImport.deployment_id == deployment_id,
        CardImport.state == ImportState.COMPLETE.value,
    )
    columns = (Media.media_id, Media.timestamp, Media.file_name, Media.event_id)
    rows = session.execute(
        select(*columns, Media.file_mediatype).where(  # type: ignore[call-overload]
            Media.deployment_id == deployment_id, col(Media.card_import_id).in_(finished)
        )
    )
    return [
        _Filed(media_id, time, name, event_id, mediatype.startswith("video/"))
        for media_id, time, name, event_id, mediatype in rows
    ]


def _covered(
    session: Session, deployment_id: str, media: Iterable[_Filed]
) -> dict[str, frozenset[str]]:
    """The events that any person has ever said something of, and the media that was said of.

    A log entry without media, as older versions wrote it, speaks of all that the event holds.
    """
    said = select(Observation.event_id).where(
        Observation.deployment_id == deployment_id, col(Observation.review_id).is_not(None)
    )
    reviewed = {event_id for event_id in session.exec(said) if event_id is not None}
    if not reviewed:
        return {}
    held: dict[str, set[str]] = {event_id: set() for event_id in reviewed}
    for one in media:
        if one.event_id in held:
            held[one.event_id].add(one.media_id)
    seen: dict[str, set[str]] = {}
    for subject, details in _reviews_of(session, reviewed):
        named = json.loads(details).get("media")
        seen.setdefault(subject, set()).update(held[subject] if named is None else named)
    return {event: frozenset(held[event] & seen.get(event, held[event])) for event in held}


def _reviews_of(session: Session, event_ids: Collection[str]) -> Iterator[tuple[str, str]]:
    for page in _pages(sorted(event_ids)):
        yield from session.exec(
            select(Decision.subject, Decision.details).where(
                Decision.act == Act.REVIEWED.value, col(Decision.subject).in_(page)
            )
        )


def _known(
    covered: Mapping[str, frozenset[str]], media: Iterable[_Filed], *, gap: timedelta
) -> list[Grouping]:
    """Reviewed events as spans that new media may join.

    One whose media a clock correction has drawn apart gives a span for each part: what lies
    between them is not of the event.
    """
    times = {one.media_id: one.timestamp for one in media}
    spans: list[Grouping] = []
    for event_id, media_ids in covered.items():
        moments = sorted(moment for m in media_ids if (moment := times[m]) is not None)
        for place, moment in enumerate(moments):
            if place == 0 or moment - spans[-1].end > gap:
                spans.append(Grouping(moment, moment, [], event_id))
            spans[-1].end = moment
    return spans


def _spans(media: Iterable[_Filed], wanted: Mapping[str, str]) -> dict[str, _Span]:
    """The times and the media of each event as it shall be."""
    spans: dict[str, _Span] = {}
    for one in media:
        span = spans.setdefault(wanted[one.media_id], _Span())
        span.media_ids.append(one.media_id)
        if one.timestamp is not None:
            span.start = min(span.start or one.timestamp, one.timestamp)
            span.end = max(span.end or one.timestamp, one.timestamp)
    return spans


def _store_events(
    session: Session,
    deployment_id: str,
    spans: Mapping[str, _Span],
    covered: Mapping[str, frozenset[str]],
) -> None:
    """Write what each event is now; a page of rows at a time, which the session then lets go."""
    for page in _pages(list(spans)):
        found = session.exec(select(Event).where(col(Event.event_id).in_(page)))
        events = {event.event_id: event for event in found}
        for event_id in page:
            event = events.get(event_id)
            if event is None:
                event = Event(event_id=event_id, deployment_id=deployment_id)
                session.add(event)
            span = spans[event_id]
            told = {
                "event_start": span.start,
                "event_end": span.end,
                "media_count": len(span.media_ids),
            }
            if event_id in covered and event.current_review_id is not None:
                seen = _in_force(session, event, covered[event_id])
                told["is_reviewed"] = seen.issuperset(span.media_ids)
            for name, value in told.items():
                if getattr(event, name) != value:
                    setattr(event, name, value)
        session.flush()


def _in_force(session: Session, event: Event, covered: frozenset[str]) -> frozenset[str]:
    """The media that the review in force has covered; a later one may have covered more."""
    details = session.exec(
        select(Decision.details).where(Decision.decision_id == event.current_review_id)
    ).first()
    named = json.loads(details).get("media") if details else None
    return covered if named is None else frozenset(named)


def _move_answers(session: Session, moved: list[_Filed], wanted: Mapping[str, str]) -> None:
    """Let a model's answers follow their media to its event, and both events say so.

    Events with films find their place in the queue at once: no model will answer on them.
    """
    target = {one.media_id: wanted[one.media_id] for one in moved}
    answered = set()
    for page in _pages(sorted(target)):
        ids = col(Observation.media_id)
        answered |= {m for m in session.exec(select(ids).where(ids.in_(page)).distinct()) if m}
    if answered:
        rows = Observation.__table__  # type: ignore[attr-defined]
        session.connection().execute(
            update(rows)
            .where(rows.c.media_id == bindparam("of_media"))
            .values(event_id=bindparam("to_event")),
            [{"of_media": m, "to_event": target[m]} for m in sorted(answered)],
        )
        for row in session.identity_map.values():
            if isinstance(row, Observation) and row.media_id in answered:
                set_committed_value(row, "event_id", target[row.media_id])
    touched = {wanted[m.media_id] for m in moved if m.is_film or m.media_id in answered}
    left = {m.event_id for m in moved if m.is_film or m.media_id in answered}
    present = set(wanted.values())
    for event_id in sorted(touched | {e for e in left if e in present}):
        summarise_event(session, event_id)


def _drop_empty(session: Session, deployment_id: str, kept: set[str]) -> None:
    """Remove events that hold no media any more; nobody ever reviewed them."""
    present = session.exec(select(Event.event_id).where(Event.deployment_id == deployment_id))
    for page in _pages([event_id for event_id in present if event_id not in kept]):
        for event in session.exec(select(Event).where(col(Event.event_id).in_(page))):
            session.delete(event)
        session.flush()


def _pages(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), IDS_A_QUERY):
        yield ids[start : start + IDS_A_QUERY]
