"""The review page in a real browser: ten reviews with the keyboard alone."""

import os
import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright
from sqlmodel import col, select

from species_db.decisions import broken_entries
from species_db.review import mark_blank, summarise_event
from species_db.survey import Survey
from species_db.tables import CameraStation, Decision, Event, Observation, Taxon
from species_db.taxa import seed_taxa
from tests.factories import NINE, make_event, make_machine_observation
from tests.review_scene import BOX, draw_photo, event_row, join_photo, media_of, served

pytestmark = pytest.mark.browser

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What people say of each event: type, scientific name, count.
Said = dict[str, tuple[str, str, int | None]]
WINDOW = ViewportSize(width=1280, height=720)

SHADOW = "document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot"

# What the machine says of the thirteen events, in the order of the queue.
CALLS = ["animal"] * 6 + ["human"] + ["vehicle"] + ["blank"] * 4 + [""]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser of this computer; CI must have one."""
    found = os.environ.get("NAMCHA_CHROMIUM") or shutil.which("chromium")
    if not found:
        reason = "needs chromium: install it, or name it in NAMCHA_CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return str(found)


@pytest.fixture
def photographed(survey: Survey) -> Survey:
    """A survey with thirteen events of drawn photos, which the machine has looked at."""
    with survey.writing() as session:
        seed_taxa(session)
        for number, call in enumerate(CALLS):
            start = NINE + timedelta(hours=number)
            event = make_event(session, start=start, photos=3 if number < 2 else 1)
            for media in media_of(session, event.event_id):
                media.temperature_c = 14.0
                session.add(media)
                draw_photo(survey, media, call)
                if call:
                    box = None if call == "blank" else BOX
                    make_machine_observation(
                        session, media, observation_type=call, score=0.91, bbox=box
                    )
            summarise_event(session, event.event_id)
        station = session.get_one(CameraStation, "MT-01")
        station.location_name = "Hanmi 汗密"
        session.add(station)
        people = session.exec(select(Event).where(Event.machine_type == "human")).one()
        (media,) = media_of(session, people.event_id)
        media.is_restricted = True
        session.add(media)
    return survey


@dataclass
class Reviewer:
    """Somebody at the keyboard of the page; has no mouse."""

    page: Page
    survey: Survey
    waits_ms: list[float] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys that only change what the screen shows."""
        for key in keys:
            self.page.keyboard.press(key)

    def act(self, *keys: str) -> None:
        """Press keys of which the last is an act; wait until the next event is painted."""
        *before, last = keys
        self.press(*before)
        serial = self.serial()
        self.page.evaluate(
            """() => {
              const desk = document.querySelector('[data-testid=stBidiComponentIsolated]')
                .shadowRoot.querySelector('#desk');
              const began = new Promise((done) => window.addEventListener('keydown',
                () => done(performance.now()), { capture: true, once: true }));
              const painted = new Promise((done) => new MutationObserver((_, it) => {
                it.disconnect(); done(performance.now());
              }).observe(desk, { attributes: true, attributeFilter: ['data-serial'] }));
              window.waited = Promise.all([began, painted]).then(([a, b]) => b - a);
            }"""
        )
        self.press(last)
        self.page.wait_for_function(
            """(serial) => +document.querySelector('[data-testid=stBidiComponentIsolated]')
               .shadowRoot.querySelector('#desk').dataset.serial > serial""",
            arg=serial,
        )
        self.waits_ms.append(self.page.evaluate("window.waited"))

    def choose(self, text: str, *keys: str) -> None:
        """Choose a taxon by name: c, the name as typed, then the keys."""
        self.press("c")
        self.page.keyboard.insert_text(text)  # as an input method for Chinese does
        self.page.locator("#hits li").first.wait_for()
        self.act(*keys, "Enter")

    def serial(self) -> int:
        """Which screen is before the reviewer."""
        return int(self.page.locator("#desk").get_attribute("data-serial") or 0)

    def event_id(self) -> str:
        """The event that is before the reviewer."""
        return self.page.locator("#desk").get_attribute("data-painted") or ""

    def shows(self, place: str) -> str:
        """What the screen says at a place."""
        return self.page.locator(f"#{place}").inner_text()


@pytest.fixture
def reviewer(photographed: Survey, chromium: str, tmp_path: Path) -> Iterator[Reviewer]:
    """Somebody who has the page open and their name on it."""
    with _opened(photographed, chromium, tmp_path) as somebody:
        yield somebody


@contextmanager
def _opened(survey: Survey, chromium: str, tmp_path: Path) -> Iterator[Reviewer]:
    """Serve the page as `namcha` serves it, and open it in a browser at 1280 x 720."""
    with served(survey, tmp_path) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport=WINDOW)
        page.goto(url)
        page.locator("#desk[data-painted]").wait_for(timeout=60_000)
        page.wait_for_timeout(300)
        yield Reviewer(page, survey)
        browser.close()


