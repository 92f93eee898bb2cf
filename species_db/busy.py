"""Which imports are running now: each holds a lock that the system opens when its process dies."""

from pathlib import Path

from filelock import FileLock, Timeout


def busy_lock(folder: Path, import_id: str) -> FileLock:
    """The lock of one import of a card, or of a folder of field photos, in a survey's folder."""
    # Not a singleton: two imports in one process must shut each other out as well.
    return FileLock(folder / "jobs" / f"{import_id}.lock", is_singleton=False)


def is_busy(folder: Path, import_id: str) -> bool:
    """Tell whether an import is running, here or by somebody else who shares the survey."""
    lock = busy_lock(folder, import_id)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # a folder that cannot be written has nobody importing into it
