"""Read stored rows so that one value nobody can read does not hide all the others.

Another program may have put text where an instant belongs. The usual reading then fails as a whole;
this one reads what is stored as it is and understands it row by row.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Label, inspect, select, true, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session, SQLModel

ROWS_A_PAGE = 1000
UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """One row: its key as people may search for it, and its values; none when unreadable."""

    key: str
    values: Mapping[str, Any] | None
    raw: Mapping[str, Any]


def as_stored(*columns: Any) -> list[Label[Any]]:
    """Ask for columns as they are stored, not understood in any way."""
    return [type_coerce(one, NullType()).label(f"c{n}") for n, one in enumerate(columns)]


def stored_rows(
    session: Session,
    table: type[SQLModel],
    *,
    columns: Sequence[str] = (),
    where: ColumnElement[bool] | None = None,
) -> Iterator[StoredRow]:
    """Give the rows of a table by key, a page in memory at a time; all columns, or some."""
    mapper = inspect(table)
    kept: list[Column[Any]] = [
        c for c in mapper.local_table.columns if not columns or c.name in columns
    ]
    keys = list(mapper.primary_key)
    names = [c.name for c in kept]
    asked = as_stored(*keys, *kept)
    dialect = session.get_bind().dialect
    readers = [c.type.dialect_impl(dialect).result_processor(dialect, None) for c in kept]
    statement = select(*asked).where(true() if where is None else where).order_by(*keys)
    statement = statement.execution_options(yield_per=ROWS_A_PAGE)
    for row in session.execute(statement):
        key = " ".join(str(part) for part in row[: len(keys)])
        raw = dict(zip(names, row[len(keys) :], strict=True))
        values: dict[str, Any] | None = {}
        try:
            for name, reader, value in zip(names, readers, raw.values(), strict=True):
                values[name] = reader(value) if reader else value  # type: ignore[index]
        except UNREADABLE:
            values = None
        yield StoredRow(key, values, raw)
