"""Counting rules with the numbers of the domain rules; the peers' own figures stand apart."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.analysis.effort import (
    EffortMethod,
    UnitDay,
    WorkingPeriod,
    camera_days,
    daily_effort,
)
from species_db.analysis.histories import detection_history
from species_db.analysis.independence import IndependenceRule, mark_independent
from species_db.analysis.rai import abundance_index

MINUTE = 60


def kept(minutes: list[float], rule: IndependenceRule, interval: int = 30) -> list[float]:
    """The minutes of one group's records that begin an independent event."""
    times = (np.array(minutes) * MINUTE).astype(np.int64)
    groups = np.zeros(len(minutes), dtype=np.int64)
    told = mark_independent(groups, times, interval_seconds=interval * MINUTE, rule=rule)
    return [m for m, is_kept in zip(minutes, told, strict=True) if is_kept]


def test_the_two_rules_differ_on_an_animal_that_lingers() -> None:
    """Every 20 minutes for 80: one visit by the gap before, three by the last independent one."""
    minutes = [0.0, 20, 40, 60, 80]
    assert kept(minutes, IndependenceRule.LAST_RECORD) == [0]
    assert kept(minutes, IndependenceRule.LAST_INDEPENDENT) == [0, 40, 80]


@pytest.mark.parametrize("rule", IndependenceRule)
def test_just_the_interval_apart_is_independent(rule: IndependenceRule) -> None:
    """A gap equal to the interval begins a new event; a second less does not."""
    assert kept([0, 30], rule) == [0, 30]
    assert kept([0, 30 - 1 / MINUTE], rule) == [0]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 500)), max_size=60),
    st.integers(0, 60),
    st.sampled_from(IndependenceRule),
)
def test_any_records_are_marked_as_a_plain_loop_marks_them(
    records: list[tuple[int, int]], interval: int, rule: IndependenceRule
) -> None:
    """The fast way gives what walking through each group's records in order gives."""
    expected = [False] * len(records)
    last: dict[int, int] = {}
    for index in sorted(range(len(records)), key=lambda i: (records[i][1], i)):
        group, time = records[index]
        expected[index] = group not in last or time - last[group] >= interval
        if expected[index] or rule is IndependenceRule.LAST_RECORD:
            last[group] = time
    groups = np.array([group for group, _ in records], dtype=np.int64)
    times = np.array([time for _, time in records], dtype=np.int64)
    told = mark_independent(groups, times, interval_seconds=interval, rule=rule)
    assert told.tolist() == expected


@pytest.mark.parametrize(
    ("method", "last", "days"),
    [
        (EffortMethod.EXACT, 30, 29.0),
        (EffortMethod.HALF_DAYS, 30, 29.0),
        (EffortMethod.INCLUSIVE, 30, 30.0),
        (EffortMethod.INCLUSIVE, 16, 16.0),
    ],
)
def test_one_september_has_three_efforts(method: EffortMethod, last: int, days: float) -> None:
    """From 1 to 30 September by date: 29, 29 and 30; to a last file on the 16th it would be 16."""
    september = WorkingPeriod("A", datetime(2026, 9, 1), datetime(2026, 9, last))
    assert camera_days(daily_effort([september], method=method)) == days


@given(
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 900)), min_size=1, max_size=5),
    st.sampled_from(EffortMethod),
)
def test_months_add_up_to_the_whole(hours: list[tuple[int, int]], method: EffortMethod) -> None:
    """Each day is one row of one month: nothing at a boundary is counted twice, or above one."""
    begin = datetime(2026, 8, 1)
    periods = [
        WorkingPeriod("A", begin + timedelta(hours=start), begin + timedelta(hours=start + length))
        for start, length in hours
    ]
    days = daily_effort(periods, method=method)
    assert len({one.day for one in days}) == len(days)
    assert all(0 <= one.effort <= 1 for one in days)
    if method is EffortMethod.EXACT:
        worked = {hour for start, length in hours for hour in range(start, start + length)}
        assert sum(one.effort for one in days) == pytest.approx(len(worked) / 24)


def test_two_cameras_at_a_station_are_a_union() -> None:
    """Overlapping deployments count once, by whatever method."""
    first = WorkingPeriod("A", datetime(2026, 9, 1, 12), datetime(2026, 9, 11, 12))
    second = WorkingPeriod("A", datetime(2026, 9, 6, 12), datetime(2026, 9, 16, 12))
    for method, total in zip(EffortMethod, (15.0, 15.0, 16.0), strict=True):
        assert sum(d.effort for d in daily_effort([first, second], method=method)) == total


def test_effort_falls_on_local_days() -> None:
    """A camera set up at 07:30 Beijing time worked on that day, not on the UTC day before."""
    zone = timezone(timedelta(hours=8))
    period = WorkingPeriod(
        "A", datetime(2026, 9, 1, 7, 30, tzinfo=zone), datetime(2026, 9, 2, 7, 30, tzinfo=zone)
    )
    days = daily_effort([period], method=EffortMethod.EXACT)
    assert [(one.day.isoformat(), one.effort) for one in days] == [
        ("2026-09-01", 0.6875),
        ("2026-09-02", 0.3125),
    ]


def test_days_with_a_dead_flash_are_effort_for_the_day_alone() -> None:
    """They count for diurnal use only; lost days count for nothing."""
    period = WorkingPeriod(
        "A",
        datetime(2026, 9, 1),
        datetime(2026, 9, 4),
        lost_days=frozenset({date(2026, 9, 1)}),
        day_only_days=frozenset({date(2026, 9, 2)}),
    )
    days = daily_effort([period], method=EffortMethod.EXACT)
    assert [(one.effort, one.diurnal_effort) for one in days] == [(0, 0), (0, 1), (1, 1)]


def test_a_record_without_effort_is_told_not_counted() -> None:
    """A record on a day nobody watched stays out of the cells and is counted as unwatched."""
    days = [UnitDay("A", date(2026, 5, 1), 1.0, 1.0), UnitDay("A", date(2026, 5, 2), 0.0, 0.0)]
    told = detection_history(days, {("A", date(2026, 5, 2))}, occasion_days=1)
    assert (told.cells, told.unwatched) == (((0, None),), 1)


def test_an_index_without_effort_is_not_known() -> None:
    """No effort gives no index, never zero; a station without effort is left out."""
    assert abundance_index({"A": 3}, {"A": 0.0}).pooled is None
    told = abundance_index({"A": 2, "B": 0, "C": 5}, {"A": 50.0, "B": 50.0, "C": 0.0})
    assert (told.pooled, told.median, told.stations, told.events) == (2.0, 2.0, 2, 2)
    assert told.low is None and told.high is None  # one station holds all: how it strays is unknown
    several = abundance_index({"A": 2, "B": 1, "D": 3}, {"A": 50.0, "B": 50.0, "D": 50.0})
    assert several.low is not None and several.low <= (several.pooled or 0) <= (several.high or 0)


def test_no_event_is_no_certain_absence() -> None:
    """Nought over a thousand camera-days leaves up to 0.37 events per hundred open (Garwood)."""
    told = abundance_index({}, {"A": 400.0, "B": 600.0})
    assert (told.pooled, told.low) == (0.0, 0.0)
    assert told.high == pytest.approx(0.3689, abs=1e-4)
