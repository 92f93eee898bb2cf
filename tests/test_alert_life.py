"""The life of an alert from provisional to closed: steps, deadlines, conflicts, rates, digests."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from namcha import alerts as command
from namcha.application import app
from species_db.alerts import (
    AlertError,
    FalseAlarms,
    StaleAlertError,
    Step,
    act_on,
    alert_board,
    escalate_overdue,
    false_alarms,
    raise_alerts,
    view_alert,
)
from species_db.alerts.digest import Digest, make_digest, sms_parts, units
from species_db.alerts.life import STEPS, after, due, next_acts
from species_db.alerts.rate import clopper_pearson
from species_db.alerts.sending import NotifyError, send_digest
from species_db.decisions import broken_entries
from species_db.review import undo
from species_db.seals import broken_seals
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.survey import Survey, SurveySettings
from species_db.tables import Alert, AlertAction, CameraStation, Decision, Plot
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState, Secrecy, Severity
from tests.planted import (
    FIRST,
    NOW,
    alerts,
    field_record,
    machine_event,
    review,
    rule_named,
)

DAY = timedelta(days=1)
INVADER = "Ageratina adenophora"


@pytest.fixture
def survey(planted_survey: Survey) -> Survey:
    """A survey with two plots of Medog whose cameras worked since 2025."""
    return planted_survey


@pytest.fixture
def firm(survey: Survey) -> Survey:
    """A survey with one firm alert: an invader on plot LZ-001, found by Pema."""
    field_record(survey, "LZ-001", FIRST, INVADER)
    raise_alerts(survey, now=NOW, person="Tashi")
    return survey


def near(survey: Survey) -> Alert:
    """The alert on the invader near the plot."""
    (alert,) = alerts(survey, "invasive_near")
    return alert


def step(survey: Survey, act: AlertAct, **values: object) -> Alert:
    """Drolma takes a step with it, an hour after it was raised."""
    told = {"note": "seen", "assigned_to": "Pema" if act is AlertAct.ASSIGN else ""} | values
    doing = Step(act, "Drolma", **told)  # type: ignore[arg-type]
    act_on(survey, near(survey).alert_id, doing, now=NOW + timedelta(hours=1))
    return near(survey)


def test_the_whole_way_from_machine_to_closed(survey: Survey) -> None:
    """Provisional, firm by review, acknowledged ... closed: each by a name, kept and logged."""
    event = machine_event(survey, "D-LZ-001", FIRST)
    raise_alerts(survey, now=NOW, person="Tashi")
    review(survey, event, "Panthera pardus")
    raise_alerts(survey, now=NOW + DAY, person="Tashi")
    (alert,) = alerts(survey, "first_in_county")
    record = field_record(survey, "LZ-001", NOW.date(), "Panthera pardus")
    way = (
        Step(AlertAct.ACKNOWLEDGE, "Drolma"),
        Step(AlertAct.ASSIGN, "Drolma", assigned_to="Pema"),
        Step(AlertAct.CHECK, "Pema", note="tracks found", field_record_id=record),
        Step(AlertAct.ACTION, "Pema", note="herders told"),
        Step(AlertAct.EFFECT, "Drolma", note="no losses since"),
        Step(AlertAct.CLOSE, "Drolma", note="done", outcome=AlertOutcome.RESOLVED),
    )
    for number, one in enumerate(way):
        act_on(survey, alert.alert_id, one, now=NOW + (2 + number) * DAY)
    with survey.reading() as session:
        view, history = view_alert(session, alert.alert_id[:8], now=NOW + 9 * DAY)
        entries = session.exec(select(Decision).where(Decision.subject == alert.alert_id)).all()
        assert list(broken_seals(session)) == [] and list(broken_entries(session)) == []
    assert (view.state, view.outcome) == (AlertState.CLOSED, AlertOutcome.RESOLVED)
    assert [(one.act.value, one.person) for one in history[1:]] == [
        ("confirmed", "Drolma"),
        ("acknowledge", "Drolma"),
        ("assign", "Drolma"),
        ("check", "Pema"),
        ("action", "Pema"),
        ("effect", "Drolma"),
        ("close", "Drolma"),
    ]
    assert len(entries) == 6 and all("alertaction" in one.details for one in entries)


def test_only_legal_steps_are_taken() -> None:
    """Of all pairs of state and act, eleven lead on; from provisional only review does."""
    legal = {(s, a) for s in AlertState for a in AlertAct if after(s, a) is not None}
    assert legal == set(STEPS) and len(legal) == 11
    assert next_acts(AlertState.PROVISIONAL) == ()
    assert not any(after(AlertState.PROVISIONAL, act) for act in AlertAct)


@pytest.mark.parametrize(
    ("act", "values", "told"),
    [
        (AlertAct.CHECK, {}, "'check' is not a next step. Possible: acknowledge"),
        (AlertAct.ACKNOWLEDGE, {"expected": AlertState.ASSIGNED}, "firm by now"),
        (AlertAct.ACKNOWLEDGE, {"field_record_id": "nowhere"}, "no FieldRecord 'nowhere'"),
    ],
)
def test_a_wrong_step_writes_nothing(
    firm: Survey, act: AlertAct, values: dict[str, object], told: str
) -> None:
    """The refusal says what is possible; neither act nor log entry is left."""
    with pytest.raises(AlertError, match=told):
        step(firm, act, **values)
    with firm.reading() as session:
        assert len(session.exec(select(AlertAction)).all()) == len(alerts(firm))
        assert not session.exec(select(Decision).where(Decision.act == "alert_acted")).all()


def test_a_provisional_alert_waits_for_review(survey: Survey) -> None:
    """Nobody can take up a machine's word: the message sends them to the record."""
    machine_event(survey, "D-LZ-001", FIRST)
    raise_alerts(survey, now=NOW, person="Tashi")
    (alert,) = alerts(survey, "first_in_county")
    with pytest.raises(AlertError, match="Review its record first"):
        act_on(survey, alert.alert_id, Step(AlertAct.ACKNOWLEDGE, "Drolma"), now=NOW)


