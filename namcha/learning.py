"""Commands that learn from reviews: a detector, a classifier, and the data set for others."""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import export_app, train_app
from namcha.options import (
    JsonOption,
    PersonOption,
    SurveyOption,
    open_survey_of,
    person_of,
    weights_name,
)
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.survey import Survey
    from training.round import Outcome
    from training.work import Asked, Stage


class Classes(StrEnum):
    """What the classes are."""

    LABELS = "labels"
    TAXA = "taxa"


class Form(StrEnum):
    """How a training set is written."""

    YOLO = "yolo"
    COCO = "coco"


ClassesOption = Annotated[
    Classes,
    typer.Option(
        help=tr(
            "labels: animal, person, vehicle. taxa: one class for each taxon that suffices.",
            "labels：动物、人员、车辆；taxa：样本足够的物种各成一类。",
        )
    ),
]
NameOption = Annotated[
    str, typer.Option(help=tr("The weights' name.", "权重名称。"), callback=weights_name)
]
EpochsOption = Annotated[int, typer.Option(min=1, help=tr("Rounds over all photos.", "训练轮数。"))]
HoursOption = Annotated[
    float | None, typer.Option(help=tr("Stop after so many hours.", "训练时限（小时）。"))
]
StartOption = Annotated[
    str,
    typer.Option(
        help=tr("Weights to start from; else those in use.", "起始权重；缺省为现用权重。")
    ),
]
PeopleOption = Annotated[
    bool,
    typer.Option(
        "--with-people",
        help=tr(
            "Teach with photos of people too; they are copied for the time of training.",
            "也用含人物的照片训练；训练期间会复制这些照片。",
        ),
    ),
]
BoxesOption = Annotated[
    int, typer.Option(min=1, help=tr("Boxes a class needs.", "每类最少方框数。"))
]
StationsOption = Annotated[
    int, typer.Option(min=1, help=tr("Stations a class needs.", "每类最少位点数。"))
]
DryOption = Annotated[
    bool, typer.Option("--dry-run", help=tr("Show the class balance only.", "仅显示类别数量。"))
]
KeepOption = Annotated[
    bool,
    typer.Option(
        "--no-promote",
        help=tr("Compare, and leave the weights in use.", "只比较，不更换现用权重。"),
    ),
]


