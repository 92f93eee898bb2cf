"""Corrections of camera clocks, and how a camera was on each day."""

from datetime import datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class ClockSegment(Sealed, table=True):
    """A correction of a camera's clock over a stretch of its files, in the camera's file order.

    A view over untouched camera times: `Media.timestamp` is `camera_timestamp` plus what the
    segment in force says there. `offset_seconds` is added at `anchor_camera_time`; a second anchor
    makes it drift: in between and beyond, the offset changes in a straight line.
    """

    segment_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id", index=True)
    card_import_id: str | None = Field(default=None, foreign_key="cardimport.card_import_id")
    first_card_path: str | None = None  # None: from the card's first file
    last_card_path: str | None = None  # None: to the card's last file
    kind: str  # shift or drift
    offset_source: str = "assumed"  # of the times it corrects: bare ones, or with a written zone
    cause: str  # reset, wrong_year, am_pm, zone, drift, anchor, shift
    offset_seconds: int
    anchor_camera_time: datetime | None = Field(default=None, sa_type=UtcDateTime)
    second_offset_seconds: int | None = None
    second_anchor_camera_time: datetime | None = Field(default=None, sa_type=UtcDateTime)
    uncertainty_seconds: int
    evidence: str  # canonical JSON: the symptoms, with files and figures
    confidence: float = 1.0
    state: str = Field(index=True)  # proposed, accepted, withdrawn, dismissed
    proposed_by: str  # the detector's name, or the person
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CameraDay(Sealed, table=True):
    """How a camera was on one local day of its deployment; a person's word stands over ours."""

    deployment_id: str = Field(primary_key=True, foreign_key="deployment.deployment_id")
    day: str = Field(primary_key=True)  # local date at the deployment's offset, YYYY-MM-DD
    method: str = Field(primary_key=True)  # human or machine
    state: str  # working, day_only, blocked, moved, full_card, dead, unknown
    cause: str = ""
    confidence: float | None = None
    media_count: int = 0
    evidence_media_id: str | None = None  # the picture that shows it best
    person: str = ""
    stated_at: datetime = Field(sa_type=UtcDateTime)
