"""Effort of people's work: by plot, protocol and season; never summed across protocols.

A visit tells its effort on each of its lines, so it is counted once; where its lines contradict,
one of them corrected and the others not, what was told last counts. Metres walked, litres
filtered and hours recorded are different things: each has a row of its own (VISION N10).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from sqlmodel import Session, col, select

from species_db.field.records.efforts import has_effort
from species_db.tables import FieldRecord, Plot
from species_db.vocabulary import FieldProtocol, FieldState

SEASONS = ("winter", "spring", "summer", "autumn")  # December begins the winter of the next year
ROWS_A_PAGE = 2000


@dataclass(frozen=True)
class FieldEffort:
    """What was done on one plot (or off all plots in one county) by one protocol in one season.

    `effort_value` is a sum of `effort_unit` over the visits that tell it; None for a protocol
    that has none, like a phone photo. `visits_without_effort` is what keeps the sum a lower bound.
    """

    plot_id: str | None
    county: str
    protocol: str
    season: str  # "2026-summer"
    visits: int
    effort_value: float | None
    effort_unit: str
    visits_without_effort: int
    records: int


def field_efforts(session: Session) -> list[FieldEffort]:
    """Add up the efforts of field records; rejected records do not count."""
    visits: dict[tuple[str, ...], dict[tuple[object, ...], float | None]] = {}
    records: dict[tuple[str, ...], int] = {}
    for key, visit, effort in _visits(session):
        known = visits.setdefault(key, {})
        known[visit] = known.get(visit) if effort is None else effort
        records[key] = records.get(key, 0) + 1
    return [_effort(key, visits[key], records[key]) for key in sorted(visits)]


def season_of(day: date) -> str:
    """The season of a day, named after the year of its last month.

    >>> season_of(date(2026, 7, 14)), season_of(date(2025, 12, 1))
    ('2026-summer', '2026-winter')
    """
    year = day.year + 1 if day.month == 12 else day.year
    return f"{year}-{SEASONS[day.month % 12 // 3]}"


def visit_of(record: Any) -> tuple[object, ...]:
    """What the lines of one visit by one method to one place have in common: its effort is one."""
    return record.event_start, record.event_end, record.observer, record.sample_id


def _visits(
    session: Session,
) -> Iterator[tuple[tuple[str, ...], tuple[object, ...], float | None]]:
    """Each record as the group it falls in, the visit it belongs to, its effort; newest last."""
    counties = dict(session.exec(select(Plot.plot_id, Plot.county)).all())
    statement = (
        select(FieldRecord)
        .where(FieldRecord.state != FieldState.REJECTED.value)
        .where(col(FieldRecord.event_start).is_not(None))
        .order_by(col(FieldRecord.date_identified), FieldRecord.field_record_id)
    )
    for record in session.exec(statement.execution_options(yield_per=ROWS_A_PAGE)):
        plot = record.plot_id or ""
        county = record.county or counties.get(plot, "")
        season = season_of(_day_of(record))
        unit = record.effort_unit or ""
        group = (plot, county, record.protocol, season, unit)
        yield group, visit_of(record), record.effort_value


def _effort(
    key: tuple[str, ...], visits: Mapping[tuple[object, ...], float | None], records: int
) -> FieldEffort:
    plot, county, protocol, season, unit = key
    told = [effort for effort in visits.values() if effort is not None]
    may_tell = has_effort(FieldProtocol(protocol))
    return FieldEffort(
        plot_id=plot or None,
        county=county,
        protocol=protocol,
        season=season,
        visits=len(visits),
        effort_value=sum(told) if told else None,
        effort_unit=unit,
        visits_without_effort=len(visits) - len(told) if may_tell else 0,
        records=records,
    )


def _day_of(record: FieldRecord) -> date:
    offset = timezone(timedelta(seconds=record.utc_offset_seconds))
    start = record.event_start or datetime.min.replace(tzinfo=UTC)  # the query leaves those out
    return start.astimezone(offset).date()
