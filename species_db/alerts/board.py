"""The alert board: every alert with why it fired, how far it is, and by when what is due."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from species_db.alerts.acting import find_alert
from species_db.alerts.facts import INDEX
from species_db.alerts.life import OUTCOMES, next_acts, place_in_time
from species_db.alerts.rate import FalseAlarms
from species_db.alerts.rules import Rule, rules_in_force
from species_db.alerts.why import DISTURBANCE, county_name, note_in_words, said, why
from species_db.language import current_language, tr
from species_db.tables import Alert, AlertAction, FieldPhoto, Media, Observation, Taxon, TaxonName
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
class Evidence:
    """The picture that shows it best; `is_restricted`: only blurred."""

    kind: str  # media or field_photo
    picture_id: str
    is_restricted: bool


@dataclass(frozen=True)
class Filters:
    """Which alerts are asked for; empty is all."""

    county: str = ""
    rule_id: str = ""
    states: Collection[AlertState] = ()


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


def evidence_of(session: Session, alert: AlertView) -> Evidence | None:
    """The picture behind an alert: the one that the model was surest of, else the first."""
    if alert.record_kind == INDEX:
        return None
    if alert.record_kind != "event":
        photo = session.exec(
            select(FieldPhoto)
            .where(FieldPhoto.field_record_id == alert.record_id)
            .order_by(col(FieldPhoto.timestamp), col(FieldPhoto.field_photo_id))
            .limit(1)
        ).first()
        if photo is None:
            return None
        return Evidence("field_photo", photo.field_photo_id, photo.is_restricted)
    best = session.exec(
        select(Media)
        .join(Observation, col(Observation.media_id) == col(Media.media_id), isouter=True)
        .where(Media.event_id == alert.record_id)
        .order_by(
            col(Observation.bbox_x).is_(None),
            col(Observation.classification_probability).desc(),
            col(Media.timestamp),
            col(Media.media_id),
        )
        .limit(1)
    ).first()
    return Evidence("media", best.media_id, best.is_restricted) if best else None


def false_alarms(session: Session, *, now: datetime) -> list[FalseAlarms]:
    """Each rule's closed alerts and how many were false, machines' and people's apart."""
    closed, by_machine, by_person = Counter[str](), Counter[str](), Counter[str]()
    rows = session.exec(
        select(Alert.rule_id, Alert.outcome, Alert.firm_by).where(
            Alert.state == AlertState.CLOSED.value
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


def _views(session: Session, alerts: Iterable[Alert], now: datetime) -> list[AlertView]:
    found = list(alerts)
    rules = {rule.rule_id: rule for rule in rules_in_force(session, now.date())}
    names = _names(session, {one.taxon_id for one in found if one.taxon_id})
    return [_view(one, rules[one.rule_id], names, now) for one in found if one.rule_id in rules]


def _view(
    alert: Alert, rule: Rule, names: Mapping[str, tuple[str, str]], now: datetime
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
        why=why(rule.kind, alert.facts, county=alert.county, plot_id=alert.plot_id),
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
