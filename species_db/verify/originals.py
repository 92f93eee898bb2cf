"""The originals: are they there, to the last byte."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from species_db.busy import is_busy
from species_db.stored import as_stored
from species_db.survey import ARCHIVE, Survey
from species_db.tables import Archive, CardFile, CardImport, FieldPhoto, Media
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import FileOutcome, ImportState
from species_db.whereabouts import is_held, original_paths

PIECE_BYTES = 4 * 1024 * 1024
ROWS_A_PAGE = 1000
ARCHIVE_PREFIX = len(ARCHIVE) + 36 + 1  # an archive's id is a UUID
_KEPT_NAME = re.compile(r"^[0-9a-f]{64}\.[A-Za-z0-9]+$")


@dataclass(frozen=True, slots=True)
class Original:
    """A file that must be there: where, how many bytes, which hash, and the row that says so."""

    table: str
    key: str
    name: str
    file_path: str
    path: Path
    size: int
    sha256: str

    def finding(self, kind: Kind, en: str, zh: str) -> Finding:
        """Say something of this file."""
        used = ((self.table, self.key),)
        return Finding(kind, "file", self.file_path, en, zh, self.name, used)


def originals_of(session: Session, survey: Survey) -> Iterator[Original]:
    """Every original that the survey answers for: media, field photos, files set aside."""
    path_of = original_paths(session, survey)
    for table, key in ((Media, Media.media_id), (FieldPhoto, FieldPhoto.field_photo_id)):
        columns = as_stored(key, table.card_path, table.file_path, table.bytes, table.sha256)
        rows = sql_select(*columns).order_by(col(table.file_path))
        rows = rows.where(is_held()) if table is Media else rows
        for key_of, name, file_path, *facts in _paged(session, rows):
            path = path_of(str(file_path))
            yield Original(str(table.__tablename__), key_of, name, str(file_path), path, *facts)
    columns = as_stored(
        CardFile.card_import_id,
        CardFile.card_path,
        CardImport.deployment_id,
        CardFile.bytes,
        CardFile.sha256,
    )
    aside = (
        sql_select(*columns)
        .join_from(CardFile, CardImport)
        .where(col(CardFile.outcome) == FileOutcome.QUARANTINED.value)
    )
    for card, name, deployment_id, size, sha256 in _paged(session, aside):
        file_path = f"quarantine/{deployment_id}/{sha256}.bin"
        path = survey.path_of(file_path)
        yield Original("cardfile", f"{card} {name}", name, file_path, path, size, sha256)


def _paged(session: Session, statement: Select[Any]) -> Iterator[Any]:
    yield from session.execute(statement.execution_options(yield_per=ROWS_A_PAGE))


def total_bytes(session: Session) -> int:
    """How much there is to read, for the time left."""
    aside = CardFile.outcome == FileOutcome.QUARANTINED.value
    sums = (
        select(func.sum(Media.bytes)),
        select(func.sum(FieldPhoto.bytes)),
        select(func.sum(CardFile.bytes)).where(aside),
    )
    return sum(int(session.exec(one).one() or 0) for one in sums)


WRONG = {
    "gone": (Kind.MISSING, "the original is gone", "原始文件缺失"),
    "size": (Kind.ALTERED, "the original has another size than was copied", "原始文件大小已改变"),
    "hash": (Kind.ALTERED, "the original's bytes are not those that came", "原始文件内容已改变"),
    "unreadable": (Kind.MISSING, "the original cannot be read", "原始文件无法读取"),
}


def check_originals(
    session: Session,
    survey: Survey,
    *,
    is_deep: bool,
    on_file: Callable[[], None],
    on_bytes: Callable[[int], None],
) -> Iterator[Finding]:
    """Name every original that is gone or altered; deep: by reading each to the last byte.

    An archive that is not there (a disk in a drawer) is one finding, not one for each file in it.
    """
    away = {}
    for archive_id, root in session.exec(select(Archive.archive_id, Archive.root)):
        if not Path(root).is_dir():
            away[f"{ARCHIVE}{archive_id}/"] = archive_id
            yield Finding(
                Kind.MISSING,
                "archive",
                archive_id,
                f"{root} is not there, so none of its originals could be looked at. Connect the "
                "disk or share, or tell where it is with namcha relocate",
                f"{root} 不在,其中的原始文件均无法核验。请连接磁盘或共享,"
                "或用 namcha relocate 指明新位置",
            )
    for one in originals_of(session, survey):
        if one.file_path[:ARCHIVE_PREFIX] in away:
            continue
        wrong = _what_is_wrong(one, is_deep=is_deep, on_bytes=on_bytes)
        on_file()
        if wrong is not None:
            yield one.finding(*WRONG[wrong])


def _what_is_wrong(one: Original, *, is_deep: bool, on_bytes: Callable[[int], None]) -> str | None:
    try:
        if one.path.stat().st_size != one.size:
            return "size"
        if not is_deep:
            return None
        told = hashlib.sha256()
        with one.path.open("rb") as stream:
            while piece := stream.read(PIECE_BYTES):
                told.update(piece)
                on_bytes(len(piece))
    except (FileNotFoundError, NotADirectoryError):
        return "gone"
    except (OSError, ValueError):
        return "unreadable"
    return None if told.hexdigest() == one.sha256 else "hash"


def check_strays(survey: Survey) -> Iterator[Finding]:
    """Name kept files that no row names: somebody took the rows away.

    Each folder is listed first and the rows asked for afterwards, afresh, so that an import that
    runs meanwhile is no fault. Nor is one that is unfinished: there a file may be safe before its
    row is.
    """
    root = survey.folder / "media"
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    for folder in folders:
        kept = sorted(path for path in folder.rglob("*") if _KEPT_NAME.match(path.name))
        known = _known_paths(survey, folder.name)
        if known is None:
            continue
        for path in kept:
            file_path = path.relative_to(survey.folder).as_posix()
            if file_path not in known:
                yield Finding(
                    Kind.EXTRA,
                    "file",
                    file_path,
                    "no row of 'media' names this original",
                    "“media”表中没有记录指向该原始文件",
                )


def _known_paths(survey: Survey, deployment_id: str) -> set[str] | None:
    """Every original in a deployment's folder that a row names now; None while it is imported."""
    with survey.reading() as session:
        running = select(CardImport.card_import_id).where(
            CardImport.deployment_id == deployment_id,
            CardImport.state == ImportState.RUNNING.value,
        )
        mine = select(CardImport.card_import_id).where(CardImport.deployment_id == deployment_id)
        is_running = session.exec(running).first() is not None
        if is_running or any(is_busy(survey.folder, one) for one in session.exec(mine)):
            return None
        begin = col(Media.file_path).startswith(f"media/{deployment_id}/", autoescape=True)
        return set(session.exec(select(Media.file_path).where(begin)))
