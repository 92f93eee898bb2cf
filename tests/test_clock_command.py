"""The clock on the command line: look, accept, state, take back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cards import jpeg
from factories import make_deployment
from sqlmodel import Session, col, select
from typer.testing import CliRunner, Result

import namcha
from ingest.import_card import import_card
from namcha.application import app
from species_db.clock import ClockError
from species_db.survey import Survey
from species_db.tables import Deployment, Media

HERE = "MT-01-2026"
HOUR = timedelta(hours=1)


def clock(survey: Survey, *words: str) -> Result:
    """Run `namcha clock`; an error is raised as it is."""
    result = CliRunner().invoke(app, ["clock", HERE, "--survey", str(survey.folder), *words])
    if isinstance(result.exception, Exception) and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def slow_card(survey: Survey, tmp_path: Path) -> Survey:
    """A survey with a card of a right season in the wrong year: 2025 instead of 2026."""
    with survey.writing() as session:
        deployment = make_deployment(session, HERE)
    moments = [
        deployment.deployment_start + timedelta(minutes=4),
        *(deployment.deployment_start + number * 50 * HOUR for number in range(1, 9)),
    ]
    for number, moment in enumerate(moments, start=1):
        path = tmp_path / "card" / "DCIM" / "100MEDIA" / f"IMG_{number:04d}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(number, moment + 8 * HOUR - timedelta(days=365)))
    import_card(survey, tmp_path / "card", deployment_id=HERE, person="Tashi")
    return survey


def first_time(survey: Survey) -> str:
    """The first file's corrected time, in UTC."""
    with survey.reading() as session:
        found = select(Media.timestamp).order_by(col(Media.card_path)).limit(1)
        return f"{session.exec(found).one():%Y-%m-%d %H:%M}"


def test_a_proposal_is_shown_accepted_and_withdrawn(slow_card: Survey) -> None:
    """Looking changes nothing; accepting moves a year; withdrawing moves it back."""
    shown = clock(slow_card)
    assert "1. +365 d" in shown.output
    assert "wrong year  [proposed]" in shown.output
    assert first_time(slow_card) == "2025-04-12 02:04"
    assert "[accepted (Tashi)]" in clock(slow_card, "--accept", "1").output
    assert first_time(slow_card) == "2026-04-12 02:04"
    assert "[withdrawn (Tashi)]" in clock(slow_card, "--withdraw", "1").output
    assert first_time(slow_card) == "2025-04-12 02:04"


def test_a_dismissed_proposal_stays_dismissed(slow_card: Survey) -> None:
    """Looking again does not bring it back."""
    clock(slow_card)
    clock(slow_card, "--dismiss", "1")
    shown = clock(slow_card).output
    assert "[dismissed (Tashi)]" in shown
    assert "[proposed]" not in shown


def test_json_says_it_all_to_a_program(slow_card: Survey) -> None:
    """Segments with evidence and effect, as data."""
    told = json.loads(clock(slow_card, "--json").stdout)
    segment = told["segments"][0]
    assert (segment["cause"], segment["offset_seconds"]) == ("wrong_year", 365 * 86400)
    assert segment["effect"]["outside_before"] == 9
    assert segment["effect"]["outside_after"] == 0


def test_chinese_for_who_reads_it(slow_card: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in Chinese."""
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    shown = clock(slow_card).output
    assert "年份错误" in shown
    assert "未经人工接受不会生效" in shown


def test_a_shift_may_begin_with_a_minus(slow_card: Survey) -> None:
    """`--shift -00:12:30` is a value and no option."""
    clock(slow_card, "--shift", "-00:12:30", "--from", "IMG_0001.JPG", "--to", "IMG_0003.JPG")
    assert first_time(slow_card) == "2025-04-12 01:51"


def test_two_anchors_make_a_drift(slow_card: Survey) -> None:
    """`--anchor FILE TIME` twice; both photos then have the time that they show."""
    words = ["--anchor", "IMG_0001.JPG", "2026-04-12 10:00"]
    words += ["--anchor", "IMG_0009.JPG", "2026-04-29 02:01"]
    assert "drifts  [accepted (Tashi)]" in clock(slow_card, *words).output
    assert first_time(slow_card) == "2026-04-12 02:00"
    with slow_card.reading() as session:
        last = session.exec(select(Media).where(Media.file_name == "IMG_0009.JPG")).one()
    assert f"{last.timestamp:%Y-%m-%d %H:%M}" == "2026-04-28 18:01"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--accept", "1", "--shift", "+1h"], "One at a time"),
        (["--from", "IMG_0001.JPG"], "bound a --shift or an --anchor"),
        (["--anchor", "IMG_0001.JPG"], "--anchor needs a file and its true local time"),
    ],
)
def test_half_said_wishes_are_explained(slow_card: Survey, words: list[str], expected: str) -> None:
    """The command says what it needs, and does nothing."""
    result = clock(slow_card, *words)
    assert result.exit_code == 2
    assert expected in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--accept", "7"], "has no clock correction 7"),
        (["--shift", "6h"], "is not a shift"),
        (["--anchor", "IMG_0001.JPG", "noon"], "is not a time"),
        (["--anchor", "IMG_0077.JPG", "2026-04-12 10:00"], "has no file 'IMG_0077.JPG'"),
    ],
)
def test_known_mistakes_are_errors_for_users(
    slow_card: Survey, words: list[str], expected: str
) -> None:
    """What cannot be done is said in a sentence."""
    with pytest.raises(ClockError, match=expected) as caught:
        clock(slow_card, *words)
    assert namcha._is_for_users(caught.value)


def test_a_right_clock_is_said_to_be_right(slow_card: Survey) -> None:
    """Once the sheet says 2025, nothing speaks against the clock."""
    with slow_card.writing() as session:
        _move_a_year(session)
    assert "Nothing speaks against this clock." in clock(slow_card).output


def _move_a_year(session: Session) -> None:
    deployment = session.get_one(Deployment, HERE)
    deployment.deployment_start -= timedelta(days=365)
    if deployment.deployment_end:
        deployment.deployment_end -= timedelta(days=365)
    session.add(deployment)
