"""The commands of the map: take in areas, list them, and tell where a place lies."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from namcha.application import geo_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.gcj02 import Datum
from species_db.language import tr
from species_db.vocabulary import AreaKind


@geo_app.command(
    "import",
    help=tr(
        "Take in outlines of reserves, core zones, red lines or projects.",
        "导入自然保护区、核心区、红线或项目区边界。",
    ),
)
def import_(
    file: Path,
    kind: Annotated[
        AreaKind,
        typer.Option(help=tr("What they are; counties are there.", "区域类型；县界自带。")),
    ],
    datum: Annotated[
        Datum | None,
        typer.Option(
            help=tr("What its degrees are, if the file is silent or wrong.", "经纬度的坐标系。"),
        ),
    ] = None,
    name_field: Annotated[
        str | None, typer.Option(help=tr("The field with the names.", "名称字段。"))
    ] = None,
    valid_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=tr("First day they hold.", "生效日期。")),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.geo.import_areas import import_areas

    report = import_areas(
        open_survey_of(survey),
        file,
        kind=kind,
        person=person_of(person),
        datum=datum,
        name_field=name_field,
        valid_from=valid_from.date() if valid_from else None,
    )
    typer.echo(report.as_json() if as_json else report.as_text())


@geo_app.command(
    "list",
    help=tr(
        "List the areas, and the places whose county the outlines doubt.",
        "列出区域，以及县域与界线不符的地点。",
    ),
)
def list_(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.geo.overview import read_overview

    with open_survey_of(survey).reading() as session:
        overview = read_overview(session)
    typer.echo(overview.as_json() if as_json else overview.as_text())


@geo_app.command(
    help=tr("Tell in which county and areas a place lies.", "查询某地所在的县和区域。"),
    context_settings={"ignore_unknown_options": True},  # a latitude may begin with a minus
)
def where(
    latitude: str, longitude: str, survey: SurveyOption = None, as_json: JsonOption = False
) -> None:
    from species_db.geo.overview import read_whereabouts
    from species_db.places import CoordinateError, parse_place

    try:
        north, east = parse_place(latitude, longitude)
    except CoordinateError as error:
        raise typer.BadParameter(str(error)) from None
    with open_survey_of(survey).reading() as session:
        found = read_whereabouts(session, north, east)
    told = json.dumps(found.as_rows(), ensure_ascii=False, indent=2) if as_json else found.as_text()
    typer.echo(told)
