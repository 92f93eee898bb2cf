"""Commands that write tables for others, through the gate."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from namcha.application import export_app
from namcha.options import PersonOption, SurveyOption, open_survey_of, person_of
from namcha.progress import progress_line
from species_db.language import tr


class Headers(StrEnum):
    """The language of the column names."""

    EN = "en"
    ZH = "zh"


ReasonOption = Annotated[
    str | None,
    typer.Option(help=tr("Why exact places must leave.", "需要导出精确位置的理由。")),
]
MachineOption = Annotated[
    bool,
    typer.Option(
        "--include-machine",
        help=tr("Add what only a model has said, marked.", "加入仅由模型识别的记录(有标记)。"),
    ),
]
ShareableOption = Annotated[
    bool,
    typer.Option(
        "--shareable",
        help=tr(
            "Only what may be shared; a second person must release it.",
            "仅导出可共享内容;须由另一人放行。",
        ),
    ),
]
PurposeOption = Annotated[str, typer.Option(help=tr("What it is shared for.", "共享用途。"))]
RecipientOption = Annotated[str, typer.Option(help=tr("Who receives it.", "接收方。"))]
ReleaseOption = Annotated[
    str, typer.Option("--release", help=tr("The release that was granted.", "已批准的放行编号。"))
]


@export_app.command(
    "occurrences", help=tr("One Darwin Core row per record.", "达尔文核心物种记录表。")
)
def export_occurrences_(
    out: Path,
    headers: Annotated[Headers, typer.Option(help=tr("Column names.", "列名语言。"))] = Headers.EN,
    include_machine: MachineOption = False,
    exact: ReasonOption = None,
    shareable: ShareableOption = False,
    purpose: PurposeOption = "",
    recipient: RecipientOption = "",
    release: ReleaseOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.export.occurrences import export_occurrences

    who = person_of(person)
    report = export_occurrences(
        open_survey_of(survey),
        out,
        person=who,
        headers="zh" if headers is Headers.ZH else "en",
        include_machine=include_machine,
        exact=release_of(who, exact),
        sharing=sharing_of(shareable, purpose, recipient, release),
    )
    typer.echo(report.as_text())


@export_app.command(
    "camtrap-dp", help=tr("A Camtrap DP 1.0.2 package.", "Camtrap DP 1.0.2 数据包。")
)
def export_camtrap_dp_(
    out: Path,
    include_machine: MachineOption = False,
    with_media: Annotated[
        bool,
        typer.Option(
            help=tr(
                "Add public photos: no metadata, info bar masked, people blurred. Videos stay.",
                "附上可公开照片:去除元数据、遮盖信息栏、模糊人物。视频不导出。",
            )
        ),
    ] = False,
    exclude: Annotated[
        list[str] | None, typer.Option(help=tr("Leave a deployment out.", "排除某个布设。"))
    ] = None,
    exact: ReasonOption = None,
    shareable: ShareableOption = False,
    purpose: PurposeOption = "",
    recipient: RecipientOption = "",
    release: ReleaseOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.export.camtrap_dp import export_camtrap_dp

    who = person_of(person)
    with progress_line(tr("Copying photos", "复制照片")) as show:
        report = export_camtrap_dp(
            open_survey_of(survey),
            out,
            person=who,
            include_machine=include_machine,
            with_media=with_media,
            exclude=exclude or (),
            exact=release_of(who, exact),
            sharing=sharing_of(shareable, purpose, recipient, release),
            on_picture=show,
        )
    typer.echo(report.as_text())


def release_of(person: str, reason: str | None) -> Any:
    from species_db.sensitivity import ExactRelease

    return None if reason is None else ExactRelease(person=person, reason=reason)


def sharing_of(shareable: bool, purpose: str, recipient: str, release: str) -> Any:
    from species_db.secrecy.release import Sharing

    if shareable:
        return Sharing(purpose=purpose, recipient=recipient, release_id=release)
    if purpose or recipient or release:
        raise typer.BadParameter(
            tr(
                "--purpose, --recipient and --release go with --shareable.",
                "--purpose、--recipient 和 --release 须与 --shareable 一起使用。",
            )
        )
    return None
