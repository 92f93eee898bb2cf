"""Relative abundance index: independent events per 100 camera-days, never without effort.

An index confounded by detectability and movement: no count of animals (DOMAIN.md 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

PER_DAYS = 100
DRAWS = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class AbundanceIndex:
    """One taxon's index: pooled over all stations, and the median station; None is not known.

    The interval is a percentile bootstrap over stations (`draws` times): stations, not days, are
    what was chosen in the field.
    """

    events: int
    effort: float
    stations: int
    pooled: float | None
    low: float | None
    high: float | None
    median: float | None


def abundance_index(
    events: Mapping[str, int], effort: Mapping[str, float], *, seed: int = 7, draws: int = DRAWS
) -> AbundanceIndex:
    """Work out the index from events and camera-days by station; stations without effort are out.

    >>> abundance_index({"A": 3, "C": 9}, {"A": 40.0, "B": 60.0, "C": 0.0}, draws=10).pooled
    3.0
    """
    units = sorted(unit for unit, days in effort.items() if days > 0)
    counts = np.array([events.get(unit, 0) for unit in units], dtype=float)
    days = np.array([effort[unit] for unit in units], dtype=float)
    if not units:
        return AbundanceIndex(0, 0.0, 0, None, None, None, None)
    pooled = float(PER_DAYS * counts.sum() / days.sum())
    low = high = None
    if len(units) > 1:
        drawn = np.random.default_rng(seed).integers(len(units), size=(draws, len(units)))
        indices = PER_DAYS * counts[drawn].sum(axis=1) / days[drawn].sum(axis=1)
        low, high = (float(q) for q in np.quantile(indices, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    median = float(np.median(PER_DAYS * counts / days))
    return AbundanceIndex(
        int(counts.sum()), float(days.sum()), len(units), pooled, low, high, median
    )
