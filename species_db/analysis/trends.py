"""Year-on-year change of an index, and its trend, with intervals over stations.

A change compares like with like: stations watched in both periods, each against itself. The index
of a period (`abundance_index`) is pooled over whatever stations it had, so that cameras moved to
better places look like more animals; the change does not follow it there. Seasons are compared
with the same season of another year. An index is no count of animals (DOMAIN.md 3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.rai import AbundanceIndex, abundance_index
from species_db.analysis.station_bootstrap import (
    DRAWS,
    FEWEST_EFFECTIVE,
    drawn_stations,
    effective_stations,
    interval_of_draws,
)
from species_db.analysis.verdicts import NoInterval, Verdict, smallest_ratios, verdict_of
from species_db.language import tr

Floats = NDArray[np.float64]
EVENTS = [0, 2]  # columns of a table of two periods
TINY = 1e-12  # camera-days: a period without any is not divided by nothing


class Comparison(StrEnum):
    """Which stations a change is worked out over."""

    SAME_STATIONS = "same_stations"  # each station against itself
    ALL_STATIONS = "all_stations"  # too few were kept: moved cameras are part of the change

    @property
    def words(self) -> str:
        """The comparison in the reader's language."""
        if self is Comparison.SAME_STATIONS:
            return tr(
                "stations watched in both, each against itself", "两期都监测的点位，自身前后对比"
            )
        return tr(
            "all stations: too few were watched in both, so moved cameras are part of the change",
            "全部点位：两期都监测的太少，相机换点的影响也在其中",
        )


@dataclass(frozen=True)
class TrendSettings:
    """When a change is judged at all; below that the verdict is "too few"."""

    fewest_stations: int = 5  # of fewer no drawing anew tells how far stations stray
    fewest_events: int = 10  # in the compared periods together; fewer rest on single visits
    fewest_periods: int = 3  # of a trend; two periods are a change
    years_from: int = 5  # periods from which good and bad years can be told from a trend
    shared_effort: float = 0.5  # of all camera-days: what stations watched repeatedly must hold


@dataclass(frozen=True)
class Period:
    """One year or season: events and camera-days by station.

    `year` is its middle on an axis of years, such as 2027.5; only differences between periods
    matter. A station without camera-days was not watched, whatever `events` says of it.
    """

    name: str
    year: float
    events: Mapping[str, int]
    effort: Mapping[str, float]


@dataclass(frozen=True)
class Change:
    """What became of an index from one period to a later one; None is not known.

    `ratio` is later over earlier: 0.8 is a fifth less. `smallest_fall` and `smallest_rise` are the
    ratios that would have been called clear four times in five: what "no clear change" leaves open.
    `stations` were compared, `left_out` were watched in one of the periods alone and are not in
    the ratio. Either there is an interval, or `reason` says why not and the verdict is "too few".
    """

    earlier: str
    later: str
    comparison: Comparison
    stations: int
    left_out: int
    events: int
    ratio: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: NoInterval | None
    smallest_fall: float | None
    smallest_rise: float | None


def index_by_period(periods: Sequence[Period], *, seed: int = 7) -> dict[str, AbundanceIndex]:
    """Pooled index of each period with its interval; a period without effort is not known.

    >>> spring = Period("2026", 2026.5, {"A": 3}, {"A": 40.0, "B": 60.0})
    >>> index_by_period([spring, Period("2027", 2027.5, {}, {})])["2026"].pooled
    3.0
    """
    return {one.name: abundance_index(one.events, one.effort, seed=seed) for one in periods}


def changes(
    periods: Sequence[Period], *, settings: TrendSettings | None = None, seed: int = 7
) -> list[Change]:
    """Compare each period with the one before it, in order of time.

    A period without effort breaks the row: both changes beside it are not known. Compare its
    neighbours with `compare_periods` if that is the question.
    """
    ordered = sorted(periods, key=lambda one: one.year)
    return [compare_periods(a, b, settings=settings, seed=seed) for a, b in pairwise(ordered)]


