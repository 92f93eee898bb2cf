"""Unreviewed machine labels carried into an index: ranges that hold the truth, and what flips."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from species_db.analysis.machine_draws import LabelPool, MachineCounts
from species_db.analysis.machine_error import index_with_errors
from species_db.analysis.machine_flips import (
    Presence,
    Standing,
    check_change,
    check_presence,
    check_rank,
    check_threshold,
)
from species_db.language import speaking

STATIONS = [f"S{n:02}" for n in range(12)]
DAYS = dict.fromkeys(STATIONS, 100.0)
DRAWS = 800


def counts(confirmed: int, waiting: int, looked_at: int, were_taxon: int) -> MachineCounts:
    """The same numbers at each of twelve stations of 100 camera-days."""
    pool = LabelPool("musk deer", dict.fromkeys(STATIONS, waiting), looked_at, were_taxon)
    return MachineCounts(dict.fromkeys(STATIONS, confirmed), DAYS, (pool,))


def test_the_four_numbers_stand_side_by_side() -> None:
    """Confirmed alone, all right, expected at 3 of 4, and a range around that."""
    told = index_with_errors(counts(2, 8, 40, 30), draws=DRAWS)
    assert told.confirmed_only.pooled == pytest.approx(2)
    assert told.if_all_right.pooled == pytest.approx(10)
    assert told.expected == pytest.approx(2 + 8 * 0.75)
    assert told.machine_low is not None and told.machine_high is not None
    assert 5.5 < told.machine_low < 8 < told.machine_high < 9.7
    assert (told.unreviewed, told.unreviewed_elsewhere) == (96, 0)


def test_a_label_that_nobody_looked_at_is_not_known_and_never_perfect() -> None:
    """Nothing measured: from none of them to all, and no expected value."""
    told = index_with_errors(counts(2, 8, 0, 0), draws=DRAWS)
    assert told.expected is None
    assert (told.machine_low, told.machine_high) == (pytest.approx(2), pytest.approx(10))
    assert told.unmeasured == ("musk deer",)


def test_ten_of_ten_right_is_not_perfect_either() -> None:
    """The range reaches below "all right" after ten good reviews, and less far after a hundred."""
    ten = index_with_errors(counts(0, 50, 10, 10), draws=DRAWS)
    hundred = index_with_errors(counts(0, 50, 100, 100), draws=DRAWS)
    assert ten.machine_low is not None and hundred.machine_low is not None
    assert ten.machine_low < 42 < 47 < hundred.machine_low < 50
    assert ten.machine_high == pytest.approx(50)


def test_all_reviewed_leaves_only_the_stations() -> None:
    """With nothing unreviewed the range of the machine has no width."""
    told = index_with_errors(counts(2, 0, 40, 30), draws=DRAWS)
    assert told.expected == told.machine_low == told.machine_high == pytest.approx(2)


def test_what_the_machine_called_otherwise_is_counted_where_it_was_measured() -> None:
    """One in ten goral events was a musk deer: a hundred unreviewed ones hold ten more."""
    goral = LabelPool("goral", {"S00": 100}, looked_at=50, were_taxon=5, is_own=False)
    plain = counts(2, 8, 40, 30)
    told = index_with_errors(replace(plain, pools=(*plain.pools, goral)), draws=DRAWS)
    assert told.expected == pytest.approx(8 + 100 * 0.1 / 12)
    assert told.if_all_right.pooled == pytest.approx(10)
    assert told.unreviewed_elsewhere == 100


def test_without_effort_nothing_is_known() -> None:
    """No camera-days: no index, no conclusion, whatever was labelled."""
    none = replace(counts(2, 8, 40, 30), effort=dict.fromkeys(STATIONS, 0.0))
    told = index_with_errors(none, draws=DRAWS)
    assert (told.expected, told.low, told.confirmed_only.pooled) == (None, None, None)
    assert check_threshold(none, threshold=1.0).standing is Standing.NOT_KNOWN
    assert check_change(counts(2, 8, 40, 30), none).standing is Standing.NOT_KNOWN


def test_one_station_has_no_interval_of_stations() -> None:
    """What a single station says of others is not known; the machine's range still is."""
    one = MachineCounts({"S00": 4}, {"S00": 100.0}, (LabelPool("musk deer", {"S00": 9}, 20, 10),))
    told = index_with_errors(one, draws=DRAWS)
    assert (told.low, told.high) == (None, None)
    assert told.machine_low is not None and told.machine_low < 8.5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 40), st.integers(0, 60), st.data())
