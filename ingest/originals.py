"""Keep originals: read once, hash those bytes, write under a temporary name, sync, rename.

A file under its final name is whole, whatever happened to the power. It is named after its
SHA-256, so copying it again ends in the same file.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from species_db.durable import sync_folder
from species_db.language import tr

WHOLE_FILE_BYTES = 8 * 1024 * 1024  # photos are smaller; a larger file goes to disk as it is read
PIECE_BYTES = 4 * 1024 * 1024
PART_SUFFIX = ".part"
# What became a link since it was listed is not followed; what became a pipe is not waited for.
OPENING = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
    OPENING |= getattr(os, _flag, 0)


class StorageError(Exception):
    """The survey folder cannot take the file: disk full, or not writable."""


class SourceError(Exception):
    """The card does not give the file's bytes."""


class CardReader:
    """Reads a card at one place at a time, as readers and old disks like it, and counts the bytes.

    Hashing, writing and syncing of what was read go on beside the next reading.
    """

    def __init__(self) -> None:
        self._turn = Lock()
        self.bytes_read = 0

    def read(self, path: Path, *, part: Path | None) -> "SourceFile":
        """Read a file of the card once; a small one stays in memory, a large one goes to `part`.

        Without a part a large file is hashed and not kept, as an archive that stays in place asks.

        Raises:
            SourceError: the card does not give the bytes.
            StorageError: the folder cannot take a large file.
        """
        told, size = hashlib.sha256(), 0
        first: list[bytes] = []
        pieces = self.pieces(path)
        for piece in pieces:
            told.update(piece)
            first.append(piece)
            size += len(piece)
            if size > WHOLE_FILE_BYTES:
                break
        else:
            return SourceFile(told.hexdigest(), size, b"".join(first))
        rest = _hashed(pieces, told)
        size = size + sum(map(len, rest)) if part is None else _write(part, chain(first, rest))
        return SourceFile(told.hexdigest(), size, first[0], part)

    def pieces(self, path: Path) -> Iterator[bytes]:
        """Give a file's bytes in pieces.

        Raises:
            SourceError: the card does not give the bytes.
        """
        try:
            handle = os.open(path, OPENING)
            with os.fdopen(handle, "rb", buffering=0) as source:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise SourceError(tr("no longer a file", "已不是文件"))
                while piece := self._next(source):
                    yield piece
        except OSError as error:
            raise SourceError(error.strerror or type(error).__name__) from error

    def _next(self, source: BinaryIO) -> bytes:
        with self._turn:
            piece = source.read(PIECE_BYTES)
            self.bytes_read += len(piece)
        return piece


@dataclass(frozen=True)
class SourceFile:
    """One file of a card, read once: its hash, size, first bytes or all, and its written part."""

    sha256: str
    size: int
    head: bytes
    part: Path | None = None  # a large file's bytes, already written and synced

    @property
    def is_whole(self) -> bool:
        """Tell whether `head` is the whole file."""
        return len(self.head) == self.size

    def discard(self) -> None:
        """Throw away what was written of a large file that is not kept."""
        if self.part is not None:
            self.part.unlink(missing_ok=True)


def read_source(path: Path, *, folder: Path) -> SourceFile:
    """Read one file by itself, once; a large one goes to `folder` as it is read.

    Raises:
        SourceError: the file's bytes cannot be had.
        StorageError: the folder cannot take a large file.
    """
    return CardReader().read(path, part=folder / part_name(0, str(os.getpid())))


def store_original(source: SourceFile, target: Path) -> None:
    """Put one file's bytes durably at `target`; those very bytes already there are left alone.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    if holds(target, size=source.size, sha256=source.sha256):
        source.discard()
        return
    part = write_part(source, target.with_name(part_name(0, str(os.getpid()))))
    settle(part, target, size=source.size, sha256=source.sha256)
    sync_folders([target.parent])


def write_part(source: SourceFile, part: Path) -> Path:
    """Put a file's bytes durably under a temporary name; a large one has its own already.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    if source.part is not None:
        return source.part
    _write(part, [source.head])
    return part


def settle(part: Path, target: Path, *, size: int, sha256: str) -> None:
    """Give durable bytes their final name; the very bytes already there are left alone.

    The caller syncs the folder (`sync_folder`) before anything says that the file is kept.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    try:
        if holds(target, size=size, sha256=sha256):
            part.unlink()
        else:
            make_folder(target.parent)
            os.replace(part, target)
    except OSError as error:
        raise storage_error(target.name, error) from error


def holds(path: Path, *, size: int, sha256: str) -> bool:
    """Tell whether a kept file is there with exactly these bytes, by reading it."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest() == sha256
    except OSError:
        return False


def keep_one(kept: Path, spare: Path, *, size: int, sha256: str) -> None:
    """Of two copies keep one under the first name, and never a damaged one in favour of a good.

    Raises:
        StorageError: the survey folder does not allow it.
    """
    if spare.exists():
        settle(spare, kept, size=size, sha256=sha256)
        sync_folders([kept.parent])


def part_name(number: int, owner: str) -> str:
    """Name a temporary file of one import, so that its own sweep finds it and no other's does."""
    return f"{number}.{owner}{PART_SUFFIX}"


def sweep_parts(folder: Path, owner: str = "") -> None:
    """Remove what killed imports left half-written; whole files never carry the part suffix.

    Parts of a named owner go, since whoever sweeps holds its lock; else those of dead processes.
    """
    for part in folder.glob(f"*.{owner or '*'}{PART_SUFFIX}"):
        pid = part.name.split(".")[-2]
        if owner or (pid.isdigit() and not _is_running(int(pid))):
            part.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder whose name outlives a pulled plug."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)


def sync_folders(folders: Iterable[Path]) -> None:
    """Make the new names in some folders durable.

    Raises:
        StorageError: the disk does not do it.
    """
    for folder in folders:
        try:
            sync_folder(folder)
        except OSError as error:
            raise storage_error(folder.name, error) from error


def storage_error(what: str, error: OSError) -> StorageError:
    """Say that the survey folder cannot take something, and what to do."""
    return StorageError(
        tr(
            f"The survey folder cannot take {what}: {error.strerror}. Free space or mend "
            "permissions, then run the same import again; it goes on where it stopped.",
            f"调查文件夹无法写入 {what}:{error.strerror}。请腾出空间或检查权限后,"
            "重新运行同一导入命令,将从中断处继续。",
        )
    )


def _hashed(pieces: Iterable[bytes], told: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        told.update(piece)
        yield piece


def _write(part: Path, pieces: Iterable[bytes]) -> int:
    """Write pieces durably; tell how many bytes. An unfinished part is removed."""
    size = 0
    try:
        with _durable(part) as sink:
            for piece in pieces:
                sink.write(piece)
                size += len(piece)
    except SourceError:
        part.unlink(missing_ok=True)
        raise
    return size


@contextmanager
def _durable(part: Path) -> Iterator[BinaryIO]:
    try:
        make_folder(part.parent)
        with part.open("wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as error:
        part.unlink(missing_ok=True)
        raise storage_error(part.name, error) from error


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return False  # this import has begun just now: what carries its number is an older one's
    if os.name == "nt":  # os.kill would end that process; the part waits for a later sweep
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
