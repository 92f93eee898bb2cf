"""The second stage: names at the rank they bear, questions for an expert, nobody silenced."""

import gc
import json
from pathlib import Path

import pytest
from factories import NINE
from fakes import FakeClassifier, FakeDetector
from films import make_film
from results_scene import box, entry, megadetector, take
from sqlmodel import select
from test_classify import ANIMAL, PERSON, with_photos
from test_film_detection import with_card

from ingest.classify import detect_media
from ingest.species_pass import name_boxes
from ingest.species_stage import SpeciesStage, open_species_stage
from models.classifier import RANKS
from models.detector import Detection
from species_db.decisions import record_decision
from species_db.plausibility import Scene
from species_db.review import mark_animal, view_event
from species_db.rollup import BoxScore
from species_db.survey import Survey
from species_db.tables import Event, ExpertQuestion, Media, Observation, Problem, Taxon
from species_db.verify import verify_survey
from species_db.vocabulary import ObservationType

MAMMAL = ("Animalia", "Mammalia")
LINEAGES = {
    "deer": (*MAMMAL, "Artiodactyla", "Cervidae", "", ""),
    "bovid": (*MAMMAL, "Artiodactyla", "Bovidae", "", ""),
    "bear": (*MAMMAL, "Carnivora", "Ursidae", "", ""),
    "macaque": (*MAMMAL, "Primates", "Cercopithecidae", "Macaca", "Macaca leucogenys"),
    "tiger": (*MAMMAL, "Carnivora", "Felidae", "Panthera", "Panthera tigris"),
    "snow leopard": (*MAMMAL, "Carnivora", "Felidae", "Panthera", "Panthera uncia"),
    "raccoon": (*MAMMAL, "Carnivora", "Procyonidae", "Procyon", "Procyon lotor"),
}


def stage_of(survey: Survey, scores: dict[str, float]) -> SpeciesStage:
    """The stage whose classifier gives every box these scores."""
    classifier = FakeClassifier(LINEAGES, scores)
    return open_species_stage(survey, classifier, detector=FakeDetector(), now=NINE)


def named(survey: Survey, folder: Path, scores: dict[str, float], **boxes: object) -> Observation:
    """One photo with an animal in Medog at 1870 m, looked at by both stages: its answer."""
    with_photos(survey, folder / "SD01", [200])
    found = boxes.get("boxes", [ANIMAL])
    detect_media(survey, FakeDetector(found), person="Tashi", then=stage_of(survey, scores))
    with survey.reading() as session:
        asked = select(Observation).where(Observation.classified_by == "fake-species 1")
        return next(o for o in session.exec(asked) if o.observation_type == "animal")


def name_of(survey: Survey, taxon_id: str | None) -> str:
    """The scientific name of a taxon."""
    with survey.reading() as session:
        return session.get_one(Taxon, taxon_id).scientific_name if taxon_id else ""


def questions(survey: Survey) -> dict[str, str]:
    """The reasons that are asked for, with what each is about."""
    with survey.reading() as session:
        asked = session.exec(select(ExpertQuestion)).all()
    return {one.reason: name_of(survey, one.taxon_id) for one in asked}


def event_of(survey: Survey) -> Event:
    """The one event."""
    with survey.reading() as session:
        return session.exec(select(Event)).one()


