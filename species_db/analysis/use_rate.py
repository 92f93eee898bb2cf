"""How often a passage is used per 100 camera-days, with an interval that bears clumped visits.

A passage has one or two cameras, so stations cannot be drawn again as in the abundance index. The
exact Poisson limits (Garwood 1936, Biometrika 28:437) hold with a single camera and with no event
at all, but an animal that lives beside a culvert comes in clumps, and they would be too narrow.
They are therefore taken on events divided by their scatter: Pearson's sum of squares over its
degrees of freedom, never below 1 (quasi-likelihood: McCullagh & Nelder 1989, Generalized Linear
Models, ch. 9), between weeks, between spans of four weeks, or between stations, whichever is
largest: visits of one resident hang together for longer than a week. Those that hang together
for months, in a passage used in one season only, need limits wider still (benchmarks/baci.py).
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtri, stdtrit

from species_db.analysis.rai import PER_DAYS

LEVEL = 0.95
WEEKS_TOGETHER = 4
FEWEST_GROUPS = 3  # weeks or stations: from two, scatter is anybody's guess


@dataclass(frozen=True)
class Block:
    """Events and camera-days of one station in one week; weeks are numbered in their order."""

    station_id: str
    week: int
    events: int
    camera_days: float


@dataclass(frozen=True)
class UseRate:
    """Events per 100 camera-days with limits; without effort none is known.

    `scatter` is by how much events vary more than chance, 1 or more; it is 1 as well where there
    are too few weeks to tell, and the interval is then at least this wide.
    """

    events: int
    camera_days: float
    index: float | None
    low: float | None
    high: float | None
    scatter: float


def use_rate(blocks: Iterable[Block], *, level: float = LEVEL) -> UseRate:
    """Work out a rate from the weeks of its stations; no event still has an upper limit.

    >>> quiet = use_rate([Block("U1", week, 0, 7.0) for week in range(10)])
    >>> quiet.index, quiet.low, round(quiet.high, 2)
    (0.0, 0.0, 5.27)
    """
    known = [one for one in blocks if one.camera_days > 0]
    events = sum(one.events for one in known)
    days = math.fsum(one.camera_days for one in known)
    if not known:
        return UseRate(0, 0.0, None, None, None, 1.0)
    scatter = _scatter(known, level)
    low, high = _limits(events, scatter, level)
    return UseRate(
        events=events,
        camera_days=days,
        index=PER_DAYS * events / days,
        low=PER_DAYS * low / days,
        high=PER_DAYS * high / days,
        scatter=scatter,
    )


def rate_ratio(one: UseRate, other: UseRate) -> tuple[float | None, float | None, float | None]:
    """How many times as often, with limits; None where the other has no event, or no limit.

    The limits of the two rates are joined by the distances to them (Donner & Zou 2012, Stat.
    Methods Med. Res. 21:347).

    >>> often, seldom = use_rate([Block("U", 0, 30, 100.0)]), use_rate([Block("C", 0, 10, 100.0)])
    >>> [round(number, 1) for number in rate_ratio(often, seldom)]
    [3.0, 1.4, 6.7]
    """
    if one.index is None or other.index is None:
        return None, None, None
    (a, low_a, high_a), (b, low_b, high_b) = _known(one), _known(other)
    below = _root((a * b) ** 2 - low_a * high_b * (2 * a - low_a) * (2 * b - high_b))
    low = (a * b - below) / (high_b * (2 * b - high_b))
    if not b:
        return None, max(0.0, low), None
    above = _root((a * b) ** 2 - high_a * low_b * (2 * a - high_a) * (2 * b - low_b))
    high = (a * b + above) / (low_b * (2 * b - low_b)) if low_b else None
    return a / b, max(0.0, low), high


def _known(rate: UseRate) -> tuple[float, float, float]:
    return rate.index or 0.0, rate.low or 0.0, rate.high or 0.0


def _root(square: float) -> float:
    return math.sqrt(max(0.0, square))


def _scatter(blocks: Sequence[Block], level: float) -> float:
    """The largest of the scatters between weeks, spans of weeks, and stations."""
    if not any(one.events for one in blocks):
        return 1.0
    groupings: tuple[Callable[[Block], Hashable], ...] = (
        lambda one: (one.station_id, one.week),
        lambda one: (one.station_id, one.week // WEEKS_TOGETHER),
        lambda one: one.station_id,
    )
    return max(_dispersion(blocks, by, level) for by in groupings)


def _dispersion(blocks: Sequence[Block], by: Callable[[Block], Hashable], level: float) -> float:
    """Pearson's scatter over its freedom, raised as Student's t is when the groups are few."""
    sums: dict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for one in blocks:
        group = sums[by(one)]
        group[0] += one.events
        group[1] += one.camera_days
    counts, days = np.array(list(sums.values())).T
    if len(counts) < FEWEST_GROUPS:
        return 1.0
    expected = days * counts.sum() / days.sum()
    freedom = len(counts) - 1
    told = float(((counts - expected) ** 2 / expected).sum() / freedom)
    tail = (1 + level) / 2
    return told * float(stdtrit(freedom, tail) / ndtri(tail)) ** 2 if told > 1 else 1.0


def _limits(events: int, scatter: float, level: float) -> tuple[float, float]:
    """Garwood's limits on events that come in clumps of this size."""
    clumps, tail = events / scatter, (1 - level) / 2
    low = float(gammaincinv(clumps, tail)) if clumps else 0.0
    return scatter * low, scatter * float(gammaincinv(clumps + 1, 1 - tail))
