"""Media, their events, and what models and people say of them."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class Event(Sealed, table=True):
    """Media of one deployment within the sequence gap, reviewed and recorded together.

    `current_review_id` names the act of review in force; what it said are the observations that
    carry it. Undo points back to an earlier act, so nothing a person said is ever overwritten.
    """

    __table_args__ = (
        Index("ix_event_queue", "is_reviewed", "priority", "event_start", "event_id"),
        Index("ix_event_deployment", "deployment_id", "event_start"),
        Index("ix_event_review", "event_id", "current_review_id", "event_start"),
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
    original_id: str | None = None  # of an imported package: the name of the event there


class Media(Sealed, table=True):
    """One picture or video file as it came from the camera.

    A `file_path` that begins with `elsewhere:` is of a file that is not held here: it came as a row
    of a package. Its `sha256` then stands for the row, not for bytes that nobody here has seen.
    """

    __table_args__ = (
        Index("ix_media_deployment", "deployment_id", "timestamp"),
        Index("ix_media_event", "event_id", "timestamp", "file_name"),
    )
    OUTSIDE_SEAL = frozenset(
        {"event_id", "timestamp", "clock_segment_id", "is_restricted", "file_path"}
        | {"is_grey", "brightness", "contrast", "sharpness", "histogram", "layout"}
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
    timestamp: datetime | None = Field(default=None, sa_type=UtcDateTime)  # corrected
    camera_timestamp: datetime | None = Field(default=None, sa_type=UtcDateTime)  # as it came
    clock_segment_id: str | None = Field(default=None, foreign_key="clocksegment.segment_id")
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
    duration_s: float | None = None  # of a video
    frame_rate: float | None = None
    is_grey: bool | None = None  # measured from pixels; None: not measured yet
    brightness: float | None = None  # mean luma, 0..1
    contrast: float | None = None  # standard deviation of luma, 0..1
    sharpness: float | None = None  # see models/measure.py
    histogram: str | None = None  # 16 shares of luma as hex bytes
    layout: str | None = None  # 24 cells of luma as hex bytes, see models/measure.py
    is_restricted: bool = False  # shows people: not public, opened by duty roles only
    original_id: str | None = None  # of an imported package: the name of the media there
    origin: str | None = None  # JSON: what the package says of it and no column here holds


class ModelVersion(Sealed, table=True):
    """Weights that have answered on this survey's media, told apart by their bytes.

    Answers that came in a file of another tool have a version too: `origin` names the tool, and
    `sha256` is then over what the file says of its model, not over weights.
    """

    model_version_id: str = Field(primary_key=True)
    name: str
    version: str
    sha256: str = Field(unique=True)
    labels: str
    threshold: float
    engine: str
    task: str | None = None  # detector or classifier; None: a detector of before
    origin: str | None = None  # None: its weights ran here
    licence: str | None = None
    classes: str | None = None  # JSON: the model's own classes, and the taxon of each
    details: str | None = None  # JSON: what its card, or the file it came in, says of it


class Observation(Sealed, table=True):
    """What a model or a person says is on a media file or in an event. Never overwritten."""

    __table_args__ = (
        Index("ix_observation_model", "model_version_id", "media_id"),
        Index("ix_observation_media", "media_id"),
        Index("ix_observation_review", "review_id"),
        Index("ix_observation_event", "event_id"),
        Index("ix_observation_place", "deployment_id", "taxon_id"),
        # All that counting asks of a record: pages of taxa read this alone, not the rows.
        Index(
            "ix_observation_seen",
            "observation_type",
            "taxon_id",
            "event_id",
            "review_id",
            "deployment_id",
            "classification_method",
            "classified_by",
        ),
    )
    OUTSIDE_SEAL = frozenset({"event_id"})  # follows its media
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
    frame_s: float | None = None  # of a box in a video: seconds from its start
    model_version_id: str | None = Field(default=None, foreign_key="modelversion.model_version_id")
    review_id: str | None = Field(default=None, foreign_key="decision.decision_id")
    observation_comments: str = ""
    prediction_source: str | None = None  # of a machine: how it came to this name (DOMAIN.md 10)
    alternatives: str | None = None  # JSON: its other names with their scores, best first
    package_id: str | None = None  # it came in this package, see species_db/tables/packages.py
    original_id: str | None = None  # the name of the observation there
    origin: str | None = None  # JSON: what the package says of it and no column here holds
