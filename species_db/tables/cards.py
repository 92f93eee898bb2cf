"""Cards, archives, and what became of each file on them."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class Archive(Sealed, table=True):
    """A folder of originals that stay where they are; `namcha relocate` changes its root.

    Media in it have a `file_path` of `archive:<archive_id>/<path below the root>`.
    """

    archive_id: str = Field(primary_key=True)
    root: str
    person: str
    registered_at: datetime = Field(sa_type=UtcDateTime)


class CardImport(Sealed, table=True):
    """One card read for one deployment; its files are in `CardFile`.

    The progress columns are renewed with every batch, so that anyone can see how far it is.
    """

    OUTSIDE_SEAL = frozenset(
        {"total_files", "total_bytes", "done_files", "done_bytes", "progress_at", "job_id"}
    )
    card_import_id: str = Field(primary_key=True)
    deployment_id: str = Field(foreign_key="deployment.deployment_id", index=True)
    card_path: str
    fingerprint: str
    state: str
    person: str
    software_version: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    custody: str = "copied"  # or in_place: originals stay in an archive, read-only to us
    archive_id: str | None = None
    total_files: int = 0
    total_bytes: int = Field(default=0, sa_type=BigInteger)
    done_files: int = 0
    done_bytes: int = Field(default=0, sa_type=BigInteger)
    progress_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    job_id: str | None = None  # the job that the app started, when it did


class CardFile(Sealed, table=True):
    """The journal of a card: what became of each file on it, written with the media it made."""

    card_import_id: str = Field(primary_key=True, foreign_key="cardimport.card_import_id")
    card_path: str = Field(primary_key=True)
    bytes: int
    modified_ns: int
    outcome: str
    sha256: str | None = None
    media_id: str | None = Field(default=None, foreign_key="media.media_id")


class Problem(Sealed, table=True):
    """What a person should know of one file: why it could not be used, or what is doubtful."""

    card_import_id: str = Field(primary_key=True, foreign_key="cardimport.card_import_id")
    card_path: str = Field(primary_key=True)
    code: str = Field(primary_key=True, index=True)
    media_id: str | None = Field(default=None, foreign_key="media.media_id", index=True)
    note: str = ""
