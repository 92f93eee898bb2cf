"""How far a taxon has been found: extent, area, height, and counties that are new."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

import numpy as np
from sqlmodel import Session

from species_db.wildlife.camera_effort import StationFacts
from species_db.wildlife.distribution import Place, distribution_of
from species_db.wildlife.gathered import Gathered, evidence_of_row
from species_db.wildlife.known_range import (
    SeenAt,
    elevation_range,
    new_counties,
    read_known_range,
)
from species_db.wildlife.parts import Evidence, Period, Reach
from species_db.wildlife.sightings import FieldRow

STATION, UNSTATED = "station", "not stated"
Stations = dict[str, tuple[int, int]]  # the number of the earliest record, and how many there are


def reach_of(session: Session, gathered: Gathered) -> Reach:
    """Measure the distribution of confirmed records, all together and year by year."""
    known = read_known_range(session, gathered.taxon.taxon_id)
    stations = _stations(gathered)
    firsts, counts = _by_county(gathered, stations)
    seen = _heights(gathered, stations)
    without = sum(
        count for name, (_, count) in stations.items() if _facts(gathered, name).elevation_m is None
    ) + sum(row.elevation_m is None for row in gathered.present)
    places = set[Place]().union(*(_places([_facts(gathered, name)]) for name in stations))
    return Reach(
        distribution=distribution_of(places | _places(gathered.present)),
        by_year=_by_year(gathered),
        elevation=elevation_range(seen, known, without),
        known_counties=known.counties,
        new_counties=new_counties(firsts, counts, known),
    )


def _facts(gathered: Gathered, name: str) -> StationFacts:
    return gathered.effort.stations[name]


def _places(told: Iterable[StationFacts | FieldRow]) -> set[Place]:
    return {
        Place(one.latitude, one.longitude, one.coordinate_uncertainty_m)
        for one in told
        if one.latitude is not None and one.longitude is not None
    }


def _stations(gathered: Gathered) -> Stations:
    """Each station with confirmed records."""
    records = gathered.records
    chosen = np.flatnonzero(records.is_confirmed)
    # Undated ones last: the smallest number stands for no time.
    time = np.where(records.is_dated, records.seconds, np.iinfo(np.int64).max)[chosen]
    order = chosen[np.lexsort((time, records.location[chosen]))]
    found, starts, counts = np.unique(
        records.location[order], return_index=True, return_counts=True
    )
    return {
        records.locations[place]: (int(order[start]), int(count))
        for place, start, count in zip(
            found.tolist(), starts.tolist(), counts.tolist(), strict=True
        )
    }


def _by_year(gathered: Gathered) -> tuple[Period, ...]:
    """Each year's own records beside its effort; a year without effort or records is left out."""
    records = gathered.records
    found: dict[int, set[Place]] = defaultdict(set)
    chosen = records.is_confirmed & records.is_dated
    width = max(len(records.locations), 1)
    years = records.months[chosen] // 12
    for pair in np.unique(years * width + records.location[chosen]).tolist():
        station = _facts(gathered, records.locations[pair % width])
        found[pair // width] |= _places([station])
    for row in gathered.present:
        if row.on is not None:
            found[row.on.year] |= _places([row])
    days: dict[int, float] = defaultdict(float)
    for months in gathered.material.effort.by_month.values():
        for (year, _), count in months.items():
            days[year] += count
    visits = Counter(on.year for _, on in {(row.visit, row.on) for row in gathered.visits} if on)
    return tuple(
        Period(
            key=str(year),
            distribution=distribution_of(found.get(year, set())),
            camera_days=round(days[year], 2) if year in days else None,
            field_visits=visits[year],
        )
        for year in sorted({*found, *days, *visits})
    )


def _heights(gathered: Gathered, stations: Stations) -> list[SeenAt]:
    """One record for each station, the first there, and every field record with a height."""
    seen = [
        SeenAt(
            facts.elevation_m,
            STATION,
            facts.coordinate_uncertainty_m,
            gathered.evidence_of_event(first),
        )
        for name, (first, _) in stations.items()
        if (facts := _facts(gathered, name)).elevation_m is not None
    ]
    return seen + [
        SeenAt(
            row.elevation_m,
            row.elevation_source or UNSTATED,
            row.coordinate_uncertainty_m,
            evidence_of_row(row),
        )
        for row in gathered.present
        if row.elevation_m is not None
    ]


def _by_county(gathered: Gathered, stations: Stations) -> tuple[dict[str, Evidence], Counter[str]]:
    """The first record of each county, dated ones before others, and how many there are."""
    told: list[tuple[Evidence, int]] = [
        (gathered.evidence_of_event(first), count) for first, count in stations.values()
    ]
    told += [(evidence_of_row(row), 1) for row in gathered.present]
    told.sort(key=lambda pair: (pair[0].on or date.max, pair[0].record_id))
    firsts: dict[str, Evidence] = {}
    counts: Counter[str] = Counter()
    for evidence, count in told:
        firsts.setdefault(evidence.county, evidence)
        counts[evidence.county] += count
    return firsts, counts
