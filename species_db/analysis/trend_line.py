"""The trend of an index over all its periods: per cent a year, with an interval.

The model is log-linear with an effect of each station: the mean of a count is its camera-days
times the station's own level times exp(slope x years), as in TRIM (ter Braak, van Strien, Meijer &
Verstrael 1994; Pannekoek & van Strien 2001), the European standard for indices of monitoring. The
levels fall out when counts are taken given each station's total (Hausman, Hall & Griliches 1984,
Econometrica 52:909), and the slope stays right however over-dispersed counts are, as long as its
mean is (Wooldridge 1999, J. Econometrics 90:77); its error is therefore taken from how stations
stray and not from the Poisson law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from species_db.analysis.station_bootstrap import FEWEST_EFFECTIVE, LEVEL, effective_stations
from species_db.analysis.trends import Comparison, Period, TrendSettings
from species_db.analysis.verdicts import NoInterval, Verdict, smallest_seen, verdict_of

Floats = NDArray[np.float64]
STEEPEST = 12.0  # change in logs from first to last period: beyond, one of them has no events
STEPS, CLOSE_ENOUGH = 100, 1e-10
PERCENT = 100
LEAST_REST = 0.05  # of a cluster's own residual; with less it is the line, and strays by nothing


@dataclass(frozen=True)
class Trend:
    """Change in per cent a year over all periods; None is not known.

    `periods` and `stations` carry the trend: watched more than once, with an event. `covers_years`
    says whether the interval also holds that a whole year is good or bad at all stations, which
    needs five periods; without it the interval speaks of these years alone, and three good years
    in a row may look like a rise. `dispersion` is about 1 when events come by chance alone; it
    says how clumped they are and is no part of the interval. `smallest_fall` and `smallest_rise`,
    in per cent a year, would have been called clear four times in five.
    """

    comparison: Comparison
    periods: int
    stations: int
    events: int
    percent_per_year: float | None
    low: float | None
    high: float | None
    verdict: Verdict
    reason: NoInterval | None
    covers_years: bool
    dispersion: float | None
    smallest_fall: float | None
    smallest_rise: float | None


@dataclass(frozen=True)
class _Rows:
    """One row for each station and period that was watched."""

    stratum: NDArray[np.int64]  # rows with a level of their own: a station, or all together
    station: NDArray[np.int64]
    period: NDArray[np.int64]
    year: Floats
    events: Floats
    days: Floats

    def of(self, chosen: NDArray[np.bool_]) -> "_Rows":
        """The chosen rows, numbered anew."""

        def renumbered(values: NDArray[np.int64]) -> NDArray[np.int64]:
            return np.unique(values[chosen], return_inverse=True)[1].astype(np.int64)

        return _Rows(
            renumbered(self.stratum),
            renumbered(self.station),
            renumbered(self.period),
            self.year[chosen],
            self.events[chosen],
            self.days[chosen],
        )


@dataclass(frozen=True)
class _Fit:
    """The slope, and by row the expected events, what is left over, and the centred year."""

    slope: float
    expected: Floats
    left: Floats
    centred: Floats

    @property
    def information(self) -> float:
        return float((self.expected * self.centred**2).sum())


def fit_trend(periods: Sequence[Period], *, settings: TrendSettings | None = None) -> Trend:
    """Fit the log-linear trend over all periods that were watched, with a 95 % interval.

    Stations are clusters: their scores make the sandwich variance, corrected for the pull that
    each has on the line (Mancl & DeRouen 2001, Biometrics 57:126), with Student's t of as many
    degrees of freedom as stations in effect carry the slope, less one (in the manner of Fay &
    Graubard 2001, Biometrics 57:1198). From five periods on the same is done with periods as
    clusters (square-root correction, Bell & McCaffrey 2002; t of periods less two), and the wider
    interval is given. `benchmarks/trends.py` shows what it covers.

    Stations watched in one period alone tell nothing of change and stay out. Where those watched
    repeatedly are fewer than the settings ask for or hold less than half of the camera-days, all
    stations share one level, so that moved cameras are part of the trend; `comparison` says so.

    >>> days = {f"S{n}": 100.0 for n in range(6)}
    >>> counts = [{s: (16 + 8 * n) >> t for n, s in enumerate(days)} for t in range(4)]
    >>> halving = [Period(str(t), float(t), counts[t], days) for t in range(4)]
    >>> told = fit_trend(halving)
    >>> round(told.percent_per_year, 3), told.verdict.value, told.covers_years
    (-50.0, 'down', False)
    """
    known = settings or TrendSettings()
    rows, comparison = _rows(periods, known)
    events = int(rows.events.sum())
    rows = _telling(rows)
    fit = _fit(rows)
    reason = _why_not(rows, fit, known)
    slope = low = high = fall = rise = None
    covers_years = False
    if fit is not None:
        slope = fit.slope
    if fit is not None and reason is None:
        margin, covers_years = _margin(rows, fit, comparison, known)
        low, high = fit.slope - margin, fit.slope + margin
        fall, rise = -smallest_seen(margin), smallest_seen(margin)
    return Trend(
        comparison=comparison,
        periods=len(np.unique(rows.period)),
        stations=len(np.unique(rows.station)),
        events=events,
        percent_per_year=_percent(slope),
        low=_percent(low),
        high=_percent(high),
        verdict=verdict_of(low, high, no_change=0.0),
        reason=reason,
        covers_years=covers_years,
        dispersion=None if fit is None else _dispersion(rows, fit),
        smallest_fall=_percent(fall),
        smallest_rise=_percent(rise),
    )


def _percent(slope: float | None) -> float | None:
    return None if slope is None else PERCENT * expm1(slope)


def _rows(periods: Sequence[Period], known: TrendSettings) -> tuple[_Rows, Comparison]:
    ordered = sorted(periods, key=lambda one: one.year)
    found = [
        (name, number, one.year, one.events.get(name, 0), days)
        for number, one in enumerate(ordered)
        for name, days in sorted(one.effort.items())
        if days > 0
    ]
    names = {name: number for number, name in enumerate(sorted({row[0] for row in found}))}
    station = np.array([names[row[0]] for row in found], dtype=np.int64)
    days = np.array([row[4] for row in found], dtype=float)
    year = np.array([row[2] for row in found], dtype=float)
    again = np.bincount(station)[station] > 1 if len(found) else np.zeros(0, dtype=np.bool_)
    enough = len(np.unique(station[again])) >= known.fewest_stations
    enough = enough and days[again].sum() >= known.shared_effort * days.sum()
    rows = _Rows(
        stratum=station if enough else np.zeros_like(station),
        station=station,
        period=np.array([row[1] for row in found], dtype=np.int64),
        year=year - (year.mean() if len(year) else 0.0),
        events=np.array([row[3] for row in found], dtype=float),
        days=days,
    )
    return rows, Comparison.SAME_STATIONS if enough else Comparison.ALL_STATIONS


def _telling(rows: _Rows) -> _Rows:
    """The rows of strata that have an event and more than one row: others have no say."""
    if not len(rows.stratum):
        return rows
    counted = _summed(rows.stratum, rows.events)[rows.stratum] > 0
    return rows.of(counted & (np.bincount(rows.stratum)[rows.stratum] > 1))


def _fit(rows: _Rows) -> _Fit | None:
    """Newton's steps on the likelihood given each stratum's total; None when it has no top."""
    if not len(rows.stratum) or np.ptp(rows.year) == 0:
        return None
    steepest = STEEPEST / np.ptp(rows.year)
    slope = 0.0
    for _ in range(STEPS):
        fit = _at(rows, slope)
        if fit.information <= 0:
            return None
        step = float((fit.centred * fit.left).sum()) / fit.information
        slope += float(np.clip(step, -steepest / 4, steepest / 4))
        if abs(slope) > steepest:
            return None
        if abs(step) < CLOSE_ENOUGH:
            break
    return _at(rows, slope)


def _at(rows: _Rows, slope: float) -> _Fit:
    def shared(values: Floats) -> Floats:
        return _summed(rows.stratum, values)[rows.stratum]

    weight = rows.days * np.exp(slope * rows.year)
    share = weight / shared(weight)
    expected = shared(rows.events) * share
    return _Fit(slope, expected, rows.events - expected, rows.year - shared(share * rows.year))


def _why_not(rows: _Rows, fit: _Fit | None, known: TrendSettings) -> NoInterval | None:
    if not rows.events.sum():
        return NoInterval.NO_EVENTS
    if len(np.unique(rows.period)) < known.fewest_periods:
        return NoInterval.FEW_PERIODS
    if len(np.unique(rows.station)) < known.fewest_stations:
        return NoInterval.FEW_STATIONS
    if rows.events.sum() < known.fewest_events:
        return NoInterval.FEW_EVENTS
    if fit is None:
        return NoInterval.NO_BOUND
    carried = _summed(rows.station, fit.expected * fit.centred**2)
    few = effective_stations(carried) < FEWEST_EFFECTIVE
    return NoInterval.ONE_STATION_CARRIES if few else None


def _margin(
    rows: _Rows, fit: _Fit, comparison: Comparison, known: TrendSettings
) -> tuple[float, bool]:
    """Half the width of the interval of the slope, and whether good and bad years are in it."""
    carried = _summed(rows.station, fit.expected * fit.centred**2)
    scores = _summed(rows.station, fit.centred * fit.left)
    pull = carried / fit.information
    if comparison is Comparison.ALL_STATIONS:  # the shared level is estimated too
        pull = pull + _summed(rows.station, fit.expected) / fit.expected.sum()
    error = sqrt(float(((scores / np.maximum(1 - pull, LEAST_REST)) ** 2).sum()))
    margin = error / fit.information * _t(effective_stations(carried) - 1)
    count = len(np.unique(rows.period))
    if count < known.years_from:
        return margin, False
    by_year = _year_error(rows, fit) / fit.information * _t(count - 2)
    return max(margin, by_year), True


def _year_error(rows: _Rows, fit: _Fit) -> float:
    """Root of the summed squares of what whole periods stray from the line."""
    weight = _summed(rows.period, fit.expected)
    year = _summed(rows.period, fit.expected * rows.year) / weight
    centred = year - np.average(year, weights=weight)
    pull = weight / weight.sum() + weight * centred**2 / (weight * centred**2).sum()
    scores = _summed(rows.period, fit.centred * fit.left)
    return sqrt(float((scores**2 / np.maximum(1 - pull, LEAST_REST)).sum()))


def _summed(groups: NDArray[np.int64], values: Floats) -> Floats:
    return np.asarray(np.bincount(groups, weights=values), dtype=np.float64)


def _t(freedom: float) -> float:
    return float(stdtrit(max(freedom, 1.0), (1 + LEVEL) / 2))


def _dispersion(rows: _Rows, fit: _Fit) -> float | None:
    """Pearson's statistic by its degrees of freedom."""
    freedom = len(rows.events) - len(np.unique(rows.stratum)) - 1
    expected = fit.expected > 0
    squared = float((fit.left[expected] ** 2 / fit.expected[expected]).sum())
    return squared / freedom if freedom > 0 else None
