"""Which taxa make a place sensitive, and how much: rules as dated data, with defaults.

A rule speaks of one taxon (a species, or a genus or family with all its species) or of all taxa of
a legal status. A later rule for the same subject replaces an earlier one from its date; the rules
shipped here hold until a person sets others, with a reason, in the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from species_db.language import tr
from species_db.tables import SensitivityRule, Taxon
from species_db.vocabulary import Sensitivity, StatusKind

# A snare line is set where an animal was seen lately; after a year the trail is another one, and
# the camera season of the record is over. Class I animals are those that are hunted to order: musk
# deer, pangolin, tiger, leopards, golden cat, takin, tragopans.
CLASS_I_DELAY_DAYS = 365
# Class II holds bears, gorals, serows, macaques and monals, which are snared, beside raptors, which
# are not; the list does not tell them apart. Half a year lets the season pass.
CLASS_II_DELAY_DAYS = 180
_BEFORE_ALL = date(1, 1, 1)
TAXON, STATUS = "taxon", "status"


class SensitivityError(Exception):
    """A rule of sensitivity that cannot stand: its subject, its delay, its reason or its person."""


@dataclass(frozen=True)
class Rule:
    """How far the places of its subject are coarsened, and for how long its records wait."""

    subject: str
    sensitivity: Sensitivity
    delay_days: int
    effective_from: date
    reason: str
    person: str
    entered_at: datetime | None = None
    """None for a rule that is shipped."""
    rule_id: str = ""


def default_rules() -> tuple[Rule, ...]:
    """The rules of a survey in which nobody has set any (DOMAIN.md 9; STANDARDS.md 5).

    No taxon is `extreme` from the start: to say nothing at all of a place is a decision of the
    people who answer for it, and costs every other record made there.
    """
    plants = tr(
        "A plant stays where it is: the coarse place protects it, a delay would not.",
        "植物不会移动:概化位置即可保护,延迟公开并无作用。",
    )
    animals = tr(
        "Recent records lead hunters to an animal; older ones no longer do.",
        "近期记录会将盗猎者引向动物,较早的记录则不会。",
    )
    told = (
        (StatusKind.PROTECTED_ANIMALS, "I", Sensitivity.HIGH, CLASS_I_DELAY_DAYS, animals),
        (StatusKind.PROTECTED_ANIMALS, "II", Sensitivity.MEDIUM, CLASS_II_DELAY_DAYS, animals),
        (StatusKind.PROTECTED_PLANTS, "I", Sensitivity.HIGH, 0, plants),
        (StatusKind.PROTECTED_PLANTS, "II", Sensitivity.MEDIUM, 0, plants),
    )
    return tuple(
        Rule(status_subject(kind, level), category, delay, _BEFORE_ALL, reason, "namcha")
        for kind, level, category, delay, reason in told
    )


def taxon_subject(taxon_id: str) -> str:
    """The subject of a rule on a taxon."""
    return f"{TAXON}:{taxon_id}"


def status_subject(kind: str, category: str) -> str:
    """The subject of a rule on a legal status.

    >>> status_subject(StatusKind.PROTECTED_ANIMALS, "I")
    'status:protected_animals:I'
    """
    return f"{STATUS}:{kind}:{category}"


def read_rules(session: Session) -> tuple[Rule, ...]:
    """Every rule there is or was, the shipped ones first, then as they were entered."""
    rows = session.exec(
        select(SensitivityRule).order_by(
            col(SensitivityRule.entered_at), col(SensitivityRule.rule_id)
        )
    )
    own = (
        Rule(
            row.subject,
            Sensitivity(row.sensitivity),
            row.delay_days,
            row.effective_from,
            row.reason,
            row.person,
            row.entered_at,
            row.rule_id,
        )
        for row in rows
    )
    return (*default_rules(), *own)


def rules_in_force(rules: Iterable[Rule], on: date) -> dict[str, Rule]:
    """For each subject the rule that holds on a day: the latest to begin, of these the newest."""
    found: dict[str, Rule] = {}
    for rule in rules:
        known = found.get(rule.subject)
        if rule.effective_from <= on and (known is None or _order(known) <= _order(rule)):
            found[rule.subject] = rule
    return found


def _order(rule: Rule) -> tuple[date, datetime]:
    return rule.effective_from, rule.entered_at or datetime.min.replace(tzinfo=UTC)


def taxon_names(session: Session, subjects: Iterable[str]) -> dict[str, str]:
    """The scientific names of the subjects that are taxa."""
    names: dict[str, str] = {}
    for subject in subjects:
        kind, _, taxon_id = subject.partition(":")
        taxon = session.get(Taxon, taxon_id) if kind == TAXON else None
        if taxon is not None:
            names[subject] = taxon.scientific_name
    return names
