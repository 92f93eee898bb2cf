"""What every test may ask for: an empty survey, and the shared folder of real camera files."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from species_db.survey import Survey, SurveySettings, create_survey

# A shell that starts tests in the background makes them, and every child, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def _english_and_nobody_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests read English, find no survey of the person running them, and leave nothing at home."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])  # AppTest replaces it
    monkeypatch.setenv("NAMCHA_LANG", "en")
    monkeypatch.setenv("NAMCHA_PERSON", "Tashi")
    monkeypatch.delenv("NAMCHA_SURVEY", raising=False)


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """An empty survey in a temporary folder."""
    made = create_survey(tmp_path / "survey", SurveySettings(title="Test survey"))
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
