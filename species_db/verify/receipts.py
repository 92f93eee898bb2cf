"""The receipts: are they as they were signed, and is what they name still in the log."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, func, select

from species_db.busy import is_busy
from species_db.keys import is_signed_by, logged_keys
from species_db.stored import UNREADABLE
from species_db.survey import Survey
from species_db.tables import Decision
from species_db.verify.finding import Finding, Kind, Note
from species_db.verify.log import missing_entry
from species_db.vocabulary import Act

_ROOTS = ("merkle_root", "seals_root", "content_sha256", "seals_root")


@dataclass(frozen=True)
class CardEntry:
    """What the log tells of a card's receipt."""

    card_import_id: str
    sequence: int
    previous_hash: str
    receipt_sha256: str | None  # None: from before receipts were signed
    page_sha256: str | None
    merkle_root: str | None
    seals_root: str | None
    content_sha256: str | None
    list_seals_root: str | None  # when the receipt was made; a sheet's correction renews seals


@dataclass
class ReceiptCheck:
    """What was read of the receipts, for the checks that follow."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lists: dict[str, Path] = field(default_factory=dict)
    count: int = 0


def card_entries(session: Session) -> dict[int, CardEntry]:
    """Every entry of the log about a receipt, by its number; the newest of a card comes last."""
    told: dict[int, CardEntry] = {}
    acts = [Act.CARD_IMPORTED.value, Act.DEPLOYMENTS_IMPORTED.value]
    newest: dict[str, int] = {}
    for act, subject, sequence, previous_hash, details in session.exec(
        select(
            Decision.act,
            Decision.subject,
            Decision.sequence,
            Decision.previous_hash,
            Decision.details,
        )  # type: ignore[call-overload]
        .where(col(Decision.act).in_(acts))
        .order_by(col(Decision.sequence))
    ):
        try:
            said: dict[str, Any] = dict(json.loads(details))
            resealed = dict(str(one).split(" ", 1) for one in said.get("card_seals", ()))
        except UNREADABLE:
            continue  # an altered entry; the log's own check names it
        if act == Act.CARD_IMPORTED.value:
            newest[subject] = sequence
            roots = [said.get(name) for name in _ROOTS]
            hashes = [said.get(name) for name in ("receipt_sha256", "page_sha256")]
            told[sequence] = CardEntry(subject, sequence, previous_hash, *hashes, *roots)
        for card_import_id, root in resealed.items():
            if (at := newest.get(card_import_id)) is not None:
                told[at] = _resealed(told[at], root)
    return told


def newest_by_card(entries: dict[int, CardEntry]) -> dict[str, CardEntry]:
    """The entry in force for each card."""
    return {one.card_import_id: one for _, one in sorted(entries.items())}


def check_receipts(
    session: Session, survey: Survey, entries: dict[int, CardEntry], *, last_sequence: int
) -> ReceiptCheck:
    """Check every kept receipt, and that each card's newest one is kept."""
    told = ReceiptCheck()
    keys = logged_keys(session)
    newest = newest_by_card(entries)
    kept: set[int] = set()
    folder = survey.folder / "receipts"
    for path in sorted(folder.glob("*.json")):
        if last_sequence < _sequence_of(path) <= _sequence_now(survey):
            continue  # an import has just written it; the moment that is looked at is before it
        told.count += 1
        findings = list(_check_receipt(path, entries, keys, last_sequence, told.notes))
        told.findings += findings
        sequence = _sequence_of(path)
        if sequence in entries:
            kept.add(sequence)
            card = entries[sequence].card_import_id
            if newest[card].sequence == sequence:
                told.lists[card] = path.with_name(f"{path.stem}.files.gz")
                told.findings += _check_beside(path, entries[sequence])
    for entry in newest.values():
        is_told = entry.receipt_sha256 is not None and entry.sequence not in kept
        if is_told and not is_busy(survey.folder, entry.card_import_id):
            told.findings.append(
                Finding(
                    Kind.MISSING,
                    "receipt",
                    f"of card {entry.card_import_id}",
                    f"log entry {entry.sequence} tells of a receipt that is not there; import "
                    "the card again to write it",
                    f"日志第 {entry.sequence} 条所记的回执不存在;重新导入该卡即可写出",
                    used=(("cardimport", entry.card_import_id),),
                )
            )
    return told


