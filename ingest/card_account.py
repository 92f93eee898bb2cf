"""Work out what a card gave from its journal, file by file: a large card needs no memory."""

import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from ingest.receipt import (
    MERKLE,
    DuplicateFile,
    Gap,
    ListedProblem,
    ProblemCount,
    Reason,
    Receipt,
    quarantine_path,
)
from species_db.merkle import MerkleTree, leaf_bytes
from species_db.survey import Survey
from species_db.tables import Archive, CardFile, CardImport, Deployment, Media, Problem
from species_db.vocabulary import Custody, FileOutcome, ImportState
from species_db.whereabouts import original_paths

ROWS_A_PAGE = 1000
GAP_DAYS = 3  # cameras on a trail are seldom silent for longer; one that is may have been dead


@dataclass(frozen=True)
class CardAccount:
    """A receipt that is not signed yet, and the packed list of files behind its roots."""

    receipt: Receipt
    file_list: bytes


def account_for(session: Session, survey: Survey, card: CardImport) -> CardAccount:
    """Work a card's receipt out from the journal, looking whether each kept file is there."""
    seen = _read_journal(session, survey, card)
    times = _times(session, card)
    archive = session.get(Archive, card.archive_id) if card.archive_id else None
    because = list(_reasons(card, seen, archive))
    problems = tuple(_problems(session, card))
    counts = Counter(problem.code for problem in problems)
    receipt = Receipt(
        card_import_id=card.card_import_id,
        card=card.card_path,
        deployment_id=card.deployment_id,
        person=card.person,
        software_version=card.software_version,
        started_at=_local(card.started_at, times.zone) or "",
        completed_at=_local(card.completed_at, times.zone) or "",
        custody=card.custody,
        archive=archive.root if archive else None,
        files=seen.files.count,
        bytes=seen.bytes,
        stored=seen.outcomes[FileOutcome.STORED.value],
        duplicates=seen.outcomes[FileOutcome.DUPLICATE.value],
        quarantined=seen.outcomes[FileOutcome.QUARANTINED.value],
        empty=seen.outcomes[FileOutcome.EMPTY.value],
        ignored=seen.outcomes[FileOutcome.IGNORED.value],
        unread=seen.outcomes[FileOutcome.UNREAD.value],
        left=seen.outcomes[FileOutcome.LEFT.value],
        first_timestamp=_local(times.first, times.zone),
        last_timestamp=_local(times.last, times.zone),
        undated=times.undated,
        outside_deployment=times.outside,
        days=times.days,
        days_with_media=times.days_with_media,
        gap_days=GAP_DAYS,
        gaps=tuple(times.gaps),
        content_sha256=seen.content.hexdigest(),
        merkle_root=seen.files.root(),
        merkle_construction=MERKLE,
        seals_root=seen.seals.root(),
        safe_to_wipe=not because,
        because=tuple(because) or (ALL_KEPT,),
        duplicate_files=tuple(seen.duplicates),
        problem_counts=tuple(ProblemCount(code, n) for code, n in sorted(counts.items())),
        problems=problems,
    )
    return CardAccount(receipt, seen.packed())


ALL_KEPT = Reason(
    "all_kept",
    "every file of the camera is kept in the survey folder and was hashed while copying",
    "相机的所有文件均已保存在调查文件夹中,并在复制时计算了校验值",
)


class _Journal:
    """What is gathered from the journal as its rows stream by."""

    def __init__(self) -> None:
        self.files, self.seals = MerkleTree(), MerkleTree()
        self.content = hashlib.sha256()  # as receipts before the Merkle root gave it
        self.bytes = 0
        self.outcomes: Counter[str] = Counter()
        self.duplicates: list[DuplicateFile] = []
        self.missing = 0
        self.first_missing = ""
        self._packed = io.BytesIO()
        self._sink = gzip.GzipFile(filename="", fileobj=self._packed, mode="wb", mtime=0)

    def add(self, leaf: list[str | int | None], seals: list[str | None]) -> None:
        """Take one file: its leaf, and the seals of its rows."""
        path, size, sha256, outcome = leaf
        self.files.add(leaf)
        self.seals.add([path, *seals])
        self.bytes += int(size or 0)
        self.outcomes[str(outcome)] += 1
        self.content.update(f"{sha256 or ''} {size} {path}\n".encode())
        self._sink.write(leaf_bytes([*leaf, *seals]) + b"\n")

    def packed(self) -> bytes:
        """The list: one JSON array a line, the leaf followed by the seals; packed alike always."""
        self._sink.close()
        return self._packed.getvalue()


