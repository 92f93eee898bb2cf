"""What unreviewed machine labels may be in truth, drawn from how often people found them right.

A label is wrong at a rate that is known only from reviewed events of the same label, so the rate
is drawn too: Jeffreys' posterior, Beta(right + 1/2, wrong + 1/2), whose intervals cover as they say
also near 0 and 1 (Brown, Cai & DasGupta 2001, Stat. Sci. 16:101). A label that nobody has looked
at may be wholly right or wholly wrong: it is given its widest range, never a rate.

The rate holds for unreviewed events only if those reviewed were taken like them, by chance. When
people review the surest or the strangest first, the rate is theirs and not that of the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.rai import PER_DAYS

Floats = NDArray[np.float64]
HALF = 0.5  # Jeffreys' prior


@dataclass(frozen=True)
class LabelPool:
    """Unreviewed events of one machine label, and what people found when they looked at others.

    `looked_at` reviewed events had this label from the machine, and `were_taxon` of them are the
    taxon that is counted. For the taxon's own label (`is_own`) that is the machine's precision;
    for another label it is what the machine misses. Both are of one model and version.
    """

    label: str
    unreviewed: Mapping[str, int]  # by station
    looked_at: int
    were_taxon: int
    is_own: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.were_taxon <= self.looked_at:
            raise ValueError(
                f"of {self.looked_at} events looked at {self.were_taxon} cannot be the taxon"
            )


@dataclass(frozen=True)
class MachineCounts:
    """One taxon in one period: events that people confirmed, effort, and what is unreviewed.

    Labels that are not among `pools` are taken to hide nothing: give every label for which misses
    were measured. `confirmed` holds the reviewed events of the pools that were the taxon.
    """

    confirmed: Mapping[str, int]
    effort: Mapping[str, float]
    pools: tuple[LabelPool, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How many of the events looked at were the taxon of one side of a comparison."""

    side: int
    were_taxon: int
    is_own: bool


@dataclass(frozen=True)
class LabelGroup:
    """Unreviewed events of one label, by station, and which side's taxon they may be."""

    label: str
    looked_at: int
    outcomes: tuple[Outcome, ...]
    unreviewed: Floats

    @property
    def is_unmeasured(self) -> bool:
        """Whether events wait under a label that nobody has looked at."""
        return self.looked_at == 0 and self.unreviewed.sum() > 0


@dataclass(frozen=True)
class Layout:
    """One or two taxa or periods by station: sides are rows, stations columns."""

    confirmed: Floats
    effort: Floats
    groups: tuple[LabelGroup, ...]

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """Labels with unreviewed events that nobody has looked at."""
        return tuple(dict.fromkeys(one.label for one in self.groups if one.is_unmeasured))

    @property
    def is_watched(self) -> bool:
        """Whether every side has effort; without it no index is known."""
        return bool(self.effort.shape[1]) and bool((self.effort.sum(axis=1) > 0).all())

    def counts(self, *, other_labels: bool = True, own_right: bool = False) -> Floats:
        """Events by side and station with labels counted at their measured rate.

        With `own_right` the taxon's own labels count whole, also where nobody has looked; other
        labels that nobody has looked at count as nothing.
        """
        told = self.confirmed.copy()
        for group in self.groups:
            for outcome in group.outcomes:
                share = outcome.were_taxon / group.looked_at if group.looked_at else 0.0
                if outcome.is_own and own_right:
                    share = 1.0
                if outcome.is_own or other_labels:
                    told[outcome.side] += share * group.unreviewed
        return told

    def indices(self, counts: Floats) -> Floats:
        """Index of each side, events per 100 camera-days, pooled over stations."""
        return np.asarray(PER_DAYS * counts.sum(axis=1) / self.effort.sum(axis=1))


def lay_out(sides: Sequence[MachineCounts], *, share_labels: bool = False) -> Layout:
    """Put counts on one list of stations; stations without effort stay out.

    With `share_labels` the sides are taxa of one period and a label may stand on several: an event
    of it is one of them or none, never two, so that what the one gains the other loses. Without,
    sides are periods, and each has its own rate, though the label is the same: precision falls as
    a taxon gets rare, and errors of two years must not be made to cancel.

    Raises:
        ValueError: a shared label has other events, or another number looked at, on the two sides.
    """
    names = sorted({name for side in sides for name, days in side.effort.items() if days > 0})

    def row(values: Mapping[str, float], side: MachineCounts) -> list[float]:
        return [values.get(n, 0) if side.effort.get(n, 0.0) > 0 else 0.0 for n in names]

    groups: dict[tuple[str, int], LabelGroup] = {}
    for number, side in enumerate(sides):
        for pool in side.pools:
            key = (pool.label, 0 if share_labels else number)
            waiting = np.array(row(pool.unreviewed, side), dtype=float)
            before = groups.get(key, LabelGroup(pool.label, pool.looked_at, (), waiting))
            _check_same(before, pool, waiting)
            outcome = Outcome(number, pool.were_taxon, pool.is_own)
            groups[key] = LabelGroup(
                pool.label, pool.looked_at, (*before.outcomes, outcome), waiting
            )
    return Layout(
        confirmed=np.array([row(side.confirmed, side) for side in sides], dtype=float),
        effort=np.array([row(side.effort, side) for side in sides], dtype=float),
        groups=tuple(groups.values()),
    )


def _check_same(group: LabelGroup, pool: LabelPool, waiting: Floats) -> None:
    found = sum(one.were_taxon for one in group.outcomes) + pool.were_taxon
    if group.looked_at != pool.looked_at or not np.array_equal(group.unreviewed, waiting):
        raise ValueError(f"the label {pool.label} is not the same events on both sides")
    if found > pool.looked_at:
        raise ValueError(f"more taxa than events looked at under the label {pool.label}")


def draw_indices(
    layout: Layout, *, draws: int, random: np.random.Generator, with_stations: bool
) -> tuple[Floats, Floats]:
    """Draw each side's index: at least and at most, which differ where nobody has looked.

    A draw takes a rate for each label and then, event by event, which of the unreviewed ones are
    right; `with_stations` it first draws the stations anew, the same for all sides.
    """
    stations = layout.effort.shape[1]
    weights = np.ones((draws, stations))
    if with_stations:
        drawn = random.multinomial(stations, np.full(stations, 1 / stations), size=draws)
        weights = drawn.astype(np.float64)
    low = layout.confirmed @ weights.T
    high = low.copy()
    for group in layout.groups:
        rest = np.rint(weights @ group.unreviewed).astype(np.int64)
        if not group.looked_at:
            for outcome in group.outcomes:
                high[outcome.side] += rest
            continue
        looked = group.looked_at
        for outcome in group.outcomes:
            wrong = looked - outcome.were_taxon
            rate = random.beta(outcome.were_taxon + HALF, wrong + HALF, size=draws)
            right = random.binomial(rest, rate)
            low[outcome.side] += right
            high[outcome.side] += right
            rest, looked = rest - right, wrong
    days = layout.effort @ weights.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return PER_DAYS * low / days, PER_DAYS * high / days
