"""Gather what several worker threads ask for, so that a graphics processor runs it together."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np


@dataclass
class _Asked:
    picture: np.ndarray
    answer: "Future[np.ndarray]" = field(default_factory=Future)


class Batcher:
    """Runs what many threads ask for in batches of one shape.

    A batch is closed when it is full, when a picture of another shape comes, or when no further one
    came within `wait_s`. An error of a batch goes to each thread that asked for a part of it.
    """

    def __init__(
        self, run_batch: Callable[[np.ndarray], np.ndarray], *, most: int, wait_s: float
    ) -> None:
        self._run_batch = run_batch
        self._most = most
        self._wait_s = wait_s
        self._asked: queue.SimpleQueue[_Asked] = queue.SimpleQueue()
        threading.Thread(target=self._serve, daemon=True, name="batcher").start()

    def run(self, picture: np.ndarray) -> np.ndarray:
        """Give one picture's output (1, ...); waits for the batch that it is in."""
        asked = _Asked(picture)
        self._asked.put(asked)
        return asked.answer.result()

    def _serve(self) -> None:
        following: _Asked | None = None
        while True:
            batch = [following or self._asked.get()]
            following = self._gather(batch)
            try:
                outputs = self._run_batch(np.stack([asked.picture for asked in batch]))
            except Exception as problem:  # whatever fails must reach those who wait
                for asked in batch:
                    asked.answer.set_exception(problem)
                continue
            for place, asked in enumerate(batch):
                asked.answer.set_result(outputs[place : place + 1])

    def _gather(self, batch: list[_Asked]) -> _Asked | None:
        """Fill a batch; gives the picture of another shape that closed it."""
        until = time.monotonic() + self._wait_s
        while len(batch) < self._most:
            try:
                asked = self._asked.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return None
            if asked.picture.shape != batch[0].picture.shape:
                return asked
            batch.append(asked)
        return None
