"""Facts from whole files: real cameras against exiftool's readings, and damage of every kind."""

import csv
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_bytes import (
    MAKE,
    MAKER_NOTE,
    MODEL,
    ORIENTATION,
    ORIGINAL,
    SOFTWARE,
    make_exif,
    make_jpeg,
    make_segment,
)

from ingest.metadata import MediaFacts, MediaKind, ProblemCode, read_facts

SHARED = Path(__file__).resolve().parents[2] / "shared"

Row = dict[str, str]


def _rows(name: str) -> list[Row]:
    """Rows of a manifest; one empty row without the shared folder, for its fixture to skip."""
    manifest = SHARED / "data" / name / "MANIFEST.csv"
    if not manifest.is_file():
        return [{"file": "absent"}]
    with manifest.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _codes(facts: MediaFacts) -> set[str]:
    return {str(problem.code) for problem in facts.problems}


# --- real files -----------------------------------------------------------------------------------

# exiftool reads these differently, and is not followed: a zero position is a receiver without a
# fix, altitude without a position is none, text is not a position (exiftool takes the commas of
# "52,00000,50,00000,34,01180" for separators and lands 92 km away), and the cut file's tags, which
# exiftool withholds, stand in the list of lost files.
_NO_POSITION = {"samsung_gps_zero.jpg", "bushnell_orinoquia.jpg", "geo_as_string.jpg"}
_WITHHELD_BY_EXIFTOOL = {"goexif_huge_tag.jpg"}

_PROBLEMS = {
    "pixel6_ultrahdr_cst.jpg": {"truncated"},  # the published sample is the header alone
    "spreadtrum_bad_date.jpg": {"time_suspect"},
    "nikon_d2h_beijing.jpg": {"offset_suspect"},  # local time written as GPS time by a program
    "geo_as_string.jpg": {"gps_invalid"},
    "goexif_infinite_loop.jpg": {"time_missing"},
    "goexif_huge_tag.jpg": {"truncated", "time_missing"},
    "pillow_bad_gps.jpg": {"gps_invalid"},
    "pillow_invalid_exif.jpg": {"exif_unreadable", "time_missing"},
    "pillow_cmyk.jpg": {"time_missing"},
    "pillow_truncated.jpg": {"truncated", "time_missing"},
    "no_exif.jpg": {"time_missing"},
    "samsung_nodto.jpg": {"time_missing"},
    "d_zero_bytes.jpg": {"empty_file"},
    "d_trunc_half.jpg": {"truncated"},
    "d_trunc_in_exif.jpg": {"truncated", "time_missing"},
    "d_text_as.jpg": {"not_media"},
    "d_jpeg_named.png": {"suffix_differs"},
    "d_date_zero.jpg": {"time_invalid"},
    "d_date_impossible.jpg": {"time_invalid"},
    "d_huge_dimensions.jpg": {"too_large"},
    "2021-06-30_SYFR0218_cougar.JPG": {"gps_invalid"},  # 1 degree 1 1/3' 1" without hemisphere
}

_EXIF_ROWS = [row for row in _rows("exif") if row["file"] not in _WITHHELD_BY_EXIFTOOL]
_CARD_ROWS = _rows("sdcard")


def _read(folder: Path, row: Row) -> MediaFacts:
    path = folder / row["file"]
    return read_facts(path.read_bytes(), file_name=path.name)


@pytest.mark.parametrize("row", _EXIF_ROWS, ids=lambda row: row["file"])
def test_real_camera_and_size(row: Row, shared: Path) -> None:
    """Type, size, maker, model, firmware and serial number equal exiftool's reading."""
    facts = _read(shared / "data" / "exif", row)
    if facts.kind is MediaKind.IMAGE:
        assert facts.media_type == row["mime_type"]
    assert str(facts.width or "") == row["image_width"]
    assert str(facts.height or "") == row["image_height"]
    assert str(facts.orientation or "") == row["orientation"]
    assert (facts.make or "", facts.model or "") == (row["make"], row["model"])
    assert (facts.firmware or "", facts.serial_number or "") == (
        row["firmware"],
        row["serial_number"],
    )