def test_a_sure_name_is_stored_with_its_way_and_its_alternatives(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """Taxon, score, source and the other names stand on the row, at the detector's box."""
    row = named(listed_survey, tmp_path, {"bear": 0.9, "deer": 0.1})
    assert name_of(listed_survey, row.taxon_id) == "Ursidae"
    assert (row.classification_probability, row.prediction_source) == (0.9, "classifier")
    assert (row.bbox_x, row.bbox_y) == (0.1, 0.2)
    told = [one["scientific_name"] for one in json.loads(row.alternatives or "")]
    assert told[:2] == ["Ursidae", "Cervidae"]
    assert questions(listed_survey) == {}


def test_an_unsure_answer_is_rolled_up_and_may_hide_something(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """Deer or bovid is Artiodactyla, the sum of both; takin could be in it, so it is asked."""
    row = named(listed_survey, tmp_path, {"deer": 0.5, "bovid": 0.45})
    assert name_of(listed_survey, row.taxon_id) == "Artiodactyla"
    assert row.prediction_source == "classifier+rollup_to_order"
    assert row.classification_probability == pytest.approx(0.95)
    assert questions(listed_survey) == {"could_hide": "Artiodactyla"}
    assert event_of(listed_survey).priority == 1


def test_a_class_one_species_comes_first(listed_survey: Survey, tmp_path: Path) -> None:
    """A tiger in its county is a question, before all other events."""
    row = named(listed_survey, tmp_path, {"tiger": 0.9})
    assert name_of(listed_survey, row.taxon_id) == "Panthera tigris"
    assert questions(listed_survey) == {"class_one": "Panthera tigris"}
    assert event_of(listed_survey).priority == 0


def test_class_one_out_of_range_is_never_dropped(listed_survey: Survey, tmp_path: Path) -> None:
    """A snow leopard at 1870 m in Medog keeps its name and is asked about twice."""
    row = named(listed_survey, tmp_path, {"snow leopard": 0.9})
    assert name_of(listed_survey, row.taxon_id) == "Panthera uncia"
    assert set(questions(listed_survey)) == {"class_one", "out_of_range"}
    with listed_survey.reading() as session:
        asked = {
            one.reason: json.loads(one.details) for one in session.exec(select(ExpertQuestion))
        }
    assert asked["out_of_range"]["outside"] == ["county", "elevation"]
    assert asked["out_of_range"]["elevation_band"] == "1500–2000 m"
    assert not any(key in str(asked) for key in ("29.3", "95.3"))


def test_another_species_out_of_range_is_rolled_up_and_asked_about(listed_survey: Survey) -> None:
    """A macaque known from Medog alone is a Cercopithecid in Zayu, and an expert is asked."""
    stage = stage_of(listed_survey, {"macaque": 0.9})
    box, scene = BoxScore(ObservationType.ANIMAL, 0.8), Scene("540425", 1900.0)
    (scores,) = stage.score_boxes(None, [ANIMAL])  # type: ignore[arg-type]
    assert scores is not None
    name = stage.name_box(box, scores, scene)
    assert name.answer.lineage[RANKS.index("species")] == ""
    assert name.prediction_source == "classifier+geofence+rollup_to_family"
    asked = [(one.reason.value, name_of(listed_survey, one.taxon_id)) for one in
             stage.questions(name, scene)]  # fmt: skip
    assert asked == [
        ("out_of_range", "Macaca leucogenys"),
        ("could_hide", "Cercopithecidae"),  # langurs of class I
    ]
    at_home = stage.name_box(box, scores, Scene("540423", 1900.0))
    assert at_home.answer.name == "Macaca leucogenys"


def test_a_name_that_the_checklist_lacks_is_not_blocked(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """A raccoon is no taxon here: it stands under the nearest name, and is not held back."""
    row = named(listed_survey, tmp_path, {"raccoon": 0.9})
    assert name_of(listed_survey, row.taxon_id) == "Carnivora"
    assert row.prediction_source == "classifier"


def test_an_unnamed_box_stays_an_animal(listed_survey: Survey, tmp_path: Path) -> None:
    """Where the classifier has nothing to say, the detector's answer holds with its own score."""
    row = named(listed_survey, tmp_path, {"bear": 0.2})
    assert (row.observation_type, row.taxon_id) == ("animal", None)
    assert row.classification_probability == 0.8


def test_people_are_not_silenced_by_the_second_answer(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """The newest answer on a file repeats who else is on it, and detection's own rows stay."""
    named(listed_survey, tmp_path, {"bear": 0.9}, boxes=[ANIMAL, PERSON])
    with listed_survey.reading() as session:
        view = view_event(session, event_of(listed_survey).event_id)
        rows = session.exec(select(Observation)).all()
    assert sorted(box.observation_type for box in view.media[0].boxes) == ["animal", "human"]
    assert view.machine_finding.scientific_name == "Ursidae"
    assert (view.media[0].is_restricted, len(rows)) == (True, 4)


def test_a_question_is_open_until_a_person_has_reviewed(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """The screen tells of it, in words; after the review it is gone, and its row is kept."""
    named(listed_survey, tmp_path, {"tiger": 0.9})
    event_id = event_of(listed_survey).event_id
    with listed_survey.reading() as session:
        (question,) = view_event(session, event_id).questions
    assert (question.reason, question.about.scientific_name) == ("class_one", "Panthera tigris")
    mark_animal(listed_survey, event_id, person="Drolma", expected_review_id=None)
    with listed_survey.reading() as session:
        assert view_event(session, event_id).questions == ()
    assert questions(listed_survey) == {"class_one": "Panthera tigris"}


def test_running_again_adds_nothing_and_the_survey_verifies(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """Answers and questions of both stages are in the log, and have names that do not change."""
    named(listed_survey, tmp_path, {"snow leopard": 0.9})
    stage = stage_of(listed_survey, {"snow leopard": 0.9})
    report = detect_media(listed_survey, FakeDetector([ANIMAL]), person="Tashi", then=stage)
    assert report.media == 0
    assert len(questions(listed_survey)) == 2
    assert verify_survey(listed_survey).is_well


def test_files_detected_before_are_named_later(listed_survey: Survey, tmp_path: Path) -> None:
    """A classifier chosen afterwards names stored boxes once, and repeats the people."""
    with_photos(listed_survey, tmp_path / "SD01", [200, 20])
    detect_media(listed_survey, FakeDetector([ANIMAL, PERSON]), person="Tashi")
    classifier = FakeClassifier(LINEAGES, {"tiger": 0.9})
    (report,) = name_boxes(listed_survey, classifier, person="Drolma")
    assert (report.boxes, report.named, report.questions) == (1, 1, 1)
    assert name_boxes(listed_survey, classifier, person="Drolma") == []
    with listed_survey.reading() as session:
        again = select(Observation).where(Observation.classified_by == "fake-species 1")
        kinds = sorted(one.observation_type for one in session.exec(again))
    assert kinds == ["animal", "human"]
    assert verify_survey(listed_survey).is_well


def test_names_that_came_in_since_detection_stay_the_newest(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """Another tool's names and its people are not hidden by our names for older boxes."""
    with_photos(listed_survey, tmp_path / "SD01", [200])
    detect_media(listed_survey, FakeDetector([ANIMAL]), person="Tashi")
    with listed_survey.reading() as session:
        path = f"SD01/{session.exec(select(Media.card_path)).one()}"
    theirs = megadetector(
        entry(path, box(classifications=[["0", 0.7]]), box(0.6, category="2")),
        classification_categories={"0": "Panthera uncia"},
    )
    assert take(listed_survey, tmp_path, theirs).observations == 2
    assert name_boxes(listed_survey, FakeClassifier(LINEAGES, {"bear": 0.9}), person="Norbu") == []
    with listed_survey.reading() as session:
        view = view_event(session, event_of(listed_survey).event_id)
    assert view.machine_finding.scientific_name == "Panthera uncia"
    assert sorted(one.observation_type for one in view.media[0].boxes) == ["animal", "human"]


def test_a_name_found_later_is_the_one_found_at_once(listed_survey: Survey, tmp_path: Path) -> None:
    """Both ways give one row the same id, so that laptops that took either can be merged."""
    row = named(listed_survey, tmp_path, {"bear": 0.9})
    with listed_survey.writing() as session:
        session.delete(session.get_one(Observation, row.observation_id))
    name_boxes(listed_survey, FakeClassifier(LINEAGES, {"bear": 0.9}), person="Tashi")
    with listed_survey.reading() as session:
        assert session.get_one(Observation, row.observation_id).taxon_id == row.taxon_id


def test_the_log_is_told_without_holding_all_answers(
    listed_survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory stays flat however many boxes are named."""
    held: list[int] = []

    def counting(*told: object, **details: object) -> object:
        gc.collect()
        held.append(sum(type(one) is Observation for one in gc.get_objects()))
        return record_decision(*told, **details)  # type: ignore[arg-type]

    monkeypatch.setattr("ingest.species_stage.record_decision", counting)
    gc.collect()
    before = sum(type(one) is Observation for one in gc.get_objects())
    boxes = [Detection("animal", 0.8, n / 100, 0.2, 0.3, 0.4) for n in range(60)]
    named(listed_survey, tmp_path, {"tiger": 0.9}, boxes=boxes)
    (at_close,) = held
    assert at_close - before < 10
    assert verify_survey(listed_survey).is_well


def test_a_missing_original_is_listed_when_names_come_later(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """A file that cannot be named because it is gone is counted and listed."""
    with_photos(listed_survey, tmp_path / "SD01", [200])
    detect_media(listed_survey, FakeDetector([ANIMAL]), person="Tashi")
    with listed_survey.reading() as session:
        listed_survey.path_of(session.exec(select(Media.file_path)).one()).unlink()
    (report,) = name_boxes(listed_survey, FakeClassifier(LINEAGES, {"bear": 0.9}), person="Norbu")
    assert (report.boxes, report.problems) == (0, 1)
    with listed_survey.reading() as session:
        assert session.exec(select(Problem.code)).all() == ["original_missing"]


def test_a_film_without_a_box_on_our_frames_is_looked_at_once(
    listed_survey: Survey, tmp_path: Path
) -> None:
    """Boxes between the frames that are sampled here get no name, and do not wait for ever."""
    film = make_film("h264.mp4", seconds=2, bright=(0.0, 2.0))
    with_card(listed_survey, tmp_path / "SD01", mp4=film)
    detect_media(listed_survey, FakeDetector([ANIMAL]), person="Tashi")
    with listed_survey.writing() as session:
        for row in session.exec(select(Observation)):
            row.frame_s = (row.frame_s or 0.0) + 0.3
    classifier = FakeClassifier(LINEAGES, {"bear": 0.9})
    name_boxes(listed_survey, classifier, person="Norbu")
    with listed_survey.reading() as session:
        again = select(Observation).where(Observation.classified_by == "fake-species 1")
        rows = session.exec(again).all()
    assert rows
    assert {(one.observation_type, one.taxon_id) for one in rows} == {("animal", None)}
