"""Shares and what became of them: of stations, of searched squares, of closed warnings, of days.

Shares of things that are or are not so have score intervals, which stay honest at none and at all
and with few cases. A share of days is a sum over stations, whose days are alike: there whole
stations are drawn anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.station_bootstrap import (
    DRAWS,
    FEWEST_EFFECTIVE,
    drawn_stations,
    effective_stations,
    interval_of_draws,
)
from species_db.analysis.verdicts import NORMAL_975, NoInterval, Verdict, verdict_of

Floats = NDArray[np.float64]
FEWEST_CASES = 5  # on either side: fewer tell nothing that a person does not see in the numbers
NO_SPREAD = 1e-9  # of draws: stations that are all alike do not tell how sure that is


@dataclass(frozen=True)
class ShareChange:
    """Two shares, 0 to 1, and their difference, the later less the earlier; None is not known.

    Either there is an interval of the difference, or `reason` says why not.
    """

    before: float | None
    after: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: NoInterval | None


def score_interval(hits: int, cases: int) -> tuple[float, float] | None:
    """The 95 % score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209).

    >>> [round(end, 4) for end in score_interval(0, 10)]
    [0.0, 0.2775]
    >>> score_interval(0, 0) is None
    True
    """
    if cases <= 0:
        return None
    z, share = NORMAL_975, hits / cases
    middle = share + z**2 / (2 * cases)
    reach = z * sqrt(share * (1 - share) / cases + z**2 / (4 * cases**2))
    below = 1 + z**2 / cases
    low = 0.0 if hits == 0 else max(0.0, (middle - reach) / below)
    high = 1.0 if hits == cases else min(1.0, (middle + reach) / below)
    return low, high


def compare_shares(before: tuple[int, int], after: tuple[int, int]) -> ShareChange:
    """Compare two shares, each as hits and cases, with a 95 % interval of the difference.

    Newcombe's hybrid of two score intervals (1998, Statistics in Medicine 17:873, method 10). The
    same stations in both periods are taken as if they were others, which makes the interval wider
    than it need be, never narrower, as long as stations stay as they are.

    >>> told = compare_shares((48, 80), (56, 70))
    >>> round(told.difference, 4), round(told.low, 4), round(told.high, 4), told.verdict.value
    (0.2, 0.0524, 0.3339, 'up')
    """
    (hits, cases), (later_hits, later_cases) = before, after
    if not cases or not later_cases:
        return _unknown(_share(*before), _share(*after), NoInterval.NO_EFFORT)
    first, second = hits / cases, later_hits / later_cases
    if min(cases, later_cases) < FEWEST_CASES:
        return _unknown(first, second, NoInterval.FEW_STATIONS)
    (low_1, high_1), (low_2, high_2) = (
        score_interval(*before) or (0.0, 1.0),
        score_interval(*after) or (0.0, 1.0),
    )
    change = second - first
    low = change - sqrt((second - low_2) ** 2 + (high_1 - first) ** 2)
    high = change + sqrt((high_2 - second) ** 2 + (first - low_1) ** 2)
    verdict = verdict_of(low, high, no_change=0.0)
    return ShareChange(first, second, change, low, high, verdict, None)


def compare_day_shares(
    before: Mapping[str, tuple[float, float]],
    after: Mapping[str, tuple[float, float]],
    *,
    seed: int = 7,
    draws: int = DRAWS,
) -> ShareChange:
    """Compare shares of days, by station: days that count, of days in all.

    Stations are drawn anew within "both periods", "before only" and "after only"
    (species_db/analysis/station_bootstrap).

    >>> before = {f"S{n}": (90.0 - n, 100.0) for n in range(8)}
    >>> after = {f"S{n}": (70.0 - 2 * n, 100.0) for n in range(8)}
    >>> told = compare_day_shares(before, after)
    >>> round(told.difference, 3), told.verdict.value
    (-0.235, 'down')
    """
    names = sorted({*before, *after})
    none = (0.0, 0.0)
    rows = [(*before.get(name, none), *after.get(name, none)) for name in names]
    table = np.array(rows, dtype=float).reshape(len(names), 4)
    sums = table.sum(axis=0)
    first, second = _share(sums[0], sums[1]), _share(sums[2], sums[3])
    if first is None or second is None:
        return _unknown(first, second, NoInterval.NO_EFFORT)
    fewest = min(int((table[:, 1] > 0).sum()), int((table[:, 3] > 0).sum()))
    if fewest < FEWEST_CASES:
        return _unknown(first, second, NoInterval.FEW_STATIONS)
    effective = effective_stations(table[:, 1] / sums[1] + table[:, 3] / sums[3])
    if effective < FEWEST_EFFECTIVE:
        return _unknown(first, second, NoInterval.ONE_STATION_CARRIES)
    strata = ((table[:, 1] > 0) + 2 * (table[:, 3] > 0)).astype(np.int64)
    drawn = drawn_stations(strata, draws=draws, random=np.random.default_rng(seed))
    parts = table[drawn].sum(axis=1)
    changes = parts[:, 2] / parts[:, 3] - parts[:, 0] / parts[:, 1]
    if float(np.ptp(changes)) < NO_SPREAD:
        return _unknown(first, second, NoInterval.NO_BOUND)
    low, high = interval_of_draws(changes, stations=effective)
    verdict = verdict_of(low, high, no_change=0.0)
    return ShareChange(first, second, second - first, low, high, verdict, None)


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _unknown(before: float | None, after: float | None, reason: NoInterval) -> ShareChange:
    change = None if before is None or after is None else after - before
    return ShareChange(before, after, change, None, None, Verdict.TOO_FEW, reason)
