"""What a results file of another tool says, whichever tool wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from species_db.language import tr


class ResultsFormat(StrEnum):
    """The formats that are read; the value is the origin that their models carry."""

    MEGADETECTOR = "MegaDetector JSON"
    SPECIESNET = "SpeciesNet JSON"


class ResultsError(Exception):
    """A results file is not what it should be; nothing of it was taken."""


def refusal(where: str, english: str, chinese: str) -> ResultsError:
    """Refuse a file: where in it, what stands there and what should.

    >>> str(refusal("images[3].bbox", "4 numbers are needed.", "应有 4 个数。"))
    'images[3].bbox: 4 numbers are needed. Nothing was imported.'
    """
    return ResultsError(
        tr(f"{where}: {english} Nothing was imported.", f"{where}：{chinese}未导入任何内容。")
    )


Box = tuple[float, float, float, float]
"""x, y, width, height in shares of the picture, from its top left corner."""


@dataclass(frozen=True, slots=True)
class OtherName:
    """One name that a classifier gives, in its own words, with its score."""

    name: str
    score: float
    code: str = ""
    """The number that stands for it in the file, if it has one."""
    label: str = ""
    """The longer label behind the name: `uuid;class;order;family;genus;species;common`."""


@dataclass(frozen=True, slots=True)
class OtherBox:
    """One detection as the file has it; the box may still reach out of the frame."""

    code: str
    category: str
    """The category's name; empty when the file does not say what its code means."""
    score: float
    box: Box
    frame_number: int | None = None
    names: tuple[OtherName, ...] = ()
    """What a classifier called it: the name it settled on, then the others, best first."""


@dataclass(frozen=True, slots=True)
class OtherPrediction:
    """The one name that SpeciesNet settles on for a whole picture (DOMAIN.md 10)."""

    label: str
    score: float | None
    source: str | None
    names: tuple[OtherName, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherFile:
    """What a results file says of one picture or film; `boxes` is None when the tool failed."""

    path: str
    boxes: tuple[OtherBox, ...] | None
    failure: str | None = None
    frame_rate: float | None = None
    frames_processed: tuple[int, ...] | None = None
    prediction: OtherPrediction | None = None
    fields: str = "{}"
    """JSON: what else the file says of it, kept as it is and not believed."""


@dataclass(frozen=True)
class OtherModel:
    """What a results file says of one model that it comes from."""

    name: str
    version: str
    metadata: str = "{}"
    """JSON: thresholds that the tool suggests, which are hints and no truth (DOMAIN.md 11)."""


@dataclass(frozen=True)
class OtherResults:
    """A whole results file, checked from its first to its last line."""

    format: ResultsFormat
    format_version: str
    detector: OtherModel
    classifier: OtherModel | None
    categories: Mapping[str, str]
    """Of detections: the name for each code."""
    names: Mapping[str, str]
    """Of classifications: the name for each code; empty when the file has none."""
    labels: Mapping[str, str]
    """Of classifications: the longer label for each code."""
    info: str
    """JSON: the file's own description of itself, word for word."""
    files: tuple[OtherFile, ...]
    sha256: str
    bytes: int
    file_name: str
    unknown_categories: Mapping[str, int] = field(default_factory=dict)
    """Codes that the file does not explain: no detections by its own rules, counted."""
