"""People, dogs and livestock before cameras per 100 camera-days, and what people noted on foot."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from species_db.alerts.thresholds import GUN, POISON, SNARE
from species_db.analysis.rai import PER_DAYS
from species_db.bulletin.ground import Ground
from species_db.bulletin.month import Month
from species_db.bulletin.parts import Named, NotedRow, PressurePart, PressureRow
from species_db.field.records.terms import terms_of
from species_db.vocabulary import ObservationType
from species_db.wildlife.sightings import CameraRecords
from species_db.wildlife.threats import CAT, DOG, LIVESTOCK, PEOPLE, VEHICLE, words_of

NAMES = {
    PEOPLE: Named("人员", "people"),
    DOG: Named("犬", "dogs"),
    LIVESTOCK: Named("家畜", "livestock"),
    VEHICLE: Named("车辆", "vehicles"),
    CAT: Named("猫", "cats"),
}
ALWAYS = (PEOPLE, DOG, LIVESTOCK)  # told also when none was met: that is an answer
TYPES = {ObservationType.HUMAN.value: PEOPLE, ObservationType.VEHICLE.value: VEHICLE}
POACHING = frozenset({SNARE, GUN, POISON})


def pressure_part(ground: Ground, county: str) -> PressurePart:
    """What disturbed a county this month, against the same month of the year before."""
    rows = [_row(ground, county, what) for what in NAMES]
    told = [row for row in rows if row.what in ALWAYS or row.events or row.machine_events]
    visited = [row for row in ground.rows_in(county) if ground.month.holds(row.on)]
    noted = Counter(word for row in visited for word in set(words_of(row.threats)))
    words = {term.value: Named(term.zh, term.en) for term in terms_of("threats")}
    return PressurePart(
        rows=tuple(told),
        noted=tuple(
            NotedRow(word, words[word], count)
            for word, count in sorted(noted.items(), key=lambda one: (-one[1], one[0]))
            if word in words  # a person's own words may name a place
        ),
        poaching=sum(not POACHING.isdisjoint(words_of(row.threats)) for row in visited),
    )


def _row(ground: Ground, county: str, what: str) -> PressureRow:
    events, stations, machine = _counted(ground, county, what, ground.month)
    before, _, _ = _counted(ground, county, what, ground.month.year_before)
    return PressureRow(
        what=what,
        name=NAMES[what],
        events=events,
        stations=stations,
        machine_events=machine,
        index=_index(ground, county, events, ground.month),
        index_before=_index(ground, county, before, ground.month.year_before),
    )


def _counted(ground: Ground, county: str, what: str, month: Month) -> tuple[int, int, int]:
    """Independent confirmed events, their stations, and a machine's events, of one kind."""
    records = (
        ground.disturbances.by_type if what in TYPES.values() else ground.disturbances.by_taxon
    )
    chosen = _is_of(ground, records, what) & ground.is_in(records, county)
    chosen &= records.is_independent & (records.months == month.year * 12 + month.number - 1)
    sure = chosen & records.is_confirmed
    stations = len(np.unique(records.location[sure]))
    return int(sure.sum()), stations, int((chosen & ~records.is_confirmed).sum())


def _is_of(ground: Ground, records: CameraRecords, what: str) -> NDArray[np.bool_]:
    """Which records show one kind of disturbance; the team that sets a camera up is none."""
    kinds = {**TYPES, **ground.disturbances.domestic}
    numbers = [number for number, name in enumerate(records.taxa) if kinds.get(name) == what]
    setup = ground.disturbances.setup
    is_other = np.array([one not in setup for one in records.record_ids], dtype=np.bool_)
    is_kind: NDArray[np.bool_] = np.isin(records.taxon, numbers)
    return is_kind & is_other


def _index(ground: Ground, county: str, events: int, month: Month) -> float | None:
    """Events per 100 of the camera-days that are told; not known over too few."""
    days = ground.camera_days(county, month)
    if days is None or days < ground.settings.least_camera_days:
        return None
    return round(PER_DAYS * events / days, 1)
