"""A calendar month as a bulletin is made for: `2026-05`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from species_db.bulletin.refusal import BulletinError
from species_db.language import tr

EARLIEST = 1990  # before it no camera stood here; a typing slip


@dataclass(frozen=True, order=True)
class Month:
    """One month of one year; months are in order of time.

    >>> Month(2026, 1) < Month(2026, 5), str(Month(2026, 5)), str(Month(2026, 12).last)
    (True, '2026-05', '2026-12-31')
    """

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.later(1).first - timedelta(days=1)

    @property
    def year_before(self) -> "Month":
        """The same month a year earlier, with which a season can be compared."""
        return Month(self.year - 1, self.number)

    def later(self, months: int) -> "Month":
        """The month so many months on, or back.

        >>> str(Month(2026, 1).later(-1)), str(Month(2026, 11).later(14))
        ('2025-12', '2028-01')
        """
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, number + 1)

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and (day.year, day.month) == (self.year, self.number)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"


def month_of(day: date) -> Month:
    """The month of a day."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month:
    """Read `2026-05`.

    >>> read_month("2026-05")
    Month(year=2026, number=5)

    Raises:
        BulletinError: it is no month.
    """
    found = re.fullmatch(r"(\d{4})-(\d{1,2})", text.strip())
    if found and int(found[1]) >= EARLIEST and 1 <= int(found[2]) <= 12:
        return Month(int(found[1]), int(found[2]))
    raise BulletinError(
        tr(
            f"'{text}' is no month. Write year and month like 2026-05.",
            f"“{text}”不是月份。请写成 2026-05 的形式。",
        )
    )
