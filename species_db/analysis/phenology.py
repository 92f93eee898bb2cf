"""First and last dates of a taxon in a season, and whether watching could have seen earlier ones.

A first date is an arrival only when cameras that see the taxon later had been silent before; when
they were hung up after, it is the date of the cameras. So each end carries the effort beyond it
and the chance that such silence says nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, isfinite, log

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.effort import UnitDay
from species_db.analysis.verdicts import NoInterval

Floats = NDArray[np.float64]
DATES_USED = 8  # distinct dates nearest an end: fewer give no interval, more see less of the end
SILENCE = 0.05  # chance of silence above which an end is censored
LEVEL = 0.95
FARTHEST_DAYS = 366.0  # a limit further out than a year is no limit


@dataclass(frozen=True)
class SeasonEnd:
    """One end of a taxon's season; None is not known.

    `quiet_effort` are camera-days beyond `on`, inside the season asked about, at stations that
    recorded the taxon; `silence` is the chance that they stay without a record although the taxon
    is as common as between its first and last date. Above one in twenty the end `is_censored`: it
    is where watching began or ended, not the taxon. `low` to `high` hold the date before which
    (after which) the taxon was not there, or `reason` says why there are none.
    """

    on: date | None
    quiet_effort: float
    silence: float | None
    is_censored: bool
    low: date | None
    high: date | None
    reason: NoInterval | None


@dataclass(frozen=True)
class Season:
    """A taxon's first and last date among the dates that were watched.

    `station_days` with a record, at `stations`, in `effort` camera-days of all stations from
    `watched_from` to `watched_to`; `unwatched` records lie on days without effort and stay out.
    """

    first: SeasonEnd
    last: SeasonEnd
    station_days: int
    stations: int
    effort: float
    watched_from: date | None
    watched_to: date | None
    unwatched: int


def season_of(
    days: Iterable[UnitDay], recorded: Collection[tuple[str, date]], *, start: date, end: date
) -> Season:
    """Find the first and last date of a taxon from `start` to `end`, both included.

    `recorded` holds the station and local day of each record. Choose a season in which the taxon
    is away at both ends: for a winter guest it runs from summer to summer.

    The limits are those of Roberts & Solow (2003, Nature 426:245), as Pearse et al. (2017, Nat.
    Ecol. Evol. 1:1876) use them for flowering: near its end the earliest dates of any smooth season
    follow a Weibull law (Cooke 1980,
    Biometrika 67:257), from the eight dates nearest the end. They take dates as
    independent and watching as even near the end; an abrupt end lies in them nearly always, one
    that fades slowly less often (`benchmarks/shifts.py`). Drawing stations anew would be wrong
    here: it never gives a date before the first one.

    >>> may = [UnitDay("A", date(2026, 5, d), 1.0, 1.0) for d in range(1, 31)]
    >>> told = season_of(
    ...     may,
    ...     {("A", date(2026, 5, d)) for d in range(15, 31)},
    ...     start=date(2026, 5, 1),
    ...     end=date(2026, 5, 31),
    ... )
    >>> told.first.on.day, told.first.quiet_effort, told.first.is_censored, told.last.is_censored
    (15, 14.0, False, True)
    >>> told.first.low <= told.first.high <= told.first.on
    True
    """
    watched: dict[str, dict[date, float]] = defaultdict(dict)
    for one in days:
        if start <= one.day <= end and one.effort > 0:
            watched[one.unit][one.day] = one.effort
    inside = {(unit, day) for unit, day in recorded if start <= day <= end}
    found = {(unit, day) for unit, day in inside if day in watched.get(unit, {})}
    dates = sorted({day for _, day in found})
    all_days = sorted({day for by_day in watched.values() for day in by_day})
    return Season(
        first=_end(watched, found, dates, is_first=True),
        last=_end(watched, found, dates, is_first=False),
        station_days=len(found),
        stations=len({unit for unit, _ in found}),
        effort=sum(effort for by_day in watched.values() for effort in by_day.values()),
        watched_from=all_days[0] if all_days else None,
        watched_to=all_days[-1] if all_days else None,
        unwatched=len(inside) - len(found),
    )


def _end(
    watched: Mapping[str, Mapping[date, float]],
    found: set[tuple[str, date]],
    dates: list[date],
    *,
    is_first: bool,
) -> SeasonEnd:
    if not dates:
        why = NoInterval.NO_EVENTS if watched else NoInterval.NO_EFFORT
        return SeasonEnd(None, 0.0, None, True, None, None, why)
    on = dates[0] if is_first else dates[-1]
    quiet, expected = 0.0, 0.0
    for unit in {unit for unit, _ in found}:
        beyond = sum(e for day, e in watched[unit].items() if (day < on if is_first else day > on))
        within = sum(e for day, e in watched[unit].items() if dates[0] <= day <= dates[-1])
        quiet += beyond
        expected += beyond * sum(1 for name, _ in found if name == unit) / within
    silence = exp(-expected)
    low = high = None
    reason: NoInterval | None = None
    if silence > SILENCE or len(dates) < DATES_USED:
        reason = NoInterval.FEW_EVENTS if len(dates) < DATES_USED else NoInterval.CENSORED
    else:
        toward = np.array([(day - on).days for day in dates], dtype=float)
        low, high, reason = _limits(on, -toward if is_first else toward, is_first=is_first)
    return SeasonEnd(on, quiet, silence, silence > SILENCE, low, high, reason)


def _limits(
    on: date, times: Floats, *, is_first: bool
) -> tuple[date | None, date | None, NoInterval | None]:
    """The limits of an end at `on`; times count towards the end and are 0 there."""
    near, far = weibull_limits(times)
    if not (isfinite(far) and far <= FARTHEST_DAYS):
        return None, None, NoInterval.NO_BOUND
    # A record of a day may be of any hour: limits are rounded away from the season.
    ends = (int(np.floor(near)), int(np.ceil(far)))
    if is_first:
        return on - timedelta(days=ends[1]), on - timedelta(days=ends[0]), None
    return on + timedelta(days=ends[0]), on + timedelta(days=ends[1]), None


def weibull_limits(times: Floats, *, used: int = DATES_USED) -> tuple[float, float]:
    """Interval of the time after which nothing more comes, from the latest of distinct times.

    The shape is estimated from the gaps between the latest times; the interval is exact when the
    shape is known, and somewhat short as it is not (Roberts & Solow 2003).

    >>> [round(end, 1) for end in weibull_limits(np.arange(0.0, 50.0, 5.0))]
    [45.5, 91.2]
    """
    latest = np.sort(times)[::-1][:used]
    count, span = len(latest), latest[0] - latest[-1]
    shape = float(np.log(span / (latest[0] - latest[1:-1])).sum()) / (count - 1)
    tail = (1 - LEVEL) / 2
    near, far = ((-log(1 - tail) / count) ** -shape, (-log(tail) / count) ** -shape)
    with np.errstate(divide="ignore"):
        return float(latest[0] + span / (near - 1)), float(latest[0] + span / np.float64(far - 1))
