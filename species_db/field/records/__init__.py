"""Field records as people write them: by sheet or by form, under one set of rules."""

from species_db.field.records.check import check_record
from species_db.field.records.draft import Checked, RecordDraft
from species_db.field.records.known import Known, PlotFact, read_known
from species_db.field.records.saving import record_field
from species_db.field.records.sheet import RecordsReport, import_records
from species_db.field.records.view import RecordLine, is_alien, last_records, record_cells

__all__ = [
    "Checked",
    "Known",
    "PlotFact",
    "RecordDraft",
    "RecordLine",
    "RecordsReport",
    "check_record",
    "import_records",
    "is_alien",
    "last_records",
    "read_known",
    "record_cells",
    "record_field",
]
