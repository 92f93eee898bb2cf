"""Read a card into the survey: copy, hash, read the facts, list the problems, give a receipt.

Killing this at any moment and running it again ends as one clean run would: a file counts only
once its journal row is committed, and that happens after its bytes are safe under their final name.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from ingest import originals
from ingest.card import CardEntry, CardListing, list_card, printable
from ingest.receipt import Receipt, build_receipt, is_whole, quarantine_path, save_receipt
from ingest.take_file import TakenFile, take_file
from species_db import identity
from species_db.decisions import record_decision
from species_db.events import assign_events
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Deployment, Media, Problem
from species_db.version import VERSION
from species_db.vocabulary import Act, FileOutcome, ImportState

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


def import_card(
    survey: Survey,
    root: Path,
    *,
    deployment_id: str,
    person: str,
    report: Report = lambda progress: None,
) -> Receipt:
    """Bring a card into the survey and give its receipt. The card is only read, never written.

    The same card again continues or changes nothing; a file that has since been lost from the
    survey folder is copied anew.

    Raises:
        CardError: the folder cannot be listed or holds no camera file.
        StorageError: the survey folder is full or read-only; run again to go on.
    """
    listing = list_card(root)
    card = _open_card(survey, listing, deployment_id, person)
    originals.sweep_parts(survey.folder / "media" / deployment_id)
    originals.sweep_parts(survey.folder / "quarantine" / deployment_id)
    changed = _take_files(survey, listing, card, report)
    return _close_card(survey, card, changed or card.state != ImportState.COMPLETE.value)


def _open_card(survey: Survey, listing: CardListing, deployment_id: str, person: str) -> CardImport:
    card_import_id = identity.card_import_id(deployment_id, listing.fingerprint)
    with survey.writing() as session:
        card = session.get(CardImport, card_import_id)
        if card is None:
            card = CardImport(
                card_import_id=card_import_id,
                deployment_id=deployment_id,
                card_path=printable(listing.root.resolve().name),
                fingerprint=listing.fingerprint,
                state=ImportState.RUNNING.value,
                person=person,
                software_version=VERSION,
                started_at=datetime.now(UTC),
            )
            session.add(card)
    return card


def _take_files(survey: Survey, listing: CardListing, card: CardImport, report: Report) -> bool:
    """Take every file that is not yet safe, committing in batches; tell whether there was any."""
    with survey.reading() as session:
        pending = list(_pending(session, survey, listing, card))
        deployment = session.get_one(Deployment, card.deployment_id)
    done = len(listing.entries) - len(pending)
    total = listing.total_bytes
    seen = total - sum(entry.bytes for entry in pending if not entry.is_litter)
    batch: list[TakenFile] = []
    last_commit = time.monotonic()
    for entry in pending:
        batch.append(take_file(survey, entry, card, deployment))
        done, seen = done + 1, seen + (0 if entry.is_litter else entry.bytes)
        if len(batch) >= BATCH_FILES or time.monotonic() - last_commit > BATCH_SECONDS:
            _commit(survey, batch)
            batch, last_commit = [], time.monotonic()
        report(CardProgress(done, len(listing.entries), seen, total))
    _commit(survey, batch)
    return bool(pending)


def _pending(
    session: Session, survey: Survey, listing: CardListing, card: CardImport
) -> Iterator[CardEntry]:
    """Files whose journal row is missing, says `unread`, or speaks of a copy that is gone."""
    journal = {
        row.card_path: row
        for row in session.exec(
            select(CardFile).where(CardFile.card_import_id == card.card_import_id)
        )
    }
    for entry in listing.entries:
        row = journal.get(entry.card_path)
        if row is None or row.outcome == FileOutcome.UNREAD.value:
            yield entry
        elif row.outcome in (FileOutcome.STORED.value, FileOutcome.DUPLICATE.value):
            media = session.get_one(Media, row.media_id)
            if not is_whole(survey.path_of(media.file_path), media.bytes):
                yield entry
        elif row.outcome == FileOutcome.QUARANTINED.value and not is_whole(
            quarantine_path(survey, card.deployment_id, row), row.bytes
        ):
            yield entry


def _commit(survey: Survey, batch: list[TakenFile]) -> None:
    """Write a batch's journal rows, media and problems in one transaction."""
    if not batch:
        return
    with survey.writing() as session:
        for taken in batch:
            if taken.media is not None:
                _settle_media(session, survey, taken, taken.media)
            session.merge(taken.row)
            session.flush()
            _replace_problems(session, taken)


def _settle_media(session: Session, survey: Survey, taken: TakenFile, media: Media) -> None:
    """Add the media, unless these bytes are media already: then the file is a duplicate."""
    kept = session.get(Media, media.media_id)
    if kept is None:
        session.add(media)
        session.flush()
        return
    if kept.card_import_id == media.card_import_id and kept.card_path == media.card_path:
        return  # its copy was lost and has just been made again
    taken.row.outcome = FileOutcome.DUPLICATE.value
    taken.problems.clear()
    if kept.file_path != media.file_path:
        kept_path, spare = survey.path_of(kept.file_path), survey.path_of(media.file_path)
        if is_whole(kept_path, kept.bytes):
            spare.unlink(missing_ok=True)
        else:
            kept_path.parent.mkdir(parents=True, exist_ok=True)
            spare.replace(kept_path)


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


def _close_card(survey: Survey, card: CardImport, is_changed: bool) -> Receipt:
    """Group the new media into events, log the import, and write the receipt."""
    with survey.writing() as session:
        stored = session.get_one(CardImport, card.card_import_id)
        if is_changed:
            assign_events(session, card.deployment_id, gap=survey.settings.sequence_gap)
            stored.state = ImportState.COMPLETE.value
            stored.completed_at = datetime.now(UTC)
            session.flush()
        receipt = build_receipt(session, survey, stored)
        if is_changed:
            record_decision(
                session,
                Act.CARD_IMPORTED,
                subject=card.card_import_id,
                person=card.person,
                details={
                    "deployment_id": card.deployment_id,
                    "files": receipt.files,
                    "stored": receipt.stored,
                    "content_sha256": receipt.content_sha256,
                    "safe_to_wipe": receipt.safe_to_wipe,
                },
            )
    save_receipt(receipt, survey.folder / "receipts")
    return receipt
