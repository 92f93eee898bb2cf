"""Turn what a detector sees into observations: the one place where a detection becomes a record.

Workers look at photos (`ingest/look.py`); one writer commits. What is committed is never done
again, so a run that stops goes on where it was. People are marked restricted in the same commit.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from ingest.file_problem import FileProblem
from ingest.look import Answer, answers, count_waiting
from models.detector import Detection, Detector
from species_db import identity
from species_db.decisions import record_decision
from species_db.language import tr
from species_db.review import summarise_event
from species_db.survey import Survey
from species_db.tables import Media, ModelVersion, Observation, Problem
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType

OBSERVATION_TYPES = {
    "animal": ObservationType.ANIMAL,
    "person": ObservationType.HUMAN,
    "vehicle": ObservationType.VEHICLE,
}
BATCH_MEDIA = 50


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
    animal: int = 0
    human: int = 0
    vehicle: int = 0
    blank: int = 0
    problems: int = 0
    seconds: float = 0.0
    videos_waiting: int = 0
    undetected: int = 0

    def as_text(self) -> str:
        """The report for the person who ran it."""
        rate = self.media / self.seconds if self.seconds else 0.0
        return tr(
            f"{self.media} photos looked at by {self.model} ({self.engine}), {rate:.1f} a second: "
            f"{self.animal} with animals, {self.human} with people (restricted), "
            f"{self.vehicle} with vehicles, {self.blank} blank; {self.problems} problems; "
            f"{self.undetected} photos and {self.videos_waiting} videos still wait.",
            f"{self.model}({self.engine})检测了 {self.media} 张照片,每秒 {rate:.1f} 张:"
            f"有动物 {self.animal},有人 {self.human}(已限制查看),有车辆 {self.vehicle},"
            f"空拍 {self.blank};问题 {self.problems};"
            f"尚待检测:照片 {self.undetected},视频 {self.videos_waiting}。",
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
    """Give every photo that these weights have not seen yet its machine observations.

    A photo without a box becomes one blank observation, so that "looked at, nothing" and "not
    looked at" stay apart. Videos wait.
    """
    version = _register(survey, detector)
    engine = f"{detector.engine}, {detector.image_size} px, scaled decode"
    result = DetectReport(f"{detector.name} {detector.version}", engine)
    with survey.reading() as session:
        waiting = count_waiting(session, version)
    total = min(waiting, limit) if limit is not None else waiting
    started = time.monotonic()
    batch: list[Answer] = []
    for answer in answers(survey, version, detector, limit, workers or os.cpu_count() or 1):
        batch.append(answer)
        if len(batch) >= BATCH_MEDIA:
            _commit(survey, version, batch, result)
            batch = []
        report(DetectProgress(result.media + result.problems + len(batch), total))
    _commit(survey, version, batch, result)
    result.seconds = time.monotonic() - started
    _close(survey, version, result, person)
    return result


def _register(survey: Survey, detector: Detector) -> ModelVersion:
    with survey.writing() as session:
        version = session.get(ModelVersion, detector.sha256)
        if version is None:
            version = ModelVersion(
                model_version_id=detector.sha256,
                name=detector.name,
                version=detector.version,
                sha256=detector.sha256,
                labels=",".join(detector.labels),
                threshold=detector.threshold,
                engine=detector.engine,
            )
            session.add(version)
    return version


def _commit(
    survey: Survey, version: ModelVersion, batch: list[Answer], result: DetectReport
) -> None:
    if not batch:
        return
    now = datetime.now(UTC)
    with survey.writing() as session:
        events = set()
        for answer in batch:
            media = session.get_one(Media, answer.media_id)
            events.add(media.event_id)
            if answer.problem is not None:
                _store_problem(session, media, answer.problem)
                result.problems += 1
                continue
            _store_answer(session, media, version, answer, now)
            _count(result, answer)
        session.flush()
        for event_id in events:
            if event_id is not None:
                summarise_event(session, event_id)


def _store_answer(
    session: Session, media: Media, version: ModelVersion, answer: Answer, now: datetime
) -> None:
    found = [_boxed(detection) for detection in answer.detections]
    blank = _Finding(ObservationType.BLANK, None, (None,) * 4)
    for finding in found or [blank]:
        box = "" if finding.score is None else " ".join(f"{side:.5f}" for side in finding.box)
        x, y, width, height = finding.box
        session.merge(
            Observation(
                observation_id=identity.machine_observation_id(
                    media.media_id, version.sha256, finding.type.value, box
                ),
                deployment_id=media.deployment_id,
                media_id=media.media_id,
                event_id=media.event_id,
                observation_level=ObservationLevel.MEDIA.value,
                observation_type=finding.type.value,
                bbox_x=x,
                bbox_y=y,
                bbox_width=width,
                bbox_height=height,
                classification_method=ClassificationMethod.MACHINE.value,
                classified_by=f"{version.name} {version.version}",
                classification_timestamp=now,
                classification_probability=finding.score,
                model_version_id=version.model_version_id,
            )
        )
        if finding.type is ObservationType.HUMAN:
            media.is_restricted = True


@dataclass(frozen=True)
class _Finding:
    """One row to be: a box with its score, or blank without either."""

    type: ObservationType
    score: float | None
    box: tuple[float | None, ...]


def _boxed(detection: Detection) -> _Finding:
    x, y = round(detection.x, 5), round(detection.y, 5)
    width = min(round(detection.width, 5), round(1 - x, 5))
    height = min(round(detection.height, 5), round(1 - y, 5))
    box = (x, y, width, height)
    return _Finding(OBSERVATION_TYPES[detection.label], round(detection.score, 4), box)


def _count(result: DetectReport, answer: Answer) -> None:
    result.media += 1
    labels = {detection.label for detection in answer.detections}
    result.animal += "animal" in labels
    result.human += "person" in labels
    result.vehicle += "vehicle" in labels
    result.blank += not labels


def _store_problem(session: Session, media: Media, problem: FileProblem) -> None:
    session.merge(
        Problem(
            card_import_id=media.card_import_id,
            card_path=media.card_path,
            code=problem.code.value,
            media_id=media.media_id,
            note=problem.note,
        )
    )


def _close(survey: Survey, version: ModelVersion, result: DetectReport, person: str) -> None:
    with survey.writing() as session:
        videos = select(func.count()).where(col(Media.file_mediatype).startswith("video/"))
        result.videos_waiting = session.exec(videos).one()
        result.undetected = count_waiting(session, version)
        if result.media or result.problems:
            record_decision(
                session,
                Act.DETECTED,
                subject=version.model_version_id,
                person=person,
                details={
                    "engine": result.engine,
                    "threshold": version.threshold,
                    "media": result.media,
                    "animal": result.animal,
                    "human": result.human,
                    "vehicle": result.vehicle,
                    "blank": result.blank,
                    "problems": result.problems,
                },
            )
