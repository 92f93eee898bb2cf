"""Detect on a Ray cluster: workers on many computers look, one writer here commits.

The unit of work is a small batch of media whose answers are the same whoever gives them. Ray gives
the batch of a worker that is lost to another one; what has not come back when this process stops
is simply still unanswered, and the next run asks for it.
"""

import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import islice

from sqlalchemy import ColumnElement

from ingest.cluster_worker import COLUMNS, Order, Worker, read_back
from ingest.look import Answer, WaitingMedia, waiting_media
from ingest.photo_store import StoreAccess
from models.packing import PackedClassifier, PackedDetector
from models.pixels import Decode, write_preview
from species_db.language import current_language, tr
from species_db.survey import Survey

BATCH_MEDIA = 16  # what is looked at twice when a worker is lost: about a second of work
BATCHES_A_WORKER = 4  # at least so many, so that none is idle long while the last one finishes
ROUND_MEDIA = (
    5_000  # of each worker, some minutes of work: the list of what waits is held in memory
)
STORE_BYTES = 256 << 20  # for answers on their way, on this computer alone
CONNECT_S = 5.0
DEFAULT_PORT = 6379
NEEDED = ("ray", "fsspec", "pyarrow")


class ClusterError(Exception):
    """The cluster cannot be started, reached, or does not go on."""


