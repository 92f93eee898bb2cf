"""The lists of a survey as people look at them: every version with its dates, and its entries."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from species_db.language import tr
from species_db.lists.diff import ListError
from species_db.lists.reading import read_versions
from species_db.lists.words import category_word, in_language, kind_word
from species_db.tables import ListEntry, ListVersion
from species_db.vocabulary import StatusKind


@dataclass(frozen=True)
class ShelfVersion:
    """One version of one list, and whether it holds on the day that was asked for."""

    list_version_id: str
    list_id: str
    kind: StatusKind
    title_zh: str
    title_en: str
    effective_from: date
    effective_to: date | None
    is_in_force: bool
    is_partial: bool
    entry_count: int
    unmatched: int
    origin: str
    number: str | None
    authority: str
    source: str
    doubt: str

    def as_plain(self) -> dict[str, Any]:
        """For JSON."""
        days = {"effective_from": str(self.effective_from)}
        days["effective_to"] = str(self.effective_to) if self.effective_to else ""
        return asdict(self) | days | {"kind": self.kind.value}

    def as_lines(self) -> list[str]:
        """For people: the version, and what must be known before relying on it."""
        mark = "●" if self.is_in_force else "○"
        until = self.effective_to or tr("now", "今")
        title = tr(self.title_en, self.title_zh)
        parts = [f"{self.effective_from} – {until}", tr(f"{self.entry_count} entries",
                 f"{self.entry_count} 条")]  # fmt: skip
        if self.number:
            parts.append(self.number)
        if self.is_partial:
            parts.append(tr("not the whole list", "不完整"))
        if self.unmatched:
            parts.append(
                tr(f"{self.unmatched} names not matched", f"{self.unmatched} 个学名未匹配")
            )
        lines = [f"{mark} {self.list_version_id}  {title} ({kind_word(self.kind)})"]
        lines.append(f"    {'; '.join(parts)}")
        if self.authority or self.source:
            lines.append(f"    {'; '.join(filter(None, (self.authority, self.source)))}")
        if self.doubt:
            lines.append(f"    {tr('doubt: ', '存疑:')}{in_language(self.doubt)}")
        return lines


@dataclass(frozen=True)
class ShelfEntry:
    """One line of a list version."""

    entry_no: int
    scientific_name: str
    vernacular_zh: str
    category: str
    covers: str
    excluded_taxa: str
    population: str
    remarks: str
    is_verified: bool | None
    doubt: str
    taxon_id: str | None
    kind: StatusKind

    def as_plain(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"kind": self.kind.value}

    def as_line(self) -> str:
        """For people; a doubt stands beside the entry wherever it is shown."""
        word = category_word(self.kind, self.category)
        told = f"{self.entry_no:>5} {word:<8} {self.scientific_name} {self.vernacular_zh}"
        remarks = "; ".join(filter(None, (in_language(self.population), self.remarks)))
        if remarks:
            told += f" ({remarks})"
        if self.is_verified is False:
            told += tr(" [not read in the text]", " [未核对原文]")
        if self.doubt:
            told += f" [{tr('doubt: ', '存疑:')}{in_language(self.doubt)}]"
        if self.taxon_id is None:
            told += tr(" [no taxon]", " [未匹配]")
        return told


def read_shelf(session: Session, *, today: date) -> list[ShelfVersion]:
    """Every list version of a survey, by kind and date."""
    rows = {row.list_version_id: row for row in session.exec(select(ListVersion))}
    missing: dict[str, int] = {}
    for version_id in session.exec(
        select(ListEntry.list_version_id).where(col(ListEntry.taxon_id).is_(None))
    ):
        missing[version_id] = missing.get(version_id, 0) + 1
    kinds = list(StatusKind)
    shelf = [
        ShelfVersion(
            list_version_id=one.list_version_id,
            list_id=one.list_id,
            kind=one.kind,
            title_zh=one.title_zh,
            title_en=one.title_en,
            effective_from=one.effective_from,
            effective_to=one.effective_to,
            is_in_force=one.holds(today),
            is_partial=one.is_partial,
            entry_count=rows[one.list_version_id].entry_count,
            unmatched=missing.get(one.list_version_id, 0),
            origin=one.origin,
            number=rows[one.list_version_id].number,
            authority=one.authority,
            source=one.source,
            doubt=one.doubt,
        )
        for one in read_versions(session)
    ]
    return sorted(shelf, key=lambda one: (kinds.index(one.kind), one.list_id, one.effective_from))


def read_entries_of(session: Session, list_version_id: str) -> list[ShelfEntry]:
    """The entries of one version, in the order of their numbers.

    Raises:
        ListError: there is no such version.
    """
    version = session.get(ListVersion, list_version_id)
    if version is None:
        from species_db.language import did_you_mean

        known = session.exec(select(ListVersion.list_version_id)).all()
        hint = did_you_mean(list_version_id, list(known))
        raise ListError(
            tr(
                f"No list version '{list_version_id}'.{hint} 'namcha lists show' names them.",
                f"没有名录版本“{list_version_id}”。{hint}“namcha lists show”列出全部版本。",
            )
        )
    entries = session.exec(
        select(ListEntry)
        .where(ListEntry.list_version_id == list_version_id)
        .order_by(col(ListEntry.entry_no))
    )
    kind = StatusKind(version.kind)
    return [
        ShelfEntry(
            kind=kind,
            **{name: getattr(entry, name) for name in ShelfEntry.__annotations__ if name != "kind"},
        )
        for entry in entries
    ]
