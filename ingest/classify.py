"""Turn what a detector sees into observations: the one place where a detection becomes a record.

Workers look at photos and films (`ingest/look.py`); one writer commits. What is committed is never
done again, so a run that stops goes on where it was. People are restricted in the same commit.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, func, select

from ingest.journal import storing
from ingest.look import Answer, Seen, count_waiting, detecting, look_at, unanswered
from ingest.measure_media import store_measures, store_problem
from ingest.register_model import RegisteredModel, register_model
from ingest.renew import renew_findings
from models.detector import Detector
from species_db import identity
from species_db.decisions import record_decision
from species_db.language import tr
from species_db.review import summarise_event
from species_db.sealed_list import tell_rows
from species_db.survey import Survey
from species_db.tables import Decision, Media, ModelVersion, Observation
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType

OBSERVATION_TYPES = {
    "animal": ObservationType.ANIMAL,
    "person": ObservationType.HUMAN,
    "vehicle": ObservationType.VEHICLE,
}
BATCH_MEDIA = 50
ANSWERS_A_PAGE = 1000


@dataclass(frozen=True)
class DetectProgress:
    """How far detection has come."""

    done: int
    total: int


@dataclass
class DetectReport:
    """What a run found, in media; a media with an animal and a person counts under both."""

    model: str
    engine: str
    media: int = 0
    films: int = 0
    animal: int = 0
    human: int = 0
    vehicle: int = 0
    blank: int = 0
    problems: int = 0
    seconds: float = 0.0
    undetected: int = 0

    def as_text(self) -> str:
        """The report for the person who ran it."""
        rate = self.media / self.seconds if self.seconds else 0.0
        photos = self.media - self.films
        return tr(
            f"{photos} photos and {self.films} films looked at by {self.model} ({self.engine}), "
            f"{rate:.1f} a second: "
            f"{self.animal} with animals, {self.human} with people (restricted), "
            f"{self.vehicle} with vehicles, {self.blank} blank; {self.problems} problems; "
            f"{self.undetected} still wait.",
            f"{self.model}({self.engine})检测了 {photos} 张照片、{self.films} 段视频,"
            f"每秒 {rate:.1f} 个:"
            f"有动物 {self.animal},有人 {self.human}(已限制查看),有车辆 {self.vehicle},"
            f"空拍 {self.blank};问题 {self.problems};尚待检测 {self.undetected}。",
        )


Report = Callable[[DetectProgress], None]


def detect_media(
    survey: Survey,
    detector: Detector,
    *,
    person: str,
    limit: int | None = None,
    workers: int | None = None,
    report: Report = lambda progress: None,
) -> DetectReport:
    """Give every media that these weights have not seen yet its machine observations.

    A photo or film without a box becomes one blank observation, so that "looked at, nothing" and
    "not looked at" stay apart. On a film each box carries the second of its frame. What is measured
    of the picture on the way (grey or colour, brightness) is stored with its media.
    """
    model = register_model(survey, detector)
    version = model.version
    engine = f"{detector.engine}, {detector.image_size} px, scaled decode"
    result = DetectReport(f"{detector.name} {detector.version}", engine)
    with survey.reading() as session:
        waiting = count_waiting(session, *unanswered(version))
    total = min(waiting, limit) if limit is not None else waiting
    started = time.monotonic()
    batch: list[Answer] = []
    touched: set[str] = set()
    looked_at = look_at(
        survey,
        detecting(detector),
        *unanswered(version),
        limit=limit,
        workers=workers or os.cpu_count() or 1,
    )
    for done, answer in enumerate(looked_at, start=1):
        batch.append(answer)
        if len(batch) >= BATCH_MEDIA:
            touched |= _commit(survey, model, batch, result)
            batch = []
        report(DetectProgress(done, total))
    touched |= _commit(survey, model, batch, result)
    renew_findings(survey, touched)
    result.seconds = time.monotonic() - started
    _close(survey, version, result, person)
    return result


def _commit(
    survey: Survey, model: RegisteredModel, batch: list[Answer], result: DetectReport
) -> set[str]:
    """Write a batch's answers in one transaction; tell which deployments they are of."""
    now = datetime.now(UTC)
    events: set[str | None] = set()
    deployments: set[str] = set()
    with storing(survey) as session:
        for answer in batch:
            media = session.get_one(Media, answer.media_id)
            deployments.add(media.deployment_id)
            events.add(media.event_id)
            store_measures(media, answer.measures)
            if answer.problem is not None:
                store_problem(session, media, answer.problem)
                result.problems += 1
            if answer.is_looked_at:
                _store_answer(session, media, model, answer, now)
                _count(result, answer)
        session.flush()
        for event_id in events:
            if event_id is not None:
                summarise_event(session, event_id)
    return deployments


