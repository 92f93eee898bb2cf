"""Look at media on worker threads: read once, check the bytes, decode, detect, leave a preview."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from ingest.file_problem import FileProblem, ProblemCode
from models.detector import Detection, Detector
from models.film import FilmError, FilmFrame, sample_frames
from models.measure import PictureMeasures, measure
from models.pixels import (
    Decode,
    PixelsError,
    decode_scaled,
    encode_preview,
    fit_within,
    save_preview,
    size_for,
    write_preview,
)
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Media, ModelVersion, Observation, Problem
from species_db.whereabouts import is_held

PAGE_MEDIA = 500  # ids asked for at a time: memory stays flat however many media wait
PREVIEW_PX = 1280  # what the review screen shows at most


@dataclass(frozen=True)
class WaitingMedia:
    """What a worker needs to know of a media; database rows stay with the writer."""

    media_id: str
    sha256: str
    path: Path
    preview: Path
    media_type: str

    @property
    def is_film(self) -> bool:
        """Say whether it holds many pictures."""
        return self.media_type.startswith("video/")


@dataclass(frozen=True)
class Seen:
    """One box, in a film the second of its frame, and what a second stage made of it."""

    detection: Detection
    frame_s: float | None = None
    closer: object = None


@dataclass
class Answer:
    """What a worker found on one media, or why it could not look.

    A film that decodes in part has both: what was seen, and a problem that names the rest.
    `preview` is a small JPEG on its way to its file, and empty where it is there already.
    """

    media_id: str
    seen: list[Seen] = field(default_factory=list)
    problem: FileProblem | None = None
    measures: PictureMeasures | None = None
    is_film: bool = False
    preview: bytes = b""

    @property
    def is_looked_at(self) -> bool:
        """Say whether this answers the question, so that it need not be asked again."""
        return self.problem is None or bool(self.seen)


class UnreadableError(Exception):
    """A media cannot be looked at; carries the problem to list."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem.note)
        self.problem = problem


Look = Callable[[WaitingMedia], Answer]

LookCloser = Callable[[np.ndarray, Sequence[Detection]], Sequence[object]]
"""A second stage on the same decoded picture: one answer for each box, in the boxes' order."""


def unanswered(version: ModelVersion) -> tuple[ColumnElement[bool], ...]:
    """Conditions for media that these weights have not answered and that can be decoded."""
    seen = select(Observation.media_id).where(
        Observation.model_version_id == version.model_version_id,
        Observation.media_id == Media.media_id,
    )
    return ~seen.exists(), decodable()


def decodable() -> ColumnElement[bool]:
    """The condition that no decoder has failed on a media so far."""
    failed = select(Problem.media_id).where(
        Problem.media_id == Media.media_id, Problem.code == ProblemCode.PIXELS_UNREADABLE.value
    )
    return ~failed.exists()


def count_waiting(session: Session, *conditions: ColumnElement[bool]) -> int:
    """Count the media that still wait for an answer."""
    counted = select(func.count()).select_from(Media).where(is_held(), *conditions)
    return session.exec(counted).one()


def look_at(
    survey: Survey,
    look: Look,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    workers: int = 1,
) -> Iterator[Answer]:
    """Answers as workers finish; never more than a few media a worker are in memory.

    A media that cannot be looked at does not count against the limit, or a few missing originals
    would stop every later run at the same place.
    """
    running: set[Future[Answer]] = set()
    answered = 0
    with ThreadPoolExecutor(workers) as pool:
        for waiting in waiting_media(survey, conditions):
            while running and (
                len(running) >= workers * 2 or (limit and answered + len(running) >= limit)
            ):
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    answered += future.result().is_looked_at
                    yield future.result()
            if limit and answered >= limit:
                break
            running.add(pool.submit(look, waiting))
        done, _ = wait(running)
        yield from (future.result() for future in done)


def detecting(
    detector: Detector, then: LookCloser | None = None, *, decode: Decode = Decode.SCALED
) -> Look:
    """Make the look that detects: each media goes from file to boxes on one thread.

    `then` gets each picture that has boxes, as it was decoded for the detector, and its answers
    become `Seen.closer`: nothing is read or decoded a second time.
    """

    def look(waiting: WaitingMedia) -> Answer:
        try:
            if waiting.is_film:
                frames = frames_of(waiting, at_least=size_for(detector.image_size, decode))
                answer = look_at_frames(frames, waiting.media_id, detector=detector, then=then)
            else:
                answer = look_at_bytes(
                    bytes_of(waiting),
                    waiting.media_id,
                    detector=detector,
                    then=then,
                    decode=decode,
                    wants_preview=not waiting.preview.exists(),
                )
        except UnreadableError as unreadable:
            return Answer(waiting.media_id, problem=unreadable.problem, is_film=waiting.is_film)
        if answer.preview and not waiting.preview.exists():
            with suppress(OSError):  # the review page makes a missing preview itself
                write_preview(answer.preview, waiting.preview)
        answer.preview = b""
        return answer

    return look


