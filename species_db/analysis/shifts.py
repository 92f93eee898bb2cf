"""Whether a taxon lives higher than before: mean elevation by the index, and its shift.

Cameras are not spread evenly over elevations, and they move. So each band of elevation weighs by
its index (events by camera-days) and not by its events, and two periods are compared over the bands
that were watched in both. What lies outside the watched elevations is not seen: a taxon that leaves
them upwards seems to shift less than it does.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.station_bootstrap import (
    DRAWS,
    FEWEST_EFFECTIVE,
    drawn_stations,
    effective_stations,
    interval_of_draws,
)
from species_db.analysis.verdicts import NoInterval, Verdict, smallest_seen, verdict_of

Floats = NDArray[np.float64]
EARLIER, LATER = 0, 1


@dataclass(frozen=True)
class ElevationSettings:
    """How elevations are put into bands, and when a shift is judged."""

    band_m: float = 200.0  # above the error of heights on gorge walls (DOMAIN.md 15)
    fewest_stations: int = 5  # in each period
    fewest_events: int = 10  # in each period: a mean of fewer is a handful of visits
    fewest_band_days: float = 30.0  # camera-days below which a band was not watched
    fewest_bands: int = 2  # in one band nothing shifts


@dataclass(frozen=True)
class ElevationCounts:
    """One taxon in one period, by station: elevation in metres, events and camera-days.

    Stations without elevation or without camera-days stay out.
    """

    elevation_m: Mapping[str, float]
    events: Mapping[str, int]
    effort: Mapping[str, float]


@dataclass(frozen=True)
class MeanElevation:
    """Mean elevation of a taxon in metres by the index of bands; None is not known.

    The interval is over stations; bands from `watched_low_m` to `watched_high_m` were watched.
    """

    mean_m: float | None
    low_m: float | None
    high_m: float | None
    stations: int
    events: int
    effort: float
    watched_low_m: float | None
    watched_high_m: float | None
    reason: NoInterval | None


@dataclass(frozen=True)
class ElevationShift:
    """How many metres higher a taxon was in the later period, over bands watched in both.

    `earlier_m` and `later_m` are the means over that common ground, from `watched_low_m` to
    `watched_high_m` without the bands missing in between; `stations_out` and `events_out` lie
    elsewhere. `smallest_m` is the shift, either way, that would have been clear four times in five.
    """

    earlier_m: float | None
    later_m: float | None
    shift_m: float | None
    low_m: float | None
    high_m: float | None
    verdict: Verdict
    reason: NoInterval | None
    bands: int
    stations: int
    stations_out: int
    events: int
    events_out: int
    watched_low_m: float | None
    watched_high_m: float | None
    smallest_m: float | None


@dataclass(frozen=True)
class _Table:
    """By station: events and days of each period (rows), and the band; by band its middle."""

    events: Floats
    days: Floats
    band: NDArray[np.int64]
    middle_m: Floats

    def of(self, chosen: NDArray[np.bool_]) -> "_Table":
        """Some of the stations."""
        return _Table(
            self.events[:, chosen], self.days[:, chosen], self.band[chosen], self.middle_m
        )


def mean_elevation(
    counts: ElevationCounts,
    *,
    settings: ElevationSettings | None = None,
    seed: int = 7,
    draws: int = DRAWS,
) -> MeanElevation:
    """Find the mean elevation of a taxon in one period, each band weighing by its index.

    >>> heights = {f"S{n}": 1000.0 + 100 * n for n in range(20)}
    >>> days = {name: 300.0 if height < 2000 else 50.0 for name, height in heights.items()}
    >>> events = {name: int(days[name] / 10) for name in heights}  # alike at all heights
    >>> told = mean_elevation(ElevationCounts(heights, events, days))
    >>> round(told.mean_m), told.low_m < told.mean_m < told.high_m
    (2000, True)
    """
    known = settings or ElevationSettings()
    whole = _table([counts], known)
    table = whole.of(_common(whole, known)[whole.band])
    events, effort = int(table.events.sum()), float(table.days.sum())
    reason = _why_not(whole, table, known)
    mean = low = high = None
    if table.events.sum() > 0:
        mean = float(_means(table, np.ones((1, len(table.band))), known)[EARLIER, 0])
    if reason is None:
        drawn, stations = _draw(table, known, seed=seed, draws=draws)
        low, high = interval_of_draws(drawn[EARLIER], stations=stations)
    bands = _ends(table, known)
    return MeanElevation(mean, low, high, len(table.band), events, effort, *bands, reason)


def elevation_shift(
    earlier: ElevationCounts,
    later: ElevationCounts,
    *,
    settings: ElevationSettings | None = None,
    seed: int = 7,
    draws: int = DRAWS,
) -> ElevationShift:
    """Find how far a taxon shifted uphill (above zero) or downhill between two periods.

    Both means are over the bands with enough camera-days in both periods, so that cameras moved up
    the slope move nothing. Stations are drawn anew within "both", "earlier only" and "later only",
    those of both with both periods; a band that a draw leaves unwatched in a period is out of it.
    """
    known = settings or ElevationSettings()
    whole = _table([earlier, later], known)
    is_common = _common(whole, known)[whole.band]
    table = whole.of(is_common)
    reason = _why_not(whole, table, known)
    before = after = shift = low = high = None
    if (table.events.sum(axis=1) > 0).all() and len(table.band):
        found = _means(table, np.ones((1, len(table.band))), known)[:, 0]
        before, after = float(found[EARLIER]), float(found[LATER])
        shift = after - before
    if reason is None:
        drawn, stations = _draw(table, known, seed=seed, draws=draws)
        low, high = interval_of_draws(drawn[LATER] - drawn[EARLIER], stations=stations)
    return ElevationShift(
        before,
        after,
        shift,
        low,
        high,
        verdict_of(low, high, no_change=0.0),
        reason,
        len(np.unique(table.band)),
        len(table.band),
        int((~is_common).sum()),
        int(table.events.sum()),
        int(whole.events.sum() - table.events.sum()),
        *_ends(table, known),
        None if low is None or high is None else smallest_seen((high - low) / 2),
    )


def _table(periods: list[ElevationCounts], known: ElevationSettings) -> _Table:
    """Stations of all periods; one whose elevation was corrected is a station of each band."""
    rows: dict[tuple[str, int], list[tuple[int, float]]] = {}
    for number, one in enumerate(periods):
        for name, days in one.effort.items():
            height = one.elevation_m.get(name)
            if days > 0 and height is not None:
                band = int(height // known.band_m)
                blank = [(0, 0.0)] * len(periods)
                rows.setdefault((name, band), blank)[number] = (one.events.get(name, 0), days)
    keys = sorted(rows)
    table = np.array([rows[key] for key in keys], dtype=float).reshape(len(keys), len(periods), 2)
    lowest = min((band for _, band in keys), default=0)
    steps = np.array([band - lowest for _, band in keys], dtype=np.int64)
    count = int(steps.max()) + 1 if len(keys) else 0
    middle = np.asarray((np.arange(count) + lowest + 0.5) * known.band_m, dtype=np.float64)
    return _Table(table[:, :, 0].T, table[:, :, 1].T, steps, middle)


def _common(table: _Table, known: ElevationSettings) -> NDArray[np.bool_]:
    """By band: whether every period has camera-days enough."""
    days = np.array([np.bincount(table.band, row, len(table.middle_m)) for row in table.days])
    return np.asarray((days >= known.fewest_band_days).all(axis=0))


def _means(table: _Table, weights: Floats, known: ElevationSettings) -> Floats:
    """Mean elevation by period (rows) and draw (columns), over bands watched in all periods."""
    in_band = np.eye(len(table.middle_m))[table.band]
    events = np.stack([weights @ (row[:, None] * in_band) for row in table.events])
    days = np.stack([weights @ (row[:, None] * in_band) for row in table.days])
    watched = (days > 0).all(axis=0)
    index = np.where(watched, events / np.where(days > 0, days, 1.0), 0.0)
    total = index.sum(axis=2)
    return np.where(total > 0, (index @ table.middle_m) / np.where(total > 0, total, 1.0), np.nan)


def _draw(
    table: _Table, known: ElevationSettings, *, seed: int, draws: int
) -> tuple[Floats, float]:
    """Means of drawn stations, and how many stations carry them in effect."""
    strata = ((table.days > 0) * 2 ** np.arange(len(table.days))[:, None]).sum(axis=0)
    rows = drawn_stations(strata, draws=draws, random=np.random.default_rng(seed))
    weights = np.apply_along_axis(np.bincount, 1, rows, minlength=len(table.band)).astype(float)
    return _means(table, weights, known), _effective(table)


def _effective(table: _Table) -> float:
    return effective_stations((table.events / table.events.sum(axis=1, keepdims=True)).sum(axis=0))


def _why_not(whole: _Table, table: _Table, known: ElevationSettings) -> NoInterval | None:
    if (whole.days.sum(axis=1) == 0).any():
        return NoInterval.NO_EFFORT
    if len(np.unique(table.band)) < known.fewest_bands:
        return NoInterval.NO_COMMON_GROUND
    events = table.events.sum(axis=1)
    if (events == 0).any():
        return NoInterval.NO_EVENTS
    if ((table.days > 0).sum(axis=1) < known.fewest_stations).any():
        return NoInterval.FEW_STATIONS
    if (events < known.fewest_events).any():
        return NoInterval.FEW_EVENTS
    few = _effective(table) < FEWEST_EFFECTIVE
    return NoInterval.ONE_STATION_CARRIES if few else None


def _ends(table: _Table, known: ElevationSettings) -> tuple[float | None, float | None]:
    if not len(table.band):
        return None, None
    middle = table.middle_m[table.band]
    half = known.band_m / 2
    return float(middle.min() - half), float(middle.max() + half)
