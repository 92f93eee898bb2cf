"""Progress with rate and time left, for anything that takes more than two seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_line(what: str, *, is_bytes: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress line with rate and time left, on the error stream so that JSON stays clean."""
    from rich import progress
    from rich.console import Console

    rate = progress.TransferSpeedColumn() if is_bytes else progress.MofNCompleteColumn()
    columns = ("{task.description}", progress.BarColumn(), rate, progress.TimeRemainingColumn())
    console = Console(stderr=True)
    hidden = not console.is_terminal
    with progress.Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        started = time.monotonic()

        def show(done: int, total: int) -> None:
            rate = "" if is_bytes else f" {done / (time.monotonic() - started + 0.001):.1f}/s"
            bar.update(task, completed=done, total=total, description=what + rate)

        yield show
