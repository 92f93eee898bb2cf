"""The command that runs a detector."""

import json
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
