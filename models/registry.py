"""The list of weights that can be pulled: name, address, checksum, licence, classes, input size."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from models.engines import WeightsError
from models.shelf import models_folder

SHIPPED_REGISTRY = Path(__file__).parent / "registry.toml"
OWN_REGISTRY = "registry.toml"  # in the folder of pulled weights: an office's own mirror, say
NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SUMS = {"sha256": 64, "md5": 32, "sha256_seen": 64}
TASKS = ("detector", "classifier")


@dataclass(frozen=True)
class Entry:
    """One model that its publisher offers, as far as its pages say."""

    name: str
    title: str
    version: str
    task: str
    source: str
    file: str
    licence: str
    classes: tuple[str, ...]
    image_size: int
    page: str
    read_on: date
    sha256: str = ""  # empty: the publisher gives none
    md5: str = ""
    sha256_seen: str = ""  # of somebody else's download, see `sha256_seen_by`
    sha256_seen_by: str = ""
    threshold: float | None = None
    class_count: int | None = None  # where the classes are too many to list
    is_archive: bool = False
    runs_here: bool = True
    note: str = ""

    @property
    def publisher_sum(self) -> tuple[str, str] | None:
        """The strongest checksum that the publisher gives: which kind, and the sum."""
        for algorithm, told in (("sha256", self.sha256), ("md5", self.md5)):
            if told:
                return algorithm, told
        return None


def read_registry() -> dict[str, Entry]:
    """Every model that can be pulled, by name; a person's own list goes before the shipped one.

    Raises:
        WeightsError: an entry says something that cannot be; names the file and the entry.
    """
    own = models_folder() / OWN_REGISTRY
    entries = read_entries(SHIPPED_REGISTRY)
    return entries | (read_entries(own) if own.is_file() else {})


def read_entries(path: Path) -> dict[str, Entry]:
    """Read one file of entries.

    Raises:
        WeightsError: an entry says something that cannot be; names the file and the entry.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise _wrong(path, "", str(problem)) from problem
    return {name: _entry(path, name, values) for name, values in told.items()}


def _entry(path: Path, name: str, values: Any) -> Entry:
    if not isinstance(values, Mapping):
        raise _wrong(path, name, "expected a table of facts")
    known = {f.name: f for f in fields(Entry)}
    needed = {n for n, f in known.items() if f.default is MISSING} - {"name"}
    if strange := sorted(set(values) - set(known)):
        raise _wrong(path, name, f"unknown {', '.join(strange)}")
    if missing := sorted(needed - set(values)):
        raise _wrong(path, name, f"{', '.join(missing)} is missing")
    entry = Entry(**{**values, "name": name, "classes": tuple(values["classes"])})
    for is_wrong, what in _doubts(entry):
        if is_wrong:
            raise _wrong(path, name, what)
    return entry


def _doubts(entry: Entry) -> list[tuple[bool, str]]:
    sums = {kind: (str(getattr(entry, kind)), length) for kind, length in SUMS.items()}
    return [
        (not NAME.fullmatch(entry.name), "a name has small letters, digits, dots and hyphens"),
        (not FILE_NAME.fullmatch(entry.file), f"{entry.file} is not a plain file name"),
        (not entry.source.startswith(("https://", "http://")), "source is not a web address"),
        (entry.task not in TASKS, f"task is {entry.task}, expected {' or '.join(TASKS)}"),
        (entry.image_size < 1, "image_size is not a number of pixels"),
        (not entry.classes and not entry.class_count, "it names no classes"),
        (not entry.licence, "it has no licence"),
        *(
            (bool(told) and not re.fullmatch(rf"[0-9a-f]{{{length}}}", told), f"{kind} is no sum")
            for kind, (told, length) in sums.items()
        ),
    ]


def _wrong(path: Path, name: str, what: str) -> WeightsError:
    place = f"[{name}] in {path}" if name else str(path)
    return WeightsError(
        f"The list of models cannot be read: {place}: {what}. Mend that entry.",
        f"无法读取模型清单：{place}：{what}。请改正该条目。",
    )
