"""Commands that make a survey, fill its plots and deployments, and count it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import app, deployments_app, plots_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.survey import Survey


@app.command(help=tr("Make a survey folder.", "新建调查文件夹。"))
def init(
    folder: Annotated[Path, typer.Argument(help=tr("The folder.", "文件夹。"))],
    title: Annotated[str, typer.Option(help=tr("The study's title.", "项目名称。"))] = "",
    person: PersonOption = None,
) -> None:
    from species_db.start import start_survey
    from species_db.survey import SurveySettings

    settings = SurveySettings(title=title or folder.resolve().name)
    survey = start_survey(folder, settings, person=person_of(person))
    typer.echo(tr(f"Survey ready in {survey.folder}.", f"调查文件夹已就绪:{survey.folder}"))


@plots_app.command("import", help=tr("Take plots.csv.", "导入样地清单。"))
def plots_import(path: Path, survey: SurveyOption = None, person: PersonOption = None) -> None:
    from species_db.plots import import_plots

    typer.echo(import_plots(open_survey_of(survey), path, person=person_of(person)).as_text())


@deployments_app.command("import", help=tr("Take sheet.csv or .xlsx.", "导入布设登记表。"))
def deployments_import(
    path: Path, survey: SurveyOption = None, person: PersonOption = None
) -> None:
    from species_db.deployments import import_deployments

    typer.echo(import_deployments(open_survey_of(survey), path, person=person_of(person)).as_text())


@app.command(help=tr("Count what the survey holds.", "统计调查内容。"))
def status(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.status import survey_counts

    opened = open_survey_of(survey)
    if as_json:
        with opened.reading() as session:
            typer.echo(json.dumps(survey_counts(session), indent=2))
    else:
        say_counts(opened, tr("Survey", "调查概况"))


def say_counts(survey: "Survey", title: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from species_db.status import COUNT_NAMES, survey_counts

    table = Table(title=title, show_header=False)
    with survey.reading() as session:
        for key, count in survey_counts(session).items():
            table.add_row(tr(*COUNT_NAMES[key]), f"{count:,}")
    Console().print(table)
