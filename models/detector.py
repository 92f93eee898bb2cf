"""Find animals, people and vehicles in a photo."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from models.boxes import read_boxes
from models.classes import (
    IGNORE,
    LABELS,
    ClassTable,
    check_classes,
    class_taxa,
    map_classes,
    shipped_table,
    table_of_taxa,
)
from models.engines import Engine, EngineName, WeightsError, open_network
from models.pixels import Fit, letterbox
from models.shelf import SHIPPED, check_card, check_twin, find_weights, read_card, weights_sha256

__all__ = ["SHIPPED", "Detection", "Detector", "PixelDetector", "WeightsError", "load_detector"]

DEFAULT_THRESHOLD = 0.25
DEFAULT_IOU = 0.5
STRIDE = 32
THREADS_FOR_BATCHES = 4  # a core: decoding goes on while a graphics processor is at work


@dataclass(frozen=True)
class Detection:
    """A box from a model, not yet a record.

    The box is in shares of the upright photo: `x`, `y` is its top left corner from the top left of
    the photo, everything lies within 0..1, and `width` and `height` are above 0.
    """

    label: str
    score: float
    x: float
    y: float
    width: float
    height: float
    taxon: str = ""  # scientific name, from a model that knows species


class Detector(Protocol):
    """Anything that finds boxes, and says exactly which weights and engine found them."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def classes(self) -> Mapping[str, str]:
        """What each class of the network counts as: a label, `animal Ursus thibetanus`, ignore."""
        ...

    @property
    def licence(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def image_size(self) -> int: ...
    @property
    def engine(self) -> str: ...
    @property
    def precision(self) -> str: ...

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Find boxes in one upright RGB photo (height, width, 3), best score first."""
        ...


@dataclass(frozen=True)
class PixelDetector:
    """A detector that fits a photo to its network, runs it, and reads its boxes back."""

    name: str
    version: str
    sha256: str
    labels: tuple[str, ...]
    threshold: float
    iou: float
    image_size: int
    engine: str
    precision: str
    network: Engine
    class_map: np.ndarray
    taxa: tuple[str, ...] = ()  # of each class of the network; "" where it is no taxon
    classes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Find boxes in one upright RGB photo, best score first; safe to call from many threads."""
        step = self.image_size if self.network.is_fixed_square else STRIDE
        fit = letterbox(image, self.image_size, step)
        output = self.network.run(fit.picture)
        height, width = fit.picture.shape[:2]
        found = read_boxes(
            output, self.class_map, threshold=self.threshold, iou=self.iou, size=(width, height)
        )
        labels = [LABELS[c] for c in found.classes]
        taxa = [self.taxa[c] if self.taxa else "" for c in found.own_classes]
        return to_detections(fit, found.corners, found.scores, labels, taxa)


def load_detector(
    weights: str | Path = "general",
    *,
    threads: int | None = None,
    threshold: float | None = None,
    table: ClassTable | None = None,
    engine: EngineName = EngineName.AUTO,
) -> Detector:
    """Load weights by name (`general`, or any that were pulled) or by path.

    `threads` is how many cores one photo may use; the default is 1, because an import works on one
    photo in each core. `table` says what the network's classes count as (see models/classes.py);
    without one the shipped table does. A card beside the file (`<name>.json`) gives its version,
    threshold and image size; without one the file's own settings and a threshold of 0.25 hold.

    Raises:
        WeightsError: there is no such file, it cannot be read, or a class of it is not decided.
    """
    path = find_weights(weights)
    sha256, card = weights_sha256(path), read_card(path)
    known = table_of_taxa(card.get("taxa", {})).extended_by(table or shipped_table())
    check_card(path, card, sha256)  # before it is opened: opening a checkpoint can run code
    network = open_network(
        path,
        threads=threads or 1,
        engine=engine,
        image_size=card.get("image_size"),
        check_twin=lambda twin: check_twin(twin, card),
    )
    if network.path.suffix != path.suffix and not path.is_dir():  # the checkpoint beside it
        sha256 = weights_sha256(network.path)
    names = network.class_names
    check_classes(path, names, known)
    class_map, taxa = map_classes(names, known), class_taxa(names, known)
    image_size = None if network.is_fixed_square else card.get("image_size")
    return PixelDetector(
        name=card.get("name", path.stem),
        version=card.get("version", sha256[:12]),
        sha256=sha256,
        labels=tuple(label for i, label in enumerate(LABELS) if i in class_map),
        threshold=card.get("threshold", DEFAULT_THRESHOLD) if threshold is None else threshold,
        iou=card.get("iou", DEFAULT_IOU),
        image_size=image_size or network.image_size,
        engine=network.description,
        precision=network.precision,
        network=network,
        class_map=class_map,
        taxa=taxa,
        classes={name: _counts_as(*of) for name, *of in zip(names, class_map, taxa, strict=True)},
        licence=card.get("licence", ""),
    )


def threads_for(detector: Detector) -> int:
    """How many photos to work on side by side: one on each core, more where a batch is gathered."""
    is_batched = isinstance(detector, PixelDetector) and detector.network.is_batched
    return (os.cpu_count() or 1) * (THREADS_FOR_BATCHES if is_batched else 1)


def to_detections(
    fit: Fit,
    corners: np.ndarray,
    scores: np.ndarray,
    labels: list[str],
    taxa: list[str] | None = None,
) -> list[Detection]:
    """Express a network's boxes in shares of the photo, leaving out those outside of it."""
    found = []
    relative = fit.relative_to_photo(corners).astype(float).tolist()
    each = zip(relative, scores.tolist(), labels, taxa or [""] * len(labels), strict=True)
    for (x1, y1, x2, y2), score, label, taxon in each:
        if x2 > x1 and y2 > y1:
            found.append(Detection(label, float(score), x1, y1, x2 - x1, y2 - y1, taxon))
    return found


def _counts_as(label: int, taxon: str) -> str:
    """Say what a class counts as, as a row of the database holds it.

    >>> _counts_as(0, "Ursus thibetanus"), _counts_as(2, ""), _counts_as(-1, "")
    ('animal Ursus thibetanus', 'vehicle', 'ignore')
    """
    return f"{LABELS[label]} {taxon}".strip() if label >= 0 else IGNORE
