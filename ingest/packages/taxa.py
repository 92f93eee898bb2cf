"""The taxa that a package's names stand for; a name that the survey lacks becomes a taxon of it.

Found by the accepted name, else by a synonym or Chinese name that one taxon alone has. Nothing is
guessed: a name that is in no list is taken as it is written, and the report says so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from ingest.packages.facts import Package, PackageTaxon
from species_db import identity
from species_db.tables import Taxon, TaxonName
from species_db.taxa import ANIMAL_KINGDOMS

NAMES_A_QUESTION = 500  # SQLite takes a limited number of values in one question
OPEN_NAME = re.compile(r"\s+(sp|spp|indet)\.?$", re.IGNORECASE)
LATIN = re.compile(r"[A-Z][a-z-]{2,}( [a-z-]{2,}){0,2}")


@dataclass
class Names:
    """What the names of one package mean here."""

    taxa: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    """Added names that are no scientific names, such as a project's own codes."""
    not_animals: list[str] = field(default_factory=list)
    """Names of plants and the like, which no camera record may have."""


def find_names(session: Session, package: Package) -> Names:
    """Look every name up and add the taxa that are missing."""
    wanted = {row.taxon for row in package.observations if row.taxon}
    plain = {name: OPEN_NAME.sub("", " ".join(name.split())) for name in wanted}
    known = _known(session, set(plain.values()))
    names = Names()
    for name in sorted(wanted):
        taxon_id, kingdom = known.get(plain[name], ("", ""))
        if not taxon_id:
            told = package.taxa.get(name) or PackageTaxon(name)
            taxon_id = _add(session, plain[name], told, package.source.format.value)
            known[plain[name]] = taxon_id, kingdom
            names.added.append(plain[name])
            if not LATIN.fullmatch(plain[name]):
                names.doubtful.append(plain[name])
        elif kingdom not in ANIMAL_KINGDOMS:
            names.not_animals.append(name)
        names.taxa[name] = taxon_id
    session.flush()
    return names


def _add(session: Session, name: str, told: PackageTaxon, source: str) -> str:
    words = name.split()
    is_latin = bool(LATIN.fullmatch(name))
    rank = told.rank or ({1: "", 2: "species", 3: "subspecies"}[len(words)] if is_latin else "")
    taxon = Taxon(
        taxon_id=identity.taxon_id(name),
        scientific_name=name,
        taxon_rank=rank,
        kingdom="Animalia",
        class_name=told.class_name,
        order_name=told.order_name,
        family=told.family,
        genus=told.genus or (words[0] if rank in ("species", "subspecies") else None),
        source=f"package {source}",
    )
    session.add(taxon)
    session.flush()
    for language, word in told.vernacular.items():
        session.add(TaxonName(taxon_id=taxon.taxon_id, language=language, name=word))
    return taxon.taxon_id


def _known(session: Session, names: set[str]) -> dict[str, tuple[str, str]]:
    """Taxon and kingdom by accepted name, else by another that only one taxon has."""
    accepted: dict[str, tuple[str, str]] = {}
    others: dict[str, set[tuple[str, str]]] = {}
    for page in _pages(names):
        asked = select(Taxon.scientific_name, Taxon.taxon_id, Taxon.kingdom).where(
            col(Taxon.scientific_name).in_(page)
        )
        accepted |= {name: (taxon_id, kingdom) for name, taxon_id, kingdom in session.exec(asked)}
        named = (
            select(TaxonName.name, Taxon.taxon_id, Taxon.kingdom)
            .join(Taxon, col(Taxon.taxon_id) == col(TaxonName.taxon_id))
            .where(col(TaxonName.name).in_(page), col(TaxonName.language).in_(["la", "zh"]))
        )
        for name, taxon_id, kingdom in session.exec(named):
            others.setdefault(name, set()).add((taxon_id, kingdom))
    alone = {name: next(iter(found)) for name, found in others.items() if len(found) == 1}
    return alone | accepted


def _pages(values: Iterable[str]) -> Iterator[list[str]]:
    wanted = sorted(values)
    for start in range(0, len(wanted), NAMES_A_QUESTION):
        yield wanted[start : start + NAMES_A_QUESTION]
