"""Pictures that come to an event after somebody has seen it."""

import json

import pytest
from sqlmodel import col, select

from species_db.review import ReviewConflict, mark_blank, mark_unknown, undo, view_event
from species_db.survey import Survey
from species_db.tables import Decision
from tests.review_scene import (
    event_row,
    human_observations,
    join_photo,
    media_of,
    stored_event,
)


def shown_media(survey: Survey, event_id: str) -> str:
    """What a screen opened now would send back of the files it shows."""
    with survey.reading() as session:
        return view_event(session, event_id).shown_media


def test_a_review_speaks_only_for_the_files_on_the_screen(survey: Survey) -> None:
    """An act from a screen without the newest pictures writes nothing and says why."""
    event_id = stored_event(survey)
    before = shown_media(survey, event_id)
    join_photo(survey, event_id)
    with pytest.raises(ReviewConflict, match="New pictures have come"):
        mark_blank(survey, event_id, person="Tashi", expected_review_id=None, shown_media=before)
    assert human_observations(survey, event_id) == []
    now = shown_media(survey, event_id)
    mark_blank(survey, event_id, person="Tashi", expected_review_id=None, shown_media=now)
    assert event_row(survey, event_id).is_reviewed


def test_the_log_names_the_files_reviewed(survey: Survey) -> None:
    """A review's entry in the log lists the event's files at that moment, sorted."""
    event_id = stored_event(survey, photos=3)
    mark_blank(survey, event_id, person="Tashi", expected_review_id=None)
    join_photo(survey, event_id)
    with survey.reading() as session:
        last = session.exec(select(Decision).order_by(col(Decision.sequence).desc())).first()
        held = sorted(media.media_id for media in media_of(session, event_id)[:3])
    assert last is not None and json.loads(last.details)["media"] == held


def test_undo_confirms_no_picture_unseen(survey: Survey) -> None:
    """A review brought back over pictures that came after it leaves the event in the queue."""
    event_id = stored_event(survey)
    blank = mark_blank(survey, event_id, person="Drolma", expected_review_id=None)
    join_photo(survey, event_id)
    mark_unknown(survey, event_id, person="Tashi", expected_review_id=blank)
    assert undo(survey, person="Tashi") == event_id
    row = event_row(survey, event_id)
    assert (row.is_reviewed, row.current_review_id) == (False, blank)


def test_the_view_tells_of_new_pictures(survey: Survey) -> None:
    """A review in force that has not seen every picture is shown as such."""
    event_id = stored_event(survey)
    told = []
    for step in ("unreviewed", "reviewed", "joined"):
        if step == "reviewed":
            mark_blank(survey, event_id, person="Tashi", expected_review_id=None)
        elif step == "joined":
            join_photo(survey, event_id)
        with survey.reading() as session:
            told.append(view_event(session, event_id).has_new_media)
    assert told == [False, False, True]
