"""Occupancy models: intervals, refusals, the edge and the test of fit, each checked another way."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from species_db.analysis.occupancy import (
    CovariateError,
    TooFewDataError,
    estimate_occupancy,
    occupancy_goodness,
    occupancy_sentence,
)
from species_db.analysis.occupancy.design import prepare
from species_db.analysis.occupancy.goodness import _chi_squared, _cohorts
from species_db.analysis.occupancy.likelihood import (
    fit,
    merge_cells,
    negative_log_likelihood,
)
from species_db.analysis.occupancy.profile import _with_mean_psi
from species_db.language import speaking

Cells = list[list[int | None]]
DROP = 1.920729


def simulated(
    psi: np.ndarray, p: np.ndarray | float, *, occasions: int, seed: int, gone: float = 0.2
) -> Cells:
    """Histories from known occupancy and detection, a share of the cells not watched."""
    random = np.random.default_rng(seed)
    shape = (len(psi), occasions)
    seen = (random.random(shape) < p) & (random.random(len(psi)) < psi)[:, None]
    lost = random.random(shape) < gone
    return [
        [None if g else int(hit) for hit, g in zip(hits, gaps, strict=True)]
        for hits, gaps in zip(seen, lost, strict=True)
    ]


def plain_likelihood(cells: Cells, psi: np.ndarray, p: np.ndarray) -> float:
    """The logarithm of the likelihood as the paper has it, cell by cell."""
    total = 0.0
    for row, share, chances in zip(cells, psi, p, strict=True):
        known = [(c, chance) for c, chance in zip(row, chances, strict=True) if c is not None]
        product = np.prod([chance if c else 1 - chance for c, chance in known])
        total += np.log(share * product + (0 if any(c for c, _ in known) else 1 - share))
    return float(total)


HEIGHT = np.random.default_rng(4).normal(size=90)
LURE = np.random.default_rng(5).normal(size=(90, 6))
WITH_BOTH = simulated(expit(0.3 + HEIGHT), expit(-0.8 + 0.5 * LURE), occasions=6, seed=6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4))
def test_the_likelihood_its_slope_and_bend_are_right(beta: list[float]) -> None:
    """At any coefficients: the paper's formula, and differences of it, whatever is merged."""
    at = np.array(beta)
    data = prepare(WITH_BOTH, psi_covariates=HEIGHT[:, None], p_covariates=LURE[..., None])
    cells = merge_cells(data)
    value, slope, bend = negative_log_likelihood(at, cells)
    psi, p = expit(at[0] + at[1] * HEIGHT), expit(at[2] + at[3] * LURE)
    assert value == pytest.approx(-plain_likelihood(WITH_BOTH, psi, p), rel=1e-9)
    steps = 1e-5 * np.eye(4)
    around = [
        [negative_log_likelihood(at + sign * step, cells) for sign in (1, -1)] for step in steps
    ]
    assert slope == pytest.approx([(a[0] - b[0]) / 2e-5 for a, b in around], abs=1e-3)
    assert bend == pytest.approx(np.array([(a[1] - b[1]) / 2e-5 for a, b in around]), abs=1e-3)


def test_the_ends_of_an_interval_are_where_the_likelihood_has_fallen() -> None:
    """With psi held at either end and p fitted anew, it is lower by just half of chi-squared."""
    cells = simulated(np.full(50, 0.5), 0.3, occasions=5, seed=8)
    told = estimate_occupancy(cells)

    def highest(psi: float) -> float:
        return max(
            plain_likelihood(cells, np.full(50, psi), np.full((50, 5), p))
            for p in np.linspace(0.15, 0.5, 351)
        )

    for end in (told.low, told.high):
        assert told.log_likelihood - highest(end) == pytest.approx(DROP, abs=0.01)
    assert not told.psi_is_at_edge


def test_coefficients_and_mean_psi_have_intervals_beside_covariates() -> None:
    """Slopes on psi and p come back; at the ends of the mean, the best model with that mean."""
    told = estimate_occupancy(
        WITH_BOTH, psi_covariates=HEIGHT[:, None], p_covariates=LURE[..., None]
    )
    for truth, one in zip((0.3, 1.0), told.psi_intervals, strict=True):
        assert one.low is not None and one.high is not None and one.low < truth < one.high
    for truth, one in zip((-0.8, 0.5), told.p_intervals, strict=True):
        assert one.low is not None and one.high is not None and one.low < truth < one.high
    cells = merge_cells(
        prepare(WITH_BOTH, psi_covariates=HEIGHT[:, None], p_covariates=LURE[..., None])
    )
    for end in (told.low, told.high):
        held = minimize(
            lambda beta: negative_log_likelihood(beta, cells)[0],
            [*told.psi_coefficients, *told.p_coefficients],
            jac=lambda beta: negative_log_likelihood(beta, cells)[1],
            constraints={
                "type": "eq",
                "fun": lambda beta, end=end: expit(beta[0] + beta[1] * HEIGHT).mean() - end,
            },
            method="SLSQP",
            options={"ftol": 1e-10},
        )
        assert held.success
        assert told.log_likelihood + held.fun == pytest.approx(DROP, abs=0.01)


