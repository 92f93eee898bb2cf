"""Commands on weights: which there are, fetching more, and choosing what does the work."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import models_app
from namcha.options import (
    JsonOption,
    PersonOption,
    SurveyOption,
    open_survey_of,
    person_of,
    survey_if_any,
)
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from models.registry import Entry
    from species_db.survey import Survey

TaskOption = Annotated[
    str,
    typer.Option(
        "--task", help=tr("detector or classifier.", "detector（检测）或 classifier（分类）。")
    ),
]
ReasonOption = Annotated[
    str, typer.Option("--reason", help=tr("Why, for the log.", "原因，写入日志。"))
]


@models_app.command("list", help=tr("Weights here, and those to pull.", "本机与可下载的权重。"))
def list_(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from models.registry import read_registry
    from models.shelf import held_weights
    from namcha.model_words import rows

    opened = survey_if_any(survey)
    in_use = _in_use(opened) if opened else {}
    found = rows(held_weights().values(), read_registry().values(), in_use)
    if as_json:
        typer.echo(_json([vars(row) for row in found]))
        return
    for row in found:
        typer.echo(row.as_line())
    if opened:
        typer.echo(tr("* in use in this survey", "* 本调查项目正在使用"))
    else:
        typer.echo(tr("(no survey here: nothing is in use)", "（当前不在调查项目中）"))


@models_app.command("pull", help=tr("Fetch weights, or take a file.", "下载权重，或从文件导入。"))
def pull_(
    name: Annotated[str, typer.Argument(help=tr("A name of the list.", "清单中的名称。"))],
    from_file: Annotated[
        Path | None,
        typer.Option("--from-file", help=tr("A file carried here by USB.", "用 U 盘带来的文件。")),
    ] = None,
    trust_first: Annotated[
        bool,
        typer.Option("--trust-first", help=tr("Without a checksum.", "没有校验值时仍接受。")),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    from models.pull import pull
    from namcha.model_words import VOUCHED, not_run_here

    entry = _offered(name)
    with progress_line(name, is_bytes=True) as show:
        pulled = pull(entry, from_file=from_file, trust_first=trust_first, report=show)
    if as_json:
        typer.echo(_json(vars(pulled) | {"path": str(pulled.path)}))
        return
    typer.echo(
        tr(
            f"{name} lies at {pulled.path}\nsha256 {pulled.sha256}\n"
            f"Checked: {tr(*VOUCHED[pulled.vouched_by])}.",
            f"{name} 已存放于 {pulled.path}\nsha256 {pulled.sha256}\n"
            f"校验：{tr(*VOUCHED[pulled.vouched_by])}。",
        )
    )
    use = tr(f"Use it: namcha models use {name}", f"选用：namcha models use {name}")
    typer.echo(use if entry.runs_here else not_run_here(name))


@models_app.command("use", help=tr("Let weights do the work here.", "在本调查项目中选用权重。"))
def use(
    weights: Annotated[
        str, typer.Argument(metavar="NAME|PATH|off", help=tr("What to use.", "要选用的权重。"))
    ],
    task: Annotated[
        str | None, typer.Option("--task", help=tr("Else by its card.", "缺省按说明卡。"))
    ] = None,
    reason: ReasonOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from models.shelf import find_weights, read_card
    from namcha.weights_in_use import settle_in, warn_of_code
    from species_db.model_choice import CLASSIFIER, DETECTOR, OFF, choose_model

    opened, who = open_survey_of(survey), person_of(person)
    if weights == OFF:
        if task != CLASSIFIER:
            raise typer.BadParameter(
                tr("Only --task classifier can be off.", "只能关闭 --task classifier。")
            )
        name, sha256, doing = OFF, "", CLASSIFIER
    else:
        _refuse_foreign(weights)
        path = find_weights(weights, inside=opened.folder)
        doing = task or str(read_card(path).get("task", DETECTOR))
        warn_of_code(path)
        _try_out(opened, path, doing)
        named = settle_in(opened, weights)
        name, sha256 = named.weights, named.sha256
    with opened.writing() as session:
        choose_model(session, doing, weights=name, sha256=sha256, person=who, reason=reason)
    typer.echo(
        tr(
            f"{name} does the task {doing} in this survey from now on. Back: namcha models "
            f"rollback --task {doing}",
            f"本调查项目今后由 {name} 执行任务“{doing}”。"
            f"撤回：namcha models rollback --task {doing}",
        )
    )


@models_app.command("rollback", help=tr("Back to the choice before.", "撤回到上一次的选择。"))
def rollback(
    task: TaskOption = "detector",
    reason: ReasonOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.model_choice import roll_back

    opened, who = open_survey_of(survey), person_of(person)
    with opened.writing() as session:
        choice = roll_back(session, task, person=who, reason=reason)
    name = choice.weights or tr("the default", "默认权重")
    typer.echo(
        tr(
            f"{name} does the task {task} again.",
            f"任务“{task}”恢复由 {name} 执行。",
        )
    )


def _in_use(survey: "Survey") -> dict[str, tuple[str, Path]]:
    from namcha.weights_in_use import DEFAULT_WEIGHTS
    from species_db.model_choice import OFF, TASKS, chosen_model

    found = {}
    with survey.reading() as session:
        for task in TASKS:
            choice = chosen_model(session, task)
            name = choice.weights if choice else DEFAULT_WEIGHTS.get(task, OFF)
            if name != OFF:
                found[task] = (name, survey.folder.joinpath(*name.split("/")))
    return found


def _offered(name: str) -> "Entry":
    from models.registry import read_registry
    from namcha.weights_in_use import WeightsInUseError
    from species_db.language import did_you_mean

    entries = read_registry()
    if name not in entries:
        raise WeightsInUseError(
            tr(
                f"The list of models has no {name}.{did_you_mean(name, entries)} It offers "
                f"{', '.join(entries)}.",
                f"模型清单中没有 {name}。{did_you_mean(name, entries)}"
                f"可下载：{'、'.join(entries)}。",
            )
        )
    return entries[name]


def _refuse_foreign(weights: str) -> None:
    from models.registry import read_registry
    from models.shelf import held_weights
    from namcha.model_words import not_run_here
    from namcha.weights_in_use import WeightsInUseError

    entry = read_registry().get(weights)
    if entry and not entry.runs_here:
        raise WeightsInUseError(not_run_here(weights))
    if entry and weights not in held_weights():
        raise WeightsInUseError(
            tr(
                f"{weights} is not on this computer yet. Fetch it first: namcha models pull "
                f"{weights}",
                f"本机尚无 {weights}。请先下载：namcha models pull {weights}",
            )
        )


def _try_out(survey: "Survey", path: Path, task: str) -> None:
    """Open weights before they are chosen, so that no run stops for what can be known now."""
    if task == "classifier":
        from models.classifier import load_classifier

        load_classifier(path)
    else:
        from models.classes import table_for
        from models.detector import load_detector

        load_detector(path, table=table_for(survey.folder))


def _json(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2, default=str)
