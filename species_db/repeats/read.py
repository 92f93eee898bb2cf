"""Read a deployment's machine boxes as columns: those in force, and what keeps their events alive.

Plain columns: a camera before moving grass gives 200,000 boxes, too many to make objects of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Executable, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.camera_days import strip_of
from species_db.occurrences import is_outdated
from species_db.repeats.clusters import DAY_S, NO_TIME, Boxes, Numbers
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import Deployment, Event, Media, Observation
from species_db.vocabulary import ClassificationMethod, DayState, ObservationType

MACHINE, BLANK = ClassificationMethod.MACHINE.value, ObservationType.BLANK.value


@dataclass(frozen=True)
class DeploymentBoxes:
    """What models in force say is on the files of a deployment, dismissed boxes left out.

    One row an answer, blank ones left out; an answer without a box has NaN corners and keeps its
    event from being cleared. `lots` are the models with the types they boxed, numbered by `lot`.
    """

    deployment_id: str
    utc_offset_seconds: int
    observation_ids: Sequence[str]
    media_ids: Sequence[str]
    lots: Sequence[tuple[str, str, str]]  # model_version_id, its name, observation_type
    lot: Numbers
    boxes: Boxes
    media: Numbers
    scores: NDArray[np.float64]
    is_grey: NDArray[np.float64]  # 1 grey, 0 colour, NaN not measured
    is_restricted: NDArray[np.bool_]
    event_ids: Sequence[str]
    event_seconds: Numbers  # of all events of the deployment, local
    is_reviewed: NDArray[np.bool_]  # by event


def read_boxes(session: Session, deployment_id: str) -> DeploymentBoxes:
    """Read the boxes that a person could still dismiss at one deployment."""
    deployment = session.get_one(Deployment, deployment_id)
    offset = deployment.utc_offset_seconds
    events = session.execute(
        select_columns(col(Event.event_id), col(Event.event_start), col(Event.current_review_id))
        .where(col(Event.deployment_id) == deployment_id)
        .order_by(col(Event.event_start), col(Event.event_id))
    ).all()
    number = {event_id: n for n, (event_id, _, _) in enumerate(events)}
    rows = [row for row in session.execute(_answers(session, deployment_id)) if row[2] in number]
    lots = list(dict.fromkeys((row[3] or row[4], row[4], row[5]) for row in rows))
    lot_number = {lot: n for n, lot in enumerate(lots)}
    corners = [[np.nan if side is None else side for side in row[6:10]] for row in rows]
    media = {name: n for n, name in enumerate(dict.fromkeys(row[1] for row in rows))}
    seconds = _local_seconds([row[11] for row in rows], offset)
    return DeploymentBoxes(
        deployment_id=deployment_id,
        utc_offset_seconds=offset,
        observation_ids=[row[0] for row in rows],
        media_ids=[row[1] for row in rows],
        lots=lots,
        lot=_numbers(lot_number[row[3] or row[4], row[4], row[5]] for row in rows),
        boxes=Boxes(
            corners=np.array(corners, dtype=np.float64).reshape(-1, 4),
            event=_numbers(number[row[2]] for row in rows),
            seconds=seconds,
            view=_views(seconds, _moves(session, deployment_id)),
        ),
        media=_numbers(media[row[1]] for row in rows),
        scores=np.array([row[10] or 0.0 for row in rows], dtype=np.float64),
        is_grey=np.array([np.nan if row[12] is None else row[12] for row in rows], np.float64),
        is_restricted=np.array([row[13] for row in rows], dtype=np.bool_),
        event_ids=[event_id for event_id, _, _ in events],
        event_seconds=_local_seconds([start for _, start, _ in events], offset),
        is_reviewed=np.array([review is not None for _, _, review in events], dtype=np.bool_),
    )


def _answers(session: Session, deployment_id: str) -> Executable:
    """The answers in force of one deployment; a single model cannot be outdated."""
    here = (
        col(Observation.deployment_id) == deployment_id,
        col(Observation.classification_method) == MACHINE,
    )
    model = func.coalesce(col(Observation.model_version_id), col(Observation.classified_by))
    models = session.scalars(select_columns(model).where(*here).distinct()).all()
    asked = (
        select_columns(
            col(Observation.observation_id),
            col(Observation.media_id),
            col(Media.event_id),
            col(Observation.model_version_id),
            col(Observation.classified_by),
            col(Observation.observation_type),
            col(Observation.bbox_x),
            col(Observation.bbox_y),
            col(Observation.bbox_width),
            col(Observation.bbox_height),
            col(Observation.classification_probability),
            col(Media.timestamp),
            col(Media.is_grey),
            col(Media.is_restricted),
        )
        .join(Media, col(Media.media_id) == col(Observation.media_id))
        .where(
            *here,
            col(Observation.observation_type) != BLANK,
            or_(col(Observation.bbox_x).is_(None), ~is_dismissed()),
        )
        .order_by(col(Media.timestamp), col(Observation.observation_id))
    )
    return asked.where(~is_outdated()) if len(models) > 1 else asked


def _moves(session: Session, deployment_id: str) -> list[date]:
    """The local dates from which the camera looked elsewhere, by its days' states."""
    moves, was_moved = [], False
    for day in strip_of(session, deployment_id):
        if day.state in (DayState.MOVED, DayState.WORKING, DayState.DAY_ONLY):
            is_moved = day.state is DayState.MOVED
            if is_moved is not was_moved:
                moves.append(day.day)
            was_moved = is_moved
    return moves


def _views(seconds: Numbers, moves: Sequence[date]) -> Numbers:
    """Number the stretches between moves; undated files count to the first."""
    starts = [(day - date(1970, 1, 1)).days * DAY_S for day in moves]
    return np.searchsorted(np.array(starts, dtype=np.int64), seconds, side="right").astype(np.int64)


def _local_seconds(instants: Sequence[datetime | None], offset: int) -> Numbers:
    return _numbers(NO_TIME if at is None else int(at.timestamp()) + offset for at in instants)


def _numbers(values: Iterable[int]) -> Numbers:
    return np.fromiter(values, dtype=np.int64)
