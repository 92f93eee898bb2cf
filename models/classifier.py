"""Name what stands in a box: a small torchvision network on crops, run without PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from models.detector import Detection
from models.engines import WeightsError
from models.engines.with_onnxruntime import open_session
from models.shelf import card_path, check_card, find_weights, read_card, weights_sha256

PADDING_GREY = 114
BOXES_A_RUN = 16  # crops that go through the network together: memory stays flat in a busy frame
RANKS = ("kingdom", "class", "order", "family", "genus", "species")

Box = tuple[float, float, float, float]  # x, y, width, height in shares of the upright photo


@dataclass(frozen=True)
class KnownClass:
    """A class that a classifier tells apart, and the ranks above it as far as they are true.

    `lineage` holds a name for each of `RANKS`, empty where the class says nothing: a class of
    deer ends at the family. Which taxon of the survey that is, is not this package's business.
    """

    name: str
    lineage: tuple[str, ...]


class Classifier(Protocol):
    """Anything that gives each box of a photo a score for each of its classes."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def classes(self) -> tuple[KnownClass, ...]: ...
    @property
    def is_switched_on(self) -> bool: ...
    @property
    def engine(self) -> str: ...
    @property
    def licence(self) -> str: ...

    def classify(self, image: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
        """Scores (boxes, classes) of one upright RGB photo; each row sums to 1."""
        ...


@dataclass(frozen=True)
class CropClassifier:
    """A classifier that cuts each box out with a margin, runs its network, and calibrates."""

    name: str
    version: str
    sha256: str
    classes: tuple[KnownClass, ...]
    is_switched_on: bool
    engine: str
    licence: str
    side: int
    margin: float
    temperature: float
    network: Any  # runs (crops, 3, side, side) to (crops, classes)
    path: Path  # the file that was opened

    def classify(self, image: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
        """Scores (boxes, classes) of one photo; safe to call from many threads."""
        if not boxes:
            return np.zeros((0, len(self.classes)), np.float32)
        crops = [square_crop(image, box, side=self.side, margin=self.margin) for box in boxes]
        scores = [
            self.network(to_input(crops[start : start + BOXES_A_RUN]))
            for start in range(0, len(crops), BOXES_A_RUN)
        ]
        return calibrated(np.concatenate(scores), self.temperature)


def load_classifier(weights: str | Path = "groups", *, threads: int = 1) -> CropClassifier:
    """Load the shipped `groups` weights, or an ONNX file of `training/classifier_ship.py`.

    The card beside the file (`<name>.json`) says which taxa its classes stand for, how far it may
    be trusted (`temperature`) and whether it helps at all (`switched_on`); without it a score says
    nothing.

    Raises:
        WeightsError: there is no such file or no card, or they do not belong together.
    """
    path = find_weights(weights)
    card, sha256 = read_card(path), weights_sha256(path)
    check_card(path, card, sha256)
    if path.suffix != ".onnx" or card.get("task") != "classifier":
        raise _no_card(path)
    run, engine, outputs = _open_onnx(path, threads)
    try:
        classes = tuple(
            KnownClass(one["name"], tuple(one["lineage"].get(rank, "") for rank in RANKS))
            for one in card["classes"]
        )
        side, margin = int(card["side"]), float(card["margin"])
        temperature = float(card["temperature"])
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise _no_card(path) from problem
    if outputs is not None and outputs != len(classes):
        raise _no_card(path)
    return CropClassifier(
        name=str(card.get("name", path.stem)),
        version=str(card.get("version", sha256[:12])),
        sha256=sha256,
        classes=classes,
        is_switched_on=bool(card.get("switched_on", True)),
        engine=engine,
        licence=str(card.get("licence", "")),
        side=side,
        margin=margin,
        temperature=temperature,
        network=run,
        path=path,
    )


def score_animals(
    classifier: Classifier, image: np.ndarray, detections: Sequence[Detection]
) -> list[np.ndarray | None]:
    """Scores for each box of an animal, in the boxes' order; the other boxes get none."""
    animals = [one for one in detections if one.label == "animal"]
    boxes = [(one.x, one.y, one.width, one.height) for one in animals]
    scores = iter(classifier.classify(image, boxes))
    return [next(scores) if one.label == "animal" else None for one in detections]


def square_crop(image: np.ndarray, box: Box, *, side: int, margin: float) -> np.ndarray:
    """Cut a square around a box, `margin` of its longer side wider on each side, as uint8 RGB.

    A square keeps an animal's proportions, and the margin shows some of where it stands. The
    square moves to stay inside the photo; what still lies outside is grey.

    >>> photo = np.zeros((600, 800, 3), np.uint8)
    >>> square_crop(photo, (0.5, 0.5, 0.1, 0.1), side=96, margin=0.1).shape
    (96, 96, 3)
    """
    height, width = image.shape[:2]
    x, y, w, h = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    length = max(w, h, 1.0) * (1 + 2 * margin)
    left = _kept_inside(x + w / 2 - length / 2, length, width)
    top = _kept_inside(y + h / 2 - length / 2, length, height)
    x1, y1 = max(0.0, left), max(0.0, top)
    x2, y2 = min(float(width), left + length), min(float(height), top + length)
    scale = side / length
    size = (
        max(1, min(side, round((x2 - x1) * scale))),
        max(1, min(side, round((y2 - y1) * scale))),
    )
    averaging = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    inside = (int(x1), int(y1), max(int(x1) + 1, round(x2)), max(int(y1) + 1, round(y2)))
    cut = Image.fromarray(image[inside[1] : inside[3], inside[0] : inside[2]])
    full = Image.new("RGB", (side, side), (PADDING_GREY,) * 3)
    full.paste(cut.resize(size, averaging), ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(full)


def to_input(crops: Sequence[np.ndarray]) -> np.ndarray:
    """Crops as the network takes them: float32 (crops, 3, side, side) in 0..1."""
    stacked = np.stack(crops).transpose(0, 3, 1, 2)
    return np.ascontiguousarray(stacked, np.float32) / np.float32(255)


def calibrated(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Turn a network's raw scores into shares that sum to 1 and mean what they say.

    The temperature is fitted on photos of other sources than the training ones (Guo et al. 2017,
    "On calibration of modern neural networks"): above 1 it makes an overconfident network humble.

    >>> calibrated(np.array([[2.0, 0.0]]), 2.0).round(2).tolist()
    [[0.73, 0.27]]
    """
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _kept_inside(start: float, length: float, limit: int) -> float:
    if length >= limit:
        return (limit - length) / 2
    return min(max(start, 0.0), limit - length)


def _no_card(path: Path) -> WeightsError:
    beside = card_path(path).name
    return WeightsError(
        f"{path} is no classifier: expected an ONNX file, and {beside} beside it to say what its "
        "classes stand for. Name weights whose task is classifier (namcha models list).",
        f"{path} 不是分类模型：应为 ONNX 文件，且旁边的 {beside} 写明各类别对应的分类单元。"
        "请改用任务为 classifier 的权重（见 namcha models list）。",
    )


def _open_onnx(path: Path, threads: int) -> tuple[Any, str, int | None]:
    """Open a classifier with ONNX Runtime; the session may be shared by many threads."""
    session, version = open_session(path, threads=threads)
    name = session.get_inputs()[0].name
    outputs = session.get_outputs()[0].shape[-1]

    def run(pixels: np.ndarray) -> np.ndarray:
        return np.asarray(session.run(None, {name: pixels})[0])

    known = outputs if isinstance(outputs, int) else None
    return run, f"{version} cpu fp32", known
