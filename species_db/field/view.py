"""What screens show of field records: photos, plot, time, doubts; never the exact coordinates."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlmodel import Session, col, func, select

from species_db.field.drafting import doubts_of
from species_db.tables import FieldPhoto, FieldRecord, Plot, Taxon, TaxonName
from species_db.vocabulary import FieldState

MOST_SHOWN = 200  # drafts loaded at a time; a screen shows one and lists the next


@dataclass(frozen=True)
class FieldPhotoView:
    """One photo; `file_path` is inside the survey folder."""

    field_photo_id: str
    file_path: str
    file_name: str
    file_mediatype: str
    local_time: datetime | None
    is_restricted: bool
    doubts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FieldRecordView:
    """One field record with its photos in order of time, and what has been said of it."""

    field_record_id: str
    review_id: str | None
    state: str
    plot_id: str
    plot_name: str
    protocol: str
    observer: str
    local_start: datetime | None
    local_end: datetime | None
    coordinate_uncertainty_m: int | None
    position_source: str
    elevation_m: float | None
    elevation_source: str
    photos: tuple[FieldPhotoView, ...]
    taxon_id: str | None
    scientific_name: str
    zh: str
    en: str
    individual_count: int | None
    organism_quantity: str
    organism_quantity_type: str
    habitat: str
    remarks: str
    identified_by: str

    @property
    def doubts(self) -> frozenset[str]:
        """Every problem code that stands at one of its photos."""
        return frozenset().union(*(photo.doubts for photo in self.photos))


def draft_records(
    session: Session,
    plot_id: str | None = None,
    *,
    state: FieldState = FieldState.DRAFT,
    limit: int = MOST_SHOWN,
) -> list[FieldRecordView]:
    """Field records that wait for a name, of one plot or all, oldest first.

    Another `state` gives those that have one, or that were put aside; newest act first.
    """
    statement = select(FieldRecord).where(FieldRecord.state == state.value).limit(limit)
    if plot_id is not None:
        statement = statement.where(FieldRecord.plot_id == plot_id)
    if state is FieldState.DRAFT:
        statement = statement.order_by(
            col(FieldRecord.plot_id),
            col(FieldRecord.event_start).is_(None),
            col(FieldRecord.event_start),
            col(FieldRecord.field_record_id),
        )
    else:
        statement = statement.order_by(col(FieldRecord.date_identified).desc())
    return _views(session, session.exec(statement).all())


def count_drafts(session: Session) -> dict[str, int]:
    """How many drafts wait on each plot that has any."""
    statement = (
        select(FieldRecord.plot_id, func.count())
        .where(FieldRecord.state == FieldState.DRAFT.value)
        .group_by(FieldRecord.plot_id)
        .order_by(FieldRecord.plot_id)
    )
    return {plot_id or "": count for plot_id, count in session.exec(statement)}


def view_record(session: Session, field_record_id: str) -> FieldRecordView | None:
    """One field record as screens show it; None when it is not there."""
    record = session.get(FieldRecord, field_record_id)
    return _views(session, [record])[0] if record is not None else None


def view_field_photo(session: Session, field_photo_id: str) -> FieldPhotoView | None:
    """One photo as screens show it; None when it is not there."""
    photo = session.get(FieldPhoto, field_photo_id)
    return _photo(photo, frozenset()) if photo is not None else None


def _views(session: Session, records: Sequence[FieldRecord]) -> list[FieldRecordView]:
    ids = [record.field_record_id for record in records]
    statement = (
        select(FieldPhoto)
        .where(col(FieldPhoto.field_record_id).in_(ids))
        .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.card_path))
    )
    stored = session.exec(statement).all()
    doubts = doubts_of(session, [photo.field_photo_id for photo in stored])
    photos: dict[str, list[FieldPhotoView]] = defaultdict(list)
    for photo in stored:
        told = doubts.get(photo.field_photo_id, frozenset())
        photos[str(photo.field_record_id)].append(_photo(photo, told))
    return [_view(session, record, photos[record.field_record_id]) for record in records]


def _view(
    session: Session, record: FieldRecord, photos: Sequence[FieldPhotoView]
) -> FieldRecordView:
    plot = session.get(Plot, record.plot_id) if record.plot_id else None
    taxon = session.get(Taxon, record.taxon_id) if record.taxon_id else None
    return FieldRecordView(
        field_record_id=record.field_record_id,
        review_id=record.review_id,
        state=record.state,
        plot_id=record.plot_id or "",
        plot_name=plot.name if plot else "",
        protocol=record.protocol,
        observer=record.observer,
        local_start=_local(record.event_start, record.utc_offset_seconds),
        local_end=_local(record.event_end, record.utc_offset_seconds),
        coordinate_uncertainty_m=record.coordinate_uncertainty_m,
        position_source=record.position_source,
        elevation_m=record.elevation_m,
        elevation_source=record.elevation_source,
        photos=tuple(photos),
        taxon_id=record.taxon_id,
        scientific_name=taxon.scientific_name if taxon else "",
        zh=_common_name(session, record.taxon_id, "zh"),
        en=_common_name(session, record.taxon_id, "en"),
        individual_count=record.individual_count,
        organism_quantity=record.organism_quantity,
        organism_quantity_type=record.organism_quantity_type,
        habitat=record.habitat,
        remarks=record.remarks,
        identified_by=record.identified_by,
    )


def _photo(photo: FieldPhoto, doubts: frozenset[str]) -> FieldPhotoView:
    return FieldPhotoView(
        field_photo_id=photo.field_photo_id,
        file_path=photo.file_path,
        file_name=photo.file_name,
        file_mediatype=photo.file_mediatype,
        local_time=_local(photo.timestamp, photo.utc_offset_seconds or 0),
        is_restricted=photo.is_restricted,
        doubts=doubts,
    )


def _common_name(session: Session, taxon_id: str | None, language: str) -> str:
    if taxon_id is None:
        return ""
    statement = (
        select(TaxonName.name)
        .where(TaxonName.taxon_id == taxon_id, TaxonName.language == language)
        .order_by(col(TaxonName.is_preferred).desc(), TaxonName.name)
        .limit(1)
    )
    return session.exec(statement).first() or ""


def _local(instant: datetime | None, offset_seconds: int) -> datetime | None:
    if instant is None:
        return None
    return instant.astimezone(timezone(timedelta(seconds=offset_seconds)))
