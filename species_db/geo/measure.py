"""Distances along the ellipsoid and areas in an equal-area plane, for places in WGS-84.

The plane is Lambert's azimuthal equal-area projection centred on the prefecture: areas are exact
in it, and within 350 km of the centre lengths are off by less than a thousandth. So what is
nearest is sought in the plane, and how far it is, is measured on the ellipsoid.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import shapely

if TYPE_CHECKING:
    from pyproj import Geod, Transformer
    from shapely.geometry.base import BaseGeometry

CENTRE = (29.25, 95.25)  # degrees: the middle of the seven counties
WGS84 = "EPSG:4326"
EQUAL_AREA = (
    f"+proj=laea +lat_0={CENTRE[0]} +lon_0={CENTRE[1]} +datum=WGS84 +units=m +no_defs +type=crs"
)
Geometry = TypeVar("Geometry", bound="BaseGeometry")
Place = tuple[float, float]  # latitude and longitude in WGS-84 degrees


def distance_m(first: Place, second: Place) -> float:
    """How far two places lie apart along the WGS-84 ellipsoid, in metres (Karney 2013).

    >>> round(distance_m((29.0, 95.0), (30.0, 95.0)))
    110844
    """
    _, _, metres = ellipsoid().inv(first[1], first[0], second[1], second[0])
    return float(metres)


def distances_m(place: Place, others: Sequence[Place]) -> list[float]:
    """How far each of many places lies from one, in metres; a million take seconds."""
    if not others:
        return []
    here = [place[1]] * len(others), [place[0]] * len(others)
    there = [one[1] for one in others], [one[0] for one in others]
    _, _, metres = ellipsoid().inv(*here, *there)
    return [float(one) for one in metres]


def to_equal_area(geometry: Geometry) -> Geometry:
    """Bring a geometry from WGS-84 (longitude first, as shapely has it) to metres in the plane.

    >>> from shapely import Point
    >>> to_equal_area(Point(95.25, 29.25)).wkt
    'POINT (0 0)'
    """
    return _through(geometry, is_inverse=False)


def from_equal_area(geometry: Geometry) -> Geometry:
    """Bring a geometry from metres in the plane back to WGS-84 degrees, longitude first."""
    return _through(geometry, is_inverse=True)


def plane_of(places: Sequence[Place]) -> list[tuple[float, float]]:
    """Metres east and north of the prefecture's middle in the equal-area plane, place by place."""
    if not places:
        return []
    east, north = _transformer().transform([one[1] for one in places], [one[0] for one in places])
    return list(zip(map(float, east), map(float, north), strict=True))


def area_km2(geometry: "BaseGeometry") -> float:
    """The area of an outline in WGS-84, in square kilometres on the ellipsoid."""
    return float(to_equal_area(geometry).area / 1e6)


@cache
def ellipsoid() -> "Geod":
    """The WGS-84 ellipsoid, for geodesics."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


@cache
def _transformer() -> "Transformer":
    return transformer_of(WGS84, EQUAL_AREA)


def transformer_of(source: object, target: object) -> "Transformer":
    """A way from one reference system to another, longitude first, that asks no network."""
    from pyproj import Transformer, network

    network.set_network_enabled(active=False)  # type: ignore[attr-defined]  # PROJ_NETWORK=ON would fetch grids
    return Transformer.from_crs(source, target, always_xy=True)


def _through(geometry: Geometry, *, is_inverse: bool) -> Geometry:
    direction = "INVERSE" if is_inverse else "FORWARD"

    def moved(coordinates):  # type: ignore[no-untyped-def]
        x, y = _transformer().transform(coordinates[:, 0], coordinates[:, 1], direction=direction)
        coordinates[:, 0], coordinates[:, 1] = x, y
        return coordinates

    return shapely.transform(geometry, moved)
