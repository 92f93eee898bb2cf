"""The two periods that an evaluation sets side by side: the one reported, and its baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from species_db.evaluation.refusal import EvaluationError
from species_db.language import tr

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Local dates from a first to a last, both included.

    >>> year = Period.of_years(2027, 2028)
    >>> year.days, year.holds(date(2028, 12, 31)), str(year)
    (731, True, '2027-01-01 – 2028-12-31')
    """

    first_day: date
    last_day: date

    @classmethod
    def of_years(cls, first: int, last: int) -> "Period":
        """Whole calendar years."""
        return cls(date(first, 1, 1), date(last, 12, 31))

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> "Period":
        """A period as a freeze keeps it."""
        return cls(date.fromisoformat(told["from"]), date.fromisoformat(told["to"]))

    @property
    def days(self) -> int:
        """How many local dates it holds."""
        return (self.last_day - self.first_day).days + 1

    def holds(self, day: date) -> bool:
        """Tell whether a local date lies in it."""
        return self.first_day <= day <= self.last_day

    def until(self, last_day: date) -> "Period | None":
        """The part up to a day; None when nothing is left."""
        if last_day < self.first_day:
            return None
        return Period(self.first_day, min(self.last_day, last_day))

    def as_plain(self) -> dict[str, str]:
        """The period for JSON."""
        return {"from": self.first_day.isoformat(), "to": self.last_day.isoformat()}

    def __str__(self) -> str:
        return f"{self.first_day} – {self.last_day}"


def usual_period(today: date) -> Period:
    """The last calendar year that is over: numbers of half a year would be of one season.

    >>> str(usual_period(date(2029, 2, 3)))
    '2028-01-01 – 2028-12-31'
    """
    return Period.of_years(today.year - 1, today.year - 1)


def usual_baseline(period: Period) -> Period:
    """The same span just before: as many whole years, so that the seasons are the same.

    >>> str(usual_baseline(Period.of_years(2027, 2028)))
    '2025-01-01 – 2026-12-31'
    >>> str(usual_baseline(Period(date(2028, 3, 1), date(2028, 6, 30))))
    '2027-03-01 – 2027-06-30'
    """
    years = period.last_day.year - period.first_day.year + 1
    last = _years_before(period.last_day, years)
    return Period(_years_before(period.first_day, years), last)


def check_periods(period: Period, baseline: Period, *, today: date) -> None:
    """Refuse periods that cannot be compared.

    Raises:
        EvaluationError: a period ends before it begins, is not over, or overlaps the baseline.
    """
    for one in (period, baseline):
        if one.first_day > one.last_day:
            raise EvaluationError(
                tr(
                    f"The period {one} ends before it begins: give the earlier date with --from.",
                    f"时段 {one} 的结束日期早于开始日期：请用 --from 指定较早的日期。",
                )
            )
    if period.last_day > today:
        raise EvaluationError(
            tr(
                f"The period {period} is not over yet (today is {today}): what is frozen now would "
                "lack its end. Give an earlier --to, or freeze later.",
                f"时段 {period} 尚未结束（今天是 {today}），此时冻结会缺少末段数据。"
                "请用 --to 指定较早的日期，或稍后再冻结。",
            )
        )
    if baseline.last_day >= period.first_day:
        raise EvaluationError(
            tr(
                f"The baseline {baseline} reaches into the period {period}: a record would be on "
                "both sides of the comparison. End it before the period begins.",
                f"基线期 {baseline} 与报告期 {period} 重叠，同一记录会同时计入两边。"
                "请让基线期在报告期开始之前结束。",
            )
        )


def _years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
