"""Commands that turn records into numbers: effort, events, indices, histories, models."""

import inspect
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from namcha.application import analyse_app
from namcha.exporting import ReasonOption, release_of
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.study.question import Question


class Rule(StrEnum):
    """Against which earlier record a gap is measured."""

    LAST_RECORD = "last-record"
    LAST_INDEPENDENT = "last-independent"


class By(StrEnum):
    """The unit of independence and effort."""

    STATION = "station"
    CAMERA = "camera"
    DEPLOYMENT = "deployment"


class Method(StrEnum):
    """How the days of set-up and retrieval count."""

    EXACT = "exact"
    HALF_DAYS = "half-days"
    INCLUSIVE = "inclusive"


class Counted(StrEnum):
    """Which records count."""

    CONFIRMED = "confirmed"
    ALL = "all"


OutOption = Annotated[
    Path | None,
    typer.Option("--out", help=tr("Folder for the tables.", "表格写入的文件夹。")),
]
IntervalOption = Annotated[
    int,
    typer.Option(
        "--interval", min=0, help=tr("Minutes between independent events.", "间隔分钟数。")
    ),
]
RuleOption = Annotated[
    Rule, typer.Option("--rule", help=tr("Gap to which record.", "间隔相对哪条记录。"))
]
ByOption = Annotated[By, typer.Option("--by", help=tr("Counting unit.", "计数单元。"))]
RankOption = Annotated[
    str,
    typer.Option(
        "--min-rank", help=tr("Broadest rank that counts.", "计入的最高阶元，如 species、genus。")
    ),
]
MethodOption = Annotated[
    Method, typer.Option("--method", help=tr("First and last days.", "首尾日的计法。"))
]
FromOption = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help=tr("First local day.", "起始日。")),
]
ToOption = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help=tr("Last local day.", "结束日。")),
]
TaxonOption = Annotated[
    str, typer.Option("--taxon", help=tr("A taxon and all below it.", "某分类单元及其下级。"))
]
StateOption = Annotated[
    Counted, typer.Option("--state", help=tr("Which records count.", "计入哪些记录。"))
]
ClocksOption = Annotated[
    bool,
    typer.Option(
        "--with-doubtful-clocks",
        help=tr("Also cameras whose clock is undecided.", "包括时钟尚未确定的相机。"),
    ),
]


Options = dict[str, object]


def _asked(
    out: OutOption = None,
    interval: IntervalOption = 30,
    rule: RuleOption = Rule.LAST_INDEPENDENT,
    by: ByOption = By.STATION,
    min_rank: RankOption = "species",
    method: MethodOption = Method.EXACT,
    first: FromOption = None,
    last: ToOption = None,
    taxon: TaxonOption = "",
    state: StateOption = Counted.CONFIRMED,
    with_doubtful_clocks: ClocksOption = False,
    exact: ReasonOption = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stand for what every analysis asks: its parameters become those of each command."""


def _analysis(name: str, help_text: str) -> Callable[[Callable[..., Options]], None]:
    """Make a command of a function that takes one analysis' own options and gives them back."""

    def make(own: Callable[..., Options]) -> None:
        shared, more = inspect.signature(_asked), inspect.signature(own)

        def command(**given: Any) -> None:
            options = own(**{key: given.pop(key) for key in more.parameters})
            _run(name, options, **given)

        hints = get_type_hints(_asked, include_extras=True) | get_type_hints(
            own, include_extras=True
        )
        parameters = [
            one.replace(annotation=hints[key], kind=inspect.Parameter.KEYWORD_ONLY)
            for key, one in (*more.parameters.items(), *shared.parameters.items())
        ]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        analyse_app.command(name, help=help_text)(command)

    return make


def _run(
    name: str,
    options: Options,
    *,
    out: Path | None,
    exact: str | None,
    survey: Path | None,
    person: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    from species_db.study.writing import analyse

    who = person_of(person)
    written = analyse(
        open_survey_of(survey),
        name,
        _question(**asked),
        out=out,
        person=who,
        exact=release_of(who, exact),
        **options,
    )
    typer.echo(written.as_json() if as_json else written.as_text())


def _question(
    *,
    interval: int,
    first: datetime | None,
    last: datetime | None,
    rule: Rule,
    by: By,
    method: Method,
    state: Counted,
    **plain: Any,
) -> "Question":
    from species_db.analysis.effort import EffortMethod
    from species_db.analysis.independence import IndependenceRule
    from species_db.study.question import CountBy, Question, State

    return Question(
        interval_minutes=interval,
        rule=IndependenceRule(rule.value),
        by=CountBy(by.value),
        method=EffortMethod(method.value),
        first_day=first.date() if first else None,
        last_day=last.date() if last else None,
        state=State(state.value),
        **plain,
    )


@_analysis("effort", tr("Camera-days by day, station, plot, county, month.", "工作量（相机日）。"))
def _effort() -> Options:
    return {}


@_analysis("events", tr("Independent events, one row each.", "独立事件，每行一个。"))
def _events() -> Options:
    return {}


@_analysis("rai", tr("Events per 100 camera-days, by taxon.", "相对多度指数。"))
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


@_analysis("histories", tr("Detection histories and effort matrices.", "探测历史与工作量矩阵。"))
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


@_analysis("occupancy", tr("Naive and modelled occupancy.", "朴素与模型占域率。"))
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


@_analysis("activity", tr("Activity by the sun, and overlap.", "太阳时活动节律与重叠。"))
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


@_analysis("richness", tr("Taxa seen, expected, and by effort.", "物种丰富度与稀疏化曲线。"))
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


@_analysis("trends", tr("Change from year to year, and trend.", "年际变化与趋势。"))
def _trends(season_start: SeasonOption = "01-01", months: MonthsOption = "") -> Options:
    return {"season_start": season_start, "months": months}


@_analysis("phenology", tr("First and last dates, with their effort.", "初见与终见日期。"))
def _phenology(season_start: SeasonOption = "01-01") -> Options:
    return {"season_start": season_start}


@_analysis("elevation", tr("Mean elevation, and its shift.", "平均海拔及其变化。"))
def _elevation(season_start: SeasonOption = "01-01", months: MonthsOption = "") -> Options:
    return {"season_start": season_start, "months": months}


@_analysis("cooccurrence", tr("Who is seen together, and after whom.", "同现与回避。"))
def _cooccurrence(
    within_hours: Annotated[
        float, typer.Option(min=1, help=tr("Hours after others.", "他者之后的小时数。"))
    ] = 24.0,
) -> Options:
    return {"within_hours": within_hours}


@_analysis("baci", tr("A project's works, before and after.", "工程影响：前后对照与通道利用。"))
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


@_analysis("scr", tr("Spatial histories of animals told apart.", "空间标记重捕数据。"))
def _scr(occasion_days: OccasionOption = 1) -> Options:
    return {"occasion_days": occasion_days}
