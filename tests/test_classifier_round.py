"""A classifier learned from reviews: crops of stations, compared on the frozen test."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from factories import (
    NINE,
    make_deployment,
    make_event,
    make_group_taxon,
    make_machine_observation,
    make_station,
)
from review_scene import BOX, draw_photo, media_of
from sqlmodel import select

from models.classifier import load_classifier
from species_db.model_choice import CLASSIFIER, chosen_model
from species_db.review import correct, summarise_event
from species_db.survey import Survey
from species_db.tables import ModelVersion, TrainingRun
from training.plan import PlanSettings
from training.round import Outcome, learn
from training.scheme import Least, TooFewBoxesError
from training.work import Asked

pytest.importorskip("onnx", reason="needs the train extra: pip install 'namcha[train]'")

ASKED = Asked("own", PlanSettings("classifier", "taxa", least=Least(2, 1)), epochs=2, image_size=32)
# What each taxon looks like in a drawn photo.
TAXA = {"Budorcas taxicolor": "animal", "Macaca munzala": "vehicle"}


@pytest.fixture
def named(survey: Survey) -> Survey:
    """Five stations at which both taxa were seen, boxed and named."""
    with survey.writing() as session:
        taxa = {name: make_group_taxon(session, name).taxon_id for name in TAXA}
    for number in range(5):
        station = f"ST-{number}"
        with survey.writing() as session:
            make_station(session, station)
            make_deployment(session, f"{station}-2026", location_id=station)
        for hours, (name, looks) in enumerate(TAXA.items()):
            with survey.writing() as session:
                start = NINE + timedelta(hours=hours)
                event = make_event(session, deployment_id=f"{station}-2026", start=start, photos=2)
                for media in media_of(session, event.event_id):
                    make_machine_observation(session, media, bbox=BOX)
                    draw_photo(survey, media, looks)
                summarise_event(session, event.event_id)
            correct(
                survey,
                event.event_id,
                taxon_id=taxa[name],
                person="Drolma",
                expected_review_id=None,
            )
    return survey


def learned(survey: Survey, **values: object) -> Outcome:
    """A round without a classifier in use."""
    return learn(survey, replace(ASKED, **values), person="Drolma", champion=None)


def test_a_classifier_is_trained_compared_and_refused_on_one_station(named: Survey) -> None:
    """Its card names the taxa; one test station proves nothing, so nothing is put in use."""
    outcome = learned(named)
    classifier = load_classifier(named.folder / outcome.weights)
    assert [one.lineage[-1] for one in classifier.classes] == list(TAXA)
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
