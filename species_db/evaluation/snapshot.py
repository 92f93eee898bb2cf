"""A snapshot of the survey's database in one SQLite file, and hashes of what it says.

Taken in one moment, while others may write. What no report needs stays out: jobs of the app,
roles and requests of release. County outlines are put in where the survey has none of its own, and
outlines that hold only later are left out, so that the file alone tells where a place lies.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, insert, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, select

from species_db.export.offering import sha256_of
from species_db.geo.areas import county_rows, line_of, newest_of
from species_db.survey import Survey
from species_db.tables import Area, ControlAction
from species_db.vocabulary import AreaKind

LEFT_OUT = ("job", "release", "personrole")  # work of the app and of the desk, no facts
VERSION_TABLE = "alembic_version"
ROWS_A_PAGE = 2000
BY_NAMCHA = "namcha"
NO_DAY = datetime(1970, 1, 1, tzinfo=UTC)  # of outlines that were put in: the same on every day
Report = Callable[[str, int, int], None]  # step, done, total


@dataclass(frozen=True)
class Snapshot:
    """What a snapshot is: its file's hash, its tables' version, and what each table says."""

    bytes: int
    sha256: str
    tables_version: str
    rows: Mapping[str, int]
    sha256s: Mapping[str, str]  # by table: of its rows, wherever in the file they lie

    @property
    def content_sha256(self) -> str:
        """One hash over all rows; the same after the file is packed anew, or by another engine."""
        told = [f"{name} {self.rows[name]} {self.sha256s[name]}" for name in sorted(self.rows)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()


def take_snapshot(
    survey: Survey, path: Path, *, on: date, report: Report = lambda step, done, total: None
) -> Snapshot:
    """Write the survey's database as it is now into one new SQLite file.

    Raises:
        OSError, sqlite3.Error: the folder cannot take it.
    """
    report("copy", 0, 1)
    if survey.engine.dialect.name == "sqlite":
        _vacuum_into(str(survey.engine.url.database), path)
    else:
        copy_rows(survey.engine, path)
    report("copy", 1, 1)
    engine = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    try:
        with Session(engine) as session, session.begin():
            session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
            for name in LEFT_OUT:
                session.connection().exec_driver_sql(f"DELETE FROM {name}")
            _settle_outlines(session, on)
    finally:
        engine.dispose()
    return describe(path, report=report)


def describe(path: Path, *, report: Report = lambda step, done, total: None) -> Snapshot:
    """Hash a snapshot: the file, and the rows of each table in the order of their keys."""
    rows, sha256s = dict[str, int](), dict[str, str]()
    with closing(open_read_only(path)) as connection:
        names = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY name"
        )]  # fmt: skip
        for number, name in enumerate(names):
            report("hash", number, len(names))
            rows[name], sha256s[name] = _table(connection, name)
        report("hash", len(names), len(names))
        version = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()
    return Snapshot(path.stat().st_size, sha256_of(path), str(version[0]), rows, sha256s)


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a snapshot so that nothing is written, not even beside it: it may lie on a disc."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


def copy_rows(source: Engine, path: Path) -> None:
    """Copy every table row by row, in one moment of the source, from whatever engine keeps it."""
    target = create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True)
    try:
        SQLModel.metadata.create_all(target)
        with source.connect() as read, target.begin() as write:
            if source.dialect.name == "postgresql":
                read = read.execution_options(isolation_level="REPEATABLE READ")
            for table in SQLModel.metadata.sorted_tables:
                asked = select_columns(table).execution_options(yield_per=ROWS_A_PAGE)
                for page in read.execute(asked).mappings().partitions():
                    write.execute(insert(table), [dict(row) for row in page])
            version = read.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()
            write.execute(text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)"))
            write.execute(
                text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"), {"version": version}
            )
    finally:
        target.dispose()


def _vacuum_into(database: str, path: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(path),))


def _settle_outlines(session: Session, on: date) -> None:
    """Leave what holds on the day: a report of later years must not find other borders."""
    in_use = set(session.exec(select(ControlAction.area_id)))
    lines: dict[tuple[str, str], list[Area]] = {}
    for row in session.exec(select(Area)):
        key = line_of(row.kind, row.code, row.name_zh, row.name_en)
        lines.setdefault(key, []).append(row)
    for versions in lines.values():
        kept = newest_of(versions, on)
        for one in versions:
            is_later = (one.valid_from or date.min) > on
            if is_later and one.area_id != kept.area_id and one.area_id not in in_use:
                session.delete(one)
    if not any(kind == AreaKind.COUNTY.value for kind, _ in lines):
        session.add_all(county_rows(person=BY_NAMCHA, entered_at=NO_DAY))


def _table(connection: sqlite3.Connection, name: str) -> tuple[int, str]:
    """Number of rows, and a hash over them as stored: columns by name, rows by key."""
    told = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
    columns = sorted(column for _, column, *_ in told)
    keys = [column for _, column, *_, place in sorted(told, key=lambda one: one[-1]) if place]
    asked = f'SELECT {_quoted(columns)} FROM "{name}" ORDER BY {_quoted(keys or columns)}'
    digest, count = hashlib.sha256(json.dumps(columns).encode()), 0
    for page in _pages(connection.execute(asked)):
        count += len(page)
        digest.update("".join(_line(row) for row in page).encode())
    return count, digest.hexdigest()


def _pages(cursor: sqlite3.Cursor) -> Iterator[list[Any]]:
    while page := cursor.fetchmany(ROWS_A_PAGE):
        yield page


def _line(row: tuple[Any, ...]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=bytes.hex) + "\n"


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
