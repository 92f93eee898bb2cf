"""Detection histories over several seasons: side by side, or one row for each station and season.

Side by side is what R `unmarked` wants of `unmarkedMultFrame` for models of colonisation and
extinction: season-major, occasion-minor, as many occasions in each season. Stacked rows go into
single-season models with the season as a covariate.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from species_db.analysis.effort import UnitDay
from species_db.analysis.histories import OCCASION_DAYS, DetectionHistory, detection_history


@dataclass(frozen=True)
class SideBySide:
    """Stations by (season, occasion): `columns` names each; None where nobody watched.

    In R: `unmarkedMultFrame(y, numPrimary = length(seasons))`.
    """

    seasons: tuple[str, ...]
    occasions: int
    units: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    effort: tuple[tuple[float | None, ...], ...]

    @property
    def columns(self) -> tuple[tuple[str, int], ...]:
        """Season and occasion (from 1) of each column, in order."""
        occasions = range(1, self.occasions + 1)
        return tuple((season, one) for season in self.seasons for one in occasions)


@dataclass(frozen=True)
class Stacked:
    """One row for each station and season in which it was watched; `rows` names both."""

    rows: tuple[tuple[str, str], ...]
    occasions: int
    cells: tuple[tuple[int | None, ...], ...]
    effort: tuple[tuple[float | None, ...], ...]


def season_histories(
    days: Iterable[UnitDay],
    detected: Collection[tuple[str, date]],
    *,
    seasons: Mapping[str, tuple[date, date]],
    occasion_days: int = OCCASION_DAYS,
    minimum_effort: float = 0.0,
    whole_only: bool = False,
) -> dict[str, DetectionHistory]:
    """Cut records and effort into seasons and lay each out, from the season's own first day.

    `seasons` gives the first and last day of each, both belonging to it. Occasions are the same
    calendar days at all stations, so that a column means the same in each row.

    Raises:
        ValueError: a season ends before it begins, or two have a day in common.
    """
    ends = sorted(seasons.values())
    for first, last in ends:
        if last < first:
            raise ValueError(f"a season ends before it begins: {first} to {last}")
    for (_, last), (first, _) in pairwise(ends):
        if first <= last:
            raise ValueError(f"two seasons have {first} in common; a day belongs to one season")
    effort = list(days)
    return {
        name: detection_history(
            [one for one in effort if first <= one.day <= last],
            {(unit, day) for unit, day in detected if first <= day <= last},
            occasion_days=occasion_days,
            starts_on=first,
            minimum_effort=minimum_effort,
            whole_only=whole_only,
        )
        for name, (first, last) in seasons.items()
    }


def side_by_side(histories: Mapping[str, DetectionHistory]) -> SideBySide:
    """Put seasons' histories beside each other, in the order given, filled up to equal length.

    >>> one = DetectionHistory(("A",), ((1, 0),), ((7.0, 3.0),), 0)
    >>> two = DetectionHistory(("A", "B"), ((0,), (1,)), ((7.0,), (7.0,)), 0)
    >>> told = side_by_side({"2025": one, "2026": two})
    >>> told.units, told.cells
    (('A', 'B'), ((1, 0, 0, None), (None, None, 1, None)))
    """
    units = tuple(sorted({unit for history in histories.values() for unit in history.units}))
    occasions = max((history.occasions for history in histories.values()), default=0)
    cells: list[tuple[int | None, ...]] = []
    effort: list[tuple[float | None, ...]] = []
    for unit in units:
        both = [_row(history, unit, occasions) for history in histories.values()]
        cells.append(tuple(cell for row, _ in both for cell in row))
        effort.append(tuple(share for _, row in both for share in row))
    return SideBySide(tuple(histories), occasions, units, tuple(cells), tuple(effort))


def stacked(histories: Mapping[str, DetectionHistory]) -> Stacked:
    """Put seasons' histories below each other; a station nobody watched in a season has no row.

    >>> one = DetectionHistory(("A",), ((1, 0),), ((7.0, 3.0),), 0)
    >>> two = DetectionHistory(("A", "B"), ((0,), (None,)), ((7.0,), (None,)), 0)
    >>> told = stacked({"2025": one, "2026": two})
    >>> told.rows, told.cells
    ((('A', '2025'), ('A', '2026')), ((1, 0), (0, None)))
    """
    occasions = max((history.occasions for history in histories.values()), default=0)
    rows = [
        ((unit, season), _row(history, unit, occasions))
        for season, history in histories.items()
        for unit in history.units
    ]
    order = {season: place for place, season in enumerate(histories)}
    kept = [one for one in rows if any(cell is not None for cell in one[1][0])]
    kept.sort(key=lambda one: (one[0][0], order[one[0][1]]))
    return Stacked(
        tuple(name for name, _ in kept),
        occasions,
        tuple(row for _, (row, _) in kept),
        tuple(row for _, (_, row) in kept),
    )


def _row(
    history: DetectionHistory, unit: str, occasions: int
) -> tuple[tuple[int | None, ...], tuple[float | None, ...]]:
    if unit not in history.units:
        return (None,) * occasions, (None,) * occasions
    at = history.units.index(unit)
    rest = (None,) * (occasions - len(history.cells[at]))
    return history.cells[at] + rest, history.effort[at] + rest
