"""Detection histories: local days, occasions, counts and seasons."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.analysis.effort import EffortMethod, UnitDay, WorkingPeriod, daily_effort
from species_db.analysis.histories import (
    CountOf,
    DetectionHistory,
    FirstDay,
    count_history,
    detection_history,
)
from species_db.analysis.local_days import local_day, periods_from_hour
from species_db.analysis.seasons import season_histories, side_by_side, stacked

BEIJING = timedelta(hours=8)
FIRST = date(2026, 5, 1)


def watched(unit: str, *efforts: float, first: date = FIRST) -> list[UnitDay]:
    """One station's effort on days in a row."""
    return [UnitDay(unit, first + timedelta(days=n), one, one) for n, one in enumerate(efforts)]


def test_the_occasion_of_a_record_goes_by_the_clock_at_the_camera() -> None:
    """07:30 Beijing time is 23:30 of the day before in UTC, and still the second occasion."""
    moment = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)
    assert local_day(moment, offset=BEIJING) == date(2026, 5, 2)
    assert local_day(moment, offset=BEIJING) == local_day(
        datetime(2026, 5, 2, 7, 30, tzinfo=timezone(BEIJING))
    )
    days = watched("A", 1, 1)
    for offset, cells in ((BEIJING, (0, 1)), (timedelta(0), (1, 0))):
        detected = {("A", local_day(moment, offset=offset))}
        assert detection_history(days, detected, occasion_days=1).cells == (cells,)


def test_a_night_is_one_occasion_when_days_begin_at_noon() -> None:
    """Records before and after midnight fall on the day the night began, and so does its effort."""
    zone = timezone(BEIJING)
    period = WorkingPeriod(
        "A", datetime(2026, 5, 1, 18, tzinfo=zone), datetime(2026, 5, 3, 12, tzinfo=zone)
    )
    noon = time(12)
    moved = periods_from_hour([period], method=EffortMethod.EXACT, day_starts=noon)
    days = daily_effort(moved, method=EffortMethod.EXACT)
    assert [(one.day.day, one.effort) for one in days] == [(1, 0.75), (2, 1.0)]
    night = [datetime(2026, 5, 1, 15, tzinfo=UTC), datetime(2026, 5, 1, 21, tzinfo=UTC)]
    assert {local_day(moment, offset=BEIJING, day_starts=noon) for moment in night} == {FIRST}


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=1, max_size=4),
    st.sets(st.integers(0, 9)),
    st.sets(st.integers(0, 9)),
    st.integers(0, 23),
    st.sampled_from(EffortMethod),
)
def test_when_days_begin_changes_no_total(
    hours: list[tuple[int, int]], lost: set[int], dim: set[int], hour: int, method: EffortMethod
) -> None:
    """Overlaps, lost days and days without flash weigh the same wherever a day begins."""
    begin = datetime(2026, 5, 1)
    periods = [
        WorkingPeriod(
            "A",
            begin + timedelta(hours=start),
            begin + timedelta(hours=start + length),
            frozenset(FIRST + timedelta(days=n) for n in lost),
            frozenset(FIRST + timedelta(days=n) for n in dim),
        )
        for start, length in hours
    ]
    plain = daily_effort(periods, method=method)
    moved = periods_from_hour(periods, method=method, day_starts=time(hour))
    told = daily_effort(moved, method=EffortMethod.EXACT)
    for of in ("effort", "diurnal_effort"):
        totals = [sum(getattr(one, of) for one in days) for days in (plain, told)]
        assert totals[0] == pytest.approx(totals[1])


def test_occasions_may_begin_on_a_day_that_is_given() -> None:
    """What was before the day is left out and told; all stations share the occasions."""
    days = [*watched("A", 1, 1, 1, 1, 1), *watched("B", 1, 1, first=date(2026, 5, 4))]
    detected = {("A", FIRST), ("A", date(2026, 5, 3)), ("B", date(2026, 5, 5))}
    told = detection_history(days, detected, occasion_days=2, starts_on=date(2026, 5, 2))
    assert told.cells == ((1, 0), (None, 1))
    assert told.effort == ((2.0, 2.0), (None, 2.0))
    assert told.unwatched == 1
    assert told.starts == (date(2026, 5, 2),) * 2


def test_an_occasion_with_too_little_effort_is_not_known() -> None:
    """Two camera-days are asked for: just two are enough, less is not known, whatever was seen."""
    days = watched("A", 1, 1, 0, 1, 0.5, 0.5, 1, 0, 0)
    told = detection_history(days, {("A", date(2026, 5, 4))}, occasion_days=3, minimum_effort=2.0)
    assert told.cells == ((0, 1, None),)
    strict = detection_history(days, {("A", date(2026, 5, 7))}, occasion_days=3, minimum_effort=2.5)
    assert (strict.cells, strict.effort, strict.unwatched) == (((None,) * 3,), ((None,) * 3,), 1)


def test_zero_effort_is_never_known() -> None:
    """No minimum asked for does not turn a dead camera into an absence."""
    told = detection_history(watched("A", 0, 0, 1), set(), occasion_days=2, minimum_effort=0.0)
    assert told.cells == ((None, 0),)


def test_partial_occasions_can_be_dropped() -> None:
    """Only occasions worked on each day are kept; last columns that nobody knows are gone."""
    days = [*watched("A", 0.5, 1, 1, 0, 1, 1, 1), *watched("B", 1, 1, 1, 1)]
    told = detection_history(days, set(), occasion_days=2, whole_only=True)
    assert told.cells == ((0, None, 0), (0, 0, None))
    short = detection_history(days[7:], set(), occasion_days=3, whole_only=True)
    assert (short.cells, short.occasions) == (((0,),), 1)


