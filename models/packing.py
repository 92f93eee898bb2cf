"""Pack models so that other computers can open the same ones without a disk in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from models.classifier import CropClassifier, load_classifier
from models.detector import PixelDetector
from models.engines import EngineName, WeightsError, open_network
from models.shelf import card_path


@dataclass(frozen=True)
class PackedDetector:
    """A detector's files by name, which of them is opened, and everything else it goes by.

    The meaning of its classes and its threshold travel with it, so that every computer answers
    alike. Only the engine is chosen where it runs: processors differ.
    """

    files: Mapping[str, bytes]
    opened: str
    settings: Mapping[str, Any]  # the fields of a PixelDetector, without its network
    engine: EngineName = EngineName.AUTO


def pack_detector(
    detector: PixelDetector, *, engine: EngineName = EngineName.AUTO
) -> PackedDetector:
    """Read a detector's file, or all files of its OpenVINO folder, for sending.

    Raises:
        WeightsError: they cannot be read any more.
    """
    opened = detector.network.path
    paths = sorted(opened.parent.iterdir()) if opened.suffix == ".xml" else [opened]
    files = _read(paths)
    settings = {f.name: getattr(detector, f.name) for f in fields(detector) if f.name != "network"}
    return PackedDetector(files, opened.name, settings, engine)


def unpack_detector(packed: PackedDetector, folder: Path, *, threads: int = 1) -> PixelDetector:
    """Write a packed detector's files into a folder and open it with what this computer has."""
    for name, written in packed.files.items():
        (folder / name).write_bytes(written)
    network = open_network(
        folder / packed.opened,
        threads=threads,
        engine=packed.engine,
        image_size=packed.settings["image_size"],
    )
    here = {"network": network, "engine": network.description, "precision": network.precision}
    return PixelDetector(**{**packed.settings, **here})


@dataclass(frozen=True)
class PackedClassifier:
    """A classifier's file and the card that says what its classes stand for."""

    files: Mapping[str, bytes]
    opened: str


def pack_classifier(classifier: CropClassifier) -> PackedClassifier:
    """Read a classifier's file and its card, for sending.

    Raises:
        WeightsError: they cannot be read any more.
    """
    path = classifier.path
    return PackedClassifier(_read([path, card_path(path)]), path.name)


def unpack_classifier(packed: PackedClassifier, folder: Path) -> CropClassifier:
    """Write a packed classifier's files into a folder and open it."""
    for name, written in packed.files.items():
        (folder / name).write_bytes(written)
    return load_classifier(folder / packed.opened)


def _read(paths: Sequence[Path]) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in paths if path.is_file()}
    except OSError as problem:
        raise WeightsError(
            f"Cannot read {paths[0]} ({problem.strerror}), there a moment ago. Put it back.",
            f"无法读取 {paths[0]}（{problem.strerror}），该文件刚才还在。请恢复该文件。",
        ) from problem
