"""Shifts in elevation and season: of animals, and not of the cameras that see them."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species_db.analysis.effort import UnitDay
from species_db.analysis.phenology import Season, season_of, weibull_limits
from species_db.analysis.shifts import (
    ElevationCounts,
    ElevationSettings,
    elevation_shift,
    mean_elevation,
)
from species_db.analysis.verdicts import NoInterval, Verdict

HEIGHTS = {f"S{n:02}": 1050.0 + 100 * n for n in range(30)}
DAYS = dict.fromkeys(HEIGHTS, 100.0)
NEW_YEAR = date(2026, 1, 1)


def around(
    middle: float,
    *,
    heights: dict[str, float] | None = None,
    days: dict[str, float] | None = None,
    peak: float = 30.0,
    seed: int | None = None,
) -> ElevationCounts:
    """A taxon most common at one height: events as expected, or drawn with clumps."""
    at = HEIGHTS if heights is None else heights
    watched = dict.fromkeys(at, 100.0) if days is None else days
    expected = {
        s: peak * watched[s] / 100 * np.exp(-(((h - middle) / 400) ** 2)) for s, h in at.items()
    }
    if seed is None:
        return ElevationCounts(at, {s: round(e) for s, e in expected.items()}, watched)
    random = np.random.default_rng(seed)
    events = {s: int(random.poisson(e * random.gamma(2.0, 0.5))) for s, e in expected.items()}
    return ElevationCounts(at, events, watched)


def test_the_mean_elevation_is_that_of_the_index_and_not_of_the_events() -> None:
    """Ten times the days below the middle give ten times the events there, and the same mean."""
    even = mean_elevation(around(2400))
    lopsided = {s: 1000.0 if h < 2400 else 100.0 for s, h in HEIGHTS.items()}
    more = around(2400, days=lopsided)
    assert even.mean_m == pytest.approx(2400, abs=15)
    assert mean_elevation(more).mean_m == pytest.approx(2400, abs=15)
    total = sum(more.events.values())
    assert sum(HEIGHTS[s] * n for s, n in more.events.items()) / total < 2250


def test_many_cameras_in_one_band_do_not_pull_the_mean() -> None:
    """Twenty more stations low down, of the same index as others there: the mean stays."""
    crowd = HEIGHTS | {f"T{n:02}": 2010.0 + n for n in range(20)}
    assert mean_elevation(around(2400, heights=crowd)).mean_m == pytest.approx(2400, abs=25)


def test_a_taxon_that_moved_up_is_seen_to() -> None:
    """Three hundred metres at clumped stations: clear, and the truth in the interval."""
    told = elevation_shift(around(2200, seed=1), around(2500, seed=2))
    assert told.low_m is not None and told.high_m is not None
    assert told.verdict is Verdict.UP
    assert told.low_m < 300 < told.high_m
    assert told.shift_m == pytest.approx((told.later_m or 0) - (told.earlier_m or 0))
    back = elevation_shift(around(2500, seed=2), around(2200, seed=1))
    assert back.verdict is Verdict.DOWN
    assert back.shift_m == pytest.approx(-(told.shift_m or 0))


def test_cameras_that_moved_up_are_no_shift() -> None:
    """The second year watches only above 2,000 m: the means differ, the shift over both is none."""
    high = {s: h for s, h in HEIGHTS.items() if h >= 2000}
    earlier, later = around(2100), around(2100, heights=high)
    apart = (mean_elevation(later).mean_m or 0) - (mean_elevation(earlier).mean_m or 0)
    assert apart > 100
    told = elevation_shift(earlier, later)
    assert told.shift_m == pytest.approx(0)
    assert told.verdict is Verdict.NO_CLEAR_CHANGE
    assert (told.watched_low_m, told.watched_high_m) == (2000, 4000)
    assert told.stations_out == 10
    assert told.events_out == sum(n for s, n in earlier.events.items() if s not in high)


def test_no_clear_shift_says_what_it_would_have_missed() -> None:
    """Beside the interval stands the shift that would have been seen, wider than half of it."""
    told = elevation_shift(around(2300, seed=3), around(2300, seed=4))
    assert told.verdict is Verdict.NO_CLEAR_CHANGE
    assert told.low_m is not None and told.high_m is not None and told.smallest_m is not None
    assert told.smallest_m > (told.high_m - told.low_m) / 2


def test_a_band_hardly_watched_is_no_common_ground() -> None:
    """Ten camera-days in a band are not a search of it."""
    days = {s: 5.0 if h < 2000 else 100.0 for s, h in HEIGHTS.items()}
    told = elevation_shift(around(2100), around(2100, days=days))
    assert told.watched_low_m == 2000
    known = ElevationSettings(fewest_band_days=5.0)
    assert (
        elevation_shift(around(2100), around(2100, days=days), settings=known).watched_low_m == 1000
    )


def test_without_common_ground_effort_or_events_there_is_no_shift() -> None:
    """Each says why: other heights, no cameras, no events, few events, few stations."""
    low = {s: h for s, h in HEIGHTS.items() if h < 2000}
    high = {s: h for s, h in HEIGHTS.items() if h >= 2200}
    all_of_it = around(2100)
    cases = {
        NoInterval.NO_COMMON_GROUND: (around(1900, heights=low), around(2400, heights=high)),
        NoInterval.NO_EFFORT: (all_of_it, ElevationCounts(HEIGHTS, {}, {})),
        NoInterval.NO_EVENTS: (all_of_it, ElevationCounts(HEIGHTS, {}, DAYS)),
        NoInterval.FEW_EVENTS: (all_of_it, ElevationCounts(HEIGHTS, {"S08": 5, "S12": 4}, DAYS)),
        NoInterval.FEW_STATIONS: (
            all_of_it,
            around(2100, heights={s: HEIGHTS[s] for s in ("S08", "S10", "S12", "S14")}),
        ),
        NoInterval.ONE_STATION_CARRIES: (
            ElevationCounts(HEIGHTS, {"S10": 90, "S11": 1}, DAYS),
            ElevationCounts(HEIGHTS, {"S10": 80, "S13": 1}, DAYS),
        ),
    }
    for reason, (earlier, later) in cases.items():
        told = elevation_shift(earlier, later)
        assert told.reason is reason
        assert (told.low_m, told.high_m, told.verdict) == (None, None, Verdict.TOO_FEW)
    nothing = mean_elevation(ElevationCounts({}, {}, {}))
    assert (nothing.mean_m, nothing.reason) == (None, NoInterval.NO_EFFORT)


def test_the_same_seed_gives_the_same_shift_in_any_order_of_stations() -> None:
    """A frozen report must come out the same on another machine."""
    one, two = around(2200, seed=1), around(2500, seed=2)
    turned = ElevationCounts(
        dict(reversed(one.elevation_m.items())), one.events, dict(reversed(one.effort.items()))
    )
    assert elevation_shift(one, two) == elevation_shift(turned, two)


def test_the_interval_of_a_shift_holds_the_truth_about_as_often_as_it_says() -> None:
    """No shift at clumped stations: at least nine in ten intervals hold nought."""
    held = []
    for seed in range(50):
        told = elevation_shift(
            around(2400, seed=2 * seed), around(2400, seed=2 * seed + 1), draws=300
        )
        assert told.low_m is not None and told.high_m is not None
        held.append(told.low_m <= 0 <= told.high_m)
    assert np.mean(held) >= 0.9


def season(
    recorded: dict[str, list[int]], *, watched: range = range(365), stations: int = 3
) -> Season:
    """A year of cameras, days counted from New Year, and the days with records by station."""
    days = [
        UnitDay(f"S{s}", NEW_YEAR + timedelta(days=n), 1.0, 1.0)
        for s in range(stations)
        for n in watched
    ]
    found = {(s, NEW_YEAR + timedelta(days=n)) for s, at in recorded.items() for n in at}
    return season_of(days, found, start=NEW_YEAR, end=date(2026, 12, 31))


def test_a_first_date_after_long_silence_is_an_arrival() -> None:
    """Cameras that see the taxon later were silent for a hundred days: no accident."""
    told = season({"S0": list(range(100, 200, 3)), "S1": list(range(104, 190, 5))})
    assert told.first.on == NEW_YEAR + timedelta(days=100)
    assert told.first.quiet_effort == pytest.approx(200)
    assert not told.first.is_censored and not told.last.is_censored
    assert told.first.low is not None and told.first.high is not None
    assert told.first.low <= told.first.high <= told.first.on
    assert told.last.on is not None and told.last.low is not None and told.last.high is not None
    assert told.last.on <= told.last.low <= told.last.high
    assert (told.station_days, told.stations, told.effort) == (34 + 18, 2, 3 * 365)


def test_a_first_date_where_watching_began_is_the_cameras() -> None:
    """Cameras hung up five days before the first record: the date tells of them."""
    told = season({"S0": list(range(100, 200, 3))}, watched=range(95, 365))
    assert told.first.is_censored
    assert (told.first.low, told.first.reason) == (None, NoInterval.CENSORED)
    assert told.first.silence == pytest.approx(np.exp(-5 * 34 / 100))
    assert not told.last.is_censored
    assert told.watched_from == NEW_YEAR + timedelta(days=95)


def test_silence_counts_only_where_the_taxon_is() -> None:
    """A hundred cameras elsewhere that never see it do not make its first date an arrival."""
    few = season({"S0": list(range(100, 200, 3))}, watched=range(97, 365), stations=100)
    assert few.first.quiet_effort == pytest.approx(3)
    assert few.first.is_censored


def test_records_on_days_without_effort_stay_out() -> None:
    """A record on a day when no camera counted is no first date, and is counted."""
    told = season({"S0": [5, *range(100, 200, 3)]}, watched=range(50, 365))
    assert told.first.on == NEW_YEAR + timedelta(days=100)
    assert told.unwatched == 1


def test_few_dates_give_no_limits() -> None:
    """Seven dates are too few, eight are not."""
    seven = season({"S0": list(range(100, 170, 10))})
    assert (seven.first.low, seven.first.reason) == (None, NoInterval.FEW_EVENTS)
    assert season({"S0": list(range(100, 180, 10))}).first.low is not None


def test_no_record_and_no_effort_are_told_apart() -> None:
    """Nothing seen with cameras is not the same as no cameras."""
    assert season({}).first.reason is NoInterval.NO_EVENTS
    blind = season({"S0": [100]}, stations=0)
    assert (blind.first.on, blind.first.reason) == (None, NoInterval.NO_EFFORT)
    assert (blind.effort, blind.watched_from, blind.unwatched) == (0, None, 1)


def test_the_limits_are_those_published_for_the_dodo() -> None:
    """Ten sightings to 1662 give 1669 to 1797 or so (Roberts & Solow 2003)."""
    seen = np.array([1598, 1601, 1602, 1607, 1611, 1628, 1628, 1631, 1638, 1662], dtype=float)
    assert weibull_limits(seen, used=10) == pytest.approx((1669, 1798), abs=1.2)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(20, 340), min_size=1, max_size=60), st.integers(0, 60))
def test_both_ends_mirror_each_other(at: set[int], begins: int) -> None:
    """A year read backwards has its last date for its first, with the same limits."""
    told = season({"S0": sorted(at)}, watched=range(begins, 365 - begins))
    back = season({"S0": [364 - n for n in at]}, watched=range(begins, 365 - begins))

    def mirrored(day: date | None) -> date | None:
        return None if day is None else NEW_YEAR + timedelta(days=364 - (day - NEW_YEAR).days)

    assert back.last.on == mirrored(told.first.on)
    assert (back.last.low, back.last.high) == (
        mirrored(told.first.high),
        mirrored(told.first.low),
    )
    assert back.last.is_censored == told.first.is_censored
    assert back.last.silence == (
        None if told.first.silence is None else pytest.approx(told.first.silence)
    )


def test_the_limits_of_a_first_date_hold_the_day_it_came() -> None:
    """A taxon that comes on day 100 and is common at once lies in nine of ten intervals."""
    random = np.random.default_rng(5)
    held = []
    for _ in range(40):
        found = {
            f"S{s}": (100 + np.flatnonzero(random.random(150) < 0.06)).tolist() for s in range(3)
        }
        told = season(found, watched=range(300)).first
        assert told.low is not None and told.high is not None
        held.append(told.low <= NEW_YEAR + timedelta(days=100) <= told.high)
    assert np.mean(held) >= 0.85
