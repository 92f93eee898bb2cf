"""Alerts told from the records alone: any order of arrival, cases that gather, runs that rest."""

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from species_db.alerts import (
    AlertError,
    Step,
    act_on,
    alert_board,
    control_choices,
    escalate_overdue,
    false_alarms,
    field_choices,
    raise_alerts,
    read_filters,
    shipped_rules,
)
from species_db.alerts.facts import Sighting
from species_db.alerts.firing import fire
from species_db.alerts.looked import LOOKED_FILE
from species_db.alerts.past import COUNT
from species_db.alerts.reconcile import Known, Move, RecordNow, reconcile
from species_db.alerts.thresholds import DeadOrIll, Disturbance, InvasiveNear
from species_db.survey import Survey
from species_db.tables import Alert, Deployment
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState
from tests.planted import (
    FIRST,
    NOW,
    FlatGround,
    alerts,
    field_record,
    machine_event,
    noon,
    review,
    rule_named,
    seen,
)
from tests.test_alerts import core_zone

DAY = timedelta(days=1)
RULES = {one.rule_id: one for one in shipped_rules()}


class Memory:
    """Alerts kept in memory, moved as the survey moves them; nobody acts on them."""

    def __init__(self) -> None:
        self.alerts: dict[str, Known] = {}

    def run(self, sightings: list[Sighting]) -> None:
        """Run the rules over what is there by now."""
        fired = [one for rule in RULES.values() for one in fire(rule, sightings, FlatGround())]
        fired += fire(RULES["disturbance"], sightings, FlatGround(zone="Core"))
        there = {(one.record_kind, one.record_id): one for one in sightings}

        def record_now(known: Known) -> RecordNow:
            one = there[known.record_kind, known.record_id]
            return RecordNow(True, frozenset({one.subject}), one.confirmed_by, "")

        changes = list(
            reconcile(fired, self.alerts, RULES, record_now=record_now, is_news=lambda one: True)
        )
        for change in changes:
            self._take(change)

    def _take(self, change: object) -> None:
        alert, fired, move, note = change.alert_id, change.fired, change.move, change.note  # type: ignore[attr-defined]
        if move is Move.RAISE:
            state = AlertState.FIRM if fired.firm_by else AlertState.PROVISIONAL
            self.alerts[alert] = Known(
                alert, fired.rule.rule_id, fired.rule.version_id, state, fired.record_kind,
                fired.record_id, fired.subject, fired.firm_by, False, frozenset(),
            )  # fmt: skip
            return
        was = self.alerts[alert]
        if move in (Move.RAISE_AGAIN, Move.CONFIRM, Move.STEP_BACK):
            state = AlertState.FIRM if fired.firm_by else AlertState.PROVISIONAL
            was = replace(was, state=state, firm_by=fired.firm_by, is_withdrawn=False)
            was = replace(was, notes=frozenset())
        elif move is Move.WITHDRAW:
            was = replace(was, state=AlertState.CLOSED, is_withdrawn=True)
        elif note == COUNT:
            was = replace(was, records=int(change.said))  # type: ignore[attr-defined]
        elif note == "again":
            was = replace(was, notes=frozenset())
        else:
            was = replace(was, notes=was.notes | {note})
        self.alerts[alert] = was

    def open(self) -> set[tuple[str, AlertState]]:
        """The alerts that hold: open, and not noted to be the first no longer."""
        return {
            (name, one.state)
            for name, one in self.alerts.items()
            if one.state is not AlertState.CLOSED and "not_first" not in one.notes
        }


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[Sighting], int, int]:
    """Some records of an animal, an invader and of people, a shuffle, and where a run comes."""
    told = []
    for number in range(draw(st.integers(1, 12))):
        day = FIRST + DAY * draw(st.integers(0, 500))
        kind = draw(st.sampled_from(("cat", "plant", "human")))
        values: dict[str, object] = {"record_id": f"r{number}"}
        if kind == "human":
            values |= {"taxon_id": None, "what": "human", "marks": frozenset()}
        elif kind == "plant":
            values |= {"taxon_id": "plant", "marks": frozenset({"invasive"})}
        told.append(seen(day, draw(st.sampled_from(("Tashi", ""))), **values))
    return told, draw(st.integers(0, 2**16)), draw(st.integers(0, len(told)))


