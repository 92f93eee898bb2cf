"""What a cluster's worker does: hold the detector, read originals, and give answers back as rows.

A worker keeps nothing: whatever it was looking at when it died is given to another one. It writes
nothing but temporary files, and knows nothing of the database.
"""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ingest.file_problem import FileProblem, ProblemCode
from ingest.look import (
    Answer,
    Seen,
    UnreadableError,
    WaitingMedia,
    checked,
    frames_of,
    look_at_bytes,
    look_at_frames,
)
from ingest.photo_store import PhotoStore, StoreAccess, StoreError
from models.classifier import score_animals
from models.detector import Detection
from models.measure import PictureMeasures
from models.packing import unpack_classifier, unpack_detector
from models.pixels import Decode, size_for
from species_db.language import Language, tr
from species_db.version import VERSION

Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Order:
    """What every worker needs to know before its first photo."""

    language: Language
    access: StoreAccess
    decode: Decode = Decode.SCALED
    root: str = ""  # the folder that the originals lie in, as a worker should see it
    version: str = VERSION


class Worker:
    """Answers for batches of rows (`media_id`, `sha256`, `address`, `media_type`, `wants_preview`).

    Its answers have two columns: what was found as JSON, and the preview's bytes. A worker that
    cannot work at all says so in a row (`stop`) instead of raising: an error would be retried.
    """

    def __init__(self, order: Order, packed: Sequence[Any]) -> None:
        """Open the models.

        `packed` holds references to the detector and perhaps a classifier, not the models: a
        worker that is started again fetches them anew.
        """
        import ray

        os.environ["NAMCHA_LANG"] = order.language  # problems are written down in the asker's
        self.stop = _other_version(order.version) if order.version != VERSION else ""
        self.decode = order.decode
        self.store = PhotoStore(order.access, order.root)
        self.folder = tempfile.TemporaryDirectory(prefix="namcha-weights-")
        here = Path(self.folder.name)
        self.detector = unpack_detector(ray.get(packed[0]), here)
        classifiers = [unpack_classifier(ray.get(one), here) for one in packed[1:]]
        self.then = partial(score_animals, classifiers[0]) if classifiers else None

    def __call__(self, rows: Mapping[str, np.ndarray]) -> Rows:
        """Look at a batch; it is small, so that little is looked at twice when a worker is lost."""
        answers: Rows = {"answer": [], "preview": []}
        try:
            for row in zip(*(rows[name].tolist() for name in COLUMNS), strict=True):
                if self.stop:
                    raise StoreError(self.stop)
                answer = self.look(*row)
                answers["answer"].append(written(answer, self.detector.engine))
                answers["preview"].append(answer.preview)
        except StoreError as error:
            return {"answer": [json.dumps({"stop": str(error)})], "preview": [b""]}
        return answers

    def look(
        self, media_id: str, sha256: str, address: str, media_type: str, wants_preview: bool
    ) -> Answer:
        """Look at one media, as the threads of a single computer do."""
        waiting = WaitingMedia(media_id, sha256, Path(), Path(), media_type)
        try:
            if waiting.is_film:
                with self.store.as_file(address) as path:
                    size = size_for(self.detector.image_size, self.decode)
                    frames = frames_of(replace(waiting, path=path), at_least=size)
                    return look_at_frames(frames, media_id, detector=self.detector, then=self.then)
            data = checked(self.store.read(address), sha256)
            return look_at_bytes(
                data,
                media_id,
                detector=self.detector,
                then=self.then,
                decode=self.decode,
                wants_preview=wants_preview,
            )
        except UnreadableError as unreadable:
            return Answer(media_id, problem=unreadable.problem, is_film=waiting.is_film)


COLUMNS = ("media_id", "sha256", "address", "media_type", "wants_preview")


def written(answer: Answer, engine: str) -> str:
    """An answer as JSON, with the engine that found it; its preview goes beside it.

    >>> seen = Seen(Detection("animal", 0.875, 0.1, 0.2, 0.3, 0.4), frame_s=1.5)
    >>> problem = FileProblem(ProblemCode.FILM_BREAKS_OFF, "at 2 s")
    >>> answer = Answer("m1", [seen], problem=problem, is_film=True)
    >>> read_back(written(answer, "openvino")) == answer
    True
    """
    told = {
        "media_id": answer.media_id,
        "is_film": answer.is_film,
        "seen": [
            {"box": asdict(seen.detection), "frame_s": seen.frame_s, "scores": _listed(seen.closer)}
            for seen in answer.seen
        ],
        "problem": answer.problem and asdict(answer.problem),
        "measures": answer.measures and asdict(answer.measures),
        "engine": engine,
    }
    return json.dumps(told, ensure_ascii=False)


def read_back(text: str, preview: bytes = b"") -> Answer:
    """The answer that was written; numbers come back to the last bit."""
    told = json.loads(text)
    problem, measures = told["problem"], told["measures"]
    return Answer(
        told["media_id"],
        [_seen(one) for one in told["seen"]],
        problem=problem and FileProblem(ProblemCode(problem["code"]), problem["note"]),
        measures=measures and PictureMeasures(**measures),
        is_film=told["is_film"],
        preview=preview,
    )


def _seen(told: dict[str, Any]) -> Seen:
    scores = told["scores"]
    closer = None if scores is None else np.array(scores, np.float32)
    return Seen(Detection(**told["box"]), told["frame_s"], closer)


def _listed(closer: object) -> list[float] | None:
    return closer.tolist() if isinstance(closer, np.ndarray) else None


def _other_version(asked: str) -> str:
    return tr(
        f"A worker has Namcha {VERSION}, but the command is of {asked}. Install the same version "
        "on every computer of the cluster, then run the same command again.",
        f"某工作节点的 Namcha 版本为 {VERSION}，而本命令为 {asked}。"
        "请在集群的每台机器上安装相同版本，再重新运行同一命令。",
    )
