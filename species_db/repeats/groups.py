"""Groups of boxes at one place of one camera, with what speaks for and against dismissing them.

A group is an offer: a person looks at its pictures and decides. What makes it doubtful is told
beside it, never used to decide for them.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.repeats.clusters import (
    DAY_S,
    DEFAULT_SETTINGS,
    HOUR_S,
    NO_TIME,
    Boxes,
    Numbers,
    RepeatSettings,
    find_repeats,
    share_of_events,
)
from species_db.repeats.dismissed import is_dismissed
from species_db.repeats.read import DeploymentBoxes, read_boxes
from species_db.tables import DismissedBox, Event, Media, Observation
from species_db.vocabulary import ObservationType

PREVIEWS = 12  # first, last, the surest and a spread between: what fits one screen
HIGH_SCORE = 0.8  # a detector that is this sure is right often enough to look twice
WIDE_SCORES = 0.15  # standard deviation: one thing in one place is scored alike
NET = 25  # cells of a coarse net along each side of a picture
FIRST_TURNED = 5  # EXIF orientations from here on lie on their side
IDS_A_QUERY = 500  # SQLite takes a bounded number of values in one statement
ANIMAL = ObservationType.ANIMAL.value


class Doubt(StrEnum):
    """What speaks against a group being one thing that does not move."""

    HIGH_SCORE = "high_score"
    WIDE_SCORES = "wide_scores"
    ONE_LIGHT = "one_light"  # by day alone or by night alone, while the camera works at both
    COMPANY = "company"  # other boxes in the same pictures
    SEEN_BY_PEOPLE = "seen_by_people"  # people found an animal in one of its events
    RESTRICTED = "restricted"  # pictures of people: not shown here


@dataclass(frozen=True)
class Preview:
    """One picture of a group, with where the box stands in it."""

    media_id: str
    event_id: str
    local_time: datetime | None
    score: float
    box: tuple[float, float, float, float]
    is_grey: bool | None
    is_restricted: bool
    aspect: float = 4 / 3  # width by height of the upright picture


@dataclass(frozen=True)
class RepeatGroup:
    """Boxes of one type by one model that stand at one place of a deployment's pictures.

    `clears` are the events that would hold no box any more. `share` is of the events between the
    first and the last. Times are local.
    """

    group_id: str
    deployment_id: str
    model: str
    observation_type: str
    observation_ids: tuple[str, ...]
    box: tuple[float, float, float, float]
    events: int
    clears: int
    days: int
    hours: int
    share: float
    first: datetime | None
    last: datetime | None
    scores: tuple[float, float, float]  # lowest, middle, highest
    company_events: int
    animal_events: int
    doubts: tuple[Doubt, ...]
    previews: tuple[Preview, ...]


def repeats_of(
    session: Session, deployment_id: str, *, settings: RepeatSettings = DEFAULT_SETTINGS
) -> list[RepeatGroup]:
    """Find the groups of a deployment, those that would clear the most events first."""
    told = read_boxes(session, deployment_id)
    found_animals = _found_animals(session, deployment_id)
    groups = [
        _group(told, lot, rows, found_animals) for lot, rows in _rows_of_groups(told, settings)
    ]
    shapes = _shapes(session, {shown.media_id for one in groups for shown in one.previews})
    groups = [
        replace(one, previews=tuple(_shaped(shown, shapes) for shown in one.previews))
        for one in groups
    ]
    return sorted(groups, key=lambda one: (-one.clears, -one.events, one.group_id))


@dataclass(frozen=True)
class Busy:
    """A deployment to look at: its events to review, and how far its boxes pile up at one place."""

    deployment_id: str
    events: int  # unreviewed, that a model calls more than blank
    piled: int  # boxes in the fullest cell of a coarse net, a hint and not yet a group


def busy_deployments(session: Session) -> list[Busy]:
    """Deployments with boxes, those first whose boxes pile up at one place.

    Finding the groups of a season takes minutes; the database counts cells in seconds, and tells
    which cameras are worth opening first.
    """
    quiet = (ObservationType.BLANK.value, ObservationType.UNCLASSIFIED.value)
    waiting = (
        select_columns(col(Event.deployment_id), func.count())
        .where(~col(Event.is_reviewed), col(Event.machine_type).not_in(quiet))
        .group_by(col(Event.deployment_id))
    )
    events = {name: int(count) for name, count in session.execute(waiting)}
    sides = (
        Observation.bbox_x,
        Observation.bbox_y,
        Observation.bbox_width,
        Observation.bbox_height,
    )
    cell = (col(Observation.deployment_id), *(func.round(col(side) * NET) for side in sides))
    cells = (
        select_columns(col(Observation.deployment_id).label("name"), func.count().label("boxes"))
        .where(col(Observation.bbox_x).is_not(None), ~is_dismissed())
        .group_by(*cell)
        .subquery()
    )
    fullest = select_columns(cells.c.name, func.max(cells.c.boxes)).group_by(cells.c.name)
    piled = {name: int(count) for name, count in session.execute(fullest)}
    done = session.scalars(select_columns(col(DismissedBox.deployment_id)).distinct())
    told = [
        Busy(name, events.get(name, 0), piled.get(name, 0)) for name in {*events, *piled, *done}
    ]
    return sorted(told, key=lambda one: (-one.piled, -one.events, one.deployment_id))


def _rows_of_groups(
    told: DeploymentBoxes, settings: RepeatSettings
) -> Iterator[tuple[int, Numbers]]:
    has_box = ~np.isnan(told.boxes.corners[:, 0])
    for lot in range(len(told.lots)):
        rows = np.flatnonzero(has_box & np.equal(told.lot, lot))
        boxes = Boxes(*(column[rows] for column in vars(told.boxes).values()))
        for found in find_repeats(boxes, told.event_seconds, settings=settings):
            yield lot, rows[found]


def _found_animals(session: Session, deployment_id: str) -> set[str]:
    """Events in which the review in force found an animal."""
    asked = (
        select_columns(col(Event.event_id))
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(
            col(Event.deployment_id) == deployment_id,
            col(Observation.event_id) == col(Event.event_id),
            col(Observation.observation_type) == ANIMAL,
        )
    )
    return set(session.scalars(asked))


def _shapes(session: Session, media_ids: Collection[str]) -> dict[str, float]:
    """How wide pictures are by their height, as they are shown upright."""
    told = {}
    wanted = sorted(media_ids)
    for start in range(0, len(wanted), IDS_A_QUERY):
        asked = select_columns(
            col(Media.media_id), col(Media.width), col(Media.height), col(Media.orientation)
        ).where(col(Media.media_id).in_(wanted[start : start + IDS_A_QUERY]))
        for media_id, width, height, orientation in session.execute(asked):
            if width and height:
                is_turned = (orientation or 1) >= FIRST_TURNED
                told[media_id] = height / width if is_turned else width / height
    return told


def _shaped(shown: Preview, shapes: Mapping[str, float]) -> Preview:
    return replace(shown, aspect=shapes.get(shown.media_id, shown.aspect))


def _group(told: DeploymentBoxes, lot: int, rows: Numbers, found_animals: set[str]) -> RepeatGroup:
    boxes = told.boxes
    events = np.unique(boxes.event[rows])
    seconds = boxes.seconds[rows]
    dated = seconds[np.not_equal(seconds, NO_TIME)]
    known = np.sort(told.event_seconds[np.not_equal(told.event_seconds, NO_TIME)])
    ids = tuple(told.observation_ids[row] for row in rows.tolist())
    _, model, kind = told.lots[lot]
    middle = np.median(boxes.corners[rows], axis=0)
    company = _company(told, rows)
    is_alone = np.isin(events, company, invert=True) & ~told.is_reviewed[events]
    animals = sum(told.event_ids[n] in found_animals for n in events.tolist())
    scores = told.scores[rows]
    return RepeatGroup(
        group_id=hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()[:8],
        deployment_id=told.deployment_id,
        model=model,
        observation_type=kind,
        observation_ids=ids,
        box=_box(middle),
        events=len(events),
        clears=int(is_alone.sum()),
        days=len(np.unique(dated // DAY_S)),
        hours=len(np.unique(dated % DAY_S // HOUR_S)),
        share=share_of_events(len(events), dated, known),
        first=_local(int(dated.min()), told),
        last=_local(int(dated.max()), told),
        scores=(float(scores.min()), float(np.median(scores)), float(scores.max())),
        company_events=len(company),
        animal_events=animals,
        doubts=tuple(_doubts(told, rows, has_company=len(company) > 0, has_animals=animals > 0)),
        previews=tuple(_preview(told, row) for row in _spread(told, rows)),
    )


def _company(told: DeploymentBoxes, rows: Numbers) -> Numbers:
    """The group's events in which something else was boxed or named too."""
    is_other = np.ones(len(told.lot), dtype=np.bool_)
    is_other[rows] = False
    return np.intersect1d(told.boxes.event[is_other], told.boxes.event[rows])


