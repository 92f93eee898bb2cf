"""Ask a model about the photos of the frozen test, where they lie, as an import would."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from models.detector import Detector
from models.pixels import PixelsError, decode_scaled
from species_db.language import tr
from species_db.survey import Survey
from species_db.training_set import MediaExample
from training.evaluate import Answer, KnownBox
from training.quality import SeenPhoto
from training.scheme import LABEL_OF_TYPE

OnMedia = Callable[[int, int], None]


class FrozenPhotoError(Exception):
    """A photo of the frozen test is not at hand, so two rounds would be tested differently."""


def ask_detector(
    survey: Survey,
    detector: Detector,
    media: Sequence[MediaExample],
    taxon_names: Mapping[str, str],
    *,
    on_media: OnMedia = lambda done, total: None,
) -> list[SeenPhoto]:
    """Let a detector look at each test photo; load it with a low threshold, for AP50 needs all.

    Photos of people are looked at in their place, as an import does; nothing is copied.

    Raises:
        FrozenPhotoError: an original is missing or damaged.
    """
    ask = partial(_ask, survey, detector, taxon_names)
    tested = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, photo in enumerate(pool.map(ask, media), start=1):
            tested.append(photo)
            on_media(done, len(media))
    return tested


def picture_to_test(survey: Survey, example: MediaExample, side: int) -> np.ndarray:
    """Decode a test photo as an import does.

    Raises:
        FrozenPhotoError: the original is missing or damaged.
    """
    try:
        return decode_scaled(survey.path_of(example.file_path), at_least=(side, side))
    except (OSError, PixelsError) as problem:
        raise FrozenPhotoError(
            tr(
                f"Photo {example.file_path} of the frozen test cannot be read: {problem}. All "
                "rounds must be tested on the same photos. Bring the original back (namcha verify "
                "lists what is missing), then run the same command again.",
                f"固定测试集中的照片 {example.file_path} 无法读取：{problem}。"
                "各轮训练必须使用相同的测试照片。请恢复原始文件（namcha verify 可列出缺失文件），"
                "再运行同一命令。",
            )
        ) from problem


def is_infrared(image: np.ndarray) -> bool:
    """Whether a decoded photo shows next to no colour; the rule of training/working_copy.py."""
    from training.working_copy import GREY_SPREAD

    pixels = image[::8, ::8].astype(np.int16)
    return bool((pixels.max(axis=2) - pixels.min(axis=2)).mean() <= GREY_SPREAD)


def _ask(
    survey: Survey, detector: Detector, taxon_names: Mapping[str, str], example: MediaExample
) -> SeenPhoto:
    image = picture_to_test(survey, example, 2 * detector.image_size)
    grey = is_infrared(image) if example.is_grey is None else example.is_grey
    known = tuple(
        KnownBox(LABEL_OF_TYPE[box.observation_type], box.x, box.y, box.width, box.height)
        for box in example.boxes
    )
    taxa = tuple(taxon_names.get(box.taxon_id or "", "") for box in example.boxes)
    found = tuple(detector.detect(image))
    said = frozenset(LABEL_OF_TYPE[kind] for kind in example.said)
    return SeenPhoto(
        location_id=example.location_id,
        event_id=example.event_id,
        said=said,
        has_boxes=example.is_complete,
        answer=Answer(known, found, grey),
        taxa=taxa,
    )
