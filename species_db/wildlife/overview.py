"""All taxa that were recorded, or are protected and could be: one line each.

The trend is a hint, from events as they were reviewed and not thinned to independent ones: it says
which page to open, and the page has the index.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import Select, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.analysis.rai import DRAWS, LEVEL, PER_DAYS
from species_db.tables import Alert, Event, FieldRecord, Observation, Plot, Taxon
from species_db.vocabulary import (
    AlertState,
    ClassificationMethod,
    FieldState,
    ObservationType,
    StatusKind,
)
from species_db.wildlife.gathered import Shared, read_shared
from species_db.wildlife.legal import LEVEL_ORDER
from species_db.wildlife.members import names_of
from species_db.wildlife.sightings import DAY_S, date_of, local_date, seconds_of
from species_db.wildlife.tally import tally

LEAST_STATIONS = 5  # with effort in both years; fewer say nothing of a trend
SEED = 7


class Trend(StrEnum):
    """The last year with effort against the year before; not known where either has too little."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"  # the intervals overlap
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class WildlifeRow:
    """One taxon in the list; counts are events as reviewed, beside camera-days of its stations."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    rank: str
    kingdom: str
    level: str  # I, II, none, not known
    doubt: str  # of the entry that gives the level
    statuses: tuple[tuple[str, str], ...]  # every other kind and category in force
    events: int
    field_records: int
    machine_events: int
    stations: int
    camera_days: float | None  # of all stations of the survey: the effort it was looked for with
    counties: tuple[str, ...]
    plots: int
    last_on: date | None
    trend: Trend
    alerts_open: int


@dataclass
class _Seen:
    events: int = 0
    field_records: int = 0
    stations: set[str] = field(default_factory=set)
    counties: set[str] = field(default_factory=set)
    plots: set[str] = field(default_factory=set)
    days: list[date] = field(default_factory=list)
    last: tuple[Any, int] | None = None  # start and offset of the newest camera event
    by_year: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


def wildlife_list(
    session: Session, on: date, *, shared: Shared | None = None
) -> tuple[WildlifeRow, ...]:
    """List every taxon with a record, or with a machine's word alone, strictest level first."""
    known = shared or read_shared(session)
    seen = _seen(session, known)
    machine = _machine(session)
    alerts = _open_alerts(session)
    years = sorted({y for months in known.effort.by_month.values() for y, _ in months})
    trends = _trends(seen, known, years[-2:])
    total = sum(known.effort.of_stations().values())
    taxa = {one.taxon_id: one for one in session.exec(select(Taxon))}
    ids = [name for name in {*seen, *machine} if name in taxa]
    names = names_of(session, ids)
    rows = []
    for taxon_id in ids:
        taxon, told = taxa[taxon_id], seen.get(taxon_id, _Seen())
        status = known.law.index.status_of(taxon_id, on)
        protecting = (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)
        entry = next((one for one in status.facts if one.kind in protecting), None)
        rows.append(
            WildlifeRow(
                taxon_id=taxon_id,
                scientific_name=taxon.scientific_name,
                zh=names[taxon_id].zh,
                en=names[taxon_id].en,
                rank=taxon.taxon_rank,
                kingdom=taxon.kingdom,
                level=known.law.level(taxon, on),
                doubt=entry.doubt if entry else "",
                statuses=tuple(
                    (one.kind.value, one.category)
                    for one in status.facts
                    if one.kind not in protecting and one.kind is not StatusKind.CHECKLIST
                ),
                events=told.events,
                field_records=told.field_records,
                machine_events=machine[taxon_id],
                stations=len(told.stations),
                camera_days=round(total, 1) or None,
                counties=tuple(sorted(told.counties - {""})),
                plots=len(told.plots - {""}),
                last_on=_last_on(told),
                trend=trends.get(taxon_id, Trend.NOT_KNOWN),
                alerts_open=alerts[taxon_id],
            )
        )
    place = {level: number for number, level in enumerate(LEVEL_ORDER)}
    rows.sort(key=lambda one: (place.get(one.level, 9), -one.events, one.scientific_name))
    return tuple(rows)


