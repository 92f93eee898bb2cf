"""Which conclusions could flip while machine labels are unreviewed, and how many reviews settle it.

A conclusion is the sign of a number: an index above or below a threshold, a change between two
periods, the rank of two taxa. It could flip when the range that a review of every event could
still give holds the other sign. What more reviews cannot settle, because stations stray too much,
is told apart: there only more stations help.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, ndtr

from species_db.analysis.machine_draws import HALF, LabelGroup, Layout, MachineCounts, lay_out
from species_db.analysis.machine_error import Interval, intervals_of
from species_db.analysis.rai import PER_DAYS
from species_db.analysis.station_bootstrap import DRAWS, LEVEL
from species_db.language import tr

Floats = NDArray[np.float64]
NORMAL_975 = 1.959964
SETTLED = 0.8  # of surveys like this: that many reviews settle it in four cases of five
HALVINGS = 80  # of the search for a plan


class Standing(StrEnum):
    """What a conclusion rests on."""

    HOLDS = "holds"
    COULD_FLIP = "could_flip"  # reviews settle it
    STATIONS_UNSURE = "stations_unsure"  # reviews do not
    NOT_KNOWN = "not_known"

    @property
    def words(self) -> str:
        """The standing in the reader's language."""
        return {
            Standing.HOLDS: tr("holds", "成立"),
            Standing.COULD_FLIP: tr(
                "could flip: unreviewed machine labels decide it",
                "可能翻转：取决于未审核的机器标签",
            ),
            Standing.STATIONS_UNSURE: tr(
                "not sure, and reviews do not help: stations differ too much",
                "不确定，且继续审核无济于事：点位之间差异过大",
            ),
            Standing.NOT_KNOWN: tr("not known: no effort", "未知：没有工作量"),
        }[self]


@dataclass(frozen=True)
class LabelReviews:
    """How many more events of a label to look at, on side 0 (first or earlier) or 1."""

    side: int
    label: str
    reviews: int


@dataclass(frozen=True)
class Conclusion:
    """A number whose sign is the conclusion, with what machine errors make of it.

    In events per 100 camera-days: index less threshold, later less earlier, first less second
    taxon. The fields are those of `MachineIndex`. `reviews` are how many more events a person
    must look at, by label in `reviews_by_label`, taken by chance among the unreviewed ones; 0 when
    reviews are not what is missing. With `unmeasured` labels the only number that is sure is all
    of them: look at thirty of each, then ask again.
    """

    confirmed_only: float | None
    if_all_right: float | None
    expected: float | None
    machine_low: float | None
    machine_high: float | None
    low: float | None
    high: float | None
    standing: Standing
    reviews: int
    reviews_by_label: tuple[LabelReviews, ...]
    unmeasured: tuple[str, ...]


@dataclass(frozen=True)
class Presence:
    """Whether a taxon is in a county at all, where machine labels may be all that says so.

    `chance` is that at least one unreviewed event is the taxon, `low` to `high` its interval from
    what is not known of the rate; None when people confirmed it, or nothing is there.
    """

    confirmed: int
    unreviewed: int
    chance: float | None
    low: float | None
    high: float | None
    standing: Standing
    reviews: int
    unmeasured: tuple[str, ...]


def check_threshold(
    counts: MachineCounts, *, threshold: float, seed: int = 7, draws: int = DRAWS
) -> Conclusion:
    """Ask whether an index lies above a threshold, in events per 100 camera-days, for sure.

    >>> from species_db.analysis.machine_draws import LabelPool
    >>> days = {f"S{n}": 100.0 for n in range(10)}
    >>> waiting = LabelPool("muntjac", {s: 60 for s in days}, looked_at=20, were_taxon=15)
    >>> told = check_threshold(MachineCounts({s: 2 for s in days}, days, (waiting,)), threshold=40)
    >>> told.expected, told.standing.value, 0 < told.reviews < 600
    (7.0, 'could_flip', True)
    """
    return _conclude(lay_out([counts]), np.ones(1), threshold, seed=seed, draws=draws)


def check_change(
    before: MachineCounts, after: MachineCounts, *, seed: int = 7, draws: int = DRAWS
) -> Conclusion:
    """Ask whether an index rose or fell from one period to another, for sure.

    It is the difference of the pooled indices; give both periods the stations watched in both, as
    `trends.compare_periods` does, or moved cameras are part of it. Rates of the two periods are
    drawn apart even where the same reviews measured them (`lay_out` says why).
    """
    layout = lay_out([before, after])
    return _conclude(layout, np.array([-1.0, 1.0]), 0.0, seed=seed, draws=draws)


