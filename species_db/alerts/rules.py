"""The rules in force: as shipped, or as a named person has set them, by date."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, select

from species_db.alerts.thresholds import RuleError, Thresholds, changed, read_thresholds, stored
from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import AlertRule
from species_db.vocabulary import Act, RuleKind, Severity

SHIPPED_FILE = "alert_rules.toml"
SHIPPED = "shipped"
URGENCY = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)


@dataclass(frozen=True)
class Rule:
    """One rule as it stands: what fires it, how urgent it is, and how soon somebody must act.

    `false_alarm_budget` is the share of closed alerts that may be false before it is told.
    """

    rule_id: str
    version_id: str
    kind: RuleKind
    title_zh: str
    title_en: str
    thresholds: Thresholds
    severity: Severity
    acknowledge_days: int
    close_days: int
    false_alarm_budget: float
    is_enabled: bool = True
    effective_from: date | None = None  # None: as shipped
    person: str = ""

    @property
    def title(self) -> str:
        """Its name in the language of the person at the keyboard."""
        return tr(self.title_en, self.title_zh)


@dataclass(frozen=True)
class RuleChange:
    """What a person wants otherwise in a rule; None leaves it as it is."""

    thresholds: Mapping[str, str]
    is_enabled: bool | None = None
    severity: Severity | None = None
    acknowledge_days: int | None = None
    close_days: int | None = None
    false_alarm_budget: float | None = None


def rules_in_force(session: Session, on: date) -> list[Rule]:
    """Every rule as it stands on a day: the newest version that a person set, else as shipped."""
    found = {rule.rule_id: rule for rule in shipped_rules()}
    versions = session.exec(
        select(AlertRule)
        .where(AlertRule.effective_from <= on)
        .order_by(col(AlertRule.effective_from), col(AlertRule.rule_version_id))
    )
    for row in versions:
        found[row.rule_id] = _rule(row)
    return list(found.values())


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that come with Namcha."""
    text = (files("species_db") / "data" / SHIPPED_FILE).read_text(encoding="utf-8")
    return tuple(_shipped(name, told) for name, told in tomllib.loads(text).items())


def set_rule(
    survey: Survey,
    rule_id: str,
    change: RuleChange,
    *,
    person: str,
    effective_from: date | None = None,
    now: datetime | None = None,
) -> Rule:
    """Set a rule anew from a day on (today); the version before it is kept, and the log says so.

    Raises:
        RuleError: nobody's name is given, or there is no such rule, threshold or value.
    """
    if not person.strip():
        raise RuleError(tr("A rule is set by a person: give a name.", "设置规则须署名。"))
    now = now or datetime.now(UTC)
    since = effective_from or now.date()
    with survey.writing() as session:
        before = _named(rules_in_force(session, since), rule_id)
        after = _after(before, change)
        row = AlertRule(
            rule_version_id=act_id(),
            rule_id=rule_id,
            kind=after.kind.value,
            title_zh=after.title_zh,
            title_en=after.title_en,
            thresholds=stored(after.thresholds),
            severity=after.severity.value,
            acknowledge_days=after.acknowledge_days,
            close_days=after.close_days,
            false_alarm_budget=after.false_alarm_budget,
            is_enabled=after.is_enabled,
            effective_from=since,
            person=person.strip(),
            entered_at=now,
        )
        session.add(row)
        record_decision(
            session,
            Act.ALERT_RULE_SET,
            subject=rule_id,
            person=person.strip(),
            details={
                "before": before.version_id,
                "after": row.rule_version_id,
                "effective_from": since.isoformat(),
                "thresholds": stored(after.thresholds),
                "is_enabled": after.is_enabled,
            },
        )
        return _rule(row)


def _named(rules: list[Rule], rule_id: str) -> Rule:
    for rule in rules:
        if rule.rule_id == rule_id:
            return rule
    known = [rule.rule_id for rule in rules]
    hint, listed = did_you_mean(rule_id, known), ", ".join(known)
    raise RuleError(
        tr(
            f"There is no rule '{rule_id}'.{hint} There are: {listed}.",
            f"没有规则“{rule_id}”。{hint}现有:{listed}。",
        )
    )


def _after(rule: Rule, change: RuleChange) -> Rule:
    told = {
        name: value
        for name in ("is_enabled", "severity", "acknowledge_days", "close_days")
        if (value := getattr(change, name)) is not None
    }
    days = [told.get(name, 1) for name in ("acknowledge_days", "close_days")]
    if min(days) < 1:
        raise RuleError(tr("Deadlines are one day or more.", "期限至少为 1 天。"))
    if (budget := change.false_alarm_budget) is not None:
        if not 0 <= budget <= 1:
            raise RuleError(
                tr(
                    f"A false-alarm budget is a share from 0 to 1, got {budget}.",
                    f"误报预算应为 0 至 1 的比例,得到 {budget}。",
                )
            )
        told["false_alarm_budget"] = budget
    thresholds = changed(rule.kind, rule.thresholds, change.thresholds)
    return replace(rule, thresholds=thresholds, **told)


def _rule(row: AlertRule) -> Rule:
    kind = RuleKind(row.kind)
    return Rule(
        rule_id=row.rule_id,
        version_id=row.rule_version_id,
        kind=kind,
        title_zh=row.title_zh,
        title_en=row.title_en,
        thresholds=read_thresholds(kind, json.loads(row.thresholds)),
        severity=Severity(row.severity),
        acknowledge_days=row.acknowledge_days,
        close_days=row.close_days,
        false_alarm_budget=row.false_alarm_budget,
        is_enabled=row.is_enabled,
        effective_from=row.effective_from,
        person=row.person,
    )


def _shipped(rule_id: str, told: dict[str, Any]) -> Rule:
    kind = RuleKind(told["kind"])
    return Rule(
        rule_id=rule_id,
        version_id=SHIPPED,
        kind=kind,
        title_zh=told["title_zh"],
        title_en=told["title_en"],
        thresholds=read_thresholds(kind, told["thresholds"]),
        severity=Severity(told["severity"]),
        acknowledge_days=told["acknowledge_days"],
        close_days=told["close_days"],
        false_alarm_budget=told["false_alarm_budget"],
        is_enabled=told.get("is_enabled", True),
    )
