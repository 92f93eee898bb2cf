"""Set a rule of sensitivity: one act of a named person, dated, with its reason."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import did_you_mean, tr
from species_db.sensitivity.category import read_categories
from species_db.sensitivity.gate import local_today
from species_db.sensitivity.rules import (
    STATUS,
    TAXON,
    Rule,
    SensitivityError,
    read_rules,
    rules_in_force,
)
from species_db.survey import Survey
from species_db.tables import ListEntry, ListVersion, SensitivityRule, Taxon, TaxonName
from species_db.vocabulary import Act, Sensitivity, StatusKind

MOST_DELAY_DAYS = 3650  # more is a typing slip


def set_rule(
    survey: Survey,
    subject: str,
    sensitivity: Sensitivity,
    *,
    reason: str,
    person: str,
    delay_days: int | None = None,
    effective_from: date | None = None,
) -> Rule:
    """Set how far the places of a subject are coarsened from a day on; one act in the log.

    Also the only way to loosen a place: a list that changes does not do so by itself. A delay that
    is not given stays what it was, so that nobody shortens it by coarsening a place.

    Raises:
        SensitivityError: no person or reason, an unknown subject, or an impossible delay.
    """
    _check(reason, person, delay_days)
    now = datetime.now(UTC)
    begins = effective_from or local_today(survey.settings)
    with survey.writing() as session:
        _check_subject(session, subject)
        row = SensitivityRule(
            rule_id=act_id(),
            subject=subject,
            sensitivity=sensitivity.value,
            delay_days=_delay_of(session, subject, begins) if delay_days is None else delay_days,
            effective_from=begins,
            reason=reason.strip(),
            person=person.strip(),
            entered_at=now,
        )
        session.add(row)
        session.flush()
        record_decision(
            session,
            Act.SENSITIVITY_SET,
            subject=subject,
            person=row.person,
            decided_at=now,
            details={
                "rule_id": row.rule_id,
                "sensitivity": row.sensitivity,
                "delay_days": row.delay_days,
                "effective_from": row.effective_from.isoformat(),
                "reason": row.reason,
            },
        )
        return next(rule for rule in read_rules(session) if rule.rule_id == row.rule_id)


def find_taxon(session: Session, text: str) -> str:
    """Find the taxon that a person means: its id, its scientific name, or a name in any language.

    Raises:
        SensitivityError: none or several answer to it.
    """
    wanted = text.strip()
    by_taxon = select(Taxon.taxon_id).where(
        (col(Taxon.taxon_id) == wanted) | (col(Taxon.scientific_name) == wanted)
    )
    by_name = select(TaxonName.taxon_id).where(TaxonName.name == wanted)
    found = sorted(set(session.exec(by_taxon)) or set(session.exec(by_name)))
    if len(found) == 1:
        return found[0]
    if found:
        raise SensitivityError(
            tr(
                f"{len(found)} taxa are called {wanted}. Give the scientific name.",
                f"有 {len(found)} 个类群名为 {wanted}。请填写学名。",
            )
        )
    hint = did_you_mean(wanted, session.exec(select(Taxon.scientific_name)).all())
    raise SensitivityError(
        tr(
            f"No taxon is called {wanted}. Give a scientific name of the survey's lists.{hint}",
            f"没有名为 {wanted} 的类群。请填写本调查名录中的学名。{hint}",
        )
    )


def _delay_of(session: Session, subject: str, on: date) -> int:
    """The delay that holds for a subject without the new rule."""
    kind, _, taxon_id = subject.partition(":")
    if kind == TAXON:
        return read_categories(session, today=on).of(taxon_id, since=on).delay_days
    rule = rules_in_force(read_rules(session), on).get(subject)
    return rule.delay_days if rule else 0


def _check(reason: str, person: str, delay_days: int | None) -> None:
    if not reason.strip() or not person.strip():
        raise SensitivityError(
            tr(
                "A rule needs a person and a reason: say who sets it and why.",
                "设置规则须有负责人和理由:请写明由谁设置、为何设置。",
            )
        )
    if delay_days is not None and not 0 <= delay_days <= MOST_DELAY_DAYS:
        raise SensitivityError(
            tr(
                f"A delay of {delay_days} days makes no sense; give 0 to {MOST_DELAY_DAYS}.",
                f"延迟 {delay_days} 天不合理;请填写 0 至 {MOST_DELAY_DAYS}。",
            )
        )


def _check_subject(session: Session, subject: str) -> None:
    kind, _, rest = subject.partition(":")
    if kind == TAXON and session.get(Taxon, rest) is not None:
        return
    list_kind, _, category = rest.partition(":")
    known = _statuses(session)
    if kind == STATUS and category in known.get(list_kind, ()):
        return
    kinds = [list_kind] if list_kind in known else ["protected_animals", "protected_plants"]
    some = ", ".join(f"{STATUS}:{one}:{level}" for one in kinds for level in sorted(known[one])[:5])
    raise SensitivityError(
        tr(
            f"'{subject}' is no subject of a rule; write taxon:ID of a known taxon, or a status "
            f"that some list gives, such as {some}.",
            f"“{subject}”不是有效的规则对象;请写 taxon:编号,或名录中已有的保护状态,如 {some}。",
        )
    )


def _statuses(session: Session) -> Mapping[str, set[str]]:
    """The kinds of list and their categories: those of the lists taken in, and the national two."""
    known = {
        kind.value: {"I", "II"}
        for kind in (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)
    }
    rows = session.exec(
        select(ListVersion.kind, ListEntry.category)
        .join(ListEntry, col(ListEntry.list_version_id) == col(ListVersion.list_version_id))
        .distinct()
    )
    for kind, category in rows:
        known.setdefault(kind, set()).add(category)
    return known
