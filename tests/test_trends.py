"""Changes and trends of an index: what they say, and above all what they must not say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from species_db.analysis.station_bootstrap import effective_stations, interval_of_draws
from species_db.analysis.trend_line import fit_trend
from species_db.analysis.trends import (
    Comparison,
    Period,
    TrendSettings,
    changes,
    compare_periods,
    index_by_period,
)
from species_db.analysis.verdicts import NoInterval, Verdict, smallest_ratios, verdict_of
from species_db.language import speaking

STATIONS = [f"S{n:02}" for n in range(20)]
DAYS = dict.fromkeys(STATIONS, 100.0)


def period(
    year: int, rate: float, *, days: dict[str, float] | None = None, seed: int = 1
) -> Period:
    """A year in which stations have clumped events around a rate per 100 camera-days."""
    random = np.random.default_rng(seed + year)
    watched = DAYS if days is None else days
    clump = random.gamma(2.0, 0.5, len(watched))
    events = random.poisson(
        [rate * d / 100 * c for d, c in zip(watched.values(), clump, strict=True)]
    )
    return Period(str(year), year + 0.5, dict(zip(watched, events.tolist(), strict=True)), watched)


def steady(year: int, events: dict[str, int], days: dict[str, float]) -> Period:
    """A year with these numbers."""
    return Period(str(year), year + 0.5, events, days)


def test_a_period_without_effort_is_not_known() -> None:
    """No camera-days give no index, and no change to either side, whatever events are said."""
    blank = steady(2027, {"S00": 5}, {"S00": 0.0})
    told = [period(2026, 8.0), blank, period(2028, 8.0)]
    assert index_by_period(told)["2027"].pooled is None
    for change in changes(told):
        assert (change.ratio, change.low, change.reason) == (None, None, NoInterval.NO_EFFORT)
        assert change.verdict is Verdict.TOO_FEW


def test_a_halving_at_every_station_is_a_clear_fall() -> None:
    """The ratio, the interval and the verdict of a change that all stations share."""
    before = steady(2026, {s: 8 + n for n, s in enumerate(STATIONS)}, DAYS)
    after = steady(2027, {s: (8 + n) // 2 for n, s in enumerate(STATIONS)}, DAYS)
    told = compare_periods(before, after)
    assert told.ratio == pytest.approx(sum(after.events.values()) / sum(before.events.values()))
    assert told.high is not None and told.high < 0.55
    assert told.verdict is Verdict.DOWN
    assert told.comparison is Comparison.SAME_STATIONS


def test_no_clear_change_says_what_it_would_have_missed() -> None:
    """Beside "no clear change" stand the smallest fall and rise that would have been seen."""
    told = compare_periods(period(2026, 4.0), period(2027, 4.0))
    assert told.verdict is Verdict.NO_CLEAR_CHANGE
    assert told.low is not None and told.high is not None
    assert told.smallest_fall is not None and told.smallest_rise is not None
    # More than half the interval: a change as large as that half is missed every second time.
    half = math.sqrt(told.high / told.low)
    assert told.smallest_rise == pytest.approx(half ** ((1.959964 + 0.841621) / 1.959964))
    assert told.smallest_fall * told.smallest_rise == pytest.approx(1.0)


def test_no_events_in_a_period_give_no_interval() -> None:
    """Twenty events and then none: the ratio is nought, its interval is not known."""
    some, none = steady(2026, dict.fromkeys(STATIONS, 1), DAYS), steady(2027, {}, DAYS)
    gone, came = compare_periods(some, none), compare_periods(none, some)
    assert (gone.ratio, came.ratio) == (0.0, None)
    for told in (gone, came):
        assert (told.low, told.high, told.reason) == (None, None, NoInterval.NO_EVENTS)
        assert told.verdict is Verdict.TOO_FEW


def test_a_single_station_gives_no_interval() -> None:
    """One camera says what it saw, and nothing of other places."""
    one = {"S00": 100.0}
    told = compare_periods(steady(2026, {"S00": 40}, one), steady(2027, {"S00": 10}, one))
    assert told.ratio == pytest.approx(0.25)
    assert (told.low, told.reason, told.verdict) == (None, NoInterval.FEW_STATIONS, Verdict.TOO_FEW)


def test_few_events_give_no_interval() -> None:
    """Nine events in two years are too few, ten are not."""
    before = steady(2026, dict.fromkeys(STATIONS[:5], 1), DAYS)
    four = steady(2027, dict.fromkeys(STATIONS[5:9], 1), DAYS)
    five = steady(2027, dict.fromkeys(STATIONS[5:10], 1), DAYS)
    assert compare_periods(before, four).reason is NoInterval.FEW_EVENTS
    assert compare_periods(before, five).reason is not NoInterval.FEW_EVENTS


def test_one_station_with_all_events_gives_no_interval() -> None:
    """A den before one camera is no news of the county."""
    events = dict.fromkeys(STATIONS, 0) | {"S03": 90, "S04": 1}
    told = compare_periods(steady(2026, events, DAYS), steady(2027, events, DAYS))
    assert told.ratio == pytest.approx(1.0)
    assert (told.low, told.reason) == (None, NoInterval.ONE_STATION_CARRIES)


def test_cameras_added_at_rich_places_are_no_rise() -> None:
    """The index jumps with ten new stations; the change looks at the old ones alone."""
    before = steady(2026, dict.fromkeys(STATIONS, 5), DAYS)
    rich = {f"R{n}": 100.0 for n in range(10)}
    after = steady(2027, dict.fromkeys(STATIONS, 5) | dict.fromkeys(rich, 50), DAYS | rich)
    indices = index_by_period([before, after])
    assert indices["2027"].pooled == pytest.approx(4 * (indices["2026"].pooled or 0))
    told = compare_periods(before, after)
    assert told.ratio == pytest.approx(1.0)
    assert (told.stations, told.left_out) == (20, 10)


def test_days_moved_between_good_and_poor_stations_are_no_change() -> None:
    """Each station keeps its rate while the days go to the good ones: the ratio is one."""
    poor, good = STATIONS[:10], STATIONS[10:]
    rates = dict.fromkeys(poor, 0.02) | dict.fromkeys(good, 0.2)
    first = dict.fromkeys(poor, 200.0) | dict.fromkeys(good, 50.0)
    second = dict.fromkeys(poor, 50.0) | dict.fromkeys(good, 200.0)
    before = steady(2026, {s: round(rates[s] * first[s]) for s in STATIONS}, first)
    after = steady(2027, {s: round(rates[s] * second[s]) for s in STATIONS}, second)
    pooled = [index.pooled or 0 for index in index_by_period([before, after]).values()]
    assert pooled[1] > 2 * pooled[0]
    assert compare_periods(before, after).ratio == pytest.approx(1.0)


def test_all_stations_are_compared_when_none_was_kept() -> None:
    """Without stations in common the indices are compared, and it is said."""
    moved = {f"M{n}": 100.0 for n in range(20)}
    told = compare_periods(period(2026, 5.0), period(2027, 5.0, days=moved))
    assert told.comparison is Comparison.ALL_STATIONS
    assert (told.stations, told.left_out) == (40, 0)
    assert told.low is not None
    pooled = index_by_period([period(2026, 5.0), period(2027, 5.0, days=moved)])
    assert told.ratio == pytest.approx((pooled["2027"].pooled or 0) / (pooled["2026"].pooled or 1))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*(st.integers(0, 6), st.sampled_from([0.0, 30.0, 90.0])) * 2), max_size=12),
    st.integers(0, 5),
)
def test_there_is_an_interval_or_a_reason_and_never_both(
    rows: list[tuple[int, float, int, float]], seed: int
) -> None:
    """Whatever the numbers: without an interval the verdict is "too few", with its reason."""
    names = [f"S{n}" for n in range(len(rows))]
    before = steady(
        2026,
        dict(zip(names, (r[0] for r in rows), strict=True)),
        dict(zip(names, (r[1] for r in rows), strict=True)),
    )
    after = steady(
        2027,
        dict(zip(names, (r[2] for r in rows), strict=True)),
        dict(zip(names, (r[3] for r in rows), strict=True)),
    )
    for told in (compare_periods(before, after, seed=seed, draws=200), fit_trend([before, after])):
        assert (told.reason is None) == (told.low is not None) == (told.high is not None)
        assert (told.verdict is Verdict.TOO_FEW) == (told.reason is not None)
    change = compare_periods(before, after, seed=seed, draws=200)
    if change.low is not None and change.high is not None and change.ratio is not None:
        assert 0 < change.low <= change.high < math.inf
    back = compare_periods(after, before, seed=seed, draws=200)
    if change.ratio and back.ratio:
        assert back.ratio == pytest.approx(1 / change.ratio)


def test_the_same_seed_gives_the_same_interval_in_any_order_of_stations() -> None:
    """A frozen report must come out the same on another machine."""
    before, after = period(2026, 5.0), period(2027, 3.0)
    turned = [replace(one, effort=dict(reversed(one.effort.items()))) for one in (before, after)]
    assert compare_periods(before, after) == compare_periods(*turned)
    assert compare_periods(before, after).low != compare_periods(before, after, seed=8).low


def test_few_stations_move_the_tails_of_an_interval_out() -> None:
    """The interval of four stations is wider than that of a hundred on the same draws."""
    drawn = np.random.default_rng(3).normal(size=5000)
    few, many = interval_of_draws(drawn, stations=4), interval_of_draws(drawn, stations=100)
    assert few[1] - few[0] > 1.3 * (many[1] - many[0])
    # For many it is the plain percentile.
    assert many == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.1)
    assert effective_stations(np.array([10.0, 10.0, 0.0])) == pytest.approx(2.0)


def test_the_interval_of_a_change_holds_the_truth_about_as_often_as_it_says() -> None:
    """Clumped stations and no change: at least nine in ten intervals hold one."""
    held = []
    for seed in range(60):
        told = compare_periods(
            period(2026, 5.0, seed=1000 * seed), period(2027, 5.0, seed=1000 * seed), draws=400
        )
        assert told.low is not None and told.high is not None
        held.append(told.low <= 1 <= told.high)
    assert np.mean(held) >= 0.9


def test_the_slope_is_that_of_a_poisson_model_with_an_effect_of_each_station() -> None:
    """The same as the top of the whole likelihood, found by another way."""
    random = np.random.default_rng(4)
    days = {s: float(random.integers(30, 120)) for s in STATIONS[:8]}
    years = [
        steady(2026 + t, {s: int(random.poisson(6 * 0.8**t)) for s in days}, days) for t in range(4)
    ]
    counts = np.array([[one.events[s] for s in days] for one in years]).T
    effort = np.array(list(days.values()))[:, None]

    def against(beta: np.ndarray) -> float:
        mean = effort * np.exp(beta[1:, None] + beta[0] * np.arange(4.0))
        return float((mean - counts * np.log(mean)).sum())

    best = minimize(against, np.full(9, -2.0), method="BFGS", options={"gtol": 1e-7})
    told = fit_trend(years)
    assert told.percent_per_year == pytest.approx(100 * math.expm1(best.x[0]), abs=1e-3)


def test_rich_stations_that_join_late_are_no_rise() -> None:
    """A trend is each station's own; ten rich stations of the last two years do not bend it."""
    rich = {f"R{n}": 100.0 for n in range(10)}
    years = [steady(2026 + t, dict.fromkeys(STATIONS, 4), DAYS) for t in range(3)]
    years += [
        steady(2029 + t, dict.fromkeys(STATIONS, 4) | dict.fromkeys(rich, 60), DAYS | rich)
        for t in range(2)
    ]
    told = fit_trend(years)
    assert told.percent_per_year == pytest.approx(0.0, abs=1e-9)
    assert told.comparison is Comparison.SAME_STATIONS


