"""What the lists say of a taxon on a day, with the entry, its source and its doubts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from species_db.vocabulary import StatusKind


@dataclass(frozen=True, slots=True)
class StatusFact:
    """One list version's word on one taxon."""

    kind: StatusKind
    category: str
    list_id: str
    list_version_id: str
    entry_no: int
    listed_as: str  # scientific name of the entry
    basis: str  # "species entry", "family entry Cyatheaceae", ...
    population: str
    remarks: str
    doubt: str  # why this must not be relied on unchecked; empty when it was read in the text
    source: str
    authority: str
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True)
class TaxonStatus:
    """Everything the lists in force on a day say of a taxon."""

    taxon_id: str
    on: date
    facts: tuple[StatusFact, ...]
    not_known: frozenset[StatusKind]
    """Kinds on which no complete list held on that day, so that silence says nothing."""

    def fact(self, kind: StatusKind) -> StatusFact | None:
        """The word of the lists of one kind, the strictest first; None when there is none."""
        return next((fact for fact in self.facts if fact.kind is kind), None)

    @property
    def protection_level(self) -> str:
        """National protection: "I", "II", "" when not listed; see `not_known` for silence."""
        for kind in (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS):
            if fact := self.fact(kind):
                return fact.category
        return ""

    @property
    def is_invasive(self) -> bool:
        """Tell whether a national or local invasive list names the taxon."""
        kinds = (StatusKind.KEY_INVASIVE, StatusKind.INVASIVE_BATCH, StatusKind.LOCAL_INVASIVE)
        return any(self.fact(kind) for kind in kinds)


@dataclass(frozen=True)
class StatusIndex:
    """All list versions of a survey, ready to be asked about many taxa and many days.

    Built once per question from some thousand entries; asking is a dictionary look-up, so that a
    million records of some hundred taxa are told apart in seconds.
    """

    facts_by_taxon: Mapping[str, tuple[StatusFact, ...]]

    def status_of(self, taxon_id: str, on: date) -> TaxonStatus:
        """What the lists in force on a day say of a taxon, groups listed as a whole included."""
        raise NotImplementedError


def read_status_index(session: Session) -> StatusIndex:
    """Read the list versions and entries of a survey."""
    raise NotImplementedError
