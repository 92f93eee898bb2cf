"""Commands of the early warning: run the rules, look at alerts, act on them, tell others."""

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from namcha.application import alerts_app
from namcha.options import JsonOption, PersonOption, SurveyOption, open_survey_of, person_of
from species_db.language import tr
from species_db.vocabulary import AlertState

if TYPE_CHECKING:
    from species_db.alerts import ActionView, AlertView
    from species_db.survey import Survey

DAY = ["%Y-%m-%d"]


@alerts_app.command(help=tr("Run the rules; tell overdue alerts.", "运行规则;逾期升级。"))
def run(
    survey: SurveyOption = None, person: PersonOption = None, as_json: JsonOption = False
) -> None:
    from species_db.alerts import escalate_overdue, raise_alerts

    opened, now = open_survey_of(survey), datetime.now(UTC)
    report = raise_alerts(opened, now=now, person=person_of(person))
    escalated = escalate_overdue(opened, now)
    if as_json:
        typer.echo(json.dumps(asdict(report) | {"escalated": len(escalated)}))
        return
    typer.echo(report.as_text())
    if escalated:
        typer.echo(tr(f"{len(escalated)} escalated.", f"逾期升级 {len(escalated)} 次。"))


@alerts_app.command("list", help=tr("Alerts, overdue first.", "预警清单,逾期在前。"))
def list_(
    county: Annotated[str, typer.Option(help=tr("Code or name.", "区划代码或名称。"))] = "",
    rule: Annotated[str, typer.Option(help=tr("One rule.", "某一规则。"))] = "",
    state: Annotated[
        list[AlertState] | None, typer.Option(help=tr("Only these.", "仅此状态。"))
    ] = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.alerts import alert_board, read_filters

    now = datetime.now(UTC)
    with open_survey_of(survey).reading() as session:
        filters = read_filters(session, county=county, rule_id=rule, states=state or (), now=now)
        found = alert_board(session, now=now, filters=filters)
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(_line(one))
    if not found:
        typer.echo(tr("No alerts.", "没有预警。"))


@alerts_app.command(help=tr("One alert with its history.", "查看一条预警及其经过。"))
def show(
    alert: Annotated[str, typer.Argument(help=tr("First letters of its id.", "编号前几位。"))],
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    from species_db.alerts import view_alert

    with open_survey_of(survey).reading() as session:
        view, history = view_alert(session, alert, now=datetime.now(UTC))
    if as_json:
        told = _plain(view) | {"history": [_plain(one) for one in history]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    typer.echo(_line(view))
    typer.echo(f"  {view.why}")
    for act in history:
        typer.echo(_act_line(act))


@alerts_app.command(help=tr("The rules in force.", "现行规则。"))
def rules(survey: SurveyOption = None, as_json: JsonOption = False) -> None:
    from species_db.alerts import false_alarms, rules_in_force

    now = datetime.now(UTC)
    with open_survey_of(survey).reading() as session:
        found = rules_in_force(session, now.date())
        rates = {one.rule_id: one for one in false_alarms(session, now=now)}
    if as_json:
        told = [
            asdict(rule)
            | asdict(rates[rule.rule_id])
            | {"interval": rates[rule.rule_id].interval()}
            for rule in found
        ]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
        return
    for rule in found:
        since = rule.effective_from or tr("as shipped", "随软件提供")
        off = "" if rule.is_enabled else tr(" (off)", "(已停用)")
        typer.echo(f"{rule.rule_id}{off}  {rule.title}  [{since}]")
        typer.echo(f"  {_thresholds(asdict(rule.thresholds))}")
        typer.echo(f"  {_rate(rates[rule.rule_id])}")


@alerts_app.command("set-rule", help=tr("Set a rule's thresholds.", "设置规则阈值。"))
def set_rule_(
    rule: str,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help=tr("name=value; lists with commas.", "名称=值;列表用逗号。")),
    ] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--disabled", help=tr("On or off.", "启用或停用。"))
    ] = None,
    acknowledge_days: Annotated[
        int | None, typer.Option(help=tr("Days.", "受理期限(天)。"))
    ] = None,
    close_days: Annotated[int | None, typer.Option(help=tr("To close.", "结案期限(天)。"))] = None,
    budget: Annotated[
        float | None, typer.Option(help=tr("Share that may be false.", "允许的误报比例。"))
    ] = None,
    from_day: Annotated[
        datetime | None,
        typer.Option("--from", formats=DAY, help=tr("From this day on.", "生效日期。")),
    ] = None,
    survey: SurveyOption = None,
    person: PersonOption = None,
) -> None:
    from species_db.alerts import RuleChange, set_rule

    said = dict(_pair(one) for one in threshold or [])
    change = RuleChange(
        said,
        is_enabled=enabled,
        acknowledge_days=acknowledge_days,
        close_days=close_days,
        false_alarm_budget=budget,
    )
    since = from_day.date() if from_day else None
    opened = open_survey_of(survey)
    now = set_rule(opened, rule, change, person=person_of(person), effective_from=since)
    typer.echo(f"{now.rule_id}: {_thresholds(asdict(now.thresholds))}")


