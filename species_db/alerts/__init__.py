"""Early warning: rules as data, alerts that close, and digests short enough for a phone."""

from species_db.alerts.acting import (
    AlertError,
    StaleAlertError,
    Step,
    act_on,
    escalate_overdue,
    find_alert,
)
from species_db.alerts.board import (
    ActionView,
    AlertView,
    Evidence,
    Filters,
    alert_board,
    evidence_of,
    false_alarms,
    view_alert,
)
from species_db.alerts.raising import RaiseReport, raise_alerts
from species_db.alerts.rate import FalseAlarms
from species_db.alerts.rules import Rule, RuleChange, rules_in_force, set_rule, shipped_rules
from species_db.alerts.thresholds import RuleError

__all__ = [
    "ActionView",
    "AlertError",
    "AlertView",
    "Evidence",
    "FalseAlarms",
    "Filters",
    "RaiseReport",
    "Rule",
    "RuleChange",
    "RuleError",
    "StaleAlertError",
    "Step",
    "act_on",
    "alert_board",
    "escalate_overdue",
    "evidence_of",
    "false_alarms",
    "find_alert",
    "raise_alerts",
    "rules_in_force",
    "set_rule",
    "shipped_rules",
    "view_alert",
]
