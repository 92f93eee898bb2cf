"""Run the start weights as they are, so that training can be compared with not training."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.boxes import read_boxes
from models.classes import LABELS, map_classes
from models.detector import Detection, to_detections
from models.offline import import_ultralytics
from models.pixels import letterbox
from training.start_weights import START_ARCHITECTURE, copy_matching, read_start_weights

STRIDES = (8, 16, 32)
IOU = 0.5
COCO_NAMES = (
    *("person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"),
    *(f"street furniture {i}" for i in range(9, 14)),
    *("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    *(f"object {i}" for i in range(24, 80)),
)


@dataclass(frozen=True)
class StartDetector:
    """The 80-class COCO network that training starts from, answering with our three labels."""

    name: str
    version: str
    sha256: str
    labels: tuple[str, ...]
    threshold: float
    image_size: int
    engine: str
    body: Any
    head: tuple[tuple[Any, Any, Any], ...]
    precision: str = "fp32"
    licence: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Find boxes in one upright RGB photo, best score first."""
        import torch

        fit = letterbox(image, self.image_size)
        with torch.inference_mode():
            output = self._run(torch.from_numpy(fit.pixels))
        class_map = map_classes(COCO_NAMES)
        found = read_boxes(output, class_map, threshold=self.threshold, iou=IOU)
        return to_detections(fit, found.corners, found.scores, [LABELS[c] for c in found.classes])

    def _run(self, pixels: Any) -> np.ndarray:
        import torch

        kept: list[Any] = []
        for layer in self.body[:-1]:
            sources = [layer.f] if isinstance(layer.f, int) else layer.f
            given = [pixels if source == -1 else kept[source] for source in sources]
            pixels = layer(given[0] if isinstance(layer.f, int) else given)
            kept.append(pixels)
        maps = [kept[i] for i in self.body[-1].f]
        rows = [
            _decode(features, *branch, stride=stride)
            for features, branch, stride in zip(maps, self.head, STRIDES, strict=True)
        ]
        return np.asarray(torch.cat(rows).T.numpy())


def load_start_detector(
    path: Path, *, image_size: int = 640, threshold: float = 0.2
) -> StartDetector:
    """Put the start weights in a new body of the same layers, with their own old head of anchors.

    Raises:
        StartWeightsError: the file is missing or is another file.
    """
    state = read_start_weights(path)
    import_ultralytics()
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel(START_ARCHITECTURE, nc=80, verbose=False)
    copy_matching(state, model)
    number = len(model.model) - 1
    prefix = f"model.{number}"
    head = tuple(
        (
            state[f"{prefix}.m.{i}.weight"],
            state[f"{prefix}.m.{i}.bias"],
            state[f"{prefix}.anchors"][i] * stride,
        )
        for i, stride in enumerate(STRIDES)
    )
    return StartDetector(
        name=path.stem,
        version="7.0",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        labels=LABELS,
        threshold=threshold,
        image_size=image_size,
        engine="torch cpu fp32",
        body=model.eval().model,
        head=head,
    )


def _decode(features: Any, weight: Any, bias: Any, anchors: Any, *, stride: int) -> Any:
    """Turn one map of an anchor head into rows of centre, size and class scores.

    YOLOv5's rule: centre = (2 s - 0.5 + cell) x stride and size = (2 s)^2 x anchor, where s is the
    sigmoid of the map; a class's score is its own times that of there being anything at all.
    """
    import torch

    answer = torch.nn.functional.conv2d(features, weight, bias)[0]
    _, height, width = answer.shape
    answer = answer.view(len(anchors), -1, height, width).permute(0, 2, 3, 1).sigmoid()
    down, right = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    cells = torch.stack([right, down], dim=-1)
    centre = (answer[..., 0:2] * 2 - 0.5 + cells) * stride
    size = (answer[..., 2:4] * 2) ** 2 * anchors[:, None, None, :]
    scores = answer[..., 5:] * answer[..., 4:5]
    rows = torch.cat([centre, size, scores], dim=-1)
    return rows.reshape(-1, rows.shape[-1])