def _check_receipt(
    path: Path,
    entries: dict[int, CardEntry],
    keys: dict[str, str],
    last_sequence: int,
    notes: list[Note],
) -> Iterator[Finding]:
    name = f"receipts/{path.name}"
    try:
        content = path.read_bytes()
        document: dict[str, Any] = dict(json.loads(content))
        sequence = int(document.get("log_sequence", 0))
        card = str(document.get("card_import_id", ""))
    except (OSError, *UNREADABLE):
        yield _altered(name, "it cannot be read as a receipt", "无法作为回执读取")
        return
    entry = entries.get(sequence)
    if sequence == 0 and "signature" not in document:
        logged = [one for one in entries.values() if one.card_import_id == card]
        if any(one.receipt_sha256 is None for one in logged):
            notes.append(_unsigned(name))
        else:
            yield _altered(name, "it lost its signature", "签名已丢失")
        return
    key = keys.get(str(document.get("key_fingerprint", "")))
    if key is None or not is_signed_by(document, key):
        yield _altered(name, "its signature does not fit", "签名无效")
    if entry is None or entry.card_import_id != card:
        if sequence > last_sequence:
            yield missing_entry(
                sequence, en=f", and {name} names it: the log was cut off",
                zh=f",而 {name} 提到了它:日志已被截断",
            )  # fmt: skip
        else:
            yield _altered(
                name,
                f"log entry {sequence} does not tell of it",
                f"日志第 {sequence} 条并未记载它",
            )
    elif (
        hashlib.sha256(content).hexdigest() != entry.receipt_sha256
        or document.get("previous_log_hash") != entry.previous_hash
    ):
        yield _altered(
            name,
            f"it is not the receipt that log entry {sequence} tells of",
            f"它不是日志第 {sequence} 条所记的回执",
        )


def _check_beside(path: Path, entry: CardEntry) -> Iterator[Finding]:
    """Check what stands beside a receipt: the printable page."""
    page = path.with_suffix(".html")
    name = f"receipts/{page.name}"
    try:
        is_same = hashlib.sha256(page.read_bytes()).hexdigest() == entry.page_sha256
    except OSError:
        yield Finding(
            Kind.MISSING, "receipt", name, "the printable receipt is gone", "可打印的回执缺失"
        )
        return
    if not is_same:
        yield _altered(
            name,
            f"it is not the page that log entry {entry.sequence} tells of",
            f"它不是日志第 {entry.sequence} 条所记的页面",
        )
    if not path.with_name(f"{path.stem}.files.gz").is_file():
        gone = f"receipts/{path.stem}.files.gz"
        en, zh = "the receipt's list of files is gone", "回执的文件清单缺失"
        yield Finding(Kind.MISSING, "receipt", gone, en, zh)


def _altered(name: str, en: str, zh: str) -> Finding:
    return Finding(Kind.ALTERED, "receipt", name, en, zh)


def _unsigned(name: str) -> Note:
    return Note(
        f"{name} is unsigned: it is from before receipts were signed.",
        f"{name} 没有签名:它早于签名功能。",
    )


def _sequence_now(survey: Survey) -> int:
    """The newest entry of the log at this very moment."""
    with survey.reading() as session:
        return session.exec(select(func.max(Decision.sequence))).one() or 0


def _sequence_of(path: Path) -> int:
    try:
        return int(json.loads(path.read_bytes()).get("log_sequence", 0))
    except (OSError, *UNREADABLE):
        return 0


def _resealed(entry: CardEntry, root: str) -> CardEntry:
    return CardEntry(**{**vars(entry), "seals_root": root})
