"""The likelihood of an occupancy model, its slope and bend, and where it is highest."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from species_db.analysis.occupancy.design import Matrix, OccupancyData

EDGE = 12.0  # logit beyond which a probability is 0 or 1 for any purpose
STARTS = (0.0, -1.0, 0.5)  # the likelihood may have a second top where psi is 1
FLAT = 1e-6  # slope at which a search ends

Bent = tuple[float, Matrix, Matrix]  # a value, its slope, and how the slope changes


@dataclass(frozen=True)
class MergedCells:
    """A survey's watched cells, those of a station with equal covariates put together.

    Counts of watched occasions and of records say all that the likelihood needs, so that a station
    watched on thirty occasions alike costs as much as one watched once.
    """

    psi_design: Matrix  # stations by coefficients
    p_design: Matrix  # merged cells by coefficients
    station: NDArray[np.int64]  # of each merged cell
    watched: Matrix  # occasions in each merged cell
    seen: Matrix  # of them, those with a record
    never: NDArray[np.bool_]  # stations without any record
    number: NDArray[np.int64]  # the merged cell of each watched cell, station by station

    @property
    def size(self) -> int:
        """How many coefficients there are, those on psi first."""
        return int(self.psi_design.shape[1] + self.p_design.shape[1])


@dataclass(frozen=True)
class Fitted:
    """Coefficients at the highest likelihood, those on psi first, and the negative logarithm."""

    coefficients: Matrix
    value: float


def merge_cells(data: OccupancyData) -> MergedCells:
    """Put the occasions of a station that have equal covariates together."""
    row, column = np.nonzero(data.known)
    keys = np.column_stack([row, data.p_design[row, column]])
    merged, index = np.unique(keys, axis=0, return_inverse=True)
    number = index.reshape(-1)
    blank = np.zeros(len(merged))
    empty = MergedCells(
        data.psi_design,
        merged[:, 1:],
        merged[:, 0].astype(np.int64),
        np.bincount(number, minlength=len(merged)).astype(float),
        blank,
        np.zeros(len(data.history), dtype=np.bool_),
        number,
    )
    return with_records(empty, data)


def with_records(cells: MergedCells, data: OccupancyData) -> MergedCells:
    """Count other records of the same stations and occasions into the same merged cells."""
    seen = (data.history[data.known] == 1).astype(float)
    counted = np.bincount(cells.number, weights=seen, minlength=len(cells.station))
    return replace(cells, seen=counted.astype(float), never=~data.detected)


def negative_log_likelihood(beta: Matrix, cells: MergedCells) -> Bent:
    """Tell how unlikely the records are under these coefficients, with slope and bend.

    A station without a record is either occupied and missed each time, or not occupied: its share
    counts by the chance that it is occupied all the same.
    """
    count, stations = cells.psi_design.shape[1], len(cells.psi_design)
    x, w = cells.psi_design, cells.p_design
    on_psi, on_p = x @ beta[:count], w @ beta[count:]
    psi, p = expit(on_psi), expit(on_p)
    of_cells = cells.seen * on_p + cells.watched * log_expit(-on_p)
    told = np.bincount(cells.station, weights=of_cells, minlength=stations)
    if_occupied, if_not = log_expit(on_psi) + told, log_expit(-on_psi)
    each = np.where(cells.never, np.logaddexp(if_occupied, if_not), if_occupied)
    is_there = np.where(cells.never, expit(if_occupied - if_not), 1.0)
    by_cell = is_there[cells.station]
    rest = cells.seen - cells.watched * p
    slope = np.concatenate([(is_there - psi) @ x, (by_cell * rest) @ w])
    unsure = is_there * (1 - is_there)
    of_station = np.column_stack(
        [np.bincount(cells.station, weights=rest * one, minlength=stations) for one in w.T]
    )
    both = np.column_stack([x, of_station])
    bend = (both * unsure[:, None]).T @ both
    bend[:count, :count] -= (x * (psi * (1 - psi))[:, None]).T @ x
    bend[count:, count:] -= (w * (by_cell * cells.watched * p * (1 - p))[:, None]).T @ w
    return -float(each.sum()), -slope, -bend


def fit(cells: MergedCells, *, start: Matrix | None = None) -> Fitted:
    """Find the coefficients under which the records are likeliest, from several starts."""
    starts = [np.full(cells.size, at) for at in STARTS] if start is None else [start]
    found = [lowest(lambda beta: negative_log_likelihood(beta, cells), at) for at in starts]
    return min(found, key=lambda one: one.value)


def lowest(given: Callable[[Matrix], Bent], start: Matrix) -> Fitted:
    """Find where a value is lowest by its slope and bend (trust region; Conn et al. 2000).

    Beyond the edge, where nothing slopes any more, a wall keeps the search from running off.
    """
    if not len(start):
        return Fitted(start, given(start)[0])
    last: dict[bytes, Bent] = {}

    def at(beta: Matrix) -> Bent:
        key = beta.tobytes()
        if key not in last:
            last.clear()
            value, slope, bend = given(beta)
            over = beta - np.clip(beta, -EDGE, EDGE)
            wall = np.diag((over != 0).astype(float))
            last[key] = value + float(over @ over) / 2, slope + over, bend + wall
        return last[key]

    best = minimize(
        lambda beta: at(beta)[0],
        start,
        jac=lambda beta: at(beta)[1],
        hess=lambda beta: at(beta)[2],
        method="trust-exact",
        options={"gtol": FLAT},
    )
    return Fitted(np.asarray(best.x), float(best.fun))
