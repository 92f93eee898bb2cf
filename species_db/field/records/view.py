"""What the page of field records shows: the last records, and one record's cells to correct it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from sqlmodel import Session, col, select

from species_db.field.records.efforts import effort_cells
from species_db.field.records.places import PLOT
from species_db.lists import read_status_index
from species_db.places import COUNTIES
from species_db.tables import FieldRecord, Taxon, TaxonName
from species_db.vocabulary import FieldState, StatusKind

MOST_SHOWN = 30
WHOLE_DAY = timedelta(hours=23, minutes=59, seconds=59)
INVASIVE_KINDS = (
    StatusKind.KEY_INVASIVE,
    StatusKind.INVASIVE_BATCH,
    StatusKind.LOCAL_INVASIVE,
    StatusKind.INTRODUCED,
)
ALIKE = (  # columns that a record's table names alike
    *("protocol", "sample_id", "habitat", "remarks", "life_stage", "sex", "behavior", "vitality"),
    *("reproductive_condition", "establishment_means", "degree_of_establishment", "pathway"),
    *("abundance_class", "identified_by", "control_id", "control_effect"),
)
RENAMED = {
    "observer": "observers",
    "plot_id": "plot",
    "county": "county",
    "occurrence_status": "status",
    "individual_count": "count",
    "organism_quantity": "quantity",
    "organism_quantity_type": "quantity_type",
    "infestation_area_m2": "infestation_area_m2",
    "identification_verification_status": "verification",
    "evidence_probability": "evidence_probability",
}


@dataclass(frozen=True)
class RecordLine:
    """One field record in a list; `place` is its plot or its county's code, never coordinates."""

    field_record_id: str
    review_id: str | None
    state: str
    protocol: str
    local_start: datetime | None
    has_time: bool
    observer: str
    place: str
    scientific_name: str
    zh: str
    en: str
    is_absent: bool
    individual_count: int | None
    quantity: str
    sampling_effort: str
    threats: tuple[str, ...]
    photo_count: int


def last_records(session: Session, *, limit: int = MOST_SHOWN) -> list[RecordLine]:
    """The records that people named last, newest first; drafts of photos are on their own page."""
    statement = (
        select(FieldRecord)
        .where(FieldRecord.state == FieldState.IDENTIFIED.value)
        .order_by(col(FieldRecord.date_identified).desc(), FieldRecord.field_record_id)
        .limit(limit)
    )
    records = session.exec(statement).all()
    taxa = _taxa(session, [record.taxon_id for record in records if record.taxon_id])
    return [_line(record, taxa.get(record.taxon_id or "", ("", "", ""))) for record in records]


def record_cells(session: Session, field_record_id: str) -> dict[str, str]:
    """A record as the cells of a line, so that the form can show it for correction."""
    record = session.get_one(FieldRecord, field_record_id)
    cells = {name: _text(getattr(record, name)) for name in ALIKE}
    cells |= {name: _text(getattr(record, stored)) for stored, name in RENAMED.items()}
    cells |= _when(record) | effort_cells(record.sampling_effort)
    if record.position_source != PLOT and record.latitude is not None:
        cells |= {
            "latitude": _text(record.latitude),
            "longitude": _text(record.longitude),
            "datum": "WGS-84",
            "uncertainty_m": _text(record.coordinate_uncertainty_m),
        }
    if record.elevation_source != PLOT and record.elevation_m is not None:
        cells["elevation_m"] = _text(record.elevation_m)
        cells["elevation_source"] = record.elevation_source
    cells["threats"] = " | ".join(threats_of(record))
    if record.taxon_id:
        cells["taxon"] = session.get_one(Taxon, record.taxon_id).scientific_name
    return {name: text for name, text in cells.items() if text}


def threats_of(record: FieldRecord) -> tuple[str, ...]:
    """The threats a record tells, as controlled words."""
    return tuple(json.loads(record.threats)) if record.threats else ()


def is_alien(session: Session, taxon_id: str, *, on: date) -> bool:
    """Tell whether a list in force says that a taxon is invasive or introduced."""
    status = read_status_index(session).status_of(taxon_id, on)
    return any(status.fact(kind) is not None for kind in INVASIVE_KINDS)


def _line(record: FieldRecord, names: tuple[str, str, str]) -> RecordLine:
    county = COUNTIES.get(record.county or "")
    start = _local(record.event_start, record)
    amount = f"{record.organism_quantity} {record.organism_quantity_type}".strip()
    return RecordLine(
        field_record_id=record.field_record_id,
        review_id=record.review_id,
        state=record.state,
        protocol=record.protocol,
        local_start=start,
        has_time=not _is_whole_day(record),
        observer=record.observer,
        place=record.plot_id or (county.code if county else ""),
        scientific_name=names[0],
        zh=names[1],
        en=names[2],
        is_absent=record.occurrence_status == "absent",
        individual_count=record.individual_count,
        quantity=amount,
        sampling_effort=record.sampling_effort or "",
        threats=threats_of(record),
        photo_count=record.photo_count,
    )


def _taxa(session: Session, taxon_ids: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Scientific, Chinese and English name of taxa."""
    common: dict[tuple[str, str], str] = {}
    for name in session.exec(select(TaxonName).where(col(TaxonName.taxon_id).in_(taxon_ids))):
        if name.is_preferred or (name.taxon_id, name.language) not in common:
            common[name.taxon_id, name.language] = name.name
    return {
        taxon.taxon_id: (
            taxon.scientific_name,
            common.get((taxon.taxon_id, "zh"), ""),
            common.get((taxon.taxon_id, "en"), ""),
        )
        for taxon in session.exec(select(Taxon).where(col(Taxon.taxon_id).in_(taxon_ids)))
    }


def _when(record: FieldRecord) -> dict[str, str]:
    start, end = _local(record.event_start, record), _local(record.event_end, record)
    if start is None or end is None:
        return {}
    sign = "-" if record.utc_offset_seconds < 0 else "+"
    hours, minutes = divmod(abs(record.utc_offset_seconds) // 60, 60)
    offset = {"utc_offset": f"{sign}{hours:02}:{minutes:02}"}
    if _is_whole_day(record):
        return {"start": f"{start:%Y-%m-%d}"} | offset
    last = {"end": f"{end:%Y-%m-%d %H:%M:%S}"} if end > start else {}
    return {"start": f"{start:%Y-%m-%d %H:%M:%S}"} | last | offset


def _is_whole_day(record: FieldRecord) -> bool:
    start, end = _local(record.event_start, record), record.event_end
    if start is None or end is None:
        return False
    return (start.hour, start.minute) == (0, 0) and end - start == WHOLE_DAY


def _local(instant: datetime | None, record: FieldRecord) -> datetime | None:
    if instant is None:
        return None
    return instant.astimezone(timezone(timedelta(seconds=record.utc_offset_seconds)))


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
