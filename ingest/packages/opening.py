"""Open a package: a folder, a zip file or one table, within limits that no package may pass.

A zip file is somebody else's: its names may lead out of it, and a few kilobytes may unfold to
terabytes. Nothing is unpacked to the disk; only the tables are read, and only so many bytes.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from ingest.packages.facts import PackageError, refusal
from species_db.language import tr

TABLE_SUFFIXES = frozenset({".csv", ".json", ".txt", ".tsv"})


@dataclass(frozen=True)
class Limits:
    """How much of a package is taken; beyond is no package but an attack or a mistake."""

    files: int = 200_000  # a season of photos may lie beside the tables
    tables: int = 200
    table_bytes: int = 1_000_000_000  # about five million rows
    all_bytes: int = 2_000_000_000
    ratio: float = 200.0  # tables of repeated words pack 5 to 30 times


DEFAULT = Limits()


@dataclass(frozen=True)
class Opened:
    """The tables of a package by their paths inside it, and the names of all its files."""

    path: Path
    tables: Mapping[str, bytes]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The package's name on the disk."""
        return self.path.name

    @cached_property
    def sha256(self) -> str:
        """A fingerprint over names and bytes of the tables, alike for a folder and its zip."""
        told = hashlib.sha256()
        for name in sorted(self.tables):
            told.update(f"{name}\0{hashlib.sha256(self.tables[name]).hexdigest()}\n".encode())
        return told.hexdigest()

    @property
    def bytes(self) -> int:
        """The size of all tables."""
        return sum(map(len, self.tables.values()))

    def find(self, name: str) -> str | None:
        """The path of the one table of a name, wherever below it lies; capitals do not matter."""
        wanted = name.casefold()
        found = [one for one in self.tables if PurePosixPath(one).name.casefold() == wanted]
        return min(found, key=lambda one: (one.count("/"), one)) if found else None


def open_package(path: Path, *, limits: Limits = DEFAULT) -> Opened:
    """Read the tables of a folder, a zip file, or a single table.

    Raises:
        PackageError: it cannot be read, leads out of itself, or is larger than any package.
    """
    try:
        if path.is_dir():
            return _folder(path, limits)
        if zipfile.is_zipfile(path):
            return _zip(path, limits)
        if path.suffix.lower() == ".zip":
            raise refusal(str(path), "this is no whole zip file.", "这不是完整的 zip 文件。")
        if path.name == "datapackage.json":
            return _folder(path.parent, limits)
        _check_size(path.name, path.stat().st_size, limits)
        return Opened(path, {path.name: path.read_bytes()}, (path.name,))
    except OSError as error:
        raise PackageError(
            tr(
                f"{path} cannot be read: {error.strerror}. Name the folder, the zip file or the "
                "table of the package.",
                f"无法读取 {path}：{error.strerror}。请指定数据包的文件夹、zip 文件或表格。",
            )
        ) from error


def check_inside(name: str, where: str) -> None:
    """Refuse a path that leads out of its package, or starts at the root of some computer.

    >>> check_inside("media/IMG_0001.JPG", "media.csv, line 2")
    >>> check_inside("../../etc/passwd", "media.csv, line 2")
    Traceback (most recent call last):
    ingest.packages.facts.PackageError: media.csv, line 2: '../../etc/passwd' leads out of the \
package; a path goes down from its root. Nothing was imported.
    """
    plain = name.replace("\\", "/")
    has_drive = len(plain) > 1 and plain[1] == ":" and plain[0].isalpha()
    if plain.startswith(("/", "~")) or has_drive or ".." in plain.split("/") or "\0" in plain:
        raise refusal(
            where,
            f"'{name[:80]}' leads out of the package; a path goes down from its root.",
            f"“{name[:80]}”指向数据包之外；路径须从包的根目录向下。",
        )


def _folder(path: Path, limits: Limits) -> Opened:
    names: list[str] = []
    tables: dict[str, bytes] = {}
    total = 0
    for one in sorted(_files_below(path)):
        name = one.relative_to(path).as_posix()
        names.append(name)
        if len(names) > limits.files:
            raise _too_many(path, limits)
        if _is_table(name):
            size = one.stat().st_size
            _check_size(name, size, limits)
            total += size
            _check_total(path, len(tables) + 1, total, limits)
            tables[name] = one.read_bytes()
    return Opened(path, tables, tuple(names))


