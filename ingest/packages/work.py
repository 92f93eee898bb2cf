"""A package on its way in: what its steps have in common, and how many rows are written at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert
from sqlmodel import Session

from ingest.packages.events import PlannedEvent
from ingest.packages.facts import Package
from ingest.packages.report import PackageReport
from ingest.packages.rows import Naming
from ingest.packages.taxa import Names
from species_db.sealed_list import TOLD_ELSEWHERE, tell_seals
from species_db.seals import seal_of_values
from species_db.tables import Sealed

ROWS_A_PAGE = 1000
IDS_A_QUESTION = 500  # SQLite takes a limited number of values in one question
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Work:
    """One package on its way in, within the transaction that writes it."""

    session: Session
    naming: Naming
    events: Sequence[PlannedEvent]
    names: Names
    told: PackageReport
    report: Report

    @property
    def package(self) -> Package:
        """What is being taken in."""
        return self.naming.package


def insert_rows(work: Work, table: type[Sealed], rows: Iterator[Any], *, total: int) -> None:
    """Insert many rows with their seals, and note the seals that the log shall tell."""
    stored: Table = table.__table__  # type: ignore[attr-defined]
    keys = [column.name for column in stored.primary_key]
    done = 0
    while page := list(islice(rows, ROWS_A_PAGE)):
        values = [row.model_dump() for row in page]
        for one in values:
            one["seal"] = seal_of_values(table, one)
        work.session.connection().execute(insert(stored), values)
        if table not in TOLD_ELSEWHERE:
            tell_seals(
                work.session,
                ((f"{stored.name} {' '.join(str(v[k]) for k in keys)}", v["seal"]) for v in values),
            )
        done += len(page)
        work.report(done, total)


def pages(ids: Sequence[str]) -> Iterator[list[str]]:
    """Ids in lots that one question takes."""
    for start in range(0, len(ids), IDS_A_QUESTION):
        yield list(ids[start : start + IDS_A_QUESTION])
