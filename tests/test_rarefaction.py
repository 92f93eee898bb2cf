"""Diversity curves, coverage and fair comparison, checked by every choice of stations."""

import itertools
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species_db.analysis.equal_coverage import (
    TooFewStationsError,
    compare_at_coverage,
    units_for_coverage,
)
from species_db.analysis.rarefaction import (
    CurvePart,
    asymptote,
    coverage_at,
    diversity_at,
    diversity_curve,
    draw_communities,
)
from species_db.analysis.richness import (
    accumulation,
    diversity_by_unit,
    estimate_richness,
    hill_number,
    richness_notes,
    sample_coverage,
)
from species_db.language import speaking

# Taxa by stations: which of eight stations recorded each of six taxa.
TABLE = np.array(
    [
        [1, 1, 1, 1, 1, 1, 0, 1],
        [1, 0, 1, 1, 0, 0, 1, 0],
        [0, 1, 0, 0, 1, 0, 0, 0],
        [0, 0, 0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 0],
        [0, 0, 1, 0, 0, 1, 0, 0],
    ]
)
INCIDENCES = TABLE.sum(axis=1).tolist()
UNITS = TABLE.shape[1]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("size", range(1, UNITS + 1))
def test_rarefied_diversity_is_that_of_all_ways_to_take_stations(order: int, size: int) -> None:
    """The mean counts of taxa found 1, 2, ... times over every choice of stations give it."""
    choices = list(itertools.combinations(range(UNITS), size))
    found = np.zeros(size + 1)
    for chosen in choices:
        found += np.bincount(TABLE[:, chosen].sum(axis=1), minlength=size + 1)
    found, times = found[1:] / len(choices), np.arange(1, size + 1)
    shares = times / (found @ times)
    if order == 1:
        by_hand = np.exp(-(found * shares * np.log(shares)).sum())
    else:
        by_hand = (found @ shares**order) ** (1 / (1 - order))
    assert diversity_at(INCIDENCES, units=UNITS, at=size, order=order) == pytest.approx(by_hand)


@pytest.mark.parametrize("size", range(1, UNITS - 1))
def test_coverage_of_fewer_stations_is_what_the_next_would_have_of_taxa_known(size: int) -> None:
    """Over every choice of stations and one more: the share of its incidences already seen."""
    known = incidences = 0
    for chosen in itertools.combinations(range(UNITS), size):
        seen = TABLE[:, chosen].any(axis=1)
        for another in set(range(UNITS)) - set(chosen):
            known += int(TABLE[seen, another].sum())
            incidences += int(TABLE[:, another].sum())
    assert coverage_at(INCIDENCES, units=UNITS, at=size) == pytest.approx(known / incidences)


TABLES = st.integers(5, 30).flatmap(
    lambda units: st.tuples(
        st.just(units), st.lists(st.integers(1, units), min_size=1, max_size=30)
    )
)


@settings(deadline=None, max_examples=30)
@given(TABLES)
def test_curves_join_at_the_stations_there_are_and_never_fall(
    table: tuple[int, list[int]],
) -> None:
    """Rarefied, observed and extrapolated are one curve, towards the estimate for endless many."""
    units, seen = table
    for order in (0, 1, 2):
        sizes = [*range(1, 2 * units + 1), 1000 * units, 10**12]
        curve = [diversity_at(seen, units=units, at=size, order=order) for size in sizes]
        assert curve[units - 1] == pytest.approx(hill_number(seen, order))
        just_more = diversity_at(seen, units=units, at=units + 1e-9, order=order)
        assert just_more == pytest.approx(curve[units - 1], rel=1e-6)
        end = asymptote(seen, units=units, order=order)
        if order != 1:  # of order 1 the estimate may lie below what was seen
            assert all(b >= a - 1e-9 for a, b in pairwise(curve))
        if end is not None and np.isfinite(end):
            assert curve[-1] == pytest.approx(end, rel=1e-4)
    covers = [coverage_at(seen, units=units, at=size) for size in range(1, 2 * units + 1)]
    assert all(0 <= a <= b + 1e-12 <= 1 + 1e-9 for a, b in pairwise(c or 0 for c in covers))
    assert covers[units - 1] == sample_coverage(seen, units=units)


def test_entropy_of_endless_stations_is_the_printed_series() -> None:
    """The sum as Chao, Wang and Jost print it, term by term in whole numbers, gives the same."""
    units, total = UNITS, sum(INCIDENCES)
    once, twice = INCIDENCES.count(1), INCIDENCES.count(2)
    found = sum(
        count / units * comb(units - count, k) / comb(units - 1, k) / k
        for count in INCIDENCES
        for k in range(1, units)
    )
    rarity = 2 * twice / ((units - 1) * once + 2 * twice)
    series = -np.log(rarity) - sum((1 - rarity) ** r / r for r in range(1, units))
    entropy = found + once / units * (1 - rarity) ** (1 - units) * series
    by_hand = np.exp(units / total * entropy + np.log(total / units))
    assert asymptote(INCIDENCES, units=units, order=1) == pytest.approx(by_hand)