def _files_below(path: Path) -> Iterator[Path]:
    """Every file below; links are not followed, or a folder could hold all of a disk."""
    for one in path.iterdir():
        if one.is_symlink():
            continue
        if one.is_dir():
            yield from _files_below(one)
        elif one.is_file():
            yield one


def _zip(path: Path, limits: Limits) -> Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            if len(members) > limits.files:
                raise _too_many(path, limits)
            for one in members:
                check_inside(one.filename, path.name)
            wanted = [one for one in members if _is_table(one.filename)]
            twice = {one.filename for one in wanted}
            if len(twice) != len(wanted):
                raise refusal(path.name, "a file stands in it twice.", "其中有重名文件。")
            _check_total(path, len(wanted), sum(one.file_size for one in wanted), limits)
            tables = {one.filename: _member(archive, one, path, limits) for one in wanted}
            return Opened(path, _without_top(tables), _names_without_top(members))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refusal(
            str(path),
            f"the zip file is damaged or locked ({error}). Pack it again, without a password.",
            f"zip 文件损坏或已加密（{error}）。请重新打包，不设密码。",
        ) from error


def _member(archive: zipfile.ZipFile, one: zipfile.ZipInfo, path: Path, limits: Limits) -> bytes:
    """Read one table; what the zip says of its size is not believed."""
    _check_size(one.filename, one.file_size, limits)
    is_bomb = one.file_size > limits.ratio * max(one.compress_size, 1) and one.file_size > 1_000_000
    if not is_bomb:
        with archive.open(one) as stream:
            content = stream.read(one.file_size + 1)
        is_bomb = len(content) > one.file_size
    if is_bomb:
        raise refusal(
            f"{path.name}, {one.filename}",
            f"it unfolds more than {limits.ratio:.0f} times, as no table does.",
            f"解压后超过原大小的 {limits.ratio:.0f} 倍，不是正常的表格。",
        )
    return content


def _without_top(tables: Mapping[str, bytes]) -> dict[str, bytes]:
    """A zip of a folder holds that folder: its name is no part of the package."""
    tops = {name.partition("/")[0] for name in tables}
    if len(tops) == 1 and all("/" in name for name in tables):
        return {name.partition("/")[2]: content for name, content in tables.items()}
    return dict(tables)


def _names_without_top(members: list[zipfile.ZipInfo]) -> tuple[str, ...]:
    names = [one.filename for one in members]
    tops = {name.partition("/")[0] for name in names}
    if len(tops) == 1 and all("/" in name for name in names):
        return tuple(name.partition("/")[2] for name in names)
    return tuple(names)


def _is_table(name: str) -> bool:
    plain = PurePosixPath(name)
    is_hidden = plain.name.startswith(".") or "__MACOSX" in plain.parts
    return plain.suffix.lower() in TABLE_SUFFIXES and not is_hidden


def _check_size(name: str, size: int, limits: Limits) -> None:
    if size > limits.table_bytes:
        raise refusal(
            name,
            f"it has {size / 1e9:.1f} GB; tables of up to {limits.table_bytes / 1e9:.0f} GB are "
            "read. Export the dataset in parts.",
            f"文件为 {size / 1e9:.1f} GB；最大可读取 {limits.table_bytes / 1e9:.0f} GB。"
            "请分批导出。",
        )


def _check_total(path: Path, count: int, total: int, limits: Limits) -> None:
    if count > limits.tables or total > limits.all_bytes:
        raise refusal(
            path.name,
            f"{count} tables with {total / 1e9:.1f} GB; up to {limits.tables} and "
            f"{limits.all_bytes / 1e9:.0f} GB are read. Name the package's own folder.",
            f"共 {count} 个表格、{total / 1e9:.1f} GB；最多读取 {limits.tables} 个、"
            f"{limits.all_bytes / 1e9:.0f} GB。请指定数据包自己的文件夹。",
        )


def _too_many(path: Path, limits: Limits) -> PackageError:
    return refusal(
        path.name,
        f"more than {limits.files} files. Name the package's own folder.",
        f"文件超过 {limits.files} 个。请指定数据包自己的文件夹。",
    )
