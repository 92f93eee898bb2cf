"""From films to observations: which frame, how many animals, what is left to a person."""

from datetime import timedelta
from pathlib import Path

import pytest
from cards import jpeg, with_deployment
from factories import NINE
from fakes import FakeDetector
from films import damaged, make_film
from PIL import Image
from sqlmodel import select

from ingest.classify import detect_media
from ingest.import_card import import_card
from ingest.measure_media import measure_waiting
from models.detector import Detection
from species_db.review import view_event
from species_db.survey import Survey
from species_db.tables import Event, Media, Observation, Problem

ANIMAL = Detection("animal", 0.8, 0.1, 0.2, 0.3, 0.4)
OTHER = Detection("animal", 0.7, 0.5, 0.2, 0.3, 0.4)
PERSON = Detection("person", 0.6, 0.5, 0.2, 0.2, 0.6)


def with_card(survey: Survey, folder: Path, **files: bytes) -> None:
    """Import a card with files named `20260501063000.AVI` and so on, one a minute."""
    folder.mkdir()
    for number, (suffix, content) in enumerate(files.items()):
        (folder / f"202605010630{number:02d}.{suffix}").write_bytes(content)
    with_deployment(survey)
    import_card(survey, folder, deployment_id="MT-01-2026", person="Tashi")


def observations(survey: Survey) -> list[Observation]:
    """Everything observed, in the order of its second."""
    with survey.reading() as session:
        return list(session.exec(select(Observation).order_by(Observation.frame_s)))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["mjpeg.avi", "h264.mp4"])
def test_boxes_carry_the_second_of_their_frame(survey: Survey, tmp_path: Path, kind: str) -> None:
    """A film bright in the middle two of its four seconds has a box in each, and no blank."""
    film = make_film(kind, seconds=4, bright=(1.0, 3.0))
    with_card(survey, tmp_path / "SD01", **{kind[-3:]: film})
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    assert (report.media, report.films, report.animal, report.blank) == (1, 1, 1, 0)
    found = observations(survey)
    assert [o.observation_type for o in found] == ["animal", "animal"]
    assert [o.frame_s for o in found] == pytest.approx([1.6, 2.6], abs=0.21)
    assert detect_media(survey, FakeDetector([ANIMAL]), person="Tashi").media == 0


def test_an_empty_film_is_one_blank(survey: Survey, tmp_path: Path) -> None:
    """A film without a box on any frame is one blank observation, without a second."""
    with_card(survey, tmp_path / "SD01", AVI=make_film("mjpeg.avi"))
    assert detect_media(survey, FakeDetector([ANIMAL]), person="Tashi").blank == 1
    (blank,) = observations(survey)
    assert (blank.observation_type, blank.frame_s, blank.bbox_x) == ("blank", None, None)


def test_one_person_on_one_frame_restricts_the_film(survey: Survey, tmp_path: Path) -> None:
    """A person seen for a second closes the whole film."""
    with_card(survey, tmp_path / "SD01", AVI=make_film("mjpeg.avi", bright=(2.0, 3.0)))
    detect_media(survey, FakeDetector([PERSON]), person="Tashi")
    with survey.reading() as session:
        assert session.exec(select(Media.is_restricted)).all() == [True]


def test_animals_are_counted_on_one_frame(survey: Survey, tmp_path: Path) -> None:
    """Two animals on each of four frames are proposed as two, not as eight."""
    film = make_film("mjpeg.avi", bright=(0.0, 4.0))
    with_card(survey, tmp_path / "SD01", JPG=jpeg(1, NINE + timedelta(days=1)), AVI=film)
    detect_media(survey, FakeDetector([ANIMAL, OTHER]), person="Tashi")
    assert len([o for o in observations(survey) if o.frame_s is not None]) == 8
    with survey.reading() as session:
        film_media = session.exec(select(Media).where(Media.file_mediatype != "image/jpeg")).one()
        event = view_event(session, str(film_media.event_id))
    assert event.proposed_counts["animal"] == 2
    assert event.machine.observation_type == "animal"


