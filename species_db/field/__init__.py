"""Field records: what people see on a plot without a camera, from their photos to a name."""

from species_db.field.drafting import DOUBTFUL_PLACE, DOUBTFUL_TIME, make_drafts
from species_db.field.efforts import FieldEffort, field_efforts, season_of
from species_db.field.grouping import GroupingSettings, group_photos
from species_db.field.identify import (
    FieldConflict,
    FieldFinding,
    FieldRefusal,
    identify_record,
    logged_finding,
    reject_record,
)
from species_db.field.placing import Placing, PlotCircle, Sighting, nearest_plot, place_photos
from species_db.field.records import (
    Checked,
    RecordDraft,
    RecordLine,
    RecordsReport,
    check_record,
    import_records,
    last_records,
    read_known,
    record_cells,
    record_field,
)
from species_db.field.splitting import split_record
from species_db.field.view import (
    FieldPhotoView,
    FieldRecordView,
    count_drafts,
    draft_records,
    view_field_photo,
    view_record,
)

__all__ = [
    "DOUBTFUL_PLACE",
    "DOUBTFUL_TIME",
    "Checked",
    "FieldConflict",
    "FieldEffort",
    "FieldFinding",
    "FieldPhotoView",
    "FieldRecordView",
    "FieldRefusal",
    "GroupingSettings",
    "Placing",
    "PlotCircle",
    "RecordDraft",
    "RecordLine",
    "RecordsReport",
    "Sighting",
    "check_record",
    "count_drafts",
    "draft_records",
    "field_efforts",
    "group_photos",
    "identify_record",
    "import_records",
    "last_records",
    "logged_finding",
    "make_drafts",
    "nearest_plot",
    "place_photos",
    "read_known",
    "record_cells",
    "record_field",
    "reject_record",
    "season_of",
    "split_record",
    "view_field_photo",
    "view_record",
]
