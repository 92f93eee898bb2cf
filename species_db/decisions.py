"""The append-only, hash-chained log of every act that changes a record or lets one out.

Each entry carries the SHA-256 of the one before it, so a later edit anywhere breaks the chain
from that entry on (DESIGN: Decision).

The details of an entry say exactly what a record said, the place of a field record or of a control
action included: they stay in the survey. No command and no page shows or exports them as they are;
whoever reads them takes out single facts, and places among these pass species_db/sensitivity.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from species_db.identity import act_id
from species_db.stored import UNREADABLE, StoredRow, stored_rows
from species_db.tables import Decision
from species_db.vocabulary import Act

FIRST_HASH = "0" * 64
ENTRIES_A_PAGE = 1000
LAST_ENTRY = "last_entry"  # in `Session.info`: see species_db/sealed_list.py
Detail = str | int | float | bool | None | list[str] | dict[str, int]


def record_decision(
    session: Session,
    act: Act,
    *,
    subject: str,
    person: str,
    details: Mapping[str, Detail],
    decided_at: datetime | None = None,
) -> Decision:
    """Append an act to the log, in the same transaction as the change it speaks of.

    Must run inside `Survey.writing()`: the write lock keeps the chain single.
    """
    last = session.exec(select(Decision).order_by(col(Decision.sequence).desc()).limit(1)).first()
    decision = Decision(
        sequence=last.sequence + 1 if last else 1,
        decision_id=act_id(),
        act=act.value,
        subject=subject,
        person=person,
        decided_at=decided_at or datetime.now(UTC),
        details=json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        previous_hash=last.hash if last else FIRST_HASH,
        hash="",
    )
    decision.hash = entry_hash(decision)
    session.add(decision)
    session.flush()
    session.info[LAST_ENTRY] = decision
    return decision


def record_decisions(
    session: Session,
    act: Act,
    entries: Iterable[tuple[str, Mapping[str, Detail]]],
    *,
    person: str,
    decided_at: datetime,
) -> list[str]:
    """Append many acts of one kind at once, each by its subject and details; give their ids.

    As `record_decision` does for one. The transaction must end with an entry of its own: that one
    tells the rows that were written.
    """
    session.flush()
    last = session.exec(select(Decision).order_by(col(Decision.sequence).desc()).limit(1)).first()
    sequence, before = (last.sequence, last.hash) if last else (0, FIRST_HASH)
    names: list[str] = []
    waiting = iter(entries)
    while page := list(islice(waiting, ENTRIES_A_PAGE)):
        rows = []
        for subject, details in page:
            sequence += 1
            row = {
                "sequence": sequence,
                "decision_id": act_id(),
                "act": act.value,
                "subject": subject,
                "person": person,
                "decided_at": decided_at,
                "details": json.dumps(
                    details, ensure_ascii=False, sort_keys=True, separators=(",", ":")
                ),
                "previous_hash": before,
            }
            row["hash"] = before = hash_of_values(row)
            rows.append(row)
        session.connection().execute(insert(Decision.__table__), rows)  # type: ignore[attr-defined]
        names += [str(row["decision_id"]) for row in rows]
    return names


def last_details(session: Session, act: Act, *, subject: str) -> str | None:
    """What the newest entry of this act on this subject says, as JSON; None when there is none."""
    return session.exec(
        select(Decision.details)
        .where(Decision.act == act.value, Decision.subject == subject)
        .order_by(col(Decision.sequence).desc())
        .limit(1)
    ).first()


def last_act(session: Session, *, but: Collection[Act] = ()) -> int:
    """The number of the last entry that is none of these acts; 0 in an empty log.

    What was worked out from the survey may be kept for as long as it stays the same.
    """
    newest = select(func.max(Decision.sequence)).where(
        col(Decision.act).not_in([act.value for act in but])
    )
    return session.exec(newest).one() or 0


def entry_hash(decision: Decision) -> str:
    """SHA-256 over everything an entry says, the hash before it included."""
    return hash_of_values(decision.model_dump())


def hash_of_values(values: Mapping[str, Any]) -> str:
    """The hash of an entry of which only the values are at hand."""
    told = [
        values["sequence"],
        values["decision_id"],
        values["act"],
        values["subject"],
        values["person"],
        values["decided_at"].astimezone(UTC).isoformat(timespec="microseconds"),
        values["details"],
        values["previous_hash"],
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def broken_entries(session: Session) -> Iterator[int]:
    """Name the entries that were altered, or before which one is missing, by sequence number."""
    previous_hash, expected = FIRST_HASH, 1
    for row in stored_rows(session, Decision):
        sequence = int(row.key)
        is_next = sequence == expected and row.raw["previous_hash"] == previous_hash
        if not is_next or not fits_hash(row):
            yield sequence
        previous_hash, expected = str(row.raw["hash"]), sequence + 1


def fits_hash(row: StoredRow) -> bool:
    """Tell whether an entry still says what its hash was made over."""
    try:
        return row.values is not None and row.values["hash"] == hash_of_values(row.values)
    except UNREADABLE:
        return False