def compare_periods(
    earlier: Period,
    later: Period,
    *,
    settings: TrendSettings | None = None,
    seed: int = 7,
    draws: int = DRAWS,
) -> Change:
    """Work out the change from one period to another with a 95 % interval over stations.

    Stations watched in both periods are strata of a Mantel-Haenszel rate ratio (Greenland & Robins
    1985, Biometrics 41:55), so that neither moved cameras nor days shifted between good and poor
    stations pass for a change; with equal days it is the ratio of the pooled indices. Those
    stations are drawn anew with both their periods. Where they are fewer than the settings ask
    for, or hold less than half of the camera-days of a period, all stations are taken instead: the
    ratio of the pooled indices, with stations drawn within "both", "earlier only" and "later
    only"; `comparison` says so.

    >>> days = {f"S{n}": 90.0 for n in range(8)}
    >>> before = Period("2026", 2026.5, dict.fromkeys(days, 4), days)
    >>> after = Period("2027", 2027.5, {f"S{n}": 1 + n % 2 for n in range(8)}, days)
    >>> told = compare_periods(before, after)
    >>> told.ratio, told.verdict.value, told.comparison.value
    (0.375, 'down', 'same_stations')
    """
    known = settings or TrendSettings()
    table, comparison = _compared(earlier, later, known)
    sums = _columns(table, comparison)
    ratio = float(_ratio(sums.sum(axis=0)))
    reason = _why_not(table, known)
    low = high = None
    if reason is None:
        low, high, reason = _interval(sums, table, seed=seed, draws=draws)
    fall, rise = (None, None) if low is None or high is None else smallest_ratios(low, high)
    return Change(
        earlier=earlier.name,
        later=later.name,
        comparison=comparison,
        stations=len(table),
        left_out=len(_watched(earlier) | _watched(later)) - len(table),
        events=int(table[:, EVENTS].sum()),
        ratio=ratio if np.isfinite(ratio) else None,
        low=low,
        high=high,
        verdict=verdict_of(low, high, no_change=1.0),
        reason=reason,
        smallest_fall=fall,
        smallest_rise=rise,
    )


def _watched(period: Period) -> set[str]:
    return {name for name, days in period.effort.items() if days > 0}


def _compared(earlier: Period, later: Period, known: TrendSettings) -> tuple[Floats, Comparison]:
    """One row a station: events and camera-days of the earlier period, then of the later."""
    first, second = _watched(earlier), _watched(later)
    shares = [
        sum(period.effort[name] for name in first & second)
        / max(sum(period.effort[name] for name in _watched(period)), TINY)
        for period in (earlier, later)
    ]
    enough = len(first & second) >= known.fewest_stations and min(shares) >= known.shared_effort
    names = sorted(first & second if enough else first | second)
    rows = [
        [
            number
            for period, watched in ((earlier, first), (later, second))
            for number in (
                (period.events.get(name, 0), period.effort[name]) if name in watched else (0, 0)
            )
        ]
        for name in names
    ]
    table = np.array(rows, dtype=float).reshape(len(names), 4)
    return table, Comparison.SAME_STATIONS if enough else Comparison.ALL_STATIONS


def _columns(table: Floats, comparison: Comparison) -> Floats:
    """What is summed over stations; a ratio is that of the first two sums over the last two."""
    events_1, days_1, events_2, days_2 = table.T
    if comparison is Comparison.ALL_STATIONS:
        return np.column_stack([events_2, days_2, events_1, days_1])
    both, one = days_1 + days_2, np.ones(len(table))
    return np.column_stack([events_2 * days_1 / both, one, events_1 * days_2 / both, one])


def _ratio(sums: Floats) -> Floats:
    """Not a number where nothing is divided by nothing, infinite where something is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((sums[..., 0] / sums[..., 1]) / (sums[..., 2] / sums[..., 3]))


def _why_not(table: Floats, known: TrendSettings) -> NoInterval | None:
    before, days_before, after, days_after = table.sum(axis=0)
    if days_before == 0 or days_after == 0:
        return NoInterval.NO_EFFORT
    if before == 0 or after == 0:
        return NoInterval.NO_EVENTS
    fewest = min((table[:, 1] > 0).sum(), (table[:, 3] > 0).sum())
    if fewest < known.fewest_stations:
        return NoInterval.FEW_STATIONS
    return NoInterval.FEW_EVENTS if before + after < known.fewest_events else None


def _interval(
    sums: Floats, table: Floats, *, seed: int, draws: int
) -> tuple[float | None, float | None, NoInterval | None]:
    weights = sums[:, 0] / sums[:, 0].sum() + sums[:, 2] / sums[:, 2].sum()
    effective = effective_stations(weights)
    if effective < FEWEST_EFFECTIVE:
        return None, None, NoInterval.ONE_STATION_CARRIES
    strata = (table[:, 1] > 0) + 2 * (table[:, 3] > 0)
    rows = drawn_stations(strata, draws=draws, random=np.random.default_rng(seed))
    low, high = interval_of_draws(_ratio(sums[rows].sum(axis=1)), stations=effective)
    if low <= 0 or not np.isfinite(high):
        return None, None, NoInterval.NO_BOUND
    return low, high, None
