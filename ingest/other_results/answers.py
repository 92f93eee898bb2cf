"""Turn what another tool says of one file into findings: thresholds, frames, names, clipping."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ingest.classify import BLANK, Finding
from ingest.other_results.facts import Box, OtherBox, OtherFile, OtherName, OtherPrediction
from ingest.other_results.names import Dictionary, Meaning, whole_picture_name
from species_db.vocabulary import ObservationType

ROUNDING = 1e-6  # a box this little out of the frame was inside before it was written as decimals
WHOLE: tuple[None, ...] = (None,) * 4
_PLAIN = {
    "animal": ObservationType.ANIMAL,
    "person": ObservationType.HUMAN,
    "human": ObservationType.HUMAN,
    "vehicle": ObservationType.VEHICLE,
}
_NAMED = (ObservationType.ANIMAL, ObservationType.UNKNOWN)  # a person's box stays one


@dataclass(frozen=True)
class ImportSettings:
    """What of a results file becomes an observation."""

    # MegaDetector's own typical threshold for version 5, and the least score at which SpeciesNet's
    # ensemble trusts a box (DOMAIN.md 10). Files hold boxes down to 0.005: nine in ten are nothing.
    threshold: float = 0.2


@dataclass
class Tally:
    """What was done to boxes and words on the way, for the report."""

    clipped: int = 0
    without_area: int = 0
    below_threshold: int = 0
    ignored: int = 0
    unknown_words: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Answer:
    """What one file's entry becomes: rows, and what they cannot hold."""

    found: tuple[Finding, ...]
    told: dict[str, Any]
    as_boxed: tuple[tuple[Finding, dict[str, Any]], ...] = ()
    """The score and the category of boxes whose row has those of their name."""
    flat: tuple[Box, ...] = ()
    """Boxes without an area, which are listed as problems."""


def answer_of(
    one: OtherFile, dictionary: Dictionary, *, settings: ImportSettings, tally: Tally
) -> Answer:
    """Give the findings of one entry; without any it is blank: looked at, nothing there.

    A box at exactly the threshold is kept. What is not kept is remembered, so that the file can be
    written again as it was.
    """
    found: list[Finding] = []
    boxed: list[OtherBox] = []
    kept_out: list[dict[str, Any]] = []
    flat: list[Box] = []
    for number, box in enumerate(one.boxes or ()):
        inside = clip_box(box.box)
        tally.clipped += inside != box.box
        meaning = dictionary.category(box.category) if box.category else Meaning(None)
        if inside[2] <= 0 or inside[3] <= 0:
            tally.without_area += 1
            flat.append(box.box)
        elif meaning.type is None:
            tally.ignored += 1
        elif box.score < settings.threshold:
            tally.below_threshold += 1
        else:
            finding = _finding(one, box, inside, meaning, dictionary, tally)
            found.append(_apart(finding, number, found))
            boxed.append(box)
            continue
        kept_out.append(_as_told(box))
    if one.prediction is not None:
        found = _with_prediction(found, one.prediction, dictionary, tally)
    as_boxed = [(row, _as_boxed(row, box)) for row, box in zip(found, boxed, strict=False)]
    return Answer(
        tuple(found) or (BLANK,),
        _told(one, kept_out),
        tuple((row, told) for row, told in as_boxed if told),
        tuple(flat),
    )


def clip_box(box: Box) -> Box:
    """Keep of a box what lies in the frame; one that lies inside comes back as it is.

    >>> clip_box((-0.1, 0.5, 0.3, 0.6))
    (0.0, 0.5, 0.2, 0.5)
    >>> clip_box((0.71, 0.6, 0.29, 0.4))
    (0.71, 0.6, 0.29, 0.4)
    """
    x, y, width, height = box
    left, right = _clip_side(x, width)
    top, bottom = _clip_side(y, height)
    return left, top, right, bottom


def _clip_side(start: float, length: float) -> tuple[float, float]:
    if start >= 0 and start + length <= 1 + ROUNDING:
        return start, length
    first, last = min(max(start, 0.0), 1.0), min(max(start + length, 0.0), 1.0)
    return first, round(last - first, 6)


