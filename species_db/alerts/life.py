"""The life of an alert: which step may follow which, by when, and what an overdue one becomes.

Provisional alerts move by review alone: who confirms or corrects the record moves the alert. A
number has no record to review, so whoever acknowledges an index alert makes it firm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from species_db.alerts.rules import URGENCY, Rule
from species_db.identity import alert_raised_id
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState, Severity

_TO_FALSE_END = (AlertOutcome.FALSE_ALARM, AlertOutcome.NO_ACTION_NEEDED)

# From state and act to state. Whatever is not here is refused.
STEPS: Mapping[tuple[AlertState, AlertAct], AlertState] = {
    (AlertState.FIRM, AlertAct.ACKNOWLEDGE): AlertState.ACKNOWLEDGED,
    (AlertState.ACKNOWLEDGED, AlertAct.ASSIGN): AlertState.ASSIGNED,
    (AlertState.ACKNOWLEDGED, AlertAct.CLOSE): AlertState.CLOSED,
    (AlertState.ASSIGNED, AlertAct.ASSIGN): AlertState.ASSIGNED,  # to somebody else
    (AlertState.ASSIGNED, AlertAct.CHECK): AlertState.CHECKED,
    (AlertState.CHECKED, AlertAct.ACTION): AlertState.ACTED,
    (AlertState.CHECKED, AlertAct.CLOSE): AlertState.CLOSED,
    (AlertState.ACTED, AlertAct.EFFECT): AlertState.EFFECT,
    (AlertState.EFFECT, AlertAct.ACTION): AlertState.ACTED,  # it was not enough
    (AlertState.EFFECT, AlertAct.CLOSE): AlertState.CLOSED,
    (AlertState.CLOSED, AlertAct.REOPEN): AlertState.ACKNOWLEDGED,
}
NEEDS_NOTE = (AlertAct.CHECK, AlertAct.ACTION, AlertAct.EFFECT, AlertAct.CLOSE, AlertAct.REOPEN)
# An alert ends as resolved only after somebody looked at what the action brought.
OUTCOMES: Mapping[AlertState, tuple[AlertOutcome, ...]] = {
    AlertState.ACKNOWLEDGED: _TO_FALSE_END,
    AlertState.CHECKED: _TO_FALSE_END,
    AlertState.EFFECT: (AlertOutcome.RESOLVED, *_TO_FALSE_END),
}
WAITS_FOR_SOMEBODY = (AlertState.PROVISIONAL, AlertState.FIRM)


@dataclass(frozen=True)
class EscalationSettings:
    """When an overdue alert goes one level up."""

    step_days: int = 3  # a weekend away from the office is not yet a silence
    highest: int = 3  # the person, the county, the prefecture; above it nobody is left to tell


ESCALATION = EscalationSettings()


def next_acts(state: AlertState, *, is_index: bool = False) -> tuple[AlertAct, ...]:
    """What a person may do with an alert now, the usual step first.

    >>> [act.value for act in next_acts(AlertState.CHECKED)]
    ['action', 'close']
    >>> next_acts(AlertState.PROVISIONAL), next_acts(AlertState.PROVISIONAL, is_index=True)
    ((), (<AlertAct.ACKNOWLEDGE: 'acknowledge'>,))
    """
    if state is AlertState.PROVISIONAL:
        return (AlertAct.ACKNOWLEDGE,) if is_index else ()
    usual = [
        act for (before, act), after in STEPS.items() if before is state and after is not state
    ]
    others = [act for (before, act), after in STEPS.items() if before is state and after is state]
    return (*usual, *others)


def after(state: AlertState, act: AlertAct, *, is_index: bool = False) -> AlertState | None:
    """The state that an act leads to; None when it is no legal step."""
    if is_index and (state, act) == (AlertState.PROVISIONAL, AlertAct.ACKNOWLEDGE):
        return AlertState.ACKNOWLEDGED
    return STEPS.get((state, act))


def severity_of(rule: Rule, *, is_class_i: bool) -> Severity:
    """A rule's severity, one step up for a record of class I.

    >>> from species_db.alerts.rules import shipped_rules
    >>> plot = next(rule for rule in shipped_rules() if rule.rule_id == "first_in_plot")
    >>> severity_of(plot, is_class_i=False).value, severity_of(plot, is_class_i=True).value
    ('low', 'medium')
    """
    step = URGENCY.index(rule.severity) + is_class_i
    return URGENCY[min(step, len(URGENCY) - 1)]


def due(rule: Rule, severity: Severity, state: AlertState, since: datetime) -> datetime:
    """By when the next step is due: days of the rule, halved for each step of more urgency.

    A provisional or firm alert waits for somebody to take it up; all that follows has the days
    until closing. Overdue is what lies after this instant.
    """
    days = rule.acknowledge_days if state in WAITS_FOR_SOMEBODY else rule.close_days
    steps = max(0, URGENCY.index(severity) - URGENCY.index(rule.severity))
    return since + timedelta(days=max(1.0, days / 2.0**steps))


def place_in_time(at: datetime, alert_id: str, action_id: str) -> tuple[datetime, bool, str]:
    """Where an act stands in an alert's history: the raising before all else of its instant."""
    return at, action_id != alert_raised_id(alert_id), action_id


def level_at(due_at: datetime, now: datetime, *, settings: EscalationSettings = ESCALATION) -> int:
    """The level that an open alert has reached: 0 until its deadline has passed.

    >>> from datetime import UTC
    >>> due_at = datetime(2026, 5, 1, tzinfo=UTC)
    >>> [level_at(due_at, due_at + timedelta(days=d, seconds=s)) for d, s in
    ...     ((0, 0), (0, 1), (3, 0), (3, 1), (6, 1), (99, 0))]
    [0, 1, 1, 2, 3, 3]
    """
    late = now - due_at
    if late <= timedelta(0):
        return 0
    full_steps = -(-late // timedelta(days=settings.step_days))
    return min(settings.highest, full_steps)
