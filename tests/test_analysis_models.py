"""Estimates against formulas on fixed data, and against truth on data made from it."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.special import expit, i0

from species_db.analysis.activity import (
    OverlapEstimator,
    average_anchored,
    bandwidth,
    density,
    overlap,
)
from species_db.analysis.occupancy import TooFewDataError, estimate_occupancy
from species_db.analysis.richness import accumulation, estimate_richness, hill_number

TURN = 2 * np.pi


def test_diversity_counts_taxa_by_how_common_they_are() -> None:
    """Even counts give the number of taxa at every order; one common taxon pulls it down."""
    assert [hill_number([5, 5, 5, 5], q) for q in (0, 1, 2)] == pytest.approx([4, 4, 4])
    assert hill_number([97, 1, 1, 1], 2) == pytest.approx(1 / (0.97**2 + 3 * 0.01**2))
    assert hill_number([], 1) == 0


def test_missed_taxa_are_estimated_from_the_rare_ones() -> None:
    """Chao2 by hand: ten taxa at twelve stations, four of them once, two twice."""
    told = estimate_richness([1, 1, 1, 1, 2, 2, 3, 5, 8, 12], units=12)
    assert told.chao2 == pytest.approx(10 + 11 / 12 * 16 / 4)
    assert 10 < told.low < told.chao2 < told.high
    assert told.coverage == pytest.approx(1 - 4 / 36 * (11 * 4) / (11 * 4 + 4))


def test_no_rare_taxa_mean_no_missed_ones() -> None:
    """When every taxon is at many stations, nothing points to others."""
    told = estimate_richness([4, 5, 6], units=8)
    assert (told.chao2, told.low, told.high, told.coverage) == (3, 3, 3, 1.0)


def test_accumulation_ends_at_what_was_seen() -> None:
    """One station holds the mean number of taxa; all hold all; the curve never falls."""
    incidences = [1, 1, 2, 3, 5]
    curve = accumulation(incidences, units=5)
    assert curve[0] == pytest.approx(sum(incidences) / 5)
    assert curve[-1] == pytest.approx(5)
    assert all(later >= earlier for earlier, later in pairwise(curve))


def test_a_density_is_the_kernel_s_mean_and_sums_to_one() -> None:
    """At each time the mean of von Mises kernels; over the day it integrates to one."""
    times, at = np.array([1.0, 1.5, 4.0]), np.linspace(0, TURN, 2001)
    told = density(times, at, kappa=7.0)
    by_hand = np.mean([np.exp(7 * np.cos(at - t)) / (TURN * i0(7.0)) for t in times], axis=0)
    assert told == pytest.approx(by_hand)
    assert np.trapezoid(told, at) == pytest.approx(1, abs=1e-6)


def test_a_sharper_pattern_gets_a_narrower_kernel() -> None:
    """Two peaks at dusk and dawn are not smeared into one by the kernel."""
    random = np.random.default_rng(3)
    broad = random.vonmises(3, 1, 200) % TURN
    peaks = np.concatenate([random.vonmises(m, 20, 100) for m in (1.6, 4.7)]) % TURN
    assert bandwidth(peaks) > 3 * bandwidth(broad)


def test_overlap_is_what_two_known_patterns_share() -> None:
    """Large samples of two von Mises patterns give the integral of the smaller density."""
    random, at = np.random.default_rng(5), np.linspace(0, TURN, 4001)
    first, second = random.vonmises(2.0, 3, 1000) % TURN, random.vonmises(3.0, 3, 1000) % TURN
    pair = [np.exp(3 * np.cos(at - mean)) / (TURN * i0(3.0)) for mean in (2.0, 3.0)]
    truth = np.trapezoid(np.minimum(*pair), at)
    told = overlap(first, second, draws=5)
    assert told.estimator is OverlapEstimator.DELTA_4
    assert told.value == pytest.approx(truth, abs=0.04)
    few = overlap(first[:40], second[:40], draws=50)
    assert few.estimator is OverlapEstimator.DELTA_1
    assert few.low <= truth <= few.high


def test_sun_time_puts_every_sunrise_on_the_mean_one() -> None:
    """Sunrise and sunset of each day land on the anchors; midnight between them stays night."""
    rise, set_ = np.array([1.9, 2.2]), np.array([4.9, 4.6])
    anchors = {"mean_sunrise": 2.0, "mean_sunset": 4.8}
    assert average_anchored(rise, rise, set_, **anchors) == pytest.approx([2.0, 2.0])
    assert average_anchored(set_, rise, set_, **anchors) == pytest.approx([4.8, 4.8])
    middle = (set_ + (rise + TURN - set_) / 2) % TURN
    assert average_anchored(middle, rise, set_, **anchors) == pytest.approx(
        [(4.8 + 2 + TURN) / 2 % TURN] * 2
    )


def simulated(
    stations: int, occasions: int, psi: float | np.ndarray, p: float, seed: int
) -> list[list[int | None]]:
    """Histories from known occupancy and detection, a fifth of the cells not watched."""
    random = np.random.default_rng(seed)
    occupied = random.random(stations) < psi
    seen = (random.random((stations, occasions)) < p) & occupied[:, None]
    missing = random.random((stations, occasions)) < 0.2
    return [
        [None if gone else int(hit) for hit, gone in zip(hits, gaps, strict=True)]
        for hits, gaps in zip(seen, missing, strict=True)
    ]


def test_occupancy_is_recovered_where_the_naive_share_is_too_low() -> None:
    """Detection of 0.3 on four occasions misses stations; the model allows for them."""
    told = estimate_occupancy(simulated(400, 4, 0.6, 0.3, seed=11))
    assert told.naive < 0.5
    assert told.low is not None and told.high is not None
    assert told.low < 0.6 < told.high
    assert told.psi == pytest.approx(0.6, abs=0.1)
    assert told.p == pytest.approx(0.3, abs=0.06)


def test_a_covariate_on_occupancy_is_recovered() -> None:
    """The slope of occupancy along an elevation gradient comes back."""
    elevation = np.random.default_rng(1).normal(size=600)
    cells = simulated(600, 6, expit(0.2 + 1.2 * elevation), 0.4, seed=2)
    told = estimate_occupancy(cells, psi_covariates=elevation[:, None])
    assert told.psi_coefficients == pytest.approx([0.2, 1.2], abs=0.3)
    assert told.aic < estimate_occupancy(cells).aic


def test_the_likelihood_is_the_one_of_the_paper() -> None:
    """On a history small enough to sum by hand, the fitted likelihood is the formula's."""
    cells = [[1, 1], [1, 0], [0, 1], *[[0, 0]] * 7]
    told = estimate_occupancy(cells)
    psi, p = told.psi, told.p
    by_hand = np.log(psi * p**2) + 2 * np.log(psi * p * (1 - p))
    by_hand += 7 * np.log(psi * (1 - p) ** 2 + 1 - psi)
    assert told.log_likelihood == pytest.approx(by_hand)


@pytest.mark.parametrize(
    "cells",
    [
        [[1, 1]] * 9,
        [[1, 1], [1, 0], *[[0, 0]] * 18],
        [[1, 0], [0, 1], [1, None], *[[0, 0]] * 17],
        [],
    ],
)
def test_too_few_records_are_refused(cells: list[list[int | None]]) -> None:
    """Few stations, few with the taxon, or none with it twice: no model, and the reason."""
    with pytest.raises(TooFewDataError, match="naive share"):
        estimate_occupancy(cells)
