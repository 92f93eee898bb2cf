"""What goes into an occupancy model, and what is refused before anything is fitted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.language import tr

Matrix = NDArray[np.float64]
STATIONS_NEEDED, DETECTED_NEEDED, REPEATS_NEEDED = 10, 3, 1
# Of the rarer outcome, for each covariate (events per variable; Peduzzi et al. 1996, J. Clin.
# Epidemiol. 49:1373): with fewer, slopes are far off and intervals do not hold what they promise.
OUTCOMES_PER_COVARIATE = 10
SCALED_WITHIN = 30.0  # a scaled covariate stays near 0; metres or degrees do not


class TooFewDataError(Exception):
    """The records are too few for a model; the naive share is all that can be said."""


class CovariateError(Exception):
    """A covariate cannot be used as it is: missing, constant, unscaled or told by the others."""


@dataclass(frozen=True)
class OccupancyData:
    """A survey ready to be fitted: stations watched, and designs with a column of ones first.

    `history` is stations by occasions, not a number where nobody watched; `p_design` is stations
    by occasions by coefficients, zero there.
    """

    history: Matrix
    psi_design: Matrix
    p_design: Matrix

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which cells were watched."""
        return ~np.isnan(self.history)

    @property
    def detected(self) -> NDArray[np.bool_]:
        """Which stations have a record on any occasion."""
        return np.asarray((self.history == 1).any(axis=1))


def prepare(
    cells: Sequence[Sequence[int | None]],
    *,
    psi_covariates: Matrix | None,
    p_covariates: NDArray[np.float64] | None,
    psi_names: Sequence[str] | None = None,
    p_names: Sequence[str] | None = None,
) -> OccupancyData:
    """Take stations nobody watched out, check what is left, and lay the covariates beside it.

    Raises:
        TooFewDataError: too few stations, too few with the taxon, or too few for the covariates.
        CovariateError: a covariate is missing at a watched station, constant, unscaled, or a sum
            of the others.
        ValueError: the covariates are not of the history's shape.
    """
    columns = len(cells[0]) if len(cells) else 0
    history = np.array([[np.nan if c is None else c for c in row] for row in cells], dtype=float)
    history = history.reshape(len(cells), columns)
    watched = ~np.isnan(history).all(axis=1) if columns else np.zeros(len(cells), dtype=bool)
    psi = _beside(psi_covariates, (len(cells),))[watched]
    p = _beside(p_covariates, (len(cells), columns))[watched]
    history = history[watched]
    _check_enough(history)
    known = ~np.isnan(history)
    _check_covariates(psi, psi_names, tr("occupancy", "占域率"))
    _check_covariates(p[known], p_names, tr("detection", "探测率"))
    _check_enough_for_covariates(history, psi.shape[-1], p.shape[-1])
    p = np.where(known[..., None], p, 0.0)
    return OccupancyData(history, _with_ones(psi), _with_ones(p) * known[..., None])


def _beside(covariates: NDArray[np.float64] | None, shape: tuple[int, ...]) -> Matrix:
    if covariates is None:
        return np.zeros((*shape, 0))
    given = np.asarray(covariates, dtype=float)
    if given.shape[:-1] != shape:
        raise ValueError(f"covariates must begin with the shape {shape}, got {given.shape}")
    return given


def _with_ones(covariates: Matrix) -> Matrix:
    return np.concatenate([np.ones((*covariates.shape[:-1], 1)), covariates], axis=-1)


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
                f"记录太少，无法拟合占域模型：有效点位 {len(history)} 个，"
                f"记录到该类群的 {occupied} 个，多次记录到的 {repeated} 个；"
                f"至少需要 {STATIONS_NEEDED}、{DETECTED_NEEDED} 和 {REPEATS_NEEDED} 个。"
                "请报告朴素占域率及其工作量，或纳入更多点位。",
            )
        )


def _check_covariates(covariates: Matrix, names: Sequence[str] | None, of: str) -> None:
    for index in range(covariates.shape[1]):
        column = covariates[:, index]
        name = names[index] if names else str(index + 1)
        missing = int((~np.isfinite(column)).sum())
        if missing:
            raise CovariateError(
                tr(
                    f"Covariate {name} of {of} is missing in {missing} of {len(column)} places "
                    "that were watched. Fill it in, leave those stations out, or leave the "
                    "covariate out.",
                    f"{of}协变量 {name} 在 {len(column)} 个有效处中有 {missing} 个缺失。"
                    "请补齐，或去掉这些点位，或不用该协变量。",
                )
            )
        if np.ptp(column) == 0:
            raise CovariateError(
                tr(
                    f"Covariate {name} of {of} is the same everywhere, so it can explain nothing. "
                    "Leave it out.",
                    f"{of}协变量 {name} 处处相同，不能解释任何差异。请去掉它。",
                )
            )
        if np.abs(column).max() > SCALED_WITHIN:
            raise CovariateError(
                tr(
                    f"Covariate {name} of {of} reaches {np.abs(column).max():.4g} and is not "
                    "scaled. Subtract its mean and divide by its standard deviation first.",
                    f"{of}协变量 {name} 最大达 {np.abs(column).max():.4g}，尚未标准化。"
                    "请先减去均值再除以标准差。",
                )
            )
    design = _with_ones(covariates)
    if design.shape[1] > 1 and np.linalg.matrix_rank(design) < design.shape[1]:
        raise CovariateError(
            tr(
                f"The covariates of {of} tell the same thing twice: one is a sum of the others. "
                "Leave one out.",
                f"{of}的协变量彼此重复：其中一个可由其他协变量相加得到。请去掉一个。",
            )
        )


def _check_enough_for_covariates(history: Matrix, on_psi: int, on_p: int) -> None:
    detected = (history == 1).any(axis=1)
    there = history[detected]
    pairs = (
        (on_psi, int(detected.sum()), int((~detected).sum())),
        (on_p, int((there == 1).sum()), int((there == 0).sum())),
    )
    words = (
        tr("stations with the taxon and {} without", "个点位记录到该类群、{} 个没有"),
        tr(
            "occasions with a record and {} without at stations that have the taxon",
            "个时段有记录、{} 个没有（仅计记录到该类群的点位）",
        ),
    )
    for (covariates, yes, no), said in zip(pairs, words, strict=True):
        needed = OUTCOMES_PER_COVARIATE * covariates
        if min(yes, no) < needed:
            raise TooFewDataError(
                tr(
                    f"Too few records for {covariates} covariates: {yes} {said.format(no)}; of "
                    f"each at least {OUTCOMES_PER_COVARIATE} are needed per covariate. Leave "
                    "covariates out, or take in more stations.",
                    f"记录太少，容不下 {covariates} 个协变量：{yes} {said.format(no)};"
                    f"每个协变量两类都至少需要 {OUTCOMES_PER_COVARIATE} 个。"
                    "请减少协变量，或纳入更多点位。",
                )
            )
