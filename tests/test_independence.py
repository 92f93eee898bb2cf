"""Independent events: which record begins one, to which a record belongs, how many animals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.analysis.independence import (
    IndependenceRule,
    event_spans,
    mark_independent,
    max_counts,
    number_events,
)

MINUTE = 60
HALF_HOUR = 30 * MINUTE
LAST_RECORD, LAST_INDEPENDENT = IndependenceRule
Record = tuple[int, int, int]  # group, first second, how long it lasts

RECORDS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 500), st.integers(0, 90)), max_size=60
)


def columns(records: list[Record]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups, first seconds and last seconds."""
    table = np.array(records, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 1] + table[:, 2]


def marked(minutes: list[float], rule: IndependenceRule, groups: list[int] | None = None) -> str:
    """The minutes of the records that begin an event, half an hour apart."""
    seconds = (np.array(minutes) * MINUTE).astype(np.int64)
    of = np.array(groups or [0] * len(minutes), dtype=np.int64)
    told = mark_independent(of, seconds, interval_seconds=HALF_HOUR, rule=rule)
    return " ".join(f"{m:g}" for m, is_first in zip(minutes, told, strict=True) if is_first)


@pytest.mark.parametrize(
    ("rule", "begin"), [(LAST_RECORD, "0"), (LAST_INDEPENDENT, "0 40 80")], ids=str
)
def test_an_animal_every_twenty_minutes(rule: IndependenceRule, begin: str) -> None:
    """Records at 0, 20, 40, 60 and 80 min are one event by the last record, three by the other."""
    assert marked([0, 20, 40, 60, 80], rule) == begin


@pytest.mark.parametrize("rule", IndependenceRule)
def test_half_an_hour_to_the_second_is_independent(rule: IndependenceRule) -> None:
    """A gap of 30:00 begins an event, one of 29:59 does not."""
    assert marked([0, 30], rule) == "0 30"
    assert marked([0, 30 - 1 / MINUTE], rule) == "0"


@pytest.mark.parametrize("rule", IndependenceRule)
def test_a_second_species_inside_the_window_is_its_own_event(rule: IndependenceRule) -> None:
    """Another taxon at the same station does not wait for the first, nor lengthen its visit."""
    assert marked([0, 10, 31], rule, [0, 1, 0]) == "0 10 31"


@pytest.mark.parametrize("rule", IndependenceRule)
def test_another_station_in_the_same_second_is_its_own_event(rule: IndependenceRule) -> None:
    """Two stations that see a taxon in one second have an event each."""
    assert marked([5, 5], rule, [0, 1]) == "5 5"
    assert marked([5, 5], rule, [0, 0]) == "5"


def test_a_long_record_reaches_to_its_end() -> None:
    """A visit of 50 minutes and media 20 minutes after it are one event by the last record."""
    groups, begins, ends = columns([(0, 0, 50 * MINUTE), (0, 70 * MINUTE, 0)])
    given_ends = {"interval_seconds": HALF_HOUR, "ends": ends}
    told = mark_independent(groups, begins, rule=LAST_RECORD, **given_ends)
    assert told.tolist() == [True, False]
    told = mark_independent(groups, begins, rule=LAST_INDEPENDENT, **given_ends)
    assert told.tolist() == [True, True]


def test_the_longest_record_counts_and_not_the_latest() -> None:
    """A short record inside a long one does not end the visit before the long one does."""
    groups, begins, ends = columns([(0, 0, 90 * MINUTE), (0, 10 * MINUTE, 0), (0, 95 * MINUTE, 0)])
    told = mark_independent(groups, begins, interval_seconds=HALF_HOUR, rule=LAST_RECORD, ends=ends)
    assert told.tolist() == [True, False, False]


def loop(records: list[Record], interval: int, rule: IndependenceRule) -> list[int]:
    """Walk through each group's records in order; for each, the record that begins its event."""
    begun: dict[int, int] = {}
    reached: dict[int, int] = {}
    of = [0] * len(records)
    for index in sorted(range(len(records)), key=lambda i: (records[i][1], i)):
        group, begin, length = records[index]
        if group not in begun or begin - reached[group] >= interval:
            begun[group] = index
            reached[group] = begin
        if rule is LAST_RECORD:
            reached[group] = max(reached[group], begin + length)
        of[index] = begun[group]
    return of


