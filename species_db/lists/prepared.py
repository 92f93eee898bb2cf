"""The rows that every survey starts with: taxa, their names, list versions and entries.

They are worked out once in a process, seals included, because each new survey takes all of them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

from species_db.identity import taxon_id
from species_db.kept_lists import packed
from species_db.lists.checklist import read_checklist
from species_db.lists.matching import (
    KnownNames,
    MatchReport,
    NameToMatch,
    match_names,
    plain_chinese,
)
from species_db.lists.shipped import (
    GATHERED_ON,
    LIST_SOURCE,
    SPECIES_RANKS,
    ListLine,
    ShippedList,
    known_synonyms,
    shipped_lists,
)
from species_db.seals import seal_of_values
from species_db.tables import ListEntry, ListVersion, Taxon, TaxonName
from species_db.vocabulary import ListOrigin

Row = dict[str, Any]


@dataclass(frozen=True)
class PreparedRows:
    """Rows ready to be put into a survey, by the table they belong to."""

    taxa: tuple[Row, ...]
    names: tuple[Row, ...]
    versions: tuple[Row, ...]
    entries: tuple[Row, ...]
    reports: Mapping[str, MatchReport]  # by list version

    def sealed(self) -> Iterable[tuple[str, str]]:
        """Each sealed row as table and key, with its seal."""
        for row in self.taxa:
            yield f"taxon {row['taxon_id']}", row["seal"]
        for row in self.names:
            yield f"taxonname {row['taxon_id']} {row['language']} {row['name']}", row["seal"]
        for row in self.versions:
            yield f"listversion {row['list_version_id']}", row["seal"]


@cache
def prepared_rows() -> PreparedRows:
    """Work out the rows of every shipped taxon and list."""
    return _Preparing().run()


@cache
def packed_seals() -> bytes:
    """The seals of all prepared rows as the list that the log keeps of a new survey."""
    lines = (json.dumps(one, ensure_ascii=False) for one in sorted(prepared_rows().sealed()))
    return packed(lines)


def content_sha256(entries: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 over the entries of a list version, every column, in the order of their numbers."""
    columns = [column.name for column in ListEntry.__table__.columns]  # type: ignore[attr-defined]
    told = hashlib.sha256()
    for entry in sorted(entries, key=lambda entry: entry["entry_no"]):
        line = json.dumps([entry[name] for name in columns], ensure_ascii=False)
        told.update(f"{line}\n".encode())
    return told.hexdigest()


def names_to_match(lines: Iterable[ListLine]) -> list[NameToMatch]:
    """What matching asks of the lines of a list."""
    return [
        NameToMatch(
            key=line.entry_no,
            scientific_name=line.taxon or line.scientific_name,
            zh="" if line.taxon else line.zh,
            synonyms=line.synonyms,
            kingdom=line.kingdom,
            taxon_rank=line.taxon_rank,
        )
        for line in lines
    ]


def entry_row(version_id: str, line: ListLine, taxon: str | None, *, how: str = "") -> Row:
    """One entry as its table takes it; `how` it was matched is kept when not by the name."""
    facts = dict(line.facts) | ({"matched_by": how} if how not in ("", "name") else {})
    return {
        "list_version_id": version_id,
        "entry_no": line.entry_no,
        "taxon_id": taxon,
        "scientific_name": line.scientific_name,
        "vernacular_zh": line.zh,
        "category": line.category,
        "covers": line.covers,
        "excluded_taxa": json.dumps(line.excluded_taxa, ensure_ascii=False),
        "population": line.population,
        "remarks": line.remarks,
        "is_verified": line.is_verified,
        "doubt": line.doubt,
        "source": line.source,
        "facts": json.dumps(facts, ensure_ascii=False, sort_keys=True),
    }