def test_ten_reviews_with_the_keyboard_alone(reviewer: Reviewer) -> None:
    """Ten reviews, a look back and an undo, without a mouse, leave exactly their records."""
    events = _queue(reviewer.survey)
    said = _name_animals(reviewer, events) | _mark_the_rest(reviewer, events)
    assert reviewer.shows("progress").startswith("10 of 13 events reviewed")
    _print_waits(reviewer)
    assert _in_force(reviewer.survey) == said
    assert _acts(reviewer.survey) == [
        *(("reviewed", event) for event in (*events[:5], *events[6:10])),
        ("undone", events[9]),
        *(("reviewed", event) for event in events[9:11]),
    ]
    with reviewer.survey.reading() as session:
        assert list(broken_entries(session)) == []


def _name_animals(reviewer: Reviewer, events: list[str]) -> Said:
    """Five decisions: one confirmed, three named in Chinese, English and Latin, one unknown."""
    assert reviewer.event_id() == events[0]
    reviewer.press(".", ".", ",")
    expect(reviewer.page.locator("#frame")).to_have_text("2 / 3")
    expect(reviewer.page.locator(".box")).to_have_count(1)
    _keep(reviewer, "1-animal")
    reviewer.act("Enter")
    reviewer.choose("赤麂")
    reviewer.press("3")
    reviewer.choose("leopard cat")
    reviewer.press("/")
    reviewer.page.keyboard.insert_text("ursus")
    reviewer.page.locator("#hits li", has_text="Ursus arctos").wait_for()
    _keep(reviewer, "2-taxon")
    reviewer.press("Escape")
    reviewer.choose("mun gon", "4")
    reviewer.act("u")
    return {
        events[0]: ("animal", "", 1),
        events[1]: ("animal", "Muntiacus vaginalis", 1),
        events[2]: ("animal", "Prionailurus bengalensis", 3),
        events[3]: ("animal", "Muntiacus gongshanensis", 4),
        events[4]: ("unknown", "", None),
    }


def _mark_the_rest(reviewer: Reviewer, events: list[str]) -> Said:
    """Pass one over, then five decisions on people, a vehicle and blanks, one made anew."""
    reviewer.act("n")
    assert reviewer.event_id() == events[6]
    _keep(reviewer, "3-restricted")
    reviewer.press("r")
    reviewer.page.wait_for_timeout(200)
    _keep(reviewer, "4-opened")
    reviewer.press("2")
    for key in ("h", "a", "b", "b"):
        reviewer.act(key)
    reviewer.act("z")  # not blank after all
    assert reviewer.event_id() == events[9]
    reviewer.act("s")
    reviewer.act("p")
    _keep(reviewer, "5-decided")
    assert "Set-up" in reviewer.shows("decision")
    assert "Tashi" in reviewer.shows("decision")
    reviewer.act("n")
    reviewer.act("Enter")
    reviewer.press("?")
    _keep(reviewer, "6-keys")
    reviewer.press("Escape")
    return {
        events[6]: ("human", "", 2),
        events[7]: ("vehicle", "", 1),
        events[8]: ("blank", "", None),
        events[9]: ("unknown", "", None),
        events[10]: ("blank", "", None),
    }


