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
    Filters,
    alert_board,
    false_alarms,
    read_filters,
    view_alert,
)
from species_db.alerts.links import (
    Choice,
    Evidence,
    control_choices,
    evidence_of,
    field_choices,
)
from species_db.alerts.raising import RaiseReport, raise_alerts
from species_db.alerts.rate import FalseAlarms
from species_db.alerts.rules import Rule, RuleChange, rules_in_force, set_rule, shipped_rules
from species_db.alerts.thresholds import RuleError

__all__ = [
    "ActionView",
    "AlertError",
    "AlertView",
    "Choice",
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
    "control_choices",
    "escalate_overdue",
    "evidence_of",
    "false_alarms",
    "field_choices",
    "find_alert",
    "raise_alerts",
    "read_filters",
    "rules_in_force",
    "set_rule",
    "shipped_rules",
    "view_alert",
]
