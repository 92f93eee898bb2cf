"""Import, clocks and health in a real browser, each as the person who does it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from sqlmodel import select

from ingest.clock import propose_clock
from ingest.import_card import import_card
from species_db.camera_days import recompute_days, strip_of
from species_db.clock import clock_view
from species_db.survey import Survey
from species_db.tables import Media
from species_db.vocabulary import DayState
from tests.cards import jpeg, make_card, with_deployment
from tests.review_scene import served
from tests.test_review_browser import CHROMIUM_ARGUMENTS, chromium  # noqa: F401  (a fixture)

pytestmark = pytest.mark.browser

WINDOW = ViewportSize(width=1366, height=768)
SLOW_MS = 60_000  # the first page reads all of Streamlit


@contextmanager
def browser_at(chromium: str) -> Iterator[Browser]:  # noqa: F811
    """A browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


def opened(browser: Browser, url: str) -> Page:
    """A page of the app in a window of its own."""
    page = browser.new_page(viewport=WINDOW)
    page.goto(url)
    page.locator("h1").wait_for(timeout=SLOW_MS)
    return page


def keep(page: Page, survey: Survey, name: str) -> None:
    """Keep a screenshot where NAMCHA_SCREENSHOTS says, else beside the survey's folder."""
    folder = Path(os.environ.get("NAMCHA_SCREENSHOTS") or survey.folder.parent)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"page-{name}.png")


def test_a_card_is_imported_through_the_page(
    survey: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Choose the folder, see the match, start, close the browser: the receipt is there after."""
    deployment_id = with_deployment(survey)
    make_card(tmp_path / "cards" / deployment_id, photos=60)
    make_card(tmp_path / "cards" / "MT-01-2062", photos=3, first_number=500)
    with served(survey, tmp_path) as url, browser_at(chromium) as browser:
        page = opened(browser, f"{url}/import")
        page.get_by_label("Folder of one card or of several").fill(str(tmp_path / "cards"))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Look at the cards").click()
        page.get_by_text("Matched by: the folder's name").wait_for(timeout=30_000)
        expect(page.get_by_text("Not certain. Perhaps MT-01-2026")).to_be_visible()
        starts = page.get_by_role("button", name="Import", exact=True)
        expect(starts.nth(0)).to_be_enabled()
        expect(starts.nth(1)).to_be_disabled()  # unmatched: never guessed
        keep(page, survey, "import-1-cards")
        starts.nth(0).click()
        page.get_by_text(f"{deployment_id} → {deployment_id}").wait_for(timeout=30_000)
        page.close()

        page = opened(browser, f"{url}/import")
        page.get_by_text("✓ done").wait_for(timeout=30_000)
        page.get_by_text("60 of 60 files").wait_for()
        keep(page, survey, "import-2-done")
        receipt = page.get_by_role("link", name="Open receipt").first.get_attribute("href")
        answer = page.request.get(f"{url}{receipt}")
        assert answer.status == 200 and deployment_id in answer.text()
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        for wrong in ("..%2Fsurvey.toml", "%2e%2e%2fsurvey.db", "nowhere.html"):
            assert page.request.get(f"{url}/receipt/{wrong}").status in (400, 404)
    with survey.reading() as session:
        assert len(session.exec(select(Media.media_id)).all()) == 60


@pytest.fixture
def fallen_back(survey: Survey, tmp_path: Path) -> Survey:
    """A survey with a card whose clock fell back to 2015 half-way, as the detectors saw it."""
    deployment_id = with_deployment(survey)
    for number in range(40):
        moment = datetime(2026, 4, 13, 10) + timedelta(days=4.2 * number)
        if number >= 20:
            moment = datetime(2015, 1, 2) + timedelta(days=4.2 * (number - 20))
        path = tmp_path / "SD01" / "DCIM" / "100MEDIA" / f"IMG_{number + 1:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, moment))
    import_card(survey, tmp_path / "SD01", deployment_id=deployment_id, person="Tashi")
    propose_clock(survey, deployment_id)
    with survey.writing() as session:
        recompute_days(session, deployment_id)
    return survey


def years(survey: Survey) -> set[int]:
    """The years that the survey's corrected times lie in."""
    with survey.reading() as session:
        return {moment.year for moment in session.exec(select(Media.timestamp)) if moment}


def test_a_clock_is_put_right_and_back(
    fallen_back: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Accepting a proposal on the page moves the times; withdrawing it moves them back."""
    assert years(fallen_back) == {2015, 2026}
    with served(fallen_back, tmp_path) as url, browser_at(chromium) as browser:
        page = opened(browser, f"{url}/clock")
        page.get_by_text("△ proposed").wait_for()
        page.locator("canvas, svg.marks").first.wait_for()
        expect(page.locator(".photos figure")).to_have_count(6)
        expect(page.get_by_text("▼ the stretch begins")).to_be_visible()
        keep(page, fallen_back, "clock-1-proposed")
        page.get_by_role("button", name="Accept").click()
        page.get_by_text("In force: 20 files have new times.").wait_for()
        assert years(fallen_back) == {2026}
        keep(page, fallen_back, "clock-2-accepted")
        page.get_by_role("button", name="Withdraw").click()
        page.get_by_text("Withdrawn:").wait_for()
    assert years(fallen_back) == {2015, 2026}
    with fallen_back.reading() as session:
        (segment,) = clock_view(session, "MT-01-2026").segments
    assert (segment.state, segment.decided_by) == ("withdrawn", "Tashi")


def test_a_cause_is_stated_on_the_page(
    fallen_back: Survey,
    chromium: str,  # noqa: F811
    tmp_path: Path,
) -> None:
    """What a person says of a stretch stands in the strip, and can be taken back."""
    with served(fallen_back, tmp_path) as url, browser_at(chromium) as browser:
        page = opened(browser, f"{url}/health")
        page.locator(".strip").wait_for()
        page.get_by_role("button", name="MT-01-2026").click()
        page.get_by_label("Cause").fill("a bear took it")
        keep(page, fallen_back, "health-1-camera")
        page.get_by_role("button", name="Keep this").click()
        page.get_by_text("Kept.").wait_for()
        expect(page.locator(".strip").get_by_text("✎")).to_have_count(1)
        keep(page, fallen_back, "health-2-stated")
        with fallen_back.reading() as session:
            stated = [day for day in strip_of(session, "MT-01-2026") if day.is_human]
        assert {(day.cause, day.who) for day in stated} == {("a bear took it", "Tashi")}
        assert DayState.WORKING not in {day.state for day in stated}
        page.get_by_role("button", name="Take back").click()
        page.get_by_text("Taken back").wait_for()
    with fallen_back.reading() as session:
        assert not any(day.is_human for day in strip_of(session, "MT-01-2026"))
