"""List what is on a card, without following links and without touching anything."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.file_problem import FileProblem, ProblemCode
from species_db.language import tr

# Left by computers, not by cameras: macOS and Windows write these on every card they open.
LITTER_NAMES = {"thumbs.db", "desktop.ini", ".ds_store", "autorun.inf", "ehthumbs.db"}
APPLE_DOUBLE = b"\x00\x05\x16\x07"
LITTER_FOLDERS = {
    "system volume information",
    "$recycle.bin",
    ".trashes",
    ".spotlight-v100",
    ".fseventsd",
    ".temporaryitems",
}


class CardError(Exception):
    """The card cannot be listed, or nothing on it looks like media."""


class CardGoneError(CardError):
    """The card went away while it was being read."""


@dataclass(frozen=True, slots=True)
class CardEntry:
    """One file on a card. `card_path` is printable, with forward slashes, relative to the card."""

    path: Path
    card_path: str
    bytes: int
    modified_ns: int
    is_litter: bool = False
    problem: FileProblem | None = None  # set when the entry cannot be read as a file at all


@dataclass(frozen=True)
class CardListing:
    """Everything on a card, in the camera's order."""

    root: Path
    entries: tuple[CardEntry, ...]

    @property
    def fingerprint(self) -> str:
        """Name of this card by the paths and sizes of its files.

        Times stay out, because FAT times shift with the computer's zone; so does litter, because
        computers add it while an import is interrupted.
        """
        told = hashlib.sha256()
        for entry in self.entries:
            if not entry.is_litter:
                told.update(f"{entry.card_path}\0{entry.bytes}\n".encode())
        return told.hexdigest()

    @property
    def total_bytes(self) -> int:
        """Bytes that an import will read."""
        return sum(entry.bytes for entry in self.entries if not entry.is_litter)


def list_card(root: Path) -> CardListing:
    """List a card's files, in order of folder and name, as the camera numbered them.

    Raises:
        CardError: there is no such folder, or it holds no file a camera could have written.
    """
    _require_folder(root)
    entries = tuple(sorted(_walk(root), key=lambda entry: entry.card_path))
    if all(entry.is_litter for entry in entries):
        raise _no_media(root, len(entries))
    return CardListing(root, entries)


def require_card(root: Path) -> None:
    """Make sure that a folder may be a card, without listing all of it.

    Raises:
        CardError: there is no such folder, or it holds no file a camera could have written.
    """
    _require_folder(root)
    if all(entry.is_litter for entry in _walk(root)):
        raise _no_media(root, 0)


def require_present(root: Path) -> None:
    """Make sure that a card is still there, when one of its files could not be read.

    A card that was pulled leaves no folder, an empty one, or one that only gives errors.

    Raises:
        CardGoneError: it is not.
    """
    try:
        with os.scandir(root) as found:
            if next(found, None) is not None:
                return
        reason = tr("the folder is empty", "文件夹已空")
    except OSError as error:
        reason = error.strerror or type(error).__name__
    raise CardGoneError(
        tr(
            f"The card at {root} went away while it was read ({reason}). What was read is kept. "
            "Put the card back and run the same import again; it goes on where it stopped.",
            f"读取过程中 {root} 处的存储卡已断开({reason})。已读取的文件均已保存。"
            "请重新插好存储卡,再次运行同一导入命令,将从中断处继续。",
        )
    )


def _require_folder(root: Path) -> None:
    if not root.is_dir():
        raise CardError(
            tr(
                f"No card at {root}: there is no such folder. Check that the card is mounted.",
                f"{root} 处没有存储卡:文件夹不存在。请检查卡是否已插好。",
            )
        )


def _no_media(root: Path, count: int) -> CardError:
    return CardError(
        tr(
            f"No media found on {root}: it holds {count or 'no'} files, none from a camera. "
            "Check that this is the card's own folder (it usually holds DCIM).",
            f"{root} 上没有找到媒体文件:共 {count} 个文件,均非相机所写。"
            "请确认这是存储卡的根目录(通常含 DCIM 文件夹)。",
        )
    )


def is_litter_name(path: Path) -> bool:
    """Tell a folder or file that computers keep on every drive, by its name."""
    name = path.name.lower()
    return name in LITTER_NAMES | LITTER_FOLDERS or name.startswith((".", "$"))


def printable(name: str) -> str:
    r"""Give a file name that text files and databases can hold, whatever bytes the card had.

    Two names never become one: a backslash of the name itself is doubled.

    >>> printable("雪豹 001.JPG"), printable("bad\udcff\n.JPG"), printable("a\\b")
    ('雪豹 001.JPG', 'bad\\udcff\\x0a.JPG', 'a\\\\b')
    """
    doubled = name.replace("\\", "\\\\")
    safe = doubled.encode("utf-8", "backslashreplace").decode("utf-8")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in safe)


def _walk(root: Path) -> Iterator[CardEntry]:
    """Go through all folders of a card, however deep; no link is ever followed."""
    waiting = [(root, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as found:
                children = list(found)
        except OSError as error:
            problem = FileProblem(ProblemCode.UNREADABLE, f"folder: {error.strerror}")
            yield CardEntry(folder, prefix or "/", 0, 0, problem=problem)
            continue
        for child in children:
            name = prefix + printable(child.name)
            path = folder / child.name
            if _is_link(child):
                problem = FileProblem(
                    ProblemCode.LINK_NOT_FOLLOWED, tr("A link; not followed.", "链接,未跟随。")
                )
                yield CardEntry(path, name, 0, 0, problem=problem)
            elif not child.is_dir(follow_symlinks=False):
                yield _entry(child, path, name)
            elif child.name.lower() not in LITTER_FOLDERS:
                waiting.append((path, name + "/"))


def _is_link(child: os.DirEntry[str]) -> bool:
    """Tell links and, on Windows, junctions, which look like plain folders there."""
    if child.is_symlink():
        return True
    try:
        tag = getattr(child.stat(follow_symlinks=False), "st_reparse_tag", 0)
    except OSError:
        return False
    return tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)


def _entry(child: os.DirEntry[str], path: Path, name: str) -> CardEntry:
    try:
        facts = child.stat(follow_symlinks=False)
    except OSError as error:
        problem = FileProblem(ProblemCode.UNREADABLE, error.strerror or "")
        return CardEntry(path, name, 0, 0, problem=problem)
    if not stat.S_ISREG(facts.st_mode):
        problem = FileProblem(
            ProblemCode.UNREADABLE, tr("Neither a file nor a folder.", "既非文件也非文件夹。")
        )
        return CardEntry(path, name, 0, 0, problem=problem)
    is_litter = child.name.lower() in LITTER_NAMES or _is_apple_double(path)
    return CardEntry(path, name, facts.st_size, facts.st_mtime_ns, is_litter)


def _is_apple_double(path: Path) -> bool:
    """Tell macOS's shadow file from a photo that happens to be named like one."""
    if not path.name.startswith("._"):
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == APPLE_DOUBLE
    except OSError:
        return False
