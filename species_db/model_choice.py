"""Which weights do a task in this survey: a person's choice, in the log, and one step back.

A choice is never edited. Rolling back is a new choice of what was chosen before, so the log tells
both that weights were in use and that somebody took them out of use.
"""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.language import tr
from species_db.tables import Decision, ModelChoice
from species_db.vocabulary import Act

DETECTOR = "detector"
CLASSIFIER = "classifier"
TASKS = (DETECTOR, CLASSIFIER)
OFF = "off"  # as weights: nothing does the task
DEFAULT = ""  # as weights: as before anybody chose


class ModelChoiceError(Exception):
    """Weights cannot be chosen for this task, or there is no choice to go back to."""


def choose_model(
    session: Session, task: str, *, weights: str, sha256: str, person: str, reason: str = ""
) -> ModelChoice:
    """Let weights do a task from now on: the choice, and its entry in the log.

    `weights` is a name that is known everywhere (`general`) or a path inside the survey's folder
    with forward slashes, so that the choice holds on every laptop the folder is carried to;
    `sha256` is what makes sure that the same bytes lie there. `OFF` with an empty `sha256`
    switches a task off. Must run inside `Survey.writing()`.

    Raises:
        ModelChoiceError: there is no such task, or the weights are not told apart by their bytes.
    """
    _check(task, weights, sha256)
    return _choose(session, task, weights, sha256, person, reason, returns_to=None)


def chosen_model(session: Session, task: str) -> ModelChoice | None:
    """The choice that holds for a task; None while nobody has chosen, or after going back to that.

    A task that was switched off has a choice, with `OFF` as its weights.
    """
    choices = _choices(session, task)
    return choices[0] if choices and choices[0].weights != DEFAULT else None


def roll_back(session: Session, task: str, *, person: str, reason: str = "") -> ModelChoice:
    """Choose again what was chosen before the weights now in use.

    Going back twice goes two choices back, not to and fro; before the first choice lies the
    default (`DEFAULT` as weights). Must run inside `Survey.writing()`.

    Raises:
        ModelChoiceError: nobody has chosen weights for this task, or all choices are taken back.
    """
    choices = _choices(session, task)
    if not choices or choices[0].weights == DEFAULT:
        raise ModelChoiceError(
            tr(
                f"There is no choice of weights for the task {task} to take back: the default is "
                "in use. See 'namcha models list'.",
                f"任务“{task}”没有可撤回的权重选择：目前使用默认权重。请见 namcha models list。",
            )
        )
    in_use = choices[0].returns_to or choices[0].choice_id
    ids = [choice.choice_id for choice in choices]
    earlier = choices[ids.index(in_use) + 1 :]
    if not earlier:
        return _choose(session, task, DEFAULT, "", person, reason, returns_to=DEFAULT)
    before = earlier[0]
    returns_to = before.choice_id if before.returns_to is None else before.returns_to
    return _choose(
        session, task, before.weights, before.sha256, person, reason, returns_to=returns_to
    )


def _choices(session: Session, task: str) -> list[ModelChoice]:
    """All choices for a task, newest first: by the log, because a laptop's clock may be wrong."""
    return list(
        session.exec(
            select(ModelChoice)
            .join(Decision, col(Decision.decision_id) == col(ModelChoice.choice_id))
            .where(ModelChoice.task == task)
            .order_by(col(Decision.sequence).desc())
        )
    )


def _choose(
    session: Session,
    task: str,
    weights: str,
    sha256: str,
    person: str,
    reason: str,
    *,
    returns_to: str | None,
) -> ModelChoice:
    now = datetime.now(UTC)
    decision = record_decision(
        session,
        Act.MODEL_CHOSEN,
        subject=task,
        person=person,
        details={
            "weights": weights,
            "sha256": sha256,
            "reason": reason,
            "is_rolled_back": returns_to is not None,
        },
        decided_at=now,
    )
    choice = ModelChoice(
        choice_id=decision.decision_id,
        task=task,
        weights=weights,
        sha256=sha256,
        chosen_by=person,
        chosen_at=now,
        reason=reason,
        returns_to=returns_to,
    )
    session.add(choice)
    session.flush()
    return choice


def _check(task: str, weights: str, sha256: str) -> None:
    if task not in TASKS:
        raise ModelChoiceError(
            tr(
                f"There is no task {task!r}: expected {' or '.join(TASKS)}.",
                f"没有任务“{task}”：应为 {' 或 '.join(TASKS)}。",
            )
        )
    if weights == DEFAULT or (weights == OFF) != (sha256 == ""):
        raise ModelChoiceError(
            tr(
                f"A choice of weights needs their name and sha256; {weights!r} came with "
                f"{sha256!r}. Only '{OFF}' has no sha256.",
                f"选择权重需要名称与 sha256；“{weights}”的 sha256 为“{sha256}”。"
                f"只有“{OFF}”没有 sha256。",
            )
        )
