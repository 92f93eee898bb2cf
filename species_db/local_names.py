"""The names of a survey as a classifier's answers meet them: taxon, range, protection, kin."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from species_db.lists.coverage import Lineage, members_by_group
from species_db.lists.status import StatusIndex, read_status_index
from species_db.places import find_county
from species_db.plausibility import (
    NOT_KNOWN,
    LocalRange,
    Plausibility,
    Scene,
    judge_group,
    judge_range,
)
from species_db.rollup import RANKS, Blocked
from species_db.tables import ListEntry, ListVersion
from species_db.vocabulary import StatusKind

CLASS_ONE, CLASS_TWO = "I", "II"
AREA_BREAK = re.compile(r"[;,、；，/\s]+")
WITHIN_COUNTY = re.compile(r"[(（][^)）]*[)）]")  # a township; the county stands before it
MONTH_BREAK = re.compile(r"[;,、；，\s]+")


@dataclass(frozen=True)
class LocalNames:
    """Taxa by every Latin name, with their ranges and what the lists say of them today."""

    index: StatusIndex
    on: date
    by_name: Mapping[str, str]
    members: Mapping[str, tuple[str, ...]]
    ranges: Mapping[str, LocalRange]
    _judged: dict[tuple[str, Scene], Plausibility] = field(
        default_factory=dict, repr=False, compare=False
    )

    def find(self, lineage: Sequence[str]) -> str | None:
        """The taxon of a name, or of the nearest rank above it that the survey knows."""
        named = (self.by_name.get(name) for name in reversed(lineage) if name)
        return next((taxon_id for taxon_id in named if taxon_id), None)

    def find_exactly(self, lineage: Sequence[str]) -> str | None:
        """The taxon of a name itself; None where the survey does not know it."""
        lowest = next((name for name in reversed(lineage) if name), "")
        return self.by_name.get(lowest)

    def lineage_of_name(self, name: str) -> tuple[str, ...]:
        """The ranks of a Latin name; one that the survey does not know stands as a species."""
        taxon_id = self.by_name.get(name)
        if taxon_id is not None:
            return lineage_of(self.index.taxa[taxon_id])
        genus = name.split()[0] if " " in name else ""
        return ("Animalia", "", "", "", genus, name)

    def local_members(self, taxon_id: str) -> tuple[str, ...]:
        """The species of a group that the checklist or the survey itself holds."""
        return tuple(one for one in self.members.get(taxon_id, ()) if self.index.taxa[one].is_local)

    def judge(self, taxon_id: str | None, scene: Scene) -> Plausibility:
        """Whether a taxon can be at a scene; a name that the survey does not know is not judged."""
        if taxon_id is None:
            return NOT_KNOWN
        key = (taxon_id, scene)
        if key not in self._judged:
            self._judged[key] = self._judge(taxon_id, scene)
        return self._judged[key]

    def protection(self, taxon_id: str) -> str:
        """National protection of a taxon as such: I, II or nothing."""
        return self.index.status_of(taxon_id, self.on).protection_level

    def class_one_in(self, taxon_id: str) -> tuple[str, ...]:
        """The class I species of the checklist in a group; a species of class I is its own."""
        asked = [taxon_id, *self.local_members(taxon_id)]
        return tuple(
            one
            for one in asked
            if self.index.taxa[one].is_species and self.protection(one) == CLASS_ONE
        )

    def may_be_class_one(self, taxon_id: str) -> bool:
        """Whether a taxon is of class I, or any local member of it."""
        return bool(self.class_one_in(taxon_id)) or self.protection(taxon_id) == CLASS_ONE

    def scientific_names(self, taxon_ids: Iterable[str]) -> list[str]:
        """Latin names, in the order of the alphabet."""
        return sorted(self.index.taxa[one].scientific_name for one in taxon_ids)

    def blocked_at(self, scene: Scene) -> Blocked:
        """What cannot be at a scene: out of range, and not of class I.

        A class I species out of its range is the news that a survey is made for: its name stays,
        and goes to an expert. A name that is not known here is never blocked.
        """

        def is_blocked(lineage: tuple[str, ...]) -> bool:
            taxon_id = self.find_exactly(lineage)
            if taxon_id is None or self.may_be_class_one(taxon_id):
                return False
            return bool(self.judge(taxon_id, scene).outside)

        return is_blocked

    def _judge(self, taxon_id: str, scene: Scene) -> Plausibility:
        if taxon_id in self.ranges:
            return judge_range(self.ranges[taxon_id], scene)
        members = self.local_members(taxon_id)
        ranges = (self.ranges.get(one, LocalRange()) for one in members)
        return judge_group(judge_range(one, scene) for one in ranges)


def read_local_names(session: Session, on: date) -> LocalNames:
    """Read the taxa, lists and ranges of a survey; a second of work, to be done once a run."""
    index = read_status_index(session)
    animals = {k: v for k, v in index.taxa.items() if v.kingdom in ("", "Animalia")}
    by_name: dict[str, str] = {}
    for taxon in sorted(animals.values(), key=_own_name_first):
        for name in (taxon.scientific_name, *sorted(taxon.names)):
            by_name.setdefault(name, taxon.taxon_id)
    return LocalNames(
        index=index,
        on=on,
        by_name=by_name,
        members=members_by_group(animals),
        ranges=dict(_ranges(session)),
    )


def lineage_of(taxon: Lineage) -> tuple[str, ...]:
    """The names of a taxon by rank, as a classifier's classes have them."""
    names = {
        "kingdom": taxon.kingdom,
        "class": taxon.class_name,
        "order": taxon.order_name,
        "family": taxon.family,
        "genus": taxon.genus,
        "species": taxon.scientific_name if taxon.is_species else "",
    }
    return tuple(names[rank] for rank in RANKS)