def test_two_people_cannot_act_on_one_board(firm: Survey) -> None:
    """The second sees that Drolma was first; a retry with the new state goes through."""
    step(firm, AlertAct.ACKNOWLEDGE, expected=AlertState.FIRM)
    with pytest.raises(StaleAlertError, match=r"acknowledged by now \(Drolma\)"):
        step(firm, AlertAct.ACKNOWLEDGE, expected=AlertState.FIRM)
    step(firm, AlertAct.ASSIGN, expected=AlertState.ACKNOWLEDGED)
    assert near(firm).assigned_to == "Pema"


def test_what_a_step_needs(firm: Survey) -> None:
    """A name, a note where something is stated, somebody to assign to, a fitting outcome."""
    with pytest.raises(AlertError, match="needs a person"):
        act_on(firm, near(firm).alert_id, Step(AlertAct.ACKNOWLEDGE, " "), now=NOW)
    step(firm, AlertAct.ACKNOWLEDGE, note="")
    with pytest.raises(AlertError, match="Assign to whom"):
        step(firm, AlertAct.ASSIGN, assigned_to=" ")
    with pytest.raises(AlertError, match="closed as: false_alarm, no_action_needed"):
        step(firm, AlertAct.CLOSE, outcome=AlertOutcome.RESOLVED)
    step(firm, AlertAct.ASSIGN)
    with pytest.raises(AlertError, match="'check' needs a note"):
        step(firm, AlertAct.CHECK, note="")


def test_a_closed_alert_opens_again(firm: Survey) -> None:
    """Reopened, it has neither outcome nor owner, and a new deadline from then on."""
    step(firm, AlertAct.ACKNOWLEDGE)
    step(firm, AlertAct.CLOSE, outcome=AlertOutcome.NO_ACTION_NEEDED)
    assert near(firm).due_at is None
    again = step(firm, AlertAct.REOPEN)
    assert (again.state, again.outcome, again.assigned_to) == ("acknowledged", "", "")
    assert again.due_at == NOW + timedelta(hours=1) + 60 * DAY


