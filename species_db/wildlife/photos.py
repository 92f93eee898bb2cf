"""The photos that show a taxon best: confirmed, without people, near and sharp."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.repeats.dismissed import is_dismissed
from species_db.tables import Event, Media, Observation
from species_db.vocabulary import ClassificationMethod, ObservationType
from species_db.wildlife.parts import Photo
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import CameraRecords, date_of

BLURRED = 0.02  # of a sharpness: below it a picture is not worth showing first
PLAIN_SHARE = 0.05  # what a photo without a box is taken to show


def evidence_photos(
    session: Session, records: CameraRecords, counties: Mapping[str, str], settings: PageSettings
) -> tuple[Photo, ...]:
    """Choose the best photo of each of the best events, newest events of the taxon first.

    Events with people are left out whole: who is seen on one frame is half in the next.
    """
    rows = _newest(records, settings.photo_events)
    by_event = {records.record_ids[n]: n for n in rows}
    ids = sorted(set(by_event) - _with_people(session, sorted(by_event)))
    best: dict[str, Photo] = {}
    for media_id, event_id, sharpness, share in _media(session, ids):
        row = by_event[event_id]
        photo = Photo(
            media_id=media_id,
            event_id=event_id,
            taken_on=date_of(int(records.day[row])) if records.day[row] >= 0 else None,
            county=counties.get(records.locations[records.location[row]], ""),
            box_share=share,
            sharpness=sharpness,
        )
        if event_id not in best or _worth(photo) > _worth(best[event_id]):
            best[event_id] = photo
    order = sorted(best.values(), key=lambda one: (_worth(one), one.media_id), reverse=True)
    return tuple(order[: settings.photos])


def _newest(records: CameraRecords, count: int) -> list[int]:
    rows = [n for n in records.seconds.argsort()[::-1].tolist() if records.is_confirmed[n]]
    return rows[:count]


def _worth(photo: Photo) -> float:
    """The share of the frame that the animal fills, less where the picture is not sharp."""
    share = PLAIN_SHARE if photo.box_share is None else photo.box_share
    is_blurred = photo.sharpness is not None and photo.sharpness <= BLURRED
    return share * (0.3 if is_blurred else 1.0)


def _with_people(session: Session, event_ids: Sequence[str]) -> set[str]:
    """Events in which anybody, the team too, was ever seen by a person or a model."""
    closed: set[str] = set()
    for page in _pages(event_ids):
        is_of_people = or_(
            col(Observation.observation_type) == ObservationType.HUMAN.value,
            col(Observation.camera_setup_type) != "",
        )
        of_events = col(Observation.event_id).in_(page)
        found = session.exec(select(Observation.event_id).where(of_events, is_of_people))
        closed |= {one for one in found if one}
        restricted = select(Media.event_id).where(
            col(Media.event_id).in_(page), col(Media.is_restricted)
        )
        closed |= {one for one in session.exec(restricted) if one}
    return closed


def _media(
    session: Session, event_ids: Sequence[str]
) -> list[tuple[str, str, float | None, float | None]]:
    found = []
    for page in _pages(event_ids):
        area = func.max(col(Observation.bbox_width) * col(Observation.bbox_height))
        boxes = (
            select_columns(col(Observation.media_id).label("boxed"), area.label("share"))
            .where(
                col(Observation.event_id).in_(page),
                col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
                col(Observation.observation_type) == ObservationType.ANIMAL.value,
                ~is_dismissed(),
            )
            .group_by(col(Observation.media_id))
            .subquery()
        )
        asked = (
            select_columns(
                col(Media.media_id), col(Media.event_id), col(Media.sharpness), boxes.c.share
            )
            .join(boxes, boxes.c.boxed == col(Media.media_id), isouter=True)
            .join(Event, col(Event.event_id) == col(Media.event_id))
            .where(
                col(Media.event_id).in_(page),
                col(Media.file_mediatype).like("image/%"),
                ~col(Media.is_restricted),
            )
        )
        found += [tuple(row) for row in session.execute(asked)]
    return found  # type: ignore[return-value]


def _pages(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + 300] for start in range(0, len(ids), 300)]
