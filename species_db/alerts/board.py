"""The alert board: every alert with why it fired, how far it is, and by when what is due."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from species_db.alerts.acting import AlertError, find_alert, rule_of
from species_db.alerts.facts import INDEX
from species_db.alerts.life import OUTCOMES, next_acts, place_in_time
from species_db.alerts.past import COUNT, NOTE_SIGN, PARTS
from species_db.alerts.rate import FalseAlarms
from species_db.alerts.rules import Rule, rules_in_force
from species_db.alerts.why import DISTURBANCE, county_name, note_in_words, said, why
from species_db.language import current_language, did_you_mean, tr
from species_db.places import COUNTIES, find_county
from species_db.tables import Alert, AlertAction, Taxon, TaxonName
from species_db.vocabulary import (
    AlertAct,
    AlertOutcome,
    AlertState,
    RuleKind,
    Severity,
)

RECENT = timedelta(days=30)  # how long a closed alert stays on the board
URGENT_FIRST = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


@dataclass(frozen=True)
class AlertView:
    """One alert as the board shows it, in the reader's language; no coordinates.

    `mark` is the legal standing that counted (I, II, invasive, or empty); `days_left` is negative
    when overdue, None when nothing is due.
    """

    alert_id: str
    rule_id: str
    rule: str
    kind: RuleKind
    severity: Severity
    state: AlertState
    outcome: AlertOutcome | None
    taxon_id: str | None
    name: str
    scientific_name: str
    mark: str
    county: str
    county_name: str
    plot_id: str | None
    location_id: str | None
    record_kind: str
    record_id: str
    why: str
    records: int
    observed_at: datetime | None
    raised_at: datetime
    firm_by: str
    assigned_to: str
    due_at: datetime | None
    days_left: float | None
    escalation: int
    acts: tuple[AlertAct, ...]
    outcomes: tuple[AlertOutcome, ...]

    @property
    def is_overdue(self) -> bool:
        """Whether its deadline has passed."""
        return self.days_left is not None and self.days_left < 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.state is not AlertState.CLOSED


@dataclass(frozen=True)
class ActionView:
    """One step in an alert's history."""

    act: AlertAct
    person: str
    note: str
    assigned_to: str
    due_at: datetime | None
    field_record_id: str | None
    control_id: str | None
    decided_at: datetime


@dataclass(frozen=True)
class Filters:
    """Which alerts are asked for; empty is all."""

    county: str = ""
    rule_id: str = ""
    states: Collection[AlertState] = ()


def read_filters(
    session: Session,
    *,
    county: str,
    rule_id: str,
    states: Collection[AlertState],
    now: datetime,
) -> Filters:
    """What a person typed as filters; a county by code or name.

    Raises:
        AlertError: there is no such county or rule; an empty list would be read as all is well.
    """
    known = find_county(county) if county else None
    rules = [rule.rule_id for rule in rules_in_force(session, now.date())]
    if county and known is None:
        names = [tr(one.name_en, one.name_zh) for one in COUNTIES.values()]
        raise _unknown(tr("county", "县"), county, names)
    if rule_id and rule_id not in rules:
        raise _unknown(tr("rule", "规则"), rule_id, rules)
    return Filters(known.code if known else "", rule_id, states)


def alert_board(
    session: Session, *, now: datetime, filters: Filters | None = None, recent: timedelta = RECENT
) -> list[AlertView]:
    """Open alerts and those closed lately: overdue first, then the most severe, then the oldest."""
    wanted = filters or Filters()
    lately = select(AlertAction.alert_id).where(col(AlertAction.decided_at) >= now - recent)
    asked = select(Alert).where(
        or_(col(Alert.state) != AlertState.CLOSED.value, col(Alert.alert_id).in_(lately))
    )
    if wanted.county:
        asked = asked.where(Alert.county == wanted.county)
    if wanted.rule_id:
        asked = asked.where(Alert.rule_id == wanted.rule_id)
    if wanted.states:
        asked = asked.where(col(Alert.state).in_(sorted(one.value for one in wanted.states)))
    return sorted(_views(session, session.exec(asked).all(), now), key=_order)


def view_alert(
    session: Session, alert_id: str, *, now: datetime
) -> tuple[AlertView, tuple[ActionView, ...]]:
    """One alert with its whole history, oldest step first.

    Raises:
        AlertError: there is no such alert.
    """
    alert = find_alert(session, alert_id)
    rule_of(session, alert, now)  # else a newer version's rule, which we cannot tell of
    (view,) = _views(session, [alert], now)
    rows = sorted(
        session.exec(select(AlertAction).where(AlertAction.alert_id == alert.alert_id)),
        key=lambda one: place_in_time(one.decided_at, one.alert_id, one.action_id),
    )
    return view, tuple(
        ActionView(
            AlertAct(one.act),
            one.person,
            note_in_words(one.note),
            one.assigned_to,
            one.due_at,
            one.field_record_id,
            one.control_id,
            one.decided_at,
        )
        for one in rows
    )


