"""A film from the card to the reviewer's eyes: imported, detected, and played in a browser."""

import asyncio
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av
import pytest
from cards import FIRST, jpeg, with_deployment
from fakes import FakeDetector
from films import damaged, make_film, turned
from playwright.sync_api import Page, sync_playwright
from sqlmodel import col, select
from starlette.applications import Starlette

from ingest.classify import detect_media
from ingest.import_card import import_card
from models.detector import Detection
from review_app import opened
from review_app.routes import ROUTES
from species_db.survey import Survey
from species_db.tables import Event, Media
from tests.review_scene import served

ANIMAL = Detection("animal", 0.8, 0.3, 0.4, 0.3, 0.4)
FILMS = {  # one an hour, so that each is an event
    "20260501080000.AVI": make_film("mjpeg.avi", bright=(1.0, 3.0), size=(640, 480)),
    "20260501090000.MP4": make_film("h264.mp4", bright=(1.0, 3.0), size=(640, 480)),
    "20260501100000.MOV": make_film("mjpeg.mov", size=(640, 480)),
    "20260501110000.3GP": damaged(make_film("mpeg4.3gp", seconds=8, bright=(0.0, 8.0))),
    "20260501120000.MP4": turned(make_film("mpeg4.3gp", seconds=2)),
    "20260501130000.AVI": make_film("mjpeg.avi")[:-900],  # the card was pulled while writing
    "20260501140000.AVI": b"",
}


