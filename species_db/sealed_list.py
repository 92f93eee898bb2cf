"""Each entry of the log tells the seals of the rows that its act wrote.

A seal alone proves nothing against somebody who renews it: the code is public. But the log is a
chain of hashes, bound by signed receipts; so what an entry says of a row's seal cannot be edited
without a trace, and the newest word on a row holds. Media and the journals of cards are told by
their receipts' roots instead.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, object_session
from sqlmodel import Session

from species_db.decisions import LAST_ENTRY, entry_hash
from species_db.kept_lists import ListKind, keep_list, list_path, read_list
from species_db.seals import key_of, rows_of, sealed_tables
from species_db.tables import (
    CameraDay,
    CardFile,
    ClockSegment,
    Decision,
    Event,
    Media,
    Problem,
    Sealed,
)
from species_db.vocabulary import ClassificationMethod, ClockState

SEALED = "sealed"  # the detail of a log entry: the rows themselves, or the name of a kept list
WRITTEN = "written"  # in `Session.info`
SHORT_LIST = 20  # rows that an entry holds itself; about 3 KB
GONE = ""  # the seal of a row that was taken away
KEPT = "kept"  # instead of a table: the key names a kept list, whose rows are told here as well
TOLD_ELSEWHERE = (Media, CardFile, Problem, Event)  # events follow from media and reviews


def tell_rows(session: Session, rows: Iterable[Sealed]) -> None:
    """Let the entry of this transaction tell rows that earlier transactions wrote as well."""
    for row in rows:
        _note(session, row, row.seal)


def tell_seals(session: Session, seals: Iterable[tuple[str, str]]) -> None:
    """Let the entry of this transaction tell rows that were inserted at once, by table and key."""
    session.info.setdefault(WRITTEN, {}).update(seals)


def tell_list(session: Session, sha256: str) -> None:
    """Let the entry of this transaction tell the rows of a kept list, by the list's name."""
    tell_seals(session, [(f"{KEPT} {sha256}", KEPT)])


def tell_all_rows(session: Session) -> None:
    """Let the entry of this transaction tell every row of a survey."""
    for table in sealed_tables():
        if table not in TOLD_ELSEWHERE:
            tell_rows(session, rows_of(session, table))


def complete_entry(session: Session, folder: Path) -> None:
    """Write into the newest entry of this transaction which rows were written, before it commits.

    A transaction without an entry (a batch of an import at work) is told by the entry that closes
    the work, see `tell_rows`.

    Raises:
        KeptListError: the survey folder cannot take the list.
    """
    entry: Decision | None = session.info.pop(LAST_ENTRY, None)
    sealed = sealed_so_far(session, folder) if entry else None
    session.info.pop(WRITTEN, None)
    if entry is None or not sealed:
        return
    told = json.loads(entry.details) | {SEALED: sealed}
    entry.details = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry.hash = entry_hash(entry)
    session.flush()


def sealed_so_far(session: Session, folder: Path) -> dict[str, str] | str:
    """What the entry of this transaction would tell now: seals by row, or the name of their list.

    Raises:
        KeptListError: the survey folder cannot take the list.
    """
    session.flush()
    written: dict[str, str] = session.info.get(WRITTEN, {})
    if len(written) <= SHORT_LIST:
        return dict(sorted(written.items()))
    lines = (json.dumps(one, ensure_ascii=False) for one in sorted(written.items()))
    return keep_list(folder, ListKind.SEALED, lines, is_waiting=False)


def told_seals(folder: Path, sealed: object) -> Iterator[tuple[str, str, str]]:
    """Give table, key and seal of each row that an entry tells of.

    Raises:
        OSError, EOFError, ValueError: the kept list is gone or damaged.
    """
    told: Iterable[tuple[str, str]] = ()
    if isinstance(sealed, str):
        lines = read_list(list_path(folder, ListKind.SEALED, sealed))
        told = (json.loads(line) for line in lines)
    elif isinstance(sealed, dict):
        told = sealed.items()
    for row, seal in told:
        table, _, key = row.partition(" ")
        if table == KEPT:
            yield from told_seals(folder, key)
        else:
            yield table, key, seal


def without_seals(details: str) -> dict[str, Any]:
    """What an entry says besides the seals of rows."""
    told: dict[str, Any] = json.loads(details)
    told.pop(SEALED, None)
    return told


def _is_told(row: Sealed) -> bool:
    """Tell whether the log speaks of a row; what machines work out anew each time it does not."""
    if isinstance(row, CameraDay):
        return row.method == ClassificationMethod.HUMAN.value
    if isinstance(row, ClockSegment):
        return row.state not in (ClockState.PROPOSED.value, ClockState.LAPSED.value)
    return not isinstance(row, TOLD_ELSEWHERE)


def _note(session: Session | None, row: Sealed, seal: str) -> None:
    if session is not None and _is_told(row):
        name = f"{inspect(type(row)).local_table.name} {key_of(row)}"
        session.info.setdefault(WRITTEN, {})[name] = seal


def _written(_mapper: Mapper[Any], _connection: object, row: Sealed) -> None:
    _note(object_session(row), row, row.seal)  # type: ignore[arg-type]


def _deleted(_mapper: Mapper[Any], _connection: object, row: Sealed) -> None:
    _note(object_session(row), row, GONE)  # type: ignore[arg-type]


# After the row is written: its seal, made just before, is the one that is stored.
event.listen(Sealed, "after_insert", _written, propagate=True)
event.listen(Sealed, "after_update", _written, propagate=True)
event.listen(Sealed, "after_delete", _deleted, propagate=True)
