"""The law on the page: what lists say of a taxon, and which level each record had on its day."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from species_db.lists import StatusFact, StatusIndex
from species_db.tables import Taxon
from species_db.vocabulary import StatusKind
from species_db.wildlife.parts import LevelCount, StatusLine

NONE, NOT_KNOWN = "none", "not known"
LEVEL_ORDER = ("I", "II", NONE, NOT_KNOWN)
ONE_DAY = timedelta(days=1)
ANIMALS = "Animalia"


@dataclass(frozen=True)
class Law:
    """The lists of a survey, and the days on which any of them begins or ends to hold."""

    index: StatusIndex
    changes: tuple[date, ...]

    def level(self, taxon: Taxon, on: date) -> str:
        """National protection on a day: I, II, none, or not known when no whole list held."""
        told = self.index.status_of(taxon.taxon_id, on)
        is_animal = taxon.kingdom == ANIMALS  # the list of plants has fungi and algae too
        kind = StatusKind.PROTECTED_ANIMALS if is_animal else StatusKind.PROTECTED_PLANTS
        if told.protection_level:
            return told.protection_level
        return NOT_KNOWN if kind in told.not_known else NONE

    def strictest(self, taxon: Taxon, on: date) -> str:
        """The strictest level that any known member of a group may have; empty for none."""
        return self.index.possible_status(taxon.taxon_id, on).protection_level

    def stretch(self, day: date) -> int:
        """The number of the stretch of days between two changes that a day lies in."""
        return bisect_right(self.changes, day)

    def first_day(self, stretch: int) -> date:
        """A day of that stretch; the law is the same on all of them."""
        if stretch:
            return self.changes[stretch - 1]
        return self.changes[0] - ONE_DAY if self.changes else date.min


def read_law(session: Session, index: StatusIndex | None = None) -> Law:
    """Read the lists; who asks for many taxa hands over the index that was read before."""
    from species_db.lists import read_status_index

    known = index or read_status_index(session)
    begins = {one.effective_from for one in known.versions}
    ends = {one.effective_to + ONE_DAY for one in known.versions if one.effective_to}
    return Law(known, tuple(sorted(begins | ends)))


def status_lines(law: Law, taxa: Iterable[Taxon], on: date) -> tuple[StatusLine, ...]:
    """Every word of every list on these taxa, oldest first, and whether it holds on the day."""
    lines = [
        _line(taxon.taxon_id, fact, on, is_undecided=is_undecided)
        for taxon in taxa
        for told, is_undecided in (
            (law.index.facts_by_taxon, False),
            (law.index.undecided_by_taxon, True),
        )
        for fact in told.get(taxon.taxon_id, ())
    ]
    order = {kind.value: place for place, kind in enumerate(StatusKind)}
    return tuple(sorted(lines, key=lambda one: (order[one.kind], one.effective_from, one.taxon_id)))


def records_by_level(
    law: Law, taxa: Mapping[str, Taxon], seen: Mapping[tuple[str, date], int]
) -> tuple[LevelCount, ...]:
    """Part confirmed records by the level of their own day, strictest first."""
    counts: Counter[str] = Counter()
    days: dict[str, list[date]] = defaultdict(list)
    kept: dict[tuple[str, int], str] = {}
    for (taxon_id, day), count in seen.items():
        stretch = law.stretch(day)
        if (taxon_id, stretch) not in kept:
            kept[taxon_id, stretch] = law.level(taxa[taxon_id], law.first_day(stretch))
        level = kept[taxon_id, stretch]
        counts[level] += count
        days[level].append(day)
    return tuple(
        LevelCount(level, counts[level], min(days[level]), max(days[level]))
        for level in _ordered(counts)
    )


def _ordered(levels: Iterable[str]) -> Sequence[str]:
    known = set(levels)
    return [one for one in LEVEL_ORDER if one in known] + sorted(known - set(LEVEL_ORDER))


def _line(taxon_id: str, fact: StatusFact, on: date, *, is_undecided: bool) -> StatusLine:
    ends = fact.effective_to
    return StatusLine(
        taxon_id=taxon_id,
        kind=fact.kind.value,
        category=fact.category,
        listed_as=fact.listed_as,
        basis=fact.basis,
        population=fact.population,
        remarks=fact.remarks,
        doubt=fact.doubt,
        source=fact.source,
        authority=fact.authority,
        list_version_id=fact.list_version_id,
        effective_from=fact.effective_from,
        effective_to=ends,
        is_undecided=is_undecided,
        is_in_force=fact.effective_from <= on and (ends is None or on <= ends),
    )
