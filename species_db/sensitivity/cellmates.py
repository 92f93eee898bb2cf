"""Whatever stands in, or within reach of, a cell with a most sensitive place is told no better.

Cameras stand in rows, at distances that the survey's own design makes equal. Where one station of a
row is told at 0.1 degrees and its neighbours at 0.01, the gap in the row is the station: in the
leak test the middle of the gap found half of the places within 700 m. So all places of such a cell
are told alike, and the hole in the map of the fine ones is the cell itself, which is told anyway.
A guard of so many kilometres around the place would not do: its middle would be the place.

The same holds beyond the cell's rim. A neighbour there is the same spot for whoever knows the land
(the camera that was moved to the next tree), but were it coarsened for being near the place, then a
coarse cell without a sensitive record would say that the place is near that rim. So every place
within reach of the cell is told like it, wherever in the cell the sensitive one stands.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from species_db.sensitivity.grid import STRICTNESS, SensitivitySettings, round_to_cell, strictest
from species_db.sensitivity.neighbours import Node, Point, metres_between
from species_db.vocabulary import Sensitivity

_Cell = tuple[int, int]


def share_cells(
    by_node: Mapping[Node, Sensitivity],
    points: Mapping[Node, Point],
    *,
    settings: SensitivitySettings,
) -> dict[Node, Sensitivity]:
    """Give each place the category that the cells of 0.1 degrees within its reach demand.

    >>> hot, beside, far = ("station", "A"), ("station", "B"), ("station", "C")
    >>> points = {hot: (29.33, 95.31), beside: (29.351, 95.31), far: (29.37, 95.31)}
    >>> shared = share_cells({hot: Sensitivity.EXTREME}, points, settings=SensitivitySettings())
    >>> shared[hot].value, shared[beside].value, far in shared
    ('extreme', 'high', False)
    """
    width = settings.at(Sensitivity.HIGH).cell_degrees
    hot = {
        _cell(points[node], width)
        for node, category in by_node.items()
        if node in points and _is_hot(category)
    }
    shared = dict(by_node)
    if not hot:
        return shared
    for node, point in points.items():
        if next(_cells_in_reach(point, hot, width=width, reach_m=settings.reach_m), None):
            shared[node] = strictest(shared.get(node, Sensitivity.NONE), Sensitivity.HIGH)
    return shared


def hot_cellmates(
    node: Node,
    by_node: Mapping[Node, Sensitivity],
    points: Mapping[Node, Point],
    *,
    settings: SensitivitySettings,
) -> set[Node]:
    """Name what makes the cell of a place coarse: the most sensitive ones that stand in reach."""
    if node not in points:
        return set()
    width = settings.at(Sensitivity.HIGH).cell_degrees
    hot = {
        one: _cell(points[one], width)
        for one, category in by_node.items()
        if one in points and _is_hot(category)
    }
    reach_m = settings.reach_m
    cells = set(_cells_in_reach(points[node], set(hot.values()), width=width, reach_m=reach_m))
    return {one for one, cell in hot.items() if cell in cells}


def _is_hot(category: Sensitivity) -> bool:
    return STRICTNESS[category] >= STRICTNESS[Sensitivity.HIGH]


def _cells_in_reach(
    point: Point, hot: set[_Cell], *, width: Decimal, reach_m: float
) -> Iterator[_Cell]:
    """Of the hot cells the point's own, and those beside it whose rim is within reach."""
    row, column = _cell(point, width)
    beside = ((row + down, column + right) for down in (0, -1, 1) for right in (0, -1, 1))
    for cell in hot.intersection(beside):
        if cell == (row, column) or metres_between(point, _nearest(point, cell, width)) < reach_m:
            yield cell


def _nearest(point: Point, cell: _Cell, width: Decimal) -> Point:
    """The spot of a cell that is nearest to a point outside it."""
    size = float(width)
    latitude, longitude = (
        min(max(degrees, (number - 0.5) * size), (number + 0.5) * size)
        for degrees, number in zip(point, cell, strict=True)
    )
    return latitude, longitude


def _cell(point: Point, width: Decimal) -> _Cell:
    return int(round_to_cell(point[0], width) / width), int(round_to_cell(point[1], width) / width)
