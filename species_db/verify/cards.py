"""A card's rows: do they have the roots that its receipt signed and the log tells."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from species_db import identity
from species_db.busy import is_busy
from species_db.merkle import MerkleTree
from species_db.stored import as_stored
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Media
from species_db.verify.finding import Finding, Kind
from species_db.verify.receipts import CardEntry
from species_db.vocabulary import FileOutcome, ImportState

ROWS_A_PAGE = 1000
Line = list[Any]  # path, bytes, sha256, outcome, seal of the journal's row, seal of its media


def check_cards(
    session: Session, survey: Survey, entries: dict[str, CardEntry], lists: dict[str, Path]
) -> Iterator[Finding]:
    """Compare every card's journal with what the log and the signed receipt tell of it.

    `entries` are the newest entries of the log by card, `lists` the kept lists of files by card.
    """
    found = select(CardImport.card_import_id, CardImport.state)
    cards = dict(session.exec(found).all())
    for card_import_id in sorted(set(entries) - set(cards)):
        yield Finding(
            Kind.MISSING,
            "cardimport",
            card_import_id,
            "the card that the log tells of is gone",
            "日志中记载的存储卡已缺失",
        )
    for card_import_id, state in sorted(cards.items()):
        entry = entries.get(card_import_id)
        if is_busy(survey.folder, card_import_id):
            continue  # a note tells of it
        if entry is not None:
            yield from _check_card(session, entry, lists.get(card_import_id))
        elif state == ImportState.COMPLETE.value:
            yield Finding(
                Kind.ALTERED,
                "cardimport",
                card_import_id,
                "its import is complete, and the log does not tell of it. If the computer was "
                "switched off just then, import the card again",
                "导入已完成,但日志中没有记载。若当时电脑断电,请重新导入该卡",
            )
    yield from _unlisted_media(session)


def _check_card(session: Session, entry: CardEntry, list_path: Path | None) -> Iterator[Finding]:
    files, seals, content = MerkleTree(), MerkleTree(), hashlib.sha256()
    for line in _journal(session, entry.card_import_id):
        files.add(line[:4])
        seals.add([line[0], *line[4:]])
        content.update(f"{line[2] or ''} {line[1]} {line[0]}\n".encode())
    if entry.merkle_root is None:  # from before roots
        is_same = entry.content_sha256 in (None, content.hexdigest())
    else:
        is_same = (files.root(), seals.root()) == (entry.merkle_root, entry.seals_root)
    if not is_same:
        listed = _trusted_list(entry, list_path) or []
        stored = _journal(session, entry.card_import_id) if listed else iter(())
        found = list(_differences(entry, listed, stored))
        yield from found
        if not found:
            yield Finding(
                Kind.ALTERED,
                "cardimport",
                entry.card_import_id,
                "the rows of this card's files do not have the root that the log tells",
                "该卡的文件记录与日志中的 Merkle 根不一致",
            )


def _trusted_list(entry: CardEntry, path: Path | None) -> list[Line] | None:
    """The kept list of the card's files, when it has the very roots that the log tells."""
    if path is None:
        return None
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            lines: list[Line] = [json.loads(line) for line in stream]
        files, seals = MerkleTree(), MerkleTree()
        for line in lines:
            files.add(line[:4])
            seals.add([line[0], *line[4:]])
    except (OSError, EOFError, ValueError, TypeError, LookupError):
        return None
    if files.root() != entry.merkle_root or seals.root() != entry.list_seals_root:
        return None
    return lines


def _journal(session: Session, card_import_id: str) -> Iterator[Line]:
    columns = (
        CardFile.card_path,
        CardFile.bytes,
        CardFile.sha256,
        CardFile.outcome,
        CardFile.seal,
        Media.seal,
        Media.card_import_id,
    )
    rows = session.execute(
        sql_select(*as_stored(*columns))
        .outerjoin_from(CardFile, Media, col(CardFile.media_id) == col(Media.media_id))
        .where(col(CardFile.card_import_id) == card_import_id)
        .order_by(col(CardFile.card_path))
        .execution_options(yield_per=ROWS_A_PAGE)
    )
    for *line, seal, owner in rows:
        yield [*line, seal if owner == card_import_id else None]


def _differences(entry: CardEntry, listed: list[Line], stored: Iterator[Line]) -> Iterator[Finding]:
    known = {line[0]: line for line in listed}
    for line in stored:
        key = f"{entry.card_import_id} {line[0]}"
        before = known.pop(line[0], None)
        if before is None:
            yield Finding(
                Kind.EXTRA,
                "cardfile",
                key,
                "the receipt does not list this file",
                "回执中没有该文件",
                str(line[0]),
            )
            continue
        if line[:5] != before[:5]:
            yield Finding(
                Kind.ALTERED,
                "cardfile",
                key,
                "the row is not the one that the receipt signed",
                "该记录与回执签名时不同",
                str(line[0]),
                (("media", identity.media_id(str(before[2]))),),
            )
        if line[5] != before[5] and entry.list_seals_root == entry.seals_root:
            kind = Kind.ALTERED if line[5] else Kind.MISSING
            yield Finding(
                kind,
                "media",
                identity.media_id(str(before[2])),
                "the row is not the one that the receipt signed",
                "该记录与回执签名时不同",
                str(line[0]),
            )
    for path, line in known.items():
        used = (("media", identity.media_id(str(line[2]))),) if line[2] else ()
        yield Finding(
            Kind.MISSING,
            "cardfile",
            f"{entry.card_import_id} {path}",
            "the receipt lists this file, and its row is gone",
            "回执中列有该文件,但其记录已缺失",
            str(path),
            used,
        )


def _unlisted_media(session: Session) -> Iterator[Finding]:
    """Name media that the journal of no card tells of."""
    journal = select(CardFile.card_path).where(
        CardFile.card_import_id == Media.card_import_id,
        CardFile.card_path == Media.card_path,  # by its key: the journal has no other index
        CardFile.media_id == Media.media_id,
        col(CardFile.outcome).in_([FileOutcome.STORED.value, FileOutcome.ELSEWHERE.value]),
    )
    for media_id in session.exec(select(Media.media_id).where(~journal.exists())):
        yield Finding(
            Kind.EXTRA,
            "media",
            media_id,
            "no card's journal tells of this row",
            "没有任何存储卡的日志记载该记录",
        )
