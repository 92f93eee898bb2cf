"""When to stop: look at photos of places that training never saw, after each epoch."""

import csv
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.detector import load_detector
from training.evaluate import LOWEST_SCORE, Answer, evaluate_detector, score
from training.working_copy import read_dataset

log = logging.getLogger(__name__)

BEST = "best_by_site.pt"


@dataclass
class StopWatch:
    """Measures each epoch on the data set's `val`, keeps the best, and stops a fruitless run.

    `val` must hold other sites than the training photos. Figures of the kept epoch on the same
    photos flatter, as the best of several always does; a card made of them says so.
    """

    data_yaml: Path
    out: Path
    patience: int

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch so far."""
        return self.out / "weights" / BEST

    def look(self, trainer: Any) -> None:
        """Measure the checkpoint that was just written; Ultralytics calls this."""
        dataset = read_dataset(self.data_yaml)
        detector = load_detector(trainer.last, threshold=LOWEST_SCORE)
        answers = evaluate_detector(detector, dataset.splits["val"], labels=dataset.labels)
        worth = worth_of(answers, labels=dataset.labels)
        earlier = self._seen_before(trainer.epoch)
        if worth > max(earlier, default=-1.0):
            unfinished = self.best.with_suffix(".part")
            shutil.copyfile(trainer.last, unfinished)
            os.replace(unfinished, self.best)
        self._write_down(trainer.epoch, [*earlier, worth])
        is_fruitless = fruitless_epochs([*earlier, worth]) >= self.patience
        log.info("epoch %d on val: %.4f%s", trainer.epoch + 1, worth, " stop" * is_fruitless)
        trainer.stop = trainer.stop or is_fruitless

    def _seen_before(self, epoch: int) -> list[float]:
        """What earlier epochs were worth; a run that goes on reads it back."""
        if not self._file.exists():
            return []
        with self._file.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
        return [float(row["worth"]) for row in rows if int(row["epoch"]) < epoch]

    def _write_down(self, epoch: int, worths: Sequence[float]) -> None:
        first = epoch + 1 - len(worths)
        rows = [f"{first + i},{worth:.6f}\n" for i, worth in enumerate(worths)]
        self._file.write_text("epoch,worth\n" + "".join(rows), encoding="utf-8")

    @property
    def _file(self) -> Path:
        return self.out / "val_by_epoch.csv"


def worth_of(answers: Sequence[Answer], *, labels: Sequence[str]) -> float:
    """What a detector is worth: mean AP50 of the labels there are, less half the blanks it flags.

    Blanks are asked at 0.2: a reviewer opens each that is flagged.
    """
    result = score(answers, threshold=0.2, labels=labels)
    present = [one.ap50 for one in result.by_class if one.known]
    flagged = result.blanks_flagged / result.blanks if result.blanks else 0.0
    return sum(present) / max(1, len(present)) - flagged / 2


def fruitless_epochs(worths: Sequence[float]) -> int:
    """How many epochs have passed since the best one.

    >>> fruitless_epochs([0.5, 0.8, 0.7, 0.6])
    2
    """
    return len(worths) - 1 - max(range(len(worths)), key=lambda i: (worths[i], -i))
