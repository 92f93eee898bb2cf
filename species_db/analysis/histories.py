"""Detection histories and the effort behind them, for occupancy models (DOMAIN.md 4).

Rows are stations, columns occasions of k local days; a cell is 1, 0, or not known where nobody
watched. The effort matrix has the same shape. Loads in R `unmarked`; shaped as camtrapR's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from species_db.analysis.effort import UnitDay

OCCASION_DAYS = 7


class FirstDay(StrEnum):
    """Where the first occasion begins: each station's own set-up, or the survey's first day."""

    STATION = "station"
    SURVEY = "survey"


@dataclass(frozen=True)
class DetectionHistory:
    """One taxon's history: `cells` and `effort` by station and occasion; None is not known.

    `unwatched` counts days with a record in an occasion without effort: they are in no cell.
    """

    units: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    effort: tuple[tuple[float | None, ...], ...]
    unwatched: int


def detection_history(
    days: Iterable[UnitDay],
    detected: Collection[tuple[str, date]],
    *,
    occasion_days: int = OCCASION_DAYS,
    first_day: FirstDay = FirstDay.STATION,
    minimum_effort: float = 0.0,
) -> DetectionHistory:
    """Lay a taxon's records out by station and occasion.

    `detected` holds the station and local day of each record. A record on a lost day counts in an
    occasion that has effort, as camtrapR does it: the animal was there. An occasion with no more
    effort than `minimum_effort` camera-days is not known, whatever was recorded in it.

    >>> days = [UnitDay("A", date(2026, 5, d), 0.5 if d == 1 else 1.0, 1.0) for d in range(1, 10)]
    >>> told = detection_history(days, {("A", date(2026, 5, 9))}, occasion_days=7)
    >>> told.cells, told.effort
    (((0, 1),), ((6.5, 2.0),))
    """
    watched: dict[str, dict[date, float]] = {}
    for one in days:
        watched.setdefault(one.unit, {})[one.day] = one.effort
    units = tuple(sorted(watched))
    survey_start = min((min(found) for found in watched.values()), default=date.min)
    starts = {
        unit: min(watched[unit]) if first_day is FirstDay.STATION else survey_start
        for unit in units
    }
    length = timedelta(days=occasion_days)
    columns = max(((max(watched[u]) - starts[u]) // length + 1 for u in units), default=0)
    cells, effort, in_cells = [], [], 0
    for unit in units:
        sums, seen = [0.0] * columns, [0] * columns
        for day, share in watched[unit].items():
            occasion = (day - starts[unit]) // length
            sums[occasion] += share
            seen[occasion] |= (unit, day) in detected
        known = [total > minimum_effort for total in sums]
        cells.append(tuple(int(s) if k else None for s, k in zip(seen, known, strict=True)))
        effort.append(tuple(t if k else None for t, k in zip(sums, known, strict=True)))
        in_cells += sum(
            known[(day - starts[unit]) // length]
            for day in watched[unit]
            if (unit, day) in detected
        )
    return DetectionHistory(units, tuple(cells), tuple(effort), len(set(detected)) - in_cells)
