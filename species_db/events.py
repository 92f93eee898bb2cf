"""Group the media of a deployment into events: what is looked at and recorded together.

An event here is Camtrap DP's: media of one deployment with no silence longer than the sequence gap
between them. It is neither the camera's burst nor an independent event for counting (DOMAIN.md 1).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from species_db import identity
from species_db.tables import Event, Media


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

    Known events are never merged nor renamed, so what was reviewed stays what it was.

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
    """Give every media of a deployment that has no event its event; tell how many events changed.

    A reviewed event that gains media goes back to the queue: nobody has seen the new ones.
    Undated media are each their own event (DOMAIN.md 1).
    """
    loose = session.exec(
        select(Media).where(
            col(Media.deployment_id) == deployment_id, col(Media.event_id).is_(None)
        )
    ).all()
    if not loose:
        return 0
    by_id = {media.media_id: media for media in loose}
    events = session.exec(
        select(Event).where(
            Event.deployment_id == deployment_id, col(Event.event_start).is_not(None)
        )
    ).all()
    known = [
        Grouping(e.event_start, e.event_end, [], e.event_id)
        for e in events
        if e.event_start and e.event_end
    ]
    dated = [DatedMedia(m.media_id, m.timestamp, m.file_name) for m in loose if m.timestamp]
    groups = [g for g in group_by_gap(dated, known, gap=gap) if g.media_ids]
    for group in groups:
        _store_group(session, deployment_id, group, by_id)
    undated = [media for media in loose if media.timestamp is None]
    for media in undated:
        event_id = identity.event_id(deployment_id, media.media_id)
        session.add(Event(event_id=event_id, deployment_id=deployment_id, media_count=1))
        session.flush()
        media.event_id = event_id
    return len(groups) + len(undated)


def _store_group(
    session: Session, deployment_id: str, group: Grouping, by_id: dict[str, Media]
) -> None:
    event = session.get(Event, group.event_id) if group.event_id else None
    if event is None:
        event_id = identity.event_id(deployment_id, group.media_ids[0])
        event = Event(event_id=event_id, deployment_id=deployment_id)
    event.event_start, event.event_end = group.start, group.end
    event.media_count += len(group.media_ids)
    event.is_reviewed = False
    session.add(event)
    session.flush()
    for media_id in group.media_ids:
        by_id[media_id].event_id = event.event_id
