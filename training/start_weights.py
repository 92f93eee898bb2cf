"""Open the old YOLOv5n checkpoint that training starts from, and fill a new model from it."""

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from models.offline import import_ultralytics

if TYPE_CHECKING:
    import torch

START_SHA256 = "4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3"
START_ARCHITECTURE = "yolov5n.yaml"
SAFE_MODULES = ("torch", "collections", "numpy", "_codecs")
SAFE_BUILTINS = ("set", "frozenset", "dict", "list", "slice")


class StartWeightsError(Exception):
    """The start weights are missing, or are not the file whose content was checked."""


@dataclass(frozen=True)
class CopyCount:
    """How many of the start weights' tensors fit: `copied` of `offered`."""

    copied: int
    offered: int


def read_state(path: Path) -> "dict[str, torch.Tensor]":
    """Read the tensors to start from: those of the old checkpoint, or of weights trained here.

    Raises:
        StartWeightsError: the file is missing or neither of the two.
    """
    if not path.is_file() or sha256_of(path) == START_SHA256:
        return read_start_weights(path)
    import_ultralytics()
    from ultralytics.nn.tasks import load_checkpoint

    try:
        state: dict[str, torch.Tensor] = load_checkpoint(path)[0].state_dict()
    except Exception as problem:  # unpickling a foreign file can fail in any way
        raise StartWeightsError(
            f"Cannot start from {path}: expected the YOLOv5n checkpoint of release v7.0 or weights "
            "trained by Namcha. Pass one of them."
        ) from problem
    return state


def read_start_weights(path: Path) -> "dict[str, torch.Tensor]":
    """Read the tensors of the verified YOLOv5n checkpoint, by name, as float32.

    The file is a pickle of classes from a repository that is not installed (`models.yolo`,
    `models.common`), and our own package is called `models` too. The unpickler below hands out
    empty stand-ins for those names and never imports them. A pickle can run code, so the sha256
    is compared first and only a few modules are allowed.

    Raises:
        StartWeightsError: the file is missing or is another file.
    """
    import torch

    if not path.is_file():
        raise StartWeightsError(
            f"No start weights at {path}: expected the YOLOv5n checkpoint of release v7.0. "
            "Pass its path, or the path of weights trained by Namcha."
        )
    found = sha256_of(path)
    if found != START_SHA256:
        raise StartWeightsError(
            f"{path} has sha256 {found}, expected {START_SHA256} (yolov5n.pt, release v7.0). "
            "A checkpoint can run code when opened, so no other file is read as start weights."
        )
    reader: Any = SimpleNamespace(__name__=__name__, Unpickler=_StandInUnpickler, load=pickle.load)
    checkpoint = torch.load(path, map_location="cpu", pickle_module=reader, weights_only=False)
    state: dict[str, torch.Tensor] = checkpoint["model"].state_dict()
    return {name: tensor.float() for name, tensor in state.items()}


def sha256_of(path: Path) -> str:
    """The sha256 of a file's content, which is how weights are known."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def copy_matching(state: "Mapping[str, torch.Tensor]", model: "torch.nn.Module") -> CopyCount:
    """Copy every tensor whose name and shape the model shares; the others stay fresh."""
    own = model.state_dict()
    fitting = {k: v for k, v in state.items() if k in own and own[k].shape == v.shape}
    model.load_state_dict(fitting, strict=False)
    return CopyCount(copied=len(fitting), offered=len(state))


class _StandInUnpickler(pickle.Unpickler):
    """An unpickler that knows torch's classes and makes up empty ones for the old repository's."""

    def find_class(self, module: str, name: str) -> Any:
        """Give real classes for tensors, stand-ins for the old model code, and refuse the rest."""
        if module.startswith("models."):
            return _stand_in(name)
        is_builtin = module in ("builtins", "__builtin__") and name in SAFE_BUILTINS
        if not is_builtin and module.partition(".")[0] not in SAFE_MODULES:
            raise pickle.UnpicklingError(
                f"start weights name {module}.{name}, which is not allowed"
            )
        return super().find_class(module, name)


def _stand_in(name: str) -> type:
    import torch

    return type(name, (torch.nn.Module,), {"__module__": __name__})