@train_app.command("detector", help=tr("Learn to find, from reviews.", "用审核结果训练检测模型。"))
def train_detector_(
    classes: ClassesOption = Classes.LABELS,
    name: NameOption = "own-detector",
    epochs: EpochsOption = 12,
    image_size: Annotated[int, typer.Option(min=64)] = 512,
    seed: int = 7,
    hours: HoursOption = None,
    start: StartOption = "",
    with_people: PeopleOption = False,
    least_boxes: BoxesOption = 50,
    least_stations: StationsOption = 3,
    dry_run: DryOption = False,
    no_promote: KeepOption = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    asked = _asked(
        "detector",
        classes,
        name,
        (epochs, image_size, seed, hours, start),
        (least_boxes, least_stations),
        with_people=with_people,
    )
    _round(asked, survey, person, dry_run=dry_run, promotes=not no_promote, as_json=as_json)


@train_app.command(
    "classifier", help=tr("Learn to name, from reviews.", "用审核结果训练分类模型。")
)
def train_classifier_(
    name: NameOption = "own-classifier",
    epochs: EpochsOption = 30,
    image_size: Annotated[int, typer.Option(min=32)] = 128,
    seed: int = 7,
    hours: HoursOption = None,
    start: StartOption = "",
    with_people: PeopleOption = False,
    least_boxes: BoxesOption = 50,
    least_stations: StationsOption = 3,
    dry_run: DryOption = False,
    no_promote: KeepOption = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    asked = _asked(
        "classifier",
        Classes.TAXA,
        name,
        (epochs, image_size, seed, hours, start),
        (least_boxes, least_stations),
        with_people=with_people,
    )
    _round(asked, survey, person, dry_run=dry_run, promotes=not no_promote, as_json=as_json)


@train_app.command(
    "from-dataset", help=tr("Train on a YOLO data set.", "用 YOLO 数据集训练检测模型。")
)
def train_from_dataset(
    data_yaml: Annotated[Path, typer.Argument(help=tr("YOLO data set.", "YOLO 数据集。"))],
    start: Annotated[Path, typer.Option(help=tr("Weights to start from.", "起始权重。"))],
    out: Annotated[Path, typer.Option(help=tr("Folder of this run.", "本次训练的文件夹。"))],
    name: NameOption = "trained",
    epochs: EpochsOption = 24,
    image_size: Annotated[int, typer.Option(min=64)] = 448,
    seed: int = 7,
    hours: HoursOption = None,
    start_share: Annotated[
        float,
        typer.Option(min=0, max=1, help=tr("Share of start weights kept.", "保留起始权重的比例。")),
    ] = 0.0,
) -> None:
    from training.ship import Shipment, ship_weights
    from training.train import Recipe, train_detector

    logging.basicConfig(level=logging.INFO, format="%(message)s")  # an epoch's line as it ends
    recipe = Recipe(
        epochs=epochs, image_size=image_size, seed=seed, hours=hours, start_share=start_share
    )
    trained = train_detector(data_yaml, start_weights=start, out=out, recipe=recipe)
    command = f"namcha train from-dataset {data_yaml.name} --start {start.name} --epochs {epochs}"
    command += f" --image-size {image_size} --seed {seed} --start-share {start_share}"
    command += f" --hours {hours}" if hours else ""
    shipment = Shipment(name, "1", (command,), image_size=image_size)
    ship_weights(trained, data_yaml, folder=out / "shipped", shipment=shipment)
    typer.echo(tr(f"Weights and card in {out / 'shipped'}.", f"权重与说明卡：{out / 'shipped'}"))


@export_app.command(
    "training-set",
    help=tr("Photos, boxes and splits for others.", "供他人训练的照片、方框与划分。"),
)
def export_training_set_(
    out: Path,
    form: Annotated[Form, typer.Option("--format")] = Form.YOLO,
    classes: ClassesOption = Classes.LABELS,
    least_boxes: BoxesOption = 50,
    least_stations: StationsOption = 3,
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from training.export_set import export_training_set
    from training.plan import PlanSettings
    from training.scheme import Least

    least = Least(boxes=least_boxes, stations=least_stations)
    with progress_line(tr("Copying photos", "复制照片")) as show:
        report = export_training_set(
            open_survey_of(survey),
            out,
            settings=PlanSettings("detector", classes.value, least=least),
            form=form.value,
            person=person_of(person),
            on_picture=show,
        )
    typer.echo(report.as_text())


def _asked(
    task: str,
    classes: Classes,
    name: str,
    recipe: tuple[int, int, int, float | None, str],
    least: tuple[int, int],
    *,
    with_people: bool,
) -> "Asked":
    from training.plan import PlanSettings
    from training.scheme import Least
    from training.work import Asked

    epochs, image_size, seed, hours, start = recipe
    settings = PlanSettings(
        task,
        classes.value,
        with_people=with_people,
        least=Least(boxes=least[0], stations=least[1]),
    )
    return Asked(name, settings, epochs, image_size, seed, hours, start)


def _round(
    asked: "Asked",
    survey: Path | None,
    person: str | None,
    *,
    dry_run: bool,
    promotes: bool,
    as_json: bool,
) -> None:
    from training.round import learn, plan_round
    from training.scheme import TooFewBoxesError
    from training.splits import SplitError

    opened, who = open_survey_of(survey), person_of(person)
    if dry_run:  # it asks what is lacking, so that something is lacking is an answer
        try:
            plan = plan_round(opened, asked)
        except (SplitError, TooFewBoxesError) as lacking:
            typer.echo(_json({"lacking": str(lacking)}) if as_json else str(lacking))
            return
        typer.echo(_json(asdict(plan.told())) if as_json else plan.as_text())
        return
    with ExitStack() as lines, redirect_stdout(sys.stderr):  # trainers print what they please
        outcome = learn(
            opened,
            asked,
            person=who,
            champion=_champion(opened, asked.settings.task),
            is_promoting=promotes,
            report=_Teller(lines).tell,
        )
    typer.echo(_json(_told(outcome)) if as_json else _text(outcome))


def _champion(survey: "Survey", task: str) -> Path | None:
    """The weights that do the task now; no classifier may be in use at all."""
    from namcha.weights_in_use import DEFAULT_WEIGHTS, chosen_weights
    from species_db.model_choice import OFF, chosen_model

    with survey.reading() as session:
        choice = chosen_model(session, task)
    if choice is None and task not in DEFAULT_WEIGHTS:
        return None
    return None if choice and choice.weights == OFF else chosen_weights(survey, task)


class _Teller:
    """One progress line for copying and testing, and one line for each epoch."""

    def __init__(self, lines: ExitStack) -> None:
        self.lines, self.name = lines, ""
        self.show: Callable[[int, int], None] = lambda done, total: None

    def tell(self, stage: "Stage") -> None:
        if stage.name == "training":
            self.lines.close()
            self.name = stage.name
            typer.echo(stage.note + _left(stage.seconds_left), err=True)
            return
        if stage.name != self.name:
            self.lines.close()
            self.name = stage.name
            words = {
                "copying": tr("Copying photos", "复制照片"),
                "testing": tr("Testing", "测试"),
            }
            self.show = self.lines.enter_context(progress_line(words[stage.name]))
        self.show(stage.done, stage.total)


def _left(seconds: float | None) -> str:
    if not seconds:
        return ""
    return tr(f"; {seconds / 60:.1f} minutes left", f"；剩余 {seconds / 60:.1f} 分钟")


def _text(outcome: "Outcome") -> str:
    from training.comparison_text import comparison_text

    state = {
        "promoted": tr(
            f"{outcome.weights} is in use from now on. 'namcha models rollback' takes it back.",
            f"今后使用 {outcome.weights}。可用 namcha models rollback 撤回。",
        ),
        "compared": tr(
            f"{outcome.weights} is better; the weights in use were left, as asked.",
            f"{outcome.weights} 更优；按要求未更换现用权重。",
        ),
        "refused": tr(
            f"{outcome.weights} was kept, and the weights in use stay in use.",
            f"{outcome.weights} 已保留；现用权重不变。",
        ),
    }[outcome.state]
    return "\n".join((outcome.plan.as_text(), "", comparison_text(outcome.comparison), state))


def _told(outcome: "Outcome") -> dict[str, Any]:
    return {
        "run_id": outcome.run_id,
        "state": outcome.state,
        "was_taken_up": outcome.was_taken_up,
        "weights": outcome.weights,
        "plan": asdict(outcome.plan.told()),
        "comparison": asdict(outcome.comparison),
    }


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)
