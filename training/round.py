"""One round of learning: plan, train, compare on the frozen test, promote or refuse.

The rows of the survey and the folder of the run say how far it is; the same call goes on there.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from species_db.survey import Survey
from species_db.training_set import read_training_set
from training import classifier_round, detector_round
from training.compare import Comparison, PromotionRule, without_places
from training.comparison_text import comparison_text
from training.plan import History, Plan, make_plan
from training.plan_file import PLAN_FILE, read_plan, write_plan
from training.run_rows import (
    COMPARED,
    PROMOTED,
    REFUSED,
    begin_run,
    end_run,
    new_run_id,
    next_version,
    read_history,
    unfinished_run,
)
from training.start_from import start_checkpoint
from training.work import TRAINING_FOLDER, Asked, Report, Work


@dataclass(frozen=True)
class Outcome:
    """How a round ended."""

    run_id: str
    state: str
    was_taken_up: bool
    weights: str  # path inside the survey's folder
    plan: Plan
    comparison: Comparison


def plan_round(survey: Survey, asked: Asked) -> Plan:
    """Decide what a round would learn from, without training: for the class balance.

    What a class lacks is among the plan's notes.

    Raises:
        SplitError: too few stations.
    """
    return _plan(survey, asked, is_enforced=False)[0]


def learn(
    survey: Survey,
    asked: Asked,
    *,
    person: str,
    champion: Path | None,
    is_promoting: bool = True,
    rule: PromotionRule | None = None,
    report: Report = lambda stage: None,
) -> Outcome:
    """Do a round, or go on with the unfinished one that was asked for in the same words.

    The weights stay in the run's folder whatever the verdict; only a promoted challenger does the
    task from then on, and `namcha models rollback` takes that back.

    `champion` are the weights in use now; None where nothing does the task.

    Raises:
        SplitError: too few stations.
        TooFewBoxesError: no class has enough boxes.
        FrozenPhotoError: a photo of the frozen test is not at hand.
        StartError: the weights to start from have no checkpoint.
        WeightsError: the weights to start from are not here.
    """
    if asked.start:  # before anything is written down: in other words it is another round
        start_checkpoint(survey.folder, asked.start, champion=champion)
    begun, was_taken_up = _begin(survey, asked, person=person)
    work = replace(begun, champion=champion, report=report, rule=rule or PromotionRule())
    steps = detector_round if asked.settings.task == "detector" else classifier_round
    weights = steps.make_weights(work)
    comparison, before, challenger = steps.compare_with_champion(work, weights)
    told = _plain(asdict(comparison))
    _put_on_card(weights, comparison)
    state = REFUSED
    if comparison.is_promoted:
        state = PROMOTED if is_promoting else COMPARED
    inside = weights.relative_to(survey.folder).as_posix()
    end_run(
        survey,
        work.run_id,
        state=state,
        comparison=told,
        champion=before,
        challenger=challenger,
        weights=inside,
        person=person,
    )
    return Outcome(work.run_id, state, was_taken_up, inside, work.plan, comparison)


def _begin(survey: Survey, asked: Asked, *, person: str) -> tuple[Work, bool]:
    recipe = asdict(asked)
    with survey.reading() as session:
        waiting = unfinished_run(session, asked.settings.task, recipe)
        version = next_version(session, asked.settings.task, asked.name)
    folder = survey.folder / TRAINING_FOLDER
    if waiting is not None and (folder / waiting.run_id / PLAN_FILE).is_file():
        plan = read_plan(folder / waiting.run_id)
        version = str(int(version) - 1)
        return Work(survey, waiting.run_id, version, plan, asked, None), True
    plan, history = _plan(survey, asked)
    run_id = new_run_id()
    write_plan(plan, folder / run_id)
    begin_run(
        survey,
        plan,
        run_id=run_id,
        name=asked.name,
        recipe=recipe,
        before=history.test,
        person=person,
    )
    return Work(survey, run_id, version, plan, asked, None), False


def _plan(survey: Survey, asked: Asked, *, is_enforced: bool = True) -> tuple[Plan, History]:
    with survey.reading() as session:
        found = read_training_set(session)
        history = read_history(session, asked.settings.task)
    plan = make_plan(found, asked.settings, history, is_enforced=is_enforced)
    return plan, history


def _put_on_card(weights: Path, comparison: Comparison) -> None:
    """Add the frozen test to the card that training wrote, for programs and for people.

    The card goes wherever the weights go, and a station's name may tell a place: there they are
    numbered.
    """
    as_json, as_text = weights.with_suffix(".json"), weights.with_suffix(".md")
    card = json.loads(as_json.read_text(encoding="utf-8"))
    was_there = "frozen_test" in card
    comparison = without_places(comparison)
    card["frozen_test"] = _plain(asdict(comparison))
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    as_json.write_text(text, encoding="utf-8")
    if not was_there:
        with as_text.open("a", encoding="utf-8") as opened:
            opened.write(comparison_text(comparison, heading="## 固定测试集 Frozen test\n\n"))


def _plain(value: Any) -> Any:
    """As JSON can hold it: a figure of nothing over nothing is no number."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
