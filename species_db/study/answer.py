"""What an analysis gives: tidy tables, a summary in sentences, and what must be known of both."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from species_db.places import COUNTIES

Cell = str | int | float | bool | date | datetime | None
NOT_KNOWN = "NA"
"""In tables, as R writes and reads it: nobody watched, or too little to say. Never zero."""
DECIMALS = 6
COUNTY = "county"  # a division code inside, a name in files (Darwin Core)


@dataclass(frozen=True)
class Table:
    """One table: a name that becomes its file's, columns, and rows in a fixed order."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]

    def as_csv(self) -> str:
        """The table as RFC 4180 text with CRLF; not known is NA, true and false as R writes them.

        >>> Table("rai", ("taxon", "index"), [("A", 0.5), ("B", None)]).as_csv()
        'taxon,index\\r\\nA,0.5\\r\\nB,NA\\r\\n'
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.columns)
        counties = {n for n, column in enumerate(self.columns) if column == COUNTY}
        writer.writerows(
            [_told(_county(cell) if n in counties else cell) for n, cell in enumerate(row)]
            for row in self.rows
        )
        return text.getvalue()

    def as_records(self) -> list[dict[str, Cell]]:
        """The rows under their column names, for pages and charts."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Answer:
    """The answer to one question.

    `summary` are the lines a person reads first; `notes` what limits them: what was left out and
    why, what is not known. `figures` are the same numbers for scripts. `event_ids` are the records
    that it rests on, so that an altered one leads to every file that used it.
    """

    name: str
    tables: tuple[Table, ...]
    summary: tuple[str, ...]
    notes: tuple[str, ...] = ()
    figures: Mapping[str, object] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # files that are no tables, by name
    event_ids: frozenset[str] = frozenset()
    deployment_ids: frozenset[str] = frozenset()

    def table(self, name: str) -> Table:
        """One of the tables by its name."""
        return next(one for one in self.tables if one.name == name)

    def as_text(self) -> str:
        """The answer for the person who asked."""
        return "\n".join((*self.summary, *(f"  △ {note}" for note in self.notes)))


def plain_figures(told: object) -> object:
    """Figures for JSON, with as many decimals as tables have.

    >>> plain_figures({"a": [1 / 3, None], "b": 2})
    {'a': [0.333333, None], 'b': 2}
    """
    if isinstance(told, float):
        return round(told, DECIMALS)
    if isinstance(told, Mapping):
        return {key: plain_figures(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [plain_figures(value) for value in told]
    return told


def _county(cell: Cell) -> Cell:
    county = COUNTIES.get(str(cell))
    return county.name_en if county else cell


def _told(cell: Cell) -> str:
    """A cell as it is written: the same digits on every computer.

    >>> [_told(c) for c in (True, 1.0, 1 / 3, 2_000_000, date(2026, 5, 1), "=1+1", None, 1e-9)]
    ['TRUE', '1', '0.333333', '2000000', '2026-05-01', "'=1+1", 'NA', '0']
    """
    if cell is None:
        return NOT_KNOWN
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        rounded = f"{cell:.{DECIMALS}f}".rstrip("0").rstrip(".")
        return "0" if rounded in ("", "-0") else rounded
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, StrEnum):
        return cell.value
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and text != "-" else text
