"""What changes when one version of a list follows another: which taxa, which records, and why.

A status is a dated fact, so a new version never rewrites the past: a record made before it came
into force keeps the status it had, and has another one as of today (VISION N5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from species_db.language import did_you_mean, tr
from species_db.lists.changed_records import (
    ChangedRecord,
    RecordsAbove,
    records_above,
    records_of,
)
from species_db.lists.status import StatusFact, StatusIndex, VersionFacts, read_status_index
from species_db.lists.words import basis_word, category_word, in_language
from species_db.tables import ListEntry, Taxon, TaxonName


class ListError(Exception):
    """No such list, or a list that cannot be taken or published."""


class Change(StrEnum):
    """How the word of a list on a taxon changes."""

    ADDED = "added"
    REMOVED = "removed"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What a version changes for one taxon, and the survey's confirmed records of it."""

    taxon_id: str
    scientific_name: str
    zh: str
    change: Change
    before: StatusFact | None
    after: StatusFact | None
    records: tuple[ChangedRecord, ...]
    is_sure: bool = (
        True  # False: an entry of its group, and the name cannot tell whether it is meant
    )

    @property
    def why(self) -> str:
        """The entries behind the change, in words, with what is in doubt about them."""
        perhaps = "" if self.is_sure else tr("perhaps ", "可能")
        return f"{perhaps}{self._entries}"

    @property
    def _entries(self) -> str:
        if self.before is None and self.after is not None:
            return tr(f"new: {_entry(self.after)}", f"新列入:{_entry(self.after)}")
        if self.after is None and self.before is not None:
            return tr(f"no longer listed: {_entry(self.before)}", f"移出:{_entry(self.before)}")
        if self.before is None or self.after is None:
            return ""
        return f"{_entry(self.before)} → {_entry(self.after)}"


@dataclass(frozen=True)
class ListDiff:
    """Everything that one version changes against another."""

    before: VersionFacts | None
    after: VersionFacts
    changes: tuple[StatusChange, ...]
    unmatched: tuple[str, ...]  # names of the later version that no taxon bears: nothing is said
    unmatched_before: tuple[str, ...] = ()  # of the earlier version
    above: tuple[RecordsAbove, ...] = ()  # records of groups that may mean a changed taxon
    silent_from: date | None = None  # first day on which no version of the list holds any more

    @property
    def partial(self) -> tuple[str, ...]:
        """Which of the two is only a part of its list, so that its silence says nothing."""
        both = (self.before, self.after)
        return tuple(one.list_version_id for one in both if one is not None and one.is_partial)

    def of(self, change: Change) -> tuple[StatusChange, ...]:
        """The changes of one sort."""
        return tuple(one for one in self.changes if one.change is change)

    @property
    def is_empty(self) -> bool:
        """Whether both versions say the same, also of names that no taxon bears."""
        return not self.changes and set(self.unmatched) == set(self.unmatched_before)

    @property
    def names_added(self) -> tuple[str, ...]:
        """Names that no taxon bears, and that the earlier version lacks."""
        return tuple(one for one in self.unmatched if one not in self.unmatched_before)

    @property
    def names_removed(self) -> tuple[str, ...]:
        """Names that no taxon bears, and that the later version lacks."""
        return tuple(one for one in self.unmatched_before if one not in self.unmatched)


def diff_versions(
    session: Session, before_id: str | None, after_id: str, *, today: date, is_first: bool = False
) -> ListDiff:
    """Compare two versions of a list taxon by taxon, groups listed as a whole laid out.

    Without `before_id` the version that was in force before is taken; the first version of a list
    is compared with nothing, and so is one that `is_first` (of those that were published). Taxa
    that neither version changes are left out.

    Raises:
        ListError: there is no such version, or the two are lists of other kinds.
    """
    index = read_status_index(session)
    versions = {one.list_version_id: one for one in index.versions}
    after = _version(versions, after_id)
    before = None if is_first else version_before(versions, after)
    if before_id:
        before = _version(versions, before_id)
        _refuse_other_kind(before, after)
    changed = dict(_changed(index, before, after))
    records = records_of(session, changed.keys(), after, today)
    names = _names(session, changed)
    changes = [
        StatusChange(
            taxon_id=taxon_id,
            scientific_name=names[taxon_id][0],
            zh=names[taxon_id][1],
            change=_change(old, new),
            before=old,
            after=new,
            records=records.get(taxon_id, ()),
            is_sure=is_sure,
        )
        for taxon_id, (old, new, is_sure) in changed.items()
    ]
    order = list(Change)
    changes.sort(key=lambda one: (order.index(one.change), one.scientific_name))
    return ListDiff(
        before=before,
        after=after,
        changes=tuple(changes),
        unmatched=unmatched_names(session, after_id),
        unmatched_before=unmatched_names(session, before.list_version_id) if before else (),
        above=records_above(session, changed.keys(), index.taxa, after, today),
        silent_from=_silent_from(versions, after),
    )


