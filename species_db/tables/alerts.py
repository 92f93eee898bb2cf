"""Early warning: rules as data, alerts they raised, and everything done with each alert."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class AlertRule(Sealed, table=True):
    """One rule in ecologists' words, with its thresholds; a later version replaces it by date."""

    rule_version_id: str = Field(primary_key=True)
    rule_id: str = Field(index=True)
    kind: str  # RuleKind
    title_zh: str
    title_en: str
    thresholds: str = "{}"  # JSON, read into the kind's own settings class
    severity: str
    acknowledge_days: int
    close_days: int
    false_alarm_budget: float  # share of closed alerts that may be false before it is told
    is_enabled: bool = True
    effective_from: date
    person: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


class Alert(Sealed, table=True):
    """A rule that fired on a record, at one place, for one taxon or disturbance."""

    __table_args__ = (
        Index("ix_alert_state", "state", "due_at"),
        Index("ix_alert_record", "record_kind", "record_id"),
    )
    alert_id: str = Field(primary_key=True)  # after rule and record: raising again adds nothing
    rule_id: str = Field(index=True)
    rule_version_id: str
    severity: str
    state: str  # AlertState
    outcome: str = ""  # AlertOutcome, when closed
    record_kind: str  # event, field_record, index
    record_id: str
    taxon_id: str | None = Field(default=None, foreign_key="taxon.taxon_id", index=True)
    what: str = ""  # human, vehicle, ... when there is no taxon
    location_id: str | None = None
    plot_id: str | None = None
    county: str = ""
    facts: str = "{}"  # why it fired, as JSON: numbers with their thresholds
    observed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    firm_by: str = ""
    firm_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    assigned_to: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    escalation: int = 0


class AlertAction(Sealed, table=True):
    """One step in the life of an alert; nothing is overwritten."""

    action_id: str = Field(primary_key=True)
    alert_id: str = Field(foreign_key="alert.alert_id", index=True)
    act: str  # AlertAct
    person: str
    note: str = ""
    assigned_to: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    field_record_id: str | None = Field(default=None, foreign_key="fieldrecord.field_record_id")
    control_id: str | None = Field(default=None, foreign_key="controlaction.control_id")
    decided_at: datetime = Field(sa_type=UtcDateTime)
