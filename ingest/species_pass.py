"""Name boxes of files that were detected before: by a classifier chosen later, or without one."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from ingest.classify import BATCH_MEDIA, boxed, store_findings
from ingest.detect_report import DetectProgress
from ingest.journal import storing
from ingest.look import (
    Answer,
    Look,
    Seen,
    UnreadableError,
    WaitingMedia,
    count_waiting,
    decodable,
    frames_of,
    look_at,
    picture_of,
)
from ingest.measure_media import store_problem
from ingest.species_stage import (
    AFTER_DETECTOR,
    NamingReport,
    SpeciesStage,
    open_species_stage,
)
from models.classifier import Classifier
from models.detector import Detection
from models.film import FilmError
from species_db.model_choice import CLASSIFIER
from species_db.review.event_queue import summarise_events
from species_db.survey import Survey
from species_db.tables import Media, ModelVersion, Observation, Taxon
from species_db.vocabulary import ClassificationMethod, ObservationType

DECODED = (1280, 1280)  # as much as a detector's picture has
ANIMAL = ObservationType.ANIMAL.value
LABELS = {
    ANIMAL: "animal",
    ObservationType.HUMAN.value: "person",
    ObservationType.VEHICLE.value: "vehicle",
}


def name_boxes(
    survey: Survey,
    classifier: Classifier,
    *,
    person: str,
    workers: int | None = None,
    report: Callable[[DetectProgress], None] = lambda progress: None,
) -> list[NamingReport]:
    """Name the animals on every file whose newest boxes this classifier has not looked at.

    Boxes of every detector count, other tools' as well, but only where they are the newest on
    their file; boxes that have a name already keep it. What is committed is not done again.
    """
    done: list[NamingReport] = []
    for detector in _detectors(survey):
        stage = open_species_stage(survey, classifier, detector=detector, now=datetime.now(UTC))
        waiting = _unnamed(detector.model_version_id, stage.version.model_version_id)
        with survey.reading() as session:
            total = count_waiting(session, *waiting)
        batch: list[Answer] = []
        look = _naming(survey, detector.model_version_id, stage)
        answers = look_at(survey, look, *waiting, workers=workers or os.cpu_count() or 1)
        for number, answer in enumerate(answers, start=1):
            batch.append(answer)
            if len(batch) >= BATCH_MEDIA:
                _commit(survey, stage, batch)
                batch = []
            report(DetectProgress(number, total))
        _commit(survey, stage, batch)
        stage.close(survey, person)
        if stage.report.boxes or stage.report.problems:
            done.append(stage.report)
    return done


def _detectors(survey: Survey) -> list[ModelVersion]:
    """Every version that boxes animals, in the order of their names.

    Second stages are not among them: neither ours nor results of other tools that came with names,
    whose animals are named once and not again.
    """
    boxes = select(Observation.model_version_id).where(
        Observation.observation_type == ANIMAL, col(Observation.bbox_x).is_not(None)
    )
    with survey.reading() as session:
        found = session.exec(
            select(ModelVersion)
            .where(
                col(ModelVersion.model_version_id).in_(boxes),
                col(ModelVersion.task).is_distinct_from(CLASSIFIER),
            )
            .order_by(ModelVersion.name, ModelVersion.version, ModelVersion.model_version_id)
        )
        return list(found)


def _unnamed(detector: str, pair: str) -> tuple[ColumnElement[bool], ...]:
    """Media whose newest boxes are a detector's, with an animal that has no name.

    Only our own second stage leaves the boxes it names the newest; another tool's names overtake.
    """
    newer = aliased(Observation)
    other_detectors = select(ModelVersion.model_version_id).where(
        ModelVersion.model_version_id != detector,
        or_(
            col(ModelVersion.task).is_distinct_from(CLASSIFIER),
            col(ModelVersion.origin).is_not(None),
        ),
    )
    overtaken = select(newer.observation_id).where(
        col(newer.media_id) == col(Observation.media_id),
        col(newer.classification_method) == ClassificationMethod.MACHINE.value,
        col(newer.model_version_id).in_(other_detectors),
        col(newer.classification_timestamp) > col(Observation.classification_timestamp),
    )
    here = col(Observation.media_id) == col(Media.media_id)
    boxes = select(Observation.observation_id).where(
        here,
        Observation.model_version_id == detector,
        Observation.observation_type == ANIMAL,
        col(Observation.bbox_x).is_not(None),
        col(Observation.taxon_id).is_(None),
        ~overtaken.exists(),
    )
    named = select(Observation.observation_id).where(here, Observation.model_version_id == pair)
    return boxes.exists(), ~named.exists(), decodable()


def _naming(survey: Survey, detector: str, stage: SpeciesStage) -> Look:
    """The look that scores the boxes that are stored of a file."""

    def look(waiting: WaitingMedia) -> Answer:
        with survey.reading() as session:
            boxes = _boxes_of(session, waiting.media_id, detector)
        answer = Answer(waiting.media_id, is_film=waiting.is_film)
        try:
            answer.seen = list(_scored(waiting, boxes, stage))
        except UnreadableError as unreadable:
            answer.problem = unreadable.problem
        return answer

    return look


def _boxes_of(session: Session, media_id: str, detector: str) -> list[Seen]:
    rows = session.exec(
        select(Observation, Taxon.scientific_name)
        .join(Taxon, col(Taxon.taxon_id) == col(Observation.taxon_id), isouter=True)
        .where(
            Observation.media_id == media_id,
            Observation.model_version_id == detector,
            col(Observation.bbox_x).is_not(None),
            col(Observation.observation_type).in_(LABELS),
        )
        .order_by(col(Observation.observation_id))
    )
    return [
        Seen(
            Detection(
                LABELS[row.observation_type],
                row.classification_probability or 0.0,
                row.bbox_x or 0.0,
                row.bbox_y or 0.0,
                row.bbox_width or 0.0,
                row.bbox_height or 0.0,
                name or "",
            ),
            row.frame_s,
        )
        for row, name in rows
    ]


def _scored(waiting: WaitingMedia, boxes: Sequence[Seen], stage: SpeciesStage) -> Iterator[Seen]:
    """Each box with its scores; of a film on the frame that it was seen on."""
    if not waiting.is_film:
        image = picture_of(waiting, at_least=DECODED)
        scores = stage.score_boxes(image, [one.detection for one in boxes])
        for one, score in zip(boxes, scores, strict=True):
            yield Seen(one.detection, None, score)
        return
    left = list(boxes)
    with suppress(FilmError):  # detection has told of it; without its pictures there are no names
        for frame in frames_of(waiting, at_least=DECODED):
            here = [one for one in left if _is_on(one, frame.second)]
            scores = stage.score_boxes(frame.image, [one.detection for one in here])
            for one, score in zip(here, scores, strict=True):
                yield Seen(one.detection, one.frame_s, score)
            left = [one for one in left if one not in here]
    yield from left  # on frames that are not sampled here: repeated without a name


def _is_on(one: Seen, second: float) -> bool:
    return one.frame_s is not None and abs(one.frame_s - second) < 0.001


def _commit(survey: Survey, stage: SpeciesStage, batch: Sequence[Answer]) -> None:
    now = datetime.now(UTC)
    with storing(survey) as session:
        events: set[str] = set()
        for answer in batch:
            media = session.get_one(Media, answer.media_id)
            if answer.problem is not None:
                store_problem(session, media, answer.problem)
                stage.report.problems += 1
                continue
            rows = [boxed(one, stage.names.by_name) for one in answer.seen]
            if any(one.closer is not None for one in answer.seen):
                stage.store(session, media, rows, answer.seen, now)
            else:  # nothing to name, as said by rows of the pair: it is not decoded again
                when = now + AFTER_DETECTOR
                store_findings(session, media, stage.version, found=rows, now=when)
            if media.event_id is not None:
                events.add(media.event_id)
        session.flush()
        summarise_events(session, sorted(events))