def look_at_bytes(
    data: bytes,
    media_id: str,
    *,
    detector: Detector,
    then: LookCloser | None = None,
    decode: Decode = Decode.SCALED,
    wants_preview: bool = True,
) -> Answer:
    """Answer for the bytes of one photo, wherever they came from; the preview is in the answer.

    Raises:
        UnreadableError: they hold no picture.
    """
    size = size_for(max(detector.image_size, PREVIEW_PX // 2), decode)  # previews need theirs too
    image = _decoded(data, at_least=size)
    fitted = fit_within(image, size)
    found = detector.detect(fitted)
    return Answer(
        media_id,
        _seen(image, found, then),
        measures=measure(fitted),
        preview=encode_preview(fitted, long_side=PREVIEW_PX) if wants_preview else b"",
    )


def look_at_frames(
    frames: Iterable[FilmFrame],
    media_id: str,
    *,
    detector: Detector,
    then: LookCloser | None = None,
) -> Answer:
    """Answer for a film's sampled frames; one of them becomes its poster.

    The poster is the frame with the strongest box, else the middle one. Boxes found before the
    film breaks off are kept. Without any, a person has to look: the part that nobody saw may hold
    the animal.
    """
    answer = Answer(media_id, is_film=True)
    poster, strongest = None, 0.0
    try:
        for frame in frames:
            found = detector.detect(frame.image)
            answer.seen += _seen(frame.image, found, then, frame.second)
            best = max((detection.score for detection in found), default=0.0)
            if poster is None or best > strongest or (frame.is_middle and not strongest):
                poster, strongest = frame.image, best
    except FilmError as error:
        answer.problem = film_problem(error, has_answer=bool(answer.seen))
    if poster is not None:
        answer.preview = encode_preview(poster, long_side=PREVIEW_PX)
        answer.measures = measure(poster)
    return answer


def picture_of(waiting: WaitingMedia, *, at_least: tuple[int, int]) -> np.ndarray:
    """Read a photo once, check its bytes and decode it scaled.

    Raises:
        UnreadableError: the original is missing, altered, or holds no picture.
    """
    return fit_within(_decoded(bytes_of(waiting), at_least=at_least), at_least)


def bytes_of(waiting: WaitingMedia) -> bytes:
    """Read a media once, and check that its bytes are those imported.

    Raises:
        UnreadableError: the original is missing or altered.
    """
    try:
        data = waiting.path.read_bytes()
    except OSError as error:
        raise _missing(error) from error
    return checked(data, waiting.sha256)


def checked(data: bytes, sha256: str) -> bytes:
    """Give the bytes back if they are those imported.

    Raises:
        UnreadableError: they are not.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _altered()
    return data


def frames_of(waiting: WaitingMedia, *, at_least: tuple[int, int]) -> Iterator[FilmFrame]:
    """Check a film's bytes and give its sampled frames.

    Raises:
        UnreadableError: the original is missing or altered.
        FilmError: it cannot be decoded, or not further; what was given holds.
    """
    try:
        with waiting.path.open("rb") as film:
            sha256 = hashlib.file_digest(film, "sha256").hexdigest()
    except OSError as error:
        raise _missing(error) from error
    if sha256 != waiting.sha256:
        raise _altered()
    yield from sample_frames(waiting.path, waiting.media_type, at_least=at_least)


def leave_preview(image: np.ndarray, waiting: WaitingMedia) -> None:
    """Leave the small picture for the review page, unless it is there."""
    if not waiting.preview.exists():
        with suppress(OSError):  # the review page makes a missing preview itself
            save_preview(image, waiting.preview, long_side=PREVIEW_PX)


def film_problem(error: FilmError, *, has_answer: bool) -> FileProblem:
    """Name a film that does not decode to its end, and whether what decodes is answer enough."""
    note = tr(f"The film does not decode to its end: {error}.", f"视频无法完整解码:{error}。")
    code = ProblemCode.FILM_BREAKS_OFF if has_answer else ProblemCode.PIXELS_UNREADABLE
    return FileProblem(code, note)


def waiting_media(
    survey: Survey, conditions: Sequence[ColumnElement[bool]]
) -> Iterator[WaitingMedia]:
    """Media in the order of their ids, a page at a time, each once."""
    last = ""
    while True:
        with survey.reading() as session:
            statement = (
                select(Media.media_id, Media.sha256, Media.file_path, Media.file_mediatype)
                .where(col(Media.media_id) > last, is_held(), *conditions)
                .order_by(col(Media.media_id))
                .limit(PAGE_MEDIA)
            )
            page = session.exec(statement).all()
        if not page:
            return
        for media_id, sha256, file_path, media_type in page:
            preview = survey.folder / "previews" / f"{media_id}.jpg"
            yield WaitingMedia(media_id, sha256, survey.path_of(file_path), preview, media_type)
        last = page[-1][0]


def _decoded(data: bytes, *, at_least: tuple[int, int]) -> np.ndarray:
    try:
        return decode_scaled(data, at_least=at_least)
    except PixelsError as error:
        raise UnreadableError(FileProblem(ProblemCode.PIXELS_UNREADABLE, str(error))) from error


def _seen(
    image: np.ndarray,
    found: Sequence[Detection],
    then: LookCloser | None,
    frame_s: float | None = None,
) -> list[Seen]:
    closer = then(image, found) if then is not None and found else [None] * len(found)
    return [Seen(box, frame_s, more) for box, more in zip(found, closer, strict=True)]


def _missing(error: OSError) -> UnreadableError:
    return UnreadableError(FileProblem(ProblemCode.ORIGINAL_MISSING, error.strerror or ""))


def _altered() -> UnreadableError:
    note = tr("Its bytes are not those imported.", "内容与导入时不一致。")
    return UnreadableError(FileProblem(ProblemCode.ORIGINAL_ALTERED, note))