def version_before(
    versions: Mapping[str, VersionFacts], after: VersionFacts
) -> VersionFacts | None:
    """The version of the same list that came into force last before another."""
    earlier = [
        one
        for one in versions.values()
        if one.list_id == after.list_id and one.effective_from < after.effective_from
    ]
    return max(earlier, key=lambda one: one.effective_from, default=None)


def unmatched_names(session: Session, list_version_id: str) -> tuple[str, ...]:
    """Names of a version that no taxon of the survey bears."""
    return tuple(
        session.exec(
            select(ListEntry.scientific_name)
            .where(ListEntry.list_version_id == list_version_id, col(ListEntry.taxon_id).is_(None))
            .order_by(col(ListEntry.entry_no))
        )
    )


def _version(versions: Mapping[str, VersionFacts], list_version_id: str) -> VersionFacts:
    if list_version_id not in versions:
        hint = did_you_mean(list_version_id, list(versions))
        raise ListError(
            tr(
                f"No list version '{list_version_id}'.{hint} 'namcha lists show' names them.",
                f"没有名录版本“{list_version_id}”。{hint}“namcha lists show”列出全部版本。",
            )
        )
    return versions[list_version_id]


def _refuse_other_kind(before: VersionFacts, after: VersionFacts) -> None:
    if before.kind is not after.kind:
        raise ListError(
            tr(
                f"{before.list_version_id} and {after.list_version_id} are lists of different "
                "kinds; their categories cannot be compared. Name two versions of one kind.",
                f"{before.list_version_id} 与 {after.list_version_id} 类别不同,无法比较。"
                "请指定同一类别的两个版本。",
            )
        )


def _silent_from(versions: Mapping[str, VersionFacts], after: VersionFacts) -> date | None:
    """The day after the version, when none of its list holds then."""
    if after.effective_to is None or after.effective_to == date.max:
        return None
    day = after.effective_to + timedelta(days=1)
    series = (one for one in versions.values() if one.list_id == after.list_id)
    return None if any(one.holds(day) for one in series) else day


def _changed(
    index: StatusIndex, before: VersionFacts | None, after: VersionFacts
) -> Iterable[tuple[str, tuple[StatusFact | None, StatusFact | None, bool]]]:
    old_id = before.list_version_id if before else None
    for taxon_id in {**index.facts_by_taxon, **index.undecided_by_taxon}:
        old, old_sure = _fact_of(index, taxon_id, old_id)
        new, new_sure = _fact_of(index, taxon_id, after.list_version_id)
        said = (old.category if old else None, old_sure), (new.category if new else None, new_sure)
        if said[0] != said[1]:
            yield taxon_id, (old, new, old_sure and new_sure)


def _fact_of(
    index: StatusIndex, taxon_id: str, version_id: str | None
) -> tuple[StatusFact | None, bool]:
    """What a version says of a taxon, and whether it is decided that it does."""
    for facts, is_sure in ((index.facts_by_taxon, True), (index.undecided_by_taxon, False)):
        for fact in facts.get(taxon_id, ()):
            if fact.list_version_id == version_id:
                return fact, is_sure
    return None, True


def _change(old: StatusFact | None, new: StatusFact | None) -> Change:
    if old is None:
        return Change.ADDED
    return Change.REMOVED if new is None else Change.CATEGORY


def _names(session: Session, taxon_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    wanted = set(taxon_ids)
    zh: dict[str, str] = {}
    asked = select(TaxonName.taxon_id, TaxonName.name).where(
        TaxonName.language == "zh", col(TaxonName.is_preferred)
    )
    for taxon_id, name in session.exec(asked):
        if taxon_id in wanted:
            zh[taxon_id] = name
    return {
        taxon_id: (name, zh.get(taxon_id, ""))
        for taxon_id, name in session.exec(select(Taxon.taxon_id, Taxon.scientific_name))
        if taxon_id in wanted
    }


def _entry(fact: StatusFact) -> str:
    doubt = tr(f" [doubt: {in_language(fact.doubt)}]", f"[存疑:{in_language(fact.doubt)}]")
    return (
        tr(
            f"entry {fact.entry_no} {fact.listed_as} ({basis_word(fact.basis)}), ",
            f"第 {fact.entry_no} 条 {fact.listed_as}({basis_word(fact.basis)}),",
        )
        + category_word(fact.kind, fact.category)
        + (doubt if fact.doubt else "")
    )
