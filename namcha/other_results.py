"""Commands that bring in what other tools said, and give out ours in their format."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namcha.alerts import run_after
from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr


class Kind(StrEnum):
    """Whose results a file holds."""

    MEGADETECTOR = "megadetector"
    SPECIESNET = "speciesnet"


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
