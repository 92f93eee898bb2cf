"""One contender of `benchmarks/detect.py`, alone in its process: detects, and prints what it took.

    python benchmarks/contenders.py NAME '{"photos": [...], "warm": 8, ...}'

Start-up is left out: the first `warm` photos are looked at before the clock starts. Where a peer
loads its model in every call, a call with the warm photos alone is taken off instead. Processor
time counts all threads and all child processes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
CHUNK = 20  # photos whose bytes and pictures are in memory at a time


class Stopwatch:
    """Processor and wall time since it was made."""

    def __init__(self) -> None:
        self.processor, self.wall = processor_seconds(), time.monotonic()

    def took(self) -> tuple[float, float]:
        """Seconds of processor and of wall time."""
        return processor_seconds() - self.processor, time.monotonic() - self.wall


def processor_seconds() -> float:
    """Seconds of all threads of this process and of the children that ended."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def peak_mb() -> float:
    """Most memory that this process held so far; the usual count begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        return int(next(one for one in lines if one.startswith("VmHWM")).split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def told(photos: int, took: tuple[float, float], boxes: int, **more: object) -> dict[str, object]:
    """What a contender reports."""
    return {
        "cpu_ms": 1000 * took[0] / photos,
        "photos_s": photos / took[1],
        "peak_mb": peak_mb(),
        "boxes": boxes,
        **more,
    }


def ours(given: dict[str, Any]) -> dict[str, object]:
    """The whole job: file, hash, decode, boxes, measures, preview, committed rows."""
    from ingest.classify import detect_media
    from models.detector import load_detector
    from models.engines import EngineName
    from species_db.survey import open_survey
    from species_db.tables import Observation

    detector = load_detector(given["onnx"], engine=EngineName(given["engine"]))
    survey = open_survey(Path(given["survey"]))
    detect_media(survey, detector, person="benchmark", limit=given["warm"])
    watch = Stopwatch()
    report = detect_media(survey, detector, person="benchmark")
    took = watch.took()
    assert (report.problems, report.undetected) == (0, 0)
    with survey.reading() as session:
        boxes = session.query(Observation).filter(Observation.bbox_x.is_not(None)).count()
    return told(report.media, took, boxes, engine=report.engine)


def limit(given: dict[str, Any]) -> dict[str, object]:
    """The decoder and the network of ours alone, on as many threads, from and to memory."""
    from models.detector import load_detector
    from models.engines import EngineName
    from models.pixels import decode_scaled, letterbox, size_for

    detector: Any = load_detector(given["onnx"], engine=EngineName(given["engine"]))
    size = size_for(detector.image_size)
    decoding, running = [0.0, 0.0], [0.0, 0.0]

    def decode(data: bytes) -> None:
        decode_scaled(data, at_least=size)

    def fit(data: bytes) -> Any:
        return letterbox(decode_scaled(data, at_least=size), detector.image_size)

    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def timed(work: Callable[[Any], Any], items: Iterable[Any], into: list[float]) -> list[Any]:
            watch = Stopwatch()
            found = list(pool.map(work, items))
            for place, seconds in enumerate(watch.took()):
                into[place] += seconds
            return found

        photos = given["photos"]
        for start in range(0, len(photos), CHUNK):
            if start == CHUNK:  # the first chunk warmed up
                decoding[:], running[:] = [0.0, 0.0], [0.0, 0.0]
            read = [Path(path).read_bytes() for path in photos[start : start + CHUNK]]
            timed(decode, read, decoding)  # pictures that are kept would cost memory anew
            fitted = list(pool.map(lambda data: fit(data).picture, read))
            timed(detector.network.run, fitted, running)
    count = len(photos) - CHUNK
    both = (decoding[0] + running[0], decoding[1] + running[1])
    each = {"decode_ms": 1000 * decoding[0] / count, "infer_ms": 1000 * running[0] / count}
    return told(count, both, 0, **each)


def naive(given: dict[str, Any]) -> dict[str, object]:
    """What the manual of Ultralytics shows: predict over the files, as a stream."""
    from models.offline import import_ultralytics

    import_ultralytics()
    from ultralytics import YOLO

    model = YOLO(given["pt"])

    listed = Path(given["folder"]) / "photos.txt"  # a list would be opened whole, before anything

    def detect(photos: list[str]) -> int:
        listed.write_text("\n".join(photos))
        settings = {"stream": True, "imgsz": 640, "conf": given["threshold"], "verbose": False}
        return sum(len(found.boxes) for found in model.predict(str(listed), **settings))

    boxes = detect(given["photos"][: given["warm"]])
    watch = Stopwatch()
    rest = given["photos"][given["warm"] :]
    boxes += detect(rest)
    return told(len(rest), watch.took(), boxes)


def megadetector(given: dict[str, Any]) -> dict[str, object]:
    """MegaDetector's own batch runner; its loading is taken off by a short run."""
    from megadetector.detection.run_detector_batch import load_and_run_detector_batch

    _answer_as_yolov5()

    def detect(photos: list[str]) -> tuple[tuple[float, float], int]:
        watch = Stopwatch()
        settings = {"image_size": 640, "confidence_threshold": given["threshold"], "quiet": True}
        found = load_and_run_detector_batch(given["pt"], photos, **settings)
        took = watch.took()
        failed = [one for one in found if one.get("failure")]
        if failed:
            raise RuntimeError(f"{len(failed)} failures, as {failed[0]}")
        return took, sum(len(one["detections"]) for one in found)

    return _without_start(given, detect)