@pytest.mark.parametrize("row", _EXIF_ROWS, ids=lambda row: row["file"])
def test_real_time(row: Row, shared: Path) -> None:
    """The written time, its fraction, its offset and the GPS time equal exiftool's reading."""
    facts = _read(shared / "data" / "exif", row)
    assert (facts.camera_time_raw or "") == row["datetime_original"]
    assert (facts.utc_offset_raw or "") == row["offset_time_original"]
    if row["dto_group"] == "Reconyx":
        assert facts.camera_time_source == "Reconyx"
    if facts.camera_time is not None and not _codes(facts) & {"time_suspect"}:
        text = f"{facts.camera_time:%Y:%m:%d %H:%M:%S}"
        assert text == row["datetime_original"][:19]
        fraction = row["datetime_original"][20:] or row["subsec"]
        assert f"{facts.camera_time:%f}" == fraction.ljust(6, "0")
    expected_gps = None
    if row["gps_datetime_utc"]:
        date, _, fraction = row["gps_datetime_utc"].removesuffix("Z").partition(".")
        expected_gps = datetime.strptime(date, "%Y:%m:%d %H:%M:%S").replace(
            tzinfo=UTC, microsecond=int(fraction.ljust(6, "0"))
        )
    assert facts.gps_time_utc == expected_gps


@pytest.mark.parametrize("row", _EXIF_ROWS, ids=lambda row: row["file"])
def test_real_position(row: Row, shared: Path) -> None:
    """Latitude, longitude and altitude equal exiftool's, and zero or text is no position."""
    facts = _read(shared / "data" / "exif", row)
    found = (facts.latitude, facts.longitude, facts.altitude_m)
    if row["file"] in _NO_POSITION:
        assert found == (None, None, None)
        return
    for value, column in zip(found, ("latitude", "longitude", "altitude_m"), strict=True):
        expected = float(row[column]) if row[column] else None
        assert value == (pytest.approx(expected, abs=1e-7) if expected is not None else None)
    expected_source = {"GPS": "EXIF", "XMP-exif": "XMP"}.get(row["gps_group"])
    assert facts.gps_source == expected_source


@pytest.mark.parametrize("row", _EXIF_ROWS, ids=lambda row: row["file"])
def test_real_maker_note(row: Row, shared: Path) -> None:
    """Trigger, sequence, event, temperature, moon, battery and label equal exiftool's reading."""
    facts = _read(shared / "data" / "exif", row)
    celsius = row["ambient_temperature_c"].removesuffix(" C")
    assert facts.temperature_c == (float(celsius) if celsius else None)
    sequence = f"{facts.sequence_number} of {facts.sequence_length}"
    assert (sequence if facts.sequence_number else "") == row["sequence"]
    assert str(facts.event_number or "") == row["event_number"]
    assert facts.trigger == {"Motion Detection": "motion", "": None}[row["trigger_mode"]]
    assert (facts.moon_phase or "", facts.user_label or "") == (
        row["moon_phase"],
        row["user_label"],
    )
    volts = row["battery_voltage"]
    millivolts = round(float(volts[:-2]) * 1000) if volts.endswith(" V") else int(volts or 0)
    assert (facts.battery_mv or 0) == millivolts


@pytest.mark.parametrize("row", _rows("exif"), ids=lambda row: row["file"])
def test_real_problems(row: Row, shared: Path) -> None:
    """Every damaged file has exactly its problems, and no sound file has any."""
    facts = _read(shared / "data" / "exif", row)
    assert _codes(facts) == _PROBLEMS.get(row["file"], set())


@pytest.mark.parametrize("row", _CARD_ROWS, ids=lambda row: row["file"])
def test_real_card(row: Row, shared: Path) -> None:
    """Every file of the sample cards is usable, with the time, maker and size of its manifest."""
    facts = _read(shared / "data" / "sdcard", row)
    name = row["file"].rpartition("/")[2]
    assert facts.is_usable
    assert _codes(facts) == _PROBLEMS.get(name, set())
    assert (facts.make or "", facts.model or "") == (row["make"], row["model"])
    assert facts.firmware == row["firmware"] or not row["firmware"]
    if row["datetime_original"]:
        assert facts.camera_time_raw == row["datetime_original"]
    else:
        assert (facts.camera_time_raw, facts.camera_time_source) == (name[:14], "file_name")
    if row["exif_size"] != "x":
        assert f"{facts.width}x{facts.height}" == row["exif_size"]


def test_phone_offset_from_gps(shared: Path) -> None:
    """A phone without an offset tag gets it from its GPS time two hours earlier."""
    path = shared / "data" / "exif" / "oppo_r7plus.jpg"
    facts = read_facts(path.read_bytes(), file_name=path.name)
    assert (facts.utc_offset, facts.utc_offset_source) == (timedelta(hours=2), "GPS")


# --- built files ----------------------------------------------------------------------------------


