"""Camera indices before and after works, against controls: weights, zeros, limits, designs."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom

from species_db.analysis.baci import Design
from species_db.analysis.index_change import (
    Counted,
    IndexEffect,
    IndexSettings,
    StationCounts,
    compare_index,
    compare_periods,
)
from species_db.analysis.index_fit import fit_sides
from species_db.analysis.index_side import Side


def station(
    name: str, before: int, after: int, days: tuple[float, float] = (60.0, 60.0)
) -> StationCounts:
    """A station with its events in both spans; impact stations begin with I."""
    spans = {"before": Counted(before, days[0]), "after": Counted(after, days[1])}
    return StationCounts(name, name.startswith("I"), spans)


def compared(stations: list[StationCounts], **values: object) -> IndexEffect:
    """The comparison of two spans."""
    return compare_index(stations, after="after", settings=IndexSettings(**values))  # type: ignore[arg-type]


STEADY = [station(f"C{number}", 10, 10) for number in range(4)]
HALVED = [station(f"I{number}", 12, 6) for number in range(4)]


def test_an_even_design_gives_the_plain_ratio_of_ratios() -> None:
    """With equal efforts the effect is what anybody works out by hand: a quarter of controls."""
    grown = [station(f"C{number}", 10, 20) for number in range(4)]
    effect = compared([*HALVED, *grown])
    assert (effect.design, effect.own_spread) == (Design.BACI, 0.0)
    assert effect.ratio == pytest.approx((24 / 48) / (80 / 40))
    assert effect.impact.change == pytest.approx(0.5)
    assert (effect.impact.index_before, effect.impact.index_after) == (20.0, 10.0)
    assert effect.control.index_after == pytest.approx(100 * 80 / 240)
    assert effect.is_clear


def test_each_side_is_the_most_likely_ratio_under_its_binomial_shares() -> None:
    """Stations that stray by chance alone: the ratio maximises the likelihood, found by search."""
    rows = [(3, 5, 40.0, 90.0), (7, 2, 100.0, 30.0), (4, 9, 55.0, 80.0), (2, 3, 25.0, 60.0)]
    told = [station(f"I{n}", b, a, (d, e)) for n, (b, a, d, e) in enumerate(rows)]

    def unlikely(logged: float) -> float:
        return -sum(
            binom.logpmf(a, a + b, math.exp(logged) * e / (math.exp(logged) * e + d))
            for b, a, d, e in rows
        )

    best = minimize_scalar(unlikely, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    effect = compared([*told, *STEADY])
    assert effect.own_spread == 0.0
    assert effect.impact.change == pytest.approx(math.exp(best.x), rel=1e-5)


def test_a_station_with_little_effort_moves_the_effect_little() -> None:
    """The same tripled rate counts for less where it was seen in fewer camera-days."""
    rich = compared([*HALVED, station("I9", 12, 36, (60, 60)), *STEADY])
    poor = compared([*HALVED, station("I9", 4, 12, (22, 22)), *STEADY])
    assert rich.ratio is not None
    assert poor.ratio is not None
    assert 0.5 < poor.ratio < rich.ratio


def test_a_station_that_never_saw_the_taxon_says_nothing_of_a_change() -> None:
    """No event in 30 days and none in 150 is no fall: the effect stays, the station is counted."""
    without = compared([*HALVED, *STEADY])
    effect = compared([*HALVED, station("I9", 0, 0, (30, 150)), *STEADY])
    assert (effect.ratio, effect.low, effect.high) == (without.ratio, without.low, without.high)
    assert (effect.impact.stations, effect.impact.unseen) == (4, 1)
    assert effect.impact.days_after == 4 * 60 + 150  # what it watched is in the index all the same


def test_a_taxon_that_vanished_has_an_upper_limit() -> None:
    """Twenty events before and none after: 0 times, at most so many, and clearly less."""
    gone = [station(f"I{number}", 5, 0) for number in range(4)]
    effect = compared([*gone, *STEADY])
    assert (effect.ratio, effect.low) == (0.0, 0.0)
    assert effect.high is not None
    assert 0.1 < effect.high < 0.9  # of the 0 of 20 alone chance would allow 0.18
    assert effect.is_clear
    assert effect.smallest_fall is not None


def test_a_taxon_that_is_new_has_a_lower_limit_alone() -> None:
    """None before and twenty after: no ratio can be named, but a limit below, and it is clear."""
    new = [station(f"I{number}", 0, 5) for number in range(4)]
    effect = compared([*new, *STEADY])
    assert effect.ratio is None
    assert effect.high is None
    assert effect.low is not None
    assert effect.low > 1
    assert effect.is_clear
    gone_elsewhere = [station(f"C{number}", 10, 0) for number in range(4)]
    assert compared([*HALVED, *gone_elsewhere]).high is None


@pytest.mark.parametrize(
    ("impact", "control", "design"),
    [
        (3, 3, Design.BACI),
        (2, 3, Design.ONE_TREATED),
        (1, 3, Design.ONE_TREATED),
        (3, 2, Design.BEFORE_AFTER),
        (2, 2, Design.TOO_FEW),
        (0, 4, Design.TOO_FEW),
    ],
)
def test_what_a_comparison_rests_on(impact: int, control: int, design: Design) -> None:
    """Three stations a side are a design; fewer are told as what they are, or have no interval."""
    told = [*HALVED[:impact], *STEADY[:control]]
    effect = compared(told)
    assert effect.design is design
    assert (effect.low is None) is (design is Design.TOO_FEW)
    assert effect.ratio == (pytest.approx(0.5) if impact else None)


def test_controls_that_never_saw_the_taxon_are_no_controls() -> None:
    """Ten controls without a record tell nothing of what changed anyway."""
    blind = [station(f"C{number}", 0, 0) for number in range(10)]
    effect = compared([*HALVED, *blind])
    assert effect.design is Design.BEFORE_AFTER
    assert effect.control.unseen == 10


def test_stations_with_too_little_effort_are_named_and_left_out() -> None:
    """Twenty days in one of the two spans are too few; the threshold itself is enough."""
    thin = [
        station("I8", 9, 9, (60, 20.9)),
        StationCounts("C8", False, {"after": Counted(9, 60.0)}),
    ]
    effect = compared([*HALVED, *STEADY, *thin, station("I7", 6, 3, (21, 21))])
    assert effect.too_little_effort == ("C8", "I8")
    assert (effect.impact.stations, effect.control.stations) == (5, 4)
    assert compared([*HALVED, *STEADY], minimum_days=61).ratio is None


def test_each_period_stands_on_its_own_stations() -> None:
    """A camera that was lost after construction still tells of the construction."""
    spans = {"before": Counted(10, 60.0), "during": Counted(5, 60.0), "after": Counted(9, 60.0)}
    kept = [StationCounts(f"I{n}", True, spans) for n in range(3)]
    lost = StationCounts("I3", True, {name: spans[name] for name in ("before", "during")})
    control = [
        StationCounts(f"C{n}", False, dict.fromkeys(spans, Counted(10, 60.0))) for n in range(3)
    ]
    told = compare_periods([*kept, lost, *control], ("during", "after"))
    assert [told[name].impact.stations for name in ("during", "after")] == [4, 3]
    assert told["during"].ratio == pytest.approx(0.5)
    assert told["after"].ratio == pytest.approx(0.9)


def test_events_without_effort_are_refused() -> None:
    """A count with no effort behind it is a mistake of the caller, not a rate."""
    with pytest.raises(ValueError, match="no effort"):
        Counted(3, 0.0)
    with pytest.raises(ValueError, match="negative"):
        Counted(0, -1.0)


def test_scatter_between_stations_widens_the_interval() -> None:
    """The same totals at stations that stray by themselves are less sure, and say how far."""
    even = [station(f"I{number}", 20, 10) for number in range(4)]
    uneven = [
        station("I0", 20, 2),
        station("I1", 20, 25),
        station("I2", 20, 3),
        station("I3", 20, 10),
    ]
    sure, unsure = compared([*even, *STEADY]), compared([*uneven, *STEADY])
    assert width(unsure) > 1.5 * width(sure)
    assert unsure.own_spread is not None
    assert unsure.own_spread > 0.3


def width(effect: IndexEffect) -> float:
    """Of an interval, in logs."""
    assert effect.low is not None
    assert effect.high is not None
    return math.log(effect.high / effect.low)


def test_the_smallest_effect_shrinks_with_effort() -> None:
    """Four times the events show a lesser fall; a handful would not show the loss of all."""
    few = [station(f"{side}{n}", 1, 1) for side in "IC" for n in range(3)]
    some = [station(f"{side}{n}", 20, 20) for side in "IC" for n in range(4)]
    more = [station(f"{side}{n}", 80, 80, (240, 240)) for side in "IC" for n in range(4)]
    assert compared(few).smallest_fall is None
    falls = [compared(told).smallest_fall for told in (some, more)]
    rises = [compared(told).smallest_rise for told in (some, more)]
    assert falls[0] is not None and falls[1] is not None
    assert 0.2 < falls[0] < falls[1] < 0.85
    assert rises[0] is not None and rises[1] is not None
    assert rises[0] > rises[1] > 1.2


def test_the_smallest_effect_bears_what_stations_scatter() -> None:
    """Where impact stations scatter fourfold, a fall must be deeper to be seen."""
    side = Side.of([(20, 60.0, 20, 60.0)] * 4)
    fit = fit_sides(side, side, Design.BACI)
    plain = fit.smallest(-1, level=0.95, power=0.8)
    scattered = replace(fit, scales=(4.0, 1.0)).smallest(-1, level=0.95, power=0.8)
    assert plain is not None and scattered is not None
    assert scattered < 0.8 * plain
    sides = (fit.limits(0.95), replace(fit, scales=(4.0, 1.0)).limits(0.95))
    assert sides[1][0] is not None and sides[0][0] is not None
    assert sides[1][0] < sides[0][0]


def test_strong_falls_are_held_by_the_interval() -> None:
    """A twentieth is left: planted in clumped counts, held nine times in ten and more."""
    chance, held, count = np.random.default_rng(11), 0, 50
    for _ in range(count):
        told = []
        for number in range(12):
            is_impact, base = number < 6, 5 * chance.lognormal(0, 0.6)
            for_after = base * 1.4 * (0.05 if is_impact else 1)
            counts = [
                int(chance.poisson(mean * chance.gamma(6, 1 / 6))) for mean in (base, for_after)
            ]
            told.append(station(f"{'I' if is_impact else 'C'}{number}", counts[0], counts[1]))
        effect = compared(told)
        high = math.inf if effect.high is None else effect.high
        held += effect.low is not None and effect.low <= 0.05 <= high
    assert held >= 0.9 * count


counts = st.tuples(
    st.integers(0, 30), st.integers(0, 30), st.integers(21, 200), st.integers(21, 200)
)


@given(st.lists(counts, min_size=6, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_neither_order_nor_the_unit_of_effort_nor_direction_matters(
    rows: list[tuple[int, int, int, int]], order: object
) -> None:
    """Shuffled stations and tripled days change no effect; the spans swapped turn it round."""
    told = [
        station(f"{'I' if n % 2 else 'C'}{n:02}", b, a, (float(d), float(e)))
        for n, (b, a, d, e) in enumerate(rows)
    ]
    effect = compared(told)
    order.shuffle(shuffled := list(told))  # type: ignore[attr-defined]
    longer = [
        replace(
            one,
            spans={k: Counted(v.events, 3 * v.camera_days) for k, v in one.spans.items()},
        )
        for one in shuffled
    ]
    assert_alike(compared(longer), effect)
    turned = compare_index(told, before="after", after="before")
    if effect.ratio and turned.ratio:
        assert turned.ratio == pytest.approx(1 / effect.ratio, rel=1e-4)
    if effect.low and turned.high:
        assert turned.high == pytest.approx(1 / effect.low, rel=1e-3)
    if effect.low is not None and effect.ratio is not None:
        assert effect.low <= effect.ratio * (1 + 1e-9)
        assert effect.high is None or effect.ratio <= effect.high * (1 + 1e-9)


def assert_alike(one: IndexEffect, other: IndexEffect) -> None:
    """The same effect but for rounding."""
    for name in ("ratio", "low", "high"):
        first, second = getattr(one, name), getattr(other, name)
        assert (first is None) is (second is None)
        if first is not None:
            assert first == pytest.approx(second, rel=1e-3, abs=1e-9)
