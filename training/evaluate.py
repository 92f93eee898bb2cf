"""Measure a detector on photos whose boxes are known."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.boxes import overlap_ratio
from models.detector import Detection, Detector, load_detector
from models.pixels import decode_scaled
from training.working_copy import DatasetError, is_grey, label_file, read_dataset

MATCH_IOU = 0.5
LOWEST_SCORE = 0.01


@dataclass(frozen=True)
class KnownBox:
    """A box that a person says is there, in shares of the photo from its top left corner."""

    label: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Answer:
    """What a detector found in one photo, beside what is really there."""

    known: tuple[KnownBox, ...]
    found: tuple[Detection, ...]
    is_grey: bool
    photo: str = ""  # its name in the data set, such as images/val/IMG_1.jpg


@dataclass(frozen=True)
class ClassScore:
    """How well one label is found: `hits` of `known` boxes, and of `found` boxes."""

    label: str
    known: int
    found: int
    hits: int
    ap50: float

    @property
    def recall(self) -> float:
        """Share of the known boxes that were found; 0 when there are none."""
        return self.hits / self.known if self.known else 0.0

    @property
    def precision(self) -> float:
        """Share of the found boxes that are right; 0 when there are none."""
        return self.hits / self.found if self.found else 0.0


@dataclass(frozen=True)
class Evaluation:
    """A detector's quality on a set of photos at one threshold."""

    threshold: float
    photos: int
    blanks: int
    blanks_flagged: int
    by_class: tuple[ClassScore, ...]


@dataclass(frozen=True)
class Measured:
    """One evaluation, with the weights, the photos and the light (all, day or grey) behind it."""

    weights: str
    split: str
    light: str
    result: Evaluation


def evaluate_weights(
    weights: str | Path, data_yaml: Path, *, split: str = "val", threshold: float | None = None
) -> list[Measured]:
    """Measure shipped or own weights on a split of a data set: all photos, then day and grey apart.

    Without a `threshold` the weights' own holds, which is the one an import would use.

    Raises:
        WeightsError: the weights cannot be loaded.
        DatasetError: the data set cannot be read.
    """
    dataset = read_dataset(data_yaml)
    if split not in dataset.splits:
        raise DatasetError(
            f"{data_yaml} has no split {split!r}: it has {', '.join(dataset.splits)}. "
            "Name one of them."
        )
    own = load_detector(weights).threshold
    detector = load_detector(weights, threshold=LOWEST_SCORE)
    answers = evaluate_detector(detector, dataset.splits[split], labels=dataset.labels)
    step = own if threshold is None else threshold
    return measure(
        answers, weights=detector.name, split=split, threshold=step, labels=dataset.labels
    )


def measure(
    answers: Sequence[Answer], *, weights: str, split: str, threshold: float, labels: Sequence[str]
) -> list[Measured]:
    """Score a detector's answers as a whole and by light, leaving out light that no photo has."""
    by_light = {
        "all": list(answers),
        "day": [a for a in answers if not a.is_grey],
        "grey": [a for a in answers if a.is_grey],
    }
    return [
        Measured(weights, split, light, score(some, threshold=threshold, labels=labels))
        for light, some in by_light.items()
        if some
    ]


def evaluate_detector(
    detector: Detector,
    photos: Iterable[Path],
    *,
    labels: Sequence[str],
    change: Callable[[np.ndarray], np.ndarray] = lambda photo: photo,
) -> list[Answer]:
    """Run a detector over photos that have YOLO label files, and pair its boxes with theirs.

    Load it with a low threshold (0.01) so that `score` can be asked about any higher one without
    running it again. `labels` names the class numbers of the label files. Photos are decoded the
    way an import decodes them, so what is measured is what the field gets; `change` is done to each
    decoded photo first.
    """
    size = 2 * detector.image_size
    return [
        Answer(
            known=read_known_boxes(label_file(photo), labels),
            found=tuple(detector.detect(change(decode_scaled(photo, at_least=(size, size))))),
            is_grey=is_grey(photo),
            photo="/".join(photo.parts[-3:]),
        )
        for photo in photos
    ]


