"""Taxa together or apart against exact chance, and animals after people against shifted days."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species_db.analysis.avoidance import AfterOthers, StationTimes, after_others
from species_db.analysis.cooccurrence import Togetherness, co_occurrence
from species_db.language import speaking

WATCHED = [f"S{n:02}" for n in range(20)]
DAY, HOUR = 86_400, 3_600


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 9), st.data())
def test_the_chances_are_those_of_counting_all_arrangements(
    stations: int, data: st.DataObject
) -> None:
    """Every way to lay the second taxon out is counted, as Veech's formula does it."""
    names = WATCHED[:stations]
    first = data.draw(st.sets(st.sampled_from(names), min_size=1))
    second = data.draw(st.sets(st.sampled_from(names), min_size=1))
    (told,) = co_occurrence({"dog": first, "goral": second}, stations=names)
    shared = [len(first & set(chosen)) for chosen in combinations(names, len(second))]
    assert len(shared) == comb(stations, len(second))
    observed = len(first & second)
    assert told.observed == observed
    assert told.expected == pytest.approx(np.mean(shared))
    assert told.fewer == pytest.approx(np.mean([s <= observed for s in shared]))
    assert told.more == pytest.approx(np.mean([s >= observed for s in shared]))
    assert told.effect == pytest.approx((observed - np.mean(shared)) / stations)


def test_two_taxa_that_share_no_station_are_apart_and_two_that_share_all_together() -> None:
    """Ten of twenty stations each: none or all shared is beyond chance."""
    half, rest = WATCHED[:10], WATCHED[10:]
    told = co_occurrence({"dog": half, "goral": rest, "cat": half}, stations=WATCHED)
    answers = {(one.first, one.second): one.answer for one in told}
    assert answers["cat", "dog"] is Togetherness.TOGETHER
    assert answers["cat", "goral"] is answers["dog", "goral"] is Togetherness.APART


def test_a_pair_that_nothing_could_have_made_clear_is_too_few() -> None:
    """One station each of ten: apart or together, chance does it easily; nobody is asked."""
    (told,) = co_occurrence({"dog": ["S00"], "goral": ["S01"]}, stations=WATCHED[:10])
    assert (told.answer, told.adjusted) == (Togetherness.TOO_FEW, None)


def test_many_pairs_are_asked_more_sternly_than_one() -> None:
    """A pair clear alone is not clear among many: the adjusted chance is never below its own."""
    random = np.random.default_rng(5)
    alone = {"dog": WATCHED[:10], "goral": WATCHED[9:18]}
    assert co_occurrence(alone, stations=WATCHED)[0].answer is Togetherness.APART
    many = {f"taxon {n:02}": random.choice(WATCHED, 10, replace=False) for n in range(12)}
    told = co_occurrence(alone | many, stations=WATCHED)
    assert all(one.adjusted is not None and one.adjusted >= one.p - 1e-12 for one in told)
    pair = next(one for one in told if (one.first, one.second) == ("dog", "goral"))
    assert pair.p < 0.05
    assert pair.answer is Togetherness.NOT_CLEAR


def test_records_at_stations_without_effort_stay_out() -> None:
    """A station that was not watched for both is no place where either is absent or present."""
    near = {"dog": [*WATCHED[:5], "elsewhere"], "goral": ["elsewhere", *WATCHED[5:9]]}
    (told,) = co_occurrence(near, stations=WATCHED[:12])
    assert (told.stations, told.first_at, told.second_at, told.observed) == (12, 5, 4, 0)
    assert co_occurrence({"dog": ["elsewhere"], "goral": WATCHED}, stations=WATCHED) == []
    assert co_occurrence({}, stations=[]) == []


