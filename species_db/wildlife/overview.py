"""All taxa that were recorded: one line each, with the figures of their pages.

The trend is a hint, of two years and without a look at their seasons: it says which page to open.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import numpy as np
from sqlalchemy import func
from sqlmodel import Session, col, select

from species_db.analysis.rai import PER_DAYS, index_interval
from species_db.analysis.station_bootstrap import DRAWS
from species_db.tables import Alert, Observation, Taxon
from species_db.vocabulary import AlertState, ObservationType, StatusKind
from species_db.wildlife.camera_effort import CameraEffort, is_sought_by_cameras, read_effort
from species_db.wildlife.gathered import Shared
from species_db.wildlife.legal import LEVEL_ORDER, Law, read_law
from species_db.wildlife.members import names_of
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import CameraRecords, date_of, field_rows, read_camera_records

LEAST_STATIONS = 5  # with effort in both years; fewer say nothing of a trend
SEED = 7
TAXA_AT_ONCE = 25  # of cameras: a million records need not be held together


class Trend(StrEnum):
    """The last year with effort against the year before; not known where either has too little."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"  # the intervals overlap
    NOT_KNOWN = "not known"


@dataclass(frozen=True)
class WildlifeRow:
    """One taxon in the list, itself without those below it; counts stand beside their effort."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    rank: str
    kingdom: str
    level: str  # I, II, none, not known
    doubt: str  # of the entry that gives the level
    statuses: tuple[tuple[str, str], ...]  # every other kind and category in force
    events: int  # independent, confirmed
    field_records: int
    machine_events: int  # that only a machine has named
    stations: int
    camera_days: float | None  # of all stations of the survey; None: cameras do not look for it
    counties: tuple[str, ...]
    plots: int
    last_on: date | None
    trend: Trend
    alerts_open: int


@dataclass
class _Seen:
    events: int = 0
    machine: int = 0
    field_records: int = 0
    stations: set[str] = field(default_factory=set)
    counties: set[str] = field(default_factory=set)
    plots: set[str] = field(default_factory=set)
    last_on: date | None = None
    by_year: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def saw_on(self, day: date) -> None:
        """Keep the newest day."""
        self.last_on = max(self.last_on or day, day)


def wildlife_list(
    session: Session, on: date, *, shared: Shared | None = None
) -> tuple[WildlifeRow, ...]:
    """List every taxon with a record, or with a machine's word alone, strictest level first."""
    effort = shared.effort if shared else read_effort(session)
    law = shared.law if shared else read_law(session)
    seen = _seen(session, effort)
    alerts = _open_alerts(session)
    trends = _trends(seen, effort)
    total = round(sum(effort.of_stations().values()), 1) or None
    taxa = {one.taxon_id: one for one in session.exec(select(Taxon))}
    names = names_of(session, [name for name in seen if name in taxa])
    rows = []
    for taxon_id, known in names.items():
        taxon, told = taxa[taxon_id], seen[taxon_id]
        doubt, others = _statuses(law, taxon_id, on)
        has_days = is_sought_by_cameras(taxon) or bool(told.stations)
        rows.append(
            WildlifeRow(
                taxon_id=taxon_id,
                scientific_name=taxon.scientific_name,
                zh=known.zh,
                en=known.en,
                rank=taxon.taxon_rank,
                kingdom=taxon.kingdom,
                level=law.level(taxon, on),
                doubt=doubt,
                statuses=others,
                events=told.events,
                field_records=told.field_records,
                machine_events=told.machine,
                stations=len(told.stations),
                camera_days=total if has_days else None,
                counties=tuple(sorted(told.counties - {""})),
                plots=len(told.plots - {""}),
                last_on=told.last_on,
                trend=trends.get(taxon_id, Trend.NOT_KNOWN),
                alerts_open=alerts[taxon_id],
            )
        )
    place = {level: number for number, level in enumerate(LEVEL_ORDER)}
    rows.sort(key=lambda one: (place.get(one.level, 9), -one.events, one.scientific_name))
    return tuple(rows)