@settings(max_examples=150, deadline=None)
@given(arrivals())
def test_any_order_and_any_split_end_alike(told: tuple[list[Sighting], int, int]) -> None:
    """Records that come at once, shuffled, or in two runs leave the same alerts open."""
    records, seed, cut = told
    at_once, in_parts = Memory(), Memory()
    at_once.run(records)
    shuffled = random.Random(seed).sample(records, len(records))
    in_parts.run(shuffled[:cut])
    in_parts.run(shuffled)
    assert in_parts.open() == at_once.open()
    before = dict(in_parts.alerts)
    in_parts.run(shuffled)
    assert in_parts.alerts == before  # running again writes nothing


@pytest.fixture
def zone(planted_survey: Survey) -> Survey:
    """A survey whose plots lie in a core zone."""
    core_zone(planted_survey)
    return planted_survey


def passes(survey: Survey, days: range) -> list[str]:
    """A herder passes the camera on some days; a model says so."""
    return [machine_event(survey, "D-LZ-001", FIRST + DAY * n, kind="human") for n in days]


def run(survey: Survey, days: int = 0) -> None:
    """Run the rules so many days after the planted now."""
    raise_alerts(survey, now=NOW + DAY * days, person="Tashi")


def open_people(survey: Survey) -> list[Alert]:
    """The open alerts on people in the zone."""
    return [one for one in alerts(survey, "disturbance") if one.state != "closed"]


def test_who_passes_every_day_is_one_case(zone: Survey) -> None:
    """A hundred days of a herder are one alert with its count, which grows with the next card."""
    passes(zone, range(60))
    run(zone)
    assert len(alerts(zone, "disturbance")) == 1
    passes(zone, range(60, 100))
    run(zone, 1)
    assert len(alerts(zone, "disturbance")) == 1
    with zone.reading() as session:
        (view,) = [one for one in alert_board(session, now=NOW) if one.rule_id == "disturbance"]
    assert view.records == 100 and "100 records of it by now" in view.why