def test_the_ranges_lie_within_each_other(
    confirmed: int, waiting: int, looked_at: int, data: st.DataObject
) -> None:
    """Confirmed <= machine's range <= all right; stations only widen; the expected is inside."""
    right = data.draw(st.integers(0, looked_at))
    told = index_with_errors(counts(confirmed, waiting, looked_at, right), draws=200)
    assert told.machine_low is not None and told.machine_high is not None
    floor, roof = told.confirmed_only.pooled or 0, told.if_all_right.pooled or 0
    assert floor - 1e-9 <= told.machine_low <= told.machine_high <= roof + 1e-9
    if told.low is not None and told.high is not None:
        assert told.low <= told.machine_low and told.machine_high <= told.high
    if told.expected is not None:
        assert told.machine_low <= told.expected <= told.machine_high


@pytest.mark.parametrize(
    ("threshold", "standing"),
    [(1.5, Standing.HOLDS), (8.0, Standing.COULD_FLIP), (11.0, Standing.HOLDS)],
)
def test_a_threshold_inside_the_range_could_flip(threshold: float, standing: Standing) -> None:
    """Confirmed events alone are above 1.5, and all labels together below 11."""
    told = check_threshold(counts(2, 8, 40, 30), threshold=threshold, draws=DRAWS)
    assert told.standing is standing
    assert (told.reviews > 0) == (standing is Standing.COULD_FLIP)


def test_what_only_stations_leave_open_asks_for_no_reviews() -> None:
    """Everything is reviewed and the stations stray: reviewing does not help, and it is said."""
    uneven = {name: 10 * (n % 3 == 0) for n, name in enumerate(STATIONS)}
    told = check_threshold(MachineCounts(uneven, DAYS), threshold=3.0, draws=DRAWS)
    assert told.standing is Standing.STATIONS_UNSURE
    assert (told.reviews, told.machine_low) == (0, told.machine_high)


def test_a_rise_that_rests_on_unreviewed_labels_could_flip() -> None:
    """Confirmed events fall and labelled ones rise: the sign of the change is the machine's."""
    before, after = counts(6, 0, 40, 30), counts(2, 8, 40, 20)
    told = check_change(before, after, draws=DRAWS)
    assert told.confirmed_only == pytest.approx(-4) and told.if_all_right == pytest.approx(4)
    assert told.expected == pytest.approx(0)
    assert told.standing is Standing.COULD_FLIP
    assert [(one.side, one.label) for one in told.reviews_by_label] == [(1, "musk deer")]
    sure = check_change(counts(20, 0, 40, 30), after, draws=DRAWS)
    assert sure.standing is Standing.HOLDS


def test_errors_of_two_periods_do_not_cancel() -> None:
    """The same reviews measured both years: the range of the change is that of two rates."""
    year = counts(0, 50, 20, 10)
    one = index_with_errors(year, draws=4000)
    both = check_change(year, year, draws=4000)
    assert one.machine_low is not None and one.machine_high is not None
    assert both.machine_low is not None and both.machine_high is not None
    width = (both.machine_high - both.machine_low) / (one.machine_high - one.machine_low)
    assert width == pytest.approx(math.sqrt(2), abs=0.1)


