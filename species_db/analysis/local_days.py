"""Which local day a moment belongs to, also when days begin at noon (DOMAIN.md 4).

Days are those of the clock at the camera: 07:30 Beijing time is 23:30 of the day before in UTC, so
UTC dates would put half the mornings on the wrong day. For animals of the night a day from noon to
noon keeps each night whole.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta, timezone

from species_db.analysis.effort import DAY, EffortMethod, WorkingPeriod

MIDNIGHT = time(0)


def local_day(
    moment: datetime, *, offset: timedelta | None = None, day_starts: time = MIDNIGHT
) -> date:
    """Tell the local day of a moment: the date on which the day that holds it began.

    `offset` is that of the deployment's clock; without it the moment is taken as local already.

    >>> from datetime import UTC
    >>> morning = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
    >>> local_day(morning, offset=timedelta(hours=8)).isoformat()
    '2026-05-02'
    >>> local_day(datetime(2026, 5, 2, 3, 0), day_starts=time(12)).isoformat()
    '2026-05-01'
    """
    local = moment if offset is None else moment.astimezone(timezone(offset))
    return (local - _into_day(day_starts)).date()


def periods_from_hour(
    periods: Iterable[WorkingPeriod], *, method: EffortMethod, day_starts: time
) -> list[WorkingPeriod]:
    """Move working periods so that `daily_effort` counts days that begin at another hour.

    Give the result to `daily_effort` with the exact method: how set-up and retrieval count is in it
    already. Lost days and days without flash are calendar days, so each falls on two such days.

    >>> from species_db.analysis.effort import daily_effort
    >>> two = WorkingPeriod("A", datetime(2026, 5, 1, 12), datetime(2026, 5, 3, 12))
    >>> moved = periods_from_hour([two], method=EffortMethod.EXACT, day_starts=time(12))
    >>> [(d.day.isoformat(), d.effort) for d in daily_effort(moved, method=EffortMethod.EXACT)]
    [('2026-05-01', 1.0), ('2026-05-02', 1.0)]
    """
    back = _into_day(day_starts)
    moved = []
    for period in periods:
        for start, end in _by_calendar_day(period, method):
            days = frozenset({(start - back).date(), (end - back).date()})
            moved.append(
                WorkingPeriod(
                    period.unit,
                    start - back,
                    end - back,
                    days if start.date() in period.lost_days else frozenset(),
                    days if start.date() in period.day_only_days else frozenset(),
                )
            )
    return moved


def _into_day(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def _by_calendar_day(
    period: WorkingPeriod, method: EffortMethod
) -> Iterator[tuple[datetime, datetime]]:
    start, end = period.start, period.end
    if method is EffortMethod.HALF_DAYS:
        start, end = (_at(moment, time(12)) for moment in (start, end))
    elif method is EffortMethod.INCLUSIVE:
        start, end = _at(start, MIDNIGHT), _at(end, MIDNIGHT) + DAY
    midnight = _at(start, MIDNIGHT)
    while midnight < end:
        yield max(start, midnight), min(end, midnight + DAY)
        midnight += DAY


def _at(moment: datetime, clock: time) -> datetime:
    return datetime.combine(moment.date(), clock, tzinfo=moment.tzinfo)
