"""What choosing weights promises: the choice holds, is in the log, and can be taken back."""

import json

import pytest
from sqlmodel import select

from species_db.model_choice import (
    DEFAULT,
    OFF,
    ModelChoiceError,
    choose_model,
    chosen_model,
    roll_back,
)
from species_db.survey import Survey
from species_db.tables import Decision
from species_db.verify import verify_survey

NAMES = ("general", "general-open", "models/trained.onnx")


def choose(survey: Survey, weights: str, task: str = "detector") -> None:
    """Let weights do a task, told apart by a made-up hash."""
    with survey.writing() as session:
        choose_model(session, task, weights=weights, sha256=weights * 2, person="Tashi")


def in_use(survey: Survey, task: str = "detector") -> str | None:
    """The weights that do a task now."""
    with survey.reading() as session:
        choice = chosen_model(session, task)
        return choice.weights if choice else None


def go_back(survey: Survey) -> str:
    """Take the detector one choice back."""
    with survey.writing() as session:
        return roll_back(session, "detector", person="Drolma", reason="misses serows").weights


def test_the_latest_choice_holds_for_its_task_alone(survey: Survey) -> None:
    """A new choice takes the place of the old one; another task is not touched."""
    assert in_use(survey) is None
    for name in NAMES:
        choose(survey, name)
    choose(survey, "species", task="classifier")
    assert (in_use(survey), in_use(survey, "classifier")) == (NAMES[-1], "species")


def test_going_back_twice_goes_two_choices_back(survey: Survey) -> None:
    """Each step back leads to the choice before, at last to the default, and no further."""
    for name in NAMES:
        choose(survey, name)
    assert [go_back(survey), go_back(survey), go_back(survey)] == [NAMES[1], NAMES[0], DEFAULT]
    assert in_use(survey) is None
    with pytest.raises(ModelChoiceError, match="default is in use"):
        go_back(survey)


def test_a_choice_after_going_back_can_be_taken_back_too(survey: Survey) -> None:
    """After a step back and a new choice, one step back leads to what was in use between them."""
    choose(survey, NAMES[0])
    choose(survey, NAMES[1])
    go_back(survey)
    choose(survey, NAMES[2])
    assert (go_back(survey), go_back(survey)) == (NAMES[0], DEFAULT)
    choose(survey, NAMES[1])
    assert (in_use(survey), go_back(survey)) == (NAMES[1], DEFAULT)


def test_a_choice_is_in_the_log_with_its_person_and_reason(survey: Survey) -> None:
    """The log tells who chose which bytes and why, and the survey still verifies."""
    choose(survey, "general")
    choose(survey, "general-open")
    go_back(survey)
    with survey.reading() as session:
        entries = session.exec(select(Decision).where(Decision.act == "model_chosen")).all()
    told = json.loads(entries[-1].details)
    assert (entries[-1].person, told["weights"], told["reason"]) == (
        *("Drolma", "general"),
        "misses serows",
    )
    assert [json.loads(entry.details)["is_rolled_back"] for entry in entries] == [
        *(False, False),
        True,
    ]
    assert verify_survey(survey).is_well


def test_a_task_can_be_switched_off(survey: Survey) -> None:
    """Off is a choice like any other, without bytes, and can be taken back."""
    with survey.writing() as session:
        choose_model(session, "classifier", weights=OFF, sha256="", person="Tashi")
    assert in_use(survey, "classifier") == OFF


@pytest.mark.parametrize(
    ("task", "weights", "sha256"),
    [("segmenter", "a", "b"), ("detector", "a", ""), ("detector", OFF, "b"), ("detector", "", "")],
)
def test_a_choice_without_bytes_is_refused(
    survey: Survey, task: str, weights: str, sha256: str
) -> None:
    """Unknown tasks, and weights that nothing tells apart, change nothing."""
    with pytest.raises(ModelChoiceError), survey.writing() as session:
        choose_model(session, task, weights=weights, sha256=sha256, person="Tashi")
    assert in_use(survey) is None
