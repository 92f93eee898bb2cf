"""What was done against invaders."""

from datetime import date, datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class ControlAction(Sealed, table=True):
    """One action against an invasive taxon at one place; follow-up visits are field records."""

    control_id: str = Field(primary_key=True)
    taxon_id: str = Field(foreign_key="taxon.taxon_id", index=True)
    plot_id: str | None = Field(default=None, foreign_key="plot.plot_id", index=True)
    area_id: str | None = Field(default=None, foreign_key="area.area_id")
    latitude: float | None = None
    longitude: float | None = None
    method: str  # ControlMethod
    started_on: date
    ended_on: date | None = None
    treated_area_m2: float | None = None
    removed_quantity: str = ""
    removed_quantity_type: str = ""
    person_days: float | None = None
    agent: str = ""  # herbicide, natural enemy, tool
    led_by: str
    remarks: str = ""
    person: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
