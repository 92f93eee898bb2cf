"""What a freeze says of itself: everything that its numbers rest on, each with a hash.

Lists by the hash over their entries, models by their bytes, rules in full, code by its files, the
log by its last entry. So two freezes can be held against each other years later.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from species_db.alerts.rules import Rule as WarningRule
from species_db.alerts.rules import rules_in_force as warning_rules
from species_db.alerts.thresholds import stored
from species_db.decisions import broken_entries
from species_db.evaluation.counting import CountingRules
from species_db.evaluation.kept_freeze import FORMAT, FORMAT_VERSION
from species_db.evaluation.periods import Period
from species_db.evaluation.snapshot import Snapshot
from species_db.evaluation.sources import code_sha256, source_fingerprints
from species_db.export.offering import CHANGES_NOTHING
from species_db.language import speaking
from species_db.sensitivity import read_rules
from species_db.sensitivity import rules_in_force as place_rules
from species_db.tables import Decision, ListVersion, ModelVersion
from species_db.version import VERSION
from species_db.vocabulary import Act

NOTICE = {
    "en": "Internal. survey.db holds exact places of protected species: this folder stays with "
    "those who may know them and is never published. Reports built from it pass the gate.",
    "zh": "内部资料。survey.db 含受保护物种的精确位置：本文件夹仅限有权知悉者保管，不得公开。"
    "由其生成的报告均经过关口处理。",
}
# What may differ between two freezes of a survey in which nothing changed.
NO_CHANGE = (*CHANGES_NOTHING, Act.KEY_MADE.value)
COMPARED = ("period", "baseline", "counting", "lists", "rules", "models", "settings")


def statement_of(
    session: Session,
    snapshot: Snapshot,
    *,
    name: str,
    person: str,
    made_at: datetime,
    gate_on: date,
    period: Period,
    baseline: Period,
    counting: CountingRules,
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Put together everything but the signature; `session` reads the snapshot."""
    parts = dict(source_fingerprints())
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "notice": NOTICE,
        "name": name,
        "person": person,
        "made_at": made_at.isoformat(timespec="seconds"),
        "gate_on": gate_on.isoformat(),
        "period": period.as_plain(),
        "baseline": baseline.as_plain(),
        "counting": counting.as_plain(),
        "settings": dict(settings),
        "snapshot": {
            "file": "survey.db",
            "bytes": snapshot.bytes,
            "sha256": snapshot.sha256,
            "tables_version": snapshot.tables_version,
        },
        "content": {
            "sha256": snapshot.content_sha256,
            "tables": {
                table: {"rows": snapshot.rows[table], "sha256": snapshot.sha256s[table]}
                for table in sorted(snapshot.rows)
            },
        },
        "log": _log(session),
        "lists": _lists(session),
        "rules": rules_told(session, gate_on),
        "models": _models(session),
        "software": {
            "name": "namcha",
            "version": VERSION,
            "sha256": code_sha256(parts),
            "sources": parts,
        },
    }


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what differs in two statements of one survey but who froze it, and when.

    The log is compared by its last entry that changed anything: a freeze is an entry as well.
    """
    told = [one for one in COMPARED if before[one] != after[one]]
    tables = {**before["content"]["tables"], **after["content"]["tables"]}
    told += [
        name
        for name in sorted(tables)
        if name != "decision"
        and before["content"]["tables"].get(name) != after["content"]["tables"].get(name)
    ]
    if before["log"]["last_change"] != after["log"]["last_change"]:
        told.append("decision")
    if before["software"]["sha256"] != after["software"]["sha256"]:
        told.append("software")
    return tuple(told)


def rules_told(session: Session, on: date) -> dict[str, Any]:
    """The rules of the gate and of warnings in force on a day, by what they speak of.

    >>> from species_db.alerts.rules import shipped_rules
    >>> _warning(shipped_rules()[0])["severity"] in ("low", "medium", "high")
    True
    """
    with speaking("en"):  # the same words whoever freezes
        places = place_rules(read_rules(session), on)
        return {
            "sensitivity": {
                subject: {
                    "sensitivity": rule.sensitivity.value,
                    "delay_days": rule.delay_days,
                    "effective_from": rule.effective_from.isoformat(),
                    "person": rule.person,
                }
                for subject, rule in sorted(places.items())
            },
            "alerts": {
                rule.rule_id: _warning(rule)
                for rule in sorted(warning_rules(session, on), key=lambda one: one.rule_id)
            },
        }


def _warning(rule: WarningRule) -> dict[str, Any]:
    return {
        "version": rule.version_id,
        "kind": rule.kind.value,
        "thresholds": stored(rule.thresholds),
        "severity": rule.severity.value,
        "acknowledge_days": rule.acknowledge_days,
        "close_days": rule.close_days,
        "is_enabled": rule.is_enabled,
    }


def _log(session: Session) -> dict[str, Any]:
    last = session.exec(select(Decision).order_by(col(Decision.sequence).desc()).limit(1)).first()
    changed = select(func.max(Decision.sequence)).where(col(Decision.act).not_in(NO_CHANGE))
    return {
        "last_sequence": last.sequence if last else 0,
        "last_hash": last.hash if last else "",
        "last_change": session.exec(changed).one() or 0,
        "broken_entries": list(broken_entries(session)),
    }


def _lists(session: Session) -> list[dict[str, Any]]:
    rows = session.exec(select(ListVersion).order_by(col(ListVersion.list_version_id)))
    return [
        {
            "list_version_id": one.list_version_id,
            "title_zh": one.title_zh,
            "title_en": one.title_en,
            "effective_from": one.effective_from.isoformat(),
            "effective_to": one.effective_to.isoformat() if one.effective_to else None,
            "entries": one.entry_count,
            "content_sha256": one.content_sha256,
            "is_partial": one.is_partial,
        }
        for one in rows
    ]


def _models(session: Session) -> list[dict[str, Any]]:
    rows = session.exec(select(ModelVersion).order_by(col(ModelVersion.sha256)))
    return [
        {"name": one.name, "version": one.version, "sha256": one.sha256, "threshold": one.threshold}
        for one in rows
    ]
