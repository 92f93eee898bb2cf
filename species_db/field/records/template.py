"""The empty sheet that field teams fill in: a workbook with a sheet per method, or a CSV.

Headings stand in both languages, controlled words drop down, an example line shows how it is
meant and is never taken, and every sheet prints on A4 across.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from species_db.field.records.columns import COLUMNS, Column, columns_for
from species_db.field.records.efforts import effort_columns, has_effort
from species_db.field.records.table import GUIDE, WORDS
from species_db.field.records.terms import all_terms, term_of, terms_of
from species_db.places import COUNTIES
from species_db.tables import Plot
from species_db.vocabulary import FieldProtocol

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LINES = 300  # lines with drop-down lists; a team's day has fewer
ALWAYS = ("start", "observers")
HEAD, NEEDED, EXAMPLE = "E7EBE4", "F3DCA8", "8A8F86"  # colours: heading, required, example text
AS_TYPED = ("record_id", "start", "end", "utc_offset", "sample_id")  # 07-14 is no July to Excel
MANY = ("threats",)  # cells that hold several words: a list would forbid the second
FREE = ("behavior",)
FACTS = "plot"  # places of the list that are no controlled words


@dataclass(frozen=True)
class Choices:
    """What drops down besides controlled words: the survey's plots and the counties."""

    plots: tuple[str, ...] = ()
    counties: tuple[str, ...] = tuple(county.name_zh for county in COUNTIES.values())


def read_choices(session: Session) -> Choices:
    """The plots of a survey, for the list that drops down."""
    return Choices(tuple(session.exec(select(Plot.plot_id).order_by(Plot.plot_id)).all()))


def write_template(
    path: Path, *, choices: Choices | None = None, protocol: FieldProtocol | None = None
) -> Path:
    """Write an empty sheet for one method or for all; the ending of the name tells which kind."""
    known = choices or Choices()
    if path.suffix.lower() == ".csv":
        _write_csv(path, protocol)
        return path
    from openpyxl import Workbook

    book = Workbook()
    del book["Sheet"]
    methods = [protocol] if protocol else list(FieldProtocol)
    for one in methods:
        book.create_sheet(tab_of(one))
    ranges = _write_words(book, known)
    for one in methods:
        _fill_sheet(book[tab_of(one)], one, known, ranges)
    _write_guide(book)
    book.save(path)
    return path


def tab_of(protocol: FieldProtocol) -> str:
    """The name of a method's sheet, in both languages."""
    return term_of("protocol", protocol.value).label


def example_of(protocol: FieldProtocol, columns: Sequence[Column]) -> list[str]:
    """The example line: values that fit the method."""
    leave = {"sample_id"} if "sample_id" not in effort_columns(protocol) else set()
    leave |= {"end"} if not has_effort(protocol) else set()
    return ["" if column.name in leave else column.example for column in columns]


def _write_csv(path: Path, protocol: FieldProtocol | None) -> None:
    method = protocol or FieldProtocol.TRANSECT
    columns = [c for c in COLUMNS if c.name == "protocol" or c in columns_for(protocol)]
    own = columns_for(method)
    told = zip(columns, example_of(method, columns), strict=True)
    example = [text if column in own else "" for column, text in told]
    example[1] = term_of("protocol", method.value).zh
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark is for Excel
        writer = csv.writer(file)
        writer.writerow([" ".join(column.heading.split()) for column in columns])
        writer.writerow(example)