def test_deadlines_follow_rule_and_severity() -> None:
    """Seven days to acknowledge; one step more urgent has half; never less than a day."""
    rule = rule_named("first_in_plot")  # low: 14 and 120 days
    told = [due(rule, one, AlertState.FIRM, NOW) - NOW for one in reversed(Severity)]
    assert told == [14 * DAY, 7 * DAY, 3.5 * DAY]
    assert due(rule, Severity.LOW, AlertState.ASSIGNED, NOW) == NOW + 120 * DAY
    urgent = rule_named("dead_or_ill")
    assert due(urgent, Severity.HIGH, AlertState.FIRM, NOW) == NOW + DAY


def test_an_overdue_alert_climbs_level_by_level(firm: Survey) -> None:
    """Nothing at the deadline; then one level each three days, each logged, told in the digest."""
    deadline = near(firm).due_at or NOW
    assert escalate_overdue(firm, deadline) == []
    second = timedelta(seconds=1)
    late = [near(firm).alert_id]
    mine = [one for one in escalate_overdue(firm, deadline + second) if one[0] in late]
    assert mine == [(late[0], 1)]
    assert escalate_overdue(firm, deadline + 3 * DAY) == []
    weeks = [one for one in escalate_overdue(firm, deadline + 30 * DAY) if one[0] in late]
    assert weeks == [(late[0], 2), (late[0], 3)]
    with firm.reading() as session:
        entries = session.exec(
            select(Decision).where(Decision.subject == late[0], Decision.act == "alert_acted")
        ).all()
        digest = make_digest(session, firm.settings, now=deadline + 30 * DAY)
    assert [json.loads(one.details)["escalation"] for one in entries] == [1, 2, 3]
    assert any("30 d overdue (level 3)" in line for line in digest.lines)
    assert step(firm, AlertAct.ACKNOWLEDGE).escalation == 0


def test_people_at_work_are_told_of_an_undone_review(survey: Survey) -> None:
    """Taken up already, the alert stays with them, with a note; corrected, it is withdrawn."""
    event = machine_event(survey, "D-LZ-001", FIRST)
    review(survey, event, "Panthera pardus")
    raise_alerts(survey, now=NOW, person="Tashi")
    (alert,) = alerts(survey, "first_in_county")
    act_on(survey, alert.alert_id, Step(AlertAct.ACKNOWLEDGE, "Drolma"), now=NOW)
    undo(survey, person="Drolma")
    raise_alerts(survey, now=NOW + DAY, person="Tashi")
    with survey.reading() as session:
        view, history = view_alert(session, alert.alert_id, now=NOW + DAY)
    assert (view.state, history[-1].act) == (AlertState.ACKNOWLEDGED, AlertAct.NOTED)
    assert "was undone" in history[-1].note
    review(survey, event, "Sus scrofa", person="Lhamo")
    raise_alerts(survey, now=NOW + 2 * DAY, person="Tashi")
    with survey.reading() as session:
        view, history = view_alert(session, alert.alert_id, now=NOW + 2 * DAY)
        (rate,) = [r for r in false_alarms(session, now=NOW) if r.rule_id == "first_in_county"]
    assert (view.state, view.outcome) == (AlertState.CLOSED, AlertOutcome.FALSE_ALARM)
    assert history[-1].note == "Lhamo reviewed the record as: Sus scrofa"
    assert (rate.by_machine, rate.by_person) == (0, 1)  # Drolma had confirmed it