@alerts_app.command(help=tr("What is new and overdue, short.", "新增与逾期预警摘要。"))
def digest(
    since: Annotated[
        datetime | None, typer.Option(formats=DAY, help=tr("Else a week.", "缺省为一周。"))
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help=tr("Write .txt or .html.", "写入 .txt 或 .html。"))
    ] = None,
    sms: Annotated[
        bool, typer.Option("--sms", help=tr("As text messages.", "按短信分条。"))
    ] = False,
    outside: Annotated[
        bool, typer.Option("--outside", help=tr("For outsiders.", "供外部人员。"))
    ] = False,
    send: Annotated[
        bool, typer.Option("--send", help=tr("Send where configured.", "发送到已配置的地址。"))
    ] = False,
    survey: SurveyOption = None,
) -> None:
    from species_db.alerts.digest import make_digest
    from species_db.alerts.sending import send_digest

    opened, now = open_survey_of(survey), datetime.now(UTC)
    begin = since.replace(tzinfo=UTC) - timedelta(hours=8) if since else None
    with opened.reading() as session:
        told = make_digest(session, opened.settings, now=now, since=begin, for_outsiders=outside)
    text = "\n".join(told.sms()) + "\n" if sms else told.as_text()
    if out is not None:
        is_page = out.suffix.lower() in (".html", ".htm")
        out.write_text(told.as_html() if is_page else text, encoding="utf-8")
        typer.echo(tr(f"Digest in {out}.", f"摘要:{out}"))
    else:
        typer.echo(text, nl=False)
    if send:
        count = send_digest(told, opened.settings)
        typer.echo(tr(f"Sent to {count}.", f"已发送到 {count} 个地址。"))


def run_after(survey: "Survey", person: str) -> None:
    """Run the rules after an import or a detection; whatever goes wrong is told, not raised."""
    from species_db.alerts import escalate_overdue, raise_alerts

    now = datetime.now(UTC)
    try:
        report = raise_alerts(survey, now=now, person=person)
        escalate_overdue(survey, now)
    except Exception as error:  # the cards are in: no rule may make an import fail
        why = f"{type(error).__name__}: {error}"
        note = tr(f"Alerts were not looked at ({why}).", f"未能运行预警规则({why})。")
        typer.secho(note, fg=typer.colors.YELLOW, err=True)
    else:
        if not report.is_quiet:
            typer.echo(report.as_text(), err=True)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise typer.BadParameter(tr(f"'{text}': write name=value.", f"“{text}”:请写成 名称=值。"))
    return name.strip(), value


def _line(one: "AlertView") -> str:
    from species_db.alerts.why import SEVERITY_WORDS, STATES, said

    left = ""
    if one.days_left is not None:
        days = f"{abs(one.days_left):.0f}"
        left = (
            tr(f"  {days} d overdue", f"  逾期 {days} 天")
            if one.is_overdue
            else tr(f"  {days} d left", f"  剩 {days} 天")
        )
    place = f"{one.county_name} {one.plot_id or ''}".strip()
    words = (said(SEVERITY_WORDS[one.severity]), said(STATES[one.state]), place, one.name, one.rule)
    return f"{one.alert_id[:8]}  " + "  ".join(words) + left


def _act_line(act: "ActionView") -> str:
    from species_db.alerts.why import ACT_WORDS, said

    parts = [f"{act.decided_at:%Y-%m-%d %H:%M} UTC", act.person, said(ACT_WORDS[act.act])]
    parts += [f"→ {act.assigned_to}"] if act.assigned_to else []
    return "  " + "  ".join([*parts, act.note]).rstrip()


def _rate(rate: Any) -> str:
    if rate.rate is None:
        return tr("false alarms: none closed yet", "误报率:尚无结案")
    low, high = rate.interval()
    told = tr(
        f"false alarms: {rate.false} of {rate.closed} closed ({rate.rate:.0%}, 95 % interval "
        f"{low:.0%}–{high:.0%}; machine {rate.by_machine}, people {rate.by_person})",
        f"误报:结案 {rate.closed} 条中 {rate.false} 条({rate.rate:.0%},95% 区间 "
        f"{low:.0%}–{high:.0%};机器 {rate.by_machine},人工 {rate.by_person})",
    )
    over = tr(f", over the budget of {rate.budget:.0%}", f",超出预算 {rate.budget:.0%}")
    return told + (over if rate.is_over else "")


def _thresholds(told: dict[str, Any]) -> str:
    def shown(value: Any) -> str:
        if isinstance(value, tuple):
            return ",".join(value[:8]) + (",…" if len(value) > 8 else "")
        return str(value).lower() if isinstance(value, bool) else str(value)

    return "  ".join(f"{name}={shown(value)}" for name, value in told.items())


def _plain(view: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(asdict(view), default=str))
    return told
