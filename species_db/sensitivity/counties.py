"""Which county may be named beside a cell: only one that holds the whole of it.

A cell that a border crosses is halved for whoever reads the county beside it.
"""

from collections.abc import Iterable
from decimal import Decimal

from sqlmodel import Session

from species_db.sensitivity.grid import ReleasedPlace
from species_db.vocabulary import AreaKind

Cell = tuple[Decimal, Decimal, Decimal]
"""Latitude and longitude of its middle, and its width in degrees."""


def cell_of(place: ReleasedPlace) -> Cell | None:
    """The cell of a released place; None when it is exact or withheld."""
    if place.latitude is None or place.longitude is None or place.coordinate_precision is None:
        return None
    return place.latitude, place.longitude, place.coordinate_precision


def counties_of_cells(session: Session, cells: Iterable[Cell]) -> dict[Cell, str]:
    """The division code of the county that holds the whole of each cell, where there is one."""
    wanted = sorted(set(cells))
    if not wanted:
        return {}
    import shapely

    from species_db.geo import OutlineError, areas_in_force

    try:
        shapes = areas_in_force(session, [AreaKind.COUNTY])
    except OutlineError:
        return {}  # nothing shows that a county holds a cell: none is named
    middles = [(float(east), float(north), float(width) / 2) for north, east, width in wanted]
    boxes = [shapely.box(x - half, y - half, x + half, y + half) for x, y, half in middles]
    found: dict[Cell, str] = {}
    for shape in shapes:
        shapely.prepare(shape.geometry)
        holds = shapely.contains_properly(shape.geometry, boxes)
        found |= {cell: shape.code for cell, is_held in zip(wanted, holds, strict=True) if is_held}
    return found
