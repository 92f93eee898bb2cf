"""Reconyx maker notes built byte by byte, one per camera family."""

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from picture_bytes import MAKER_NOTE, make_exif, make_jpeg

from ingest.metadata import read_facts
from ingest.reconyx import ReconyxNote, Trigger, read_reconyx_note


def _note(length: int, *parts: tuple[int, bytes]) -> bytes:
    """A note of zeros with these bytes at these offsets."""
    note = bytearray(length)
    for offset, raw in parts:
        note[offset : offset + len(raw)] = raw
    return bytes(note)


def make_hyperfire(*parts: tuple[int, bytes]) -> bytes:
    """A HyperFire note: motion, frame 2 of 3, event 65543, 2026-05-01 09:30:07, -5 C."""
    return _note(
        700,
        (0x00, b"\x01\xf1" + struct.pack("<3H", 3, 3, 0)),
        (0x0C, b"M"),
        (0x0E, struct.pack("<2H", 2, 3)),
        (0x12, struct.pack("<2H", 1, 7)),
        (0x16, struct.pack("<6H", 7, 30, 9, 5, 1, 2026)),
        (0x24, struct.pack("<Hhh", 4, 23, -5)),
        (0x2A, "H500AB01".encode("utf-16-le")),
        (0x54, struct.pack("<H", 8550)),
        (0x56, b"RIDGE 7\x00"),
        *parts,
    )


_ULTRAFIRE = _note(
    120,
    (0x00, b"RECONYXUF\x00"),
    (0x18, struct.pack("<2BH3B", 1, 5, 0x2015, 0x11, 0x30, ord("a"))),
    (0x34, b"P"),
    (0x35, bytes([1, 5])),
    (0x37, struct.pack("<I", 122)),
    (0x3B, struct.pack("<5BH", 7, 30, 9, 1, 5, 2026)),
    (0x43, bytes([7])),
    (0x46, struct.pack("<h", 12)),
    (0x49, struct.pack("<H", 9878)),
    (0x4B, b"UXR6BI02"),
    (0x5A, b"AM100"),
)

_HYPERFIRE_2 = _note(
    837,
    (0x00, b"RECONYXH2\x00"),
    (0x2A, struct.pack("<3H", 1, 4, ord("a"))),
    (0x34, b"T"),
    (0x3A, struct.pack("<2H", 0, 4)),
    (0x3E, struct.pack("<6H", 7, 30, 9, 5, 1, 2026)),
    (0x4C, struct.pack("<3h", 0, 68, 20)),
    (0x62, struct.pack("<H", 7814)),
    (0x68, b"MICA 318"),
    (0x7E, "H2RXEM06".encode("utf-16-le")),
)

NINE_THIRTY = "2026:05:01 09:30:07"


def test_hyperfire() -> None:
    """A HyperFire note yields every fact the camera writes."""
    assert read_reconyx_note(make_hyperfire()) == ReconyxNote(
        family="HyperFire",
        camera_time=NINE_THIRTY,
        trigger=Trigger.MOTION,
        sequence_number=2,
        sequence_length=3,
        event_number=65543,
        moon_phase="Full",
        temperature_c=-5.0,
        battery_mv=8550,
        serial_number="H500AB01",
        user_label="RIDGE 7",
        firmware="3.3.0",
    )


def test_ultrafire() -> None:
    """An UltraFire note yields its facts, with the day before the month."""
    note = read_reconyx_note(_ULTRAFIRE)
    assert note is not None
    assert (note.family, note.camera_time) == ("UltraFire", NINE_THIRTY)
    assert (note.trigger, note.sequence_number, note.sequence_length) == ("point_and_shoot", 1, 5)
    assert (note.event_number, note.moon_phase, note.temperature_c) == (122, "Waning Crescent", 12)
    assert (note.battery_mv, note.serial_number, note.user_label) == (9878, "UXR6BI02", "AM100")
    assert note.firmware == "V01.05 2015:11:30 Rev.a"


def test_hyperfire_2_time_lapse() -> None:
    """A HyperFire 2 time-lapse frame belongs to no sequence, with the month before the day."""
    note = read_reconyx_note(_HYPERFIRE_2)
    assert note is not None
    assert (note.family, note.camera_time, note.trigger) == (
        "HyperFire 2",
        NINE_THIRTY,
        "time_lapse",
    )
    assert (note.sequence_number, note.sequence_length) == (None, None)
    assert (note.event_number, note.moon_phase, note.temperature_c) == (4, "New", 20)
    assert (note.battery_mv, note.serial_number, note.user_label) == (7814, "H2RXEM06", "MICA 318")
    assert note.firmware == "1.4a"


def test_time_written_in_the_other_byte_order() -> None:
    """A HyperFire that writes its time big-endian is read all the same."""
    swapped = make_hyperfire((0x16, struct.pack(">6H", 7, 30, 9, 5, 1, 2026)))
    note = read_reconyx_note(swapped)
    assert note is not None
    assert note.camera_time == NINE_THIRTY


def test_time_exists_in_the_note_alone() -> None:
    """A file whose only time stands in the HyperFire note is dated by it."""
    data = make_jpeg(exif=make_exif(exif={MAKER_NOTE: make_hyperfire()}))
    facts = read_facts(data, file_name="IMG_0001.JPG")
    assert facts.camera_time == datetime(2026, 5, 1, 9, 30, 7)
    assert (facts.camera_time_source, facts.problems) == ("Reconyx", ())
    assert (facts.trigger, facts.serial_number) == ("motion", "H500AB01")


@pytest.mark.parametrize(("start", "family"), [(b"MF", "MicroFire"), (b"HF4K", "HyperFire 4K")])
def test_families_without_a_sample(start: bytes, family: str) -> None:
    """MicroFire and HyperFire 4K are named, and nothing is read from them."""
    assert read_reconyx_note(b"RECONYX" + start + b"\x00" + b"M" * 300) == ReconyxNote(family)


@pytest.mark.parametrize(
    "note", [b"", b"\x01\xf1", b"RECONYXH2\x00", b"RECONYXUF\x00", b"Nikon\x00", bytes(300)]
)
def test_short_and_foreign_notes(note: bytes) -> None:
    """A note cut short or of another maker yields nothing."""
    assert read_reconyx_note(note) is None


def test_two_bytes_are_not_enough() -> None:
    """A note that only begins as HyperFire's does, without its trigger letter, is not one."""
    assert read_reconyx_note(make_hyperfire((0x0C, b"\x00"))) is None


@given(
    start=st.sampled_from([b"\x01\xf1", b"RECONYXUF\x00", b"RECONYXH2\x00", b"RECONYXMF\x00", b""]),
    rest=st.binary(max_size=300),
)
def test_notes_never_raise(start: bytes, rest: bytes) -> None:
    """Any bytes behind any signature yield a note or none."""
    note = read_reconyx_note(start + rest)
    assert note is None or note.family
