"""How good a model is on the frozen test: by class, taxon, light, station, and what it confuses.

A person's review is of a whole event, so events are what a detector is judged by. Boxes are told
too, with a caution: most were drawn by the model in use and then confirmed, which flatters it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from models.classes import LABELS
from models.detector import Detection
from training.evaluate import Answer, KnownBox, match_boxes, score

MISSED = "missed"  # no box where an animal stands
FALSE = "nothing"  # a box where nothing stands
UNNAMED = "animal"


@dataclass(frozen=True)
class SeenPhoto:
    """What a detector said of one test photo.

    `said` are the labels that the review found in its event. `taxa` names each known box, empty
    where unknown; a photo that has not `has_boxes` may show more than its known boxes.
    """

    location_id: str
    event_id: str
    said: frozenset[str]
    has_boxes: bool
    answer: Answer
    taxa: tuple[str, ...]


@dataclass(frozen=True)
class SeenEvent:
    """What a detector said of one reviewed event: its best score for each label."""

    location_id: str
    said: frozenset[str]
    is_grey: bool
    scores: Mapping[str, float]


@dataclass(frozen=True)
class NamedCrop:
    """What a classifier called one known animal."""

    location_id: str
    is_grey: bool
    taxon: str
    called: str


@dataclass(frozen=True)
class Figures:
    """One class: `hits` of `known` things, and of `found` ones; AP needs scores for each thing."""

    name: str
    known: int
    found: int
    hits: int
    recall: float
    precision: float
    ap: float | None = None


@dataclass(frozen=True)
class Quality:
    """All that was measured of one model on the frozen test.

    `classes`, `by_light` and `by_station` count events of a detector, crops of a classifier.
    """

    model: str
    sha256: str
    threshold: float | None
    photos: int
    blanks: int
    blanks_flagged: int
    classes: tuple[Figures, ...]
    boxes: tuple[Figures, ...] = ()
    taxa: tuple[Figures, ...] = ()
    by_light: Mapping[str, tuple[Figures, ...]] = field(default_factory=dict)
    by_station: Mapping[str, tuple[Figures, ...]] = field(default_factory=dict)
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def flagged_share(self) -> float:
        """Share of blank events in which the model sees something."""
        return self.blanks_flagged / self.blanks if self.blanks else 0.0


def detector_quality(
    seen: Sequence[SeenPhoto], *, model: str, sha256: str, threshold: float
) -> Quality:
    """Measure a detector at the threshold it is used with; AP is over all thresholds."""
    events = events_of(seen)
    blanks = [event for event in events if not event.said]
    boxed = [photo for photo in seen if photo.has_boxes]
    return Quality(
        model=model,
        sha256=sha256,
        threshold=threshold,
        photos=len(seen),
        blanks=len(blanks),
        blanks_flagged=sum(max(e.scores.values(), default=0.0) >= threshold for e in blanks),
        classes=_event_figures(events, threshold),
        boxes=_box_figures([photo.answer for photo in boxed], LABELS, threshold),
        taxa=_taxon_figures(boxed, threshold),
        by_light={
            "day": _event_figures([e for e in events if not e.is_grey], threshold),
            "grey": _event_figures([e for e in events if e.is_grey], threshold),
        },
        by_station={
            name: _event_figures([e for e in events if e.location_id == name], threshold)
            for name in sorted({event.location_id for event in events})
        },
        confusion=detector_confusion(boxed, threshold),
    )


def classifier_quality(crops: Sequence[NamedCrop], *, model: str, sha256: str) -> Quality:
    """Measure a classifier by taxon: how many of its animals are called right, and when it errs."""
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    for crop in crops:
        confusion[crop.taxon][crop.called] += 1
    return Quality(
        model=model,
        sha256=sha256,
        threshold=None,
        photos=len(crops),
        blanks=0,
        blanks_flagged=0,
        classes=_crop_figures(crops),
        by_light={
            "day": _crop_figures([c for c in crops if not c.is_grey]),
            "grey": _crop_figures([c for c in crops if c.is_grey]),
        },
        by_station={
            name: _crop_figures([c for c in crops if c.location_id == name])
            for name in sorted({crop.location_id for crop in crops})
        },
        confusion={taxon: dict(calls.most_common()) for taxon, calls in sorted(confusion.items())},
    )


def events_of(seen: Sequence[SeenPhoto]) -> list[SeenEvent]:
    """Draw the photos of each event together: the best score of each label on any of them."""
    photos: dict[str, list[SeenPhoto]] = defaultdict(list)
    for photo in seen:
        photos[photo.event_id].append(photo)
    events = []
    for _, of in sorted(photos.items()):
        scores: dict[str, float] = {}
        for detection in (d for photo in of for d in photo.answer.found):
            scores[detection.label] = max(detection.score, scores.get(detection.label, 0.0))
        is_grey = sum(photo.answer.is_grey for photo in of) * 2 > len(of)
        events.append(SeenEvent(of[0].location_id, of[0].said, is_grey, scores))
    return events


def average_precision(hits: NDArray[np.float64], found: NDArray[np.float64], known: float) -> float:
    """The area under precision against recall, of things in order of score, each with a weight.

    >>> average_precision(np.array([1.0, 0.0, 1.0]), np.ones(3), 2.0).__round__(3)
    0.833
    """
    if not hits.size or not known:
        return 0.0
    total = np.cumsum(found)
    precision = np.divide(np.cumsum(hits), total, out=np.zeros_like(total), where=total > 0)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best_from_here * hits).sum() / known)


def detector_confusion(seen: Iterable[SeenPhoto], threshold: float) -> dict[str, dict[str, int]]:
    """What each known thing was called: its taxon or label, missed, or made up of nothing.

    Boxes are matched whatever they are called, since that is the question.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for photo in seen:
        anything = [replace(box, label=UNNAMED) for box in photo.answer.known]
        truths = [taxon or box.label for box, taxon in _with_taxa(photo)]
        free = list(zip(anything, truths, strict=True))
        found = [d for d in photo.answer.found if d.score >= threshold]
        for detection, taken in match_boxes(anything, found):
            truth = FALSE
            if taken is not None:
                at = next(i for i, (box, _) in enumerate(free) if box is taken)
                truth = free.pop(at)[1]
            counts[truth][detection.taxon or detection.label] += 1
        for _, truth in free:
            counts[truth][MISSED] += 1
    return {truth: dict(calls.most_common()) for truth, calls in sorted(counts.items())}


