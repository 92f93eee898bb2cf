"""The media an export speaks of, and which of them the review in force has seen.

Pictures may join an event after its review: a second card, a frame that was unreadable before. The
review still stands for what it covered, and for nothing else.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, true
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from species_db.tables import Decision, Event, Media


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What an export needs of one media; a survey may hold a million of them."""

    media_id: str
    sha256: str
    deployment_id: str
    event_id: str | None
    timestamp: datetime
    utc_offset_seconds: int | None
    file_path: str
    file_mediatype: str
    orientation: int | None
    trigger: str | None
    user_label: str | None
    file_name: str
    original_id: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class ToldMedia:
    """The media that are told; dated, since the standard requires a date."""

    media: list[MediaFacts]
    later_media: frozenset[str]
    """Media that joined an event after the review in force; nobody has looked at them."""
    outgrown_events: frozenset[str]
    """The events that such media joined."""
    undated: int


def read_media(
    session: Session, *, include_machine: bool, deployments: Collection[str]
) -> ToldMedia:
    """Read the media of what is told; later ones are told with the machine's records only."""
    columns = [col(getattr(Media, fact.name)) for fact in fields(MediaFacts)]
    rows = session.execute(
        sql_select(*columns)
        .join(Event, col(Event.event_id) == col(Media.event_id), isouter=True)
        .where(is_told(include_machine))
        .order_by(col(Media.deployment_id), col(Media.timestamp), col(Media.media_id))
    )
    known = [MediaFacts(*row) for row in rows if row.deployment_id in deployments]
    later = _later_media(session, known)
    kept = [m for m in known if include_machine or m.media_id not in later]
    dated = [m for m in kept if m.timestamp is not None]
    outgrown = frozenset(m.event_id for m in known if m.event_id and m.media_id in later)
    return ToldMedia(dated, later, outgrown, len(kept) - len(dated))


def is_told(include_machine: bool) -> ColumnElement[bool]:
    """Select the events that leave: those with a review in force, or all.

    Not `is_reviewed`: that is false again when pictures join, and the record would vanish.
    """
    return true() if include_machine else col(Event.current_review_id).is_not(None)


def _later_media(session: Session, media: Iterable[MediaFacts]) -> frozenset[str]:
    """Find media that their event's review in force did not cover.

    A review that does not say what it covered is from before reviews said so: it covers all.
    """
    media_ids: dict[str, list[str]] = defaultdict(list)
    for item in media:
        media_ids[item.event_id or ""].append(item.media_id)
    reviews = session.exec(
        select(Event.event_id, Decision.details).join(
            Decision, col(Decision.decision_id) == col(Event.current_review_id)
        )
    )
    later: set[str] = set()
    for event_id, details in reviews:
        covered = json.loads(details).get("media") if event_id in media_ids else None
        if covered is not None:
            later |= set(media_ids[event_id]).difference(covered)
    return frozenset(later)
