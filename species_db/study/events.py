"""Independent events of a study: one visit of a taxon to a unit, with its MaxN (DOMAIN.md 1)."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.independence import IndependenceRule, mark_independent
from species_db.study.read import Study
from species_db.study.records import Names, Records


@dataclass(frozen=True)
class Events:
    """Independent events as columns, in the order of time.

    `counts` is MaxN: the largest number of individuals in one reviewed event of the visit, never a
    sum; 0 when nobody counted. `records` is how many reviewed events were joined. `first` numbers
    the record that begins each, in the records of the study.
    """

    first: NDArray[np.int64]
    units: Names
    taxa: Names
    deployments: Names
    seconds: NDArray[np.int64]
    ends: NDArray[np.int64]
    days: NDArray[np.int64]
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    records: NDArray[np.int64]
    is_confirmed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first)

    def only(self, chosen: NDArray[np.int64]) -> "Events":
        """Some of the events, by number."""
        return Events(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})

    def by_taxon_and_unit(self) -> dict[str, dict[str, int]]:
        """Events of each taxon at each unit."""
        told: dict[str, dict[str, int]] = {}
        for taxon, unit in zip(self.taxa.tolist(), self.units.tolist(), strict=True):
            of = told.setdefault(taxon, {})
            of[unit] = of.get(unit, 0) + 1
        return told


def independent_events(study: Study, *, as_one: bool = False) -> Events:
    """Group a study's records into independent events.

    `as_one` takes all records for one taxon: the taxon that was asked for with all below it, as a
    history or an activity curve of a genus needs it.
    """
    records = study.records
    taxa = records.taxa
    if as_one:
        told = study.chosen.taxon_id if study.chosen else ""
        taxa = np.full(len(records), told, dtype=object)
    return events_of(
        records,
        study.units,
        taxa,
        interval_seconds=study.question.interval_minutes * 60,
        rule=study.question.rule,
    )


def disturbing_events(study: Study) -> Events:
    """Independent events of people, vehicles, dogs, cats and livestock; `taxa` tells which.

    Those of cattle and of sheep an hour apart are one event of livestock.
    """
    records = study.disturbers
    return events_of(
        records,
        study.units_of(records),
        records.taxa,
        interval_seconds=study.question.interval_minutes * 60,
        rule=study.question.rule,
    )


def events_of(
    records: Records,
    units: Names,
    taxa: Names,
    *,
    interval_seconds: int,
    rule: IndependenceRule,
) -> Events:
    """Group records into independent events, by the units and taxa that are given for each."""
    groups = _groups(units, taxa)
    opens = mark_independent(
        groups, records.seconds, ends=records.ends, interval_seconds=interval_seconds, rule=rule
    )
    order = np.lexsort((records.seconds, groups))
    starts = np.flatnonzero(opens[order])
    first = order[starts]
    sizes = np.diff(np.append(starts, len(order)))
    chosen = np.lexsort((taxa[first], units[first], records.seconds[first]))

    def most(column: NDArray[np.int64]) -> NDArray[np.int64]:
        joined = np.maximum.reduceat(column[order], starts) if len(starts) else column[:0]
        return np.asarray(joined[chosen])

    first = first[chosen]
    return Events(
        first=first,
        units=units[first],
        taxa=taxa[first],
        deployments=records.deployments[first],
        seconds=records.seconds[first],
        ends=most(records.ends),
        days=records.days[first],
        offsets=records.offsets[first],
        counts=most(records.counts),
        records=sizes[chosen],
        is_confirmed=most(records.is_confirmed.astype(np.int64)).astype(np.bool_),
    )


def _groups(units: Names, taxa: Names) -> NDArray[np.int64]:
    unit_names, unit = np.unique(units.astype(str), return_inverse=True)
    _, taxon = np.unique(taxa.astype(str), return_inverse=True)
    return np.asarray(taxon * max(len(unit_names), 1) + unit, dtype=np.int64)
