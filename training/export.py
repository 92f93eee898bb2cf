"""Turn a finished checkpoint into the two files that are shipped: ONNX and a small `.pt`."""

import datetime
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.offline import import_ultralytics
from training.start_weights import sha256_of

OPSET = 17
SMALL_WEIGHT = 256
LICENCE = "AGPL-3.0-or-later"
KEPT_SETTINGS = ("task", "imgsz", "batch", "seed", "optimizer", "lr0", "lrf", "cos_lr", "scale")


@dataclass(frozen=True)
class ExportedWeights:
    """The files of one set of weights, and the sha256 of each by file name."""

    onnx: Path
    checkpoint: Path
    files: dict[str, str]


def export_weights(trained: Path, folder: Path, *, name: str, image_size: int) -> ExportedWeights:
    """Write `<name>.pt` (half precision) and `<name>.onnx` (any picture size) into `folder`.

    Training leaves paths of the machine, the data and the repository in a checkpoint, and the
    exporter leaves them in the ONNX file; none of that is shipped. Boxes that repeat each other are
    dropped after the network, not in it, so the same rule serves every engine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, onnx = folder / f"{name}.pt", folder / f"{name}.onnx"
    _write_checkpoint(trained, checkpoint, image_size)
    _write_onnx(checkpoint, onnx, image_size)
    return ExportedWeights(
        onnx=onnx, checkpoint=checkpoint, files={p.name: sha256_of(p) for p in (onnx, checkpoint)}
    )


def _write_checkpoint(trained: Path, to: Path, image_size: int) -> None:
    import_ultralytics()
    import torch
    from ultralytics import __version__
    from ultralytics.nn.tasks import load_checkpoint

    model, loaded = load_checkpoint(trained)
    kept = {k: v for k, v in loaded.get("train_args", {}).items() if k in KEPT_SETTINGS}
    settings = {**kept, "imgsz": image_size, "task": "detect"}
    model.args = settings
    model.criterion = None
    for left_over in ("pt_path", "yaml_file"):
        if hasattr(model, left_over):
            delattr(model, left_over)
    model.yaml["yaml_file"] = Path(model.yaml.get("yaml_file", "")).name
    for parameter in model.parameters():
        parameter.requires_grad = False
    content = {
        "model": model.to(memory_format=torch.contiguous_format).half(),
        "ema": None,
        "epoch": -1,
        "train_args": settings,
        "version": __version__,
        "license": LICENCE,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }
    unfinished = to.with_suffix(".pt.part")
    torch.save(content, unfinished)
    os.replace(unfinished, to)


def _write_onnx(checkpoint: Path, to: Path, image_size: int) -> None:
    import_ultralytics()
    from ultralytics import YOLO

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch advertises its newer exporter
        YOLO(str(checkpoint)).export(
            format="onnx", imgsz=image_size, dynamic=True, simplify=True, opset=OPSET, verbose=False
        )
    import onnx

    model = onnx.load(checkpoint.with_suffix(".onnx"))
    known = {entry.key: entry.value for entry in model.metadata_props}
    _clear_traces(model)
    _store_half(model)
    onnx.helper.set_model_props(model, _clean_metadata(known))
    onnx.checker.check_model(model)
    onnx.save(model, to)


def _clean_metadata(known: Mapping[str, str]) -> dict[str, str]:
    kept = {k: known[k] for k in ("names", "imgsz", "stride", "task", "version") if k in known}
    return {**kept, "author": "Namcha", "license": LICENCE}


def _store_half(model: Any) -> None:
    """Store large weights in half precision, as the checkpoint does, and widen them when loaded.

    The file becomes half as large; the network still runs in full precision.
    """
    import onnx

    wide = [w for w in model.graph.initializer if w.data_type == onnx.TensorProto.FLOAT]
    casts = []
    for weight in wide:
        values = onnx.numpy_helper.to_array(weight)
        if values.size < SMALL_WEIGHT:
            continue
        half = onnx.numpy_helper.from_array(values.astype(np.float16), f"{weight.name}_half")
        model.graph.initializer.remove(weight)
        model.graph.initializer.append(half)
        to_float = onnx.TensorProto.FLOAT
        casts.append(onnx.helper.make_node("Cast", [half.name], [weight.name], to=to_float))
    steps = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(steps)


def _clear_traces(model: Any) -> None:
    """Forget where in the source each step of the network came from."""
    model.doc_string = ""
    model.graph.doc_string = ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    del model.graph.value_info[:]  # shapes on the way, which every engine works out by itself
    for value in [*model.graph.input, *model.graph.output]:
        value.doc_string = ""
        del value.metadata_props[:]
