"""Relative abundance index: independent events per 100 camera-days, never without effort.

An index confounded by detectability and movement: no count of animals (DOMAIN.md 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainccinv

from species_db.analysis.station_bootstrap import (
    DRAWS,
    FEWEST_EFFECTIVE,
    LEVEL,
    effective_stations,
    interval_of_draws,
)

PER_DAYS = 100


@dataclass(frozen=True)
class AbundanceIndex:
    """One taxon's index: pooled over all stations, and the median station; None is not known.

    The interval draws stations anew (`draws` times), as stations and not days were chosen in the
    field, with its tails moved out for few stations (species_db/analysis/station_bootstrap); it is
    None where one station holds nearly all events. Without events it runs from zero to what the
    effort bears: the exact Poisson limit, 3.69 events (Garwood 1936, Biometrika 28:437).
    """

    events: int
    effort: float
    stations: int
    pooled: float | None
    low: float | None
    high: float | None
    median: float | None


def index_interval(
    counts: NDArray[np.float64], drawn: NDArray[np.float64], *, effort: float
) -> tuple[float | None, float | None]:
    """The interval of an index from the indices of stations drawn anew; see `abundance_index`.

    >>> index_interval(np.zeros(3), np.zeros(9), effort=369.0)
    (0.0, 0.999696)
    """
    if not counts.any():
        return 0.0, round(PER_DAYS * float(gammainccinv(1, (1 - LEVEL) / 2)) / effort, 6)
    effective = effective_stations(counts)
    if effective < FEWEST_EFFECTIVE:
        return None, None
    return interval_of_draws(drawn, stations=effective)


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
    drawn = np.random.default_rng(seed).integers(len(units), size=(draws, len(units)))
    indices = PER_DAYS * counts[drawn].sum(axis=1) / days[drawn].sum(axis=1)
    low, high = index_interval(counts, indices, effort=float(days.sum()))
    median = float(np.median(PER_DAYS * counts / days))
    return AbundanceIndex(
        int(counts.sum()), float(days.sum()), len(units), pooled, low, high, median
    )
