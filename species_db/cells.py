"""Read the cells of a field team's sheet: places, numbers, times; every mistake gets its line."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from sqlmodel import SQLModel

from species_db.field_sheet import Mistakes, SheetRow
from species_db.language import tr
from species_db.places import CoordinateError, is_in_prefecture_box, parse_place

ELEVATIONS_M = (-500.0, 9000.0)  # 155 m to 7,782 m in the prefecture; beyond is a typing slip
LOCAL_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
BOOLEANS = {"true": True, "1": True, "yes": True, "是": True} | {
    "false": False,
    "0": False,
    "no": False,
    "否": False,
}


def read_place(row: SheetRow, mistakes: Mistakes, notes: list[str]) -> tuple[float, float] | None:
    """Read latitude and longitude; a point outside the prefecture is warned of, not told."""
    if not row.text("latitude") and not row.text("longitude"):
        return None
    try:
        place = parse_place(row.text("latitude"), row.text("longitude"))
    except CoordinateError as error:
        mistakes.add(row, "latitude/longitude", str(error))
        return None
    if not is_in_prefecture_box(*place):
        notes.append(
            tr(
                f"line {row.number}: the point lies outside Linzhi; check it.",
                f"第 {row.number} 行:该点在林芝范围之外,请核对。",
            )
        )
    return place


def read_number(
    row: SheetRow, column: str, smallest: float, largest: float, mistakes: Mistakes
) -> float | None:
    """Read a cell that must hold a number within bounds."""
    text = row.text(column)
    if not text:
        return None
    bare = "", ""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
        bare = " Write the number alone, without a unit.", "请只填数字，不带单位。"
    if not smallest <= value <= largest:
        why = tr(
            f"'{text}' is not a number in {smallest}..{largest}.{bare[0]}",
            f"“{text}”不是 {smallest}..{largest} 之间的数。{bare[1]}",
        )
        mistakes.add(row, column, why)
        return None
    return value


def read_boolean(row: SheetRow, column: str, mistakes: Mistakes) -> bool | None:
    """Read a cell that must hold true or false, in either language."""
    text = row.text(column).lower()
    if text and text not in BOOLEANS:
        why = tr(f"'{text}' is not true or false.", f"“{text}”应为 true 或 false(是/否)。")
        mistakes.add(row, column, why)
    return BOOLEANS.get(text)


def keep_absent(
    known: SQLModel | None, told: SQLModel, row: SheetRow, columns: Mapping[str, str]
) -> None:
    """Give a row back the stored values for which the sheet has no column."""
    for column, attribute in columns.items():
        if known is not None and column not in row.header:
            setattr(told, attribute, getattr(known, attribute))


def parse_instant(text: str, *, offset_seconds: int) -> datetime:
    """Read a date and time; without a zone of its own it has the survey's offset.

    Excel in Chinese writes 2026/4/12 10:00, without leading zeros.

    >>> parse_instant("2026-04-12 10:00", offset_seconds=28800).isoformat()
    '2026-04-12T10:00:00+08:00'
    >>> parse_instant("2026年4月12日 9:05", offset_seconds=28800).isoformat()
    '2026-04-12T09:05:00+08:00'

    Raises:
        ValueError: it is no date and time, or of another age.
    """
    match = LOCAL_TIME.fullmatch(text)
    if match is not None:
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        moment = datetime(
            year,
            month,
            day,
            hour,
            minute,
            second,
            tzinfo=timezone(timedelta(seconds=offset_seconds)),
        )
    else:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone(timedelta(seconds=offset_seconds)))
    if not 1990 <= moment.year <= 2100:
        raise ValueError(text)
    return moment
