"""How many taxa there are: diversity of order q, estimates of what was missed, accumulation.

Units are camera stations; a taxon's incidence is the number of stations that recorded it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.special import gammaln

NORMAL_95 = 1.959964


@dataclass(frozen=True)
class RichnessEstimate:
    """Taxa seen, taxa expected with a 95 % interval, and the share of the whole that was sampled.

    `coverage` is the estimated share of all incidences that belong to taxa seen.
    """

    observed: int
    chao2: float
    low: float
    high: float
    coverage: float | None


def hill_number(counts: Sequence[float], order: float) -> float:
    """Effective number of taxa of order q: 0 counts all alike, 2 counts the common (Hill 1973).

    >>> [round(hill_number([8, 1, 1], q), 3) for q in (0, 1, 2)]
    [3.0, 1.895, 1.515]
    """
    found = np.array([count for count in counts if count > 0], dtype=float)
    if not len(found):
        return 0.0
    shares = found / found.sum()
    if order == 1:
        return float(np.exp(-(shares * np.log(shares)).sum()))
    return float((shares**order).sum() ** (1 / (1 - order)))


def estimate_richness(incidences: Sequence[int], *, units: int) -> RichnessEstimate:
    """Estimate the taxa that no station recorded, from those that one or two did (Chao 1987).

    The interval is log-normal, so that it never falls below what was seen; coverage after Chao and
    Jost (2012). `incidences` gives for each taxon how many of the `units` recorded it.
    """
    seen = [count for count in incidences if count > 0]
    once, twice = seen.count(1), seen.count(2)
    observed, shrink = len(seen), (units - 1) / units if units else 0.0
    missed = shrink * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)
    if missed <= 0:
        bound = float(observed)
        return RichnessEstimate(observed, bound, bound, bound, _coverage(seen, units))
    if twice:
        ratio = once / twice
        variance = twice * (shrink * ratio**2 / 2 + shrink**2 * ratio**3 + shrink**2 * ratio**4 / 4)
    else:
        estimate = observed + missed
        variance = (
            shrink * once * (once - 1) / 2
            + shrink**2 * once * (2 * once - 1) ** 2 / 4
            - shrink**2 * once**4 / (4 * estimate)
        )
    spread = exp(NORMAL_95 * sqrt(log(1 + variance / missed**2)))
    return RichnessEstimate(
        observed,
        observed + missed,
        observed + missed / spread,
        observed + missed * spread,
        _coverage(seen, units),
    )


def accumulation(incidences: Sequence[int], *, units: int) -> list[float]:
    """Taxa to expect from 1, 2, ... stations in any order (Mao Tau; Colwell et al. 2004).

    >>> [round(taxa, 3) for taxa in accumulation([1, 2, 2], units=2)]
    [2.5, 3.0]
    """
    counts = np.array([count for count in incidences if count > 0], dtype=float)
    expected = []
    for drawn in range(1, units + 1):
        rest = units - counts
        can_miss = rest >= drawn
        missing = np.exp(
            gammaln(rest[can_miss] + 1)
            + gammaln(units - drawn + 1)
            - gammaln(rest[can_miss] - drawn + 1)
            - gammaln(units + 1)
        )
        expected.append(float(len(counts) - missing.sum()))
    return expected


def _coverage(seen: Sequence[int], units: int) -> float | None:
    total, once, twice = sum(seen), seen.count(1), seen.count(2)
    if not total or units < 2:
        return None
    if not once:
        return 1.0
    factor = (
        (units - 1) * once / ((units - 1) * once + 2 * twice)
        if twice
        else ((units - 1) * (once - 1) / ((units - 1) * (once - 1) + 2))
    )
    return 1 - once / total * factor
