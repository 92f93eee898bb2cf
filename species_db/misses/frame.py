"""The events in which a model may have missed an animal, stratum by stratum, and what people found.

An event belongs to the detector that looked at its files last, and to a band: blank, or called
with a low score. Events called surely are not here: what is wrong with those is another question (a
person who is an animal, say). A stratum is one deployment, model and band.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Executable, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.alerts.standing import Standing
from species_db.alerts.thresholds import CLASS_I
from species_db.lists import read_status_index
from species_db.misses.estimate import Key
from species_db.review.event_queue import DEFAULT_SETTINGS as QUEUE
from species_db.tables import (
    AuditDraw,
    AuditItem,
    Deployment,
    Event,
    ModelVersion,
    Observation,
)
from species_db.vocabulary import ClassificationMethod, ObservationType

BLANK_BAND, LOW_BAND = "blank", "low"
BANDS = (BLANK_BAND, LOW_BAND)
BLANK, ANIMAL = ObservationType.BLANK.value, ObservationType.ANIMAL.value
UNCLASSIFIED = ObservationType.UNCLASSIFIED.value


@dataclass(frozen=True)
class FrameSettings:
    """Which events may hide an animal."""

    # Below this the review queue calls a detector doubtful: what it calls a leaf may be a pheasant.
    low_below: float = QUEUE.doubtful_below


DEFAULT_FRAME = FrameSettings()


@dataclass(frozen=True)
class Period:
    """Deployments that were set up on these local dates, whole; None leaves a side open.

    A season is told by its deployments, so that no stratum is cut in two.
    """

    first: date | None = None
    last: date | None = None

    def holds(self, deployment: Deployment) -> bool:
        """Whether a deployment belongs to the period."""
        offset = timedelta(seconds=deployment.utc_offset_seconds)
        day = (deployment.deployment_start + offset).date()
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass
class FrameStratum:
    """One deployment, model and band: its events, and what is known of them.

    `waiting` are of the sample and not reviewed yet. `seen_otherwise` were reviewed without having
    been drawn: they are known, and stand for nothing but themselves.
    """

    key: Key
    unreviewed: list[str] = field(default_factory=list)  # not drawn either
    waiting: int = 0
    sampled: int = 0
    sampled_animals: int = 0
    sampled_class_one: int = 0
    sampled_unclear: int = 0  # a person could not tell; counted as no animal
    seen_otherwise: int = 0

    @property
    def events(self) -> int:
        """All events of the stratum."""
        return self.unopened + self.sampled + self.seen_otherwise

    @property
    def unopened(self) -> int:
        """Events that nobody has reviewed."""
        return len(self.unreviewed) + self.waiting


@dataclass(frozen=True)
class Frame:
    """All strata, and how many animal events the survey has of the same deployments and models."""

    strata: Mapping[Key, FrameStratum]
    models: Mapping[str, str]  # names by model_version_id
    recorded_animals: int
    recorded_class_one: int


def read_frame(
    session: Session,
    *,
    period: Period | None = None,
    model_version_id: str | None = None,
    settings: FrameSettings = DEFAULT_FRAME,
) -> Frame:
    """Read the strata of a survey as they are now."""
    kept = period or Period()
    deployments = {
        one.deployment_id: one for one in session.exec(select(Deployment)) if kept.holds(one)
    }
    detectors = _detectors_of_pairs(session)
    models = {e: detectors.get(m, m) for e, m in _models_of_events(session).items()}
    drawn = {(detectors.get(m, m), e) for m, e in _drawn(session)}
    if model_version_id is not None:
        model_version_id = detectors.get(model_version_id, model_version_id)
    found = read_found(session)
    strata: dict[Key, FrameStratum] = {}
    recorded: set[str] = {e for e, one in found.items() if one.deployment_id in deployments}
    class_one = sum(found[e].is_class_one for e in recorded)
    animals = sum(found[e].is_animal for e in recorded)
    for event_id, deployment_id, kind, score, is_reviewed in session.execute(_events()):
        model = models.get(event_id, "")
        if deployment_id not in deployments or not model or model_version_id not in (None, model):
            continue
        band = _band(kind, score, settings)
        if band is None:
            animals += kind == ANIMAL and not is_reviewed
            continue
        key = (deployment_id, model, band)
        stratum = strata.setdefault(key, FrameStratum(key))
        _count(stratum, event_id, is_reviewed, (model, event_id) in drawn, found.get(event_id))
    names = session.exec(select(ModelVersion)).all()
    used = {key[1] for key in strata}
    return Frame(
        strata=strata,
        models={
            one.model_version_id: f"{one.name} {one.version}"
            for one in names
            if one.model_version_id in used
        },
        recorded_animals=animals,
        recorded_class_one=class_one,
    )


@dataclass(frozen=True)
class Found:
    """What the review in force says is in an event."""

    deployment_id: str
    is_animal: bool
    is_class_one: bool
    is_unclear: bool


def read_found(session: Session) -> dict[str, Found]:
    """What people found, event by event; class I as of the day of the event.

    Of a genus or family it counts what it may be, as for alerts: a missed one must not be missed
    again for want of a name.
    """
    standing = Standing(session, read_status_index(session))
    offsets = dict(
        session.exec(select(Deployment.deployment_id, Deployment.utc_offset_seconds)).all()
    )
    asked = (
        select_columns(
            col(Event.event_id),
            col(Event.deployment_id),
            col(Event.event_start),
            col(Observation.observation_type),
            col(Observation.taxon_id),
        )
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(
            col(Observation.event_id) == col(Event.event_id),
            col(Event.is_reviewed),
            col(Observation.camera_setup_type) == "",
        )
    )
    told: dict[str, Found] = {}
    for event_id, deployment_id, start, kind, taxon_id in session.execute(asked):
        before = told.get(event_id, Found(deployment_id, False, False, False))
        day = _local_day(start, offsets[deployment_id])
        is_one = taxon_id is not None and CLASS_I in standing.marks(taxon_id, day)
        told[event_id] = Found(
            deployment_id,
            before.is_animal or kind == ANIMAL,
            before.is_class_one or is_one,
            before.is_unclear or kind == ObservationType.UNKNOWN.value,
        )
    return told


def _local_day(start: datetime | None, offset_seconds: int) -> date:
    """The local day of an event; one without a time is judged by the lists in force today."""
    at = start or datetime.now().astimezone()
    return (at + timedelta(seconds=offset_seconds)).date()


def _band(kind: str, score: float | None, settings: FrameSettings) -> str | None:
    if kind == BLANK:
        return BLANK_BAND
    return LOW_BAND if score is not None and score < settings.low_below else None


def _count(
    stratum: FrameStratum, event_id: str, is_reviewed: bool, is_drawn: bool, found: Found | None
) -> None:
    if not is_reviewed:
        stratum.waiting += is_drawn
        if not is_drawn:
            stratum.unreviewed.append(event_id)
    elif is_drawn:
        stratum.sampled += 1
        if found is not None:
            stratum.sampled_animals += found.is_animal
            stratum.sampled_class_one += found.is_class_one
            stratum.sampled_unclear += found.is_unclear and not found.is_animal
    else:
        stratum.seen_otherwise += 1


def _events() -> Executable:
    """Events that a model has called, in an order that any laptop gives."""
    return (
        select_columns(
            col(Event.event_id),
            col(Event.deployment_id),
            col(Event.machine_type),
            col(Event.machine_probability),
            col(Event.is_reviewed),
        )
        .where(col(Event.machine_type) != UNCLASSIFIED)
        .order_by(col(Event.deployment_id), col(Event.event_start), col(Event.event_id))
    )


def _drawn(session: Session) -> set[tuple[str, str]]:
    """Models and the events that were ever drawn for them."""
    asked = select(AuditDraw.model_version_id, AuditItem.event_id).join(
        AuditItem, col(AuditItem.draw_id) == col(AuditDraw.draw_id)
    )
    return set(session.exec(asked).all())


def _detectors_of_pairs(session: Session) -> dict[str, str]:
    """The detector that a classifier follows, by the version under which both answer.

    A classifier names boxes and finds none: what a detector missed, and the sample that was drawn
    for it, stay the detector's when a classifier is switched on.
    """
    versions = session.exec(select(ModelVersion)).all()
    by_sha256 = {one.sha256: one.model_version_id for one in versions if one.sha256}
    told = {one.model_version_id: json.loads(one.details or "{}") for one in versions}
    followed = {pair: by_sha256.get(of.get("detector_sha256", "")) for pair, of in told.items()}
    return {pair: detector for pair, detector in followed.items() if detector}


def _models_of_events(session: Session) -> Mapping[str, str]:
    """The model whose answer came last on each event; one model alone need not be looked for."""
    by_machine = (
        col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
        col(Observation.model_version_id).is_not(None),
        col(Observation.event_id).is_not(None),
    )
    asked = (
        select_columns(
            col(Observation.event_id),
            col(Observation.model_version_id),
            func.max(col(Observation.classification_timestamp)),
        )
        .where(*by_machine)
        .group_by(col(Observation.event_id), col(Observation.model_version_id))
    )
    last: dict[str, tuple[datetime, str]] = {}
    for event_id, model, at in session.execute(asked):
        last[event_id] = max(last.get(event_id, (at, model)), (at, model))
    return {event_id: model for event_id, (_, model) in last.items()}
