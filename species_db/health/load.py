"""Read what the decisions on camera health need to know of a deployment from its rows."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from itertools import accumulate
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from species_db.health.darkness import darkness_at
from species_db.health.facts import CameraFacts, Field, Frame, of_length_one
from species_db.tables import CameraStation, CardImport, Deployment, Media

HEARTBEAT = "time_lapse"
HISTOGRAM_STEPS = 16
_COLUMNS = (
    Media.media_id,
    Media.timestamp,
    Media.trigger,
    Media.is_restricted,
    Media.is_grey,
    Media.brightness,
    Media.contrast,
    Media.sharpness,
    Media.histogram,
    Media.layout,
    Media.battery_mv,
)


def camera_facts(session: Session, deployment: Deployment, *, today: date) -> CameraFacts:
    """A deployment's dated media and field notes; undated media are not used (DOMAIN.md 1)."""
    station = session.get_one(CameraStation, deployment.location_id)
    zone = zone_of(deployment)
    is_dark = darkness_at(station.latitude, station.longitude)
    rows = session.exec(
        select(*_COLUMNS)  # type: ignore[call-overload]
        .where(Media.deployment_id == deployment.deployment_id, col(Media.timestamp).is_not(None))
        .order_by(col(Media.timestamp), col(Media.card_path), col(Media.media_id))
    )
    frames = [_frame(row, zone, is_dark) for row in rows]
    field = _field(deployment, frames[-1].at.date() if frames else None, today)
    frames = [f for f in frames if field.first_day <= f.at.date() <= field.last_day]
    written = _card_bytes(session, frames[-1].media_id) if frames else 0
    return CameraFacts(field, frames, written)


def zone_of(deployment: Deployment) -> timezone:
    """The fixed offset of a deployment's local dates."""
    return timezone(timedelta(seconds=deployment.utc_offset_seconds))


def _frame(row: Any, zone: timezone, is_dark: Callable[[datetime], bool]) -> Frame:
    return Frame(
        media_id=row.media_id,
        at=row.timestamp.astimezone(zone),
        is_dark=is_dark(row.timestamp),
        is_heartbeat=row.trigger == HEARTBEAT,
        is_restricted=row.is_restricted,
        is_grey=row.is_grey,
        brightness=row.brightness,
        contrast=row.contrast,
        sharpness=row.sharpness,
        histogram=_cumulative(row.histogram),
        layout=of_length_one(bytes.fromhex(row.layout)) if row.layout else None,
        battery_mv=row.battery_mv,
    )


def _cumulative(histogram: str | None) -> tuple[float, ...] | None:
    """Sixteen shares as hex bytes, added up from dark to bright; None when there are none.

    >>> _cumulative("80" + "00" * 14 + "80")[:2], _cumulative("") is None
    ((0.5, 0.5), True)
    """
    if not histogram or len(histogram) != 2 * HISTOGRAM_STEPS:
        return None
    shares = bytes.fromhex(histogram)
    total = sum(shares)
    return tuple(share / total for share in accumulate(shares)) if total else None


def _field(deployment: Deployment, last_media: date | None, today: date) -> Field:
    """Local dates in the field; without retrieval, up to the last photo, or today without any."""
    zone = zone_of(deployment)
    first = deployment.deployment_start.astimezone(zone).date()
    ends = deployment.deployment_end
    last = ends.astimezone(zone).date() if ends else (last_media or today)
    comments = f"{deployment.deployment_comments}; {deployment.deployment_tags}"
    return Field(first, max(first, last), ends is not None, comments)


def _card_bytes(session: Session, media_id: str) -> int:
    """How much the camera had written to the card with its last photo."""
    card_import_id = session.exec(
        select(Media.card_import_id).where(Media.media_id == media_id)
    ).one()
    stored = session.exec(
        select(func.sum(Media.bytes)).where(Media.card_import_id == card_import_id)
    ).one()
    card = session.get_one(CardImport, card_import_id)
    return max(int(stored or 0), card.total_bytes)
