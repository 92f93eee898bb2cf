"""Which stations, plots and field records are one place.

A place is more than a station. Stations and field records of one plot are named together in the
survey's own papers, and two points that may share one cell of the finest grid are, for whoever
knows the land, the same spot: the camera that was moved to the next tree, the second season's new
name. Were one of them published finer, it would give the other away. So they are joined, and what
is joined to one is joined to the other: connected components, in which the strictest category
holds for all.

The price: a kilometre grid with one class I animal leaves as a whole at 0.1 degrees.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import asin, ceil, cos, floor, radians, sin, sqrt

Node = tuple[str, str]
"""Kind and own id: ("station", location_id), ("plot", plot_id) or ("record", field_record_id)."""
Point = tuple[float, float]

_METRES_A_DEGREE = (
    111_320  # the longest a degree is anywhere: cells come out too small, never large
)
_CELLS_A_REACH = 1.5  # the diagonal of a cell is then 0.94 reaches: its points are all neighbours
_EARTH_M = 6_371_000


def connect(
    points: Mapping[Node, Point], ties: Iterable[tuple[Node, Node]], *, reach_m: float
) -> dict[Node, Node]:
    """Give each node the node that stands for its place.

    >>> points = {("station", "A"): (29.0, 95.0), ("station", "B"): (29.001, 95.0),
    ...     ("station", "C"): (29.5, 95.0)}
    >>> found = connect(points, [], reach_m=1570)
    >>> found["station", "A"] == found["station", "B"] != found["station", "C"]
    True
    """
    joined = _Joined()
    for node in points:
        joined.root(node)
    for one, other in ties:
        joined.join(one, other)
    cells = _cells(points, reach_m)
    for members in cells.values():
        for node, _ in members[1:]:
            joined.join(members[0][0], node)
    for here, there in _near_cells(cells):
        if joined.root(here[0][0]) != joined.root(there[0][0]) and _touch(here, there, reach_m):
            joined.join(here[0][0], there[0][0])
    return {node: joined.root(node) for node in joined.parents}


class _Joined:
    """A forest in which every tree is one place (union-find with path halving)."""

    def __init__(self) -> None:
        self.parents: dict[Node, Node] = {}

    def root(self, node: Node) -> Node:
        """The node that stands for a node's place."""
        parents = self.parents
        parents.setdefault(node, node)
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    def join(self, one: Node, other: Node) -> None:
        """Make two places one; the smaller name stands for it, so that the order is no matter."""
        first, second = sorted((self.root(one), self.root(other)))
        self.parents[second] = first


_Members = list[tuple[Node, Point]]
_Cell = tuple[int, int]


def _cells(points: Mapping[Node, Point], reach_m: float) -> dict[_Cell, _Members]:
    size = reach_m / _CELLS_A_REACH / _METRES_A_DEGREE
    cells: dict[_Cell, _Members] = defaultdict(list)
    for node, point in points.items():
        cells[floor(point[0] / size), floor(point[1] / size)].append((node, point))
    return cells


def _near_cells(cells: Mapping[_Cell, _Members]) -> Iterator[tuple[_Members, _Members]]:
    """Pairs of cells whose points may be within reach, each pair once."""
    rows = ceil(_CELLS_A_REACH)
    for (row, column), here in cells.items():
        north = max(abs(point[0]) for _, point in here)
        # Degrees of longitude narrow towards the poles: more columns lie within reach.
        columns = ceil(_CELLS_A_REACH / max(cos(radians(min(north + 0.1, 89.0))), 0.02))
        for down in range(rows + 1):
            for right in range(-columns if down else 1, columns + 1):
                there = cells.get((row + down, column + right))
                if there:
                    yield here, there


def _touch(here: _Members, there: _Members, reach_m: float) -> bool:
    return any(metres_between(one, other) < reach_m for _, one in here for _, other in there)


def metres_between(one: Point, other: Point) -> float:
    """Distance on a sphere, in metres; half a per cent off at most, which no reach depends on."""
    (north, east), (north_2, east_2) = ((radians(p[0]), radians(p[1])) for p in (one, other))
    half = sin((north_2 - north) / 2) ** 2
    half += cos(north) * cos(north_2) * sin((east_2 - east) / 2) ** 2
    return 2 * _EARTH_M * asin(sqrt(min(1.0, half)))
