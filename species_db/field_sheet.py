"""Read what field teams fill in: the list of plots and the sheet of deployments (CSV or Excel).

A sheet is taken whole or not at all: every mistake is listed with its line, so that the team mends
the sheet once. Columns of the deployments sheet are Camtrap DP's own names, plus `plot`.
"""

import csv
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile

from species_db.language import did_you_mean, tr

# Whatever a damaged table makes the readers raise; openpyxl passes on its XML parser's SyntaxError.
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    SyntaxError,
    BadZipFile,
    zlib.error,
    csv.Error,
)
WINDOWS_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


MOST_SHOWN = 20  # mistakes that a message lists


@dataclass(frozen=True)
class Mistake:
    """What is wrong in one cell; `tab` is the sheet of a workbook that has several."""

    line: int
    column: str
    why: str
    tab: str = ""

    def __str__(self) -> str:
        """The mistake with its place, as a message lists it."""
        tab = f"{self.tab}, " if self.tab else ""
        return tr(
            f"{tab}line {self.line}, {self.column}: {self.why}",
            f"{tab}第 {self.line} 行,{self.column}:{self.why}",
        )


class SheetError(Exception):
    """The sheet cannot be taken; the message lists every mistake with its line."""

    def __init__(self, message: str, mistakes: Iterable[Mistake] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class SheetRow:
    """One line of a sheet: its number as people see it, and its non-empty cells."""

    number: int
    cells: dict[str, str]
    header: frozenset[str] = frozenset()
    tab: str = ""

    def text(self, column: str) -> str:
        """A cell's text, empty when the cell is."""
        return self.cells.get(column, "")


@dataclass(frozen=True)
class SheetTable:
    """One table of a file: the name of its sheet, none in a CSV, and its numbered lines."""

    tab: str
    lines: tuple[tuple[int, list[str]], ...]


@dataclass
class Mistakes:
    """Collects what is wrong in a sheet, line by line: as text, and by cell."""

    path: Path
    found: list[str] = field(default_factory=list)
    cells: list[Mistake] = field(default_factory=list)

    def add(self, row: SheetRow, column: str, why: str) -> None:
        """Note a mistake in one cell."""
        self.note(Mistake(row.number, column, why, row.tab))

    def note(self, mistake: Mistake, *, heading: str = "") -> None:
        """Note a mistake that is known by its place; `heading` is how the column is headed."""
        self.cells.append(mistake)
        self.found.append(str(replace(mistake, column=heading or mistake.column)))

    def raise_if_any(self, *, most_shown: int = MOST_SHOWN) -> None:
        """Refuse the sheet when anything is wrong with it."""
        if not self.found:
            return
        shown = "\n  ".join(self.found[:most_shown])
        more = len(self.found) - most_shown
        tail = tr(f"\n  and {more} more", f"\n  另有 {more} 处") if more > 0 else ""
        raise SheetError(
            tr(
                f"{self.path.name} has {len(self.found)} mistakes; nothing was imported:\n"
                f"  {shown}{tail}",
                f"{self.path.name} 有 {len(self.found)} 处错误,未导入任何内容:\n  {shown}{tail}",
            ),
            self.cells,
        )


def read_sheet(
    path: Path,
    *,
    columns: Iterable[str],
    required: Iterable[str],
    spoken: Mapping[str, str] | None = None,
) -> list[SheetRow]:
    """Read a CSV (UTF-8 or GB18030) or an Excel sheet; a column that nobody knows is refused.

    `spoken` gives other headings of columns, such as the Chinese ones.

    Raises:
        SheetError: the file cannot be read, or its header is not the sheet's.
    """
    known = list(columns)
    tables = read_tables(path, most=1)
    lines = list(tables[0].lines) if tables else []
    header = [name.strip() for name in lines[0][1]] if lines else []
    header = [(spoken or {}).get(name, name) for name in header]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise SheetError(
            tr(
                f"{path.name}: the column {', '.join(twice)} stands twice.",
                f"{path.name}:列 {', '.join(twice)} 重复出现。",
            )
        )
    unknown = [name for name in header if name and name not in known]
    missing = [name for name in required if name not in header]
    if unknown or missing:
        told = [f"'{name}'.{did_you_mean(name, known)}" for name in unknown]
        raise SheetError(
            tr(
                f"{path.name}: unknown columns: {' '.join(told) or 'none'}; missing columns: "
                f"{', '.join(missing) or 'none'}.",
                f"{path.name}:未知列:{' '.join(told) or '无'};"
                f"缺少的列:{', '.join(missing) or '无'}。",
            )
        )
    return list(_rows(lines[1:], header, path))


def _rows(lines: list[tuple[int, list[str]]], header: list[str], path: Path) -> Iterator[SheetRow]:
    columns, mistakes = frozenset(header), Mistakes(path)
    rows = []
    for number, line in lines:
        cells = {n: t.strip() for n, t in zip(header, line, strict=False) if n and t.strip()}
        row = SheetRow(number, cells, columns)
        if any(text.strip() for text in line[len(header) :]):
            why = tr(
                "more cells than columns; put text that holds a comma in quotes.",
                "单元格多于列数;含逗号的文字请加引号。",
            )
            mistakes.add(row, line[len(header)], why)
        if cells:
            rows.append(row)
    mistakes.raise_if_any()
    yield from rows


def check_name(text: str) -> str | None:
    """Say what is wrong with an identifier that also names a folder, or None.

    >>> check_name("MT-037_2026春"), check_name("a/b") is None, check_name("con") is None
    (None, False, False)
    """
    if not re.fullmatch(r"[\w][\w.\-]{0,63}", text) or text.endswith("."):
        return tr(
            f"'{text}' may hold letters, digits, - _ . only, up to 64, and must not end in a dot.",
            f"“{text}”只能包含文字、数字和 - _ .,不超过 64 个字符,且不能以点结尾。",
        )
    if WINDOWS_RESERVED.fullmatch(text):
        return tr(f"'{text}' is a name Windows reserves.", f"“{text}”是 Windows 保留名称。")
    return None


def read_tables(path: Path, *, most: int | None = None) -> list[SheetTable]:
    """Read the tables of a file: the first sheets of a workbook or all, or one CSV.

    Raises:
        SheetError: the file cannot be read.
    """
    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            return list(_excel_tables(path, most))
        return [SheetTable("", tuple(_csv_lines(path)))]
    except UNREADABLE as error:
        raise SheetError(
            tr(
                f"{path} cannot be read as a table: {error}. Save it as CSV (UTF-8) or .xlsx.",
                f"无法将 {path} 读作表格:{error}。请另存为 CSV(UTF-8)或 .xlsx。",
            )
        ) from error


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Each line of the table with its number in the file, as an editor shows it."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")  # what Excel in Chinese Windows writes as "CSV"
    reader = csv.reader(io.StringIO(text, newline=""))
    number = 1
    for line in reader:
        yield number, line
        number = reader.line_num + 1


def _excel_tables(path: Path, most: int | None) -> Iterator[SheetTable]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for sheet in book.worksheets[:most]:
            sheet.reset_dimensions()  # some programs state too small a size, and rows would be lost
            rows = enumerate(sheet.iter_rows(values_only=True), start=1)
            lines = ((number, [_cell_text(value) for value in row]) for number, row in rows)
            yield SheetTable(sheet.title, tuple(lines))
    finally:
        book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
