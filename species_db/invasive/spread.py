"""How fast an invader spreads, year by year, never without where people looked that year.

The rates are naive: the farthest record, and the radius of a disc as large as the occupied cells,
against the year in a straight line, as random spread in an even country would have them (Skellam
1951, Biometrika 38:196; Andow et al. 1990, Landscape Ecol. 4:177). They speak of records: a front
that nobody looked beyond looks slower than it is, and a first search of old ground looks like
spread. So every year carries its effort, new cells are told apart by whether they had been
searched in vain before, and a year without a search is not known.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from species_db.invasive.grid import CELL_KM2, Cell, Metres, middle_of

Z = 1.959964  # of 95 per cent
LEAST_SCATTER = 1e-9  # square kilometres: less is rounding


@dataclass(frozen=True)
class SpreadSettings:
    """When a rate is worked out at all."""

    fewest_years: int = 3  # a line through two points has no interval
    level: float = 0.95
    edge_share: float = 0.9  # a front this near the farthest search may lie beyond it


@dataclass(frozen=True)
class SeenPlace:
    """One confirmed record as spread sees it."""

    year: int
    place: Metres
    cell: Cell
    plot_id: str = ""


@dataclass(frozen=True)
class YearSpread:
    """One year: what was new, and how much was searched; None is not known.

    `front_km` is the farthest record up to this year from the nearest record of the first year;
    `jumps_km` are the median, the 90 % quantile and the longest distance from a new cell's record
    to the nearest record of an earlier year. `share` is of the searched cells.
    """

    year: int
    records: int
    searched_cells: int
    occupied_cells: int  # of those searched
    new_plots: int | None
    new_cells: int | None
    new_after_empty: int | None  # of the new cells: searched in an earlier year, without a record
    total_cells: int  # ever occupied, this year included
    front_km: float | None
    jumps_km: tuple[float, float, float] | None
    is_at_edge: bool  # the front is about as far as anybody searched
    share: float | None
    low: float | None
    high: float | None

    @property
    def is_known(self) -> bool:
        """Tell whether anybody searched that year."""
        return self.searched_cells > 0


@dataclass(frozen=True)
class SpreadRate:
    """Kilometres a year by a straight line, with its interval; None: too few years.

    Years that lie on the line exactly, like those of a front that never moved, have no interval:
    without scatter nothing tells how sure the rate is.
    """

    km_a_year: float | None
    low: float | None
    high: float | None
    years: int


@dataclass(frozen=True)
class ShareChange:
    """Change of the share of searched cells that are occupied, first against last known year."""

    first_year: int
    last_year: int
    change: float
    low: float
    high: float
    cells_in_both: int


@dataclass(frozen=True)
class Spread:
    """The spread of one taxon."""

    years: tuple[YearSpread, ...]
    front_rate: SpreadRate
    area_rate: SpreadRate
    share_change: ShareChange | None

    @property
    def trend(self) -> str:
        """`up`, `down`, `unclear` (the interval holds zero), or `unknown` (too little effort)."""
        change = self.share_change
        if change is None:
            return "unknown"
        return "up" if change.low > 0 else "down" if change.high < 0 else "unclear"


def spread_by_year(
    seen: Sequence[SeenPlace],
    searched: Mapping[int, Collection[Cell]],
    *,
    settings: SpreadSettings | None = None,
    search_places: Mapping[int, Sequence[Metres]] | None = None,
) -> Spread:
    """Tell the spread from confirmed records and the cells searched in each year.

    `search_places` are the middles of searches; without them the middles of the cells stand in.
    A record made in passing, in a cell that nobody searched that year, is a record: it makes its
    cell and plot new, but it has no part in the share of searched cells.
    """
    known = settings or SpreadSettings()
    if not seen:
        return Spread((), _no_rate(0), _no_rate(0), None)
    by_year = defaultdict[int, list[SeenPlace]](list)
    for one in seen:
        by_year[one.year].append(one)
    told = by_year.keys() | {year for year, cells in searched.items() if cells}
    past = _Past(frozenset(one.place for one in by_year[min(by_year)]))
    years = [
        _year(year, by_year.get(year, ()), set(searched.get(year, ())), past, known, search_places)
        for year in range(min(told), max(told) + 1)
    ]
    with_effort = [one for one in years if one.is_known and one.total_cells]
    fronts = [(one.year, one.front_km) for one in with_effort if one.front_km is not None]
    radii = [(o.year, math.sqrt(o.total_cells * CELL_KM2 / math.pi)) for o in with_effort]
    return Spread(
        tuple(years),
        _rate(fronts, known),
        _rate(radii, known),
        _share_change(years, searched),
    )


@dataclass
class _Past:
    """What the years before have seen and searched; `origin` are the places of the first year."""

    origin: frozenset[Metres]
    places: set[Metres] = field(default_factory=set)
    cells: set[Cell] = field(default_factory=set)
    plots: set[str] = field(default_factory=set)
    searched: set[Cell] = field(default_factory=set)
    front_km: float | None = None


def _year(
    year: int,
    now: Sequence[SeenPlace],
    looked: set[Cell],
    past: _Past,
    settings: SpreadSettings,
    search_places: Mapping[int, Sequence[Metres]] | None,
) -> YearSpread:
    """Tell one year from those before it, and add it to them."""
    cells, plots = {one.cell for one in now}, {one.plot_id for one in now if one.plot_id}
    places, is_known = {one.place for one in now}, bool(looked or now)
    new, known_before = cells - past.cells, sorted(past.places)
    jumps = _jumps(sorted({one.place for one in now if one.cell in new}), known_before)
    past.front_km = _farther(past.front_km, _farthest(sorted(places), sorted(past.origin)))
    front = past.front_km if is_known else None
    reach = _farthest(_searched_places(year, looked, search_places or {}), sorted(past.origin))
    share, low, high = _wilson(len(cells & looked), len(looked))
    told = YearSpread(
        year=year,
        records=len(now),
        searched_cells=len(looked),
        occupied_cells=len(cells & looked),
        new_plots=len(plots - past.plots) if is_known else None,
        new_cells=len(new) if is_known else None,
        new_after_empty=len(new & past.searched) if is_known else None,
        total_cells=len(past.cells | cells),
        front_km=front,
        jumps_km=jumps,
        is_at_edge=bool(front and reach is not None and front >= settings.edge_share * reach),
        share=share,
        low=low,
        high=high,
    )
    past.places |= places
    past.cells |= cells
    past.plots |= plots
    past.searched |= looked
    return told


def _farther(before: float | None, now: float | None) -> float | None:
    return max((one for one in (before, now) if one is not None), default=None)


def _searched_places(
    year: int, cells: Collection[Cell], places: Mapping[int, Sequence[Metres]]
) -> Sequence[Metres]:
    return places.get(year) or [middle_of(cell) for cell in cells]


def _nearest_km(places: Sequence[Metres], origin: Sequence[Metres]) -> list[float]:
    """The distance of each place to the nearest of others, in kilometres."""
    from scipy.spatial import KDTree

    if not places or not origin:
        return []
    return [float(metres) / 1000 for metres in KDTree(origin).query(places)[0]]


def _farthest(places: Sequence[Metres], origin: Sequence[Metres]) -> float | None:
    return max(_nearest_km(places, origin), default=None)


def _jumps(
    places: Sequence[Metres], earlier: Sequence[Metres]
) -> tuple[float, float, float] | None:
    import numpy as np

    jumps = _nearest_km(places, earlier)
    if not jumps:
        return None
    median, most = (float(q) for q in np.quantile(jumps, (0.5, 0.9)))
    return median, most, max(jumps)


def _rate(points: Sequence[tuple[int, float]], settings: SpreadSettings) -> SpreadRate:
    """Least squares against the year; its interval takes the years for independent."""
    from scipy.special import stdtrit

    count = len(points)
    if count < settings.fewest_years:
        return _no_rate(count)
    middle = fmean(year for year, _ in points), fmean(value for _, value in points)
    width = sum((year - middle[0]) ** 2 for year, _ in points)
    slope = sum((year - middle[0]) * (value - middle[1]) for year, value in points) / width
    left = sum((value - middle[1] - slope * (year - middle[0])) ** 2 for year, value in points)
    if left < LEAST_SCATTER:  # as of a front that never moved: no scatter, so no interval
        return SpreadRate(slope, None, None, count)
    error = math.sqrt(left / (count - 2) / width)
    margin = float(stdtrit(count - 2, (1 + settings.level) / 2)) * error
    return SpreadRate(slope, slope - margin, slope + margin, count)


def _no_rate(years: int) -> SpreadRate:
    return SpreadRate(None, None, None, years)


def _wilson(hits: int, total: int) -> tuple[float | None, float | None, float | None]:
    """A share with Wilson's interval (1927); not known where nothing was searched."""
    if total == 0:
        return None, None, None
    share, square = hits / total, Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    half /= 1 + square / total
    return share, max(0.0, middle - half), min(1.0, middle + half)


def _share_change(
    years: Sequence[YearSpread], searched: Mapping[int, Collection[Cell]]
) -> ShareChange | None:
    """Newcombe's interval (1998, method 10) for a difference of two shares."""
    known = [one for one in years if one.is_known]
    if len(known) < 2:
        return None
    old, new = known[0], known[-1]
    if old.share is None or new.share is None or None in (old.low, old.high, new.low, new.high):
        return None
    change = new.share - old.share
    down = math.hypot(new.share - (new.low or 0.0), (old.high or 0.0) - old.share)
    up = math.hypot((new.high or 0.0) - new.share, old.share - (old.low or 0.0))
    both = set(searched[old.year]) & set(searched[new.year])
    return ShareChange(old.year, new.year, change, change - down, change + up, len(both))
