"""The second stage: name what a detector has boxed, as far as scores, lists and places allow.

A classifier's answer is that of both models together: it repeats what the detector said of the
file and adds names to the animals, under a model version of its own. So the newest answer on a
file stays whole, people in it included, and no reader of answers needs to know of stages.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Any, Protocol

import numpy as np
from sqlmodel import Session, col, select

from ingest.classify import ANSWERS_A_PAGE, Finding, new_answers, store_findings, untold
from ingest.journal import storing
from ingest.look import LookCloser, Seen
from models.classifier import Classifier, score_animals
from models.detector import Detection
from species_db.decisions import record_decision
from species_db.expert import Question, questions_on, raise_questions
from species_db.geo import station_counties
from species_db.language import tr
from species_db.local_names import LocalNames, read_local_names
from species_db.model_choice import CLASSIFIER
from species_db.plausibility import Scene
from species_db.rollup import BoxScore, RolledUp, RollUpSettings, ScoredClass, roll_up_to_rank
from species_db.sealed_list import tell_rows
from species_db.survey import Survey
from species_db.tables import (
    CameraStation,
    Deployment,
    ExpertQuestion,
    Media,
    ModelVersion,
    Observation,
    Plot,
)
from species_db.vocabulary import Act, ObservationType

ALTERNATIVES = 5  # of a box, as the review screen may show them
AFTER_DETECTOR = timedelta(milliseconds=1)  # the stage has the last word on a file, by this much


@dataclass
class NamingReport:
    """What the second stage made of boxes: how many bear a name, at whatever rank."""

    model: str
    boxes: int = 0
    named: int = 0
    questions: int = 0  # for an expert
    problems: int = 0  # files whose original could not be looked at, listed

    def as_text(self) -> str:
        """The report for the person who ran it."""
        return tr(
            f"{self.model}: {self.named} of {self.boxes} boxes named, each a guess at the rank it "
            f"bears; {self.questions} questions for an expert; {self.problems} files could not be "
            "read and are listed.",
            f"{self.model}：{self.boxes} 个方框中有 {self.named} 个给出名称（均为该阶元上的猜测）；"
            f"请专家判断的问题 {self.questions} 个；"
            f"{self.problems} 个文件无法读取，已列为问题。",
        )


@dataclass(frozen=True)
class Named:
    """What the second stage makes of one box."""

    type: ObservationType
    taxon_id: str | None
    score: float
    prediction_source: str
    alternatives: str
    answer: RolledUp


@dataclass(frozen=True)
class SpeciesStage:
    """A classifier with what the survey knows of names and places, ready to name boxes.

    Made once a run. `look_closer` works on threads and touches no table; the rest is the writer's.
    """

    classifier: Classifier
    version: ModelVersion
    names: LocalNames
    scenes: Mapping[str, Scene]  # by deployment, without the month
    offsets: Mapping[str, int]
    nameable: frozenset[str]
    settings: RollUpSettings
    report: NamingReport

    @property
    def look_closer(self) -> LookCloser:
        """The look at the boxes of one decoded picture, for the detector's thread."""
        return self.score_boxes

    def score_boxes(
        self, image: np.ndarray, detections: Sequence[Detection]
    ) -> list[np.ndarray | None]:
        """Scores for each box of an animal, in the boxes' order; the other boxes get none."""
        return score_animals(self.classifier, image, detections)

    def name_box(self, box: BoxScore, scores: np.ndarray, scene: Scene) -> Named:
        """Roll the scores of one box up to a name that may be believed here.

        What the detector found stays found: where the classifier sees nothing it has no name to
        give, and the box waits for a person as before. Only a person that it sees counts, because
        people must not be shown to everybody.
        """
        scored = [
            ScoredClass(float(score), one.lineage)
            for score, one in zip(scores, self.classifier.classes, strict=True)
        ]
        is_blocked = self.names.blocked_at(scene)
        answer = roll_up_to_rank(scored, [box], is_blocked=is_blocked, settings=self.settings)
        is_person = answer.kind is ObservationType.HUMAN
        taxon_id = self.names.find(answer.lineage)
        return Named(
            type=ObservationType.HUMAN if is_person else box.kind,
            taxon_id=taxon_id,
            score=round(answer.score, 4) if is_person or taxon_id else box.score,
            prediction_source=answer.source,
            alternatives=self._alternatives(scores),
            answer=answer,
        )

    def scene_of(self, media: Media) -> Scene:
        """Where and when a picture was taken, as far as the survey knows."""
        scene = self.scenes.get(media.deployment_id, Scene())
        if media.timestamp is None:
            return scene
        offset = media.utc_offset_seconds
        seconds = self.offsets.get(media.deployment_id, 0) if offset is None else offset
        local = media.timestamp.astimezone(timezone(timedelta(seconds=seconds)))
        return replace(scene, month=local.month)

    def store(
        self,
        session: Session,
        media: Media,
        rows: Sequence[Finding],
        seen: Sequence[Seen],
        now: datetime,
    ) -> None:
        """Write the answer of both stages on one file, with the questions that it raises.

        The boxes of people and vehicles are repeated, so that the newest answer says all there
        is. An animal that the detector named itself keeps its name; a file without animals has no
        second answer.
        """
        scene = self.scene_of(media)
        found: list[Finding] = []
        asked: list[tuple[Finding, tuple[Question, ...]]] = []
        for row, one in zip(rows, seen, strict=True):
            if not isinstance(one.closer, np.ndarray) or row.taxon_id is not None:
                found.append(row)
                continue
            name = self.name_box(BoxScore(row.type, row.score or 0.0), one.closer, scene)
            found.append(_renamed(row, name))
            asked.append((found[-1], self.questions(name, scene)))
        if not asked:
            return
        store_findings(session, media, self.version, found=found, now=now + AFTER_DETECTOR)
        self.report.boxes += len(asked)
        self.report.named += sum(row.taxon_id is not None for row, _ in asked)
        self.report.questions += sum(len(questions) for _, questions in asked)
        if any(questions for _, questions in asked):
            session.flush()  # a question points to its answer
        for row, questions in asked:
            observation_id = row.observation_id(media.media_id, self.version.sha256)
            raise_questions(session, observation_id, questions, now=now)

    def questions(self, name: Named, scene: Scene) -> tuple[Question, ...]:
        """What an expert has to be asked about one answer."""
        return questions_on(name.answer, names=self.names, scene=scene, nameable=self.nameable)

    def close(self, survey: Survey, person: str) -> None:
        """Tell the log what the stage did, a killed run's answers and questions too."""
        with storing(survey) as session:
            version = session.get_one(ModelVersion, self.version.model_version_id)
            answers = new_answers(session, version)
            first = next(answers, None)
            if first is None:
                return
            tell_rows(session, chain([version, first], answers))
            asked: Any = (
                select(ExpertQuestion)
                .join(
                    Observation,
                    col(Observation.observation_id) == col(ExpertQuestion.observation_id),
                )
                .where(*untold(session, version))
            )
            tell_rows(session, session.exec(asked.execution_options(yield_per=ANSWERS_A_PAGE)))
            record_decision(
                session,
                Act.DETECTED,
                subject=version.model_version_id,
                person=person,
                details={
                    "engine": version.engine,
                    "roll_up": version.threshold,
                    "boxes": self.report.boxes,
                    "named": self.report.named,
                    "questions": self.report.questions,
                },
            )

    def _alternatives(self, scores: np.ndarray) -> str:
        order = np.argsort(-scores, kind="stable")[:ALTERNATIVES]
        told = []
        for number in order.tolist():
            known = self.classifier.classes[number]
            name = next((name for name in reversed(known.lineage) if name), known.name)
            told.append(
                {
                    "label": known.name,
                    "scientific_name": name,
                    "score": round(float(scores[number]), 4),
                }
            )
        return json.dumps(told, ensure_ascii=False)


