"""Every rule of the early warning on planted sequences: when it must, not a step before."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from sqlmodel import select

from species_db.alerts import (
    RuleChange,
    RuleError,
    raise_alerts,
    rules_in_force,
    set_rule,
    shipped_rules,
)
from species_db.alerts.facts import Fired, Sighting
from species_db.alerts.firing import fire
from species_db.alerts.index import fire_index
from species_db.alerts.listening import read_listening
from species_db.alerts.reconcile import id_of
from species_db.alerts.signs import find_sign
from species_db.review import mark_blank, mark_setup, undo
from species_db.survey import Survey
from species_db.tables import Area, CameraDay, Decision, Deployment, Event, Observation
from species_db.vocabulary import AlertState, Severity
from tests.planted import (
    FIRST,
    MEDOG,
    NOW,
    FlatGround,
    alerts,
    field_record,
    machine_event,
    noon,
    place,
    review,
    rule_named,
    seen,
    worked,
)

DAY = timedelta(days=1)
INVADER = "Ageratina adenophora"


def firings(rule_id: str, *sightings: Sighting, ground: FlatGround | None = None) -> list[Fired]:
    """What a shipped rule fires on."""
    return fire(rule_named(rule_id), sightings, ground or FlatGround())


def test_the_first_record_in_a_county_fires_once() -> None:
    """The earliest confirmed record fires, later ones do not; each county has its own first."""
    fired = firings("first_in_county", seen(FIRST + DAY), seen(FIRST), seen(FIRST, county="540402"))
    assert sorted((one.place, one.record_id) for one in fired) == [
        ("540402", "2026-05-01 Tashi"),
        (MEDOG, "2026-05-01 Tashi"),
    ]


def test_a_first_in_a_plot_is_not_the_countys_first_told_twice() -> None:
    """The county's first is told once; the next plot of that county is a first of its own."""
    pair = (seen(FIRST), seen(FIRST + DAY, plot_id="LZ-042"), seen(FIRST + DAY))
    assert [one.place for one in firings("first_in_county", *pair)] == [MEDOG]
    assert [one.place for one in firings("first_in_plot", *pair)] == ["LZ-042"]


def test_a_machines_word_before_the_first_asks_and_does_not_hide_it() -> None:
    """A model's earlier answer is a question beside the confirmed first; later ones are none."""
    fired = firings(
        "first_in_county", seen(FIRST, ""), seen(FIRST + DAY, ""), seen(FIRST + 2 * DAY)
    )
    assert [(one.at.date(), one.firm_by) for one in fired] == [
        (FIRST, ""),
        (FIRST + 2 * DAY, "Tashi"),
    ]
    after = firings("first_in_county", seen(FIRST), seen(FIRST + DAY, ""))
    assert [one.firm_by for one in after] == ["Tashi"]


def test_a_first_counts_for_the_listed_alone() -> None:
    """A taxon without a mark on the day raises nothing; class II not in the plot rule."""
    assert not firings("first_in_county", seen(FIRST, marks=frozenset()))
    second = seen(FIRST, marks=frozenset({"II"}))
    assert firings("first_in_county", second)
    assert not firings("first_in_plot", second)


def test_a_group_is_asked_and_never_firm() -> None:
    """A machine's Felidae may be a class I cat: a question in the county rule alone."""
    group = seen(FIRST, "Tashi", is_group=True)
    (asked,) = firings("first_in_county", group)
    assert (asked.firm_by, asked.facts["is_question"], asked.is_class_i) == ("", True, False)
    assert not firings("first_in_plot", group)


def test_a_new_band_needs_three_records_before_it() -> None:
    """A band holds its lower edge: 1999 m is the band below, 2000 m opens the next one."""
    known = [seen(FIRST + DAY * n, elevation_m=1600.0) for n in range(3)]
    below = seen(FIRST + 9 * DAY, elevation_m=1999.9)
    above = seen(FIRST + 10 * DAY, elevation_m=2000.0)
    (fired,) = firings("first_in_band", *known, below, above)
    assert (fired.place, fired.facts["earlier"]) == ("2000", 4)
    assert not firings("first_in_band", *known[:2], above)


def test_silence_counts_from_the_same_day_twelve_months_later() -> None:
    """One day short of twelve months is no silence; the very day is."""
    last = seen(date(2025, 5, 1))
    assert not firings("after_silence", last, seen(date(2026, 4, 30)))
    (fired,) = firings("after_silence", last, seen(date(2026, 5, 1)))
    assert (fired.facts["silent_days"], fired.facts["camera_days"]) == (365, 364.0)


