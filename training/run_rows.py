"""Rounds of learning in the survey's database: begun, taken up again, ended, told to the log."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.model_choice import choose_model
from species_db.sealed_list import tell_rows
from species_db.survey import Survey
from species_db.tables import ModelVersion, TrainingRun
from species_db.vocabulary import Act
from training.plan import FrozenTest, History, Plan
from training.splits import Split

RUNNING, PROMOTED, REFUSED = "running", "promoted", "refused"
COMPARED = "compared"  # would be promoted, and the person asked not to
Json = Mapping[str, Any]


@dataclass(frozen=True)
class NewModel:
    """Facts of weights, as the database keeps them."""

    name: str
    version: str
    sha256: str
    labels: str
    threshold: float
    engine: str
    task: str
    licence: str
    classes: Json


def read_history(session: Session, task: str) -> History:
    """What earlier rounds fixed: the test of this task, and what each station has been used for."""
    test, tested, taught = FrozenTest(), set[str](), set[str]()
    runs = session.exec(
        select(TrainingRun).order_by(col(TrainingRun.started_at), col(TrainingRun.run_id))
    )
    for run in runs:
        counts = json.loads(run.counts)
        for station, split in counts["stations"].items():
            (tested if split == Split.TEST.value else taught).add(station)
        told = counts["test"]
        if run.task == task and told["media"] is not None:
            test = FrozenTest(told["version"], tuple(told["stations"]), tuple(told["media"]))
    return History(test, frozenset(tested), frozenset(taught))


def unfinished_run(session: Session, task: str, recipe: Json) -> TrainingRun | None:
    """The newest round that was begun with exactly these settings and has not ended."""
    runs = session.exec(
        select(TrainingRun)
        .where(TrainingRun.task == task, TrainingRun.state == RUNNING)
        .order_by(col(TrainingRun.started_at).desc())
    )
    return next((run for run in runs if json.loads(run.recipe) == _plain(recipe)), None)


def next_version(session: Session, task: str, name: str) -> str:
    """The number of the next round of this name."""
    runs = session.exec(
        select(TrainingRun.run_id).where(TrainingRun.task == task, TrainingRun.name == name)
    ).all()
    return str(len(runs) + 1)


def begin_run(
    survey: Survey,
    plan: Plan,
    *,
    run_id: str,
    name: str,
    recipe: Json,
    before: FrozenTest,
    person: str,
) -> TrainingRun:
    """Write down that a round begins, and which photos it teaches and tests with."""
    counts = {
        "classes": plan.told().balance,
        "stations": {station: split.value for station, split in plan.stations.items()},
        "test": {
            "version": plan.test.version,
            "stations": list(plan.test.stations),
            "media": None if plan.test == before else list(plan.test.media),
        },
        "left_out": list(plan.notes),
    }
    run = TrainingRun(
        run_id=run_id,
        task=plan.settings.task,
        name=name,
        state=RUNNING,
        person=person,
        started_at=datetime.now(UTC),
        dataset_sha256=plan.sha256,
        recipe=_text(recipe),
        counts=_text(counts),
    )
    with survey.writing() as session:
        session.add(run)
        session.flush()
        _tell(session, run, person)
    return run


def end_run(
    survey: Survey,
    run_id: str,
    *,
    state: str,
    comparison: Json,
    champion: NewModel | None,
    challenger: NewModel,
    weights: str,
    person: str,
) -> None:
    """Write down how a round ended; when it is promoted its weights do the task from now on.

    The run, its models, the choice and the log are written in one transaction.
    """
    with survey.writing() as session:
        run = session.get_one(TrainingRun, run_id)
        for model in filter(None, (champion, challenger)):
            _register(session, model)
        session.flush()
        run.state, run.ended_at = state, datetime.now(UTC)
        run.comparison = _text(comparison)
        run.champion_id = champion.sha256 if champion else None
        run.challenger_id = challenger.sha256
        session.add(run)
        session.flush()
        _tell(session, run, person)
        if state == PROMOTED:
            choose_model(
                session,
                run.task,
                weights=weights,
                sha256=challenger.sha256,
                person=person,
                reason=f"training run {run_id}",
            )


def new_run_id() -> str:
    """A name for a round, which sorts by time."""
    return act_id()


def _register(session: Session, model: NewModel) -> None:
    if session.get(ModelVersion, model.sha256) is None:
        told = asdict(model) | {"classes": _text(model.classes)}
        session.add(ModelVersion(model_version_id=model.sha256, **told))


def _tell(session: Session, run: TrainingRun, person: str) -> None:
    tell_rows(session, [run])
    record_decision(
        session,
        Act.TRAINED,
        subject=run.run_id,
        person=person,
        details={
            "task": run.task,
            "name": run.name,
            "state": run.state,
            "dataset_sha256": run.dataset_sha256,
            "champion": run.champion_id,
            "challenger": run.challenger_id,
        },
    )


def _text(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _plain(content: Json) -> Any:
    """As it reads when it comes back from the database."""
    return json.loads(_text(content))
