"""Shares and their changes: against published figures, and honest with few cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from species_db.analysis.shares import compare_day_shares, compare_shares, score_interval
from species_db.analysis.verdicts import NORMAL_975, NoInterval, Verdict

# Newcombe 1998, Statistics in Medicine 17:873, table II, method 10: a/m, b/n, low and high of a - b
NEWCOMBE = (
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
)
counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(("later", "earlier", "low", "high"), NEWCOMBE)
def test_a_difference_has_the_published_interval(
    later: tuple[int, int], earlier: tuple[int, int], low: float, high: float
) -> None:
    """Six of the paper's examples, to its four digits."""
    told = compare_shares(earlier, later)
    assert told.low == pytest.approx(low, abs=6e-5)
    assert told.high == pytest.approx(high, abs=6e-5)


@given(counts)
def test_a_score_interval_holds_what_it_does_not_reject(pair: tuple[int, int]) -> None:
    """Its ends are the shares at which the score test just gives way."""
    hits, cases = pair
    low, high = score_interval(hits, cases) or (0.0, 1.0)
    assert low <= hits / cases <= high
    for end in (low, high):
        if 0 < end < 1:
            z = (hits / cases - end) / np.sqrt(end * (1 - end) / cases)
            assert 2 * norm.sf(abs(z)) == pytest.approx(0.05, rel=1e-4)


@given(counts, counts)
def test_a_change_read_backwards_is_its_opposite(a: tuple[int, int], b: tuple[int, int]) -> None:
    """From the earlier to the later or the other way round: the same interval, mirrored."""
    there, back = compare_shares(a, b), compare_shares(b, a)
    assert there.difference == pytest.approx(-(back.difference or 0.0))
    if there.low is not None and there.high is not None:
        assert back.low == pytest.approx(-there.high) and back.high == pytest.approx(-there.low)
        assert -1 <= there.low <= (there.difference or 0.0) <= there.high <= 1


def test_without_cases_a_share_is_not_known() -> None:
    """None, never nought; and of four cases there is no verdict."""
    told = compare_shares((0, 0), (3, 9))
    assert (told.before, told.difference, told.reason) == (None, None, NoInterval.NO_EFFORT)
    few = compare_shares((1, 4), (9, 9))
    assert (few.verdict, few.reason) == (Verdict.TOO_FEW, NoInterval.FEW_STATIONS)
    assert few.difference == pytest.approx(0.75)


def test_days_are_drawn_by_station() -> None:
    """A hundred days of one station are not a hundred cases: the interval is a station's spread."""
    random = np.random.default_rng(5)
    before = {f"S{n}": (float(100 * random.beta(8, 2)), 100.0) for n in range(12)}
    after = {name: (days, whole) for name, (days, whole) in before.items()}
    after |= {f"T{n}": (float(100 * random.beta(8, 2)), 100.0) for n in range(12)}
    told = compare_day_shares(before, after)
    assert told.low is not None and told.high is not None
    assert told.high - told.low > 4 * NORMAL_975 * np.sqrt(0.8 * 0.2 / 1200) / 2


def test_stations_that_are_all_alike_give_no_interval() -> None:
    """Every camera worked every day: that tells nothing of how sure it is."""
    whole = {f"S{n}": (100.0, 100.0) for n in range(9)}
    told = compare_day_shares(whole, whole)
    assert (told.before, told.difference, told.low) == (1.0, 0.0, None)
    assert told.reason is NoInterval.NO_BOUND


def test_one_long_station_does_not_speak_for_all() -> None:
    """Where nearly all days are one station's, there is no interval."""
    before = {f"S{n}": (0.5, 1.0) for n in range(8)} | {"long": (900.0, 1000.0)}
    told = compare_day_shares(before, before)
    assert told.reason is NoInterval.ONE_STATION_CARRIES
