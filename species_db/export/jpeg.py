"""Take everything but the picture out of a JPEG file, so that a shared photo tells no place.

Cameras and phones hide GPS positions, serial numbers and preview pictures in the segments before
the pixels and behind their end. The compressed pixels are copied byte for byte.
"""

import re
from collections.abc import Iterator

from species_db.language import tr

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_APP0, _APP14, _APP_LAST, _COMMENT = 0xE0, 0xEE, 0xEF, 0xFE
# Inside compressed pixels FF is followed by 00, a restart (D0-D7) or more FF; else it ends.
_SCAN_ENDS = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
_MAY_TURN = range(2, 9)  # Exif orientation; 1 is upright


class JpegError(ValueError):
    """The file is no whole JPEG, so it cannot be shown that only the picture is left."""


def strip_jpeg(data: bytes, *, orientation: int | None) -> bytes:
    """Give the picture without any metadata, turned as the camera said.

    Kept are the JFIF header (without its preview), Adobe's colour transform (without it some
    pictures come out in wrong colours) and what decoding needs. An upright picture gets no Exif
    at all, a turned one gets an Exif block that holds the orientation and nothing else.

    >>> strip_jpeg(bytes.fromhex("ffd8 fffe 0005 414243 ffda 0002 0102 ffd9") + b"GPS",
    ...     orientation=1).hex(" ", 2)
    'ffd8 ffda 0002 0102 ffd9'

    Raises:
        JpegError: the file is damaged or no JPEG.
    """
    if data[:2] != b"\xff\xd8":
        raise JpegError(tr("no JPEG start marker", "缺少 JPEG 起始标记"))
    kept = [segment for segment in _segments(data) if segment]
    head = [segment for segment in kept[:1] if segment[1] == _APP0]
    turned = [_orientation_segment(orientation)] if orientation in _MAY_TURN and orientation else []
    return b"".join([data[:2], *head, *turned, *kept[len(head) :]])


def _segments(data: bytes) -> Iterator[bytes]:
    """Yield each segment as it may stay; an empty one where it goes. The end marker comes last."""
    position = 2
    while True:
        next_marker = _MARKER.search(data, position)  # stray bytes between segments go too
        if next_marker is None:
            raise JpegError(tr("the picture has no end", "图像没有结束标记"))
        position, marker = next_marker.start(), data[next_marker.start() + 1]
        if marker == _END:
            yield data[position : position + 2]
            return
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if end < position + 4 or end > len(data):
            raise JpegError(
                tr(f"broken segment at byte {position}", f"第 {position} 字节处的段损坏")
            )
        if marker == _SCAN:
            found = _SCAN_ENDS.search(data, end)
            end = found.start() if found else len(data)
        yield _what_stays(marker, data[position:end])
        position = end


def _what_stays(marker: int, segment: bytes) -> bytes:
    payload = segment[4:]
    if marker == _APP0 and payload.startswith(b"JFIF\x00") and len(payload) >= 14:
        return b"\xff\xe0\x00\x10" + payload[:12] + b"\x00\x00"  # preview of 0 by 0 pixels
    if marker == _APP14 and payload.startswith(b"Adobe") and len(payload) >= 12:
        return b"\xff\xee\x00\x0e" + payload[:12]
    # DHT, DQT, DRI, frame and scan headers stay; C8 and F0-FD are extensions no camera decodes.
    needed = 0xC0 <= marker <= 0xDF and marker not in (0xC8, *range(0xD0, _END))
    return segment if needed else b""


def _orientation_segment(orientation: int) -> bytes:
    tiff = b"II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00"
    tiff += bytes([orientation, 0, 0, 0]) + b"\x00\x00\x00\x00"
    payload = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload
