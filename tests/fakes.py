"""Models without a network: they answer what a test tells them to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.classifier import Box, KnownClass
from models.detector import Detection


@dataclass
class FakeDetector:
    """Honours the detector's protocol; bright photos hold what `bright` says, dark ones nothing."""

    bright: Sequence[Detection] = ()
    name: str = "fake"
    version: str = "1"
    sha256: str = "f" * 64
    labels: tuple[str, ...] = ("animal", "person", "vehicle")
    threshold: float = 0.3
    image_size: int = 64
    engine: str = "none"
    precision: str = "none"
    classes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    looked_at: int = field(default=0)

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Answer for one photo."""
        self.looked_at += 1
        return list(self.bright) if image.mean() > 100 else []


@dataclass
class FakeClassifier:
    """Honours the classifier's protocol; every box gets the scores that a test gives by class."""

    lineages: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, float]
    name: str = "fake-species"
    version: str = "1"
    sha256: str = "c" * 64
    is_switched_on: bool = True
    engine: str = "none"
    licence: str = ""

    @property
    def classes(self) -> tuple[KnownClass, ...]:
        """Its classes, in the order of the test."""
        return tuple(KnownClass(name, lineage) for name, lineage in self.lineages.items())

    def classify(self, image: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
        """The same scores for every box."""
        row = [self.scores.get(name, 0.0) for name in self.lineages]
        return np.array([row] * len(boxes), dtype=float).reshape(len(boxes), len(row))