def test_facts_of_a_whole_jpeg() -> None:
    """A plain camera JPEG yields its size, turn, camera and time without a problem."""
    exif = make_exif(
        image={MAKE: "HK ", MODEL: "T110", ORIENTATION: 6, SOFTWARE: "R1.0"},
        exif={ORIGINAL: "2025:08:03 16:19:06"},
        order=">",
    )
    facts = read_facts(make_jpeg(exif=exif, size=(40, 30)), file_name="DCIM0001.jpg")
    assert (facts.kind, facts.media_type) == (MediaKind.IMAGE, "image/jpeg")
    assert (facts.width, facts.height, facts.orientation) == (40, 30, 6)
    assert (facts.make, facts.model, facts.firmware) == ("HK", "T110", "R1.0")
    assert facts.camera_time == datetime(2025, 8, 3, 16, 19, 6)
    assert facts.problems == ()
    assert facts.is_usable


def test_exif_behind_large_blocks() -> None:
    """EXIF after other large blocks is found, where exifread alone gives up."""
    exif = make_exif(exif={ORIGINAL: "2025:08:03 16:19:06"})
    data = make_jpeg(exif=exif, before_exif=make_segment(0xE7, bytes(9000)) + b"\xff\xff")
    assert read_facts(data, file_name="IMG_0001.JPG").camera_time_source == "DateTimeOriginal"


def test_note_of_an_unknown_reconyx_family() -> None:
    """A HyperFire 4K note yields no invented values, and the report says what is missing."""
    note = b"RECONYXHF4K\x00" + b"M" * 300
    exif = make_exif(exif={ORIGINAL: "2025:08:03 16:19:06", MAKER_NOTE: note})
    facts = read_facts(make_jpeg(exif=exif), file_name="IMG_0001.JPG")
    assert _codes(facts) == {"maker_note_undecoded"}
    assert (facts.temperature_c, facts.trigger, facts.sequence_number) == (None, None, None)


def test_damaged_exif_is_a_warning() -> None:
    """A block that is no EXIF, or states thousands of entries, warns on a usable file."""
    flooded = bytearray(make_exif(exif={ORIGINAL: "2025:08:03 16:19:06"}))
    flooded[8:10] = b"\xff\xff"
    for block in (b"\xff\xff\xff\xff\x00\x08", bytes(flooded), b""):
        facts = read_facts(make_jpeg(exif=block), file_name="IMG_0001.JPG")
        assert _codes(facts) == {"exif_unreadable", "time_missing"}
        assert facts.is_usable


def test_text_of_other_alphabets() -> None:
    """Text that is not UTF-8 is kept readable, and control characters are dropped."""
    block = make_exif(image={MAKE: "Kamera-xx", MODEL: "A\x07B"}).replace(b"xx", b"\xfc\xe9")
    facts = read_facts(make_jpeg(exif=block), file_name="IMG_0001.JPG")
    assert (facts.make, facts.model) == ("Kamera-üé", "AB")


# --- nothing raises -------------------------------------------------------------------------------

_WHOLE = make_jpeg(
    exif=make_exif(
        image={MAKE: "RECONYX", ORIENTATION: 1},
        exif={ORIGINAL: "2025:08:03 16:19:06", MAKER_NOTE: b"RECONYXH2\x00" + bytes(200)},
        gps={1: "N", 2: [(29, 1), (38, 1), (56, 1)], 3: "E", 4: [(94, 1), (21, 1), (41, 1)]},
    ),
    xmp=b'<rdf exif:GPSLatitude="29,38.94N" exif:GPSLongitude="94,21.69E">',
)

_SIGNATURES = st.sampled_from(
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xe1\x00\xffExif\x00\x00II*\x00\x08\x00\x00\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        b"RIFF\x00\x10\x00\x00AVI ",
    ]
)


def _problems_are_named(facts: MediaFacts) -> bool:
    return all(isinstance(problem.code, ProblemCode) and problem.note for problem in facts.problems)


@settings(max_examples=150, deadline=None)
@given(start=_SIGNATURES, rest=st.binary(max_size=600), name=st.text(max_size=30))
def test_arbitrary_bytes_never_raise(start: bytes, rest: bytes, name: str) -> None:
    """Any bytes under any name give facts with named problems."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _problems_are_named(read_facts(start + rest, file_name=name))


@settings(max_examples=200, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=12
    )
)
def test_changed_bytes_never_raise(changes: list[tuple[int, int]]) -> None:
    """A camera file with a few bytes changed gives facts, its position on the globe or none."""
    data = bytearray(_WHOLE)
    for position, value in changes:
        data[position] = value
    facts = read_facts(bytes(data), file_name="IMG_0001.JPG")
    assert _problems_are_named(facts)
    assert facts.latitude is None or abs(facts.latitude) <= 90
    assert facts.longitude is None or abs(facts.longitude) <= 180
