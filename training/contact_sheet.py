"""A sheet of photos with known, found, missed and false boxes, for people to look at.

    python -m training.contact_sheet general DATA/data.yaml SHEET.png

Green: found. Yellow: missed. Red: false, with label and score. Photos with faults come first. The
sheet shows photos of others: it is for looking at, and no part of a release.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from models.detector import Detection, Detector, load_detector
from models.pixels import decode_scaled
from training.evaluate import KnownBox, match_boxes, read_known_boxes
from training.working_copy import label_file, read_dataset

TILE = (320, 240)
COLUMNS = 6
FOUND, MISSED, FALSE = "#22c55e", "#facc15", "#ef4444"

Marked = list[tuple[KnownBox | Detection, str]]


def draw_sheet(
    detector: Detector, photos: Sequence[Path], labels: Sequence[str], *, most: int = 60
) -> Image.Image:
    """Draw the photos where the detector is wrong first, then others, at most `most` of them."""
    tiles = [_tile(detector, photo, labels) for photo in photos]
    tiles.sort(key=lambda tile: -tile[0])
    shown = [picture for _, picture in tiles[:most]]
    rows = -(-len(shown) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE[0], rows * TILE[1]), "#222")
    for number, picture in enumerate(shown):
        sheet.paste(picture, (number % COLUMNS * TILE[0], number // COLUMNS * TILE[1]))
    return sheet


def _tile(detector: Detector, photo: Path, labels: Sequence[str]) -> tuple[int, Image.Image]:
    pixels = decode_scaled(photo, at_least=(2 * detector.image_size,) * 2)
    found = detector.detect(pixels)
    known = read_known_boxes(label_file(photo), labels)
    marked: Marked = []
    for label in labels:
        own = [k for k in known if k.label == label]
        pairs = match_boxes(own, [d for d in found if d.label == label])
        taken = [k for _, k in pairs if k is not None]
        marked += [(d, FOUND if k is not None else FALSE) for d, k in pairs]
        marked += [(k, MISSED) for k in own if k not in taken]
    return sum(colour != FOUND for _, colour in marked), _drawn(pixels, marked)


def _drawn(pixels: np.ndarray, marked: Marked) -> Image.Image:
    picture = Image.fromarray(pixels)
    picture.thumbnail(TILE)
    draw = ImageDraw.Draw(picture)
    for box, colour in marked:
        left, top = box.x * picture.width, box.y * picture.height
        right, bottom = left + box.width * picture.width, top + box.height * picture.height
        draw.rectangle((left, top, right, bottom), outline=colour, width=2)
        if colour != FOUND:
            score = f" {box.score:.2f}" if isinstance(box, Detection) else ""
            draw.text((left + 2, max(0, top - 11)), f"{box.label}{score}", fill=colour)
    return picture


def main() -> None:
    """Draw the sheet of a data set's `val` for the weights named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights")
    parser.add_argument("data_yaml", type=Path)
    parser.add_argument("sheet", type=Path)
    given = parser.parse_args()
    dataset = read_dataset(given.data_yaml)
    sheet = draw_sheet(load_detector(given.weights), dataset.splits["val"], dataset.labels)
    sheet.save(given.sheet)


if __name__ == "__main__":
    main()