def test_false_alarms_of_machines_and_people_are_told_apart(survey: Survey) -> None:
    """A model's leopard that was a boar, and an invader that somebody went and did not find."""
    event = machine_event(survey, "D-LZ-001", FIRST)
    field_record(survey, "LZ-001", FIRST, INVADER)
    raise_alerts(survey, now=NOW, person="Tashi")
    review(survey, event, "Sus scrofa")
    raise_alerts(survey, now=NOW + DAY, person="Tashi")
    step(survey, AlertAct.ACKNOWLEDGE)
    step(survey, AlertAct.CLOSE, outcome=AlertOutcome.FALSE_ALARM)
    with survey.reading() as session:
        rates = {one.rule_id: one for one in false_alarms(session, now=NOW)}
    county, plant = rates["first_in_county"], rates["invasive_near"]
    assert (county.closed, county.by_machine, county.by_person) == (1, 1, 0)
    assert (plant.closed, plant.by_machine, plant.by_person) == (1, 0, 1)
    assert plant.is_over and not plant.is_surely_over  # one of one: over, but from a single alert


def test_the_interval_of_a_rate() -> None:
    """Clopper-Pearson against published values; nothing closed has no rate."""
    low, high = clopper_pearson(81, 263)
    assert (round(low, 3), round(high, 3)) == (0.253, 0.368)  # Newcombe 1998, Stat. Med. 17: 857
    assert clopper_pearson(5, 5)[1] == 1.0
    none = FalseAlarms("r", 0, 0, 0, 0.3)
    assert none.rate is None and none.interval() is None and not none.is_over
    assert not FalseAlarms("r", 10, 3, 0, 0.3).is_over  # at the budget is within it


def test_messages_are_short_enough(firm: Survey) -> None:
    """Every part has at most 70 UTF-16 units with its number; rare letters take two."""
    parts = sms_parts(["𫚈" * 50, "猫" * 69, *["云豹 墨脱县 LZ-041"] * 20])
    assert all(units(part) <= 70 for part in parts)
    assert [part.split(" ")[0] for part in parts] == [
        f"{n}/{len(parts)}" for n in range(1, len(parts) + 1)
    ]
    with firm.reading() as session:
        told = make_digest(session, firm.settings, now=NOW).sms()
    assert told[0].startswith(f"1/{len(told)} Alerts 2026-09-01: 2, 0 to review, 0 overdue")


def test_a_digest_tells_no_place_that_can_be_walked_to(firm: Survey) -> None:
    """Inside: county and the plot's own code; never degrees, in any form of the digest."""
    with firm.reading() as session:
        digest = make_digest(session, firm.settings, now=NOW)
        places = [*session.exec(select(Plot)), *session.exec(select(CameraStation))]
    for text in (digest.as_text(), digest.as_html(), " ".join(digest.sms())):
        assert not any(str(p.latitude) in text or str(p.longitude) in text for p in places)
    assert any("Medog County LZ-001" in line for line in digest.lines)


NOT_COUNTED = "What may not be shared is not counted."


def outside(survey: Survey) -> Digest:
    """The digest for outsiders."""
    with survey.reading() as session:
        return make_digest(session, survey.settings, now=NOW, for_outsiders=True)


def test_outsiders_get_what_may_leave(firm: Survey) -> None:
    """Nothing of an internal survey; of a shareable one no plot code, and nothing provisional."""
    kept_in = outside(firm)
    assert kept_in.lines == (NOT_COUNTED,) and ": 0, 0 to review" in kept_in.heading
    for kind, subject in ((SubjectKind.SURVEY, "survey"),):
        mark_secrecy(firm, kind, subject, Secrecy.SHAREABLE, reason="open", person="Drolma")
    machine_event(firm, "D-LZ-002", FIRST)
    raise_alerts(firm, now=NOW, person="Tashi")
    told = outside(firm)
    lines = told.lines
    assert len(lines) == 3 and lines[-1] == NOT_COUNTED and ": 2, 0 to review" in told.heading
    assert not any("LZ-00" in line for line in lines)
    assert not any("provisional" in line for line in lines)


