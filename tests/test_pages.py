"""The pages beside review without a browser: each is drawn, in both languages, with its words."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlmodel import Session
from streamlit.testing.v1 import AppTest

from ingest.import_card import import_card
from review_app import health_page, opened
from review_app.drives import folders_in, linux_drives
from review_app.receipts import page_of, read_receipts
from review_app.say import Sentences
from review_app.strip import legend_html, runs_of, strip_html
from review_app.words_health import SENTENCES as HEALTH_WORDS
from species_db.camera_days import (
    CameraHealth,
    DayView,
    recompute_days,
    season,
    state_days,
)
from species_db.clock import state_shift
from species_db.jobs import Condition, Patience, mark_job, recent_jobs, start_job
from species_db.language import speaking, tr
from species_db.survey import Survey
from species_db.vocabulary import DayState, JobState
from tests.cards import make_card, with_deployment
from tests.test_jobs import ended

WORDS = ("words_import", "words_clock", "words_health")


@pytest.fixture
def carded(survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Survey]:
    """A survey that the pages open, with one card imported and its clock corrected by hand."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=9)
    import_card(survey, card, deployment_id=deployment_id, person="Tashi")
    with survey.writing() as session:
        recompute_days(session, deployment_id)
    state_shift(survey, deployment_id, timedelta(hours=2), person="Tashi")
    yield survey
    opened.opened_survey().close()
    opened._open.cache_clear()


def drawn(module: str, language: str) -> AppTest:
    """One page as a script of its own."""
    script = (
        f"from review_app import {module} as page\n"
        "from review_app.opened import opened_survey\n"
        "from species_db.language import speaking\n"
        f"with speaking({language!r}):\n"
        f"    page.show(opened_survey(), person='Tashi', language={language!r})\n"
    )
    return AppTest.from_string(script, default_timeout=30).run()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("module", ["import_page", "clock_page", "health_page"])
