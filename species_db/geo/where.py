"""In which county and which areas a place lies, and how far the nearest one is.

Plots say their county themselves, and that word stands; outlines fill in where it is missing, and
disagreement is listed for a person to look at.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import shapely
from sqlmodel import Session, select

from species_db.geo.areas import AreaShape, areas_in_force, counties_of_package
from species_db.geo.measure import Place, distance_m, from_equal_area, plane_of, to_equal_area
from species_db.places import COUNTIES
from species_db.tables import CameraStation, Plot
from species_db.vocabulary import AreaKind

COUNTY = (AreaKind.COUNTY,)


class Atlas:
    """Outlines with an index over them: a hundred thousand places are asked in seconds."""

    def __init__(self, shapes: Sequence[AreaShape]) -> None:
        self.shapes = tuple(shapes)
        flat = [to_equal_area(one.geometry) for one in shapes]
        shapely.prepare(flat)
        self._plane, self._plane_tree = flat, shapely.STRtree(flat)

    def at(self, place: Place) -> tuple[AreaShape, ...]:
        """The areas that hold a place, borders included."""
        return self.at_each([place])[0]

    def at_each(self, places: Sequence[Place]) -> list[tuple[AreaShape, ...]]:
        """The areas that hold each of many places, borders included, in the order of the atlas."""
        found: list[list[AreaShape]] = [[] for _ in places]
        if places:
            at = np.asarray(places, dtype=float)
            for shape in self.shapes:  # prepared: asking one outline of all places is fastest
                is_held = shapely.intersects_xy(shape.geometry, at[:, 1], at[:, 0])
                for number in np.flatnonzero(is_held).tolist():
                    found[number].append(shape)
        return [tuple(shapes) for shapes in found]

    def nearest(self, place: Place) -> "NearestArea | None":
        """The nearest area and its distance in metres, 0 inside; None when there is no area."""
        if not self.shapes:
            return None
        point = shapely.Point(plane_of([place])[0])
        number = int(self._plane_tree.nearest(point))
        metres = self._metres(place, point, number)
        return NearestArea(self.shapes[number], metres)

    def distances(self, place: Place) -> list["NearestArea"]:
        """Every area with its distance, nearest first."""
        point = shapely.Point(plane_of([place])[0])
        told = [
            NearestArea(shape, self._metres(place, point, number))
            for number, shape in enumerate(self.shapes)
        ]
        return sorted(told, key=lambda one: one.distance_m)

    def _metres(self, place: Place, point: shapely.Point, number: int) -> float:
        line = shapely.shortest_line(point, self._plane[number])
        if line.length == 0:
            return 0.0
        east, north = from_equal_area(line).coords[-1]
        return distance_m(place, (north, east))


@dataclass(frozen=True)
class NearestArea:
    """An area, and how far away a place lies from it along the ellipsoid (0: inside)."""

    area: AreaShape
    distance_m: float


@dataclass(frozen=True)
class CountyDoubt:
    """A plot or station whose stated county is not the one that the outlines give."""

    kind: str  # plot or station
    record_id: str
    stated: str  # division code; empty: none stated
    by_outline: str  # division code; empty: outside all seven
    off_m: float | None  # how far it lies outside the stated county; None: none stated


def atlas_of(
    session: Session, kinds: Collection[AreaKind] | None = None, *, on: date | None = None
) -> Atlas:
    """The areas in force on a day, ready to be asked about many places."""
    return _atlas(areas_in_force(session, kinds, on=on))


@lru_cache(maxsize=16)
def _atlas(shapes: tuple[AreaShape, ...]) -> Atlas:
    return Atlas(shapes)


def areas_at(
    session: Session,
    latitude: float,
    longitude: float,
    kinds: Collection[AreaKind] | None = None,
    *,
    on: date | None = None,
) -> tuple[AreaShape, ...]:
    """The areas that hold a place on a day (today when not said), borders included."""
    return atlas_of(session, kinds, on=on).at((latitude, longitude))


def nearest_area(
    session: Session, latitude: float, longitude: float, kinds: Collection[AreaKind]
) -> NearestArea | None:
    """The nearest area of some kinds; None when the survey has none of them."""
    return atlas_of(session, kinds).nearest((latitude, longitude))


def county_at(latitude: float, longitude: float, *, session: Session | None = None) -> str:
    """The division code of the county that holds a place; empty outside the prefecture.

    On a border shared by two counties the lower code is given.

    >>> county_at(29.6490, 94.3615)
    '540402'

    Raises:
        OutlineError: neither the survey nor the package has outlines.
    """
    return counties_at([(latitude, longitude)], session=session)[0]


def counties_at(places: Sequence[Place], *, session: Session | None = None) -> list[str]:
    """The division codes of many places' counties, as `county_at` gives them."""
    if not places:
        return []
    atlas = (
        atlas_of(session, COUNTY) if session is not None else _atlas(tuple(counties_of_package()))
    )
    return [found[0].code if found else "" for found in atlas.at_each(places)]


def station_counties(session: Session) -> dict[str, str]:
    """The division code of each camera station's county: the plot's, else by outline, else empty.

    Outlines are read only when some station needs them.
    """
    stated = {plot.plot_id: plot.county for plot in session.exec(select(Plot))}
    stations = list(session.exec(select(CameraStation)))
    counties = {one.location_id: stated.get(one.plot_id or "", "") for one in stations}
    unknown = [one for one in stations if not counties[one.location_id]]
    places = [(one.latitude, one.longitude) for one in unknown]
    found = counties_at(places, session=session)
    return counties | {one.location_id: code for one, code in zip(unknown, found, strict=True)}


def county_doubts(session: Session) -> list[CountyDoubt]:
    """Plots and stations outside the prefecture, or in another county than the stated one.

    A station on its plot is held against the plot's county, which is the one that counts.
    """
    plots = list(session.exec(select(Plot).order_by(Plot.plot_id)))
    stated = {plot.plot_id: plot.county for plot in plots}
    asked = [
        ("plot", plot.plot_id, plot.county, (plot.latitude, plot.longitude))
        for plot in plots
        if plot.latitude is not None and plot.longitude is not None
    ]
    stations = session.exec(select(CameraStation).order_by(CameraStation.location_id))
    asked += [
        ("station", one.location_id, stated.get(one.plot_id or "", ""), _place_of(one))
        for one in stations
    ]
    return list(_doubts(session, asked))


def _place_of(station: CameraStation) -> Place:
    return station.latitude, station.longitude


def _doubts(
    session: Session, asked: Sequence[tuple[str, str, str, Place]]
) -> Iterable[CountyDoubt]:
    atlas = atlas_of(session, COUNTY)
    found = counties_at([place for *_, place in asked], session=session)
    for (kind, record_id, county, place), code in zip(asked, found, strict=True):
        if not code or (county in COUNTIES and code != county):
            far = {one.area.code: one.distance_m for one in atlas.distances(place)}
            yield CountyDoubt(kind, record_id, county, code, far.get(county))
