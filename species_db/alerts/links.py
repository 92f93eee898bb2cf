"""What belongs to an alert: the picture behind it, and the records and actions that may follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, or_, select

from species_db.alerts.board import AlertView
from species_db.alerts.facts import INDEX
from species_db.tables import ControlAction, FieldPhoto, FieldRecord, Media, Observation
from species_db.vocabulary import FieldState

OFFERED = 12  # the newest; a list that must be searched is no help
BEFORE = timedelta(days=1)  # a record of the day itself may be older than the alert's own


@dataclass(frozen=True)
class Evidence:
    """The picture that shows it best; `is_restricted`: only blurred."""

    kind: str  # media or field_photo
    picture_id: str
    is_restricted: bool


@dataclass(frozen=True)
class Choice:
    """A field record or a control action to link an alert's step to; no coordinates."""

    link_id: str
    day: date | None
    plot_id: str
    what: str  # protocol, or method
    person: str


def evidence_of(session: Session, alert: AlertView) -> Evidence | None:
    """The picture behind an alert: the one that the model was surest of, else the first."""
    if alert.record_kind == INDEX:
        return None
    if alert.record_kind != "event":
        photo = session.exec(
            select(FieldPhoto)
            .where(FieldPhoto.field_record_id == alert.record_id)
            .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.field_photo_id))
            .limit(1)
        ).first()
        if photo is None:
            return None
        return Evidence("field_photo", photo.field_photo_id, photo.is_restricted)
    best = session.exec(
        select(Media)
        .join(Observation, col(Observation.media_id) == col(Media.media_id), isouter=True)
        .where(Media.event_id == alert.record_id)
        .order_by(
            col(Observation.bbox_x).is_(None),
            col(Observation.classification_probability).desc(),
            col(Media.timestamp),
            col(Media.media_id),
        )
        .limit(1)
    ).first()
    return Evidence("media", best.media_id, best.is_restricted) if best else None


def field_choices(session: Session, alert: AlertView) -> list[Choice]:
    """The newest field records of the alert's taxon or plot since it was seen; itself left out."""
    asked = select(FieldRecord).where(
        FieldRecord.state != FieldState.REJECTED.value,
        FieldRecord.field_record_id != alert.record_id,
        or_(*_same(col(FieldRecord.taxon_id), col(FieldRecord.plot_id), alert)),
    )
    if alert.observed_at is not None:
        asked = asked.where(col(FieldRecord.event_start) >= alert.observed_at - BEFORE)
    rows = session.exec(asked.order_by(col(FieldRecord.event_start).desc()).limit(OFFERED))
    return [
        Choice(
            one.field_record_id,
            _local_day(one),
            one.plot_id or "",
            one.protocol,
            one.observer,
        )
        for one in rows
    ]


def control_choices(session: Session, alert: AlertView) -> list[Choice]:
    """The newest control actions against the alert's taxon, or on its plot, since it was seen."""
    asked = select(ControlAction).where(
        or_(*_same(col(ControlAction.taxon_id), col(ControlAction.plot_id), alert))
    )
    if alert.observed_at is not None:
        asked = asked.where(col(ControlAction.started_on) >= (alert.observed_at - BEFORE).date())
    rows = session.exec(asked.order_by(col(ControlAction.started_on).desc()).limit(OFFERED))
    return [
        Choice(one.control_id, one.started_on, one.plot_id or "", one.method, one.led_by)
        for one in rows
    ]


def _same(taxon: Mapped[Any], plot: Mapped[Any], alert: AlertView) -> Sequence[ColumnElement[bool]]:
    """Of the alert's plot, or of its taxon; of nothing when it has neither."""
    pairs = ((taxon, alert.taxon_id), (plot, alert.plot_id))
    return [column == value for column, value in pairs if value] or [false()]


def _local_day(record: FieldRecord) -> date | None:
    if record.event_start is None:
        return None
    return (record.event_start + timedelta(seconds=record.utc_offset_seconds)).date()
