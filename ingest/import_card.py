"""Read a card into the survey: copy, hash, read the facts, list the problems, give a receipt.

Killing this at any moment and running it again ends as one clean run would: a file counts only
once its journal row is committed, and that happens after its bytes are safe under their final name.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from ingest import originals
from ingest.card import CardEntry, CardError, CardListing, list_card, printable
from ingest.close_card import close_card
from ingest.receipt import Receipt, quarantine_path
from ingest.take_file import TakenFile, take_file
from species_db import identity
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Deployment, Media, Problem
from species_db.version import VERSION
from species_db.vocabulary import FileOutcome, ImportState

BATCH_FILES = 50  # rows a commit: few enough that a killed import repeats a second of work
BATCH_SECONDS = 2.0


@dataclass(frozen=True)
class CardProgress:
    """How far a card is read, for the progress line."""

    files: int
    total_files: int
    bytes: int
    total_bytes: int


Report = Callable[[CardProgress], None]


@dataclass(frozen=True)
class _Journalled:
    """What the journal says of a file: where its kept copy is, and what that must hold."""

    outcome: str
    modified_ns: int
    size: int
    sha256: str
    kept: Path | None


def import_card(
    survey: Survey,
    root: Path,
    *,
    deployment_id: str,
    person: str,
    report: Report = lambda progress: None,
) -> Receipt:
    """Bring a card into the survey and give its receipt. The card is only read, never written.

    The same card again continues, or reads every kept file back and changes nothing; one that has
    been lost or altered in the survey folder is copied anew.

    Raises:
        CardError: the folder cannot be listed or holds no camera file.
        StorageError: the survey folder is full or read-only; run again to go on.
    """
    _refuse_own_folder(survey, root)
    listing = list_card(root)
    card = _open_card(survey, listing, deployment_id, person)
    originals.sweep_parts(survey.folder / "media" / deployment_id)
    originals.sweep_parts(survey.folder / "quarantine" / deployment_id)
    changed = _take_files(survey, listing, card, report)
    return close_card(survey, card, person=person, is_changed=changed)


def _refuse_own_folder(survey: Survey, root: Path) -> None:
    card, own = root.resolve(), survey.folder.resolve()
    if card.is_relative_to(own) or own.is_relative_to(card):
        raise CardError(
            tr(
                f"{root} and the survey folder lie inside one another. Name the card's own folder.",
                f"{root} 与调查文件夹互相包含。请指定存储卡自己的文件夹。",
            )
        )


def _open_card(survey: Survey, listing: CardListing, deployment_id: str, person: str) -> CardImport:
    card_import_id = identity.card_import_id(deployment_id, listing.fingerprint)
    with survey.writing() as session:
        card = session.get(CardImport, card_import_id)
        if card is None:
            root = listing.root.resolve()
            card = CardImport(
                card_import_id=card_import_id,
                deployment_id=deployment_id,
                card_path=printable(root.name or str(root)),
                fingerprint=listing.fingerprint,
                state=ImportState.RUNNING.value,
                person=person,
                software_version=VERSION,
                started_at=datetime.now(UTC),
            )
            session.add(card)
    return card


def _take_files(survey: Survey, listing: CardListing, card: CardImport, report: Report) -> bool:
    """Take every file that is not yet safe, in batches; tell whether anything came or changed."""
    with survey.reading() as session:
        journal = _journal(session, survey, card)
        deployment = session.get_one(Deployment, card.deployment_id)
    total, seen, changed = listing.total_bytes, 0, False
    batch: list[TakenFile] = []
    last_commit = time.monotonic()
    for done, entry in enumerate(listing.entries, start=1):
        known = journal.get(entry.card_path)
        if known is None or not _is_safe(entry, known):
            batch.append(take_file(survey, entry, card, deployment))
        if len(batch) >= BATCH_FILES or time.monotonic() - last_commit > BATCH_SECONDS:
            changed |= _commit(survey, batch, journal)
            batch, last_commit = [], time.monotonic()
        seen += 0 if entry.is_litter else entry.bytes
        report(CardProgress(done, len(listing.entries), seen, total))
    return _commit(survey, batch, journal) or changed


def _journal(session: Session, survey: Survey, card: CardImport) -> dict[str, _Journalled]:
    statement = (
        select(CardFile, Media.file_path)
        .outerjoin(Media, col(CardFile.media_id) == Media.media_id)
        .where(CardFile.card_import_id == card.card_import_id)
    )
    journal = {}
    for row, media_path in session.exec(statement):
        kept = survey.path_of(media_path) if media_path else None
        if row.outcome == FileOutcome.QUARANTINED.value:
            kept = quarantine_path(survey, card.deployment_id, row.sha256)
        journal[row.card_path] = _Journalled(
            row.outcome, row.modified_ns, row.bytes, row.sha256 or "", kept
        )
    return journal


def _is_safe(entry: CardEntry, known: _Journalled) -> bool:
    """Tell whether a file needs no reading: unchanged on the card, and kept to the last byte."""
    if known.outcome == FileOutcome.UNREAD.value:
        return False
    if (known.size, known.modified_ns) != (entry.bytes, entry.modified_ns):
        return False
    return known.kept is None or originals.holds(known.kept, size=known.size, sha256=known.sha256)


def _commit(survey: Survey, batch: list[TakenFile], journal: dict[str, _Journalled]) -> bool:
    """Write a batch's rows in one transaction; tell whether they say anything new."""
    if not batch:
        return False
    with survey.writing() as session:
        for taken in batch:
            if taken.media is not None:
                _settle_media(session, survey, taken, taken.media)
            session.merge(taken.row)
            session.flush()
            _replace_problems(session, taken)
    said = [
        (known.outcome, known.sha256) if known else None
        for known in map(journal.get, (taken.row.card_path for taken in batch))
    ]
    return said != [(taken.row.outcome, taken.row.sha256 or "") for taken in batch]


def _settle_media(session: Session, survey: Survey, taken: TakenFile, media: Media) -> None:
    """Add the media, unless these bytes are media already: then the file is a duplicate."""
    kept = session.get(Media, media.media_id)
    if kept is None:
        session.add(media)
        session.flush()
        return
    if kept.card_import_id == media.card_import_id and kept.card_path == media.card_path:
        return  # its copy was lost or altered, and has just been made again
    taken.row.outcome = FileOutcome.DUPLICATE.value
    taken.problems.clear()
    if kept.file_path != media.file_path:
        originals.keep_one(
            survey.path_of(kept.file_path),
            survey.path_of(media.file_path),
            size=kept.bytes,
            sha256=kept.sha256,
        )


def _replace_problems(session: Session, taken: TakenFile) -> None:
    row = taken.row
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
