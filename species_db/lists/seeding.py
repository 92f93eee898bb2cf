"""Bring the shipped taxa and lists into a survey; what it has itself stays as it is."""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, select

from species_db.decisions import record_decision
from species_db.kept_lists import KeptListError, ListKind, keep_packed
from species_db.lists.prepared import (
    PreparedRows,
    Row,
    content_sha256,
    packed_seals,
    prepared_rows,
)
from species_db.lists.shipped import VERSIONS, read_table
from species_db.sealed_list import tell_list, tell_seals
from species_db.seals import seal_of_values
from species_db.tables import ListEntry, ListVersion, Taxon, TaxonName
from species_db.version import VERSION
from species_db.vocabulary import Act, ListOrigin

if TYPE_CHECKING:
    from species_db.survey import Survey

_log = logging.getLogger(__name__)


def is_seeded(session: Session) -> bool:
    """Tell whether a survey has every shipped list version."""
    return shipped_ids() <= set(session.exec(select(ListVersion.list_version_id)))


@cache
def shipped_ids() -> frozenset[str]:
    """The list versions that ship with this Namcha; a mended list ships as a new version."""
    return frozenset(row["list_version_id"] for row in read_table(VERSIONS))


def bring_new_lists(survey: "Survey") -> int:
    """Give a survey at work the lists that this release of Namcha brings; return how many.

    Opening a survey asks each time, so that nothing new costs one question of a millisecond. A
    survey that nobody may write to, or that another program is writing to, opens as it is and gets
    them the next time; one that never had a list, which has not been begun, is left alone.
    """
    with survey.reading() as session:
        held = dict(session.exec(select(ListVersion.list_version_id, ListVersion.origin)).all())
    if ListOrigin.SHIPPED.value not in held.values() or shipped_ids() <= held.keys():
        return 0
    try:
        if not _may_write_now(survey):
            return 0
        with survey.writing() as session:
            if count := seed_lists(session, survey.folder):
                log_seeded(session, count, person=f"namcha {VERSION}")
            return count
    except (DBAPIError, KeptListError) as error:
        _log.info("New lists could not be taken into the survey yet: %s", type(error).__name__)
        return 0


def _may_write_now(survey: "Survey") -> bool:
    """Tell whether the write lock is free: a look at a survey must not wait for a card import."""
    url = survey.engine.url
    if survey.engine.dialect.name != "sqlite" or not url.database:
        return True
    with closing(sqlite3.connect(url.database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            return False
    return True


def log_seeded(session: Session, count: int, *, person: str) -> None:
    """Write into the log that a release of Namcha brought lists."""
    record_decision(
        session,
        Act.LISTS_SEEDED,
        subject="lists",
        person=person,
        details={"lists": count, "software_version": VERSION},
    )


def seed_lists(session: Session, folder: Path) -> int:
    """Bring the shipped taxa and list versions into a survey; return how many versions were new.

    The entry of the log that this transaction writes tells every new row. In a new survey they are
    the same rows on every computer, so that their seals are kept as one list, worked out once.
    """
    if is_seeded(session):
        return 0
    rows = prepared_rows()
    if session.exec(select(Taxon.taxon_id).limit(1)).first() is None:
        _insert(session, Taxon, rows.taxa)
        _insert(session, TaxonName, rows.names)
        _insert(session, ListVersion, rows.versions)
        _insert(session, ListEntry, rows.entries)
        tell_list(session, keep_packed(folder, ListKind.SEALED, packed_seals(), is_waiting=False))
        return len(rows.versions)
    seed_taxa(session)
    return _add_versions(session, rows)


def seed_taxa(session: Session) -> int:
    """Bring the taxa of the checklist and the lists into a survey; return how many were new.

    Taxa and names that are there stay as they are, so running it again adds nothing and a name
    that a survey gave itself is kept.
    """
    rows = prepared_rows()
    here = _ids_here(session)
    new = [row for row in rows.taxa if row["scientific_name"] not in here]
    here |= {row["scientific_name"]: row["taxon_id"] for row in new}
    _add(session, Taxon, new)
    named = set(session.exec(select(TaxonName.taxon_id, TaxonName.language, TaxonName.name)))
    names = _moved(rows, rows.names, here)
    _add(
        session,
        TaxonName,
        [row for row in names if (row["taxon_id"], row["language"], row["name"]) not in named],
    )
    return len(new)


def _add_versions(session: Session, rows: PreparedRows) -> int:
    """Add the versions a survey lacks, their entries pointing at its own taxa."""
    present = set(session.exec(select(ListVersion.list_version_id)))
    here = _ids_here(session)
    versions = [row for row in rows.versions if row["list_version_id"] not in present]
    wanted = {row["list_version_id"] for row in versions}
    entries = [row for row in rows.entries if row["list_version_id"] in wanted]
    moved = _moved(rows, entries, here)
    content = {one: [row for row in moved if row["list_version_id"] == one] for one in wanted}
    told = [
        row | {"content_sha256": content_sha256(content[row["list_version_id"]])}
        for row in versions
    ]
    _add(session, ListVersion, [_resealed(ListVersion, row) for row in told])
    _insert(session, ListEntry, moved)
    return len(versions)


def _ids_here(session: Session) -> dict[str, str]:
    return dict(session.exec(select(Taxon.scientific_name, Taxon.taxon_id)).all())


def _moved(rows: PreparedRows, wanted: Sequence[Row], here: dict[str, str]) -> list[Row]:
    """Rows that point at the taxa of a survey, which may have given one an id of its own."""
    other = {
        row["taxon_id"]: here[row["scientific_name"]]
        for row in rows.taxa
        if here[row["scientific_name"]] != row["taxon_id"]
    }
    if not other:
        return list(wanted)
    return [
        _resealed(TaxonName, row | {"taxon_id": other[row["taxon_id"]]})
        if row["taxon_id"] in other
        else row
        for row in wanted
    ]


def _resealed(table: Any, row: Row) -> Row:
    return row | {"seal": seal_of_values(table, row)} if "seal" in row else row


def _add(session: Session, table: Any, rows: Sequence[Row]) -> None:
    _insert(session, table, rows)
    name = table.__table__.name
    keys = [column.name for column in table.__table__.primary_key]
    tell_seals(
        session, ((f"{name} {' '.join(row[key] for key in keys)}", row["seal"]) for row in rows)
    )


def _insert(session: Session, table: type[SQLModel], rows: Sequence[Row]) -> None:
    """Insert at once: the rows carry their seals already, so nothing need look at each."""
    if rows:
        stored: Table = table.__table__  # type: ignore[attr-defined]
        session.connection().execute(insert(stored), list(rows))