def _event_figures(events: Sequence[SeenEvent], threshold: float) -> tuple[Figures, ...]:
    figures = []
    for label in LABELS:
        known = sum(label in event.said for event in events)
        flagged = [event for event in events if event.scores.get(label, 0.0) >= threshold]
        hits = sum(label in event.said for event in flagged)
        ranked = sorted(
            (event for event in events if label in event.scores),
            key=lambda event: -event.scores[label],
        )
        right = np.array([label in event.said for event in ranked], dtype=np.float64)
        ap = average_precision(right, np.ones(len(ranked)), known)
        if known or flagged:
            figures.append(_figures(label, known, len(flagged), hits, ap))
    return tuple(figures)


def _box_figures(
    answers: Sequence[Answer], names: Sequence[str], threshold: float
) -> tuple[Figures, ...]:
    return tuple(
        _figures(s.label, s.known, s.found, s.hits, s.ap50)
        for s in score(answers, threshold=threshold, labels=names).by_class
        if s.known or s.found
    )


def _taxon_figures(seen: Sequence[SeenPhoto], threshold: float) -> tuple[Figures, ...]:
    """How many animals of each taxon are found and called right, by a detector that names any."""
    called = {d.taxon for photo in seen for d in photo.answer.found if d.taxon}
    if not called:
        return ()
    names = sorted(called | {taxon for photo in seen for taxon in photo.taxa if taxon})
    return _box_figures([_by_taxon(photo) for photo in seen], names, threshold)


def _by_taxon(photo: SeenPhoto) -> Answer:
    known = tuple(replace(box, label=taxon) for box, taxon in _with_taxa(photo) if taxon)
    found = tuple(_named(d) for d in photo.answer.found if d.taxon)
    return replace(photo.answer, known=known, found=found)


def _named(detection: Detection) -> Detection:
    return replace(detection, label=detection.taxon)


def _with_taxa(photo: SeenPhoto) -> list[tuple[KnownBox, str]]:
    return list(zip(photo.answer.known, photo.taxa, strict=True))


def _crop_figures(crops: Sequence[NamedCrop]) -> tuple[Figures, ...]:
    known = Counter(crop.taxon for crop in crops)
    found = Counter(crop.called for crop in crops)
    hits = Counter(crop.taxon for crop in crops if crop.called == crop.taxon)
    return tuple(_figures(name, known[name], found[name], hits[name]) for name in sorted(known))


def _figures(name: str, known: int, found: int, hits: int, ap: float | None = None) -> Figures:
    recall = hits / known if known else 0.0
    return Figures(name, known, found, hits, recall, hits / found if found else 0.0, ap)
