"""How good a model is on the frozen test: by class, taxon, light, station, and what it confuses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from models.classes import LABELS
from models.detector import Detection
from training.evaluate import Answer, KnownBox, match_boxes, score

MISSED = "missed"  # no box where an animal stands
FALSE = "nothing"  # a box where nothing stands
UNNAMED = "animal"


@dataclass(frozen=True)
class TestedPhoto:
    """What a detector said of one test photo; `taxa` names each known box, empty where unknown."""

    location_id: str
    answer: Answer
    taxa: tuple[str, ...]


@dataclass(frozen=True)
class TestedCrop:
    """What a classifier called one known animal."""

    location_id: str
    is_grey: bool
    taxon: str
    called: str


@dataclass(frozen=True)
class Figures:
    """One class: `hits` of `known` boxes, and of `found` ones; no AP50 where boxes are given."""

    name: str
    known: int
    found: int
    hits: int
    recall: float
    precision: float
    ap50: float | None = None


@dataclass(frozen=True)
class Quality:
    """All that was measured of one model on the frozen test."""

    model: str
    sha256: str
    threshold: float | None
    photos: int
    blanks: int
    blanks_flagged: int
    classes: tuple[Figures, ...]
    taxa: tuple[Figures, ...] = ()
    by_light: Mapping[str, tuple[Figures, ...]] = field(default_factory=dict)
    by_station: Mapping[str, tuple[Figures, ...]] = field(default_factory=dict)
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def flagged_share(self) -> float:
        """Share of blank photos on which the model sees something."""
        return self.blanks_flagged / self.blanks if self.blanks else 0.0


def detector_quality(
    tested: Sequence[TestedPhoto], *, model: str, sha256: str, threshold: float
) -> Quality:
    """Measure a detector at the threshold it is used with; AP50 is over all thresholds."""
    answers = [photo.answer for photo in tested]
    whole = score(answers, threshold=threshold, labels=LABELS)
    lights = {"day": False, "grey": True}
    stations = sorted({photo.location_id for photo in tested})
    return Quality(
        model=model,
        sha256=sha256,
        threshold=threshold,
        photos=len(tested),
        blanks=whole.blanks,
        blanks_flagged=whole.blanks_flagged,
        classes=_figures(answers, threshold),
        taxa=_taxon_figures(tested, threshold),
        by_light={
            light: _figures([a for a in answers if a.is_grey is grey], threshold)
            for light, grey in lights.items()
        },
        by_station={
            name: _figures([p.answer for p in tested if p.location_id == name], threshold)
            for name in stations
        },
        confusion=detector_confusion(tested, threshold),
    )


def classifier_quality(crops: Sequence[TestedCrop], *, model: str, sha256: str) -> Quality:
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


def detector_confusion(
    tested: Iterable[TestedPhoto], threshold: float
) -> dict[str, dict[str, int]]:
    """What each known thing was called: its taxon or label, missed, or made up of nothing.

    Boxes are matched whatever they are called, since that is the question.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for photo in tested:
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


def _figures(answers: Sequence[Answer], threshold: float) -> tuple[Figures, ...]:
    result = score(answers, threshold=threshold, labels=LABELS)
    return tuple(
        Figures(s.label, s.known, s.found, s.hits, s.recall, s.precision, s.ap50)
        for s in result.by_class
        if s.known or s.found
    )


def _taxon_figures(tested: Sequence[TestedPhoto], threshold: float) -> tuple[Figures, ...]:
    """How many animals of each taxon are found and called right, by a detector that names any."""
    as_named = [_by_taxon(photo) for photo in tested]
    called = {d.taxon for photo in tested for d in photo.answer.found if d.taxon}
    if not called:
        return ()
    names = sorted(called | {taxon for photo in tested for taxon in photo.taxa if taxon})
    return tuple(
        Figures(s.label, s.known, s.found, s.hits, s.recall, s.precision, s.ap50)
        for s in score(as_named, threshold=threshold, labels=names).by_class
    )


def _by_taxon(photo: TestedPhoto) -> Answer:
    known = tuple(replace(box, label=taxon) for box, taxon in _with_taxa(photo) if taxon)
    found = tuple(_named(d) for d in photo.answer.found if d.taxon)
    return replace(photo.answer, known=known, found=found)


def _named(detection: Detection) -> Detection:
    return replace(detection, label=detection.taxon)


def _with_taxa(photo: TestedPhoto) -> list[tuple[KnownBox, str]]:
    return list(zip(photo.answer.known, photo.taxa, strict=True))


def _crop_figures(crops: Sequence[TestedCrop]) -> tuple[Figures, ...]:
    known = Counter(crop.taxon for crop in crops)
    found = Counter(crop.called for crop in crops)
    hits = Counter(crop.taxon for crop in crops if crop.called == crop.taxon)
    return tuple(
        Figures(
            taxon,
            known[taxon],
            found[taxon],
            hits[taxon],
            hits[taxon] / known[taxon],
            hits[taxon] / found[taxon] if found[taxon] else 0.0,
        )
        for taxon in sorted(known)
    )