def test_a_trend_needs_three_periods_with_effort() -> None:
    """Two years are a change; a year without cameras is not a third."""
    two = [period(2026, 5.0), period(2027, 3.0), steady(2028, {}, {})]
    assert fit_trend(two).reason is NoInterval.FEW_PERIODS
    assert fit_trend([]).reason is NoInterval.NO_EVENTS
    assert fit_trend([*two, period(2029, 2.0)]).reason is None


def test_good_and_bad_years_widen_the_trend_from_five_periods() -> None:
    """Years that swing at all stations alike leave a rise unclear; without a fifth it is said."""
    swing = [2.0, 9.0, 3.0, 12.0, 4.0]
    years = [steady(2026 + t, {s: round(r) + n % 2 for n, s in enumerate(STATIONS)}, DAYS)
             for t, r in enumerate(swing)]  # fmt: skip
    five = fit_trend(years)
    assert five.covers_years
    assert five.verdict is Verdict.NO_CLEAR_CHANGE
    blind = fit_trend(years, settings=TrendSettings(years_from=99))
    assert not blind.covers_years
    assert blind.verdict is Verdict.UP


def test_the_error_of_a_trend_is_that_of_leaving_each_station_out() -> None:
    """The corrected sandwich tells what leaving one station out after another tells."""
    years = [period(2026 + t, 5.0, seed=11) for t in range(3)]

    def slope(chosen: list[str]) -> float:
        told = fit_trend([replace(one, effort=dict.fromkeys(chosen, 100.0)) for one in years])
        assert told.percent_per_year is not None
        return math.log1p(told.percent_per_year / 100)

    told = fit_trend(years)
    assert told.low is not None and told.high is not None
    half = math.log((1 + told.high / 100) / (1 + told.low / 100)) / 2
    moved = [slope([s for s in STATIONS if s != one]) - slope(STATIONS) for one in STATIONS]
    error = math.sqrt(sum(move**2 for move in moved))
    assert half / error == pytest.approx(2.13, abs=0.03)  # t of some 16 stations in effect