def test_the_poster_is_the_frame_with_the_animal(survey: Survey, tmp_path: Path) -> None:
    """One frame is kept as the film's picture: the one with the strongest box. No other is."""
    with_card(survey, tmp_path / "SD01", AVI=make_film("mjpeg.avi", bright=(3.0, 4.0)))
    detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    (poster,) = (survey.folder / "previews").iterdir()
    with Image.open(poster) as picture:
        assert picture.convert("L").resize((1, 1)).getpixel((0, 0)) > 150


def test_a_film_that_breaks_off_keeps_what_was_seen(survey: Survey, tmp_path: Path) -> None:
    """Boxes before the damage stand, and the damage is listed; the film is not asked again."""
    film = damaged(make_film("mpeg4.3gp", seconds=6, bright=(0.0, 6.0)))
    with_card(survey, tmp_path / "SD01", **{"3GP": film})
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    assert (report.media, report.animal, report.problems, report.undetected) == (1, 1, 1, 0)
    assert observations(survey)
    with survey.reading() as session:
        assert "film_breaks_off" in session.exec(select(Problem.code)).all()


def test_an_empty_half_of_a_film_is_left_to_a_person(survey: Survey, tmp_path: Path) -> None:
    """With nothing seen before the damage a film is not called blank: a person has to look."""
    film = damaged(make_film("mpeg4.3gp", seconds=6))
    with_card(survey, tmp_path / "SD01", **{"3GP": film})
    report = detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    assert (report.media, report.blank, report.problems) == (0, 0, 1)
    with survey.reading() as session:
        assert "pixels_unreadable" in session.exec(select(Problem.code)).all()
        event = session.exec(select(Event)).one()
        assert view_event(session, event.event_id).machine.needs_person


# --- what is measured on the way ------------------------------------------------------------------


def test_detection_leaves_the_measures(survey: Survey, tmp_path: Path) -> None:
    """Photos and films are measured by the look that detects, and need no second one."""
    film = make_film("mjpeg.avi")
    with_card(survey, tmp_path / "SD01", JPG=jpeg(1, NINE), AVI=film)
    detect_media(survey, FakeDetector(), person="Tashi")
    with survey.reading() as session:
        measured = {m.file_mediatype: m.is_grey for m in session.exec(select(Media))}
    assert measured == {"image/jpeg": False, "video/x-msvideo": True}
    assert measure_waiting(survey) == 0


def test_what_is_not_measured_can_be(survey: Survey, tmp_path: Path) -> None:
    """Measuring goes without a detector, deployment by deployment, once, and leaves previews."""
    with_card(survey, tmp_path / "SD01", JPG=jpeg(1, NINE), AVI=make_film("mjpeg.avi"))
    assert measure_waiting(survey, "elsewhere") == 0
    assert measure_waiting(survey, "MT-01-2026") == 2
    assert measure_waiting(survey, "MT-01-2026") == 0
    assert len(list((survey.folder / "previews").iterdir())) == 2
    with survey.reading() as session:
        assert all(len(m.histogram or "") == 32 for m in session.exec(select(Media)))


def test_what_cannot_be_measured_is_listed(survey: Survey, tmp_path: Path) -> None:
    """A lost original and pixels that do not decode become problems, as in detection."""
    cut = jpeg(2, NINE)
    broken = cut[:700] + bytes(len(cut) - 702) + cut[-2:]
    with_card(survey, tmp_path / "SD01", JPG=jpeg(1, NINE), JPEG=broken)
    with survey.reading() as session:
        whole = session.exec(select(Media).where(Media.file_name == "20260501063000.JPG")).one()
    survey.path_of(whole.file_path).unlink()
    measured = measure_waiting(survey)
    with survey.reading() as session:
        codes = session.exec(select(Problem.code)).all()
    assert "original_missing" in codes
    assert measured + codes.count("pixels_unreadable") == 1
