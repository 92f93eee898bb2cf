"""Where a detector is good and where not: by size of box, by source, by its own confidence."""

import csv
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from training.evaluate import Answer, KnownBox, match_boxes

# Longest side of a box in the picture, as a share: what a person sees as a speck, small, large.
SIZES = ((0.06, "speck < 6 %"), (0.15, "small 6-15 %"), (0.4, "middle 15-40 %"), (1.01, "> 40 %"))
STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Slice:
    """One label in one kind of photo or box: `hits` of `known` boxes, `false` boxes of `found`."""

    split: str
    by: str  # size, source
    name: str
    label: str
    known: int
    hits: int
    found: int
    false: int
    blanks: int = 0
    blanks_flagged: int = 0


@dataclass(frozen=True)
class ScoreStep:
    """Boxes with a score from `low` up to `high`: how many there are, how many are right."""

    low: float
    high: float
    boxes: int
    right: int
    mean_score: float


def read_sources(data_yaml: Path, column: str = "repo") -> dict[str, str]:
    """Where each photo of a data set comes from, if its `SOURCES.csv` says so."""
    path = data_yaml.parent / "SOURCES.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as opened:
        return {row["file"]: row[column] for row in csv.DictReader(opened)}


def by_size(
    answers: Sequence[Answer], *, split: str, threshold: float, labels: Sequence[str]
) -> list[Slice]:
    """Hits and false boxes by how large the box is in the picture; false ones by their own size."""
    tally = _Tally(threshold, labels)
    for answer in answers:
        tally.add(answer, lambda box: size_of(box.width, box.height))
    names = [name for _, name in SIZES]
    return tally.slices(split=split, by="size", names=names)


def by_source(
    answers: Sequence[Answer],
    sources: Mapping[str, str],
    *,
    split: str,
    threshold: float,
    labels: Sequence[str],
) -> list[Slice]:
    """Hits, false boxes and flagged blanks by the source of the photo."""
    tally = _Tally(threshold, labels)
    for answer in answers:
        source = sources.get(answer.photo, "not stated")
        tally.add(answer, lambda box, source=source: source, source)  # type: ignore[misc]
    names = sorted({sources.get(answer.photo, "not stated") for answer in answers})
    return tally.slices(split=split, by="source", names=names)


def reliability(answers: Sequence[Answer], *, labels: Sequence[str]) -> list[ScoreStep]:
    """How often boxes of each step of score are right: what a score is worth.

    >>> reliability([], labels=["animal"])
    []
    """
    judged = [
        (detection.score, taken is not None)
        for answer in answers
        for label in labels
        for detection, taken in match_boxes(
            [k for k in answer.known if k.label == label],
            [d for d in answer.found if d.label == label],
        )
    ]
    steps = []
    for low, high in pairwise(STEPS):
        within = [pair for pair in judged if low <= pair[0] < high or pair[0] == high == 1.0]
        if within:
            mean = sum(score for score, _ in within) / len(within)
            right = sum(is_right for _, is_right in within)
            steps.append(ScoreStep(low, high, len(within), right, round(mean, 3)))
    return steps


def size_of(width: float, height: float) -> str:
    """Name the size of a box given in shares of the photo.

    >>> size_of(0.05, 0.1)
    'small 6-15 %'
    """
    longest = max(width, height)
    return next(name for limit, name in SIZES if longest < limit)


class _Tally:
    """Counts boxes under a name that each box, or its photo, gives."""

    def __init__(self, threshold: float, labels: Sequence[str]) -> None:
        self.threshold = threshold
        self.labels = labels
        self.known: Counter[tuple[str, str]] = Counter()
        self.hits: Counter[tuple[str, str]] = Counter()
        self.found: Counter[tuple[str, str]] = Counter()
        self.false: Counter[tuple[str, str]] = Counter()
        self.blanks: Counter[str] = Counter()
        self.flagged: Counter[str] = Counter()

    def add(
        self, answer: Answer, name_of: Callable[[KnownBox], str], source: str | None = None
    ) -> None:
        found = [d for d in answer.found if d.score >= self.threshold]
        if source is not None and not answer.known:
            self.blanks[source] += 1
            self.flagged[source] += bool(found)
        for label in self.labels:
            known = [k for k in answer.known if k.label == label]
            for box in known:
                self.known[name_of(box), label] += 1
            for detection, taken in match_boxes(known, [d for d in found if d.label == label]):
                own = KnownBox(label, detection.x, detection.y, detection.width, detection.height)
                self.found[name_of(taken or own), label] += 1
                if taken is None:
                    self.false[name_of(own), label] += 1
                else:
                    self.hits[name_of(taken), label] += 1

    def slices(self, *, split: str, by: str, names: Sequence[str]) -> list[Slice]:
        return [
            Slice(
                split,
                by,
                name,
                label,
                self.known[name, label],
                self.hits[name, label],
                self.found[name, label],
                self.false[name, label],
                self.blanks[name],
                self.flagged[name],
            )
            for name in names
            for label in self.labels
            if self.known[name, label] or self.found[name, label] or self.blanks[name]
        ]
