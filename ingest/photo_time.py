"""When a field photo was taken: a phone's GPS time stands over its clock (DOMAIN.md 12)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ingest.camera_time import MOST_GPS_DELAY
from ingest.file_problem import FileProblem, ProblemCode
from ingest.metadata import MediaFacts
from species_db.language import tr

ASSUMED = "assumed"


@dataclass(frozen=True)
class PhotoTime:
    """The instant of a photo, the distance from UTC to show it in, and what is doubtful of it."""

    instant: datetime | None
    utc_offset: timedelta
    offset_source: str
    problem: FileProblem | None = None


def photo_time(facts: MediaFacts, *, assumed_offset: timedelta) -> PhotoTime:
    """Decide when a photo was taken.

    The GPS time is that of the last fix, which is a little older than the picture: while it agrees
    with the clock to five minutes, the clock's second is the better one and keeps photos of one fix
    in order. Further apart, GPS wins and the photo is marked: either the clock is wrong, or the
    position is an old one.

    >>> from ingest.metadata import MediaKind
    >>> facts = MediaFacts(MediaKind.IMAGE, "image/jpeg", camera_time=datetime(2026, 7, 1, 9),
    ...     gps_time_utc=datetime(2026, 7, 1, 3, tzinfo=UTC))
    >>> told = photo_time(facts, assumed_offset=timedelta(hours=8))
    >>> told.instant.isoformat(), str(told.problem.code)
    ('2026-07-01T03:00:00+00:00', 'gps_time_differs')
    """
    offset, source = assumed_offset, ASSUMED
    if facts.utc_offset is not None:
        offset, source = facts.utc_offset, str(facts.utc_offset_source)
    clock = None
    if facts.camera_time is not None:
        clock = facts.camera_time.replace(tzinfo=timezone(offset)).astimezone(UTC)
    gps = facts.gps_time_utc
    if gps is None or (clock is not None and abs(clock - gps) <= MOST_GPS_DELAY):
        return PhotoTime(clock, offset, source)
    if clock is None:
        return PhotoTime(gps, offset, source)
    minutes = round(abs(clock - gps) / timedelta(minutes=1))
    note = tr(
        f"The clock is {minutes:,} minutes off the GPS time, which was taken. Either the clock is "
        "wrong or the position is an old one.",
        f"时钟与 GPS 时间相差 {minutes:,} 分钟,已采用 GPS 时间。时钟有误,或位置不是当时的。",
    )
    return PhotoTime(gps, offset, source, FileProblem(ProblemCode.GPS_TIME_DIFFERS, note))
