"""Two-kilometre cells in the survey's equal-area plane, in which spread is counted."""

from collections.abc import Sequence

CELL_M = 2000.0  # IUCN's cell for the area of occupancy (IUCN 2024, guidelines 4.10.1)
CELL_KM2 = (CELL_M / 1000) ** 2

Cell = tuple[int, int]
Metres = tuple[float, float]
Place = tuple[float, float]  # latitude and longitude in WGS-84 degrees


def to_metres(places: Sequence[Place]) -> list[Metres]:
    """Metres east and north of the prefecture's middle, where a square is a square kilometre."""
    from species_db.geo.measure import plane_of

    return plane_of(places)


def cell_of(place: Metres) -> Cell:
    """The cell that a place in the plane lies in.

    >>> cell_of((2100.0, -1.0))
    (1, -1)
    """
    return int(place[0] // CELL_M), int(place[1] // CELL_M)


def middle_of(cell: Cell) -> Metres:
    """The middle of a cell in the plane.

    >>> middle_of((1, -1))
    (3000.0, -1000.0)
    """
    return (cell[0] + 0.5) * CELL_M, (cell[1] + 0.5) * CELL_M


def place_of(at: Metres) -> Place:
    """Back from the plane to latitude and longitude."""
    from shapely import Point

    from species_db.geo.measure import from_equal_area

    back = from_equal_area(Point(*at))
    return back.y, back.x
