"""Diversity from fewer stations than there are, or from more: curves of order 0, 1 and 2.

Incidence data: units are stations, a taxon counts once at each. Formulas of Chao et al. (2014,
Ecol. Monogr. 84:45, appendix H) and Chao and Jost (2012, Ecology 93:2533). More stations can only
be expected to show more; two places are compared at equal coverage, not at equal numbers of
stations (`species_db.analysis.equal_coverage`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import ceil, exp, floor, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, hyp2f1

from species_db.analysis.richness import (
    NORMAL_95,
    ORDERS,
    UNITS_NEEDED,
    hill_number,
    missed_taxa,
    rare_share,
)

DRAWS = 200  # standard errors are then known to about 5 %
POINTS = 20  # of a curve, from one station to twice as many as there are
FARTHEST = 2  # times the stations: further out richness is a guess (Colwell et al. 2012)
KEPT_TABLES = 1024  # of chances by numbers of stations: the same for every draw


class CurvePart(StrEnum):
    """Where a point of a curve comes from."""

    RAREFIED = "rarefied"
    OBSERVED = "observed"
    EXTRAPOLATED = "extrapolated"


@dataclass(frozen=True)
class DiversityPoint:
    """Diversity of one order to expect from so many stations, and the coverage they would have.

    Limits are 95 %, from communities drawn as the records suggest, with taxa nobody saw among them.
    With fewer than five stations they are None, and so is what lies beyond the stations.
    """

    units: int
    part: CurvePart
    order: int
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None


def diversity_curve(
    incidences: Sequence[int],
    *,
    units: int,
    at: Sequence[int] | None = None,
    orders: Sequence[int] = ORDERS,
    draws: int = DRAWS,
    seed: int = 7,
) -> list[DiversityPoint]:
    """Draw up the curve of diversity over stations with 95 % intervals.

    `incidences` gives for each taxon how many of the `units` recorded it; `at` the numbers of
    stations, by default twenty up to twice as many as there are.

    Raises:
        ValueError: a number of stations below 1 or above twice those there are, or an order other
            than 0, 1 and 2.
    """
    seen = [count for count in incidences if count > 0]
    sizes = _default_sizes(units) if at is None else sorted(set(at))
    if sizes and not 1 <= sizes[0] <= sizes[-1] <= FARTHEST * units:
        raise ValueError(f"from 1 to {FARTHEST * units} stations can be told, got {sizes}")
    drawn: list[list[int]] = []
    if units >= UNITS_NEEDED and seen:
        drawn = draw_communities(seen, units=units, draws=draws, seed=seed)
    points = []
    for size in sizes:
        covers = [coverage_at(one, units=units, at=size) for one in drawn]
        is_known = units >= UNITS_NEEDED or size <= units
        coverage = coverage_at(seen, units=units, at=size) if is_known and units > 1 else None
        for order in orders:
            value = diversity_at(seen, units=units, at=size, order=order) if is_known else None
            values = [diversity_at(one, units=units, at=size, order=order) for one in drawn]
            points.append(
                DiversityPoint(
                    size,
                    _part(size, units),
                    order,
                    value,
                    *_limits(value, values, 0.0, np.inf),
                    coverage,
                    *_limits(coverage, [c for c in covers if c is not None], 0.0, 1.0),
                )
            )
    return points


def diversity_at(incidences: Sequence[int], *, units: int, at: float, order: int) -> float:
    """Work out the diversity to expect from so many stations, without interval.

    Up to all of them: the Hill number of the incidence counts to expect in that many stations taken
    at random; between whole numbers on a straight line. Beyond: order 0 by Chao2, order 1 from the
    entropy seen and its estimate for endless stations, weighted by stations seen and not seen
    (later versions of R's iNEXT bend this differently), order 2 without bias.

    >>> round(diversity_at([1, 2, 2], units=2, at=1, order=0), 3)
    2.5
    """
    if order not in ORDERS:
        raise ValueError(f"orders 0, 1 and 2 can be told, got {order}")
    seen = np.array([count for count in incidences if count > 0], dtype=np.int64)
    if not len(seen) or units < 1:
        return 0.0
    if at > units:
        return _extrapolated(seen, units, at, order)
    low = max(1, floor(at))
    value = _rarefied(seen, units, low, order)
    if at <= low:
        return value
    return value + (at - low) * (_rarefied(seen, units, low + 1, order) - value)


def coverage_at(incidences: Sequence[int], *, units: int, at: float) -> float | None:
    """Estimate the coverage that so many stations have (Chao and Jost 2012); None without records.

    >>> round(coverage_at([1, 1, 2, 3], units=4, at=4), 3)
    0.786
    """
    seen = np.array([count for count in incidences if count > 0], dtype=np.int64)
    total = int(seen.sum())
    if not total or units < 2:
        return None
    if at >= units:
        once = int((seen == 1).sum())
        left = float(rare_share(seen.tolist(), units=units) ** (at - units + 1))
        return 1 - once / total * left
    low = floor(at)
    value = _covered(seen, units, low)
    if at == low:
        return value
    above = coverage_at(incidences, units=units, at=low + 1)
    return value + (at - low) * ((above or 0.0) - value)


def asymptote(incidences: Sequence[int], *, units: int, order: int) -> float | None:
    """Estimate the diversity of endless stations; None with fewer than five stations.

    Order 0 is Chao2, a lower bound; order 1 after Chao, Wang and Jost (2013, Methods Ecol. Evol.
    4:1091); order 2 without bias (infinite when no taxon was at two stations).
    """
    seen = np.array([count for count in incidences if count > 0], dtype=np.int64)
    if units < UNITS_NEEDED:
        return None
    if not len(seen):
        return 0.0
    if order == 0:
        return len(seen) + missed_taxa(seen.tolist(), units=units)
    if order == 1:
        return exp(_endless_entropy(seen, units))
    again = float((seen * (seen - 1)).sum())
    return float(seen.sum()) ** 2 * (1 - 1 / units) / again if again else float("inf")


def draw_communities(
    incidences: Sequence[int], *, units: int, draws: int, seed: int
) -> list[list[int]]:
    """Draw incidences of as many stations from the community that the records suggest.

    The parametric bootstrap of Chao et al. (2014, appendix G): chances of taxa seen are lowered by
    what the estimated coverage leaves for taxa not seen, which share it evenly. Drawing the
    stations themselves again would never show a taxon that was missed.
    """
    seen = np.array([count for count in incidences if count > 0], dtype=float)
    shares = seen / units
    once = int((seen == 1).sum())
    missed = missed_taxa(seen.astype(int).tolist(), units=units)
    left = once / units * rare_share(seen.astype(int).tolist(), units=units)
    hidden = shares * (1 - shares) ** units
    lowered = shares * (1 - left / hidden.sum() * (1 - shares) ** units) if left else shares
    unseen = ceil(missed) if left else 0
    chances = np.concatenate([lowered, np.full(unseen, left / unseen if unseen else 0.0)])
    random = np.random.default_rng(seed)
    drawn = random.binomial(units, np.clip(chances, 0, 1), size=(draws, len(chances)))
    return [[int(count) for count in row if count] for row in drawn]


def _default_sizes(units: int) -> list[int]:
    below = np.linspace(1, units, POINTS // 2).round().astype(int)
    beyond = np.linspace(units, FARTHEST * units, POINTS // 2 + 1).round().astype(int)
    return sorted({int(size) for size in (*below, *beyond) if size > 0})


def _part(size: int, units: int) -> CurvePart:
    if size == units:
        return CurvePart.OBSERVED
    return CurvePart.RAREFIED if size < units else CurvePart.EXTRAPOLATED


def _limits(
    value: float | None, drawn: Sequence[float], lowest: float, highest: float
) -> tuple[float | None, float | None]:
    if value is None or len(drawn) < 2:
        return None, None
    error = NORMAL_95 * float(np.std(drawn, ddof=1))
    return max(lowest, value - error), min(highest, value + error)


def _rarefied(seen: NDArray[np.int64], units: int, size: int, order: int) -> float:
    if size == units:
        return hill_number(seen.tolist(), order)
    if order == 0:
        return float(len(seen) - _chance_missed(units, size)[seen].sum())
    whole = float(seen.sum()) * size / units  # incidences to expect in so many stations
    if order == 2:
        again = float((seen * (seen - 1)).sum()) * size * (size - 1) / (units * (units - 1))
        return whole**2 / (whole + again)
    return exp(log(whole) - float(_times_log_times(units, size)[seen].sum()) / whole)


def _extrapolated(seen: NDArray[np.int64], units: int, at: float, order: int) -> float:
    total, share = float(seen.sum()), units / at
    if order == 0:
        missed = missed_taxa(seen.tolist(), units=units)
        once = int((seen == 1).sum())
        if not missed:
            return float(len(seen))
        left = float((1 - once / (units * missed + once)) ** (at - units))
        return len(seen) + missed * (1 - left)
    if order == 2:
        again = float((seen * (seen - 1)).sum()) / (total**2 * (1 - 1 / units)) if units > 1 else 0
        alike = share / total + (1 - 1 / at) * again
        return 1 / alike if alike else float("inf")
    observed = log(hill_number(seen.tolist(), 1))
    return exp(share * observed + (1 - share) * _endless_entropy(seen, units))


def _covered(seen: NDArray[np.int64], units: int, size: int) -> float:
    """Coverage of fewer stations than all: what one more would have of taxa they did not show."""
    if size == 0:
        return 0.0
    shares = seen / seen.sum()
    return float(1 - (shares * _chance_missed(units - 1, size)[seen - 1]).sum())


@lru_cache(maxsize=KEPT_TABLES)
def _chance_missed(units: int, size: int) -> NDArray[np.float64]:
    """For a taxon at 0, 1, ... of the stations, the chance that so many taken all miss it."""
    at = np.arange(units + 1)
    return np.asarray(np.exp(_log_choose(units - at, size) - _log_choose(units, size)))


@lru_cache(maxsize=KEPT_TABLES)
def _times_log_times(units: int, size: int) -> NDArray[np.float64]:
    """For a taxon at 0, 1, ... of the stations: how often so many taken show it, times its log."""
    at, times = np.arange(units + 1)[:, None], np.arange(1, size + 1)
    ways = _log_choose(at, times) + _log_choose(units - at, size - times)
    return np.asarray(np.exp(ways - _log_choose(units, size)) @ (times * np.log(times)))


def _log_choose(of: NDArray[np.int64] | int, take: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """Logarithm of the ways to choose; minus infinity where there are none."""
    possible = np.logical_and(np.greater_equal(take, 0), np.less_equal(take, of))
    of, take = np.where(possible, of, 0), np.where(possible, take, 0)
    ways = gammaln(of + 1) - gammaln(take + 1) - gammaln(of - take + 1)
    return np.asarray(np.where(possible, ways, -np.inf))


def _endless_entropy(seen: NDArray[np.int64], units: int) -> float:
    """Entropy of shares of incidence over endless stations (Chao, Wang and Jost 2013).

    The sum over taxa not seen is written as a hypergeometric function: as printed, with the
    difference of a logarithm and its series, it loses all digits at a few hundred stations.
    """
    once, twice = int((seen == 1).sum()), int((seen == 2).sum())
    found = float((seen / units * (digamma(units) - digamma(seen))).sum())
    if twice:
        rarity = 2 * twice / ((units - 1) * once + 2 * twice)
    else:
        rarity = 2 / ((units - 1) * max(once - 1, 0) + 2)
    rest = 1 - rarity
    unseen = once / units * rest / units * float(hyp2f1(1, units, units + 1, rest))
    per_incidence = units / float(seen.sum())
    return per_incidence * (found + unseen) - log(per_incidence)