def _read_journal(session: Session, survey: Survey, card: CardImport) -> _Journal:
    path_of = original_paths(session, survey)
    journal = _Journal()
    rows = session.execute(
        sql_select(
            col(CardFile.card_path),
            col(CardFile.bytes),
            col(CardFile.sha256),
            col(CardFile.outcome),
            col(CardFile.seal),
            col(Media.file_path),
            col(Media.card_path).label("media_card_path"),
            col(Media.deployment_id),
            col(Media.card_import_id),
            col(Media.seal).label("media_seal"),
        )
        .outerjoin(Media, col(CardFile.media_id) == col(Media.media_id))
        .where(col(CardFile.card_import_id) == card.card_import_id)
        .order_by(col(CardFile.card_path))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    for row in rows:
        is_own = row.card_import_id == card.card_import_id
        journal.add(
            [row.card_path, row.bytes, row.sha256, row.outcome],
            [row.seal, row.media_seal if is_own else None],
        )
        if row.outcome == FileOutcome.DUPLICATE.value and row.file_path is not None:
            journal.duplicates.append(
                DuplicateFile(row.card_path, row.media_card_path, row.deployment_id)
            )
        kept = None
        if row.outcome in (FileOutcome.STORED.value, FileOutcome.DUPLICATE.value):
            kept = path_of(row.file_path or "?")
        elif row.outcome == FileOutcome.QUARANTINED.value:
            kept = quarantine_path(survey, card.deployment_id, row.sha256)
        if kept is not None and not _holds_bytes(kept, row.bytes):
            journal.first_missing = journal.first_missing or row.card_path
            journal.missing += 1
    return journal


def _holds_bytes(path: Path, size: int) -> bool:
    """Tell whether a copy is there, whole; its bytes were hashed when they were written."""
    try:
        return path.stat().st_size == size
    except (OSError, ValueError):
        return False


def _reasons(card: CardImport, seen: _Journal, archive: Archive | None) -> Iterator[Reason]:
    """Say why the card must not be wiped; nothing to say means that it may."""
    if card.state != ImportState.COMPLETE.value:
        yield Reason("not_finished", "the import is not finished", "导入尚未完成")
    if unread := seen.outcomes[FileOutcome.UNREAD.value]:
        yield Reason("unread", f"{unread} files could not be read", f"有 {unread} 个文件无法读取")
    if seen.missing:
        first = seen.first_missing
        yield Reason(
            "missing",
            f"{seen.missing} originals are not where they should be (first: {first})",
            f"有 {seen.missing} 个原始文件不在应在的位置(首个:{first})",
        )
    if card.custody == Custody.IN_PLACE.value:
        place = f" {archive.root}" if archive else ""
        yield Reason(
            "in_place",
            f"nothing was copied: the originals stay in the archive{place}, which is their only "
            "known place",
            f"未复制文件:原始文件仍在存档{place}中,那是已知的唯一一份",
        )


@dataclass
class _Times:
    zone: timezone
    first: datetime | None = None
    last: datetime | None = None
    undated: int = 0
    outside: int = 0
    days: int = 0
    days_with_media: int = 0
    gaps: list[Gap] = field(default_factory=list)


def _times(session: Session, card: CardImport) -> _Times:
    """Walk through the card's times in order: first, last, days, gaps, and what lies outside."""
    deployment = session.get_one(Deployment, card.deployment_id)
    times = _Times(timezone(timedelta(seconds=deployment.utc_offset_seconds)))
    mine = col(Media.card_import_id) == card.card_import_id
    start, end = deployment.deployment_start, deployment.deployment_end
    times.undated = session.exec(
        select(func.count()).select_from(Media).where(mine, col(Media.timestamp).is_(None))
    ).one()
    dated = (
        sql_select(col(Media.timestamp))
        .where(mine, col(Media.timestamp).is_not(None))
        .order_by(col(Media.timestamp))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    add_gap, last_day = _gap_finder(times), None
    for (moment,) in session.execute(dated):
        add_gap("between_media" if times.last else "after_set_up", times.last or start, moment)
        times.first, times.last = times.first or moment, moment
        times.outside += moment < start or moment > (end or datetime.now(UTC))
        day = moment.astimezone(times.zone).date()
        times.days_with_media, last_day = times.days_with_media + (day != last_day), day
    if times.first and times.last:
        add_gap("before_retrieval", times.last, end or times.last)
        first_day = min(times.first, start).astimezone(times.zone).date()
        end_day = max(times.last, end or times.last).astimezone(times.zone).date()
        times.days = (end_day - first_day).days + 1
    return times


def _gap_finder(times: _Times) -> Callable[[str, datetime, datetime], None]:
    def add_gap(kind: str, start: datetime, end: datetime) -> None:
        if end - start > timedelta(days=GAP_DAYS):
            days = (end - start) // timedelta(days=1)
            local = [_local(moment, times.zone) or "" for moment in (start, end)]
            times.gaps.append(Gap(kind, local[0], local[1], days))

    return add_gap


def _local(moment: datetime | None, zone: timezone) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _problems(session: Session, card: CardImport) -> Iterator[ListedProblem]:
    rows = session.execute(
        sql_select(col(Problem.card_path), col(Problem.code), col(Problem.note))
        .where(col(Problem.card_import_id) == card.card_import_id)
        .order_by(col(Problem.card_path), col(Problem.code))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    for path, code, note in rows:
        yield ListedProblem(path, code, note)
