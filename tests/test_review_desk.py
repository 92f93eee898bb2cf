"""What a press of a key does to the event on the reviewer's desk."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import select

from review_app import opened
from review_app.desk import Desk, Press, press_key, read_press, take_up
from review_app.on_desks import HELD_S, OnDesks
from review_app.screen import best_frame, screen_data
from species_db.language import Language
from species_db.review import mark_blank, view_event
from species_db.survey import Survey, open_survey
from species_db.tables import Event, Observation
from tests.factories import NINE, make_event, make_machine_observation, make_media
from tests.review_scene import human_observations, join_photo, media_of, three_events


@pytest.fixture
def three(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A survey on the desk, with three events of animals, an hour apart; gives their ids."""
    yield from three_events(survey, monkeypatch)


def _press(act: str, event_id: str | None = None, **more: object) -> Press:
    """A press as the browser sends it: with the files that the screen shows now."""
    told = {"token": f"{act}-{event_id}-{more}", "act": act, "event": event_id, **more}
    if event_id is not None and "media" not in more:
        with opened.opened_survey().reading() as session:
            told["media"] = view_event(session, event_id).shown_media
    return read_press(told)


def test_an_act_brings_the_next_event(survey: Survey, three: list[str]) -> None:
    """After each act the next event of the queue lies on the desk, until there is none."""
    desk = Desk()
    for event_id in three:
        event, _, _ = take_up(survey, desk, person="Tashi")
        assert event is not None and event.key.event_id == event_id
        press_key(survey, desk, _press("confirm", event_id, shown="animal"), person="Tashi")
        assert desk.message == "said_confirm"
    assert take_up(survey, desk, person="Tashi")[0] is None
    press_key(survey, desk, _press("back"), person="Tashi")
    assert desk.event_id == three[2]


def test_without_a_name_nothing_is_decided(survey: Survey, three: list[str]) -> None:
    """An act without a person asks for the name and leaves the event as it is."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
    press_key(survey, desk, _press("blank", three[0]), person=" ")
    assert desk.message == "need_person" and not _is_reviewed(survey, three[0])


def test_back_and_next_follow_the_trail(survey: Survey, three: list[str]) -> None:
    """Going back shows what was decided; an act there leads on to where the work was."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
    press_key(survey, desk, _press("blank", three[0]), person="Tashi")
    press_key(survey, desk, _press("next"), person="Tashi")
    assert desk.event_id == three[2]
    press_key(survey, desk, _press("back"), person="Tashi")
    press_key(survey, desk, _press("back"), person="Tashi")
    assert desk.event_id == three[0]
    press_key(survey, desk, _press("back"), person="Tashi")
    assert (desk.event_id, desk.message) == (three[0], "no_earlier")
    event, _, _ = take_up(survey, desk, person="Tashi")
    assert event is not None and event.review is not None
    again = _press("unknown", three[0], review=event.review.review_id)
    press_key(survey, desk, again, person="Tashi")
    assert desk.event_id == three[2]


def test_undo_lays_the_event_out_again(survey: Survey, three: list[str]) -> None:
    """Undo brings back the event it opened; with nothing left it says so."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
    press_key(survey, desk, _press("blank", three[0]), person="Tashi")
    press_key(survey, desk, _press("undo", three[1]), person="Tashi")
    assert desk.event_id == three[0] and not _is_reviewed(survey, three[0])
    press_key(survey, desk, _press("undo", three[0], n="2"), person="Drolma")
    assert desk.message == "nothing_to_undo"


def test_a_conflict_keeps_the_event_on_the_desk(survey: Survey, three: list[str]) -> None:
    """When somebody was quicker the event stays, now with their decision."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
    mark_blank(survey, three[0], person="Drolma", expected_review_id=None)
    press_key(survey, desk, _press("unknown", three[0]), person="Tashi")
    event, _, _ = take_up(survey, desk, person="Tashi")
    assert desk.message == "conflict" and event is not None
    assert event.review is not None and event.review.person == "Drolma"


