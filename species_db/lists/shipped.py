"""The lists that ship with Namcha, as tables of facts with their source, date and doubts."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

GATHERED_ON = date(2026, 11, 22)  # the day on which the facts of every shipped table were read
FOLDER = "data/lists"
VERSIONS, SYNONYMS, MEMBERS = "versions.csv", "synonyms.csv", "members.csv"
SPECIES_RANKS = frozenset({"species", "subspecies", "variety", "form"})
LIST_SOURCE = "list "  # begins the source of a taxon that came by a list, not by the checklist
TAXON = "taxon"  # what an entry covers that names no group
KINGDOM = "kingdom"  # among the facts of an entry of an imported list
_INITIAL = re.compile(r"[A-Z]\.")
_BETWEEN_NAMES = re.compile(r"\s*[,;&，；、]\s*")


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a list as its table gives it, before it is matched with a taxon."""

    entry_no: int
    scientific_name: str
    category: str
    taxon_rank: str = "species"
    zh: str = ""
    en: str = ""
    taxon: str = ""  # the taxon of today that the listed name stands for, where the table says so
    synonyms: tuple[str, ...] = ()
    zh_other: tuple[str, ...] = ()
    kingdom: str = ""
    phylum: str = ""
    class_name: str = ""
    order_name: str = ""
    family: str = ""
    excluded_taxa: tuple[str, ...] = ()
    population: str = ""
    remarks: str = ""
    is_verified: bool | None = None
    doubt: str = ""
    source: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def covers(self) -> str:
        """`taxon`, or the rank of the group that is listed as a whole."""
        return TAXON if self.taxon_rank in SPECIES_RANKS else self.taxon_rank


@dataclass(frozen=True)
class ShippedList:
    """One version of one list with its lines."""

    list_version_id: str
    list_id: str
    kind: str
    title_zh: str
    title_en: str
    version: str
    region: str
    issued_on: date | None
    effective_from: date
    effective_to: date | None
    is_partial: bool
    authority: str
    source: str
    doubt: str
    lines: tuple[ListLine, ...]


@cache
def shipped_lists() -> tuple[ShippedList, ...]:
    """Read every list version that ships with Namcha, in the order in which taxa take their name.

    A taxon keeps the name under which it first comes: the checklist of Linzhi is before them all
    (see `species_db/taxa.py`), then the protected animals and plants, and so on down the table.
    """
    lines: dict[str, list[tuple[str, ListLine]]] = {}
    found = []
    for row in read_table(VERSIONS):
        name = row["file"]
        if name not in lines:
            lines[name] = [(one.get("list_version_id") or "", line_of(one))
                           for one in read_table(name)]  # fmt: skip
        identifier = row["list_version_id"]
        found.append(
            ShippedList(
                list_version_id=identifier,
                list_id=row["list_id"],
                kind=row["kind"],
                title_zh=row["title_zh"],
                title_en=row["title_en"],
                version=row["version"],
                region=row["region"],
                issued_on=_day(row["issued_on"]),
                effective_from=date.fromisoformat(row["effective_from"]),
                effective_to=_day(row["effective_to"]),
                is_partial=row["is_partial"] == "yes",
                authority=row["authority"],
                source=row["source"],
                doubt=row["doubt"],
                lines=tuple(line for of, line in lines[name] if of in ("", identifier)),
            )
        )
    return tuple(found)


@cache
def known_synonyms() -> Mapping[str, tuple[str, ...]]:
    """Other spellings of the name we keep, from common knowledge."""
    return {row["scientific_name"]: _parted(row["synonyms"]) for row in read_table(SYNONYMS)}


@cache
def section_members() -> Mapping[str, frozenset[str]]:
    """Species that a source places in a section, by section: a genus name cannot tell."""
    members: dict[str, set[str]] = {}
    for row in read_table(MEMBERS):
        members.setdefault(row["section"], set()).add(row["scientific_name"])
    return {section: frozenset(names) for section, names in members.items()}


def line_of(row: Mapping[str, str]) -> ListLine:
    """Understand one row of a list table; columns that it does not know become `facts`.

    >>> line = line_of({"entry_no": "120", "scientific_name": "Paris", "category": "II",
    ...                 "taxon_rank": "genus", "excluded_taxa": "excl. P. verticillata"})
    >>> line.covers, line.excluded_taxa
    ('genus', ('Paris verticillata',))
    """
    told = {name: value.strip() for name, value in row.items() if name and value}

    def take(name: str) -> str:
        return told.pop(name, "")

    take("list_version_id")
    name = take("scientific_name")
    verified = take("is_verified")
    return ListLine(
        entry_no=int(take("entry_no")),
        scientific_name=name,
        category=take("category"),
        taxon_rank=take("taxon_rank") or "species",
        zh=take("zh"),
        en=take("en"),
        taxon=take("taxon"),
        synonyms=_parted(take("synonyms")),
        zh_other=_parted(take("zh_other")),
        kingdom=take("kingdom"),
        phylum=take("phylum"),
        class_name=take("class"),
        order_name=take("order"),
        family=take("family"),
        excluded_taxa=tuple(excluded_names(take("excluded_taxa"), group=name)),
        population=take("population"),
        remarks=take("remarks"),
        is_verified=None if not verified else verified == "yes",
        doubt=take("doubt"),
        source=take("source"),
        facts=told,
    )


def excluded_names(text: str, *, group: str) -> Iterator[str]:
    """Write out the species that a group leaves out: an initial stands for the genus before it.

    >>> list(excluded_names("excl. Alsophila metteniana & A. denticulata", group="Cyatheaceae"))
    ['Alsophila metteniana', 'Alsophila denticulata']
    >>> list(excluded_names("excl. C. insigne, C. lancifolium", group="Cymbidium"))
    ['Cymbidium insigne', 'Cymbidium lancifolium']
    """
    genus = group.split()[0] if group else ""
    for name in filter(None, _BETWEEN_NAMES.split(text.removeprefix("excl.").strip())):
        first, _, rest = name.partition(" ")
        if not _INITIAL.fullmatch(first):
            genus = first
        yield f"{genus} {rest.strip()}".strip()


def read_table(name: str) -> Iterable[dict[str, str]]:
    """Read a table of the package; lines that begin with # name its source."""
    text = (files("species_db") / FOLDER / name).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))


def _parted(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(";"))))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
