"""Intervals from the profile of the likelihood: what else the records would still allow.

A value is inside the 95 % interval when the likelihood, with all else fitted anew, falls by no more
than half the 95 % point of chi-squared. Unlike standard errors this holds near 0 and 1 too.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from species_db.analysis.occupancy.design import Matrix
from species_db.analysis.occupancy.likelihood import (
    EDGE,
    Bent,
    Fitted,
    MergedCells,
    lowest,
    negative_log_likelihood,
)

LIKELIHOOD_DROP = 1.920729  # half the 95 % point of chi-squared with one degree of freedom
EDGE_DROP = 0.01  # a fall this small: the records fit the edge as well as the estimate
STEP_ERRORS, STEPS = 2.2, (0.05, 3.0)  # of the first step; doubled until enough is fallen
EXACT_TO = 1e-3  # of the ends, on the logit scale

# The highest likelihood with one value held, all else searched from a start.
Profile = Callable[[float, Matrix], Fitted]


@dataclass(frozen=True)
class CoefficientInterval:
    """A coefficient's 95 % interval on the logit scale; None where the records set no bound.

    `is_at_edge`: the records fit a coefficient without limit as well, as when all stations above
    some height have the taxon and none below. Its value then says nothing but its sign.
    """

    low: float | None
    high: float | None
    is_at_edge: bool


@dataclass(frozen=True)
class ShareInterval:
    """The 95 % interval of a share; `is_at_edge` when the records fit 0 or 1 as well."""

    low: float
    high: float
    is_at_edge: bool


def coefficient_interval(cells: MergedCells, fitted: Fitted, index: int) -> CoefficientInterval:
    """Work out the interval of one coefficient, those on psi counted first."""
    others = np.arange(cells.size) != index

    def profile(value: float, start: Matrix) -> Fitted:
        def given(rest: Matrix) -> Bent:
            whole = np.empty(cells.size)
            whole[index], whole[others] = value, rest
            unlikely, slope, bend = negative_log_likelihood(whole, cells)
            return unlikely, slope[others], bend[np.ix_(others, others)]

        return lowest(given, start)

    at = float(np.clip(fitted.coefficients[index], -EDGE, EDGE))
    top = Fitted(fitted.coefficients[others], fitted.value)
    step = _first_step(cells, fitted, index)
    low, fell_low = _end(profile, top, at=at, edge=-EDGE, step=step)
    high, fell_high = _end(profile, top, at=at, edge=EDGE, step=step)
    return CoefficientInterval(low, high, min(fell_low, fell_high) <= EDGE_DROP)


def mean_psi_interval(cells: MergedCells, fitted: Fitted) -> ShareInterval:
    """Work out the interval of the mean of psi over the stations watched.

    The intercept is written as what the mean and the slopes make it, so that the mean is a
    coefficient like others and has a profile of its own.
    """

    def profile(value: float, start: Matrix) -> Fitted:
        return lowest(lambda rest: _with_mean_psi(rest, cells, float(expit(value))), start)

    count = cells.psi_design.shape[1]
    mean = float(expit(cells.psi_design @ fitted.coefficients[:count]).mean())
    at = float(np.clip(logit(mean), -EDGE, EDGE))
    top = Fitted(fitted.coefficients[1:], fitted.value)
    step = _first_step(cells, fitted, 0)
    low, fell_low = _end(profile, top, at=at, edge=-EDGE, step=step)
    high, fell_high = _end(profile, top, at=at, edge=EDGE, step=step)
    return ShareInterval(
        0.0 if low is None else float(expit(low)),
        1.0 if high is None else float(expit(high)),
        min(fell_low, fell_high) <= EDGE_DROP,
    )


def _first_step(cells: MergedCells, fitted: Fitted, index: int) -> float:
    """A little more than two standard errors, where these make sense."""
    bend = negative_log_likelihood(fitted.coefficients, cells)[2]
    others = np.arange(cells.size) != index
    across = bend[index, others]
    left = bend[index, index] - across @ np.linalg.pinv(bend[np.ix_(others, others)]) @ across
    return float(np.clip(STEP_ERRORS / np.sqrt(max(float(left), 1e-12)), *STEPS))


def _end(
    profile: Profile, top: Fitted, *, at: float, edge: float, step: float
) -> tuple[float | None, float]:
    """Where the likelihood has fallen enough on the way to an edge, and how far it fell there.

    The root of the fall is nearly straight, so the search takes few fits. Each begins from the last
    one nearer to the top: from further out the others may lie where nothing slopes.
    """
    near, begin = at, top
    while near != edge:
        far = min(near + step, edge) if edge > at else max(near - step, edge)
        there = profile(far, begin.coefficients)
        if there.value - top.value > LIKELIHOOD_DROP:
            known = {near: begin.value, far: there.value}
            start = begin.coefficients

            def short(
                value: float, known: dict[float, float] = known, start: Matrix = start
            ) -> float:
                unlikely = known[value] if value in known else profile(value, start).value
                return float(np.sqrt(max(unlikely - top.value, 0)) - np.sqrt(LIKELIHOOD_DROP))

            return float(brentq(short, *sorted(known), xtol=EXACT_TO)), np.inf
        step, near, begin = 2 * step, far, there
    return None, begin.value - top.value


def _with_mean_psi(rest: Matrix, cells: MergedCells, mean: float) -> Bent:
    """The likelihood over all coefficients but the intercept, which keeps the mean of psi.

    By the chain rule: with slope and bend of the intercept as the mean makes it.
    """
    slopes = cells.psi_design[:, 1:]
    size = slopes.shape[1]
    offsets = slopes @ rest[:size]
    intercept = _intercept(offsets, mean)
    unlikely, slope, bend = negative_log_likelihood(np.concatenate([[intercept], rest]), cells)
    psi = expit(intercept + offsets)
    weight = psi * (1 - psi)
    total = max(float(weight.sum()), 1e-300)
    moved = np.zeros(len(rest))
    moved[:size] = -(weight @ slopes) / total
    apart = slopes + moved[:size]
    turned = np.zeros((len(rest), len(rest)))
    turned[:size, :size] = -(apart * (weight * (1 - 2 * psi))[:, None]).T @ apart / total
    along = np.vstack([moved, np.eye(len(rest))])
    return unlikely, along.T @ slope, along.T @ bend @ along + slope[0] * turned


def _intercept(offsets: Matrix, mean: float) -> float:
    """The intercept with which psi has this mean over the stations."""
    target = float(logit(mean))
    ends = (target - float(offsets.max()) - 1e-6, target - float(offsets.min()) + 1e-6)
    return float(brentq(lambda b: float(expit(b + offsets).mean()) - mean, *ends, xtol=1e-12))
