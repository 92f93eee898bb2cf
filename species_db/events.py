"""Group the media of a deployment into events: what is looked at and recorded together.

An event here is Camtrap DP's: media of one deployment with no silence longer than the sequence gap
between them. It is neither the camera's burst nor an independent event for counting (DOMAIN.md 1).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db import identity
from species_db.review import summarise_event
from species_db.tables import CardImport, Event, Media, Observation
from species_db.vocabulary import ImportState

IDS_A_QUERY = 500  # SQLite takes a bounded number of values in one statement
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class DatedMedia:
    """What grouping needs to know of one media."""

    media_id: str
    timestamp: datetime
    file_name: str


@dataclass
class Grouping:
    """One event in the making: its span, the media that join it, and the event it already is."""

    start: datetime
    end: datetime
    media_ids: list[str] = field(default_factory=list)
    event_id: str | None = None


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

    Events that a person has reviewed are fixed: new media may join them, and then send them back to
    the queue, since nobody has seen the new ones. All others are grouped anew, so that cards give
    the same events in whatever order they arrive. Undated media are each their own event
    (DOMAIN.md 1).
    """
    fixed = {event.event_id: event for event in session.exec(_reviewed(deployment_id))}
    finished = select(CardImport.card_import_id).where(
        CardImport.deployment_id == deployment_id,
        CardImport.state == ImportState.COMPLETE.value,
    )
    media = session.exec(
        select(Media).where(
            Media.deployment_id == deployment_id, col(Media.card_import_id).in_(finished)
        )
    ).all()
    loose = [one for one in media if one.event_id not in fixed]
    known = [
        Grouping(event.event_start, event.event_end, [], event.event_id)
        for event in fixed.values()
        if event.event_start and event.event_end
    ]
    dated = [DatedMedia(m.media_id, m.timestamp, m.file_name) for m in loose if m.timestamp]
    groups = [g for g in group_by_gap(dated, known, gap=gap) if g.media_ids]
    wanted = {media_id: _name(deployment_id, g) for g in groups for media_id in g.media_ids}
    wanted |= {
        m.media_id: identity.event_id(deployment_id, m.media_id) for m in loose if not m.timestamp
    }
    moved = [one for one in loose if one.event_id != wanted[one.media_id]]
    changed = {wanted[one.media_id] for one in moved} | {one.event_id for one in moved}
    _store_events(session, deployment_id, groups, {m.media_id for m in loose if not m.timestamp})
    for one in moved:
        one.event_id = wanted[one.media_id]
    session.flush()
    films = {wanted[m.media_id] for m in moved if m.file_mediatype.startswith("video/")}
    _move_answers(session, [one.media_id for one in moved], films)
    _drop_empty(session, deployment_id, set(wanted.values()) | set(fixed))
    return len(changed - {None})


def _name(deployment_id: str, group: Grouping) -> str:
    return group.event_id or identity.event_id(deployment_id, group.media_ids[0])


def _reviewed(deployment_id: str) -> SelectOfScalar[Event]:
    """Events that any person has ever said something of, undone or not."""
    said = select(Observation.event_id).where(
        Observation.event_id == Event.event_id, col(Observation.review_id).is_not(None)
    )
    return select(Event).where(Event.deployment_id == deployment_id, said.exists())


def _store_events(
    session: Session, deployment_id: str, groups: list[Grouping], undated: set[str]
) -> None:
    alone = [Grouping(NEVER, NEVER, [media_id]) for media_id in sorted(undated)]
    for group in (*groups, *alone):
        event_id = _name(deployment_id, group)
        event = session.get(Event, event_id) or Event(
            event_id=event_id, deployment_id=deployment_id
        )
        if group.event_id:
            event.media_count += len(group.media_ids)
            event.is_reviewed = False
        else:
            event.media_count = len(group.media_ids)
        if group.start is not NEVER:
            event.event_start, event.event_end = group.start, group.end
        session.add(event)
    session.flush()


def _move_answers(session: Session, media_ids: list[str], films: set[str]) -> None:
    """Let a model's answers follow their media to its event, and the event say so.

    Events with films find their place in the queue at once: no model will answer on them.
    """
    touched = set(films)
    for start in range(0, len(media_ids), IDS_A_QUERY):
        page = media_ids[start : start + IDS_A_QUERY]
        rows = session.exec(select(Observation).where(col(Observation.media_id).in_(page)))
        for observation in rows:
            media = session.get_one(Media, observation.media_id)
            touched |= {media.event_id} if media.event_id else set()
            observation.event_id = media.event_id
    session.flush()
    for event_id in sorted(touched):
        summarise_event(session, event_id)


def _drop_empty(session: Session, deployment_id: str, kept: set[str]) -> None:
    """Remove events that hold no media any more; nobody ever reviewed them."""
    for event in session.exec(select(Event).where(Event.deployment_id == deployment_id)):
        if event.event_id not in kept:
            session.delete(event)
    session.flush()
