"""Reading files of outlines that other offices send: GeoJSON, GeoPackage, Shapefile, zipped.

What the file really holds is checked before the library behind it opens it, because a cut-off
Shapefile opens without a murmur and a Shapefile's names come in whatever encoding its maker used.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from species_db.geo.refusal import AreaFileError
from species_db.language import tr

MOST_BYTES = 200_000_000  # a prefecture's reserves are some megabytes
SHAPEFILE_CODE = (9994).to_bytes(4, "big")
SQLITE_START = b"SQLite format 3\0"
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LATIN = ("8859", "latin", "1252", "ansi")  # written by default over Chinese names
SUFFIXES = (".geojson", ".json", ".gpkg", ".shp", ".zip")


@dataclass(frozen=True)
class RawFeature:
    """One feature as the file has it: its number from 1, its fields, its geometry as WKB."""

    number: int
    fields: dict[str, str]
    wkb: bytes | None


@dataclass(frozen=True)
class RawFile:
    """A file of features, with the reference system it names (None: it names none)."""

    name: str
    sha256: str
    crs: str | None
    is_crs_told: bool  # False: a GeoJSON without a word on it, which means WGS-84 (RFC 7946)
    features: tuple[RawFeature, ...]


def read_area_file(path: Path) -> RawFile:
    """Read a file of outlines as it is, without judging the outlines.

    Raises:
        AreaFileError: the file is missing, damaged, of another kind, or holds several layers.
    """
    _check_path(path)
    if path.suffix.lower() != ".zip":
        return _read(path, path.name)
    with _unpacked(path) as inner:
        return _read(inner, path.name)


def _check_path(path: Path) -> None:
    if path.is_dir():
        words = tr(
            "it is a folder. Name the .geojson, .gpkg, .shp or .zip file in it.",
            "这是一个文件夹。请指定其中的 .geojson、.gpkg、.shp 或 .zip 文件。",
        )
    elif not path.is_file():
        words = tr("there is no such file. Check the path.", "没有这个文件。请检查路径。")
    elif path.suffix.lower() not in SUFFIXES:
        words = tr(
            f"'{path.suffix}' is not a file of areas. Export GeoJSON, GeoPackage or Shapefile.",
            f"“{path.suffix}”不是区域文件。请导出为 GeoJSON、GeoPackage 或 Shapefile。",
        )
    elif path.stat().st_size > MOST_BYTES:
        words = tr("it is larger than 200 MB. Simplify or split it.", "超过 200 MB。请简化或拆分。")
    elif path.stat().st_size == 0:
        words = tr("it is empty (0 bytes). Export it again.", "文件为空（0 字节）。请重新导出。")
    else:
        return
    raise AreaFileError(str(path), [words])


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The one file of areas in a zip, laid out in a folder that goes away."""
    with TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as packed:
                inner = _unpack(packed, Path(folder), path.name)
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            words = tr(
                f"the zip cannot be opened ({error}). Pack it again, without a password.",
                f"无法打开压缩包（{error}）。请重新打包，不要加密。",
            )
            raise AreaFileError(path.name, [words]) from error
        yield inner


def _unpack(packed: zipfile.ZipFile, folder: Path, name: str) -> Path:
    wanted = (*SHAPEFILE_PARTS, ".geojson", ".json", ".gpkg")
    members = [
        one
        for one in packed.infolist()
        if Path(one.filename).suffix.lower() in wanted and "__MACOSX" not in one.filename
    ]
    mains = [one for one in members if Path(one.filename).suffix.lower() in SUFFIXES]
    if len(mains) != 1 or sum(one.file_size for one in members) > MOST_BYTES:
        words = tr(
            f"the zip must hold one file of areas below 200 MB; it holds {len(mains)}.",
            f"压缩包须只含一个区域文件（小于 200 MB）；现含 {len(mains)} 个。",
        )
        raise AreaFileError(name, [words])
    stem = mains[0].filename.rpartition(".")[0]
    for one in members:  # plain names of ours: names in a zip may lead anywhere
        if one.filename.rpartition(".")[0] == stem:
            target = folder / f"areas{Path(one.filename).suffix.lower()}"
            target.write_bytes(packed.read(one))
    return folder / f"areas{Path(mains[0].filename).suffix.lower()}"


def _read(path: Path, name: str) -> RawFile:
    suffix = path.suffix.lower()
    is_told, encoding = True, None
    if suffix == ".shp":
        parts = _shapefile_parts(path, name)
        encoding = _encoding(parts, name)
        digest = hashlib.sha256(b"".join(_digest(parts[one]) for one in sorted(parts))).hexdigest()
    else:
        digest = _digest(path).hex()
        if suffix == ".gpkg":
            _check_start(path, name, SQLITE_START, "GeoPackage")
        else:
            is_told = _check_json(path, name)
    meta, features = _features(path, name, encoding)
    return RawFile(name, digest, meta["crs"], is_told, tuple(features))


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _features(
    path: Path, name: str, encoding: str | None
) -> tuple[dict[str, Any], list[RawFeature]]:
    import pyogrio

    try:
        layers = [str(layer) for layer, kind in pyogrio.list_layers(path) if kind is not None]
        if len(layers) != 1:
            words = tr(
                f"it holds {len(layers)} layers of outlines ({', '.join(layers)}). Save the one "
                "you mean to a file of its own.",
                f"其中有 {len(layers)} 个图层（{'、'.join(layers)}）。请把所需图层另存为一个文件。",
            )
            raise AreaFileError(name, [words])
        meta, shapes, columns = _opened(path, encoding)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.FeatureError, OSError) as error:
        raise AreaFileError(name, [_unreadable(path.suffix)]) from error
    titles = [str(one) for one in meta["fields"]]
    told = [
        RawFeature(number + 1, _row(titles, columns, number), shapes[number])
        for number in range(len(shapes))
    ]
    if not told:
        words = tr("it holds no features. Export it again.", "其中没有任何要素。请重新导出。")
        raise AreaFileError(name, [words])
    return meta, told


