"""What a map is asked to show: points, grid cells and counties, in layers with their legends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely

from species_db.geo.measure import Place, from_equal_area


@dataclass(frozen=True)
class MapGroup:
    """One kind of point; its place in the layer's `groups` gives it a colour and a shape."""

    key: str
    label: str


@dataclass(frozen=True)
class MapScale:
    """How values of cells and counties fall into classes, each a step of lightness.

    `breaks` are the lower edges of the classes in rising order, `labels` their words; a value
    below the first edge takes the first class. Words for categories: breaks 0, 1, 2 ...
    """

    title: str
    breaks: tuple[float, ...]
    labels: tuple[str, ...]
    unknown_label: str = ""  # of None; empty: the usual words

    def class_of(self, value: float) -> int:
        """The number of the class that a value falls into, from 0.

        >>> MapScale("records", (1, 5, 20), ("1-4", "5-19", "20+")).class_of(7)
        1
        """
        return max(0, sum(value >= edge for edge in self.breaks) - 1)


@dataclass(frozen=True)
class MapPoint:
    """A place in WGS-84 degrees; `size` is a quantity that the mark's area is in proportion to."""

    latitude: float
    longitude: float
    group: str = ""  # key of a MapGroup; empty: the first
    size: float = 1.0
    label: str = ""  # told when pointed at; as exact as the caller may show
    is_hollow: bool = False  # provisional, or looked for and not found


@dataclass(frozen=True)
class MapCell:
    """A cell of a grid with a value; `corners` are WGS-84 (latitude, longitude), in ring order."""

    corners: tuple[Place, ...]
    value: float | None
    label: str = ""

    @classmethod
    def of_degrees(
        cls, south: float, west: float, *, size: float, value: float | None, label: str = ""
    ) -> "MapCell":
        """A cell of a degree grid, named by its south-west corner."""
        north, east = south + size, west + size
        ring = ((south, west), (south, east), (north, east), (north, west))
        return cls(ring, value, label)

    @classmethod
    def of_plane(
        cls, east_m: float, north_m: float, *, size_m: float, value: float | None, label: str = ""
    ) -> "MapCell":
        """A square of the equal-area plane, such as 2 x 2 km, named by its south-west corner."""
        square = from_equal_area(shapely.box(east_m, north_m, east_m + size_m, north_m + size_m))
        return cls(tuple((y, x) for x, y in square.exterior.coords[:-1]), value, label)


@dataclass(frozen=True)
class MapCounty:
    """A county with a value; `text` is written under its name, so that colour is not alone."""

    code: str
    value: float | None
    text: str = ""
    label: str = ""  # told when pointed at


@dataclass(frozen=True)
class MapLayer:
    """Things of one legend: drawn in the order counties, cells, points."""

    title: str = ""
    groups: Sequence[MapGroup] = field(default=())
    scale: MapScale | None = None
    counties: Sequence[MapCounty] = field(default=())
    cells: Sequence[MapCell] = field(default=())
    points: Sequence[MapPoint] = field(default=())
    size_title: str = ""  # what a point's size counts; empty: sizes are not explained
    hollow_label: str = ""  # what a hollow point means; empty: not confirmed
