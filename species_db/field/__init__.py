"""Field records: what people see on a plot without a camera, from their photos to a name."""

from species_db.field.drafting import DOUBTFUL_PLACE, DOUBTFUL_TIME, make_drafts
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
    "FieldConflict",
    "FieldFinding",
    "FieldPhotoView",
    "FieldRecordView",
    "FieldRefusal",
    "GroupingSettings",
    "Placing",
    "PlotCircle",
    "Sighting",
    "count_drafts",
    "draft_records",
    "group_photos",
    "identify_record",
    "logged_finding",
    "make_drafts",
    "nearest_plot",
    "place_photos",
    "reject_record",
    "split_record",
    "view_field_photo",
    "view_record",
]