def check_rank(
    first: MachineCounts, second: MachineCounts, *, seed: int = 7, draws: int = DRAWS
) -> Conclusion:
    """Ask whether one taxon's index is larger than another's in the same period, for sure.

    Where both may stand under one label, give the label to both with the same unreviewed events
    and the same number looked at.

    Raises:
        ValueError: a label of both taxa has other events, or other numbers, on the two sides.
    """
    layout = lay_out([first, second], share_labels=True)
    return _conclude(layout, np.array([1.0, -1.0]), 0.0, seed=seed, draws=draws)


def check_presence(counts: MachineCounts, *, seed: int = 7, draws: int = DRAWS) -> Presence:
    """Ask whether a taxon was recorded at all, with or without effort known.

    One confirmed event settles it. Else reviews are needed until the first right one, or until all
    were looked at: `reviews` is how many leave at most one chance in twenty that a right one was
    there and not found. The taxon's own labels are looked at alone: that a county has a species
    never rests on what the machine calls otherwise.
    """
    confirmed = sum(counts.confirmed.values())
    pools = [pool for pool in counts.pools if pool.is_own and any(pool.unreviewed.values())]
    waiting = [sum(pool.unreviewed.values()) for pool in pools]
    unmeasured = tuple(pool.label for pool in pools if not pool.looked_at)
    if confirmed or not pools:
        return Presence(confirmed, sum(waiting), None, None, None, Standing.HOLDS, 0, unmeasured)
    if unmeasured:
        total = sum(waiting)
        return Presence(0, total, None, 0.0, 1.0, Standing.COULD_FLIP, total, unmeasured)
    shapes = [(p.were_taxon + HALF, p.looked_at - p.were_taxon + HALF) for p in pools]
    random = np.random.default_rng(seed)
    none = np.ones(draws)
    for (right, wrong), events in zip(shapes, waiting, strict=True):
        none *= (1 - random.beta(right, wrong, size=draws)) ** events
    low, high = np.quantile(1 - none, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    chances = _none_right(shapes, waiting)
    missed = chances - chances[-1]
    return Presence(
        confirmed=0,
        unreviewed=sum(waiting),
        chance=float(1 - chances[-1]),
        low=float(low),
        high=float(high),
        standing=Standing.COULD_FLIP,
        reviews=int(np.argmax(missed <= 1 - LEVEL)) or 1,
        unmeasured=(),
    )


def _none_right(shapes: list[tuple[float, float]], waiting: list[int]) -> Floats:
    """Chance that none of the first 0, 1, ... reviewed events is right, the best label first."""
    logs = [np.zeros(1)]
    order = sorted(range(len(shapes)), key=lambda i: -shapes[i][0] / sum(shapes[i]))
    for right, wrong, events in ((*shapes[i], waiting[i]) for i in order):
        seen = np.arange(1, events + 1)
        logs.append(logs[-1][-1] + betaln(right, wrong + seen) - betaln(right, wrong))
    return np.exp(np.concatenate(logs))


def _conclude(
    layout: Layout, signs: Floats, threshold: float, *, seed: int, draws: int
) -> Conclusion:
    unmeasured = layout.unmeasured
    if not layout.is_watched:
        nothing = (None,) * 7
        return Conclusion(*nothing, Standing.NOT_KNOWN, 0, (), unmeasured)

    def at(counts: Floats) -> float:
        return float(signs @ layout.indices(counts)) - threshold

    expected = None if unmeasured else at(layout.counts())
    shifted = None if expected is None else expected + threshold
    alone, joined = intervals_of(layout, signs, shifted, seed=seed, draws=draws)
    machine_low, machine_high, low, high = (
        None if end is None else end - threshold for end in (*alone, *joined)
    )
    standing = _standing(layout, (machine_low, machine_high), (low, high))
    plan: tuple[LabelReviews, ...] = ()
    if standing is Standing.COULD_FLIP:
        plan = _plan(layout, signs, expected, (machine_low, machine_high))
    return Conclusion(
        confirmed_only=at(layout.confirmed),
        if_all_right=at(layout.counts(other_labels=False, own_right=True)),
        expected=expected,
        machine_low=machine_low,
        machine_high=machine_high,
        low=low,
        high=high,
        standing=standing,
        reviews=sum(one.reviews for one in plan),
        reviews_by_label=plan,
        unmeasured=unmeasured,
    )


def _standing(
    layout: Layout,
    machine: Interval,
    joined: Interval,
) -> Standing:
    waiting = sum(group.unreviewed.sum() for group in layout.groups)
    if waiting and not _has_sign(*machine):
        return Standing.COULD_FLIP
    return Standing.HOLDS if _has_sign(*joined) else Standing.STATIONS_UNSURE


def _has_sign(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and (low > 0 or high < 0)


def _plan(
    layout: Layout, signs: Floats, expected: float | None, machine: Interval
) -> tuple[LabelReviews, ...]:
    """The fewest reviews, by label, after which the sign is settled in four cases of five.

    After `m` of `M` unreviewed events of a label were looked at (`n` before), what is left varies
    as a beta-binomial count: by q (M - m) (n + M + 1) / (n + m + 2), q being the variance that one
    event brings. The number itself will have moved by then, by the variance that reviews took
    away; "settled" means that it lies further from nought than 1.96 of the deviation that is left,
    and the chance of that (assurance: O'Hagan, Stevens & Campbell 2005, Pharm. Stat. 4:187) is to
    be four in five. That an expected half-width just reaches nought would settle only every
    second case. Labels are given reviews as their variance falls most; all numbers grow with
    the search's one measure, so that the plan is the smallest, and at its end is all of them.
    """
    groups = [group for group in layout.groups if group.unreviewed.sum() > 0]
    waiting = np.array([group.unreviewed.sum() for group in groups])
    if expected is None:
        return _named(groups, waiting)
    looked = np.array([group.looked_at for group in groups], dtype=float)
    per_event = signs * PER_DAYS / layout.effort.sum(axis=1)
    one = np.array([_variance_of_one(group, per_event) for group in groups])

    def left(reviews: Floats) -> float:
        varies = one * (waiting - reviews) * (looked + waiting + 1) / (looked + reviews + 2)
        return float(varies.sum())

    now = left(np.zeros(len(groups)))
    # The drawn range is skewed where labels are mostly right or wrong; the margin is in its reach.
    reach = expected - (machine[0] or 0.0) if expected > 0 else (machine[1] or 0.0) - expected
    margin = abs(expected) * min(1.0, NORMAL_975 * sqrt(now) / reach) if reach > 0 else 0.0
    pull = np.sqrt(one * (looked + waiting + 1) * (looked + waiting + 2))
    low, high = 0.0, float(((looked + waiting + 2) / pull).max())

    def reviews_at(measure: float) -> Floats:
        return np.asarray(np.clip(np.ceil(measure * pull - looked - 2), 0, waiting))

    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_settled = _chance_settled(margin, now, left(reviews_at(middle))) >= SETTLED
        low, high = (low, middle) if is_settled else (middle, high)
    found = reviews_at(high * (1 + 1e-12))
    if not found.sum():  # the draws say that it could flip, the formula that it hardly could
        found[int(np.argmax(one * waiting))] = 1
    return _named(groups, found)


def _variance_of_one(group: LabelGroup, per_event: Floats) -> float:
    """Variance that one unreviewed event of a label brings, at the middle of what is known."""
    shares = [(o.were_taxon + HALF) / (group.looked_at + 1) for o in group.outcomes]
    values = [float(per_event[o.side]) for o in group.outcomes]
    mean = sum(s * v for s, v in zip(shares, values, strict=True))
    return max(sum(s * v**2 for s, v in zip(shares, values, strict=True)) - mean**2, 0.0)


def _chance_settled(margin: float, now: float, left: float) -> float:
    gone = now - left
    if left <= 0 or gone <= 0:
        return 1.0 if left <= 0 or margin > NORMAL_975 * sqrt(left) else 0.0
    bound = NORMAL_975 * sqrt(left)
    return float(ndtr((margin - bound) / sqrt(gone)) + ndtr((-margin - bound) / sqrt(gone)))


def _named(groups: list[LabelGroup], reviews: Floats) -> tuple[LabelReviews, ...]:
    return tuple(
        LabelReviews(group.outcomes[0].side, group.label, int(number))
        for group, number in zip(groups, reviews, strict=True)
        if number > 0
    )
