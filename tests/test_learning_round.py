"""A whole round of learning on five real cards: review, train, compare, promote or refuse."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from learning_scene import REVIEWER, plant_cards
from review_scene import assert_chain_unbroken
from sqlmodel import select
from typer.testing import CliRunner

from models.shelf import find_weights, weights_sha256
from namcha import app
from namcha.weights_in_use import chosen_weights
from species_db.decisions import last_details
from species_db.model_choice import DETECTOR, choose_model, chosen_model, roll_back
from species_db.review import mark_unknown
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.tables import Event, ModelVersion, TrainingRun
from species_db.vocabulary import Act
from training.compare import PromotionRule
from training.export import export_weights
from training.plan import PlanSettings
from training.round import learn, plan_round
from training.scheme import Least, TooFewBoxesError
from training.splits import Split, SplitSettings
from training.work import Asked, Stage

pytest.importorskip("onnx", reason="needs the train extra: pip install 'namcha[train]'")

LEAST = Least(boxes=3, stations=1)
TWO_TEST_STATIONS = SplitSettings(test_share=0.4, most_tested=0.5)
SMALL = Asked(
    "own", PlanSettings("detector", least=LEAST, splits=TWO_TEST_STATIONS), epochs=1, image_size=64
)
# Five cards can prove nothing; this rule asks for no proof, so that a promotion can be seen.
EASY = PromotionRule(
    least_stations=1,
    least_known=1,
    least_people=0,
    margin=2.0,
    most_recall_lost=1.0,
    most_blanks_gained=1.0,
)


@pytest.fixture(scope="module")
def reviewed_cards(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """The folder of a survey with the five cards, detected and reviewed once."""
    made = create_survey(tmp_path_factory.mktemp("learned") / "survey", SurveySettings())
    plant_cards(made, shared)
    made.close()
    return made.folder


@pytest.fixture
def cards(reviewed_cards: Path, tmp_path: Path) -> Iterator[Survey]:
    """A survey of its own with the five cards."""
    made = open_survey(Path(shutil.copytree(reviewed_cards, tmp_path / "survey")))
    yield made
    made.close()


def general(survey: Survey) -> Path:
    """The champion while nobody has chosen."""
    return chosen_weights(survey, DETECTOR)


def blind_weights(folder: Path) -> Path:
    """The shipped detector with its classes turned off: whatever learns is better."""
    from models.offline import import_ultralytics

    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import load_checkpoint

    model, checkpoint = load_checkpoint(find_weights("general").with_suffix(".pt"))
    for branch in model.model[-1].cv3:
        torch.nn.init.constant_(branch[-1].bias, -30.0)
    folder.mkdir()
    torch.save({**checkpoint, "model": model}, folder / "blind_full.pt")
    return export_weights(folder / "blind_full.pt", folder, name="blind", image_size=160).onnx


def run_row(survey: Survey) -> TrainingRun:
    """The newest round in the survey."""
    with survey.reading() as session:
        return sorted(session.exec(select(TrainingRun)), key=lambda run: run.started_at)[-1]


def test_five_cards_train_a_challenger_that_is_refused(cards: Survey) -> None:
    """One epoch on few photos is worse than what is in use: refused, told, nothing replaced."""
    outcome = learn(cards, SMALL, person=REVIEWER, champion=general(cards))
    assert outcome.state == "refused"
    assert any("stations, 5 are needed" in reason for reason in outcome.comparison.reasons)
    run = run_row(cards)
    assert (run.state, run.champion_id) == ("refused", weights_sha256(find_weights("general")))
    assert json.loads(run.comparison)["challenger"]["model"] == "own 1"
    with cards.reading() as session:
        assert chosen_model(session, DETECTOR) is None
        told = json.loads(last_details(session, Act.TRAINED, subject=run.run_id) or "{}")
        version = session.get_one(ModelVersion, run.challenger_id)
    assert (told["state"], version.task) == ("refused", "detector")
    assert_chain_unbroken(cards)
    folder = cards.folder / "training" / outcome.run_id
    assert not list(folder.rglob("*.jpg"))  # photos are copied for the time of training only
    assert (folder / "dataset" / "SOURCES.csv").is_file()


def test_no_station_teaches_and_tests(cards: Survey) -> None:
    """Photos of one card are never in two splits, and the run says which station was for what."""
    plan = plan_round(cards, SMALL)
    used = {
        split: {example.location_id for example in examples}
        for split, examples in plan.media.items()
    }
    assert not used[Split.TEST] & (used[Split.TRAIN] | used[Split.VAL])
    assert not used[Split.TRAIN] & used[Split.VAL]
    assert all(plan.stations[name] is split for split, names in used.items() for name in names)


def test_an_interrupted_round_is_taken_up_with_its_own_photos(cards: Survey) -> None:
    """Stopped after an epoch, and somebody reviews meanwhile: it goes on as it was planned."""
    asked = replace(SMALL, epochs=2)

    def pull_the_plug(stage: Stage) -> None:
        if stage.name == "training":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(cards, asked, person=REVIEWER, champion=general(cards), report=pull_the_plug)
    begun = run_row(cards)
    assert begun.state == "running"
    with cards.reading() as session:
        event = session.exec(select(Event).where(Event.deployment_id == "ST-05-D")).first()
    assert event is not None
    mark_unknown(cards, event.event_id, person="Tashi", expected_review_id=event.current_review_id)
    outcome = learn(cards, asked, person=REVIEWER, champion=general(cards))
    assert (outcome.was_taken_up, outcome.run_id) == (True, begun.run_id)
    assert outcome.plan.sha256 == begun.dataset_sha256
    rows = (cards.folder / "training" / begun.run_id / "run" / "results.csv").read_text("utf-8")
    assert [row.split(",")[0] for row in rows.split()] == ["epoch", "1", "2"]
    with cards.reading() as session:
        assert len(session.exec(select(TrainingRun)).all()) == 1


def test_a_better_challenger_is_promoted_and_taken_back(cards: Survey) -> None:
    """It does the task from then on; one step back, and what did it before does it again."""
    blind = blind_weights(cards.folder / "models")
    with cards.writing() as session:
        sha256 = weights_sha256(blind)
        choose_model(session, DETECTOR, weights="models/blind.onnx", sha256=sha256, person=REVIEWER)
    asked = replace(SMALL, image_size=224, start="general")
    outcome = learn(
        cards, asked, person=REVIEWER, champion=chosen_weights(cards, DETECTOR), rule=EASY
    )
    assert outcome.state == "promoted", outcome.comparison.reasons
    assert chosen_weights(cards, DETECTOR) == cards.folder / outcome.weights
    card = json.loads((cards.folder / outcome.weights).with_suffix(".json").read_text("utf-8"))
    assert card["frozen_test"]["is_promoted"]
    assert not any("ST-0" in station for station in card["frozen_test"]["champion"]["by_station"])
    with cards.writing() as session:
        roll_back(session, DETECTOR, person=REVIEWER)
    assert chosen_weights(cards, DETECTOR) == blind


def test_taxa_that_lack_boxes_are_refused(cards: Survey) -> None:
    """No species of five cards has fifty boxes at three stations."""
    asked = replace(SMALL, settings=PlanSettings("detector", "taxa"))
    with pytest.raises(TooFewBoxesError, match="A class needs 50 boxes at 3 stations"):
        learn(cards, asked, person=REVIEWER, champion=general(cards))
    with cards.reading() as session:
        assert not session.exec(select(TrainingRun)).all()


def test_the_command_tells_balance_and_refusal(cards: Survey) -> None:
    """`--dry-run` shows what is there, and what a class lacks; nothing is begun."""
    given = ["train", "detector", "--dry-run", "--survey", str(cards.folder)]
    done = CliRunner().invoke(app, [*given, "--person", REVIEWER])
    assert done.exit_code == 0, done.output
    assert "animal   train" in done.output
    assert "A class needs 50 boxes at 3 stations" in done.output
    as_json = CliRunner().invoke(app, [*given, "--json", "--least-boxes", "5"])
    told = json.loads(as_json.output)
    assert set(told["stations"].values()) == {"train", "val", "test"}
    with cards.reading() as session:
        assert not session.exec(select(TrainingRun)).all()
