"""The command that shows what cards a folder holds, before anything is imported."""

import json
from pathlib import Path
from typing import Annotated

import typer

from namcha.application import app
from namcha.options import JsonOption, SurveyOption, open_survey_of
from species_db.language import tr


@app.command(help=tr("Show the cards in a folder.", "查看文件夹中的存储卡。"))
def cards(
    folder: Annotated[
        Path, typer.Argument(help=tr("A card, or a folder of cards.", "存储卡或其上级文件夹。"))
    ],
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from ingest.glance import glance_at

    found = glance_at(open_survey_of(survey), folder)
    if as_json:
        told = [glance.as_dict() for glance in found]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for glance in found:
            typer.echo(glance.as_text())
