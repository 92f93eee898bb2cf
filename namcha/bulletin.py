"""The command that writes the county bulletin: one A4 page a month, through the gate."""

import json
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import app
from namcha.exporting import (
    PurposeOption,
    RecipientOption,
    ReleaseOption,
    ShareableOption,
    sharing_of,
)
from namcha.options import (
    JsonOption,
    PersonOption,
    SurveyOption,
    open_survey_of,
    person_of,
    today_of,
)
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.bulletin.month import Month
    from species_db.bulletin.parts import Bulletin
    from species_db.places import County
    from species_db.survey import Survey


class PageLanguage(StrEnum):
    """The language of the page; its headings stand in both."""

    ZH = "zh"
    EN = "en"


CountyArgument = Annotated[
    str, typer.Argument(help=tr("Code or name; none with --all.", "代码或名称；用 --all 时不填。"))
]
MonthArgument = Annotated[str, typer.Argument(help=tr("Like 2026-05.", "如 2026-05。"))]
OutOption = Annotated[
    Path | None,
    typer.Option(
        help=tr("The page; with --all the folder.", "输出页面；用 --all 时为输出文件夹。")
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help=tr("All seven counties.", "全部七个县（区、市）。"))
]
LanguageOption = Annotated[
    PageLanguage, typer.Option("--language", help=tr("Language of the page.", "页面语言。"))
]
OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help=tr("Made as of this day.", "以该日为制表日期。")
    ),
]


@app.command(help=tr("A county's month on one A4 page.", "县级监测月报（一页 A4）。"))
def bulletin(
    county: CountyArgument = "",
    month: MonthArgument = "",
    out: OutOption = None,
    all_counties: AllOption = False,
    language: LanguageOption = PageLanguage.ZH,
    on: OnOption = None,
    shareable: ShareableOption = False,
    purpose: PurposeOption = "",
    recipient: RecipientOption = "",
    release: ReleaseOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    opened = open_survey_of(survey)
    counties, asked = _asked(county, month, all_counties)
    today = _day(opened, on)
    sharing = sharing_of(shareable, purpose, recipient, release)
    if out is None:
        if not as_json:
            raise typer.BadParameter(
                tr("Name the page with --out FILE.html.", "请用 --out 文件.html 指定输出页面。")
            )
        _say(_only_made(opened, counties, asked, today, is_shared=shareable), all_counties)
        return
    from species_db.bulletin.leaving import export_bulletins

    written = export_bulletins(
        opened,
        counties,
        asked,
        out,
        person=person_of(person),
        today=today,
        language="en" if language is PageLanguage.EN else "zh",
        sharing=sharing,
    )
    if as_json:
        _say([one for one, _ in written], all_counties)
    else:
        for _, report in written:
            typer.echo(report.as_text())


def _asked(county: str, month: str, all_counties: bool) -> "tuple[list[County], Month]":
    """The counties and the month; with --all the one word is the month."""
    from species_db.bulletin.making import read_county
    from species_db.bulletin.month import read_month
    from species_db.places import COUNTIES

    if all_counties and county and month:
        raise typer.BadParameter(tr("--all takes no county.", "使用 --all 时不填县名。"))
    if all_counties:
        return list(COUNTIES.values()), read_month(month or county)
    return [read_county(county)], read_month(month)


def _day(survey: "Survey", on: datetime | None) -> date:
    """The day it is made as of; a day to come would let young records out."""
    from species_db.bulletin.refusal import BulletinError

    today = today_of(survey)
    if on is None:
        return today
    if on.date() > today:
        raise BulletinError(
            tr(
                f"{on.date()} is still to come: today is {today}. Leave --on out.",
                f"{on.date()} 尚未到来：今天是 {today}。请去掉 --on。",
            )
        )
    return on.date()


def _only_made(
    survey: "Survey", counties: "list[County]", month: "Month", today: date, *, is_shared: bool
) -> "list[Bulletin]":
    from species_db.bulletin.making import make_bulletins, read_month_of
    from species_db.vocabulary import Secrecy

    audience = Secrecy.SHAREABLE if is_shared else Secrecy.INTERNAL
    with survey.reading() as session:
        read = read_month_of(session, survey.settings, month, today=today, audience=audience)
    return make_bulletins(read, counties)


def _say(told: "list[Bulletin]", all_counties: bool) -> None:
    from species_db.bulletin.plain import as_json

    plain = [as_json(one) for one in told]
    typer.echo(json.dumps(plain if all_counties else plain[0], ensure_ascii=False, indent=2))