def test_the_trend_of_a_steady_rise_is_clear_and_in_its_interval() -> None:
    """Events grow by a fifth a year at clumped stations: up, and the truth is held."""
    years = [period(2026 + t, 5.0 * 1.2**t, seed=3) for t in range(6)]
    told = fit_trend(years)
    assert told.low is not None and told.high is not None
    assert told.verdict is Verdict.UP
    assert told.low < 20.0 < told.high
    assert told.dispersion is not None and told.dispersion > 1.5


def test_events_in_the_last_year_alone_have_no_slope() -> None:
    """A taxon that appears has no per cent a year: the line would be infinitely steep."""
    years = [steady(2026 + t, dict.fromkeys(STATIONS, 6 if t == 3 else 0), DAYS) for t in range(4)]
    told = fit_trend(years)
    assert (told.percent_per_year, told.reason) == (None, NoInterval.NO_BOUND)


def test_an_interval_that_touches_no_change_is_not_clear() -> None:
    """Only an interval that leaves out no change is a change."""
    assert verdict_of(1.0, 2.0, no_change=1.0) is Verdict.NO_CLEAR_CHANGE
    assert verdict_of(1.01, 2.0, no_change=1.0) is Verdict.UP
    fall, rise = smallest_ratios(0.8, 1.25)
    assert fall < 0.8 and rise > 1.25


def test_every_verdict_and_reason_speaks_both_languages() -> None:
    """Nobody reads a code, and nothing is left in the other language."""
    for term in (*Verdict, *NoInterval, *Comparison):
        with speaking("en"):
            english = term.words
        with speaking("zh"):
            chinese = term.words
        assert english.isascii() and not chinese.isascii()
