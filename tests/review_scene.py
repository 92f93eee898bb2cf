"""Events to review, and what the database says of them afterwards."""

import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sqlmodel import Session, col, select

from review_app import opened
from review_app.launch import command, environment, free_port
from species_db.decisions import broken_entries
from species_db.review import summarise_event
from species_db.survey import Survey
from species_db.tables import Event, Media, Observation
from tests.factories import NINE, make_event, make_machine_observation, make_media

BOX = (0.35, 0.45, 0.3, 0.35)  # where draw_photo puts what the machine sees


def stored_event(survey: Survey, **values: object) -> str:
    """An event of photos in the survey; returns its id."""
    with survey.writing() as session:
        return make_event(session, **values).event_id  # type: ignore[arg-type]


def answer(survey: Survey, event_id: str, *types: str, score: float = 0.8) -> None:
    """Let the machine answer on an event's files in turn: one type per file."""
    with survey.writing() as session:
        for media, observation_type in zip(media_of(session, event_id), types, strict=False):
            bbox = None if observation_type == "blank" else (0.1, 0.2, 0.3, 0.4)
            make_machine_observation(
                session, media, observation_type=observation_type, score=score, bbox=bbox
            )
        summarise_event(session, event_id)


def media_of(session: Session, event_id: str) -> list[Media]:
    """An event's files in order."""
    query = select(Media).where(Media.event_id == event_id).order_by(col(Media.timestamp))
    return list(session.exec(query))


def join_photo(survey: Survey, event_id: str, file_mediatype: str = "image/jpeg") -> str:
    """Let an import bring one more file to an event, which has then to be reviewed again."""
    with survey.writing() as session:
        event = session.get_one(Event, event_id)
        event.is_reviewed = False
        event.media_count += 1
        session.add(event)
        later = NINE + timedelta(minutes=1)
        media = make_media(session, timestamp=later, event=event)
        media.file_mediatype = file_mediatype
        session.add(media)
        return media.media_id


def event_row(survey: Survey, event_id: str) -> Event:
    """The event as the database has it now."""
    with survey.reading() as session:
        return session.get_one(Event, event_id)


def human_observations(survey: Survey, event_id: str) -> list[Observation]:
    """Everything people ever said of an event, in order of time."""
    with survey.reading() as session:
        query = select(Observation).where(
            Observation.event_id == event_id, Observation.classification_method == "human"
        )
        return sorted(session.exec(query), key=lambda o: o.observation_id)


def in_force(survey: Survey, event_id: str) -> list[Observation]:
    """What the review in force says."""
    current = event_row(survey, event_id).current_review_id
    return [o for o in human_observations(survey, event_id) if o.review_id == current]


def assert_chain_unbroken(survey: Survey) -> None:
    """The log holds together."""
    with survey.reading() as session:
        assert list(broken_entries(session)) == []


def three_events(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A survey on the desk, with three events of animals, an hour apart; gives their ids."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    with survey.writing() as session:
        events = [make_event(session, start=NINE + timedelta(hours=n)) for n in range(3)]
        ids = [event.event_id for event in events]
        for event in events:
            make_machine_observation(session, _first_media(survey, session, event))
            summarise_event(session, event.event_id)
    yield ids
    opened.opened_survey().close()
    opened._open.cache_clear()


def _first_media(survey: Survey, session: Session, event: Event) -> Media:
    media = session.exec(select(Media).where(Media.event_id == event.event_id)).one()
    path = survey.path_of(media.file_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 48), (60, 80, 60)).save(path, "JPEG")
    return media


def draw_photo(survey: Survey, media: Media, call: str) -> None:
    """A forest floor at dusk, with something standing where the machine's box is."""
    picture = Image.new("RGB", (media.width or 1280, media.height or 960), (58, 66, 52))
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for row in range(height):
        shade = 30 + row * 60 // height
        draw.line([(0, row), (width, row)], fill=(shade, shade + 10, shade - 8))
    for trunk in range(60, width, 170):
        draw.rectangle([trunk, 0, trunk + 34, height * 2 // 3], fill=(38, 33, 28))
    left, top = BOX[0] * width, BOX[1] * height
    right, bottom = left + BOX[2] * width, top + BOX[3] * height
    if call == "animal":
        draw.ellipse([left + 20, top + 60, right - 60, bottom - 90], fill=(142, 92, 54))
        draw.ellipse([right - 120, top + 10, right - 20, top + 110], fill=(142, 92, 54))
        for leg in (60, 120, 200, 250):
            draw.rectangle([left + leg, bottom - 130, left + leg + 18, bottom], fill=(110, 70, 42))
    elif call == "human":
        draw.ellipse([left + 150, top, left + 220, top + 70], fill=(205, 160, 130))
        draw.rectangle([left + 120, top + 70, left + 250, bottom], fill=(60, 80, 130))
    elif call == "vehicle":
        draw.rectangle([left, top + 120, right, bottom - 40], fill=(150, 40, 40))
    path = survey.path_of(media.file_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "JPEG")


@contextmanager
def served(survey: Survey, tmp_path: Path) -> Iterator[str]:
    """Serve the page as `namcha` serves it; gives its address."""
    port = free_port(8601)
    log = (tmp_path / "server.log").open("wb")
    with log:
        server = subprocess.Popen(
            command(port), env=environment(survey.folder, None), stdout=log, stderr=log
        )
        try:
            _wait_until_healthy(port, tmp_path / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)


def _wait_until_healthy(port: int, log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the page did not start: {log.read_text(encoding='utf-8', errors='replace')}")
