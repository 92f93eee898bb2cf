"""The rows: do they say what they said, and is every row there that another one names."""

from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from species_db.seals import broken_seals
from species_db.stored import as_stored
from species_db.verify.finding import Finding, Kind


def check_seals(session: Session, on_row: Callable[[], None]) -> Iterator[Finding]:
    """Name every row that does not fit its seal."""
    for table, key in broken_seals(session, on_row=on_row):
        yield Finding(
            Kind.ALTERED,
            table,
            key,
            "the row does not fit its seal: another program changed it",
            "记录与其封印不符:被其他程序改动过",
        )


def check_references(session: Session) -> Iterator[Finding]:
    """Name every row that others name and that is gone."""
    for table in SQLModel.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table
            other = parent.alias()
            dangling = (
                select(*as_stored(key.parent))
                .outerjoin_from(table, other, key.parent == other.c[key.column.name])
                .where(key.parent.is_not(None), other.c[key.column.name].is_(None))
                .distinct()
            )
            for (gone,) in session.execute(dangling):
                yield Finding(
                    Kind.MISSING,
                    parent.name,
                    str(gone),
                    f"the row is gone, and rows of '{table.name}' name it",
                    f"该记录已缺失,而“{table.name}”表中有记录引用它",
                )
