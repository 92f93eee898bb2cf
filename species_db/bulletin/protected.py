"""Protected taxa that were seen: class I first, each by the law of its records' own days."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from species_db.bulletin.ground import LEVELS, Ground
from species_db.bulletin.month import Month
from species_db.bulletin.parts import Named, ProtectedPart, ProtectedRow, Seen
from species_db.vocabulary import StatusKind
from species_db.wildlife.legal import NONE, NOT_KNOWN
from species_db.wildlife.sightings import date_of

LISTS = (StatusKind.PROTECTED_ANIMALS, StatusKind.PROTECTED_PLANTS)


@dataclass
class _Tally:
    """One taxon's records in one month, as they are counted."""

    events: int = 0
    stations: set[str] = field(default_factory=set)
    records: int = 0
    places: set[object] = field(default_factory=set)

    @property
    def seen(self) -> Seen:
        """The counts."""
        return Seen(self.events, len(self.stations), self.records, len(self.places))


@dataclass
class _Story:
    """All that is told of one taxon in one county."""

    days: list[date] = field(default_factory=list)  # of every record, whenever it was
    level: str = ""  # the strictest of the counted records
    now: _Tally = field(default_factory=_Tally)
    before: _Tally = field(default_factory=_Tally)

    def saw(self, level: str) -> None:
        """Keep the stricter level."""
        self.level = min(filter(None, (self.level, level)), key=LEVELS.index)


def protected_part(ground: Ground, county: str) -> ProtectedPart:
    """Count the protected taxa of this month and of the same month of the year before."""
    stories: dict[str, _Story] = defaultdict(_Story)
    _add_cameras(ground, county, stories)
    _add_rows(ground, county, stories)
    rows = [
        _row(ground, taxon_id, story)
        for taxon_id, story in stories.items()
        if story.now.seen.is_any or story.before.seen.is_any
    ]
    held = {
        one.kind
        for one in ground.law.index.versions
        if not one.is_partial and one.holds(ground.until)
    }
    return ProtectedPart(
        rows=tuple(sorted(rows, key=_order)),
        level_on=ground.until,
        lists_missing=tuple(kind.value for kind in LISTS if kind not in held),
    )


def _add_cameras(ground: Ground, county: str, stories: dict[str, _Story]) -> None:
    records = ground.protected
    chosen = ground.is_in(records, county) & records.is_confirmed
    for number in np.flatnonzero(chosen).tolist():
        taxon_id = records.taxa[records.taxon[number]]
        day, story = date_of(records.day[number]), stories[taxon_id]
        story.days.append(day)
        for tally in _tallies(ground, story, taxon_id, day):
            tally.events += bool(records.is_independent[number])
            tally.stations.add(records.locations[records.location[number]])


def _add_rows(ground: Ground, county: str, stories: dict[str, _Story]) -> None:
    for row in ground.rows_in(county):
        if row.is_present and row.on is not None:
            story = stories[row.taxon_id]
            story.days.append(row.on)
            for tally in _tallies(ground, story, row.taxon_id, row.on):
                tally.records += 1
                tally.places.add(ground.place_of(row))


def _tallies(ground: Ground, story: _Story, taxon_id: str, day: date) -> Iterator[_Tally]:
    """The month that a record counts in, when a list protected its taxon on its own day."""
    months: dict[Month, _Tally] = {
        ground.month: story.now,
        ground.month.year_before: story.before,
    }
    found = next((tally for month, tally in months.items() if month.holds(day)), None)
    if found is None:
        return
    level = ground.law.level(ground.taxa[taxon_id], day)
    if level in LEVELS:
        story.saw(level)
        yield found


def _row(ground: Ground, taxon_id: str, story: _Story) -> ProtectedRow:
    names, first = ground.names[taxon_id], ground.month.first
    earlier = [day for day in story.days if day < first]
    facts = ground.law.index.status_of(taxon_id, ground.until).facts
    entry = next((one for one in facts if one.kind in LISTS), None)
    is_now = story.now.seen.is_any
    return ProtectedRow(
        taxon_id=taxon_id,
        name=Named(names.zh, names.en, names.la),
        level=story.level,
        level_today=ground.law.level(ground.taxa[taxon_id], ground.today),
        doubt=entry.doubt if entry else "",
        now=story.now.seen,
        before=story.before.seen,
        is_first=is_now and not earlier,
        is_first_of_year=is_now and not any(day.year == first.year for day in earlier),
    )


def _order(row: ProtectedRow) -> tuple[int, bool, int, int, str]:
    """Class I first; then what was seen this month, new to the county, and most often."""
    seen = row.now if row.now.is_any else row.before
    return (
        (*LEVELS, NONE, NOT_KNOWN).index(row.level),
        not row.now.is_any,
        not row.is_first,
        -(seen.events + seen.records),
        row.name.la,
    )
