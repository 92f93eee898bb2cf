"""How far a taxon has been found to reach: IUCN's extent of occurrence and area of occupancy.

After the IUCN Red List Guidelines, version 16 (2024), 4.9 and 4.10: EOO is the area of the minimum
convex polygon around all known places; AOO the number of occupied 2 x 2 km cells times 4 km². Both
are measured in Lambert's azimuthal equal-area plane of species_db/geo/measure. Both tell where the
survey looked as much as where the animal lives, so they are shown beside the effort.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import floor

CELL_M = 2000.0  # the side of a cell of AOO
SHIFTS = 4  # AOO is also counted with the grid moved by quarters of a cell, 16 grids in all
LEAST_PLACES = 3  # two places span no area
METRE = 1.0
PROJECTION = "Lambert azimuthal equal-area, 29.25 N 95.25 E, WGS-84"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a taxon was confirmed, in WGS-84 degrees; uncertainty in metres, None: not stated."""

    latitude: float
    longitude: float
    uncertainty_m: float | None = None


@dataclass(frozen=True)
class Distribution:
    """Extent and area of what was confirmed; None is not known, never zero.

    `eoo_raw_km2` is the polygon as measured; where it is smaller than AOO, IUCN sets EOO to AOO
    (`is_eoo_raised`), because the area occupied lies within the extent. `aoo_least_km2` and
    `aoo_most_km2` are over 16 origins of the grid: how much of AOO is the accident of its lines.
    """

    places: int  # distinct, to the metre
    eoo_km2: float | None
    eoo_raw_km2: float | None
    is_eoo_raised: bool
    aoo_km2: float | None
    cells: int
    aoo_least_km2: float | None
    aoo_most_km2: float | None
    coarse_places: int  # less certain than a cell is wide: in EOO, not in AOO
    unstated_places: int  # without an uncertainty: taken as they are
    projection: str = PROJECTION


def distribution_of(places: Collection[Place]) -> Distribution:
    """Measure the extent and area of confirmed places; their order does not matter.

    >>> corners = [Place(29.0, 95.0), Place(29.0, 95.1), Place(29.1, 95.0)]
    >>> told = distribution_of(corners)
    >>> round(told.eoo_km2, 1), told.cells, told.aoo_km2
    (54.0, 3, 12.0)
    >>> distribution_of(corners[:2]).eoo_km2 is None
    True
    """
    from species_db.geo.measure import plane_of

    distinct = sorted(set(places), key=lambda one: (one.latitude, one.longitude, _spread(one)))
    points = plane_of([(one.latitude, one.longitude) for one in distinct])
    fine = [
        point
        for place, point in zip(distinct, points, strict=True)
        if place.uncertainty_m is None or place.uncertainty_m <= CELL_M
    ]
    known = {_to_metre(point) for point in points}
    counts = [len(_cells(fine, east, north)) for east, north in _origins()] if fine else []
    aoo = counts[0] * _cell_km2() if counts else None
    raw = _hull_km2(points) if len(known) >= LEAST_PLACES else None
    eoo = raw if raw is None or aoo is None else max(raw, aoo)
    fine_places = {_to_metre(point) for point in fine}
    return Distribution(
        places=len(known),
        eoo_km2=eoo,
        eoo_raw_km2=raw,
        is_eoo_raised=raw is not None and eoo is not None and eoo > raw,
        aoo_km2=aoo,
        cells=counts[0] if counts else 0,
        aoo_least_km2=min(counts) * _cell_km2() if counts else None,
        aoo_most_km2=max(counts) * _cell_km2() if counts else None,
        coarse_places=len(known - fine_places),
        unstated_places=len({_at(one) for one in distinct if one.uncertainty_m is None}),
    )


def occupied_cells(places: Collection[Place]) -> frozenset[tuple[int, int]]:
    """The 2 x 2 km cells that hold places certain enough, counted from the plane's origin."""
    from species_db.geo.measure import plane_of

    fine = [p for p in places if p.uncertainty_m is None or p.uncertainty_m <= CELL_M]
    points = plane_of([(one.latitude, one.longitude) for one in fine])
    return frozenset(_cells(points, 0.0, 0.0))


def _hull_km2(points: Sequence[tuple[float, float]]) -> float:
    from shapely import MultiPoint

    return float(MultiPoint(points).convex_hull.area / 1e6)


def _cells(
    points: Iterable[tuple[float, float]], east: float, north: float
) -> set[tuple[int, int]]:
    return {(floor((x - east) / CELL_M), floor((y - north) / CELL_M)) for x, y in points}


def _origins() -> list[tuple[float, float]]:
    """The grid as it is first, then moved by parts of a cell."""
    steps = [CELL_M * step / SHIFTS for step in range(SHIFTS)]
    return [(east, north) for east in steps for north in steps]


def _cell_km2() -> float:
    return (CELL_M / 1000) ** 2


def _to_metre(point: tuple[float, float]) -> tuple[int, int]:
    return round(point[0] / METRE), round(point[1] / METRE)


def _at(place: Place) -> tuple[float, float]:
    return place.latitude, place.longitude


def _spread(place: Place) -> float:
    return -1.0 if place.uncertainty_m is None else place.uncertainty_m
