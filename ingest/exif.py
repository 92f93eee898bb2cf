"""The tags of one EXIF block, read by exifread behind guards for damaged blocks."""

import logging
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import exifread

# exifread warns on its own logger without naming the file; the file's problems say it instead.
logging.getLogger("exifread").setLevel(logging.CRITICAL)

MOST_ENTRIES = 400
"""Real cameras write under 150 tags. exifread takes seconds on a damaged count in the thousands."""

MOST_TEXT = 200
"""Characters kept of one text; a damaged length can run to the end of the block."""

_EXIF_POINTER, _GPS_POINTER, _INTEROP_POINTER = 0x8769, 0x8825, 0xA005
_MAKER_NOTE = 0x927C


@dataclass(frozen=True)
class ExifTags:
    """The tags of one EXIF block under exifread's names, such as `Image Make`."""

    tags: dict[str, Any] = field(default_factory=dict)
    maker_note: bytes = b""
    damage: str | None = None

    def text(self, *names: str) -> str | None:
        """Give the first of these tags that holds text, without blanks around it.

        >>> ExifTags().text("Image Make") is None
        True
        """
        for name in names:
            value = getattr(self.tags.get(name), "values", None)
            if isinstance(value, bytes):  # exifread leaves what is not UTF-8
                value = value.decode("latin-1")
            if isinstance(value, str):
                cleaned = "".join(char for char in value[:MOST_TEXT] if char.isprintable()).strip()
                if cleaned:
                    return cleaned
        return None

    def ratios(self, name: str) -> tuple[tuple[int, int], ...]:
        """Give a tag's numbers as (numerator, denominator); empty when it holds no numbers."""
        values = getattr(self.tags.get(name), "values", None)
        if not isinstance(values, list):
            return ()
        numbers = [value for value in values if hasattr(value, "denominator")]
        if len(numbers) != len(values):
            return ()
        return tuple((int(value.numerator), int(value.denominator)) for value in numbers)

    def whole_number(self, name: str) -> int | None:
        """Give a tag's first number when it is whole."""
        ratios = self.ratios(name)
        return ratios[0][0] if ratios and ratios[0][1] == 1 else None

    def is_present(self, name: str) -> bool:
        """Say whether the tag was written, whatever it holds."""
        return name in self.tags


def read_exif(block: bytes) -> ExifTags:
    """Read the tags of one EXIF block (a TIFF structure); a damaged block yields what is readable.

    `details=False` is required: exifread spends 100 ms on one Bushnell maker note otherwise. It
    also skips every maker note, so the note's bytes are cut out here. The thumbnail's directory is
    unlinked first: it holds no facts, and it is where damaged blocks loop.

    >>> read_exif(b"not an EXIF block").damage
    'it does not start as EXIF does'
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return ExifTags(damage="it does not start as EXIF does")
    (first,) = struct.unpack_from(order + "I", block, 4)
    entries, maker_note = _survey(block, order=order, first=first)
    if entries > MOST_ENTRIES:
        return ExifTags(damage=f"it states {entries} entries; cameras write under 150")
    unlinked = bytearray(block)
    following = first + 2 + 12 * _entry_count(block, order=order, at=first)
    unlinked[following : following + 4] = bytes(len(unlinked[following : following + 4]))
    try:
        tags = exifread.process_file(BytesIO(unlinked), details=False, extract_thumbnail=False)
    except Exception as error:  # exifread raises IndexError and more on damaged blocks
        return ExifTags(maker_note=maker_note, damage=f"exifread stopped: {error!r}")
    return ExifTags(tags, maker_note, damage=None if tags else "it holds no readable tag")


def _survey(block: bytes, *, order: str, first: int) -> tuple[int, bytes]:
    """Count the entries exifread would visit, and cut out the maker note on the way."""
    entries, maker_note = 0, b""
    pending = [(first, True)]
    while pending and entries <= MOST_ENTRIES:
        at, has_pointers = pending.pop()
        entries += _entry_count(block, order=order, at=at)
        if not has_pointers or entries > MOST_ENTRIES:
            continue
        for tag, count, value in _entries(block, order=order, at=at):
            if tag == _EXIF_POINTER and at == first:
                pending.append((value, True))
            elif tag in (_GPS_POINTER, _INTEROP_POINTER):
                pending.append((value, False))
            elif tag == _MAKER_NOTE and not maker_note and count > 4:
                maker_note = block[value : value + count]
    return entries, maker_note


def _entry_count(block: bytes, *, order: str, at: int) -> int:
    if at + 2 > len(block):
        return 0
    return int(struct.unpack_from(order + "H", block, at)[0])


def _entries(block: bytes, *, order: str, at: int) -> Iterator[tuple[int, int, int]]:
    """Give tag, count and value (or the value's place) of each entry that lies in the block."""
    start = at + 2
    end = start + 12 * _entry_count(block, order=order, at=at)
    end = min(end, start + 12 * max(0, (len(block) - start) // 12))
    for tag, _, count, value in struct.iter_unpack(order + "HHII", block[start:end]):
        yield tag, count, value
