"""How many events are missed, from random samples of strata of unequal size.

Bayesian, by a beta-binomial model over strata: each stratum has its own share of missed events,
and the shares of one model and band are drawn from one distribution, so that a stratum with few
openings, or none, is judged by the others as far as these agree among each other. What is
estimated is a count among the events that nobody has opened, so a stratum that was opened whole
adds nothing. Intervals are the 2.5 % and 97.5 % quantiles; benchmarks/misses.py measures how often
they hold the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln

Floats = NDArray[np.float64]
Key = tuple[str, str, str]  # deployment_id, model_version_id, band
DRAWS = 4000
SEED = 7  # the same survey gives the same figures
TAIL = 0.025  # on each side of an interval
ONE_SIDED = 0.95  # of the bound that the stopping rule holds against what may be missed
# Means: Jeffreys' prior on a fine net in logits, from one in a million upwards.
MEANS = 1 / (1 + np.exp(-np.linspace(np.log(1e-6), np.log(99.0), 90)))
# How alike strata are: from each for itself to all the same, equally likely by orders of magnitude.
ALIKE = np.geomspace(1.0, 1000.0, 10)


@dataclass(frozen=True)
class SampledStratum:
    """One stratum: what it holds, and what a random sample of it showed.

    `unopened` are the events that nobody has reviewed, for whatever reason. `sampled` are reviewed
    events of the random sample alone: those that the order of the queue brought up are in neither,
    since they were not chosen by chance. Numbers may be fractions where a plan looks ahead.
    """

    key: Key
    unopened: int
    sampled: float
    hits: float

    @property
    def group(self) -> tuple[str, str]:
        """Strata of one model and one band learn from each other."""
        return self.key[1:]


@dataclass(frozen=True)
class Estimate:
    """Missed events: expected, 95 % interval, and the bound that holds with 95 %."""

    expected: float
    low: float
    high: float
    bound: float

    @property
    def is_known(self) -> bool:
        """Whether nothing is left to estimate."""
        return self.low == self.high


NOTHING_MISSED = Estimate(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class MissedDraws:
    """Draws from what the samples leave possible: missed events by draw and stratum."""

    keys: tuple[Key, ...]
    missed: Floats  # draws x strata
    shares: Floats  # expected share of each stratum

    def total(self) -> Estimate:
        """Over all strata."""
        return _summed(self.missed.sum(axis=1))

    def by(self, place: int) -> dict[str, Estimate]:
        """By one part of the keys: 0 deployments, 1 models, 2 bands."""
        names = [key[place] for key in self.keys]
        return {
            name: _summed(self.missed[:, [n for n, one in enumerate(names) if one == name]].sum(1))
            for name in dict.fromkeys(names)
        }


def draw_missed(
    strata: Sequence[SampledStratum], *, draws: int = DRAWS, seed: int = SEED
) -> MissedDraws:
    """Draw numbers of missed events that the samples leave possible.

    Of 200 blanks opened, 2 showed an animal; 1,800 more were not opened:

    >>> one = SampledStratum(("MT-01", "m", "blank"), 1800, 200, 2)
    >>> told = draw_missed([one]).total()
    >>> 15 < told.expected < 30, told.low < 5, 50 < told.high < 80
    (True, True, True)
    >>> whole = SampledStratum(("MT-01", "m", "blank"), 0, 2000, 20)
    >>> draw_missed([whole]).total()
    Estimate(expected=0.0, low=0.0, high=0.0, bound=0.0)
    """
    random = np.random.default_rng(seed)
    missed = np.zeros((draws, len(strata)))
    shares = np.zeros(len(strata))
    for group in dict.fromkeys(one.group for one in strata):
        places = [n for n, one in enumerate(strata) if one.group == group]
        rates = _rates([strata[n] for n in places], draws, random)
        unopened = np.array([strata[n].unopened for n in places])
        missed[:, places] = random.binomial(unopened, rates)
        shares[places] = rates.mean(axis=0)
    return MissedDraws(tuple(one.key for one in strata), missed, shares)


def sampled_groups(strata: Sequence[SampledStratum]) -> Mapping[tuple[str, str], float]:
    """How many events were opened by chance in each group of strata."""
    opened: dict[tuple[str, str], float] = {}
    for one in strata:
        opened[one.group] = opened.get(one.group, 0.0) + one.sampled
    return opened


def _rates(strata: Sequence[SampledStratum], draws: int, random: np.random.Generator) -> Floats:
    """Draw the share of each stratum: first what shares are like here, then each stratum's own."""
    hits = np.array([one.hits for one in strata])
    empty = np.array([one.sampled for one in strata]) - hits
    mean, alike = (grid.ravel() for grid in np.meshgrid(MEANS, ALIKE, indexing="ij"))
    a, b = mean * alike, (1 - mean) * alike
    # Jeffreys' density of a share, times the slope of the net in logits.
    weight = 0.5 * np.log(mean) + 0.5 * np.log1p(-mean)
    for (hit, none), count in _counted(hits, empty):
        weight = weight + count * (betaln(a + hit, b + none) - betaln(a, b))
    chances = np.exp(weight - weight.max())
    chosen = random.choice(len(mean), size=draws, p=chances / chances.sum())
    return random.beta(a[chosen, None] + hits, b[chosen, None] + empty)


def _counted(hits: Floats, empty: Floats) -> list[tuple[tuple[float, float], int]]:
    pairs, counts = np.unique(np.column_stack([hits, empty]), axis=0, return_counts=True)
    return [((float(h), float(e)), int(n)) for (h, e), n in zip(pairs, counts, strict=True)]


def _summed(total: Floats) -> Estimate:
    low, bound, high = np.quantile(total, [TAIL, ONE_SIDED, 1 - TAIL], method="higher")
    return Estimate(float(total.mean()), float(low), float(high), float(bound))
