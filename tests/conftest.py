"""What every test may ask for: an empty survey, and the shared folder of real camera files."""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from species_db.decisions import record_decision
from species_db.lists.seeding import seed_lists
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.vocabulary import Act

# A shell that starts tests in the background makes them, and every child, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
# A page is drawn bit by bit, on a busy computer for seconds: what is claimed of it is waited for.
expect.set_options(timeout=30_000)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def _english_and_nobody_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests read English, find no survey of the person running them, and leave nothing at home."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # AppTest replaces it
    monkeypatch.setenv("NAMCHA_LANG", "en")
    monkeypatch.setenv("NAMCHA_PERSON", "Tashi")
    monkeypatch.delenv("NAMCHA_SURVEY", raising=False)
    monkeypatch.setenv("NAMCHA_MODELS", str(tmp_path / "models of this person"))


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """An empty survey in a temporary folder."""
    made = create_survey(tmp_path / "survey", SurveySettings(title="Test survey"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def listed_survey_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey with the shipped lists, seeded once; tests copy its folder and open the copy."""
    folder = tmp_path_factory.mktemp("template") / "survey"
    made = create_survey(folder, SurveySettings(title="Test survey"))
    with made.writing() as session:
        seed_lists(session, made.folder)
        record_decision(session, Act.INIT, subject="project", person="Tashi", details={})
    made.close()
    return folder


@pytest.fixture
def listed_survey(listed_survey_template: Path, tmp_path: Path) -> Iterator[Survey]:
    """A survey of its own with the shipped lists."""
    made = open_survey(Path(shutil.copytree(listed_survey_template, tmp_path / "listed")))
    yield made
    made.close()


@pytest.fixture(scope="session")
def planted_template(
    listed_survey_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a survey with the lists and two plots of Medog, planted once."""
    from tests.planted import furnish

    there = tmp_path_factory.mktemp("planted") / "survey"
    made = open_survey(Path(shutil.copytree(listed_survey_template, there)))
    furnish(made)
    made.close()
    return made.folder


@pytest.fixture
def planted_survey(planted_template: Path, tmp_path: Path) -> Iterator[Survey]:
    """A survey of its own with the lists and two plots of Medog whose cameras work."""
    made = open_survey(Path(shutil.copytree(planted_template, tmp_path / "planted")))
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real camera files and official schemas; tests that need it skip without it."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have {SHARED.name} beside the checkout")
        pytest.skip("needs the shared folder of real files beside the checkout")
    return SHARED


@pytest.fixture(scope="session")
def studied_template(
    listed_survey_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a survey with three seasons of forty stations, planted once."""
    from tests.studied_season import plant_seasons

    there = tmp_path_factory.mktemp("studied") / "survey"
    made = open_survey(Path(shutil.copytree(listed_survey_template, there)))
    plant_seasons(made)
    made.close()
    return made.folder
