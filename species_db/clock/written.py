"""How people write a shift or a time, read strictly: a misread sign moves a season."""

import re
from datetime import datetime, timedelta, timezone

from species_db.clock.refusal import ClockError
from species_db.language import tr

FIRST_YEAR, LAST_YEAR = 1980, 2100  # before and after it no photo of a camera trap was taken
MOST_SECONDS = (LAST_YEAR - FIRST_YEAR) * 366 * 86400
_UNITS = {"d": 86400, "h": 3600, "m": 60, "min": 60, "s": 1}
_SPAN = re.compile(r"([+-])((?:\d+(?:d|h|min|m|s))+)", re.ASCII)
_PART = re.compile(r"(\d+)(d|h|min|m|s)", re.ASCII)
_CLOCK = re.compile(r"([+-])(\d{1,3}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def parse_shift(text: str) -> timedelta:
    """Read what is to be added to the camera's time; the sign must be written.

    >>> parse_shift("+6h"), parse_shift("-00:12:30") == -timedelta(minutes=12, seconds=30)
    (datetime.timedelta(seconds=21600), True)
    >>> parse_shift("+1d2h30m").total_seconds()
    95400.0

    Raises:
        ClockError: the text is no shift.
    """
    given = text.strip().replace("\u2212", "-").replace(" ", "")
    seconds = MOST_SECONDS + 1
    if span := _SPAN.fullmatch(given):
        seconds = sum(int(n) * _UNITS[unit] for n, unit in _PART.findall(span[2]))
    elif clock := _CLOCK.fullmatch(given):
        seconds = int(clock[2]) * 3600 + int(clock[3]) * 60 + int(clock[4] or 0)
    if seconds <= MOST_SECONDS:
        return timedelta(seconds=-seconds if given.startswith("-") else seconds)
    raise ClockError(
        tr(
            f"'{text}' is not a shift. Write what must be added to the camera's time, with its "
            "sign: +6h, -00:12:30 or +365d.",
            f"“{text}”不是时间偏移。请写出应加到相机时间上的量,并带正负号,"
            "例如 +6h、-00:12:30 或 +365d。",
        )
    )


def parse_moment(text: str, *, utc_offset_seconds: int) -> datetime:
    """Read a true time; without a zone it is the deployment's.

    >>> parse_moment("2026-10-03 11:20", utc_offset_seconds=8 * 3600).isoformat()
    '2026-10-03T11:20:00+08:00'

    Raises:
        ClockError: the text is no time.
    """
    given = re.sub(r"^(\d{4})[:/.](\d\d)[:/.](\d\d)", r"\1-\2-\3", text.strip())
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    is_odd = moment is None or not FIRST_YEAR <= moment.year < LAST_YEAR
    if moment is None or is_odd or len(given) < len("2026-10-03 11:20"):
        raise ClockError(
            tr(
                f"'{text}' is not a time. Write the true local time like 2026-10-03 11:20.",
                f"“{text}”不是时间。请写出真实的当地时间,例如 2026-10-03 11:20。",
            )
        )
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone(timedelta(seconds=utc_offset_seconds)))
    return moment
