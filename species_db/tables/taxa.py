"""Taxa and their names."""

from sqlmodel import Field

from species_db.tables.sealed import Sealed


class Taxon(Sealed, table=True):
    """A taxon of any rank under our own stable id."""

    taxon_id: str = Field(primary_key=True)
    scientific_name: str = Field(unique=True)
    taxon_rank: str
    kingdom: str = ""
    class_name: str = ""
    order_name: str = ""
    family: str = ""
    source: str
    phylum: str | None = None
    genus: str | None = None


class TaxonName(Sealed, table=True):
    """One name of a taxon in one language; `la` holds synonyms."""

    taxon_id: str = Field(primary_key=True, foreign_key="taxon.taxon_id")
    language: str = Field(primary_key=True)
    name: str = Field(primary_key=True, index=True)
    is_preferred: bool = True
