"""What people do with an alert, each act with its entry in the log; and what deadlines do."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.alerts.facts import INDEX
from species_db.alerts.life import (
    NEEDS_NOTE,
    OUTCOMES,
    after,
    due,
    level_at,
    next_acts,
)
from species_db.alerts.rules import Rule, rules_in_force
from species_db.alerts.why import ACT_WORDS, OUTCOME_WORDS, STATES, said
from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import Alert, AlertAction, ControlAction, FieldRecord
from species_db.version import VERSION
from species_db.vocabulary import Act, AlertAct, AlertOutcome, AlertState, Severity

ITSELF = f"namcha {VERSION}"
SHORT_ID = 8  # letters of an alert's id that people type
ENDS = (AlertAct.CLOSE, AlertAct.REOPEN)


class AlertError(Exception):
    """An act on an alert cannot be taken: no such alert, no legal step, or something is missing."""


class StaleAlertError(AlertError):
    """The alert has moved on since the board showed it; nothing was written."""


@dataclass(frozen=True)
class Step:
    """One act on an alert: who does what, and what belongs to it.

    `expected` is the state that the person saw: two people cannot both act on it. None: the person
    looked at no board. `due_at` sets the deadline of what follows; else the rule's own holds.
    """

    act: AlertAct
    person: str
    expected: AlertState | None = None
    note: str = ""
    assigned_to: str = ""
    outcome: AlertOutcome | None = None
    due_at: datetime | None = None
    field_record_id: str | None = None
    control_id: str | None = None


def act_on(survey: Survey, alert_id: str, step: Step, *, now: datetime | None = None) -> str:
    """Take one step with an alert; return the id of the act.

    Alert, act and log entry are written in one transaction, or nothing is.

    Raises:
        StaleAlertError: the alert is no longer in the state that the person saw.
        AlertError: no such alert, no legal step, or something is missing.
    """
    now = now or datetime.now(UTC)
    with survey.writing() as session:
        alert = find_alert(session, alert_id)
        state, is_index = AlertState(alert.state), alert.record_kind == INDEX
        if step.expected not in (None, state):
            raise _conflict(session, alert)
        following = after(state, step.act, is_index=is_index)
        if following is None:
            raise _no_step(alert, step.act, is_index=is_index)
        _check(session, state, step, now)
        rule = rule_of(session, alert, now)
        _move(alert, step, following, rule, now)
        session.add(alert)
        action = AlertAction(
            action_id=act_id(),
            alert_id=alert.alert_id,
            act=step.act.value,
            person=step.person.strip(),
            note=step.note.strip(),
            assigned_to=step.assigned_to.strip(),
            due_at=alert.due_at,
            field_record_id=step.field_record_id,
            control_id=step.control_id,
            decided_at=now,
        )
        session.add(action)
        _log(session, alert, step.act, action, person=step.person.strip(), before=state)
        return action.action_id


def escalate_overdue(survey: Survey, now: datetime) -> list[tuple[str, int]]:
    """Raise overdue alerts to the level that they have reached; give each alert's new level.

    Every level is an act and an entry of its own, also when nobody looked for weeks; levels are
    days apart, so asking often costs one small question and writes nothing.
    """
    with survey.reading() as session:
        late = _overdue(session, now)
    if not late:
        return []
    reached = []
    with survey.writing() as session:
        for alert_id, level in late:
            for one in range(1, level + 1):
                if _escalate(session, alert_id, one, now):
                    reached.append((alert_id, one))
    return reached


def find_alert(session: Session, alert_id: str) -> Alert:
    """An alert by its id, or by the first letters of it that tell it apart.

    Raises:
        AlertError: there is none, or several begin so.
    """
    wanted = alert_id.strip().lower()
    known = session.exec(
        select(Alert.alert_id).where(col(Alert.alert_id).startswith(wanted, autoescape=True))
    ).all()
    if wanted and len(known) == 1:
        return session.exec(select(Alert).where(Alert.alert_id == known[0]).with_for_update()).one()
    if wanted and known:
        raise AlertError(
            tr(
                f"{len(known)} alerts begin with '{alert_id}'; give more letters of the id.",
                f"有 {len(known)} 条预警以“{alert_id}”开头;请多输入几位编号。",
            )
        )
    every = [one[:SHORT_ID] for one in session.exec(select(Alert.alert_id))]
    hint = did_you_mean(alert_id, every)
    raise AlertError(
        tr(
            f"There is no alert '{alert_id}'.{hint} See 'namcha alerts list'.",
            f"没有预警“{alert_id}”。{hint}请用“namcha alerts list”查看。",
        )
    )


def rule_of(session: Session, alert: Alert, now: datetime) -> Rule:
    """The rule of an alert as it stands now: its deadlines hold for what comes next.

    Raises:
        AlertError: the rule is not known, as in a survey of a newer version.
    """
    for rule in rules_in_force(session, now.date()):
        if rule.rule_id == alert.rule_id:
            return rule
    raise AlertError(
        tr(
            f"Rule '{alert.rule_id}' is not known to this version. Update Namcha.",
            f"当前版本没有规则“{alert.rule_id}”。请更新 Namcha。",
        )
    )


def _move(alert: Alert, step: Step, following: AlertState, rule: Rule, now: datetime) -> None:
    alert.state, alert.escalation = following.value, 0
    if not alert.firm_by and step.act is AlertAct.ACKNOWLEDGE:  # an index: nothing to review
        alert.firm_by, alert.firm_at = step.person.strip(), now
    if step.act is AlertAct.ASSIGN:
        alert.assigned_to = step.assigned_to.strip()
    if step.act is AlertAct.CLOSE:
        alert.outcome = step.outcome.value if step.outcome else ""
        alert.due_at = None
        return
    if step.act is AlertAct.REOPEN:
        alert.outcome, alert.assigned_to = "", ""
    usual = due(rule, Severity(alert.severity), following, _work_began(alert, step, now))
    was = alert.due_at if step.act not in (AlertAct.ACKNOWLEDGE, AlertAct.REOPEN) else None
    alert.due_at = step.due_at or was or usual


def _work_began(alert: Alert, step: Step, now: datetime) -> datetime:
    """The days until closing count from when the alert was firm; reopened, from now."""
    return now if step.act is AlertAct.REOPEN else (alert.firm_at or now)


def _check(session: Session, state: AlertState, step: Step, now: datetime) -> None:
    """Refuse a step that lacks what it needs, or names what is not there."""
    if not step.person.strip():
        raise AlertError(
            tr("Each step needs a person: give your name.", "每一步都须署名:请填写姓名。")
        )
    if step.act in NEEDS_NOTE and not step.note.strip():
        raise AlertError(
            tr(
                f"'{step.act.value}' needs a note: say what was seen, done or decided.",
                f"“{said(ACT_WORDS[step.act])}”需要备注:请说明所见、所做或所定。",
            )
        )
    if step.act is AlertAct.ASSIGN and not step.assigned_to.strip():
        raise AlertError(tr("Assign to whom? Give a name.", "指派给谁?请填写姓名。"))
    if step.act is AlertAct.CLOSE and step.outcome not in OUTCOMES[state]:
        ends = OUTCOMES.get(state, ())
        known = ", ".join(one.value for one in ends)
        known_zh = "、".join(f"{OUTCOME_WORDS[one][1]}({one.value})" for one in ends)
        raise AlertError(
            tr(
                f"An alert that is {state.value} can be closed as: {known}. 'resolved' comes "
                "after action and effect.",
                f"“{STATES[state][1]}”的预警只能以下列结果结案:{known_zh}。"
                "“已解决”须在处置并评估效果之后。",
            )
        )
    if step.due_at is not None and step.due_at <= now:
        raise AlertError(
            tr(
                f"The deadline {step.due_at.date()} has passed already; give a later day.",
                f"期限 {step.due_at.date()} 已过;请填写之后的日期。",
            )
        )
    _check_links(session, step)


def _check_links(session: Session, step: Step) -> None:
    links = (
        (FieldRecord, step.field_record_id, "野外记录"),
        (ControlAction, step.control_id, "防控行动"),
    )
    for table, found, name_zh in links:
        if found and session.get(table, found) is None:
            raise AlertError(
                tr(
                    f"There is no {table.__name__} '{found}' to link to. Check the id.",
                    f"没有可关联的{name_zh}“{found}”。请核对编号。",
                )
            )


def _no_step(alert: Alert, act: AlertAct, *, is_index: bool) -> AlertError:
    state = AlertState(alert.state)
    short = alert.alert_id[:SHORT_ID]
    if state is AlertState.PROVISIONAL and not is_index:
        return AlertError(
            tr(
                f"Alert {short} is provisional: a machine's word alone. Review its record first; "
                "confirmed, the alert becomes firm, and corrected, it is withdrawn.",
                f"预警 {short} 尚待核实:仅有机器识别。请先审核其记录;"
                "确认后预警成立,更正后预警撤回。",
            )
        )
    acts = next_acts(state, is_index=is_index)
    legal = ", ".join(one.value for one in acts)
    legal_zh = "、".join(ACT_WORDS[one][1] for one in acts)
    return AlertError(
        tr(
            f"Alert {short} is {state.value}: '{act.value}' is not a next step. Possible: {legal}.",
            f"预警 {short} {STATES[state][1]},下一步不能是“{ACT_WORDS[act][1]}”。可选:{legal_zh}。",
        )
    )


def _conflict(session: Session, alert: Alert) -> StaleAlertError:
    last = session.exec(
        select(AlertAction)
        .where(AlertAction.alert_id == alert.alert_id)
        .order_by(col(AlertAction.decided_at).desc(), col(AlertAction.action_id).desc())
        .limit(1)
    ).first()
    who = last.person if last else "?"
    return StaleAlertError(
        tr(
            f"Alert {alert.alert_id[:SHORT_ID]} is {alert.state} by now ({who}). Nothing of yours "
            "was written; look at the board again.",
            f"预警 {alert.alert_id[:SHORT_ID]} 现为“{STATES[AlertState(alert.state)][1]}”({who})。"
            "您的操作未写入;请重新查看预警板。",
        )
    )


def _overdue(session: Session, now: datetime) -> list[tuple[str, int]]:
    rows = session.exec(
        select(Alert.alert_id, Alert.due_at, Alert.escalation)
        .where(Alert.state != AlertState.CLOSED.value, col(Alert.due_at) < now)
        .order_by(col(Alert.due_at), col(Alert.alert_id))
    ).all()
    levels = [(one, level_at(due_at, now), was) for one, due_at, was in rows if due_at]
    return [(one, level) for one, level, was in levels if level > was]


def _escalate(session: Session, alert_id: str, level: int, now: datetime) -> bool:
    """Raise one alert by one level, unless somebody acted on it meanwhile."""
    alert = session.get_one(Alert, alert_id, with_for_update=True)
    is_due = alert.due_at is not None and level_at(alert.due_at, now) >= level
    if alert.state == AlertState.CLOSED.value or not is_due or alert.escalation != level - 1:
        return False
    alert.escalation = level
    session.add(alert)
    action = AlertAction(
        action_id=act_id(),
        alert_id=alert_id,
        act=AlertAct.ESCALATED.value,
        person=ITSELF,
        note=f"@escalated|{level}|",
        due_at=alert.due_at,
        decided_at=now,
    )
    session.add(action)
    state = AlertState(alert.state)
    _log(session, alert, AlertAct.ESCALATED, action, person=ITSELF, before=state)
    return True


def _log(
    session: Session,
    alert: Alert,
    act: AlertAct,
    action: AlertAction,
    *,
    person: str,
    before: AlertState,
) -> None:
    record_decision(
        session,
        Act.ALERT_ACTED,
        subject=alert.alert_id,
        person=person,
        details={
            "act": act.value,
            "action": action.action_id,
            "before": before.value,
            "after": alert.state,
            "outcome": alert.outcome,
            "assigned_to": alert.assigned_to,
            "note": action.note,
            "escalation": alert.escalation,
        },
        decided_at=action.decided_at,
    )
