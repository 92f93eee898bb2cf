"""The records of a survey as tables; names are Camtrap DP's and Darwin Core's in snake_case.

Instants are stored in UTC, beside the offset in force at the camera and the camera's own text.
Coordinates are WGS-84 decimal degrees; lengths are metres.
"""

from species_db.tables.alerts import Alert, AlertAction, AlertRule
from species_db.tables.areas import Area
from species_db.tables.cards import Archive, CardFile, CardImport, Problem
from species_db.tables.clock import CameraDay, ClockSegment
from species_db.tables.field import FieldFile, FieldImport, FieldPhoto, FieldRecord
from species_db.tables.gate import PersonRole, Release, SecrecyMark, SensitivityRule
from species_db.tables.invasive import ControlAction
from species_db.tables.lists import ListEntry, ListVersion
from species_db.tables.log import Decision, Job
from species_db.tables.machine import (
    AuditDraw,
    AuditItem,
    DismissedBox,
    ExpertQuestion,
    ForeignAnswer,
    ModelChoice,
    TrainingRun,
)
from species_db.tables.media import Event, Media, ModelVersion, Observation
from species_db.tables.packages import PackageImport
from species_db.tables.places import Camera, CameraStation, Deployment, Plot, Project
from species_db.tables.sealed import Sealed, UtcDateTime
from species_db.tables.taxa import Taxon, TaxonName

__all__ = [
    "Alert",
    "AlertAction",
    "AlertRule",
    "Archive",
    "Area",
    "AuditDraw",
    "AuditItem",
    "Camera",
    "CameraDay",
    "CameraStation",
    "CardFile",
    "CardImport",
    "ClockSegment",
    "ControlAction",
    "Decision",
    "Deployment",
    "DismissedBox",
    "Event",
    "ExpertQuestion",
    "FieldFile",
    "FieldImport",
    "FieldPhoto",
    "FieldRecord",
    "ForeignAnswer",
    "Job",
    "ListEntry",
    "ListVersion",
    "Media",
    "ModelChoice",
    "ModelVersion",
    "Observation",
    "PackageImport",
    "PersonRole",
    "Plot",
    "Problem",
    "Project",
    "Release",
    "Sealed",
    "SecrecyMark",
    "SensitivityRule",
    "Taxon",
    "TaxonName",
    "TrainingRun",
    "UtcDateTime",
]
