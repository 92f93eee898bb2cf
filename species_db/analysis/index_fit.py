"""Both sides of a comparison of camera indices, fitted: limits, and the smallest effect to be seen.

The method and its sources are told in species_db/analysis/index_change; here are its logs.
"""

import math
from dataclasses import dataclass, replace

from scipy.special import stdtrit

from species_db.analysis.baci import Design, welch_freedom
from species_db.analysis.index_side import Side, own_spread

STEP, FURTHEST = 0.01, math.log(100)  # in logs of a ratio: how finely and how far it is tried


@dataclass(frozen=True)
class Fit:
    """The two sides with what their stations stray by; all is in logs of ratios.

    `spread` is tau squared, of stations that stray by themselves; the scales are what a side
    scatters beyond that, 1 or more; `freedom` is that of Student's t, None without an interval.
    """

    design: Design
    impact: Side
    control: Side
    spread: float
    scales: tuple[float, float]
    freedom: float | None

    @property
    def is_compared(self) -> bool:
        """Whether stations away from the works tell what would have come anyway."""
        return self.design in (Design.BACI, Design.ONE_TREATED)

    def limits(self, level: float) -> tuple[float | None, float | None]:
        """The interval, back from logs: below, 0 stands for no limit; above, None."""
        if self.freedom is None:
            return None, None
        quantile = float(stdtrit(self.freedom, (1 + level) / 2))
        place = self.impact.place(self.spread)
        anyway, control_below, control_above = self._anyway(quantile)
        reach = quantile * math.sqrt(self.scales[0])
        below = self.impact.below(place, spread=self.spread, reach=reach)
        above = self.impact.above(place, spread=self.spread, reach=reach)
        low = place - anyway - math.hypot(below, control_above)
        high = place - anyway + math.hypot(above, control_below)
        return math.exp(low), None if math.isinf(high) else math.exp(high)

    def smallest(self, sign: int, *, level: float, power: float) -> float | None:
        """The ratio nearest to 1, below or above, that is set apart from 1 as often as asked for.

        Where limits leave out 1 with the quantiles of level and power added up, on the events to
        be expected, they leave it out that often with the first alone. None: there is none within
        a hundredth or a hundredfold.
        """
        if self.freedom is None or not self.impact.has_before:
            return None
        wanted = sum(float(stdtrit(self.freedom, one)) for one in ((1 + level) / 2, power))
        anyway, control_below, control_above = self._anyway(wanted)
        spread, reach = self.spread, wanted * math.sqrt(self.scales[0])
        smoothed = self.impact.smoothed(self.impact.place(spread))

        def is_seen(logged: float) -> bool:
            place = anyway + sign * logged
            shown = smoothed.with_ratio(place)
            if sign > 0:
                toward = math.hypot(shown.below(place, spread=spread, reach=reach), control_above)
            else:
                toward = math.hypot(shown.above(place, spread=spread, reach=reach), control_below)
            return logged > toward

        near, far = 0.0, FURTHEST
        if not is_seen(far):
            return None
        while far - near > STEP:
            middle = (near + far) / 2
            near, far = (near, middle) if is_seen(middle) else (middle, far)
        return math.exp(sign * far)

    def _anyway(self, quantile: float) -> tuple[float, float, float]:
        """What came anyway, in logs, and how far its limits lie below and above."""
        if not self.is_compared:
            return 0.0, 0.0, 0.0
        side, place = self.control, self.control.place(self.spread)
        reach = quantile * math.sqrt(self.scales[1])
        return (
            place,
            side.below(place, spread=self.spread, reach=reach),
            side.above(place, spread=self.spread, reach=reach),
        )


def fit_sides(impact: Side, control: Side, design: Design) -> Fit:
    """Fit both sides; one or two impact stations are taken to stray as those away from the works.

    With several on each side, each side's own scatter stands (Welch): works may move some stations
    and not others.
    """
    if design is Design.TOO_FEW:
        return Fit(design, impact, control, 0.0, (1.0, 1.0), None)
    telling = {Design.BACI: (impact, control), Design.ONE_TREATED: (control,)}
    sides = telling.get(design, (impact,))
    spread = own_spread(sides)
    found = [_scale(side, spread) for side in sides]
    fit = Fit(design, impact, control, spread, (found[0], found[-1]), sides[0].stations - 1.0)
    if design is not Design.BACI:
        return fit
    parts = [
        scale / side.score(side.place(spread), spread)[1]
        for side, scale in zip(sides, found, strict=True)
    ]
    return replace(fit, freedom=welch_freedom(parts, [side.stations for side in sides]))


def _scale(side: Side, spread: float) -> float:
    return max(1.0, side.scatter(side.place(spread), spread) / (side.stations - 1))
