"""Commands that read cards into a survey."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr

if TYPE_CHECKING:
    from ingest.receipt import Receipt
    from species_db.survey import Survey


@app.command("import", help=tr("Read a card into the survey.", "导入存储卡。"))
def import_(
    card: Path,
    deployment: Annotated[
        str | None,
        typer.Option(help=tr("Deployment; else by folder name.", "布设编号;缺省按文件夹名匹配。")),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    receipts = import_cards(open_survey_of(survey), card, deployment, person_of(person))
    if as_json:
        told = [json.loads(receipt.as_json()) for receipt in receipts]
        typer.echo(json.dumps(told[0] if len(told) == 1 else told, ensure_ascii=False, indent=2))
    else:
        for receipt in receipts:
            typer.echo(receipt.as_text())


def import_cards(
    survey: "Survey", root: Path, deployment_id: str | None, person: str
) -> "list[Receipt]":
    from ingest.import_card import import_card
    from ingest.matching import cards_to_import

    receipts = []
    for path, matched in cards_to_import(survey, root, deployment_id):
        with progress_line(tr(f"Card of {matched}", f"读卡 {matched}"), is_bytes=True) as show:
            receipt = import_card(
                survey,
                path,
                deployment_id=matched,
                person=person,
                report=lambda at: show(at.bytes, at.total_bytes),
            )
        receipts.append(receipt)
    return receipts