def _write_words(book: "Workbook", choices: Choices) -> dict[str, str]:
    """Write all lists into a sheet of their own; give where each stands, for the drop-downs."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(WORDS)
    lists = {"plot": choices.plots, "county": choices.counties}
    lists |= {name: tuple(term.label for term in terms) for name, terms in all_terms().items()}
    ranges = {}
    for number, (name, words) in enumerate(lists.items(), start=1):
        letter = get_column_letter(number)
        sheet.cell(1, number, name).font = Font(bold=True)
        for line, word in enumerate(words, start=2):
            sheet.cell(line, number, word)
        sheet.column_dimensions[letter].width = 26
        if words:
            ranges[name] = f"'{WORDS}'!${letter}$2:${letter}${len(words) + 1}"
    sheet.freeze_panes = "A2"
    return ranges


def _fill_sheet(
    sheet: "Worksheet", protocol: FieldProtocol, choices: Choices, ranges: dict[str, str]
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    columns = columns_for(protocol)
    needed = {*ALWAYS, *effort_columns(protocol)}
    line = Side(style="thin", color="C9CDC5")
    for number, column in enumerate(columns, start=1):
        head = sheet.cell(1, number, column.heading)
        head.font = Font(bold=True, size=10)
        colour = NEEDED if column.name in needed else HEAD
        head.fill = PatternFill("solid", start_color=colour)
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        head.border = Border(bottom=line, right=line)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(column.width, _width(column))
        for at in range(2, LINES + 2) if column.name in AS_TYPED else ():
            sheet.cell(at, number).number_format = "@"
        _offer(sheet, column, letter, ranges)
    plot = choices.plots[0] if choices.plots else ""
    for number, text in enumerate(example_of(protocol, columns), start=1):
        told = plot if columns[number - 1].name == "plot" else text
        if columns[number - 1].name == "county" and not plot:
            told = choices.counties[0]
        sheet.cell(2, number, told or None).font = Font(italic=True, color=EXAMPLE)
    sheet.row_dimensions[1].height = 44
    sheet.freeze_panes = "B2"
    _print_well(sheet, len(columns))


def _width(column: Column) -> int:
    return min(len(column.name) + 2, 26)


def _offer(sheet: "Worksheet", column: Column, letter: str, ranges: dict[str, str]) -> None:
    """Let a column's words drop down, and say what belongs into it when a cell is entered."""
    from openpyxl.worksheet.datavalidation import DataValidation

    group = column.terms or column.name
    is_list = group in ranges and column.name not in MANY
    rule = DataValidation(
        type="list" if is_list else None,
        formula1=ranges[group] if is_list else None,
        allow_blank=True,
        showErrorMessage=is_list and column.name not in (*FREE, FACTS),
        showInputMessage=bool(column.note_zh),
        promptTitle=column.zh,
        prompt=f"{column.note_zh}\n{column.note_en}"[:250] or None,
        errorTitle=column.zh,
        error="请从列表中选择。 Choose a word of the list.",
    )
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{LINES + 1}")


def _print_well(sheet: "Worksheet", count: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 2, 0  # readable on two pages across
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows, sheet.print_title_cols = "1:1", "A:A"
    sheet.print_area = f"A1:{get_column_letter(count)}41"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&A  ·  &P / &N"))
    sheet.print_options.gridLines = True


def _write_guide(book: "Workbook") -> None:
    """Explain every column: what belongs into it, unit, allowed words, which methods have it."""
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = book.create_sheet(GUIDE, 0)
    told: list[tuple[str, ...]] = [
        ("列 column", "名称", "单位 unit", "说明", "meaning", "可选词 words", "方法 methods")
    ]
    told += [_explained(column) for column in COLUMNS if column.name != "protocol"]
    for line, cells in enumerate(told, start=1):
        for number, text in enumerate(cells, start=1):
            cell = sheet.cell(line, number, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if line == 1:
                cell.font = Font(bold=True)
                cell.fill = PatternFill("solid", start_color=HEAD)
    for letter, width in zip("ABCDEFG", (24, 16, 9, 38, 44, 48, 22), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "B2"
    _print_well(sheet, 7)
    sheet.print_area = f"A1:G{len(told)}"
    sheet.page_setup.fitToWidth = 1
    book.active = 1


def _explained(column: Column) -> tuple[str, ...]:
    words = [term.label for term in terms_of(column.terms)] if column.terms else []
    methods = [tab_of(one) for one in FieldProtocol if one in column.protocols]
    asked = [tab_of(one) for one in FieldProtocol if column.name in effort_columns(one)]
    where = "、".join(methods or asked) or "全部 all"
    joined = "；".join(words)
    return (column.name, column.zh, column.unit, column.note_zh, column.note_en, joined, where)
