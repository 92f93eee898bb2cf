"""Find animals, people and vehicles in a photo."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.boxes import read_boxes
from models.classes import CLASSES_BY_LABEL, LABELS, map_classes
from models.engines import Engine, WeightsError, open_checkpoint, open_onnx
from models.pixels import Fit, letterbox

__all__ = ["Detection", "Detector", "PixelDetector", "WeightsError", "load_detector"]

SHIPPED = Path(__file__).parent / "weights"
DEFAULT_THRESHOLD = 0.25
DEFAULT_IOU = 0.5
STRIDE = 32


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
    def threshold(self) -> float: ...
    @property
    def image_size(self) -> int: ...
    @property
    def engine(self) -> str: ...

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
    network: Engine
    class_map: np.ndarray

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Find boxes in one upright RGB photo, best score first; safe to call from many threads."""
        step = self.image_size if self.network.is_fixed_square else STRIDE
        fit = letterbox(image, self.image_size, step)
        output = self.network.run(fit.pixels)
        found = read_boxes(output, self.class_map, threshold=self.threshold, iou=self.iou)
        return to_detections(fit, found.corners, found.scores, [LABELS[c] for c in found.classes])


def load_detector(
    weights: str | Path = "general", *, threads: int | None = None, threshold: float | None = None
) -> Detector:
    """Load the shipped `general` weights, or a `.onnx` or `.pt` file that Ultralytics wrote.

    `threads` is how many cores one photo may use; the default is 1, because an import works on one
    photo in each core. Classes of other models count as animal, person or vehicle by their names,
    and unknown ones are dropped. A card beside the file (`<name>.json`) gives its version,
    threshold and image size; without one the file's own settings and a threshold of 0.25 hold.

    Raises:
        WeightsError: there is no such file, it cannot be read, or it knows none of our classes.
    """
    path = _find(weights)
    opening = open_onnx if path.suffix == ".onnx" else open_checkpoint
    network = opening(path, threads=threads or 1)
    class_map = map_classes(network.class_names)
    if not (class_map >= 0).any():
        known = ", ".join(sorted({name for names in CLASSES_BY_LABEL.values() for name in names}))
        raise WeightsError(
            f"{path} finds {', '.join(network.class_names[:5])} and nothing that counts as animal, "
            f"person or vehicle. Known class names are: {known}. Pass other weights.",
            f"{path} 的类别({', '.join(network.class_names[:5])})均不属于动物、人员或车辆。"
            f"已知类别名:{known}。请换用其他权重。",
        )
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    card = _card(path, sha256)
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
        network=network,
        class_map=class_map,
    )


def to_detections(
    fit: Fit, corners: np.ndarray, scores: np.ndarray, labels: list[str]
) -> list[Detection]:
    """Express a network's boxes in shares of the photo, leaving out those outside of it."""
    found = []
    relative = fit.relative_to_photo(corners).astype(float).tolist()
    for (x1, y1, x2, y2), score, label in zip(relative, scores.tolist(), labels, strict=True):
        if x2 > x1 and y2 > y1:
            found.append(Detection(label, float(score), x1, y1, x2 - x1, y2 - y1))
    return found


def _find(weights: str | Path) -> Path:
    names = sorted(p.stem for p in SHIPPED.glob("*.onnx"))
    if str(weights) in names:
        return SHIPPED / f"{weights}.onnx"
    path = Path(weights)
    if path.suffix not in (".onnx", ".pt"):
        raise WeightsError(
            f"No weights named {weights}: known names are {', '.join(names) or 'none'}. "
            "Pass one of them, or the path of a .onnx or .pt file.",
            f"没有名为 {weights} 的权重。可用名称:{', '.join(names) or '无'};"
            "也可给出 .onnx 或 .pt 文件的路径。",
        )
    if not path.is_file():
        raise WeightsError(
            f"No weights at {path}: expected a .onnx or .pt file. Check the path, or leave it out "
            "to use the shipped weights.",
            f"{path} 处没有权重文件(应为 .onnx 或 .pt)。请检查路径,或省略该选项以使用自带权重。",
        )
    return path


def _card(path: Path, sha256: str) -> dict[str, Any]:
    """Read the card beside the weights, and check that it was written for exactly this file."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        card: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        written_for = card.get("files", {}).get(path.name, sha256)
    except (AttributeError, ValueError) as problem:
        raise WeightsError(
            f"{beside} is not a card of weights. Restore it, or remove it to use the defaults.",
            f"{beside} 不是权重说明卡。请恢复该文件,或删除它以使用默认设置。",
        ) from problem
    if written_for != sha256:
        raise WeightsError(
            f"{path} has sha256 {sha256}, but its card says {written_for}: the file is damaged or "
            "was changed. Restore both files together.",
            f"{path} 的 sha256 为 {sha256},而说明卡写的是 {written_for}:"
            "文件已损坏或被更改。请一并恢复这两个文件。",
        )
    return card
