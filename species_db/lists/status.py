"""What the lists say of a taxon on a day, with the entry, its source and its doubts."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session

from species_db.lists.coverage import Lineage, members_by_group
from species_db.vocabulary import StatusKind

# What each kind of list speaks of; for other taxa it is neither known nor unknown
ANIMALS = frozenset({"Animalia"})
NOT_ANIMALS = frozenset({"Plantae", "Fungi", "Chromista", "Bacteria"})
MEANT_FOR = {
    StatusKind.PROTECTED_ANIMALS: ANIMALS,
    StatusKind.SANYOU: ANIMALS,
    StatusKind.PROTECTED_PLANTS: NOT_ANIMALS,
}
# The strictest first, over every kind; batches stand in the order in which they came
STRICTEST = ("I", "II", "III", "EX", "EW", "RE", "CR", "EN", "VU", "NT", "DD", "LC", "NE")


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


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A list version as the index knows it: what it is and between which days it holds."""

    list_version_id: str
    list_id: str
    kind: StatusKind
    title_zh: str
    title_en: str
    version: str
    effective_from: date
    effective_to: date | None  # the last day, also when only the next version ends it
    is_partial: bool
    authority: str
    source: str
    doubt: str
    origin: str

    def holds(self, on: date) -> bool:
        """Tell whether the version is in force on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True)
class TaxonStatus:
    """Everything the lists in force on a day say of a taxon."""

    taxon_id: str
    on: date
    facts: tuple[StatusFact, ...]
    not_known: frozenset[StatusKind]
    """Kinds on which no complete list held on that day, so that silence says nothing.

    Kinds that are not meant for the taxon's kingdom are not among them: no list of protected
    plants is missing for an animal.
    """
    undecided: tuple[StatusFact, ...] = ()
    """Entries that may cover the taxon, which its name alone cannot tell; `not_known` as well."""

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
class StatusPeriod:
    """A stretch of days on which the lists said the same of a taxon."""

    effective_from: date | None  # None: before the first list
    effective_to: date | None  # None: until now
    status: TaxonStatus


_Answer = tuple[tuple[StatusFact, ...], frozenset[StatusKind], tuple[StatusFact, ...]]


@dataclass(frozen=True)
class StatusIndex:
    """All list versions of a survey, ready to be asked about many taxa and many days.

    Built once per question from some thousand entries; asking is a dictionary look-up, so that a
    million records of some hundred taxa are told apart in seconds.
    """

    facts_by_taxon: Mapping[str, tuple[StatusFact, ...]]
    versions: tuple[VersionFacts, ...] = ()
    taxa: Mapping[str, Lineage] = field(default_factory=dict)
    undecided_by_taxon: Mapping[str, tuple[StatusFact, ...]] = field(default_factory=dict)
    _answers: dict[tuple[str, int], _Answer] = field(
        default_factory=dict, repr=False, compare=False
    )
    _silent: dict[tuple[int, str], frozenset[StatusKind]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _members: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    _turns: list[date] = field(default_factory=list, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the days on which a list began to hold or had ceased to."""
        told = (fact for facts in self.facts_by_taxon.values() for fact in facts)
        self._turns.extend(sorted(_turning_days((*self.versions, *told))))

    def status_of(self, taxon_id: str, on: date) -> TaxonStatus:
        """What the lists in force on a day say of a taxon, groups listed as a whole included.

        A genus or family that somebody recorded has the status of its own entry or of a group
        above it, never that of one of its species: for those see `possible_status`.
        """
        turn = bisect_right(self._turns, on)  # between two turns nothing changes
        answer = self._answers.get((taxon_id, turn))
        if answer is None:
            answer = self._answers[taxon_id, turn] = self._ask(taxon_id, on, turn)
        facts, not_known, undecided = answer
        return TaxonStatus(taxon_id, on, facts, not_known, undecided)

    def possible_status(self, taxon_id: str, on: date) -> TaxonStatus:
        """The strictest that the taxon, or any known member of it, may be on a day.

        For alerts and for the gate, where a record of a genus may be of its rarest species. The
        members are those of the checklist and of the survey itself; all that any list names only
        when there are none, since a muntjac of the east coast says nothing of one in Linzhi.
        Undecided entries count as well.
        """
        if not self._members:
            self._members.update(members_by_group(self.taxa))
        one = self.status_of(taxon_id, on)
        members = self._members.get(taxon_id, ())
        local = [other for other in members if self.taxa[other].is_local]
        asked = [one, *(self.status_of(other, on) for other in local or members)]
        facts = {fact for status in asked for fact in (*status.facts, *status.undecided)}
        strictest: dict[StatusKind, StatusFact] = {}
        for fact in in_order(facts):
            strictest.setdefault(fact.kind, fact)
        not_known = one.not_known - strictest.keys()
        return replace(one, facts=tuple(strictest.values()), not_known=not_known, undecided=())

    def status_history(self, taxon_id: str) -> tuple[StatusPeriod, ...]:
        """What the lists have said of a taxon from the first to today, one period after another."""
        starts: list[date | None] = [None, *self._turns]
        periods: list[StatusPeriod] = []
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            end = following - timedelta(days=1) if following else None
            status = self.status_of(taxon_id, start or end or date.max)
            last = periods[-1] if periods else None
            if last and _says(last.status) == _says(status):
                periods[-1] = replace(last, effective_to=end)
            else:
                periods.append(StatusPeriod(start, end, status))
        return tuple(periods)

    def _ask(self, taxon_id: str, on: date, turn: int) -> _Answer:
        facts = tuple(_in_force(self.facts_by_taxon.get(taxon_id, ()), on))
        undecided = tuple(_in_force(self.undecided_by_taxon.get(taxon_id, ()), on))
        taxon = self.taxa.get(taxon_id)
        silent = self._silent_kinds(on, turn, taxon.kingdom if taxon else "")
        not_known = silent | {fact.kind for fact in undecided}
        return facts, not_known - {fact.kind for fact in facts}, undecided

    def _silent_kinds(self, on: date, turn: int, kingdom: str) -> frozenset[StatusKind]:
        """Kinds meant for a kingdom of which no complete list was in force on a day."""
        key = (turn, kingdom)
        if key not in self._silent:
            complete = {one.kind for one in self.versions if not one.is_partial and one.holds(on)}
            self._silent[key] = frozenset(
                kind for kind in StatusKind if kind not in complete and is_meant_for(kind, kingdom)
            )
        return self._silent[key]


