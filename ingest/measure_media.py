"""Measure media that no detector has looked at yet: grey or colour, brightness, sharpness.

The clock's sun test and the camera's health need these numbers; a detection run leaves them on its
way, this makes those still missing, and the previews with them.
"""

import os
from collections.abc import Callable

from sqlmodel import Session, col

from ingest.file_problem import FileProblem
from ingest.look import (
    PREVIEW_PX,
    Answer,
    UnreadableError,
    WaitingMedia,
    count_waiting,
    decodable,
    film_problem,
    frames_of,
    leave_preview,
    look_at,
    picture_of,
)
from models.film import FilmError
from models.measure import PictureMeasures, measure
from species_db.survey import Survey
from species_db.tables import Media, Problem

BATCH_MEDIA = 50

Report = Callable[[int, int], None]


def measure_waiting(
    survey: Survey,
    deployment_id: str | None = None,
    *,
    workers: int | None = None,
    report: Report = lambda done, total: None,
) -> int:
    """Measure every media that is not measured yet, and tell how many were.

    What is committed is never done again, so a stopped run goes on where it was. Media that cannot
    be looked at are listed as problems, as in detection. `report` gets media done and in all.
    """
    conditions = [col(Media.is_grey).is_(None), decodable()]
    if deployment_id is not None:
        conditions.append(col(Media.deployment_id) == deployment_id)
    with survey.reading() as session:
        total = count_waiting(session, *conditions)
    measured = 0
    batch: list[Answer] = []
    looked_at = look_at(survey, _measure, *conditions, workers=workers or os.cpu_count() or 1)
    for done, answer in enumerate(looked_at, start=1):
        batch.append(answer)
        if len(batch) >= BATCH_MEDIA:
            measured += _commit(survey, batch)
            batch = []
        report(done, total)
    return measured + _commit(survey, batch)


def store_measures(media: Media, measures: PictureMeasures | None) -> None:
    """Write what was measured into its media; these columns are outside the row's seal."""
    if measures is None:
        return
    media.is_grey = measures.is_grey
    media.brightness = measures.brightness
    media.contrast = measures.contrast
    media.sharpness = measures.sharpness
    media.histogram = measures.histogram
    media.layout = measures.layout


def store_problem(session: Session, media: Media, problem: FileProblem) -> None:
    """List why a media could not be looked at; the same problem again is the same line."""
    session.merge(
        Problem(
            card_import_id=media.card_import_id,
            card_path=media.card_path,
            code=problem.code.value,
            media_id=media.media_id,
            note=problem.note,
        )
    )


def _measure(waiting: WaitingMedia) -> Answer:
    try:
        if waiting.is_film:
            return _measure_film(waiting)
        image = picture_of(waiting, at_least=(PREVIEW_PX, PREVIEW_PX))
    except UnreadableError as unreadable:
        return Answer(waiting.media_id, problem=unreadable.problem, is_film=waiting.is_film)
    leave_preview(image, waiting)
    return Answer(waiting.media_id, measures=measure(image))


def _measure_film(waiting: WaitingMedia) -> Answer:
    """Measure a film by its middle frame, or the last one before it breaks off."""
    answer = Answer(waiting.media_id, is_film=True)
    image = None
    try:
        for frame in frames_of(waiting, at_least=(PREVIEW_PX, PREVIEW_PX)):
            image = frame.image
            if frame.is_middle:
                break
    except FilmError as error:
        if image is None:
            answer.problem = film_problem(error, has_answer=False)
    if image is not None:
        leave_preview(image, waiting)
        answer.measures = measure(image)
    return answer


def _commit(survey: Survey, batch: list[Answer]) -> int:
    if not batch:
        return 0
    with survey.writing() as session:
        for answer in batch:
            media = session.get_one(Media, answer.media_id)
            store_measures(media, answer.measures)
            if answer.problem is not None:
                store_problem(session, media, answer.problem)
    return sum(answer.measures is not None for answer in batch)
