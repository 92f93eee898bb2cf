"""Bring the labels of a detector to one threshold."""

import logging
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.detector import load_detector
from models.offline import import_ultralytics
from training.evaluate import LOWEST_SCORE, Answer, evaluate_detector, match_boxes
from training.working_copy import read_dataset

log = logging.getLogger(__name__)

GRID = tuple(round(0.05 * i, 2) for i in range(2, 13))


def level_on_val(trained: Path, data_yaml: Path, *, at: float = 0.2) -> Path:
    """Level every label of a checkpoint at the threshold that serves it best on `val`."""
    dataset = read_dataset(data_yaml)
    detector = load_detector(trained, threshold=LOWEST_SCORE)
    answers = evaluate_detector(detector, dataset.splits["val"], labels=dataset.labels)
    best = {i: best_threshold(answers, label) for i, label in enumerate(dataset.labels)}
    log.info("levelled to %s from %s", at, best)
    return level_classes(trained, trained.with_name("levelled.pt"), best=best, at=at)


def level_classes(trained: Path, to: Path, *, best: Mapping[int, float], at: float) -> Path:
    """Write a checkpoint whose class `number` scores `at` where it scored `best[number]` before.

    Labels that a data set holds many and few of come out of training with different habits: the
    animal's score is bold, the person's shy, so no one threshold suits both. Moving the bias of a
    class in the network's head moves all its scores alike and changes no order, so AP stays.
    """
    import_ultralytics()
    import torch
    from ultralytics.nn.tasks import load_checkpoint

    model, loaded = load_checkpoint(trained)
    for branch in model.model[-1].cv3:
        with torch.no_grad():
            for number, threshold in best.items():
                branch[-1].bias[number] += _logit(at) - _logit(threshold)
    unfinished = to.with_name(f"{to.name}.part")
    torch.save({**loaded, "model": model, "ema": None, "optimizer": None}, unfinished)
    os.replace(unfinished, to)
    return to


def best_threshold(answers: Sequence[Answer], label: str) -> float:
    """The threshold at which one label's finds are worth most, a miss being twice as bad (F2).

    Boxes on blanks count as false ones like all others. Among equally good steps the highest is
    taken, which flags the fewest blanks.
    """
    known, ranked = 0, []
    for answer in answers:
        own = [k for k in answer.known if k.label == label]
        known += len(own)
        pairs = match_boxes(own, [d for d in answer.found if d.label == label])
        ranked += [(detection.score, taken is not None) for detection, taken in pairs]

    def worth(step: float) -> tuple[float, float]:
        found = [is_hit for score, is_hit in ranked if score >= step]
        return round(5 * sum(found) / max(1, len(found) + 4 * known), 3), step

    return max(GRID, key=worth)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
