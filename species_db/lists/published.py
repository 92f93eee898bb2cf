"""A published list as a workbook and as a page, byte for byte the same from the same list."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from sqlmodel import Session, col, select

from species_db.language import Language, speaking, tr
from species_db.lists.diff import Change, ListDiff
from species_db.lists.status import StatusFact, read_status_index
from species_db.lists.words import KIND_WORDS, category_word
from species_db.tables import ListEntry, ListVersion
from species_db.version import VERSION
from species_db.vocabulary import StatusKind

PAGE = "published.html"
NATIONAL = (StatusKind.KEY_INVASIVE, StatusKind.INVASIVE_BATCH)
ENTRY_COLUMNS = (
    ("entry_no", "No.", "序号"),
    ("vernacular_zh", "Chinese name", "中文名"),
    ("scientific_name", "Scientific name", "学名"),
    ("category", "Category", "类别"),
    ("national", "On national lists", "国家名录"),
    ("remarks", "Remarks", "备注"),
    ("doubt", "Doubt", "存疑"),
    ("source", "Source", "依据"),
)
CHANGE_WORDS = {
    Change.ADDED: ("added", "新增"),
    Change.REMOVED: ("removed", "移出"),
    Change.CATEGORY: ("category changed", "类别调整"),
}
CHANGE_COLUMNS = ["变更 change", "中文名 Chinese name", "学名 scientific name", "原类别 before",
                  "现类别 after"]  # fmt: skip
FACTS_OF_FILE = "docProps/core.xml"
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the same bytes from the same list on every day
LANGUAGES: tuple[Language, Language] = ("zh", "en")


def printed_rows(session: Session, version: ListVersion) -> list[dict[str, str]]:
    """The entries as they are printed, with what the national lists say on the first day."""
    index = read_status_index(session)
    entries = session.exec(
        select(ListEntry)
        .where(ListEntry.list_version_id == version.list_version_id)
        .order_by(col(ListEntry.entry_no))
    )
    rows = []
    for entry in entries:
        facts: tuple[StatusFact, ...] = ()
        if entry.taxon_id:
            facts = index.status_of(entry.taxon_id, version.effective_from).facts
        national = {language: _national(facts, language) for language in LANGUAGES}
        rows.append(
            {
                "entry_no": str(entry.entry_no),
                "vernacular_zh": entry.vernacular_zh,
                "scientific_name": entry.scientific_name,
                "category": entry.category,
                "national": " / ".join(filter(None, national.values())),
                "national_zh": national["zh"],
                "national_en": national["en"],
                "remarks": "; ".join(filter(None, (entry.population, entry.remarks))),
                "doubt": entry.doubt,  # in both languages, as its table gives it
                "source": entry.source or version.source,
            }
        )
    return rows


def _national(facts: Iterable[StatusFact], language: Language) -> str:
    """The national lists in a few words, so that a row stays low; the page explains them."""
    with speaking(language):
        return tr("; ", ";").join(
            _short(fact) + (tr(" (in doubt)", "(存疑)") if fact.doubt else "")
            for fact in facts
            if fact.kind in NATIONAL
        )


def _short(fact: StatusFact) -> str:
    if fact.kind is StatusKind.INVASIVE_BATCH:
        return tr(f"batch {fact.category}", f"第{fact.category}批")
    return category_word(fact.kind, fact.category)


def page_of(
    version: ListVersion, rows: list[dict[str, str]], diff: ListDiff,
    statement: Mapping[str, Any], fingerprint: str,
) -> bytes:  # fmt: skip
    """The list as a page to print, in both languages."""
    from jinja2 import Environment, StrictUndefined

    source = (files("species_db.lists") / PAGE).read_text(encoding="utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    changes = [
        (CHANGE_WORDS[kind], diff.of(kind), _unknown(diff, kind))
        for kind in Change
        if diff.of(kind) or _unknown(diff, kind)
    ]
    told = page.from_string(source).render(
        version=version, rows=rows, columns=ENTRY_COLUMNS, statement=statement, changes=changes,
        before=diff.before, fingerprint=fingerprint,
        key_words=KIND_WORDS[StatusKind.KEY_INVASIVE],
    )  # fmt: skip
    return told.encode()


def workbook_of(
    version: ListVersion, rows: list[dict[str, str]], diff: ListDiff, statement: Mapping[str, Any]
) -> bytes:
    """The list as a workbook: entries, what changed, and what it is."""
    from openpyxl import Workbook

    book = Workbook()
    on = datetime.fromisoformat(f"{statement['published_on']}T00:00:00").replace(tzinfo=UTC)
    book.properties.creator = f"namcha {VERSION}"
    book.properties.created = book.properties.modified = on.replace(tzinfo=None)
    sheet: Any = book.active
    sheet.title = "名录 list"
    header = [f"{zh} {en}" for _, en, zh in ENTRY_COLUMNS]
    _fill(sheet, header, [[row[name] for name, _, _ in ENTRY_COLUMNS] for row in rows])
    sheet = book.create_sheet("变更 changes")
    _fill(sheet, CHANGE_COLUMNS, list(_change_rows(diff)))
    sheet = book.create_sheet("说明 about")
    about = [[name, str(value if value is not None else "")] for name, value in statement.items()
             if not isinstance(value, dict)]  # fmt: skip
    _fill(sheet, ["项目 item", "内容 value"], about)
    return _same_bytes(book, on)


def _change_rows(diff: ListDiff) -> Iterable[list[str]]:
    """What changed, a line each; names that no taxon bears as well, and a line when nothing did."""
    for one in diff.changes:
        perhaps = "" if one.is_sure else "可能 perhaps "
        yield [perhaps + " ".join(CHANGE_WORDS[one.change][::-1]), one.zh, one.scientific_name,
               one.before.category if one.before else "",
               one.after.category if one.after else ""]  # fmt: skip
    for kind in Change:
        for name in _unknown(diff, kind):
            yield [" ".join(CHANGE_WORDS[kind][::-1]), "", name, "", ""]
    if diff.is_empty:
        yield ["无变更 no changes", "", "", "", ""]


def _unknown(diff: ListDiff, kind: Change) -> tuple[str, ...]:
    """Names of a change that no taxon of the survey bears."""
    return {Change.ADDED: diff.names_added, Change.REMOVED: diff.names_removed}.get(kind, ())


def _fill(sheet: Any, header: list[str], rows: list[list[str]]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet.append(header)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, column in enumerate(sheet.columns, start=1):
        longest = max(_width(str(cell.value or "")) for cell in column)
        letter = column[0].column_letter
        sheet.column_dimensions[letter].width = min(max(longest + 2, 8), 60)
        for cell in column:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number > 1 and isinstance(cell.value, str) and cell.value[:1] in "=+-@":
                cell.data_type = "s"  # a name that begins like a formula stays text
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True
    sheet.print_title_rows = "1:1"


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)


def _same_bytes(book: Any, on: datetime) -> bytes:
    """A workbook packed with one fixed time, so that the same list gives the same file."""
    stamp = f"{on:%Y-%m-%dT%H:%M:%SZ}".encode()
    made, packed = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(name)
            if name == FACTS_OF_FILE:  # openpyxl puts the time of day there
                content = MODIFIED.sub(rb"\g<1>" + stamp, content)
            target.writestr(entry, content)
    return packed.getvalue()
