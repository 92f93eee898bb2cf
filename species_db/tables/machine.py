"""Models on trial: what they cannot settle, what they miss, and how they came about."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class ExpertQuestion(Sealed, table=True):
    """A machine's answer that no reviewer should have to settle alone (VISION N3).

    Out of range, or class I: never dropped, never believed, always put to a person who knows.
    """

    __table_args__ = (Index("ix_expertquestion_event", "event_id"),)
    question_id: str = Field(primary_key=True)  # after observation and reason: asking again adds 0
    event_id: str | None = Field(default=None, foreign_key="event.event_id")
    observation_id: str = Field(foreign_key="observation.observation_id")
    taxon_id: str | None = Field(default=None, foreign_key="taxon.taxon_id", index=True)
    reason: str  # QuestionReason
    details: str = "{}"  # JSON: what was compared with what
    raised_at: datetime = Field(sa_type=UtcDateTime)
    OUTSIDE_SEAL = frozenset({"event_id"})  # follows its media


class DismissedBox(Sealed, table=True):
    """A machine's box that a person called a false alarm; the box itself stays as it is."""

    __table_args__ = (Index("ix_dismissedbox_deployment", "deployment_id"),)
    observation_id: str = Field(primary_key=True, foreign_key="observation.observation_id")
    dismissal_id: str = Field(primary_key=True, index=True)  # one act dismisses many boxes
    deployment_id: str = Field(foreign_key="deployment.deployment_id")
    dismissed_by: str
    dismissed_at: datetime = Field(sa_type=UtcDateTime)
    restored_by: str | None = None
    restored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuditDraw(Sealed, table=True):
    """One random sample of events that a model called blank or hardly anything (VISION N4)."""

    draw_id: str = Field(primary_key=True)
    model_version_id: str = Field(foreign_key="modelversion.model_version_id", index=True)
    drawn_at: datetime = Field(sa_type=UtcDateTime)
    drawn_by: str
    seed: int
    settings: str  # JSON: bands of score, sizes, what may be missed


class AuditItem(Sealed, table=True):
    """An event in a sample, with the stratum it stands for and how many events that holds."""

    __table_args__ = (Index("ix_audititem_event", "event_id"),)
    draw_id: str = Field(primary_key=True, foreign_key="auditdraw.draw_id")
    event_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id")
    band: str  # blank, or a band of low scores
    stratum_events: int
    drawn_order: int


class TrainingRun(Sealed, table=True):
    """One round of learning: from which records, how, and how it compared with what is in use."""

    run_id: str = Field(primary_key=True)
    task: str  # detector, classifier
    name: str
    state: str  # running, compared, promoted, refused, failed
    person: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dataset_sha256: str
    recipe: str  # JSON
    counts: str  # JSON: boxes, events and stations for each class and split
    comparison: str = "{}"  # JSON: champion beside challenger on the frozen test
    champion_id: str | None = Field(default=None, foreign_key="modelversion.model_version_id")
    challenger_id: str | None = Field(default=None, foreign_key="modelversion.model_version_id")


class ModelChoice(Sealed, table=True):
    """Which weights do a task from now on; the latest choice holds, rolling back is a choice."""

    __table_args__ = (Index("ix_modelchoice_task", "task", "chosen_at"),)
    choice_id: str = Field(primary_key=True)
    task: str  # detector, classifier
    weights: str  # a name that is known everywhere, or a path inside the survey's folder
    sha256: str = ""  # empty: the task is switched off, or the default holds
    chosen_by: str
    chosen_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    returns_to: str | None = None  # the choice that this one takes up again; "" for the default


class ForeignAnswer(Sealed, table=True):
    """What a file of another tool said of one file on a card, as far as observations do not.

    With it the other tool's file can be written again: its path, its failure, what it says of a
    film's frames, and the boxes that were too weak to become observations.
    """

    model_version_id: str = Field(primary_key=True, foreign_key="modelversion.model_version_id")
    card_import_id: str = Field(primary_key=True, foreign_key="cardimport.card_import_id")
    card_path: str = Field(primary_key=True)
    media_id: str | None = Field(default=None, foreign_key="media.media_id", index=True)
    told_path: str  # as its file spells it, with forward slashes
    failure: str | None = None
    told: str = "{}"  # JSON: frames of a film, other fields, detections that are no observations
