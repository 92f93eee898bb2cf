"""When enough blanks have been opened, and if not, how many more to open and where.

Enough is when the bound that holds with 95 % lies within what may be missed. How many more it
takes is found by looking ahead: if further openings find animals as often as those so far, which
number brings the bound down? They go where the doubt is largest (Neyman): many events unopened,
and shares that are neither sure to be nothing nor sure to be all.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from species_db.misses.allocation import allocate
from species_db.misses.estimate import (
    Estimate,
    Key,
    MissedDraws,
    SampledStratum,
    draw_missed,
)

DRAWS_AHEAD = 600  # a plan needs less than an estimate
NEAR = 1.15  # the number is found to within this factor: it is a plan, not a promise
FEWEST_MORE = 10


@dataclass(frozen=True)
class MissLimits:
    """What a survey may miss."""

    # Of all animal events, with 95 %: below the difference that a year's trend can show.
    most_missed_share: float = 0.05
    # Class I events, with 95 %: each one is evidence of legal weight.
    most_missed_class_one: int = 5


DEFAULT_LIMITS = MissLimits()


@dataclass(frozen=True)
class Advice:
    """Enough, or how many more events to open in which strata."""

    is_enough: bool
    bound: float  # missed events, with 95 %
    may_miss: float
    more: Mapping[Key, int]

    @property
    def total(self) -> int:
        """All further openings."""
        return sum(self.more.values())


def advise_on_animals(
    strata: Sequence[SampledStratum], *, recorded: int, limits: MissLimits = DEFAULT_LIMITS
) -> Advice:
    """Hold missed animal events against their share of all: recorded and missed together.

    >>> few = SampledStratum(("MT-01", "m", "blank"), 1000, 20, 1)
    >>> asked = advise_on_animals([few], recorded=800)
    >>> asked.is_enough, 100 < asked.total < 1000
    (False, True)
    >>> many = SampledStratum(("MT-01", "m", "blank"), 400, 600, 3)
    >>> advise_on_animals([many], recorded=800).is_enough
    True
    """
    share = limits.most_missed_share
    return _advise(strata, share / (1 - share) * recorded)


def advise_on_class_one(
    strata: Sequence[SampledStratum], *, limits: MissLimits = DEFAULT_LIMITS
) -> Advice:
    """Hold missed class I events against the number that may be missed; `hits` are class I."""
    return _advise(strata, float(limits.most_missed_class_one))


def _advise(strata: Sequence[SampledStratum], may_miss: float) -> Advice:
    told = draw_missed(strata)
    bound = told.total().bound if strata else 0.0
    if bound <= may_miss:
        return Advice(True, bound, may_miss, {})
    return Advice(False, bound, may_miss, _more(strata, told, may_miss))


def _more(strata: Sequence[SampledStratum], told: MissedDraws, may_miss: float) -> dict[Key, int]:
    """Find the number of openings that would do, by doubling and then halving the step."""
    left = {one.key: one.unopened for one in strata}
    shares = dict(zip(told.keys, told.shares.tolist(), strict=True))
    weights = {key: left[key] * math.sqrt(p * (1 - p)) for key, p in shares.items()}
    everything = sum(left.values())

    def would_do(count: int) -> bool:
        more = allocate(left, count, weights=weights)
        ahead = [_opened(one, more.get(one.key, 0), shares[one.key]) for one in strata]
        return _bound(ahead) <= may_miss

    count = _least(would_do, everything)
    return {key: n for key, n in allocate(left, count, weights=weights).items() if n}


def _least(would_do: Callable[[int], bool], everything: int) -> int:
    too_few, enough = 0, min(FEWEST_MORE, everything)
    while enough < everything and not would_do(enough):
        too_few, enough = enough, min(2 * enough, everything)
    while enough > NEAR * max(too_few, 1) and enough - too_few > FEWEST_MORE // 2:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if would_do(middle) else (middle, enough)
    return enough


def _opened(one: SampledStratum, more: int, share: float) -> SampledStratum:
    return replace(
        one,
        unopened=one.unopened - more,
        sampled=one.sampled + more,
        hits=one.hits + more * share,
    )


def _bound(strata: Sequence[SampledStratum]) -> float:
    total: Estimate = draw_missed(strata, draws=DRAWS_AHEAD).total()
    return total.bound
