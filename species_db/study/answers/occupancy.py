"""Occupancy of each taxon: the naive share with its effort, and the model's where it can be fitted.

The single-season model of MacKenzie et al. (2002); species_db/analysis/occupancy has the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.histories import OCCASION_DAYS, DetectionHistory, FirstDay
from species_db.analysis.occupancy import (
    CoefficientInterval,
    CovariateError,
    GoodnessOfFit,
    OccupancyEstimate,
    TooFewDataError,
    estimate_occupancy,
    occupancy_goodness,
    occupancy_sentence,
)
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.detections import Layout, history_of
from species_db.study.facts import TaxonFacts
from species_db.study.question import StudyError
from species_db.study.read import Study

ON_PSI, ON_P = ("elevation",), ("effort",)
GOODNESS_OCCASIONS = 8
"""More occasions than some ten leave every history alone of its kind; those of the test are made
longer until there are no more than these (species_db/analysis/occupancy/goodness)."""
LEAST_FIT = 0.05
COLUMNS = (
    "scientificName", "vernacularNameZh", "unitsWatched", "unitsDetected", "cameraDays",
    "meanCameraDays", "naiveOccupancy", "psi", "psiLow95", "psiHigh95", "psiAtEdge", "p",
    "pAtEdge", "aic", "goodnessP", "cHat", "goodnessDraws", "occasionDays", "occasions", "model",
    "status",
)  # fmt: skip


@dataclass(frozen=True)
class Modelled:
    """One taxon's occupancy; `refusal` says why there is no estimate."""

    taxon: TaxonFacts
    history: DetectionHistory
    estimate: OccupancyEstimate | None
    goodness: GoodnessOfFit | None
    refusal: str

    @property
    def watched(self) -> int:
        """Units with a known cell."""
        return sum(any(cell is not None for cell in row) for row in self.history.cells)

    @property
    def detected(self) -> int:
        """Units with the taxon in a known cell."""
        return sum(any(row) for row in self.history.cells)


def answer(
    study: Study,
    *,
    occasion_days: int = OCCASION_DAYS,
    minimum_effort: float = 0.0,
    psi: Sequence[str] = (),
    p: Sequence[str] = (),
    goodness_draws: int = 0,
) -> Answer:
    """Tell for each taxon at which share of units it is.

    `psi` may hold "elevation" (as the gate tells it), `p` "effort" (camera-days in the occasion);
    both are scaled. With fewer data than a model needs, only the naive share stands, and why.
    `goodness_draws` above zero tests the fit of a taxon asked for by name.

    Raises:
        StudyError: a covariate that is not known here.
    """
    _refuse_unknown(psi, p)
    layout = Layout(occasion_days, FirstDay.STATION, minimum_effort)
    ids = sorted(set(study.records.taxa.tolist()), key=lambda one: study.taxa[one].scientific_name)
    taxa = [study.chosen] if study.chosen else [study.taxa[one] for one in ids]
    draws = goodness_draws if study.chosen else 0
    told = [_modelled(study, taxon, layout, psi, p, draws) for taxon in taxa]
    fitted = sum(one.estimate is not None for one in told)
    days = study.camera_days
    effort = study.effort_words
    lines = [
        tr(
            f"Occupancy of {len(told)} taxa over {effort} camera-days in occasions of "
            f"{occasion_days} days; {fitted} could be modelled. The naive share is a lower bound.",
            f"{len(told)} 个分类单元的占域率，工作量 {effort} 相机日，每 {occasion_days} 天为一次"
            f"调查；可建模的有 {fitted} 个。朴素占域率只是下限。",
        ),
        *(f"  {one.taxon.common}: {_sentence(one)}" for one in told[:10]),
        study.question.in_words(),
    ]
    model = f"psi({'+'.join(psi) or '.'}) p({'+'.join(p) or '.'})"
    return Answer(
        name="occupancy",
        tables=(
            Table("occupancy", COLUMNS, [_row(study, one, layout, model) for one in told]),
            _coefficients(told, psi, p),
        ),
        summary=tuple(lines),
        notes=(*study.left_out.notes(), *_height_note(study, psi)),
        figures={
            "taxa": len(told),
            "modelled": fitted,
            "camera_days": days,
            "psi": {
                one.taxon.scientific_name: one.estimate.psi if one.estimate else None
                for one in told
            },
        },
        event_ids=study.event_ids,
    )


def _refuse_unknown(psi: Sequence[str], p: Sequence[str]) -> None:
    for given, known in ((psi, ON_PSI), (p, ON_P)):
        for name in given:
            if name not in known:
                raise StudyError(
                    tr(
                        f"No covariate is called '{name}' here; use: {', '.join(known)}.",
                        f"此处没有名为“{name}”的协变量；可用：{'、'.join(known)}。",
                    )
                )


def _modelled(
    study: Study,
    taxon: TaxonFacts,
    layout: Layout,
    psi: Sequence[str],
    p: Sequence[str],
    draws: int,
) -> Modelled:
    history = history_of(study, taxon, layout)
    if psi:
        history = _with_height(study, history)
    try:
        estimate = _fitted(study, history, psi, p)
    except (TooFewDataError, CovariateError) as error:
        return Modelled(taxon, history, None, None, str(error))
    goodness = _goodness(study, taxon, layout, history, (psi, p), draws) if draws else None
    return Modelled(taxon, history, estimate, goodness, "")


