"""When animals are active: circular densities of event times, their level, and their overlap.

Clocks in Linzhi run 90 to 108 minutes ahead of the sun (DOMAIN.md 6), so times are turned into sun
time first (`sun_time`). All angles are radians of a day, 0 at midnight; one time for each
independent event. SciPy has von Mises distributions but no kernel density on a circle.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import i0e, ive

from species_db.language import tr

Angles = NDArray[np.float64]
Samples = NDArray[np.float64]  # one row for each bootstrap sample, one column for each minute
TURN = 2 * np.pi
GRID = 128  # points on which overlap is integrated, as in the R package overlap
MINUTES = 1440  # bootstrap samples are counted by minute; kernels are several times as wide
CURVE_STEP = 10  # minutes between the points of a curve
DRAW_FROM, INTERPRET_FROM = 20, 50  # events: fewer are not drawn, or drawn without conclusions
LARGE_SAMPLE = 75  # above it the fourth estimator is the better one (Ridout and Linkie 2009)
MOMENTS = 3
LEVEL = 0.95
DRAWS = 1000
KAPPA_LEAST, KAPPA_MOST = 1e-6, 500.0
SHARPEST = 12_000.0  # a kernel of two minutes: no clock and no sun time is better than that
AT_ONCE = 4_000_000  # kernels worked out at once: 32 MB


class TooFewEventsError(Exception):
    """The events are too few to draw a pattern from; their number is all that can be said."""


class OverlapEstimator(StrEnum):
    """Which estimator of overlap: by integration, or by the densities at the events."""

    DELTA_1 = "delta1"
    DELTA_4 = "delta4"


@dataclass(frozen=True)
class Overlap:
    """How far two activity patterns coincide, 0 to 1, with a bootstrap interval.

    `events` is how many there were of the first and of the second.
    """

    estimator: OverlapEstimator
    value: float
    low: float
    high: float
    events: tuple[int, int]

    @property
    def is_interpretable(self) -> bool:
        """Whether both patterns have the events that a conclusion needs."""
        return min(self.events) >= INTERPRET_FROM


@dataclass(frozen=True)
class ActivityLevel:
    """Which share of the day an animal is active, 0 to 1, with a bootstrap interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ActivityCurve:
    """The density of a taxon's events over the day, per radian, every ten minutes.

    `low` and `high` hold 95 % of the bootstrap samples at each time by itself, not of whole curves.
    """

    events: int
    at: Angles
    density: Angles
    low: Angles
    high: Angles
    level: ActivityLevel
    kappa: float

    @property
    def is_interpretable(self) -> bool:
        """Whether there are the events that a conclusion about peaks needs."""
        return self.events >= INTERPRET_FROM

    @property
    def caution(self) -> str:
        """What must stand beside the curve; empty when there are events enough."""
        return "" if self.is_interpretable else _caution(self.events)


def average_anchored(
    angles: Angles, sunrise: Angles, sunset: Angles, *, mean_sunrise: float, mean_sunset: float
) -> Angles:
    """Stretch each day so that its own sunrise and sunset fall on the mean ones.

    Average double anchoring (Vazquez et al. 2019), `solartime(type="average")` of the R package
    activity. Sunrise to pi/2 and sunset to 3 pi/2 gives the sunrise/sunset transform
    (Nouvellet et al. 2012).

    >>> dawn, dusk = np.array([2.0]), np.array([5.0])
    >>> float(average_anchored(np.array([3.5]), dawn, dusk, mean_sunrise=1.5, mean_sunset=4.5)[0])
    3.0
    """
    since_rise = (angles - sunrise) % TURN
    day = (sunset - sunrise) % TURN
    mean_day = (mean_sunset - mean_sunrise) % TURN
    in_day = since_rise <= day
    by_day = mean_sunrise + since_rise / day * mean_day
    by_night = mean_sunset + (since_rise - day) / (TURN - day) * (TURN - mean_day)
    return np.asarray(np.where(in_day, by_day, by_night) % TURN)


def bandwidth(angles: Angles) -> float:
    """Concentration of the kernel for these times (Taylor 2008; Ridout and Linkie 2009).

    The largest concentration that any of the first three trigonometric moments asks for is put into
    Taylor's rule, so that two peaks do not look like one broad one. As `getBandWidth` of the R
    package overlap.
    """
    moments = [abs(np.exp(1j * order * angles).mean()) for order in range(1, MOMENTS + 1)]
    return float(_bandwidths(np.array([moments]), len(angles))[0])


