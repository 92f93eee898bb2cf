"""Intervals by drawing stations anew, wide enough for the few stations that a county has.

Stations, not days or events, are what was chosen in the field, and events of one station are
alike; so whole stations are drawn (Davison & Hinkley 1997, Bootstrap Methods, 3.8).
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

Floats = NDArray[np.float64]
LEVEL = 0.95
DRAWS = 2000
# Kish's number below which one station speaks for all: what two alike would give is not known.
FEWEST_EFFECTIVE = 2.0


def effective_stations(shares: Floats) -> float:
    """How many equal stations would weigh as these do (Kish 1965, Survey Sampling, 11.2).

    Thirty stations of which two hold most events tell as much as two do.

    >>> effective_stations(np.array([1.0, 1.0, 1.0, 1.0])), effective_stations(np.array([9.0, 0.0]))
    (4.0, 1.0)
    """
    squared = float((shares**2).sum())
    return float(shares.sum()) ** 2 / squared if squared > 0 else 0.0


def interval_of_draws(
    drawn: Floats, *, stations: float, level: float = LEVEL
) -> tuple[float, float]:
    """The interval of bootstrap draws with its tails moved out for few stations.

    A percentile interval of n stations is too narrow by about the root of (n-1)/n, and by what
    Student's t is wider than the normal; the tails are taken as far out as both ask for
    (Hesterberg 2015, Am. Stat. 69:371, the expanded percentile interval). `stations` is their
    effective number, since over-dispersed events lie at few of them; `benchmarks/trends.py` shows
    what each choice covers. Draws that are not numbers (nothing over nothing) stay out.

    >>> drawn = np.arange(1001.0)
    >>> interval_of_draws(drawn, stations=1e6), interval_of_draws(drawn, stations=8)
    ((25.0, 975.0), (6.0, 994.0))
    """
    known = drawn[~np.isnan(drawn)]
    tail = float(ndtr(-sqrt(stations / (stations - 1)) * stdtrit(stations - 1, (1 + level) / 2)))
    # No interpolation: an end may be infinite.
    return (
        float(np.quantile(known, tail, method="nearest")),
        float(np.quantile(known, 1 - tail, method="nearest")),
    )


def drawn_stations(
    strata: NDArray[np.int64], *, draws: int, random: np.random.Generator
) -> NDArray[np.int64]:
    """Draw stations within their strata: one row of station numbers a draw.

    A station watched in both periods and one watched in one alone are not exchangeable; each
    stratum keeps its size.

    >>> random = np.random.default_rng(7)
    >>> rows = drawn_stations(np.array([0, 0, 1]), draws=50, random=random)
    >>> rows.shape, set(rows[:, 2].tolist()), set(rows[:, 0].tolist())
    ((50, 3), {2}, {0, 1})
    """
    columns = np.empty((draws, len(strata)), dtype=np.int64)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        columns[:, members] = members[random.integers(len(members), size=(draws, len(members)))]
    return columns
