"""Run a network from a file, with ONNX Runtime or with PyTorch, behind one function."""

import ast
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.offline import import_ultralytics

DEFAULT_IMAGE_SIZE = 640


class WeightsError(Exception):
    """Weights are unknown, missing, unreadable, or find nothing that we look for."""

    def __init__(self, english: str, chinese: str) -> None:
        """Carry both sentences: this package does not know who reads."""
        super().__init__(english)
        self.chinese = chinese


@dataclass(frozen=True)
class Engine:
    """A network ready to run: pixels (1, 3, height, width) in, raw output for one photo out."""

    run: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...]
    image_size: int
    is_fixed_square: bool
    description: str


def open_onnx(path: Path, *, threads: int) -> Engine:
    """Open an ONNX export of Ultralytics with ONNX Runtime; PyTorch is not loaded.

    The session may be shared by many threads. Waiting threads sleep instead of spinning, so that
    other work on a small laptop is not held up.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as problem:  # its errors share no class of their own below Exception
        raise _unreadable(path, "an ONNX model", "ONNX 模型") from problem
    metadata = session.get_modelmeta().custom_metadata_map
    entry = session.get_inputs()[0]
    fixed_side = _fixed_side(path, entry.shape)

    def run(pixels: np.ndarray) -> np.ndarray:
        output: np.ndarray = session.run(None, {entry.name: pixels})[0]
        return output

    return Engine(
        run=run,
        class_names=_class_names(metadata, path),
        image_size=fixed_side or _image_size(metadata),
        is_fixed_square=fixed_side is not None,
        description=f"onnxruntime {onnxruntime.__version__} cpu fp32",
    )


def open_checkpoint(path: Path, *, threads: int) -> Engine:
    """Open an Ultralytics checkpoint with PyTorch.

    A `.pt` file can run code when it is opened, so open only those you trust.
    """
    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import load_checkpoint

    try:
        model, checkpoint = load_checkpoint(path)
        names, task, stride = model.names, model.task, int(model.stride.max())
    except Exception as problem:  # unpickling a foreign file can fail in any way
        raise _unreadable(path, "an Ultralytics checkpoint", "Ultralytics 权重") from problem
    if task != "detect":
        raise WeightsError(
            f"{path} is a model for the task {task!r}, expected one that detects. "
            "Pass other weights.",
            f"{path} 的任务是 {task!r},不是目标检测。请换用其他权重。",
        )
    torch.set_num_threads(threads)
    model = model.fuse(verbose=False).eval()
    one_at_a_time = threading.Lock()  # its head keeps anchors of the last photo's shape

    def run(pixels: np.ndarray) -> np.ndarray:
        with one_at_a_time, torch.inference_mode():
            output = model(torch.from_numpy(pixels))
        first = output[0] if isinstance(output, (tuple, list)) else output
        return np.asarray(first.numpy())

    size = checkpoint.get("train_args", {}).get("imgsz", DEFAULT_IMAGE_SIZE)
    return Engine(
        run=run,
        class_names=tuple(names.values()),
        image_size=max(stride, int(size)),
        is_fixed_square=False,
        description=f"torch {torch.__version__} cpu fp32",
    )


def _class_names(metadata: Mapping[str, str], path: Path) -> tuple[str, ...]:
    try:
        names = ast.literal_eval(metadata["names"])
    except (KeyError, SyntaxError, ValueError) as problem:
        raise WeightsError(
            f"{path} does not say which classes it knows: expected an ONNX file exported by "
            "Ultralytics, with names in its metadata. Export it again.",
            f"{path} 未写明可识别的类别:需要 Ultralytics 导出、带类别名的 ONNX 文件。请重新导出。",
        ) from problem
    return tuple(names.values()) if isinstance(names, dict) else tuple(names)


def _fixed_side(path: Path, shape: Sequence[object]) -> int | None:
    """Read the side of a network made for one square size; None when it takes any size."""
    sides = [side for side in shape[2:] if isinstance(side, int)]
    if not sides:
        return None
    if len(set(sides)) > 1:
        raise WeightsError(
            f"{path} only takes pictures of {sides[1]}x{sides[0]}: expected a square or any size. "
            "Export it again with dynamic=True.",
            f"{path} 只接受 {sides[1]}x{sides[0]} 的图片:需要正方形或任意尺寸。"
            "请用 dynamic=True 重新导出。",
        )
    return sides[0]


def _image_size(metadata: Mapping[str, str]) -> int:
    try:
        sides: Any = json.loads(metadata.get("imgsz", ""))
    except ValueError:
        return DEFAULT_IMAGE_SIZE
    return max(sides) if isinstance(sides, Sequence) else int(sides)


def _unreadable(path: Path, expected: str, expected_zh: str) -> WeightsError:
    return WeightsError(
        f"Cannot open {path}: it is not {expected}. Copy it again, or pass other weights.",
        f"无法打开 {path}:不是{expected_zh}。请重新复制文件,或换用其他权重。",
    )
