"""What the review screen is given of an event."""

from datetime import timedelta

from sqlmodel import select

from review_app.desk import Desk
from review_app.screen import screen_data
from species_db.review import Progress, correct, view_event
from species_db.survey import Survey
from species_db.tables import Event, Observation
from tests.factories import NINE, make_media, make_taxon
from tests.review_scene import answer, stored_event


def test_the_view_shows_local_times(survey: Survey) -> None:
    """Times are those at the camera, with the offset."""
    event_id = stored_event(survey)
    with survey.reading() as session:
        view = view_event(session, event_id)
    assert view.local_start is not None
    assert view.local_start.isoformat() == "2026-05-01T09:00:00+08:00"
    assert view.media[0].local_time == view.local_start
    assert (view.location_id, view.plot_id) == ("MT-01", "LZ-041")


def test_the_view_shows_boxes_and_who_called(survey: Survey) -> None:
    """Boxes come with their file; the call names the model and its version."""
    event_id = stored_event(survey, photos=2)
    answer(survey, event_id, "animal", "blank")
    with survey.reading() as session:
        view = view_event(session, event_id)
    assert [len(media.boxes) for media in view.media] == [1, 0]
    assert (view.media[0].boxes[0].observation_type, view.media[0].boxes[0].width) == (
        "animal",
        0.3,
    )
    assert (view.machine.observation_type, view.machine.probability) == ("animal", 0.8)
    assert view.model == "general 0.1.0"


def test_the_screen_names_what_a_confirmation_would_record(survey: Survey) -> None:
    """A taxon that the machine named is shown by name before a person confirms it."""
    event_id = stored_event(survey)
    answer(survey, event_id, "animal")
    with survey.writing() as session:
        taxon = make_taxon(session, en="Northern red muntjac")
        for observation in session.exec(select(Observation)):
            observation.taxon_id = taxon.taxon_id
            session.add(observation)
    with survey.reading() as session:
        view = view_event(session, event_id)
    for language, name in (("zh", "赤麂"), ("en", "Northern red muntjac")):
        data = screen_data(
            view, None, done=Progress(0, 1), desk=Desk(), person="Tashi", language=language
        )
        assert data["event"]["call"]["name"] == name


def test_the_view_shows_the_review_in_force(survey: Survey) -> None:
    """What was decided is shown with its names, its author and its time."""
    event_id = stored_event(survey)
    with survey.writing() as session:
        taxon = make_taxon(session, en="Northern red muntjac")
    correct(
        survey, event_id, taxon_id=taxon.taxon_id, count=2, person="Tashi", expected_review_id=None
    )
    with survey.reading() as session:
        review = view_event(session, event_id).review
    assert review is not None and review.person == "Tashi"
    (said,) = review.findings
    assert (said.zh, said.en, said.count) == ("赤麂", "Northern red muntjac", 2)


def test_the_view_names_the_neighbours(survey: Survey) -> None:
    """The events before and after at the same deployment are named."""
    early, middle, late = (
        stored_event(survey, start=NINE + timedelta(minutes=10 * n)) for n in range(3)
    )
    with survey.reading() as session:
        view = view_event(session, middle)
    assert view.earlier is not None and view.earlier.event_id == early
    assert view.later is not None and view.later.event_id == late


def test_an_undated_event_can_be_viewed(survey: Survey) -> None:
    """A file without a time still comes to review."""
    event_id = stored_event(survey, start=None)
    with survey.writing() as session:
        make_media(session, timestamp=None, event=session.get_one(Event, event_id))
    with survey.reading() as session:
        view = view_event(session, event_id)
    assert view.local_start is None and view.earlier is None and len(view.media) == 2
