"""The review page without a browser: the page itself, and its start."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from review_app.desk import Desk, take_up
from review_app.launch import ADDRESS, LaunchError, command, environment, free_port
from review_app.screen import screen_data
from review_app.words import SENTENCES, words_in
from species_db.review import Progress
from species_db.survey import Survey
from tests.review_scene import served, three_events

PAGE = Path(__file__).parent.parent / "review_app" / "page.py"


@pytest.fixture
def three(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A survey on the desk, with three events of animals, an hour apart; gives their ids."""
    yield from three_events(survey, monkeypatch)


def test_the_page_runs(survey: Survey, three: list[str]) -> None:
    """The page draws an event without an error, signed with the person of the command line."""
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    assert page.text_input(key="person").value == "Tashi"
    assert page.session_state["desk"].event_id == three[0]


def test_the_page_speaks_chinese_at_a_click(three: list[str]) -> None:
    """Choosing Chinese turns the page Chinese and keeps the event."""
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    page.radio(key="language").set_value("zh").run()
    assert not page.exception
    assert page.text_input(key="person").label == "您的姓名"
    assert page.session_state["desk"].event_id == three[0]


def test_a_page_without_a_person_asks_for_one(
    survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started without a person, the screen asks for the name before any key is pressed."""
    monkeypatch.delenv("NAMCHA_PERSON")
    assert "NAMCHA_PERSON" not in environment(survey.folder, None)
    told = [
        screen_data(None, None, done=Progress(0, 0), desk=Desk(), person=person, language="en")[
            "message"
        ]
        for person in ("", " ", "Tashi")
    ]
    assert told == [words_in("en")["need_person"]] * 2 + [""]


def test_a_busy_survey_is_said_so(
    survey: Survey, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A survey that cannot be read just now gives a sentence, and the keys work again after."""

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    page = AppTest.from_file(str(PAGE), default_timeout=30)
    with monkeypatch.context() as now:
        now.setattr("review_app.review_page.take_up", busy)
        page.run()
        assert not page.exception and "busy" in page.error[0].value
    page.run()
    assert not page.error and page.session_state["desk"].event_id == three[0]
    with monkeypatch.context() as now:
        now.setattr("review_app.review_page.take_up", busy)
        serial = page.session_state["desk"].serial
        page.run()
        assert not page.exception and not page.error
        assert page.session_state["desk"].serial == serial + 1


def test_a_folder_without_a_survey_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong folder gives a sentence, not a traceback."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(tmp_path))
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert not page.exception
    assert "No survey in" in page.error[0].value


def test_an_empty_survey_has_nothing_to_review(survey: Survey) -> None:
    """With no event at all the screen is drawn, and says that all is done."""
    desk = Desk()
    event, coming, done = take_up(survey, desk, person="Tashi")
    data = screen_data(event, coming, done=done, desk=desk, person="Tashi", language="en")
    assert data["event"] is None and desk.event_id is None


def test_every_sentence_is_there_in_both_languages() -> None:
    """No sentence is missing, and the Chinese ones are Chinese."""
    assert words_in("en").keys() == words_in("zh").keys()
    for name, (english, chinese) in SENTENCES.items():
        assert english and chinese, name
        assert english.count("{") == chinese.count("{"), name


def test_a_busy_port_is_passed_over() -> None:
    """When a port is in use the next free one is taken."""
    with socket.socket() as busy:
        busy.bind((ADDRESS, 0))
        busy.listen()
        taken = busy.getsockname()[1]
        assert free_port(taken) > taken


def test_no_free_port_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """When every port is in use the message names another way."""
    monkeypatch.setattr("review_app.launch.PORTS_TRIED", 1)
    with socket.socket() as busy:
        busy.bind((ADDRESS, 0))
        busy.listen()
        with pytest.raises(LaunchError, match="--port"):
            free_port(busy.getsockname()[1])


def test_the_server_listens_to_this_computer_only() -> None:
    """The command binds to localhost, sends no statistics, and asks no questions."""
    told = command(8501)
    options = dict(zip(told[6::2], told[7::2], strict=True))
    assert told[1:5] == ["-P", "-m", "streamlit", "run"]
    assert options["--server.address"] == "127.0.0.1"
    assert options["--browser.gatherUsageStats"] == "false"
    assert options["--server.headless"] == "true"
    assert (options["--server.enableCORS"], options["--server.enableAgentApi"]) == ("true", "false")
    assert options["--server.enableXsrfProtection"] == "true"
    hosts = [told[n + 1] for n, part in enumerate(told) if part == "--server.allowedHosts"]
    assert hosts == ["127.0.0.1", "localhost"]


def test_the_page_answers_under_its_own_names_only(
    survey: Survey, three: list[str], tmp_path: Path
) -> None:
    """A page elsewhere that names itself as this computer gets neither screen nor data."""
    paths = ["/", "/_stcore/health", "/taxa?text=a", "/picture/x/clear", "/film/x/clear"]
    with served(survey, tmp_path) as url:
        port = int(url.rpartition(":")[2])
        for host in ("rebound.example", f"rebound.example:{port}", "127.0.0.1.example", ""):
            assert {_status(port, path, host) for path in paths} == {400}
            assert _status(port, "/_stcore/stream", host, SOCKET) in (400, 403)
        for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
            found = [_status(port, path, host) for path in paths]
            assert found == [200, 200, 200, 404, 404]
            assert _status(port, "/_stcore/stream", host, SOCKET) == 101


SOCKET = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def _status(port: int, path: str, host: str, more: str = "Connection: close\r\n") -> int:
    """What the server answers to a request under a name."""
    with socket.create_connection((ADDRESS, port), timeout=30) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
        return int(line.recv(64).split()[1])


def test_the_server_is_told_survey_and_person(tmp_path: Path) -> None:
    """Folder and name reach the page, the folder as seen from anywhere."""
    told = environment(tmp_path, "Drolma")
    assert (told["NAMCHA_SURVEY"], told["NAMCHA_PERSON"]) == (str(tmp_path.resolve()), "Drolma")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise on Windows")
def test_ctrl_c_ends_the_page_cleanly(survey: Survey) -> None:
    """The page starts, says its address and nothing else, and Ctrl-C ends it without a trace."""
    program = (
        "import sys; from pathlib import Path; from review_app.launch import launch; "
        f"sys.exit(launch(Path({str(survey.folder)!r}), say=lambda line: print(line, flush=True), "
        "port=8701, open_browser=False))"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stdout is not None
    line = started.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=30) as answer:
        assert answer.status == 200
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=30)
    assert (started.returncode, out, err) == (0, "", "")
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{url}/_stcore/health", timeout=2)
