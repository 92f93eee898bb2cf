"""Events and effort of a study by year or season and unit, for trends and shifts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from species_db.analysis.trends import Period
from species_db.language import tr
from species_db.study.detections import EPOCH, seasons_of
from species_db.study.events import Events
from species_db.study.question import StudyError
from species_db.study.read import Study

DAYS_A_YEAR = 365.25
ALL_MONTHS = frozenset(range(1, 13))
NEW_YEAR = "01-01"


@dataclass(frozen=True)
class Calendar:
    """Years from a day of the year on, of which some months count: seasons are compared alike."""

    starts: dict[str, tuple[date, date]]
    months: frozenset[int] = field(default=ALL_MONTHS)

    def period_of(self, day: date) -> str | None:
        """The year that holds a day, None where the month does not count."""
        if day.month not in self.months:
            return None
        return next((n for n, (first, last) in self.starts.items() if first <= day <= last), None)

    def year_of(self, name: str) -> float:
        """The middle of a period on an axis of years."""
        first, last = self.starts[name]
        middle = first + (last - first) / 2
        return middle.year + (middle - date(middle.year, 1, 1)).days / DAYS_A_YEAR


def calendar_of(study: Study, *, season_start: str = NEW_YEAR, months: str = "") -> Calendar:
    """Lay years over a study's days; `months` as in "5-10" or "11-3" are those that count.

    Raises:
        StudyError: no such day of the year, or no such months.
    """
    return Calendar(seasons_of(study.days, season_start), months_of(months))


def months_of(text: str) -> frozenset[int]:
    """Months from a range, over the turn of the year if need be; empty for all.

    >>> sorted(months_of("11-2")), len(months_of(""))
    ([1, 2, 11, 12], 12)

    Raises:
        StudyError: the text is no range of months.
    """
    if not text.strip():
        return ALL_MONTHS
    parts = text.split("-")
    try:
        first, last = int(parts[0]), int(parts[-1])
    except ValueError:
        first = last = 0
    if len(parts) > 2 or not (1 <= first <= 12 and 1 <= last <= 12):
        raise StudyError(
            tr(
                f"'{text}' is no range of months; write it like 5-10.",
                f"“{text}”不是有效的月份范围；请写成 5-10 的形式。",
            )
        )
    count = (last - first) % 12 + 1
    return frozenset((first - 1 + n) % 12 + 1 for n in range(count))


@dataclass(frozen=True)
class PeriodEffort:
    """Camera-days of each period by unit, laid out once for all taxa that are told to one day."""

    study: Study
    calendar: Calendar
    _known: dict[date, dict[str, dict[str, float]]] = field(default_factory=dict)

    def of(self, taxon_id: str) -> dict[str, dict[str, float]]:
        """The effort that counts for a taxon."""
        until = self.study.told_until(taxon_id)
        if until not in self._known:
            self._known[until] = self._laid_out(taxon_id)
        return self._known[until]

    def _laid_out(self, taxon_id: str) -> dict[str, dict[str, float]]:
        days = self.study.days_for(taxon_id)
        period_of = {day: self.calendar.period_of(day) for day in {one.day for one in days}}
        effort: dict[str, dict[str, float]] = {name: {} for name in self.calendar.starts}
        for one in days:
            name = period_of[one.day]
            if name is not None:
                effort[name][one.unit] = effort[name].get(one.unit, 0.0) + one.effort
        return effort


def periods_of(
    events: Events, calendar: Calendar, effort: dict[str, dict[str, float]]
) -> list[Period]:
    """Events and camera-days of each period by unit; a period without effort is there, empty."""
    counts: dict[str, dict[str, int]] = {name: {} for name in calendar.starts}
    for unit, day in zip(events.units.tolist(), local_days(events.days.tolist()), strict=True):
        name = calendar.period_of(day)
        if name is not None:
            counts[name][unit] = counts[name].get(unit, 0) + 1
    return [
        Period(name, calendar.year_of(name), counts[name], effort[name]) for name in calendar.starts
    ]


def local_days(days: Sequence[int]) -> list[date]:
    """Local dates from days since 1970."""
    return [EPOCH + timedelta(days=day) for day in days]
