"""Match the names of a list with taxa: by name, synonym, spelling, and Chinese name where safe.

The Latin names of the law are not those of taxonomy today, and two lists may spell one species in
two ways. A name that is not matched is said, never guessed (DOMAIN.md 16).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum

from sqlmodel import Session, select

from species_db.lists.shipped import SPECIES_RANKS
from species_db.tables import Taxon, TaxonName

_WHOLE = re.compile(r"所有种|\(.*?\)|（.*?）|[*\s]")
# Endings of one epithet in three genders, or of a person's name: the name is the same
_ENDINGS = (("us", "1"), ("um", "1"), ("a", "1"), ("is", "2"), ("e", "2"), ("ii", "3"), ("i", "3"))

NEAR = 0.88  # likeness of spelling that is offered: one or two letters of a usual name
MOST_HINTED = 200  # names of a list, since each is compared with hundreds


class MatchHow(StrEnum):
    """By what a name was matched, the surest first."""

    NAME = "name"
    SYNONYM = "synonym"
    SPELLING = "spelling"  # the same genus, and an epithet that differs in its ending
    CHINESE = "chinese"  # the same Chinese name, and the same genus or epithet
    NONE = "none"


@dataclass(frozen=True, slots=True)
class NameToMatch:
    """A name of a list, with what its line says to tell it from others."""

    key: int  # number of the entry
    scientific_name: str
    zh: str = ""
    synonyms: tuple[str, ...] = ()
    kingdom: str = ""
    taxon_rank: str = "species"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Which taxon a name means, and how we know."""

    key: int
    scientific_name: str
    taxon_id: str | None
    how: MatchHow
    by: str = ""  # the name that fitted, when it is another
    perhaps: tuple[
        str, ...
    ] = ()  # taxa of the same Chinese name or a like spelling, not safe to take


@dataclass(frozen=True)
class MatchReport:
    """Every name of a list with its match."""

    matches: tuple[NameMatch, ...]

    @property
    def unmatched(self) -> tuple[NameMatch, ...]:
        """The names that no known taxon bears."""
        return tuple(match for match in self.matches if match.taxon_id is None)

    def counts(self) -> dict[str, int]:
        """How many names were matched by what."""
        return dict(Counter(match.how.value for match in self.matches))


