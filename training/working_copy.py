"""Copy a YOLO data set to a run's own folder, with the balance that training wants."""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from models.detector import Detector
from models.offline import import_ultralytics
from training.replay import Corners, Replay, cut_blank, replayed_boxes

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
GREY_SPREAD = 10  # mean of brightest minus darkest channel, of 255


class DatasetError(Exception):
    """A data set's description or folders are not what training can read."""


@dataclass(frozen=True)
class Balance:
    """How often a photo is shown in one epoch.

    People and vehicles are a few per cent of camera-trap photos, so a photo that holds one is shown
    `rare_repeats` times. Half of all trap photos are grey at night while photos of people and
    vehicles are mostly in colour, so those and the blanks get a grey copy as well; otherwise grey
    itself would come to mean "animal".
    """

    rare_repeats: int = 4
    grey_repeats: int = 2


@dataclass(frozen=True)
class Teacher:
    """The start weights, asked again of every training photo, and what they may add."""

    detector: Detector
    replay: Replay = field(default_factory=Replay)


@dataclass(frozen=True)
class Dataset:
    """A data set's class names and, for each split, its photos."""

    labels: tuple[str, ...]
    splits: dict[str, tuple[Path, ...]]


def read_dataset(data_yaml: Path) -> Dataset:
    """Read a YOLO `data.yaml`: class names, and photos by split from folders or `.txt` lists.

    Raises:
        DatasetError: a key, folder or list is missing.
    """
    import_ultralytics()
    from ultralytics.utils import YAML

    if not data_yaml.is_file():
        raise DatasetError(
            f"No data set at {data_yaml}: expected a YOLO data.yaml. Check the path."
        )
    described = YAML.load(data_yaml)
    names = described.get("names")
    if not names or not described.get("train") or not described.get("val"):
        raise DatasetError(f"{data_yaml} lacks names, train or val. Add them, as YOLO describes.")
    labels = tuple(names.values()) if isinstance(names, dict) else tuple(names)
    root = data_yaml.parent / (described.get("path") or ".")
    splits = {s: photos_in(root, described[s]) for s in ("train", "val") if described.get(s)}
    return Dataset(labels=labels, splits=splits)


def photos_in(root: Path, where: str | list[str]) -> tuple[Path, ...]:
    """List the photos of folders and `.txt` lists under `root`, by name or in the list's order.

    Raises:
        DatasetError: one of them is missing, or there is no photo in any.
    """
    found: list[Path] = []
    for name in [where] if isinstance(where, str) else where:
        place = root / name
        if place.is_dir():
            found += sorted(p for p in place.rglob("*") if p.suffix.lower() in PHOTO_SUFFIXES)
        elif place.is_file():
            lines = place.read_text(encoding="utf-8").split("\n")
            found += [place.parent / line.strip() for line in lines if line.strip()]
        else:
            raise DatasetError(f"{place} is missing: the data set lists it. Check the data.yaml.")
    if not found:
        raise DatasetError(
            f"No photos found in {where} of {root}: looked for .jpg, .jpeg and .png."
        )
    return tuple(found)


def make_working_copy(
    data_yaml: Path,
    folder: Path,
    *,
    balance: Balance | None = None,
    teacher: Teacher | None = None,
) -> Path:
    """Copy the data set under `folder` and return the path of the copy's own `data.yaml`.

    Ultralytics writes a cache beside the label files and rewrites photos that it thinks are
    damaged, so it never gets to see the reviewer's originals. With a `teacher`, the copies for
    training also carry its answers and their bare pieces become blanks. The description is written
    last: when it exists the copy is whole, and a second call does nothing.
    """
    described = folder / "data.yaml"
    if described.exists():
        return described
    dataset = read_dataset(data_yaml)
    lists = {}
    for split, photos in dataset.splits.items():
        lines: list[Path] = []
        for photo in photos:
            copy = _copy_photo(photo, folder, split)
            if split == "train":
                pieces = _taught(copy, dataset.labels, teacher) if teacher else []
                lines += _shown(copy, dataset.labels, balance or Balance()) + pieces
            else:
                lines.append(copy)
        lists[split] = folder / f"{split}.txt"
        lists[split].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = json.dumps(  # JSON is YAML too
        {**{s: str(p) for s, p in lists.items()}, "names": dict(enumerate(dataset.labels))},
        indent=1,
    )
    described.with_suffix(".part").write_text(text, encoding="utf-8")
    os.replace(described.with_suffix(".part"), described)
    return described


