"""Which taxa are invaders, by which list, as of which day, and how sure that is.

National lists of priority and of the four batches and the prefecture's own list make an invader.
What is only known as introduced (GRIIS names, the checklist's aliens) stands apart: not all of it
does harm.

A taxon's records are its own and those of all taxa below it, as on its page
(species_db/wildlife/members): sightings, effort, spread, suitability and control all follow this.
A genus or family that was recorded is not a record of any of its species.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from species_db.lists import StatusFact, StatusIndex, TaxonStatus
from species_db.occurrences import NEAR
from species_db.tables import Taxon, TaxonName
from species_db.vocabulary import StatusKind
from species_db.wildlife.members import members_of

# The prefecture's own word first, then the stricter national list.
INVASIVE_KINDS = (StatusKind.LOCAL_INVASIVE, StatusKind.KEY_INVASIVE, StatusKind.INVASIVE_BATCH)
ALIEN = "alien"  # category of the checklist


@dataclass(frozen=True)
class NamedTaxon:
    """A taxon with the names it is shown by."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    kingdom: str
    class_name: str

    def name_in(self, language: str) -> str:
        """The common name in a language, else the scientific one."""
        return (self.zh if language == "zh" else self.en) or self.scientific_name


@dataclass(frozen=True)
class InvasiveStatus:
    """What the lists of invaders say of a taxon on a day."""

    on: date
    facts: tuple[StatusFact, ...]
    is_invasive: bool
    is_introduced: bool  # and on no list of invaders
    doubts: tuple[str, ...]
    not_known: frozenset[StatusKind]


def invasive_status(index: StatusIndex, taxon_id: str, on: date) -> InvasiveStatus:
    """Tell whether a taxon is an invader on a day, by which lists, with their doubts."""
    status: TaxonStatus = index.status_of(taxon_id, on)
    facts = tuple(fact for kind in INVASIVE_KINDS for fact in status.facts if fact.kind is kind)
    introduced = tuple(fact for fact in status.facts if _is_introduced(fact))
    shown = facts or introduced
    return InvasiveStatus(
        on=on,
        facts=shown,
        is_invasive=bool(facts),
        is_introduced=not facts and bool(introduced),
        doubts=tuple(dict.fromkeys(fact.doubt for fact in shown if fact.doubt)),
        not_known=status.not_known & frozenset(INVASIVE_KINDS),
    )


def invasive_taxon_ids(
    index: StatusIndex, on: date, *, among: Collection[str], with_introduced: bool = False
) -> dict[str, InvasiveStatus]:
    """Of some taxa those that are invaders on a day, with what the lists say of each."""
    told = {taxon_id: invasive_status(index, taxon_id, on) for taxon_id in among}
    return {
        taxon_id: status
        for taxon_id, status in told.items()
        if status.is_invasive or (with_introduced and status.is_introduced)
    }


def members_by_taxon(session: Session, taxon_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Each taxon's own id and the ids of all taxa below it."""
    return {
        taxon.taxon_id: frozenset(one.taxon_id for one in members_of(session, taxon))
        for taxon in taxa_of(session, taxon_ids)
    }


def shown_under(index: StatusIndex, taxon_ids: Collection[str], on: date) -> frozenset[str]:
    """The taxa under which recorded ones are listed: a variety stands under its listed species.

    One that is listed itself while its species is not, like the red-eared slider, stands alone.
    """
    by_name = {one.scientific_name: one.taxon_id for one in index.taxa.values() if one.is_species}
    shown = set()
    for taxon_id in taxon_ids:
        lineage = index.taxa.get(taxon_id)
        species = by_name.get(lineage.species) if lineage else None
        is_listed = species is not None and invasive_status(index, species, on).facts
        shown.add(species if species is not None and is_listed else taxon_id)
    return frozenset(shown)


def named_taxa(session: Session, taxon_ids: Collection[str]) -> dict[str, NamedTaxon]:
    """Taxa with their preferred names."""
    names: dict[tuple[str, str], str] = {}
    taxa = taxa_of(session, taxon_ids)
    for start in range(0, len(taxa), NEAR):
        part = [one.taxon_id for one in taxa[start : start + NEAR]]
        for name in session.exec(select(TaxonName).where(col(TaxonName.taxon_id).in_(part))):
            if name.is_preferred or (name.taxon_id, name.language) not in names:
                names[name.taxon_id, name.language] = name.name
    return {taxon.taxon_id: named_taxon(taxon, names) for taxon in taxa}


def taxa_of(session: Session, taxon_ids: Collection[str]) -> list[Taxon]:
    """The stored taxa of some ids."""
    wanted = sorted(set(taxon_ids))
    parts = [wanted[start : start + NEAR] for start in range(0, len(wanted), NEAR)]
    return [
        taxon
        for part in parts
        for taxon in session.exec(select(Taxon).where(col(Taxon.taxon_id).in_(part)))
    ]


def named_taxon(taxon: Taxon, names: Mapping[tuple[str, str], str]) -> NamedTaxon:
    """A taxon with its names from a table of all names by taxon and language."""
    return NamedTaxon(
        taxon_id=taxon.taxon_id,
        scientific_name=taxon.scientific_name,
        zh=names.get((taxon.taxon_id, "zh"), ""),
        en=names.get((taxon.taxon_id, "en"), ""),
        kingdom=taxon.kingdom,
        class_name=taxon.class_name,
    )


def _is_introduced(fact: StatusFact) -> bool:
    if fact.kind is StatusKind.INTRODUCED:
        return True
    return fact.kind is StatusKind.CHECKLIST and fact.category == ALIEN
