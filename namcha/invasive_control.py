"""Commands on what is done against invaders: enter an action, list them, see what they brought."""

import re
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import control_app, invasive_app
from namcha.invasive import NameArgument, say_json, taxon_of
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from sqlmodel import Session

    from species_db.invasive.control_effect import ControlEffect

DAYS = ["%Y-%m-%d"]
AMOUNT = re.compile(r"([0-9.]+)\s*(.*)")
SHORT_ID = 13  # of a UUIDv7: the time to the millisecond tells actions apart


MethodOption = Annotated[
    str,
    typer.Option(
        help=tr(
            "manual, mechanical, chemical, biological, trapping, other.",
            "manual 人工、mechanical 机械、chemical 化学、"
            "biological 生物、trapping 诱捕、other 其他。",
        )
    ),
]
StartOption = Annotated[datetime, typer.Option(formats=DAYS, help=tr("First day.", "开始日期。"))]
EndOption = Annotated[
    datetime | None, typer.Option(formats=DAYS, help=tr("Last day.", "结束日期。"))
]
LedByOption = Annotated[str, typer.Option(help=tr("Who led it.", "负责人。"))]
PlotOption = Annotated[str | None, typer.Option(help=tr("The plot's code.", "样地编号。"))]
AreaOption = Annotated[
    str | None, typer.Option(help=tr("An area's name or id.", "区域名称或编号。"))
]
DegreesOption = Annotated[float | None, typer.Option(help="WGS-84")]
TreatedOption = Annotated[
    float | None, typer.Option("--area-m2", help=tr("Square metres.", "平方米。"))
]
RemovedOption = Annotated[
    str, typer.Option(help=tr("How much was removed, as '40 kg'.", "清除量，如“40 kg”。"))
]
DaysOption = Annotated[float | None, typer.Option(help=tr("Labour.", "用工（人日）。"))]
AgentOption = Annotated[str, typer.Option(help=tr("Herbicide, enemy.", "药剂或天敌。"))]
RemarksOption = Annotated[str, typer.Option(help=tr("Remarks.", "备注。"))]


