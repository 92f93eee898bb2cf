"""Confirmed events counted by taxon and stretch of the law: a million in seconds.

One pass of the database for each offset from UTC; the stretches lie between the local dates on
which a list began or ceased to hold.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from sqlalchemy import case, func, literal_column
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.tables import Deployment, Event, Observation, Taxon
from species_db.vocabulary import ObservationType
from species_db.wildlife.legal import Law, read_law

UNDATED = -1


@dataclass(frozen=True, slots=True)
class Sum:
    """Confirmed events of one taxon between two dates."""

    taxon_id: str
    stretch: int  # how many of the given dates lie on or before the events; -1: undated
    events: int


@dataclass(frozen=True)
class StatusTally:
    """Confirmed camera events by national protection level: I, II, none, not known."""

    as_of_observation: Counter[str]
    as_of_day: Counter[str]
    undated: int
    on: date


def status_tally(session: Session, *, on: date, law: Law | None = None) -> StatusTally:
    """Tell how many confirmed events fall under each level, on their own day and on one day."""
    known = law or read_law(session)
    offsets = session.exec(select(Deployment.utc_offset_seconds).distinct()).all()
    sums = [one for offset in sorted(offsets) for one in _of_offset(session, known.changes, offset)]
    asked = select(Taxon).where(col(Taxon.taxon_id).in_({one.taxon_id for one in sums}))
    taxa = {one.taxon_id: one for one in session.exec(asked)}
    then: Counter[str] = Counter()
    now: Counter[str] = Counter()
    undated = 0
    levels: dict[tuple[str, int], str] = {}
    today = known.stretch(on)
    for one in sums:
        for stretch in {one.stretch, today} - {UNDATED}:
            if (one.taxon_id, stretch) not in levels:
                day = known.first_day(stretch)
                levels[one.taxon_id, stretch] = known.level(taxa[one.taxon_id], day)
        now[levels[one.taxon_id, today]] += one.events
        if one.stretch == UNDATED:
            undated += one.events
        else:
            then[levels[one.taxon_id, one.stretch]] += one.events
    return StatusTally(then, now, undated, on)


def _of_offset(session: Session, changes: Sequence[date], offset: int) -> Iterator[Sum]:
    """Count the events of deployments of one offset; `changes` are local dates in order."""
    start = col(Event.event_start)
    zone = timezone(timedelta(seconds=offset))
    moments = [datetime.combine(day, time(), tzinfo=zone) for day in changes]
    stretch = case(
        (start.is_(None), UNDATED),
        *((start < moment, number) for number, moment in enumerate(moments)),
        else_=len(moments),
    )
    asked = (
        select_columns(
            col(Observation.taxon_id),
            stretch.label("stretch"),
            func.count(col(Observation.event_id).distinct()),
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .join(Deployment, col(Deployment.deployment_id) == col(Observation.deployment_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.observation_type) == ObservationType.ANIMAL.value,
            col(Observation.taxon_id).is_not(None),
            col(Deployment.utc_offset_seconds) == offset,
        )
        .group_by(col(Observation.taxon_id), literal_column("stretch"))
    )
    for row in session.connection().execute(asked):
        yield Sum(*row)