def test_a_thousand_passes_do_not_drown_the_board() -> None:
    """Three passes a day for a year at one camera: one case, not 52; a pause opens the next."""
    rule, ground = rule_named("disturbance"), FlatGround(zone="Core")
    people = [
        seen(FIRST + DAY * (n // 3), "", record_id=f"{n}", taxon_id=None, what="human")
        for n in range(1000)
    ]
    later = seen(FIRST + DAY * 400, "", record_id="x", taxon_id=None, what="human")
    fired = fire(rule, [*people, later], ground)
    changes = list(
        reconcile(
            fired, {}, RULES, record_now=lambda one: RecordNow(False), is_news=lambda one: True
        )
    )
    assert [one.move for one in changes if one.note is None] == [Move.RAISE, Move.RAISE]
    assert [one.said for one in changes if one.note == COUNT] == ["1000"]


def test_a_closed_case_takes_what_was_seen_before_and_no_more(zone: Survey) -> None:
    """Closing covers what was recorded until then; who comes again afterwards is a new case."""
    event, *_ = passes(zone, range(100, 115))
    review(zone, event, "Sus scrofa")
    run(zone)
    assert len(open_people(zone)) == 1  # corrected, the first is no case; the next one opens it
    field_record(zone, "LZ-001", FIRST + 100 * DAY, "Panthera pardus", threats='["people"]')
    run(zone, 1)
    (firm,) = [one for one in open_people(zone) if one.state == "firm"]
    when = NOW + 2 * DAY
    act_on(zone, firm.alert_id, Step(AlertAct.ACKNOWLEDGE, "Drolma"), now=when)
    close = Step(AlertAct.CLOSE, "Drolma", note="ours", outcome=AlertOutcome.NO_ACTION_NEEDED)
    act_on(zone, firm.alert_id, close, now=when)
    field_record(zone, "LZ-001", when.date() - DAY, "Panthera pardus", threats='["people"]')
    run(zone, 3)
    assert [one.state for one in open_people(zone) if one.firm_by] == []
    field_record(zone, "LZ-001", when.date() + 8 * DAY, "Panthera pardus", threats='["people"]')
    run(zone, 12)
    assert [one.state for one in open_people(zone) if one.firm_by] == ["firm"]


@pytest.mark.parametrize(("minutes", "count"), [(60, 0), (61, 1)])
def test_a_models_people_at_set_up_are_the_team(zone: Survey, minutes: int, count: int) -> None:
    """Within the hour of set-up a model asks nothing; whom a person confirmed always counts."""
    machine_event(zone, "D-LZ-001", FIRST + 100 * DAY, kind="human")
    with zone.writing() as session:
        deployment = session.get_one(Deployment, "D-LZ-001")
        at = noon(FIRST + 100 * DAY) - timedelta(minutes=minutes)
        deployment.deployment_start = at
        session.add(deployment)
    run(zone)
    assert len(alerts(zone, "disturbance")) == count


def test_a_run_with_nothing_new_reads_nothing(planted_survey: Survey) -> None:
    """The next run rests; a new record, a rule, an act, or another month wakes it."""
    machine_event(planted_survey, "D-LZ-001", FIRST)
    assert not raise_alerts(planted_survey, now=NOW, person="T").is_same
    again = raise_alerts(planted_survey, now=NOW + DAY, person="T")
    assert again.is_same and again.sightings == 1 and "Nothing new" in again.as_text()
    assert not raise_alerts(planted_survey, now=NOW + 40 * DAY, person="T").is_same
    machine_event(planted_survey, "D-LZ-002", FIRST - DAY)
    found = raise_alerts(planted_survey, now=NOW + 41 * DAY, person="T")
    assert (found.is_same, found.raised) == (False, 2)  # the county's first, and LZ-001's own
    (planted_survey.folder / LOOKED_FILE).write_text("broken", encoding="utf-8")
    assert not raise_alerts(planted_survey, now=NOW + 41 * DAY, person="T").is_same


def test_what_was_withdrawn_without_a_verdict_is_in_no_rate(zone: Survey) -> None:
    """An alert that an earlier one took in was neither right nor false."""
    passes(zone, range(90, 91))
    run(zone)
    passes(zone, range(80, 81))
    run(zone, 1)
    states = [(one.state, one.outcome) for one in alerts(zone, "disturbance")]
    assert states == [("provisional", ""), ("closed", "no_action_needed")]
    with zone.reading() as session:
        (rate,) = [r for r in false_alarms(session, now=NOW) if r.rule_id == "disturbance"]
    assert rate.closed == 0


def test_escalation_asked_often_writes_once(planted_survey: Survey) -> None:
    """Each level is written once, however often somebody opens the board."""
    field_record(planted_survey, "LZ-001", FIRST, "Ageratina adenophora")
    run(planted_survey)
    count = len(alerts(planted_survey))
    assert len(escalate_overdue(planted_survey, NOW + 60 * DAY)) == 3 * count
    assert escalate_overdue(planted_survey, NOW + 61 * DAY) == []


def test_a_deadline_in_the_past_is_refused(planted_survey: Survey) -> None:
    """A typing mistake in the year would make the alert overdue at once."""
    field_record(planted_survey, "LZ-001", FIRST, "Ageratina adenophora")
    run(planted_survey)
    (alert,) = alerts(planted_survey, "invasive_near")
    with pytest.raises(AlertError, match="has passed already"):
        step = Step(AlertAct.ACKNOWLEDGE, "Drolma", due_at=NOW - DAY)
        act_on(planted_survey, alert.alert_id, step, now=NOW)


def test_an_unknown_filter_is_named(planted_survey: Survey) -> None:
    """An empty list would be read as: all is well."""
    with planted_survey.reading() as session:
        with pytest.raises(AlertError, match="no county 'Medgo'"):
            read_filters(session, county="Medgo", rule_id="", states=(), now=NOW)
        with pytest.raises(AlertError, match="Did you mean 'disturbance'"):
            read_filters(session, county="", rule_id="disturbanc", states=(), now=NOW)


def test_a_step_is_offered_what_it_may_be_linked_to(planted_survey: Survey) -> None:
    """Later records of the taxon or plot, the newest first; not the alert's own record."""
    field_record(planted_survey, "LZ-001", FIRST, "Ageratina adenophora")
    field_record(planted_survey, "LZ-002", date(2020, 1, 1), "Ageratina adenophora")
    run(planted_survey)
    there = field_record(planted_survey, "LZ-001", FIRST + 9 * DAY, "Sus scrofa")
    same = field_record(planted_survey, "LZ-002", FIRST + 10 * DAY, "Ageratina adenophora")
    with planted_survey.reading() as session:
        (view,) = [one for one in alert_board(session, now=NOW) if one.rule_id == "invasive_near"]
        assert [one.link_id for one in field_choices(session, view)] == [same, there]
        assert control_choices(session, view) == []


def test_a_threshold_is_a_finite_number() -> None:
    """Not-a-number compares with nothing, so the rule would be silent without a word."""
    from species_db.alerts import RuleError
    from species_db.alerts.thresholds import changed

    rule = rule_named("invasive_near")
    for text in ("nan", "inf"):
        with pytest.raises(RuleError, match="a number, 0 or more"):
            changed(rule.kind, rule.thresholds, {"within_km": text})
    assert isinstance(rule.thresholds, InvasiveNear)
    assert isinstance(rule_named("dead_or_ill").thresholds, DeadOrIll)
    assert isinstance(rule_named("disturbance").thresholds, Disturbance)
