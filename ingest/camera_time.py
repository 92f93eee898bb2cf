"""When the camera says a file was made: parsing what it wrote, never inventing what it did not."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from ingest.exif import ExifTags
from ingest.file_problem import FileProblem, ProblemCode
from species_db.language import tr

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100  # beyond lies no camera's clock, only damage
FIRST_LIKELY_YEAR = 2000
"""No camera trap wrote EXIF before; an earlier year is a clock that was never set."""

MOST_OFFSET = timedelta(hours=14)
"""The largest legal distance from UTC."""

OFFSET_STEP = timedelta(minutes=15)
"""All zones in use lie on quarter hours."""

MOST_GPS_DELAY = timedelta(minutes=5)
"""A phone's GPS time is that of its last fix, seconds to minutes before the picture."""

MOST_HOURS_FROM_SUN = 4
"""Legal time strays at most about 3.2 hours from the sun (Kashgar on Beijing time, or summer time
in western Spain); more means that the clock or the GPS time is not what it seems."""


class TimeSource(StrEnum):
    """Where the capture time came from, best first; the file system's date is never one."""

    DATE_TIME_ORIGINAL = "DateTimeOriginal"
    RECONYX = "Reconyx"
    DATE_TIME_DIGITIZED = "DateTimeDigitized"
    CONTAINER = "container"
    FILE_NAME = "file_name"


class OffsetSource(StrEnum):
    """Where the distance from UTC came from."""

    OFFSET_TIME_ORIGINAL = "OffsetTimeOriginal"
    OFFSET_TIME_DIGITIZED = "OffsetTimeDigitized"
    GPS = "GPS"
    CONTAINER = "container"
    FILE_NAME = "file_name"


@dataclass(frozen=True)
class CameraTime:
    """The camera's own local time and what is known of its distance from UTC."""

    raw: str | None = None
    time: datetime | None = None
    source: TimeSource | None = None
    utc_offset_raw: str | None = None
    utc_offset: timedelta | None = None
    utc_offset_source: OffsetSource | None = None
    problems: tuple[FileProblem, ...] = ()


_EXIF_TIME = re.compile(
    r"(\d{4})[:/.-]([ \d]\d)[:/.-]([ \d]\d)[ T]([ \d]\d):([ \d]\d):([ \d]\d)(?:\.(\d+))?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)", re.ASCII)

# A full date and time to the second, alone among digits: Pixel phones append milliseconds to a UTC
# time (PXL_20240507_013304046.jpg), which must not be taken for local time.
_FILE_NAME_TIME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)[-_ .T]?(\d\d)([-_.:]?)(\d\d)\6(\d\d)(?!\d)",
    re.ASCII,
)


def read_camera_time(
    exif: ExifTags,
    *,
    reconyx_time: str | None,
    file_name: str,
    gps_time_utc: datetime | None,
    longitude: float | None,
) -> CameraTime:
    """Find the capture time: the best source that says anything decides.

    DateTimeOriginal, then the Reconyx maker note, then DateTimeDigitized, then the file name. The
    IFD0 DateTime is when a program last saved the file and is no capture time. A source that holds
    an impossible time is not replaced by a weaker one: what the camera wrote stays visible.

    >>> found = read_camera_time(ExifTags(), reconyx_time=None, file_name="20250803161906.jpg",
    ...                          gps_time_utc=None, longitude=None)
    >>> found.source, found.time
    (<TimeSource.FILE_NAME: 'file_name'>, datetime.datetime(2025, 8, 3, 16, 19, 6))
    """
    raw, source = _written_time(exif, reconyx_time=reconyx_time)
    if raw is None or source is None:
        named = time_in_file_name(file_name)
        if named is None:
            note = tr(
                "No capture time in the file or its name. It is left out of times and exports.",
                "文件和文件名中均无拍摄时间,不参与时间统计与导出。",
            )
            return CameraTime(problems=(FileProblem(ProblemCode.TIME_MISSING, note),))
        return CameraTime(named[0], named[1], TimeSource.FILE_NAME)
    digits = {
        TimeSource.DATE_TIME_ORIGINAL: exif.text("EXIF SubSecTimeOriginal"),
        TimeSource.DATE_TIME_DIGITIZED: exif.text("EXIF SubSecTimeDigitized"),
    }.get(source)
    time, time_problem = parse_camera_time(raw, subsecond_digits=digits)
    offset_raw, offset, offset_source, offset_problem = _find_offset(
        exif, source, time=time, gps_time_utc=gps_time_utc, longitude=longitude
    )
    return CameraTime(
        raw,
        time,
        source,
        offset_raw,
        offset,
        offset_source,
        problems=tuple(problem for problem in (time_problem, offset_problem) if problem),
    )