@dataclass
class _Preparing:
    """Takes the checklist, then one list after another, and names what none has named before."""

    known: KnownNames = field(default_factory=KnownNames)
    taxa: dict[str, Row] = field(default_factory=dict)
    names: dict[tuple[str, str, str], Row] = field(default_factory=dict)
    preferred: set[tuple[str, str]] = field(default_factory=set)
    phyla: dict[str, str] = field(default_factory=dict)
    reports: dict[str, MatchReport] = field(default_factory=dict)

    def run(self) -> PreparedRows:
        lists = shipped_lists()
        for one in lists:
            for line in one.lines:
                if line.phylum and line.class_name:
                    self.phyla.setdefault(line.class_name, line.phylum)
        self._take_checklist()
        versions, entries = [], []
        for one in lists:
            rows = self._take_list(one)
            entries += rows
            versions.append(_version_row(one, rows))
        return PreparedRows(
            taxa=_sealed(Taxon, self.taxa.values()),
            names=_sealed(TaxonName, self.names.values()),
            versions=_sealed(ListVersion, versions),
            entries=tuple(entries),
            reports=self.reports,
        )

    def _take_checklist(self) -> None:
        entries = list(read_checklist())
        for entry in entries:
            taxon = entry.taxon
            row = taxon.model_dump(exclude={"seal"})
            row["phylum"] = self.phyla.get(taxon.class_name)
            row["genus"] = _genus(taxon.scientific_name, taxon.taxon_rank)
            self.taxa[taxon.taxon_id] = row
            self._know(row)
        for entry in entries:
            for name in entry.names:
                self._name(name.taxon_id, name.language, name.name, preferred=name.is_preferred)

    def _take_list(self, one: ShippedList) -> list[Row]:
        report = match_names(names_to_match(one.lines), self.known)
        self.reports[one.list_version_id] = report
        rows = []
        for line, match in zip(one.lines, report.matches, strict=True):
            identifier = match.taxon_id or self._new_taxon(one, line)
            self._name_all(identifier, line)
            how = "taxon named by the table" if line.taxon else match.how.value
            how = how if match.taxon_id else "name"
            rows.append(entry_row(one.list_version_id, line, identifier, how=how))
        return rows

    def _new_taxon(self, one: ShippedList, line: ListLine) -> str:
        name = line.taxon or line.scientific_name
        identifier = taxon_id(name)
        row = {
            "taxon_id": identifier,
            "scientific_name": name,
            "taxon_rank": line.taxon_rank,
            "kingdom": line.kingdom,
            "class_name": line.class_name,
            "order_name": line.order_name,
            "family": line.family,
            "source": f"{LIST_SOURCE}{one.list_version_id}",
            "phylum": line.phylum or self.phyla.get(line.class_name),
            "genus": _genus(name, line.taxon_rank),
        }
        self.taxa[identifier] = row
        self._know(row)
        return identifier

    def _know(self, row: Row) -> None:
        self.known.add(
            row["taxon_id"], row["scientific_name"], rank=row["taxon_rank"], kingdom=row["kingdom"]
        )
        for synonym in known_synonyms().get(row["scientific_name"], ()):
            self._name(row["taxon_id"], "la", synonym, preferred=False)

    def _name_all(self, identifier: str, line: ListLine) -> None:
        zh, is_own = plain_chinese(line.zh), not line.taxon
        if zh and is_own:
            self._name(identifier, "zh", zh, preferred=True)
        if line.en and is_own:
            self._name(identifier, "en", line.en, preferred=True)
        for other in line.zh_other:
            self._name(identifier, "zh", other, preferred=False)
        listed = [line.scientific_name] if is_own else []
        for synonym in (*listed, *line.synonyms):
            self._name(identifier, "la", synonym, preferred=False)

    def _name(self, identifier: str, language: str, name: str, *, preferred: bool) -> None:
        """Give a taxon a name; the first preferred one of a language stays the preferred one."""
        row = self.taxa[identifier]
        if language == "la" and name in self.known.accepted:
            return  # its own name, or that of another taxon, which it keeps
        key = (identifier, language, name)
        if key not in self.names:
            is_first = preferred and (identifier, language) not in self.preferred
            if is_first:
                self.preferred.add((identifier, language))
            self.names[key] = {"taxon_id": identifier, "language": language, "name": name,
                               "is_preferred": is_first}  # fmt: skip
        self.known.add(
            identifier, row["scientific_name"], rank=row["taxon_rank"], kingdom=row["kingdom"],
            synonyms=[name] if language == "la" else (), zh=[name] if language == "zh" else (),
        )  # fmt: skip


def _version_row(one: ShippedList, entries: Sequence[Row]) -> Row:
    return {
        "list_version_id": one.list_version_id,
        "list_id": one.list_id,
        "kind": one.kind,
        "title_zh": one.title_zh,
        "title_en": one.title_en,
        "version": one.version,
        "region": one.region,
        "issued_on": one.issued_on,
        "effective_from": one.effective_from,
        "effective_to": one.effective_to,
        "is_partial": one.is_partial,
        "authority": one.authority,
        "source": one.source,
        "doubt": one.doubt,
        "origin": ListOrigin.SHIPPED.value,
        "entry_count": len(entries),
        "content_sha256": content_sha256(entries),
        "number": None,
        "person": "",
        # The same on every laptop, so that surveys that are merged hold the same row
        "entered_at": datetime.combine(GATHERED_ON, time(), tzinfo=UTC),
    }


def _sealed(table: Any, rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(row | {"seal": seal_of_values(table, row)} for row in rows)


def _genus(name: str, rank: str) -> str | None:
    """The genus that a name says; none above the genus."""
    return name.split()[0] if rank in SPECIES_RANKS | {"genus", "section"} else None
