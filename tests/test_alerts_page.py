"""The alert board: drawn in both languages, acted on, and in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from review_app import opened
from review_app.alert_card import card_html
from review_app.alert_figures import rates_html
from review_app.say import words_of
from review_app.words_alerts import SENTENCES
from species_db.alerts import FalseAlarms, Step, act_on, alert_board, escalate_overdue, raise_alerts
from species_db.alerts.why import ACT_WORDS, NOTES, OUTCOME_WORDS, STATES
from species_db.language import Language, speaking
from species_db.review import next_event, view_event
from species_db.survey import Survey
from species_db.tables import Alert, Event
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState
from tests.planted import (
    alerts,
    field_record,
    machine_event,
    place,
    review,
    worked,
)
from tests.review_scene import draw_photo, media_of, served
from tests.test_pages_browser import SLOW_MS, browser_at, keep
from tests.test_pages_browser import opened as opened_page
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)

DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()
EN: Language = "en"


@pytest.fixture
def survey(planted_survey: Survey) -> Survey:
    """A survey with two plots of Medog whose cameras worked since 2025."""
    return planted_survey


def busy(survey: Survey) -> Survey:
    """A board with alerts in every lane: to review, to act on, overdue, closed, false."""
    now = datetime.now(UTC)
    with survey.writing() as session:
        for plot_id, county in (("LZ-017", "540402"), ("LZ-063", "540425")):
            told = {"latitude": 29.6, "longitude": 94.4, "elevation_m": 3250.0}
            if county == "540425":
                told = {"latitude": 28.66, "longitude": 97.0, "elevation_m": 2300.0}
            worked(session, place(session, plot_id, county, **told), TODAY - 500 * DAY, TODAY)
    cat = machine_event(survey, "D-LZ-001", TODAY - 40 * DAY, name="Neofelis nebulosa")
    boar = machine_event(survey, "D-LZ-017", TODAY - 38 * DAY, name="Panthera pardus")
    for days in (460, 20):
        event = machine_event(survey, "D-LZ-063", TODAY - days * DAY, name="Budorcas taxicolor")
        review(survey, event, "Budorcas taxicolor")
    field_record(survey, "LZ-017", TODAY - 12 * DAY, "Ageratina adenophora")
    field_record(survey, "LZ-002", TODAY - 30 * DAY, "Mikania micrantha")
    field_record(survey, "LZ-001", TODAY - 3 * DAY, "Macaca assamensis", vitality="dead")
    with survey.writing() as session:
        for event_id in (cat, boar):
            for media in media_of(session, event_id):
                draw_photo(survey, media, "animal")
    raise_alerts(survey, now=now - 20 * DAY, person="Tashi")
    review(survey, boar, "Sus scrofa")
    raise_alerts(survey, now=now - 2 * DAY, person="Tashi")
    taken = next(one for one in alerts(survey, "invasive_near") if one.plot_id == "LZ-017")
    for step in (
        Step(AlertAct.ACKNOWLEDGE, "Drolma"),
        Step(AlertAct.ASSIGN, "Drolma", assigned_to="Pema", note="before the seeds are ripe"),
        Step(AlertAct.CHECK, "Pema", note="about 40 plants along the road, in flower"),
    ):
        act_on(survey, taken.alert_id, step, now=now - DAY)
    escalate_overdue(survey, now)
    return survey


@pytest.fixture
def board(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """The busy board, opened by the app."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    yield busy(survey)
    opened.opened_survey().close()
    opened._open.cache_clear()


def drawn(language: str, person: str = "Drolma") -> AppTest:
    """The board as a script of its own."""
    script = (
        "from review_app import alerts_page as page\n"
        "from review_app.opened import opened_survey\n"
        "from species_db.language import speaking\n"
        f"with speaking({language!r}):\n"
        f"    page.show(opened_survey(), person={person!r}, language={language!r})\n"
    )
    return AppTest.from_string(script, default_timeout=30).run()


def text_of(page: AppTest) -> str:
    """Everything that the page shows as HTML."""
    return "\n".join(str(one.proto.body) for one in page.get("html"))


def alert_of(survey: Survey, rule_id: str, state: AlertState) -> Alert:
    """One alert of a rule in a state."""
    return next(one for one in alerts(survey, rule_id) if one.state == state.value)


def test_the_board_is_drawn_in_both_languages(board: Survey) -> None:
    """Lanes, reasons with numbers, urgency by shape and word, and the false-alarm table."""
    english, chinese = drawn("en"), drawn("zh")
    for page in (english, chinese):
        assert not page.exception and not page.error
    told = text_of(english)
    assert "To be reviewed" in told and "▲ high" in told and "d overdue" in told
    assert "First record in Medog County (class I)" in told
    assert "over budget" in told
    assert "墨脱县首次记录(国家一级)" in text_of(chinese) and "▲ 高" in text_of(chinese)