def density(angles: Angles, at: Angles, *, kappa: float) -> Angles:
    """Activity density at given times by a von Mises kernel; integrates to 1 over the day."""
    total = np.zeros(len(at))
    step = max(1, AT_ONCE // max(1, len(at)))
    for first in range(0, len(angles), step):
        apart = at[:, None] - angles[None, first : first + step]
        total += np.exp(kappa * (np.cos(apart) - 1)).sum(axis=1)
    return np.asarray(total / (len(angles) * TURN * i0e(kappa)))


def activity_curve(angles: Angles, *, draws: int = DRAWS, seed: int = 7) -> ActivityCurve:
    """Draw a taxon's activity over the day, with its uncertainty and the activity level.

    The level is the mean of the curve divided by its peak: the share of the day that an animal is
    active, if at the peak all are (Rowcliffe et al. 2014). Intervals are percentiles over samples
    of the events with replacement (case bootstrap, as `fitact(sample="data")` of the R package
    activity), each with its own kernel; the same seed gives the same ones. Kernels round off peaks,
    so the curve's interval holds the truth some 92 % of the time where the animal is active at all,
    the level's 78 to 98 % (`benchmarks/activity.py`). Below INTERPRET_FROM events the curve is
    marked with a `caution`.

    Raises:
        TooFewEventsError: fewer events than DRAW_FROM.

    >>> dusk = np.random.default_rng(1).vonmises(4.7, 8, 200) % TURN
    >>> told = activity_curve(dusk, draws=50)
    >>> round(float(told.at[told.density.argmax()]), 1), round(told.level.value, 2), told.caution
    (4.8, 0.15, '')
    """
    _check_enough(len(angles))
    kappa = bandwidth(angles)
    fine = _by_minute(angles, kappa)
    drawn = _densities(_resampled(angles, np.random.default_rng(seed), draws))
    low, high = np.quantile(drawn[:, ::CURVE_STEP], _tails(), axis=0)
    levels = 1 / (TURN * drawn.max(axis=1))
    level_low, level_high = (float(one) for one in np.quantile(levels, _tails()))
    level = ActivityLevel(float(1 / (TURN * fine.max())), level_low, level_high)
    at = _minutes()[::CURVE_STEP]
    return ActivityCurve(len(angles), at, fine[::CURVE_STEP], low, high, level, kappa)


def overlap(first: Angles, second: Angles, *, draws: int = DRAWS, seed: int = 7) -> Overlap:
    """How far two patterns coincide (Ridout and Linkie 2009); both in the same sun time.

    The estimator follows the smaller sample: by integration up to 75 events, by the densities at
    the events above. The interval is that of smoothed bootstrap samples, shifted so that their mean
    is the estimate, since smoothing makes patterns more alike than they are; it is cut to 0..1.

    Raises:
        TooFewEventsError: fewer events than DRAW_FROM in either.
    """
    sizes = (len(first), len(second))
    _check_enough(min(sizes))
    is_large = min(sizes) > LARGE_SAMPLE
    estimator = OverlapEstimator.DELTA_4 if is_large else OverlapEstimator.DELTA_1
    value = _delta_4(first, second) if is_large else _delta_1(first, second)
    random = np.random.default_rng(seed)
    drawn = _drawn_overlaps(
        _smoothed(first, random, draws), _smoothed(second, random, draws), estimator
    )
    low, high = np.quantile(drawn, _tails()) - (drawn.mean() - value)
    return Overlap(estimator, value, float(max(0.0, low)), float(min(1.0, high)), sizes)


def _delta_1(first: Angles, second: Angles) -> float:
    at = np.arange(GRID) * TURN / GRID
    kernels = [density(one, at, kappa=bandwidth(one) / 0.8) for one in (first, second)]
    return float(np.minimum(*kernels).sum() * TURN / GRID)


def _delta_4(first: Angles, second: Angles) -> float:
    """By the densities at the events, read between those at whole minutes."""
    minutes = _minutes()
    f, g = (_by_minute(one, bandwidth(one)) for one in (first, second))

    def ratio(events: Angles, above: Angles, below: Angles) -> float:
        over, under = (np.interp(events, minutes, one, period=TURN) for one in (above, below))
        return float(np.minimum(1, over / under).mean())

    return (ratio(first, g, f) + ratio(second, f, g)) / 2


def _drawn_overlaps(first: Samples, second: Samples, estimator: OverlapEstimator) -> Samples:
    """The overlap of each pair of samples."""
    if estimator is OverlapEstimator.DELTA_1:
        f, g = _densities(first, adjust=0.8), _densities(second, adjust=0.8)
        return np.asarray(np.minimum(f, g).sum(axis=1) * TURN / MINUTES)
    f, g = _densities(first), _densities(second)
    both = np.minimum(f, g)
    at_first = (first * both / np.where(first > 0, f, 1)).sum(axis=1) / first.sum(axis=1)
    at_second = (second * both / np.where(second > 0, g, 1)).sum(axis=1) / second.sum(axis=1)
    return np.asarray((at_first + at_second) / 2)


def _smoothed(angles: Angles, random: np.random.Generator, draws: int) -> Samples:
    """Samples as large as the events, drawn from their density."""
    shares = _by_minute(angles, bandwidth(angles))
    shares = shares / shares.sum()
    return np.asarray(random.multinomial(len(angles), shares, size=draws), dtype=np.float64)


def _resampled(angles: Angles, random: np.random.Generator, draws: int) -> Samples:
    """Samples as large as the events, drawn from them with replacement."""
    nearest = np.rint(angles / TURN * MINUTES).astype(np.int64) % MINUTES
    shares = np.bincount(nearest, minlength=MINUTES) / len(angles)
    return np.asarray(random.multinomial(len(angles), shares, size=draws), dtype=np.float64)


def _minutes() -> Angles:
    return np.arange(MINUTES) * TURN / MINUTES


def _by_minute(angles: Angles, kappa: float) -> Angles:
    """What `density` gives at each minute of the day, in a fraction of the time."""
    turn, power = np.exp(-1j * angles), np.ones(len(angles), dtype=np.complex128)
    moments = np.empty(_orders(kappa), dtype=np.complex128)
    for order in range(len(moments)):
        moments[order] = power.mean()
        power *= turn
    return np.asarray(_smooth(moments[None, :], np.array([kappa]))[0])


def _densities(counts: Samples, *, adjust: float = 1.0) -> Samples:
    """The density of each sample at each minute, with its own kernel."""
    size = int(counts[0].sum())
    moments = np.fft.rfft(counts, axis=1) / size
    kappas = _bandwidths(np.abs(moments[:, 1 : MOMENTS + 1]), size) / adjust
    return _smooth(moments[:, : _orders(float(kappas.max()))], kappas)


def _smooth(moments: NDArray[np.complex128], kappas: Angles) -> Samples:
    """Densities at each minute from trigonometric moments, one sample a row.

    A kernel density on a circle is a product of Fourier series: the moments of the sample, and
    Bessel functions of the kernel's concentration.
    """
    orders = np.arange(moments.shape[1])
    kernel = ive(orders[None, :], kappas[:, None]) / i0e(kappas)[:, None]
    told = np.fft.irfft(moments * kernel, n=MINUTES, axis=1) * MINUTES / TURN
    return np.maximum(told, 0.0)


def _orders(kappa: float) -> int:
    """How many moments a kernel lets through: the next one is below a hundred-millionth."""
    return min(MINUTES // 2, int(np.sqrt(40 * kappa)) + 10)


def _bandwidths(lengths: Samples, size: int) -> Angles:
    """Taylor's rule for samples whose first trigonometric moments have these lengths."""
    tables = [_concentrations(order) for order in range(1, MOMENTS + 1)]
    found = [np.interp(lengths[:, i], *table) for i, table in enumerate(tables)]
    kappa = np.max(found, axis=0)
    # Bessel functions scaled by exp(-x): large concentrations would overflow without.
    numerator = 3 * size * kappa**2 * ive(2, 2 * kappa)
    ruled = (numerator / (4 * np.sqrt(np.pi) * i0e(kappa) ** 2)) ** 0.4
    return np.asarray(np.minimum(ruled, SHARPEST))


@cache
def _concentrations(order: int) -> tuple[Angles, Angles]:
    """Lengths of a von Mises distribution's moment, and the concentrations that have them."""
    kappas = np.geomspace(KAPPA_LEAST, KAPPA_MOST, 8000)
    return ive(order, kappas) / i0e(kappas), kappas


def _tails() -> list[float]:
    return [(1 - LEVEL) / 2, (1 + LEVEL) / 2]


def _check_enough(events: int) -> None:
    if events < DRAW_FROM:
        raise TooFewEventsError(
            tr(
                f"Too few events for an activity pattern: {events}; needed are {DRAW_FROM} to draw "
                f"it and {INTERPRET_FROM} to interpret it. Give their number, or take in more "
                "stations or seasons.",
                f"事件太少，无法绘制活动节律：只有 {events} 个；绘图至少需要 {DRAW_FROM} 个，"
                f"解读至少需要 {INTERPRET_FROM} 个。请只报告事件数，或纳入更多点位或季节。",
            )
        )


def _caution(events: int) -> str:
    return tr(
        f"Drawn from {events} events: do not interpret its peaks below {INTERPRET_FROM}.",
        f"仅依据 {events} 个事件绘制：少于 {INTERPRET_FROM} 个时请勿解读其峰值。",
    )
