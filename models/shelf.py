"""Where weights lie: those that are shipped, those that were pulled, and any that a path names."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.engines import WeightsError

SHIPPED = Path(__file__).parent / "weights"
FILE_ENDINGS = (".onnx", ".pt")
BLOCK_BYTES = 1 << 20
Card = dict[str, Any]  # what a card says is its writer's; each reader takes out what it knows


@dataclass(frozen=True)
class Held:
    """Weights that this computer has, under a name that is known everywhere."""

    name: str
    path: Path  # a file, or the folder of a model that consists of several
    card: Card
    is_shipped: bool

    @property
    def task(self) -> str:
        """What they are for: detector, unless the card says classifier."""
        return str(self.card.get("task", "detector"))


def models_folder() -> Path:
    """The folder of this person where pulled weights lie; `NAMCHA_MODELS` names another.

    One folder for all surveys of a person, because weights are large and the same for each.
    """
    if own := os.environ.get("NAMCHA_MODELS"):
        return Path(own)
    home = Path.home()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "Namcha" / "models"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Namcha" / "models"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else home / ".local" / "share") / "namcha" / "models"


def held_weights() -> dict[str, Held]:
    """Every name that this computer can open, the shipped ones first."""
    held = {one.name: one for one in _shipped()}
    return held | {one.name: one for one in _pulled() if one.name not in held}


def find_weights(weights: str | Path, *, inside: Path | None = None) -> Path:
    """The file or folder that a name or a path means.

    A name is that of shipped or pulled weights. A path may be relative to `inside`, the folder of
    a survey: that is how a survey names weights of its own.

    Raises:
        WeightsError: nothing of that name is here, or nothing lies at the path.
    """
    held = held_weights()
    if str(weights) in held:
        return held[str(weights)].path
    path = Path(weights)
    if inside is not None and (inside / path).exists():
        path = inside / path
    if path.is_dir() or (path.suffix in FILE_ENDINGS and path.is_file()):
        return path
    if path.suffix not in FILE_ENDINGS:
        raise WeightsError(
            f"No weights named {weights}: known names are {', '.join(held) or 'none'}. Pass one of "
            "them, the path of a .onnx or .pt file or of an OpenVINO folder, or see "
            "'namcha models list' for those that can be pulled.",
            f"没有名为 {weights} 的权重。可用名称：{', '.join(held) or '无'}；"
            "也可给出 .onnx 或 .pt 文件、OpenVINO 文件夹的路径，"
            "可下载的权重见 namcha models list。",
        )
    raise WeightsError(
        f"No weights at {path}: expected a .onnx or .pt file. Check the path, or leave it out "
        "to use the shipped weights.",
        f"{path} 处没有权重文件（应为 .onnx 或 .pt）。请检查路径，或省略该选项以使用自带权重。",
    )


def weights_sha256(path: Path) -> str:
    """The sha256 of a file; of a folder, that of its files' names and sums, in order of names.

    Weights are told apart by their bytes, so a folder of them needs one number too. Cards and what
    else people put beside a model change nothing in it: only the model's own files count.
    """
    if not path.is_dir():
        return file_sum(path, "sha256")
    names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if _is_model_file(p))
    told = "".join(f"{name}\n{file_sum(path / name, 'sha256')}\n" for name in names)
    return hashlib.sha256(told.encode()).hexdigest()


def file_sum(path: Path, algorithm: str) -> str:
    """A checksum of a file, read block by block."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def card_path(path: Path) -> Path:
    """Where the card of weights lies: beside a file, or inside a folder as `card.json`."""
    return path / "card.json" if path.is_dir() else path.with_suffix(".json")


def read_card(path: Path) -> Card:
    """What the card beside weights says; empty without one.

    Raises:
        WeightsError: the file beside the weights is not a card.
    """
    beside = card_path(path)
    if not beside.is_file():
        return {}
    try:
        card: Card = json.loads(beside.read_text(encoding="utf-8"))
        card.get("files", {}).get(path.name)
    except (AttributeError, ValueError) as problem:
        raise WeightsError(
            f"{beside} is not a card of weights. Restore it, or remove it to use the defaults.",
            f"{beside} 不是权重说明卡。请恢复该文件，或删除它以使用默认设置。",
        ) from problem
    return card


def check_card(path: Path, card: Card, sha256: str) -> None:
    """Refuse weights that are not those their card was written for.

    Raises:
        WeightsError: the sum differs from the card's.
    """
    written_for = card.get("files", {}).get(path.name, sha256)
    if written_for != sha256:
        raise WeightsError(
            f"{path} has sha256 {sha256}, but its card says {written_for}: the file is damaged or "
            "was changed. Restore both files together.",
            f"{path} 的 sha256 为 {sha256}，而说明卡写的是 {written_for}："
            "文件已损坏或被更改。请一并恢复这两个文件。",
        )


def check_twin(path: Path, card: Card) -> None:
    """Refuse a checkpoint that no card vouches for, before it stands in for an ONNX file.

    Raises:
        WeightsError: the card has no sum of it, or another one.
    """
    if path.name not in card.get("files", {}):
        raise WeightsError(
            f"{path} would stand in for the ONNX file beside it, but no card gives its sha256, and "
            "opening a checkpoint runs what is in it. Expected its sum under 'files' in "
            f"{card_path(path).name}. Use another engine, or name the .pt file if you trust it.",
            f"{path} 将代替同名 ONNX 文件，但没有说明卡给出其 sha256，"
            "而打开 .pt 文件会执行其中的代码。"
            f"{card_path(path).name} 的 files 中应有其校验和。请改用其他引擎；"
            "如信任该 .pt 文件，请直接指定它。",
        )
    check_card(path, card, weights_sha256(path))


def _shipped() -> Iterator[Held]:
    for path in sorted(SHIPPED.glob("*.onnx")):
        yield Held(path.stem, path, read_card(path), is_shipped=True)


def _pulled() -> Iterator[Held]:
    """Each pulled model has a folder with its name and, in it, a card that names its file."""
    for beside in sorted(models_folder().glob("*/pulled.json")):
        try:
            file = str(json.loads(beside.read_text(encoding="utf-8"))["path"])
        except (KeyError, OSError, TypeError, ValueError):
            continue  # half-written by a computer that went off; pulling again mends it
        path = beside.parent / file
        if path.exists():
            yield Held(beside.parent.name, path, read_card(path), is_shipped=False)


def _is_model_file(path: Path) -> bool:
    return path.is_file() and path.name != "card.json" and not path.name.startswith(".")
