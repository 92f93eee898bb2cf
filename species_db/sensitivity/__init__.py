"""The one gate for what leaves the survey: places, names that tell a place, and pictures of people.

Poachers read open data too. What is protected is the place: everything recorded on it, in every
table, map and page, leaves as coarsely as the most sensitive taxon ever recorded there demands
(DOMAIN.md 9; VISION N6).
"""

from species_db.sensitivity.delay import delayed_events
from species_db.sensitivity.gate import Gate, local_today, open_gate
from species_db.sensitivity.grid import (
    ADDED_UNCERTAINTY_M,
    BAND_LATITUDE,
    STRICTNESS,
    ReleasedPlace,
    SensitivitySettings,
    generalise_place,
    round_to_cell,
    strictest,
    withheld_place,
)
from species_db.sensitivity.pictures import closed_media
from species_db.sensitivity.places import (
    PlaceReport,
    Reason,
    SensitivePlaces,
    read_places,
    report_place,
)
from species_db.sensitivity.release import ExactRelease, ReleaseError, record_release
from species_db.sensitivity.rules import (
    Rule,
    SensitivityError,
    default_rules,
    read_rules,
    rules_in_force,
    status_subject,
    taxon_names,
    taxon_subject,
)
from species_db.sensitivity.setting import find_taxon, set_rule

__all__ = [
    "ADDED_UNCERTAINTY_M",
    "BAND_LATITUDE",
    "STRICTNESS",
    "ExactRelease",
    "Gate",
    "PlaceReport",
    "Reason",
    "ReleaseError",
    "ReleasedPlace",
    "Rule",
    "SensitivePlaces",
    "SensitivityError",
    "SensitivitySettings",
    "closed_media",
    "default_rules",
    "delayed_events",
    "find_taxon",
    "generalise_place",
    "local_today",
    "open_gate",
    "read_places",
    "read_rules",
    "record_release",
    "report_place",
    "round_to_cell",
    "rules_in_force",
    "set_rule",
    "status_subject",
    "strictest",
    "taxon_names",
    "taxon_subject",
    "withheld_place",
]
