"""What a data set does not say of its photos: people and vehicles in the back, and bare ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from models.boxes import overlap_ratio
from models.detector import Detection, Detector

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Replay:
    """What the teacher may add, with the reasons.

    A data set of animals teaches a network to forget people and vehicles, since those in the back
    of its photos carry no boxes. The start weights are asked for them again (distillation by
    replayed answers). They are believed only when they are `sure`, and never where a known box
    stands: they take macaques for people. A piece of a photo without any box is a blank only where
    the teacher does not see anything `at_all`.
    """

    labels: tuple[str, ...] = ("person", "vehicle")
    sure: float = 0.6
    touching: float = 0.05  # share (IoU) of a known box from which on the two are one thing
    at_all: float = 0.15
    smallest_blank: float = 0.25  # share of the photo
    narrowest_px: int = 200


def replayed_boxes(
    seen: Sequence[Detection], known: Sequence[Corners], replay: Replay
) -> list[Detection]:
    """The teacher's sure answers on one photo that no known box touches.

    >>> walker = Detection("person", 0.9, 0.0, 0.0, 0.2, 0.5)
    >>> deer = (0.5, 0.5, 0.9, 0.9)
    >>> [one.label for one in replayed_boxes([walker], [deer], Replay())]
    ['person']
    >>> replayed_boxes([walker], [(0.0, 0.0, 0.2, 0.4)], Replay())
    []
    """
    others = np.array(known, dtype=np.float64).reshape(-1, 4)
    return [
        one
        for one in seen
        if one.label in replay.labels
        and one.score >= replay.sure
        and not (overlap_ratio(_corners(one), others) > replay.touching).any()
    ]


def bare_piece(known: Sequence[Corners], replay: Replay) -> Corners | None:
    """The largest strip of a photo beside all its boxes, as shares; None where it is too small.

    >>> bare_piece([(0.6, 0.2, 0.9, 0.8)], Replay())
    (0.0, 0.0, 0.6, 1.0)
    >>> bare_piece([(0.1, 0.1, 0.9, 0.9)], Replay()) is None
    True
    """
    if not known:
        return None
    left, top = min(k[0] for k in known), min(k[1] for k in known)
    right, bottom = max(k[2] for k in known), max(k[3] for k in known)
    strips = (
        (0.0, 0.0, left, 1.0),
        (right, 0.0, 1.0, 1.0),
        (0.0, 0.0, 1.0, top),
        (0.0, bottom, 1.0, 1.0),
    )
    largest = max(strips, key=_area)
    return largest if _area(largest) >= replay.smallest_blank else None


def cut_blank(
    photo: Path, known: Sequence[Corners], to: Path, *, teacher: Detector, replay: Replay
) -> bool:
    """Save a bare piece of a photo as a photo of its own, where the teacher sees nothing in it."""
    strip = bare_piece(known, replay)
    if strip is None:
        return False
    with Image.open(photo) as opened:
        sides = (opened.width, opened.height) * 2
        box = tuple(round(share * side) for share, side in zip(strip, sides, strict=True))
        piece = opened.convert("RGB").crop((box[0], box[1], box[2], box[3]))
    if min(piece.size) < replay.narrowest_px:
        return False
    if any(one.score >= replay.at_all for one in teacher.detect(np.asarray(piece))):
        return False
    piece.save(to, quality=92)
    return True


def _area(strip: Corners) -> float:
    return max(0.0, strip[2] - strip[0]) * max(0.0, strip[3] - strip[1])


def _corners(one: Detection) -> np.ndarray:
    return np.array([one.x, one.y, one.x + one.width, one.y + one.height])
