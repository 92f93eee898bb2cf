"""Whether an occupancy model fits: how far the histories found are from those it expects.

MacKenzie and Bailey (2004, J. Agric. Biol. Environ. Stat. 9:300): Pearson's chi-squared over whole
detection histories, judged against histories drawn from the fitted model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from species_db.analysis.occupancy.design import Matrix, OccupancyData, prepare
from species_db.analysis.occupancy.likelihood import Fitted, fit, merge_cells, with_records

GOODNESS_DRAWS = 500  # a p value near 0.05 is then known to 0.01


@dataclass(frozen=True)
class GoodnessOfFit:
    """How well a model fits; a small `p_value` means that something in it is wrong.

    `c_hat` is the statistic over its mean in the draws: 1 fits, well above 1 means that intervals
    are too narrow (stations near each other, animals that come in runs). Below 1 is taken as 1.
    """

    chi_squared: float
    p_value: float
    c_hat: float
    draws: int


def occupancy_goodness(
    cells: Sequence[Sequence[int | None]],
    *,
    psi_covariates: Matrix | None = None,
    p_covariates: NDArray[np.float64] | None = None,
    draws: int = GOODNESS_DRAWS,
    seed: int = 7,
) -> GoodnessOfFit:
    """Test an occupancy model against its own records by a parametric bootstrap.

    Stations with the same cells missing form a cohort; histories are compared within it. Each draw
    has the same stations, covariates and missing cells, and is fitted anew. The p value counts the
    records themselves as one of the draws, so that it is never 0. With more than about ten
    occasions nearly every history is the only one of its kind and the test finds hardly anything:
    lay the records out in longer occasions for it.

    Raises:
        TooFewDataError: as `estimate_occupancy`.
        CovariateError: as `estimate_occupancy`.
        ValueError: no draws are asked for.
    """
    if draws < 1:
        raise ValueError(f"at least one draw is needed, got {draws}")
    data = prepare(cells, psi_covariates=psi_covariates, p_covariates=p_covariates)
    merged, cohorts = merge_cells(data), _cohorts(data.known)
    fitted = fit(merged)
    found = _chi_squared(data, cohorts, fitted)
    random = np.random.default_rng(seed)
    drawn = np.empty(draws)
    for index in range(draws):
        made = _drawn(data, fitted, random)
        again = fit(with_records(merged, made), start=fitted.coefficients)
        drawn[index] = _chi_squared(made, cohorts, again)
    return GoodnessOfFit(
        chi_squared=found,
        p_value=float((1 + (drawn >= found).sum()) / (1 + draws)),
        c_hat=float(found / drawn.mean()),
        draws=draws,
    )


def _cohorts(known: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The stations that share their missing cells, for each way in which cells are missing."""
    number = np.unique(known, axis=0, return_inverse=True)[1].reshape(-1)
    return [np.flatnonzero(number == one) for one in range(number.max() + 1)]


def _probabilities(data: OccupancyData, fitted: Fitted) -> tuple[Matrix, Matrix]:
    count = data.psi_design.shape[1]
    psi = expit(data.psi_design @ fitted.coefficients[:count])
    return psi, expit(data.p_design @ fitted.coefficients[count:])


def _chi_squared(data: OccupancyData, cohorts: list[NDArray[np.int64]], fitted: Fitted) -> float:
    """Pearson's statistic over the histories of each cohort.

    A history that no station has adds what was expected of it; over all of those that is the
    cohort's stations less what was expected of the histories found.
    """
    psi, p = _probabilities(data, fitted)
    with np.errstate(divide="ignore"):
        yes, no = np.log(p), np.log1p(-p)
    seen = data.history == 1
    own = np.where(seen, yes, np.where(data.known, no, 0.0)).sum(axis=1)
    own = psi * np.exp(own) + np.where(data.detected, 0.0, 1 - psi)
    alone = np.array([cohort[0] for cohort in cohorts if len(cohort) == 1], dtype=np.int64)
    total = float((1 / own[alone] - 1).sum())  # one station: (1 - e)^2 / e + 1 - e
    for cohort in cohorts:
        if len(cohort) > 1:
            columns = np.flatnonzero(data.known[cohort[0]])
            found, counts = np.unique(seen[np.ix_(cohort, columns)], axis=0, return_counts=True)
            expected = _expected(found, psi[cohort], p[np.ix_(cohort, columns)])
            total += float(((counts - expected) ** 2 / expected).sum())
            total += len(cohort) - float(expected.sum())
    return total


def _expected(histories: NDArray[np.bool_], psi: Matrix, p: Matrix) -> Matrix:
    """How many of these stations are expected to have each of the histories."""
    alike, weights = np.unique(np.column_stack([psi, p]), axis=0, return_counts=True)
    psi, p = alike[:, 0], alike[:, 1:]
    by_history = np.empty(len(histories))
    for index, history in enumerate(histories):
        chance = psi * np.where(history, p, 1 - p).prod(axis=1)
        if not history.any():
            chance = chance + 1 - psi
        by_history[index] = float(weights @ chance)
    return by_history


def _drawn(data: OccupancyData, fitted: Fitted, random: np.random.Generator) -> OccupancyData:
    psi, p = _probabilities(data, fitted)
    occupied = random.random(len(psi)) < psi
    seen = (random.random(p.shape) < p) & occupied[:, None]
    return replace(data, history=np.where(data.known, seen.astype(float), np.nan))
