"""Commands that bring in what other tools said, and give out ours in their format."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namcha.alerts import run_after
from namcha.application import app, export_app
from namcha.exporting import (
    PurposeOption,
    RecipientOption,
    ReleaseOption,
    ShareableOption,
    sharing_of,
)
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr


class Kind(StrEnum):
    """Whose results a file holds."""

    MEGADETECTOR = "megadetector"
    SPECIESNET = "speciesnet"


class PathChoice(StrEnum):
    """Where the pictures lie that an export is opened beside."""

    KEPT = "kept"
    CARD = "card"
    RESULTS = "results"


ModelOption = Annotated[
    str | None, typer.Option(help=tr("Whose answers; else the latest.", "模型名称；缺省为最近的。"))
]
MinScoreOption = Annotated[
    float, typer.Option(min=0, max=1, help=tr("This score and more.", "分值 ≥ 此值。"))
]
PathsOption = Annotated[
    PathChoice | None,
    typer.Option(
        help=tr(
            "kept: as the survey keeps the pictures; card: in folders named after deployments; "
            "results: as in the other tool's file.",
            "kept：调查保存照片的路径；card：按布设命名的存储卡副本；"
            "results：其他工具文件中的路径。",
        )
    ),
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        help=tr(
            "The folder that will be opened; else the survey's media.",
            "将要打开的图像文件夹；缺省为调查的 media。",
        )
    ),
]
OneDeploymentOption = Annotated[
    str | None, typer.Option(help=tr("Of this one alone.", "仅此布设。"))
]
ForOthersOption = Annotated[
    bool,
    typer.Option(
        "--for-others",
        help=tr(
            "Through the gate, for a Camtrap DP package with pictures.",
            "经脱敏，与附照片的 Camtrap DP 数据包配合。",
        ),
    ),
]
ReasonOption = Annotated[
    str, typer.Option(help=tr("Why true names are written.", "写出真实文件名的理由。"))
]


@app.command(
    "import-results",
    help=tr(
        "Take answers of another tool: MegaDetector JSON 1.2 to 1.6, SpeciesNet predictions.",
        "导入其他工具的识别结果：MegaDetector JSON 1.2 至 1.6、SpeciesNet 预测文件。",
    ),
)
def import_results_(
    file: Annotated[Path, typer.Argument(help=tr("The other tool's JSON.", "其他工具的 JSON。"))],
    kind: Annotated[
        Kind | None,
        typer.Option("--format", help=tr("Recognised when left out.", "缺省时自动识别。")),
    ] = None,
    deployment: Annotated[
        str | None,
        typer.Option(help=tr("All its files are of this one.", "全部文件属于该布设。")),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help=tr("Keep boxes of this score and more.", "保留分值 ≥ 此值的边框。"),
        ),
    ] = 0.2,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=tr("Only say what would happen.", "只预演，不写入。"))
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from ingest.other_results import ImportSettings, ResultsFormat, import_results, read_results

    opened, who = open_survey_of(survey), person_of(person)
    results = read_results(file, ResultsFormat[kind.name] if kind else None)
    with progress_line(tr("Importing results", "导入结果")) as show:
        report = import_results(
            opened,
            results,
            person=who,
            deployment_id=deployment,
            settings=ImportSettings(threshold=threshold),
            is_dry_run=dry_run,
            report=show,
        )
    if not dry_run:
        run_after(opened, who)
    told = json.dumps(report.as_json(), ensure_ascii=False, indent=2)
    typer.echo(told if as_json else report.as_text())


@export_app.command(
    "megadetector",
    help=tr(
        "A model's answers as MegaDetector JSON, for Timelapse and AddaxAI.",
        "将模型结果导出为 MegaDetector JSON，供 Timelapse 和 AddaxAI 打开。",
    ),
)
def export_megadetector_(
    out: Path,
    model: ModelOption = None,
    min_score: MinScoreOption = 0.0,
    paths: PathsOption = None,
    root: RootOption = None,
    deployment: OneDeploymentOption = None,
    for_others: ForOthersOption = False,
    reason: ReasonOption = "",
    shareable: ShareableOption = False,
    purpose: PurposeOption = "",
    recipient: RecipientOption = "",
    release: ReleaseOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from models.film import wanted_seconds
    from species_db.export.megadetector import AtTheDesk, ForOthers, PathStyle, export_megadetector

    sharing = sharing_of(shareable, purpose, recipient, release)
    if sharing and not for_others:
        raise typer.BadParameter(
            tr("--shareable goes with --for-others.", "--shareable 须与 --for-others 一起使用。")
        )
    desk = AtTheDesk(
        **({"reason": reason} if reason else {}),
        paths=PathStyle(paths.value) if paths else None,
        root=root,
        deployment_id=deployment,
    )
    report = export_megadetector(
        open_survey_of(survey),
        out,
        person=person_of(person),
        model=model,
        min_score=min_score,
        audience=ForOthers(sharing) if for_others else desk,
        film_moments=wanted_seconds,
    )
    typer.echo(report.as_text())
