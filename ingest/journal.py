"""The journal of a card: what is known of its files, and a batch of them written at once.

A file counts only once its journal row is committed, and that happens after its bytes are durable
under their final name. Rows go through the ORM, which seals them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import UpdateBase, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from ingest import originals
from ingest.card import CardEntry
from ingest.receipt import quarantine_path
from ingest.take_file import TakenFile
from species_db.language import tr
from species_db.survey import ARCHIVE, Survey
from species_db.tables import CardFile, CardImport, Media, Problem
from species_db.vocabulary import Custody, FileOutcome


@dataclass(frozen=True)
class CardProgress:
    """How far a card is read, for the progress line and for everybody who looks."""

    card_import_id: str
    files: int
    total_files: int
    bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What the journal says of a file: where its kept copy is, and what that must hold."""

    outcome: str
    modified_ns: int
    size: int
    sha256: str
    media_id: str | None = None
    kept: Path | None = None
    is_in_archive: bool = False


def known_files(
    survey: Survey, card: CardImport, entries: Sequence[CardEntry]
) -> dict[str, KnownFile]:
    """Look up what the journal says of some files of a card; a page of them, to spare memory."""
    statement = (
        select(CardFile, Media.file_path)
        .outerjoin(Media, col(CardFile.media_id) == Media.media_id)
        .where(
            CardFile.card_import_id == card.card_import_id,
            col(CardFile.card_path).in_([entry.card_path for entry in entries]),
        )
    )
    with survey.reading() as session:
        found = session.exec(statement).all()
    return {row.card_path: _known(survey, card, row, path) for row, path in found}


def _known(survey: Survey, card: CardImport, row: CardFile, media_path: str | None) -> KnownFile:
    kept = survey.path_of(media_path) if media_path else None
    if row.outcome == FileOutcome.QUARANTINED.value:
        kept = quarantine_path(survey, card.deployment_id, row.sha256)
    return KnownFile(
        row.outcome,
        row.modified_ns,
        row.bytes,
        row.sha256 or "",
        row.media_id,
        kept,
        is_in_archive=bool(media_path and media_path.startswith(ARCHIVE)),
    )


def is_safe(entry: CardEntry, known: KnownFile, card: CardImport) -> bool:
    """Tell whether a file needs no reading: unchanged on the card, and kept to the last byte.

    What lies in an archive only is not safe to an import that copies.
    """
    if known.outcome == FileOutcome.UNREAD.value:
        return False
    if (known.size, known.modified_ns) != (entry.bytes, entry.modified_ns):
        return False
    if known.is_in_archive and card.custody == Custody.COPIED.value:
        return False
    return known.kept is None or originals.holds(known.kept, size=known.size, sha256=known.sha256)


@contextmanager
def storing(survey: Survey) -> Iterator[Session]:
    """A session that writes; a database that the disk cannot take is told as such.

    Raises:
        StorageError: the disk is full, read-only or failing, or another program holds the database.
    """
    try:
        with survey.writing() as session:
            yield session
    except OperationalError as error:
        raise database_error(error) from error


def database_error(error: OperationalError) -> originals.StorageError:
    """Say what the database could not do."""
    return originals.StorageError(
        tr(
            f"The survey's database cannot be written: {error.orig}. Free space, mend permissions "
            "or close the other program, then run the same import again; it goes on where it "
            "stopped.",
            f"无法写入调查数据库:{error.orig}。请腾出空间、检查权限或关闭其他程序后,"
            "重新运行同一导入命令,将从中断处继续。",
        )
    )


def commit_batch(
    survey: Survey,
    batch: Sequence[TakenFile],
    known: Mapping[str, KnownFile],
    progress: CardProgress,
) -> bool:
    """Name a batch's files and write its rows in one transaction; tell whether they say new things.

    Raises:
        StorageError: the survey folder cannot take a file under its final name, or the rows.
    """
    with storing(survey) as session:
        _name_files(session, survey, batch)
        session.flush()
        for taken in batch:
            _write_row(session, taken, known.get(taken.row.card_path))
        session.exec(_progress(progress))
    said = [known.get(taken.row.card_path) for taken in batch]
    return [(k.outcome, k.sha256) if k else None for k in said] != [
        (taken.row.outcome, taken.row.sha256 or "") for taken in batch
    ]


def write_progress(survey: Survey, progress: CardProgress) -> None:
    """Let everybody see how far a card is; nothing else is written."""
    with storing(survey) as session:
        session.exec(_progress(progress))


def _progress(progress: CardProgress) -> UpdateBase:
    return (
        update(CardImport)
        .where(col(CardImport.card_import_id) == progress.card_import_id)
        .values(
            total_files=progress.total_files,
            total_bytes=progress.total_bytes,
            done_files=progress.files,
            done_bytes=progress.bytes,
            progress_at=datetime.now(UTC),
        )
        .execution_options(synchronize_session=False)
    )


def _name_files(session: Session, survey: Survey, batch: Sequence[TakenFile]) -> None:
    """Give every file of a batch its final name, durably, and add the media that are new."""
    ids = [taken.row.media_id for taken in batch if taken.row.media_id]
    found = session.exec(select(Media).where(col(Media.media_id).in_(ids)))
    kept = {media.media_id: media for media in found}
    folders = set()
    for taken in batch:
        home = taken.home
        if taken.media is not None:
            home = _settle_media(session, survey, taken, taken.media, kept)
        if taken.part is not None and home is not None:
            size, sha256 = taken.row.bytes, taken.row.sha256 or ""
            originals.settle(taken.part, home, size=size, sha256=sha256)
            folders.add(home.parent)
    originals.sync_folders(folders)


def _settle_media(
    session: Session, survey: Survey, taken: TakenFile, media: Media, kept: dict[str, Media]
) -> Path | None:
    """Add the media, or find it a duplicate of media we have; tell where the bytes belong."""
    known = kept.get(media.media_id)
    if known is None:
        kept[media.media_id] = media
        session.add(media)
        return taken.home
    if (known.card_import_id, known.card_path) != (media.card_import_id, media.card_path):
        taken.row.outcome = FileOutcome.DUPLICATE.value
        taken.problems.clear()
    if taken.part is None:
        return None
    if known.file_path.startswith(ARCHIVE):  # an archive is not ours to write: we keep our own
        known.file_path = media.file_path
    return survey.path_of(known.file_path)


def _write_row(session: Session, taken: TakenFile, known: KnownFile | None) -> None:
    row = taken.row
    if known is None:
        session.add(row)
    else:
        session.merge(row)
        session.flush()
        stale = select(Problem).where(
            Problem.card_import_id == row.card_import_id,
            Problem.card_path == row.card_path,
            col(Problem.code).not_in([problem.code for problem in taken.problems]),
        )
        for problem in session.exec(stale):
            session.delete(problem)
    for found in taken.problems:
        session.merge(
            Problem(
                card_import_id=row.card_import_id,
                card_path=row.card_path,
                code=str(found.code),
                media_id=row.media_id,
                note=found.note,
            )
        )
