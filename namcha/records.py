"""The commands of field records: the template that teams fill in, and taking it back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import records_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import FieldProtocol

if TYPE_CHECKING:
    from species_db.field_sheet import SheetError

DryRunOption = Annotated[
    bool,
    typer.Option("--dry-run", help=tr("Check only; write nothing.", "仅检查，不写入。")),
]


@records_app.command(
    "template",
    help=tr("Write an empty sheet: .xlsx or .csv.", "生成空白记录表：.xlsx 或 .csv。"),
)
def template(
    out: Path,
    protocol: Annotated[
        FieldProtocol | None, typer.Option(help=tr("For one method only.", "仅一种方法。"))
    ] = None,
    survey: SurveyOption = None,
) -> None:
    from species_db.field.records.template import read_choices, write_template

    if out.suffix.lower() not in (".xlsx", ".csv"):
        told = tr(
            f"{out.name}: the name must end in .xlsx or .csv.",
            f"{out.name}：文件名须以 .xlsx 或 .csv 结尾。",
        )
        raise typer.BadParameter(told)
    with open_survey_of(survey).reading() as session:
        choices = read_choices(session)
    write_template(out, choices=choices, protocol=protocol)
    typer.echo(tr(f"{out} is ready to be filled in.", f"{out} 已生成，可供填写。"))


@records_app.command(
    "import",
    help=tr("Take a filled-in sheet, whole or not at all.", "导入记录表；有误则整表不导入。"),
)
def import_(
    sheet: Path,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
    dry_run: DryRunOption = False,
) -> None:
    from species_db.field import import_records
    from species_db.field_sheet import SheetError

    opened = open_survey_of(survey)
    try:
        report = import_records(opened, sheet, person=person_of(person), is_dry_run=dry_run)
    except SheetError as error:
        if not as_json:
            raise
        typer.echo(_mistakes_as_json(error))
        raise typer.Exit(1) from None
    typer.echo(report.as_json() if as_json else report.as_text())


def _mistakes_as_json(error: "SheetError") -> str:
    mistakes = [vars(mistake) for mistake in error.mistakes]
    return json.dumps({"error": str(error), "mistakes": mistakes}, ensure_ascii=False, indent=2)
