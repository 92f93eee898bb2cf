"""Machine labels counted in visits, as indices are, and laid out for carrying errors into them.

Events of one label at one unit within the interval are one visit. It counts as looked at when a
person decided on any event of it, and waits when nobody looked at any. So the rate at which a label
is right, and the visits it may add, are of the same unit as the index. A confirmed event beside a
waiting one of another label is still two: what is told as "if all were right" may be a few higher
than an index of all records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.independence import number_events
from species_db.analysis.machine_draws import LabelPool, MachineCounts
from species_db.study.events import Events, events_of
from species_db.study.machine import UNLABELLED, Label, MachineLabels
from species_db.study.read import Study
from species_db.study.records import Names

WAITING, LEFT_OPEN, LOOKED_AT = 0, 1, 2
OTHERS = "others"  # the labels that are measured together
OFTEN = 5  # finds: from there on half a find more is little
Numbers = NDArray[np.int64]
Marks = NDArray[np.bool_]
Found = frozenset[str]


@dataclass(frozen=True)
class LabelVisits:
    """Visits as columns: label, unit, local day as days since 1970, and whether it was looked at.

    `found` is, by the number of a visit that was looked at, what people found in it.
    """

    labels: Names
    units: Names
    days: Numbers
    states: Numbers
    found: Mapping[int, Found]


@dataclass(frozen=True)
class Tally:
    """The visits of one label: waiting ones by unit, and what people found in those looked at.

    `left_open` were looked at by people who could not say what they saw: they measure nothing.
    """

    waiting: Mapping[str, int]
    found: Mapping[Found, int]
    left_open: int = 0

    @property
    def looked_at(self) -> int:
        """Visits in which people decided what was there."""
        return sum(self.found.values())

    def times(self, name: str, *, without: str = "") -> int:
        """How many visits looked at were of a taxon, or of it and not of another one."""
        return sum(n for found, n in self.found.items() if name in found and without not in found)


@dataclass(frozen=True)
class Scope:
    """What is compared within: effort and confirmed events by unit, and the labels' tallies."""

    effort: Mapping[str, float]
    confirmed: Mapping[str, Mapping[str, int]]  # by taxon
    labels: Mapping[str, Label]
    tallies: Mapping[str, Tally]  # by label
    name: str = ""

    @cached_property
    def _of_taxa(self) -> frozenset[str]:
        """The labels of taxa that somebody has looked at."""
        told = self.tallies.items()
        return frozenset(key for key, one in told if self.labels[key].taxon_id and one.looked_at)

    @cached_property
    def _waiting(self) -> Counter[str]:
        return _summed(self.tallies[key].waiting for key in self._of_taxa)

    def together(self, taxon_id: str, alone: frozenset[str], *, without: str) -> LabelPool | None:
        """The labels of taxa that are not measured alone, as one; None where there are none."""
        keys = self._of_taxa - alone
        if not keys:
            return None
        waiting = self._waiting - _summed(
            self.tallies[key].waiting for key in self._of_taxa & alone
        )
        return LabelPool(
            label=OTHERS,
            unreviewed=waiting,
            looked_at=sum(self.tallies[key].looked_at for key in keys),
            were_taxon=sum(self.tallies[key].times(taxon_id, without=without) for key in keys),
            is_own=False,
        )


def label_visits(study: Study, machine: MachineLabels) -> LabelVisits:
    """Join labelled events to visits by the study's rule and unit."""
    records = machine.records.only(np.not_equal(machine.records.taxa, UNLABELLED))
    units, labels, events = study.units_of(records), records.taxa, records.event_ids.tolist()
    numbers = number_events(
        _numbered(labels) * (len(study.station_of_unit) + 1) + _numbered(units),
        records.seconds,
        ends=records.ends,
        interval_seconds=study.question.interval_minutes * 60,
        rule=study.question.rule,
    )
    decided = np.fromiter((one in machine.found for one in events), np.bool_, len(events))
    state = np.where(records.is_confirmed, np.where(decided, LOOKED_AT, LEFT_OPEN), WAITING)
    order = np.lexsort((records.seconds, numbers))
    first = order[np.unique(numbers[order], return_index=True)[1]]
    states = np.zeros(len(first), dtype=np.int64)
    np.maximum.at(states, numbers, state)
    found: dict[int, Found] = defaultdict(frozenset)
    for row in np.flatnonzero(state == LOOKED_AT).tolist():
        found[int(numbers[row])] |= frozenset(machine.found[events[row]])
    return LabelVisits(labels[first], units[first], records.days[first], states, found)


