"""Dates of tables that people fill in: is 02/04/2009 in April or in February.

Decided for a whole table at once: one date with a day above 12 tells the order of all. A table
that leaves it open is refused, since a wrong guess would shift a season by months.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from ingest.packages.facts import refusal
from ingest.packages.lines import Line

SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)")
NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{4})(.*)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def with_plain_dates(file: str, lines: Iterable[Line], columns: Iterable[str]) -> list[Line]:
    """Give the lines back with the dates of some columns as YYYY-MM-DD.

    Raises:
        PackageError: day and month cannot be told apart, or both orders occur.
    """
    told, names = list(lines), list(columns)
    slashed = [
        (match, line, column)
        for line in told
        for column in names
        if (match := SLASHED.fullmatch(line.text(column)))
    ]
    first = [one for one in slashed if int(one[0][1]) > 12]
    second = [one for one in slashed if int(one[0][2]) > 12]
    if first and second:
        where = f"{first[0][1].where}, {first[0][2]}; {second[0][1].where}, {second[0][2]}"
        raise refusal(
            where,
            "the day stands first in one date and second in the other. Write 2009-04-02.",
            "两处日期的“日”位置不一致。请写成 2009-04-02 的形式。",
        )
    if slashed and not first and not second:
        raise refusal(
            file,
            f"day and month of '{slashed[0][0][0]}' cannot be told apart, nor in any other date. "
            "Write 2009-04-02.",
            f"无法分辨“{slashed[0][0][0]}”等日期中的日与月。请写成 2009-04-02 的形式。",
        )
    is_day_first = bool(first)
    return [
        Line(
            line.where,
            {n: _plain(t, is_day_first) if n in names else t for n, t in line.cells.items()},
        )
        for line in told
    ]


def _plain(text: str, is_day_first: bool) -> str:
    if match := SLASHED.fullmatch(text):
        one, two, year, rest = match.groups()
        day, month = (one, two) if is_day_first else (two, one)
        return f"{year}-{int(month):02d}-{int(day):02d}{rest}"
    if (match := NAMED.fullmatch(text)) and match[2].casefold() in MONTHS:
        month = str(MONTHS.index(match[2].casefold()) + 1)
        return f"{match[3]}-{int(month):02d}-{int(match[1]):02d}{match[4]}"
    return text


def is_clock_midnight(at: datetime) -> bool:
    """Whether a moment is the first of its day, as dates that were exported as times are."""
    return (at.hour, at.minute, at.second) == (0, 0, 0)
