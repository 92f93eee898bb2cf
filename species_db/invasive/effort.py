"""Where and when people looked for an invader: the effort behind every statement of spread.

A cell counts as searched for a taxon in a year when a visit looked for it there: a record or an
absence of it by a method that searches, or, as target-group effort (Phillips et al. 2009, Ecol.
Appl. 19:181), such a visit that noted another taxon of its group, plants for a plant, the same
class for an animal. Cameras search for mammals and birds, when they worked long enough. What was
met in passing searched nothing. A transect counts in the cell of its place alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.invasive.grid import Cell, Metres, Place, cell_of, to_metres
from species_db.tables import CameraDay, CameraStation, Deployment, FieldRecord, Plot, Taxon
from species_db.vocabulary import ClassificationMethod, DayState, FieldProtocol, FieldState

OFFSET_DEFAULT = 8 * 3600
STATION, PLOT, RECORD = "station", "plot", "field_record"
Node = tuple[str, str]  # what stands at a place, and its id
IN_PASSING = (FieldProtocol.INCIDENTAL, FieldProtocol.PHOTO)
SEARCHING = frozenset(one.value for one in FieldProtocol if one not in IN_PASSING)


@dataclass(frozen=True)
class SearchSettings:
    """What counts as a search."""

    fewest_camera_days: int = 30  # in a cell and year; what passes once a month is then met once
    camera_classes: tuple[str, ...] = ("Mammalia", "Aves")


@dataclass(frozen=True)
class SearchEffort:
    """Cells searched in each year, and the middles of the searches."""

    cells: Mapping[int, frozenset[Cell]]
    places: Mapping[int, tuple[Metres, ...]]
    visits: Mapping[int, int] = field(default_factory=dict)  # field visits; cameras apart
    camera_days: Mapping[int, int] = field(default_factory=dict)
    nodes: Mapping[int, frozenset[Node]] = field(default_factory=dict)  # for the gate of a map


def search_effort(
    session: Session, taxon: Taxon, *, settings: SearchSettings | None = None
) -> SearchEffort:
    """Tell which cells were searched for a taxon in which year."""
    return search_efforts(session, [taxon], settings=settings)[taxon.taxon_id]


def search_efforts(
    session: Session, taxa: Sequence[Taxon], *, settings: SearchSettings | None = None
) -> dict[str, SearchEffort]:
    """The same for many taxa, reading the survey once; taxa of a group share what it searched."""
    known = settings or SearchSettings()
    searched, in_vain = _field_visits(session, {one.taxon_id for one in taxa})
    cameras: list[Visit] | None = None
    told, shared = dict[str, SearchEffort](), dict[Group, SearchEffort]()
    for taxon in taxa:
        group, own = _group(taxon.kingdom, taxon.class_name), in_vain.get(taxon.taxon_id, [])
        is_seen_by_cameras = taxon.class_name in known.camera_classes
        if is_seen_by_cameras and cameras is None:
            cameras = list(_camera_years(session, known.fewest_camera_days))
        watched = (cameras or []) if is_seen_by_cameras else []
        if group not in shared:
            shared[group] = _effort([*searched.get(group, []), *watched])
        told[taxon.taxon_id] = (
            _effort([*searched.get(group, []), *watched, *own]) if own else shared[group]
        )
    return told


Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit that searched, or a station's year; `camera_days` is 0 for people."""

    year: int
    place: Metres
    node: Node
    camera_days: int = 0


def _group(kingdom: str, class_name: str) -> Group:
    """What a visit searches for together: a class of animals, or plants, or fungi."""
    is_class = kingdom == "Animalia" and class_name
    return ("class", class_name) if is_class else ("kingdom", kingdom)


def _effort(visits: Iterable[Visit]) -> SearchEffort:
    places = defaultdict[int, set[Metres]](set)
    nodes = defaultdict[int, set[Node]](set)
    counts, days = defaultdict[int, int](int), defaultdict[int, int](int)
    for one in visits:
        places[one.year].add(one.place)
        nodes[one.year].add(one.node)
        if one.camera_days:
            days[one.year] += one.camera_days
        else:
            counts[one.year] += 1
    return SearchEffort(
        cells={year: frozenset(map(cell_of, told)) for year, told in places.items()},
        places={year: tuple(sorted(told)) for year, told in places.items()},
        visits=dict(counts),
        camera_days=dict(days),
        nodes={year: frozenset(told) for year, told in nodes.items()},
    )


