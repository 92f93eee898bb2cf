"""The sheet of paper of a map: the prefecture's plane fitted into a drawing 800 units wide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import shapely
from shapely.geometry.base import BaseGeometry

from species_db.geo.areas import AreaShape
from species_db.geo.measure import Place, plane_of, to_equal_area

WIDTH = 800  # units: text of 15 units is 11 px high on a page of 600 px and 20 px on one of 1100
MARGIN = 30  # around the outline, for the degrees
SIMPLIFY_M = 500  # half a unit: less than a line is wide


@dataclass(frozen=True)
class MapFrame:
    """Where a place lies on the drawing, in units from the upper left."""

    west_m: float
    north_m: float
    metres_per_unit: float
    height: int

    def of(self, places: Sequence[Place]) -> list[tuple[float, float]]:
        """Places in WGS-84 degrees as units across and down."""
        return [self.of_plane(east, north) for east, north in plane_of(places)]

    def of_plane(self, east: float, north: float) -> tuple[float, float]:
        """Metres in the equal-area plane as units across and down."""
        across = MARGIN + (east - self.west_m) / self.metres_per_unit
        return across, MARGIN + (self.north_m - north) / self.metres_per_unit

    def path(self, geometry: BaseGeometry) -> str:
        """The outline of a geometry of the plane as the `d` of an SVG path."""
        rings = [
            ring
            for polygon in shapely.get_parts(geometry).tolist()
            if isinstance(polygon, shapely.Polygon)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        return "".join(path_of([self.of_plane(*at) for at in ring.coords[:-1]]) for ring in rings)

    def to_plane(self, x: float, y: float) -> tuple[float, float]:
        """Units across and down as metres in the equal-area plane."""
        east = self.west_m + (x - MARGIN) * self.metres_per_unit
        return east, self.north_m - (y - MARGIN) * self.metres_per_unit


@dataclass(frozen=True, eq=False)  # kept, and so told apart as objects
class Base:
    """The counties as they are drawn: simplified together, so that borders stay shared."""

    frame: MapFrame
    outlines: dict[str, BaseGeometry]  # by division code, in the plane
    outer: str  # paths of the borders, each line once
    inner: str
    graticule: tuple["Degree", ...]


@dataclass(frozen=True)
class Degree:
    """A line of whole degrees with the place of its label at the margin."""

    label: str
    path: str
    at: tuple[float, float]
    is_meridian: bool


@lru_cache(maxsize=4)
def base_of(counties: tuple[AreaShape, ...]) -> Base:
    """Fit the counties into the drawing and simplify them; kept for the next map."""
    flat = [to_equal_area(one.geometry) for one in counties]
    west, south, east, north = (float(one) for one in shapely.total_bounds(flat))
    scale = (east - west) / (WIDTH - 2 * MARGIN)
    frame = MapFrame(west, north, scale, ceil((north - south) / scale + 2 * MARGIN))
    simple = shapely.coverage_simplify(flat, SIMPLIFY_M)
    outlines = {one.code: shape for one, shape in zip(counties, simple, strict=True)}
    bounds = shapely.total_bounds([one.geometry for one in counties])
    rim = shapely.union_all(simple).boundary
    inside = shapely.union_all([one.boundary for one in simple]).difference(rim)
    lines = tuple(_graticule(frame, *(float(one) for one in bounds)))
    return Base(frame, outlines, _strokes(frame, rim), _strokes(frame, inside), lines)


def _strokes(frame: MapFrame, lines: BaseGeometry) -> str:
    parts = shapely.get_parts(shapely.line_merge(lines)).tolist()
    return "".join(
        path_of([frame.of_plane(*at) for at in line.coords], is_closed=False) for line in parts
    )


def _graticule(
    frame: MapFrame, west: float, south: float, east: float, north: float
) -> Iterable[Degree]:
    """Whole degrees across the drawing, each labelled at the lower or the left margin."""
    for degree in range(ceil(west), floor(east) + 1):
        line = frame.of([(south - 1 + step * 0.25, degree) for step in range(24)])
        at = min(line, key=lambda one: abs(one[1] - (frame.height - 16)))
        yield Degree(f"{degree}°E", path_of(line, is_closed=False), at, is_meridian=True)
    for degree in range(ceil(south), floor(north) + 1):
        line = frame.of([(degree, west - 1 + step * 0.25) for step in range(40)])
        at = min(line, key=lambda one: abs(one[0] - 16))
        yield Degree(f"{degree}°N", path_of(line, is_closed=False), at, is_meridian=False)


def path_of(line: Sequence[tuple[float, float]], *, is_closed: bool = True) -> str:
    """A run of places on the drawing as short relative steps, in tenths of a unit.

    >>> path_of([(1, 1), (4.26, 1), (4, 5)])
    'M1 1l3.3 0-.3 4z'
    """
    tenths = [(round(x * 10), round(y * 10)) for x, y in line]
    (x, y), told = tenths[0], []
    for next_x, next_y in tenths[1:]:
        if (next_x, next_y) != (x, y):
            told += [_short(next_x - x), _short(next_y - y)]
        x, y = next_x, next_y
    joined = "".join(f" {one}" if not one.startswith("-") else one for one in told).strip()
    start = f"M{_short(tenths[0][0])} {_short(tenths[0][1])}"
    return f"{start}{'l' if joined else ''}{joined}{'z' if is_closed else ''}"


def _short(tenths: int) -> str:
    text = f"{tenths / 10:.1f}".removesuffix(".0")
    text = text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
    return "0" if text in ("-0", "") else text
