"""Passages: how often they are used, beside stations nearby, by whom, since when, which way."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.analysis.crossings import crossings
from species_db.analysis.effort import UnitDay
from species_db.analysis.passages import (
    Passage,
    PassageKind,
    PassageReport,
    passage_report,
)
from species_db.analysis.station_records import StationEvent
from species_db.analysis.sun_time import Light
from species_db.analysis.use_rate import Block, rate_ratio, use_rate

OPENED = date(2026, 5, 1)
MUNTJAC, SEROW = "Muntiacus vaginalis", "Capricornis thar"


def worked(station: str, count: int, *, first: date = OPENED, effort: float = 1.0) -> list[UnitDay]:
    """A station's days with a camera from a first day on."""
    return [UnitDay(station, first + timedelta(days=n), effort, 1.0) for n in range(count)]


def visit(station: str, after: int, taxon: str = MUNTJAC, **values: object) -> StationEvent:
    """One event so many days after the opening."""
    return StationEvent(station, taxon, OPENED + timedelta(days=after), **values)  # type: ignore[arg-type]


def underpass(*stations: str, opened: date | None = OPENED) -> Passage:
    """A passage watched by some stations."""
    return Passage("K12", PassageKind.UNDERPASS, stations, opened)


def weekly(events: list[int], station: str = "U1") -> list[Block]:
    """A station's weeks of seven camera-days."""
    return [Block(station, week, count, 7.0) for week, count in enumerate(events)]


