"""Lists too long for an entry of the log, kept in the survey under their own SHA-256."""

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

from species_db.durable import write_durably
from species_db.language import tr

Used = frozenset[tuple[str, str]]
"""Table and key of each record that an export told."""


class ListKind(StrEnum):
    """What a list is of: its folder in the survey, and the ending of its name."""

    USED = "exports/{}.ids.gz"  # one `table key` a line
    SEALED = "log/{}.seals.gz"  # one JSON array a line, see species_db/sealed_list.py


class KeptListError(OSError):
    """A list that the log is to name cannot be kept."""


def keep_list(folder: Path, kind: ListKind, lines: Iterable[str], *, is_waiting: bool) -> str:
    """Keep a list durably in a survey's folder; give its SHA-256, which goes into the log.

    The same lines give the same bytes. One that waits for its log entry is put under its name by
    `settle_list` once that is committed; until then nobody misses the entry.

    Raises:
        KeptListError: the survey folder cannot take it.
    """
    return keep_packed(folder, kind, packed(lines), is_waiting=is_waiting)


def packed(lines: Iterable[str]) -> bytes:
    """The bytes of a list as it is kept."""
    whole = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=whole, mode="wb", mtime=0) as sink:
        for line in lines:
            sink.write(f"{line}\n".encode())
    return whole.getvalue()


def keep_packed(folder: Path, kind: ListKind, content: bytes, *, is_waiting: bool) -> str:
    """Keep a list that is packed already, see `keep_list`."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(folder, kind, sha256)
    try:
        if not path.is_file() or path.read_bytes() != content:
            write_durably(_waiting(path) if is_waiting else path, content)
    except OSError as error:
        raise KeptListError(
            tr(
                f"{path.parent} cannot be written: {error.strerror}. Free space or mend "
                "permissions, then run the same again; nothing was lost.",
                f"无法写入 {path.parent}:{error.strerror}。请腾出空间或检查权限后重新运行,"
                "数据没有丢失。",
            )
        ) from error
    return sha256


def settle_list(folder: Path, kind: ListKind, sha256: str) -> None:
    """Put a list under its name, now that the log names it."""
    path = _path(folder, kind, sha256)
    if _waiting(path).is_file():
        _waiting(path).replace(path)


def list_path(folder: Path, kind: ListKind, sha256: str) -> Path:
    """Where the list that the log names is kept."""
    path = _path(folder, kind, sha256)
    return path if path.is_file() or not _waiting(path).is_file() else _waiting(path)


def settled_lists(folder: Path, kind: ListKind) -> set[str]:
    """The lists whose log entry was committed when they were put there."""
    pattern = _path(folder, kind, "*")
    return {path.name.partition(".")[0] for path in pattern.parent.glob(pattern.name)}


def read_list(path: Path) -> Iterator[str]:
    """Give the lines of a kept list, one at a time.

    Raises:
        OSError, EOFError: the list is gone or damaged.
    """
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\n")


def keep_used(folder: Path, used: Used) -> str:
    """Keep which records an export tells, until the log does.

    Raises:
        KeptListError: the survey folder cannot take it.
    """
    lines = (f"{table} {key}" for table, key in sorted(used))
    return keep_list(folder, ListKind.USED, lines, is_waiting=True)


def read_used(path: Path) -> Iterator[tuple[str, str]]:
    """Give table and key of each record of a kept list.

    Raises:
        OSError, EOFError: the list is gone or damaged.
    """
    for line in read_list(path):
        table, _, key = line.partition(" ")
        yield table, key


def _path(folder: Path, kind: ListKind, sha256: str) -> Path:
    return folder.joinpath(*kind.format(sha256).split("/"))


def _waiting(path: Path) -> Path:
    return path.with_name(f"{path.name}.waits")
