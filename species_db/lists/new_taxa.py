"""Names of an imported list that become taxa, where the person asked for it."""

from collections.abc import Sequence

from sqlmodel import Session, select

from species_db import identity
from species_db.language import tr
from species_db.lists.diff import ListError
from species_db.lists.list_sheet import ListDescription, SheetEntry
from species_db.lists.shipped import SPECIES_RANKS
from species_db.tables import Taxon, TaxonName

RANKED = {"family": "family", "order": "order_name", "class": "class_name"}


def add_taxa_of(
    session: Session, entries: Sequence[SheetEntry], full: ListDescription
) -> list[str]:
    """Add a taxon for each entry; give their names.

    Where it stands is taken from the taxa of its genus, so that a family that is listed as a whole
    covers it too.

    Raises:
        ListError: a taxon of another kingdom bears the name already.
    """
    for one in entries:
        _add_taxon(session, one, full)
    session.flush()
    return [one.name.scientific_name for one in entries]


def _add_taxon(session: Session, one: SheetEntry, full: ListDescription) -> None:
    name = one.name
    identifier = identity.taxon_id(name.scientific_name)
    present = session.get(Taxon, identifier)
    if present is not None:
        raise ListError(
            tr(
                f"{name.scientific_name} ({name.kingdom}) bears the name of a known taxon of "
                f"{present.kingdom}. Check the kingdom, or leave the entry without a taxon.",
                f"{name.scientific_name}({name.kingdom})与已有分类单元({present.kingdom})"
                "同名。请核对“界”一列,或不新增该学名。",
            )
        )
    taxon = Taxon(
        taxon_id=identifier,
        scientific_name=name.scientific_name,
        taxon_rank=name.taxon_rank,
        kingdom=name.kingdom,
        genus=None,
        source=f"list {full.list_version_id}",
    )
    if name.taxon_rank in {*SPECIES_RANKS, "genus", "section"}:
        taxon.genus = name.scientific_name.split()[0]
        _place_with_its_genus(session, taxon)
    elif column := RANKED.get(name.taxon_rank):
        setattr(taxon, column, name.scientific_name)
    session.add(taxon)
    session.flush()  # a name points at its taxon
    given = [("zh", name.zh), ("en", one.vernacular_en), *(("la", la) for la in name.synonyms)]
    for language, text in given:
        if text:
            session.add(
                TaxonName(
                    taxon_id=identifier,
                    language=language,
                    name=text,
                    is_preferred=language != "la",
                )
            )


def _place_with_its_genus(session: Session, taxon: Taxon) -> None:
    """Take family, order and class from the known taxa of the genus, when they agree."""
    columns = ("kingdom", "phylum", "class_name", "order_name", "family")
    kin = session.exec(select(Taxon).where(Taxon.genus == taxon.genus, Taxon.family != "")).all()
    near = [one for one in kin if taxon.kingdom in ("", one.kingdom)]
    if len({(one.kingdom, one.family) for one in near}) != 1:
        return
    for column in columns:
        setattr(taxon, column, getattr(taxon, column) or getattr(near[0], column))