def test_the_same_press_sent_twice_counts_once(survey: Survey, three: list[str]) -> None:
    """A press that arrives again after a broken connection adds nothing."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
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
    take_up(survey, desk, person="Tashi")
    for sent in ({}, {"act": "burn", "event": three[0]}, {"act": 7, "event": [], "count": "x"}):
        press_key(survey, desk, read_press(sent), person="Tashi")
    assert desk.event_id == three[0] and not _is_reviewed(survey, three[0])


def test_pictures_not_on_the_screen_are_not_decided(survey: Survey, three: list[str]) -> None:
    """A press from a screen without the newest pictures, or without any, writes nothing."""
    desk = Desk()
    before, _, _ = take_up(survey, desk, person="Tashi")
    assert before is not None
    join_photo(survey, three[0])
    for seen in (before.shown_media, None):
        press_key(survey, desk, _press("blank", three[0], media=seen), person="Tashi")
        assert (desk.message, desk.event_id) == ("conflict_media", three[0])
    assert human_observations(survey, three[0]) == []


def test_events_regrouped_away_are_forgotten(survey: Survey, three: list[str]) -> None:
    """When an import regroups an event on the desk or the trail away, the work goes on."""
    desk = Desk()
    for _ in three:
        take_up(survey, desk, person="Tashi")
        press_key(survey, desk, _press("next"), person="Tashi")
    desk.position, desk.event_id = 0, three[0]
    desk.trail = list(three)
    _delete(survey, three[1])
    event, coming, _ = take_up(survey, desk, person="Tashi")
    assert event is not None and event.key.event_id == three[0]
    assert coming is not None and coming.key.event_id == three[2]
    _delete(survey, three[0])
    event, _, _ = take_up(survey, desk, person="Tashi")
    assert event is not None and event.key.event_id == three[2]
    assert desk.trail == [three[2]]


def test_new_doubtful_animals_come_up_at_once(survey: Survey, three: list[str]) -> None:
    """After a decision the queue is read from its head; what was passed over comes last."""
    desk = Desk()
    take_up(survey, desk, person="Tashi")
    press_key(survey, desk, _press("next"), person="Tashi")
    with survey.writing() as session:
        urgent = make_event(session, start=NINE, priority=1).event_id
    seen = []
    for _ in range(4):
        event, _, _ = take_up(survey, desk, person="Tashi")
        assert event is not None
        seen.append(event.key.event_id)
        press_key(survey, desk, _press("unknown", seen[-1]), person="Tashi")
    assert seen == [three[1], urgent, three[2], three[0]]
    assert take_up(survey, desk, person="Tashi")[0] is None


def test_passing_everything_over_goes_round(survey: Survey, three: list[str]) -> None:
    """Whoever only says "next" sees every event, and then the first again."""
    desk = Desk()
    seen = []
    for _ in range(7):
        event, _, _ = take_up(survey, desk, person="Tashi")
        assert event is not None
        seen.append(event.key.event_id)
        press_key(survey, desk, _press("next"), person="Tashi")
    assert seen == [*three, *three, three[0]]


def test_two_reviewers_do_not_walk_in_step(survey: Survey, three: list[str]) -> None:
    """What lies on one desk does not come to another, until nothing else is left."""
    desks = {person: Desk() for person in ("Pema", "Dawa")}
    for rounds in range(2):
        on = {}
        for person, desk in desks.items():
            event, _, _ = take_up(survey, desk, person=person)
            assert event is not None
            on[person] = event.key.event_id
        assert (
            on
            == ({"Pema": three[0], "Dawa": three[1]}, {"Pema": three[2], "Dawa": three[1]})[rounds]
        )
        press_key(survey, desks["Pema"], _press("blank", on["Pema"]), person="Pema")
    event, _, _ = take_up(survey, desks["Pema"], person="Pema")
    assert event is not None and event.key.event_id == three[1]


def test_a_desk_left_alone_is_free_again() -> None:
    """After some minutes without a key an event may come to somebody else."""
    desks = OnDesks()
    assert desks.claim("e", "Pema", now=0.0)
    assert desks.of_others("Dawa", now=HELD_S - 1) == {"e"}
    assert desks.of_others("Dawa", now=HELD_S + 1) == set()


def test_of_many_desks_at_once_one_gets_the_event() -> None:
    """Desks that ask at the same moment do not get the same event."""
    desks, gate, got = OnDesks(), threading.Barrier(8, timeout=60), []

    def ask(person: str) -> None:
        gate.wait()
        if desks.claim("e", person):
            got.append(person)

    threads = [threading.Thread(target=ask, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(got) == 1


def test_a_busy_survey_keeps_the_event(
    survey: Survey, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When an import holds the survey too long, nothing is written and the person is told."""
    monkeypatch.setattr("species_db.survey.BUSY_TIMEOUT_MS", 50)
    hurried = open_survey(survey.folder)
    desk = Desk()
    take_up(hurried, desk, person="Tashi")
    with survey.writing() as session:
        session.connection()  # the lock is taken with the first statement
        press_key(hurried, desk, _press("blank", three[0]), person="Tashi")
    assert (desk.message, desk.event_id) == ("busy", three[0])
    press_key(hurried, desk, _press("blank", three[0]), person="Tashi")
    assert desk.message == "said_blank"
    hurried.close()


@pytest.mark.parametrize(("language", "told"), [("en", "Choose an animal"), ("zh", "请选择名录")])
def test_refusals_speak_the_language_of_the_page(
    survey: Survey, three: list[str], language: Language, told: str
) -> None:
    """Why an act was refused is said in the language chosen on the page, not the computer's."""
    desk = Desk()
    _, _, done = take_up(survey, desk, person="Tashi")
    press_key(survey, desk, _press("correct", three[0], taxon="nobody"), person="Tashi")
    data = screen_data(None, None, done=done, desk=desk, person="Tashi", language=language)
    assert told in str(data["message"])


def _delete(survey: Survey, event_id: str) -> None:
    """Let an import regroup an event away: its files, and the answers on them, go elsewhere."""
    with survey.writing() as session:
        (media,) = media_of(session, event_id)
        media.event_id = None
        session.add(media)
        for said in session.exec(select(Observation).where(Observation.event_id == event_id)):
            said.event_id = None
            session.add(said)
        session.flush()
        session.delete(session.get_one(Event, event_id))


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
