"""What was met where the taxon lives: people, dogs, livestock, vehicles, and what sheets note.

Being near is no proof of harm: each line says how near was counted, and over how many places.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from species_db.tables import Observation, Taxon
from species_db.vocabulary import ObservationType
from species_db.wildlife.camera_effort import DeploymentFacts
from species_db.wildlife.parts import Threat
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import (
    DAY_S,
    CameraRecords,
    FieldRow,
    date_of,
    read_camera_records,
)

KINDS = (ObservationType.HUMAN, ObservationType.VEHICLE)
CAMERA, FIELD = "camera", "field record"
PEOPLE, VEHICLE, DOG, CAT, LIVESTOCK = "people", "vehicle", "dog", "cat", "livestock"
# Domestic animals of the checklist; a wild relative has another name (DOMAIN.md 16).
DOMESTIC = {
    "Canis lupus familiaris": DOG,
    "Canis familiaris": DOG,
    "Felis catus": CAT,
    "Bos grunniens": LIVESTOCK,
    "Bos taurus": LIVESTOCK,
    "Bos frontalis": LIVESTOCK,
    "Equus caballus": LIVESTOCK,
    "Equus asinus": LIVESTOCK,
    "Capra hircus": LIVESTOCK,
    "Ovis aries": LIVESTOCK,
    "Sus domesticus": LIVESTOCK,
    "Gallus gallus domesticus": LIVESTOCK,
}


@dataclass(frozen=True)
class _Met:
    """One kind of threat: its records among others."""

    records: CameraRecords
    is_of: NDArray[np.bool_]  # of this kind, and not the team


@dataclass(frozen=True)
class Disturbances:
    """All people, vehicles and domestic animals of a survey; the team's own set-up is none."""

    by_type: CameraRecords
    by_taxon: CameraRecords
    domestic: Mapping[str, str]
    setup: frozenset[str | None]


def read_disturbances(
    session: Session, deployments: Mapping[str, DeploymentFacts], settings: PageSettings
) -> Disturbances:
    """Read what disturbs, which is the same for the page of every taxon."""
    named = select(Taxon.taxon_id, Taxon.scientific_name).where(
        col(Taxon.scientific_name).in_(sorted(DOMESTIC))
    )
    domestic = {taxon_id: DOMESTIC[name] for taxon_id, name in session.exec(named)}
    team = select(Observation.event_id).where(Observation.camera_setup_type != "")
    return Disturbances(
        by_type=read_camera_records(session, deployments, settings, types=KINDS),
        by_taxon=read_camera_records(session, deployments, settings, taxon_ids=domestic),
        domestic=domestic,
        setup=frozenset(session.exec(team)),
    )


def camera_threats(
    records: CameraRecords,
    disturbances: Disturbances,
    own_ids: Collection[str],
    settings: PageSettings,
    *,
    effort: Mapping[str, float],
) -> list[Threat]:
    """Count independent events of people, vehicles and domestic animals at the taxon's stations.

    `effort` is camera-days by station: what was met stands beside the days of its stations.
    """
    times = _times_of(records, records.is_confirmed & records.is_dated)
    if not times:
        return []
    kinds = {ObservationType.HUMAN.value: PEOPLE, ObservationType.VEHICLE.value: VEHICLE}
    domestic = {name: what for name, what in disturbances.domestic.items() if name not in own_ids}
    setup = disturbances.setup
    met = {
        **_met(disturbances.by_type, kinds, setup),
        **_met(disturbances.by_taxon, domestic, setup),
    }
    told = [_threat(what, met[what], times, settings) for what in sorted(met)]
    days = sum(effort.get(name, 0.0) for name in times)
    return [
        replace(one, camera_days=round(days, 2) or None)
        for one in told
        if one.at_its_places or one.machine_only
    ]


def field_threats(rows: Sequence[FieldRow], visits: Sequence[FieldRow]) -> list[Threat]:
    """What sheets note beside the taxon's records, and beside others in its plots."""
    own = {row.record_id for row in rows if row.is_present}
    plots = {row.plot_id for row in rows if row.is_present and row.plot_id}
    near: Counter[str] = Counter()
    around: Counter[str] = Counter()
    where: dict[str, set[str]] = defaultdict(set)
    last: dict[str, date] = {}
    there = [row for row in visits if row.record_id in own or row.plot_id in plots]
    for row in there:
        for what in words_of(row.threats):
            (near if row.record_id in own else around)[what] += 1
            where[what].add(row.plot_id)
            if row.on is not None:
                last[what] = max(last.get(what, row.on), row.on)
    return [
        Threat(
            what=what,
            source=FIELD,
            near=near[what],
            at_its_places=near[what] + around[what],
            places=len(where[what] - {""}),
            of_places=len(plots),
            machine_only=0,
            last_on=last.get(what),
            visits=len({row.visit for row in there}),
        )
        for what in sorted({*near, *around})
    ]


def words_of(threats: str) -> tuple[str, ...]:
    """The words that a record's threats hold; text that is no JSON list is one word.

    >>> words_of('["snare", "dog"]'), words_of(""), words_of("snare")
    (('snare', 'dog'), (), ('snare',))
    """
    if not threats.strip():
        return ()
    try:
        told = json.loads(threats)
    except ValueError:
        return (threats.strip(),)
    return tuple(str(one) for one in told) if isinstance(told, list) else (str(told),)


def _met(
    records: CameraRecords, kinds: Mapping[str, str], setup: frozenset[str | None]
) -> dict[str, _Met]:
    """The records of each kind of threat: which numbers of the columns are its own."""
    is_other = np.ones(len(records.record_ids), dtype=np.bool_)
    if setup:
        is_other = np.array([one not in setup for one in records.record_ids], dtype=np.bool_)
    of_taxon = [kinds.get(name) for name in records.taxa]
    return {
        what: _Met(
            records,
            is_other
            & np.isin(records.taxon, [n for n, known in enumerate(of_taxon) if known == what]),
        )
        for what in set(of_taxon)
        if what is not None
    }


def _times_of(records: CameraRecords, is_sure: NDArray[np.bool_]) -> dict[str, NDArray[np.int64]]:
    """The taxon's times at each of its stations, in order."""
    at, seconds = records.location[is_sure], records.seconds[is_sure]
    if not len(at):
        return {}
    order = np.lexsort((seconds, at))
    at, seconds = at[order], seconds[order]
    found, starts = np.unique(at, return_index=True)
    parts = np.split(seconds, starts[1:])
    return {records.locations[n]: part for n, part in zip(found.tolist(), parts, strict=True)}


def _threat(
    what: str,
    met: _Met,
    times: Mapping[str, NDArray[np.int64]],
    settings: PageSettings,
) -> Threat:
    records = met.records
    here = np.array([name in times for name in records.locations], dtype=np.bool_)
    asked = met.is_of & here[records.location] & records.is_dated
    sure = asked & records.is_confirmed & records.is_independent
    reach = settings.threat_days * DAY_S
    near = 0
    for place in np.unique(records.location[sure]).tolist():
        animal = times[records.locations[place]]
        seconds = records.seconds[sure & (records.location == place)]
        first = np.searchsorted(animal, seconds - reach, side="left")
        after = np.searchsorted(animal, seconds + reach, side="right")
        near += int((after > first).sum())
    return Threat(
        what=what,
        source=CAMERA,
        near=near,
        at_its_places=int(sure.sum()),
        places=len(np.unique(records.location[sure])),
        of_places=len(times),
        machine_only=int((asked & ~records.is_confirmed & records.is_independent).sum()),
        last_on=date_of(int(records.day[sure].max())) if sure.any() else None,
    )
