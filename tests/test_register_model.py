"""What a detector that knows species promises: its taxa on record, its classes never two things."""

import json
from pathlib import Path

import pytest
from sqlmodel import select
from test_classify import observations, with_photos

from ingest.classify import detect_media
from ingest.register_model import ModelClassError
from models.detector import Detection
from species_db import identity
from species_db.survey import Survey
from species_db.tables import Media, ModelVersion
from tests.factories import make_taxon
from tests.fakes import FakeDetector

BEAR = Detection("animal", 0.8, 0.1, 0.2, 0.3, 0.4, "Ursus thibetanus")
BEARS = {"bear": "animal Ursus thibetanus", "animal": "animal", "kite": "ignore"}


def with_bear(survey: Survey) -> None:
    """Let the survey know the black bear."""
    with survey.writing() as session:
        make_taxon(session, "Ursus thibetanus", zh="黑熊")


def test_a_class_of_a_species_is_recorded_with_its_taxon(survey: Survey, tmp_path: Path) -> None:
    """A box of a species is an animal observation of that taxon; another animal has none."""
    with_bear(survey)
    with_photos(survey, tmp_path / "SD01", [200])
    animal = Detection("animal", 0.7, 0.5, 0.5, 0.2, 0.2)
    detect_media(survey, FakeDetector([BEAR, animal], classes=BEARS), person="Tashi")
    found = {(o.observation_type, o.taxon_id) for o in observations(survey)}
    assert found == {("animal", identity.taxon_id("Ursus thibetanus")), ("animal", None)}


def test_two_species_in_one_box_are_two_rows(survey: Survey, tmp_path: Path) -> None:
    """The identity of a row holds the taxon, so one answer does not write over the other."""
    with_bear(survey)
    with survey.writing() as session:
        make_taxon(session, "Ursus arctos", zh="棕熊")
    with_photos(survey, tmp_path / "SD01", [200])
    brown = Detection("animal", 0.6, 0.1, 0.2, 0.3, 0.4, "Ursus arctos")
    classes = BEARS | {"brown": "animal Ursus arctos"}
    detect_media(survey, FakeDetector([BEAR, brown], classes=classes), person="Tashi")
    assert len(observations(survey)) == 2


def test_models_without_species_keep_the_names_of_their_rows(
    survey: Survey, tmp_path: Path
) -> None:
    """A row of a model that knows no species is named as it always was."""
    with_photos(survey, tmp_path / "SD01", [200])
    detect_media(survey, FakeDetector([Detection("animal", 0.8, 0.1, 0.2, 0.3, 0.4)]), person="T")
    with survey.reading() as session:
        media = session.exec(select(Media.media_id)).one()
    box = "0.10000 0.20000 0.30000 0.40000"
    expected = identity.machine_observation_id(media, "f" * 64, "animal", box)
    assert [o.observation_id for o in observations(survey)] == [expected]


def test_a_species_unknown_here_stops_the_run(survey: Survey, tmp_path: Path) -> None:
    """A name that no taxon bears is told with its class before any photo is looked at."""
    with_photos(survey, tmp_path / "SD01", [200])
    detector = FakeDetector([BEAR], classes=BEARS)
    with pytest.raises(ModelClassError, match=r"bear: .*Ursus thibetanus"):
        detect_media(survey, detector, person="Tashi")
    assert (detector.looked_at, observations(survey)) == (0, [])


def test_the_meaning_of_classes_is_kept_with_the_model(survey: Survey, tmp_path: Path) -> None:
    """The survey tells later what each class of the weights counted as, and their licence."""
    with_bear(survey)
    with_photos(survey, tmp_path / "SD01", [200])
    detector = FakeDetector([BEAR], classes=BEARS, licence="AGPL-3.0")
    detect_media(survey, detector, person="Tashi")
    with survey.reading() as session:
        version = session.exec(select(ModelVersion)).one()
    assert json.loads(version.classes or "") == BEARS
    assert (version.task, version.licence) == ("detector", "AGPL-3.0")


def test_weights_that_have_answered_keep_their_meaning(survey: Survey, tmp_path: Path) -> None:
    """A table edited after the first answers is refused; before them it may change."""
    with_bear(survey)
    changed = BEARS | {"kite": "animal"}
    detect_media(survey, FakeDetector(classes=changed), person="Tashi")
    with_photos(survey, tmp_path / "SD01", [200, 20])
    detect_media(survey, FakeDetector([BEAR], classes=BEARS), person="Tashi", limit=1)
    with pytest.raises(ModelClassError, match="kite: ignore → animal"):
        detect_media(survey, FakeDetector([BEAR], classes=changed), person="Tashi")
    assert detect_media(survey, FakeDetector([BEAR], classes=BEARS), person="Tashi").media == 1
