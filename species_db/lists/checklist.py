"""The checklist of Linzhi: the taxa that a survey knows first, and what people call them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from species_db.identity import taxon_id
from species_db.tables import Taxon, TaxonName

CHECKLIST = "linzhi_checklist.csv"


@dataclass(frozen=True)
class ChecklistEntry:
    """One line of a checklist: a taxon and the names people call it by."""

    taxon: Taxon
    names: tuple[TaxonName, ...]


def read_checklist() -> Iterator[ChecklistEntry]:
    """Read the checklist that ships with Namcha; each line names its own source."""
    path = files("species_db") / "data" / CHECKLIST
    lines = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
    ]
    for row in csv.DictReader(lines):
        identifier = taxon_id(row["scientific_name"])
        taxon = Taxon(
            taxon_id=identifier,
            scientific_name=row["scientific_name"],
            taxon_rank=row["taxon_rank"],
            kingdom=row["kingdom"],
            class_name=row["class"],
            order_name=row["order"],
            family=row["family"],
            source=row["source"],
        )
        yield ChecklistEntry(taxon, tuple(_names(identifier, row)))


def _names(identifier: str, row: dict[str, str]) -> Iterator[TaxonName]:
    for language in ("zh", "en"):
        if row[language]:
            yield TaxonName(taxon_id=identifier, language=language, name=row[language])
        for name in filter(None, row[f"{language}_other"].split(";")):
            yield TaxonName(taxon_id=identifier, language=language, name=name, is_preferred=False)
    for synonym in filter(None, row["synonyms"].split(";")):
        yield TaxonName(taxon_id=identifier, language="la", name=synonym, is_preferred=False)
