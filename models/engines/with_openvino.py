"""Run a network with OpenVINO: an ONNX file or a folder that Ultralytics exported for it."""

import math
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.network import (
    Engine,
    class_names_in,
    fixed_side,
    image_size_in,
    refuse_other_task,
    unreadable,
)
from models.offline import import_openvino

PRECISION_HINTS = {"bf16": "bf16", "fp32": "f32"}
ANY_SHAPE = (-1, -1, 3)
STRIDE = 32
CAMERA_SHAPES = (3 / 4, 2 / 3, 9 / 16)
"""Short side to long side of what cameras take: each has a network of its own, 10 % faster than
one for all. In bf16 the two round differently, so which one answers must follow from the shape
alone: else a photo's boxes would depend on the photos before it."""


def open_openvino(path: Path, *, threads: int, precision: str = "fp32") -> Engine:
    """Open an ONNX file, or the `.xml` of an OpenVINO folder, for many threads at once.

    As many photos run side by side as there are cores, each on `threads` of them. The network is
    compiled for each shape that cameras take; photos of other shapes share one that takes them all.
    """
    openvino = import_openvino()
    core = openvino.Core()
    try:
        model = core.read_model(str(path))
        metadata = _metadata(model, path)
        shape = model.inputs[0].partial_shape
        sides = [None if side.is_dynamic else side.get_length() for side in list(shape)[2:]]
    except (RuntimeError, IndexError) as problem:
        raise unreadable(path, "an OpenVINO or ONNX model", "OpenVINO 或 ONNX 模型") from problem
    refuse_other_task(metadata.get("task"), path)
    side = fixed_side(path, sides)
    network = _Network(core, _taking_bytes(openvino, model), _settings(threads, precision))
    return Engine(
        path=path,
        run=network.run,
        class_names=class_names_in(metadata, path),
        image_size=side or image_size_in(metadata),
        is_fixed_square=side is not None,
        name=f"openvino {openvino.__version__.partition('-')[0]}",
        precision=precision,
    )


class _Network:
    """A model compiled for the shapes that come, with a request of each for every thread."""

    def __init__(self, core: Any, model: Any, settings: Mapping[str, Any]) -> None:
        self.core = core
        self.model = model
        self.settings = settings
        self.compiled: dict[tuple[int, ...], Any] = {}
        self.lock = threading.Lock()
        self.mine = threading.local()

    def run(self, picture: np.ndarray) -> np.ndarray:
        """Run one picture on the calling thread's own request."""
        requests: dict[tuple[int, ...], Any] = self.mine.__dict__.setdefault("requests", {})
        key = picture.shape if is_of_cameras(picture.shape) else ANY_SHAPE
        request = requests.get(key)
        if request is None:
            request = requests[key] = self.compiled_for(key).create_infer_request()
        request.infer(picture[None], share_inputs=True)
        return np.array(request.get_output_tensor(0).data)

    def compiled_for(self, key: tuple[int, ...]) -> Any:
        """Give the model compiled for one shape, or for any."""
        with self.lock:
            if key not in self.compiled:
                model = self.model.clone()
                model.reshape([1, *key])
                self.compiled[key] = self.core.compile_model(model, "CPU", self.settings)
            return self.compiled[key]


def is_of_cameras(shape: tuple[int, ...]) -> bool:
    """Tell whether a fitted picture has a shape that cameras take, upright or lying.

    >>> is_of_cameras((480, 640, 3)), is_of_cameras((640, 384, 3)), is_of_cameras((512, 640, 3))
    (True, True, False)
    """
    short, long = sorted(shape[:2])
    return short == long or any(
        short == math.ceil(long * ratio / STRIDE) * STRIDE for ratio in CAMERA_SHAPES
    )


def _settings(threads: int, precision: str) -> dict[str, Any]:
    cores = os.cpu_count() or 1
    streams = max(1, cores // threads)
    return {
        "INFERENCE_PRECISION_HINT": PRECISION_HINTS[precision],
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": min(cores, streams * threads),
        "ENABLE_CPU_PINNING": False,  # the computer is for other work too
        "ENABLE_HYPER_THREADING": True,
    }


def _taking_bytes(openvino: Any, model: Any) -> Any:
    """Let the network itself turn bytes into numbers, which it does faster than numpy."""
    steps = openvino.preprocess.PrePostProcessor(model)
    given = steps.input().tensor()
    given.set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    steps.input().preprocess().convert_element_type(openvino.Type.f32).scale(255.0)
    steps.input().model().set_layout(openvino.Layout("NCHW"))
    return steps.build()


def _metadata(model: Any, path: Path) -> Mapping[str, Any]:
    """Read what Ultralytics wrote: in the ONNX file itself, or beside the OpenVINO one."""
    if path.suffix == ".onnx":
        if not model.has_rt_info(["framework"]):
            return {}
        written = model.get_rt_info(["framework"]).value
        return {name: getattr(value, "value", value) for name, value in written.items()}
    beside = path.with_name("metadata.yaml")
    if not beside.is_file():
        return {}
    import yaml

    try:
        metadata = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise unreadable(beside, "the metadata of a model", "模型的元数据") from problem
    return metadata if isinstance(metadata, dict) else {}
