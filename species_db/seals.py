"""Seals: each row carries a hash of what it says, so that an edit behind our back is named.

Every write of ours renews the seal. Somebody who edits a row with another program leaves a seal
that no longer fits; somebody who renews the seals too meets the roots of them in the signed
receipts and in the hash-chained log (VISION N1).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, event, inspect
from sqlalchemy.orm import Mapper
from sqlmodel import Session, SQLModel, col, select

from species_db.stored import ROWS_A_PAGE, UNREADABLE, stored_rows
from species_db.tables import Sealed


def seal_of(row: Sealed) -> str:
    """SHA-256 over a row's table, columns and values, as every laptop works it out alike."""
    table = type(row)
    return seal_of_values(table, {name: getattr(row, name) for name, _ in _sealed_columns(table)})


def seal_of_values(table: type[Sealed], values: Mapping[str, Any]) -> str:
    """The seal of a row of which only the values are at hand."""
    told: list[Any] = [inspect(table).local_table.name]
    for name, is_float in _sealed_columns(table):
        value = _plain(values[name], is_float=is_float)
        if value is not None:  # a column that a later version adds leaves old seals as they are
            told.append([name, value])
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


@cache
def _sealed_columns(table: type[Sealed]) -> tuple[tuple[str, bool], ...]:
    """The columns under the seal, and whether each holds a float."""
    return tuple(
        (column.name, isinstance(column.type, Float))
        for column in inspect(table).columns
        if column.name != "seal" and column.name not in table.OUTSIDE_SEAL
    )


def sealed_tables() -> list[type[Sealed]]:
    """Every table whose rows carry seals, parents first."""
    order = {table.name: number for number, table in enumerate(SQLModel.metadata.sorted_tables)}
    mapped = [mapper.class_ for mapper in Sealed._sa_registry.mappers]
    found = [one for one in mapped if issubclass(one, Sealed)]
    return sorted(found, key=lambda one: order[inspect(one).local_table.name])


def rows_of(session: Session, table: type[Sealed]) -> Iterator[Sealed]:
    """All rows of a table in the order of their keys, a page in memory at a time."""
    keys = [getattr(table, column.key) for column in inspect(table).primary_key]
    statement = select(table).order_by(*keys).execution_options(yield_per=ROWS_A_PAGE)
    for row in session.exec(statement):
        yield row
        session.expunge(row)


def seal_unsealed(session: Session) -> int:
    """Seal the rows of a survey that is older than seals, as they are found; tell how many."""
    count = 0
    for table in sealed_tables():
        bare = select(table).where(col(table.seal) == "").limit(ROWS_A_PAGE)
        while page := session.exec(bare).all():
            for row in page:
                row.seal = seal_of(row)
            session.flush()
            session.expunge_all()
            count += len(page)
    return count


def broken_seals(
    session: Session, *, on_row: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, str]]:
    """Name every row that does not fit its seal, as its table and its key."""
    for table in sealed_tables():
        for row in stored_rows(session, table):
            on_row()
            try:
                fits = row.values is not None and row.values["seal"] == seal_of_values(
                    table, row.values
                )
            except UNREADABLE:
                fits = False
            if not fits:
                yield inspect(table).local_table.name, row.key


def key_of(row: Sealed) -> str:
    """A row's key as people may search for it."""
    return " ".join(str(part) for part in inspect(type(row)).primary_key_from_instance(row))


def _plain(value: Any, *, is_float: bool) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_float and value is not None:
        return float(value)
    return value


def _seal(_mapper: Mapper[Any], _connection: Connection, row: Sealed) -> None:
    row.seal = seal_of(row)


event.listen(Sealed, "before_insert", _seal, propagate=True)
event.listen(Sealed, "before_update", _seal, propagate=True)