def _statuses(law: Law, taxon_id: str, on: date) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The doubt of the entry that protects a taxon, and what other lists say of it."""
    facts = law.index.status_of(taxon_id, on).facts
    protecting = (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)
    entry = next((one for one in facts if one.kind in protecting), None)
    others = tuple(
        (one.kind.value, one.category)
        for one in facts
        if one.kind not in (*protecting, StatusKind.CHECKLIST)
    )
    return entry.doubt if entry else "", others


def _seen(session: Session, effort: CameraEffort) -> dict[str, _Seen]:
    found: dict[str, _Seen] = defaultdict(_Seen)
    named = (
        select(Observation.taxon_id)
        .where(Observation.observation_type == ObservationType.ANIMAL.value)
        .distinct()
    )
    ids = sorted(filter(None, session.exec(named)))
    for start in range(0, len(ids), TAXA_AT_ONCE):
        part = ids[start : start + TAXA_AT_ONCE]
        _add_cameras(
            found,
            read_camera_records(session, effort.deployments, PageSettings(), taxon_ids=part),
            effort,
        )
    for row in field_rows(session):
        if row.is_present:
            seen = found[row.taxon_id]
            seen.field_records += 1
            seen.plots.add(row.plot_id)
            seen.counties.add(row.county)
            if row.on is not None:
                seen.saw_on(row.on)
    return found


def _add_cameras(found: dict[str, _Seen], records: CameraRecords, effort: CameraEffort) -> None:
    """Count what cameras saw of some taxa, by arrays."""
    sure = records.is_confirmed
    visits = sure & records.is_independent
    number, width = len(records.taxa), max(len(records.locations), 1)
    events = np.bincount(records.taxon[visits], minlength=number)
    machine = np.bincount(records.taxon[~sure], minlength=number)
    last = np.full(number, -1)
    np.maximum.at(last, records.taxon[sure], records.day[sure])
    for place, taxon_id in enumerate(records.taxa):
        seen = found[taxon_id]
        seen.events, seen.machine = int(events[place]), int(machine[place])
        if last[place] >= 0:
            seen.saw_on(date_of(last[place]))
    pairs = np.unique(records.taxon[sure] * width + records.location[sure])
    for taxon, place in zip((pairs // width).tolist(), (pairs % width).tolist(), strict=True):
        station = effort.stations[records.locations[place]]
        seen = found[records.taxa[taxon]]
        seen.stations.add(station.location_id)
        seen.counties.add(station.county)
        seen.plots.add(station.plot_id)
    years = records.months[visits] // 12
    codes = (years * number + records.taxon[visits]) * width + records.location[visits]
    for code, count in zip(
        *(one.tolist() for one in np.unique(codes, return_counts=True)), strict=True
    ):
        year, taxon = divmod(code // width, number)
        found[records.taxa[taxon]].by_year[year][records.locations[code % width]] = count


def _open_alerts(session: Session) -> Counter[str]:
    asked = (
        select(Alert.taxon_id, func.count())
        .where(col(Alert.taxon_id).is_not(None), col(Alert.state) != AlertState.CLOSED.value)
        .group_by(col(Alert.taxon_id))
    )
    return Counter({str(name): count for name, count in session.exec(asked)})


def _trends(seen: Mapping[str, _Seen], effort: CameraEffort) -> dict[str, Trend]:
    """Compare the last two years with effort for all taxa at once: the same stations for each."""
    years = sorted({year for months in effort.by_month.values() for year, _ in months})
    pair = years[-2:]
    if not seen or len(pair) < 2 or pair[1] - pair[0] != 1:
        return {}
    ids = sorted(seen)
    ends = []
    for year in pair:
        days = _station_days(effort, year)
        if len(days) < LEAST_STATIONS:
            return {}
        ends.append(_intervals([seen[name].by_year.get(year, Counter()) for name in ids], days))
    before, after = ends
    trends = {}
    for number, name in enumerate(ids):
        if seen[name].by_year.keys().isdisjoint(pair):
            continue
        if np.isnan([before[number], after[number]]).any():
            continue  # one station holds nearly all events of a year
        if after[number, 0] > before[number, 1]:
            trends[name] = Trend.UP
        elif after[number, 1] < before[number, 0]:
            trends[name] = Trend.DOWN
        else:
            trends[name] = Trend.STEADY
    return trends


def _station_days(effort: CameraEffort, year: int) -> dict[str, float]:
    totals = {
        name: sum(days for (y, _), days in months.items() if y == year)
        for name, months in effort.by_month.items()
    }
    return {name: days for name, days in totals.items() if days > 0}


def _intervals(events: list[Counter[str]], days: Mapping[str, float]) -> np.ndarray:
    """Low and high of each taxon's index, as species_db/analysis/rai draws them; NaN: not known."""
    units = sorted(days)
    effort = np.array([days[unit] for unit in units])
    counts = np.array([[one[unit] for unit in units] for one in events], dtype=float)
    drawn = np.random.default_rng(SEED).integers(len(units), size=(DRAWS, len(units)))
    times = np.zeros((DRAWS, len(units)))
    np.add.at(times, (np.arange(DRAWS)[:, None], drawn), 1)
    indices = PER_DAYS * (counts @ times.T) / (times @ effort)
    total = float(effort.sum())
    ends = [
        index_interval(row, of_row, effort=total)
        for row, of_row in zip(counts, indices, strict=True)
    ]
    return np.array(ends, dtype=float)