def speciesnet(given: dict[str, Any]) -> dict[str, object]:
    """SpeciesNet's detector loop over threads, with its input size set to ours."""
    from speciesnet import SpeciesNet, SpeciesNetDetector

    _answer_as_yolov5()
    SpeciesNetDetector.IMG_SIZE = 640
    SpeciesNetDetector.DETECTION_THRESHOLD = given["threshold"]
    folder = _speciesnet_folder(Path(given["pt"]), Path(given["folder"]))
    model = SpeciesNet(str(folder), components="detector")

    def detect(photos: list[str]) -> tuple[tuple[float, float], int]:
        watch = Stopwatch()
        found = model.detect(filepaths=photos, run_mode="multi_thread", progress_bars=False)
        took = watch.took()
        failed = [one for one in found["predictions"] if one.get("failures")]
        if failed:
            raise RuntimeError(f"{len(failed)} failures, as {failed[0]}")
        return took, sum(len(one["detections"]) for one in found["predictions"])

    return _without_start(given, detect)


def _answer_as_yolov5() -> None:
    """Let our weights answer in the layout of YOLOv5, the only one these peers read.

    A row a place instead of a column, with an objectness that the class scores are shares of.
    Without it every photo fails on a class number that is none.
    """
    import torch
    from ultralytics.nn.tasks import DetectionModel

    forward = DetectionModel.forward

    def in_rows(self: Any, *given: Any, **more: Any) -> tuple[Any, None]:
        rows = forward(self, *given, **more)[0].transpose(1, 2)
        best = rows[..., 4:].amax(-1, keepdim=True)
        return torch.cat([rows[..., :4], best, rows[..., 4:] / best.clamp(min=1e-9)], -1), None

    DetectionModel.forward = in_rows


def _without_start(
    given: dict[str, Any], detect: Callable[[list[str]], tuple[tuple[float, float], int]]
) -> dict[str, object]:
    short, _ = detect(given["photos"][: given["warm"]])
    whole, boxes = detect(given["photos"])
    took = (whole[0] - short[0], whole[1] - short[1])
    return told(len(given["photos"]) - given["warm"], took, boxes)


def _speciesnet_folder(weights: Path, folder: Path) -> Path:
    """A folder as SpeciesNet expects one, with our weights as its detector."""
    import shutil

    folder = folder / "speciesnet"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(weights, folder / "detector.pt")
    (folder / "empty.txt").write_text("\n")
    (folder / "empty.json").write_text("{}")
    info = {"version": "0", "type": "always_crop", "detector": "detector.pt"}
    info |= {"classifier": "empty.txt", "classifier_labels": "empty.txt"}
    info |= {"taxonomy": "empty.txt", "geofence": "empty.json"}
    (folder / "info.json").write_text(json.dumps(info))
    return folder


CONTENDERS = {one.__name__: one for one in (ours, limit, naive, megadetector, speciesnet)}

if __name__ == "__main__":
    print(json.dumps(CONTENDERS[sys.argv[1]](json.loads(sys.argv[2]))))
