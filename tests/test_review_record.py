"""Several people at once, undo, and media that show people."""

import json
import threading
from datetime import timedelta

import pytest
from sqlmodel import col, select

from species_db.review import (
    ReviewConflict,
    mark_blank,
    mark_human,
    mark_unknown,
    undo,
)
from species_db.survey import Survey
from species_db.tables import Decision
from tests.factories import NINE
from tests.review_scene import (
    assert_chain_unbroken,
    event_row,
    human_observations,
    media_of,
    stored_event,
)


def test_a_review_of_a_stale_screen_is_refused(survey: Survey) -> None:
    """Whoever still sees the event unreviewed is told who reviewed it, and writes nothing."""
    event_id = stored_event(survey)
    mark_blank(survey, event_id, person="Drolma", expected_review_id=None)
    with pytest.raises(ReviewConflict, match="Drolma reviewed event"):
        mark_unknown(survey, event_id, person="Tashi", expected_review_id=None)
    assert [o.classified_by for o in human_observations(survey, event_id)] == ["Drolma"]


def test_two_people_at_once_one_wins(survey: Survey) -> None:
    """Of two reviews of one event at the same moment one stands, the other hears of it."""
    events = [stored_event(survey, start=NINE + timedelta(hours=n)) for n in range(8)]
    outcomes: dict[str, list[str]] = {event_id: [] for event_id in events}
    gate = threading.Barrier(2, timeout=60)

    def review_all(person: str) -> None:
        for event_id in events:
            gate.wait()
            try:
                mark_blank(survey, event_id, person=person, expected_review_id=None)
                outcomes[event_id].append("done")
            except ReviewConflict:
                outcomes[event_id].append("conflict")

    people = [threading.Thread(target=review_all, args=(name,)) for name in ("Tashi", "Drolma")]
    for person in people:
        person.start()
    for person in people:
        person.join(timeout=120)
    assert [sorted(said) for said in outcomes.values()] == [["conflict", "done"]] * len(events)
    assert all(len(human_observations(survey, event_id)) == 1 for event_id in events)
    assert_chain_unbroken(survey)


def test_the_same_press_twice_is_applied_once(survey: Survey) -> None:
    """An act sent again with its token changes nothing and gives the same review."""
    event_id = stored_event(survey)
    told = [
        mark_blank(survey, event_id, person="Tashi", expected_review_id=None, token="press-1")
        for _ in range(2)
    ]
    assert told[0] == told[1]
    assert len(human_observations(survey, event_id)) == 1


def test_undo_goes_back_step_by_step(survey: Survey) -> None:
    """Undo takes back a person's reviews newest first, and nothing is deleted."""
    first, second = stored_event(survey), stored_event(survey)
    blank = mark_blank(survey, first, person="Tashi", expected_review_id=None)
    mark_blank(survey, second, person="Tashi", expected_review_id=None)
    mark_unknown(survey, first, person="Tashi", expected_review_id=blank)
    assert [undo(survey, person="Tashi") for _ in range(4)] == [first, second, first, None]
    assert not event_row(survey, first).is_reviewed
    assert event_row(survey, second).current_review_id is None
    assert len(human_observations(survey, first)) == 2
    assert_chain_unbroken(survey)


def test_undo_brings_the_earlier_review_back(survey: Survey) -> None:
    """Undoing a correction puts the review before it in force, whoever made it."""
    event_id = stored_event(survey)
    blank = mark_blank(survey, event_id, person="Drolma", expected_review_id=None)
    unknown = mark_unknown(survey, event_id, person="Tashi", expected_review_id=blank)
    assert undo(survey, person="Tashi") == event_id
    row = event_row(survey, event_id)
    assert (row.is_reviewed, row.current_review_id) == (True, blank)
    with survey.reading() as session:
        last = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).first()
    assert last is not None and last.act == "undone"
    assert json.loads(last.details)["undone_review_id"] == unknown


def test_nobody_undoes_anothers_review(survey: Survey) -> None:
    """A review replaced by somebody else is not undone under them."""
    event_id = stored_event(survey)
    blank = mark_blank(survey, event_id, person="Tashi", expected_review_id=None)
    unknown = mark_unknown(survey, event_id, person="Drolma", expected_review_id=blank)
    assert undo(survey, person="Tashi") is None
    assert event_row(survey, event_id).current_review_id == unknown


def test_the_same_undo_twice_is_applied_once(survey: Survey) -> None:
    """One press of undo takes back one review, however often it arrives."""
    first, second = stored_event(survey), stored_event(survey)
    for event_id in (first, second):
        mark_blank(survey, event_id, person="Tashi", expected_review_id=None)
    assert undo(survey, person="Tashi", token="z-1") == second
    assert undo(survey, person="Tashi", token="z-1") == second
    assert event_row(survey, first).is_reviewed


def restricted(survey: Survey, event_id: str) -> list[bool]:
    """Which files of an event are restricted."""
    with survey.reading() as session:
        return [media.is_restricted for media in media_of(session, event_id)]


def test_media_that_a_person_finds_people_on_are_restricted(survey: Survey) -> None:
    """Marking people closes every file of the event; undoing it opens what it closed."""
    event_id = stored_event(survey, photos=2)
    mark_human(survey, event_id, person="Tashi", expected_review_id=None)
    assert restricted(survey, event_id) == [True, True]
    undo(survey, person="Tashi")
    assert restricted(survey, event_id) == [False, False]


def test_correcting_a_slip_opens_the_media_again(survey: Survey) -> None:
    """People marked by a slip of the finger and put right leave no closed media."""
    event_id = stored_event(survey)
    slip = mark_human(survey, event_id, person="Tashi", expected_review_id=None)
    again = mark_human(survey, event_id, person="Tashi", expected_review_id=slip)
    mark_blank(survey, event_id, person="Tashi", expected_review_id=again)
    assert restricted(survey, event_id) == [False]
    undo(survey, person="Tashi")
    assert restricted(survey, event_id) == [True]


def test_media_the_machine_closed_stay_closed(survey: Survey) -> None:
    """No review opens a file that was restricted before it."""
    event_id = stored_event(survey, photos=2)
    with survey.writing() as session:
        media = media_of(session, event_id)[0]
        media.is_restricted = True
        session.add(media)
    slip = mark_human(survey, event_id, person="Tashi", expected_review_id=None)
    mark_blank(survey, event_id, person="Tashi", expected_review_id=slip)
    assert restricted(survey, event_id) == [True, False]
