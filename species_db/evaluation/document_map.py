"""A county map as a small picture for the Word document, the same bytes on every computer.

Drawn without smoothing in a handful of tints and packed by ourselves: builds of zlib press the
same picture into different bytes. Counties carry numbers, which the line below the map explains,
since the fonts of computers differ.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from species_db.geo import AreaShape
from species_db.geo.map_frame import WIDTH, base_of
from species_db.geo.map_values import MapScale

PIXELS = 960  # across: at 82 mm some 300 to the inch
SCALE = PIXELS / WIDTH
PAPER, INK, LAND, FIRST = 0, 1, 2, 3  # places in the palette; tints of the classes follow
TINTS = ((207, 224, 237), (148, 187, 213), (90, 148, 189), (47, 102, 144))
PALETTE = ((255, 255, 255), (40, 40, 40), (240, 240, 240), *TINTS)
MOST_STORED = 65_535  # bytes in one stored block (RFC 1951, 3.2.4)
LETTERS = 26  # height of a county's number, in pixels


def map_picture(
    counties: Sequence[AreaShape], values: Mapping[str, float | None], scale: MapScale
) -> bytes:
    """Draw the counties, tinted by their class of a scale; white ones are not known."""
    from PIL import Image, ImageDraw, ImageFont

    base = base_of(tuple(counties))
    picture = Image.new("L", (PIXELS, round(base.frame.height * SCALE)), PAPER)
    drawing = ImageDraw.Draw(picture)
    drawing.fontmode = "1"
    font = ImageFont.load_default(LETTERS)
    for number, code in enumerate(sorted(base.outlines), start=1):
        value = values.get(code)
        fill = LAND if value is None else FIRST + scale.class_of(value)
        for ring in _rings(base.outlines[code]):
            points = [_pixel(base.frame.of_plane(*at)) for at in ring]
            drawing.polygon(points, fill=fill)
            drawing.line([*points, points[0]], fill=INK, width=2)
        middle = base.outlines[code].representative_point()
        at = _pixel(base.frame.of_plane(middle.x, middle.y))
        _number(drawing, at, str(number), font)
    return png(np.asarray(picture, dtype=np.uint8))


def png(indices: "np.ndarray[Any, np.dtype[np.uint8]]") -> bytes:
    """Write palette indices as a PNG of four bits a pixel, its data stored and not pressed.

    >>> made = png(np.array([[0, 1], [1, 0]], dtype=np.uint8))
    >>> made[1:4], len(made)
    (b'PNG', 105)
    """
    height, width = indices.shape
    even = np.pad(indices, ((0, 0), (0, width % 2)))
    packed = ((even[:, ::2] << 4) | even[:, 1::2]).astype(np.uint8)
    rows = np.concatenate([np.zeros((height, 1), np.uint8), packed], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 4, 3, 0, 0, 0)
    colours = b"".join(bytes(one) for one in PALETTE)
    parts = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", _stored(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, told) for kind, told in parts)


def _stored(content: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, RFC 1951)."""
    blocks = [
        content[start : start + MOST_STORED] for start in range(0, len(content), MOST_STORED)
    ] or [b""]
    told = b"".join(
        struct.pack("<BHH", number == len(blocks) - 1, len(one), len(one) ^ 0xFFFF) + one
        for number, one in enumerate(blocks)
    )
    return b"\x78\x01" + told + struct.pack(">I", zlib.adler32(content))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def _rings(geometry: Any) -> list[list[tuple[float, float]]]:
    parts = getattr(geometry, "geoms", [geometry])
    return [list(part.exterior.coords[:-1]) for part in parts]


def _pixel(at: tuple[float, float]) -> tuple[int, int]:
    return round(at[0] * SCALE), round(at[1] * SCALE)


def _number(drawing: Any, at: tuple[int, int], text: str, font: Any) -> None:
    """A county's number on a white disc, so that it is read on any tint."""
    x, y = at
    reach = LETTERS * 0.72
    drawing.ellipse((x - reach, y - reach, x + reach, y + reach), fill=PAPER, outline=INK)
    drawing.text((x, y), text, fill=INK, font=font, anchor="mm")
