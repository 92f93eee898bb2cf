"""What many commands ask: which survey, which person, JSON or text."""

import getpass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from species_db.language import tr

if TYPE_CHECKING:
    from species_db.survey import Survey

SurveyOption = Annotated[
    Path | None,
    typer.Option(
        "--survey",
        envvar="NAMCHA_SURVEY",
        help=tr("Survey folder; else the current one.", "调查文件夹;缺省为当前文件夹。"),
    ),
]
PersonOption = Annotated[
    str | None,
    typer.Option(
        "--person",
        envvar="NAMCHA_PERSON",
        help=tr("Who does this, for the log.", "操作人,写入日志。"),
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=tr("Print JSON.", "输出 JSON。"))]


def open_survey_of(folder: Path | None) -> "Survey":
    from species_db.survey import open_survey

    return open_survey(folder or Path.cwd())


def survey_if_any(folder: Path | None) -> "Survey | None":
    """The survey that is named, or the one of the current folder when there is one."""
    from species_db.survey import SETTINGS_FILE

    is_here = (Path.cwd() / SETTINGS_FILE).is_file()
    return open_survey_of(folder) if folder is not None or is_here else None


def today_of(survey: "Survey") -> date:
    """The date in Linzhi, not at the computer: a list is in force by the day at its place."""
    from species_db.sensitivity import local_today

    return local_today(survey.settings)


def person_of(person: str | None) -> str:
    try:
        return person or getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise typer.BadParameter(
            tr("Who are you? Pass --person NAME.", "请用 --person 说明操作人。")
        ) from None


def weights_name(name: str) -> str:
    """Refuse a name that no file can bear before training, not after."""
    from models.registry import NAME

    if NAME.fullmatch(name):
        return name
    raise typer.BadParameter(
        tr(
            f"'{name}' cannot name weights: small letters, digits, dots and hyphens can, and it "
            "begins with a letter or digit. Pass --name own-detector, say.",
            f"“{name}”不能用作权重名称：只能使用小写字母、数字、点和连字符，"
            "并以字母或数字开头。例如 --name own-detector。",
        )
    )
