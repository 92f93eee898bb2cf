"""A stretch's dated files: which clock is meant there, how sure it is, what is absurd."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from species_db.clock.evidence import length
from species_db.clock.refusal import ClockError
from species_db.clock.segments import (
    ASSUMED,
    WRITTEN,
    Position,
    corrected_time,
    covers,
    has_camera_clock,
)
from species_db.clock.written import FIRST_YEAR, LAST_YEAR
from species_db.language import tr
from species_db.tables import ClockSegment, Media

READING_SECONDS = 60  # a board or a telephone shows minutes
STRAY_SECONDS_A_DAY = 2.0
"""A watch crystal strays by 20 parts in a million, 1.7 seconds a day, and more in the cold: so far
may a clock be off again with every day from the photo that anchors it."""


@dataclass(frozen=True)
class _Dated:
    """One dated file of a stretch."""

    time: datetime
    offset_source: str
    camera: tuple[str | None, str | None]


def meant_clock(session: Session, segment: ClockSegment) -> str:
    """Which times of a stretch a person means: the bare ones; without any, those of its camera.

    A camera that writes its zone is told from a phone by being alone there.
    """
    found = {(one.offset_source, one.camera) for one in _dated(session, segment)}
    written = [source for source, _ in found if source in WRITTEN]
    is_bare = any(has_camera_clock(source) for source, _ in found)
    return written[0] if len(written) == 1 and not is_bare else ASSUMED


def uncertainty_seconds(
    session: Session, segment: ClockSegment, anchored: Sequence[datetime]
) -> int:
    """Seconds that the file furthest from its anchors may be off: a misreading, and quartz.

    Beyond two anchors the line through them swings by what was misread at both.
    """
    times = [one.time for one in _meant(session, segment)]
    early, late = min(anchored), max(anchored)
    beyond = max([early - min(times, default=early), max(times, default=late) - late])
    days = max(0.0, beyond / timedelta(days=1))
    swing = 2 * READING_SECONDS / ((late - early) / timedelta(days=1)) if late > early else 0.0
    return READING_SECONDS + math.ceil(days * (STRAY_SECONDS_A_DAY + swing))


def refuse_absurd(session: Session, segment: ClockSegment) -> None:
    """Refuse a correction that takes times out of all calendars; a slip of the key makes it.

    Raises:
        ClockError: a corrected time lies in a year without camera traps.
    """
    for one in _meant(session, segment):
        try:
            told = corrected_time(one.time, segment)
            is_odd = told is not None and not FIRST_YEAR <= told.year < LAST_YEAR
        except OverflowError:
            is_odd = True
        if is_odd:
            raise ClockError(
                tr(
                    f"{one.time:%Y-%m-%d} and {length(segment.offset_seconds)} is a year in "
                    f"which no camera trap takes photos ({FIRST_YEAR} to {LAST_YEAR}). Check the "
                    "shift and its sign.",
                    f"{one.time:%Y-%m-%d} 加 {length(segment.offset_seconds)} 后的年份不可能有"
                    f"红外相机照片({FIRST_YEAR} 至 {LAST_YEAR})。请核对偏移量及其正负号。",
                )
            )


def _meant(session: Session, segment: ClockSegment) -> list[_Dated]:
    """The files of a stretch whose times the segment corrects."""
    return [f for f in _dated(session, segment) if f.offset_source == segment.offset_source]


def _dated(session: Session, segment: ClockSegment) -> list[_Dated]:
    rows = session.execute(
        select(
            Media.card_import_id,
            Media.card_path,
            Media.camera_timestamp,
            Media.offset_source,
            Media.make,
            Media.model,
        ).where(  # type: ignore[call-overload]
            Media.deployment_id == segment.deployment_id,
            col(Media.camera_timestamp).is_not(None),
        )
    ).all()
    return [
        _Dated(time, source, (make, model))
        for card, path, time, source, make, model in rows
        if covers(segment, Position(card, path))
    ]
