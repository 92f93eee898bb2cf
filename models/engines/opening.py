"""Open weights with the first engine that can run them."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.engines.choice import READS, Choice, EngineName, Processor, choices, probe
from models.engines.network import Engine, WeightsError
from models.engines.with_onnxruntime import open_onnx
from models.engines.with_openvino import open_openvino
from models.engines.with_torch import open_checkpoint

logger = logging.getLogger(__name__)
STRIDE = 32
OPENING = {
    EngineName.OPENVINO: open_openvino,
    EngineName.ONNXRUNTIME: open_onnx,
    EngineName.TORCH: open_checkpoint,
}


def open_network(
    path: Path,
    *,
    threads: int,
    engine: EngineName = EngineName.AUTO,
    image_size: int | None = None,
    check_twin: Callable[[Path], None] | None = None,
) -> Engine:
    """Open an ONNX file, an OpenVINO folder, or an Ultralytics checkpoint.

    An engine has to run an empty picture before it is trusted; the next one takes over when it
    fails. Where only PyTorch runs, a checkpoint of the same name stands in for an ONNX file,
    once `check_twin` has let it: opening a checkpoint can run code. Without a check none stands in.

    Raises:
        EngineError: the engine asked for cannot run such weights here.
        WeightsError: no engine can read the file.
    """
    path = _network_in(path) if path.is_dir() else path
    twin = path.with_suffix(".pt")
    has_twin = check_twin is not None and path.suffix == ".onnx" and twin.is_file()
    files = [path, twin] if has_twin else [path]
    processor = Processor() if path.suffix == ".pt" else probe()
    tried = choices(engine, tuple(file.suffix for file in files), processor)
    tried = tuple(choice for choice in tried if path.suffix in READS[choice.engine]) or tried
    for choice in tried[:-1]:
        try:
            return _proven(path, choice, threads=threads, image_size=image_size)
        except WeightsError:
            continue
        except Exception as problem:  # a broken library fails in its own ways
            logger.warning("%s cannot run %s: %s", choice.engine, path.name, problem)
    last = tried[-1]
    file = path if path.suffix in READS[last.engine] else twin
    if file != path and check_twin is not None:
        check_twin(twin)
    return _proven(file, last, threads=threads, image_size=image_size)


def checkpoint_for(path: Path, engine: EngineName = EngineName.AUTO) -> Path | None:
    """The checkpoint that will stand in for an ONNX file here, if one will."""
    twin = path.with_suffix(".pt")
    if path.suffix != ".onnx" or not twin.is_file():
        return None
    tried = choices(engine, (".onnx", ".pt"), probe())
    return None if any(path.suffix in READS[choice.engine] for choice in tried) else twin


def _proven(path: Path, choice: Choice, *, threads: int, image_size: int | None) -> Engine:
    opened = OPENING[choice.engine](path, threads=threads, precision=choice.precision)
    side = opened.image_size if opened.is_fixed_square else image_size or opened.image_size
    height = side if opened.is_fixed_square else -(-side * 3 // 4 // STRIDE) * STRIDE
    opened.run(np.zeros((height, side, 3), np.uint8))
    return opened


def _network_in(folder: Path) -> Path:
    networks = sorted(folder.glob("*.xml"))
    if len(networks) != 1:
        raise WeightsError(
            f"{folder} holds {len(networks)} networks (.xml), expected the one that Ultralytics "
            "exports for OpenVINO. Pass such a folder, or a .onnx or .pt file.",
            f"{folder} 中有 {len(networks)} 个网络（.xml），应为 Ultralytics 导出的 OpenVINO "
            "文件夹（仅含一个）。请给出这样的文件夹，或 .onnx、.pt 文件。",
        )
    return networks[0]
