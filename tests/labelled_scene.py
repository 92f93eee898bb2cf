"""Events that models have labelled, for tests of what people find when they look."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from species_db import identity
from species_db.review import confirm, correct, mark_blank, summarise_event
from species_db.survey import Survey
from species_db.tables import Event, Media, Observation, Taxon
from tests.factories import make_event, make_model_version
from tests.wildlife_scene import START

Said = Taxon | str  # a taxon, or a type


def say(
    session: Session,
    media: Media,
    said: Said,
    *,
    score: float | None = 0.8,
    model: str = "general",
    days_later: float = 0,
) -> None:
    """One answer of a model on one file."""
    version = make_model_version(session, model)
    session.add(
        Observation(
            observation_id=identity.act_id(),
            deployment_id=media.deployment_id,
            media_id=media.media_id,
            event_id=media.event_id,
            observation_level="media",
            observation_type=said if isinstance(said, str) else "animal",
            taxon_id=None if isinstance(said, str) else said.taxon_id,
            classification_method="machine",
            classified_by=f"{model} 0.1.0",
            classification_timestamp=START + timedelta(days=500 + days_later),
            classification_probability=score,
            model_version_id=version.model_version_id,
        )
    )


def label(
    survey: Survey, deployment_id: str, moment: datetime, said: Said, **values: object
) -> str:
    """An event of one photo that a model has labelled; its id."""
    with survey.writing() as session:
        event = make_event(session, deployment_id=deployment_id, start=moment)
        (media,) = media_of(session, event.event_id)
        say(session, media, said, **values)  # type: ignore[arg-type]
        session.flush()
        summarise_event(session, event.event_id)
        return event.event_id


def media_of(session: Session, event_id: str) -> list[Media]:
    """The files of an event, in order."""
    return list(
        session.exec(
            select(Media)
            .where(Media.event_id == event_id)
            .order_by(Media.timestamp, Media.media_id)  # type: ignore[arg-type]
        )
    )


def look(survey: Survey, event_id: str, found: Said | None = None) -> None:
    """A person reviews an event: as the machine says, or as a taxon or blank."""
    with survey.reading() as session:
        before = session.get_one(Event, event_id).current_review_id
    if found is None:
        confirm(survey, event_id, person="Drolma", expected_review_id=before)
    elif isinstance(found, Taxon):
        correct(
            survey, event_id, taxon_id=found.taxon_id, person="Drolma", expected_review_id=before
        )
    else:
        mark_blank(survey, event_id, person="Drolma", expected_review_id=before)
