"""Records made in person, without a camera station, and their photos."""

from datetime import datetime

from sqlmodel import Field

from species_db.tables.sealed import Sealed, UtcDateTime


class FieldImport(Sealed, table=True):
    """One folder of field photos taken in by one person for one plot."""

    field_import_id: str = Field(primary_key=True)
    folder: str
    plot_id: str = Field(foreign_key="plot.plot_id", index=True)
    observer: str
    protocol: str
    person: str
    software_version: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FieldRecord(Sealed, table=True):
    """An observation made in person on a plot, without a camera; a draft until identified."""

    field_record_id: str = Field(primary_key=True)
    plot_id: str | None = Field(default=None, foreign_key="plot.plot_id", index=True)
    field_import_id: str | None = Field(default=None, foreign_key="fieldimport.field_import_id")
    protocol: str
    observer: str
    state: str = Field(index=True)  # draft, identified, rejected
    event_start: datetime | None = Field(default=None, sa_type=UtcDateTime)
    event_end: datetime | None = Field(default=None, sa_type=UtcDateTime)
    utc_offset_seconds: int = 8 * 3600
    latitude: float | None = None
    longitude: float | None = None
    coordinate_uncertainty_m: int | None = None
    position_source: str = ""  # gps, or plot: the plot's place, since no photo tells its own
    elevation_m: float | None = None
    elevation_source: str = ""  # gps: above the sea or the ellipsoid, phones do not say; or plot
    photo_count: int = 0
    taxon_id: str | None = Field(default=None, foreign_key="taxon.taxon_id", index=True)
    individual_count: int | None = None
    organism_quantity: str = ""
    organism_quantity_type: str = ""
    habitat: str = ""
    remarks: str = ""
    identified_by: str = ""
    date_identified: datetime | None = Field(default=None, sa_type=UtcDateTime)
    review_id: str | None = Field(default=None, foreign_key="decision.decision_id")
    county: str | None = None  # division code, for a record off all plots
    sheet: str | None = None  # of which sheet and line it came, as JSON
    occurrence_status: str | None = None  # present, or absent with its effort; None: present
    effort_value: float | None = None  # Darwin Core sampleSizeValue
    effort_unit: str | None = None  # sampleSizeUnit: m, m2, minute, litre, ...
    sampling_effort: str | None = None  # as a person says it
    sample_id: str | None = None  # of a water or soil sample (eDNA), or of a recording
    evidence_probability: float | None = None  # of a sequence match or an acoustic classifier
    life_stage: str | None = None
    sex: str | None = None
    behavior: str | None = None
    reproductive_condition: str | None = None  # phenology: flowering, fruiting, ...
    vitality: str | None = None  # alive, dead, ill (Darwin Core `vitality`)
    establishment_means: str | None = None
    degree_of_establishment: str | None = None
    pathway: str | None = None
    abundance_class: str | None = None
    infestation_area_m2: float | None = None
    threats: str | None = None  # words of a list, as JSON: people, dog, livestock, snare, ...
    identification_verification_status: str | None = None  # Darwin Core's, DOMAIN.md 8
    control_id: str | None = Field(default=None, foreign_key="controlaction.control_id")
    control_effect: str | None = None  # of a follow-up visit: share of the stand that is left, 0..1


class FieldPhoto(Sealed, table=True):
    """One photo made in the field; the original is kept like a camera's."""

    field_photo_id: str = Field(primary_key=True)
    sha256: str = Field(unique=True)
    bytes: int
    field_import_id: str = Field(foreign_key="fieldimport.field_import_id", index=True)
    field_record_id: str | None = Field(
        default=None, foreign_key="fieldrecord.field_record_id", index=True
    )
    file_path: str
    file_name: str
    card_path: str
    file_mediatype: str
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    timestamp: datetime | None = Field(default=None, sa_type=UtcDateTime)
    utc_offset_seconds: int | None = None
    offset_source: str = ""
    camera_time_raw: str | None = None
    camera_time_source: str | None = None
    gps_time: datetime | None = Field(default=None, sa_type=UtcDateTime)
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    position_source: str = ""
    make: str | None = None
    model: str | None = None
    is_restricted: bool = False


class FieldFile(Sealed, table=True):
    """The journal of a field import: what became of each file of the folder."""

    field_import_id: str = Field(primary_key=True, foreign_key="fieldimport.field_import_id")
    card_path: str = Field(primary_key=True)
    bytes: int
    outcome: str
    sha256: str | None = None
    field_photo_id: str | None = Field(default=None, foreign_key="fieldphoto.field_photo_id")
    code: str = ""  # problem codes with blanks between
    note: str = ""
