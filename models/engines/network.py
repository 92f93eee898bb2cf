"""A network ready to run, whatever runs it, and what its file says about it."""

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT_IMAGE_SIZE = 640


class WeightsError(Exception):
    """Weights are unknown, missing, unreadable, or find nothing that we look for."""

    def __init__(self, english: str, chinese: str) -> None:
        """Carry both sentences: this package does not know who reads."""
        super().__init__(english)
        self.chinese = chinese


class EngineError(WeightsError):
    """The engine that was asked for cannot run these weights on this computer."""


@dataclass(frozen=True)
class Engine:
    """A network ready to run, from any thread.

    `run` takes one fitted RGB picture (height, width, 3; bytes) and gives the network's raw output
    for it; `path` is the file that was opened. An engine that `is_batched` runs the pictures of
    many threads in one go, so it wants more threads than there are cores.
    """

    path: Path
    run: Callable[[np.ndarray], np.ndarray]
    class_names: tuple[str, ...]
    image_size: int
    is_fixed_square: bool
    name: str
    precision: str
    device: str = "cpu"
    is_batched: bool = False

    @property
    def description(self) -> str:
        """Name the engine with its version, the device and the precision, for people."""
        return f"{self.name} {self.device} {self.precision}"


def class_names_in(metadata: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """Read the classes that a file of Ultralytics names in its metadata."""
    try:
        names = metadata["names"]
        names = ast.literal_eval(names) if isinstance(names, str) else names
    except (KeyError, SyntaxError, ValueError) as problem:
        raise WeightsError(
            f"{path} does not say which classes it knows: expected a file exported by "
            "Ultralytics, with names in its metadata. Export it again.",
            f"{path} 未写明可识别的类别：需要 Ultralytics 导出、带类别名的文件。请重新导出。",
        ) from problem
    return tuple(names.values()) if isinstance(names, dict) else tuple(names)


def refuse_other_task(task: object, path: Path) -> None:
    """Refuse a model that classifies or segments: its output holds no boxes to read."""
    if task not in (None, "detect"):
        raise WeightsError(
            f"{path} is a model for the task {task!r}, expected one that detects. "
            "Pass other weights.",
            f"{path} 的任务是 {task!r}，不是目标检测。请换用其他权重。",
        )


def fixed_side(path: Path, sides: Sequence[object]) -> int | None:
    """Read the side of a network made for one square size; None when it takes any size."""
    fixed = [side for side in sides if isinstance(side, int)]
    if not fixed:
        return None
    if len(set(fixed)) > 1:
        raise WeightsError(
            f"{path} only takes pictures of {fixed[1]}x{fixed[0]}: expected a square or any size. "
            "Export it again with dynamic=True.",
            f"{path} 只接受 {fixed[1]}x{fixed[0]} 的图片：需要正方形或任意尺寸。"
            "请用 dynamic=True 重新导出。",
        )
    return fixed[0]


def image_size_in(metadata: Mapping[str, Any]) -> int:
    """Read the side that a network was trained at."""
    sides: Any = metadata.get("imgsz", "")
    try:
        sides = json.loads(sides) if isinstance(sides, str) else sides
    except ValueError:
        return DEFAULT_IMAGE_SIZE
    return max(sides) if isinstance(sides, Sequence) else int(sides)


def unreadable(path: Path, expected: str, expected_zh: str) -> WeightsError:
    """Say that a file is not what its name says."""
    return WeightsError(
        f"Cannot open {path}: it is not {expected}. Copy it again, or pass other weights.",
        f"无法打开 {path}：不是{expected_zh}。请重新复制文件，或换用其他权重。",
    )
