"""One side of a comparison of camera indices: its stations' events in two spans, and their ratio.

Given a station's events in all, those after are binomial with share p = r * D / (r * D + d), where
d and D are the camera-days before and after and r is the side's ratio of rates. All is in logs of
r. Where the method comes from is told in species_db/analysis/index_change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
        share = self._share(logged)
        total = self.before + self.after
        sampling = total * share * (1 - share)
        damped = (
            1 + spread * sampling
        )  # a station that strays by itself counts less than its events
        above = ((self.after - total * share) / damped).sum()
        return float(above), float((sampling / damped).sum())

    def place(self, spread: float) -> float:
        """The log of the ratio; where a span has no event, of the ratio with half of one in it."""
        half = HALF * (int(not self.has_after) - int(not self.has_before))
        return float(brentq(lambda at: self.score(at, spread)[0] + half, -EDGE, EDGE))

    def scatter(self, logged: float, spread: float) -> float:
        """Pearson's sum of squares about a ratio; about one less than there are stations."""
        share = self._share(logged)
        total = self.before + self.after
        sampling = total * share * (1 - share)
        squares = (self.after - total * share) ** 2 / (sampling * (1 + spread * sampling))
        return float(squares.sum())

    def limits(
        self, place: float, *, spread: float, scale: float, quantile: float
    ) -> tuple[float, float]:
        """The ratios from which the score is just a quantile away, infinite where there is none."""

        def distance(at: float) -> float:
            above, information = self.score(at, spread)
            return above / math.sqrt(scale * information)

        low, high = -math.inf, math.inf
        if self.has_after:
            low = float(brentq(lambda at: distance(at) - quantile, -EDGE, place))
        if self.has_before:
            high = float(brentq(lambda at: distance(at) + quantile, place, EDGE))
        return low, high

    def with_ratio(self, logged: float, *, spread: float) -> "Side":
        """The same stations with the events that another ratio lets expect.

        Before, each has what its own total lets expect, smoothed over its side.
        """
        before = (self.before + self.after) * (1 - self._share(self.place(spread)))
        after = before * math.exp(logged) * self.days_after / self.days_before
        return Side(before, self.days_before, after, self.days_after)

    def _share(self, logged: float) -> Numbers:
        odds = math.exp(logged) * self.days_after / self.days_before
        return np.asarray(odds / (1 + odds))


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
