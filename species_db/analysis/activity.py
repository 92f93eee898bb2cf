"""When animals are active: circular densities of event times, their overlap, and sun time.

Clocks in Linzhi run 90 to 108 minutes ahead of the sun (DOMAIN.md 6), so times are turned into sun
time first. All angles are radians of a day, 0 at midnight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import i0e, ive

Angles = NDArray[np.float64]
TURN = 2 * np.pi
GRID = 128  # points on which densities are integrated, as in the R package overlap
DRAW_FROM, INTERPRET_FROM = 20, 50  # events: fewer are not drawn, or drawn without conclusions
LARGE_SAMPLE = 75  # from here the fourth estimator is the better one (Ridout and Linkie 2009)
LEVEL = 0.95


class OverlapEstimator(StrEnum):
    """Which estimator of overlap: by integration, or by the densities at the events."""

    DELTA_1 = "delta1"
    DELTA_4 = "delta4"


@dataclass(frozen=True)
class Overlap:
    """How far two activity patterns coincide, 0 to 1, with a bootstrap interval."""

    estimator: OverlapEstimator
    value: float
    low: float
    high: float


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


def bandwidth(angles: Angles, *, moments: int = 3) -> float:
    """Concentration of the kernel for these times (Taylor 2008; Ridout and Linkie 2009).

    The largest concentration that any of the first trigonometric moments asks for is put into
    Taylor's rule, so that two peaks do not look like one broad one.
    """
    kappa = max(_kappa(angles, order) for order in range(1, moments + 1))
    count = len(angles)
    # Bessel functions scaled by exp(-x): large concentrations would overflow without.
    numerator = 3 * count * kappa**2 * ive(2, 2 * kappa)
    return float((numerator / (4 * np.sqrt(np.pi) * i0e(kappa) ** 2)) ** 0.4)


def density(angles: Angles, at: Angles, *, kappa: float) -> Angles:
    """Activity density at given times by a von Mises kernel; integrates to 1 over the day."""
    kernel = np.exp(kappa * (np.cos(at[:, None] - angles[None, :]) - 1))
    return np.asarray(kernel.mean(axis=1) / (TURN * i0e(kappa)))


def overlap(first: Angles, second: Angles, *, draws: int = 1000, seed: int = 7) -> Overlap:
    """How far two patterns coincide; the estimator follows the smaller sample.

    The interval is that of smoothed bootstrap samples, shifted so that their mean is the estimate,
    since smoothing makes patterns more alike than they are; it is cut to 0..1.
    """
    is_large = min(len(first), len(second)) > LARGE_SAMPLE
    estimator = OverlapEstimator.DELTA_4 if is_large else OverlapEstimator.DELTA_1
    estimate = _delta_4 if is_large else _delta_1
    value = estimate(first, second)
    random = np.random.default_rng(seed)
    drawn = np.array(
        [estimate(_resample(first, random), _resample(second, random)) for _ in range(draws)]
    )
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - (drawn.mean() - value)
    return Overlap(estimator, value, float(max(0.0, low)), float(min(1.0, high)))


def _delta_1(first: Angles, second: Angles) -> float:
    at = np.arange(GRID) * TURN / GRID
    kernels = (_fitted(first, 0.8)(at), _fitted(second, 0.8)(at))
    return float(np.minimum(*kernels).sum() * TURN / GRID)


def _delta_4(first: Angles, second: Angles) -> float:
    f, g = _fitted(first, 1.0), _fitted(second, 1.0)
    at_first, at_second = g(first) / f(first), f(second) / g(second)
    return float((np.minimum(1, at_first).mean() + np.minimum(1, at_second).mean()) / 2)


def _fitted(angles: Angles, adjust: float) -> Callable[[Angles], Angles]:
    kappa = bandwidth(angles) / adjust
    return lambda at: density(angles, at, kappa=kappa)


def _resample(angles: Angles, random: np.random.Generator) -> Angles:
    centres = random.choice(angles, size=len(angles))
    return np.asarray(random.vonmises(centres, bandwidth(angles)) % TURN)


def _kappa(angles: Angles, order: int) -> float:
    """Concentration of a von Mises distribution with this trigonometric moment of the times."""
    mean = np.exp(1j * angles).mean()
    length = abs(np.cos(order * angles - order * np.angle(mean)).mean())
    if length < 1e-9:
        return 1e-6
    fitted = minimize_scalar(
        lambda kappa: (ive(order, kappa) / i0e(kappa) - length) ** 2,
        bounds=(1e-6, 500.0),
        method="bounded",
    )
    return float(fitted.x)
