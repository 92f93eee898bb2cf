"""The receipt of a card: what was on it, what became of each file, and whether it may be wiped."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from ingest.originals import write_whole
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Deployment, Media, Problem
from species_db.vocabulary import FileOutcome, ImportState

SHOWN_PROBLEMS = 20  # the rest is in the receipt's file


@dataclass(frozen=True)
class DuplicateFile:
    """A file whose bytes the survey already keeps, and where it keeps them."""

    card_path: str
    same_as: str
    deployment_id: str


@dataclass(frozen=True)
class ListedProblem:
    """One thing to know about one file."""

    card_path: str
    code: str
    note: str


@dataclass(frozen=True)
class Receipt:
    """What one card gave. Times are local, with the offset in force at the camera."""

    card_import_id: str
    card: str
    deployment_id: str
    person: str
    software_version: str
    started_at: str
    completed_at: str
    files: int
    bytes: int
    stored: int
    duplicates: int
    quarantined: int
    empty: int
    ignored: int
    unread: int
    first_timestamp: str | None
    last_timestamp: str | None
    undated: int
    outside_deployment: int
    content_sha256: str
    safe_to_wipe: bool
    because: tuple[str, ...]
    duplicate_files: tuple[DuplicateFile, ...]
    problems: tuple[ListedProblem, ...]

    def as_json(self) -> str:
        """The receipt as JSON, keys in a fixed order."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    def as_text(self) -> str:
        """The receipt in a few lines, problems listed, the verdict last."""
        counts = tr(
            f"{self.deployment_id}: {self.files} files, {self.bytes / 1e6:.1f} MB: {self.stored} "
            f"stored, {self.duplicates} duplicates, {self.quarantined} quarantined, {self.empty} "
            f"empty, {self.ignored} ignored, {self.unread} unread",
            f"{self.deployment_id}:共 {self.files} 个文件,{self.bytes / 1e6:.1f} MB:"
            f"入库 {self.stored},重复 {self.duplicates},隔离 {self.quarantined},"
            f"空文件 {self.empty},忽略 {self.ignored},未能读取 {self.unread}",
        )
        times = tr(
            f"  from {self.first_timestamp} to {self.last_timestamp}; {self.undated} undated, "
            f"{self.outside_deployment} outside the deployment",
            f"  拍摄时间 {self.first_timestamp} 至 {self.last_timestamp};无时间 {self.undated},"
            f"布设期外 {self.outside_deployment}",
        )
        elsewhere = Counter(d.deployment_id for d in self.duplicate_files)
        elsewhere.pop(self.deployment_id, None)
        told = [
            tr(
                f"  {count} of its files are already recorded under deployment {other}",
                f"  其中 {count} 个文件已记录在布设 {other} 之下",
            )
            for other, count in sorted(elsewhere.items())
        ]
        shown = [f"  {p.card_path}: {p.code} {p.note}" for p in self.problems[:SHOWN_PROBLEMS]]
        if (more := len(self.problems) - SHOWN_PROBLEMS) > 0:
            shown.append(tr(f"  and {more} more", f"  另有 {more} 条"))
        verdict = tr(
            f"  SAFE TO WIPE: {'YES' if self.safe_to_wipe else 'NO'}, because ",
            f"  可否清空存储卡:{'可以' if self.safe_to_wipe else '不可以'},因为",
        )
        return "\n".join([counts, times, *told, *shown, verdict + "; ".join(self.because)])


def build_receipt(session: Session, survey: Survey, card: CardImport) -> Receipt:
    """Work a card's receipt out from the journal, looking whether each kept file is there."""
    joined = session.exec(
        select(CardFile, Media)
        .outerjoin(Media, col(CardFile.media_id) == Media.media_id)
        .where(CardFile.card_import_id == card.card_import_id)
        .order_by(CardFile.card_path)
    ).all()
    rows = [row for row, _ in joined]
    missing = [
        row
        for row, media in joined
        if not _is_kept(survey, card, row, media.file_path if media else None)
    ]
    duplicates = tuple(
        DuplicateFile(row.card_path, media.card_path, media.deployment_id)
        for row, media in joined
        if row.outcome == FileOutcome.DUPLICATE.value and media is not None
    )
    outcomes = Counter(row.outcome for row in rows)
    told = hashlib.sha256()
    for row in rows:
        told.update(f"{row.sha256 or ''} {row.bytes} {row.card_path}\n".encode())
    because = _verdict(card, missing, outcomes)
    times = _times(session, card)
    return Receipt(
        card_import_id=card.card_import_id,
        card=card.card_path,
        deployment_id=card.deployment_id,
        person=card.person,
        software_version=card.software_version,
        started_at=card.started_at.isoformat(timespec="seconds"),
        completed_at=card.completed_at.isoformat(timespec="seconds") if card.completed_at else "",
        files=len(rows),
        bytes=sum(row.bytes for row in rows),
        stored=outcomes[FileOutcome.STORED.value],
        duplicates=outcomes[FileOutcome.DUPLICATE.value],
        quarantined=outcomes[FileOutcome.QUARANTINED.value],
        empty=outcomes[FileOutcome.EMPTY.value],
        ignored=outcomes[FileOutcome.IGNORED.value],
        unread=outcomes[FileOutcome.UNREAD.value],
        first_timestamp=times.first,
        last_timestamp=times.last,
        undated=times.undated,
        outside_deployment=times.outside,
        content_sha256=told.hexdigest(),
        safe_to_wipe=not because,
        because=tuple(because) or (_all_kept(),),
        duplicate_files=duplicates,
        problems=_problems(session, card),
    )


