"""The terms of Camtrap DP 1.0.2 with their types and constraints, written down by hand.

Names, order, types and limits are facts of the standard (https://camtrap-dp.tdwg.org, tag 1.0.2);
with them a package is checked where there is no network to fetch the official schemas from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from species_db.vocabulary import ClassificationMethod, ObservationLevel, ObservationType

VERSION = "1.0.2"
_BASE = f"https://raw.githubusercontent.com/tdwg/camtrap-dp/{VERSION}"
PROFILE = f"{_BASE}/camtrap-dp-profile.json"
DESCRIPTOR_FILE = "datapackage.json"
DATETIME_FORMAT = "%Y-%m-%dT%H:%M:%S%z"
MISSING_VALUES = ("", "NA", "NaN", "nan")

SAMPLING_DESIGNS = (
    "simpleRandom",
    "systematicRandom",
    "clusteredRandom",
    "experimental",
    "targeted",
    "opportunistic",
)
CAPTURE_METHODS = ("activityDetection", "timeLapse")
ROLES = ("contact", "principalInvestigator", "rightsHolder", "publisher", "contributor")
LICENCE_SCOPES = ("data", "media")
RANKS = ("kingdom", "phylum", "class", "order", "family", "genus", "species", "subspecies")

TermType = Literal["string", "number", "integer", "boolean", "datetime", "any"]


@dataclass(frozen=True)
class Term:
    """One column of the standard: what may stand in it."""

    name: str
    type: TermType = "string"
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    enum: tuple[str, ...] = ()
    pattern: str = ""

    def constraints(self) -> dict[str, Any]:
        """Spell the limits as a table schema does."""
        limits: dict[str, Any] = {"required": self.required}
        if self.unique:
            limits["unique"] = True
        if self.minimum is not None:
            limits["minimum"] = self.minimum
        if self.maximum is not None:
            limits["maximum"] = self.maximum
        if self.enum:
            limits["enum"] = list(self.enum)
        if self.pattern:
            limits["pattern"] = self.pattern
        return limits


@dataclass(frozen=True)
class Table:
    """One table of the standard; foreign keys are columns named like the key they point to."""

    name: str
    primary_key: str
    terms: tuple[Term, ...]
    foreign_keys: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names in the order the standard wants."""
        return tuple(term.name for term in self.terms)

    @property
    def file_name(self) -> str:
        """The file a package keeps this table in."""
        return f"{self.name}.csv"

    @property
    def schema_url(self) -> str:
        """The official schema that the package names."""
        return f"{_BASE}/{self.name}-table-schema.json"

    def schema(self) -> dict[str, Any]:
        """Spell the table as a frictionless table schema.

        >>> MEDIA.schema()["fields"][3]["format"], MEDIA.schema()["primaryKey"]
        ('%Y-%m-%dT%H:%M:%S%z', ['mediaID'])
        """
        return {
            "fields": list(self._fields()),
            "missingValues": list(MISSING_VALUES),
            "primaryKey": [self.primary_key],
            "foreignKeys": [
                {"fields": [column], "reference": {"resource": table, "fields": [column]}}
                for column, table in self.foreign_keys
            ],
        }

    def _fields(self) -> Iterator[dict[str, Any]]:
        for term in self.terms:
            field: dict[str, Any] = {"name": term.name, "type": term.type}
            if term.type == "datetime":
                field["format"] = DATETIME_FORMAT
            yield field | {"constraints": term.constraints()}


DEPLOYMENTS = Table(
    "deployments",
    "deploymentID",
    (
        Term("deploymentID", required=True, unique=True),
        Term("locationID"),
        Term("locationName"),
        Term("latitude", "number", required=True, minimum=-90, maximum=90),
        Term("longitude", "number", required=True, minimum=-180, maximum=180),
        Term("coordinateUncertainty", "integer", minimum=1),
        Term("deploymentStart", "datetime", required=True),
        Term("deploymentEnd", "datetime", required=True),
        Term("setupBy"),
        Term("cameraID"),
        Term("cameraModel"),
        Term("cameraDelay", "integer", minimum=0),
        Term("cameraHeight", "number", minimum=0),
        Term("cameraDepth", "number", minimum=0),
        Term("cameraTilt", "integer", minimum=-90, maximum=90),
        Term("cameraHeading", "integer", minimum=0, maximum=360),
        Term("detectionDistance", "number", minimum=0),
        Term("timestampIssues", "boolean"),
        Term("baitUse", "boolean"),
        Term(
            "featureType",
            enum=(
                "roadPaved",
                "roadDirt",
                "trailHiking",
                "trailGame",
                "roadUnderpass",
                "roadOverpass",
                "roadBridge",
                "culvert",
                "burrow",
                "nestSite",
                "carcass",
                "waterSource",
                "fruitingTree",
            ),
        ),
        Term("habitat"),
        Term("deploymentGroups"),
        Term("deploymentTags"),
        Term("deploymentComments"),
    ),
)

MEDIA = Table(
    "media",
    "mediaID",
    (
        Term("mediaID", required=True, unique=True),
        Term("deploymentID", required=True),
        Term("captureMethod", enum=CAPTURE_METHODS),
        Term("timestamp", "datetime", required=True),
        Term("filePath", required=True, pattern=r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"),
        Term("filePublic", "boolean", required=True),
        Term("fileName"),
        Term("fileMediatype", required=True, pattern=r"^(image|video|audio)/.*$"),
        Term("exifData", "any"),
        Term("favorite", "boolean"),
        Term("mediaComments"),
    ),
    (("deploymentID", "deployments"),),
)

OBSERVATIONS = Table(
    "observations",
    "observationID",
    (
        Term("observationID", required=True, unique=True),
        Term("deploymentID", required=True),
        Term("mediaID"),
        Term("eventID"),
        Term("eventStart", "datetime", required=True),
        Term("eventEnd", "datetime", required=True),
        Term("observationLevel", required=True, enum=tuple(ObservationLevel)),
        Term("observationType", required=True, enum=tuple(ObservationType)),
        Term("cameraSetupType", enum=("setup", "calibration")),
        Term("scientificName"),
        Term("count", "integer", minimum=1),
        Term("lifeStage", enum=("adult", "subadult", "juvenile")),
        Term("sex", enum=("female", "male")),
        Term("behavior"),
        Term("individualID"),
        Term("individualPositionRadius", "number", minimum=0),
        Term("individualPositionAngle", "number", minimum=-90, maximum=90),
        Term("individualSpeed", "number", minimum=0),
        Term("bboxX", "number", minimum=0, maximum=1),
        Term("bboxY", "number", minimum=0, maximum=1),
        Term("bboxWidth", "number", minimum=1e-15, maximum=1),
        Term("bboxHeight", "number", minimum=1e-15, maximum=1),
        Term("classificationMethod", enum=tuple(ClassificationMethod)),
        Term("classifiedBy"),
        Term("classificationTimestamp", "datetime"),
        Term("classificationProbability", "number", minimum=0, maximum=1),
        Term("observationTags"),
        Term("observationComments"),
    ),
    (("deploymentID", "deployments"), ("mediaID", "media")),
)

TABLES = (DEPLOYMENTS, MEDIA, OBSERVATIONS)
