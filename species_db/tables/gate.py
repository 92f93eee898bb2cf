"""What the gate goes by: categories of taxa, secrecy, releases, and who may do what."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class SensitivityRule(Sealed, table=True):
    """How far the places of a taxon, or of all taxa of a legal status, are coarsened.

    Rules are never edited: a later one for the same subject replaces an earlier one from its date.
    """

    rule_id: str = Field(primary_key=True)
    subject: str = Field(index=True)  # taxon:<taxon_id> or status:<kind>:<category>
    sensitivity: str  # Sensitivity
    delay_days: int = 0  # records of hunted species leave only after so many days
    effective_from: date
    reason: str
    person: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


class SecrecyMark(Sealed, table=True):
    """Secrecy of the survey, a station or a record; the newest mark of a subject holds."""

    __table_args__ = (Index("ix_secrecymark_subject", "subject_kind", "subject_id"),)
    mark_id: str = Field(primary_key=True)
    subject_kind: str  # survey, station, plot, event, field_record
    subject_id: str
    secrecy: str  # Secrecy
    reason: str
    person: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


class Release(Sealed, table=True):
    """One person asked that an export may be shared, another said yes or no."""

    release_id: str = Field(primary_key=True)
    request: str  # what would leave: format, filters and the records' fingerprint, as JSON
    fingerprint: str  # SHA-256 of the rows that would leave
    purpose: str
    recipient: str
    asked_by: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    state: str = "asked"  # asked, granted, refused, used
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class PersonRole(Sealed, table=True):
    """A role that a named person holds or held."""

    grant_id: str = Field(primary_key=True)
    person: str = Field(index=True)
    role: str  # Role
    granted_by: str
    granted_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
