"""How far the dates of a deployment are coarsened.

A team sets up a trail in one day: sorted by the minute, starts and ends order its stations like
beads, and a station published coarsely is found between two published finely. So the minute stays
behind everywhere, and where a category holds at 0.1 degrees the day as well: there the day of the
trip alone would say that the station lies a walk from the others of that day.
"""

from calendar import monthrange
from datetime import datetime, time, timedelta, timezone

from species_db.sensitivity.grid import STRICTNESS
from species_db.vocabulary import Sensitivity

EFFORT_STEP_DAYS = 10  # three per cent of a half-year; the exact number would name the trip again


def is_by_month(category: Sensitivity) -> bool:
    """Tell whether only the months of a deployment leave."""
    return STRICTNESS[category] >= STRICTNESS[Sensitivity.HIGH]


def coarse_period(
    start: datetime, end: datetime, *, offset_seconds: int, category: Sensitivity
) -> tuple[datetime, datetime]:
    """Widen a period to whole days, or whole months, of the clock at the camera.

    Widened, never cut: every picture of the deployment stays within it, as Camtrap DP demands.

    >>> start, end = (datetime(2026, 4, 12, 2, tzinfo=timezone.utc),
    ...     datetime(2026, 10, 3, 4, tzinfo=timezone.utc))
    >>> [str(at) for at in coarse_period(start, end, offset_seconds=28800,
    ...     category=Sensitivity.NONE)]
    ['2026-04-12 00:00:00+08:00', '2026-10-03 23:59:59+08:00']
    >>> [str(at) for at in coarse_period(start, end, offset_seconds=28800,
    ...     category=Sensitivity.HIGH)]
    ['2026-04-01 00:00:00+08:00', '2026-10-31 23:59:59+08:00']
    """
    zone = timezone(timedelta(seconds=offset_seconds))
    first, last = start.astimezone(zone), end.astimezone(zone)
    if is_by_month(category):
        first = first.replace(day=1)
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return (
        datetime.combine(first, time.min, zone),
        datetime.combine(last, time(23, 59, 59), zone),
    )


def coarse_day(instant: datetime, *, offset_seconds: int) -> datetime:
    """The beginning of an instant's day: the order of the desk's work is the order of the cards."""
    zone = timezone(timedelta(seconds=offset_seconds))
    return datetime.combine(instant.astimezone(zone), time.min, zone)


def coarse_effort_days(start: datetime, end: datetime) -> int:
    """The length of a deployment in days, to the nearest ten.

    >>> coarse_effort_days(datetime(2026, 4, 12), datetime(2026, 10, 3))
    170
    """
    days = (end - start) / timedelta(days=1)
    return max(EFFORT_STEP_DAYS, EFFORT_STEP_DAYS * round(days / EFFORT_STEP_DAYS))