def score(answers: Sequence[Answer], *, threshold: float, labels: Sequence[str]) -> Evaluation:
    """Count hits per label at a threshold: same label and at least half of both boxes shared (IoU).

    The best box takes its match first, and each known box is matched once. AP50 is the area under
    precision against recall over all boxes, so it does not depend on the threshold.
    """
    blanks = [a for a in answers if not a.known]
    return Evaluation(
        threshold=threshold,
        photos=len(answers),
        blanks=len(blanks),
        blanks_flagged=sum(any(d.score >= threshold for d in a.found) for a in blanks),
        by_class=tuple(_class_score(answers, label, threshold) for label in labels),
    )


def choose_threshold(answers: Sequence[Answer], *, labels: Sequence[str]) -> float:
    """Choose the threshold at which finding is worth most, with a miss twice as bad as a false box.

    A missed animal is never seen by anyone, while a false box costs a reviewer one glance, so the
    mean over labels of F2 is made as large as possible. Among equally good ones the highest is
    taken, which flags the fewest blanks. The steps are coarse, since finer ones would only fit the
    chance of a few hundred boxes.
    """
    steps = [round(0.05 * i, 2) for i in range(1, 13)]
    return max(steps, key=lambda step: (round(_mean_f2(answers, step, labels), 3), step))


def read_known_boxes(path: Path, labels: Sequence[str]) -> tuple[KnownBox, ...]:
    """Read a YOLO label file: class number, centre and size on each line; empty is a blank."""
    boxes = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            number, *sides = line.split()
            x, y, width, height = map(float, sides)
            boxes.append(
                KnownBox(labels[int(number)], x - width / 2, y - height / 2, width, height)
            )
    return tuple(boxes)


def _mean_f2(answers: Sequence[Answer], threshold: float, labels: Sequence[str]) -> float:
    scores = score(answers, threshold=threshold, labels=labels).by_class
    present = [s for s in scores if s.known]
    return sum(5 * s.hits / (s.found + 4 * s.known) for s in present) / max(1, len(present))


def _class_score(answers: Sequence[Answer], label: str, threshold: float) -> ClassScore:
    ranked: list[tuple[float, bool]] = []
    known_count = 0
    for answer in answers:
        known = [k for k in answer.known if k.label == label]
        known_count += len(known)
        pairs = match_boxes(known, [d for d in answer.found if d.label == label])
        ranked += [(detection.score, taken is not None) for detection, taken in pairs]
    ranked.sort(key=lambda pair: -pair[0])
    above = [is_hit for found_score, is_hit in ranked if found_score >= threshold]
    return ClassScore(
        label=label,
        known=known_count,
        found=len(above),
        hits=sum(above),
        ap50=_average_precision([is_hit for _, is_hit in ranked], known_count),
    )


def match_boxes(
    known: Sequence[KnownBox], found: Sequence[Detection]
) -> list[tuple[Detection, KnownBox | None]]:
    """Give each found box of one label, best first, the known box that it takes, or None.

    A known box is taken once, by the best found box that shares at least half with it (IoU).
    """
    free = list(known)
    pairs: list[tuple[Detection, KnownBox | None]] = []
    for detection in sorted(found, key=lambda d: -d.score):
        overlap = overlap_ratio(_corners([detection])[0], _corners(free))
        is_hit = bool(overlap.size) and bool(overlap.max() >= MATCH_IOU)
        pairs.append((detection, free.pop(int(overlap.argmax())) if is_hit else None))
    return pairs


def _corners(boxes: Sequence[KnownBox | Detection]) -> np.ndarray:
    rows = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in boxes]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _average_precision(ranked: Sequence[bool], known: int) -> float:
    if not known or not ranked:
        return 0.0
    hits = np.cumsum(ranked)
    precision = hits / np.arange(1, len(ranked) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[np.asarray(ranked, dtype=bool)].sum() / known)