def test_the_estimates_are_right_on_average() -> None:
    """Stations drawn from a known community: coverage, orders 1 and 2, and ten stations more."""
    random = np.random.default_rng(11)
    chances = 0.5 * np.exp(-0.12 * np.arange(40))
    shares = chances / chances.sum()
    told: list[list[float]] = []
    for _ in range(300):
        table = random.random((40, 30)) < chances[:, None]
        seen = table.sum(axis=1).tolist()
        covered = shares[table.any(axis=1)].sum()
        told.append(
            [
                (coverage_at(seen, units=30, at=30) or 0) - covered,
                asymptote(seen, units=30, order=1) or 0,
                asymptote(seen, units=30, order=2) or 0,
                diversity_at(seen, units=30, at=40, order=0),
            ]
        )
    means = np.mean(told, axis=0)
    assert means[0] == pytest.approx(0, abs=0.003)
    assert means[1] == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=0.02)
    assert means[2] == pytest.approx(1 / (shares**2).sum(), rel=0.02)
    assert means[3] == pytest.approx((1 - (1 - chances) ** 40).sum(), rel=0.02)


def test_the_curve_has_intervals_and_the_accumulation_in_it() -> None:
    """Order 0 up to the stations is the accumulation; limits hold the value, coverage below 1."""
    curve = diversity_curve(INCIDENCES, units=UNITS, at=range(1, 2 * UNITS + 1), draws=60)
    taxa = [one.value for one in curve if one.order == 0]
    assert taxa[:UNITS] == pytest.approx(accumulation(INCIDENCES, units=UNITS))
    parts = [one.part for one in curve if one.order == 2]
    assert parts == [
        *[CurvePart.RAREFIED] * (UNITS - 1),
        CurvePart.OBSERVED,
        *[CurvePart.EXTRAPOLATED] * UNITS,
    ]
    for one in curve:
        assert one.low is not None and one.value is not None and one.high is not None
        assert one.low <= one.value <= one.high
        assert one.coverage_high is not None and one.coverage_high <= 1
    assert curve == diversity_curve(INCIDENCES, units=UNITS, at=range(1, 17), draws=60)
    assert diversity_curve(INCIDENCES, units=UNITS, draws=2)[-1].units == 2 * UNITS


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Diversity of order 2 to expect of the stations, over surveys of a known community."""
    random = np.random.default_rng(3)
    chances = 0.6 * np.exp(-0.15 * np.arange(25))
    surveys = [(random.random((25, 20)) < chances[:, None]).sum(axis=1) for _ in range(120)]
    truth = np.mean([hill_number(seen.tolist(), 2) for seen in surveys])
    held = 0
    for seen in surveys:
        (one,) = diversity_curve(seen.tolist(), units=20, at=[20], orders=[2], draws=60)
        held += (one.low or 0) <= truth <= (one.high or 0)
    assert 0.88 <= held / 120 <= 1


def test_drawn_communities_keep_what_was_seen_and_have_what_was_not() -> None:
    """On average as many incidences as found; taxa nobody saw are among the draws."""
    drawn = draw_communities(INCIDENCES, units=UNITS, draws=4000, seed=1)
    assert np.mean([sum(one) for one in drawn]) == pytest.approx(sum(INCIDENCES), rel=0.02)
    assert max(len(one) for one in drawn) > len(INCIDENCES)


def test_few_stations_leave_what_is_missed_unknown() -> None:
    """With four stations only what was seen stands; no interval, nothing beyond, and a sentence."""
    curve = diversity_curve([1, 2, 4], units=4, at=[2, 4, 8], orders=[0])
    assert [one.value for one in curve] == [pytest.approx(7 / 3, abs=0.01), 3.0, None]
    assert all(one.low is None and one.coverage_low is None for one in curve)
    told = estimate_richness([1, 2, 4], units=4)
    assert (told.observed, told.chao2, told.high, told.coverage) == (3, None, None, None)
    assert asymptote([1, 2, 4], units=4, order=0) is None
    assert richness_notes([1, 2, 4], units=4) == [
        "Only 4 stations: how many taxa were missed is not known (5 stations are needed)."
    ]
    with speaking("zh"):
        assert "仅有 4 个点位" in richness_notes([1, 2, 4], units=4)[0]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([], "No taxon was recorded"),
        ([1, 1, 1], "at a single station"),
        ([1, 1, 3], "just two stations"),
        ([1, 2, 3], ""),
    ],
)
def test_what_the_stations_cannot_tell_is_said(seen: list[int], said: str) -> None:
    """Nothing found, all found once, none twice: each has its sentence; else there is none."""
    told = richness_notes(seen, units=12)
    assert said in told[0] if said else told == []


@pytest.mark.parametrize(("at", "order"), [([0], 0), ([17], 0), ([4], 3)])
def test_what_the_formulas_do_not_hold_for_is_refused(at: list[int], order: int) -> None:
    """No stations, more than twice those there are, and other orders are not told."""
    with pytest.raises(ValueError):
        diversity_curve(INCIDENCES, units=UNITS, at=at, orders=[order], draws=2)


@settings(deadline=None, max_examples=40)
@given(TABLES, st.floats(0.02, 0.98))
def test_stations_for_a_coverage_have_that_coverage(
    table: tuple[int, list[int]], coverage: float
) -> None:
    """Fewer stations or more, the number found is the one that has it."""
    units, seen = table
    at = units_for_coverage(seen, units=units, coverage=coverage)
    assert coverage_at(seen, units=units, at=at) == pytest.approx(coverage, abs=1e-6)


def test_more_stations_are_told_for_more_coverage() -> None:
    """Beyond what the stations cover the number is worked back from the formula."""
    seen = [1, 1, 1, 2, 3]
    now = sample_coverage(seen, units=6) or 0
    for coverage in (now + 0.01, 0.95, 0.999):
        at = units_for_coverage(seen, units=6, coverage=coverage)
        assert at > 6
        assert coverage_at(seen, units=6, at=at) == pytest.approx(coverage)
    assert units_for_coverage(seen, units=6, coverage=now) == 6
    assert units_for_coverage(seen, units=6, coverage=1.0) == float("inf")


def test_a_community_compared_with_itself_still_has_an_interval() -> None:
    """The draws of both are apart from each other, or the difference would look certain."""
    told = compare_at_coverage(
        INCIDENCES, INCIDENCES, first_units=UNITS, second_units=UNITS, draws=40
    )
    assert all(one.difference == 0 and one.low < -0.1 and one.high > 0.1 for one in told)


def test_samples_of_one_community_agree_at_equal_coverage() -> None:
    """Thirty stations show fewer taxa than ninety of the same place; at equal coverage as many."""
    random = np.random.default_rng(7)
    chances = 0.5 * np.exp(-0.1 * np.arange(50))
    raw, fair, held = [], [], 0
    for _ in range(20):
        few, many = ((random.random((50, n)) < chances[:, None]).sum(axis=1) for n in (30, 90))
        raw.append((few > 0).sum() / (many > 0).sum())
        (one,) = compare_at_coverage(
            few.tolist(), many.tolist(), first_units=30, second_units=90, orders=[0], draws=40
        )
        fair.append(one.first / one.second)
        held += one.low <= 0 <= one.high
        assert one.difference == pytest.approx(one.second - one.first)
    assert np.mean(raw) < 0.85 and np.mean(fair) == pytest.approx(1, abs=0.1)
    assert held >= 16


def test_a_richer_place_is_found_richer_though_less_watched() -> None:
    """Fifteen stations of a place with thrice the taxa against fifty of a poor one."""
    random = np.random.default_rng(9)
    rich, poor = np.full(60, 0.25), np.full(20, 0.25)
    first = (random.random((20, 50)) < poor[:, None]).sum(axis=1)
    second = (random.random((60, 15)) < rich[:, None]).sum(axis=1)
    told = compare_at_coverage(
        first.tolist(), second.tolist(), first_units=50, second_units=15, draws=80
    )
    assert told[0].low > 20 and told[2].low > 10


def test_full_coverage_of_both_is_no_trap() -> None:
    """When no taxon was seen just once both are fully covered, and the draws stay finite."""
    told = compare_at_coverage([3, 4, 5], [6, 2, 2], first_units=6, second_units=8, draws=40)
    assert all(np.isfinite([one.first, one.second, one.low, one.high]).all() for one in told)
    assert told[0].coverage == 1.0


@pytest.mark.parametrize(("seen", "units"), [([1, 2], 4), ([], 9)])
def test_a_community_too_little_known_is_not_compared(seen: list[int], units: int) -> None:
    """Four stations, or none with a record: coverage is not known, and the message says so."""
    with pytest.raises(TooFewStationsError, match=f"from {units} stations"):
        compare_at_coverage(seen, INCIDENCES, first_units=units, second_units=UNITS)
    with speaking("zh"), pytest.raises(TooFewStationsError, match="覆盖度"):
        compare_at_coverage(INCIDENCES, seen, first_units=UNITS, second_units=units)


def test_a_coverage_out_of_reach_is_refused() -> None:
    """More coverage than twice the stations would have is not told."""
    with pytest.raises(ValueError, match="coverage must be"):
        compare_at_coverage([1] * 9, INCIDENCES, first_units=9, second_units=8, coverage=0.99)


def test_pooled_diversity_adds_the_counts_of_all_stations() -> None:
    """Two stations with one taxon each pool to two; a station without records has no diversity."""
    told = diversity_by_unit({"B": {"takin": 5}, "A": {"serow": 5}, "C": {}})
    assert [(one.unit, one.total) for one in told] == [("A", 5), ("B", 5), ("C", 0), (None, 10)]
    assert told[-1].values == pytest.approx((2, 2, 2))
    assert told[2].values == (None, None, None)
