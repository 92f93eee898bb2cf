"""The records of a survey as tables; names are Camtrap DP's and Darwin Core's in snake_case.

Instants are stored in UTC, beside the offset in force at the camera and the camera's own text.
Coordinates are WGS-84 decimal degrees; lengths are metres.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Index, TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant kept in UTC; SQLite forgets zones, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse an instant without a zone: it would be somebody's guess later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone, got {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give every instant back as aware UTC."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Project(SQLModel, table=True):
    """One study; a survey folder holds one."""

    project_id: str = Field(primary_key=True)
    title: str
    rights_holder: str = ""
    created_at: datetime = Field(sa_type=UtcDateTime)


class Plot(SQLModel, table=True):
    """A land unit studied by several methods; it may hold no camera."""

    plot_id: str = Field(primary_key=True)
    name: str = ""
    county: str = ""  # division code, see species_db/places.py
    ecosystem: str = ""
    latitude: float | None = None
    longitude: float | None = None
    elevation_m: float | None = None
    remarks: str = ""


class CameraStation(SQLModel, table=True):
    """The fixed place of a camera (Camtrap DP `locationID`)."""

    location_id: str = Field(primary_key=True)
    location_name: str = ""
    plot_id: str | None = Field(default=None, foreign_key="plot.plot_id", index=True)
    latitude: float
    longitude: float
    coordinate_uncertainty_m: int = 30
    elevation_m: float | None = None


class Camera(SQLModel, table=True):
    """The device, which moves between stations."""

    camera_id: str = Field(primary_key=True)
    camera_model: str = ""
    serial_number: str = ""


class Deployment(SQLModel, table=True):
    """One camera at one station for one period, with the offset its clock was set to."""

    deployment_id: str = Field(primary_key=True)
    location_id: str = Field(foreign_key="camerastation.location_id", index=True)
    camera_id: str | None = Field(default=None, foreign_key="camera.camera_id")
    deployment_start: datetime = Field(sa_type=UtcDateTime)
    deployment_end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    utc_offset_seconds: int = 8 * 3600
    setup_by: str = ""
    camera_delay_s: int | None = None
    camera_height_m: float | None = None
    camera_depth_m: float | None = None
    camera_tilt: int | None = None
    camera_heading: int | None = None
    detection_distance_m: float | None = None
    timestamp_issues: bool | None = None
    bait_use: bool | None = None
    feature_type: str = ""
    habitat: str = ""
    deployment_groups: str = ""
    deployment_tags: str = ""
    deployment_comments: str = ""


class CardImport(SQLModel, table=True):
    """One card read for one deployment; its files are in `CardFile`."""

    card_import_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id", index=True)
    card_path: str
    fingerprint: str
    state: str
    person: str
    software_version: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """Media of one deployment within the sequence gap, reviewed and recorded together.

    `current_review_id` names the act of review in force; what it said are the observations that
    carry it. Undo points back to an earlier act, so nothing a person said is ever overwritten.
    """

    __table_args__ = (
        Index("ix_event_queue", "is_reviewed", "priority", "event_start", "event_id"),
        Index("ix_event_deployment", "deployment_id", "event_start"),
    )
    event_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id")
    event_start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    event_end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    media_count: int = 0
    machine_type: str = "unclassified"  # the strongest answer of the newest model on its media
    machine_probability: float | None = None
    priority: int = 9  # review order, small first, see species_db/review.py
    is_reviewed: bool = False
    current_review_id: str | None = None


class Media(SQLModel, table=True):
    """One picture or video file as it came from the camera."""

    __table_args__ = (
        Index("ix_media_deployment", "deployment_id", "timestamp"),
        Index("ix_media_event", "event_id", "timestamp", "file_name"),
    )
    media_id: str = Field(primary_key=True)
    sha256: str = Field(unique=True)
    bytes: int
    deployment_id: str = Field(foreign_key="deployment.deployment_id")
    card_import_id: str = Field(foreign_key="cardimport.card_import_id", index=True)
    event_id: str | None = Field(default=None, foreign_key="event.event_id")
    file_path: str  # of the original, inside the survey folder
    file_name: str  # as on the card
    card_path: str  # folders and name on the card
    file_mediatype: str
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    timestamp: datetime | None = Field(default=None, sa_type=UtcDateTime)
    utc_offset_seconds: int | None = None
    offset_source: str = ""  # recorded by the camera, from GPS, or assumed from the deployment
    camera_time_raw: str | None = None
    camera_time_source: str | None = None
    gps_time: datetime | None = Field(default=None, sa_type=UtcDateTime)
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    make: str | None = None
    model: str | None = None
    serial_number: str | None = None
    firmware: str | None = None
    temperature_c: float | None = None
    trigger: str | None = None
    sequence_number: int | None = None
    sequence_length: int | None = None
    event_number: int | None = None
    battery_mv: int | None = None
    moon_phase: str | None = None
    user_label: str | None = None
    is_restricted: bool = False  # shows people: not public, opened by duty roles only


class CardFile(SQLModel, table=True):
    """The journal of a card: what became of each file on it, written with the media it made."""

    card_import_id: str = Field(primary_key=True, foreign_key="cardimport.card_import_id")
    card_path: str = Field(primary_key=True)
    bytes: int
    modified_ns: int
    outcome: str
    sha256: str | None = None
    media_id: str | None = Field(default=None, foreign_key="media.media_id")


class Problem(SQLModel, table=True):
    """What a person should know of one file: why it could not be used, or what is doubtful."""

    card_import_id: str = Field(primary_key=True, foreign_key="cardimport.card_import_id")
    card_path: str = Field(primary_key=True)
    code: str = Field(primary_key=True, index=True)
    media_id: str | None = Field(default=None, foreign_key="media.media_id", index=True)
    note: str = ""


class Taxon(SQLModel, table=True):
    """A taxon of any rank under our own stable id."""

    taxon_id: str = Field(primary_key=True)
    scientific_name: str = Field(unique=True)
    taxon_rank: str
    kingdom: str = ""
    class_name: str = ""
    order_name: str = ""
    family: str = ""
    source: str


class TaxonName(SQLModel, table=True):
    """One name of a taxon in one language; `la` holds synonyms."""

    taxon_id: str = Field(primary_key=True, foreign_key="taxon.taxon_id")
    language: str = Field(primary_key=True)
    name: str = Field(primary_key=True, index=True)
    is_preferred: bool = True


class ModelVersion(SQLModel, table=True):
    """Weights that have answered on this survey's media, told apart by their bytes."""

    model_version_id: str = Field(primary_key=True)
    name: str
    version: str
    sha256: str = Field(unique=True)
    labels: str
    threshold: float
    engine: str


