"""Which files a clock segment covers, and what time it makes of a camera's (pure)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from species_db.tables import ClockSegment

ASSUMED = "assumed"  # the zone came from the deployment: the camera wrote a bare clock time
WRITTEN = ("OffsetTimeOriginal", "OffsetTimeDigitized")  # as phones and some cameras write it
Order = tuple[tuple[str | int, ...], tuple[int, ...], str]
_DIGITS = re.compile(r"(\d+)", re.ASCII)


@dataclass(frozen=True)
class Position:
    """Where a file stands: its card, and its path there."""

    card_import_id: str
    card_path: str


def file_order(card_path: str) -> Order:
    """Give a key that sorts a card's files as the camera wrote them.

    By folder (100 before 101), then by the numbers in the name: cameras count photos and clips
    with one counter, so `VID_0002.AVI` stands between `IMG_0001.JPG` and `IMG_0003.JPG`.

    >>> names = ["DCIM/101A/I_1.JPG", "DCIM/100A/V_10.AVI", "DCIM/100A/I_9.JPG"]
    >>> sorted(names, key=file_order)
    ['DCIM/100A/I_9.JPG', 'DCIM/100A/V_10.AVI', 'DCIM/101A/I_1.JPG']
    """
    folder, _, name = card_path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    numbers = tuple(int(run) for run in _DIGITS.findall(stem))
    return _natural(folder.lower()), numbers, name.lower()


def has_camera_clock(offset_source: str) -> bool:
    """Tell a bare camera clock from a phone's: no proposal shifts a time with its own zone.

    Phones set their clocks by network and satellites and write the zone beside the time; a
    segment over the files of a card must not move the phone's photo of the board among them.
    Some cameras write a zone as well: where a stretch holds no other times, a person's word
    corrects those (`ClockSegment.offset_source`).

    >>> has_camera_clock("assumed"), has_camera_clock("OffsetTimeOriginal")
    (True, False)
    """
    return offset_source == ASSUMED


def covers(segment: ClockSegment, position: Position) -> bool:
    """Tell whether a file lies in a segment's stretch, its first and last file included."""
    if segment.card_import_id is None:
        return True
    if segment.card_import_id != position.card_import_id:
        return False
    here = file_order(position.card_path)
    if segment.first_card_path is not None and here < file_order(segment.first_card_path):
        return False
    return segment.last_card_path is None or here <= file_order(segment.last_card_path)


def overlap(one: ClockSegment, other: ClockSegment) -> bool:
    """Tell whether two segments could speak of the same file."""
    if one.offset_source != other.offset_source:
        return False
    if one.card_import_id is None or other.card_import_id is None:
        return True
    if one.card_import_id != other.card_import_id:
        return False
    return _begins_before_end(one, other) and _begins_before_end(other, one)


def segment_of(
    position: Position, offset_source: str, segments: Iterable[ClockSegment]
) -> ClockSegment | None:
    """Find the accepted segment that corrects a file; accepted segments never overlap."""
    return next((one for one in segments if speaks_of(one, position, offset_source)), None)


def speaks_of(segment: ClockSegment, position: Position, offset_source: str) -> bool:
    """Tell whether a segment corrects a file: it lies in the stretch, and its clock is meant."""
    return segment.offset_source == offset_source and covers(segment, position)


def corrected_time(camera_time: datetime | None, segment: ClockSegment | None) -> datetime | None:
    """Give the true time of a file: the camera's, plus what the segment says there.

    A shift adds the same everywhere. A drift adds each anchor's offset at its camera time, and in
    between and beyond what lies on the straight line through both.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 5, 1, 9, tzinfo=UTC)
    >>> slow = ClockSegment(offset_seconds=3600)
    >>> corrected_time(nine, slow).hour
    10
    """
    if camera_time is None or segment is None:
        return camera_time
    return camera_time + timedelta(seconds=_offset_at(camera_time, segment))


def _offset_at(camera_time: datetime, segment: ClockSegment) -> int:
    first, second = segment.anchor_camera_time, segment.second_anchor_camera_time
    if first is None or second is None or segment.second_offset_seconds is None:
        return segment.offset_seconds
    share = (camera_time - first) / (second - first)
    drifted = (segment.second_offset_seconds - segment.offset_seconds) * share
    return segment.offset_seconds + round(drifted)


def _begins_before_end(one: ClockSegment, other: ClockSegment) -> bool:
    if one.first_card_path is None or other.last_card_path is None:
        return True
    return file_order(one.first_card_path) <= file_order(other.last_card_path)


def _natural(text: str) -> tuple[str | int, ...]:
    parts = _DIGITS.split(text)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))