def _finding(
    one: OtherFile,
    box: OtherBox,
    inside: Box,
    meaning: Meaning,
    dictionary: Dictionary,
    tally: Tally,
) -> Finding:
    """A box as a row: named by the classifier's first name where that is known here."""
    kind, taxon_id, score = meaning.type or ObservationType.UNKNOWN, meaning.taxon_id, box.score
    if not meaning.is_known:
        tally.unknown_words[box.category] += 1
    names = box.names
    if names:
        named = dictionary.name(names[0])
        if not named.is_known:
            tally.unknown_words[names[0].label or names[0].name] += 1
        elif kind in _NAMED and named.type and (named.taxon_id or named.type is not kind):
            kind, taxon_id, score = named.type, named.taxon_id, names[0].score
    elif not meaning.is_known or meaning.taxon_id:
        names = (OtherName(box.category, box.score),)
    return Finding(
        kind,
        score,
        inside,
        frame_s=_second(one, box),
        taxon_id=taxon_id,
        label="" if box.category.lower() in _PLAIN else box.code,
        alternatives=as_alternatives(names, dictionary),
    )


def _second(one: OtherFile, box: OtherBox) -> float | None:
    if box.frame_number is None or not one.frame_rate:
        return None
    return box.frame_number / one.frame_rate


def _apart(finding: Finding, number: int, others: Sequence[Finding]) -> Finding:
    """Two boxes at one place under one word are two rows, as they are two lines in the file."""
    known = {(other.place, other.label, other.type) for other in others}
    if (finding.place, finding.label, finding.type) not in known:
        return finding
    return replace(finding, label=f"{finding.label or finding.type.value} #{number}")


def as_alternatives(names: Sequence[OtherName], dictionary: Dictionary) -> str | None:
    """All names of a box as JSON: the tool's words, and the accepted name where it is known."""
    if not names:
        return None
    told = []
    for one in names:
        accepted = dictionary.accepted.get(dictionary.name(one).taxon_id or "", "")
        words = {
            "label": one.name,
            "scientific_name": accepted,
            "score": one.score,
            "code": one.code,
            "whole_label": one.label,
        }
        told.append({key: word for key, word in words.items() if word != ""})
    return json.dumps(told, ensure_ascii=False)


def _with_prediction(
    found: list[Finding], prediction: OtherPrediction, dictionary: Dictionary, tally: Tally
) -> list[Finding]:
    """Give the name of the whole picture to the best box it fits; the other boxes stay as they are.

    Where SpeciesNet says blank or does not know although a box is there, the box stays: only a
    person may decide that nothing is in it.
    """
    first = whole_picture_name(prediction.label, prediction.score or 0.0)
    named = dictionary.name(first)
    if not named.is_known:
        tally.unknown_words[prediction.label] += 1
    others = tuple(one for one in prediction.names if one.label != prediction.label)
    source, names = prediction.source, as_alternatives((first, *others), dictionary)
    if named.type is None:
        if found:
            first_row = replace(found[0], prediction_source=source, alternatives=names)
            return [first_row, *found[1:]]
        is_blank = first.name.lower() == "blank"
        kind = ObservationType.BLANK if is_blank else ObservationType.UNKNOWN
        return [_whole(kind, prediction.score, None, source, names)]
    fitting = [row for row in found if row.type is named.type]
    if not fitting:
        return [*found, _whole(named.type, prediction.score, named.taxon_id, source, names)]
    best = max(fitting, key=lambda row: row.score or 0.0)
    row = replace(
        best,
        score=prediction.score,
        taxon_id=named.taxon_id,
        prediction_source=source,
        alternatives=names,
    )
    return [row if other is best else other for other in found]


def _whole(
    kind: ObservationType,
    score: float | None,
    taxon_id: str | None,
    source: str | None,
    names: str | None,
) -> Finding:
    """A row for the picture as a whole, where no box shows what it names."""
    return Finding(
        kind, score, WHOLE, taxon_id=taxon_id, prediction_source=source, alternatives=names
    )


def _as_boxed(row: Finding, box: OtherBox) -> dict[str, Any]:
    """What of a box its row does not say."""
    told: dict[str, Any] = {} if row.score == box.score else {"conf": box.score}
    if _PLAIN.get(box.category.lower()) is not row.type:
        told["category"] = box.code
    if box.frame_number is not None and row.frame_s is None:
        told["frame_number"] = box.frame_number
    return told


def _as_told(box: OtherBox) -> dict[str, Any]:
    """A detection as its file has it."""
    told: dict[str, Any] = {"category": box.code, "conf": box.score, "bbox": list(box.box)}
    if box.frame_number is not None:
        told["frame_number"] = box.frame_number
    if box.names:
        told["classifications"] = [[one.code or one.label, one.score] for one in box.names]
    return told


def _told(one: OtherFile, kept_out: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the rows do not hold of an entry, without empty parts."""
    told = {
        "detections": list(kept_out) or None,
        "frame_rate": one.frame_rate,
        "frames_processed": None if one.frames_processed is None else list(one.frames_processed),
        "fields": json.loads(one.fields) or None,
    }
    return {name: value for name, value in told.items() if value is not None}