def station(
    random: np.random.Generator, *, days: int = 90, keeps_away: bool = False
) -> StationTimes:
    """People by day every week or so, and an animal of the night in bouts, by chance or wary."""
    watched = np.arange(days)
    people = np.sort(random.choice(watched, days // 8, replace=False)) * DAY + 11 * HOUR
    nights = np.repeat(random.choice(watched, 15), random.integers(1, 3, 15))
    animal = np.sort(nights * DAY + random.integers(18 * HOUR, DAY, len(nights)))
    if keeps_away:
        last = np.searchsorted(people, animal, side="right") - 1
        since = np.where(last >= 0, animal - people[last], DAY * days)
        animal = animal[since > 48 * HOUR]
    return StationTimes(watched, animal.astype(np.int64), people.astype(np.int64))


def test_an_animal_that_waits_two_days_after_people_keeps_away() -> None:
    """None within 48 hours, where shifted days give a fifth: less, and the number beside it."""
    random = np.random.default_rng(1)
    wary = {str(n): station(random, keeps_away=True) for n in range(6)}
    told = after_others(wary, within_hours=48, draws=500)
    assert (told.after, told.share, told.ratio) == (0, 0.0, 0.0)
    assert told.expected is not None and told.expected > 0.1
    assert told.low is not None and told.low > 0
    assert told.answer is AfterOthers.LESS
    assert told.median_hours is not None and told.expected_median_hours is not None
    assert told.median_hours > told.expected_median_hours


def test_an_animal_that_follows_is_told_as_more() -> None:
    """Dogs that come an hour after people at every station."""
    random = np.random.default_rng(2)
    told = after_others(
        {
            str(n): StationTimes(one.watched_days, one.others + HOUR, one.others)
            for n, one in enumerate(station(random) for _ in range(4))
        },
        within_hours=2,
        draws=500,
    )
    assert (told.share, told.answer) == (1.0, AfterOthers.MORE)


def test_hours_of_the_day_alone_are_no_avoidance() -> None:
    """Night animals at chance days are not within four hours of day people, and not by chance."""
    random = np.random.default_rng(3)
    told = after_others({str(n): station(random) for n in range(6)}, within_hours=4, draws=500)
    assert (told.after, told.expected) == (0, 0.0)
    assert told.answer is AfterOthers.NOT_CLEAR
    assert told.ratio is None


def test_chance_is_seldom_called_avoidance() -> None:
    """Of fifty surveys without any avoidance few are called clear, either way."""
    random = np.random.default_rng(4)
    told = [
        after_others({str(n): station(random) for n in range(3)}, within_hours=48, draws=200)
        for _ in range(50)
    ]
    assert sum(one.answer is not AfterOthers.NOT_CLEAR for one in told) <= 6
    assert np.mean([one.ratio for one in told if one.ratio is not None]) == pytest.approx(
        1, abs=0.1
    )


def test_days_without_effort_are_never_moved_to() -> None:
    """People every watched day at noon: whatever the shift, all night events follow soon."""
    watched = np.concatenate([np.arange(20), np.arange(60, 80)])
    people, animal = watched * DAY + 12 * HOUR, watched[::2] * DAY + 20 * HOUR
    told = after_others({"A": StationTimes(watched, animal, people)}, within_hours=9, draws=200)
    assert (told.share, told.expected, told.low) == (1.0, 1.0, 1.0)


def test_events_that_tell_nothing_are_counted_apart() -> None:
    """Events at stations without people, and on days without effort, are not in the share."""
    random = np.random.default_rng(6)
    one = station(random)
    wild = StationTimes(one.watched_days, one.animal, np.zeros(0, dtype=np.int64))
    late = np.append(one.animal, 400 * DAY)
    told = after_others(
        {"A": StationTimes(one.watched_days, late, one.others), "B": wild},
        within_hours=48,
        draws=100,
    )
    assert (told.stations, told.events) == (1, len(one.animal))
    assert (told.elsewhere, told.unwatched) == (len(one.animal), 1)


def test_nothing_is_said_of_few_events_or_few_days() -> None:
    """Nine events, or twenty days to shift among, cannot be clear."""
    days = np.arange(90)
    nine = StationTimes(days, np.arange(9) * 9 * DAY, np.array([5 * DAY]))
    assert after_others({"A": nine}, within_hours=24).answer is AfterOthers.TOO_FEW
    short = StationTimes(days[:20], np.arange(20) * DAY, np.array([19 * DAY + 1]))
    assert after_others({"A": short}, within_hours=24).answer is AfterOthers.TOO_FEW
    none = after_others({}, within_hours=24)
    assert (none.share, none.p, none.answer) == (None, None, AfterOthers.TOO_FEW)


def test_the_same_seed_gives_the_same_answer_in_any_order_of_stations() -> None:
    """A frozen report must come out the same on another machine."""
    random = np.random.default_rng(8)
    found = {str(n): station(random) for n in range(4)}
    turned = dict(reversed(found.items()))
    assert after_others(found, within_hours=48) == after_others(turned, within_hours=48)


def test_every_answer_speaks_both_languages() -> None:
    """Nobody reads a code, and nothing is left in the other language."""
    for term in (*Togetherness, *AfterOthers):
        with speaking("en"):
            english = term.words
        with speaking("zh"):
            chinese = term.words
        assert english.isascii() and not chinese.isascii()