class _Hook(BaseHTTPRequestHandler):
    got: list[dict[str, str]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        type(self).got.append(json.loads(self.rfile.read(length)))
        self.send_response(200 if "refuse" not in self.path else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def web_hook() -> Iterator[str]:
    """A real server on this computer that keeps what is sent to it."""
    _Hook.got = []
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_digest_is_sent_where_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's address goes before survey.toml's; a server of this computer gets it."""
    digest = Digest("预警 2026-09-01", ("▲高 墨脱县 云豹",), False)
    settings = SurveySettings(notify="json://nowhere.invalid")
    with web_hook() as address:
        monkeypatch.setenv("NAMCHA_NOTIFY", address)
        assert send_digest(digest, settings) == 1
        assert (_Hook.got[0]["title"], _Hook.got[0]["message"]) == (digest.heading, digest.lines[0])
        monkeypatch.setenv("NAMCHA_NOTIFY", f"{address}/refuse")
        with pytest.raises(NotifyError, match="did not take"):
            send_digest(digest, settings)


def test_nothing_is_sent_unless_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an address there is an error; a wrong one is named by its kind, not its password."""
    digest = Digest("Alerts", (), False)
    monkeypatch.delenv("NAMCHA_NOTIFY", raising=False)
    with pytest.raises(NotifyError, match="No address"):
        send_digest(digest, SurveySettings())
    with pytest.raises(NotifyError, match="nonsense") as told:
        send_digest(digest, SurveySettings(notify="nonsense://me:secret@host"))
    assert "secret" not in str(told.value)


def call(survey: Survey, *arguments: str) -> str:
    """What a command prints."""
    told = CliRunner().invoke(app, ["alerts", *arguments, "--survey", str(survey.folder)])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    assert told.exit_code == 0, told.output
    return told.output


def test_the_commands_take_an_alert_through(firm: Survey, tmp_path: Path) -> None:
    """From list and ack to close, show and digest, by the first letters of the id."""
    short = near(firm).alert_id[:8]
    assert short in call(firm, "list", "--county", "墨脱")
    call(firm, "ack", short, "--expect", "firm")
    call(firm, "assign", short, "--to", "Pema", "--due", "2027-01-31")
    call(firm, "check", short, "--note", "three plants")
    call(firm, "action", short, "--note", "pulled out")
    call(firm, "effect", short, "--note", "none left")
    told = json.loads(call(firm, "close", short, "--outcome", "resolved", "--note", "ok", "--json"))
    assert told["state"] == "closed"
    shown = json.loads(call(firm, "show", short, "--json"))
    assert [one["act"] for one in shown["history"]][-2:] == ["effect", "close"]
    call(firm, "digest", "--out", str(tmp_path / "d.html"))
    assert "<ul>" in (tmp_path / "d.html").read_text(encoding="utf-8")
    assert call(firm, "digest", "--sms").startswith("1/")


def test_rules_are_shown_and_set_by_command(firm: Survey) -> None:
    """A threshold set by command stands in the list of rules from then on."""
    call(firm, "set-rule", "invasive_near", "--threshold", "within_km=5", "--disabled")
    shown = {one["rule_id"]: one for one in json.loads(call(firm, "rules", "--json"))}
    assert shown["invasive_near"]["thresholds"]["within_km"] == 5
    assert shown["invasive_near"]["is_enabled"] is False
    assert "invasive_near (off)" in call(firm, "rules")


def test_an_import_never_fails_for_an_alert(
    firm: Survey, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that cannot be read is told as a note after the import."""
    with firm.writing() as session:
        alert = session.exec(select(Alert)).first()
        assert alert is not None
        alert.state = "no such state"
        session.add(alert)
    command.run_after(firm, "Tashi")
    assert "Alerts were not looked at" in capsys.readouterr().err


def test_the_board_has_the_overdue_first(firm: Survey) -> None:
    """Overdue before urgent, urgent before the rest; closed ones stay a month."""
    with firm.reading() as session:
        early = alert_board(session, now=NOW)
        late = alert_board(session, now=NOW + 8 * DAY)
    assert early[0].rule_id == "invasive_near"
    assert [one.is_overdue for one in late] == sorted(
        (one.is_overdue for one in late), reverse=True
    )
    assert any(one.is_overdue for one in late)
