"""How many events are missed, from random samples of strata of unequal size.

Bayesian, by a beta-binomial model over strata: each stratum has its own share of missed events,
and the shares of one model and band are drawn from one distribution, so that a stratum with few
openings, or none, is judged by the others as far as these agree among each other. What is
estimated is a count among the events that nobody has opened, so a stratum that was opened whole
adds nothing. Intervals are 95 %, equal-tailed; benchmarks/misses.py measures how often they hold
the truth. The expectation and the lower end come from Jeffreys' prior of the mean share, the upper
ends from a uniform one, much as the ends of Clopper and Pearson come from two: with Jeffreys' alone
few strata and few finds gave intervals that missed the truth up to one time in ten.
"""

from collections.abc import Sequence
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
# Mean shares on a fine net in logits, from one in a million upwards.
MEANS = 1 / (1 + np.exp(-np.linspace(np.log(1e-6), np.log(99.0), 90)))
# How alike strata are: from each for itself to all the same, equally likely by orders of magnitude.
ALIKE = np.geomspace(1.0, 1000.0, 10)
# But no stratum's share is taken to lie nearer to nothing than Jeffreys' prior would have it.
LEAST_SHAPE = 0.5
JEFFREYS, UNIFORM = 0.5, 1.0  # powers of the prior of the mean


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
    """Draws from what the samples leave possible: missed events by draw and stratum.

    `most` are drawn with the prior that upper ends are taken from.
    """

    keys: tuple[Key, ...]
    missed: Floats  # draws x strata
    most: Floats
    shares: Floats  # expected share of each stratum

    def total(self) -> Estimate:
        """Over all strata."""
        return _summed(self.missed.sum(axis=1), self.most.sum(axis=1))

    def by(self, place: int) -> dict[str, Estimate]:
        """By one part of the keys: 0 deployments, 1 models, 2 bands."""
        columns: dict[str, list[int]] = {}
        for number, key in enumerate(self.keys):
            columns.setdefault(key[place], []).append(number)
        return {
            name: _summed(self.missed[:, own].sum(axis=1), self.most[:, own].sum(axis=1))
            for name, own in columns.items()
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
    missed, most = np.zeros((2, draws, len(strata)))
    shares = np.zeros(len(strata))
    for group in dict.fromkeys(one.group for one in strata):
        places = [n for n, one in enumerate(strata) if one.group == group]
        own = [strata[n] for n in places]
        unopened = np.array([one.unopened for one in own])
        rates = _rates(own, draws, random, JEFFREYS)
        missed[:, places] = random.binomial(unopened, rates)
        most[:, places] = random.binomial(unopened, _rates(own, draws, random, UNIFORM))
        shares[places] = rates.mean(axis=0)
    return MissedDraws(tuple(one.key for one in strata), missed, most, shares)


def _rates(
    strata: Sequence[SampledStratum], draws: int, random: np.random.Generator, power: float
) -> Floats:
    """Draw the share of each stratum: first what shares are like here, then each stratum's own."""
    hits = np.array([one.hits for one in strata])
    empty = np.array([one.sampled for one in strata]) - hits
    mean, alike = (grid.ravel() for grid in np.meshgrid(MEANS, ALIKE, indexing="ij"))
    alike = np.maximum(alike, LEAST_SHAPE / mean)
    a, b = mean * alike, (1 - mean) * alike
    # The prior's density of a mean, times the slope of the net in logits.
    weight = power * np.log(mean) + 0.5 * np.log1p(-mean)
    for (hit, none), count in _counted(hits, empty):
        weight = weight + count * (betaln(a + hit, b + none) - betaln(a, b))
    chances = np.exp(weight - weight.max())
    chosen = random.choice(len(mean), size=draws, p=chances / chances.sum())
    rates: Floats = random.beta(a[chosen, None] + hits, b[chosen, None] + empty)
    return rates


def _counted(hits: Floats, empty: Floats) -> list[tuple[tuple[float, float], int]]:
    pairs, counts = np.unique(np.column_stack([hits, empty]), axis=0, return_counts=True)
    return [((float(h), float(e)), int(n)) for (h, e), n in zip(pairs, counts, strict=True)]


def _summed(total: Floats, most: Floats) -> Estimate:
    low = np.quantile(total, TAIL, method="lower")
    bound, high = np.quantile(most, [ONE_SIDED, 1 - TAIL], method="higher")
    return Estimate(float(total.mean()), float(low), float(high), float(bound))
