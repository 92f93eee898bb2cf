"""Read the lines of a sheet of field records: one table, or a workbook with a sheet per method."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from species_db.field.records.columns import COLUMNS, column_named, protocol_named
from species_db.field.records.terms import find_term
from species_db.field_sheet import Mistake, SheetError, SheetRow, SheetTable, read_tables
from species_db.language import did_you_mean, tr

GUIDE, WORDS = "说明 guide", "词表 words"  # the sheets of the template that hold no records
EXAMPLE = ("示例", "example")  # begins the number of a line that is not taken
REQUIRED = ("start", "observers", "taxon")


def read_rows(path: Path) -> tuple[list[SheetRow], list[Mistake]]:
    """Read every line of every sheet, and what is wrong with the headings.

    A sheet named after a method tells the protocol of its lines. Example lines are left out.

    Raises:
        SheetError: the file cannot be read, or holds no sheet of field records.
    """
    tables = [table for table in read_tables(path) if table.tab not in (GUIDE, WORDS)]
    tables = [table for table in tables if any(any(cells) for _, cells in table.lines)]
    rows, mistakes = list[SheetRow](), list[Mistake]()
    for table in tables:
        wrong = list(_wrong_headings(table, is_only=len(tables) == 1))
        mistakes += wrong
        if not wrong:
            rows += _rows(table, mistakes, is_only=len(tables) == 1)
    if not rows and not mistakes:
        raise SheetError(
            tr(
                f"{path.name} holds no field record. Fill in a template: namcha records template.",
                f"{path.name} 中没有野外记录。请用模板填写：namcha records template。",
            )
        )
    return rows, mistakes


def _wrong_headings(table: SheetTable, *, is_only: bool) -> Iterator[Mistake]:
    number, header = table.lines[0]
    tab = "" if is_only else table.tab
    found = [column_named(heading) for heading in header]
    names = [column.name for column in found if column is not None]
    for heading, column in zip(header, found, strict=True):
        if heading.strip() and column is None:
            known = [word for one in COLUMNS for word in (one.name, one.zh)]
            hint = did_you_mean(" ".join(heading.split()), known)
            why = tr(f"no such column.{hint}", f"没有这一列。{hint}")
            yield Mistake(number, " ".join(heading.split()), why, tab)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Mistake(number, name, tr("stands twice.", "重复出现。"), tab)
    needed = REQUIRED if protocol_named(table.tab) else ("protocol", *REQUIRED)
    for name in needed:
        if name not in names:
            yield Mistake(number, name, tr("this column is missing.", "缺少这一列。"), tab)


def _rows(table: SheetTable, mistakes: list[Mistake], *, is_only: bool) -> Iterator[SheetRow]:
    columns = [column_named(heading) for heading in table.lines[0][1]]
    protocol = protocol_named(table.tab)
    tab = "" if is_only else table.tab
    for number, line in table.lines[1:]:
        texts = [text.strip() for text in line]
        if not any(texts) or _is_example(columns, texts):
            continue
        for text in texts[len(columns) :]:
            if text:
                why = tr(
                    "more cells than columns; put text with commas in quotes.",
                    "单元格多于列数；含逗号的文字请加引号。",
                )
                mistakes.append(Mistake(number, text, why, tab))
        named = {c.name: text for c, text in zip(columns, texts, strict=False) if c and text}
        if protocol is not None:
            told = find_term("protocol", named.get("protocol", protocol.value))
            if told is None or told.value != protocol.value:
                why = tr(
                    f"the sheet is one of {protocol.value}.", f"工作表的方法是 {protocol.value}。"
                )
                mistakes.append(Mistake(number, "protocol", why, tab))
            named["protocol"] = protocol.value
        yield SheetRow(number, named, frozenset(), tab)


def _is_example(columns: Sequence[object], texts: Sequence[str]) -> bool:
    for column, text in zip(columns, texts, strict=False):
        if getattr(column, "name", "") == "record_id":
            return text.casefold().startswith(EXAMPLE)
    return False
