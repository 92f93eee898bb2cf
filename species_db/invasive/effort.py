"""Where and when people looked for an invader: the effort behind every statement of spread.

A cell counts as searched for a taxon in a year when a visit looked for it there: one by a method
that searches and that noted a taxon of its group, or a stated absence (species_db/invasive/visits
has the rule). Cameras search for mammals and birds, when they worked long enough. A transect
counts in the cell of its place alone. Visits are counted by method, and never added up.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, select

from species_db.invasive.grid import Cell, Metres, cell_of, to_metres
from species_db.invasive.visits import Group, field_lines, group_of
from species_db.tables import CameraDay, CameraStation, Deployment, Plot, Taxon
from species_db.vocabulary import ClassificationMethod, DayState

STATION, PLOT, RECORD = "station", "plot", "field_record"
Node = tuple[str, str]  # what stands at a place, and its id


@dataclass(frozen=True)
class SearchSettings:
    """What counts as a search by cameras."""

    fewest_camera_days: int = 30  # of a station in a year; what passes once a month is then met
    camera_classes: tuple[str, ...] = ("Mammalia", "Aves")


@dataclass(frozen=True)
class SearchEffort:
    """Cells searched in each year, and the middles of the searches."""

    cells: Mapping[int, frozenset[Cell]]
    places: Mapping[int, tuple[Metres, ...]]
    visits: Mapping[int, Mapping[str, int]] = field(default_factory=dict)  # by year and method
    camera_days: Mapping[int, int] = field(default_factory=dict)
    nodes: Mapping[int, frozenset[Node]] = field(default_factory=dict)  # for the gate of a map


def search_efforts(
    session: Session,
    taxa: Sequence[Taxon],
    *,
    families: Mapping[str, Collection[str]] | None = None,
    until: date | None = None,
    settings: SearchSettings | None = None,
) -> dict[str, SearchEffort]:
    """Tell which cells were searched for each taxon in which year, up to a day.

    `families` are the ids of each taxon and those below it: a search in vain for one of them is
    one for the taxon. The survey is read once, and taxa of a group share what it searched.
    """
    known, of = settings or SearchSettings(), families or {}
    searched = _field_visits(session, until or date.max)
    cameras: list[Visit] | None = None
    told, shared = dict[str, SearchEffort](), dict[Group, SearchEffort]()
    for taxon in taxa:
        group = group_of(taxon.kingdom, taxon.class_name)
        family = of.get(taxon.taxon_id, (taxon.taxon_id,))
        own = [visit for one in sorted(family) for visit in searched.get(one, ())]
        watched: list[Visit] = []
        if taxon.class_name in known.camera_classes:
            if cameras is None:
                cameras = list(_camera_years(session, known.fewest_camera_days, until or date.max))
            watched = cameras
        if group not in shared:
            shared[group] = _effort([*searched.get(group, ()), *watched])
        told[taxon.taxon_id] = _joined(shared[group], _effort(own)) if own else shared[group]
    return told


def search_effort(
    session: Session,
    taxon: Taxon,
    *,
    family: Collection[str] = (),
    until: date | None = None,
    settings: SearchSettings | None = None,
) -> SearchEffort:
    """The same for one taxon."""
    families = {taxon.taxon_id: family} if family else None
    told = search_efforts(session, [taxon], families=families, until=until, settings=settings)
    return told[taxon.taxon_id]


@dataclass(frozen=True, slots=True)
class Visit:
    """A line of a visit that searched, or a station's year; `camera_days` is 0 for people."""

    year: int
    place: Metres
    node: Node
    method: str = ""
    key: Hashable = None  # the same for all lines of one visit
    camera_days: int = 0


def _effort(visits: Iterable[Visit]) -> SearchEffort:
    places = defaultdict[int, set[Metres]](set)
    nodes = defaultdict[int, set[Node]](set)
    keys = defaultdict[int, set[tuple[str, Hashable]]](set)
    days = defaultdict[int, int](int)
    for one in visits:
        places[one.year].add(one.place)
        nodes[one.year].add(one.node)
        if one.camera_days:
            days[one.year] += one.camera_days
        else:
            keys[one.year].add((one.method, one.key))
    return SearchEffort(
        cells={year: frozenset(map(cell_of, told)) for year, told in places.items()},
        places={year: tuple(told) for year, told in places.items()},
        visits={year: _counted(told) for year, told in keys.items()},
        camera_days=dict(days),
        nodes={year: frozenset(told) for year, told in nodes.items()},
    )


def _joined(group: SearchEffort, own: SearchEffort) -> SearchEffort:
    """What searched for a group, and stated absences of one taxon by methods of other names."""
    years = sorted(group.cells.keys() | own.cells.keys())
    none = frozenset[Any]()
    return SearchEffort(
        cells={y: group.cells.get(y, none) | own.cells.get(y, none) for y in years},
        places={
            y: tuple({*group.places.get(y, ()), *own.places.get(y, ())})
            if y in own.places
            else group.places[y]
            for y in years
        },
        visits={
            y: {**group.visits.get(y, {}), **own.visits.get(y, {})}
            for y in sorted(group.visits.keys() | own.visits.keys())
        },
        camera_days=group.camera_days,
        nodes={y: group.nodes.get(y, none) | own.nodes.get(y, none) for y in years},
    )


def _counted(keys: Iterable[tuple[str, Hashable]]) -> dict[str, int]:
    counts = defaultdict[str, int](int)
    for method, _ in keys:
        counts[method] += 1
    return dict(sorted(counts.items()))


def _field_visits(session: Session, until: date) -> dict[Group | str, list[Visit]]:
    """Visits that searched, dated and placed, by group or by the one taxon they looked for."""
    plots = {
        plot.plot_id: (plot.latitude, plot.longitude)
        for plot in session.exec(select(Plot))
        if plot.latitude is not None and plot.longitude is not None
    }
    lines, places = [], []
    for line in field_lines(session):
        place = line.place or plots.get(line.plot_id)
        if line.searched_for and line.on and line.on <= until and place:
            lines.append((line.searched_for, line.on.year, line))
            places.append((place[0] or 0.0, place[1] or 0.0))
    searched = defaultdict[Group | str, list[Visit]](list)
    for (key, year, line), at in zip(lines, to_metres(places), strict=True):
        node = (RECORD, line.record_id) if line.place else (PLOT, line.plot_id)
        searched[key].append(Visit(year, at, node, line.protocol, line.visit))
    return searched


def _camera_years(session: Session, fewest: int, until: date) -> Iterable[Visit]:
    """Year, place and working days of each station that worked long enough in a year."""
    human = ClassificationMethod.HUMAN.value
    states: dict[tuple[str, str], tuple[bool, str]] = {}
    query = select(CameraDay.deployment_id, CameraDay.day, CameraDay.method, CameraDay.state)
    for deployment_id, day, method, state in session.exec(
        query.where(CameraDay.day <= until.isoformat())
    ):
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
        yield Visit(year, place, (STATION, location_id), camera_days=days)
