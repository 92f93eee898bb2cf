"""The records behind a change of status: of the taxon itself, and of a group that may mean it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone

from sqlmodel import Session

from species_db.lists.coverage import Lineage, members_by_group
from species_db.lists.status import VersionFacts
from species_db.occurrences import Occurrence, read_occurrences


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
class RecordsAbove:
    """Records of a genus, say, that may be of one of its species whose status changes."""

    taxon_id: str
    scientific_name: str
    taxon_rank: str
    members: tuple[str, ...]  # names of those whose status changes
    records: tuple[ChangedRecord, ...]


def records_of(
    session: Session, taxon_ids: Collection[str], after: VersionFacts, today: date
) -> dict[str, tuple[ChangedRecord, ...]]:
    """The confirmed records of taxa, by taxon; a subspecies is a taxon of its own."""
    found: dict[str, list[ChangedRecord]] = defaultdict(list)
    for one in read_occurrences(session, taxon_ids=taxon_ids):
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
    return {taxon_id: tuple(sorted(those, key=_by_day)) for taxon_id, those in found.items()}


def records_above(
    session: Session,
    changed: Collection[str],
    taxa: Mapping[str, Lineage],
    after: VersionFacts,
    today: date,
) -> tuple[RecordsAbove, ...]:
    """Records of taxa that do not change themselves, but hold a known member that does.

    A muntjac told to the genus may be of the species that a new list names. As for alerts, the
    members are those known in Linzhi; all that any list names only when there are none.
    """
    meant: dict[str, tuple[str, ...]] = {}
    for group, members in members_by_group(taxa).items():
        local = tuple(one for one in members if taxa[one].is_local)
        hit = [taxa[one].scientific_name for one in local or members if one in changed]
        if hit and group not in changed:
            meant[group] = tuple(sorted(hit))
    found = records_of(session, meant.keys(), after, today)
    told = [
        RecordsAbove(one, taxa[one].scientific_name, taxa[one].taxon_rank, meant[one], records)
        for one, records in found.items()
    ]
    return tuple(sorted(told, key=lambda one: one.scientific_name))


def _by_day(record: ChangedRecord) -> tuple[date, str]:
    return record.observed_on or date.min, record.record_id


def _local_day(one: Occurrence) -> date | None:
    """The date at the place: a record of early morning is of that day, not of the day in UTC."""
    if one.observed_at is None:
        return None
    zone = timezone(timedelta(seconds=one.utc_offset_seconds))
    return one.observed_at.astimezone(zone).date()
