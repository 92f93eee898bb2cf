"""Reconyx maker notes: what these cameras write nowhere else, above all time and trigger."""

import struct
from dataclasses import dataclass
from enum import StrEnum


class Trigger(StrEnum):
    """Why the camera fired; a time-lapse frame proves that the camera worked, not a visit."""

    MOTION = "motion"
    TIME_LAPSE = "time_lapse"
    EXTERNAL = "external"
    POINT_AND_SHOOT = "point_and_shoot"
    CODE_LOC_NOT_ENTERED = "code_loc_not_entered"


_TRIGGERS = {
    "M": Trigger.MOTION,
    "T": Trigger.TIME_LAPSE,
    "E": Trigger.EXTERNAL,
    "P": Trigger.POINT_AND_SHOOT,
    "C": Trigger.CODE_LOC_NOT_ENTERED,
}

_MOON_PHASES = (
    "New",
    "Waxing Crescent",
    "First Quarter",
    "Waxing Gibbous",
    "Full",
    "Waning Gibbous",
    "Last Quarter",
    "Waning Crescent",
)


@dataclass(frozen=True)
class ReconyxNote:
    """What one Reconyx maker note says; all empty when only the family is known."""

    family: str
    camera_time: str | None = None
    trigger: Trigger | None = None
    sequence_number: int | None = None
    sequence_length: int | None = None
    event_number: int | None = None
    moon_phase: str | None = None
    temperature_c: float | None = None
    battery_mv: int | None = None
    serial_number: str | None = None
    user_label: str | None = None
    firmware: str | None = None


@dataclass(frozen=True)
class _Layout:
    """Where one camera family keeps each fact: byte offset and struct format, little-endian."""

    family: str
    start: bytes
    trigger: int
    sequence: tuple[int, str]
    event: tuple[int, str]
    time: tuple[int, str]
    is_day_first: bool
    moon: tuple[int, str]
    celsius: int
    battery: int
    serial: tuple[int, int, str]
    label: tuple[int, int]
    firmware: int


# Offsets after exiftool's Reconyx tables, checked against its readings of real pictures. One
# difference: HyperFire 2 writes month before day (its EXIF times show it), exiftool swaps them.
_LAYOUTS = (
    _Layout(
        family="HyperFire",
        start=b"\x01\xf1",
        trigger=0x0C,
        sequence=(0x0E, "<2H"),
        event=(0x12, "<2H"),
        time=(0x16, "<6H"),
        is_day_first=False,
        moon=(0x24, "<H"),
        celsius=0x28,
        battery=0x54,
        serial=(0x2A, 30, "utf-16-le"),
        label=(0x56, 22),
        firmware=0x02,
    ),
    _Layout(
        family="UltraFire",
        start=b"RECONYXUF\x00",
        trigger=0x34,
        sequence=(0x35, "<2B"),
        event=(0x37, "<I"),
        time=(0x3B, "<5BH"),
        is_day_first=True,
        moon=(0x43, "<B"),
        celsius=0x46,
        battery=0x49,
        serial=(0x4B, 15, "latin-1"),
        label=(0x5A, 21),
        firmware=0x18,
    ),
    _Layout(
        family="HyperFire 2",
        start=b"RECONYXH2\x00",
        trigger=0x34,
        sequence=(0x36, "<2H"),
        event=(0x3A, "<2H"),
        time=(0x3E, "<6H"),
        is_day_first=False,
        moon=(0x4C, "<H"),
        celsius=0x50,
        battery=0x62,
        serial=(0x7E, 30, "utf-16-le"),
        label=(0x68, 22),
        firmware=0x2A,
    ),
)

_UNDECODED = ((b"RECONYXMF\x00", "MicroFire"), (b"RECONYXHF4K\x00", "HyperFire 4K"))


