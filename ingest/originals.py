"""Keep originals: read once, hash those bytes, write under a temporary name, sync, rename.

A file under its final name is whole, whatever happened to the power. It is named after its
SHA-256, so copying it again ends in the same file.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from species_db.language import tr

WHOLE_FILE_BYTES = 64 * 1024 * 1024  # pictures are smaller; a video goes to disk as it is read
PIECE_BYTES = 4 * 1024 * 1024
PART_SUFFIX = ".part"


class StorageError(Exception):
    """The survey folder cannot take the file: disk full, or not writable."""


class SourceError(Exception):
    """The card does not give the file's bytes."""


@dataclass(frozen=True)
class SourceFile:
    """One file of a card, read once: its hash, size, first bytes or all, and its written part."""

    sha256: str
    size: int
    head: bytes
    part: Path | None = None  # a large file's bytes, already written and synced

    def discard(self) -> None:
        """Throw away what was written of a large file that is not kept."""
        if self.part is not None:
            self.part.unlink(missing_ok=True)


def read_source(path: Path, *, folder: Path) -> SourceFile:
    """Read a file of the card once; a small one stays in memory, a large one goes to `folder`.

    Raises:
        SourceError: the card does not give the bytes.
        StorageError: the folder cannot take a large file.
    """
    told, head, size = hashlib.sha256(), bytearray(), 0
    pieces = _pieces(path)
    for piece in pieces:
        told.update(piece)
        head += piece
        size += len(piece)
        if size > WHOLE_FILE_BYTES:
            break
    else:
        return SourceFile(told.hexdigest(), size, bytes(head))
    part = _part(folder / path.name[:40])
    try:
        with _durable(part) as sink:
            sink.write(head)
            for piece in pieces:
                told.update(piece)
                size += len(piece)
                sink.write(piece)
    except SourceError:
        part.unlink(missing_ok=True)
        raise
    return SourceFile(told.hexdigest(), size, bytes(head[:PIECE_BYTES]), part)


def store_original(source: SourceFile, target: Path) -> None:
    """Put a file's bytes durably at `target`; those very bytes already there are left alone.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    if holds(target, size=source.size, sha256=source.sha256):
        source.discard()
        return
    part = source.part or _part(target)
    if source.part is None:
        with _durable(part) as sink:
            sink.write(source.head)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(part, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _storage_error(target, error) from error


def holds(path: Path, *, size: int, sha256: str) -> bool:
    """Tell whether a kept file is there with exactly these bytes, by reading it."""
    try:
        if path.stat().st_size != size:
            return False
        with path.open("rb") as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest() == sha256
    except OSError:
        return False


def write_whole(path: Path, text: str) -> None:
    """Write a small text file durably, whole or not at all.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    part = _part(path)
    with _durable(part) as sink:
        sink.write(text.encode())
    try:
        os.replace(part, path)
    except OSError as error:
        raise _storage_error(path, error) from error


def keep_one(kept: Path, spare: Path, *, size: int, sha256: str) -> None:
    """Of two copies keep one under the first name, and never a damaged one in favour of a good.

    Raises:
        StorageError: the survey folder does not allow it.
    """
    try:
        if holds(kept, size=size, sha256=sha256):
            spare.unlink(missing_ok=True)
        else:
            kept.parent.mkdir(parents=True, exist_ok=True)
            os.replace(spare, kept)
    except OSError as error:
        raise _storage_error(kept, error) from error


def sweep_parts(folder: Path) -> None:
    """Remove what killed imports left half-written; whole files never carry the part suffix."""
    for part in folder.glob(f"*{PART_SUFFIX}"):
        pid = part.name.split(".")[-2]
        if not pid.isdigit() or not _is_running(int(pid)):
            part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.{os.getpid()}{PART_SUFFIX}")


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as source:
            while piece := source.read(PIECE_BYTES):
                yield piece
    except OSError as error:
        raise SourceError(error.strerror or type(error).__name__) from error


@contextmanager
def _durable(part: Path) -> Iterator[BinaryIO]:
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _storage_error(part, error) from error


def _storage_error(path: Path, error: OSError) -> StorageError:
    return StorageError(
        tr(
            f"The survey folder cannot take {path.name}: {error.strerror}. Free space or mend "
            "permissions, then run the same import again; it goes on where it stopped.",
            f"调查文件夹无法写入 {path.name}:{error.strerror}。请腾出空间或检查权限后,"
            "重新运行同一导入命令,将从中断处继续。",
        )
    )


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle for a folder; NTFS journals the rename itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
