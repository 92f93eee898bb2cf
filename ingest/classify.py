"""Turn what a detector sees into observations: the one place where a detection becomes a record.

Workers look at photos and films (`ingest/look.py`); one writer commits. What is committed is never
done again, so a run that stops goes on where it was. People are restricted in the same commit.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from ingest.detect_report import DetectProgress, DetectReport, report_of
from ingest.journal import storing
from ingest.look import (
    Answer,
    Look,
    LookCloser,
    Seen,
    count_waiting,
    detecting,
    look_at,
    unanswered,
)
from ingest.measure_media import store_measures, store_problem
from ingest.register_model import RegisteredModel, register_model
from ingest.renew import renew_findings
from models.detector import Detector, threads_for
from models.pixels import Decode
from species_db import identity
from species_db.decisions import record_decision
from species_db.review import summarise_events
from species_db.sealed_list import tell_rows
from species_db.survey import Survey
from species_db.tables import Decision, Media, ModelVersion, Observation
from species_db.vocabulary import Act, ClassificationMethod, ObservationLevel, ObservationType

OBSERVATION_TYPES = {
    "animal": ObservationType.ANIMAL,
    "person": ObservationType.HUMAN,
    "vehicle": ObservationType.VEHICLE,
}
BATCH_MEDIA = 100
ANSWERS_A_PAGE = 1000


Report = Callable[[DetectProgress], None]


class Source(Protocol):
    """Whoever looks at the media that wait: the threads of this process, or a cluster."""

    def answers(
        self, survey: Survey, *conditions: ColumnElement[bool], limit: int | None
    ) -> Iterator[Answer]:
        """Answers as they come, in any order, each media once."""
        ...

    def told(self) -> str:
        """What the log should know of it after the run, to follow the engine's name."""
        ...


@dataclass(frozen=True)
class Threads:
    """The source within this process."""

    look: Look
    workers: int

    def answers(
        self, survey: Survey, *conditions: ColumnElement[bool], limit: int | None
    ) -> Iterator[Answer]:
        """Look on worker threads."""
        return look_at(survey, self.look, *conditions, limit=limit, workers=self.workers)

    def told(self) -> str:
        """Nothing: it is the usual one."""
        return ""


class SecondStage(Protocol):
    """Who names the animals after the detector (`ingest/species_stage.py`)."""

    @property
    def look_closer(self) -> LookCloser:
        """The look at boxes of one decoded picture, on the detector's thread."""
        ...

    def store(
        self,
        session: Session,
        media: Media,
        rows: "Sequence[Finding]",
        seen: Sequence[Seen],
        now: datetime,
    ) -> None:
        """Write what it makes of one file, in the transaction that stores the detector's rows."""
        ...

    def close(self, survey: Survey, person: str) -> None:
        """Tell the log what it did."""
        ...


def detect_media(
    survey: Survey,
    detector: Detector,
    *,
    person: str,
    limit: int | None = None,
    workers: int | None = None,
    decode: Decode = Decode.SCALED,
    source: Source | None = None,
    then: SecondStage | None = None,
    report: Report = lambda progress: None,
) -> DetectReport:
    """Give every media that these weights have not seen yet its machine observations.

    A photo or film without a box becomes one blank observation, so that "looked at, nothing" and
    "not looked at" stay apart. On a film each box carries the second of its frame. What is measured
    of the picture on the way (grey or colour, brightness) is stored with its media. `source` looks
    at the media elsewhere (a cluster); whoever looks, what is written here is the same. `then`
    names the animals on the same decoded picture.
    """
    model = register_model(survey, detector)
    version = model.version
    result = report_of(detector, decode)
    with survey.reading() as session:
        waiting = count_waiting(session, *unanswered(version))
    total = min(waiting, limit) if limit is not None else waiting
    started = time.monotonic()
    batch: list[Answer] = []
    touched: set[str] = set()
    look = detecting(detector, then.look_closer if then else None, decode=decode)
    source = source or Threads(look, workers or threads_for(detector))
    looked_at = source.answers(survey, *unanswered(version), limit=limit)
    try:
        for done, answer in enumerate(looked_at, start=1):
            batch.append(answer)
            if len(batch) >= BATCH_MEDIA:
                touched |= _commit(survey, model, then, batch, result)
                batch = []
            report(DetectProgress(done, total))
    finally:  # a cluster that stops, or Ctrl-C, loses nothing that came back
        touched |= _commit(survey, model, then, batch, result)
        renew_findings(survey, touched)
    result.engine += source.told()
    result.seconds = time.monotonic() - started
    _close(survey, version, result, person)
    if then is not None:
        then.close(survey, person)
    return result