def _store_answer(
    session: Session, media: Media, model: RegisteredModel, answer: Answer, now: datetime
) -> None:
    found = [_boxed(seen, model.taxa) for seen in answer.seen]
    store_findings(session, media, model.version, found=found or [BLANK], now=now)


@dataclass(frozen=True)
class Finding:
    """One row to be: what a model says is there, with its box and score; blank has neither."""

    type: ObservationType
    score: float | None
    box: tuple[float | None, ...]
    frame_s: float | None = None
    taxon_id: str | None = None
    label: str = ""
    """The model's own word where it is finer than the type, so that two words are two rows."""
    prediction_source: str | None = None
    alternatives: str | None = None

    @property
    def place(self) -> str:
        """Where it is, as its identity spells it: the box, and in a film the second."""
        if None in self.box:
            return ""
        box = " ".join(f"{side:.5f}" for side in self.box)
        return box if self.frame_s is None else f"{box} at {self.frame_s:.3f} s"

    def observation_id(self, media_id: str, model_sha256: str) -> str:
        """Name the row after media, model and box, so that the same answer is the same row."""
        label = self.label or self.type.value
        return identity.machine_observation_id(media_id, model_sha256, label, self.place)


BLANK = Finding(ObservationType.BLANK, None, (None,) * 4)


def store_findings(
    session: Session,
    media: Media,
    version: ModelVersion,
    *,
    found: Iterable[Finding],
    now: datetime,
) -> None:
    """Write what a model says of one media; who is on it is restricted in the same transaction."""
    for finding in found:
        x, y, width, height = finding.box
        session.merge(
            Observation(
                observation_id=finding.observation_id(media.media_id, version.sha256),
                deployment_id=media.deployment_id,
                media_id=media.media_id,
                event_id=media.event_id,
                observation_level=ObservationLevel.MEDIA.value,
                observation_type=finding.type.value,
                taxon_id=finding.taxon_id,
                bbox_x=x,
                bbox_y=y,
                bbox_width=width,
                bbox_height=height,
                classification_method=ClassificationMethod.MACHINE.value,
                classified_by=f"{version.name} {version.version}".strip(),
                classification_timestamp=now,
                classification_probability=finding.score,
                frame_s=finding.frame_s,
                model_version_id=version.model_version_id,
                prediction_source=finding.prediction_source,
                alternatives=finding.alternatives,
            )
        )
        if finding.type is ObservationType.HUMAN:
            media.is_restricted = True


def _boxed(seen: Seen, taxa: Mapping[str, str]) -> Finding:
    detection = seen.detection
    x, y = round(detection.x, 5), round(detection.y, 5)
    width = min(round(detection.width, 5), round(1 - x, 5))
    height = min(round(detection.height, 5), round(1 - y, 5))
    box = (x, y, width, height)
    observation_type = OBSERVATION_TYPES[detection.label]
    return Finding(
        observation_type,
        round(detection.score, 4),
        box,
        seen.frame_s,
        taxon_id=taxa.get(detection.taxon),
        label=detection.taxon,
    )


def _count(result: DetectReport, answer: Answer) -> None:
    result.media += 1
    result.films += answer.is_film
    labels = {seen.detection.label for seen in answer.seen}
    result.animal += "animal" in labels
    result.human += "person" in labels
    result.vehicle += "vehicle" in labels
    result.blank += not labels


def _close(survey: Survey, version: ModelVersion, result: DetectReport, person: str) -> None:
    with storing(survey) as session:
        result.undetected = count_waiting(session, *unanswered(version))
        if result.media or result.problems:
            tell_rows(session, [session.get_one(ModelVersion, version.model_version_id)])
            tell_rows(session, _new_answers(session, version))
            record_decision(
                session,
                Act.DETECTED,
                subject=version.model_version_id,
                person=person,
                details={
                    "engine": result.engine,
                    "threshold": version.threshold,
                    "media": result.media,
                    "films": result.films,
                    "animal": result.animal,
                    "human": result.human,
                    "vehicle": result.vehicle,
                    "blank": result.blank,
                    "problems": result.problems,
                },
            )


def _new_answers(session: Session, version: ModelVersion) -> Iterator[Observation]:
    """The answers that came since the log last told of this model's work, a killed run's too."""
    before = session.exec(
        select(func.max(Decision.decided_at)).where(
            Decision.act == Act.DETECTED.value, Decision.subject == version.model_version_id
        )
    ).one()
    answers = select(Observation).where(
        Observation.model_version_id == version.model_version_id,
        Observation.classification_method == ClassificationMethod.MACHINE.value,
    )
    if before is not None:
        answers = answers.where(col(Observation.classification_timestamp) >= before)
    for answer in session.exec(answers.execution_options(yield_per=ANSWERS_A_PAGE)):
        yield answer
        session.expunge(answer)