def test_every_page_is_drawn(carded: Survey, module: str, language: str) -> None:
    """A page draws what the survey holds without an error."""
    page = drawn(module, language)
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("module", ["import_page", "clock_page", "health_page"])
def test_every_page_is_drawn_on_an_empty_survey(
    survey: Survey, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything was imported a page says what to do first."""
    monkeypatch.setenv("NAMCHA_SURVEY", str(survey.folder))
    opened._open.cache_clear()
    assert not drawn(module, "en").exception
    opened.opened_survey().close()
    opened._open.cache_clear()


@pytest.mark.parametrize("name", WORDS)
def test_every_sentence_of_the_pages_is_there_in_both_languages(name: str) -> None:
    """No sentence is missing, and both languages fill in the same figures."""
    sentences: Sentences = import_module(f"review_app.{name}").SENTENCES
    for key, (english, chinese) in sentences.items():
        assert bool(english) == bool(chinese), key
        fields = [{p.split("}")[0] for p in text.split("{")[1:]} for text in (english, chinese)]
        assert fields[0] == fields[1], key


def test_a_folder_that_is_not_there_is_told(carded: Survey) -> None:
    """A card that is not plugged in gives a sentence with its place."""
    page = drawn("import_page", "en")
    page.text_input(key="import_folder").set_value("/media/nowhere").run()
    page.button(key="look").click().run()
    assert not page.exception
    assert "There is no folder /media/nowhere" in page.error[0].value


def test_a_file_in_place_of_a_folder_is_told(carded: Survey) -> None:
    """A person who names a file, or nothing, reads what was expected."""
    page = drawn("import_page", "zh")
    for named, told in ((str(carded.folder / "survey.toml"), "是文件"), (" ", "请先填写文件夹")):
        page.text_input(key="import_folder").set_value(named).run()
        page.button(key="look").click().run()
        assert told in page.error[0].value


def test_a_stopped_import_can_be_resumed(
    carded: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that fell silent is shown as stopped, and Resume runs its very command again."""
    arguments = ("import", "--deployment", "MT-01-2026", "--", str(tmp_path / "SD01"))
    job, _ = start_job(carded, "import", subject="SD01", arguments=arguments, person="Drolma")
    mark_job(carded, job.job_id, JobState.RUNNING)
    with monkeypatch.context() as now:
        now.setattr("species_db.jobs.PATIENCE", Patience(silence=timedelta(seconds=-1)))
        page = drawn("import_page", "en")
        assert any("stopped" in element.value for element in page.get("html"))
        page.button(key=f"resume {job.job_id}").click().run()
    assert not page.exception and not page.error
    newest = recent_jobs(carded, "import")[0]
    assert (newest.arguments, newest.person) == (arguments, "Tashi")
    assert newest.job_id != job.job_id
    assert ended(carded, newest).condition is Condition.DONE


def test_a_wrong_shift_is_told_in_the_language_of_the_page(carded: Survey) -> None:
    """What the rules refuse is told in the page's language, not the server's."""
    page = drawn("clock_page", "zh")
    page.text_input(key="shift_by MT-01-2026").set_value("6").run()
    forms = [b for b in page.button if b.label == "校正"]
    forms[-1].click().run()
    assert "不是时间偏移" in page.error[0].value


def test_two_people_read_two_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside the block sentences come in that language, after it in the computer's own."""
    monkeypatch.setenv("NAMCHA_LANG", "en")
    with speaking("zh"), speaking("en"):
        assert tr("yes", "是") == "yes"
    with speaking("zh"):
        assert tr("yes", "是") == "是"
    assert tr("yes", "是") == "yes"


def test_receipts_are_read_and_nothing_else_is_served(carded: Survey) -> None:
    """The newest receipt has its line; broken files are passed over; no other file is given."""
    folder = carded.folder / "receipts"
    (folder / "broken.json").write_text("{", encoding="utf-8")
    (folder / "other.json").write_text(json.dumps([1]), encoding="utf-8")
    (line,) = read_receipts(carded)
    assert (line.deployment_id, line.files, line.is_safe_to_wipe) == ("MT-01-2026", 9, True)
    assert page_of(carded, line.pages[0]) == folder / line.pages[0]
    for name in (
        "../survey.toml",
        "..",
        "nowhere.html",
        "/etc/passwd",
        "broken.json",
        f"{'a' * 5000}.html",
    ):
        assert page_of(carded, name) is None


def test_a_season_is_read_once_until_the_survey_changes(
    carded: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawing again costs no second reading; what a person states is seen at once."""
    calls: list[Session] = []

    def counted(session: Session) -> list[CameraHealth]:
        calls.append(session)
        return season(session)

    monkeypatch.setattr(health_page, "season", counted)
    health_page._season_of.clear()
    assert not drawn("health_page", "en").exception
    assert not drawn("health_page", "zh").exception
    assert len(calls) == 1
    day = date(2026, 5, 1)
    state_days(carded, "MT-01-2026", day, day, DayState.DEAD, cause="bear", person="Tashi")
    page = drawn("health_page", "en")
    assert len(calls) == 2 and any("✎" in element.value for element in page.get("html"))


def days(*states: str, who: str = "") -> list[DayView]:
    """A strip with these states, a day each."""
    first = date(2026, 5, 1)
    return [
        DayView(first + timedelta(days=n), DayState(s), "c", 0.9, 0, None, who, DayState(s))
        for n, s in enumerate(states)
    ]


def test_a_strip_says_its_states_without_colour() -> None:
    """Every run carries its letter and its words, and every state is in the legend."""
    words = {name: pair[0] for name, pair in HEALTH_WORDS.items()}
    strip = days("working", "working", "blocked", "dead")
    drawing = strip_html(strip, words)
    assert ">B</span>" in drawing and ">X</span>" in drawing
    assert "2026-05-03 – 2026-05-03 · blocked · 1 d" in drawing
    assert [(run.state.value, len(run.days)) for run in runs_of(strip)] == [
        ("working", 2),
        ("blocked", 1),
        ("dead", 1),
    ]
    assert all(words[state.value] in legend_html(words) for state in DayState)


def test_drives_and_folders_are_found(tmp_path: Path) -> None:
    """What is not mounted is no drive; hidden folders and files are not offered."""
    for name in ("b", "a", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file.txt").write_text("x")
    assert list(linux_drives((tmp_path, tmp_path / "nowhere"))) == []
    assert [path.name for path in folders_in(tmp_path)] == ["a", "b"]
    assert folders_in(tmp_path / "nowhere") == []
