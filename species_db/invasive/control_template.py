"""The empty sheet of control actions that teams fill in: a workbook with its guide, or a CSV."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from species_db.geo.areas import areas_in_force
from species_db.invasive.control_sheet import COLUMNS, METHODS_ZH, REQUIRED
from species_db.invasive.naming import AREA_KINDS
from species_db.tables import Plot

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

SHEET, GUIDE = "防控 control", "说明 guide"
LINES = 300  # lines with drop-down lists; a season's work has fewer
HEAD, NEEDED = "E7EBE4", "F3DCA8"  # colours: heading, required
METHODS = tuple(METHODS_ZH)  # as they drop down; the English words are read as well
LIST_COLUMNS = {"method": "E", "plot": "F", "area": "G"}  # of the guide
# column: Chinese name, what belongs into it in both languages, an example
GUIDE_ROWS: dict[str, tuple[str, str, str, str]] = {
    "taxon": ("物种", "学名、中文名或英文名", "scientific, Chinese or English name", "紫茎泽兰"),
    "plot": ("样地", "样地编号；样地、区域、坐标至少填一项",
             "a plot's code; give a plot, an area or a point", "LZ-001"),
    "area": ("区域", "已导入区域的名称或编号；区域内的样地均视为已处理",
             "name or id of an imported area; all plots inside count as treated", ""),
    "latitude": ("纬度", "WGS-84，十进制度；样地外填写", "WGS-84 degrees, off all plots", ""),
    "longitude": ("经度", "WGS-84，十进制度", "WGS-84 degrees", ""),
    "method": ("方法", "人工、机械、化学、生物、诱捕、其他",
               "manual, mechanical, chemical, biological, trapping, other", "人工"),
    "started_on": ("开始日期", "如 2026-04-12", "such as 2026-04-12", "2026-04-12"),
    "ended_on": ("结束日期", "当天完成可不填", "leave empty if done in a day", "2026-04-14"),
    "treated_area_m2": ("处理面积", "平方米", "square metres", "120"),
    "removed_quantity": ("清除量", "数字", "a number", "340"),
    "removed_quantity_type": ("清除量单位", "如 kg、株", "such as kg, individuals", "kg"),
    "person_days": ("用工", "人日", "person-days", "9"),
    "agent": ("药剂或天敌", "化学、生物防治必填", "needed for chemical and biological", ""),
    "led_by": ("负责人", "姓名", "who led it", "扎西"),
    "remarks": ("备注", "", "", ""),
}  # fmt: skip


@dataclass(frozen=True)
class ControlChoices:
    """What drops down: the survey's plots and the areas that were taken in."""

    plots: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()


def read_control_choices(session: Session) -> ControlChoices:
    """The plots and areas of a survey."""
    areas = areas_in_force(session, AREA_KINDS)
    names = dict.fromkeys(one.name_zh or one.name_en for one in areas)
    return ControlChoices(
        tuple(session.exec(select(Plot.plot_id).order_by(Plot.plot_id))), tuple(names)
    )


def write_control_template(path: Path, *, choices: ControlChoices | None = None) -> Path:
    """Write an empty sheet of control actions; the ending of the name tells which kind."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark is for Excel
            csv.writer(file).writerow(COLUMNS)
        return path
    from openpyxl import Workbook

    book = Workbook()
    del book["Sheet"]
    known = choices or ControlChoices()
    lists = {"method": METHODS, "plot": known.plots, "area": known.areas}
    _fill(book.create_sheet(SHEET), lists)
    _explain(book.create_sheet(GUIDE), lists)
    book.save(path)
    return path


def _fill(sheet: "Worksheet", lists: dict[str, tuple[str, ...]]) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, name in enumerate(COLUMNS, start=1):
        head, letter = sheet.cell(1, number, name), get_column_letter(number)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", start_color=NEEDED if name in REQUIRED else HEAD)
        head.alignment = Alignment(horizontal="center")
        sheet.column_dimensions[letter].width = max(len(name) + 3, 13)
        zh, note_zh, note_en, _ = GUIDE_ROWS[name]
        words = lists.get(name, ())
        source = f"'{GUIDE}'!${LIST_COLUMNS[name]}$2:${LIST_COLUMNS[name]}${len(words) + 1}" \
            if words else None  # fmt: skip
        rule = DataValidation(
            type="list" if source else None,
            formula1=source,
            allow_blank=True,
            showErrorMessage=False,  # English words, and ids, are read as well
            showInputMessage=True,
            promptTitle=zh,
            prompt=f"{note_zh}\n{note_en}".strip() or None,
        )
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{LINES + 1}")
    sheet.freeze_panes = "B2"


def _explain(sheet: "Worksheet", lists: dict[str, tuple[str, ...]]) -> None:
    """What belongs into each column, an example, and the lists that drop down."""
    from openpyxl.styles import Alignment, Font

    heads = ("列 column", "名称", "说明 meaning", "示例 example", *LIST_COLUMNS)
    rows = [
        (name, zh + ("（必填 required）" if name in REQUIRED else ""), f"{in_zh}\n{in_en}", example)
        for name, (zh, in_zh, in_en, example) in GUIDE_ROWS.items()
    ]
    for line, cells in enumerate([heads, *rows], start=1):
        for number, text in enumerate(cells, start=1):
            cell = sheet.cell(line, number, text.strip() or None)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=line == 1)
    for name, letter in LIST_COLUMNS.items():
        for line, word in enumerate(lists[name], start=2):
            sheet[f"{letter}{line}"] = word
    for letter, width in zip("ABCDEFG", (24, 22, 46, 16, 12, 14, 26), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
