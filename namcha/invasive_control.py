"""Commands on what is done against invaders: enter an action, list them, see what they brought."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from namcha.application import control_app, invasive_app
from namcha.invasive import NameArgument, say_json, taxon_of
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import current_language, tr

if TYPE_CHECKING:
    from species_db.invasive.control_effect import ControlEffect

DAYS = ["%Y-%m-%d"]
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
AreaOption = Annotated[str | None, typer.Option(help=tr("An area's id.", "区域编号。"))]
DegreesOption = Annotated[float | None, typer.Option(help="WGS-84")]
TreatedOption = Annotated[
    float | None, typer.Option("--area-m2", help=tr("Square metres.", "平方米。"))
]
RemovedOption = Annotated[
    str, typer.Option(help=tr("How much was removed, as '40 kg'.", "清除量,如“40 kg”。"))
]
DaysOption = Annotated[float | None, typer.Option(help=tr("Labour.", "用工(人日)。"))]
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
) -> None:
    from species_db.invasive.control import ControlDraft, record_control

    opened = open_survey_of(survey)
    with opened.reading() as session:
        taxon_id = taxon_of(session, name)
    quantity, _, unit = removed.strip().partition(" ")
    draft = ControlDraft(
        taxon_id=taxon_id,
        method=method,
        started_on=start.date(),
        ended_on=end.date() if end else None,
        led_by=led_by,
        plot_id=plot,
        area_id=area,
        latitude=latitude,
        longitude=longitude,
        treated_area_m2=treated_area_m2,
        removed_quantity=quantity,
        removed_quantity_type=unit.strip(),
        person_days=person_days,
        agent=agent,
        remarks=remarks,
    )
    control_id = record_control(opened, draft, person=person_of(person))
    typer.echo(tr(f"Kept as {control_id}.", f"已保存,编号 {control_id}。"))


@control_app.command("import", help=tr("Take a sheet of actions (CSV, XLSX).", "导入防控行动表。"))
def import_(sheet: Path, survey: SurveyOption = None, person: PersonOption = None) -> None:
    from species_db.invasive.control_sheet import import_controls

    report = import_controls(open_survey_of(survey), sheet, person=person_of(person))
    typer.echo(report.as_text())


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
                "尚无防控行动:请用“namcha invasive control add”录入。",
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

    typer.secho(tr("Effect: ", "效果:") + effect_words(told.effect), bold=True)
    typer.echo(design_words(told.effect))
    before = measure_words(told.measure, told.baseline)
    typer.echo(tr(f"Before, on its own place: {before}", f"处理前(本地点):{before}"))
    for one in told.after:
        share = tr("share not known", "剩余不明")
        if one.share_left is not None:
            share = tr(f"{one.share_left:.0%} left", f"剩余 {one.share_left:.0%}")
            share += tr(" (as stated)", "(人工填写)") if one.is_stated else ""
        value = measure_words(one.measure, one.value)
        typer.echo(
            tr(
                f"  {one.on}, {one.days_since} days after: {value}; {share}",
                f"  {one.on},{one.days_since} 天后:{value};{share}",
            )
        )
    if not told.after:
        typer.echo(tr("  no visit since", "  尚无后续调查"))
    if left_out := sum(told.unused.values()):
        typer.echo(
            tr(
                f"{left_out} untreated plots were not compared: without it before, not measured in "
                "both spans, or of another ecosystem or elevation.",
                f"{left_out} 个未处理样地未参与比较:"
                "处理前无该物种、前后未均测量,或生态系统、海拔不同。",
            )
        )