@pytest.mark.parametrize(("share", "count"), [(300 / 364, 1), (299 / 364, 0)])
def test_silence_counts_only_with_effort(share: float, count: int) -> None:
    """300 camera-days in the silence are enough, 299 are not."""
    ground = FlatGround(share=share)
    pair = (seen(date(2025, 5, 1)), seen(date(2026, 5, 1)))
    assert len(firings("after_silence", *pair, ground=ground)) == count


def test_a_machines_word_neither_ends_a_silence_nor_asks_twice() -> None:
    """Two answers of a model after the silence are one question; the confirmed record fires too."""
    fired = firings(
        "after_silence",
        seen(date(2025, 1, 1)),
        seen(date(2026, 2, 1), ""),
        seen(date(2026, 2, 2), ""),
        seen(date(2026, 2, 3)),
        seen(date(2026, 2, 4)),
    )
    assert [one.record_id for one in fired] == ["2026-02-01 ", "2026-02-03 Tashi"]


@pytest.mark.parametrize(("metres", "count"), [(2000.0, 1), (2000.1, 0)])
def test_an_invader_counts_up_to_the_limit(metres: float, count: int) -> None:
    """The limit itself is near, a decimetre more is not."""
    invader = seen(FIRST, marks=frozenset({"invasive"}))
    assert len(firings("invasive_near", invader, ground=FlatGround(distance_m=metres))) == count


def test_one_stand_of_an_invader_is_one_alert_for_half_a_year() -> None:
    """A visit 179 days later is the same stand's; 180 days later it is news."""
    invader = frozenset({"invasive"})
    days = [FIRST, FIRST + 179 * DAY, FIRST + 180 * DAY]
    fired = firings("invasive_near", *(seen(day, marks=invader) for day in days))
    assert [one.at.date() for one in fired] == [days[0], days[2]]


def test_disturbance_needs_a_core_zone() -> None:
    """People in a zone fire once a week and place; outside they do not."""
    people = [
        seen(FIRST + DAY * n, taxon_id=None, what="human", marks=frozenset()) for n in (0, 6, 7)
    ]
    fired = firings("disturbance", *people, ground=FlatGround(zone="Core"))
    assert [one.at.date() for one in fired] == [FIRST, FIRST + 7 * DAY]
    assert not firings("disturbance", *people)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("found dead by the river", "dead"),
        ("河边死亡个体", "死亡"),
        ("mange on both flanks", "mange"),
        ("standing still in a deadfall", ""),
        ("枯死的树下休息", ""),
        ("未见死亡个体", ""),
        ("dead wood", ""),
    ],
)
def test_words_of_death_and_illness(text: str, sign: str) -> None:
    """Words are data in both languages; their negations and dead wood are none."""
    told = rule_named("dead_or_ill").thresholds
    assert find_sign(text, told.words, told.unless) == sign  # type: ignore[union-attr]


class Season:
    """Effort of one county with two stations: 200 camera-days each in every half year."""

    def __init__(self, *, days: float = 200, share: float = 1) -> None:
        self.days, self.share = days, share

    def stations(self, place: str, key: str) -> list[str]:
        """Two stations."""
        return ["A", "B"]

    def effort_of(self, station: str, first: date, last: date) -> float:
        """The same in every period."""
        return self.days

    def reviewed_share(self, place: str, key: str, first: date, last: date) -> float:
        """As planted."""
        return self.share


