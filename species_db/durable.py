"""Small files that must not be half-written: whole and on the disk, or not there."""

import contextlib
import os
from pathlib import Path


def write_durably(path: Path, content: bytes, *, is_secret: bool = False) -> None:
    """Put a file under its name, whole: temporary name, sync, rename, sync of the folder.

    A secret one is readable by its owner alone, where the system knows owners.

    Raises:
        OSError: the folder cannot take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(part, flags, 0o600 if is_secret else 0o666), "wb") as sink:
            sink.write(content)
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlive a pulled plug."""
    if os.name == "nt":  # Windows has no handle for a folder; NTFS journals the rename itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
