"""How many taxa there are: diversity of order q, estimates of what was missed, accumulation.

Units are camera stations; a taxon's incidence is the number of stations that recorded it. Curves of
all orders with intervals are in `species_db.analysis.rarefaction`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from scipy.special import gammaln

from species_db.language import tr

NORMAL_95 = 1.959964
ORDERS = (0, 1, 2)
# Our own rule: at fewer stations next to nothing was seen just once or twice, and estimates of what
# was missed rest on those alone.
UNITS_NEEDED = 5


@dataclass(frozen=True)
class RichnessEstimate:
    """Taxa seen, taxa expected with a 95 % interval, and the share of the whole that was sampled.

    `coverage` is the estimated share of all incidences that belong to taxa seen. All but the taxa
    seen are None with fewer than five stations: that nothing was missed is then not known.
    """

    observed: int
    chao2: float | None
    low: float | None
    high: float | None
    coverage: float | None


@dataclass(frozen=True)
class UnitDiversity:
    """Diversity of one station, or of all pooled (`unit` is None); None where nothing was found."""

    unit: str | None
    total: float
    values: tuple[float | None, ...]


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


def diversity_by_unit(
    counts: Mapping[str, Mapping[str, float]], *, orders: Sequence[float] = ORDERS
) -> list[UnitDiversity]:
    """Work out Hill numbers for each station and, last, for all stations' counts added up.

    `counts` gives for each station how many independent events each taxon had. These are numbers of
    what was seen: stations with more effort show more taxa, so compare at equal coverage
    (`species_db.analysis.equal_coverage`) or print the effort beside them.

    >>> told = diversity_by_unit({"A": {"takin": 3}, "B": {"takin": 1, "serow": 4}}, orders=(0, 2))
    >>> [(one.unit, one.values) for one in told]
    [('A', (1.0, 1.0)), ('B', (2.0, 1.4705882352941173)), (None, (2.0, 2.0))]
    """
    pooled: dict[str, float] = {}
    for of_unit in counts.values():
        for taxon, count in of_unit.items():
            pooled[taxon] = pooled.get(taxon, 0) + count
    rows: list[tuple[str | None, Mapping[str, float]]] = [*sorted(counts.items()), (None, pooled)]
    return [
        UnitDiversity(
            unit,
            sum(found.values()),
            tuple(
                hill_number(list(found.values()), order) if any(found.values()) else None
                for order in orders
            ),
        )
        for unit, found in rows
    ]


def estimate_richness(incidences: Sequence[int], *, units: int) -> RichnessEstimate:
    """Estimate the taxa that no station recorded, from those that one or two did (Chao 1987).

    The interval is log-normal, so that it never falls below what was seen; coverage after Chao and
    Jost (2012). `incidences` gives for each taxon how many of the `units` recorded it.
    """
    seen = [count for count in incidences if count > 0]
    observed = len(seen)
    if units < UNITS_NEEDED:
        return RichnessEstimate(observed, None, None, None, None)
    once, twice = seen.count(1), seen.count(2)
    shrink, missed = (units - 1) / units, missed_taxa(seen, units=units)
    coverage = sample_coverage(seen, units=units)
    if missed <= 0:
        bound = float(observed)
        return RichnessEstimate(observed, bound, bound, bound, coverage)
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
        coverage,
    )


def missed_taxa(incidences: Sequence[int], *, units: int) -> float:
    """Estimate how many taxa no station recorded: at least so many, by Chao2 (Chao 1987).

    >>> missed_taxa([1, 1, 2], units=4)
    1.5
    """
    once, twice = list(incidences).count(1), list(incidences).count(2)
    shrink = (units - 1) / units if units else 0.0
    return shrink * (once**2 / (2 * twice) if twice else once * (once - 1) / 2)


def sample_coverage(incidences: Sequence[int], *, units: int) -> float | None:
    """Estimate the share of all incidences that belong to taxa seen (Chao and Jost 2012).

    None without any record, or from a single station.
    """
    total, once = sum(incidences), list(incidences).count(1)
    if not total or units < 2:
        return None
    return 1 - once / total * rare_share(incidences, units=units)


def rare_share(incidences: Sequence[int], *, units: int) -> float:
    """Tell what is left of the share not covered after each further station, 0 to below 1.

    The smaller, the sooner the rest is found: few taxa seen once, or many seen twice (Chao and Jost
    2012).
    """
    once, twice = list(incidences).count(1), list(incidences).count(2)
    if twice:
        return (units - 1) * once / ((units - 1) * once + 2 * twice)
    return (units - 1) * (once - 1) / ((units - 1) * (once - 1) + 2) if once else 0.0


def richness_notes(incidences: Sequence[int], *, units: int) -> list[str]:
    """Say in sentences what these stations cannot tell, to be printed under the numbers.

    >>> print(*richness_notes([1, 2], units=3))
    Only 3 stations: how many taxa were missed is not known (5 stations are needed).
    """
    seen = [count for count in incidences if count > 0]
    once, twice = seen.count(1), seen.count(2)
    if units < UNITS_NEEDED:
        return [
            tr(
                f"Only {units} stations: how many taxa were missed is not known "
                f"({UNITS_NEEDED} stations are needed).",
                f"仅有 {units} 个点位：无法得知漏记了多少类群（至少需要 {UNITS_NEEDED} 个点位）。",
            )
        ]
    if not seen:
        return [tr("No taxon was recorded.", "没有记录到任何类群。")]
    if once == len(seen):
        return [
            tr(
                "Every taxon was recorded at a single station: most were missed, and how many is "
                "not known.",
                "每个类群都只在一个点位记录到：多数类群被漏记，数量无从得知。",
            )
        ]
    if once and not twice:
        return [
            tr(
                "No taxon was recorded at just two stations: the number missed is a rough guess.",
                "没有恰好在两个点位记录到的类群：漏记数量只是粗略估计。",
            )
        ]
    return []


def accumulation(incidences: Sequence[int], *, units: int) -> list[float]:
    """Taxa to expect from 1, 2, ... stations in any order (Mao Tau; Colwell et al. 2004).

    `diversity_curve` gives the same with intervals.

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
