"""The rows that the log tells of: is each there, with the seal that the newest entry tells.

This is what names a row whose seal was renewed after an edit, and a row that was taken away.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from sqlalchemy import ColumnElement, Table, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import Session, SQLModel, col, select

from species_db.busy import is_busy
from species_db.sealed_list import GONE, SEALED, told_seals
from species_db.stored import UNREADABLE, as_stored
from species_db.survey import Survey
from species_db.tables import CardImport, Decision, FieldImport, FieldPhoto, FieldRecord
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import ImportState

NEVER_REWRITTEN = "observation"  # so each list of them is compared as it is, in little memory
ROWS_A_QUERY = 250
Seals = dict[str, str]


def check_told(session: Session, survey: Survey) -> Iterator[Finding]:
    """Name rows that are gone, or do not have the seal that the log tells, and lost lists."""
    newest: dict[str, Seals] = {}
    entries = select(Decision.sequence, Decision.details).where(
        col(Decision.details).contains(f'"{SEALED}":')
    )
    for sequence, details in session.exec(entries.order_by(col(Decision.sequence))):
        try:
            sealed = json.loads(details).get(SEALED)
            rows = told_seals(survey.folder, sealed)
            while page := list(islice(rows, ROWS_A_QUERY)):
                answers = {key: seal for table, key, seal in page if table == NEVER_REWRITTEN}
                yield from _compare(session, survey, NEVER_REWRITTEN, answers)
                for table, key, seal in page:
                    if table != NEVER_REWRITTEN:
                        newest.setdefault(table, {})[key] = seal
        except (OSError, EOFError, *UNREADABLE):
            yield Finding(
                Kind.MISSING,
                "log list",
                f"of log entry {sequence}",
                "the list of the rows that this entry tells of is gone or damaged",
                "该日志条目所记的记录清单缺失或损坏",
            )
    for table, seals in newest.items():
        waiting = iter(seals.items())
        while told := dict(islice(waiting, ROWS_A_QUERY)):
            yield from _compare(session, survey, table, told)


def _compare(session: Session, survey: Survey, table: str, told: Seals) -> Iterator[Finding]:
    if not told or table not in SQLModel.metadata.tables:
        return
    stored = _stored_seals(session, SQLModel.metadata.tables[table], told)
    for key, seal in told.items():
        found = stored.get(key, GONE)
        if found == seal or _is_at_work(session, survey, table, key):
            continue
        if found == GONE:
            yield Finding(
                Kind.MISSING, table, key, "the log tells of this row, and it is gone",
                "日志中记载的该记录已缺失",
            )  # fmt: skip
        elif seal == GONE:
            yield Finding(
                Kind.EXTRA, table, key, "the log tells that this row was taken away",
                "日志记载该记录已被移除,但它仍存在",
            )  # fmt: skip
        else:
            yield Finding(
                Kind.ALTERED, table, key,
                "the row is not the one that the log tells of: its seal was renewed",
                "该记录与日志所记的不同:其封印被重新生成过",
            )  # fmt: skip


def _stored_seals(session: Session, table: Table, keys: Iterable[str]) -> Mapping[str, str]:
    """The seals of the rows of these keys, whatever else the rows hold."""
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        wanted: ColumnElement[bool] = columns[0].in_(list(keys))
    else:  # the last part of a key may hold blanks, the ones before it never do
        parts = [tuple(key.split(" ", len(columns) - 1)) for key in keys]
        whole = [part for part in parts if len(part) == len(columns)]
        wanted = tuple_(*columns).in_(whole)  # one statement whatever the keys, found by the index
    rows = session.execute(sql_select(*as_stored(*columns, table.c.seal)).where(wanted))
    return {" ".join(str(part) for part in key): str(seal) for *key, seal in rows}


def _is_at_work(session: Session, survey: Survey, table: str, key: str) -> bool:
    """Tell whether an import that is not finished may just have written the row; a note says so."""
    owner: str | None = None
    if table == "cardimport":
        card = session.get(CardImport, key)
        if card is not None and card.state == ImportState.RUNNING.value:
            return True
        owner = key
    if table == "fieldimport":
        owner = key
    elif table == "fieldfile":
        owner = key.partition(" ")[0]
    elif table == "fieldphoto" and (photo := session.get(FieldPhoto, key)) is not None:
        owner = photo.field_import_id
    elif table == "fieldrecord" and (record := session.get(FieldRecord, key)) is not None:
        owner = record.field_import_id
    if owner is None:
        return False
    imported = session.get(FieldImport, owner)
    is_open = imported is not None and imported.completed_at is None
    return is_open or is_busy(survey.folder, owner)
