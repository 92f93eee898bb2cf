"""Outlines on the map: counties, reserves, core zones, red lines, projects."""

from datetime import date, datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class Area(Sealed, table=True):
    """One outline in WGS-84; `geometry` is WKB in hexadecimal."""

    area_id: str = Field(primary_key=True)
    kind: str = Field(index=True)  # AreaKind
    code: str = ""  # division code of a county
    name_zh: str = ""
    name_en: str = ""
    geometry: str
    datum_in_source: str = ""
    source: str = ""
    source_sha256: str = ""
    valid_from: date | None = None
    person: str = ""
    entered_at: datetime = Field(sa_type=UtcDateTime)
