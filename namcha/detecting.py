"""Commands that run and train models."""

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.alerts import run_after
from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from ingest.classify import DetectReport
    from species_db.survey import Survey


@app.command(help=tr("Find animals, people and vehicles.", "检测动物、人员和车辆。"))
def detect(
    limit: Annotated[
        int | None,
        typer.Option(min=1, help=tr("At most N photos and films.", "最多 N 个照片和视频。")),
    ] = None,
    weights: Annotated[
        str,
        typer.Option(
            help=tr(
                "'general', an ONNX file, or a .pt file you trust (it can run code).",
                "general、ONNX 文件,或可信来源的 .pt 文件(.pt 可执行代码)。",
            )
        ),
    ] = "general",
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    opened, who = open_survey_of(survey), person_of(person)
    report = run_detector(opened, weights, limit, who)
    run_after(opened, who)
    if as_json:
        typer.echo(json.dumps(vars(report), ensure_ascii=False, indent=2))
    else:
        typer.echo(report.as_text())


@app.command(help=tr("Train a detector and write its card.", "训练检测模型并生成模型说明卡。"))
def train(
    data_yaml: Annotated[Path, typer.Argument(help=tr("YOLO data set.", "YOLO 数据集。"))],
    start: Annotated[Path, typer.Option(help=tr("Weights to start from.", "起始权重。"))],
    out: Annotated[Path, typer.Option(help=tr("Folder of this run.", "本次训练的文件夹。"))],
    name: Annotated[str, typer.Option(help=tr("The weights' name.", "权重名称。"))] = "trained",
    epochs: Annotated[int, typer.Option(min=1)] = 24,
    image_size: Annotated[int, typer.Option(min=64)] = 448,
    seed: int = 7,
    hours: Annotated[
        float | None, typer.Option(help=tr("Stop after so many hours.", "训练时限(小时)。"))
    ] = None,
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
    command = f"namcha train {data_yaml.name} --start {start.name} --epochs {epochs}"
    command += f" --image-size {image_size} --seed {seed} --start-share {start_share}"
    command += f" --hours {hours}" if hours else ""
    shipment = Shipment(name, "1", (command,), image_size=image_size)
    ship_weights(trained, data_yaml, folder=out / "shipped", shipment=shipment)
    typer.echo(tr(f"Weights and card in {out / 'shipped'}.", f"权重与说明卡:{out / 'shipped'}"))


def run_detector(survey: "Survey", weights: str, limit: int | None, person: str) -> "DetectReport":
    from ingest.classify import detect_media
    from models.detector import load_detector

    detector = load_detector(weights)
    with progress_line(tr("Detecting", "检测")) as show:
        return detect_media(
            survey,
            detector,
            person=person,
            limit=limit,
            report=lambda at: show(at.done, at.total),
        )
