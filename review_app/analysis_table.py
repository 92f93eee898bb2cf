"""The beginning of an analysis' table, readable: headings in words, cells as people write them."""

import html
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from review_app.words_columns import COLUMNS, TERMS, WITH_TERMS
from species_db.language import Language
from species_db.places import COUNTIES
from species_db.study.answer import Cell, Table

ROWS, MOST_COLUMNS = 12, 11  # what a laptop shows without cutting a number
SHORT = 8  # characters of a place's name for outsiders, as on maps
# The same in every row and told under the summary; or of use to a computer alone.
LEFT_OUT = frozenset({"intervalMinutes", "rule", "method", "occasionDays", "eventID"})
ITALIC = frozenset({"scientificName"})
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LOOK = """<style>
.answer { font-size: 21px; line-height: 1.4; font-weight: 600; font-variant-numeric: tabular-nums;
  padding: 6px 0 2px; max-width: 66em; }
.answer + div { font-size: 14px; }
.more { font-variant-numeric: tabular-nums; line-height: 1.55; font-size: 14.5px; }
.notes { padding: 4px 0 2px; } .notes div { color: #9a9fa6; font-size: 13px; line-height: 1.5; }
.wide { overflow-x: auto; }
.sign.wide { white-space: normal; border-radius: 5px; padding: 1px 9px; }
.rows { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 60%; }
.rows th { text-align: left; min-width: 3.6em; font-weight: 500; font-size: 12.5px; color: #9a9fa6;
  padding: 4px 18px 4px 0; border-bottom: 1px solid #3c4147; vertical-align: bottom; }
.rows td { padding: 5px 18px 5px 0; border-bottom: 1px solid #262a2f; vertical-align: top;
  font-size: 13px; line-height: 1.4; white-space: nowrap; }
.rows .number { text-align: right; }
.rows .unknown { color: #9a9fa6; }
</style>"""

Words = Mapping[str, str]


def preview_html(table: Table, words: Words, language: Language) -> str:
    """The first rows of a table; a heading tells the column's name in the file when pointed at."""
    shown = _shown(table)
    rows = table.rows[:ROWS]
    numbers = {n for n in shown if any(_is_number(row[n]) for row in rows)}
    decimals = {n: _decimals([row[n] for row in rows]) for n in numbers}
    heads = "".join(
        f"<th title='{html.escape(table.columns[n], quote=True)}'{_kind(n in numbers)}>"
        f"{html.escape(heading_of(table.columns[n], language))}</th>"
        for n in shown
    )
    body = "".join(
        "<tr>"
        + "".join(
            _cell(table.columns[n], row[n], words, language, decimals=decimals.get(n))
            for n in shown
        )
        + "</tr>"
        for row in rows
    )
    return f"<div class='wide'><table class='rows'><tr>{heads}</tr>{body}</table></div>"


def columns_left_out(table: Table) -> int:
    """How many columns the preview has no room for."""
    return sum(name not in LEFT_OUT for name in table.columns) - len(_shown(table))


def _shown(table: Table) -> list[int]:
    told = [n for n, name in enumerate(table.columns) if name not in LEFT_OUT]
    return told[:MOST_COLUMNS]


def heading_of(column: str, language: Language) -> str:
    """A column's name in words; an occasion's column keeps its own.

    >>> heading_of("cameraDays", "zh"), heading_of("o12", "en")
    ('相机日', 'o12')
    """
    told = COLUMNS.get(column)
    return column if told is None else told[1 if language == "zh" else 0]


def place_name(name: str) -> str:
    """The name of a place as it is told to outsiders, short enough to be read.

    >>> place_name("3f2a1b9c-0000-5000-8000-000000000000"), place_name("MT-01")
    ('3f2a1b9c', 'MT-01')
    """
    return name[:SHORT] if UUID.fullmatch(name) else name


def figure(value: float) -> str:
    """A number with as many decimals as can be read.

    >>> figure(8178.5), figure(0.0712), figure(12), figure(1.0)
    ('8,178.5', '0.071', '12', '1')
    """
    if isinstance(value, int):
        return f"{value:,}"
    decimals = 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".") or "0"


def county_in(code: str, language: Language) -> str:
    """A county's name; of a code nobody knows the code.

    >>> county_in("540423", "en"), county_in("540423", "zh")
    ('Medog', '墨脱县')
    """
    county = COUNTIES.get(code)
    if county is None:
        return code
    return county.name_zh if language == "zh" else county.name_en.rsplit(" ", 1)[0]


def _cell(
    column: str, value: Cell, words: Words, language: Language, *, decimals: int | None
) -> str:
    """One cell; in a column of numbers all have the same decimals."""
    if value is None:
        kind = "unknown" if decimals is None else "unknown number"
        return f"<td class='{kind}'>{words['not_known']}</td>"
    if decimals is not None and _is_number(value):
        return f"<td class='number'>{value:,.{decimals}f}</td>"
    if column in ITALIC:
        return f"<td><i>{html.escape(str(value))}</i></td>"
    return f"<td>{html.escape(_told(column, value, words, language))}</td>"


def _decimals(cells: Sequence[Cell]) -> int:
    """As many as the greatest of the column needs, none for whole numbers."""
    numbers = [float(one) for one in cells if isinstance(one, int | float)]
    if all(one == int(one) for one in numbers):
        return 0
    most = max(abs(one) for one in numbers)
    return 1 if most >= 100 else 2 if most >= 1 else 3


def _told(column: str, value: Cell, words: Words, language: Language) -> str:
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if column == "county":
        return county_in(str(value), language)
    text = str(value)
    if column in WITH_TERMS and text in TERMS:
        return TERMS[text][1 if language == "zh" else 0]
    return place_name(text)


def _is_number(value: Cell) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind(is_number: bool) -> str:
    return " class='number'" if is_number else ""