@pytest.fixture
def filmed(survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A card with a photo and films of every sort, imported and detected."""
    card = tmp_path / "SD01"
    card.mkdir()
    (card / "IMG_0001.JPG").write_bytes(jpeg(1, FIRST, (640, 480)))
    for name, content in FILMS.items():
        (card / name).write_bytes(content)
    with_deployment(survey)
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    detect_media(survey, FakeDetector([ANIMAL]), person="Tashi")
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


@dataclass
class Answer:
    """What the server sent."""

    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b""


class Client:
    """Asks for what the page fetches, without a browser."""

    app = Starlette(routes=ROUTES)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """One GET request."""
        sent = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        scope = {"type": "http", "method": "GET", "path": path, "query_string": b""}
        answer = Answer()

        async def receive() -> dict[str, object]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                answer.status_code = int(str(message["status"]))
                pairs: list[tuple[bytes, bytes]] = message["headers"]  # type: ignore[assignment]
                answer.headers = {name.decode(): value.decode() for name, value in pairs}
            else:
                answer.content += bytes(message.get("body", b""))  # type: ignore[call-overload]

        asyncio.run(self.app({**scope, "headers": sent}, receive, send))  # type: ignore[arg-type]
        return answer


@pytest.fixture
def client(filmed: Survey) -> Client:
    """The routes over the survey with films."""
    return Client()


def media_named(survey: Survey, name: str) -> Media:
    """The media that came from a file of the card."""
    with survey.reading() as session:
        return session.exec(select(Media).where(Media.file_name == name)).one()


def decoded(content: bytes, path: Path) -> tuple[str, int, int, int]:
    """The coding of a film that was sent, its frame size, and how many frames it has."""
    path.write_bytes(content)
    with av.open(str(path)) as film:
        coding = film.streams.video[0].codec_context
        size = coding.name, coding.width, coding.height
        return *size, sum(1 for _ in film.decode(video=0))


def test_whole_films_become_media_and_broken_ones_problems(filmed: Survey) -> None:
    """The five films that open are media with their length; the cut and the empty one are not."""
    with filmed.reading() as session:
        films = session.exec(
            select(Media.file_name, Media.duration_s, Media.frame_rate)
            .where(col(Media.file_mediatype).startswith("video/"))
            .order_by(col(Media.file_name))
        ).all()
        calls = session.exec(select(Event.machine_type).order_by(col(Event.event_start))).all()
    assert [(name, length, rate) for name, length, rate in films] == [
        (name, length, 5.0)
        for name, length in zip(list(FILMS)[:5], (4.0, 4.0, 4.0, 8.0, 2.0), strict=True)
    ]
    assert calls[1:] == ["animal", "animal", "blank", "animal", "blank"]


@pytest.mark.parametrize("name", ["20260501080000.AVI", "20260501100000.MOV"])
def test_what_browsers_cannot_play_is_copied_once(
    client: Client, filmed: Survey, tmp_path: Path, name: str
) -> None:
    """A film of MJPEG comes as H.264, whole, by ranges; the second time it is only sent."""
    media = media_named(filmed, name)
    url = f"/film/{media.media_id}/clear"
    whole = client.get(url)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    assert decoded(whole.content, tmp_path / "got.mp4") == ("h264", 640, 480, 20)
    copy = filmed.folder / "previews" / f"{media.media_id}.mp4"
    made = copy.stat().st_mtime_ns
    part = client.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert copy.stat().st_mtime_ns == made
    assert not [p for p in copy.parent.iterdir() if p.name.endswith(".part")]


def test_what_browsers_play_is_sent_as_it_came(client: Client, filmed: Survey) -> None:
    """H.264 in MP4 is the original itself, by ranges, and no copy is made of it."""
    media = media_named(filmed, "20260501090000.MP4")
    original = filmed.path_of(media.file_path).read_bytes()
    part = client.get(f"/film/{media.media_id}/clear", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, original[:10])
    assert part.headers["content-range"] == f"bytes 0-9/{len(original)}"
    assert not (filmed.folder / "previews" / f"{media.media_id}.mp4").exists()


def test_a_damaged_film_plays_as_far_as_it_goes(
    client: Client, filmed: Survey, tmp_path: Path
) -> None:
    """Of a film whose second half is lost the sound frames are sent."""
    media = media_named(filmed, "20260501110000.3GP")
    sent = client.get(f"/film/{media.media_id}/clear")
    assert 1 <= decoded(sent.content, tmp_path / "got.mp4")[3] < 40


def test_a_copy_is_upright(client: Client, filmed: Survey, tmp_path: Path) -> None:
    """The copy of a phone's film that lies on its side stands, and so does its picture."""
    media = media_named(filmed, "20260501120000.MP4")
    sent = client.get(f"/film/{media.media_id}/clear")
    assert decoded(sent.content, tmp_path / "got.mp4")[1:3] == (120, 160)


def test_a_film_of_people_stays_closed(client: Client, filmed: Survey) -> None:
    """A restricted film is sent only when it is opened, and no copy is made before."""
    media = media_named(filmed, "20260501080000.AVI")
    with filmed.writing() as session:
        session.get_one(Media, media.media_id).is_restricted = True
    assert client.get(f"/film/{media.media_id}/clear").status_code == 404
    assert not (filmed.folder / "previews" / f"{media.media_id}.mp4").exists()
    assert client.get(f"/film/{media.media_id}/opened").status_code == 200


def test_a_film_without_a_poster_gets_one(client: Client, filmed: Survey) -> None:
    """The picture of a film that was never detected on is taken when it is asked for."""
    media = media_named(filmed, "20260501090000.MP4")
    (filmed.folder / "previews" / f"{media.media_id}.jpg").unlink()
    assert client.get(f"/picture/{media.media_id}/small").content.startswith(b"\xff\xd8")


# --- in a real browser ----------------------------------------------------------------------------


@pytest.fixture
def page(filmed: Survey, tmp_path: Path) -> Iterator[Page]:
    """The review page with the films, in a headless Chromium."""
    chromium = os.environ.get("NAMCHA_CHROMIUM") or shutil.which("chromium")
    if not chromium:
        reason = "needs chromium: install it, or name it in NAMCHA_CHROMIUM"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    with served(filmed, tmp_path) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=["--no-sandbox", "--disable-gpu"]
        )
        opened_page = browser.new_page(viewport={"width": 1280, "height": 720})
        opened_page.goto(address)
        yield opened_page
        browser.close()


@pytest.mark.browser
def test_films_play_in_the_browser(page: Page, filmed: Survey) -> None:
    """An MP4 and an AVI both play when the reviewer starts them: their time goes on."""
    played = set()
    film = page.locator("#film")
    for _ in range(6):
        page.locator("#desk[data-painted]:not([data-painted=''])").wait_for()
        painted = page.locator("#desk").get_attribute("data-painted")
        if film.is_visible():
            film.evaluate("film => film.play()")
            page.wait_for_function(
                """() => document.querySelector('[data-testid=stBidiComponentIsolated]')
                   .shadowRoot.querySelector('#film').currentTime > 0.3"""
            )
            assert film.evaluate("film => film.error") is None
            played.add(film.get_attribute("src"))
            if shots := os.environ.get("NAMCHA_SHOTS"):
                page.screenshot(path=f"{shots}/film-{len(played)}.png")
        page.keyboard.press("n")
        page.locator(f"#desk:not([data-painted='{painted}'])").wait_for()
    wanted = ["20260501080000.AVI", "20260501090000.MP4", "20260501100000.MOV"]
    assert {f"film/{media_named(filmed, name).media_id}/clear" for name in wanted} <= played
