"""The review page without a browser: the page itself, and its start."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from review_app.desk import Desk, take_up
from review_app.launch import ADDRESS, LaunchError, command, environment, free_port
from review_app.screen import screen_data
from review_app.words import SENTENCES, words_in
from species_db.survey import Survey
from tests.review_scene import three_events

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
    event, coming, done = take_up(survey, desk)
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