class Decision(SQLModel, table=True):
    """One entry of the append-only log; each carries the hash of the one before it."""

    sequence: int = Field(primary_key=True)
    decision_id: str = Field(unique=True)
    act: str = Field(index=True)
    subject: str = Field(index=True)
    person: str
    decided_at: datetime = Field(sa_type=UtcDateTime)
    details: str  # canonical JSON
    previous_hash: str
    hash: str


class Observation(SQLModel, table=True):
    """What a model or a person says is on a media file or in an event. Never overwritten."""

    __table_args__ = (
        Index("ix_observation_model", "model_version_id", "media_id"),
        Index("ix_observation_media", "media_id"),
        Index("ix_observation_review", "review_id"),
        Index("ix_observation_event", "event_id"),
    )
    observation_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id")
    media_id: str | None = Field(default=None, foreign_key="media.media_id")
    event_id: str | None = Field(default=None, foreign_key="event.event_id")
    observation_level: str
    observation_type: str
    camera_setup_type: str = ""
    taxon_id: str | None = Field(default=None, foreign_key="taxon.taxon_id", index=True)
    count: int | None = None
    life_stage: str = ""
    sex: str = ""
    behavior: str = ""
    individual_id: str = ""
    bbox_x: float | None = None
    bbox_y: float | None = None
    bbox_width: float | None = None
    bbox_height: float | None = None
    classification_method: str
    classified_by: str
    classification_timestamp: datetime = Field(sa_type=UtcDateTime)
    classification_probability: float | None = None
    model_version_id: str | None = Field(default=None, foreign_key="modelversion.model_version_id")
    review_id: str | None = Field(default=None, foreign_key="decision.decision_id")
    observation_comments: str = ""
