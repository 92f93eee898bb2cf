"""Read the tables of a package line by line, and note what is wrong in them with its place."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from ingest.packages.facts import PackageError, Where, refusal
from ingest.packages.opening import Opened
from species_db.cells import parse_instant
from species_db.language import did_you_mean, tr

MOST_SHOWN = 20
NOTHING = frozenset({"", "NA", "N/A", "NULL", "null", "None", "NaN", "nan"})
csv.field_size_limit(10_000_000)  # a cell of exifData has kilobytes


@dataclass
class Faults:
    """Collects everything that is wrong with a package, so that it is mended once."""

    file_name: str
    found: list[str] = field(default_factory=list)

    def add(self, where: Where | str, column: str, english: str, chinese: str) -> None:
        """Note what is wrong in one cell."""
        place = f"{where}, {column}" if column else str(where)
        self.found.append(tr(f"{place}: {english}", f"{place}：{chinese}"))

    def raise_if_any(self) -> None:
        """Refuse the package when anything is wrong with it.

        Raises:
            PackageError: with every mistake and its place, the first twenty of them.
        """
        if not self.found:
            return
        shown = "\n  ".join(self.found[:MOST_SHOWN])
        more = len(self.found) - MOST_SHOWN
        tail = tr(f"\n  and {more} more", f"\n  另有 {more} 处") if more > 0 else ""
        count = len(self.found)
        raise PackageError(
            tr(
                f"{self.file_name} has {count} mistakes; nothing was imported:\n  {shown}{tail}",
                f"{self.file_name} 有 {count} 处错误，未导入任何内容：\n  {shown}{tail}",
            )
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; cells that say nothing (NA) are not there."""

    where: Where
    cells: Mapping[str, str]

    def text(self, *columns: str) -> str:
        """The first of some columns that says something."""
        return next((self.cells[one] for one in columns if one in self.cells), "")

    def others(self, known: Iterable[str]) -> dict[str, str]:
        """What it says in other columns than those."""
        read = set(known)
        return {name: text for name, text in self.cells.items() if name not in read}


@dataclass(frozen=True)
class Table:
    """One table of a package: its columns, and its lines."""

    file: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def has(self, *columns: str) -> bool:
        """Whether it has all of some columns."""
        return set(columns) <= set(self.columns)

    def require(self, *columns: str) -> None:
        """Refuse a table that lacks a column.

        Raises:
            PackageError: naming what is missing, and what may have been meant.
        """
        missing = [one for one in columns if one not in self.columns]
        if missing:
            hints = "".join(did_you_mean(one, self.columns) for one in missing)
            raise refusal(
                self.file,
                f"the columns {', '.join(missing)} are missing.{hints}",
                f"缺少列 {', '.join(missing)}。{hints}",
            )


def read_table(opened: Opened, name: str, *, known_as: str = "") -> Table:
    """Read a table of a package: UTF-8 with or without a mark, or GB18030; any line ends.

    Raises:
        PackageError: it is missing, is no text, or a line has more cells than there are columns.
    """
    path = name if name in opened.tables else opened.find(name)
    if path is None:
        here = ", ".join(sorted(opened.tables)[:8]) or tr("no table", "没有表格")
        raise refusal(
            known_as or opened.name,
            f"{name} is missing; there is {here}.",
            f"缺少 {name}；其中有 {here}。",
        )
    return parse_table(path, opened.tables[path])


def parse_table(file: str, content: bytes) -> Table:
    """Read the bytes of a table; `file` names it in messages."""
    rows = _rows(file, content)
    header = [one.strip().strip("\ufeff") for one in next(rows, (1, []))[1]]
    twice = sorted({one for one in header if one and header.count(one) > 1})
    if not any(header):
        raise refusal(file, "the table is empty.", "表格为空。")
    if twice:
        names = ", ".join(twice)
        raise refusal(file, f"the column {names} stands twice.", f"列 {names} 重复出现。")
    lines = []
    for number, row in rows:
        if any(cell.strip() for cell in row[len(header) :]):
            raise refusal(
                str(Where(file, number)),
                f"{len(row)} cells, but {len(header)} columns; quote text that holds a comma.",
                f"有 {len(row)} 个单元格，但只有 {len(header)} 列；含逗号的文字请加引号。",
            )
        cells = {
            name: text
            for name, cell in zip(header, row, strict=False)
            if name and (text := cell.strip()) not in NOTHING
        }
        if cells:
            lines.append(Line(Where(file, number), cells))
    return Table(file, tuple(header), tuple(lines))