@control_app.command(help=tr("Enter a control action.", "录入一次防控行动。"))
def add(
    name: NameArgument,
    method: MethodOption,
    start: StartOption,
    led_by: LedByOption,
    plot: PlotOption = None,
    area: AreaOption = None,
    latitude: DegreesOption = None,
    longitude: DegreesOption = None,
    end: EndOption = None,
    treated_area_m2: TreatedOption = None,
    removed: RemovedOption = "",
    person_days: DaysOption = None,
    agent: AgentOption = "",
    remarks: RemarksOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.invasive.control import ControlDraft, record_control

    opened = open_survey_of(survey)
    with opened.reading() as session:
        taxon_id = taxon_of(session, name)
        area_id = _area_of(session, area, start.date())
    quantity, unit = _amount_of(removed)
    draft = ControlDraft(
        taxon_id=taxon_id,
        method=method,
        started_on=start.date(),
        ended_on=end.date() if end else None,
        led_by=led_by,
        plot_id=plot,
        area_id=area_id,
        latitude=latitude,
        longitude=longitude,
        treated_area_m2=treated_area_m2,
        removed_quantity=quantity,
        removed_quantity_type=unit,
        person_days=person_days,
        agent=agent,
        remarks=remarks,
    )
    control_id = record_control(opened, draft, person=person_of(person))
    if as_json:
        say_json({"control_id": control_id} | asdict(draft))
    else:
        typer.echo(tr(f"Kept as {control_id}.", f"已保存，编号 {control_id}。"))


def _area_of(session: "Session", area: str | None, on: date) -> str | None:
    from species_db.invasive.naming import area_named, areas_by_name

    if area is None:
        return None
    area_id, why = area_named(area, areas_by_name(session, on))
    if why:
        raise typer.BadParameter(why)
    return area_id


def _amount_of(removed: str) -> tuple[str, str]:
    """A quantity and its unit, with a space between them or without one."""
    found = AMOUNT.fullmatch(removed.strip())
    return (found[1], found[2].strip()) if found else (removed.strip(), "")


@control_app.command("template", help=tr("Write an empty sheet.", "生成空白防控行动表。"))
def template(out: Path, survey: SurveyOption = None) -> None:
    from species_db.invasive.control_template import read_control_choices, write_control_template

    if out.suffix.lower() not in (".xlsx", ".csv"):
        told = tr(
            f"{out.name}: the name must end in .xlsx or .csv.",
            f"{out.name}：文件名须以 .xlsx 或 .csv 结尾。",
        )
        raise typer.BadParameter(told)
    with open_survey_of(survey).reading() as session:
        choices = read_control_choices(session)
    write_control_template(out, choices=choices)
    typer.echo(tr(f"{out} is ready to be filled in.", f"{out} 已生成，可供填写。"))


@control_app.command("import", help=tr("Take a sheet of actions (CSV, XLSX).", "导入防控行动表。"))
def import_(
    sheet: Path,
    survey: SurveyOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.field_sheet import SheetError
    from species_db.invasive.control_sheet import import_controls

    opened = open_survey_of(survey)
    try:
        report = import_controls(opened, sheet, person=person_of(person))
    except SheetError as error:
        if not as_json:
            raise
        say_json({"error": str(error), "mistakes": [vars(one) for one in error.mistakes]})
        raise typer.Exit(1) from None
    typer.echo(report.as_json() if as_json else report.as_text())


@control_app.command("list", help=tr("All control actions.", "全部防控行动。"))
def list_(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from rich.console import Console
    from rich.table import Table

    from species_db.invasive.control_list import control_actions
    from species_db.invasive.words import area_words, method_words

    with open_survey_of(survey).reading() as session:
        told = control_actions(session)
    if as_json:
        say_json([asdict(one) for one in told])
        return
    if not told:
        typer.echo(
            tr(
                "No control action yet: enter one with 'namcha invasive control add'.",
                "尚无防控行动：请用“namcha invasive control add”录入。",
            )
        )
        return
    table = Table(box=None, pad_edge=False)
    for head in (
        tr("id", "编号"),
        tr("taxon", "物种"),
        tr("where", "地点"),
        tr("method", "方法"),
        tr("days", "日期"),
        tr("area", "面积"),
        tr("visits since", "后续调查"),
    ):
        table.add_column(head, overflow="fold")
    for one in told:
        end = f" – {one.ended_on}" if one.ended_on and one.ended_on != one.started_on else ""
        table.add_row(
            one.control_id[:SHORT_ID],
            one.taxon.name_in(current_language()),
            one.where,
            method_words(one.method),
            f"{one.started_on}{end}",
            area_words(one.treated_area_m2),
            str(one.visits),
        )
    Console().print(table)


@invasive_app.command(help=tr("What a control action brought.", "防控行动的效果。"))
def effect(control_id: str, survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.invasive.control_effect import effect_of_control

    with open_survey_of(survey).reading() as session:
        told = effect_of_control(session, control_id)
    if as_json:
        say_json(asdict(told))
    else:
        _say_effect(told)


def _say_effect(told: "ControlEffect") -> None:
    from species_db.invasive.words import design_words, effect_words, measure_words

    typer.secho(tr("Effect: ", "效果：") + effect_words(told.effect), bold=True)
    typer.echo(design_words(told.effect))
    before = measure_words(told.measure, told.baseline)
    typer.echo(tr(f"Before, mean of its own visits: {before}", f"处理前（本地点均值）：{before}"))
    has_several = len({one.plot_id for one in told.after}) > 1
    for one in told.after:
        share = tr("share not known", "剩余不明")
        if one.share_left is not None:
            share = tr(f"{one.share_left:.0%} left", f"剩余 {one.share_left:.0%}")
            share += tr(" (as stated)", "（人工填写）") if one.is_stated else ""
        value = measure_words(one.measure, one.value)
        place = f" ({one.plot_id})" if one.plot_id and has_several else ""
        typer.echo(
            tr(
                f"  {one.on}, {one.days_since} days after{place}: {value}; {share}",
                f"  {one.on}，{one.days_since} 天后{place}：{value}；{share}",
            )
        )
    if not told.after:
        typer.echo(tr("  no visit since", "  尚无后续调查"))
    if left_out := sum(told.unused.values()):
        typer.echo(
            tr(
                f"{left_out} plots were not compared: without it before, not measured in both "
                "spans, of another ecosystem or elevation, or perhaps in a treated area.",
                f"{left_out} 个样地未参与比较：处理前无该物种、前后未均测量、"
                "生态系统或海拔不同，或可能位于处理区域内。",
            )
        )