@dataclass
class Cluster:
    """A source of answers: workers that Ray runs, here or on the computers of `address`.

    `originals` is where the workers find the survey's folder, when it is not where it lies here:
    `s3://bucket/folder`, or any address that fsspec knows. What stays in an archive is read where
    the archive lies.
    """

    packed: PackedDetector
    then: PackedClassifier | None = None
    address: str | None = None
    originals: str | None = None
    workers: int | None = None
    decode: Decode = Decode.SCALED
    access: StoreAccess = field(default_factory=lambda: StoreAccess.of(os.environ))
    used: int = 0
    engines: set[str] = field(default_factory=set)

    def answers(
        self, survey: Survey, *conditions: ColumnElement[bool], limit: int | None
    ) -> Iterator[Answer]:
        """Answers as they come back, their previews already in the survey's folder.

        What waits is asked for in rounds, so that memory stays flat however many media there are.
        A media that cannot be looked at does not count against the limit.

        Raises:
            ClusterError: Ray is not installed, cannot be reached, or does not go on.
        """
        answered = 0
        waiting = waiting_media(survey, conditions)
        with _connected(self.address, self.workers) as workers:
            self.used = workers
            root = self.originals or str(survey.folder)
            order = Order(current_language(), self.access, self.decode, root.rstrip("/"))
            while limit is None or answered < limit:
                most = ROUND_MEDIA * workers
                asked = list(islice(waiting, min(most, limit - answered) if limit else most))
                if not asked:
                    return
                rows = [self._row(survey, media) for media in asked]
                for answer in self._looked_at(rows, workers, order):
                    leave_preview(survey, answer)
                    answered += answer.is_looked_at
                    yield answer

    def told(self) -> str:
        """Name Ray, how many workers, and the engines they chose."""
        import ray

        engines = "; ".join(sorted(self.engines))
        return f"; ray {ray.__version__}, {self.used} workers: {engines}"

    def _row(self, survey: Survey, media: WaitingMedia) -> tuple[object, ...]:
        address = str(media.path)
        if self.originals and media.path.is_relative_to(survey.folder):
            below = media.path.relative_to(survey.folder).as_posix()
            address = f"{self.originals.rstrip('/')}/{below}"
        wants_preview = not media.preview.exists()
        return media.media_id, media.sha256, address, media.media_type, wants_preview

    def _looked_at(
        self, rows: Sequence[tuple[object, ...]], workers: int, order: Order
    ) -> Iterator[Answer]:
        import pyarrow
        import ray
        from ray.data import ActorPoolStrategy, DataContext, from_arrow
        from ray.data.exceptions import ExecutionTimeoutError

        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        size = max(1, min(BATCH_MEDIA, len(rows) // (workers * BATCHES_A_WORKER)))
        tables = [
            pyarrow.table(dict(zip(COLUMNS, map(list, zip(*batch, strict=True)), strict=True)))
            for batch in (rows[start : start + size] for start in range(0, len(rows), size))
        ]
        packed = [ray.put(one) for one in (self.packed, self.then) if one is not None]
        looked_at = from_arrow(tables).map_batches(
            Worker,
            batch_size=None,
            batch_format="numpy",
            compute=ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
            fn_constructor_args=(order, packed),
            num_cpus=1,
        )
        try:
            batches = looked_at.iter_batches(
                batch_size=None, batch_format="pyarrow", prefetch_batches=0
            )
            for batch in batches:
                columns = (batch.column("answer").to_pylist(), batch.column("preview").to_pylist())
                for text, preview in zip(*columns, strict=True):
                    yield self._read(text, preview)
        except (ray.exceptions.RayError, ExecutionTimeoutError) as error:
            raise ClusterError(_stopped(error)) from error

    def _read(self, text: str, preview: bytes) -> Answer:
        told = json.loads(text)
        if stop := told.get("stop"):
            raise ClusterError(stop)
        self.engines.add(told["engine"])
        return read_back(text, preview)


@contextmanager
def _connected(address: str | None, workers: int | None) -> Iterator[int]:
    """Start Ray here, or join the cluster at an address; say how many workers there may be."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ClusterError(_not_installed(missing))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is reported to anybody
    os.environ.setdefault("RAY_DATA_LOG_LEVEL", "ERROR")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # it tells of every worker it replaces
    if address is None:
        os.environ["RAY_AUTH_MODE"] = "token"  # its ports are open to the network: only for us
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    elif address != "auto":
        _check_reached(address)
    import ray

    # Ray's sockets lie in this folder, and their paths must be short
    short = "/tmp" if os.name == "posix" else None
    with tempfile.TemporaryDirectory(
        prefix=f"namcha-ray-{os.getpid()}-", dir=short, ignore_cleanup_errors=True
    ) as folder:
        here = {
            "num_cpus": workers or os.cpu_count() or 1,
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
            "_temp_dir": folder,
        }
        try:
            ray.init(
                address=address or "local",
                log_to_driver=False,
                logging_level="ERROR",
                **(here if address is None else {}),
            )
        except (ConnectionError, RuntimeError, ValueError, SystemExit) as error:
            raise ClusterError(_not_reached(address or "local", str(error))) from error
        with redirect_stdout(sys.stderr):  # Ray tells there of workers that died
            try:
                yield workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            finally:
                ray.shutdown()


def _check_reached(address: str) -> None:
    """Knock before Ray does: it would try for minutes, and then end this process."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host or address, int(port) if host else DEFAULT_PORT), CONNECT_S)
    except (OSError, ValueError) as error:
        raise ClusterError(_not_reached(address, str(error))) from error


def leave_preview(survey: Survey, answer: Answer) -> None:
    """Write the preview that came with an answer, and let go of its bytes."""
    path = survey.folder / "previews" / f"{answer.media_id}.jpg"
    if answer.preview and not path.exists():
        with suppress(OSError):  # the review page makes a missing preview itself
            write_preview(answer.preview, path)
    answer.preview = b""


def _not_installed(missing: Sequence[str]) -> str:
    names = ", ".join(missing)
    return tr(
        f"Detecting on a cluster needs {names}, not installed here. Run "
        "'pip install \"namcha[cluster]\"', or leave out --engine ray: this computer alone "
        "does the same work.",
        f'集群检测需要 {names}，本机尚未安装。请运行 pip install "namcha[cluster]"，'
        "或去掉 --engine ray，由本机独自完成同样的工作。",
    )


def _not_reached(address: str, why: str) -> str:
    return tr(
        f"No Ray at {address} ({why}). Expected HOST:PORT of a cluster that this computer has "
        f"joined with 'ray start --address=HOST:{DEFAULT_PORT}', of the same Python, Ray and "
        "RAY_AUTH_TOKEN. Check it with 'ray status', or leave out --address to work on this "
        "computer.",
        f"无法连接 {address} 处的 Ray（{why}）。应为集群的“主机:端口”，本机须已用 "
        f"ray start --address=主机:{DEFAULT_PORT} 加入该集群，"
        "且 Python、Ray 版本与 RAY_AUTH_TOKEN 均相同。"
        "请用 ray status 检查，或去掉 --address 在本机运行。",
    )


def _stopped(error: Exception) -> str:
    why = str(error).strip().splitlines()
    return tr(
        f"The cluster stopped: {why[-1] if why else type(error).__name__}. What came back is "
        "stored. See that every computer of the cluster has the same Namcha and reaches the "
        "originals, then run the same command again; it goes on where it stopped.",
        f"集群已停止：{why[-1] if why else type(error).__name__}。已返回的结果均已保存。"
        "请确认集群每台机器的 Namcha 版本相同且能访问原始文件，"
        "再重新运行同一命令，将从中断处继续。",
    )