@dataclass
class KnownNames:
    """The names of the taxa that a list is matched with."""

    accepted: dict[str, str] = field(default_factory=dict)
    synonyms: dict[str, str] = field(default_factory=dict)
    taxa: dict[str, NameToMatch] = field(default_factory=dict)
    by_spelling: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    by_chinese: dict[str, set[str]] = field(default_factory=dict)

    def add(
        self, taxon_id: str, name: str, *, rank: str, kingdom: str,
        synonyms: Iterable[str] = (), zh: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Learn a taxon, or further names of one that is known."""
        if taxon_id not in self.taxa:
            self.accepted[name] = taxon_id
            self.taxa[taxon_id] = NameToMatch(0, name, kingdom=kingdom, taxon_rank=rank)
            self._learn_spelling(taxon_id, name, rank)
        for synonym in synonyms:
            if synonym not in self.accepted:
                self.synonyms.setdefault(synonym, taxon_id)
                self._learn_spelling(taxon_id, synonym, rank)
        for chinese in zh:
            if plain := plain_chinese(chinese):
                self.by_chinese.setdefault(plain, set()).add(taxon_id)

    def _learn_spelling(self, taxon_id: str, name: str, rank: str) -> None:
        if rank in SPECIES_RANKS:
            self.by_spelling.setdefault(spelling(name), set()).add(taxon_id)


def match_names(names: Sequence[NameToMatch], known: KnownNames) -> MatchReport:
    """Tell which taxon each name of a list means.

    Sure matches go first; a taxon that one of them took is not offered to a name that only looks
    like it, since a list does not name a taxon twice.

    >>> known = KnownNames()
    >>> known.add("t1", "Aonyx cinerea", rank="species", kingdom="Animalia", zh=["小爪水獭"])
    >>> report = match_names([NameToMatch(1, "Aonyx cinereus"), NameToMatch(2, "Lutra")], known)
    >>> [(match.taxon_id, match.how.value) for match in report.matches]
    [('t1', 'spelling'), (None, 'none')]
    """
    found: dict[int, NameMatch] = {}
    for step in (_by_name, _by_synonym, _by_spelling, _by_chinese):
        taken = {match.taxon_id for match in found.values() if match.taxon_id}
        for name in names:
            if name.key not in found and (match := step(name, known, taken)):
                found[name.key] = match
    return MatchReport(tuple(found.get(name.key) or _none(name, known) for name in names))


def read_known_names(session: Session) -> KnownNames:
    """Read the names of every taxon of a survey."""
    known = KnownNames()
    columns = (Taxon.taxon_id, Taxon.scientific_name, Taxon.taxon_rank, Taxon.kingdom)
    ranks = {}
    for identifier, name, rank, kingdom in session.exec(select(*columns)):
        ranks[identifier] = (name, rank, kingdom)
        known.add(identifier, name, rank=rank, kingdom=kingdom)
    asked = select(TaxonName.taxon_id, TaxonName.language, TaxonName.name)
    for identifier, language, given in session.exec(asked):
        name, rank, kingdom = ranks[identifier]
        known.add(
            identifier, name, rank=rank, kingdom=kingdom,
            synonyms=[given] if language == "la" else (), zh=[given] if language == "zh" else (),
        )  # fmt: skip
    return known


def with_near_names(report: MatchReport, known: KnownNames) -> MatchReport:
    """Offer names that are spelt much like those that no taxon bears; none of them is taken.

    >>> known = KnownNames()
    >>> known.add("t1", "Mikania micrantha", rank="species", kingdom="Plantae")
    >>> report = match_names([NameToMatch(1, "Mikania micranta")], known)
    >>> [match.perhaps for match in with_near_names(report, known).matches]
    [('Mikania micrantha',)]
    """
    by_initial: dict[str, list[str]] = {}
    for name in {**known.accepted, **known.synonyms}:
        by_initial.setdefault(name[:1], []).append(name)
    offered = {}
    for match in report.unmatched[:MOST_HINTED]:
        names = by_initial.get(match.scientific_name[:1], [])
        near = get_close_matches(match.scientific_name, names, n=2, cutoff=NEAR)
        offered[match.key] = tuple(dict.fromkeys((*match.perhaps, *near)))
    return MatchReport(
        tuple(
            replace(match, perhaps=offered[match.key]) if match.key in offered else match
            for match in report.matches
        )
    )


def plain_chinese(name: str) -> str:
    """A Chinese name without brackets and "all species of it".

    >>> plain_chinese("闭壳龟属所有种"), plain_chinese("虎(孟加拉虎)")
    ('闭壳龟属', '虎')
    """
    return _WHOLE.sub("", name)


def spelling(name: str) -> tuple[str, ...]:
    """What stays of a name when its endings agree with another genus's gender.

    >>> spelling("Aonyx cinerea") == spelling("Aonyx cinereus")
    True
    >>> spelling("Belomys pearsoni") == spelling("Belomys pearsonii")
    True
    """
    first, *rest = name.replace("×", "").lower().split()
    return (first, *map(stem, rest))


def stem(epithet: str) -> str:
    """An epithet with the mark of its kind of ending instead of the ending.

    >>> stem("fuca"), stem("fucus"), stem("thar")
    ('fuc1', 'fuc1', 'thar')
    """
    plain = epithet.replace("-", "")
    for ending, mark in _ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending) + 2:
            return plain.removesuffix(ending) + mark
    return plain


def _by_name(name: NameToMatch, known: KnownNames, _taken: set[str]) -> NameMatch | None:
    identifier = known.accepted.get(name.scientific_name)
    if identifier is None or not _same_kingdom(name, known.taxa[identifier]):
        return None
    return NameMatch(name.key, name.scientific_name, identifier, MatchHow.NAME)


def _by_synonym(name: NameToMatch, known: KnownNames, taken: set[str]) -> NameMatch | None:
    here = [(name.scientific_name, known.synonyms)]
    here += [(other, one) for other in name.synonyms for one in (known.accepted, known.synonyms)]
    for other, names in here:
        identifier = names.get(other)
        if identifier is None or not _same_kingdom(name, known.taxa[identifier]):
            continue
        if other == name.scientific_name or identifier not in taken:
            return NameMatch(name.key, name.scientific_name, identifier, MatchHow.SYNONYM, other)
    return None


def _by_spelling(name: NameToMatch, known: KnownNames, taken: set[str]) -> NameMatch | None:
    if name.taxon_rank not in SPECIES_RANKS:
        return None
    near = known.by_spelling.get(spelling(name.scientific_name), set()) - taken
    fits = [one for one in near if _same_kingdom(name, known.taxa[one])]
    if len(fits) != 1:
        return None
    by = known.taxa[fits[0]].scientific_name
    return NameMatch(name.key, name.scientific_name, fits[0], MatchHow.SPELLING, by)


def _by_chinese(name: NameToMatch, known: KnownNames, taken: set[str]) -> NameMatch | None:
    fits = [one for one in _of_same_chinese(name, known) if one not in taken]
    if len(fits) != 1 or not _is_close(name.scientific_name, known.taxa[fits[0]].scientific_name):
        return None
    by = plain_chinese(name.zh)
    return NameMatch(name.key, name.scientific_name, fits[0], MatchHow.CHINESE, by)


def _of_same_chinese(name: NameToMatch, known: KnownNames) -> Iterator[str]:
    for one in sorted(known.by_chinese.get(plain_chinese(name.zh), ())):
        taxon = known.taxa[one]
        is_species = {name.taxon_rank, taxon.taxon_rank} <= SPECIES_RANKS
        if is_species and _same_kingdom(name, taxon):
            yield one


def _is_close(one: str, other: str) -> bool:
    """Tell whether two names share the genus, or the epithet in another genus."""
    first, second = one.split(), other.split()
    return first[0] == second[0] or stem(first[-1]) == stem(second[-1])


def _same_kingdom(one: NameToMatch, other: NameToMatch) -> bool:
    return not one.kingdom or not other.kingdom or one.kingdom == other.kingdom


def _none(name: NameToMatch, known: KnownNames) -> NameMatch:
    perhaps = tuple(known.taxa[one].scientific_name for one in _of_same_chinese(name, known))
    return NameMatch(name.key, name.scientific_name, None, MatchHow.NONE, perhaps=perhaps)
