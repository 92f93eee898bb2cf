"""What an index is if unreviewed machine labels are wrong as often as people found them wrong.

Four numbers stand side by side: from confirmed events alone; if every unreviewed label were right;
expected at the measured rate; and the interval of the last, which joins what is not known of the
rate with the drawing of stations anew.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.machine_draws import Layout, MachineCounts, draw_indices, lay_out
from species_db.analysis.rai import AbundanceIndex, abundance_index
from species_db.analysis.station_bootstrap import (
    DRAWS,
    FEWEST_EFFECTIVE,
    LEVEL,
    effective_stations,
    interval_of_draws,
)

Floats = NDArray[np.float64]
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class MachineIndex:
    """One taxon's index with machine labels carried through; None is not known.

    `machine_low` to `machine_high` is what a review of everything could make of the index at these
    stations; `low` to `high` adds that other stations could have been chosen. `expected` is not
    known while `unmeasured` names labels with events that nobody has looked at: then the range
    runs from none of them to all. `unreviewed` events bear the taxon's own label, those
    `unreviewed_elsewhere` another one under which people have found it, or looked for it.
    """

    confirmed_only: AbundanceIndex
    if_all_right: AbundanceIndex
    unreviewed: int
    unreviewed_elsewhere: int
    expected: float | None
    machine_low: float | None
    machine_high: float | None
    low: float | None
    high: float | None
    unmeasured: tuple[str, ...]


def index_with_errors(counts: MachineCounts, *, seed: int = 7, draws: int = DRAWS) -> MachineIndex:
    """Carry the machine's errors into an index of events per 100 camera-days.

    >>> from species_db.analysis.machine_draws import LabelPool
    >>> days = {f"S{n}": 100.0 for n in range(10)}
    >>> waiting = LabelPool("muntjac", {s: 6 for s in days}, looked_at=40, were_taxon=30)
    >>> told = index_with_errors(MachineCounts({s: 2 for s in days}, days, (waiting,)))
    >>> told.confirmed_only.pooled, told.if_all_right.pooled, told.expected
    (2.0, 8.0, 6.5)
    >>> told.machine_low < 6.5 < told.machine_high < 8.0
    True
    """
    layout = lay_out([counts])
    waiting = {
        name: sum(p.unreviewed.get(name, 0) for p in counts.pools if p.is_own)
        for name in counts.effort
    }
    all_right = {name: counts.confirmed.get(name, 0) + more for name, more in waiting.items()}
    expected = None
    machine: Interval = (None, None)
    joined: Interval = (None, None)
    if layout.is_watched:
        told = layout.indices(layout.counts())
        expected = None if layout.unmeasured else float(told[0])
        machine, joined = intervals_of(layout, np.ones(1), expected, seed=seed, draws=draws)
    return MachineIndex(
        confirmed_only=abundance_index(counts.confirmed, counts.effort, seed=seed, draws=draws),
        if_all_right=abundance_index(all_right, counts.effort, seed=seed, draws=draws),
        unreviewed=_waiting(layout, is_own=True),
        unreviewed_elsewhere=_waiting(layout, is_own=False),
        expected=expected,
        machine_low=machine[0],
        machine_high=machine[1],
        low=joined[0],
        high=joined[1],
        unmeasured=layout.unmeasured,
    )


def intervals_of(
    layout: Layout, signs: Floats, expected: float | None, *, seed: int, draws: int
) -> tuple[Interval, Interval]:
    """Intervals of the signed sum of indices: from machine labels alone, and with stations.

    The second is not known where less than two stations in effect hold the events; it is never
    inside the first. Both hold `expected`, which Jeffreys' posterior may leave out when all or
    none were right.
    """
    random = np.random.default_rng(seed)
    tail = (1 - LEVEL) / 2
    low, high = _extremes(layout, signs, draws=draws, random=random, with_stations=False)
    alone = _holding(
        float(np.quantile(low, tail, method="lower")),
        float(np.quantile(high, 1 - tail, method="higher")),
        expected,
    )
    counts = layout.counts(own_right=bool(layout.unmeasured))
    sums = counts.sum(axis=1, keepdims=True)
    stations = effective_stations((counts / np.where(sums > 0, sums, 1.0)).sum(axis=0))
    if stations < FEWEST_EFFECTIVE:
        return alone, (None, None)
    low, high = _extremes(layout, signs, draws=draws, random=random, with_stations=True)
    ends = (
        interval_of_draws(low, stations=stations)[0],
        interval_of_draws(high, stations=stations)[1],
    )
    return alone, (min(alone[0], ends[0]), max(alone[1], ends[1]))


def _waiting(layout: Layout, *, is_own: bool) -> int:
    return int(
        sum(
            group.unreviewed.sum()
            for group in layout.groups
            if any(outcome.is_own for outcome in group.outcomes) is is_own
        )
    )


def _extremes(
    layout: Layout, signs: Floats, *, draws: int, random: np.random.Generator, with_stations: bool
) -> tuple[Floats, Floats]:
    low, high = draw_indices(layout, draws=draws, random=random, with_stations=with_stations)
    added, taken = np.maximum(signs, 0.0), np.minimum(signs, 0.0)
    return added @ low + taken @ high, added @ high + taken @ low


def _holding(low: float, high: float, expected: float | None) -> tuple[float, float]:
    return (low, high) if expected is None else (min(low, expected), max(high, expected))
