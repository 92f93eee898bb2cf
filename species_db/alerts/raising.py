"""Run the rules over a survey and write what is new: one transaction, one entry of the log."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from species_db.alerts.facts import Fired
from species_db.alerts.firing import fire
from species_db.alerts.ground import SurveyGround
from species_db.alerts.index import fire_index
from species_db.alerts.life import due, place_in_time, severity_of
from species_db.alerts.looked import (
    Looked,
    keep_looked,
    read_looked,
    state_of_alerts,
    state_of_records,
)
from species_db.alerts.past import NOTE_SIGN, PARTS, Past
from species_db.alerts.reconcile import Change, Known, Move, Note, RecordNow, reconcile
from species_db.alerts.records import record_now
from species_db.alerts.rules import Rule, rules_in_force
from species_db.alerts.sightings import Seen, read_sightings
from species_db.alerts.standing import Standing
from species_db.alerts.thresholds import Disturbance
from species_db.decisions import record_decision
from species_db.identity import act_id, alert_raised_id
from species_db.language import tr
from species_db.lists import read_status_index
from species_db.survey import Survey
from species_db.tables import Alert, AlertAction
from species_db.version import VERSION
from species_db.vocabulary import Act, AlertAct, AlertOutcome, AlertState

ITSELF = f"namcha {VERSION}"
ACTS: Mapping[Move, AlertAct] = {
    Move.RAISE: AlertAct.RAISED,
    Move.RAISE_AGAIN: AlertAct.RAISED,
    Move.CONFIRM: AlertAct.CONFIRMED,
    Move.STEP_BACK: AlertAct.NOTED,
    Move.WITHDRAW: AlertAct.WITHDRAWN,
    Move.NOTE: AlertAct.NOTED,
}


@dataclass(frozen=True)
class RaiseReport:
    """What a run of the rules brought."""

    raised: int
    firm: int  # of them, or since the last run
    withdrawn: int
    noted: int
    sightings: int
    undated: int
    is_same: bool = False  # nothing had changed since the run before, so nothing was read

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has changed."""
        return not (self.raised or self.firm or self.withdrawn or self.noted)

    def as_text(self) -> str:
        """The outcome in one line."""
        if self.is_same:
            return tr(
                f"Nothing new since the last run, which looked at {self.sightings} records",
                f"自上次运行以来无新记录(上次检查 {self.sightings} 条)",
            )
        told = tr(
            f"{self.raised} alerts raised, {self.firm} firm, {self.withdrawn} withdrawn, "
            f"{self.noted} noted; {self.sightings} records looked at",
            f"新预警 {self.raised} 条,确认 {self.firm} 条,撤回 {self.withdrawn} 条,"
            f"备注 {self.noted} 条;共检查 {self.sightings} 条记录",
        )
        if self.undated:
            told += tr(
                f", {self.undated} without a date left out", f",{self.undated} 条无日期未计入"
            )
        return told


def raise_alerts(survey: Survey, *, now: datetime, person: str) -> RaiseReport:
    """Run every enabled rule; running it again, or in another order of arrival, adds nothing.

    Reads first, and holds the write lock only to write. A rule set meanwhile, or a review made
    meanwhile, is seen by the next run. When nothing has changed since the last run, nothing is
    read at all.
    """
    with survey.reading() as session:
        rules = rules_in_force(session, now.date())
        records, last = state_of_records(session, rules, now), read_looked(survey)
        is_same = last is not None and (last.records, last.alerts) == (
            records,
            state_of_alerts(session),
        )
        if last is not None and is_same and last.now <= now:
            return RaiseReport(0, 0, 0, 0, last.sightings, last.undated, is_same=True)
        seen, fired = find_firings(session, rules, now=now)
    report, left = _written(survey, rules, fired, seen, now=now, person=person)
    keep_looked(survey, Looked(records, left, now, report.sightings, report.undated))
    return report


def _written(
    survey: Survey,
    rules: Sequence[Rule],
    fired: Sequence[Fired],
    seen: Seen,
    *,
    now: datetime,
    person: str,
) -> tuple[RaiseReport, str]:
    """Write what has changed, with one entry of the log; tell what alerts there are then."""
    with survey.writing() as session:
        changes = list(_changes(session, rules, fired, now))
        for change in changes:
            _write(session, change, rules={one.rule_id: one for one in rules}, now=now)
        report = _report(changes, seen)
        if changes:
            record_decision(
                session,
                Act.ALERTS_RAISED,
                subject="alerts",
                person=person,
                details={
                    "raised": report.raised,
                    "firm": report.firm,
                    "withdrawn": report.withdrawn,
                    "noted": report.noted,
                },
                decided_at=now,
            )
        return report, state_of_alerts(session)


def find_firings(
    session: Session, rules: Iterable[Rule], *, now: datetime
) -> tuple[Seen, list[Fired]]:
    """Everything that the enabled rules fire on in a survey, old or new."""
    enabled = [rule for rule in rules if rule.is_enabled]
    standing = Standing(session, read_status_index(session))
    ground = SurveyGround(session)
    watched = [one for one in enabled if _is_anywhere(one, ground)]
    seen = read_sightings(session, watched, standing)
    fired = [one for rule in enabled for one in fire(rule, seen.sightings, ground)]
    for rule in enabled:
        fired += fire_index(rule, seen.sightings, ground, now.date())
    return seen, fired


