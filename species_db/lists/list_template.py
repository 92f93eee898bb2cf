"""The empty sheet of a list version, as CSV or Excel, with what belongs into each column."""

import csv
import io
from itertools import count
from pathlib import Path

from species_db.durable import write_durably
from species_db.language import tr
from species_db.lists.diff import ListError
from species_db.lists.list_columns import COLUMNS, REQUIRED

ENDINGS = (".csv", ".xlsx")
HEAD, NEEDED = "E7EBE4", "F3DCA8"  # colours: heading, required heading
LATIN_WIDTH = 30


def write_list_template(path: Path) -> Path:
    """Write an empty sheet, headings in both languages; the ending of the name tells which kind.

    Raises:
        ListError: another ending, or the file is there already or cannot be written.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ListError(
            tr(
                f"{path.name}: the name must end in .csv or .xlsx.",
                f"{path.name}:文件名须以 .csv 或 .xlsx 结尾。",
            )
        )
    if path.exists():
        raise ListError(
            tr(
                f"{path} is there already; name another file, so that no filled-in sheet is lost.",
                f"{path} 已存在;请另取文件名,以免覆盖已填写的表。",
            )
        )
    try:
        write_durably(path, _workbook() if path.suffix.lower() == ".xlsx" else _csv())
    except OSError as error:
        raise ListError(
            tr(
                f"{path} cannot be written: {error.strerror}. Name another folder.",
                f"无法写入 {path}:{error.strerror}。请更换文件夹。",
            )
        ) from error
    return path


def _headings() -> list[str]:
    return [f"{chinese[0]} {name}" for name, (chinese, _, _) in COLUMNS.items()]


def _csv() -> bytes:
    told = io.StringIO(newline="")
    csv.writer(told).writerow(_headings())
    return told.getvalue().encode("utf-8-sig")  # with its mark, Excel reads it as UTF-8


def _workbook() -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "名录 list"
    sheet.append(_headings())
    for letter, cell, name in zip(
        map(get_column_letter, count(1)), sheet[1], COLUMNS, strict=False
    ):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=NEEDED if name in REQUIRED else HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = (
            LATIN_WIDTH if name == "scientific_name" else LATIN_WIDTH / 2
        )
    sheet.freeze_panes = "A2"
    guide = book.create_sheet("说明 guide")
    guide.append(["列 column", "说明", "what belongs into it"])
    for told, (_, english, chinese) in zip(_headings(), COLUMNS.values(), strict=True):
        guide.append([told, chinese, english])
    for letter, width in zip("ABC", (28, 56, 56), strict=True):
        guide.column_dimensions[letter].width = width
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
