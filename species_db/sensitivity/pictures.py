"""Pictures of people: the media that stay in the survey, event by event."""

from sqlalchemy import or_
from sqlmodel import Session, col, select

from species_db.tables import Event, Media, Observation
from species_db.vocabulary import ClassificationMethod, ObservationType


def closed_media(session: Session) -> frozenset[str]:
    """Name the media that show people or the team, or stand in one event with such media.

    Decided for whole events: a person seen on one frame is half in the next, where a model sees
    nothing. Any model's word closes, not only the newest one's, and so does a review that the
    event still names although pictures joined it since. Media without an event are closed too:
    what stands beside them is not known yet.
    """
    human = ObservationType.HUMAN.value
    restricted = select(Media.event_id).where(col(Media.is_restricted))
    seen_by_machine = (
        select(Media.event_id)
        .join(Observation, col(Observation.media_id) == col(Media.media_id))
        .where(
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            col(Observation.observation_type) == human,
        )
    )
    told_by_review = (
        select(Event.event_id)
        .join(Observation, col(Observation.review_id) == col(Event.current_review_id))
        .where(
            col(Observation.event_id) == col(Event.event_id),
            or_(
                col(Observation.observation_type) == human,
                col(Observation.camera_setup_type) != "",
            ),
        )
    )
    event_id = col(Media.event_id)
    is_closed = or_(
        event_id.is_(None),
        *(event_id.in_(events) for events in (restricted, seen_by_machine, told_by_review)),
    )
    return frozenset(session.exec(select(Media.media_id).where(is_closed)))
