"""The estimate of occupancy with its intervals, and the sentence that says it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from species_db.analysis.occupancy.design import Matrix, prepare
from species_db.analysis.occupancy.likelihood import fit, merge_cells
from species_db.analysis.occupancy.profile import (
    CoefficientInterval,
    coefficient_interval,
    mean_psi_interval,
)
from species_db.language import tr


@dataclass(frozen=True)
class OccupancyEstimate:
    """Occupancy and detection with the coefficients behind them (logit scale), intercept first.

    `psi` is the mean over the stations watched, `low` and `high` its 95 % profile-likelihood
    interval; `p` is the mean detection on one occasion. `psi_is_at_edge`: the records fit a taxon
    that is everywhere as well, so that only `low` may be printed, never 100 %. `p_is_at_edge`: they
    fit detection without fail (or none) as well.
    """

    naive: float
    stations: int
    psi: float
    low: float
    high: float
    psi_is_at_edge: bool
    p: float
    p_is_at_edge: bool
    psi_coefficients: tuple[float, ...]
    p_coefficients: tuple[float, ...]
    psi_intervals: tuple[CoefficientInterval, ...]
    p_intervals: tuple[CoefficientInterval, ...]
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
    psi_names: Sequence[str] | None = None,
    p_names: Sequence[str] | None = None,
) -> OccupancyEstimate:
    """Fit the model to a detection history by maximum likelihood.

    `psi_covariates` is stations by covariates; `p_covariates` stations by occasions by covariates,
    of which cells nobody watched are not looked at. Scale them first (mean 0, deviation 1). The
    names are for messages only.

    Raises:
        TooFewDataError: fewer than ten stations, fewer than three with the taxon, or none that has
            it twice: then p and psi cannot be told apart. Also with fewer than ten stations with
            the taxon, or ten without it, for each covariate on psi; on p the same of occasions.
        CovariateError: a covariate is missing where somebody watched, the same everywhere, not
            scaled, or told by the others.
    """
    data = prepare(
        cells,
        psi_covariates=psi_covariates,
        p_covariates=p_covariates,
        psi_names=psi_names,
        p_names=p_names,
    )
    merged = merge_cells(data)
    fitted = fit(merged)
    count = data.psi_design.shape[1]
    psi, p = fitted.coefficients[:count], fitted.coefficients[count:]
    intervals = tuple(coefficient_interval(merged, fitted, i) for i in range(merged.size))
    mean = mean_psi_interval(merged, fitted)
    return OccupancyEstimate(
        naive=float(data.detected.mean()),
        stations=len(data.history),
        psi=float(expit(data.psi_design @ psi).mean()),
        low=mean.low,
        high=mean.high,
        psi_is_at_edge=mean.is_at_edge,
        p=float(expit(data.p_design @ p)[data.known].mean()),
        p_is_at_edge=any(one.is_at_edge for one in intervals[count:]),
        psi_coefficients=tuple(psi.tolist()),
        p_coefficients=tuple(p.tolist()),
        psi_intervals=intervals[:count],
        p_intervals=intervals[count:],
        log_likelihood=-fitted.value,
    )


def occupancy_sentence(told: OccupancyEstimate) -> str:
    """Say an estimate with its interval beside the naive share; at the edge only its lower bound.

    >>> cells = [[1, 1, 0], [1, 0, 1], [0, 1, 1], *[[0, 0, 0]] * 9]
    >>> print(occupancy_sentence(estimate_occupancy(cells)))
    Recorded at 25 % of 12 stations; occupied are 26 % (95 % interval 7 to 60 %).
    """
    naive, low, high = (f"{100 * share:.0f}" for share in (told.naive, told.low, told.high))
    psi = f"{min(100 * told.psi, 99):.0f}"  # no estimate is certain
    if told.psi_is_at_edge:
        return tr(
            f"Recorded at {naive} % of {told.stations} stations; occupied are at least {low} % "
            "(95 % bound). The records fit any share above that, so no single value is given.",
            f"{told.stations} 个点位中 {naive}% 有记录；占域率至少为 {low}%（95% 下限）。"
            "更高的任何占域率都与记录相符，因此不给出单一数值。",
        )
    return tr(
        f"Recorded at {naive} % of {told.stations} stations; occupied are {psi} % "
        f"(95 % interval {low} to {high} %).",
        f"{told.stations} 个点位中 {naive}% 有记录；占域率为 {psi}%（95% 区间 {low}%–{high}%）。",
    )