def false_alarms(session: Session, *, now: datetime) -> list[FalseAlarms]:
    """Each rule's closed alerts and how many were false, machines' and people's apart.

    Alerts that we withdrew without a verdict, since other photos or an earlier alert took their
    place, are not counted: they would make every rule look better than it is.
    """
    closed, by_machine, by_person = Counter[str](), Counter[str](), Counter[str]()
    judged = select(AlertAction.alert_id).where(AlertAction.act == AlertAct.CLOSE.value)
    rows = session.exec(
        select(Alert.rule_id, Alert.outcome, Alert.firm_by).where(
            Alert.state == AlertState.CLOSED.value,
            or_(
                Alert.outcome == AlertOutcome.FALSE_ALARM.value,
                col(Alert.alert_id).in_(judged),  # what merely went away was neither
            ),
        )
    )
    for rule_id, outcome, firm_by in rows:
        closed[rule_id] += 1
        if outcome == AlertOutcome.FALSE_ALARM.value:
            (by_person if firm_by else by_machine)[rule_id] += 1
    return [
        FalseAlarms(one, closed[one], by_machine[one], by_person[one], rule.false_alarm_budget)
        for rule in rules_in_force(session, now.date())
        if (one := rule.rule_id)
    ]


def _unknown(kind: str, told: str, known: list[str]) -> AlertError:
    hint, listed = did_you_mean(told, known), ", ".join(known)
    return AlertError(
        tr(
            f"There is no {kind} '{told}'.{hint} There are: {listed}.",
            f"没有{kind}“{told}”。{hint}现有:{listed}。",
        )
    )


def _views(session: Session, alerts: Iterable[Alert], now: datetime) -> list[AlertView]:
    found = list(alerts)
    rules = {rule.rule_id: rule for rule in rules_in_force(session, now.date())}
    names = _names(session, {one.taxon_id for one in found if one.taxon_id})
    counts = _counts(session)
    return [
        _view(one, rules[one.rule_id], names, now, records=counts.get(one.alert_id, 1))
        for one in found
        if one.rule_id in rules
    ]


def _counts(session: Session) -> dict[str, int]:
    """How many records each alert holds, where others joined it."""
    sign = f"{NOTE_SIGN}{COUNT}{PARTS}"
    rows = session.exec(
        select(AlertAction.alert_id, AlertAction.note).where(
            AlertAction.act == AlertAct.NOTED.value, col(AlertAction.note).startswith(sign)
        )
    )
    found: dict[str, int] = {}
    for alert_id, note in rows:
        count = int(note.rpartition(PARTS)[2])
        found[alert_id] = max(count, found.get(alert_id, 1))
    return found


def _view(
    alert: Alert,
    rule: Rule,
    names: Mapping[str, tuple[str, str]],
    now: datetime,
    *,
    records: int,
) -> AlertView:
    state = AlertState(alert.state)
    name, scientific = names.get(alert.taxon_id or "", ("", ""))
    left = (alert.due_at - now) / timedelta(days=1) if alert.due_at else None
    return AlertView(
        alert_id=alert.alert_id,
        rule_id=alert.rule_id,
        rule=rule.title,
        kind=rule.kind,
        severity=Severity(alert.severity),
        state=state,
        outcome=AlertOutcome(alert.outcome) if alert.outcome else None,
        taxon_id=alert.taxon_id,
        name=name or said(DISTURBANCE.get(alert.what, (alert.what, alert.what))),
        scientific_name=scientific,
        mark=str(json.loads(alert.facts).get("mark", "")),
        county=alert.county,
        county_name=county_name(alert.county) or tr("no county", "县未知"),
        plot_id=alert.plot_id,
        location_id=alert.location_id,
        record_kind=alert.record_kind,
        record_id=alert.record_id,
        why=why(
            rule.kind,
            alert.facts,
            county=alert.county,
            plot_id=alert.plot_id,
            records=records,
        ),
        records=records,
        observed_at=alert.observed_at,
        raised_at=alert.raised_at,
        firm_by=alert.firm_by,
        assigned_to=alert.assigned_to,
        due_at=alert.due_at,
        days_left=round(left, 2) if left is not None else None,
        escalation=alert.escalation,
        acts=next_acts(state, is_index=alert.record_kind == INDEX),
        outcomes=OUTCOMES.get(state, ()),
    )


def _names(session: Session, taxon_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Each taxon's name in the reader's language, else the scientific one, which comes second."""
    wanted = sorted(taxon_ids)
    scientific = dict(
        session.exec(
            select(Taxon.taxon_id, Taxon.scientific_name).where(col(Taxon.taxon_id).in_(wanted))
        ).all()
    )
    rows = session.exec(
        select(TaxonName)
        .where(col(TaxonName.taxon_id).in_(wanted), TaxonName.language == current_language())
        .order_by(col(TaxonName.is_preferred), col(TaxonName.name).desc())
    )
    spoken = {row.taxon_id: row.name for row in rows}
    return {one: (spoken.get(one, name), name) for one, name in scientific.items()}


def _order(one: AlertView) -> tuple[bool, bool, int, float, str]:
    left = one.days_left if one.days_left is not None else float("inf")
    return not one.is_open, not one.is_overdue, URGENT_FIRST.index(one.severity), left, one.alert_id
