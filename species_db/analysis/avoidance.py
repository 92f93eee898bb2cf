"""Whether an animal comes less often than by chance after people, dogs or livestock were there.

The share of an animal's events that fall within some hours or days after such an event at the same
station is set against the share that the same events would give on other days. Overlap of the hours
of the day is `activity.overlap`; here the hours stay as they are and only the days are changed, so
that an animal of the night does not seem to flee from people of the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf

import numpy as np
from numpy.typing import NDArray

from species_db.language import tr

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
LEVEL = 0.95
DRAWS = 2000
DAY_SECONDS, HOUR_SECONDS = 86_400, 3_600
REACH_DAYS = 30  # events move within a month, so that the seasons of both stay what they are
FEWEST_EVENTS = 10
FEWEST_SHIFTS = 40  # with fewer ways to shift nothing is rarer than one in twenty, either way


class AfterOthers(StrEnum):
    """How often an animal comes after others, against chance."""

    LESS = "less"
    MORE = "more"
    NOT_CLEAR = "not_clear"
    TOO_FEW = "too_few"

    @property
    def words(self) -> str:
        """The answer in the reader's language."""
        return {
            AfterOthers.LESS: tr("less often than by chance: it keeps away", "少于随机：有回避"),
            AfterOthers.MORE: tr("more often than by chance", "多于随机"),
            AfterOthers.NOT_CLEAR: tr("not clear", "不明确"),
            AfterOthers.TOO_FEW: tr("too few events or days to tell", "事件或天数太少，无法判断"),
        }[self]


@dataclass(frozen=True)
class StationTimes:
    """One station's watched days and event times, in whole numbers of the local clock.

    Times are seconds since some local midnight, one for each independent event, and days are those
    seconds by 86,400. Cameras that share a station are one station.
    """

    watched_days: Integers
    animal: Integers
    others: Integers


@dataclass(frozen=True)
class Avoidance:
    """How much of an animal's presence follows others, and how much would by chance; None: none.

    Of `events` at `stations` where both were recorded, `after` came within the hours asked about.
    `low` to `high` holds 95 per cent of the shares that shifted days give. The medians are hours
    from the last event of others to an event of the animal; infinite where none came before.
    `elsewhere` are the animal's events at stations without the others, `unwatched` those on days
    without effort; both stay out.
    """

    within_hours: float
    stations: int
    events: int
    elsewhere: int
    unwatched: int
    after: int
    share: float | None
    expected: float | None
    low: float | None
    high: float | None
    p: float | None
    median_hours: float | None
    expected_median_hours: float | None
    answer: AfterOthers

    @property
    def ratio(self) -> float | None:
        """Share by expected share: 0.5 is half as often as by chance; None when chance gives 0."""
        return self.share / self.expected if self.share is not None and self.expected else None


def after_others(
    stations: Mapping[str, StationTimes],
    *,
    within_hours: float,
    reach_days: int = REACH_DAYS,
    seed: int = 7,
    draws: int = DRAWS,
) -> Avoidance:
    """Set the share of an animal's events soon after others against that of shifted days.

    All events of an animal at a station move together by the same number of watched days, at most
    `reach_days` either way and around the ends, keeping their hour: bouts of visits stay bouts, the
    hours and nearly the season stay as they are, and no event comes to lie on a day without effort.
    Times made random are the yardstick of Karanth et al. (2017, Proc. R. Soc. B 284:20161860) and
    Niedballa et al. (2019, Remote Sens. Ecol. Conserv. 5:272), who take them one by one. p counts
    the shifts at least as far out, and the events as they are (Phipson & Smyth 2010, Stat. Appl.
    Genet. Mol. Biol. 9:39), and is doubled for the two sides. Under ten events, or fewer than forty
    ways to shift them, it is "too few".

    >>> day = 86_400
    >>> dogs = np.array([3, 4, 17, 21, 22, 38, 45, 59]) * day
    >>> quiet = np.array([1, 2, 9, 12, 15, 28, 30, 33, 35, 43, 50, 52, 55]) * day + 1
    >>> there = StationTimes(np.arange(66), quiet, dogs)
    >>> told = after_others({"A": there, "B": there, "C": there}, within_hours=72)
    >>> told.share, round(told.expected, 1), told.answer.value
    (0.0, 0.3, 'less')
    """
    random = np.random.default_rng(seed)
    within = within_hours * HOUR_SECONDS
    both, elsewhere, unwatched, ways = 0, 0, 0, 1.0
    waits: list[Floats] = []
    for _, station in sorted(stations.items()):
        days = np.unique(station.watched_days)
        is_watched = np.isin(station.animal // DAY_SECONDS, days)
        unwatched += int((~is_watched).sum())
        animal = station.animal[is_watched]
        if not len(station.others):
            elsewhere += len(animal)
        elif len(animal):
            both += 1
            reach = min(reach_days, (len(days) - 1) // 2)
            ways *= 2 * reach + 1
            shifts = random.integers(-reach, reach + 1, size=draws)
            shifts = np.concatenate([[0], shifts])
            waits.append(_waits(animal, np.sort(station.others), days, shifts))
    waited = np.concatenate(waits, axis=1) if waits else np.empty((draws + 1, 0))
    if not waited.shape[1]:
        nothing = (None,) * 7
        return Avoidance(within_hours, 0, 0, elsewhere, unwatched, 0, *nothing, AfterOthers.TOO_FEW)
    return _told(waited, within, both, elsewhere, unwatched, ways)


def _waits(animal: Integers, others: Integers, days: Integers, shifts: Integers) -> Floats:
    """Seconds since the last event of others: a row for each shift, a column for each event."""
    places = np.searchsorted(days, animal // DAY_SECONDS)
    moved = days[(places[None, :] + shifts[:, None]) % len(days)]
    times = moved * DAY_SECONDS + animal[None, :] % DAY_SECONDS
    before = np.searchsorted(others, times, side="right") - 1
    return np.where(before >= 0, times - others[before], inf)


def _told(
    waited: Floats, within: float, stations: int, elsewhere: int, unwatched: int, ways: float
) -> Avoidance:
    shares = (waited <= within).mean(axis=1)
    medians = np.quantile(waited, 0.5, axis=1, method="lower") / HOUR_SECONDS
    share, by_chance = float(shares[0]), shares[1:]
    sides = [
        (1 + int(is_far.sum())) / (1 + len(by_chance))
        for is_far in (by_chance <= share, by_chance >= share)
    ]
    p = min(1.0, 2 * min(sides))
    answer = AfterOthers.NOT_CLEAR
    if waited.shape[1] < FEWEST_EVENTS or ways < FEWEST_SHIFTS:
        answer = AfterOthers.TOO_FEW
    elif p <= 1 - LEVEL:
        answer = AfterOthers.LESS if sides[0] < sides[1] else AfterOthers.MORE
    low, high = np.quantile(by_chance, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Avoidance(
        within_hours=within / HOUR_SECONDS,
        stations=stations,
        events=waited.shape[1],
        elsewhere=elsewhere,
        unwatched=unwatched,
        after=int((waited[0] <= within).sum()),
        share=share,
        expected=float(by_chance.mean()),
        low=float(low),
        high=float(high),
        p=p,
        median_hours=float(medians[0]),
        expected_median_hours=float(np.quantile(medians[1:], 0.5, method="lower")),
        answer=answer,
    )
