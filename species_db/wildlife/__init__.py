"""The protected-wildlife database: one page for each taxon, and the list of all of them."""

from species_db.wildlife.gathered import Shared, read_shared
from species_db.wildlife.members import UnknownTaxonError
from species_db.wildlife.page import taxon_page
from species_db.wildlife.parts import TaxonPage, as_plain
from species_db.wildlife.settings import PageSettings

__all__ = [
    "PageSettings",
    "Shared",
    "TaxonPage",
    "UnknownTaxonError",
    "as_plain",
    "read_shared",
    "taxon_page",
]
