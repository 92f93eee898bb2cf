"""Which events have a time of day that can be used, before any activity pattern is drawn.

A record with a date alone is kept as midnight by every program, and a pattern of such records has a
sharp peak at midnight that no animal made. A clock that nobody resolved shifts a whole pattern.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from species_db.language import tr

DAY_S, HOUR_S, MINUTE_S = 86400, 3600, 60
PEAK = 5.0  # how much busier than the mean hour the busiest of an animal may be
BY_CHANCE = 0.001  # midnights less probable than this were not recorded as times
PLACEHOLDER_SHARE, PLACEHOLDER_LEAST = 0.5, 5  # so many at one second are a stand-in for no time
COARSE_LEAST = 10  # so many whole hours are no accident


class TimeTrouble(StrEnum):
    """What may be wrong with the times of day of some events."""

    DATE_ONLY = "date-only"
    PLACEHOLDER = "placeholder"
    WHOLE_HOURS = "whole-hours"
    CLOCK_UNRESOLVED = "clock-unresolved"


@dataclass(frozen=True)
class TimeDoubt:
    """One doubt about the times, how many events it touches of how many, and what to do."""

    trouble: TimeTrouble
    events: int
    of: int

    @property
    def message(self) -> str:
        """The warning that stands beside every figure made of these events."""
        events, of = self.events, self.of
        if self.trouble is TimeTrouble.DATE_ONLY:
            return tr(
                f"{events} of {of} events have a date but no time (00:00:00): they are left out of "
                "activity patterns. Import them again with their times, if these are known.",
                f"{of} 个事件中有 {events} 个只有日期、没有时刻（00:00:00），已从活动节律中排除。"
                "如知道确切时刻，请连同时刻重新导入。",
            )
        if self.trouble is TimeTrouble.PLACEHOLDER:
            return tr(
                f"{events} of {of} events have the very same time of day, which stands for no time "
                "at all: they are left out of activity patterns. Check where the times came from.",
                f"{of} 个事件中有 {events} 个时刻完全相同，应为占位时刻而非真实时刻，"
                "已从活动节律中排除。请核查时刻的来源。",
            )
        if self.trouble is TimeTrouble.WHOLE_HOURS:
            return tr(
                f"All of {events} events have whole hours: their times are rounded, and nothing "
                "shorter than an hour can be read from the pattern.",
                f"{events} 个事件的时刻均为整点：时刻经过取整，不能据此解读一小时以内的差异。",
            )
        return tr(
            f"{events} of {of} events come from cameras whose clock is not resolved: the pattern "
            "may be shifted. Resolve the clocks (namcha clock), or leave these cameras out.",
            f"{of} 个事件中有 {events} 个来自时钟问题尚未解决的相机，活动节律可能整体偏移。"
            "请先解决时钟问题（namcha clock），或排除这些相机。",
        )


@dataclass(frozen=True)
class TimeCheck:
    """Which events have a usable time of day, in the order given, and the doubts to print."""

    is_usable: NDArray[np.bool_]
    doubts: tuple[TimeDoubt, ...]


def time_doubts(seconds_of_day: NDArray[np.int64], *, unresolved: int = 0) -> TimeCheck:
    """Find times that are no times, so that no pattern has a peak that nobody lived.

    `seconds_of_day` are seconds since local midnight, of the clock and not of the sun. Midnights
    are left out when there are more than a busy hour would have by chance, allowing for times in
    whole minutes; so are times of which half or more fall in one second. `unresolved` is how many
    of the events lie in stretches whose clock is not resolved: they stay in, with a warning.

    >>> told = time_doubts(np.array([0] * 30 + [20_000, 70_123]))
    >>> told.is_usable.sum(), [doubt.trouble.value for doubt in told.doubts]
    (np.int64(2), ['date-only'])
    """
    of = len(seconds_of_day)
    found: list[TimeDoubt] = []
    is_usable = np.ones(of, dtype=np.bool_)
    stand_in = _placeholder(seconds_of_day[seconds_of_day != 0])
    if stand_in is not None:
        is_usable &= seconds_of_day != stand_in
        found.append(TimeDoubt(TimeTrouble.PLACEHOLDER, of - int(is_usable.sum()), of))
    timed = seconds_of_day[is_usable & (seconds_of_day != 0)]
    midnights = int(np.count_nonzero(seconds_of_day == 0))
    if _is_beyond_chance(midnights, of, _resolution(timed)):
        is_usable &= seconds_of_day != 0
        found.insert(0, TimeDoubt(TimeTrouble.DATE_ONLY, midnights, of))
    if len(timed) >= COARSE_LEAST and _resolution(timed) == HOUR_S:
        found.append(TimeDoubt(TimeTrouble.WHOLE_HOURS, len(timed), of))
    if unresolved:
        found.append(TimeDoubt(TimeTrouble.CLOCK_UNRESOLVED, unresolved, of))
    return TimeCheck(is_usable, tuple(found))


def _placeholder(seconds: NDArray[np.int64]) -> int | None:
    """The second that half of the times or more have: noon on a sheet, midnight in another zone."""
    if not len(seconds):
        return None
    values, counts = np.unique(seconds, return_counts=True)
    most = int(counts.max())
    is_stand_in = most >= PLACEHOLDER_LEAST and most >= PLACEHOLDER_SHARE * len(seconds)
    return int(values[counts.argmax()]) if is_stand_in else None


def _resolution(seconds: NDArray[np.int64]) -> int:
    """To how many seconds the times were written down."""
    if not len(seconds):
        return 1
    return next(step for step in (HOUR_S, MINUTE_S, 1) if not (seconds % step).any())


def _is_beyond_chance(midnights: int, of: int, resolution: int) -> bool:
    if not midnights:
        return False
    if midnights == of:
        return True
    chance = min(1.0, PEAK * resolution / DAY_S)
    return midnights > 1 and bool(binom.sf(midnights - 1, of, chance) < BY_CHANCE)
