"""Occupancy: at which share of stations a taxon is, allowing for visits that missed it.

The single-season model of MacKenzie et al. (2002): a station is occupied with probability psi; on
each occasion an occupied station gives a record with probability p. Cells that are not known stay
out. Naive occupancy, stations with a record by stations watched, is a lower bound (DOMAIN.md 5).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, brentq, minimize
from scipy.special import expit, log_expit

from species_db.language import tr

Matrix = NDArray[np.float64]
LIKELIHOOD_DROP = 1.920729  # half the 95 % point of chi-squared with one degree of freedom
STATIONS_NEEDED, DETECTED_NEEDED, REPEATS_NEEDED = 10, 3, 1
EDGE = 12.0  # logit beyond which a probability is 0 or 1 for any purpose


class TooFewDataError(Exception):
    """The records are too few for a model; the naive share is all that can be said."""


@dataclass(frozen=True)
class OccupancyEstimate:
    """Occupancy and detection with the coefficients behind them (logit scale).

    `psi` is the mean over stations; `low` and `high` are its 95 % profile-likelihood interval when
    there are no covariates on it, else None. `p` is the mean detection on one occasion.
    """

    naive: float
    stations: int
    psi: float
    low: float | None
    high: float | None
    p: float
    psi_coefficients: tuple[float, ...]
    p_coefficients: tuple[float, ...]
    log_likelihood: float

    @property
    def aic(self) -> float:
        """Akaike's criterion, smaller is better among models of the same records."""
        return 2 * (len(self.psi_coefficients) + len(self.p_coefficients)) - 2 * self.log_likelihood


def estimate_occupancy(
    cells: Sequence[Sequence[int | None]],
    *,
    psi_covariates: Matrix | None = None,
    p_covariates: NDArray[np.float64] | None = None,
) -> OccupancyEstimate:
    """Fit the model to a detection history by maximum likelihood.

    `psi_covariates` is stations by covariates; `p_covariates` stations by occasions by covariates.
    Scale them first: coefficients are searched from zero.

    Raises:
        TooFewDataError: fewer than ten stations, fewer than three with the taxon, or none that has
            it twice: then p and psi cannot be told apart.
    """
    history = np.array([[np.nan if c is None else c for c in row] for row in cells], dtype=float)
    history = history.reshape(len(cells), len(cells[0]) if cells else 0)
    watched = ~np.isnan(history).all(axis=1)
    history = history[watched]
    _check_enough(history)
    psi_design = _design(psi_covariates, (len(cells),))[watched]
    p_design = _design(p_covariates, (len(cells), history.shape[1]))[watched]
    fitted = _fit(history, psi_design, p_design)
    count = psi_design.shape[-1]
    psi, p = fitted.x[:count], fitted.x[count:]
    low = high = None
    if count == 1:
        low, high = _profile_interval(history, p_design, fitted)
    known = ~np.isnan(history)
    return OccupancyEstimate(
        naive=float((np.nansum(history, axis=1) > 0).mean()),
        stations=len(history),
        psi=float(expit(psi_design @ psi).mean()),
        low=low,
        high=high,
        p=float(expit(p_design @ p)[known].mean()),
        psi_coefficients=tuple(psi.tolist()),
        p_coefficients=tuple(p.tolist()),
        log_likelihood=-float(fitted.fun),
    )


def _check_enough(history: Matrix) -> None:
    detections = np.nansum(history, axis=1)
    occupied, repeated = int((detections > 0).sum()), int((detections > 1).sum())
    if len(history) < STATIONS_NEEDED or occupied < DETECTED_NEEDED or repeated < REPEATS_NEEDED:
        raise TooFewDataError(
            tr(
                f"Too few records for an occupancy model: {len(history)} stations watched, "
                f"{occupied} with the taxon, {repeated} with it on more than one occasion; needed "
                f"are {STATIONS_NEEDED}, {DETECTED_NEEDED} and {REPEATS_NEEDED}. Report the naive "
                "share with its effort, or take in more stations.",
                f"记录太少,无法拟合占域模型:有效点位 {len(history)} 个,"
                f"记录到该类群的 {occupied} 个,多次记录到的 {repeated} 个;"
                f"至少需要 {STATIONS_NEEDED}、{DETECTED_NEEDED} 和 {REPEATS_NEEDED} 个。"
                "请报告朴素占域率及其工作量,或纳入更多点位。",
            )
        )


def _design(covariates: NDArray[np.float64] | None, shape: tuple[int, ...]) -> Matrix:
    """Covariates with a column of ones before them."""
    ones = np.ones((*shape, 1))
    return ones if covariates is None else np.concatenate([ones, covariates], axis=-1)


def _negative_log_likelihood(
    beta: Matrix, history: Matrix, psi_design: Matrix, p_design: Matrix
) -> float:
    count = psi_design.shape[-1]
    psi = psi_design @ beta[:count]
    p = p_design @ beta[count:]
    known, seen = ~np.isnan(history), history == 1
    told = np.where(seen, log_expit(p), np.where(known, log_expit(-p), 0.0)).sum(axis=1)
    if_occupied = log_expit(psi) + told
    never = ~seen.any(axis=1)
    total = np.where(never, np.logaddexp(if_occupied, log_expit(-psi)), if_occupied)
    return -float(total.sum())


def _fit(history: Matrix, psi_design: Matrix, p_design: Matrix) -> OptimizeResult:
    size = psi_design.shape[-1] + p_design.shape[-1]
    starts = (np.zeros(size), np.full(size, -1.0), np.full(size, 0.5))
    found = [
        minimize(
            _negative_log_likelihood,
            start,
            args=(history, psi_design, p_design),
            method="L-BFGS-B",
            bounds=[(-EDGE, EDGE)] * size,
        )
        for start in starts
    ]
    return min(found, key=lambda one: one.fun)


def _profile_interval(
    history: Matrix, p_design: Matrix, fitted: OptimizeResult
) -> tuple[float, float]:
    """Where the likelihood, with p fitted anew, falls by what chi-squared allows."""
    ones = np.ones((len(history), 1))
    bounds = [(-EDGE, EDGE)] * p_design.shape[-1]

    def drop(psi: float) -> float:
        def given(p: Matrix) -> float:
            beta = np.concatenate([[psi], p])
            return _negative_log_likelihood(beta, history, ones, p_design)

        best = minimize(given, fitted.x[1:], method="L-BFGS-B", bounds=bounds)
        return float(best.fun - fitted.fun) - LIKELIHOOD_DROP

    at = float(fitted.x[0])
    low = brentq(drop, -EDGE, at, xtol=1e-4) if drop(-EDGE) > 0 else -np.inf
    high = brentq(drop, at, EDGE, xtol=1e-4) if drop(EDGE) > 0 else np.inf
    return float(expit(low)), float(expit(high))