def test_an_event_of_a_shared_label_is_one_taxon_and_not_the_other() -> None:
    """What the serow gains the goral loses: their difference varies more than apart."""
    waiting = dict.fromkeys(STATIONS, 50)
    goral, serow = (
        MachineCounts({}, DAYS, (LabelPool("bovid", waiting, 40, were),)) for were in (22, 18)
    )
    apart = MachineCounts({}, DAYS, (LabelPool("other bovid", waiting, 40, 18),))
    shared = check_rank(goral, serow, draws=4000)
    alone = check_rank(goral, apart, draws=4000)
    for told in (shared, alone):
        assert told.expected == pytest.approx(50 * 0.1)
        assert told.standing is Standing.COULD_FLIP
        assert told.machine_low is not None and told.machine_high is not None
    wide, narrow = ((told.machine_high or 0) - (told.machine_low or 0) for told in (shared, alone))
    assert wide > 1.3 * narrow
    # Every event is one or the other: at most all fifty are a goral, and none a serow.
    assert (shared.machine_low or 0) >= -50 and (shared.machine_high or 0) <= 50


def test_a_shared_label_is_the_same_events_on_both_sides() -> None:
    """Two taxa under one label with different numbers looked at are a mistake, and it is said."""
    goral = MachineCounts({}, DAYS, (LabelPool("bovid", {"S00": 5}, 40, 22),))
    for wrong in (LabelPool("bovid", {"S00": 5}, 30, 8), LabelPool("bovid", {"S00": 5}, 40, 19)):
        with pytest.raises(ValueError, match="bovid"):
            check_rank(goral, MachineCounts({}, DAYS, (wrong,)))
    with pytest.raises(ValueError, match="cannot be the taxon"):
        LabelPool("bovid", {}, 3, 4)


def test_the_reviews_are_the_fewest_that_settle_four_cases_in_five() -> None:
    """By hand for one label: enough at that number, not enough at one less."""
    told = check_threshold(counts(2, 60, 30, 15), threshold=34.0, draws=DRAWS)
    assert told.standing is Standing.COULD_FLIP
    waiting, looked, share, margin = 720, 30, 15.5 / 31, 12 * 2.0

    def chance(reviews: int) -> float:
        def left(m: int) -> float:
            return share * (1 - share) * (waiting - m) * (looked + waiting + 1) / (looked + m + 2)

        rest, gone = left(reviews), left(0) - left(reviews)
        draws = np.random.default_rng(1).normal(margin, math.sqrt(gone), 200_000)
        return float((np.abs(draws) > 1.96 * math.sqrt(rest)).mean())

    assert chance(told.reviews) > 0.79
    assert chance(told.reviews - 15) < 0.8
    assert 0 < told.reviews < 720


def test_the_nearer_the_flip_the_more_reviews_and_never_more_than_there_are() -> None:
    """Reviews grow as the threshold nears the expected index; with nothing measured it is all."""
    asked = [
        check_threshold(counts(2, 20, 30, 15), threshold=12.0 + gap, draws=DRAWS).reviews
        for gap in (3.0, 2.0, 1.0, 0.5, 0.0)
    ]
    assert asked == sorted(asked)
    assert 0 < asked[0] < asked[-1] <= 240
    unmeasured = check_threshold(counts(2, 20, 0, 0), threshold=12.0, draws=DRAWS)
    assert (unmeasured.expected, unmeasured.reviews) == (None, 240)


def test_reviews_go_to_the_label_that_leaves_most_open() -> None:
    """Of two labels with as many events, the one with few reviews is looked at more."""
    known = LabelPool("musk deer", dict.fromkeys(STATIONS, 20), 400, 200)
    vague = LabelPool("deer", dict.fromkeys(STATIONS, 20), 20, 10)
    told = check_threshold(MachineCounts({}, DAYS, (known, vague)), threshold=16.5, draws=DRAWS)
    assert told.standing is Standing.COULD_FLIP
    asked = {one.label: one.reviews for one in told.reviews_by_label}
    assert asked["deer"] > 2 * asked.get("musk deer", 0)