def read_reconyx_note(note: bytes) -> ReconyxNote | None:
    """Read a Reconyx maker note; None when it is another maker's or too short to trust.

    Older HyperFire cameras (HC500, HC600) write the capture time nowhere else. MicroFire and
    HyperFire 4K are recognised by name only: no picture of theirs was at hand to check offsets
    against, so nothing is read from them.

    >>> read_reconyx_note(b"RECONYXHF4K\\x00" + bytes(200))
    ReconyxNote(family='HyperFire 4K', camera_time=None, trigger=None, sequence_number=None, \
sequence_length=None, event_number=None, moon_phase=None, temperature_c=None, battery_mv=None, \
serial_number=None, user_label=None, firmware=None)
    >>> read_reconyx_note(b"another maker's note") is None
    True
    """
    for start, family in _UNDECODED:
        if note.startswith(start):
            return ReconyxNote(family)
    for layout in _LAYOUTS:
        if note.startswith(layout.start):
            try:
                return _decode(note, layout=layout)
            except struct.error:  # shorter than its layout
                return None
    return None


def _decode(note: bytes, *, layout: _Layout) -> ReconyxNote | None:
    trigger = _TRIGGERS.get(chr(note[layout.trigger])) if len(note) > layout.trigger else None
    if layout.family == "HyperFire" and trigger is None:
        return None  # two bytes are a weak signature: require a trigger letter beside them
    number, length = _numbers(note, layout.sequence)
    event = _numbers(note, layout.event)
    (moon,) = _numbers(note, layout.moon)
    (celsius,) = _numbers(note, (layout.celsius, "<h"))
    (battery,) = _numbers(note, (layout.battery, "<H"))
    serial_at, serial_bytes, encoding = layout.serial
    label_at, label_bytes = layout.label
    return ReconyxNote(
        family=layout.family,
        camera_time=_time_text(_numbers(note, layout.time), is_day_first=layout.is_day_first),
        trigger=trigger,
        sequence_number=number or None,
        sequence_length=length or None,
        event_number=event[0] if len(event) == 1 else (event[0] << 16) + event[1],
        moon_phase=_MOON_PHASES[moon] if moon < len(_MOON_PHASES) else None,
        temperature_c=float(celsius),
        battery_mv=battery or None,
        serial_number=_text(note[serial_at : serial_at + serial_bytes], encoding),
        user_label=_text(note[label_at : label_at + label_bytes], "latin-1"),
        firmware=_firmware(note, layout=layout),
    )


def _numbers(note: bytes, place: tuple[int, str]) -> tuple[int, ...]:
    offset, form = place
    return struct.unpack_from(form, note, offset)


def _time_text(parts: tuple[int, ...], *, is_day_first: bool) -> str:
    """Write the six numbers as EXIF would."""
    if parts[5] > 9999:  # some HyperFires write the time alone big-endian
        parts = tuple(int.from_bytes(part.to_bytes(2, "little"), "big") for part in parts)
    second, minute, hour, month, day, year = parts
    if is_day_first:
        month, day = day, month
    return f"{year:04d}:{month:02d}:{day:02d} {hour:02d}:{minute:02d}:{second:02d}"


def _text(raw: bytes, encoding: str) -> str | None:
    """Decode a padded text field up to its end sign."""
    text = raw.decode(encoding, errors="replace").partition("\x00")[0]
    return "".join(char for char in text if char.isprintable()).strip() or None


def _firmware(note: bytes, *, layout: _Layout) -> str | None:
    if layout.family == "UltraFire":
        major, minor, year, month, day, revision = struct.unpack_from("<2BH3B", note, 0x18)
        return f"V{major:02x}.{minor:02x} {year:04x}:{month:02x}:{day:02x} Rev.{chr(revision)}"
    first, second, third = struct.unpack_from("<3H", note, layout.firmware)
    if layout.family == "HyperFire":
        return f"{first}.{second}.{third}"
    return f"{first}.{second}{chr(third) if 0x20 < third < 0x7F else ''}"
