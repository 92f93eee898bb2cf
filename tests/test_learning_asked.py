"""What a round of learning checks before it begins, and what it says of itself."""

from dataclasses import replace
from pathlib import Path

import pytest
from learning_scene import plant_drawn_taxa
from sqlmodel import select
from typer.testing import CliRunner

from models.engines import WeightsError
from namcha import app
from species_db.survey import Survey
from species_db.tables import TrainingRun
from training import detector_round
from training.plan import PlanSettings
from training.round import learn, plan_round
from training.scheme import Least
from training.work import Asked, Stage, Work

ASKED = Asked("own", PlanSettings("detector", least=Least(2, 1)), epochs=1, image_size=64)


@pytest.fixture
def named(survey: Survey) -> Survey:
    """Five stations with boxed animals."""
    plant_drawn_taxa(survey)
    return survey


def copies(survey: Survey) -> list[Path]:
    """The photos that a round has copied."""
    return list((survey.folder / "training").rglob("*.jpg"))


def test_a_wrong_start_begins_no_round(named: Survey) -> None:
    """Nothing is copied and no round stays open when the start weights are not here."""
    asked = replace(ASKED, start="nowhere")
    with pytest.raises(WeightsError, match="nowhere"):
        learn(named, asked, person="Drolma", champion=None)
    assert not copies(named)
    with named.reading() as session:
        assert not session.exec(select(TrainingRun)).all()


def test_an_error_leaves_no_copies(named: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that fails half-way removes the photos it copied; the next call copies them again."""
    seen: list[int] = []

    def fail(*args: object, **values: object) -> Path:
        seen.append(len(copies(named)))
        raise OSError("the disk is full")

    monkeypatch.setattr(detector_round, "train_detector", fail)
    for _ in range(2):
        with pytest.raises(OSError, match="disk is full"):
            learn(named, ASKED, person="Drolma", champion=None)
        assert not copies(named)
    assert seen[0] and seen == seen[:1] * 2


def test_an_interrupted_round_keeps_its_copies(named: Survey) -> None:
    """Who stops it means to go on: what was copied is not copied twice."""

    def stop(stage: Stage) -> None:
        if stage.done == stage.total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(named, ASKED, person="Drolma", champion=None, report=stop)
    assert copies(named)


def test_the_card_tells_the_whole_command(named: Survey) -> None:
    """Start and least numbers are on it; folders of this computer are not."""
    asked = replace(ASKED, start="D:\\Drolma\\first.pt")
    told = Work(named, "run", "1", plan_round(named, asked), asked, None).command
    assert "--start first.pt --least-boxes 2 --least-stations 1" in told
    assert "Drolma" not in told


@pytest.mark.parametrize("name", ["a/b", "a:b", "", ".a"])
@pytest.mark.parametrize("task", ["detector", "classifier"])
def test_a_name_that_no_file_can_bear_is_refused_first(
    survey: Survey, task: str, name: str
) -> None:
    """Not after hours of training."""
    given = ["train", task, "--name", name, "--survey", str(survey.folder), "--dry-run"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 2, done.output
    assert "cannot name weights" in " ".join(done.output.split())
