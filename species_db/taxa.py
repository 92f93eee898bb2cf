"""Taxa of the survey: finding one by any of its names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, literal
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from species_db.lists.checklist import ChecklistEntry, read_checklist
from species_db.lists.seeding import seed_taxa
from species_db.lists.shipped import LIST_SOURCE
from species_db.tables import Taxon, TaxonName

__all__ = ["ANIMAL_KINGDOMS", "ChecklistEntry", "TaxonHit", "read_checklist", "search_taxa",
           "seed_taxa"]  # fmt: skip

OPEN_NAME = re.compile(r"\s+(sp|spp|indet)\.?$", re.IGNORECASE)  # "Cervidae sp." means Cervidae
WORD_BREAK = re.compile(r"[\s.,;/-]+")
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
ANIMAL_KINGDOMS = ("", "Animalia")  # a taxon of a survey's own may not say its kingdom
EXACT, PREFIX, INSIDE = range(3)
_Place = tuple[bool, bool, int, int, bool, int, str]


@dataclass(frozen=True)
class TaxonHit:
    """A taxon offered to a person who is choosing one."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    rank: str
    family: str


def search_taxa(
    session: Session,
    text: str,
    *,
    limit: int = 20,
    recent: Sequence[str] = (),
    animals_only: bool = False,
) -> list[TaxonHit]:
    """Find taxa by what a reviewer types: Chinese, English, Latin or a synonym.

    Chinese is found anywhere in a name, because 麂 ends the name of every muntjac; other scripts
    word by word from their beginnings, so that "mun vag" finds Muntiacus vaginalis. Exact names
    come first; then the taxa of the checklist of Linzhi and those of the survey's own, before the
    thousands that only a national list names. Within each come beginnings, then the rest; within
    those the taxa used lately (`recent`, newest first), which are also all that an empty text
    shows, then animals, which are what a camera sees: `animals_only` offers nothing else, as a
    review takes nothing else.
    """
    words = _words(OPEN_NAME.sub("", text.strip()))
    if not words:
        return _hits(session, recent, animals_only=animals_only)[:limit]
    wanted = " ".join(words)
    best: dict[str, _Place] = {}
    for identifier, name, kingdom, source in _candidates(session, words):
        if animals_only and kingdom not in ANIMAL_KINGDOMS:
            continue
        lately = recent.index(identifier) if identifier in recent else len(recent)
        is_far = source.startswith(LIST_SOURCE) and identifier not in recent
        near = _closeness(name, wanted)
        not_animal = kingdom != "Animalia"
        place = (near != EXACT, is_far, near, lately, not_animal, len(name), name)
        if identifier not in best or place < best[identifier]:
            best[identifier] = place
    return _hits(session, sorted(best, key=lambda identifier: best[identifier])[:limit])


def _candidates(session: Session, words: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    yield from session.exec(
        select(Taxon.taxon_id, Taxon.scientific_name, Taxon.kingdom, Taxon.source).where(
            *(_holds(col(Taxon.scientific_name), word) for word in words)
        )
    )
    yield from session.exec(
        select(TaxonName.taxon_id, TaxonName.name, Taxon.kingdom, Taxon.source)
        .join(Taxon, col(Taxon.taxon_id) == col(TaxonName.taxon_id))
        .where(*(_holds(col(TaxonName.name), word) for word in words))
    )


def _holds(name: Mapped[str], word: str) -> ColumnElement[bool]:
    escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    if CHINESE.search(word):
        return name.like(f"%{escaped}%", escape="\\")
    padded = literal(" ").concat(func.replace(func.lower(name), "-", " "))
    return padded.like(f"% {escaped}%", escape="\\")


def _words(text: str) -> list[str]:
    return [word for word in WORD_BREAK.split(text.lower()) if word]


def _closeness(name: str, wanted: str) -> int:
    plain = " ".join(_words(name))
    if plain == wanted:
        return EXACT
    return PREFIX if plain.startswith(wanted) else INSIDE


def _hits(
    session: Session, identifiers: Sequence[str], *, animals_only: bool = False
) -> list[TaxonHit]:
    taxa = {
        taxon.taxon_id: taxon
        for taxon in session.exec(select(Taxon).where(col(Taxon.taxon_id).in_(identifiers)))
        if not animals_only or taxon.kingdom in ANIMAL_KINGDOMS
    }
    names: dict[tuple[str, str], str] = {}
    for name in session.exec(select(TaxonName).where(col(TaxonName.taxon_id).in_(identifiers))):
        if name.is_preferred or (name.taxon_id, name.language) not in names:
            names[name.taxon_id, name.language] = name.name
    return [
        TaxonHit(
            taxon_id=identifier,
            scientific_name=taxa[identifier].scientific_name,
            zh=names.get((identifier, "zh"), ""),
            en=names.get((identifier, "en"), ""),
            rank=taxa[identifier].taxon_rank,
            family=taxa[identifier].family,
        )
        for identifier in identifiers
        if identifier in taxa
    ]