def parse_camera_time(
    text: str, *, subsecond_digits: str | None = None
) -> tuple[datetime | None, FileProblem | None]:
    """Read a time as cameras write it; say what is wrong with it rather than repair it.

    A date padded with blanks comes from a clock that was never set and counts on from its factory
    date: the value keeps the order of the files and can be shifted later, so it is kept, marked.

    >>> parse_camera_time("2013:06:23 13:52:26", subsecond_digits="046")[0]
    datetime.datetime(2013, 6, 23, 13, 52, 26, 46000)
    >>> time, problem = parse_camera_time("2012: 1: 1  0: 0:41")
    >>> time, problem.code
    (datetime.datetime(2012, 1, 1, 0, 0, 41), <ProblemCode.TIME_SUSPECT: 'time_suspect'>)
    >>> parse_camera_time("2013:02:30 25:61:00")[1].code
    <ProblemCode.TIME_INVALID: 'time_invalid'>
    """
    match = _EXIF_TIME.fullmatch(text)
    time = None
    if match is not None:
        year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
        fraction = match[7] or subsecond_digits or ""
        if not (fraction.isascii() and fraction.isdigit()):
            fraction = ""
        try:
            time = datetime(
                year, month, day, hour, minute, second, microsecond=int(f"{fraction:0<6}"[:6])
            )
        except ValueError:  # 30 February, or minute 61
            time = None
        if time is not None and not EARLIEST_YEAR <= time.year <= LATEST_YEAR:
            time = None
    if match is None or time is None:
        note = tr(
            f"The camera wrote the time {text!r}, which does not exist. Kept as undated.",
            f"相机写入的时间 {text!r} 不存在,按无时间保存。",
        )
        return None, FileProblem(ProblemCode.TIME_INVALID, note)
    is_padded = any(part.startswith(" ") for part in match.groups()[:6])
    if is_padded or time.year < FIRST_LIKELY_YEAR:
        note = tr(
            f"The camera wrote the time {text!r}: its clock was probably never set.",
            f"相机写入的时间为 {text!r}:时钟可能从未设置。",
        )
        return time, FileProblem(ProblemCode.TIME_SUSPECT, note)
    return time, None


def time_in_file_name(file_name: str) -> tuple[str, datetime] | None:
    """Find a full date and time to the second in a file's name, with the text it was read from.

    >>> time_in_file_name("2021-06-30 12.33.10.jpg")
    ('2021-06-30 12.33.10', datetime.datetime(2021, 6, 30, 12, 33, 10))
    >>> time_in_file_name("IMG_20180725.jpg") is None
    True
    """
    for match in _FILE_NAME_TIME.finditer(file_name):
        year, _, month, day, hour, _, minute, second = match.groups()
        try:
            time = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second))
        except ValueError:
            continue
        return match[0], time
    return None


def parse_utc_offset(text: str) -> timedelta | None:
    """Read a distance from UTC as phones write it; None when it is not a legal one.

    >>> parse_utc_offset("+08:00")
    datetime.timedelta(seconds=28800)
    >>> parse_utc_offset("+88:00") is None
    True
    """
    if text == "Z":
        return timedelta(0)
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if offset > MOST_OFFSET:
        return None
    return -offset if match[1] == "-" else offset


def offset_from_gps(camera_time: datetime, gps_time_utc: datetime) -> timedelta | None:
    """Tell a phone's distance from UTC by the GPS time beside its clock.

    None when the two do not differ by a legal offset: the fix is old or the clock is wrong.

    >>> offset_from_gps(datetime(2018, 7, 16, 17, 52, 22),
    ...                 datetime(2018, 7, 16, 15, 52, 22, tzinfo=UTC))
    datetime.timedelta(seconds=7200)
    """
    difference = camera_time.replace(tzinfo=UTC) - gps_time_utc
    offset = round(difference / OFFSET_STEP) * OFFSET_STEP
    if abs(difference - offset) > MOST_GPS_DELAY or abs(offset) > MOST_OFFSET:
        return None
    return offset


def _written_time(
    exif: ExifTags, *, reconyx_time: str | None
) -> tuple[str | None, TimeSource | None]:
    """Give the best written time as text; blanks and colons alone mean "unknown" in EXIF."""
    candidates = (
        (
            exif.text("EXIF DateTimeOriginal", "Image DateTimeOriginal"),
            TimeSource.DATE_TIME_ORIGINAL,
        ),
        (reconyx_time, TimeSource.RECONYX),
        (
            exif.text("EXIF DateTimeDigitized", "Image DateTimeDigitized"),
            TimeSource.DATE_TIME_DIGITIZED,
        ),
    )
    for text, source in candidates:
        if text and text.strip(" :"):
            return text, source
    return None, None


def _find_offset(
    exif: ExifTags,
    source: TimeSource,
    *,
    time: datetime | None,
    gps_time_utc: datetime | None,
    longitude: float | None,
) -> tuple[str | None, timedelta | None, OffsetSource | None, FileProblem | None]:
    """Take the written offset of the same time; without one, derive it from the GPS time."""
    tag_name, offset_source = "EXIF OffsetTimeOriginal", OffsetSource.OFFSET_TIME_ORIGINAL
    if source is TimeSource.DATE_TIME_DIGITIZED:
        tag_name, offset_source = "EXIF OffsetTimeDigitized", OffsetSource.OFFSET_TIME_DIGITIZED
    raw = exif.text(tag_name)
    offset = parse_utc_offset(raw) if raw else None
    if offset is not None:
        return raw, offset, offset_source, None
    if time is None or gps_time_utc is None:
        return raw, None, None, None
    offset = offset_from_gps(time, gps_time_utc)
    if offset is not None and longitude is not None:
        hours_from_sun = (offset / timedelta(hours=1) - longitude / 15 + 12) % 24 - 12
        if abs(hours_from_sun) > MOST_HOURS_FROM_SUN:
            note = tr(
                "Clock and GPS time together give a zone that does not fit the place: the clock "
                "runs on a foreign zone, or a program wrote the GPS time. The deployment's holds.",
                "时钟与 GPS 时间推出的时区与位置不符:时钟可能设在其他时区,"
                "或 GPS 时间由软件写入。按布设的时区处理。",
            )
            return raw, None, None, FileProblem(ProblemCode.OFFSET_SUSPECT, note)
    return raw, offset, OffsetSource.GPS if offset is not None else None, None
