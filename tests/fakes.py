"""A detector without a network: it answers what a test tells it to, by the photo's mean grey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

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