def confirmed_events(study: Study) -> Events:
    """Independent events of what people confirmed, whichever records the question asks for."""
    records = study.records.only(study.records.is_confirmed)
    return events_of(
        records,
        study.units_of(records),
        records.taxa,
        interval_seconds=study.question.interval_minutes * 60,
        rule=study.question.rule,
    )


def tallies_of(visits: LabelVisits, chosen: Marks) -> dict[str, Tally]:
    """Tally some of the visits by label."""
    waiting: dict[str, Counter[str]] = defaultdict(Counter)
    found: dict[str, Counter[Found]] = defaultdict(Counter)
    left_open: Counter[str] = Counter()
    labels, units = visits.labels.tolist(), visits.units.tolist()
    for number in np.flatnonzero(chosen).tolist():
        state = visits.states[number]
        if state == WAITING:
            waiting[labels[number]][units[number]] += 1
        elif state == LOOKED_AT:
            found[labels[number]][visits.found[number]] += 1
        else:
            left_open[labels[number]] += 1
    known = sorted(waiting.keys() | found.keys() | left_open.keys())
    return {one: Tally(waiting[one], found[one], left_open[one]) for one in known}


@dataclass(frozen=True)
class Carrier:
    """Lays out what is known of a taxon within a scope; `whole` is the study's own scope.

    A label is measured by itself when it may be the taxon by its meaning: its own, an animal
    without a name, a broader taxon; or when people often found the taxon under it. The labels of
    other taxa under which they seldom or never did are measured together: Jeffreys' prior gives
    each by itself half a find more, which of many labels adds up to animals that nobody ever saw.
    In simulated surveys of fourteen taxa ranges with every label by itself held the truth in
    hardly more than half of the cases, these in nine of ten. Blanks, people and vehicles are taken
    to hide only what was found in them, labels of other taxa that nobody has looked at nothing.
    """

    machine: MachineLabels
    whole: Scope

    def own(self, taxon_id: str) -> tuple[str, ...]:
        """The labels that are the taxon itself, one for each model."""
        known = self.machine.labels
        return tuple(one for one in self.whole.tallies if known[one].taxon_id == taxon_id)

    def counts(self, taxon_id: str, scope: Scope) -> MachineCounts:
        """One taxon in one scope."""
        return self._laid_out(taxon_id, scope, self._measured_alone(taxon_id))

    def pair(self, first: str, second: str, scope: Scope) -> tuple[MachineCounts, MachineCounts]:
        """Two taxa in one scope, with every label on both sides under which both were found.

        Visits in which both were found count for neither: between the two they cancel, and an
        event of a label is one of them or none.
        """
        alone = self._measured_alone(first) | self._measured_alone(second)
        return (
            self._laid_out(first, scope, alone, without=second),
            self._laid_out(second, scope, alone, without=first),
        )

    def _laid_out(
        self, taxon_id: str, scope: Scope, alone: frozenset[str], *, without: str = ""
    ) -> MachineCounts:
        mine, known = self._measured_alone(taxon_id), self.machine.labels
        pools: list[LabelPool] = []
        for key, tally in scope.tallies.items():
            found = tally.times(taxon_id, without=without)
            if key in mine or (key in alone and found):
                is_own = known[key].taxon_id == taxon_id
                pools.append(LabelPool(key, tally.waiting, tally.looked_at, found, is_own))
        if others := scope.together(taxon_id, alone, without=without):
            pools.append(others)
        waits = tuple(pool for pool in pools if any(pool.unreviewed.values()))
        return MachineCounts(scope.confirmed.get(taxon_id, {}), scope.effort, waits)

    def _measured_alone(self, taxon_id: str) -> frozenset[str]:
        above = self.machine.above.get(taxon_id, frozenset())

        def is_alone(label: Label, tally: Tally) -> bool:
            if label.may_be_any or label.taxon_id == taxon_id or label.taxon_id in above:
                return True
            return tally.times(taxon_id) >= (OFTEN if label.taxon_id else 1)

        told = self.whole.tallies.items()
        return frozenset(key for key, one in told if is_alone(self.machine.labels[key], one))

    def looked_at(self, keys: Iterable[str], taxon_id: str) -> tuple[int, int]:
        """Visits of some labels that people looked at, and how many of them were the taxon."""
        told = [self.whole.tallies[key] for key in keys]
        return sum(one.looked_at for one in told), sum(one.times(taxon_id) for one in told)


def _summed(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def _numbered(names: Names) -> Numbers:
    number = {name: n for n, name in enumerate(dict.fromkeys(names.tolist()))}
    return np.fromiter((number[one] for one in names.tolist()), np.int64, len(names))
