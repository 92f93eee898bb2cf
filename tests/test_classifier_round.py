"""Names learned from reviews: a classifier of crops, and a detector that knows species."""

import json
from dataclasses import replace

import pytest
from learning_scene import DRAWN_TAXA, plant_drawn_taxa
from sqlmodel import select

from models.classifier import load_classifier
from models.detector import load_detector
from models.shelf import find_weights
from species_db.model_choice import CLASSIFIER, chosen_model
from species_db.survey import Survey
from species_db.tables import ModelVersion, TrainingRun
from training.plan import PlanSettings
from training.round import Outcome, learn
from training.scheme import Least, TooFewBoxesError
from training.work import Asked

pytest.importorskip("onnx", reason="needs the train extra: pip install 'namcha[train]'")

ASKED = Asked("own", PlanSettings("classifier", "taxa", least=Least(2, 1)), epochs=2, image_size=32)


@pytest.fixture
def named(survey: Survey) -> Survey:
    """Five stations at which both taxa were seen, boxed and named."""
    plant_drawn_taxa(survey)
    return survey


def learned(survey: Survey, **values: object) -> Outcome:
    """A round without a classifier in use."""
    return learn(survey, replace(ASKED, **values), person="Drolma", champion=None)


def test_a_classifier_is_trained_compared_and_refused_on_one_station(named: Survey) -> None:
    """Its card names the taxa; one test station proves nothing, so nothing is put in use."""
    outcome = learned(named)
    classifier = load_classifier(named.folder / outcome.weights)
    assert [one.lineage[-1] for one in classifier.classes] == list(DRAWN_TAXA)
    assert outcome.state == "refused"
    assert any("stations, 5 are needed" in reason for reason in outcome.comparison.reasons)
    assert outcome.comparison.champion.confusion["Budorcas taxicolor"] == {"animal": 2}
    with named.reading() as session:
        assert chosen_model(session, CLASSIFIER) is None
        run = session.exec(select(TrainingRun)).one()
        version = session.get_one(ModelVersion, run.challenger_id)
    assert (run.champion_id, version.task) == (None, "classifier")
    assert json.loads(run.comparison)["challenger"]["photos"] == 4


def test_crops_of_a_test_station_never_reach_the_trainer(named: Survey) -> None:
    """The list that the trainer reads names no photo of a test station."""
    outcome = learned(named)
    crops = named.folder / "training" / outcome.run_id / "crops.csv"
    listed = crops.read_text(encoding="utf-8")
    tested = [name for name, split in outcome.plan.stations.items() if split == "test"]
    assert tested
    assert not any(name in listed for name in tested)


def test_one_taxon_alone_is_refused(named: Survey) -> None:
    """There is nothing to tell apart."""
    settings = PlanSettings("classifier", "taxa", least=Least(999, 1))
    with pytest.raises(TooFewBoxesError, match="A class needs 999 boxes"):
        learned(named, settings=settings)


def test_a_species_detector_carries_its_table_of_taxa(named: Survey) -> None:
    """One detector trained on taxa: its card alone says which class is which taxon."""
    settings = PlanSettings("detector", "taxa", least=Least(2, 1))
    asked = Asked("species", settings, epochs=1, image_size=96)
    outcome = learn(named, asked, person="Drolma", champion=find_weights("general"))
    weights = named.folder / outcome.weights
    card = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    assert card["labels"] == ["animal", "person", "vehicle", *DRAWN_TAXA]
    assert card["taxa"] == {name: name for name in DRAWN_TAXA}
    detector = load_detector(weights)
    assert detector.classes["Macaca munzala"] == "animal Macaca munzala"
    assert detector.labels == ("animal", "person", "vehicle")
    assert set(outcome.comparison.champion.confusion) >= set(DRAWN_TAXA)
    with named.reading() as session:
        version = session.get_one(ModelVersion, detector.sha256)
    assert json.loads(version.classes or "")["Budorcas taxicolor"] == "animal Budorcas taxicolor"
