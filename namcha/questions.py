"""What every analysis asks on the command line, and how a command is made of one analysis."""

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


def analysis(name: str, help_text: str) -> Callable[[Callable[..., Options]], None]:
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
