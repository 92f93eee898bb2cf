"""Commands that turn records into numbers: effort, events, indices, histories, models, trends."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from namcha.application import analyse_app
from namcha.questions import Options, analysis
from species_db.language import tr


@analysis("effort", tr("Camera-days by day, station, plot, county, month.", "工作量（相机日）。"))
def _effort() -> Options:
    return {}


@analysis("events", tr("Independent events, one row each.", "独立事件，每行一个。"))
def _events() -> Options:
    return {}


@analysis("rai", tr("Events per 100 camera-days, by taxon.", "相对多度指数。"))
def _rai() -> Options:
    return {}


class First(StrEnum):
    """Where the first occasion begins."""

    STATION = "station"
    SURVEY = "survey"


OccasionOption = Annotated[
    int, typer.Option("--occasion-days", min=1, help=tr("Days of an occasion.", "每次调查天数。"))
]
LeastOption = Annotated[
    float,
    typer.Option(
        "--min-effort", min=0, help=tr("Camera-days an occasion needs.", "每次调查最少相机日。")
    ),
]
PsiOption = Annotated[
    list[str] | None,
    typer.Option(
        "--psi", help=tr("Covariate of occupancy: elevation.", "占域率协变量：elevation。")
    ),
]
POption = Annotated[
    list[str] | None,
    typer.Option("--p", help=tr("Covariate of detection: effort.", "探测率协变量：effort。")),
]


@analysis("histories", tr("Detection histories and effort matrices.", "探测历史与工作量矩阵。"))
def _histories(
    occasion_days: OccasionOption = 7,
    first_day: Annotated[
        First, typer.Option("--first", help=tr("Start of occasion one.", "首次调查的起点。"))
    ] = First.STATION,
    minimum_effort: LeastOption = 0.0,
    whole_only: Annotated[
        bool, typer.Option("--whole-only", help=tr("Whole occasions only.", "仅计完整的调查。"))
    ] = False,
    season_start: Annotated[
        str, typer.Option(help=tr("Years from MM-DD as seasons.", "以 MM-DD 起的年度为季。"))
    ] = "",
) -> Options:
    from species_db.analysis.histories import FirstDay

    return {
        "occasion_days": occasion_days,
        "first_day": FirstDay(first_day.value),
        "minimum_effort": minimum_effort,
        "whole_only": whole_only,
        "season_start": season_start,
    }


@analysis("occupancy", tr("Naive and modelled occupancy.", "朴素与模型占域率。"))
def _occupancy(
    occasion_days: OccasionOption = 7,
    minimum_effort: LeastOption = 0.0,
    psi: PsiOption = None,
    p: POption = None,
    goodness_draws: Annotated[
        int,
        typer.Option(
            "--goodness", min=0, help=tr("Draws of the test of fit.", "拟合优度检验的抽样次数。")
        ),
    ] = 0,
) -> Options:
    return {
        "occasion_days": occasion_days,
        "minimum_effort": minimum_effort,
        "psi": tuple(psi or ()),
        "p": tuple(p or ()),
        "goodness_draws": goodness_draws,
    }


class SunTransform(StrEnum):
    """How days of unequal length are laid on each other."""

    AVERAGE = "average"
    EQUINOX = "sunrise-sunset"


@analysis("activity", tr("Activity by the sun, and overlap.", "太阳时活动节律与重叠。"))
def _activity(
    transform: Annotated[
        SunTransform, typer.Option(help=tr("Sun-time transform.", "太阳时换算方法。"))
    ] = SunTransform.AVERAGE,
    draws: Annotated[
        int, typer.Option(min=50, help=tr("Bootstrap draws.", "自助抽样次数。"))
    ] = 1000,
) -> Options:
    from species_db.study.answers.activity import Transform

    return {"transform": Transform(transform.value), "draws": draws}


@analysis("richness", tr("Taxa seen, expected, and by effort.", "物种丰富度与稀疏化曲线。"))
def _richness(
    with_domestic: Annotated[
        bool, typer.Option(help=tr("Count domestic animals too.", "也计家养动物。"))
    ] = False,
) -> Options:
    return {"with_domestic": with_domestic}


SeasonOption = Annotated[
    str, typer.Option("--season-start", help=tr("Years begin on MM-DD.", "年度自 MM-DD 起。"))
]
MonthsOption = Annotated[
    str, typer.Option("--months", help=tr("Months that count, as 5-10.", "计入的月份，如 5-10。"))
]


@analysis("trends", tr("Change from year to year, and trend.", "年际变化与趋势。"))
def _trends(season_start: SeasonOption = "01-01", months: MonthsOption = "") -> Options:
    return {"season_start": season_start, "months": months}


@analysis("phenology", tr("First and last dates, with their effort.", "初见与终见日期。"))
def _phenology(season_start: SeasonOption = "01-01") -> Options:
    return {"season_start": season_start}


@analysis("elevation", tr("Mean elevation, and its shift.", "平均海拔及其变化。"))
def _elevation(season_start: SeasonOption = "01-01", months: MonthsOption = "") -> Options:
    return {"season_start": season_start, "months": months}


@analysis("cooccurrence", tr("Who is seen together, and after whom.", "同现与回避。"))
def _cooccurrence(
    within_hours: Annotated[
        float, typer.Option(min=1, help=tr("Hours after others.", "他者之后的小时数。"))
    ] = 24.0,
) -> Options:
    return {"within_hours": within_hours}


@analysis("baci", tr("A project's works, before and after.", "工程影响：前后对照与通道利用。"))
def _baci(
    project: Annotated[
        Path, typer.Argument(metavar="PROJECT.toml", help=tr("The project's file.", "项目文件。"))
    ],
) -> Options:
    return {"project": project}


@analyse_app.command(
    "project-template", help=tr("Write a project file to fill in.", "写出项目文件模板。")
)
def project_template(out: Path) -> None:
    from species_db.projects.template import write_project_template

    typer.echo(write_project_template(out))


@analysis("errors", tr("What machine errors could change.", "机器识别误差的影响。"))
def _errors(
    threshold: Annotated[
        float | None,
        typer.Option(min=0, help=tr("Index to lie above or below.", "与指数比较的阈值。")),
    ] = None,
    season_start: SeasonOption = "01-01",
    months: MonthsOption = "",
) -> Options:
    return {"threshold": threshold, "season_start": season_start, "months": months}


@analysis("scr", tr("Spatial histories of animals told apart.", "空间标记重捕数据。"))
def _scr(occasion_days: OccasionOption = 1) -> Options:
    return {"occasion_days": occasion_days}
