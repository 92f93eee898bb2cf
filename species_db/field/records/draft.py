"""A field record before it is stored, and what stands in the way of storing it."""

from dataclasses import dataclass
from datetime import datetime

from species_db.field_sheet import Mistake


@dataclass(frozen=True)
class RecordDraft:
    """A field record as it will be stored; names are those of the table FieldRecord.

    `record_code` is the number the field team gave the line; it names the record and is no column.
    """

    protocol: str
    observer: str
    event_start: datetime
    event_end: datetime
    utc_offset_seconds: int
    plot_id: str | None
    county: str | None
    latitude: float | None
    longitude: float | None
    coordinate_uncertainty_m: int | None
    position_source: str
    elevation_m: float | None
    elevation_source: str
    taxon_id: str | None
    individual_count: int | None
    organism_quantity: str
    organism_quantity_type: str
    habitat: str
    remarks: str
    identified_by: str
    occurrence_status: str
    effort_value: float | None
    effort_unit: str | None
    sampling_effort: str | None
    sample_id: str | None
    evidence_probability: float | None
    life_stage: str | None
    sex: str | None
    behavior: str | None
    reproductive_condition: str | None
    vitality: str | None
    establishment_means: str | None
    degree_of_establishment: str | None
    pathway: str | None
    abundance_class: str | None
    infestation_area_m2: float | None
    threats: str | None
    identification_verification_status: str | None
    control_id: str | None
    control_effect: str | None
    record_code: str = ""

    @property
    def visit(self) -> tuple[object, ...]:
        """What two records of one visit have in common; its effort counts once."""
        place = self.plot_id or self.county
        times = (self.event_start, self.event_end)
        return (self.protocol, place, *times, self.observer, self.sample_id)


@dataclass(frozen=True)
class Checked:
    """What checking one record gave: the draft, or every mistake; notes are for the person."""

    draft: RecordDraft | None
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()
