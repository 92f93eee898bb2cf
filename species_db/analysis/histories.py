"""Detection histories and the effort behind them, for occupancy models (DOMAIN.md 4).

Rows are stations, columns occasions of k local days; a cell is 1, 0 (or a count), or not known
where nobody watched. The effort matrix has the same shape. Loads in R `unmarked`; shaped as
camtrapR's.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from species_db.analysis.effort import UnitDay

OCCASION_DAYS = 7

Seen = tuple[str, date, int]  # the station, the local day and what is counted there


class FirstDay(StrEnum):
    """Where the first occasion begins: each station's own set-up, or the survey's first day."""

    STATION = "station"
    SURVEY = "survey"


class CountOf(StrEnum):
    """What the cells of a count history hold; never a sum of animals over events."""

    EVENTS = "events"
    LARGEST = "largest"


@dataclass(frozen=True)
class DetectionHistory:
    """One taxon's history: `cells` and `effort` by station and occasion; None is not known.

    `starts` is the first day of each station's first occasion. `unwatched` counts what was recorded
    outside all known cells: days with a record, or events when events are counted.
    """

    units: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    effort: tuple[tuple[float | None, ...], ...]
    unwatched: int
    starts: tuple[date, ...] = ()
    occasion_days: int = OCCASION_DAYS

    @property
    def occasions(self) -> int:
        """How many columns there are."""
        return max((len(row) for row in self.cells), default=0)


def detection_history(
    days: Iterable[UnitDay],
    detected: Collection[tuple[str, date]],
    *,
    occasion_days: int = OCCASION_DAYS,
    first_day: FirstDay = FirstDay.STATION,
    starts_on: date | None = None,
    minimum_effort: float = 0.0,
    whole_only: bool = False,
) -> DetectionHistory:
    """Lay a taxon's records out by station and occasion.

    `detected` holds the station and local day of each record (`species_db.analysis.local_days`
    tells the day). A record on a lost day counts in an occasion that has effort, as camtrapR does
    it: the animal was there. An occasion with less effort than `minimum_effort` camera-days, or
    with none, is not known, whatever was recorded in it. With `starts_on` all stations' first
    occasion begins on that day and what was before is left out. With `whole_only` an occasion in
    which the station worked on fewer than all days is not known, and last columns that no station
    knows are dropped: for models that take no effort.

    >>> days = [UnitDay("A", date(2026, 5, d), 0.5 if d == 1 else 1.0, 1.0) for d in range(1, 10)]
    >>> told = detection_history(days, {("A", date(2026, 5, 9))}, occasion_days=7)
    >>> told.cells, told.effort
    (((0, 1),), ((6.5, 2.0),))
    """
    return _laid_out(
        days,
        [(unit, day, 1) for unit, day in set(detected)],
        max,
        first_day=first_day,
        starts_on=starts_on,
        known=_Known(occasion_days, minimum_effort, whole_only),
    )


def count_history(
    days: Iterable[UnitDay],
    events: Iterable[Seen],
    *,
    of: CountOf = CountOf.EVENTS,
    occasion_days: int = OCCASION_DAYS,
    first_day: FirstDay = FirstDay.STATION,
    starts_on: date | None = None,
    minimum_effort: float = 0.0,
    whole_only: bool = False,
) -> DetectionHistory:
    """Lay a taxon's independent events out by station and occasion as counts.

    `events` holds for each the station, the local day and the largest number of animals seen at
    once. Cells hold how many events there were, or the largest number in any. Repeated visits of
    one animal are counted again: not data for N-mixture models (DOMAIN.md 3).

    >>> days = [UnitDay("A", date(2026, 5, d), 1.0, 1.0) for d in range(1, 5)]
    >>> events = [("A", date(2026, 5, 1), 2), ("A", date(2026, 5, 2), 3)]
    >>> [count_history(days, events, of=of, occasion_days=2).cells for of in CountOf]
    [((2, 0),), ((3, 0),)]
    """
    by_events = of is CountOf.EVENTS
    return _laid_out(
        days,
        [(unit, day, 1 if by_events else number) for unit, day, number in events],
        int.__add__ if by_events else max,
        first_day=first_day,
        starts_on=starts_on,
        known=_Known(occasion_days, minimum_effort, whole_only),
    )


@dataclass(frozen=True)
class _Known:
    """When a cell is known."""

    occasion_days: int
    minimum_effort: float
    whole_only: bool

    def __post_init__(self) -> None:
        if self.occasion_days < 1:
            raise ValueError(f"an occasion has at least one day, got {self.occasion_days}")

    def of(self, effort: float, worked: int) -> bool:
        enough = effort > 0 and effort >= self.minimum_effort
        return enough and (worked == self.occasion_days or not self.whole_only)


def _laid_out(
    days: Iterable[UnitDay],
    seen: Sequence[Seen],
    together: Callable[[int, int], int],
    *,
    first_day: FirstDay,
    starts_on: date | None,
    known: _Known,
) -> DetectionHistory:
    watched = _watched(days, starts_on)
    units = tuple(sorted(watched))
    starts = _starts(watched, first_day, starts_on)
    length = timedelta(days=known.occasion_days)
    columns = max(((max(watched[u]) - starts[u]) // length + 1 for u in units), default=0)
    found: dict[str, dict[int, int]] = {unit: {} for unit in units}
    there: dict[tuple[str, int], int] = {}
    for unit, day, number in seen:
        if day in watched.get(unit, {}):
            at = (day - starts[unit]) // length
            found[unit][at] = together(found[unit][at], number) if at in found[unit] else number
            there[unit, at] = there.get((unit, at), 0) + 1
    cells: list[list[int | None]] = []
    effort: list[list[float | None]] = []
    in_cells = 0
    for unit in units:
        sums, worked = [0.0] * columns, [0] * columns
        for day, share in watched[unit].items():
            at = (day - starts[unit]) // length
            sums[at] += share
            worked[at] += share > 0
        is_known = [known.of(*both) for both in zip(sums, worked, strict=True)]
        cells.append([found[unit].get(at, 0) if k else None for at, k in enumerate(is_known)])
        effort.append([total if k else None for total, k in zip(sums, is_known, strict=True)])
        in_cells += sum(there.get((unit, at), 0) for at, k in enumerate(is_known) if k)
    kept = columns
    while known.whole_only and kept and all(row[kept - 1] is None for row in cells):
        kept -= 1
    return DetectionHistory(
        units,
        tuple(tuple(row[:kept]) for row in cells),
        tuple(tuple(row[:kept]) for row in effort),
        len(seen) - in_cells,
        tuple(starts[unit] for unit in units),
        known.occasion_days,
    )


def _watched(days: Iterable[UnitDay], starts_on: date | None) -> dict[str, dict[date, float]]:
    watched: dict[str, dict[date, float]] = {}
    for one in days:
        if starts_on is None or one.day >= starts_on:
            watched.setdefault(one.unit, {})[one.day] = one.effort
    return watched


def _starts(
    watched: dict[str, dict[date, float]], first_day: FirstDay, starts_on: date | None
) -> dict[str, date]:
    if starts_on is not None:
        return dict.fromkeys(watched, starts_on)
    if first_day is FirstDay.SURVEY:
        first = min((min(found) for found in watched.values()), default=date.min)
        return dict.fromkeys(watched, first)
    return {unit: min(found) for unit, found in watched.items()}
