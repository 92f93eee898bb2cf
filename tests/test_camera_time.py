"""Capture times: what the camera wrote, in the order of trust, and nothing invented."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_bytes import (
    DATE_TIME,
    DIGITIZED,
    GPS_DATE,
    GPS_TIME,
    LINZHI,
    OFFSET_ORIGINAL,
    ORIGINAL,
    SUBSEC_ORIGINAL,
    Value,
    make_exif,
    make_jpeg,
)

from ingest.camera_time import (
    offset_from_gps,
    parse_camera_time,
    parse_utc_offset,
    time_in_file_name,
)
from ingest.metadata import MediaFacts, read_facts

NINE = "2026:05:01 09:00:00"


def _facts(
    exif: dict[int, Value],
    *,
    gps: dict[int, Value] | None = None,
    image: dict[int, Value] | None = None,
    file_name: str = "IMG_0001.JPG",
) -> MediaFacts:
    block = make_exif(image=image, exif=exif, gps=gps)
    return read_facts(make_jpeg(exif=block), file_name=file_name)


def _codes(facts: MediaFacts) -> list[str]:
    return [str(problem.code) for problem in facts.problems]


def test_original_outranks_all() -> None:
    """DateTimeOriginal wins over the digitized time and the name, with its own fraction."""
    facts = _facts(
        {ORIGINAL: NINE, DIGITIZED: "2026:05:02 10:00:00", SUBSEC_ORIGINAL: "046 "},
        file_name="20250803161906.jpg",
    )
    assert facts.camera_time == datetime(2026, 5, 1, 9, 0, 0, 46_000)
    assert (facts.camera_time_raw, facts.camera_time_source) == (NINE, "DateTimeOriginal")


def test_digitized_outranks_the_name() -> None:
    """Without DateTimeOriginal the digitized time is used before the name."""
    facts = _facts({DIGITIZED: NINE}, file_name="20250803161906.jpg")
    assert (facts.camera_time_raw, facts.camera_time_source) == (NINE, "DateTimeDigitized")


def test_saving_time_is_no_capture_time() -> None:
    """The IFD0 DateTime, when a program last saved the file, never dates it."""
    facts = _facts({}, image={DATE_TIME: NINE})
    assert (facts.camera_time, _codes(facts)) == (None, ["time_missing"])


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2013:02:30 25:61:00", "yesterday"])
def test_impossible_time_is_kept_as_text_only(text: str) -> None:
    """An impossible time stays visible, is not replaced by the name, and is a problem."""
    facts = _facts({ORIGINAL: text}, file_name="20250803161906.jpg")
    assert (facts.camera_time, facts.camera_time_raw) == (None, text)
    assert _codes(facts) == ["time_invalid"]
    assert facts.is_usable


@pytest.mark.parametrize("text", ["    :  :     :  :  ", "   "])
def test_blank_time_counts_as_not_written(text: str) -> None:
    """Blanks and colons mean "unknown" in EXIF, so the next source is asked."""
    facts = _facts({ORIGINAL: text, DIGITIZED: NINE})
    assert facts.camera_time_source == "DateTimeDigitized"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2012: 1: 1  0: 0:41", datetime(2012, 1, 1, 0, 0, 41)),
        ("1980:01:01 00:03:00", datetime(1980, 1, 1, 0, 3)),
    ],
)
def test_unset_clock_is_suspect(text: str, time: datetime) -> None:
    """A clock that was never set keeps its count, marked, so that it can be shifted later."""
    found, problem = parse_camera_time(text)
    assert found == time
    assert problem is not None
    assert problem.code == "time_suspect"


def test_fraction_inside_the_time_wins() -> None:
    """A fraction written inside the time is used before the SubSec tag."""
    found, problem = parse_camera_time("2018:06:26 17:46:33.847", subsecond_digits="000005")
    assert (found, problem) == (datetime(2018, 6, 26, 17, 46, 33, 847_000), None)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 12, 31)))
def test_written_times_come_back(time: datetime) -> None:
    """Every time a camera can write is read back to the microsecond."""
    text = f"{time.year:04d}:{time:%m:%d %H:%M:%S}"
    assert parse_camera_time(text, subsecond_digits=f"{time:%f}") == (time, None)


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("20250803161906.jpg", datetime(2025, 8, 3, 16, 19, 6)),
        ("IMG_20180725_163423-tiny.jpg", datetime(2018, 7, 25, 16, 34, 23)),
        ("2021-06-30 12.33.10.jpg", datetime(2021, 6, 30, 12, 33, 10)),
        ("2021-06-30T12:33:10.jpg", datetime(2021, 6, 30, 12, 33, 10)),
        ("雪豹_20210630_123310_2.jpg", datetime(2021, 6, 30, 12, 33, 10)),
        ("IMG_20180725.jpg", None),
        ("IMG-20180725-WA0001.jpg", None),
        ("PXL_20240507_013304046.jpg", None),
        ("mmexport1625027590123.jpg", None),
        ("20251303161906.jpg", None),
        ("EK000001.JPG", None),
    ],
)
def test_time_in_file_name(name: str, time: datetime | None) -> None:
    """Only a full date and time to the second in the name counts, and never Pixel's UTC names."""
    found = time_in_file_name(name)
    assert (found[1] if found else None) == time


