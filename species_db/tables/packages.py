"""Packages of other people's camera-trap data that were taken into the survey."""

from datetime import datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class PackageImport(Sealed, table=True):
    """One package as it came: whose it is, in which format, and what was taken from it.

    Its observations carry its id; its media lie below the card imports that it made, one for each
    deployment.
    """

    package_id: str = Field(primary_key=True)  # after format and bytes
    format: str
    format_version: str
    source_id: str = Field(index=True)  # as the package names its dataset, else its fingerprint
    title: str
    file_name: str
    sha256: str
    bytes: int
    about: str = "{}"  # JSON: people, licences, citation, as the package gives them
    counts: str = "{}"  # JSON
    person: str
    imported_at: datetime = Field(sa_type=UtcDateTime)
