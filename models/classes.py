"""Which of a network's own class names count as animal, person or vehicle."""

from collections.abc import Sequence

import numpy as np

LABELS = ("animal", "person", "vehicle")
CLASSES_BY_LABEL = {
    # The COCO names are in the second row; aeroplane, boat and teddy bear are left out on purpose.
    "animal": (
        *("animal", "wildlife", "mammal"),
        *("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    ),
    "person": ("human", "people", "person"),
    "vehicle": ("vehicle", "bicycle", "car", "motorcycle", "bus", "train", "truck"),
}


def map_classes(names: Sequence[str]) -> np.ndarray:
    """Give for each class name the number of its label, or -1 where it is none of ours.

    Models trained on the 80 COCO classes know sheep and trucks but no "animal", and some write
    "human" for person.

    >>> map_classes(["Human", "sheep", "kite"]).tolist()
    [1, 0, -1]
    """
    numbers = {
        name: LABELS.index(label) for label, known in CLASSES_BY_LABEL.items() for name in known
    }
    return np.array([numbers.get(name.strip().lower(), -1) for name in names], dtype=np.int64)
