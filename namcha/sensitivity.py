"""Commands on how far places are coarsened: the rules, a new rule, why a place has its category."""

import json
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import sensitivity_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import Sensitivity

if TYPE_CHECKING:
    from species_db.sensitivity import PlaceReport, Reason, Rule

SensitivityOption = Annotated[
    Sensitivity,
    typer.Option(
        help=tr(
            "extreme: withheld; high: 0.1 degrees; medium: 0.01; low: 0.001; none.",
            "extreme:不公开;high:0.1 度;medium:0.01;low:0.001;none:不敏感。",
        )
    ),
]
TaxonOption = Annotated[
    str, typer.Option(help=tr("Species, genus or family by name.", "种、属或科的名称。"))
]
StatusOption = Annotated[
    str, typer.Option(help=tr("Such as protected_animals:I.", "如 protected_animals:I。"))
]
DelayOption = Annotated[
    int | None,
    typer.Option(
        help=tr(
            "Days that new records wait; as before if not given.",
            "新记录延迟公开的天数;不填则不变。",
        )
    ),
]
BeginsOption = Annotated[
    str, typer.Option("--from", help=tr("First day, YYYY-MM-DD.", "起始日期,YYYY-MM-DD。"))
]


@sensitivity_app.command(
    "list", help=tr("The rules in force, and those they replaced.", "现行规则及其所替代的规则。")
)
def list_rules(
    everything: Annotated[
        bool, typer.Option("--all", help=tr("Replaced ones too.", "包括已被替代的规则。"))
    ] = False,
    as_json: JsonOption = False,
    survey: SurveyOption = None,
) -> None:
    from species_db.sensitivity import local_today, read_rules, rules_in_force

    opened = open_survey_of(survey)
    with opened.reading() as session:
        rules = read_rules(session)
        names = _names(session, rules)
    in_force = set(rules_in_force(rules, local_today(opened.settings)).values())
    shown = [rule for rule in rules if everything or rule in in_force]
    if as_json:
        told = [_as_json(rule, in_force=rule in in_force) for rule in shown]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for rule in shown:
        typer.echo(_line(rule, names, in_force=rule in in_force))


@sensitivity_app.command(
    "set", help=tr("Set a rule from a day on; it is logged.", "自某日起设置规则(写入日志)。")
)
def set_rule_(
    sensitivity: SensitivityOption,
    reason: Annotated[str, typer.Option(help=tr("Why.", "理由。"))],
    taxon: TaxonOption = "",
    status: StatusOption = "",
    delay_days: DelayOption = None,
    begins: BeginsOption = "",
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.sensitivity import find_taxon, set_rule, taxon_subject

    if bool(taxon) == bool(status):
        raise typer.BadParameter(
            tr("Give either --taxon or --status.", "请指定 --taxon 或 --status 之一。")
        )
    opened = open_survey_of(survey)
    with opened.reading() as session:
        subject = taxon_subject(find_taxon(session, taxon)) if taxon else f"status:{status}"
    rule = set_rule(
        opened,
        subject,
        sensitivity,
        reason=reason,
        person=person_of(person),
        delay_days=delay_days,
        effective_from=_day(begins),
    )
    with opened.reading() as session:
        typer.echo(_line(rule, _names(session, [rule]), in_force=True))
    typer.echo(
        tr(
            "Packages already given away are not changed by this: export them anew as a new "
            "version.",
            "已发出的数据包不会随之改变:请重新导出并作为新版本发布。",
        )
    )


@sensitivity_app.command(
    "place",
    help=tr(
        "Why a station or plot has its category. Names taxa: not for outsiders.",
        "点位或样地的敏感等级及原因。含物种名称,仅供内部使用。",
    ),
)
def place(
    station: Annotated[str, typer.Argument(help=tr("Station or plot.", "点位或样地编号。"))],
    survey: SurveyOption = None,
) -> None:
    from species_db.sensitivity import local_today, report_place

    opened = open_survey_of(survey)
    with opened.reading() as session:
        report = report_place(session, station, today=local_today(opened.settings))
    for line in _report_lines(report):
        typer.echo(line)


def _report_lines(report: "PlaceReport") -> list[str]:
    cell = report.cell_degrees
    leaves = (
        tr(f"leaves at {cell} degrees", f"以 {cell} 度导出") if cell else tr("withheld", "不公开")
    )
    names = ", ".join(own_id for _, own_id in report.nodes)
    lines = [
        tr("For internal use.", "仅供内部使用。"),
        f"{report.sensitivity.value}: {leaves}",
        tr(f"One place with: {names}", f"同一位置包括:{names}"),
    ]
    lines += map(_reason_line, report.reasons)
    if report.shares_cell:
        lines.append(
            tr(
                "Coarsened with a more sensitive place in the same cell of 0.1 degrees, or a hole "
                "among fine points would show it:",
                "因同一 0.1 度网格内有更敏感的位置而一并概化,以免其位置因空缺而暴露:",
            )
        )
        lines += map(_reason_line, report.cell_reasons)
    if not report.reasons and not report.shares_cell:
        lines.append(
            tr(
                "No sensitive taxon was ever recorded here: every place leaves at this cell.",
                "此处从未记录敏感物种;所有位置均按此网格导出。",
            )
        )
    return lines


def _reason_line(reason: "Reason") -> str:
    return (
        f"  {reason.category.sensitivity.value:8} {reason.scientific_name}  "
        f"{reason.category.subject}  ({reason.seen_at[0]} {reason.seen_at[1]})"
    )


def _line(rule: "Rule", names: dict[str, str], *, in_force: bool) -> str:
    since = rule.effective_from.isoformat() if rule.effective_from.year > 1 else "-"
    who = rule.person if rule.entered_at else tr("shipped", "默认")
    told = names.get(rule.subject, rule.subject)
    mark = "" if in_force else tr("  [replaced or not yet]", "  [已替代或未生效]")
    days = tr(f"{rule.delay_days} days", f"{rule.delay_days} 天")
    return f"{told}  {rule.sensitivity.value}  {days}  {since}  {who}: {rule.reason}{mark}"


def _as_json(rule: "Rule", *, in_force: bool) -> dict[str, Any]:
    return {
        "subject": rule.subject,
        "sensitivity": rule.sensitivity.value,
        "delay_days": rule.delay_days,
        "effective_from": rule.effective_from.isoformat(),
        "reason": rule.reason,
        "person": rule.person,
        "entered_at": rule.entered_at.isoformat() if rule.entered_at else None,
        "in_force": in_force,
    }


def _names(session: Any, rules: Any) -> dict[str, str]:
    """Subjects that are taxa, by their scientific name."""
    from species_db.sensitivity import taxon_names

    return taxon_names(session, [rule.subject for rule in rules])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(
            tr(f"'{text}' is no date; write 2026-11-22.", f"“{text}”不是日期;请写成 2026-11-22。")
        ) from None
