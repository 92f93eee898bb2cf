"""A round of learning at work: what was asked, where it writes, and whom it tells how far it is."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from species_db.survey import Survey
from training.compare import PromotionRule
from training.plan import Plan, PlanSettings

TRAINING_FOLDER = "training"  # of a survey, beside media/


@dataclass(frozen=True)
class Asked:
    """What a person asks of a round; asking for the same again takes an unfinished round up."""

    name: str
    settings: PlanSettings
    epochs: int
    image_size: int
    seed: int = 7
    hours: float | None = None
    start: str = ""  # weights to start from; empty: those in use


@dataclass(frozen=True)
class Stage:
    """How far one part of a round has come; `seconds_left` is None while nobody can tell."""

    name: str  # copying, training, testing
    done: int
    total: int
    seconds_left: float | None = None
    note: str = ""


Report = Callable[[Stage], None]


@dataclass(frozen=True)
class Work:
    """Everything that the steps of a round share."""

    survey: Survey
    run_id: str
    version: str
    plan: Plan
    asked: Asked
    champion: Path | None  # None: nothing does the task
    report: Report = lambda stage: None
    rule: PromotionRule = field(default_factory=PromotionRule)

    @property
    def folder(self) -> Path:
        """Where the round writes: data set, checkpoints, and the weights that come of it."""
        return self.survey.folder / TRAINING_FOLDER / self.run_id

    @property
    def shipped(self) -> Path:
        """Where the finished weights and their cards lie."""
        return self.folder / "shipped"

    @property
    def command(self) -> str:
        """The command of this round, for the card: options as they were given.

        Of a path it tells the file's name: the folders are this computer's, and cards travel.
        """
        asked, settings = self.asked, self.asked.settings
        words = [f"namcha train {settings.task}", f"--name {asked.name}"]
        words += [f"--classes {settings.classes}"] if settings.task == "detector" else []
        words += [f"--epochs {asked.epochs}", f"--image-size {asked.image_size}"]
        words += [f"--seed {asked.seed}"]
        words += [f"--hours {asked.hours}"] if asked.hours else []
        words += [f"--start {PureWindowsPath(asked.start).name}"] if asked.start else []
        words += [f"--least-boxes {settings.least.boxes}"]
        words += [f"--least-stations {settings.least.stations}"]
        words += ["--with-people"] if settings.with_people else []
        return " ".join(words)

    def telling(self, stage: str) -> Callable[[int, int], None]:
        """Tell done and total of one stage, with the time left at the rate so far."""
        began = time.monotonic()

        def tell(done: int, total: int) -> None:
            self.report(Stage(stage, done, total, _left(began, done, total)))

        return tell

    @contextmanager
    def epochs_told(self, logger_name: str) -> Iterator[None]:
        """Tell each epoch that a trainer logs (`epoch %d of %d`), with the time left."""
        logger = logging.getLogger(logger_name)
        listener, level = _EpochListener(self.report), logger.level
        logger.addHandler(listener)
        logger.setLevel(logging.INFO)
        try:
            yield
        finally:
            logger.removeHandler(listener)
            logger.setLevel(level)


class _EpochListener(logging.Handler):
    """Turns a trainer's log line for an epoch into progress."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.tell, self.began, self.first = report, time.monotonic(), 0

    def emit(self, record: logging.LogRecord) -> None:
        given = record.args
        if not str(record.msg).startswith("epoch %d of %d") or not isinstance(given, tuple):
            return
        done, total = int(str(given[0])), int(str(given[1]))
        if done > total:  # the last look at the finished weights is no epoch
            return
        self.first = self.first or done  # a run taken up again begins in the middle
        left = _left(self.began, done - self.first + 1, total - self.first + 1)
        self.tell(Stage("training", done, total, left, record.getMessage()))


def _left(began: float, done: int, total: int) -> float | None:
    """Seconds left at the rate so far.

    >>> _left(time.monotonic() - 10, 5, 10).__round__()
    10
    """
    return (time.monotonic() - began) / done * (total - done) if done else None
