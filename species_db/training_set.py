"""Read from the survey what its reviews teach: photos, their confirmed boxes, where they stand.

The rules are in species_db/lessons.py; nothing here reads a pixel.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from species_db.lessons import BOXED, HUMAN, Frame, LeftOut, Lesson, Said, TaughtBox, lessons_of
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import Decision, Deployment, Event, Media, Observation, Taxon
from species_db.vocabulary import ClassificationMethod
from species_db.whereabouts import is_held


@dataclass(frozen=True)
class MediaExample:
    """A photo of a reviewed event, with where it lies and whom it may be shown to.

    `said` are the types that the review found in the event, none when it is blank. A photo that is
    `left_out` teaches nothing, but its event still tells whether a model finds what is there.
    """

    media_id: str
    event_id: str
    deployment_id: str
    location_id: str
    file_path: str
    sha256: str
    is_grey: bool | None
    shows_people: bool
    is_complete: bool
    said: tuple[str, ...]
    boxes: tuple[TaughtBox, ...]
    left_out: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether a person said that nothing is in the event."""
        return not self.said


@dataclass(frozen=True)
class TrainingSet:
    """All that the reviews in force teach, in an order that any laptop would give."""

    media: tuple[MediaExample, ...]
    taxa: Mapping[str, str]  # scientific names of the taxa in it
    left_out: Mapping[str, int] = field(default_factory=dict)  # photos, by `LeftOut`
    reviewed_events: int = 0


def read_training_set(session: Session) -> TrainingSet:
    """Read what the reviews in force teach, people included: who uses it decides on those.

    A photo shows people when it is restricted or when its event's review names people.
    """
    stations = dict(session.exec(select(Deployment.deployment_id, Deployment.location_id)).all())
    examples: list[MediaExample] = []
    left_out: Counter[str] = Counter()
    events = 0
    for deployment_id in sorted(stations):
        reviewed = _reviewed(session, deployment_id)
        events += len(reviewed)
        boxes = _boxes(session, deployment_id, reviewed)
        for media, lesson, said in _taught(session, deployment_id, reviewed, boxes, left_out):
            examples.append(_example(media, stations[deployment_id], lesson, said))
    taxa = {box.taxon_id for example in examples for box in example.boxes if box.taxon_id}
    names = session.exec(select(Taxon.taxon_id, Taxon.scientific_name)).all()
    return TrainingSet(
        media=tuple(examples),
        taxa={taxon_id: name for taxon_id, name in sorted(names) if taxon_id in taxa},
        left_out=dict(sorted(left_out.items())),
        reviewed_events=events,
    )


@dataclass(frozen=True)
class _Review:
    """What is in force on one event, and the media that its person had before them."""

    review_id: str
    said: tuple[Said, ...]
    covered: frozenset[str] | None  # None: reviews of before did not say


@dataclass
class _Boxes:
    """The boxes on one media, of the newest model and of people."""

    machine: tuple[TaughtBox, ...] = ()
    drawn: tuple[TaughtBox, ...] = ()


def _reviewed(session: Session, deployment_id: str) -> dict[str, _Review]:
    here = Event.deployment_id == deployment_id
    findings: dict[str, list[Said]] = defaultdict(list)
    for event_id, kind, taxon_id, count in session.exec(
        select(
            Event.event_id, Observation.observation_type, Observation.taxon_id, Observation.count
        )
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(here, Observation.event_id == Event.event_id, col(Observation.media_id).is_(None))
        .order_by(col(Observation.observation_id))
    ):
        findings[event_id].append(Said(kind, taxon_id, count))
    reviews = session.exec(
        select(Event.event_id, Decision.decision_id, Decision.details)
        .join(Decision, col(Decision.decision_id) == col(Event.current_review_id))
        .where(here)
    )
    found = {}
    for event_id, review_id, details in reviews:
        covered = json.loads(details).get("media")
        media = None if covered is None else frozenset(covered)
        found[event_id] = _Review(review_id, tuple(findings[event_id]), media)
    return found