def _commit(
    survey: Survey,
    model: RegisteredModel,
    then: SecondStage | None,
    batch: list[Answer],
    result: DetectReport,
) -> set[str]:
    """Write a batch's answers in one transaction; tell which deployments they are of."""
    now = datetime.now(UTC)
    events: set[str | None] = set()
    deployments: set[str] = set()
    with storing(survey) as session, session.no_autoflush:
        ids = [answer.media_id for answer in batch]
        found = session.exec(select(Media).where(col(Media.media_id).in_(ids)))
        every_media = {media.media_id: media for media in found}
        there = answered_rows(session, model.version, ids)
        for answer in batch:
            media = every_media[answer.media_id]
            deployments.add(media.deployment_id)
            events.add(media.event_id)
            store_measures(media, answer.measures)
            if answer.problem is not None:
                store_problem(session, media, answer.problem)
                result.problems += 1
            if answer.is_looked_at:
                rows = [boxed(seen, model.taxa) for seen in answer.seen]
                store_findings(
                    session, media, model.version, found=rows or [BLANK], now=now, there=there
                )
                if then is not None:
                    then.store(session, media, rows, answer.seen, now)
                result.count(answer)
        session.flush()
        summarise_events(session, [event_id for event_id in events if event_id is not None])
    return deployments


def answered_rows(
    session: Session, version: ModelVersion, media_ids: Collection[str]
) -> frozenset[str]:
    """Name the rows that hold a model's answers on these media already."""
    rows = select(Observation.observation_id).where(
        col(Observation.media_id).in_(media_ids),
        Observation.model_version_id == version.model_version_id,
    )
    return frozenset(session.exec(rows))


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
    there: Collection[str] | None = None,
) -> None:
    """Write what a model says of one media; who is on it is restricted in the same transaction.

    `there` names the rows that are stored already, where the caller knows: the others need not be
    looked for one by one.
    """
    for observation_id, finding in {
        finding.observation_id(media.media_id, version.sha256): finding for finding in found
    }.items():
        x, y, width, height = finding.box
        put = session.merge if there is None or observation_id in there else session.add
        put(
            Observation(
                observation_id=observation_id,
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


def boxed(seen: Seen, taxa: Mapping[str, str]) -> Finding:
    """The row that a detector's box becomes; `taxa` are those its classes stand for, by name."""
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


def _close(survey: Survey, version: ModelVersion, result: DetectReport, person: str) -> None:
    with storing(survey) as session:
        result.undetected = count_waiting(session, *unanswered(version))
        if result.media or result.problems:
            tell_rows(session, [session.get_one(ModelVersion, version.model_version_id)])
            tell_rows(session, new_answers(session, version))
            record_decision(
                session,
                Act.DETECTED,
                subject=version.model_version_id,
                person=person,
                details={"threshold": version.threshold, **result.details()},
            )


def new_answers(session: Session, version: ModelVersion) -> Iterator[Observation]:
    """The answers that came since the log last told of this model's work, a killed run's too."""
    answers = select(Observation).where(*untold(session, version))
    for answer in session.exec(answers.execution_options(yield_per=ANSWERS_A_PAGE)):
        yield answer
        session.expunge(answer)


def untold(session: Session, version: ModelVersion) -> tuple[ColumnElement[bool], ...]:
    """Conditions for the answers of a model that the log has not told of."""
    before = session.exec(
        select(func.max(Decision.decided_at)).where(
            Decision.act == Act.DETECTED.value, Decision.subject == version.model_version_id
        )
    ).one()
    answers = (
        col(Observation.model_version_id) == version.model_version_id,
        col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
    )
    if before is None:
        return answers
    return *answers, col(Observation.classification_timestamp) >= before