def _is_anywhere(rule: Rule, ground: SurveyGround) -> bool:
    """Whether a rule on areas has any: people are read, by the hundred thousand, for it alone."""
    told = rule.thresholds
    return not isinstance(told, Disturbance) or bool(told.plots) or ground.has_zones(told.areas)


def _changes(
    session: Session, rules: Iterable[Rule], fired: Iterable[Fired], now: datetime
) -> Iterable[Change]:
    def is_news(one: Fired) -> bool:
        oldest = timedelta(days=one.rule.thresholds.not_older_than_days)
        return now - one.at <= oldest

    def now_says(known: Known) -> RecordNow:
        return record_now(session, known)

    return reconcile(
        fired,
        _known(session),
        {one.rule_id: one for one in rules},
        record_now=now_says,
        is_news=is_news,
    )


def _known(session: Session) -> dict[str, Known]:
    """The alerts of the survey, with what was noted of each since it was last raised."""
    past: dict[str, Past] = defaultdict(Past)
    for act in _acts(session):
        past[act.alert_id].read(act)
    return {
        one.alert_id: Known(
            alert_id=one.alert_id,
            rule_id=one.rule_id,
            rule_version_id=one.rule_version_id,
            state=AlertState(one.state),
            record_kind=one.record_kind,
            record_id=one.record_id,
            subject=one.taxon_id or one.what,
            firm_by=one.firm_by,
            is_withdrawn=past[one.alert_id].is_withdrawn,
            notes=frozenset(past[one.alert_id].notes),
            closed_at=past[one.alert_id].closed_at,
            records=past[one.alert_id].records,
        )
        for one in session.exec(select(Alert))
    }


def _acts(session: Session) -> list[AlertAction]:
    """All acts in their order."""
    return sorted(
        session.exec(select(AlertAction)),
        key=lambda one: place_in_time(one.decided_at, one.alert_id, one.action_id),
    )


def _write(session: Session, change: Change, *, rules: Mapping[str, Rule], now: datetime) -> None:
    if change.move is Move.RAISE and change.fired is not None:
        alert = _new(change.alert_id, change.fired, now)
    else:
        alert = session.get_one(Alert, change.alert_id)
        _move(alert, change, rules[alert.rule_id], now)
    session.add(alert)
    session.flush()
    is_first = change.move is Move.RAISE
    session.add(
        AlertAction(
            action_id=alert_raised_id(alert.alert_id) if is_first else act_id(),
            alert_id=alert.alert_id,
            act=ACTS[change.move].value,
            person=change.person or ITSELF,
            note=_note(change),
            due_at=alert.due_at,
            decided_at=now,
        )
    )


def _new(alert_id: str, fired: Fired, now: datetime) -> Alert:
    severity = severity_of(fired.rule, is_class_i=fired.is_class_i)
    state = AlertState.FIRM if fired.firm_by else AlertState.PROVISIONAL
    return Alert(
        alert_id=alert_id,
        rule_id=fired.rule.rule_id,
        rule_version_id=fired.rule.version_id,
        severity=severity.value,
        state=state.value,
        record_kind=fired.record_kind,
        record_id=fired.record_id,
        taxon_id=fired.taxon_id,
        what=fired.what,
        location_id=fired.location_id,
        plot_id=fired.plot_id,
        county=fired.county,
        facts=json.dumps(dict(fired.facts), ensure_ascii=False, sort_keys=True),
        observed_at=fired.at,
        raised_at=now,
        firm_by=fired.firm_by,
        firm_at=now if fired.firm_by else None,
        due_at=due(fired.rule, severity, state, now),
    )


def _move(alert: Alert, change: Change, rule: Rule, now: datetime) -> None:
    """Bring an alert to the state that a change asks for; a note alone moves nothing."""
    firm_by = change.fired.firm_by if change.fired else ""
    if change.move is Move.WITHDRAW:
        alert.state, alert.due_at = AlertState.CLOSED.value, None
        alert.outcome = (change.outcome or AlertOutcome.FALSE_ALARM).value
        alert.escalation = 0
    elif change.move is not Move.NOTE:
        state = AlertState.FIRM if firm_by else AlertState.PROVISIONAL
        alert.state, alert.outcome, alert.escalation = state.value, "", 0
        alert.firm_by, alert.firm_at = firm_by, now if firm_by else None
        severity = severity_of(rule, is_class_i=bool(change.fired and change.fired.is_class_i))
        alert.severity = severity.value
        alert.due_at = due(rule, severity, state, now)


def _note(change: Change) -> str:
    if change.note is None:
        return ""
    said = [part.replace(PARTS, "/") for part in (change.person, change.said)]
    return NOTE_SIGN + PARTS.join([change.note.value, *said])


def _report(changes: Iterable[Change], seen: Seen) -> RaiseReport:
    moves = Counter(change.move for change in changes)
    raised = moves[Move.RAISE] + moves[Move.RAISE_AGAIN]
    firm = sum(
        bool(change.fired and change.fired.firm_by)
        for change in changes
        if change.move in (Move.RAISE, Move.RAISE_AGAIN, Move.CONFIRM)
    )
    noted = moves[Move.NOTE] + moves[Move.STEP_BACK]
    return RaiseReport(raised, firm, moves[Move.WITHDRAW], noted, len(seen.sightings), seen.undated)


__all__ = ["NOTE_SIGN", "PARTS", "Note", "RaiseReport", "find_firings", "raise_alerts"]
