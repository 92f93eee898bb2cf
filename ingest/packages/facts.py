"""What a package of camera-trap data says, whichever program wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from species_db.language import tr
from species_db.vocabulary import ClassificationMethod, ObservationLevel


class PackageFormat(StrEnum):
    """The formats that are read."""

    CAMTRAP_DP = "camtrap-dp"
    WILDLIFE_INSIGHTS = "wildlife-insights"
    CAMTRAPR = "camtrapr"
    TIMELAPSE = "timelapse"
    CAMELOT = "camelot"
    FOLDERS = "folders"


class PackageError(Exception):
    """A package is not what it should be; nothing of it was taken."""


def refusal(where: str, english: str, chinese: str) -> PackageError:
    """Refuse a package: where in it, what stands there and what should.

    >>> str(refusal("media.csv", "the file is missing.", "缺少该文件。"))
    'media.csv: the file is missing. Nothing was imported.'
    """
    return PackageError(
        tr(f"{where}: {english} Nothing was imported.", f"{where}：{chinese}未导入任何内容。")
    )


@dataclass(frozen=True, slots=True)
class Where:
    """Where in a package something stands: a file and a line, as an editor numbers them."""

    file: str
    line: int

    def __str__(self) -> str:
        """The place, as a message names it."""
        return tr(f"{self.file}, line {self.line}", f"{self.file} 第 {self.line} 行")


@dataclass(frozen=True, slots=True)
class PackageStation:
    """A place of a camera."""

    location_id: str
    latitude: float
    longitude: float
    name: str = ""
    uncertainty_m: int | None = None
    elevation_m: float | None = None


@dataclass(frozen=True)
class PackageDeployment:
    """A camera at a place for a time, as the package tells it."""

    deployment_id: str
    location_id: str
    start: datetime
    end: datetime | None
    offset_seconds: int
    where: Where
    camera_id: str = ""
    camera_model: str = ""
    more: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """Further attributes of `species_db.tables.Deployment`, by name."""
    lost_days: frozenset[date] = frozenset()
    """Local days on which the package says that the camera did not work."""


@dataclass(frozen=True, slots=True)
class PackageMedia:
    """A picture or film that the package tells of; its bytes are not in it."""

    media_id: str
    deployment_id: str
    timestamp: datetime | None
    offset_seconds: int
    is_offset_told: bool
    path: str
    file_name: str
    mediatype: str
    where: Where
    event_id: str = ""
    """The event that it belongs to, if the package says so."""
    trigger: str | None = None
    other: Mapping[str, str] = field(default_factory=dict)
    """What the package says besides, by its own column names."""


@dataclass(frozen=True, slots=True)
class PackageObservation:
    """What somebody, or a model, said is on a media or in an event."""

    observation_id: str
    deployment_id: str
    level: ObservationLevel
    type: str
    where: Where
    event_id: str = ""
    media_id: str = ""
    start: datetime | None = None
    end: datetime | None = None
    taxon: str = ""
    """A scientific name, or whatever name the package uses; empty when nobody named it."""
    count: int | None = None
    setup: str = ""
    life_stage: str = ""
    sex: str = ""
    behavior: str = ""
    individual_id: str = ""
    box: tuple[float, float, float, float] | None = None
    method: ClassificationMethod = ClassificationMethod.HUMAN
    classified_by: str = ""
    classified_at: datetime | None = None
    probability: float | None = None
    comments: str = ""
    other: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackageTaxon:
    """What the package says of a name that it uses."""

    name: str
    rank: str = ""
    class_name: str = ""
    order_name: str = ""
    family: str = ""
    genus: str = ""
    vernacular: Mapping[str, str] = field(default_factory=dict)
    """Common names by our language: zh, en."""


@dataclass(frozen=True)
class Source:
    """Where a package is from and what it says of itself."""

    format: PackageFormat
    format_version: str
    source_id: str
    """How its dataset is named; two exports of one dataset share it."""
    title: str
    file_name: str
    sha256: str
    bytes: int
    about: str = "{}"
    """JSON: people, licences, citation."""


@dataclass(frozen=True)
class Package:
    """A whole package, read from its first to its last line; `checking.py` says if it holds."""

    source: Source
    stations: tuple[PackageStation, ...]
    deployments: tuple[PackageDeployment, ...]
    media: tuple[PackageMedia, ...]
    observations: tuple[PackageObservation, ...]
    taxa: Mapping[str, PackageTaxon]
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read, such as the offset that was assumed."""
    uses_known_deployments: bool = False
    """It has no places: its deployments are those of the survey's own field sheet."""
