"""Read the sheet of a list version: one line an entry, every mistake named with its line."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from species_db.field_sheet import Mistakes, SheetRow, read_sheet
from species_db.language import did_you_mean, tr
from species_db.lists.coverage import GROUP_RANKS
from species_db.lists.diff import ListError
from species_db.lists.matching import NameToMatch
from species_db.lists.shipped import SPECIES_RANKS, excluded_names
from species_db.vocabulary import StatusKind

COLUMNS = (
    "entry_no", "scientific_name", "vernacular_zh", "vernacular_en", "category", "taxon_rank",
    "kingdom", "synonyms", "excluded_taxa", "population", "remarks", "verified", "doubt", "source",
)  # fmt: skip
REQUIRED = ("scientific_name", "category")
RANKS = (*sorted(SPECIES_RANKS), *GROUP_RANKS)
LEVELS = ("I", "II")
# The categories that a kind of list may hold; kinds that are not here may hold any word.
CATEGORIES: dict[StatusKind, tuple[str, ...]] = {
    StatusKind.PROTECTED_ANIMALS: LEVELS,
    StatusKind.PROTECTED_PLANTS: LEVELS,
    StatusKind.CITES: (*LEVELS, "III"),
    StatusKind.RED_LIST: ("EX", "EW", "RE", "CR", "EN", "VU", "NT", "LC", "DD", "NE"),
    StatusKind.IUCN: ("EX", "EW", "CR", "EN", "VU", "NT", "LC", "DD", "NE"),
    StatusKind.CHECKLIST: ("native", "alien"),
}
YES_NO = {"yes": True, "no": False, "是": True, "否": False}
LATIN = re.compile(r"[A-Z][a-zà-ÿ-]+( [×a-zà-ÿ][\w.×\- ]*)?")


@dataclass(frozen=True)
class ListDescription:
    """What a list version is, besides its entries."""

    list_id: str
    version: str
    effective_from: date
    kind: StatusKind | None = None  # None: that of the earlier versions of the list
    effective_to: date | None = None
    issued_on: date | None = None
    title_zh: str = ""
    title_en: str = ""
    region: str = ""
    authority: str = ""
    source: str = ""
    doubt: str = ""
    is_partial: bool = False

    @property
    def list_version_id(self) -> str:
        """The id of the version: that of its list, and its own."""
        return f"{self.list_id}-{self.version}"


@dataclass(frozen=True)
class SheetEntry:
    """One line of the sheet, read."""

    name: NameToMatch
    category: str
    vernacular_en: str
    excluded: tuple[str, ...]
    population: str
    remarks: str
    is_verified: bool | None
    doubt: str
    source: str


def read_entries(path: Path, full: ListDescription) -> list[SheetEntry]:
    """Read the lines of a list as an office sends it.

    Raises:
        SheetError: with every mistake of the sheet and its line.
        ListError: the sheet holds no entry.
    """
    rows, mistakes = read_sheet(path, columns=COLUMNS, required=REQUIRED), Mistakes(path)
    entries = [_entry(row, place, full, mistakes) for place, row in enumerate(rows, start=1)]
    if not entries:
        raise ListError(tr("The sheet holds no entry.", "表中没有条目。"))
    numbers = Counter(one.name.key for one in entries)
    names = Counter(one.name.scientific_name for one in entries)
    for row, one in zip(rows, entries, strict=True):
        if numbers[one.name.key] > 1:
            mistakes.add(row, "entry_no", tr("this number stands twice.", "该序号重复出现。"))
        if names[one.name.scientific_name] > 1:
            mistakes.add(row, "scientific_name", tr("this name stands twice.", "该学名重复出现。"))
    mistakes.raise_if_any()
    return entries


def _entry(row: SheetRow, place: int, full: ListDescription, mistakes: Mistakes) -> SheetEntry:
    name = " ".join(row.text("scientific_name").split())
    if not LATIN.fullmatch(name):
        why = tr(
            f"'{name}' is no Latin name; write it like Cervus elaphus, or Cervus for the genus.",
            f"“{name}”不是拉丁学名;请写成 Cervus elaphus,整属写 Cervus。",
        )
        mistakes.add(row, "scientific_name", why)
    rank = row.text("taxon_rank").casefold() or ("species" if " " in name else "genus")
    if rank not in RANKS:
        hint = did_you_mean(rank, RANKS)
        mistakes.add(row, "taxon_rank", tr(f"no such rank.{hint}", f"没有这个分类阶元。{hint}"))
    number = row.text("entry_no") or str(place)
    if not number.isdecimal():
        mistakes.add(row, "entry_no", tr("write a whole number.", "请填写整数。"))
    verified = row.text("verified").casefold()
    if verified and verified not in YES_NO:
        mistakes.add(row, "verified", tr("write yes or no.", "请填写“是”或“否”。"))
    return SheetEntry(
        name=NameToMatch(
            key=int(number) if number.isdecimal() else -place,
            scientific_name=name,
            zh=row.text("vernacular_zh"),
            synonyms=tuple(one.strip() for one in row.text("synonyms").split(";") if one.strip()),
            kingdom=row.text("kingdom"),
            taxon_rank=rank,
        ),
        category=_category(row, full, mistakes),
        vernacular_en=row.text("vernacular_en"),
        excluded=tuple(excluded_names(row.text("excluded_taxa"), group=name)),
        population=row.text("population"),
        remarks=row.text("remarks"),
        is_verified=YES_NO.get(verified),
        doubt=row.text("doubt"),
        source=row.text("source"),
    )


def _category(row: SheetRow, full: ListDescription, mistakes: Mistakes) -> str:
    text = row.text("category")
    spoken = {"一级": "I", "二级": "II", "Ⅰ": "I", "Ⅱ": "II", "1": "I", "2": "II"}
    allowed = CATEGORIES.get(full.kind) if full.kind else None
    if allowed is None or text in allowed:
        if not text:
            mistakes.add(row, "category", tr("must not be empty.", "不能为空。"))
        return text
    if spoken.get(text) in allowed:
        return spoken[text]
    why = tr(f"use one of: {', '.join(allowed)}.", f"请用以下之一:{'、'.join(allowed)}。")
    mistakes.add(row, "category", why)
    return text
