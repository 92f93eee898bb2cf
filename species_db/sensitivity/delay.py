"""Records that are still too young to leave: where an animal was seen lately, a snare is set.

What waits is the whole event with its pictures, and nothing is left in its stead: no empty row, no
number in a row. That something waits is said of every export alike, whether it does or not.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.sensitivity.gate import Gate
from species_db.tables import Deployment, Event, Observation

_T = TypeVar("_T")
_AT_A_TIME = 200  # deployments, and taxa, in one question: SQLite takes some thousands of values


def delayed_events(session: Session, gate: Gate) -> frozenset[str]:
    """Name the camera events that wait: too young, and ever said to show a taxon that waits.

    Ever, as with places: a name given in error shows the animal all the same. A clock that fell
    back cannot let a record go early, nor one that runs ahead hold it for ever: no record is from
    before its camera was set up or after it was taken down.
    """
    if gate.exact or not gate.places.delays:
        return frozenset()
    named = filter(None, session.exec(select(Observation.taxon_id).distinct()))
    waiting = sorted(one for one in named if one in gate.places.delays)
    found: set[str] = set()
    for deployments in _some_at_a_time(_recent(session, gate)):
        days = _days(session, deployments)
        for taxa in _some_at_a_time(waiting):
            pairs = _named_events(session, [d.deployment_id for d in deployments], taxa)
            found.update(one for one, taxon_id in pairs if gate.is_delayed(taxon_id, days[one]))
    return frozenset(found)


def _recent(session: Session, gate: Gate) -> list[Deployment]:
    """Deployments that may hold young records: all but those that ended long ago."""
    longest = timedelta(days=max(gate.places.delays.values()))
    ended = col(Deployment.deployment_end)
    too_old = datetime.combine(gate.today, datetime.min.time(), UTC) - longest - timedelta(days=2)
    statement = select(Deployment).where(ended.is_(None) | (ended >= too_old))
    return list(session.exec(statement.order_by(col(Deployment.deployment_id))))


def _days(session: Session, deployments: Sequence[Deployment]) -> dict[str, date]:
    """The day of every event of some deployments, within the deployment's own."""
    by_id = {deployment.deployment_id: deployment for deployment in deployments}
    rows = session.execute(
        select_columns(
            col(Event.event_id),
            col(Event.deployment_id),
            col(Event.event_start),
            col(Event.event_end),
        ).where(col(Event.deployment_id).in_(by_id))
    )
    return {
        event_id: _day(by_id[deployment_id], end or start)
        for event_id, deployment_id, start, end in rows
    }


def _named_events(
    session: Session, deployment_ids: Collection[str], taxa: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Events and the taxa that wait which somebody, or a model, ever named in them."""
    rows = session.execute(
        select_columns(col(Observation.event_id), col(Observation.taxon_id))
        .where(
            col(Observation.deployment_id).in_(deployment_ids),
            col(Observation.taxon_id).in_(taxa),
            col(Observation.event_id).is_not(None),
        )
        .distinct()
    )
    yield from ((event_id, taxon_id) for event_id, taxon_id in rows)


def _some_at_a_time(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for first in range(0, len(items), _AT_A_TIME):
        yield items[first : first + _AT_A_TIME]


def _day(deployment: Deployment, instant: datetime | None) -> date:
    at = max(instant or deployment.deployment_start, deployment.deployment_start)
    if deployment.deployment_end is not None:
        at = min(at, deployment.deployment_end)
    return (at.astimezone(UTC) + timedelta(seconds=deployment.utc_offset_seconds)).date()
