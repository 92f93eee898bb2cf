"""Commands on what models missed: draw samples of blanks, estimate, calibrate scores."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import misses_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from species_db.misses.calibration import Calibration
    from species_db.misses.draw import Drawn
    from species_db.misses.frame import Period
    from species_db.misses.report import MissReport
    from species_db.survey import Survey

ModelOption = Annotated[
    str | None, typer.Option("--model", help=tr("Only this model.", "仅此模型。"))
]
FromOption = Annotated[
    datetime | None,
    typer.Option(
        "--from",
        formats=["%Y-%m-%d"],
        help=tr("Deployments set up since.", "此日起安装的布设。"),
    ),
]
ToOption = Annotated[
    datetime | None,
    typer.Option(
        "--to", formats=["%Y-%m-%d"], help=tr("Deployments set up until.", "此日前安装的布设。")
    ),
]


@misses_app.command(help=tr("Draw events to open.", "抽取待查看的事件。"))
def draw(
    size: Annotated[
        int | None, typer.Option(min=1, help=tr("How many events.", "抽取多少事件。"))
    ] = None,
    advised: Annotated[
        bool, typer.Option("--advised", help=tr("As the rule advises.", "按停止规则的建议。"))
    ] = False,
    model: ModelOption = None,
    since: FromOption = None,
    until: ToOption = None,
    seed: Annotated[int | None, typer.Option(help=tr("Of the draw.", "随机种子。"))] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.misses.draw import FIRST_SAMPLE, draw_audit

    opened = open_survey_of(survey)
    who, period, model_id = person_of(person), _period(since, until), _model(opened, model)
    wanted = None
    if advised:
        wanted = _report(opened, period, model_id).more
        if not wanted:
            typer.echo(
                tr(
                    "The rule asks for no more: enough was opened, or no sample was reviewed yet.",
                    "按规则无需再抽：已足够，或尚无已审核的样本。",
                )
            )
            return
    drawn = draw_audit(
        opened,
        person=who,
        size=size or FIRST_SAMPLE,
        wanted=wanted,
        model_version_id=model_id,
        period=period,
        seed=seed,
    )
    _say_drawn(drawn, as_json=as_json)


@misses_app.command(help=tr("How much was missed.", "估计漏检数量。"))
def estimate(
    model: ModelOption = None,
    since: FromOption = None,
    until: ToOption = None,
    most_share: Annotated[
        float | None,
        typer.Option(min=0.0, max=0.99, help=tr("Animals that may be missed.", "可漏比例。")),
    ] = None,
    most_class_one: Annotated[
        int | None, typer.Option(min=0, help=tr("Class I that may be missed.", "可漏一级数。"))
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.misses.words import report_lines

    opened = open_survey_of(survey)
    period = _period(since, until)
    report = _report(opened, period, _model(opened, model), most_share, most_class_one)
    if as_json:
        typer.echo(json.dumps(_as_plain(report), ensure_ascii=False, indent=2))
        return
    for line in report_lines(report, current_language()):
        typer.echo(line)
    _say_strata(report)


@misses_app.command(help=tr("What a model's score is worth.", "模型分值的可靠性。"))
def calibration(
    model: Annotated[str, typer.Argument(help=tr("Name or hash.", "模型名称或哈希。"))],
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.misses.reliability import find_model, reliability_of
    from species_db.misses.words import calibration_lines

    opened = open_survey_of(survey)
    with opened.reading() as session:
        told = reliability_of(session, find_model(session, model))
    if as_json:
        typer.echo(json.dumps(asdict(told), ensure_ascii=False, indent=2))
        return
    parts = [(tr("animals", "动物"), told.animals)]
    if told.names:
        parts.append((tr("names of taxa", "物种名称"), told.names))
    for what, found in parts:
        typer.echo(f"{told.model} · {what}")
        for line in calibration_lines(found, current_language()):
            typer.echo(line)
        _say_bins(found)


def _say_drawn(drawn: "list[Drawn]", *, as_json: bool) -> None:
    if as_json:
        plain = [
            {
                "draw_id": one.draw_id,
                "model": one.model,
                "seed": one.seed,
                "events": [
                    {"deployment_id": key[0], "band": key[2], "events": count}
                    for key, count in one.events.items()
                ],
            }
            for one in drawn
        ]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    for one in drawn:
        strata = len(one.events)
        typer.echo(
            tr(
                f"{one.model}: {one.total} events of {strata} strata drawn (seed {one.seed}). "
                "They come early in the review queue.",
                f"{one.model}：从 {strata} 层抽取 {one.total} 个事件（种子 {one.seed}）。"
                "它们会排在审核队列前面。",
            )
        )


def _period(since: datetime | None, until: datetime | None) -> "Period | None":
    from species_db.misses.frame import Period

    if since is None and until is None:
        return None
    return Period(since.date() if since else None, until.date() if until else None)


def _model(survey: "Survey", wanted: str | None) -> str | None:
    from species_db.misses.reliability import find_model

    if wanted is None:
        return None
    with survey.reading() as session:
        return find_model(session, wanted)


def _report(
    survey: "Survey",
    period: "Period | None",
    model_version_id: str | None,
    most_share: float | None = None,
    most_class_one: int | None = None,
) -> "MissReport":
    from species_db.misses.advice import MissLimits
    from species_db.misses.report import miss_report

    given = {"most_missed_share": most_share, "most_missed_class_one": most_class_one}
    limits = MissLimits(**{name: one for name, one in given.items() if one is not None})  # type: ignore[arg-type]
    with survey.reading() as session:
        return miss_report(session, period=period, model_version_id=model_version_id, limits=limits)


def _as_plain(report: "MissReport") -> dict[str, Any]:
    told = asdict(report)
    for name in ("on_animals", "on_class_one"):
        if told[name] is not None:
            told[name]["more"] = sum(told[name]["more"].values())
    told["more"] = [
        {"deployment_id": key[0], "model_version_id": key[1], "band": key[2], "events": count}
        for key, count in report.more.items()
    ]
    return told


def _say_strata(report: "MissReport") -> None:
    from rich.console import Console
    from rich.table import Table

    from species_db.misses.words import interval

    if not report.deployments:
        return
    table = Table(box=None, pad_edge=False)
    heads = (
        *(tr("deployment", "布设"), tr("not opened", "未查看"), tr("drawn", "抽取")),
        *(tr("reviewed", "已审"), tr("animals", "动物"), tr("missed (95 %)", "漏检（95 %）")),
    )
    for head in heads:
        table.add_column(head, justify="left" if head == heads[0] else "right")
    for one in report.deployments:
        missed = "–" if one.missed is None else interval(one.missed)
        counts = (one.unopened, one.drawn, one.reviewed, one.animals)
        table.add_row(one.deployment_id, *map(str, counts), missed)
    Console().print(table)


def _say_bins(found: "Calibration") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in (
        *(tr("score", "分值"), tr("events", "事件"), tr("reviewed", "已审")),
        *(tr("right", "正确"), tr("share (95 %)", "比例（95 %）")),
    ):
        table.add_column(head, justify="right")
    for one in found.bins:
        if one.events:
            share = "–"
            if one.observed is not None and one.interval is not None:
                share = f"{one.observed:.2f} ({one.interval[0]:.2f}–{one.interval[1]:.2f})"
            counts = (one.events, one.reviewed, one.right)
            table.add_row(f"{one.low:.1f}–{one.high:.1f}", *map(str, counts), share)
    Console().print(table)
