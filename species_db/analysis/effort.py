"""Effort: how long cameras really worked, by station and local day (DOMAIN.md 2).

The same deployment gives different camera-days by method, so the method is printed with every
number: exact times; half days, where set-up and retrieval count half (camtrapR from 2.1); or
inclusive, where both count whole. Cameras that overlap at a station count once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
Stretch = tuple[float, float]  # a part of a day, from 0 to 1


class EffortMethod(StrEnum):
    """How the days of set-up and retrieval count."""

    EXACT = "exact"
    HALF_DAYS = "half-days"
    INCLUSIVE = "inclusive"


@dataclass(frozen=True)
class WorkingPeriod:
    """One deployment as effort sees it: from set-up to retrieval, less the days it did not work.

    `start` and `end` carry the offset that the camera's clock was set to: days are local days.
    On `day_only_days` the flash was dead: effort for diurnal use alone.
    """

    unit: str  # the station, or the deployment when counting by camera
    start: datetime
    end: datetime
    lost_days: frozenset[date] = frozenset()
    day_only_days: frozenset[date] = field(default=frozenset())


@dataclass(frozen=True)
class UnitDay:
    """Effort of one station on one local day, in camera-days from 0 to 1."""

    unit: str
    day: date
    effort: float
    diurnal_effort: float  # with the days on which only daylight was watched


def daily_effort(periods: Iterable[WorkingPeriod], *, method: EffortMethod) -> list[UnitDay]:
    """Work out each station's effort on each day it had a camera; a lost day is there with zero.

    >>> september = WorkingPeriod("A", datetime(2026, 9, 1), datetime(2026, 9, 30))
    >>> [sum(day.effort for day in daily_effort([september], method=m)) for m in EffortMethod]
    [29.0, 29.0, 30.0]
    """
    of_unit: dict[str, list[WorkingPeriod]] = defaultdict(list)
    for period in periods:
        of_unit[period.unit].append(period)
    return [day for unit in sorted(of_unit) for day in _of_unit(unit, of_unit[unit], method=method)]


def camera_days(days: Iterable[UnitDay]) -> float | None:
    """Sum effort; None when there is none, because an index over no effort is not known."""
    total = sum(day.effort for day in days)
    return total if total > 0 else None


def _of_unit(unit: str, periods: list[WorkingPeriod], *, method: EffortMethod) -> Iterator[UnitDay]:
    """The days of one unit; on a day that several cameras share, the union of their stretches."""
    shared: dict[date, list[tuple[Stretch, WorkingPeriod]]] = defaultdict(list)
    for period in periods:
        for day, stretch in _shares(period, method):
            shared[day].append((stretch, period))
    for day in sorted(shared):
        if len(shared[day]) == 1:
            (((begin, end), period),) = shared[day]
            share = 0.0 if day in period.lost_days else max(0.0, end - begin)
            yield UnitDay(unit, day, 0.0 if day in period.day_only_days else share, share)
            continue
        watched = [one for one in shared[day] if day not in one[1].lost_days]
        whole = [stretch for stretch, one in watched if day not in one.day_only_days]
        yield UnitDay(unit, day, _union(whole), _union([stretch for stretch, _ in watched]))


def _shares(period: WorkingPeriod, method: EffortMethod) -> Iterator[tuple[date, Stretch]]:
    """Each day of a period with the stretch of it that counts, as shares of the day.

    Half days run from noon to noon, inclusive ones from midnight to midnight: so all three methods
    are one rule over times, and the union of two cameras is right in each.
    """
    start, end = period.start, period.end
    if method is EffortMethod.HALF_DAYS:
        start, end = _at(start, time(12)), _at(end, time(12))
    elif method is EffortMethod.INCLUSIVE:
        start, end = _at(start, time(0)), _at(end, time(0)) + DAY
    first, last = start.date(), end.date()
    begins, ends = (start - _at(start, time(0))) / DAY, (end - _at(end, time(0))) / DAY
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        stretch = (begins if day == first else 0.0, ends if day == last else 1.0)
        if stretch[1] > stretch[0] or method is EffortMethod.HALF_DAYS:
            yield day, stretch


def _at(moment: datetime, clock: time) -> datetime:
    return datetime.combine(moment.date(), clock, tzinfo=moment.tzinfo)


def _union(stretches: list[Stretch]) -> float:
    total, reached = 0.0, 0.0
    for begin, finish in sorted(stretches):
        total += max(0.0, finish - max(begin, reached))
        reached = max(reached, finish)
    return total
