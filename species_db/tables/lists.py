"""Versions of legal and scientific lists, and the taxa on them."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from species_db.tables.sealed import Sealed, UtcDateTime


class ListVersion(Sealed, table=True):
    """One version of one list, with its source and the dates between which it holds.

    `content_sha256` is over the entries as they stand, so that none can be edited unseen.
    """

    list_version_id: str = Field(primary_key=True)  # e.g. cn-protected-animals-2021
    list_id: str = Field(index=True)  # e.g. cn-protected-animals: its versions follow each other
    kind: str  # StatusKind
    title_zh: str
    title_en: str
    version: str
    region: str = "CN"
    issued_on: date | None = None
    effective_from: date
    effective_to: date | None = None  # the last day; None: in force until another follows
    is_partial: bool = False  # a taxon that it lacks may still have been on the real list
    authority: str = ""
    source: str = ""
    doubt: str = ""
    origin: str  # ListOrigin
    entry_count: int
    content_sha256: str
    number: str | None = None  # of a published document
    person: str = ""
    entered_at: datetime = Field(sa_type=UtcDateTime)


class ListEntry(SQLModel, table=True):
    """One line of a list version; the seal of its version covers it."""

    __table_args__ = (Index("ix_listentry_taxon", "taxon_id"),)
    list_version_id: str = Field(primary_key=True, foreign_key="listversion.list_version_id")
    entry_no: int = Field(primary_key=True)
    taxon_id: str | None = Field(default=None, foreign_key="taxon.taxon_id")  # None: not matched
    scientific_name: str  # as listed
    vernacular_zh: str = ""
    category: str  # I, II, VU, key, batch number, native, ...
    covers: str = "taxon"  # taxon, or the rank of a group listed as a whole: genus, family, ...
    excluded_taxa: str = "[]"  # scientific names that a group leaves out, as JSON
    population: str = ""  # e.g. wild populations only
    remarks: str = ""
    is_verified: bool | None = None  # against the text of the list; None: the source does not say
    doubt: str = ""
    source: str = ""
    facts: str = "{}"  # further columns of the source, as JSON