def read_range(facts: str) -> LocalRange:
    """Read the range in a checklist's line: its further columns, as JSON.

    Counties count only where every area named is one: "the gorge" may be in any.

    >>> told = '{"counties_or_area": "墨脱县(背崩乡)", "elevation_max_m": "1900", "months": "11-2"}'
    >>> found = read_range(told)
    >>> found.counties, found.high_m, sorted(found.months)
    (frozenset({'540423'}), 1900.0, [1, 2, 11, 12])
    >>> read_range('{"counties_or_area": "墨脱县;雅鲁藏布大峡谷"}').counties
    frozenset()
    """
    try:
        told = json.loads(facts)
    except ValueError:
        return LocalRange()
    if not isinstance(told, dict):
        return LocalRange()
    areas = WITHIN_COUNTY.sub("", str(told.get("counties_or_area") or told.get("counties") or ""))
    found = [find_county(area) for area in AREA_BREAK.split(areas) if area]
    return LocalRange(
        counties=frozenset(one.code for one in found if one) if all(found) else frozenset(),
        low_m=_metres(told.get("elevation_min_m")),
        high_m=_metres(told.get("elevation_max_m")),
        months=_months(str(told.get("months") or "")),
    )


def _ranges(session: Session) -> Iterable[tuple[str, LocalRange]]:
    """The range of every taxon; the newest checklist that says anything holds."""
    asked = (
        select(ListEntry.taxon_id, ListEntry.facts)
        .join(ListVersion, col(ListVersion.list_version_id) == col(ListEntry.list_version_id))
        .where(ListVersion.kind == StatusKind.CHECKLIST.value, col(ListEntry.taxon_id).is_not(None))
        .order_by(col(ListVersion.effective_from))
    )
    for taxon_id, facts in session.exec(asked):
        known = read_range(facts)
        if taxon_id is not None and known != LocalRange():
            yield taxon_id, known


def _own_name_first(taxon: Lineage) -> tuple[bool, str]:
    """Taxa of the checklist before those that only a national list names."""
    return not taxon.is_local, taxon.scientific_name


def _metres(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _months(text: str) -> frozenset[int]:
    """Months as people write them: 4-10, or 11-2 over the turn of the year, or 5;6."""
    found: set[int] = set()
    for part in filter(None, MONTH_BREAK.split(text)):
        first, _, last = part.partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            return frozenset()
        start, end = int(first), int(last or first)
        if not (1 <= start <= 12 and 1 <= end <= 12):
            return frozenset()
        found |= {(start - 1 + step) % 12 + 1 for step in range((end - start) % 12 + 1)}
    return frozenset(found)
