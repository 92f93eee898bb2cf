"""Read the sheet of a list version: one line an entry, every mistake named with its line."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from species_db.field_sheet import Mistakes, SheetRow, read_sheet
from species_db.language import did_you_mean, tr
from species_db.lists.coverage import GROUP_RANKS
from species_db.lists.diff import ListError
from species_db.lists.list_columns import (
    CATEGORIES,
    CATEGORIES_SPOKEN,
    COLUMNS,
    KINGDOMS,
    RANKS_SPOKEN,
    REQUIRED,
    SPOKEN,
    YES_NO,
    heading,
)
from species_db.lists.matching import NameToMatch
from species_db.lists.shipped import SPECIES_RANKS, excluded_names
from species_db.lists.status import MEANT_FOR
from species_db.vocabulary import StatusKind

RANKS = (*sorted(SPECIES_RANKS), *GROUP_RANKS)
MOST_DIGITS = 9  # of a number of an entry
AROUND_LEVEL = re.compile(r"^(国家|附录)+|级$")  # of "国家一级", "附录II"
BETWEEN_NAMES = re.compile(r"[;；、]")
# Letters of Latin script only: а of another script prints like a, and is another name
LATIN = re.compile(r"[A-Z][a-zß-öø-ÿ-]+( [×a-zß-öø-ÿ][A-Za-zÀ-ÖØ-öø-ÿ.×() -]*)?")


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
    if not path.is_file():
        raise ListError(
            tr(
                f"No file {path}. Name the CSV or Excel file of the list.",
                f"没有文件 {path}。请指定名录的 CSV 或 Excel 文件。",
            )
        )
    mistakes = Mistakes(path)
    rows = read_sheet(path, columns=COLUMNS, required=REQUIRED, spoken=SPOKEN)
    entries = [_entry(row, place, full, mistakes) for place, row in enumerate(rows, start=1)]
    if not entries:
        raise ListError(
            tr(
                f"{path.name} holds no entry below its headings. 'namcha lists template' writes "
                "an empty sheet to fill in.",
                f"{path.name} 的表头下没有条目。可用“namcha lists template”生成空表填写。",
            )
        )
    numbers = Counter(one.name.key for one in entries)
    names = Counter(one.name.scientific_name for one in entries)
    for row, one in zip(rows, entries, strict=True):
        if numbers[one.name.key] > 1:
            mistakes.add(
                row, heading("entry_no"), tr("this number stands twice.", "该序号重复出现。")
            )
        if names[one.name.scientific_name] > 1:
            why = tr("this name stands twice.", "该学名重复出现。")
            mistakes.add(row, heading("scientific_name"), why)
    mistakes.raise_if_any()
    return entries


def _entry(row: SheetRow, place: int, full: ListDescription, mistakes: Mistakes) -> SheetEntry:
    name = _name(row, mistakes)
    number = row.text("entry_no") or str(place)
    is_number = number.isdecimal() and len(number) <= MOST_DIGITS
    if not is_number:
        mistakes.add(row, heading("entry_no"), tr("write a whole number.", "请填写整数。"))
    verified = row.text("verified").casefold()
    if verified and verified not in YES_NO:
        mistakes.add(row, heading("verified"), tr("write yes or no.", "请填写“是”或“否”。"))
    synonyms = (" ".join(one.split()) for one in BETWEEN_NAMES.split(row.text("synonyms")))
    return SheetEntry(
        name=NameToMatch(
            key=int(number) if is_number else -place,
            scientific_name=name,
            zh=row.text("vernacular_zh"),
            synonyms=tuple(dict.fromkeys(one for one in synonyms if one and one != name)),
            kingdom=_kingdom(row, full, mistakes),
            taxon_rank=_rank(row, name, mistakes),
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


def _name(row: SheetRow, mistakes: Mistakes) -> str:
    name = unicodedata.normalize("NFC", " ".join(row.text("scientific_name").split()))
    if not LATIN.fullmatch(name):
        strange = [
            one for one in name if one.isalpha() and "LATIN" not in unicodedata.name(one, "")
        ]
        sign = f" ({strange[0]}: U+{ord(strange[0]):04X})" if strange else ""
        why = tr(
            f"'{name}' is no Latin name{sign}; write it like Cervus elaphus, without its author, "
            "or Cervus for the genus.",
            f"“{name}”不是拉丁学名{sign};请写成 Cervus elaphus(不写命名人),整属写 Cervus。",
        )
        mistakes.add(row, heading("scientific_name"), why)
    return name


def _rank(row: SheetRow, name: str, mistakes: Mistakes) -> str:
    """The rank that is told; else a species, or for one word the group that its ending tells."""
    text = row.text("taxon_rank").casefold()
    rank = RANKS_SPOKEN.get(text, text)
    if not rank:
        return (
            "species" if " " in name else "family" if name.endswith(("idae", "aceae")) else "genus"
        )
    if rank not in RANKS:
        hint = did_you_mean(rank, RANKS)
        why = tr(f"no such rank.{hint}", f"没有这个分类阶元。{hint}")
        mistakes.add(row, heading("taxon_rank"), why)
    elif (rank in SPECIES_RANKS) != (" " in name) and rank != "section":
        why = tr(f"'{name}' is no {rank}.", f"“{name}”与该分类阶元不符。")
        mistakes.add(row, heading("taxon_rank"), why)
    return rank


def _kingdom(row: SheetRow, full: ListDescription, mistakes: Mistakes) -> str:
    """The kingdom that is told; a list meant for animals alone tells it for all its entries."""
    text = row.text("kingdom")
    kingdom = KINGDOMS.get(text, text.capitalize())
    if not kingdom:
        meant = MEANT_FOR.get(full.kind, frozenset()) if full.kind else frozenset()
        return next(iter(meant)) if len(meant) == 1 else ""
    if kingdom not in KINGDOMS.values():
        known = sorted(set(KINGDOMS.values()))
        told = ", ".join(known)
        why = tr(f"use one of: {told}.", f"请用以下之一:{'、'.join(KINGDOMS)},或 {told}。")
        mistakes.add(row, heading("kingdom"), why)
    return kingdom


def _category(row: SheetRow, full: ListDescription, mistakes: Mistakes) -> str:
    text = row.text("category")
    allowed = CATEGORIES.get(full.kind) if full.kind else None
    if not text:
        mistakes.add(row, heading("category"), tr("must not be empty.", "不能为空。"))
    if not text or allowed is None or text in allowed:
        return text
    plain = AROUND_LEVEL.sub("", unicodedata.normalize("NFKC", text))  # Ⅰ is I
    found = CATEGORIES_SPOKEN.get(plain, plain)
    for one in (found, found.upper(), found.lower()):
        if one in allowed:
            return one
    why = tr(f"use one of: {', '.join(allowed)}.", f"请用以下之一:{'、'.join(allowed)}。")
    mistakes.add(row, heading("category"), why)
    return text
