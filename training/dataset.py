"""Write the photos and boxes of a plan in the forms that training tools read: YOLO and COCO.

Both forms are written from the same rows, so that they can never hold different boxes.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from models.pixels import PixelsError, decode_scaled, encode_preview
from species_db.survey import Survey
from species_db.training_set import MediaExample
from training.scheme import ClassScheme, SplitMedia
from training.splits import Split

YOLO, COCO = "yolo", "coco"
OWN_LICENCE = "own"  # of the survey itself, in the list of sources

Picture = Callable[[MediaExample], bytes | None]
"""The JPEG of a photo as it goes into the data set, upright; None when it stays out."""
OnMedia = Callable[[int, int], None]


@dataclass(frozen=True)
class WrittenPhoto:
    """A photo of a data set: its file, its size in pixels, and what is on it."""

    name: str
    split: Split
    width: int
    height: int
    example: MediaExample


def write_dataset(
    folder: Path,
    media: SplitMedia,
    scheme: ClassScheme,
    *,
    picture: Picture,
    splits: Iterable[Split] = tuple(Split),
    on_media: OnMedia = lambda done, total: None,
) -> list[WrittenPhoto]:
    """Write `images/<split>/<media id>.jpg` with YOLO labels, `data.yaml`, and a list of sources.

    A photo that is already there is not made again, and `data.yaml` comes last: an interrupted
    call goes on where it was.
    """
    wanted = [(split, example) for split in splits for example in media.get(split, ())]
    written = []
    for done, (split, example) in enumerate(wanted, start=1):
        path = folder / "images" / split.value / f"{example.media_id}.jpg"
        if not path.is_file():
            data = picture(example)
            if data is not None:
                _write(path, data)
        if path.is_file():
            with Image.open(path) as opened:
                width, height = opened.size
            name = path.relative_to(folder).as_posix()
            written.append(WrittenPhoto(name, split, width, height, example))
            label = folder / "labels" / split.value / f"{example.media_id}.txt"
            _write(label, yolo_lines(example, scheme).encode())
        on_media(done, len(wanted))
    _write_sources(folder, written)
    present = [split for split in splits if any(photo.split is split for photo in written)]
    described: dict[str, Any] = {split.value: f"images/{split.value}" for split in present}
    described["names"] = dict(enumerate(scheme.names))
    described["taxa"] = {name: name for name in scheme.taxa}
    _write(folder / "data.yaml", _json(described))  # JSON is YAML too
    return written


def yolo_lines(example: MediaExample, scheme: ClassScheme) -> str:
    """The boxes of one photo as YOLO writes them: class, centre and size in shares of the photo."""
    return "".join(
        f"{scheme.names.index(scheme.name_of(box))} {box.x + box.width / 2:.6f} "
        f"{box.y + box.height / 2:.6f} {box.width:.6f} {box.height:.6f}\n"
        for box in example.boxes
        if scheme.name_of(box) in scheme.names
    )


def coco_of(photos: Sequence[WrittenPhoto], scheme: ClassScheme) -> dict[str, Any]:
    """The same boxes as COCO: absolute pixels, categories counted from 1 (DOMAIN.md 11)."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for number, photo in enumerate(photos, start=1):
        size = {"width": photo.width, "height": photo.height}
        images.append({"id": number, "file_name": photo.name, **size})
        for box in photo.example.boxes:
            name = scheme.name_of(box)
            if name not in scheme.names:
                continue
            sides = (
                box.x * photo.width,
                box.y * photo.height,
                box.width * photo.width,
                box.height * photo.height,
            )
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": scheme.names.index(name) + 1,
                    "bbox": [round(side, 3) for side in sides],
                    "area": round(sides[2] * sides[3], 3),
                    "iscrowd": 0,
                }
            )
    categories = [
        {"id": number, "name": name, "supercategory": label}
        for number, (name, label) in enumerate(zip(scheme.names, scheme.labels, strict=True), 1)
    ]
    return {"images": images, "annotations": annotations, "categories": categories}


def write_coco(folder: Path, photos: Sequence[WrittenPhoto], scheme: ClassScheme) -> list[Path]:
    """Write `<split>.coco.json` beside the photos, one for each split that has any."""
    paths = []
    for split in Split:
        of_split = [photo for photo in photos if photo.split is split]
        if of_split:
            path = folder / f"{split.value}.coco.json"
            _write(path, _json(coco_of(of_split, scheme)))
            paths.append(path)
    return paths


@dataclass(frozen=True)
class OwnPictures:
    """The survey's own photos as training takes them: upright, small, without any metadata.

    A training run reads each photo many times, and twice its network's size is all that it sees;
    the place in an original's EXIF has no business in a folder that people copy about.
    """

    survey: Survey
    long_side: int

    def __call__(self, example: MediaExample) -> bytes | None:
        """The small JPEG; None where the original is not at hand or holds no picture."""
        side = (self.long_side, self.long_side)
        try:
            image = decode_scaled(self.survey.path_of(example.file_path), at_least=side)
        except (OSError, PixelsError):
            return None
        return encode_preview(image, long_side=self.long_side)


def _write_sources(folder: Path, photos: Sequence[WrittenPhoto]) -> None:
    """List the photos with their split and licence, as cards count them; places are not told."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(("file", "split", "licence_class", "repo"))
    writer.writerows((photo.name, photo.split.value, OWN_LICENCE, OWN_LICENCE) for photo in photos)
    _write(folder / "SOURCES.csv", written.getvalue().encode())


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    """Give a file its name only when it is whole, so that a killed run leaves no half photo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
