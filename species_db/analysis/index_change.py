"""Before, after, control with cameras: how an index changed at the works and away from them.

Each station gives its events and camera-days before and after. Given how many events it had in
all, the share of them that fell after is binomial, by the effort of the two spans and one ratio of
rates for its side (the fixed-effects Poisson model: Hausman, Hall & Griliches 1984, Econometrica
52:909). So nothing is added to a zero, a station with little effort weighs little, and one where
the taxon was never seen says nothing of a change. Half an event added to each station, the usual
way to take logs, pulls strong falls towards "no change" and misses them (benchmarks/baci.py).

Stations also stray by themselves: tau is the spread of their own log ratios, set so that the
Pearson scatter of all stations is what is expected (Williams 1982, Appl. Stat. 31:144). Scatter
that a side has beyond that widens its limits, less does not narrow them, as events are never more
even than chance (Roever, Knapp & Friede 2015, BMC Med. Res. Methodol. 15:99). Limits of each side
are those of the score, and the two are joined by the distances to them (MOVER: Zou & Donner 2008,
Stat. Med. 27:1693), with Student's t and Welch's degrees of freedom.

An index is confounded by detectability (DOMAIN.md 3). Only what changes detection on both sides
alike, the season or a new camera model, drops out of the comparison.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from species_db.analysis.baci import Design
from species_db.analysis.index_fit import Fit, fit_sides
from species_db.analysis.index_side import Side
from species_db.analysis.rai import PER_DAYS

BEFORE = "before"


@dataclass(frozen=True)
class IndexSettings:
    """When stations are compared, and how sure the interval is."""

    fewest_stations: int = 3  # two give a spread with one degree of freedom: no interval
    minimum_days: float = 21.0
    """Camera-days in each of the two spans: local detection rates need three to four weeks
    (Kays et al. 2020, Methods Ecol. Evol. 11:700)."""
    level: float = 0.95
    power: float = 0.8  # how often the smallest effect is to be seen, as is usual


@dataclass(frozen=True)
class Counted:
    """Independent events of one taxon at one station in one span, beside the effort.

    Raises:
        ValueError: a number is below zero, or there are events without effort.
    """

    events: int
    camera_days: float

    def __post_init__(self) -> None:
        if self.events < 0 or self.camera_days < 0:
            raise ValueError(f"events and camera-days cannot be negative, got {self}")
        if self.events and not self.camera_days:
            raise ValueError(f"{self.events} events cannot come from no effort")


NOTHING = Counted(0, 0.0)


@dataclass(frozen=True)
class StationCounts:
    """One station in all spans; one that is not there had no effort."""

    station_id: str
    is_impact: bool
    spans: Mapping[str, Counted] = field(default_factory=dict)


@dataclass(frozen=True)
class SideChange:
    """One side of a comparison: what its stations with enough effort in both spans recorded.

    `stations` are those that saw the taxon, and carry the comparison; `unseen` had the effort and
    never saw it. `change` is the ratio of rates after over before, 0 when none was seen after;
    None is not known. Indices are pooled over all of them, per 100 camera-days.
    """

    stations: int
    unseen: int
    events_before: int
    days_before: float
    events_after: int
    days_after: float
    change: float | None

    @property
    def index_before(self) -> float | None:
        """Events per 100 camera-days before; None without effort."""
        return PER_DAYS * self.events_before / self.days_before if self.days_before else None

    @property
    def index_after(self) -> float | None:
        """Events per 100 camera-days after; None without effort."""
        return PER_DAYS * self.events_after / self.days_after if self.days_after else None


@dataclass(frozen=True)
class IndexEffect:
    """What is left of an index at the works, as a share of what is expected without them.

    `ratio` 1 is no effect, 0 that none was seen after; None is not known. An interval begins at
    `low`: where that is None there is none; where only `high` is None it has no upper limit.
    `smallest_fall` and `smallest_rise` are the ratios nearest to 1 that stations and effort like
    these would have shown as clear in four of five studies by what is expected of them (Bloom
    1995, Eval. Rev. 19:547), in seven to eight of ten that were simulated; None: not even a
    hundredth, or a hundredfold. `too_little_effort` names the stations that were left
    out for it.
    """

    design: Design
    ratio: float | None
    low: float | None
    high: float | None
    impact: SideChange
    control: SideChange
    own_spread: float | None  # tau, in logs: how far one station strays by itself
    smallest_fall: float | None
    smallest_rise: float | None
    too_little_effort: tuple[str, ...]

    @property
    def is_clear(self) -> bool:
        """Tell whether the interval leaves out "no effect"."""
        if self.low is None:
            return False
        return self.low > 1 or (self.high is not None and self.high < 1)


def compare_periods(
    stations: Iterable[StationCounts],
    periods: Iterable[str],
    *,
    settings: IndexSettings | None = None,
) -> dict[str, IndexEffect]:
    """Compare each period, such as "during" or a window of three years, with the one before.

    Each comparison stands on the stations that have the effort in just these two spans, so their
    numbers differ between periods and are told with each.
    """
    known = tuple(stations)
    return {one: compare_index(known, after=one, settings=settings) for one in periods}


def compare_index(
    stations: Iterable[StationCounts],
    *,
    after: str,
    before: str = BEFORE,
    settings: IndexSettings | None = None,
) -> IndexEffect:
    """Estimate what works did to an index of one taxon between two spans.

    >>> def station(name, is_impact, before, after):
    ...     spans = {"before": Counted(before, 60.0), "after": Counted(after, 90.0)}
    ...     return StationCounts(name, is_impact, spans)
    >>> effect = compare_index(
    ...     [station(f"I{n}", True, 12 + n, 5) for n in range(4)]
    ...     + [station(f"C{n}", False, 12, 18 + n) for n in range(4)],
    ...     after="after",
    ... )
    >>> effect.design.value, round(effect.ratio, 2), round(effect.low, 2), round(effect.high, 2)
    ('baci', 0.23, 0.1, 0.5)
    """
    known = settings or IndexSettings()
    rows = dict[bool, list[_Row]]({True: [], False: []})
    thin = []
    for one in stations:
        first, last = one.spans.get(before, NOTHING), one.spans.get(after, NOTHING)
        least = min(first.camera_days, last.camera_days)
        if least > 0 and least >= known.minimum_days:
            row = (first.events, first.camera_days, last.events, last.camera_days)
            rows[one.is_impact].append(row)
        else:
            thin.append(one.station_id)
    impact, control = Side.of(rows[True]), Side.of(rows[False])
    design = _design(impact.stations, control.stations, known.fewest_stations)
    fit = fit_sides(impact, control, design)
    changes = [
        _change(side, rows[is_impact], fit.spread)
        for side, is_impact in ((impact, True), (control, False))
    ]
    low, high = fit.limits(known.level)
    return IndexEffect(
        design=design,
        ratio=_ratio(fit, changes[0].change, changes[1].change),
        low=low,
        high=high,
        impact=changes[0],
        control=changes[1],
        own_spread=None if fit.freedom is None else math.sqrt(fit.spread),
        smallest_fall=fit.smallest(-1, level=known.level, power=known.power),
        smallest_rise=fit.smallest(1, level=known.level, power=known.power),
        too_little_effort=tuple(sorted(thin)),
    )


_Row = tuple[int, float, int, float]  # events and camera-days before, then after


def _design(impact: int, control: int, fewest: int) -> Design:
    if impact and control >= fewest:
        return Design.BACI if impact >= fewest else Design.ONE_TREATED
    return Design.BEFORE_AFTER if impact >= fewest else Design.TOO_FEW


def _change(side: Side, rows: Sequence[_Row], spread: float) -> SideChange:
    change = None
    if side.has_before:  # so that there are stations
        change = math.exp(side.place(spread)) if side.has_after else 0.0
    return SideChange(
        stations=side.stations,
        unseen=len(rows) - side.stations,
        events_before=sum(row[0] for row in rows),
        days_before=math.fsum(row[1] for row in rows),
        events_after=sum(row[2] for row in rows),
        days_after=math.fsum(row[3] for row in rows),
        change=change,
    )


def _ratio(fit: Fit, impact: float | None, control: float | None) -> float | None:
    if impact is None or not fit.is_compared:
        return impact
    return impact / control if control else None
