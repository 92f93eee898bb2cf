"""Run a network with ONNX Runtime, which is small and runs on any processor."""

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
from models.pixels import as_floats


def open_onnx(path: Path, *, threads: int, precision: str = "fp32") -> Engine:
    """Open an ONNX export of Ultralytics with ONNX Runtime; PyTorch is not loaded."""
    session, version = open_session(path, threads=threads)
    metadata = session.get_modelmeta().custom_metadata_map
    refuse_other_task(metadata.get("task"), path)
    entry = session.get_inputs()[0]
    side = fixed_side(path, entry.shape[2:])

    def run(picture: np.ndarray) -> np.ndarray:
        output: np.ndarray = session.run(None, {entry.name: as_floats(picture)})[0]
        return output

    return Engine(
        path=path,
        run=run,
        class_names=class_names_in(metadata, path),
        image_size=side or image_size_in(metadata),
        is_fixed_square=side is not None,
        name=version,
        precision=precision,
    )


def open_session(path: Path, *, threads: int) -> tuple[Any, str]:
    """Open any ONNX file, and say what runs it; the session may be shared by many threads.

    Waiting threads sleep instead of spinning, so that other work on a small laptop is not held up.
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
        raise unreadable(path, "an ONNX model", "ONNX 模型") from problem
    return session, f"onnxruntime {onnxruntime.__version__}"
