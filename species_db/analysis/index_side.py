"""One side of a comparison of camera indices: its stations' events in two spans, and their ratio.

Given a station's events in all, those after are binomial with share p = r * D / (r * D + d), where
d and D are the camera-days before and after and r is the side's ratio of rates. All is in logs of
r. Where the method comes from is told in species_db/analysis/index_change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

Numbers = NDArray[np.float64]
EDGE = 25.0  # logs of a ratio: as good as without limit
MOST_SPREAD = 9.0  # of squared logs: stations that stray twentyfold by themselves
HALF = 0.5  # of an event in all, for a span without any, where weights and scatter are taken


@dataclass(frozen=True)
class Side:
    """The stations of one side that recorded the taxon at all; the others tell of no change."""

    before: Numbers
    days_before: Numbers
    after: Numbers
    days_after: Numbers

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, float, float]]) -> "Side":
        """From events and days before and after of each station, those without events left out."""
        seen = np.array([row for row in rows if row[0] + row[2] > 0], dtype=float).reshape(-1, 4)
        return cls(*(seen[:, column] for column in range(4)))

    @property
    def stations(self) -> int:
        """How many stations carry the comparison."""
        return len(self.before)

    @property
    def has_before(self) -> bool:
        """Whether any event was before; without, the ratio has no upper limit."""
        return bool(self.before.sum() > 0)

    @property
    def has_after(self) -> bool:
        """Whether any event was after; without, the ratio is 0."""
        return bool(self.after.sum() > 0)

    def score(self, logged: float, spread: float) -> tuple[float, float]:
        """How far the events after lie above a ratio, and the information, by tau squared."""
        share, rest = self._shares(logged)
        total = self.before + self.after
        sampling = total * share * rest
        damped = 1 + spread * sampling  # where stations stray, many events at one tell less
        above = ((self.after - total * share) / damped).sum()
        return float(above), float((sampling / damped).sum())

    def place(self, spread: float) -> float:
        """The log of the ratio; where a span has no event, of the ratio with half of one in it."""
        half = HALF * (int(not self.has_after) - int(not self.has_before))
        return float(brentq(lambda at: self.score(at, spread)[0] + half, -EDGE, EDGE))

    def scatter(self, logged: float, spread: float) -> float:
        """Pearson's sum of squares about a ratio; about one less than there are stations."""
        share, rest = self._shares(logged)
        total = self.before + self.after
        sampling = total * share * rest
        squares = (self.after - total * share) ** 2 / (sampling * (1 + spread * sampling))
        return float(squares.sum())

    def below(self, place: float, *, spread: float, reach: float) -> float:
        """How far the lower limit lies below a place: where the score is `reach` away from it.

        `reach` is a quantile times the root of the side's scale; infinite without events after.
        """
        if not self.has_after:
            return math.inf
        lowest = place - 2 * EDGE
        return place - float(brentq(lambda at: self._away(at, spread) - reach, lowest, place))

    def above(self, place: float, *, spread: float, reach: float) -> float:
        """How far the upper limit lies above a place; infinite without events before."""
        if not self.has_before:
            return math.inf
        highest = place + 2 * EDGE
        return float(brentq(lambda at: self._away(at, spread) + reach, place, highest)) - place

    def with_ratio(self, logged: float) -> "Side":
        """The same events before, with those after that another ratio lets expect."""
        after = self.before * math.exp(logged) * self.days_after / self.days_before
        return replace(self, after=after)

    def smoothed(self, place: float) -> "Side":
        """Events before as each station's total lets expect them at a ratio of its side."""
        return replace(self, before=(self.before + self.after) * self._shares(place)[1])

    def _away(self, logged: float, spread: float) -> float:
        above, information = self.score(logged, spread)
        return above / math.sqrt(information)

    def _shares(self, logged: float) -> tuple[Numbers, Numbers]:
        """The share of events after and before; the lesser one keeps its digits."""
        odds = math.exp(logged) * self.days_after / self.days_before
        return np.asarray(odds / (1 + odds)), np.asarray(1 / (1 + odds))


def own_spread(sides: Sequence[Side]) -> float:
    """Tau squared: how far stations stray by themselves, beyond the chance of their few events.

    A side without events in one of the spans does not tell.
    """
    told = [one for one in sides if one.has_before and one.has_after and one.stations > 1]
    freedom = sum(one.stations - 1 for one in told)

    def excess(spread: float) -> float:
        return sum(one.scatter(one.place(spread), spread) for one in told) - freedom

    if not told or excess(0.0) <= 0:
        return 0.0
    if excess(MOST_SPREAD) >= 0:
        return MOST_SPREAD
    return float(brentq(excess, 0.0, MOST_SPREAD, xtol=1e-6))