def test_an_empty_board_says_so(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any alert, and without a name, the page is drawn and acts are closed."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    page = drawn("en", person="")
    assert not page.exception and page.warning[0].value.startswith("Write your name")
    assert "'Run the rules' looks" in page.info[0].value
    assert page.button(key="alerts run").disabled
    opened.opened_survey().close()
    opened._open.cache_clear()


def test_one_click_acknowledges(board: Survey) -> None:
    """The card's button takes the next step under the reader's name."""
    alert = alert_of(board, "dead_or_ill", AlertState.FIRM)
    page = drawn("en")
    page.button(key=f"next {alert.alert_id}").click().run()
    assert page.success[0].value == "Kept."
    assert alert_of(board, "dead_or_ill", AlertState.ACKNOWLEDGED).alert_id == alert.alert_id


def test_a_stale_board_is_refused(board: Survey) -> None:
    """Somebody was faster: the click writes nothing and says who it was."""
    alert = alert_of(board, "dead_or_ill", AlertState.FIRM)
    page = drawn("en")
    act_on(board, alert.alert_id, Step(AlertAct.ACKNOWLEDGE, "Lhamo"))
    page.button(key=f"next {alert.alert_id}").click().run()
    assert "(Lhamo)" in page.error[0].value


def test_a_second_person_sees_the_first_ones_act(board: Survey) -> None:
    """Two boards are open: the slower is refused by name, and then shows how things stand."""
    alert = alert_of(board, "dead_or_ill", AlertState.FIRM)
    first, second = drawn("en", "Lhamo"), drawn("en", "Drolma")
    first.button(key=f"next {alert.alert_id}").click().run()
    second.button(key=f"next {alert.alert_id}").click().run()
    assert "(Lhamo)" in second.error[0].value and not second.exception
    assert second.button(key=f"next {alert.alert_id}").label == "Assign"


def test_the_review_page_opens_the_event_that_it_is_asked_for(board: Survey) -> None:
    """From a provisional alert a person comes to its event, not to the head of the queue."""
    alert = alert_of(board, "first_in_county", AlertState.PROVISIONAL)
    page = AppTest.from_string(
        "from review_app import review_page as page\n"
        "from review_app.opened import opened_survey\n"
        "page.show(opened_survey(), person='Drolma', language='en')\n",
        default_timeout=30,
    )
    page.query_params["event"] = alert.record_id
    page.run()
    assert not page.exception
    assert page.session_state["desk"].event_id == alert.record_id
    assert "event" not in page.query_params


def test_an_alert_is_opened_and_acted_on(board: Survey) -> None:
    """The form asks for what the step needs; the history shows it afterwards."""
    alert = alert_of(board, "invasive_near", AlertState.CHECKED)
    page = drawn("en")
    page.button(key=f"open {alert.alert_id}").click().run()
    assert "about 40 plants" in text_of(page)
    key = f"{alert.alert_id} checked action"
    page.text_area(key=f"note {key}").set_value("pulled out, seed heads bagged")
    (submit,) = [one for one in page.button if one.label == "Action"]
    submit.click().run()
    assert not page.exception and not page.error
    assert "seed heads bagged" in text_of(page)
    assert alert_of(board, "invasive_near", AlertState.ACTED).alert_id == alert.alert_id


def test_filters_narrow_the_board(board: Survey) -> None:
    """A county's board shows no other county's alerts."""
    page = drawn("en")
    page.selectbox(key="alerts county en").set_value("540425").run()
    told = text_of(page)
    assert "Zayu County · LZ-063" in told and "Bayi District · LZ-017" not in told


def test_rules_are_run_from_the_board(board: Survey) -> None:
    """The button runs the rules and tells what they brought."""
    field_record(board, "LZ-063", TODAY - DAY, "Ageratina adenophora")
    page = drawn("en")
    page.button(key="alerts run").click().run()
    assert "alerts raised" in page.success[0].value
    assert not page.exception


def test_what_people_wrote_is_no_markup(board: Survey) -> None:
    """A name with a tag in it is shown as written."""
    alert = alert_of(board, "dead_or_ill", AlertState.FIRM)
    with board.writing() as session:
        row = session.get_one(Alert, alert.alert_id)
        row.assigned_to, row.state = "<b>x</b>", AlertState.ASSIGNED.value
        session.add(row)
    with board.reading() as session:
        (view,) = [
            one
            for one in alert_board(session, now=datetime.now(UTC))
            if one.alert_id == alert.alert_id
        ]
    assert "<b>x" not in card_html(view, words_of(SENTENCES, EN))


def test_a_rate_has_its_number_and_interval() -> None:
    """No share without its count and interval; nothing closed is said in words."""
    rates = [FalseAlarms("a", 10, 3, 1, 0.3), FalseAlarms("b", 0, 0, 0, 0.3)]
    told = rates_html(rates, {"a": "A", "b": "B"}, words_of(SENTENCES, EN))
    assert "40% (12%–74%)" in told and "over budget (30%)" in told and "3 / 1" in told
    assert "none closed yet" in told


def test_every_term_has_words_in_both_languages() -> None:
    """States, acts, outcomes and our own notes are all told in English and Chinese."""
    assert set(STATES) == set(AlertState) and set(ACT_WORDS) == set(AlertAct)
    assert set(OUTCOME_WORDS) == set(AlertOutcome)
    pairs = [*SENTENCES.values(), *STATES.values(), *ACT_WORDS.values(), *NOTES.values()]
    assert all(english and chinese for english, chinese in pairs)
    for english, chinese in pairs:
        assert english.count("{") == chinese.count("{"), english


@pytest.mark.browser
def test_the_board_in_a_browser(board: Survey, chromium: str, tmp_path: Path) -> None:  # noqa: F811
    """Somebody reads the board, sees the picture behind an alert, and takes a step."""
    for language in ("zh", "en"):
        with (
            speaking(language),  # type: ignore[arg-type]
            served(board, tmp_path) as url,
            browser_at(chromium) as browser,
        ):
            page = opened_page(browser, f"{url}/alerts")
            if language == "zh":
                page.get_by_text("中文", exact=True).click()
                page.get_by_text("待核实 ·").wait_for(timeout=SLOW_MS)
                keep(page, board, "alerts-board-zh")
                continue
            page.get_by_text("To be reviewed ·").wait_for(timeout=SLOW_MS)
            page.locator(".st-key-alert_map iframe").wait_for(timeout=SLOW_MS)
            keep(page, board, "alerts-board")
            page.get_by_role("heading", name="False alarms by rule").scroll_into_view_if_needed()
            page.wait_for_timeout(500)
            keep(page, board, "alerts-figures")
            page.get_by_role("button", name="Acknowledge").first.click()
            page.get_by_text("Kept.").wait_for()
            lanes = page.locator(".st-key-alert_lanes")
            lanes.get_by_role("button", name="Open", exact=True).first.click()
            picture = page.locator("img.evidence")
            expect(picture).to_be_visible()
            page.wait_for_timeout(500)
            keep(page, board, "alerts-provisional")
            page.get_by_role("button", name="← Board").click()
            lanes.get_by_role("button", name="Action", exact=True).click()
            page.get_by_label("Note").fill("pulled out, seed heads bagged")
            keep(page, board, "alerts-detail")
            page.get_by_role("button", name="Action", exact=True).click()
            page.get_by_text("Kept.").wait_for()
            keep(page, board, "alerts-acted")
    with board.reading() as session:
        assert session.exec(select(Event)).first() is not None
    assert alert_of(board, "invasive_near", AlertState.ACTED)


def reviewed(survey: Survey) -> set[str]:
    """The events that a person has decided on."""
    with survey.reading() as session:
        found = session.exec(
            select(Event.event_id).where(col(Event.current_review_id).is_not(None))
        )
        return set(found)


@pytest.mark.browser
def test_a_provisional_alert_leads_to_its_event(
    board: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """One click leads from a machine's word to its event on the review page, ready for keys."""
    alert = alert_of(board, "first_in_county", AlertState.PROVISIONAL)
    machine_event(board, "D-LZ-001", TODAY - 50 * DAY, name="Neofelis nebulosa")
    with board.reading() as session:
        event = view_event(session, alert.record_id)
        head = next_event(session)
    before = reviewed(board)
    assert head is not None and head.event_id != alert.record_id  # else any click would lead there
    with speaking("en"), served(board, tmp_path) as url, browser_at(chromium) as browser:
        page = opened_page(browser, f"{url}/alerts")
        page.locator(".st-key-alert_map iframe").wait_for(timeout=SLOW_MS)
        page.wait_for_timeout(500)  # a click while the page is still drawn goes nowhere
        lane = page.locator(".st-key-alert_lanes")
        lane.get_by_role("button", name="Open", exact=True).first.click(timeout=SLOW_MS)
        page.get_by_role("button", name="Review its record").click()
        photo = page.locator(f"#photo[src*='{event.media[0].media_id}']")
        expect(photo).to_be_visible(timeout=SLOW_MS)
        page.locator(f"#desk[data-painted='{alert.record_id}']").wait_for(timeout=SLOW_MS)
        page.wait_for_timeout(300)
        keep(page, board, "alerts-to-review")
        page.keyboard.press("Enter")
        expect(photo).to_be_hidden(timeout=SLOW_MS)
        for _ in range(300):  # the picture goes at once, the decision is kept a moment later
            if alert.record_id in reviewed(board):
                break
            page.wait_for_timeout(100)
    assert reviewed(board) == {*before, alert.record_id}
