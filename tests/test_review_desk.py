"""What a press of a key does to the event on the reviewer's desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from review_app.desk import Desk, Press, press_key, read_press, take_up
from review_app.screen import best_frame
from species_db.review import mark_blank, view_event
from species_db.survey import Survey
from species_db.tables import Event
from tests.factories import NINE, make_event, make_machine_observation, make_media
from tests.review_scene import three_events


@pytest.fixture
def three(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A survey on the desk, with three events of animals, an hour apart; gives their ids."""
    yield from three_events(survey, monkeypatch)


def _press(act: str, event_id: str | None = None, **more: object) -> Press:
    return read_press({"token": f"{act}-{event_id}-{more}", "act": act, "event": event_id, **more})


def test_an_act_brings_the_next_event(survey: Survey, three: list[str]) -> None:
    """After each act the next event of the queue lies on the desk, until there is none."""
    desk = Desk()
    for event_id in three:
        event, _, _ = take_up(survey, desk)
        assert event is not None and event.key.event_id == event_id
        press_key(survey, desk, _press("confirm", event_id, shown="animal"), person="Tashi")
        assert desk.message == "said_confirm"
    assert take_up(survey, desk)[0] is None
    press_key(survey, desk, _press("back"), person="Tashi")
    assert desk.event_id == three[2]


def test_without_a_name_nothing_is_decided(survey: Survey, three: list[str]) -> None:
    """An act without a person asks for the name and leaves the event as it is."""
    desk = Desk()
    take_up(survey, desk)
    press_key(survey, desk, _press("blank", three[0]), person=" ")
    assert desk.message == "need_person" and not _is_reviewed(survey, three[0])


def test_back_and_next_follow_the_trail(survey: Survey, three: list[str]) -> None:
    """Going back shows what was decided; an act there leads on to where the work was."""
    desk = Desk()
    take_up(survey, desk)
    press_key(survey, desk, _press("blank", three[0]), person="Tashi")
    press_key(survey, desk, _press("next"), person="Tashi")
    assert desk.event_id == three[2]
    press_key(survey, desk, _press("back"), person="Tashi")
    press_key(survey, desk, _press("back"), person="Tashi")
    assert desk.event_id == three[0]
    press_key(survey, desk, _press("back"), person="Tashi")
    assert (desk.event_id, desk.message) == (three[0], "no_earlier")
    event, _, _ = take_up(survey, desk)
    assert event is not None and event.review is not None
    again = _press("unknown", three[0], review=event.review.review_id)
    press_key(survey, desk, again, person="Tashi")
    assert desk.event_id == three[1]


def test_undo_lays_the_event_out_again(survey: Survey, three: list[str]) -> None:
    """Undo brings back the event it opened; with nothing left it says so."""
    desk = Desk()
    take_up(survey, desk)
    press_key(survey, desk, _press("blank", three[0]), person="Tashi")
    press_key(survey, desk, _press("undo", three[1]), person="Tashi")
    assert desk.event_id == three[0] and not _is_reviewed(survey, three[0])
    press_key(survey, desk, _press("undo", three[0], n="2"), person="Drolma")
    assert desk.message == "nothing_to_undo"


def test_a_conflict_keeps_the_event_on_the_desk(survey: Survey, three: list[str]) -> None:
    """When somebody was quicker the event stays, now with their decision."""
    desk = Desk()
    take_up(survey, desk)
    mark_blank(survey, three[0], person="Drolma", expected_review_id=None)
    press_key(survey, desk, _press("unknown", three[0]), person="Tashi")
    event, _, _ = take_up(survey, desk)
    assert desk.message == "conflict" and event is not None
    assert event.review is not None and event.review.person == "Drolma"


def test_the_same_press_sent_twice_counts_once(survey: Survey, three: list[str]) -> None:
    """A press that arrives again after a broken connection adds nothing."""
    desk = Desk()
    take_up(survey, desk)
    for _ in range(2):
        press_key(survey, desk, _press("blank", three[0]), person="Tashi")
    assert desk.message == "said_blank" and not _is_reviewed(survey, three[1])


def test_nothing_can_be_confirmed_without_a_call(survey: Survey, three: list[str]) -> None:
    """Confirming an event that no model has seen is answered in words."""
    desk = Desk()
    press_key(survey, desk, _press("confirm", three[0], shown="unclassified"), person="Tashi")
    assert desk.message == "nothing_to_confirm" and not _is_reviewed(survey, three[0])


def test_nonsense_from_the_browser_does_nothing(survey: Survey, three: list[str]) -> None:
    """A press of another shape neither decides nor breaks the page."""
    desk = Desk()
    take_up(survey, desk)
    for sent in ({}, {"act": "burn", "event": three[0]}, {"act": 7, "event": [], "count": "x"}):
        press_key(survey, desk, read_press(sent), person="Tashi")
    assert desk.event_id == three[0] and not _is_reviewed(survey, three[0])


def test_the_surest_frame_is_shown_first(survey: Survey) -> None:
    """An event opens at the frame where the machine is surest of its call."""
    with survey.writing() as session:
        event = make_event(session, photos=0)
        for second, score in enumerate((0.5, 0.9, 0.7)):
            media = make_media(session, timestamp=NINE + timedelta(seconds=second), event=event)
            make_machine_observation(session, media, score=score)
        assert best_frame(view_event(session, event.event_id)) == 1


def _is_reviewed(survey: Survey, event_id: str) -> bool:
    with survey.reading() as session:
        return session.get_one(Event, event_id).is_reviewed