def label_file(photo: Path) -> Path:
    """Where YOLO keeps a photo's boxes: the last `images` folder of its path becomes `labels`.

    >>> label_file(Path("cards/images/train/IMG_1.JPG")).as_posix()
    'cards/labels/train/IMG_1.txt'
    """
    parts = list(photo.parts)
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = "labels"
            return Path(*parts).with_suffix(".txt")
    raise DatasetError(
        f"{photo} is not under a folder named images, as YOLO expects. Move it there."
    )


def _copy_photo(photo: Path, folder: Path, split: str) -> Path:
    copy = folder.absolute() / "images" / split / photo.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    label_file(copy).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(photo, copy)
    boxes = label_file(photo)
    label_file(copy).write_bytes(boxes.read_bytes() if boxes.exists() else b"")
    return copy


def _shown(copy: Path, labels: tuple[str, ...], balance: Balance) -> list[Path]:
    """A photo as often as an epoch shows it, with its grey copy where that is wanted."""
    lines = _lines_of(copy)
    held = {labels[int(line.split()[0])] for line in lines}
    is_rare = bool(held & {"person", "vehicle"})
    shown = [copy] * (balance.rare_repeats if is_rare else 1)
    if balance.grey_repeats and (is_rare or not held) and not is_grey(copy):
        shown += [_grey_copy(copy)] * balance.grey_repeats
    return shown


def _taught(copy: Path, labels: tuple[str, ...], teacher: Teacher) -> list[Path]:
    """Add the teacher's answers to a photo's boxes; give back its bare piece, if it has one."""
    lines = _lines_of(copy)
    known = [_corners_of(line) for line in lines]
    with Image.open(copy) as opened:
        seen = teacher.detector.detect(np.asarray(opened.convert("RGB")))
    lines += [
        f"{labels.index(one.label)} {one.x + one.width / 2:.6f} {one.y + one.height / 2:.6f} "
        f"{one.width:.6f} {one.height:.6f}"
        for one in replayed_boxes(seen, known, teacher.replay)
    ]
    label_file(copy).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    piece = copy.with_name(f"bare_{copy.stem}.jpg")
    if not cut_blank(copy, known, piece, teacher=teacher.detector, replay=teacher.replay):
        return []
    label_file(piece).write_text("", encoding="utf-8")
    return [piece]


def _lines_of(photo: Path) -> list[str]:
    return [line for line in label_file(photo).read_text(encoding="utf-8").split("\n") if line]


def _corners_of(line: str) -> Corners:
    x, y, width, height = (float(side) for side in line.split()[1:5])
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def is_grey(photo: Path) -> bool:
    """Whether a photo shows next to no colour, as in infrared; a tint or a small sign may stay."""
    with Image.open(photo) as opened:
        small = opened.convert("RGB").resize((64, 64), Image.Resampling.BOX)
    pixels = np.asarray(small).astype(np.int16)
    return bool((pixels.max(axis=2) - pixels.min(axis=2)).mean() <= GREY_SPREAD)


def _grey_copy(photo: Path) -> Path:
    copy = photo.with_name(f"grey_{photo.stem}.jpg")
    with Image.open(photo) as opened:
        opened.convert("L").convert("RGB").save(copy, quality=92)
    label_file(copy).write_bytes(label_file(photo).read_bytes())
    return copy
