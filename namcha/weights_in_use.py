"""Which weights a command means: those it names, else those that the survey has chosen."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from species_db.language import tr
from species_db.model_choice import DETECTOR, OFF, chosen_model

if TYPE_CHECKING:
    from models.detector import Detector
    from models.engines import EngineName
    from species_db.survey import Survey

DEFAULT_WEIGHTS = {DETECTOR: "general"}
OWN_FOLDER = "models"  # inside a survey: weights that are neither shipped nor pulled


class WeightsInUseError(Exception):
    """The chosen weights are not here, are not the same bytes any more, or are switched off."""


@dataclass(frozen=True)
class Named:
    """Weights by what a survey calls them, with where they lie and which bytes they are."""

    weights: str
    path: Path
    sha256: str


def detector_of(
    survey: "Survey", weights: str | None, *, engine: "EngineName | None" = None
) -> "Detector":
    """Load the named weights, else those the survey has chosen, with the survey's class table.

    Raises:
        WeightsError: they cannot be opened, or a class of theirs is not decided.
        WeightsInUseError: the choice of the survey does not hold on this computer.
    """
    from models.classes import table_for
    from models.detector import load_detector
    from models.engines import EngineName
    from models.shelf import find_weights

    if weights is None:
        path = chosen_weights(survey, DETECTOR)
    else:
        path = find_weights(weights)
        warn_of_code(path, engine=engine)
    table = table_for(survey.folder)
    return load_detector(path, table=table, engine=engine or EngineName.AUTO)


def chosen_weights(survey: "Survey", task: str) -> Path:
    """Where the weights lie that the survey has chosen for a task, else the default's.

    Raises:
        WeightsError: nothing of that name is on this computer.
        WeightsInUseError: other bytes lie there than were chosen, or the task is switched off.
    """
    from models.shelf import find_weights, weights_sha256

    with survey.reading() as session:
        choice = chosen_model(session, task)
    if choice is None:
        return find_weights(DEFAULT_WEIGHTS[task])
    if choice.weights == OFF:
        raise WeightsInUseError(
            tr(
                f"{choice.chosen_by} has switched the task {task} off in this survey. Choose "
                "weights with 'namcha models use NAME'.",
                f"{choice.chosen_by} 已在本调查项目中关闭任务“{task}”。"
                "请用 namcha models use 名称 选择权重。",
            )
        )
    path = find_weights(choice.weights, inside=survey.folder)
    found = weights_sha256(path)
    if found != choice.sha256:
        raise WeightsInUseError(
            tr(
                f"{choice.chosen_by} chose {choice.weights} with sha256 {choice.sha256}, but on "
                f"this computer it has {found}: another version, or a changed file. Bring the same "
                f"file here, or choose this one with 'namcha models use {choice.weights}'.",
                f"{choice.chosen_by} 选择的 {choice.weights} 的 sha256 为 {choice.sha256}，"
                f"而本机上为 {found}：版本不同或文件已更改。请带来同一文件，"
                f"或用 namcha models use {choice.weights} 选用本机的文件。",
            )
        )
    return path


def settle_in(survey: "Survey", weights: str) -> Named:
    """Call weights by a name that holds on every computer the survey is carried to.

    Shipped and pulled weights have one. Any other file is copied into the survey folder with its
    card: a path of this computer means nothing on the next one, and a stick is pulled out.

    Raises:
        WeightsError: nothing lies there.
    """
    from models.shelf import card_path, find_weights, held_weights, weights_sha256

    path = find_weights(weights, inside=survey.folder)
    sha256 = weights_sha256(path)
    if weights in held_weights():
        return Named(weights, path, sha256)
    inside = path.resolve()
    if not inside.is_relative_to(survey.folder.resolve()):
        home = survey.folder / OWN_FOLDER / sha256[:12]
        home.mkdir(parents=True, exist_ok=True)
        inside = (home / path.name).resolve()
        if path.is_dir():
            shutil.copytree(path, inside, dirs_exist_ok=True)
        else:
            shutil.copyfile(path, inside)
            if card_path(path).is_file():
                shutil.copyfile(card_path(path), card_path(inside))
    relative = inside.relative_to(survey.folder.resolve())
    return Named(relative.as_posix(), inside, sha256)


def warn_of_code(path: Path, *, engine: "EngineName | None" = None) -> None:
    """Say that opening a checkpoint runs what is in it; shipped and pulled ones are vouched for."""
    from models.engines import EngineName, checkpoint_for
    from models.shelf import held_weights

    path = checkpoint_for(path, engine or EngineName.AUTO) or path
    known = {held.path for held in held_weights().values()}
    known |= {one.with_suffix(".pt") for one in known}
    if path.suffix == ".pt" and path not in known:
        told = tr(
            f"{path.name} is a checkpoint: opening it runs what its maker put into it. Use only "
            "files of people you trust; an ONNX file cannot do that.",
            f"{path.name} 是 .pt 权重文件：打开时会执行其中的代码。请只使用可信来源的文件；"
            "ONNX 文件没有这一风险。",
        )
        typer.secho(told, fg=typer.colors.YELLOW, err=True)
