"""Let corrected times follow the accepted segments, and events and days follow the times."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from species_db.camera_days import recompute_days
from species_db.clock.segments import Position, corrected_time, segment_of
from species_db.events import assign_events
from species_db.media_rows import write_media
from species_db.tables import ClockSegment, Media
from species_db.vocabulary import ClockState


def apply_clock(session: Session, deployment_id: str) -> int:
    """Work the corrected time of every file of a deployment out anew; tell how many changed.

    What the cameras wrote stays untouched beside it, so doing this twice changes nothing, and
    without a segment every file has its camera's time. Call it after an import, before
    `assign_events`: files that came later may lie in a stretch that is corrected already.
    """
    segments = accepted_segments(session, deployment_id)
    rows = session.execute(
        select(
            Media.media_id,
            Media.card_import_id,
            Media.card_path,
            Media.offset_source,
            Media.camera_timestamp,
            Media.timestamp,
            Media.clock_segment_id,
        ).where(Media.deployment_id == deployment_id)  # type: ignore[call-overload]
    )
    changes: list[dict[str, Any]] = []
    for media_id, card, path, source, camera_time, told, told_by in rows:
        segment = segment_of(Position(card, path), source, segments)
        wanted: tuple[datetime | None, str | None] = (camera_time, None)
        if segment is not None and camera_time is not None:
            wanted = (corrected_time(camera_time, segment), segment.segment_id)
        if wanted != (told, told_by):
            changes.append(
                {"media_id": media_id, "timestamp": wanted[0], "clock_segment_id": wanted[1]}
            )
    write_media(session, changes)
    return len(changes)


def follow_clock(session: Session, deployment_id: str, *, gap: timedelta) -> None:
    """Let corrected times, events and the machine's camera days follow the accepted segments."""
    apply_clock(session, deployment_id)
    assign_events(session, deployment_id, gap=gap)
    recompute_days(session, deployment_id)


def accepted_segments(session: Session, deployment_id: str) -> list[ClockSegment]:
    """The segments in force at a deployment."""
    found = select(ClockSegment).where(
        ClockSegment.deployment_id == deployment_id,
        ClockSegment.state == ClockState.ACCEPTED.value,
    )
    return list(session.exec(found))
