"""Packages of other people's camera-trap data, taken in whole or not at all."""

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
    """Whose format a package has."""

    CAMTRAP_DP = "camtrap-dp"
    WILDLIFE_INSIGHTS = "wildlife-insights"
    CAMTRAPR = "camtrapr"
    TIMELAPSE = "timelapse"
    CAMELOT = "camelot"
    FOLDERS = "folders"


@app.command(
    "import-package",
    help=tr(
        "Take others' data: Camtrap DP, Wildlife Insights, camtrapR, Timelapse, Camelot.",
        "导入他人数据：Camtrap DP、Wildlife Insights、camtrapR、Timelapse、Camelot。",
    ),
)
def import_package_(
    path: Annotated[
        Path,
        typer.Argument(help=tr("Folder, zip file or table.", "文件夹、zip 文件或表格。")),
    ],
    kind: Annotated[
        Kind | None,
        typer.Option("--format", help=tr("Recognised when left out.", "缺省时自动识别。")),
    ] = None,
    utc_offset: Annotated[
        str | None,
        typer.Option(
            "--utc-offset",
            help=tr("Of times without a zone; else the survey's.", "无时区时间所用；缺省同调查。"),
        ),
    ] = None,
    utm_zone: Annotated[
        str,
        typer.Option("--utm-zone", help=tr("Of places in metres: 46N.", "以米计坐标的分带：46N。")),
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=tr("Only say what would happen.", "只预演，不写入。"))
    ] = False,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from ingest.packages import PackageFormat, ReadSettings, import_package, read_package
    from species_db.survey import parse_utc_offset

    opened, who = open_survey_of(survey), person_of(person)
    offset = parse_utc_offset(utc_offset) if utc_offset else opened.settings.utc_offset_seconds
    package = read_package(
        path,
        ReadSettings(offset, utm_zone),
        expected=PackageFormat(kind.value) if kind else None,
    )
    with progress_line(tr("Importing a package", "导入数据包")) as show:
        report = import_package(opened, package, person=who, is_dry_run=dry_run, report=show)
    if not dry_run and not report.is_known:
        run_after(opened, who)
    told = json.dumps(report.as_json(), ensure_ascii=False, indent=2)
    typer.echo(told if as_json else report.as_text())
