"""The files of a published list as the survey keeps them, so that a number never has two contents.

What a page says follows from other lists, names and the version of the software, which change with
the years; so what was published is given out again from what was kept, never drawn up anew.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from species_db.durable import write_durably
from species_db.language import tr
from species_db.lists.diff import ListError

FOLDER = "exports/lists"  # below the survey's folder, then one folder for each version
FILES = "files"  # the detail of the log entry: `name sha256` each

Contents = Mapping[str, bytes]


def keep_publication(folder: Path, list_version_id: str, contents: Contents) -> None:
    """Keep the files in the survey, before the log names them.

    Files that no entry of the log names, since the computer stopped in between, were given to
    nobody; the next attempt writes over them.

    Raises:
        ListError: the survey folder cannot take them.
    """
    write_files(folder / FOLDER / list_version_id, contents, is_logged=False)


def kept_publication(folder: Path, list_version_id: str, told: Mapping[str, Any]) -> Contents:
    """The files of a publication, each as the log entry names it.

    Raises:
        ListError: one is gone or altered.
    """
    kept = folder / FOLDER / list_version_id
    contents = {}
    for line in told[FILES]:
        name, _, sha256 = line.rpartition(" ")
        path = kept / name
        content = path.read_bytes() if path.is_file() else b""
        if sha256_of(content) != sha256:
            raise ListError(
                tr(
                    f"{list_version_id} is published as {told['number']}, and {path} is not the "
                    "file of that day any more. Restore it from a copy of the survey or of the "
                    "publication; to publish something else, import a new version.",
                    f"{list_version_id} 已以编号 {told['number']} 发布,但 {path} "
                    "已不是当时的文件。请从调查项目或已发布文件的备份恢复;如内容有变,"
                    "请导入新版本。",
                )
            )
        contents[name] = content
    return contents


def write_files(out: Path, contents: Contents, *, is_logged: bool) -> tuple[Path, ...]:
    """Write the files of a publication into a folder.

    Raises:
        ListError: the folder cannot take them; it says whether the list is published already.
    """
    paths = []
    try:
        for name, content in contents.items():
            write_durably(out / name, content)
            paths.append(out / name)
    except OSError as error:
        so_far = tr("nothing was published", "名录尚未发布")
        if is_logged:
            so_far = tr(
                "the list is published; the same command writes its files again",
                "名录已发布,重新运行同一命令即可再次写出文件",
            )
        raise ListError(
            tr(
                f"{out} cannot be written: {error.strerror}. Free space or name another folder; "
                f"{so_far}.",
                f"无法写入 {out}:{error.strerror}。请腾出空间或更换文件夹;{so_far}。",
            )
        ) from error
    return tuple(paths)


def files_told(contents: Contents) -> list[str]:
    """The files as the log entry names them."""
    return [f"{name} {sha256_of(content)}" for name, content in sorted(contents.items())]


def sha256_of(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def statement_of(contents: Contents) -> dict[str, Any]:
    """The signed statement among the files."""
    (name,) = (one for one in contents if one.endswith(".signed.json"))
    statement: dict[str, Any] = json.loads(contents[name])
    return statement
