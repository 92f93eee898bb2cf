"""Register originals that stay where they are: an archive on a disk or share, read-only to us."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from ingest.card import CardListing
from ingest.file_problem import FileProblem, ProblemCode
from ingest.journal import KnownFile, storing
from ingest.take_file import TakenFile
from species_db import identity
from species_db.decisions import record_decision
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Archive, CardFile, CardImport, Media, Problem
from species_db.vocabulary import Act, FileOutcome


def register_archive(survey: Survey, root: Path, *, person: str) -> Archive:
    """Give the archive that holds a folder: a known one, else a new one, which the log names.

    Raises:
        StorageError: the database cannot be written.
    """
    own = root.resolve()
    with storing(survey) as session:
        for archive in session.exec(select(Archive).order_by(Archive.archive_id)):
            if own.is_relative_to(archive.root):
                return archive
        archive = Archive(
            archive_id=identity.act_id(),
            root=str(own),
            person=person,
            registered_at=datetime.now(UTC),
        )
        session.add(archive)
        record_decision(
            session,
            Act.ARCHIVE_REGISTERED,
            subject=archive.archive_id,
            person=person,
            details={"root": archive.root},
        )
    return archive


def keep_registration(taken: TakenFile, known: KnownFile) -> TakenFile:
    """Hold on to what was registered when a file of an archive has other bytes by now.

    The changed bytes are an alarm, not new data: the record still speaks of the old ones. A file
    that cannot be read just now stays registered too, so that the next run knows what it was.
    """
    row, unread = taken.row, FileOutcome.UNREAD.value
    was_media = known.media_id and known.outcome in (FileOutcome.STORED.value, unread)
    if not was_media or row.sha256 == known.sha256:
        return taken
    row.sha256, row.bytes, row.media_id = known.sha256, known.size, known.media_id
    if row.outcome == unread:
        return taken
    row.outcome, row.modified_ns = FileOutcome.STORED.value, known.modified_ns
    note = tr(
        "The file in the archive has changed since it was registered. Put the original back from "
        "a copy, then run the same import again.",
        "归档中的文件自登记后已被改动。请用备份恢复原文件,再重新运行同一导入命令。",
    )
    return TakenFile(row, problems=[FileProblem(ProblemCode.ORIGINAL_ALTERED, note)])


def list_absent(survey: Survey, listing: CardListing, card: CardImport) -> bool:
    """List the registered media that lie nowhere in the archive; tell whether anything is new."""
    present = {entry.card_path for entry in listing.entries}
    note = tr(
        "The file is no longer in the archive. If the archive has moved, use namcha relocate.",
        "归档中已找不到该文件。如归档已移动,请使用 namcha relocate。",
    )
    with storing(survey) as session:
        listed = {row.card_path: row for row in _listed_absent(session, card)}
        absent = {
            path: media_id
            for path, media_id, kept in _registered(session, card)
            if path not in present and not survey.path_of(kept).is_file()
        }
        for path in absent.keys() - listed.keys():
            session.add(
                Problem(
                    card_import_id=card.card_import_id,
                    card_path=path,
                    code=ProblemCode.ORIGINAL_MISSING.value,
                    media_id=absent[path],
                    note=note,
                )
            )
        for path in listed.keys() - absent.keys():
            session.delete(listed[path])
    return absent.keys() != listed.keys()


def _registered(session: Session, card: CardImport) -> list[tuple[str, str, str]]:
    statement = (
        select(CardFile.card_path, Media.media_id, Media.file_path)
        .join(Media, col(Media.media_id) == CardFile.media_id)
        .where(CardFile.card_import_id == card.card_import_id)
    )
    return list(session.exec(statement))


def _listed_absent(session: Session, card: CardImport) -> list[Problem]:
    statement = select(Problem).where(
        Problem.card_import_id == card.card_import_id,
        Problem.code == ProblemCode.ORIGINAL_MISSING.value,
    )
    return list(session.exec(statement))