def _opened(path: Path, encoding: str | None) -> tuple[dict[str, Any], Any, list[Any]]:
    import warnings

    from pyogrio.raw import read

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what matters is checked by us
        meta, _, shapes, columns = read(path, encoding=encoding)
    return meta, shapes, columns


def _row(titles: list[str], columns: list[Any], number: int) -> dict[str, str]:
    values = (column[number] for column in columns)
    return {
        title: "" if value is None else str(value).strip()
        for title, value in zip(titles, values, strict=True)
    }


def _unreadable(suffix: str) -> str:
    return tr(
        f"it is damaged, or no {suffix} file inside. Open it in QGIS and export it again.",
        f"文件损坏，或内容不是 {suffix} 格式。请在 QGIS 中打开并重新导出。",
    )


def _encoding(parts: dict[str, Path], name: str) -> str:
    """The first encoding that fits all text of a Shapefile; the library would drop what does not.

    UTF-8 fits by chance never, GBK nearly always, and a Latin .cpg is what programs write by
    default over Chinese names.
    """
    declared = parts.get(".cpg")
    told = declared.read_text("ascii", errors="replace").strip() if declared else ""
    is_latin = any(one in told.lower() for one in LATIN)
    data = parts[".dbf"].read_bytes()
    text = data[int.from_bytes(data[8:10], "little") :]
    for encoding in ("utf-8", *([told] if told and not is_latin else []), "gb18030"):
        with suppress(UnicodeDecodeError, LookupError):
            text.decode(encoding)
            return encoding
    words = tr(
        "its names are neither UTF-8 nor GBK. Export it again with UTF-8.",
        "名称编码既不是 UTF-8 也不是 GBK。请以 UTF-8 重新导出。",
    )
    raise AreaFileError(name, [words])


def _check_start(path: Path, name: str, start: bytes, kind: str) -> None:
    with path.open("rb") as file:
        if file.read(len(start)) == start:
            return
    words = tr(f"its content is no {kind}. Export it again.", f"内容不是 {kind} 格式。请重新导出。")
    raise AreaFileError(name, [words])


def _check_json(path: Path, name: str) -> bool:
    """Name the line where a GeoJSON breaks off; tell whether it names a reference system."""
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        words = tr("it is not UTF-8. Save it as UTF-8.", "文件不是 UTF-8 编码。请另存为 UTF-8。")
    except json.JSONDecodeError as error:
        words = tr(
            f"line {error.lineno}, column {error.colno}: not JSON here ({error.msg}). Is the file "
            "complete? Export it again.",
            f"第 {error.lineno} 行第 {error.colno} 列：不是有效 JSON（{error.msg}）。"
            "文件是否完整？请重新导出。",
        )
    except RecursionError:
        words = _unreadable(path.suffix)
    else:
        if isinstance(told, dict) and "type" in told:
            return "crs" in told
        words = tr("it is JSON, but no GeoJSON.", "是 JSON，但不是 GeoJSON。")
    raise AreaFileError(name, [words])


def _shapefile_parts(path: Path, name: str) -> dict[str, Path]:
    """The files of a Shapefile by suffix, all there and each as long as it says."""
    beside = {one.name.lower(): one for one in path.parent.iterdir() if one.is_file()}
    stem = path.name.rpartition(".")[0].lower()
    parts = {part: beside[stem + part] for part in SHAPEFILE_PARTS if stem + part in beside}
    missing = [stem + part for part in (".shx", ".dbf") if part not in parts]
    if missing:
        words = tr(
            f"{' and '.join(missing)} is missing beside it. A Shapefile is several files: copy "
            "them all, or pack them in one zip.",
            f"旁边缺少 {'、'.join(missing)}。Shapefile 由多个文件组成：请一并复制，或打包为 zip。",
        )
        raise AreaFileError(name, [words])
    for part in (".shp", ".shx"):
        _check_start(parts[part], name, SHAPEFILE_CODE, f"Shapefile ({part})")
    mistakes = [
        tr(
            f"{one.name} is cut off: it says {told} bytes and has {one.stat().st_size}. "
            "Copy it again.",
            f"{one.name} 不完整：应有 {told} 字节，实有 {one.stat().st_size} 字节。请重新复制。",
        )
        for part, one in parts.items()
        if (told := _told_bytes(part, one)) > one.stat().st_size
    ]
    if mistakes:
        raise AreaFileError(name, mistakes)
    return parts


def _told_bytes(part: str, path: Path) -> int:
    """How long a part of a Shapefile says it is (ESRI 1998; dBASE III)."""
    with path.open("rb") as file:
        head = file.read(32)
    if part in (".shp", ".shx"):
        return max(100, int.from_bytes(head[24:28], "big") * 2)
    if part == ".dbf":
        count, start, width = (
            int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))
        )
        return max(33, start + count * width)
    return 0
