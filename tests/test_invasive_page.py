"""The page of invaders: what it shows, what its form takes, and how it looks in a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from review_app import invasive_page, opened
from review_app.say import words_of
from review_app.words_invasive import SENTENCES
from species_db.survey import Survey
from species_db.tables import ControlAction, Decision
from species_db.vocabulary import Act
from tests.invaded_season import invaded_season
from tests.review_scene import served
from tests.test_pages_browser import browser_at, keep
from tests.test_pages_browser import opened as page_at
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)


def draw() -> None:
    """The page as the app shows it; AppTest runs this by itself, so it imports what it needs."""
    import streamlit as st

    from review_app.invasive_page import show
    from review_app.opened import opened_survey
    from species_db.language import speaking

    state = st.session_state
    person, language = state.get("person", "Drolma"), state.get("language", "en")
    with speaking(language):
        show(opened_survey(), person=person, language=language)


@pytest.fixture
def shown(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A survey in the app."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    invasive_page._overview_of.clear()
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def page_of(**state: str) -> AppTest:
    """The page, drawn once."""
    page = AppTest.from_function(draw, default_timeout=60)
    for name, value in state.items():
        page.session_state[name] = value
    page.run()
    assert not page.exception
    return page


def told_by(page: AppTest) -> str:
    """All markup of the page."""
    return " ".join(one.proto.body for one in page.get("html"))


def by_key(page: AppTest, kind: str, start: str):
    """The widget of a kind whose key begins so."""
    return next(one for one in page.get(kind) if (one.key or "").startswith(start))


def test_an_empty_survey_says_how_to_begin(shown: Survey) -> None:
    """Before any record the page says where records come from, in either language."""
    assert "namcha import-field" in page_of().info[0].value
    assert "尚无入侵物种记录" in page_of(language="zh").info[0].value


def test_the_page_tells_what_is_known(shown: Survey) -> None:
    """Table, lists, effort, spread, control and its effect stand on it, and no place."""
    invaded_season(shown)
    page = page_of()
    told = told_by(page)
    assert "Ageratina adenophora" in told and "priority-managed, national" in told
    assert "not searched" in told  # 2023
    assert "before/after/control: 4 treated plots" in told
    assert "nobody went back yet" in told
    assert "km a year" in told and "Naive" in told
    assert "<svg" in page.get("iframe")[0].proto.srcdoc
    assert "29.55" not in told and "94.45" not in told
    chinese = told_by(page_of(language="zh"))
    assert "紫茎泽兰" in chinese and "前后对照（BACI）" in chinese


def test_an_action_is_entered_on_the_page(shown: Survey) -> None:
    """The form keeps an action under the person's name; a wrong one is answered with why."""
    taxon = invaded_season(shown)
    page = page_of(invasive_taxon=taxon)
    with shown.reading() as session:
        before = len(session.exec(select(ControlAction)).all())
    by_key(page, "text_input", "control_led").set_value("Pema")
    by_key(page, "selectbox", "control_method").set_value("biological")
    by_key(page, "button", "control_save").click().run()
    assert "agent" in page.error[0].value
    by_key(page, "text_input", "control_agent").set_value("Procecidochares utilis")
    by_key(page, "button", "control_save").click().run()
    assert page.success[0].value == "Kept."
    with shown.reading() as session:
        rows = session.exec(select(ControlAction)).all()
        entry = session.exec(
            select(Decision)
            .where(Decision.act == Act.CONTROL_RECORDED.value)
            .order_by(Decision.sequence.desc())
        ).first()
    assert len(rows) == before + 1
    assert entry is not None and entry.person == "Drolma"
    assert "Procecidochares utilis" in told_by(page)


def test_all_invaders_are_shown_together(shown: Survey) -> None:
    """With no species chosen the map of all is drawn, and the form asks for one first."""
    invaded_season(shown)
    page = page_of(invasive_taxon="")
    assert "Map of All invasive species" in page.get("iframe")[0].proto.srcdoc
    assert "Choose one species" in page.info[0].value
    assert "km a year" not in told_by(page)


def test_nobody_enters_an_action_without_a_name(shown: Survey) -> None:
    """The form asks for the person's name and keeps its button shut."""
    taxon = invaded_season(shown)
    page = page_of(person="", invasive_taxon=taxon)
    assert "Write your name" in page.warning[0].value
    assert by_key(page, "button", "control_save").disabled


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_word_is_there(language: str) -> None:
    """No sentence of the page is empty in either language."""
    assert all(words_of(SENTENCES, language).values())  # type: ignore[arg-type]


@pytest.mark.browser
def test_the_page_in_a_browser(
    survey: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """The map, the chart and the pictures are drawn; the form keeps an action."""
    invaded_season(survey)
    with served(survey, tmp_path) as url, browser_at(chromium) as browser:
        page = page_at(browser, f"{url}/invasive")
        drawn = page.frame_locator(".st-key-invasive_map iframe").locator("svg[role=img]")
        drawn.wait_for()
        assert "squares of 0.1 degrees with records" in (drawn.locator("desc").text_content() or "")
        assert drawn.bounding_box()["height"] > 300
        page.locator("canvas, svg.marks").nth(1).wait_for()
        page.wait_for_timeout(800)
        keep(page, survey, "invasive-1-top")
        page.get_by_text("Spread, year by year").scroll_into_view_if_needed()
        page.mouse.wheel(0, 520)
        page.wait_for_timeout(600)
        keep(page, survey, "invasive-2-spread")
        page.get_by_text("Where else it could live").scroll_into_view_if_needed()
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(800)
        keep(page, survey, "invasive-3-suitability")
        pictures = page.locator(".pairs img")
        pictures.first.wait_for()
        assert pictures.first.evaluate("one => one.complete && one.naturalWidth") > 0
        pictures.first.scroll_into_view_if_needed()
        page.wait_for_timeout(600)
        keep(page, survey, "invasive-4-control")
        page.get_by_text("Enter a control action").click()
        page.get_by_label("Led by").fill("Pema")
        page.get_by_label("Treated area").fill("80")
        page.wait_for_timeout(300)
        keep(page, survey, "invasive-5-form")
        page.get_by_role("button", name="Keep this action").click()
        page.get_by_text("Kept.").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_text("中文").click()
        page.get_by_text("名录状态").wait_for()
        page.locator("h1").scroll_into_view_if_needed()
        page.wait_for_timeout(800)
        keep(page, survey, "invasive-6-zh")
    with survey.reading() as session:
        assert session.exec(select(ControlAction).where(ControlAction.led_by == "Pema")).one()
