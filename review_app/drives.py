"""Where cards may lie on this computer: the removable drives, and folders to walk through."""

import os
import string
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_FOLDERS = 300  # shown of one folder; nobody scrolls further
LINUX_ROOTS = (Path("/media"), Path("/run/media"), Path("/mnt"))
WINDOWS_REMOVABLE = 2  # what GetDriveTypeW calls cards and sticks


@dataclass(frozen=True)
class Drive:
    """One card, stick or disk that is plugged in."""

    path: Path
    name: str


def removable_drives() -> list[Drive]:
    """List the cards and sticks that are plugged in; none when the system does not say."""
    if sys.platform == "win32":
        return list(_windows())
    if sys.platform == "darwin":
        return [Drive(path, path.name) for path in _folders(Path("/Volumes")) if _is_apart(path)]
    return list(linux_drives(LINUX_ROOTS))


def linux_drives(roots: tuple[Path, ...]) -> Iterator[Drive]:
    """List what is mounted under the folders where desktops mount cards.

    They lie one folder deeper for each person (/media/tashi/SD01), or not (/mnt/card).
    """
    for root in roots:
        for path in _folders(root):
            if _is_apart(path):
                yield Drive(path, path.name)
            else:
                yield from (Drive(p, p.name) for p in _folders(path) if _is_apart(p))


def folders_in(folder: Path) -> list[Path]:
    """List the folders in a folder by name, hidden ones left out; none when it cannot be read."""
    return [path for path in _folders(folder) if not path.name.startswith((".", "$"))][
        :MOST_FOLDERS
    ]


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _is_apart(path: Path) -> bool:
    """Tell whether another file system begins here."""
    try:
        return os.path.ismount(path)
    except OSError:
        return False


def _windows() -> Iterator[Drive]:
    """List drive letters, removable ones alone when Windows tells which they are."""
    there = [Path(f"{letter}:\\") for letter in string.ascii_uppercase if letter not in "ABC"]
    for path in there:
        try:
            if path.exists() and _is_removable(path):
                yield Drive(path, path.drive)
        except OSError:  # a reader without a card
            continue


def _is_removable(path: Path) -> bool:
    if sys.platform != "win32":
        return True
    try:
        import ctypes

        return ctypes.windll.kernel32.GetDriveTypeW(str(path)) == WINDOWS_REMOVABLE
    except (ImportError, AttributeError):
        return True
