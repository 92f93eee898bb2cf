"""Any Ultralytics checkpoint works by path: from YOLOv5u to the newest, with or without NMS."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.boxes import read_boxes
from models.detector import Detector, load_detector
from models.offline import import_ultralytics

SIDE = 96
GENERATIONS = ("yolov5n", "yolov8n", "yolov9t", "yolov10n", "yolo11n", "yolo12n", "yolo26n")
NAMES = {0: "animal", 1: "person", 2: "vehicle"}


def checkpoint(folder: Path, config: str, names: dict[int, str] = NAMES) -> Path:
    """A network of this kind with random weights, saved as a training saves it."""
    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import DetectionModel, RTDETRDetectionModel

    torch.manual_seed(7)
    kind: Any = RTDETRDetectionModel if config.startswith("rtdetr") else DetectionModel
    model = kind(f"{config}.yaml", nc=len(names), verbose=False)
    for values in model.model[-1].parameters():
        values.data += torch.randn_like(values) * 0.05  # so that no two scores are alike
    model.names = names
    path = folder / f"{config}.pt"
    torch.save({"model": model, "train_args": {"imgsz": SIDE, "task": "detect"}}, path)
    return path


def noise() -> np.ndarray:
    """A square photo of noise: the same input for us and for Ultralytics."""
    return np.random.default_rng(3).integers(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)


def their_answer(path: Path, photo: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What Ultralytics itself finds: corners in shares of the photo, scores and classes."""
    from ultralytics import RTDETR, YOLO

    opened: Any = (RTDETR if path.stem.startswith("rtdetr") else YOLO)(str(path))
    found = opened.predict(photo[..., ::-1], imgsz=SIDE, conf=1e-4, iou=0.5, verbose=False)[0]
    corners = found.boxes.xyxyn.numpy().clip(0, 1)  # theirs of RT-DETR reach outside the photo
    return corners, found.boxes.conf.numpy(), found.boxes.cls.numpy()


def is_among(detector: Detector, photo: np.ndarray, answer: tuple[np.ndarray, ...]) -> bool:
    """Tell whether our best box is one of theirs: same place, same score, same class."""
    best = detector.detect(photo)[0]
    corners, scores, classes = answer
    ours = np.array([best.x, best.y, best.x + best.width, best.y + best.height])
    is_there = np.abs(corners - ours).max(axis=1) < 0.01
    is_there &= np.abs(scores - best.score) < 1e-3
    return bool((is_there & (classes == list(NAMES.values()).index(best.label))).any())


@pytest.mark.parametrize("config", [*GENERATIONS, "rtdetr-l"])
def test_a_checkpoint_of_each_generation_is_read_as_its_maker_reads_it(
    tmp_path: Path, config: str
) -> None:
    """Our best box is the one that Ultralytics finds with the same file on the same photo."""
    path = checkpoint(tmp_path, config)
    detector = load_detector(path, threshold=0.0)
    assert (detector.labels, detector.image_size) == (("animal", "person", "vehicle"), SIDE)
    assert is_among(detector, noise(), their_answer(path, noise()))


@pytest.mark.filterwarnings("ignore")  # of PyTorch's exporter, about its own future
@pytest.mark.parametrize("config", ["yolov8n", "yolo26n"])
def test_an_onnx_file_of_either_kind_of_head_finds_the_same(tmp_path: Path, config: str) -> None:
    """A raw head (7 rows) and one that has sorted its boxes out (300, 6) both work by path."""
    pytest.importorskip("onnx")
    from ultralytics import YOLO

    path = checkpoint(tmp_path, config)
    exported = YOLO(str(path)).export(format="onnx", imgsz=SIDE, simplify=False, verbose=False)
    (tmp_path / "alone").mkdir()
    onnx = Path(exported).rename(tmp_path / "alone" / f"{config}.onnx")
    detector = load_detector(onnx, threshold=0.0)
    assert is_among(detector, noise(), their_answer(path, noise()))


def test_a_file_with_the_name_of_a_release_is_not_fetched_instead(tmp_path: Path) -> None:
    """Ultralytics would rename yolov5n.pt to yolov5nu.pt and ask the network; the file is here."""
    path = checkpoint(tmp_path, "yolov5n")
    assert load_detector(path).name == "yolov5n"
    assert [p.name for p in tmp_path.iterdir()] == ["yolov5n.pt"]


def test_a_checkpoint_of_species_needs_a_table(tmp_path: Path) -> None:
    """A checkpoint with a class that nobody has decided on is refused before any photo."""
    path = checkpoint(tmp_path, "yolov8n", {0: "animal", 1: "Pseudois nayaur"})
    with pytest.raises(Exception, match="no table names: Pseudois nayaur"):
        load_detector(path)


def test_threads_share_a_checkpoint_of_the_newest_kind(tmp_path: Path) -> None:
    """Workers may call one detector at the same time, of heads without NMS as well."""
    detector, photo = load_detector(checkpoint(tmp_path, "yolo26n"), threshold=0.0), noise()
    expected: list[Any] = [detector.detect(photo)] * 3
    results: list[Any] = []
    workers = [
        threading.Thread(target=lambda: results.append(detector.detect(photo))) for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert results == expected


LABELS = np.array([0, 1, 2])


def test_queries_with_a_class_are_read_in_shares_of_the_input() -> None:
    """RT-DETR gives centre and size in shares, then score and class."""
    output = np.array([[[0.5, 0.5, 0.2, 0.4, 0.9, 2.0], [0.1, 0.1, 0.1, 0.1, 0.1, 0.0]]])
    found = read_boxes(output, LABELS, threshold=0.25, iou=0.5, size=(640, 480))
    assert found.corners.round(3).tolist() == [[256, 144, 384, 336]]
    assert (found.classes.tolist(), found.scores.tolist()) == ([2], [0.9])


@pytest.mark.parametrize("classes", [2, 3])
def test_queries_with_a_score_for_each_class_are_read(classes: int) -> None:
    """Older exports of RT-DETR give a score for each class instead; two classes look like six."""
    scores = [0.8, 0.3, 0.1][:classes]
    output = np.array([[[0.5, 0.5, 0.2, 0.4, *scores], [0.1, 0.1, 0.1, 0.1, *[0.1] * classes]]])
    found = read_boxes(output, LABELS[:classes], threshold=0.25, iou=0.5, size=(100, 100))
    assert found.corners.round(3).tolist() == [[40, 30, 60, 70]]
    assert found.scores.tolist() == [0.8]
