"""Machine errors carried through a study: each taxon's index, and the conclusions drawn from it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.machine_draws import MachineCounts
from species_db.analysis.machine_error import MachineIndex, index_with_errors
from species_db.analysis.machine_flips import (
    check_change,
    check_presence,
    check_rank,
    check_threshold,
)
from species_db.study.conclusions import Judged, Kind, confirmed_in, judged, waiting_in
from species_db.study.events import Events
from species_db.study.facts import TaxonFacts
from species_db.study.label_visits import (
    Carrier,
    LabelVisits,
    Numbers,
    Scope,
    confirmed_events,
    label_visits,
    tallies_of,
)
from species_db.study.machine import MachineLabels
from species_db.study.periods import Calendar, local_days
from species_db.study.read import Study


@dataclass(frozen=True)
class TaxonErrors:
    """One taxon's index with errors carried through, and what people found under its labels.

    `confirmed` are independent events, of which those at units without effort are in no index;
    `elsewhere` counts visits under other labels in which people found the taxon.
    """

    taxon: TaxonFacts
    index: MachineIndex
    confirmed: int
    looked_at: int
    right: int
    elsewhere: int


@dataclass(frozen=True)
class Judging:
    """A study with its labels joined to visits; `taxa` are the commonest first, as confirmed."""

    study: Study
    machine: MachineLabels
    visits: LabelVisits
    events: Events
    carrier: Carrier
    taxa: Sequence[TaxonFacts]

    @cached_property
    def errors(self) -> list[TaxonErrors]:
        """Each taxon's index, in the order of `taxa`."""
        return [self._errors_of(taxon) for taxon in self.taxa]

    def conclusions(self, calendar: Calendar, threshold: float | None) -> Iterator[Judged]:
        """Every conclusion, by taxon."""
        years = self._last_years(calendar)
        for place, taxon in enumerate(self.taxa):
            if years:
                yield from self._change(taxon, *years)
            for second in self.taxa[place + 1 : place + 2]:
                yield from self._rank(taxon, second)
            if threshold is not None:
                counts = self.carrier.counts(taxon.taxon_id, self.carrier.whole)
                told = check_threshold(counts, threshold=threshold)
                yield judged(Kind.THRESHOLD, taxon, f"{threshold:g}", counts, told)
            yield from self._presence(taxon)

    def _errors_of(self, taxon: TaxonFacts) -> TaxonErrors:
        carrier, name = self.carrier, taxon.taxon_id
        own = carrier.own(name)
        others = [key for key in carrier.whole.tallies if key not in own]
        looked_at, right = carrier.looked_at(own, name)
        return TaxonErrors(
            taxon=taxon,
            index=index_with_errors(carrier.counts(name, carrier.whole)),
            confirmed=sum(carrier.whole.confirmed.get(name, {}).values()),
            looked_at=looked_at,
            right=right,
            elsewhere=carrier.looked_at(others, name)[1],
        )

    def _change(self, taxon: TaxonFacts, earlier: Scope, later: Scope) -> Iterator[Judged]:
        before, after = (self.carrier.counts(taxon.taxon_id, one) for one in (earlier, later))
        confirmed = confirmed_in(before) + confirmed_in(after)
        waiting = waiting_in(before) + waiting_in(after)
        if not confirmed and not waiting:
            return
        beside, told = f"{earlier.name} → {later.name}", check_change(before, after)
        yield replace(
            judged(Kind.CHANGE, taxon, beside, after, told),
            sides=(earlier.name, later.name),
            camera_days=sum((*before.effort.values(), *after.effort.values())) or None,
            confirmed=confirmed,
            waiting=waiting,
        )

    def _rank(self, first: TaxonFacts, second: TaxonFacts) -> Iterator[Judged]:
        sides = self.carrier.pair(first.taxon_id, second.taxon_id, self.carrier.whole)
        if any(confirmed_in(side) for side in sides):  # else nobody said which is the commoner one
            told = check_rank(*sides)
            yield judged(Kind.RANK, first, second.scientific_name, sides[0], told)

    def _presence(self, taxon: TaxonFacts) -> Iterator[Judged]:
        """Camera records alone; a county that the gate does not tell has no row."""
        counts = self.carrier.counts(taxon.taxon_id, self.carrier.whole)
        own = [pool for pool in counts.pools if pool.is_own]
        units = {*counts.confirmed, *(unit for pool in own for unit in pool.unreviewed)}
        for county in sorted({self.study.facts(unit).county for unit in units} - {""}):
            inside = {u for u in self.study.station_of_unit if self.study.facts(u).county == county}
            here = MachineCounts(
                confirmed=_only(counts.confirmed, inside),
                effort={u: days for u, days in counts.effort.items() if u in inside},
                pools=tuple(
                    replace(one, unreviewed=_only(one.unreviewed, inside))
                    for one in own
                    if _only(one.unreviewed, inside)
                ),
            )
            told = check_presence(here)
            yield replace(
                judged(Kind.PRESENCE, taxon, county, here, told),
                confirmed=told.confirmed,
                waiting=told.unreviewed,
            )

    def _last_years(self, calendar: Calendar) -> tuple[Scope, Scope] | None:
        """The last two years with effort, at the units watched in both."""
        effort: dict[str, dict[str, float]] = {}
        names = {day: calendar.period_of(day) for day in {one.day for one in self.study.days}}
        for one in self.study.days:
            name = names[one.day]
            if name is not None and one.effort > 0:
                of = effort.setdefault(name, {})
                of[one.unit] = of.get(one.unit, 0.0) + one.effort
        years = [name for name in calendar.starts if name in effort]
        if len(years) < 2:
            return None
        both = sorted(effort[years[-2]].keys() & effort[years[-1]].keys())

        def scope(name: str) -> Scope:
            mine = np.flatnonzero(_of_year(self.events.days, calendar, name))
            return Scope(
                effort={unit: effort[name][unit] for unit in both},
                confirmed=self.events.only(mine).by_taxon_and_unit(),
                labels=self.machine.labels,
                tallies=tallies_of(self.visits, _of_year(self.visits.days, calendar, name)),
                name=name,
            )

        return scope(years[-2]), scope(years[-1])


def judge(study: Study, machine: MachineLabels) -> Judging:
    """Make a study ready: join labels to visits, tally them, and list the taxa they concern."""
    visits, events = label_visits(study, machine), confirmed_events(study)
    whole = Scope(
        effort=study.effort,
        confirmed=events.by_taxon_and_unit(),
        labels=machine.labels,
        tallies=tallies_of(visits, np.ones(len(visits.labels), dtype=np.bool_)),
    )
    carrier = Carrier(machine, whole)
    named = {machine.labels[key].taxon_id for key in whole.tallies} - {"", *machine.too_broad}
    names = whole.confirmed.keys() | (named if machine.asked is None else named & machine.asked)
    if not names and study.chosen is not None:
        names = {study.chosen.taxon_id}
    counts = {name: confirmed_in(carrier.counts(name, whole)) for name in names}
    taxa = [study.taxa[name] for name in names]
    taxa.sort(key=lambda one: (-counts[one.taxon_id], one.scientific_name))
    return Judging(study, machine, visits, events, carrier, taxa)


def _of_year(days: Numbers, calendar: Calendar, name: str) -> NDArray[np.bool_]:
    told, place = np.unique(days, return_inverse=True)
    mine = [calendar.period_of(day) == name for day in local_days(told.tolist())]
    return np.array(mine, dtype=np.bool_)[place]


def _only(counts: Mapping[str, int], units: set[str]) -> dict[str, int]:
    return {unit: n for unit, n in counts.items() if unit in units}
