"""Which taxon or area a person means by a name; a slip is answered with the nearest."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlmodel import Session, select

from species_db.geo.areas import areas_in_force
from species_db.language import did_you_mean, tr
from species_db.tables import Area, Taxon, TaxonName
from species_db.vocabulary import AreaKind

AREA_KINDS = tuple(kind for kind in AreaKind if kind is not AreaKind.COUNTY)  # nobody clears one


def taxa_by_name(session: Session) -> dict[str, frozenset[str]]:
    """The taxa that each name stands for, names without regard to case."""
    found = defaultdict[str, set[str]](set)
    for taxon_id, name in session.exec(select(Taxon.taxon_id, Taxon.scientific_name)):
        found[_plain(name)].add(taxon_id)
    for taxon_id, name in session.exec(select(TaxonName.taxon_id, TaxonName.name)):
        found[_plain(name)].add(taxon_id)
    return {name: frozenset(taxa) for name, taxa in found.items()}


def taxon_named(text: str, names: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    """The taxon that a name stands for, or empty and the sentence that says why there is none.

    >>> taxon_named("Crofton Weed", {"crofton weed": frozenset({"t"})})
    ('t', '')
    """
    found = names.get(_plain(text), frozenset())
    if len(found) == 1:
        return next(iter(found)), ""
    if found:
        return "", tr(
            f"'{text}' names {len(found)} taxa; write the scientific name.",
            f"“{text}”对应 {len(found)} 个物种；请填写学名。",
        )
    hint = did_you_mean(_plain(text), names)
    return "", tr(f"no taxon '{text}'.{hint}", f"没有物种“{text}”。{hint}")


def areas_by_name(session: Session, on: date) -> dict[str, frozenset[str]]:
    """The areas that each id, Chinese or English name stands for, by the outlines of a day."""
    found = defaultdict[str, set[str]](set)
    for area_id in session.exec(select(Area.area_id).where(Area.kind != AreaKind.COUNTY.value)):
        found[_plain(area_id)].add(area_id)
    for area in areas_in_force(session, AREA_KINDS, on=on):
        for name in filter(None, (area.name_zh, area.name_en)):
            found[_plain(name)].add(area.area_id)
    return {name: frozenset(areas) for name, areas in found.items()}


def area_named(text: str, names: Mapping[str, frozenset[str]]) -> tuple[str, str]:
    """The area that a name or id stands for, or empty and the sentence that says why there is none.

    >>> area_named("巴松措", {"巴松措": frozenset({"a", "b"})})[1]
    "'巴松措' names 2 areas; write the id that 'namcha geo list' tells."
    """
    found = names.get(_plain(text), frozenset())
    if len(found) == 1:
        return next(iter(found)), ""
    if found:
        return "", tr(
            f"'{text}' names {len(found)} areas; write the id that 'namcha geo list' tells.",
            f"“{text}”对应 {len(found)} 个区域；请填写“namcha geo list”所列的编号。",
        )
    hint = did_you_mean(text, names)
    return "", tr(f"there is no area '{text}'.{hint}", f"没有区域“{text}”。{hint}")


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