@given(RECORDS, st.integers(0, 60), st.sampled_from(IndependenceRule))
def test_any_records_are_marked_and_numbered_as_a_plain_loop_does(
    records: list[Record], interval: int, rule: IndependenceRule
) -> None:
    """Records that last, in any order: the same begin an event, and the same are together."""
    groups, begins, ends = columns(records)
    asked = {"interval_seconds": interval, "rule": rule, "ends": ends}
    expected = loop(records, interval, rule)
    opens = mark_independent(groups, begins, **asked)
    assert opens.tolist() == [expected[i] == i for i in range(len(records))]
    numbers = number_events(groups, begins, **asked)
    firsts = np.flatnonzero(opens)
    begun = {int(numbers[i]): int(i) for i in firsts}
    assert sorted(begun) == list(range(len(firsts)))
    assert [begun[n] for n in numbers.tolist()] == expected


@given(RECORDS, st.integers(0, 60))
def test_records_that_last_no_time_are_those_without_ends(
    records: list[Record], interval: int
) -> None:
    """Ends equal to the beginnings change nothing."""
    groups, begins, _ = columns(records)
    asked = {"interval_seconds": interval, "rule": LAST_RECORD}
    plain = mark_independent(groups, begins, **asked)
    assert np.array_equal(plain, mark_independent(groups, begins, ends=begins, **asked))


@given(RECORDS, st.integers(0, 60), st.sampled_from(IndependenceRule))
def test_neither_origin_nor_names_of_groups_matter(
    records: list[Record], interval: int, rule: IndependenceRule
) -> None:
    """Seconds since another day and groups numbered with gaps give the same events."""
    groups, begins, ends = columns(records)
    told = mark_independent(groups, begins, interval_seconds=interval, rule=rule, ends=ends)
    moved = mark_independent(
        groups * 10**15 + 7,
        begins + 1_800_000_000,
        interval_seconds=interval,
        rule=rule,
        ends=ends + 1_800_000_000,
    )
    assert np.array_equal(told, moved)


@given(RECORDS, st.sampled_from(IndependenceRule))
def test_the_count_of_an_event_is_its_largest(
    records: list[Record], rule: IndependenceRule
) -> None:
    """MaxN over the records of an event, and its first and last second, as a loop finds them."""
    groups, begins, ends = columns(records)
    counts = (begins * 7 + groups) % 9
    numbers = number_events(groups, begins, interval_seconds=20, rule=rule, ends=ends)
    largest, (first, last) = max_counts(numbers, counts), event_spans(numbers, begins, ends=ends)
    for number in range(len(largest)):
        mine = numbers == number
        assert largest[number] == counts[mine].max()
        assert (first[number], last[number]) == (begins[mine].min(), ends[mine].max())


def test_three_animals_on_ten_media_are_three() -> None:
    """The largest count, never the sum; a record that nobody counted changes nothing."""
    numbers = np.zeros(11, dtype=np.int64)
    assert max_counts(numbers, np.array([3] * 10 + [0])).tolist() == [3]


def test_no_records_are_no_events() -> None:
    """An empty table gives empty answers."""
    none = np.array([], dtype=np.int64)
    for rule in IndependenceRule:
        numbers = number_events(none, none, interval_seconds=1800, rule=rule, ends=none)
        assert (len(numbers), len(max_counts(numbers, none))) == (0, 0)
        assert [len(side) for side in event_spans(numbers, none)] == [0, 0]


def test_what_cannot_be_is_refused() -> None:
    """A negative interval, an end before its beginning, times that are no seconds."""
    one = np.array([0, 1], dtype=np.int64)
    with pytest.raises(ValueError, match="negative"):
        mark_independent(one, one, interval_seconds=-1, rule=LAST_RECORD)
    with pytest.raises(ValueError, match="1 of 2 records end before"):
        mark_independent(one, one, interval_seconds=60, rule=LAST_RECORD, ends=np.array([0, 0]))
    with pytest.raises(ValueError, match="too far apart"):
        far = np.array([0, 2**62])
        mark_independent(one, far, interval_seconds=60, rule=LAST_RECORD)
