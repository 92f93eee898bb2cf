"""The append-only, hash-chained log of every act that changes a record or lets one out.

Each entry carries the SHA-256 of the one before it, so a later edit anywhere breaks the chain
from that entry on (DESIGN: Decision).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from species_db.identity import act_id
from species_db.tables import Decision
from species_db.vocabulary import Act

FIRST_HASH = "0" * 64
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
    return decision


def last_details(session: Session, act: Act, *, subject: str) -> str | None:
    """What the newest entry of this act on this subject says, as JSON; None when there is none."""
    return session.exec(
        select(Decision.details)
        .where(Decision.act == act.value, Decision.subject == subject)
        .order_by(col(Decision.sequence).desc())
        .limit(1)
    ).first()


def entry_hash(decision: Decision) -> str:
    """SHA-256 over everything an entry says, the hash before it included."""
    told = [
        decision.sequence,
        decision.decision_id,
        decision.act,
        decision.subject,
        decision.person,
        decision.decided_at.astimezone(UTC).isoformat(timespec="microseconds"),
        decision.details,
        decision.previous_hash,
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def broken_entries(session: Session) -> Iterator[int]:
    """Name the entries that were altered, or before which one is missing, by sequence number."""
    previous_hash, expected = FIRST_HASH, 1
    for decision in session.exec(select(Decision).order_by(col(Decision.sequence))):
        if (
            decision.sequence != expected
            or decision.previous_hash != previous_hash
            or decision.hash != entry_hash(decision)
        ):
            yield decision.sequence
        previous_hash, expected = decision.hash, decision.sequence + 1
