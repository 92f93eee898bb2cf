"""What people call the row that was found."""

from collections.abc import Mapping

from sqlalchemy import inspect, select
from sqlmodel import Session, SQLModel

from species_db.stored import as_stored
from species_db.tables import (
    Camera,
    CameraStation,
    CardImport,
    ClockSegment,
    Event,
    FieldPhoto,
    FieldRecord,
    ListVersion,
    Media,
    ModelVersion,
    Observation,
    Plot,
    Project,
    Taxon,
)
from species_db.verify.finding import Finding

# Columns that tell a person which row is meant. None tells a place's coordinates.
_NAMES: Mapping[str, tuple[type[SQLModel], tuple[str, ...]]] = {
    "camera": (Camera, ("camera_model",)),
    "camerastation": (CameraStation, ("location_name",)),
    "cardimport": (CardImport, ("deployment_id", "card_path")),
    "clocksegment": (ClockSegment, ("deployment_id", "cause", "state")),
    "event": (Event, ("deployment_id", "event_start")),
    "fieldphoto": (FieldPhoto, ("card_path",)),
    "fieldrecord": (FieldRecord, ("plot_id", "observer", "event_start")),
    "listversion": (ListVersion, ("title_zh", "version")),
    "media": (Media, ("deployment_id", "card_path")),
    "modelversion": (ModelVersion, ("name", "version")),
    "observation": (Observation, ("deployment_id", "observation_type", "classified_by")),
    "plot": (Plot, ("name",)),
    "project": (Project, ("title",)),
    "taxon": (Taxon, ("scientific_name",)),
}


def name_of(session: Session, finding: Finding) -> str:
    """Name a row as people know it; nothing when it is gone or has no other name than its key."""
    if finding.name or finding.table not in _NAMES:
        return finding.name
    table, names = _NAMES[finding.table]
    (key,) = inspect(table).primary_key
    columns = as_stored(*(inspect(table).local_table.c[name] for name in names))
    row = session.execute(select(*columns).where(key == finding.key)).first()
    return " ".join(str(part)[:60] for part in row if part not in (None, "")) if row else ""