def test_limits_are_garwood_s_where_visits_come_by_chance() -> None:
    """Published exact limits: 0 events to 3.689, 10 events 4.795 to 18.390 (Garwood 1936)."""
    none = use_rate([Block("U1", 0, 0, 100.0)])
    assert (none.index, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(3.6889, abs=1e-4)
    ten = use_rate([Block("U1", 0, 10, 100.0)])
    assert (ten.low, ten.high) == (
        pytest.approx(4.7954, abs=1e-4),
        pytest.approx(18.3904, abs=1e-4),
    )


def test_visits_in_clumps_have_a_wider_interval() -> None:
    """Twenty visits in one week of ten are less sure than two in each."""
    even, clumped = use_rate(weekly([2] * 10)), use_rate(weekly([20] + [0] * 9))
    assert even.index == clumped.index
    assert even.scatter == 1.0
    assert clumped.scatter > 10
    assert (clumped.high or 0) > 2 * (even.high or 0)


def test_visits_that_hang_together_for_weeks_have_a_wider_interval() -> None:
    """Four visits a week in every second month scatter more than in every second week."""
    by_week, by_month = use_rate(weekly([4, 0] * 12)), use_rate(weekly(([4] * 4 + [0] * 4) * 3))
    assert by_week.index == by_month.index
    assert by_month.scatter > 4 * by_week.scatter


def test_few_weeks_tell_little_of_their_scatter() -> None:
    """Of three weeks Pearson's 9 is raised as Student's t with two degrees of freedom is."""
    assert use_rate(weekly([0, 0, 9])).scatter == pytest.approx(
        9 * (4.3027 / 1.95996) ** 2, rel=1e-4
    )
    assert use_rate(weekly([0, 9])).scatter == 1.0  # of two, nothing


def test_stations_that_differ_have_a_wider_interval() -> None:
    """Four visits each week, all at one of four stations, scatter more than weeks alone show."""
    alike = [one for name in "ABCD" for one in weekly([1, 1, 1, 1, 1, 1, 1, 1], name)]
    unlike = [*weekly([4] * 8, "A"), *(one for name in "BCD" for one in weekly([0] * 8, name))]
    assert use_rate(alike).scatter == 1.0
    assert use_rate(unlike).scatter > 20


def test_without_effort_nothing_is_known() -> None:
    """No camera, no rate, no ratio: never 0."""
    nothing = use_rate([Block("U1", 0, 0, 0.0)])
    assert (nothing.index, nothing.low, nothing.high) == (None, None, None)
    assert rate_ratio(nothing, use_rate(weekly([1]))) == (None, None, None)


def test_a_ratio_to_stations_without_a_visit_has_a_lower_limit_alone() -> None:
    """Thirty visits against none nearby: no ratio, no upper limit, but surely more often."""
    ratio, low, high = rate_ratio(use_rate(weekly([5] * 6)), use_rate(weekly([0] * 6, "C1")))
    assert (ratio, high) == (None, None)
    assert low is not None
    assert low > 3


@given(st.lists(st.integers(0, 40), min_size=1, max_size=20), st.integers(0, 60))
def test_intervals_hold_their_number(events: list[int], others: int) -> None:
    """A rate lies within its limits, and so does a ratio; more visits never lower a limit."""
    rate = use_rate(weekly(events))
    assert rate.low is not None and rate.index is not None and rate.high is not None
    assert rate.low <= rate.index <= rate.high
    ratio, low, high = rate_ratio(rate, use_rate([Block("C", 0, others, 70.0)]))
    if ratio is not None:
        assert low is not None
        assert low <= ratio * (1 + 1e-9)
        assert high is None or ratio <= high * (1 + 1e-9)


def report(**values: object) -> PassageReport:
    """An underpass with two stations and two controls over 50 days, and who came."""
    told: dict[str, object] = {
        "passages": [underpass("U1", "U2")],
        "events": [
            visit("U1", 10, light=Light.NIGHT, behavior="crossing north to south"),
            visit("U1", 12, light=Light.NIGHT, behavior="turned back"),
            visit("U1", 30),
            visit("U2", 40, light=Light.DAY),
            visit("U2", 41, SEROW),
            visit("C1", 5),
        ],
        "days": [*worked("U1", 50), *worked("U2", 50), *worked("C1", 50), *worked("C2", 50)],
        "nearby": ("C1", "C2"),
    } | values
    return passage_report(
        told.pop("passages"),
        told.pop("events"),
        told.pop("days"),
        **told,  # type: ignore[arg-type]
    )


def test_a_passage_s_use_worked_out_by_hand() -> None:
    """Four muntjacs in 100 camera-days against one in 100 nearby; the first on the eleventh day."""
    told = report()
    use = next(one for one in told.uses if one.taxon_id == MUNTJAC)
    assert (use.rate.events, use.rate.camera_days, use.rate.index) == (4, 100.0, 4.0)
    assert (use.nearby.index, use.ratio, use.stations_used) == (1.0, 4.0, 2)
    assert (use.first_on, use.days_until_first) == (date(2026, 5, 11), 22.0)  # two cameras, 11 days
    assert use.lights == {Light.NIGHT: 2, Light.DAY: 1}
    (watch,) = told.watches
    assert (watch.stations_watched, watch.camera_days, watch.taxa, watch.events) == (2, 100.0, 2, 5)


def test_a_visit_is_no_crossing_unless_somebody_wrote_so() -> None:
    """One came through, one turned back, of the others nobody knows."""
    (use,) = (one for one in report().uses if one.taxon_id == MUNTJAC)
    told = use.crossings
    assert (told.through, told.turned_back, told.not_known) == (1, 1, 2)
    assert told.ways == {"north to south": 1}
    (serow,) = (one for one in report().uses if one.taxon_id == SEROW)
    assert not serow.crossings.is_known


@pytest.mark.parametrize(
    ("behavior", "expected"),
    [
        ("crossed", (1, 0, 0)),
        ("passing through | feeding", (1, 0, 0)),
        ("穿越通道，自东向西", (1, 0, 0)),
        ("did not cross", (0, 1, 0)),
        ("turning back at the mouth", (0, 1, 0)),
        ("未能通过", (0, 1, 0)),
        ("在洞口折返", (0, 1, 0)),
        ("moving", (0, 0, 1)),
        ("", (0, 0, 1)),
    ],
)
def test_what_people_write_of_a_crossing(behavior: str, expected: tuple[int, int, int]) -> None:
    """Both languages, refusals before crossings; anything else is not known."""
    told = crossings([behavior])
    assert (told.through, told.turned_back, told.not_known) == expected


def test_events_before_the_opening_are_no_use() -> None:
    """An animal on the building site passes no passage, and its days are no effort of it."""
    early = OPENED - timedelta(days=20)
    told = report(
        events=[StationEvent("U1", MUNTJAC, early), visit("U1", 3)],
        days=worked("U1", 50, first=early),
    )
    (use,) = told.uses
    assert (use.rate.events, use.rate.camera_days) == (1, 30.0)
    assert use.first_on == date(2026, 5, 4)


def test_events_on_days_without_effort_are_counted_apart() -> None:
    """On day-only days the flash was dead: events of those days are in no index."""
    days = [*worked("U1", 10), *worked("U1", 10, first=OPENED + timedelta(days=10), effort=0.0)]
    told = report(events=[visit("U1", 4), visit("U1", 15), visit("elsewhere", 4)], days=days)
    (use,) = told.uses
    assert (use.rate.events, use.rate.camera_days) == (1, 10.0)
    assert told.without_effort == 1


def test_a_taxon_that_was_asked_for_is_told_with_none() -> None:
    """No serow in 100 camera-days: at most 3.7 per 100, at one of one passage none."""
    told = report(events=[], taxa=(SEROW,))
    (use,) = told.uses
    assert (use.rate.index, use.first_on, use.days_until_first) == (0.0, None, None)
    assert use.rate.high == pytest.approx(3.69, abs=0.01)
    (reach,) = told.reach
    assert (reach.passages_used, reach.passages_watched, reach.share_of_passages) == (0, 1, 0.0)


def test_shares_are_of_what_was_watched() -> None:
    """A passage without a working camera is no passage without animals."""
    passages = [underpass("U1"), Passage("K13", PassageKind.CULVERT, ("U2",), OPENED),
                Passage("K14", PassageKind.CULVERT, ("U3",), OPENED)]  # fmt: skip
    told = report(passages=passages, days=[*worked("U1", 9), *worked("U2", 9)],
                  events=[visit("U1", 2)], nearby=())  # fmt: skip
    (reach,) = told.reach
    assert (reach.passages_used, reach.passages_watched) == (1, 2)
    assert (reach.stations_used, reach.stations_watched) == (1, 2)
    assert [one.camera_days for one in told.watches] == [9.0, 9.0, 0]
    assert (
        report(passages=[passages[2]], days=[], events=[], taxa=(SEROW,)).reach[0].share_of_passages
        is None
    )


def test_a_span_limits_use_and_effort_alike() -> None:
    """The second ten days alone: their events by their effort."""
    first, last = OPENED + timedelta(days=10), OPENED + timedelta(days=19)
    (use,) = report(first=first, last=last).uses
    assert (use.rate.events, use.rate.camera_days, use.nearby.camera_days) == (2, 20.0, 20.0)