def season_of(*counts: int) -> list[Sighting]:
    """So many events at each of two stations in the first half of 2023, 2024, ..."""
    return [
        seen(
            date(2023 + year, 1, 1) + DAY * (n // 2),
            location_id="AB"[n % 2],
            record_id=f"{year} {n}",
        )
        for year, count in enumerate(counts)
        for n in range(2 * count)
    ]


def test_an_index_fires_outside_its_interval_alone() -> None:
    """20 events a half year each: 20 and 14 again are chance, 3 are not; the numbers are told."""
    rule, today = rule_named("index_outside"), date(2026, 7, 1)
    for last, count in ((20, 0), (14, 0), (3, 1), (60, 1)):
        fired = list(fire_index(rule, season_of(20, 20, 20, last), Season(), today))
        assert len(fired) == count, last
    facts = next(fire_index(rule, season_of(20, 20, 20, 3), Season(), today)).facts
    assert (facts["events"], facts["camera_days"], facts["is_lower"]) == (6, 400, True)
    assert (facts["events_before"], facts["camera_days_before"]) == (120, 1200)
    assert facts["index"] < facts["low"] < facts["index_before"] == 10.0  # type: ignore[operator]


def test_an_index_refuses_too_little_effort_or_review() -> None:
    """Below 300 camera-days, before two seasons, or with events nobody looked at, nothing fires."""
    rule, today = rule_named("index_outside"), date(2026, 7, 1)
    few = season_of(20, 20, 20, 3)
    assert not list(fire_index(rule, few, Season(days=149), today))
    assert not list(fire_index(rule, few, Season(share=0.94), today))
    assert not list(fire_index(rule, season_of(20, 3), Season(), date(2024, 7, 1)))
    assert list(fire_index(rule, few, Season(days=150, share=0.95), today))


def test_a_half_year_that_is_not_over_is_not_compared() -> None:
    """On its last day a period still waits; on the next it counts."""
    rule = rule_named("index_outside")
    few = season_of(20, 20, 20, 3)
    assert not list(fire_index(rule, few, Season(), date(2026, 6, 30)))
    assert list(fire_index(rule, few, Season(), date(2026, 7, 1)))


def test_the_order_of_arrival_changes_nothing() -> None:
    """The same records in any order name the same alerts."""
    records = [seen(FIRST, ""), seen(FIRST + DAY), seen(FIRST + 400 * DAY), seen(FIRST + DAY, "")]
    told = {
        frozenset(id_of(one) for rule in shipped_rules() for one in fire(rule, order, FlatGround()))
        for order in permutations(records)
    }
    assert len(told) == 1


# From the survey: reading, raising, and what reviews do.


@pytest.fixture
def placed(planted_survey: Survey) -> Survey:
    """A survey with two plots of Medog whose cameras worked since 2025."""
    return planted_survey


def run(survey: Survey, now: datetime = NOW) -> tuple[int, int, int, int]:
    """Run the rules: raised, firm, withdrawn, noted."""
    told = raise_alerts(survey, now=now, person="Tashi")
    return told.raised, told.firm, told.withdrawn, told.noted


def states(survey: Survey, rule_id: str) -> list[tuple[str, str, str]]:
    """State, outcome and who made it firm, of each alert of a rule."""
    return [(one.state, one.outcome, one.firm_by) for one in alerts(survey, rule_id)]


def test_a_review_makes_a_provisional_alert_firm(placed: Survey) -> None:
    """A model's leopard asks; confirmed by Drolma it is firm, by her name; once each."""
    event = machine_event(placed, "D-LZ-001", FIRST)
    assert run(placed) == (1, 0, 0, 0)
    assert run(placed) == (0, 0, 0, 0)
    assert states(placed, "first_in_county") == [("provisional", "", "")]
    review(placed, event, "Panthera pardus")
    assert run(placed) == (0, 1, 0, 0)
    assert states(placed, "first_in_county") == [("firm", "", "Drolma")]
    (alert,) = alerts(placed, "first_in_county")
    assert alert.severity == Severity.HIGH.value  # medium, one up for class I


def test_a_correction_withdraws_with_its_reason(placed: Survey) -> None:
    """A dog that a model called a leopard: the machine's false alarm, and nothing is deleted."""
    event = machine_event(placed, "D-LZ-001", FIRST)
    run(placed)
    review(placed, event, "Sus scrofa")
    assert run(placed)[2] == 1
    assert states(placed, "first_in_county") == [("closed", "false_alarm", "")]
    assert run(placed) == (0, 0, 0, 0)


def test_an_undone_review_asks_again(placed: Survey) -> None:
    """Undone while nobody had taken the alert up it is provisional again; so is a withdrawn one."""
    event = machine_event(placed, "D-LZ-001", FIRST)
    review(placed, event, "Panthera pardus")
    run(placed)
    undo(placed, person="Drolma")
    run(placed)
    assert states(placed, "first_in_county") == [("provisional", "", "")]
    review(placed, event, "Sus scrofa")
    run(placed)
    undo(placed, person="Drolma")
    assert run(placed)[0] == 1
    assert states(placed, "first_in_county") == [("provisional", "", "")]


def test_a_late_earlier_record_is_noted_not_deleted(placed: Survey) -> None:
    """The alert of a record that is no longer the first stays; both are on the board."""
    review(placed, machine_event(placed, "D-LZ-001", FIRST), "Panthera pardus")
    run(placed)
    review(placed, machine_event(placed, "D-LZ-002", FIRST - 9 * DAY), "Panthera pardus")
    assert run(placed)[3] == 1
    assert states(placed, "first_in_county") == [("firm", "", "Drolma")] * 2
    assert run(placed) == (0, 0, 0, 0)


def test_status_is_that_of_the_day(placed: Survey) -> None:
    """A golden cat of 2020 was class II, one of 2022 class I: as the lists of the day say."""
    review(placed, machine_event(placed, "D-LZ-001", date(2024, 5, 1)), "Pardofelis temminckii")
    review(placed, machine_event(placed, "D-LZ-002", date(2020, 5, 1)), "Pardofelis temminckii")
    run(placed, noon(date(2020, 9, 1)))
    (alert,) = alerts(placed, "first_in_county")
    assert '"mark": "II"' in alert.facts


def test_old_records_are_history(placed: Survey) -> None:
    """A record of 730 days ago can still be gone to; a day older raises nothing."""
    review(placed, machine_event(placed, "D-LZ-001", FIRST), "Panthera pardus")
    run(placed, noon(FIRST) + timedelta(days=730, seconds=1))
    assert not alerts(placed)
    run(placed, noon(FIRST) + timedelta(days=730))
    assert alerts(placed)


def core_zone(survey: Survey) -> None:
    """A core zone around the plots."""
    from shapely import box, to_wkb

    with survey.writing() as session:
        session.add(
            Area(
                area_id="core",
                kind="core_zone",
                name_zh="核心区",
                name_en="Core zone",
                geometry=to_wkb(box(95.2, 29.2, 95.4, 29.4), hex=True),
                entered_at=NOW,
            )
        )


def test_people_in_a_core_zone_but_not_the_team(placed: Survey) -> None:
    """A person before a camera in the zone asks; the team's own set-up does not."""
    core_zone(placed)
    walker = machine_event(placed, "D-LZ-001", FIRST + 90 * DAY, kind="human")
    assert run(placed) == (1, 0, 0, 0)
    mark_setup(placed, walker, person="Drolma", expected_review_id=None)
    assert run(placed) == (0, 0, 1, 0)
    assert states(placed, "disturbance") == [("closed", "false_alarm", "")]


def test_a_snare_noted_in_the_field_is_firm(placed: Survey) -> None:
    """Threats of a field record count like pictures, and its observer answers for them."""
    core_zone(placed)
    field_record(
        placed,
        "LZ-001",
        FIRST + 90 * DAY,
        "Sus scrofa",
        threats='["snare","livestock"]',
        latitude=29.3,
        longitude=95.3,
    )
    assert run(placed)[:2] == (1, 1)
    (alert,) = alerts(placed, "disturbance")
    assert (alert.what, alert.firm_by) == ("snare", "Pema")


def test_a_dead_animal_fires_by_field_or_words(placed: Survey) -> None:
    """Vitality dead fires; a dead plant is no dead animal; a reviewer's word fires as well."""
    field_record(placed, "LZ-001", NOW.date() - 5 * DAY, "Sus scrofa", vitality="dead")
    field_record(placed, "LZ-002", NOW.date() - 5 * DAY, INVADER, vitality="dead")
    event = machine_event(placed, "D-LZ-002", NOW.date() - 3 * DAY, name="Sus scrofa")
    review(placed, event, "Sus scrofa")
    with placed.writing() as session:
        said = session.exec(select(Observation).where(Observation.review_id != None)).one()  # noqa: E711
        said.observation_comments = "疑似病死, carcass"
        session.add(said)
    run(placed)
    assert [one.record_kind for one in alerts(placed, "dead_or_ill")] == ["field_record", "event"]


def test_an_invader_on_a_plot_fires(placed: Survey) -> None:
    """A listed invader recorded on a plot lies 0 m from it."""
    field_record(placed, "LZ-001", FIRST, INVADER)
    run(placed)
    (alert,) = alerts(placed, "invasive_near")
    assert '"distance_m": 0' in alert.facts and alert.firm_by == "Pema"


def test_silence_is_heard_through_the_cameras(placed: Survey) -> None:
    """Two plots over thirteen months: the sentence's camera-days are the cameras' own."""
    for day in (date(2025, 6, 1), date(2026, 7, 1)):
        review(placed, machine_event(placed, "D-LZ-001", day), "Panthera pardus")
    run(placed)
    (alert,) = alerts(placed, "after_silence")
    assert '"camera_days": 788.0' in alert.facts  # 394 days at two stations


def test_cameras_that_overlap_listen_once(survey: Survey) -> None:
    """Two cameras at one station for ten days are ten camera-days; a person's word takes one."""
    with survey.writing() as session:
        name = place(session, "LZ-001")
        session.add(
            Deployment(
                deployment_id="second",
                location_id="S-LZ-001",
                deployment_start=datetime(2025, 1, 1, tzinfo=UTC),
            )
        )
        session.flush()
        for deployment in (name, "second"):
            worked(session, deployment, date(2025, 3, 1), date(2025, 3, 10))
            session.add(
                CameraDay(
                    deployment_id=deployment,
                    day="2025-03-05",
                    method="human",
                    state="blocked",
                    stated_at=NOW,
                )
            )
    with survey.reading() as session:
        listening = read_listening(session)
    whole = (date(2025, 1, 1), date(2025, 12, 31))
    assert listening.camera_days("plot", "LZ-001", *whole) == 9
    assert listening.camera_days("county", MEDOG, date(2025, 3, 4), date(2025, 3, 6)) == 2


def test_a_rule_is_set_by_a_person_and_dated(survey: Survey) -> None:
    """A new version holds from its day on; the old one is kept, and the log tells."""
    change = RuleChange({"within_km": "5", "areas": "reserve"}, is_enabled=False)
    set_rule(survey, "invasive_near", change, person="Drolma", now=NOW)
    with survey.reading() as session:
        now = {rule.rule_id: rule for rule in rules_in_force(session, NOW.date())}["invasive_near"]
        before = {r.rule_id: r for r in rules_in_force(session, NOW.date() - DAY)}["invasive_near"]
        acts = session.exec(select(Decision.act)).all()
    assert (now.thresholds.within_km, now.is_enabled) == (5.0, False)  # type: ignore[union-attr]
    assert (before.thresholds.within_km, before.is_enabled) == (2.0, True)  # type: ignore[union-attr]
    assert acts[-1] == "alert_rule_set"


@pytest.mark.parametrize(
    ("rule", "thresholds", "told"),
    [
        ("invasive_ner", {}, "Did you mean 'invasive_near'"),
        ("invasive_near", {"within_kn": "3"}, "Did you mean 'within_km'"),
        ("invasive_near", {"within_km": "far"}, "expected a number"),
        ("invasive_near", {"within_km": "-1"}, "0 or more"),
        ("invasive_near", {"areas": "reserve,lake"}, "'lake'"),
        ("index_outside", {"period_months": "5"}, "1, 2, 3, 4, 6, 12"),
        ("index_outside", {"level": "1"}, "between 0 and 1"),
    ],
)
def test_a_wrong_rule_or_threshold_is_named(
    survey: Survey, rule: str, thresholds: dict[str, str], told: str
) -> None:
    """Each mistake says what is known instead, and nothing is written."""
    with pytest.raises(RuleError, match=told.replace("(", r"\(")):
        set_rule(survey, rule, RuleChange(thresholds), person="Tashi")


def test_a_disabled_rule_is_silent(placed: Survey) -> None:
    """Nothing fires by a rule that a person has switched off."""
    for rule in shipped_rules():
        set_rule(placed, rule.rule_id, RuleChange({}, is_enabled=False), person="Tashi", now=NOW)
    review(placed, machine_event(placed, "D-LZ-001", FIRST), "Panthera pardus")
    assert run(placed) == (0, 0, 0, 0)


def test_two_surveys_name_their_alerts_alike(placed: Survey) -> None:
    """What the machine raised and what was found later have ids that any laptop works out."""
    event = machine_event(placed, "D-LZ-001", FIRST)
    mark_blank(
        placed, machine_event(placed, "D-LZ-002", FIRST), person="D", expected_review_id=None
    )
    run(placed)
    with placed.reading() as session:
        assert session.get(Event, event) is not None
    told = {one.alert_id for one in alerts(placed)}
    assert len(told) == 1 and all(len(one) == 36 for one in told)
    assert {one.state for one in alerts(placed)} == {AlertState.PROVISIONAL.value}