def test_slope_and_bend_with_the_mean_held_are_right() -> None:
    """Along all other coefficients, with the intercept following, as differences give them."""
    cells = merge_cells(
        prepare(WITH_BOTH, psi_covariates=HEIGHT[:, None], p_covariates=LURE[..., None])
    )
    at, steps = np.array([0.8, -0.7, 0.4]), 1e-5 * np.eye(3)
    _, slope, bend = _with_mean_psi(at, cells, 0.62)
    around = [[_with_mean_psi(at + sign * step, cells, 0.62) for sign in (1, -1)] for step in steps]
    assert slope == pytest.approx([(a[0] - b[0]) / 2e-5 for a, b in around], rel=1e-4)
    assert bend == pytest.approx(
        np.array([(a[1] - b[1]) / 2e-5 for a, b in around]), rel=1e-3, abs=1e-2
    )


def test_without_covariates_the_mean_is_the_intercept() -> None:
    """The interval of mean psi is that of the intercept, on the other scale."""
    told = estimate_occupancy(simulated(np.full(60, 0.4), 0.3, occasions=6, seed=3))
    one = told.psi_intervals[0]
    assert one.low is not None and one.high is not None
    assert (told.low, told.high) == pytest.approx((expit(one.low), expit(one.high)), abs=1e-3)


def test_a_taxon_that_may_be_everywhere_is_never_given_as_all() -> None:
    """Few records each time: all stations fit as well, and only the lower bound is said."""
    cells: Cells = [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1], *[[0, 0, 0]] * 7]
    told = estimate_occupancy(cells)
    assert told.psi_is_at_edge and told.high == 1.0 and told.low < 0.5
    english = occupancy_sentence(told)
    with speaking("zh"):
        chinese = occupancy_sentence(told)
    assert "at least 28 %" in english and "至少为 28%" in chinese
    assert "100" not in english + chinese


def test_a_share_just_below_all_is_not_rounded_to_all() -> None:
    """Found at 299 of 300 stations, each time it was looked for: 99 %, not 100 %."""
    cells: Cells = [*[[1, 1, 1, 0, 1, 1, 1, 1]] * 299, [0] * 8]
    told = estimate_occupancy(cells)
    assert told.psi > 0.995 and not told.psi_is_at_edge
    assert "occupied are 99 %" in occupancy_sentence(told)


def test_detection_without_fail_is_said() -> None:
    """Every station with the taxon had it on every occasion: p may be 1."""
    told = estimate_occupancy([*[[1, 1, 1]] * 8, *[[0, 0, 0]] * 8])
    assert told.p_is_at_edge and told.p_intervals[0].high is None
    assert (told.psi, told.psi_is_at_edge) == (pytest.approx(0.5, abs=1e-3), False)


def test_a_covariate_that_parts_the_stations_has_no_bound() -> None:
    """Everything above a height and nothing below: the slope is unbounded, and flagged."""
    height = np.linspace(-1.5, 1.5, 40)
    cells: Cells = [[1, 1, 0, 1] if h > 0 else [0, 0, 0, 0] for h in height]
    told = estimate_occupancy(cells, psi_covariates=height[:, None])
    slope = told.psi_intervals[1]
    assert slope.is_at_edge and slope.high is None
    assert slope.low is not None and slope.low > 0
    assert told.psi == pytest.approx(0.5, abs=0.01)


def test_stations_nobody_watched_change_nothing() -> None:
    """Naive and modelled occupancy leave them out, and their covariates may be missing."""
    cells = simulated(expit(HEIGHT), 0.4, occasions=5, seed=9, gone=0.1)
    alone = estimate_occupancy(cells, psi_covariates=HEIGHT[:, None])
    more = estimate_occupancy(
        [*cells, [None] * 5], psi_covariates=np.append(HEIGHT, np.nan)[:, None]
    )
    assert more == alone
    assert alone.naive == np.mean([any(c == 1 for c in row) for row in cells])


def test_covariates_of_cells_nobody_watched_are_not_looked_at() -> None:
    """The weather of an occasion without camera may be missing."""
    lure = LURE.copy()
    lure[[[c is None for c in row] for row in WITH_BOTH]] = np.nan
    told = estimate_occupancy(WITH_BOTH, p_covariates=lure[..., None])
    assert told == estimate_occupancy(WITH_BOTH, p_covariates=LURE[..., None])


BAD = np.where(np.arange(90) == 3, np.nan, HEIGHT)


@pytest.mark.parametrize(
    ("covariates", "said"),
    [
        (BAD[:, None], "elevation of occupancy is missing in 1 of 90"),
        (np.full((90, 1), 2.0), "the same everywhere"),
        (3000 + 500 * HEIGHT[:, None], "is not scaled"),
        (np.column_stack([HEIGHT, 2 * HEIGHT - 1]), "tell the same thing twice"),
    ],
)
def test_covariates_that_cannot_be_used_are_refused(covariates: np.ndarray, said: str) -> None:
    """Missing, constant, unscaled or doubled: the message names it and says what to do."""
    names = ["elevation", "again"]
    with pytest.raises(CovariateError, match=said) as refused:
        estimate_occupancy(WITH_BOTH, psi_covariates=covariates, psi_names=names)
    assert any(word in str(refused.value) for word in ("eave", "Subtract"))
    with speaking("zh"), pytest.raises(CovariateError, match="协变量"):
        estimate_occupancy(WITH_BOTH, psi_covariates=covariates, psi_names=names)


