"""The segments of a JPEG file: where its metadata lies, how large it is, whether it is whole."""

import re
from dataclasses import dataclass

_EXIF_START = b"Exif\x00\x00"
_XMP_START = b"http://ns.adobe.com/xap/1.0/\x00"

# A marker is FF and a byte that is neither a filler, a stuffed zero nor a restart; the search also
# steps over stray bytes between segments, as every decoder does.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_END_OF_IMAGE = b"\xff\xd9"
_NOT_FRAME_HEADERS = {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True)
class JpegSegments:
    """What the segments of one JPEG say before any pixel is decoded."""

    width: int | None = None
    height: int | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    is_cut: bool = False
    """The file ends before its picture does."""


def read_jpeg_segments(data: bytes) -> JpegSegments:
    """Walk the markers of a JPEG up to its pixels and cut out the metadata blocks.

    exifread looks for the EXIF block in the first 4,000 bytes only and silently finds nothing on
    phones that write other blocks first, so the walk is done here and exifread gets the block.

    Whether a file is whole is told by its end marker: inside compressed pixels the byte FF is
    always followed by 00 or a restart, so an end marker after the start of the pixels is the
    picture's own. A file cut by a full or pulled card has none, even when the lost part is filled
    with zeros; zeros, previews and second pictures *after* the marker do no harm.

    >>> read_jpeg_segments(bytes.fromhex("ffd8 ffc0 000b 08 0003 0004 01 01 11 00"))
    JpegSegments(width=4, height=3, exif=None, xmp=None, is_cut=True)
    """
    width = height = exif = xmp = None
    position = 2
    while (match := _MARKER.search(data, position)) is not None:
        marker = match[1][0]
        start = match.end() + 2
        end = match.end() + int.from_bytes(data[match.end() : start], "big")
        if marker == 0xD9 or end < start or end > len(data):
            break
        if marker == 0xDA:
            is_cut = data.rfind(_END_OF_IMAGE, end) < 0
            return JpegSegments(width, height, exif, xmp, is_cut=is_cut)
        if marker == 0xE1:
            if exif is None and data.startswith(_EXIF_START, start, end):
                exif = data[start + len(_EXIF_START) : end]
            elif xmp is None and data.startswith(_XMP_START, start, end):
                xmp = data[start + len(_XMP_START) : end]
        elif marker < 0xD0 and marker not in _NOT_FRAME_HEADERS and width is None:
            height = int.from_bytes(data[start + 1 : min(start + 3, end)], "big")
            width = int.from_bytes(data[start + 3 : min(start + 5, end)], "big")
        position = end
    return JpegSegments(width, height, exif, xmp, is_cut=True)