def _seen(session: Session, shared: Shared) -> dict[str, _Seen]:
    found: dict[str, _Seen] = defaultdict(_Seen)
    effort = shared.effort
    years = sorted({y for months in effort.by_month.values() for y, _ in months})
    changes = [date(year, 1, 1) for year in years]
    for one in tally(session, changes):
        seen = found[one.taxon_id]
        facts = effort.deployments[one.deployment_id]
        station = effort.stations[facts.location_id]
        seen.events += one.events
        seen.stations.add(station.location_id)
        seen.counties.add(station.county)
        seen.plots.add(station.plot_id)
        if one.last is not None:
            seen.last = max(seen.last or (one.last, 0), (one.last, facts.utc_offset_seconds))
            if one.stretch:
                seen.by_year[years[one.stretch - 1]][station.location_id] += one.events
    _add_field(session, found)
    return found


def _add_field(session: Session, found: dict[str, _Seen]) -> None:
    counties = dict(session.exec(select(Plot.plot_id, Plot.county)).all())
    asked = select_columns(
        col(FieldRecord.taxon_id),
        col(FieldRecord.plot_id),
        col(FieldRecord.county),
        col(FieldRecord.event_start),
        col(FieldRecord.utc_offset_seconds),
    ).where(
        col(FieldRecord.state) == FieldState.IDENTIFIED.value,
        col(FieldRecord.taxon_id).is_not(None),
        func.coalesce(col(FieldRecord.occurrence_status), "present") != "absent",
    )
    for taxon_id, plot_id, county, start, offset in session.execute(asked):
        seen = found[taxon_id]
        seen.field_records += 1
        seen.plots.add(plot_id or "")
        seen.counties.add(county or counties.get(plot_id or "", ""))
        if (on := local_date(start, offset)) is not None:
            seen.days.append(on)


def _last_on(seen: _Seen) -> date | None:
    days = list(seen.days)
    if seen.last is not None:
        moment, offset = seen.last
        days.append(date_of((int(seconds_of([moment])[0]) + offset) // DAY_S))
    return max(days, default=None)


def _machine(session: Session) -> Counter[str]:
    """Events that only a machine has named, by taxon."""
    asked = (
        select_columns(col(Observation.taxon_id), func.count(col(Observation.event_id).distinct()))
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id).is_(None),
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            col(Observation.observation_type) == ObservationType.ANIMAL.value,
            col(Observation.taxon_id).is_not(None),
        )
        .group_by(col(Observation.taxon_id))
    )
    return _counter(session, asked)


def _open_alerts(session: Session) -> Counter[str]:
    asked = (
        select_columns(col(Alert.taxon_id), func.count())
        .where(col(Alert.taxon_id).is_not(None), col(Alert.state) != AlertState.CLOSED.value)
        .group_by(col(Alert.taxon_id))
    )
    return _counter(session, asked)


def _counter(session: Session, asked: Select[Any, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, count in session.execute(asked):
        found[name] = count
    return found


def _trends(seen: Mapping[str, _Seen], shared: Shared, years: Iterable[int]) -> dict[str, Trend]:
    """Compare two years for all taxa at once: the same stations are drawn for each."""
    pair = list(years)
    if not seen or len(pair) < 2 or pair[1] - pair[0] != 1:
        return {}
    ids = sorted(seen)
    ends = []
    for year in pair:
        days = _station_days(shared, year)
        if len(days) < LEAST_STATIONS:
            return {}
        ends.append(_intervals([seen[name].by_year.get(year, Counter()) for name in ids], days))
    before, after = ends
    trends = {}
    for number, name in enumerate(ids):
        if seen[name].by_year.keys().isdisjoint(pair):
            continue
        if after[number, 0] > before[number, 1]:
            trends[name] = Trend.UP
        elif after[number, 1] < before[number, 0]:
            trends[name] = Trend.DOWN
        else:
            trends[name] = Trend.STEADY
    return trends


def _station_days(shared: Shared, year: int) -> dict[str, float]:
    totals = {
        name: sum(days for (y, _), days in months.items() if y == year)
        for name, months in shared.effort.by_month.items()
    }
    return {name: days for name, days in totals.items() if days > 0}


def _intervals(events: list[Counter[str]], days: Mapping[str, float]) -> np.ndarray:
    """Low and high of each taxon's index, as species_db/analysis/rai draws them."""
    units = sorted(days)
    effort = np.array([days[unit] for unit in units])
    counts = np.array([[one[unit] for unit in units] for one in events], dtype=float)
    drawn = np.random.default_rng(SEED).integers(len(units), size=(DRAWS, len(units)))
    times = np.zeros((DRAWS, len(units)))
    np.add.at(times, (np.arange(DRAWS)[:, None], drawn), 1)
    indices = PER_DAYS * (counts @ times.T) / (times @ effort)
    ends: np.ndarray = np.quantile(indices, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1).T
    return ends
