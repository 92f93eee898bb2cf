"""Terms of the early warning: what fires, how far an alert is, and what people do with it."""

from enum import StrEnum


class RuleKind(StrEnum):
    """What makes a rule fire; its thresholds stand in the rule."""

    FIRST_IN_COUNTY = "first_in_county"
    FIRST_IN_PLOT = "first_in_plot"
    FIRST_IN_BAND = "first_in_band"  # of elevation
    AFTER_SILENCE = "after_silence"  # of so many months
    INVASIVE_NEAR = "invasive_near"  # a protected area or a plot
    INDEX_OUTSIDE = "index_outside"  # its own interval
    DISTURBANCE = "disturbance"  # people, dogs or vehicles in a core zone
    DEAD_OR_ILL = "dead_or_ill"


class AlertState(StrEnum):
    """How far an alert is."""

    PROVISIONAL = "provisional"  # a machine's word alone
    FIRM = "firm"  # a named person confirmed the record
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    CHECKED = "checked"  # somebody went and looked
    ACTED = "acted"
    EFFECT = "effect"  # what the action brought was looked at
    CLOSED = "closed"


class AlertAct(StrEnum):
    """What a person, or a deadline, does to an alert; each is kept."""

    RAISED = "raised"
    CONFIRMED = "confirmed"  # the record was, so the alert is firm
    WITHDRAWN = "withdrawn"  # the record was corrected: nothing is left to warn of
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    CHECK = "check"
    ACTION = "action"
    EFFECT = "effect"
    CLOSE = "close"
    REOPEN = "reopen"
    ESCALATED = "escalated"  # its deadline passed
    NOTED = "noted"  # something came to light that moves the alert nowhere


class AlertOutcome(StrEnum):
    """How a closed alert ended; false alarms are counted by rule."""

    RESOLVED = "resolved"
    NO_ACTION_NEEDED = "no_action_needed"
    FALSE_ALARM = "false_alarm"


class Severity(StrEnum):
    """How soon somebody must look."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