def read_status_index(session: Session) -> StatusIndex:
    """Read the list versions and entries of a survey."""
    from species_db.lists.reading import read_index  # which fills the classes of this module

    return read_index(session)


def is_meant_for(kind: StatusKind, kingdom: str) -> bool:
    """Tell whether lists of a kind speak of a kingdom at all; one not known may be any.

    >>> is_meant_for(StatusKind.SANYOU, "Plantae"), is_meant_for(StatusKind.IUCN, "Plantae")
    (False, True)
    """
    return not kingdom or kingdom in MEANT_FOR.get(kind, {kingdom})


def in_order(facts: Iterable[StatusFact]) -> list[StatusFact]:
    """Facts by kind, the strictest first within each."""
    kinds = list(StatusKind)

    def place(fact: StatusFact) -> tuple[int, int, str, str, int]:
        known = fact.category in STRICTEST
        strict = STRICTEST.index(fact.category) if known else len(STRICTEST)
        return (kinds.index(fact.kind), strict, fact.category, fact.list_id, fact.entry_no)

    return sorted(facts, key=place)


def _turning_days(held: Iterable[VersionFacts | StatusFact]) -> set[date]:
    spans = {(one.effective_from, one.effective_to) for one in held}
    ends = {end + timedelta(days=1) for _, end in spans if end}
    return {start for start, _ in spans} | ends


def _in_force(facts: Iterable[StatusFact], on: date) -> Iterable[StatusFact]:
    for fact in facts:
        if fact.effective_from <= on and (fact.effective_to is None or on <= fact.effective_to):
            yield fact


def _says(status: TaxonStatus) -> object:
    """What a status says, whichever day and version it is of."""
    facts = [(fact.kind, fact.category, fact.list_version_id) for fact in status.facts]
    undecided = [(fact.kind, fact.category) for fact in status.undecided]
    return facts, undecided, status.not_known
