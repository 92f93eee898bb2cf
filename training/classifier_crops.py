"""The list that a classifier learns from: boxes, what is in them, and where they are from.

Reviewed boxes of a survey and the photos of the first weights come by the same list, a CSV file
beside or above the photos. `source` keeps what hangs together (a station, a collection) in one
split, so that a measured share speaks of places the network has never seen.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from models.classifier import Box, square_crop
from models.pixels import PixelsError, decode_scaled
from species_db.language import tr

COLUMNS = ("image", "x", "y", "width", "height", "class", "split", "source")
SPLITS = ("train", "val", "test")
TRAIN, VAL, TEST = SPLITS
DECODED = (1280, 1280)  # what an import decodes for the detector, so crops are as sharp as there


class CropListError(Exception):
    """A list of boxes cannot be read, or cannot be learned from."""


@dataclass(frozen=True)
class LabelledBox:
    """One box that a person has named, in shares of the upright photo from its top left corner."""

    image: Path
    box: Box
    label: str
    split: str
    source: str


def write_crop_list(boxes: Iterable[LabelledBox], path: Path) -> Path:
    """Write the list; photos below its folder by their relative path, so that both can move."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(COLUMNS)
        for one in boxes:
            image = one.image
            if image.is_relative_to(path.parent):
                image = image.relative_to(path.parent)
            sides = (f"{side:.5f}" for side in one.box)
            writer.writerow((image.as_posix(), *sides, one.label, one.split, one.source))
    return path


def read_crop_list(path: Path) -> tuple[LabelledBox, ...]:
    """Read a list of boxes.

    Raises:
        CropListError: it is missing, lacks a column, or a line makes no sense.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise CropListError(
                    tr(
                        f"{path} lacks the columns {', '.join(missing)}. Add them.",
                        f"{path} 缺少列：{', '.join(missing)}。请补上。",
                    )
                )
            return tuple(_box(path, row, reader.line_num) for row in reader)
    except (OSError, UnicodeDecodeError) as problem:
        raise CropListError(
            tr(
                f"Cannot read {path}: expected a CSV file with the columns {', '.join(COLUMNS)}.",
                f"无法读取 {path}：应为 CSV 文件，含列 {', '.join(COLUMNS)}。",
            )
        ) from problem


def cut_crops(boxes: Sequence[LabelledBox], *, side: int, margin: float) -> np.ndarray:
    """Cut every box out, as uint8 (boxes, side, side, 3) in the order of the list.

    A photo is decoded once for all of its boxes that follow each other.

    Raises:
        CropListError: a photo of the list is missing or damaged.
    """
    crops = np.zeros((len(boxes), side, side, 3), np.uint8)
    number = 0
    for image, together in groupby(boxes, key=lambda one: one.image):
        try:
            pixels = decode_scaled(image, at_least=DECODED)
        except (OSError, PixelsError) as problem:
            raise CropListError(
                tr(
                    f"Cannot read the photo {image} of the list: {problem}",
                    f"无法读取清单中的照片 {image}：{problem}",
                )
            ) from problem
        for one in together:
            crops[number] = square_crop(pixels, one.box, side=side, margin=margin)
            number += 1
    return crops


def _box(path: Path, row: dict[str, str], line: int) -> LabelledBox:
    try:
        x, y, width, height = (float(row[name]) for name in ("x", "y", "width", "height"))
    except (TypeError, ValueError) as problem:
        raise _wrong_line(path, line) from problem
    fits = 0 <= x < 1 and 0 <= y < 1 and 0 < width <= 1.0001 and 0 < height <= 1.0001
    if not fits or not row["class"] or row["split"] not in SPLITS:
        raise _wrong_line(path, line)
    image = path.parent / row["image"]
    return LabelledBox(image, (x, y, width, height), row["class"], row["split"], row["source"])


def _wrong_line(path: Path, line: int) -> CropListError:
    return CropListError(
        tr(
            f"Line {line} of {path} is no labelled box: expected numbers from 0 to 1, a class, and "
            f"a split of {', '.join(SPLITS)}. Correct it.",
            f"{path} 第 {line} 行不是有效的方框：应为 0 到 1 的数值、类别，以及 split"
            f"（{', '.join(SPLITS)}）。请更正。",
        )
    )
