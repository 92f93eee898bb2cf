"""Small pictures built from literals: a JPEG with just the tags a test names."""

import struct
from collections.abc import Mapping
from io import BytesIO

from PIL import Image

Value = str | int | bytes | list[tuple[int, int]]
"""Text, a SHORT, raw bytes, or rationals as (numerator, denominator)."""

MAKE, MODEL, ORIENTATION, SOFTWARE, DATE_TIME = 0x010F, 0x0110, 0x0112, 0x0131, 0x0132
ORIGINAL, DIGITIZED, OFFSET_ORIGINAL, SUBSEC_ORIGINAL = 0x9003, 0x9004, 0x9011, 0x9291
MAKER_NOTE, BODY_SERIAL = 0x927C, 0xA431
LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE = 1, 2, 3, 4
ALTITUDE_REF, ALTITUDE, GPS_TIME, GPS_DATE = 5, 6, 7, 29

LINZHI: dict[int, Value] = {
    LATITUDE_REF: "N",
    LATITUDE: [(29, 1), (38, 1), (5640, 100)],
    LONGITUDE_REF: "E",
    LONGITUDE: [(94, 1), (21, 1), (4140, 100)],
}
"""29.6490 N 94.3615 E."""


def make_exif(
    *,
    image: Mapping[int, Value] | None = None,
    exif: Mapping[int, Value] | None = None,
    gps: Mapping[int, Value] | None = None,
    order: str = "<",
) -> bytes:
    """Build an EXIF block with these tags in its image, EXIF and GPS directories."""
    parts = [dict(image or {}), dict(exif or {}), dict(gps or {})]
    pointers = [(0x8769, 1), (0x8825, 2)]
    starts = [8]
    for index, part in enumerate(parts):
        extra = len(pointers) if index == 0 else 0
        starts.append(starts[-1] + 6 + 12 * (len(part) + extra))
    block = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", 8)
    spill_at, spill = starts[3], b""
    for index, part in enumerate(parts):
        entries = []
        for tag, value in part.items():
            kind, count, raw = _encode(value, order=order)
            if len(raw) > 4:
                place, spill = spill_at + len(spill), spill + raw
                raw = struct.pack(order + "I", place)
            entries.append(
                (tag, struct.pack(order + "HHI", tag, kind, count) + raw.ljust(4, b"\0"))
            )
        if index == 0:
            for tag, target in pointers:
                entries.append((tag, struct.pack(order + "HHII", tag, 4, 1, starts[target])))
        block += struct.pack(order + "H", len(entries))
        block += b"".join(entry for _, entry in sorted(entries)) + bytes(4)
    return block + spill


def make_jpeg(
    *,
    exif: bytes | None = None,
    xmp: bytes | None = None,
    before_exif: bytes = b"",
    size: tuple[int, int] = (8, 8),
) -> bytes:
    """Build a real JPEG that decodes, with these metadata blocks after its first marker."""
    pixels = BytesIO()
    Image.new("RGB", size, "green").save(pixels, "JPEG")
    blocks = before_exif
    if exif is not None:
        blocks += make_segment(0xE1, b"Exif\x00\x00" + exif)
    if xmp is not None:
        blocks += make_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp)
    return b"\xff\xd8" + blocks + pixels.getvalue()[2:]


def make_segment(marker: int, content: bytes) -> bytes:
    """Build one JPEG segment."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def _encode(value: Value, *, order: str) -> tuple[int, int, bytes]:
    """Give TIFF type, count and bytes of a value."""
    if isinstance(value, str):
        raw = value.encode() + b"\x00"
        return 2, len(raw), raw
    if isinstance(value, int):
        return 3, 1, struct.pack(order + "H", value)
    if isinstance(value, bytes):
        return 7, len(value), value
    return 5, len(value), b"".join(struct.pack(order + "II", *pair) for pair in value)
