"""False alarms in a real browser: a stump is seen close up, dismissed and brought back by keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from species_db.survey import Survey
from species_db.tables import DismissedBox
from tests.repeats_scene import EVENTS, all_media, plant_stump
from tests.review_scene import draw_photo, served
from tests.test_pages_browser import browser_at, keep, opened
from tests.test_review_browser import chromium  # noqa: F401  (a fixture)

pytestmark = pytest.mark.browser
TABS = 60  # more than the page has


def focus(page: Page, name: str) -> None:
    """Go to a button with the Tab key alone."""
    page.get_by_role("button", name=name).first.wait_for(timeout=60_000)
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip() == name:
            return
    pytest.fail(f"the Tab key never came to {name}")


def test_a_stump_is_dismissed_and_brought_back_with_the_keyboard(
    survey: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Pictures show the place close up; Tab and Enter dismiss it, and Tab and Enter undo it."""
    plant_stump(survey)
    with survey.reading() as session:
        for media in all_media(session):
            draw_photo(survey, media, "blank")
    with served(survey, tmp_path) as url, browser_at(chromium) as browser:
        page = opened(browser, f"{url}/repeats")
        page.locator(".repeats img").first.wait_for(timeout=60_000)
        page.wait_for_function(
            "[...document.querySelectorAll('.repeats img')].some((one) => one.naturalWidth > 0)"
        )
        assert page.locator(".repeats img").count() == 13
        keep(page, survey, "repeats")
        focus(page, "These are false alarms")
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{2 * EVENTS} boxes dismissed")).to_be_visible()
        keep(page, survey, "repeats-dismissed")
        focus(page, "Undo")
        page.keyboard.press("Enter")
        expect(page.get_by_text("boxes stand again")).to_be_visible()
    with survey.reading() as session:
        assert all(row.restored_at for row in session.exec(select(DismissedBox)))
