"""Two communities compared fairly: at equal coverage, not at equal numbers of stations.

A rich place needs more stations than a poor one to be known as well; at equal numbers it looks
poorer than it is (Chao and Jost 2012, Ecology 93:2533).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from species_db.analysis.rarefaction import (
    DRAWS,
    FARTHEST,
    coverage_at,
    diversity_at,
    draw_communities,
)
from species_db.analysis.richness import NORMAL_95, ORDERS, UNITS_NEEDED, rare_share
from species_db.language import tr


class TooFewStationsError(Exception):
    """A community has too few stations, or no records, so that its coverage is not known."""


@dataclass(frozen=True)
class EqualCoverage:
    """Diversity of one order in two communities at one coverage, and how far apart they are.

    `first_units` and `second_units` are the stations at which each reaches the coverage; `low` and
    `high` are the 95 % limits of the difference, second less first. Limits around 0 mean that
    neither is shown to be the richer.
    """

    order: int
    coverage: float
    first: float
    second: float
    first_units: float
    second_units: float
    difference: float
    low: float
    high: float


def compare_at_coverage(
    first: Sequence[int],
    second: Sequence[int],
    *,
    first_units: int,
    second_units: int,
    coverage: float | None = None,
    orders: Sequence[int] = ORDERS,
    draws: int = DRAWS,
    seed: int = 7,
) -> list[EqualCoverage]:
    """Compare two communities' diversity at equal coverage.

    Each is given by how many of its stations recorded each taxon. Without `coverage` it is the most
    that both reach with no more than twice their stations.

    Raises:
        TooFewStationsError: fewer than five stations or no records in one of them.
        ValueError: the coverage asked for is not between 0 and what both can reach.
    """
    most = min(
        _farthest_coverage(first, units=first_units), _farthest_coverage(second, units=second_units)
    )
    level = most if coverage is None else coverage
    if not 0 < level <= most:
        raise ValueError(f"coverage must be above 0 and at most {most:.3f}, got {level}")
    sizes = (
        units_for_coverage(first, units=first_units, coverage=level),
        units_for_coverage(second, units=second_units, coverage=level),
    )
    drawn = (
        _drawn(first, first_units, level, draws=draws, seed=seed),
        _drawn(second, second_units, level, draws=draws, seed=seed + 1),
    )
    told = []
    for order in orders:
        one = diversity_at(first, units=first_units, at=sizes[0], order=order)
        other = diversity_at(second, units=second_units, at=sizes[1], order=order)
        apart = [
            diversity_at(b, units=second_units, at=at_b, order=order)
            - diversity_at(a, units=first_units, at=at_a, order=order)
            for (a, at_a), (b, at_b) in zip(*drawn, strict=True)
        ]
        error = NORMAL_95 * float(np.std(apart, ddof=1))
        gap = other - one
        told.append(EqualCoverage(order, level, one, other, *sizes, gap, gap - error, gap + error))
    return told


def units_for_coverage(incidences: Sequence[int], *, units: int, coverage: float) -> float:
    """Tell how many stations have this coverage: fewer than there are, or more.

    Full coverage that no number of stations reaches gives infinity.
    """
    seen = [count for count in incidences if count > 0]
    now = coverage_at(seen, units=units, at=units)
    if now is None:
        raise _too_few(units)
    if coverage > now:
        rest = rare_share(seen, units=units)
        if coverage >= 1:
            return float("inf")
        return units + log((1 - coverage) * sum(seen) / seen.count(1)) / log(rest) - 1
    fewer, more = 0, units  # coverage grows with every station: halve until they are neighbours
    while more - fewer > 1:
        middle = (fewer + more) // 2
        if (coverage_at(seen, units=units, at=middle) or 0.0) < coverage:
            fewer = middle
        else:
            more = middle
    below, above = (coverage_at(seen, units=units, at=at) or 0.0 for at in (fewer, more))
    return fewer + (coverage - below) / (above - below)


def _drawn(
    incidences: Sequence[int], units: int, coverage: float, *, draws: int, seed: int
) -> list[tuple[list[int], float]]:
    """Drawn communities, each with the stations at which it reaches the coverage."""
    return [
        (one, units_for_coverage(one, units=units, coverage=coverage) if one else float(units))
        for one in draw_communities(incidences, units=units, draws=draws, seed=seed)
    ]


def _farthest_coverage(incidences: Sequence[int], *, units: int) -> float:
    reached = coverage_at(incidences, units=units, at=FARTHEST * units)
    if reached is None or units < UNITS_NEEDED:
        raise _too_few(units)
    return reached


def _too_few(units: int) -> TooFewStationsError:
    return TooFewStationsError(
        tr(
            f"Coverage is not known from {units} stations: at least {UNITS_NEEDED} with records "
            "are needed. Put stations together, or compare what was seen with its effort.",
            f"由 {units} 个点位无法得知覆盖度：至少需要 {UNITS_NEEDED} 个有记录的点位。"
            "请合并点位，或连同工作量一起比较所见类群。",
        )
    )