def save_receipt(receipt: Receipt, folder: Path) -> Path:
    """Write the receipt where `namcha status` and people find it; never half a file."""
    path = folder / f"{receipt.deployment_id}-{receipt.card_import_id[:8]}.json"
    write_whole(path, receipt.as_json())
    return path


def _all_kept() -> str:
    return tr(
        "every file of the camera is kept in the survey folder and was hashed while copying",
        "相机的所有文件均已保存在调查文件夹中,并在复制时计算了校验值",
    )


def _verdict(card: CardImport, missing: Sequence[CardFile], outcomes: Counter[str]) -> list[str]:
    """Say why the card must not be wiped; nothing to say means that it may."""
    reasons = []
    if card.state != ImportState.COMPLETE.value:
        reasons.append(tr("the import is not finished", "导入尚未完成"))
    if unread := outcomes[FileOutcome.UNREAD.value]:
        reasons.append(tr(f"{unread} files could not be read", f"有 {unread} 个文件无法读取"))
    if missing:
        reasons.append(
            tr(
                f"{len(missing)} files are not in the survey folder (first: "
                f"{missing[0].card_path})",
                f"有 {len(missing)} 个文件不在调查文件夹中(首个:{missing[0].card_path})",
            )
        )
    return reasons


def _is_kept(survey: Survey, card: CardImport, row: CardFile, media_path: str | None) -> bool:
    """Tell whether a file's copy is there, whole; its bytes were hashed when they were written."""
    path = None
    if row.outcome in (FileOutcome.STORED.value, FileOutcome.DUPLICATE.value):
        path = survey.path_of(media_path or "?")
    elif row.outcome == FileOutcome.QUARANTINED.value:
        path = quarantine_path(survey, card.deployment_id, row.sha256)
    try:
        return path is None or path.stat().st_size == row.bytes
    except OSError:
        return False


def quarantine_path(survey: Survey, deployment_id: str, sha256: str | None) -> Path:
    """Where a file that could not be used is kept."""
    return survey.folder / "quarantine" / deployment_id / f"{sha256}.bin"


@dataclass(frozen=True)
class _Times:
    first: str | None
    last: str | None
    undated: int
    outside: int


def _times(session: Session, card: CardImport) -> _Times:
    mine = Media.card_import_id == card.card_import_id
    first, last, media, dated = session.exec(
        select(  # type: ignore[call-overload]
            func.min(Media.timestamp),
            func.max(Media.timestamp),
            func.count(col(Media.media_id)),
            func.count(col(Media.timestamp)),
        ).where(mine)
    ).one()
    deployment = session.get_one(Deployment, card.deployment_id)
    outside = session.exec(
        select(func.count())
        .select_from(Media)
        .where(
            mine,
            (col(Media.timestamp) < deployment.deployment_start)
            | (col(Media.timestamp) > (deployment.deployment_end or datetime.now(UTC))),
        )
    ).one()
    zone = timezone(timedelta(seconds=deployment.utc_offset_seconds))
    return _Times(_local(first, zone), _local(last, zone), media - dated, outside)


def _local(moment: datetime | None, zone: timezone) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _problems(session: Session, card: CardImport) -> tuple[ListedProblem, ...]:
    rows = session.exec(
        select(Problem)
        .where(Problem.card_import_id == card.card_import_id)
        .order_by(Problem.card_path, Problem.code)
    ).all()
    return tuple(ListedProblem(row.card_path, row.code, row.note) for row in rows)
