"""A camera before a stump: the model boxes it in many events, and a deer now and then."""

from datetime import timedelta

from sqlmodel import Session, select

from species_db.review import summarise_event
from species_db.survey import Survey
from species_db.tables import Event, Media
from tests.factories import NINE, make_event, make_machine_observation
from tests.review_scene import media_of

STUMP = (0.62, 0.55, 0.12, 0.2)
DEER = (0.1, 0.2, 0.3, 0.4)
EVENTS = 24
WITH_DEER = 4  # of the stump's events


def trembling(number: int) -> tuple[float, float, float, float]:
    """The stump's box as a detector gives it: never twice quite the same."""
    x, y, width, height = STUMP
    shift = number % 5 * 0.001
    return (round(x + shift, 5), y, width, round(height - shift, 5))


def plant_stump(survey: Survey, *, photos: int = 2) -> list[str]:
    """Twenty-four events, seven hours apart; in four of them a deer stands before the stump."""
    with survey.writing() as session:
        return [_stump_event(session, number, photos) for number in range(EVENTS)]


def plant_deer(survey: Survey, *, count: int = 6) -> list[str]:
    """Events of a deer that walks through, never at the same place."""
    with survey.writing() as session:
        ids = []
        for number in range(count):
            event = make_event(session, start=NINE + timedelta(days=2, hours=5 * number, minutes=9))
            box = (round(0.1 * number, 2), 0.3, 0.3, 0.3)
            make_machine_observation(session, media_of(session, event.event_id)[0], bbox=box)
            summarise_event(session, event.event_id)
            ids.append(event.event_id)
        return ids


def plant_blanks(survey: Survey, deployment_id: str, *, count: int) -> list[str]:
    """Events that the model calls blank."""
    with survey.writing() as session:
        ids = []
        for number in range(count):
            start = NINE + timedelta(hours=number)
            event = make_event(session, deployment_id=deployment_id, start=start)
            media = media_of(session, event.event_id)[0]
            make_machine_observation(session, media, observation_type="blank", bbox=None)
            summarise_event(session, event.event_id)
            ids.append(event.event_id)
        return ids


def call_of_event(survey: Survey, event_id: str) -> tuple[str, int]:
    """What an event's row says the machine calls it, and its place in the queue."""
    with survey.reading() as session:
        event = session.get_one(Event, event_id)
        return event.machine_type, event.priority


def all_media(session: Session) -> list[Media]:
    """Every file of the survey."""
    return list(session.exec(select(Media)))


def _stump_event(session: Session, number: int, photos: int) -> str:
    event = make_event(session, start=NINE + timedelta(hours=7 * number), photos=photos)
    files = media_of(session, event.event_id)
    for media in files:
        media.is_grey = number % 2 == 0
        session.add(media)
        make_machine_observation(session, media, score=0.45, bbox=trembling(number))
    if number < WITH_DEER:
        make_machine_observation(session, files[0], score=0.9, bbox=DEER)
    summarise_event(session, event.event_id)
    return event.event_id