def _field_visits(
    session: Session, taxon_ids: Collection[str]
) -> tuple[dict[Group, list[Visit]], dict[str, list[Visit]]]:
    """Visits that searched, by group; and searches in vain by other methods, by taxon."""
    searched = defaultdict[Group, list[Visit]](list)
    in_vain = defaultdict[str, list[Visit]](list)
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    told = list[tuple[Group | str, int, Place, Node]]()
    for record in _dated(session):
        plot, node = plots.get(record.plot_id or ""), (RECORD, record.field_record_id)
        at = (record.latitude, record.longitude)
        if record.latitude is None and plot is not None:
            at, node = (plot.latitude, plot.longitude), (PLOT, plot.plot_id)
        if at[0] is None or at[1] is None:
            continue
        year = local_year(record.event_start, record.utc_offset_seconds)
        if record.protocol in SEARCHING:
            group = _group(record.kingdom, record.class_name)
            told.append((group, year, (at[0], at[1]), node))
        elif record.occurrence_status == "absent" and record.taxon_id in taxon_ids:
            told.append((record.taxon_id, year, (at[0], at[1]), node))
    metres = to_metres([place for _, _, place, _ in told])
    for (key, year, _, node), place in zip(told, metres, strict=True):
        visit = Visit(year, place, node)
        if isinstance(key, str):
            in_vain[key].append(visit)
        else:
            searched[key].append(visit)
    return searched, in_vain


def _dated(session: Session) -> Iterable[Any]:
    """Identified field records with a day, as plain rows with the taxon's group."""
    columns = (
        FieldRecord.field_record_id,
        FieldRecord.event_start,
        FieldRecord.utc_offset_seconds,
        FieldRecord.latitude,
        FieldRecord.longitude,
        FieldRecord.plot_id,
        FieldRecord.protocol,
        FieldRecord.occurrence_status,
        FieldRecord.taxon_id,
        Taxon.kingdom,
        Taxon.class_name,
    )
    return session.execute(
        select_columns(*(col(one) for one in columns))
        .join(Taxon, col(Taxon.taxon_id) == col(FieldRecord.taxon_id))
        .where(
            col(FieldRecord.state) == FieldState.IDENTIFIED.value,
            col(FieldRecord.event_start).is_not(None),
        )
        .order_by(col(FieldRecord.field_record_id))
    )


def _camera_years(session: Session, fewest: int) -> Iterable[Visit]:
    """Year, place and working days of each station that worked long enough in a year."""
    human = ClassificationMethod.HUMAN.value
    states: dict[tuple[str, str], tuple[bool, str]] = {}
    query = select(CameraDay.deployment_id, CameraDay.day, CameraDay.method, CameraDay.state)
    for deployment_id, day, method, state in session.exec(query):
        if method == human or (deployment_id, day) not in states:
            states[deployment_id, day] = (method == human, state)
    station_of = dict(session.exec(select(Deployment.deployment_id, Deployment.location_id)).all())
    worked = defaultdict[tuple[str, int], set[str]](set)  # two cameras of a station count once
    for (deployment_id, day), (_, state) in states.items():
        if state == DayState.WORKING.value and deployment_id in station_of:
            worked[station_of[deployment_id], int(day[:4])].add(day)
    stations = {one.location_id: one for one in session.exec(select(CameraStation))}
    enough = {key: len(days) for key, days in sorted(worked.items()) if len(days) >= fewest}
    at = [stations[location_id] for location_id, _ in enough]
    metres = to_metres([(one.latitude, one.longitude) for one in at])
    for ((location_id, year), days), place in zip(enough.items(), metres, strict=True):
        yield Visit(year, place, (STATION, location_id), days)


def local_year(start: datetime, offset_seconds: int | None) -> int:
    """The year in which an instant lies at its place."""
    offset = OFFSET_DEFAULT if offset_seconds is None else offset_seconds
    return (start + timedelta(seconds=offset)).year
