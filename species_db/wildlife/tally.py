"""Confirmed events counted by taxon, deployment and stretch of days: a million in seconds.

One pass of the database; what comes back is some ten thousand sums, whatever the survey's size.
The stretches lie between given local dates, so that years and changes of the law are cut alike.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from sqlalchemy import String, case, func, literal, literal_column, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.tables import Deployment, Event, Observation, Taxon
from species_db.vocabulary import ObservationType
from species_db.wildlife.legal import Law, read_law

UNDATED = -1


@dataclass(frozen=True, slots=True)
class Sum:
    """Confirmed events of one taxon between two dates, at one deployment unless all are summed."""

    taxon_id: str
    deployment_id: str
    stretch: int  # how many of the given dates lie on or before the events; -1: undated
    events: int
    last: str | datetime | None  # the latest start, as the database gives it: see `seconds_of`


@dataclass(frozen=True)
class StatusTally:
    """Confirmed camera events by national protection level: I, II, none, not known."""

    as_of_observation: Counter[str]
    as_of_day: Counter[str]
    undated: int
    on: date


def tally(
    session: Session, changes: Sequence[date], *, by_deployment: bool = True
) -> Iterator[Sum]:
    """Count confirmed events of all taxa; `changes` are local dates in order."""
    offsets = session.exec(select(Deployment.utc_offset_seconds).distinct()).all()
    for offset in sorted(offsets):
        yield from _of_offset(session, changes, offset, by_deployment=by_deployment)


def status_tally(session: Session, *, on: date, law: Law | None = None) -> StatusTally:
    """Tell how many confirmed events fall under each level, on their own day and on one day."""
    known = law or read_law(session)
    sums = list(tally(session, known.changes, by_deployment=False))
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


def _of_offset(
    session: Session, changes: Sequence[date], offset: int, *, by_deployment: bool
) -> Iterator[Sum]:
    start = col(Event.event_start)
    zone = timezone(timedelta(seconds=offset))
    moments = [datetime.combine(day, time(), tzinfo=zone) for day in changes]
    stretch = case(
        (start.is_(None), UNDATED),
        *((start < moment, number) for number, moment in enumerate(moments)),
        else_=len(moments),
    )
    place = col(Observation.deployment_id) if by_deployment else literal("")
    asked = (
        select_columns(
            col(Observation.taxon_id),
            place,
            stretch.label("stretch"),
            func.count(col(Observation.event_id).distinct()),
            type_coerce(func.max(start), String),
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .join(Deployment, col(Deployment.deployment_id) == col(Observation.deployment_id))
        .where(
            col(Event.current_review_id) == col(Observation.review_id),
            col(Observation.observation_type) == ObservationType.ANIMAL.value,
            col(Observation.taxon_id).is_not(None),
            col(Deployment.utc_offset_seconds) == offset,
        )
    )
    parts = [col(Observation.taxon_id), literal_column("stretch")]
    if by_deployment:
        parts.append(col(Observation.deployment_id))
    for row in session.connection().execute(asked.group_by(*parts)):
        yield Sum(*row)