def test_written_offset_wins() -> None:
    """An OffsetTimeOriginal is used as written, even against the GPS time."""
    gps: dict[int, Value] = {GPS_DATE: "2026:05:01", GPS_TIME: [(3, 1), (0, 1), (0, 1)], **LINZHI}
    facts = _facts({ORIGINAL: NINE, OFFSET_ORIGINAL: "+08:00"}, gps=gps)
    assert (facts.utc_offset, facts.utc_offset_raw) == (timedelta(hours=8), "+08:00")
    assert facts.utc_offset_source == "OffsetTimeOriginal"


def test_offset_from_the_gps_time() -> None:
    """Without an offset tag, GPS time 8 h and 12 s earlier near Linzhi means +08:00."""
    gps: dict[int, Value] = {GPS_DATE: "2026:05:01", GPS_TIME: [(0, 1), (59, 1), (48, 1)], **LINZHI}
    facts = _facts({ORIGINAL: NINE}, gps=gps)
    assert facts.gps_time_utc == datetime(2026, 5, 1, 0, 59, 48, tzinfo=UTC)
    assert (facts.utc_offset, facts.utc_offset_source) == (timedelta(hours=8), "GPS")


def test_offset_that_does_not_fit_the_place() -> None:
    """GPS time equal to the clock near Linzhi gives no offset and a warning."""
    gps: dict[int, Value] = {GPS_DATE: "2026:05:01", GPS_TIME: [(9, 1), (0, 1), (0, 1)], **LINZHI}
    facts = _facts({ORIGINAL: NINE}, gps=gps)
    assert (facts.utc_offset, _codes(facts)) == (None, ["offset_suspect"])


@pytest.mark.parametrize("minutes", [7, 15 * 60, 60 * 24 * 365])
def test_old_fix_gives_no_offset(minutes: int) -> None:
    """A difference that is no legal offset within five minutes gives none."""
    fix = datetime(2026, 5, 1, 9, 0, tzinfo=UTC) - timedelta(minutes=minutes)
    assert offset_from_gps(datetime(2026, 5, 1, 9, 0), fix) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [("+08:00", 8), ("-04:00", -4), ("+05:45", 5.75), ("Z", 0), ("+25:00", None), ("   :  ", None)],
)
def test_offset_as_phones_write_it(text: str, hours: float | None) -> None:
    """Legal offsets are read, anything else is none."""
    offset = parse_utc_offset(text)
    assert offset == (timedelta(hours=hours) if hours is not None else None)
