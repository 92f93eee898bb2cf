"""Look at photos on worker threads: read once, check the bytes, decode, detect, leave a preview."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from ingest.file_problem import FileProblem, ProblemCode
from models.detector import Detection, Detector
from models.pixels import PixelsError, decode_scaled, save_preview
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Media, ModelVersion, Observation, Problem

PAGE_MEDIA = 500  # ids asked for at a time: memory stays flat however many media wait
PREVIEW_PX = 1280  # what the review screen shows at most


@dataclass(frozen=True)
class WaitingPhoto:
    """What a worker needs to know of a media; database rows stay with the writer."""

    media_id: str
    sha256: str
    path: Path
    preview: Path


@dataclass
class Answer:
    """What a worker found on one photo, or why it could not look."""

    media_id: str
    detections: list[Detection] = field(default_factory=list)
    problem: FileProblem | None = None


def unanswered(version: ModelVersion) -> tuple[ColumnElement[bool], ...]:
    """Conditions for photos that these weights have not answered and that can be decoded."""
    seen = select(Observation.media_id).where(
        Observation.model_version_id == version.model_version_id,
        Observation.media_id == Media.media_id,
    )
    failed = select(Problem.media_id).where(
        Problem.media_id == Media.media_id, Problem.code == ProblemCode.PIXELS_UNREADABLE.value
    )
    return (
        col(Media.file_mediatype).startswith("image/"),
        ~seen.exists(),
        ~failed.exists(),
    )


def count_waiting(session: Session, version: ModelVersion) -> int:
    """Count the photos that still wait for these weights."""
    statement = select(func.count()).select_from(Media).where(*unanswered(version))
    return session.exec(statement).one()


def _photos(survey: Survey, version: ModelVersion) -> Iterator[WaitingPhoto]:
    """Media in the order of their ids, a page at a time, each once."""
    last = ""
    while True:
        with survey.reading() as session:
            statement = (
                select(Media.media_id, Media.sha256, Media.file_path)
                .where(col(Media.media_id) > last, *unanswered(version))
                .order_by(col(Media.media_id))
                .limit(PAGE_MEDIA)
            )
            page = session.exec(statement).all()
        if not page:
            return
        for media_id, sha256, file_path in page:
            preview = survey.folder / "previews" / f"{media_id}.jpg"
            yield WaitingPhoto(media_id, sha256, survey.path_of(file_path), preview)
        last = page[-1][0]


def answers(
    survey: Survey, version: ModelVersion, detector: Detector, limit: int | None, workers: int
) -> Iterator[Answer]:
    """Answers as workers finish; never more than a few photos a worker are in memory.

    A photo that cannot be looked at does not count against the limit, or a few missing originals
    would stop every later run at the same place.
    """
    running: set[Future[Answer]] = set()
    answered = 0
    with ThreadPoolExecutor(workers) as pool:
        for waiting in _photos(survey, version):
            while running and (
                len(running) >= workers * 2 or (limit and answered + len(running) >= limit)
            ):
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    answered += future.result().problem is None
                    yield future.result()
            if limit and answered >= limit:
                break
            running.add(pool.submit(_look, detector, waiting))
        done, _ = wait(running)
        yield from (future.result() for future in done)


def _look(detector: Detector, waiting: WaitingPhoto) -> Answer:
    """Take one photo from file to detections on this thread, reading it once."""
    try:
        data = waiting.path.read_bytes()
    except OSError as error:
        problem = FileProblem(ProblemCode.ORIGINAL_MISSING, error.strerror or "")
        return Answer(waiting.media_id, problem=problem)
    if hashlib.sha256(data).hexdigest() != waiting.sha256:
        problem = FileProblem(
            ProblemCode.ORIGINAL_ALTERED,
            tr("Its bytes are not those imported.", "内容与导入时不一致。"),
        )
        return Answer(waiting.media_id, problem=problem)
    size = detector.image_size
    try:
        image = decode_scaled(data, at_least=(2 * size, 2 * size))
    except PixelsError as error:
        problem = FileProblem(ProblemCode.PIXELS_UNREADABLE, str(error))
        return Answer(waiting.media_id, problem=problem)
    if not waiting.preview.exists():
        with suppress(OSError):  # the review page makes a missing preview itself
            save_preview(image, waiting.preview, long_side=PREVIEW_PX)
    return Answer(waiting.media_id, detector.detect(image))
