"""What changes when one version of a list follows another: which taxa, which records, and why.

A status is a dated fact, so a new version never rewrites the past: a record made before it came
into force keeps the status it had, and has another one as of today (VISION N5).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from enum import StrEnum

from sqlmodel import Session, col, select

from species_db.language import did_you_mean, tr
from species_db.lists.status import StatusFact, StatusIndex, VersionFacts, read_status_index
from species_db.lists.words import basis_word, category_word
from species_db.occurrences import Occurrence, read_occurrences
from species_db.tables import Taxon, TaxonName


class ListError(Exception):
    """No such list, or a list that cannot be taken or published."""


class Change(StrEnum):
    """How the word of a list on a taxon changes."""

    ADDED = "added"
    REMOVED = "removed"
    CATEGORY = "category"


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """One past record of a taxon whose status changes."""

    record_kind: str
    record_id: str
    observed_on: date | None
    county: str
    plot_id: str | None
    as_of_observation: bool  # its status on its own day changes, not only its status of today
    as_of_today: bool


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

    @property
    def why(self) -> str:
        """The entries behind the change, in words."""
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

    def of(self, change: Change) -> tuple[StatusChange, ...]:
        """The changes of one sort."""
        return tuple(one for one in self.changes if one.change is change)


def diff_versions(
    session: Session, before_id: str | None, after_id: str, *, today: date
) -> ListDiff:
    """Compare two versions of a list taxon by taxon, groups listed as a whole laid out.

    Without `before_id` the version that was in force before is taken; the first version of a list
    is compared with nothing. Taxa that neither version changes are left out.

    Raises:
        ListError: there is no such version.
    """
    index = read_status_index(session)
    versions = {one.list_version_id: one for one in index.versions}
    after = _version(versions, after_id)
    before = _version(versions, before_id) if before_id else version_before(versions, after)
    changed = dict(_changed(index, before, after))
    records = _records(session, changed, after, today)
    names = _names(session, changed)
    changes = [
        StatusChange(
            taxon_id=taxon_id,
            scientific_name=names[taxon_id][0],
            zh=names[taxon_id][1],
            change=_change(old, new),
            before=old,
            after=new,
            records=tuple(records.get(taxon_id, ())),
        )
        for taxon_id, (old, new) in changed.items()
    ]
    order = list(Change)
    changes.sort(key=lambda one: (order.index(one.change), one.scientific_name))
    return ListDiff(before, after, tuple(changes), unmatched_names(session, after_id))


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
    from species_db.tables import ListEntry

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


def _changed(
    index: StatusIndex, before: VersionFacts | None, after: VersionFacts
) -> Iterable[tuple[str, tuple[StatusFact | None, StatusFact | None]]]:
    old_id = before.list_version_id if before else None
    for taxon_id, facts in index.facts_by_taxon.items():
        old = next((one for one in facts if one.list_version_id == old_id), None)
        new = next((one for one in facts if one.list_version_id == after.list_version_id), None)
        if (old.category if old else None) != (new.category if new else None):
            yield taxon_id, (old, new)


def _change(old: StatusFact | None, new: StatusFact | None) -> Change:
    if old is None:
        return Change.ADDED
    return Change.REMOVED if new is None else Change.CATEGORY


def _records(
    session: Session, changed: Iterable[str], after: VersionFacts, today: date
) -> dict[str, list[ChangedRecord]]:
    found: dict[str, list[ChangedRecord]] = defaultdict(list)
    for one in read_occurrences(session, taxon_ids=list(changed)):
        on = _local_day(one)
        found[one.taxon_id or ""].append(
            ChangedRecord(
                record_kind=one.record_kind,
                record_id=one.record_id,
                observed_on=on,
                county=one.county,
                plot_id=one.plot_id,
                as_of_observation=on is not None and after.holds(on),
                as_of_today=after.holds(today),
            )
        )
    for records in found.values():
        records.sort(key=lambda one: (one.observed_on or date.max, one.record_id))
    return found


def _local_day(one: Occurrence) -> date | None:
    """The date at the place: a record of early morning is of that day, not of the day in UTC."""
    if one.observed_at is None:
        return None
    zone = timezone(timedelta(seconds=one.utc_offset_seconds))
    return one.observed_at.astimezone(zone).date()


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
    return tr(
        f"entry {fact.entry_no} {fact.listed_as} ({basis_word(fact.basis)}), "
        f"{category_word(fact.kind, fact.category)}",
        f"第 {fact.entry_no} 条 {fact.listed_as}({basis_word(fact.basis)}),"
        f"{category_word(fact.kind, fact.category)}",
    )
