"""Counts by place and time, each beside its effort: camera-days for cameras, visits for people."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.rai import abundance_index
from species_db.geo.bands import elevation_band
from species_db.wildlife.camera_effort import CameraEffort
from species_db.wildlife.parts import CameraCount, Effort, FieldCount, Slice
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import CameraRecords, FieldRow, numbered

ALL = "all"
UNKNOWN = ""  # sorts first, drawn as "not known"
Events = dict[str, dict[str, int]]  # key -> station -> events
Days = dict[str, dict[str, float]]  # key -> station -> camera-days
Rows = dict[str, list[FieldRow]]


@dataclass(frozen=True)
class Dimension:
    """How records and effort are parted: the key of a station, of a month, of a field record."""

    of_station: Callable[[str], str] | None = None
    of_month: Callable[[int, int], str] | None = None  # year, month
    of_field: Callable[[FieldRow], str] = lambda row: ALL


@dataclass(frozen=True)
class Material:
    """What every slice is cut from."""

    records: CameraRecords
    effort: CameraEffort
    visits: Sequence[FieldRow]  # of all taxa
    rows: Sequence[FieldRow]  # of this one
    settings: PageSettings


def whole(material: Material) -> Slice:
    """Everything together."""
    return cut(material, Dimension(of_station=lambda name: ALL), always=(ALL,))[0]


def cut(
    material: Material, dimension: Dimension, *, always: Iterable[str] = ()
) -> tuple[Slice, ...]:
    """Part records and effort; a slice is there when it has either, so that absence shows."""
    effort = _effort_by_key(material.effort, dimension)
    events, machine = _events_by_key(material.records, dimension)
    visits = _grouped(material.visits, dimension.of_field)
    rows = _grouped(material.rows, dimension.of_field)
    return _joined(material, (effort, events, machine), (rows, visits), always)


def _joined(
    material: Material,
    camera: tuple[Days, Events, Events],
    field: tuple[Rows, Rows],
    always: Iterable[str] = (),
) -> tuple[Slice, ...]:
    effort, events, machine = camera
    rows, visits = field
    keys = {*always, *effort, *events, *machine, *visits, *rows}
    return tuple(
        Slice(
            key=key,
            camera=_camera(
                events.get(key, {}),
                sum(machine.get(key, {}).values()),
                effort.get(key, {}),
                material.settings,
            ),
            field=_field(rows.get(key, ()), visits.get(key, ())),
        )
        for key in sorted(keys)
    )


def cut_by_deployment(material: Material) -> tuple[Slice, ...]:
    """Part records by the habitat that the field sheet gives a deployment.

    Effort is the deployment's own: two that overlap at one station count each in its habitat.
    """
    effort, records = material.effort, material.records
    habitat = [effort.deployments[name].habitat for name in records.deployments]
    known, place = numbered(habitat)
    keys = place[records.deployment]
    days: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name, count in effort.by_deployment.items():
        facts = effort.deployments[name]
        days[facts.habitat][facts.location_id] += count
    events = _counted(records, known, keys, records.is_confirmed)
    machine = _counted(records, known, keys, ~records.is_confirmed)
    visits = _grouped(material.visits, lambda row: row.habitat)
    rows = _grouped(material.rows, lambda row: row.habitat)
    return _joined(material, (days, events, machine), (rows, visits))


def band_of(elevation_m: float | None, band_m: int) -> str:
    """The foot of the band an elevation lies in, in metres, as text that sorts.

    >>> band_of(1870.0, 500), band_of(155, 500), band_of(None, 500)
    ('1500', '0000', '')
    """
    if elevation_m is None:
        return UNKNOWN
    return f"{elevation_band(elevation_m, band_m).lower_m:04d}"


def _effort_by_key(effort: CameraEffort, dimension: Dimension) -> Days:
    """Camera-days by key and station."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for location_id, months in effort.by_month.items():
        if dimension.of_station is not None:
            found[dimension.of_station(location_id)][location_id] += sum(months.values())
        elif dimension.of_month is not None:
            for (year, month), days in months.items():
                found[dimension.of_month(year, month)][location_id] += days
    return found


def _events_by_key(records: CameraRecords, dimension: Dimension) -> tuple[Events, Events]:
    """Independent events by key and station, confirmed ones and a machine's."""
    if dimension.of_station is not None:
        names = [dimension.of_station(name) for name in records.locations]
        known, place = numbered(names)
        keys = place[records.location]
    elif dimension.of_month is not None:
        months, place = np.unique(records.months, return_inverse=True)
        names = [dimension.of_month(int(m) // 12, int(m) % 12 + 1) for m in months]
        known, numbers = numbered(names)
        keys = numbers[place]
    else:
        return {}, {}
    return (
        _counted(records, known, keys, records.is_confirmed),
        _counted(records, known, keys, ~records.is_confirmed),
    )


def _counted(
    records: CameraRecords,
    known: Sequence[str],
    keys: NDArray[np.int64],
    is_asked: NDArray[np.bool_],
) -> Events:
    chosen = records.is_independent & is_asked
    width = max(len(records.locations), 1)
    pairs, counts = np.unique(keys[chosen] * width + records.location[chosen], return_counts=True)
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        found[known[pair // width]][records.locations[pair % width]] = count
    return found


def _camera(
    events: Mapping[str, int],
    machine: int,
    effort: Mapping[str, float],
    settings: PageSettings,
) -> CameraCount:
    """Events beside camera-days; events of stations without effort are told apart."""
    with_effort = {name: days for name, days in effort.items() if days > 0}
    total = sum(events.values())
    inside = sum(count for name, count in events.items() if name in with_effort)
    told = abundance_index(events, with_effort, draws=settings.draws if inside else 1)
    is_sure = inside > 0 and told.stations >= settings.least_stations
    return CameraCount(
        events=total,
        events_without_effort=total - inside,
        stations=told.stations,
        stations_with=len(events),
        camera_days=round(told.effort, 2) if with_effort else None,
        index=told.pooled,
        low=told.low if is_sure else None,
        high=told.high if is_sure else None,
        median=told.median,
        machine_events=machine,
    )


def _field(rows: Iterable[FieldRow], visits: Iterable[FieldRow]) -> tuple[FieldCount, ...]:
    of_taxon = _grouped(rows, lambda row: row.protocol)
    of_visits = _grouped(visits, lambda row: row.protocol)
    return tuple(
        _protocol(protocol, of_taxon.get(protocol, ()), of_visits.get(protocol, ()))
        for protocol in sorted({*of_taxon, *of_visits})
    )


def _protocol(protocol: str, rows: Iterable[FieldRow], visits: Iterable[FieldRow]) -> FieldCount:
    distinct = {row.visit: row for row in visits}
    efforts: dict[str, float] = defaultdict(float)
    bare = 0
    for row in distinct.values():
        if row.effort_value is None or not row.effort_unit:
            bare += 1
        else:
            efforts[row.effort_unit] += row.effort_value
    told = list(rows)
    return FieldCount(
        protocol=protocol,
        records=sum(row.is_present for row in told),
        absences=sum(not row.is_present for row in told),
        visits=len(distinct),
        efforts=tuple(Effort(value, unit) for unit, value in sorted(efforts.items())),
        visits_without_effort=bare,
    )


def _grouped(rows: Iterable[FieldRow], key: Callable[[FieldRow], str]) -> Rows:
    found: Rows = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
