"""The decision log: is it whole, or was an entry altered, taken out, or cut off."""

from collections.abc import Iterator

from sqlmodel import Session

from species_db.decisions import FIRST_HASH, fits_hash
from species_db.stored import stored_rows
from species_db.tables import Decision
from species_db.verify.finding import Finding, Kind


def check_log(session: Session) -> Iterator[Finding]:
    """Name every entry that was altered, or is gone from between others."""
    previous_hash, expected = FIRST_HASH, 1
    for row in stored_rows(session, Decision):
        sequence = int(row.key)
        name = f"{row.raw['act']} {row.raw['subject']}"
        for gone in range(expected, sequence):
            yield missing_entry(gone)
        if not fits_hash(row):
            yield Finding(
                Kind.ALTERED,
                "decision",
                row.key,
                "the log entry does not fit its hash",
                "日志条目与其哈希值不符",
                name,
                _told_by(row.raw["act"], row.raw["subject"]),
            )
        elif sequence == expected and row.raw["previous_hash"] != previous_hash:
            yield Finding(
                Kind.ALTERED,
                "decision",
                str(sequence - 1),
                f"entry {sequence} was chained to another entry before it",
                f"第 {sequence} 条所链接的前一条已被替换",
            )
        previous_hash, expected = str(row.raw["hash"]), sequence + 1


def missing_entry(sequence: int, *, en: str = "", zh: str = "") -> Finding:
    """Say that an entry of the log is gone."""
    return Finding(
        Kind.MISSING,
        "decision",
        str(sequence),
        "the log entry is gone" + en,
        "日志条目缺失" + zh,
    )


def _told_by(act: object, subject: object) -> tuple[tuple[str, str], ...]:
    return (("event", str(subject)),) if act in ("reviewed", "undone") else ()