def test_no_other_share_between_labels_needs_fewer_reviews() -> None:
    """Of two labels as they come the plan is the smallest of all pairs that do as well."""
    many = LabelPool("musk deer", dict.fromkeys(STATIONS, 50), 60, 54)
    few = LabelPool("deer", dict.fromkeys(STATIONS, 10), 15, 8)
    told = check_threshold(MachineCounts({}, DAYS, (many, few)), threshold=46.0, draws=DRAWS)
    asked = {one.label: one.reviews for one in told.reviews_by_label}
    waiting, looked = np.array([600.0, 120.0]), np.array([60.0, 15.0])
    shares = np.array([54.5 / 61, 8.5 / 16])

    def left(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        reviews = np.stack([first, second], axis=-1)
        one = shares * (1 - shares)
        varies = one * (waiting - reviews) * (looked + waiting + 1) / (looked + reviews + 2)
        return np.asarray(varies.sum(axis=-1))

    found = np.array([asked.get("musk deer", 0), asked.get("deer", 0)], dtype=float)
    grid = np.meshgrid(np.arange(601.0), np.arange(121.0), indexing="ij")
    as_good = left(*grid) <= left(found[0], found[1])
    assert 20 < told.reviews <= (grid[0] + grid[1])[as_good].min() + 1


def test_a_rate_known_well_still_leaves_which_events_are_right() -> None:
    """A thousand of two thousand right: of 96 unreviewed events 48 are, give or take ten."""
    told = index_with_errors(counts(0, 8, 2000, 1000), draws=4000)
    assert told.machine_low is not None and told.machine_high is not None
    assert 12 * (told.machine_high - told.machine_low) == pytest.approx(4 * 4.9, abs=3)


def test_a_tie_with_nothing_left_to_review_is_not_the_machines() -> None:
    """Two taxa with as many confirmed events: no review breaks the tie."""
    same = MachineCounts(dict.fromkeys(STATIONS, 3), DAYS)
    assert check_rank(same, same).standing is Standing.STATIONS_UNSURE


def test_presence_on_machine_labels_alone_could_flip() -> None:
    """A county's only records are unreviewed: a chance with its range, and how many to open."""
    told = check_presence(MachineCounts({}, {}, (LabelPool("tiger", {"S00": 3, "S01": 5}, 50, 1),)))
    # One less the product of (b + i) / (a + b + i) with a = 1.5 and b = 49.5.
    none = math.prod((49.5 + i) / (51 + i) for i in range(8))
    assert told.chance == pytest.approx(1 - none)
    assert told.low is not None and told.high is not None
    assert told.low < 1 - none < told.high
    assert told.standing is Standing.COULD_FLIP
    assert 1 <= told.reviews <= 8


def test_presence_needs_few_reviews_of_a_good_label_and_all_of_an_unknown_one() -> None:
    """At nine in ten right two reviews find one; where nobody has looked all may be needed."""
    waiting = {"S00": 200}
    good = check_presence(MachineCounts({}, {}, (LabelPool("dhole", waiting, 100, 90),)))
    assert good.reviews == 2
    unknown = check_presence(MachineCounts({}, {}, (LabelPool("dhole", waiting, 0, 0),)))
    assert (unknown.chance, unknown.low, unknown.high, unknown.reviews) == (None, 0.0, 1.0, 200)


def test_one_confirmed_event_settles_presence() -> None:
    """What a person confirmed is there; another label's misses claim no presence."""
    told = check_presence(MachineCounts({"S00": 1}, DAYS, (LabelPool("dhole", {"S00": 9}, 0, 0),)))
    assert (told.standing, told.reviews) == (Standing.HOLDS, 0)
    missed = LabelPool("dog", {"S00": 9}, 50, 5, is_own=False)
    nothing = Presence(0, 0, None, None, None, Standing.HOLDS, 0, ())
    assert check_presence(MachineCounts({}, DAYS, (missed,))) == nothing


def test_the_same_seed_gives_the_same_range() -> None:
    """A frozen report must come out the same on another machine."""
    year = counts(2, 8, 40, 30)
    turned = replace(year, effort=dict(reversed(DAYS.items())))
    assert index_with_errors(year, draws=DRAWS) == index_with_errors(turned, draws=DRAWS)
    assert index_with_errors(year, seed=8, draws=DRAWS) != index_with_errors(year, draws=DRAWS)


def planted(
    chance: np.random.Generator, *, rate: float, precision: float, looked_at: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Events labelled as the taxon by chance order: station, whether right; and the true index."""
    level = rate * chance.gamma(2.0, 0.5, len(STATIONS))
    true, false = chance.poisson(level), chance.poisson(level * (1 - precision) / precision)
    stations = np.repeat(np.arange(len(STATIONS)), true + false)
    right = np.concatenate([np.repeat([1, 0], [t, f]) for t, f in zip(true, false, strict=True)])
    order = chance.permutation(len(stations))
    return stations[order], right[order], float(100 * true.sum() / sum(DAYS.values()))


def reviewed(
    stations: NDArray[np.int64], right: NDArray[np.int64], looked_at: int
) -> MachineCounts:
    """What is known once the first so many events were looked at."""
    confirmed = np.bincount(stations[:looked_at][right[:looked_at] == 1], minlength=len(STATIONS))
    waiting = np.bincount(stations[looked_at:], minlength=len(STATIONS))
    pool = LabelPool(
        "musk deer",
        dict(zip(STATIONS, waiting.tolist(), strict=True)),
        looked_at,
        int(right[:looked_at].sum()),
    )
    return MachineCounts(dict(zip(STATIONS, confirmed.tolist(), strict=True)), DAYS, (pool,))


def test_the_ranges_hold_the_truth_about_as_often_as_they_say() -> None:
    """The machine's holds what a whole review finds, the joined one the rate of all stations."""
    chance = np.random.default_rng(2026)
    alone, joined = [], []
    for _ in range(100):
        stations, right, truth = planted(chance, rate=12.0, precision=0.7, looked_at=40)
        told = index_with_errors(reviewed(stations, right, 40), draws=300)
        assert told.machine_low is not None and told.machine_high is not None
        assert told.low is not None and told.high is not None
        alone.append(told.machine_low <= truth <= told.machine_high)
        joined.append(told.low <= 12.0 <= told.high)
    assert np.mean(alone) >= 0.9
    assert np.mean(joined) >= 0.88


def test_that_many_reviews_settle_most_cases_and_all_reviews_settle_each() -> None:
    """Cases that could flip are reviewed as told: about four in five could then flip no more."""
    chance = np.random.default_rng(7)
    settled = []
    while len(settled) < 60:
        stations, right, _ = planted(chance, rate=20.0, precision=0.6, looked_at=40)
        known = reviewed(stations, right, 40)
        threshold = (index_with_errors(known, draws=50).expected or 0) * chance.uniform(0.85, 1.15)
        told = check_threshold(known, threshold=threshold, draws=300)
        if told.standing is not Standing.COULD_FLIP:
            continue
        later = reviewed(stations, right, 40 + told.reviews)
        again = check_threshold(later, threshold=threshold, draws=300)
        settled.append(again.standing is not Standing.COULD_FLIP)
        whole = check_threshold(
            reviewed(stations, right, len(right)), threshold=threshold, draws=50
        )
        assert whole.standing is not Standing.COULD_FLIP
    assert np.mean(settled) >= 0.7


def test_every_standing_speaks_both_languages() -> None:
    """Nobody reads a code, and nothing is left in the other language."""
    for term in Standing:
        with speaking("en"):
            english = term.words
        with speaking("zh"):
            chinese = term.words
        assert english.isascii() and not chinese.isascii()