def _boxes(
    session: Session, deployment_id: str, reviewed: Mapping[str, _Review]
) -> Mapping[str, _Boxes]:
    """The boxes on each media of reviewed events; of the models' only the newest one's.

    That is what the reviewer saw, and what a dismissal of false alarms speaks of.
    """
    given: dict[str, list[Observation]] = defaultdict(list)
    here = Observation.deployment_id == deployment_id
    dismissed = set(session.exec(select(Observation.observation_id).where(here, is_dismissed())))
    found = session.exec(select(Observation).where(here, col(Observation.media_id).is_not(None)))
    for observation in found:
        if observation.event_id in reviewed:
            given[str(observation.media_id)].append(observation)
    human = ClassificationMethod.HUMAN.value
    boxes = {}
    for media_id, rows in given.items():
        review_id = reviewed[str(rows[0].event_id)].review_id
        drawn = [
            o for o in rows if o.classification_method == human and o.review_id in (None, review_id)
        ]
        machine = [o for o in rows if o.classification_method != human]
        newest = [o for o in _of_newest(machine) if o.observation_id not in dismissed]
        boxes[media_id] = _Boxes(_as_boxes(newest, keeps_taxon=False), _as_boxes(drawn))
    return boxes


def _taught(
    session: Session,
    deployment_id: str,
    reviewed: Mapping[str, _Review],
    boxes: Mapping[str, _Boxes],
    left_out: Counter[str],
) -> Iterator[tuple[Media, Lesson | LeftOut, tuple[Said, ...]]]:
    by_event: dict[str, list[Media]] = defaultdict(list)
    for media in session.exec(
        select(Media)
        .where(Media.deployment_id == deployment_id, col(Media.event_id).is_not(None), is_held())
        .order_by(col(Media.media_id))
    ):
        by_event[str(media.event_id)].append(media)
    for event_id, review in sorted(reviewed.items()):
        usable = {}
        for media in by_event[event_id]:
            if review.covered is not None and media.media_id not in review.covered:
                left_out[LeftOut.LATER.value] += 1
            elif not media.file_mediatype.startswith("image/"):
                left_out[LeftOut.FILM.value] += 1
            else:
                usable[media.media_id] = media
        frames = [_frame(media_id, boxes.get(media_id, _Boxes())) for media_id in usable]
        lessons, why = lessons_of(review.said, frames)
        left_out.update(reason.value for reason in why.values())
        for lesson in lessons:
            yield usable[lesson.media_id], lesson, review.said
        for media_id, reason in why.items():
            if reason in (LeftOut.NO_BOX, LeftOut.TOO_MANY):
                yield usable[media_id], reason, review.said


def _frame(media_id: str, boxes: _Boxes) -> Frame:
    return Frame(media_id, boxes.machine, boxes.drawn)


def _example(
    media: Media, location_id: str, lesson: Lesson | LeftOut, said: Sequence[Said]
) -> MediaExample:
    types = {finding.observation_type for finding in said} & set(BOXED)
    taught = Lesson(media.media_id, (), False) if isinstance(lesson, LeftOut) else lesson
    return MediaExample(
        media_id=media.media_id,
        event_id=str(media.event_id),
        deployment_id=media.deployment_id,
        location_id=location_id,
        file_path=media.file_path,
        sha256=media.sha256,
        is_grey=media.is_grey,
        shows_people=media.is_restricted or HUMAN in types,
        is_complete=taught.is_complete,
        said=tuple(sorted(types)),
        boxes=taught.boxes,
        left_out=lesson.value if isinstance(lesson, LeftOut) else "",
    )


def _of_newest(given: list[Observation]) -> list[Observation]:
    if not given:
        return []
    newest = max(given, key=lambda o: (o.classification_timestamp, o.observation_id))
    return [o for o in given if o.model_version_id == newest.model_version_id]


def _as_boxes(
    observations: Iterable[Observation], *, keeps_taxon: bool = True
) -> tuple[TaughtBox, ...]:
    boxes = [
        TaughtBox(
            o.observation_type,
            o.taxon_id if keeps_taxon else None,
            o.bbox_x,
            o.bbox_y,
            o.bbox_width,
            o.bbox_height,
        )
        for o in observations
        if o.observation_type in BOXED
        and o.bbox_x is not None
        and o.bbox_y is not None
        and o.bbox_width
        and o.bbox_height
    ]
    return tuple(sorted(boxes, key=lambda b: (b.observation_type, b.x, b.y, b.width, b.height)))
