"""The tables of a pack as one workbook, each on a sheet headed in both languages."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from species_db.evaluation.kept_freeze import Freeze
from species_db.evaluation.pack_table import PackTable
from species_db.evaluation.packing import same_bytes
from species_db.study.answer import NOT_KNOWN, Cell

WIDEST, NARROWEST = 46, 8
CHINESE_FROM = 0x2E7F  # signs from here on are as wide as two letters
ABOUT = "说明 about"
INK = "1A1A1A"
HEAD = "F3F0EA"


def workbook_of(tables: Sequence[PackTable], freeze: Freeze, about: Mapping[str, str]) -> bytes:
    """Write the workbook; the same bytes from the same freeze."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = "namcha"
    made = freeze.made_at.replace(tzinfo=None)
    book.properties.created = book.properties.modified = made
    sheet: Any = book.active
    sheet.title = ABOUT
    rows: list[tuple[Cell, ...]] = list(about.items())
    _fill(sheet, ("项目 item", "内容 value"), rows)
    for table in tables:
        heads = tuple(f"{zh}\n{en}" for _, en, zh in table.columns)
        _fill(book.create_sheet(_title(table)), heads, table.rows)
    whole = io.BytesIO()
    book.save(whole)
    return same_bytes(whole.getvalue(), freeze.made_at)


def _title(table: PackTable) -> str:
    """A sheet's name: Excel takes 31 signs, none of them a bracket or a slash."""
    return f"{table.zh} {table.name}"[:31]


def _fill(sheet: Any, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    sheet.append(list(heads))
    for row in rows:
        sheet.append([_plain(cell) for cell in row])
    line, wrapped = Side(style="thin", color=INK), Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True, color=INK)
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.border = Border(bottom=line, top=line)
    for column in sheet.columns:
        longest = max(_width(str(cell.value or "")) for cell in column)
        letter = column[0].column_letter
        sheet.column_dimensions[letter].width = min(max(longest + 2, NARROWEST), WIDEST)
        for cell in column:
            cell.alignment = wrapped
            if isinstance(cell.value, str) and cell.value[:1] in "=+-@":
                cell.data_type = "s"  # a text that begins like a formula stays text
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    sheet.print_title_rows = "1:1"


def _plain(cell: Cell) -> object:
    """What a cell holds: NA is not known, as in the CSV files."""
    if cell is None:
        return NOT_KNOWN
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return cell.isoformat() if isinstance(cell, date) else cell


def _width(text: str) -> int:
    """The width of the longest line of a text, in letters."""
    return max(
        (sum(2 if ord(sign) > CHINESE_FROM else 1 for sign in line) for line in text.split("\n")),
        default=0,
    )