class DetectedBy(Protocol):
    """A detector, or the version under which it is entered: who boxed what is to be named."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def version(self) -> str:
        """Its version."""
        ...

    @property
    def sha256(self) -> str:
        """Its bytes."""
        ...


def open_species_stage(
    survey: Survey,
    classifier: Classifier,
    *,
    detector: DetectedBy,
    now: datetime,
    settings: RollUpSettings | None = None,
) -> SpeciesStage:
    """Enter a classifier that follows a detector, and read what its answers are held against."""
    limits = settings or RollUpSettings()
    with survey.writing() as session:
        names = read_local_names(session, now.date())
        scenes, offsets = _scenes(session)
        version = _register(session, classifier, detector, names, limits)
    known = (names.find_exactly(one.lineage) for one in classifier.classes)
    return SpeciesStage(
        classifier=classifier,
        version=version,
        names=names,
        scenes=scenes,
        offsets=offsets,
        nameable=frozenset(taxon_id for taxon_id in known if taxon_id),
        settings=limits,
        report=NamingReport(f"{classifier.name} {classifier.version}"),
    )


def _renamed(row: Finding, name: Named) -> Finding:
    return replace(
        row,
        type=name.type,
        taxon_id=name.taxon_id,
        score=name.score,
        prediction_source=name.prediction_source,
        alternatives=name.alternatives,
    )


def pair_sha256(classifier_sha256: str, detector_sha256: str) -> str:
    """Name two models that answer together after the bytes of both."""
    return hashlib.sha256(f"{classifier_sha256}\n{detector_sha256}".encode()).hexdigest()


def _register(
    session: Session,
    classifier: Classifier,
    detector: DetectedBy,
    names: LocalNames,
    settings: RollUpSettings,
) -> ModelVersion:
    identifier = pair_sha256(classifier.sha256, detector.sha256)
    version = session.get(ModelVersion, identifier)
    if version is not None:
        return version
    meaning = {one.name: _meaning(one.lineage, names) for one in classifier.classes}
    version = ModelVersion(
        model_version_id=identifier,
        name=classifier.name,
        version=classifier.version,
        sha256=identifier,
        labels=",".join(one.name for one in classifier.classes),
        threshold=settings.roll_up,
        engine=classifier.engine,
        task=CLASSIFIER,
        licence=classifier.licence or None,
        classes=json.dumps(meaning, ensure_ascii=False, sort_keys=True),
        details=json.dumps(
            {
                "classifier_sha256": classifier.sha256,
                "detector": f"{detector.name} {detector.version}",
                "detector_sha256": detector.sha256,
            },
            ensure_ascii=False,
            sort_keys=True,
        ),
    )
    session.add(version)
    return version


def _meaning(lineage: tuple[str, ...], names: LocalNames) -> str:
    """What answers of a class count as here: animal, and the nearest name that the survey knows."""
    taxon_id = names.find(lineage)
    return f"animal {names.index.taxa[taxon_id].scientific_name}" if taxon_id else "animal"


def _scenes(session: Session) -> tuple[dict[str, Scene], dict[str, int]]:
    counties = station_counties(session)
    stations = {one.location_id: one for one in session.exec(select(CameraStation))}
    plots = {one.plot_id: one for one in session.exec(select(Plot))}
    scenes, offsets = {}, {}
    for one in session.exec(select(Deployment)):
        station = stations[one.location_id]
        plot = plots.get(station.plot_id or "")
        height = station.elevation_m
        if height is None and plot is not None:
            height = plot.elevation_m
        scenes[one.deployment_id] = Scene(counties.get(one.location_id, ""), height)
        offsets[one.deployment_id] = one.utc_offset_seconds
    return scenes, offsets