def test_counts_are_events_or_the_largest_number_and_never_a_sum() -> None:
    """Three visits of 2, 5 and 1 animals in an occasion: three events, five animals at most."""
    days = watched("A", 1, 1, 1, 0)
    events = [("A", FIRST, 2), ("A", FIRST, 5), ("A", date(2026, 5, 2), 1)]
    late = [("A", date(2026, 5, 4), 9), ("B", FIRST, 1)]
    told = [
        count_history(days, [*events, *late], of=of, occasion_days=3, first_day=FirstDay.SURVEY)
        for of in CountOf
    ]
    assert [one.cells for one in told] == [((3, None),), ((5, None),)]
    assert [one.unwatched for one in told] == [2, 2]


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 20)), max_size=30),
    st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=3, max_size=20),
    st.integers(1, 8),
)
def test_a_count_is_above_zero_just_where_a_record_is(
    seen: list[tuple[str, int]], efforts: list[float], length: int
) -> None:
    """Presence and counts know the same cells; every record is in a cell or told as unwatched."""
    days = [*watched("A", *efforts), *watched("B", *efforts[1:])]
    on = [(unit, FIRST + timedelta(days=n)) for unit, n in seen]
    presence = detection_history(days, on, occasion_days=length)
    counts = count_history(days, [(unit, day, 1) for unit, day in on], occasion_days=length)
    assert [[c and int(c > 0) for c in row] for row in counts.cells] == [
        list(row) for row in presence.cells
    ]
    assert counts.effort == presence.effort
    assert sum(c or 0 for row in counts.cells for c in row) + counts.unwatched == len(on)


def test_a_record_between_two_deployments_is_in_no_cell() -> None:
    """On a day without camera nothing can be seen: such a record is told, its occasion stays 0."""
    days = [*watched("A", 1, 1), *watched("A", 1, 1, first=date(2026, 5, 4))]
    told = detection_history(days, {("A", date(2026, 5, 3))}, occasion_days=5)
    assert (told.cells, told.unwatched) == (((0,),), 1)


def test_an_occasion_has_a_day() -> None:
    """Occasions of no days are refused."""
    with pytest.raises(ValueError, match="at least one day"):
        detection_history(watched("A", 1), set(), occasion_days=0)


SEASONS = {
    "2025": (date(2025, 5, 1), date(2025, 5, 6)),
    "2026": (date(2026, 5, 1), date(2026, 5, 4)),
}


def two_seasons() -> dict[str, DetectionHistory]:
    """Two stations in the first season, one of them and another in the second."""
    days = [
        *watched("A", *[1] * 6, first=date(2025, 5, 1)),
        *watched("B", *[1] * 4, first=date(2025, 5, 3)),
        *watched("B", *[1] * 4),
        *watched("C", 1, 1, first=date(2026, 5, 3)),
        *watched("C", 1, first=date(2026, 6, 1)),
    ]
    detected = {("A", date(2025, 5, 2)), ("B", date(2026, 5, 4)), ("C", date(2026, 6, 1))}
    return season_histories(days, detected, seasons=SEASONS, occasion_days=2)


def test_seasons_side_by_side_are_season_major_and_occasion_minor() -> None:
    """Columns run through the occasions of one season after the other, filled up with NA."""
    told = side_by_side(two_seasons())
    assert told.columns == tuple((year, n) for year in SEASONS for n in (1, 2, 3))
    assert told.units == ("A", "B", "C")
    assert told.cells == (
        (1, 0, 0, None, None, None),
        (None, 0, 0, 0, 1, None),
        (None, None, None, None, 0, None),
    )
    assert told.effort[1] == (None, 2.0, 2.0, 2.0, 2.0, None)
    assert {len(row) for row in told.cells} == {len(told.seasons) * told.occasions}


def test_stacked_seasons_have_a_row_for_each_station_watched() -> None:
    """A station that was not there in a season has no row; each row says which season."""
    told = stacked(two_seasons())
    assert told.rows == (("A", "2025"), ("B", "2025"), ("B", "2026"), ("C", "2026"))
    assert told.cells == ((1, 0, 0), (None, 0, 0), (0, 1, None), (None, 0, None))


def test_stacked_rows_keep_a_station_s_seasons_together() -> None:
    """Rows go by station, then by the order in which the seasons were given."""
    one = DetectionHistory(("A", "B"), ((0,), (1,)), ((7.0,), (7.0,)), 0)
    told = stacked({"winter": one, "autumn": one})
    assert told.rows == (("A", "winter"), ("A", "autumn"), ("B", "winter"), ("B", "autumn"))


@pytest.mark.parametrize(
    ("seasons", "said"),
    [
        ({"a": (date(2026, 5, 2), date(2026, 5, 1))}, "ends before it begins"),
        (
            {"a": (FIRST, date(2026, 5, 9)), "b": (date(2026, 5, 9), date(2026, 5, 20))},
            "2026-05-09 in common",
        ),
    ],
)
def test_seasons_that_overlap_are_refused(seasons: dict[str, tuple[date, date]], said: str) -> None:
    """A day belongs to one season: counted in two it would be data twice."""
    with pytest.raises(ValueError, match=said):
        season_histories([], set(), seasons=seasons)
