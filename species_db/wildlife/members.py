"""Which taxa a page speaks of: the taxon itself and all below it, with their names."""

from collections import defaultdict
from collections.abc import Iterable

from sqlmodel import Session, col, or_, select

from species_db.language import did_you_mean, tr
from species_db.tables import Taxon, TaxonName
from species_db.taxa import search_taxa
from species_db.wildlife.parts import Names

IDS = 500  # in one question
SPECIES = "species"
COLUMNS = {
    "kingdom": Taxon.kingdom,
    "phylum": Taxon.phylum,
    "class": Taxon.class_name,
    "order": Taxon.order_name,
    "family": Taxon.family,
    "genus": Taxon.genus,
}


class UnknownTaxonError(Exception):
    """No taxon of the survey has this name or id."""


def members_of(session: Session, taxon: Taxon) -> list[Taxon]:
    """The taxon first, then all below it: a genus holds its species, a species its subspecies."""
    name = taxon.scientific_name
    below = []
    column = COLUMNS.get(taxon.taxon_rank)
    if column is not None:
        below.append(col(column) == name)
    if taxon.taxon_rank in (SPECIES, "genus"):
        below.append(col(Taxon.scientific_name).like(f"{name} %"))
    if not below:
        return [taxon]
    # A bird and a mint are both called Prunella.
    others = select(Taxon).where(
        or_(*below), Taxon.taxon_id != taxon.taxon_id, Taxon.kingdom == taxon.kingdom
    )
    return [taxon, *session.exec(others.order_by(col(Taxon.scientific_name)))]


def find_taxon(session: Session, text: str) -> Taxon:
    """Find one taxon by id or by exact Chinese, English or Latin name.

    Raises:
        UnknownTaxonError: no taxon, or several, are called so; the nearest names are offered.
    """
    if taxon := session.get(Taxon, text):
        return taxon
    wanted = text.strip().casefold()
    hits = search_taxa(session, text)
    names = names_of(session, [hit.taxon_id for hit in hits])
    exact = [hit for hit in hits if wanted in _all_names(names[hit.taxon_id])]
    if len(exact) == 1 or len(hits) == 1:
        return session.get_one(Taxon, (exact or hits)[0].taxon_id)
    raise UnknownTaxonError(_not_found(session, text, [hit.scientific_name for hit in hits]))


def names_of(session: Session, taxon_ids: Iterable[str]) -> dict[str, Names]:
    """The names of some taxa in all languages, the preferred one apart."""
    wanted = sorted(set(taxon_ids))
    latin: dict[str, str] = {}
    best: dict[tuple[str, str], str] = {}
    others: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for start in range(0, len(wanted), IDS):
        page = wanted[start : start + IDS]
        asked = select(Taxon.taxon_id, Taxon.scientific_name)
        latin |= dict(session.exec(asked.where(col(Taxon.taxon_id).in_(page))).all())
        asked_names = select(TaxonName).where(col(TaxonName.taxon_id).in_(page))
        for one in session.exec(asked_names.order_by(col(TaxonName.name))):
            if one.is_preferred and (one.taxon_id, one.language) not in best:
                best[one.taxon_id, one.language] = one.name
            else:
                others[one.taxon_id][one.language].append(one.name)
    return {
        name: Names(
            zh=best.get((name, "zh"), ""),
            en=best.get((name, "en"), ""),
            la=latin.get(name, ""),
            others={language: tuple(more) for language, more in sorted(others[name].items())},
        )
        for name in wanted
    }


def _all_names(names: Names) -> set[str]:
    more = {one for of_language in names.others.values() for one in of_language}
    return {one.casefold() for one in {names.zh, names.en, names.la, *more} if one}


def _not_found(session: Session, text: str, found: list[str]) -> str:
    if found:
        told = ", ".join(found[:6])
        return tr(
            f"'{text}' may be several taxa: {told}. Give one of these names.",
            f"“{text}”可能指多个分类单元:{told}。请写明其中之一。",
        )
    hint = did_you_mean(text, list(session.exec(select(Taxon.scientific_name))))
    hint = hint or did_you_mean(text, list(set(session.exec(select(TaxonName.name)))))
    return tr(
        f"No taxon is called '{text}' in this survey.{hint} Search with: namcha taxa search.",
        f"本调查中没有名为“{text}”的分类单元。{hint}可用 namcha taxa search 查找。",
    )