def _doubts(
    told: DeploymentBoxes, rows: Numbers, *, has_company: bool, has_animals: bool
) -> Iterator[Doubt]:
    if has_animals:
        yield Doubt.SEEN_BY_PEOPLE
    if told.scores[rows].max() >= HIGH_SCORE:
        yield Doubt.HIGH_SCORE
    if told.scores[rows].std() >= WIDE_SCORES:
        yield Doubt.WIDE_SCORES
    own, all_files = told.is_grey[rows], told.is_grey
    own, all_files = own[~np.isnan(own)], all_files[~np.isnan(all_files)]
    if len(own) and len(np.unique(own)) == 1 and len(np.unique(all_files)) == 2:
        yield Doubt.ONE_LIGHT
    if has_company:
        yield Doubt.COMPANY
    if told.is_restricted[rows].any():
        yield Doubt.RESTRICTED


def _spread(told: DeploymentBoxes, rows: Numbers) -> list[int]:
    """One picture of each of some events: the first, the last, the surest, and a spread between."""
    order = rows[np.lexsort((-told.scores[rows], told.boxes.event[rows]))]
    _, firsts = np.unique(told.boxes.event[order], return_index=True)
    surest = order[firsts]  # of each event its surest box, in the order of time
    places = np.linspace(0, len(surest) - 1, min(PREVIEWS, len(surest))).round().astype(np.int64)
    chosen = set(surest[places].tolist())
    best = int(surest[told.scores[surest].argmax()])
    if best not in chosen and len(chosen) >= PREVIEWS:
        chosen.discard(int(surest[places[len(places) // 2]]))
    return sorted(chosen | {best}, key=lambda row: (int(told.boxes.event[row]), row))


def _preview(told: DeploymentBoxes, row: int) -> Preview:
    grey = told.is_grey[row]
    return Preview(
        media_id=told.media_ids[row],
        event_id=told.event_ids[int(told.boxes.event[row])],
        local_time=_local(int(told.boxes.seconds[row]), told),
        score=float(told.scores[row]),
        box=_box(told.boxes.corners[row]),
        is_grey=None if np.isnan(grey) else bool(grey),
        is_restricted=bool(told.is_restricted[row]),
    )


def _box(corners: NDArray[np.float64]) -> tuple[float, float, float, float]:
    x, y, width, height = (round(float(side), 5) for side in corners)
    return x, y, width, height


def _local(seconds: int, told: DeploymentBoxes) -> datetime | None:
    if seconds == NO_TIME:
        return None
    offset = timedelta(seconds=told.utc_offset_seconds)
    return (datetime.fromtimestamp(seconds, UTC) - offset).astimezone(timezone(offset))


def find_group(groups: Sequence[RepeatGroup], group_id: str) -> RepeatGroup | None:
    """The group of this name, if the boxes at hand still make it."""
    return next((one for one in groups if one.group_id == group_id), None)