def test_a_constant_covariate_on_detection_is_refused_by_its_own_name() -> None:
    """Effort that was the same in all watched cells explains no detection."""
    with pytest.raises(CovariateError, match="Covariate effort of detection is the same"):
        estimate_occupancy(WITH_BOTH, p_covariates=np.full((90, 6, 1), 0.5), p_names=["effort"])


@pytest.mark.parametrize(("detected", "covariates", "fits"), [(20, 2, True), (19, 2, False)])
def test_each_covariate_on_psi_needs_ten_stations_of_either_kind(
    detected: int, covariates: int, fits: bool
) -> None:
    """Two covariates bear twenty stations with the taxon; nineteen are refused, with the rule."""
    cells: Cells = [*[[1, 0, 1]] * detected, *[[0, 0, 0]] * 40]
    given = np.random.default_rng(2).normal(size=(len(cells), covariates))
    if fits:
        assert len(estimate_occupancy(cells, psi_covariates=given).psi_coefficients) == 3
        return
    with pytest.raises(TooFewDataError, match="19 stations with the taxon and 40 without"):
        estimate_occupancy(cells, psi_covariates=given)
    with speaking("zh"), pytest.raises(TooFewDataError, match="每个协变量两类都至少需要 10 个"):
        estimate_occupancy(cells, psi_covariates=given)


def test_a_covariate_on_p_needs_ten_occasions_of_either_kind() -> None:
    """Nine records at the stations that have the taxon bear no covariate on detection."""
    cells: Cells = [[1, 1, 1], [1, 1, 1], [1, 1, 1], *[[0, 0, 0]] * 20]
    lure = np.random.default_rng(2).normal(size=(23, 3, 1))
    with pytest.raises(TooFewDataError, match="9 occasions with a record and 0 without"):
        estimate_occupancy(cells, p_covariates=lure)


def test_covariates_of_another_shape_are_a_mistake() -> None:
    """A row too few is told as such, not fitted to the wrong stations."""
    with pytest.raises(ValueError, match="must begin with the shape"):
        estimate_occupancy(WITH_BOTH, psi_covariates=HEIGHT[1:, None])


def test_the_statistic_of_fit_is_the_sum_over_every_possible_history() -> None:
    """As in the paper, with cohorts by missing cells, counted here one history after another."""
    height = HEIGHT[:40]
    cells = simulated(expit(height), 0.4, occasions=3, seed=12, gone=0.15)
    data = prepare(cells, psi_covariates=height[:, None], p_covariates=None)
    fitted = fit(merge_cells(data))
    psi = expit(data.psi_design @ fitted.coefficients[:2])
    p = expit(fitted.coefficients[2])
    total = 0.0
    cohorts: dict[tuple[bool, ...], list[int]] = {}
    for index, known in enumerate(data.known):
        cohorts.setdefault(tuple(known.tolist()), []).append(index)
    for known, members in cohorts.items():
        for history in itertools.product((0, 1), repeat=sum(known)):
            found = sum(tuple(data.history[i][list(known)].astype(int)) == history for i in members)
            chance = np.prod([p if cell else 1 - p for cell in history])
            expected = sum(psi[i] * chance + (0 if any(history) else 1 - psi[i]) for i in members)
            total += (found - expected) ** 2 / expected
    assert len(cohorts) > 3
    assert _chi_squared(data, _cohorts(data.known), fitted) == pytest.approx(total)


def test_a_true_model_fits_and_a_wrong_one_does_not() -> None:
    """Detection that differs from station to station, unsaid, is found out; the truth is not."""
    random = np.random.default_rng(21)
    psi = np.full(120, 0.7)
    right = occupancy_goodness(simulated(psi, 0.35, occasions=5, seed=1, gone=0), draws=60)
    uneven = random.beta(0.4, 0.8, size=(120, 1))
    wrong = occupancy_goodness(simulated(psi, uneven, occasions=5, seed=2, gone=0), draws=60)
    assert right.p_value > 0.05 and right.c_hat < 1.5
    assert wrong.p_value < 0.05 and wrong.c_hat > 1.5


def test_the_test_of_fit_is_the_same_each_time() -> None:
    """One seed gives one answer; the p value is never 0; no draws are refused."""
    cells = simulated(np.full(40, 0.6), 0.4, occasions=4, seed=5)
    told = occupancy_goodness(cells, draws=9)
    assert told == occupancy_goodness(cells, draws=9)
    assert told != occupancy_goodness(cells, draws=9, seed=8)
    assert 0.1 <= told.p_value <= 1
    with pytest.raises(ValueError, match="at least one draw"):
        occupancy_goodness(cells, draws=0)