def _fitted(
    study: Study, history: DetectionHistory, psi: Sequence[str], p: Sequence[str]
) -> OccupancyEstimate:
    return estimate_occupancy(
        history.cells,
        psi_covariates=_elevations(study, history) if psi else None,
        p_covariates=_efforts(history) if p else None,
        psi_names=psi or None,
        p_names=p or None,
    )


def _goodness(
    study: Study,
    taxon: TaxonFacts,
    layout: Layout,
    history: DetectionHistory,
    covariates: tuple[Sequence[str], Sequence[str]],
    draws: int,
) -> GoodnessOfFit | None:
    times = -(-history.occasions // GOODNESS_OCCASIONS)
    if times > 1:
        longer = Layout(layout.occasion_days * times, layout.first_day, layout.minimum_effort)
        history = history_of(study, taxon, longer)
    if covariates[0]:
        history = _with_height(study, history)
    try:
        return occupancy_goodness(
            history.cells,
            psi_covariates=_elevations(study, history) if covariates[0] else None,
            p_covariates=_efforts(history) if covariates[1] else None,
            draws=draws,
        )
    except (TooFewDataError, CovariateError):  # in longer occasions none may be left twice
        return None


def _with_height(study: Study, history: DetectionHistory) -> DetectionHistory:
    """Without the units whose height is not known or not told."""
    kept = [n for n, unit in enumerate(history.units) if study.facts(unit).elevation_m is not None]
    return replace(
        history,
        units=tuple(history.units[n] for n in kept),
        cells=tuple(history.cells[n] for n in kept),
        effort=tuple(history.effort[n] for n in kept),
        starts=tuple(history.starts[n] for n in kept),
    )


def _height_note(study: Study, psi: Sequence[str]) -> tuple[str, ...]:
    missing = sum(study.facts(unit).elevation_m is None for unit in study.effort) if psi else 0
    if not missing:
        return ()
    return (
        tr(
            f"{missing} units without a height that is known and may be told are in no model.",
            f"{missing} 个单元没有可用的海拔，未计入模型。",
        ),
    )


def _elevations(study: Study, history: DetectionHistory) -> NDArray[np.float64]:
    heights = [study.facts(unit).elevation_m for unit in history.units]
    return _scaled(np.array([np.nan if h is None else h for h in heights]))[:, None]


def _efforts(history: DetectionHistory) -> NDArray[np.float64]:
    days = [[np.nan if cell is None else cell for cell in row] for row in history.effort]
    return _scaled(np.array(days, dtype=float))[..., None]


def _scaled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean 0 and deviation 1; constant ones are left to be refused by name."""
    known = values[~np.isnan(values)]
    spread = float(known.std()) if len(known) else 0.0
    middle = float(known.mean()) if len(known) else 0.0
    return np.asarray((values - middle) / (spread or 1.0))


def _sentence(one: Modelled) -> str:
    if one.estimate is not None:
        return occupancy_sentence(one.estimate) + _fit_words(one.goodness)
    share = f"{100 * one.detected / one.watched:.0f} %" if one.watched else tr("not known", "不明")
    return tr(f"naive {share}. ", f"朴素占域率 {share}。") + one.refusal


def _fit_words(fit: GoodnessOfFit | None) -> str:
    if fit is None:
        return ""
    told = f" p = {fit.p_value:.2f}, c-hat = {fit.c_hat:.2f}"
    if fit.p_value < LEAST_FIT:
        return tr(f" The model does not fit ({told.strip()}): its interval is too narrow.",
                  f"模型拟合不佳（{told.strip()}）：区间偏窄。")  # fmt: skip
    return tr(f" The model fits ({told.strip()}).", f"模型拟合良好（{told.strip()}）。")


def _row(study: Study, one: Modelled, layout: Layout, model: str) -> tuple[Cell, ...]:
    told, fit = one.estimate, one.goodness
    days = sum(cell for row in one.history.effort for cell in row if cell is not None)
    return (
        one.taxon.scientific_name,
        one.taxon.zh or None,
        one.watched,
        one.detected,
        days or None,
        days / one.watched if one.watched else None,
        one.detected / one.watched if one.watched else None,
        told.psi if told and not told.psi_is_at_edge else None,
        told.low if told else None,
        told.high if told else None,
        told.psi_is_at_edge if told else None,
        told.p if told else None,
        told.p_is_at_edge if told else None,
        told.aic if told else None,
        fit.p_value if fit else None,
        fit.c_hat if fit else None,
        fit.draws if fit else None,
        layout.occasion_days,
        one.history.occasions,
        model,
        "modelled" if told else "too few",
    )


def _coefficients(told: Sequence[Modelled], psi: Sequence[str], p: Sequence[str]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in told:
        if one.estimate is None:
            continue
        for part, names, values, intervals in (
            ("psi", psi, one.estimate.psi_coefficients, one.estimate.psi_intervals),
            ("p", p, one.estimate.p_coefficients, one.estimate.p_intervals),
        ):
            for name, value, interval in zip(("intercept", *names), values, intervals, strict=True):
                rows.append(_coefficient(one, part, name, value, interval))
    heads = ("scientificName", "part", "covariate", "logit", "low95", "high95", "atEdge")
    return Table("occupancy_coefficients", heads, rows)


def _coefficient(
    one: Modelled, part: str, name: str, value: float, interval: CoefficientInterval
) -> tuple[Cell, ...]:
    return (
        one.taxon.scientific_name, part, name, value, interval.low, interval.high,
        interval.is_at_edge,
    )  # fmt: skip