def test_a_reviewer_reads_chinese_and_signs(
    photographed: Survey, chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Chinese: no act before there is a name, damaged files are said so, a conflict is told."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    monkeypatch.delenv("NAMCHA_PERSON")
    events = _queue(photographed)
    with photographed.reading() as session:
        (damaged,) = media_of(session, events[2])
        path = photographed.path_of(damaged.file_path)
    path.write_bytes(path.read_bytes()[:300])
    with _opened(photographed, chromium, tmp_path) as reviewer:
        reviewer.act("Enter")
        assert "请先在左侧面板填写您的姓名" in reviewer.shows("message")
        _keep(reviewer, "zh-1-unsigned")
        for language, heading in (("English", "Machine"), ("中文", "机器识别")):
            reviewer.page.get_by_text(language, exact=True).click()
            reviewer.page.locator("#machineTitle", has_text=heading).wait_for()
            assert reviewer.page.evaluate(f"{SHADOW}.activeElement?.id") == "desk"
        reviewer.page.get_by_label("您的姓名", exact=True).fill("扎西")
        reviewer.page.keyboard.press("Enter")
        reviewer.page.wait_for_function(
            """() => document.querySelector('[data-testid=stBidiComponentIsolated]')
               .shadowRoot.querySelector('#person').textContent === '扎西'"""
        )
        mark_blank(photographed, events[0], person="卓玛", expected_review_id=None)
        reviewer.act("Enter")
        assert "您的结果未写入" in reviewer.shows("message")
        assert "卓玛" in reviewer.shows("decision")
        _keep(reviewer, "zh-2-conflict")
        reviewer.act("n")
        reviewer.choose("麂", "ArrowDown")
        assert reviewer.event_id() == events[2]
        assert "此文件无法显示" in reviewer.shows("note")
        _keep(reviewer, "zh-3-damaged")
        reviewer.press("c")
        reviewer.page.keyboard.insert_text("熊")
        reviewer.page.locator("#hits li", has_text="棕熊").wait_for()
        _keep(reviewer, "zh-4-taxon")
    decided = {said[0] for said in _in_force(photographed).values()}
    assert decided == {"blank", "animal"}


def test_the_count_shown_is_the_count_recorded(reviewer: Reviewer) -> None:
    """Digits make one number, Escape takes it back, and what stands there is what is kept."""
    events = _queue(reviewer.survey)
    with reviewer.survey.writing() as session:
        for number in range(1, 4):  # four people stand where the machine calls an animal
            box = (0.1 * number, 0.1, 0.05, 0.05)
            (media,) = media_of(session, events[2])
            make_machine_observation(session, media, observation_type="human", bbox=box)
    shown = []
    for keys in (("1", "2", "4", "0"), ("3", "Escape"), ("1", "0")):
        reviewer.press(*keys)
        shown.append(reviewer.shows("count"))
        if keys[0] == "3":
            reviewer.act("a")
        else:
            reviewer.act("h")
    assert shown == ["124", "1", "10"]
    shown.append(reviewer.shows("count"))
    reviewer.press("z")
    reviewer.page.wait_for_timeout(500)
    reviewer.page.locator(f"#desk[data-painted='{events[2]}']").wait_for()
    reviewer.act("h")
    assert shown[-1] == "1" and reviewer.event_id() == events[3]
    counts = _in_force(reviewer.survey)
    assert [counts[event][2] for event in events[:3]] == [124, 1, 1]


def test_keys_meant_for_a_button_or_a_film_decide_nothing(reviewer: Reviewer) -> None:
    """Enter on the veil only opens the picture, and keys of the film player stay there."""
    events = _queue(reviewer.survey)
    for _ in range(6):
        reviewer.act("n")
    assert reviewer.event_id() == events[6]
    veil = reviewer.page.locator("#veil")
    expect(veil).to_contain_text("Show")
    assert veil.get_attribute("tabindex") == "-1"
    veil.click()
    expect(veil).to_contain_text("Blur again")
    assert reviewer.page.evaluate(f"{SHADOW}.activeElement.id") == "desk"
    veil.focus()
    reviewer.press("Enter")
    expect(veil).to_contain_text("Show")
    reviewer.page.evaluate(
        f"""() => {SHADOW}.querySelector('#film').dispatchEvent(
          new KeyboardEvent('keydown', {{ key: 'b', bubbles: true, composed: true }}))"""
    )
    reviewer.page.wait_for_timeout(500)
    assert _in_force(reviewer.survey) == {}


def test_pictures_that_came_meanwhile_are_looked_at_first(reviewer: Reviewer) -> None:
    """An act on a screen without the newest pictures writes nothing; the screen says why."""
    first = _queue(reviewer.survey)[0]
    reviewer.act("b")
    join_photo(reviewer.survey, first)
    reviewer.act("p")
    assert "New pictures since this review" in reviewer.shows("decision")
    _keep(reviewer, "7-new-pictures")
    join_photo(reviewer.survey, first)
    reviewer.act("u")
    assert "New pictures have come" in reviewer.shows("message")
    assert reviewer.event_id() == first and not event_row(reviewer.survey, first).is_reviewed
    reviewer.act("u")
    assert event_row(reviewer.survey, first).is_reviewed


def _queue(survey: Survey) -> list[str]:
    with survey.reading() as session:
        query = select(Event.event_id).order_by(col(Event.priority), col(Event.event_start))
        return list(session.exec(query))


def _in_force(survey: Survey) -> Said:
    """What people say is there, event by event: type, scientific name, count."""
    with survey.reading() as session:
        query = (
            select(Observation, Taxon)
            .join(Event, col(Event.current_review_id) == col(Observation.review_id))
            .outerjoin(Taxon, col(Taxon.taxon_id) == col(Observation.taxon_id))
        )
        return {
            str(said.event_id): (
                said.observation_type,
                taxon.scientific_name if taxon else "",
                said.count,
            )
            for said, taxon in session.exec(query)
        }


def _acts(survey: Survey) -> list[tuple[str, str]]:
    with survey.reading() as session:
        query = select(Decision.act, Decision.subject).order_by(col(Decision.sequence))
        return [(act, subject) for act, subject in session.exec(query)]


def _keep(reviewer: Reviewer, name: str) -> None:
    """Keep a screenshot where NAMCHA_SCREENSHOTS says, else in the survey's folder."""
    folder = Path(os.environ.get("NAMCHA_SCREENSHOTS") or reviewer.survey.folder.parent)
    folder.mkdir(parents=True, exist_ok=True)
    reviewer.page.screenshot(path=folder / f"review-{name}.png")


def _print_waits(reviewer: Reviewer) -> None:
    waits = sorted(reviewer.waits_ms)
    print(
        f"key to next event painted: median {statistics.median(waits):.0f} ms, {waits[0]:.0f} to "
        f"{waits[-1]:.0f} ms, {len(waits)} acts"
    )
