"""Read the boxes out of a detection network's raw output."""

from dataclasses import dataclass

import numpy as np

MAX_BOXES = 300
FINISHED = 6  # columns of a finished box: corners, score, class


@dataclass(frozen=True)
class Boxes:
    """Boxes of one photo as arrays of equal length, best score first."""

    corners: np.ndarray
    scores: np.ndarray
    classes: np.ndarray  # the number of our label
    own_classes: np.ndarray  # the network's own number, which may name a taxon


def read_boxes(
    output: np.ndarray,
    class_map: np.ndarray,
    *,
    threshold: float,
    iou: float,
    size: tuple[int, int] = (1, 1),
) -> Boxes:
    """Turn one photo's network output into at most 300 boxes that do not repeat each other.

    Three layouts are known: rows of a raw head (4 + classes, places), centre and size first;
    finished boxes (boxes, 6) of heads without repeats, corners, score and class; and RT-DETR's
    (see `_from_queries`), in shares of the input, whose width and height are `size`. `class_map`
    gives for each class of the network the number of our label, or -1 to drop it. It is applied
    before repeated boxes are dropped, so that "car" and "truck" on one jeep become one vehicle,
    and two species on one animal become one animal of the likelier species.
    """
    if output.ndim == 3:
        output = output[0]
    if _is_in_shares(output, len(class_map)):
        found = _from_queries(output, class_map, threshold, size)
    elif output.shape[-1] == FINISHED:
        found = _finished(output)
    else:
        found = _raw(output, class_map, threshold)
    corners, scores, classes = found
    labels = class_map[classes]
    keep = (scores >= threshold) & (labels >= 0)
    keep &= (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    corners, scores, labels, classes = corners[keep], scores[keep], labels[keep], classes[keep]
    kept = keep_best(corners, scores, labels, iou=iou)[:MAX_BOXES]
    return Boxes(corners[kept], scores[kept], labels[kept], classes[kept])


def keep_best(
    corners: np.ndarray, scores: np.ndarray, classes: np.ndarray, *, iou: float
) -> np.ndarray:
    """Choose boxes, best first, that no better one of their class overlaps by more than `iou`.

    >>> corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10]], np.float32)
    >>> keep_best(corners, np.array([0.5, 0.9, 0.4]), np.array([0, 0, 1]), iou=0.5).tolist()
    [1, 2]
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while order.size:
        best = order[0]
        kept.append(int(best))
        rest = order[1:]
        overlap = overlap_ratio(corners[best], corners[rest])
        order = rest[(overlap <= iou) | (classes[rest] != classes[best])]
    return np.array(kept, dtype=np.int64)


def overlap_ratio(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shared area of a box with each of `others`, as a share of what both cover together (IoU)."""
    left_top = np.maximum(one[:2], others[:, :2])
    right_bottom = np.minimum(one[2:], others[:, 2:])
    shared = np.clip(right_bottom - left_top, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    together = (one[2:] - one[:2]).prod() + areas - shared
    return np.asarray(shared / np.maximum(together, 1e-12))


def _raw(
    output: np.ndarray, class_map: np.ndarray, threshold: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    wanted = np.where(class_map[:, None] >= 0, output[4 : 4 + len(class_map)], 0.0)
    best = wanted.max(axis=0)
    columns = np.flatnonzero(best >= threshold)
    centre, half = output[:2, columns].T, output[2:4, columns].T / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    return corners, best[columns], wanted[:, columns].argmax(axis=0)


def _is_in_shares(output: np.ndarray, classes: int) -> bool:
    """Tell RT-DETR's layouts: a row for each box, with its place in numbers of at most 1."""
    rows, columns = output.shape
    if columns == FINISHED and rows != 4 + classes:
        return rows > 0 and bool((output[:, :4] <= 1).all())  # finished boxes are in pixels
    return bool(columns == 4 + classes and rows != 4 + classes)


def _from_queries(
    output: np.ndarray, class_map: np.ndarray, threshold: float, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read RT-DETR: centre and size, then score and class, or as older exports a score a class."""
    in_pixels = np.concatenate([output[:, :4] * np.array([*size, *size]), output[:, 4:]], axis=1)
    has_class = output.shape[1] == FINISHED and bool((output[:, 5] % 1 == 0).all())
    if not has_class:
        return _raw(in_pixels.T, class_map, threshold)
    centre, half = in_pixels[:, :2], in_pixels[:, 2:4] / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    return corners, output[:, 4], output[:, 5].astype(np.int64)


def _finished(output: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return output[:, :4], output[:, 4], output[:, 5].astype(np.int64)
