"""The pages and commands of false alarms and of missed animals, as people and scripts use them."""

import json
from collections.abc import Iterator
from importlib import import_module

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest
from test_command_line import namcha

from review_app import opened
from review_app.misses_chart import reliability_chart
from review_app.repeats_grid import grid_html
from review_app.say import words_of
from review_app.words_misses import SENTENCES as MISSES
from review_app.words_repeats import SENTENCES as REPEATS
from species_db.misses.calibration import Scored, calibrate
from species_db.misses.draw import draw_audit
from species_db.repeats.groups import repeats_of
from species_db.review import mark_animal, mark_blank
from species_db.survey import Survey
from species_db.tables import AuditItem, DismissedBox, Event
from tests.repeats_scene import (
    EVENTS,
    WITH_DEER,
    all_media,
    call_of_event,
    plant_blanks,
    plant_stump,
)

HERE = "MT-01-2026"


@pytest.fixture
def stumped(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A survey that the pages open, with a camera before a stump and some blanks."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    plant_stump(survey)
    plant_blanks(survey, HERE, count=40)
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def drawn(module: str, language: str = "en", person: str = "Tashi") -> AppTest:
    """One page as a script of its own."""
    script = (
        f"from review_app import {module} as page\n"
        "from review_app.opened import opened_survey\n"
        "from species_db.language import speaking\n"
        f"with speaking({language!r}):\n"
        f"    page.show(opened_survey(), person={person!r}, language={language!r})\n"
    )
    return AppTest.from_string(script, default_timeout=60).run()


def test_a_group_is_dismissed_and_taken_back_on_the_page(stumped: Survey) -> None:
    """One button dismisses the stump, another brings it back; both are told."""
    with stumped.reading() as session:
        (group,) = repeats_of(session, HERE)
    page = drawn("repeats_page")
    assert not page.exception
    page.button(key=f"dismiss {group.group_id}").click().run()
    assert f"{2 * EVENTS} boxes dismissed" in page.success[0].value
    assert f"{EVENTS - WITH_DEER} events are blank now" in page.success[0].value
    with stumped.reading() as session:
        rows = session.exec(select(DismissedBox)).all()
        assert {row.dismissed_by for row in rows} == {"Tashi"}
        assert repeats_of(session, HERE) == []
    assert f"{WITH_DEER} events to review" in page.selectbox[0].options[0]
    page.button(key="repeats undo").click().run()
    assert "boxes stand again" in page.success[0].value
    assert page.button(key=f"dismiss {group.group_id}")
    assert not page.exception and not page.error


def test_an_older_act_can_be_taken_back_from_its_line(stumped: Survey) -> None:
    """Acts are listed below the groups, though the camera has nothing left to review."""
    with stumped.reading() as session:
        (group,) = repeats_of(session, HERE)
    page = drawn("repeats_page", "zh")
    page.button(key=f"dismiss {group.group_id}").click().run()
    page = drawn("repeats_page", "zh")
    with stumped.reading() as session:
        act = session.exec(select(DismissedBox.dismissal_id)).first()
    page.button(key=f"take back {act}").click().run()
    assert f"已恢复 {2 * EVENTS} 个框" in page.success[0].value


def test_nobody_dismisses_without_a_name(stumped: Survey) -> None:
    """Without a name the button is closed, and the page says what is missing."""
    page = drawn("repeats_page", person="")
    (button,) = [one for one in page.button if one.key.startswith("dismiss ")]
    assert button.disabled and page.warning


def test_pictures_of_people_are_not_sent_for(stumped: Survey) -> None:
    """A restricted picture is named in the grid; its address is not there."""
    words = words_of(REPEATS, "en")
    with stumped.writing() as session:
        for media in all_media(session)[:2]:
            media.is_restricted = True
            session.add(media)
            hidden = media.media_id
    with stumped.reading() as session:
        (group,) = repeats_of(session, HERE)
    shown = grid_html(group, words)
    assert words["hidden"] in shown and hidden not in shown
    assert shown.count("<img") == len(group.previews)  # one hidden, and the whole frame


def test_a_sample_is_drawn_and_followed_on_the_page(stumped: Survey) -> None:
    """The draw button draws; the bar shows how far the review has come; then there is a number."""
    page = drawn("misses_page")
    assert not page.exception
    page.number_input(key="misses size").set_value(20).run()
    page.button(key="misses draw").click().run()
    assert "20 events drawn" in page.success[0].value
    with stumped.reading() as session:
        items = session.exec(select(AuditItem.event_id)).all()
    for number, event_id in enumerate(items):
        mark = mark_animal if number == 0 else mark_blank
        mark(stumped, event_id, person="Tashi", expected_review_id=None)
    for language in ("en", "zh"):
        page = drawn("misses_page", language)
        assert not page.exception and not page.error
        assert page.button(key="misses advised")
    page.button(key="misses advised").click().run()
    assert not page.exception
    with stumped.reading() as session:
        assert len(session.exec(select(AuditItem)).all()) > 20


def test_the_reliability_plot_shows_points_counts_and_curve() -> None:
    """Observed shares with intervals over the diagonal, the curve, and counts below."""
    reviewed = [Scored(0.3 + 0.6 * (n % 10) / 10, n % 3 > 0, f"D{n % 4}") for n in range(80)]
    found = calibrate(reviewed, [one.score for one in reviewed] + [0.9] * 20)
    chart = reliability_chart(found, words_of(MISSES, "en")).to_dict()
    above, below = chart["vconcat"]
    marks = [layer["mark"]["type"] for layer in above["layer"]]
    assert marks == ["line", "line", "rule", "point"]
    values = chart["datasets"]
    points = values[above["layer"][-1]["data"]["name"]]
    assert all(one["low"] <= one["share"] <= one["high"] for one in points)
    assert sum(one["events"] for one in values[below["data"]["name"]]) == 100


@pytest.mark.parametrize("name", ["words_repeats", "words_misses"])
def test_every_sentence_is_there_in_both_languages(name: str) -> None:
    """No sentence is missing, and both languages fill in the same figures."""
    for key, (english, chinese) in import_module(f"review_app.{name}").SENTENCES.items():
        assert english and chinese, key
        fields = [{p.split("}")[0] for p in text.split("{")[1:]} for text in (english, chinese)]
        assert fields[0] == fields[1], key


def test_the_command_lists_dismisses_and_restores(stumped: Survey) -> None:
    """A script reads the groups, dismisses one by its name, and takes the act back."""
    listed = json.loads(namcha("repeats", "--json").stdout)
    (group,) = listed["groups"]
    assert (group["events"], group["clears"]) == (EVENTS, EVENTS - WITH_DEER)
    said = namcha("repeats", HERE, "--dismiss", group["group_id"]).stdout
    act = said.split("--restore ")[1].strip()
    assert json.loads(namcha("repeats", "--json").stdout)["groups"] == []
    assert "48 boxes stand again" in namcha("repeats", "--restore", act).stdout
    wrong = namcha("repeats", "--restore", act, fails=True)
    assert "in force" in wrong.stderr


def test_the_command_draws_and_estimates(stumped: Survey) -> None:
    """Draw, review, estimate: text for people, figures for scripts."""
    drawn_now = namcha("misses", "draw", "--size", "15", "--json")
    assert sum(one["events"] for one in json.loads(drawn_now.stdout)[0]["events"]) == 15
    before = namcha("misses", "estimate").stdout
    assert "none of it reviewed: 15 events wait" in before
    with stumped.reading() as session:
        items = session.exec(select(AuditItem.event_id)).all()
    for event_id in items:
        mark_blank(stumped, event_id, person="Tashi", expected_review_id=None)
    plain = json.loads(namcha("misses", "estimate", "--json").stdout)
    assert plain["reviewed"] == 15 and plain["missed"]["low"] == 0
    assert "We expect to have missed" in namcha("misses", "estimate").stdout
    shown = namcha("misses", "calibration", "general")
    assert "events reviewed" in shown.stdout or "No event" in shown.stdout


def test_dismissed_events_may_be_drawn(stumped: Survey) -> None:
    """An event that became blank by a dismissal is a blank like others: it can be audited."""
    with stumped.reading() as session:
        (group,) = repeats_of(session, HERE)
    from species_db.repeats.dismiss import dismiss

    dismiss(stumped, HERE, group.observation_ids, person="Tashi")
    (one,) = draw_audit(stumped, person="Tashi", size=500)
    assert one.total == 40 + EVENTS - WITH_DEER
    with stumped.reading() as session:
        cleared = session.exec(select(Event.event_id).where(Event.media_count == 2)).all()
    assert any(call_of_event(stumped, event_id) == ("blank", 1) for event_id in cleared)
