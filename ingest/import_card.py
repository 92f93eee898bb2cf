"""Read a card into the survey: copy, hash, read the facts, list the problems, give a receipt.

Killing this at any moment and running it again ends as one clean run would: a file counts only
once its journal row is committed, and that happens after its bytes are safe under their final name.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from ingest import originals
from ingest.card import (
    CardEntry,
    CardError,
    CardGoneError,
    CardListing,
    list_card,
    printable,
    require_present,
)
from ingest.close_card import close_card
from ingest.import_lock import import_lock
from ingest.in_place import keep_registration, list_absent
from ingest.journal import (
    CardProgress,
    KnownFile,
    commit_batch,
    database_error,
    is_safe,
    known_files,
    storing,
    write_progress,
)
from ingest.receipt import Receipt
from ingest.take_file import FileTaker, TakenFile, part_owner
from ingest.unfinished import adopt_unfinished
from species_db import identity
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import Archive, CardImport
from species_db.version import VERSION
from species_db.vocabulary import Custody, FileOutcome, ImportState

__all__ = ["CardProgress", "Report", "import_card", "refuse_own_folder"]

WORKERS = 8  # syncs of several files at once share one commit of the disk's journal
AHEAD = 128  # files durable and waiting for their rows, so that nobody rests during a commit
PAGE_FILES = 500  # looked up in the journal at a time
BATCH_FILES = 500
BATCH_BYTES = 128 * 1024 * 1024
BATCH_SECONDS = 2.0  # whichever comes first: a killed import repeats two seconds of work

Report = Callable[[CardProgress], None]
_Ahead = deque[tuple[CardEntry, KnownFile | None, Future[TakenFile | None]]]


def import_card(
    survey: Survey,
    root: Path,
    *,
    deployment_id: str,
    person: str,
    archive: Archive | None = None,
    report: Report = lambda progress: None,
) -> Receipt:
    """Bring a card into the survey and give its receipt. The card is only read, never written.

    The same card again continues, or reads every kept file back and changes nothing; one that has
    been lost or altered in the survey folder is copied anew. With an archive, which holds `root`,
    nothing is copied: the files are registered where they lie.

    Raises:
        CardError: the folder cannot be listed or holds no camera file, or went away meanwhile.
        ImportBusyError: this card is being imported already.
        StorageError: the survey folder is full or read-only; run again to go on.
    """
    refuse_own_folder(survey, root)
    listing = list_card(root)
    card_import_id = _card_import_id(listing, deployment_id, archive)
    with import_lock(survey, card_import_id):
        card = _open_card(survey, listing, deployment_id, person, archive)
        adopt_unfinished(survey, listing, card)
        run = _Run(survey, listing, card, archive)
        run.take_files(report)
        is_changed = run.is_changed
        if archive is not None:
            is_changed |= list_absent(survey, listing, card)
        try:
            return close_card(survey, card, person=person, is_changed=is_changed)
        except OperationalError as error:
            raise database_error(error) from error


def refuse_own_folder(survey: Survey, root: Path) -> None:
    """Refuse a folder that holds the survey or lies in it.

    Raises:
        CardError: it does.
    """
    card, own = root.resolve(), survey.folder.resolve()
    if card.is_relative_to(own) or own.is_relative_to(card):
        raise CardError(
            tr(
                f"{root} and the survey folder lie inside one another. Name the card's own folder.",
                f"{root} 与调查文件夹互相包含。请指定存储卡自己的文件夹。",
            )
        )


def _card_import_id(listing: CardListing, deployment_id: str, archive: Archive | None) -> str:
    """Name a card by its content; a folder in an archive, which may grow, by its place there."""
    if archive is None:
        return identity.card_import_id(deployment_id, listing.fingerprint)
    below = listing.root.resolve().relative_to(archive.root).as_posix()
    return identity.card_import_id(deployment_id, f"{archive.archive_id}/{printable(below)}")


def _open_card(
    survey: Survey, listing: CardListing, deployment_id: str, person: str, archive: Archive | None
) -> CardImport:
    card_import_id = _card_import_id(listing, deployment_id, archive)
    with storing(survey) as session:
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
                custody=(Custody.IN_PLACE if archive else Custody.COPIED).value,
                archive_id=archive.archive_id if archive else None,
            )
            session.add(card)
        elif card.fingerprint != listing.fingerprint:
            card.fingerprint = listing.fingerprint
        card.job_id = os.environ.get("NAMCHA_JOB") or card.job_id
    return card


class _Run:
    """One run over a card: workers take files and make them durable, this thread commits them."""

    def __init__(
        self, survey: Survey, listing: CardListing, card: CardImport, archive: Archive | None
    ) -> None:
        self.is_changed = False
        self._survey, self._listing, self._card = survey, listing, card
        self._is_archive = archive is not None
        self._taker = FileTaker(survey, listing, card, archive)
        self._batch: list[TakenFile] = []
        self._known: dict[str, KnownFile] = {}  # of the files in the batch
        self._batch_bytes = self._done_files = self._done_bytes = self._safe_bytes = 0
        self._total_bytes = listing.total_bytes
        self._written_at = time.monotonic()

    def take_files(self, report: Report) -> None:
        """Take every file that is not yet safe, in batches."""
        owner = part_owner(self._card)
        originals.sweep_parts(self._taker.folder, owner)
        write_progress(self._survey, self._progress())
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="card")
        try:
            ahead: _Ahead = deque()
            for entry, known in self._entries():
                ahead.append((entry, known, pool.submit(self._take, entry, known)))
                if len(ahead) >= AHEAD:
                    self._settle(*ahead.popleft(), report)
            while ahead:
                self._settle(*ahead.popleft(), report)
            self._commit()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            originals.sweep_parts(self._taker.folder, owner)

    def _entries(self) -> Iterator[tuple[CardEntry, KnownFile | None]]:
        entries = self._listing.entries
        for start in range(0, len(entries), PAGE_FILES):
            page = entries[start : start + PAGE_FILES]
            known = known_files(self._survey, self._card, page)
            for entry in page:
                yield entry, known.get(entry.card_path)

    def _take(self, entry: CardEntry, known: KnownFile | None) -> TakenFile | None:
        """Take a file, in a thread of its own; None when it is safe already."""
        if known is not None and is_safe(entry, known, self._card):
            return None
        taken = self._taker.take(entry)
        if self._is_archive and known is not None:
            return keep_registration(taken, known)
        return taken

    def _settle(
        self,
        entry: CardEntry,
        known: KnownFile | None,
        future: Future[TakenFile | None],
        report: Report,
    ) -> None:
        """Wait for a file and put it into the batch; commit the batch when it is due."""
        while not wait([future], timeout=self._seconds_left()).done:
            self._commit()  # a long video: what came before it need not wait
            report(self._progress())
        taken, size = future.result(), 0 if entry.is_litter else entry.bytes
        if taken is None:
            self._safe_bytes += size
        else:
            self._refuse_gone_card(taken)
            self._batch.append(taken)
            self._batch_bytes += size
            if known is not None:
                self._known[entry.card_path] = known
        self._done_files += 1
        self._done_bytes += size
        is_full = len(self._batch) >= BATCH_FILES or self._batch_bytes >= BATCH_BYTES
        if is_full or self._seconds_left() <= 0:
            self._commit()
        report(self._progress())

    def _refuse_gone_card(self, taken: TakenFile) -> None:
        """When the card went away, keep what was read, and stop instead of listing every file."""
        if taken.row.outcome != FileOutcome.UNREAD.value:
            return
        try:
            require_present(self._listing.root)
        except CardGoneError:
            unread = FileOutcome.UNREAD.value
            self._batch = [one for one in self._batch if one.row.outcome != unread]
            self._commit()
            raise

    def _commit(self) -> None:
        if self._batch:
            self.is_changed |= commit_batch(
                self._survey, self._batch, self._known, self._progress()
            )
        else:
            write_progress(self._survey, self._progress())
        self._batch, self._known, self._batch_bytes = [], {}, 0
        self._written_at = time.monotonic()

    def _seconds_left(self) -> float:
        return max(0.0, self._written_at + BATCH_SECONDS - time.monotonic())

    def _progress(self) -> CardProgress:
        read = self._safe_bytes + self._taker.reader.bytes_read
        return CardProgress(
            card_import_id=self._card.card_import_id,
            files=self._done_files,
            total_files=len(self._listing.entries),
            bytes=min(self._total_bytes, max(self._done_bytes, read)),
            total_bytes=self._total_bytes,
        )
