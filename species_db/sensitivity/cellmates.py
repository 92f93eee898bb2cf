"""Whatever stands in one cell with a most sensitive place is told no better than it.

Cameras stand in rows, at distances that the survey's own design makes equal. Where one station of a
row is told at 0.1 degrees and its neighbours at 0.01, the gap in the row is the station: in the
leak test the middle of the gap found half of the places within 700 m. So all places of such a cell
are told alike, and the hole in the map of the fine ones is the cell itself, which is told anyway.
A guard of so many kilometres around the place would not do: its middle would be the place.
"""

from collections.abc import Mapping
from decimal import Decimal

from species_db.sensitivity.grid import STRICTNESS, SensitivitySettings, round_to_cell, strictest
from species_db.sensitivity.neighbours import Node, Point
from species_db.vocabulary import Sensitivity


def share_cells(
    by_node: Mapping[Node, Sensitivity],
    points: Mapping[Node, Point],
    *,
    settings: SensitivitySettings,
) -> dict[Node, Sensitivity]:
    """Give each place the category that its cell of 0.1 degrees demands.

    >>> hot, beside, far = ("station", "A"), ("station", "B"), ("station", "C")
    >>> points = {hot: (29.33, 95.31), beside: (29.29, 95.28), far: (29.36, 95.31)}
    >>> shared = share_cells({hot: Sensitivity.EXTREME}, points, settings=SensitivitySettings())
    >>> shared[hot].value, shared[beside].value, far in shared
    ('extreme', 'high', False)
    """
    width = settings.at(Sensitivity.HIGH).cell_degrees
    highest = STRICTNESS[Sensitivity.HIGH]
    hot = {
        _cell(points[node], width)
        for node, category in by_node.items()
        if STRICTNESS[category] >= highest and node in points
    }
    shared = dict(by_node)
    for node, point in points.items():
        if _cell(point, width) in hot:
            shared[node] = strictest(shared.get(node, Sensitivity.NONE), Sensitivity.HIGH)
    return shared


def _cell(point: Point, width: Decimal) -> tuple[Decimal, Decimal]:
    return round_to_cell(point[0], width), round_to_cell(point[1], width)
