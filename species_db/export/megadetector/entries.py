"""One file's entry as MegaDetector's format has it, from what the survey holds of it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from species_db.export.megadetector.model import WrittenModel
from species_db.vocabulary import ObservationType

WHOLE_PICTURE = (0.0, 0.0, 1.0, 1.0)  # of an answer without a box, as MegaDetector's own tools do
MILLISECONDS = 1000.0  # the frame rate of a film whose own is not known: its frames count these
Json = dict[str, Any]

FilmMoments = Callable[[float], Sequence[float]]
"""The seconds at which a detector of ours looks into a film of a length."""


@dataclass(frozen=True)
class ToldName:
    """A name with its score, and the longer label behind it."""

    name: str
    score: float
    label: str = ""
    code: str = ""


@dataclass(frozen=True)
class ToldBox:
    """One row of a model: what it saw where, and what it was called."""

    observation_id: str
    observation_type: str
    score: float | None
    box: tuple[float, float, float, float] | None
    frame_s: float | None
    names: tuple[ToldName, ...] = ()


@dataclass(frozen=True)
class ToldFile:
    """One file of the survey, or of a card, as an entry needs it."""

    path: str
    boxes: tuple[ToldBox, ...] = ()
    failure: str | None = None
    is_film: bool = False
    frame_rate: float | None = None
    duration_s: float | None = None
    is_foreign: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)
    """What the other tool's file said besides, of an answer that came in one."""


class NameNumbers:
    """The numbers of names in one file: those it came with, then the next free ones."""

    def __init__(self, names: Mapping[str, str], labels: Mapping[str, str]) -> None:
        self.names, self.labels = dict(names), dict(labels)
        self._codes = {(name, self.labels.get(code, "")): code for code, name in names.items()}
        self._next = max((int(code) for code in names), default=-1) + 1

    def code_of(self, told: ToldName) -> str:
        """The number of a name; its own, where this file gave it one."""
        if told.code and self.names.get(told.code) == told.name:
            return told.code
        key = (told.name, told.label)
        if key not in self._codes:
            code = str(self._next)
            self._next += 1
            self._codes[key] = code
            self.names[code] = told.name
            if told.label:
                self.labels[code] = told.label
        return self._codes[key]


def entry_of(
    one: ToldFile,
    model: WrittenModel,
    numbers: NameNumbers,
    *,
    min_score: float,
    film_moments: FilmMoments | None = None,
) -> Json:
    """The entry of one file: its detections best first, none as an empty list, or its failure."""
    entry: Json = {"file": one.path}
    if one.failure is not None:
        entry["failure"] = one.failure
        return entry | (one.told.get("fields", {}) if model.info else {"detections": None})
    rate = _rate(one)
    found = [_detection(box, one, model, numbers, rate) for box in one.boxes]
    detections = [detection for detection in found if detection is not None]
    detections += [_as_told(told, numbers) for told in one.told.get("detections", [])]
    kept = [detection for detection in detections if detection["conf"] >= min_score]
    if rate is not None:
        entry["frame_rate"] = rate
    if (frames := _frames(one, kept, rate, film_moments)) is not None:
        entry["frames_processed"] = frames
    entry["detections"] = sorted(kept, key=lambda d: (-d["conf"], d["bbox"], d["category"]))
    return entry | (one.told.get("fields", {}) if model.info else {})


def _as_told(told: Json, numbers: NameNumbers) -> Json:
    """A detection that became no observation; where its names have no numbers they get them."""
    if "classifications" not in told:
        return told
    pairs = []
    for word, score in told["classifications"]:
        name = ToldName(word.rpartition(";")[2] or word, score, word)
        pairs.append([word if word.isdigit() else numbers.code_of(name), score])
    return told | {"classifications": pairs}


def _detection(
    box: ToldBox,
    one: ToldFile,
    model: WrittenModel,
    numbers: NameNumbers,
    rate: float | None,
) -> Json | None:
    as_boxed = one.told.get("boxes", {}).get(box.observation_id, {})
    code = as_boxed.get("category") or model.code_of(box.observation_type)
    if code is None or box.observation_type == ObservationType.BLANK:
        return None
    score = as_boxed.get("conf", box.score)
    detection: Json = {
        "category": code,
        "conf": float(score or 0.0),
        "bbox": list(box.box or WHOLE_PICTURE),
    }
    if "frame_number" in as_boxed:
        detection["frame_number"] = as_boxed["frame_number"]
    elif rate is not None and box.frame_s is not None:
        detection["frame_number"] = round(box.frame_s * rate)
    if box.names:
        detection["classifications"] = [
            [numbers.code_of(name), float(name.score)] for name in box.names
        ]
    return detection


def _rate(one: ToldFile) -> float | None:
    """A film's frame rate: as the other tool said, else its own, else one that counts time."""
    if one.is_foreign:
        told: float | None = one.told.get("frame_rate")
        return told
    return (one.frame_rate or MILLISECONDS) if one.is_film else None


def _frames(
    one: ToldFile, kept: Iterable[Json], rate: float | None, film_moments: FilmMoments | None
) -> list[int] | None:
    """The frames that were looked at: as the other tool said, else as our detector chooses them."""
    if one.is_foreign or rate is None:
        frames_told: list[int] | None = one.told.get("frames_processed")
        return frames_told
    frames = {detection["frame_number"] for detection in kept if "frame_number" in detection}
    if film_moments is not None and one.duration_s is not None:
        frames |= {int(moment * rate) for moment in film_moments(one.duration_s)}
    return sorted(frames)


def line_of(entry: Json) -> str:
    """An entry as one line of JSON; Chinese stays Chinese."""
    return json.dumps(entry, ensure_ascii=False, allow_nan=False)
