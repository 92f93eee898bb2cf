"""When a field record was made: date alone, or with times; never in the future."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from species_db.cells import parse_instant
from species_db.field.records.known import Known
from species_db.field_sheet import Mistakes, SheetRow
from species_db.language import tr
from species_db.survey import SurveyError, parse_utc_offset

DATE_ALONE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[T ]00:00:00)?")
TIME_ALONE = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?")
EXCEL_NUMBER = re.compile(r"\d{0,5}(?:\.\d+)?")  # days since 1900, or on a Mac since 1904
LONGEST_VISIT = timedelta(days=1)  # a person's visit; recorders and nets stay out longer
CLOCKS_DIFFER = timedelta(minutes=10)  # between the team's clock and this computer's


@dataclass(frozen=True)
class Moments:
    """Begin and end of a visit; the whole day when only a date is told."""

    start: datetime
    end: datetime
    offset_seconds: int
    minutes: float | None  # between begin and end, when both times are told


def read_moments(
    row: SheetRow, known: Known, mistakes: Mistakes, *, stays_out: bool
) -> Moments | None:
    """Read when a record was made; `stays_out` for devices that work without people."""
    offset = _offset(row, known, mistakes)
    start = _instant(row, "start", row.text("start"), offset, mistakes)
    if start is None:
        return None
    is_date = DATE_ALONE.fullmatch(row.text("start")) is not None
    if start > known.now + CLOCKS_DIFFER:
        mistakes.add(row, "start", tr("this lies in the future.", "时间在未来。"))
        return None
    end, has_end_time = _end(row, start, offset, mistakes)
    if end is None:
        return None
    if end < start:
        why = tr(
            f"'{row.text('end')}' lies before the start; past midnight write the date too.",
            f"“{row.text('end')}”早于开始时间；跨过午夜时请写明日期。",
        )
        mistakes.add(row, "end", why)
        return None
    if end > known.now + CLOCKS_DIFFER and row.text("end"):
        mistakes.add(row, "end", tr("this lies in the future.", "时间在未来。"))
        return None
    if end - start > LONGEST_VISIT and not stays_out:
        english = "a visit of more than a day; give each day its line."
        why = tr(english, "调查超过一天；请每天一行。")
        mistakes.add(row, "end", why)
        return None
    is_timed = not is_date and has_end_time
    minutes = (end - start).total_seconds() / 60 if is_timed and end > start else None
    return Moments(start, end, offset, minutes)


def _end(
    row: SheetRow, start: datetime, offset: int, mistakes: Mistakes
) -> tuple[datetime | None, bool]:
    """The end, and whether its time of day is told."""
    text = row.text("end")
    is_date = DATE_ALONE.fullmatch(row.text("start")) is not None
    whole_day = timedelta(hours=23, minutes=59, seconds=59)
    if not text:
        return (start + whole_day if is_date else start), False
    if (time := TIME_ALONE.fullmatch(text)) is not None:
        hour, minute, second = (int(part or 0) for part in time.groups())
        if is_date or hour > 23 or minute > 59 or second > 59:
            why = tr(
                f"'{text}' needs a start with a time, and must be a time like 10:05.",
                f"“{text}”须是 10:05 形式的时刻，且开始时间也须写明时刻。",
            )
            mistakes.add(row, "end", why)
            return None, False
        return start.replace(hour=hour, minute=minute, second=second), True
    end = _instant(row, "end", text, offset, mistakes)
    if end is not None and DATE_ALONE.fullmatch(text):
        return end + whole_day, False
    return end, True


def _instant(
    row: SheetRow, column: str, text: str, offset: int, mistakes: Mistakes
) -> datetime | None:
    if not text:
        mistakes.add(row, column, tr("a date is needed.", "须填写日期。"))
        return None
    try:
        return parse_instant(text.replace("：", ":"), offset_seconds=offset)
    except (ValueError, OverflowError):
        if EXCEL_NUMBER.fullmatch(text):
            why = tr(
                f"'{text}' is Excel's inner number of a date; write the date as text: "
                "2026-07-14 08:30.",
                f"“{text}”是 Excel 日期的内部数值；请写成文本，如 2026-07-14 08:30。",
            )
            mistakes.add(row, column, why)
            return None
        why = tr(
            f"'{text}' is no date; write it like 2026-07-14 08:30.",
            f"“{text}”不是日期时间；请写成 2026-07-14 08:30 的形式。",
        )
        mistakes.add(row, column, why)
        return None


def _offset(row: SheetRow, known: Known, mistakes: Mistakes) -> int:
    text = row.text("utc_offset")
    if not text:
        return known.utc_offset_seconds
    try:
        return parse_utc_offset(text)
    except SurveyError as error:
        mistakes.add(row, "utc_offset", str(error))
        return known.utc_offset_seconds
