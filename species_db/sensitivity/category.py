"""How sensitive a taxon is, by the rules in force and what the lists said since it was seen.

A list that changes later never loosens a place by itself: of all that the lists said between the
record and today the strictest counts. Only a person's rule loosens.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlmodel import Session

from species_db.lists import StatusIndex, read_status_index
from species_db.lists.coverage import Lineage, groups_of, members_by_group
from species_db.sensitivity.grid import STRICTNESS
from species_db.sensitivity.rules import (
    Rule,
    read_rules,
    rules_in_force,
    status_subject,
    taxon_subject,
)
from species_db.vocabulary import Sensitivity

# A record at these ranks may be of any species below it; above them it says too little: "a mammal"
# would make every place a tiger's.
_OPEN_RANKS = ("genus", "family")


@dataclass(frozen=True)
class TaxonCategory:
    """How far a taxon coarsens its places, how long its records wait, and by which rule."""

    sensitivity: Sensitivity = Sensitivity.NONE
    delay_days: int = 0
    subject: str = ""

    def or_stricter(self, other: "TaxonCategory") -> "TaxonCategory":
        """The stricter place and the longer wait of two."""
        first, second = sorted(
            (self, other), key=lambda one: (-STRICTNESS[one.sensitivity], one.subject)
        )
        delay = max(first.delay_days, second.delay_days)
        return TaxonCategory(first.sensitivity, delay, first.subject or second.subject)


_NOT_SENSITIVE = TaxonCategory()


@dataclass(frozen=True)
class Categories:
    """Tells the category of a taxon seen since some day; remembers what it has told."""

    index: StatusIndex
    rules: Mapping[str, Rule]
    groups: Mapping[str, tuple[str, ...]]
    """The genus, family, order and class of each taxon, as far as they are taxa themselves."""
    members: Mapping[str, tuple[str, ...]]
    """Of a genus or family: the species that it may stand for here."""
    changes: tuple[date, ...]
    """The days on which some list began or ended to hold, in order, up to `today`."""
    today: date
    _told: dict[tuple[str, int], TaxonCategory] = field(default_factory=dict)

    def of(self, taxon_id: str, *, since: date) -> TaxonCategory:
        """The strictest that lists and rules make of a taxon between a day and today."""
        turn = bisect_right(self.changes, since)
        if (taxon_id, turn) not in self._told:
            days = {since, self.today, *self.changes[turn:]}
            self._told[taxon_id, turn] = self._strictest(taxon_id, days)
        return self._told[taxon_id, turn]

    def _strictest(self, taxon_id: str, days: Iterable[date]) -> TaxonCategory:
        found = self._of_one(taxon_id, days)
        for member in self.members.get(taxon_id, ()):
            found = found.or_stricter(self._of_one(member, days))
        return found

    def _of_one(self, taxon_id: str, days: Iterable[date]) -> TaxonCategory:
        """A rule on the very taxon is a person's last word; else the strictest that fits it."""
        own = self.rules.get(taxon_subject(taxon_id))
        if own is not None:
            return _by(own)
        subjects = {taxon_subject(one) for one in self.groups.get(taxon_id, ())}
        subjects |= set(self._statuses(taxon_id, days))
        found = _NOT_SENSITIVE
        for subject in sorted(subjects & self.rules.keys()):
            found = found.or_stricter(_by(self.rules[subject]))
        return found

    def _statuses(self, taxon_id: str, days: Iterable[date]) -> Iterator[str]:
        """What the lists say, and what they may mean by an entry that cannot be decided."""
        for day in days:
            status = self.index.status_of(taxon_id, day)
            for fact in (*status.facts, *status.undecided):
                yield status_subject(fact.kind, fact.category)


def _by(rule: Rule) -> TaxonCategory:
    return TaxonCategory(rule.sensitivity, rule.delay_days, rule.subject)


def read_categories(session: Session, *, today: date) -> Categories:
    """Read rules, lists and taxa, ready to be asked about every taxon of the survey."""
    index = read_status_index(session)
    begins = {version.effective_from for version in index.versions}
    ends = {version.effective_to for version in index.versions if version.effective_to}
    changes = begins | {day + timedelta(days=1) for day in ends}
    return Categories(
        index=index,
        rules=rules_in_force(read_rules(session), today),
        groups=_groups(index.taxa),
        members=_members(index.taxa),
        changes=tuple(sorted(day for day in changes if day <= today)),
        today=today,
    )


def _groups(taxa: Mapping[str, Lineage]) -> dict[str, tuple[str, ...]]:
    ids = {(taxon.taxon_rank, taxon.scientific_name): taxon.taxon_id for taxon in taxa.values()}
    return {
        taxon_id: tuple(
            ids[key]
            for key in (("species", taxon.species), *groups_of(taxon))
            if key in ids and ids[key] != taxon_id
        )
        for taxon_id, taxon in taxa.items()
    }


def _members(taxa: Mapping[str, Lineage]) -> dict[str, tuple[str, ...]]:
    """The species of the survey's own lists; all known ones when it has none of a group."""
    found: dict[str, tuple[str, ...]] = {}
    for group_id, members in members_by_group(taxa).items():
        if taxa[group_id].taxon_rank in _OPEN_RANKS:
            local = tuple(one for one in members if taxa[one].is_local)
            found[group_id] = local or members
    return found