def _rows(file: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise refusal(
                file,
                f"byte {error.start} is neither UTF-8 nor GB18030. Save it as CSV (UTF-8).",
                f"第 {error.start} 字节既非 UTF-8 也非 GB18030。请另存为 CSV（UTF-8）。",
            ) from error
    if "\0" in text:
        raise refusal(file, "this is no text.", "这不是文本文件。")
    first = text.partition("\n")[0]
    separator = max((",", "\t", ";"), key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = 1
    try:
        for row in reader:
            yield number, row
            number = reader.line_num + 1
    except csv.Error as error:
        raise refusal(
            str(Where(file, number)), f"no CSV ({error}).", f"不是有效的 CSV（{error}）。"
        ) from error


# --- cells ---


def a_number(
    line: Line,
    column: str,
    smallest: float,
    largest: float,
    faults: Faults,
    *,
    is_secret: bool = False,
) -> float | None:
    """A number within bounds, none when the cell is empty; a secret one is not repeated."""
    text = line.text(column)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not smallest <= value <= largest:
        told = tr("it", "该值") if is_secret else f"'{text[:40]}'"
        faults.add(
            line.where,
            column,
            f"{told} is no number in {smallest:g}..{largest:g}.",
            f"{told} 不是 {smallest:g}..{largest:g} 之间的数。",
        )
        return None
    return value


def a_whole(line: Line, column: str, smallest: int, largest: int, faults: Faults) -> int | None:
    """A whole number within bounds, none when the cell is empty."""
    value = a_number(line, column, smallest, largest, faults)
    if value is None:
        return None
    if not value.is_integer():
        faults.add(line.where, column, f"{value:g} is not whole.", f"{value:g} 不是整数。")
        return None
    return int(value)


TRUE = frozenset({"true", "1", "yes", "t", "是"})
FALSE = frozenset({"false", "0", "no", "f", "否"})


def a_boolean(line: Line, column: str, faults: Faults) -> bool | None:
    """True or false, none when the cell is empty."""
    text = line.text(column).casefold()
    if text in TRUE | FALSE:
        return text in TRUE
    if text:
        faults.add(
            line.where, column, f"'{text[:40]}' is not true or false.", f"“{text[:40]}”应为是或否。"
        )
    return None


def a_place(line: Line, columns: tuple[str, str], faults: Faults) -> tuple[float, float] | None:
    """Latitude and longitude in decimal degrees, anywhere on earth but at 0, 0."""
    north = a_number(line, columns[0], -90, 90, faults, is_secret=True)
    east = a_number(line, columns[1], -180, 180, faults, is_secret=True)
    for column in columns:
        if not line.text(column):
            faults.add(line.where, column, "is empty.", "为空。")
    if north is None or east is None:
        return None
    if north == 0 and east == 0:
        faults.add(line.where, "/".join(columns), "both are 0, which is no place.", "均为 0。")
        return None
    return north, east


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, the offset it was written with or had to be given, and whether it was written."""

    at: datetime
    offset_seconds: int
    is_told: bool


def a_moment(
    line: Line,
    column: str,
    faults: Faults,
    *,
    offset_seconds: int,
    is_end: bool = False,
    needs_zone: bool = False,
) -> Moment | None:
    """A date and time, none when the cell is empty; without a zone it gets the given offset.

    A date alone stands for its first moment, or as an end for its last.
    """
    text = line.text(column)
    if not text:
        return None
    try:
        at = parse_instant(text.replace("Z", "+00:00"), offset_seconds=offset_seconds)
    except ValueError:
        faults.add(
            line.where,
            column,
            f"'{text[:40]}' is no date and time.",
            f"“{text[:40]}”不是有效的日期时间。",
        )
        return None
    is_told = _has_zone(text)
    if needs_zone and not is_told:
        faults.add(
            line.where,
            column,
            f"'{text[:40]}' has no time zone, which the format demands.",
            f"“{text[:40]}”缺少该格式要求的时区。",
        )
    if is_end and ":" not in text:
        at = at.replace(hour=23, minute=59, second=59)
    offset = at.utcoffset() or timedelta()
    return Moment(at, int(offset.total_seconds()), is_told)


def _has_zone(text: str) -> bool:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None
    except ValueError:
        return False


def zone_of(offset_seconds: int) -> timezone:
    """The zone of an offset."""
    return UTC if offset_seconds == 0 else timezone(timedelta(seconds=offset_seconds))
