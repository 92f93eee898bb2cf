"""The season's health report and the commands of camera health, as people and scripts use them."""

import base64
import io
import json
import re
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from cards import make_card
from PIL import Image
from sqlmodel import select
from test_command_line import namcha

from namcha.health import thumbnail_of
from species_db.camera_days import recompute_days, state_days
from species_db.health.report import MONTH_MM, STRIP_MM, months_of, write_health_report
from species_db.survey import Survey
from species_db.tables import CameraStation, Media
from species_db.vocabulary import DayState
from tests.camera_season import DAYS, SNOWED_IN, plant, plant_season, plant_usual
from tests.factories import make_deployment

MADE = datetime(2026, 11, 1, tzinfo=UTC)
SHEET = "deploymentID,latitude,longitude,deploymentStart,deploymentEnd\n"
SHEET += "MT-01-2026,29.32517,95.33418,2026-04-12T10:00:00+08:00,2026-10-03T12:00:00+08:00\n"


@pytest.fixture
def season_survey(survey: Survey) -> Survey:
    """A season of twelve cameras, worked out."""
    with survey.writing() as session:
        plant_season(session)
        for number in range(1, 13):
            recompute_days(session, f"MT-{number:02d}-2026")
    return survey


@pytest.fixture
def snowed_in(survey: Survey) -> Survey:
    """One camera under snow for three weeks, every photo with a preview."""
    with survey.writing() as session:
        plant_usual(session, [*range(10), *range(31, DAYS)])
        plant(session, range(10, 31), look=SNOWED_IN)
        recompute_days(session, "MT-01-2026")
        for media in session.exec(select(Media)):
            level = round(255 * (media.brightness or 0))
            picture = Image.new("RGB", (640, 480), (level, level, level))
            picture.save(survey.folder / "previews" / f"{media.media_id}.jpg")
    return survey


def page_of(survey: Survey, tmp_path: Path, *names: str) -> str:
    """The report as text."""
    path = write_health_report(
        survey, tmp_path / "out" / "health.html", deployment_ids=names, made_at=MADE
    )
    return path.read_text(encoding="utf-8")


def pictures_in(page: str) -> list[tuple[int, str]]:
    """The mean level of each picture in a page, and its caption's first words."""
    found = re.findall(r'base64,([^"]+)".*?<figcaption>(.*?)<br>', page, re.DOTALL)
    levels = []
    for data, caption in found:
        with Image.open(io.BytesIO(base64.b64decode(data))) as picture:
            levels.append((picture.convert("L").getpixel((5, 5)), caption))
    return levels  # type: ignore[return-value]


def test_the_worst_camera_comes_first(season_survey: Survey, tmp_path: Path) -> None:
    """One row for each camera, the most days lost at the top, all states named twice."""
    page = page_of(season_survey, tmp_path)
    names = re.findall(r"<b>(MT-\d\d-2026)</b>", page)
    assert len(names) == 12
    assert names[:2] == ["MT-11-2026", "MT-06-2026"]
    for words in ("仅白天", "day only", "遮挡", "blocked", "移位", "moved", "停机", "dead"):
        assert words in page


def test_cameras_that_wait_for_their_card_stand_at_the_end(
    season_survey: Survey, tmp_path: Path
) -> None:
    """Nothing is known of them yet: they are no losses; a stolen camera is one, and leads."""
    with season_survey.writing() as session:
        make_deployment(session, "MT-00-2026", location_id="MT-00")
        recompute_days(session, "MT-00-2026")
    page = page_of(season_survey, tmp_path)
    names = re.findall(r"<b>(MT-\d\d-2026)</b>", page)
    assert (names[0], names[-1]) == ("MT-11-2026", "MT-00-2026")
    assert page.count("尚未导入存储卡") == page.count("no card imported yet") == 1


def test_names_of_months_never_run_into_each_other() -> None:
    """A survey of nine years names only the years on the strip, one of a season every month."""
    for first, last in [(2026, 2026), (2025, 2026), (2023, 2026), (2018, 2026)]:
        begins, ends = date(first, 4, 12), date(last, 10, 3)
        scale = STRIP_MM / ((ends - begins).days + 1)
        lefts = [left for left, _ in months_of(begins, ends, scale)]
        assert all(later - sooner >= MONTH_MM for sooner, later in pairwise(lefts))
        assert len(lefts) >= 4


def test_the_page_needs_nothing_from_outside(season_survey: Survey, tmp_path: Path) -> None:
    """No address is fetched and no coordinate is told."""
    with season_survey.reading() as session:
        stations = session.exec(select(CameraStation)).all()
    page = page_of(season_survey, tmp_path)
    assert "http" not in page and "@import" not in page and "<script" not in page
    for station in stations:
        assert str(station.latitude)[:6] not in page
        assert str(station.longitude)[:6] not in page


def test_colour_is_never_the_only_sign(season_survey: Survey, tmp_path: Path) -> None:
    """Each trouble on a strip has a pattern of its own, its letter, and its name for readers."""
    page = page_of(season_survey, tmp_path, "MT-04-2026")
    assert page.count('fill="url(#moved)"') == 2  # in the legend and on the strip
    assert page.count(">移</text>") == 2
    assert 'aria-label="2026-04-12 working 95 d; 2026-07-16 moved 80 d; "' in page


def test_silent_but_working_days_look_different(season_survey: Survey, tmp_path: Path) -> None:
    """Days that count as working without a photo are drawn apart from those with one."""
    assert 'fill="url(#working-assumed)"' in page_of(season_survey, tmp_path, "MT-07-2026")
    strip = page_of(season_survey, tmp_path, "MT-01-2026").partition("<tbody>")[2]
    assert "working-assumed" not in strip


def test_only_the_named_deployments_are_told(season_survey: Survey, tmp_path: Path) -> None:
    """A report may be of some cameras."""
    page = page_of(season_survey, tmp_path, "MT-02-2026", "MT-03-2026")
    assert sorted(re.findall(r"<b>(MT-\d\d-2026)</b>", page)) == ["MT-02-2026", "MT-03-2026"]


def test_the_blocked_picture_stands_beside_a_usual_one(snowed_in: Survey, tmp_path: Path) -> None:
    """White next to the usual grey says more than a word."""
    (usual, usual_caption), (blocked, caption) = pictures_in(page_of(snowed_in, tmp_path))
    assert usual < 150 < 220 < blocked
    assert ("平时" in usual_caption, "遮挡" in caption) == (True, True)


def test_a_restricted_picture_is_never_shown(snowed_in: Survey, tmp_path: Path) -> None:
    """Pictures of people do not come into the report, whenever they were found."""
    with snowed_in.writing() as session:
        for media in session.exec(select(Media)):
            media.is_restricted = (media.brightness or 0) > 0.8
    assert not pictures_in(page_of(snowed_in, tmp_path))


def test_a_large_preview_is_left_out_unless_it_is_made_small(
    snowed_in: Survey, tmp_path: Path
) -> None:
    """The page stays light: a preview is scaled by the caller, or left out."""
    noise = Image.effect_noise((1280, 960), 80)
    for path in (snowed_in.folder / "previews").iterdir():
        noise.save(path, quality=95)
    assert not pictures_in(page_of(snowed_in, tmp_path))
    out = write_health_report(snowed_in, tmp_path / "b.html", thumbnail=thumbnail_of, made_at=MADE)
    assert len(pictures_in(out.read_text(encoding="utf-8"))) == 2
    assert out.stat().st_size < 150_000


def test_a_broken_preview_is_left_out(snowed_in: Survey, tmp_path: Path) -> None:
    """A preview cut short costs its picture, not the report."""
    for path in (snowed_in.folder / "previews").iterdir():
        path.write_bytes(path.read_bytes()[:200])
    out = write_health_report(snowed_in, tmp_path / "b.html", thumbnail=thumbnail_of, made_at=MADE)
    page = out.read_text(encoding="utf-8")
    assert not pictures_in(page) and "MT-01-2026" in page


def test_a_persons_word_is_marked_and_escaped(survey: Survey, tmp_path: Path) -> None:
    """What people write is shown with their name, and never as markup."""
    with survey.writing() as session:
        plant_usual(session, range(DAYS))
        recompute_days(session, "MT-01-2026")
    days = date(2026, 5, 1), date(2026, 5, 20)
    cause = "<b>蛛网</b>"
    state_days(survey, "MT-01-2026", *days, DayState.BLOCKED, cause=cause, person="Drolma")
    page = page_of(survey, tmp_path)
    assert "Drolma 认定" in page
    assert "&lt;b&gt;蛛网&lt;/b&gt;" in page and cause not in page


def test_a_survey_without_deployments_has_a_report(survey: Survey, tmp_path: Path) -> None:
    """Nothing to tell is told."""
    assert "尚无布设" in page_of(survey, tmp_path)


def test_the_same_season_gives_the_same_page(season_survey: Survey, tmp_path: Path) -> None:
    """A report made again differs only by its date."""
    assert page_of(season_survey, tmp_path) == page_of(season_survey, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A survey with one imported card, made by the commands."""
    (tmp_path / "sheet.csv").write_text(SHEET, encoding="utf-8")
    folder = tmp_path / "s"
    namcha("init", str(folder), "--title", "Medog")
    namcha("deployments", "import", str(tmp_path / "sheet.csv"), "--survey", str(folder))
    namcha("import", str(make_card(tmp_path / "MT-01-2026")), "--survey", str(folder))
    return folder


def test_health_by_command(folder: Path) -> None:
    """The command measures, judges, prints, writes the report, and takes a person's word."""
    told = json.loads(namcha("health", "--json", cwd=folder).stdout)
    assert [one["deployment_id"] for one in told] == ["MT-01-2026"]
    assert told[0]["days_in_field"] == 175
    assert sum(told[0]["days"].values()) == 175
    stretch = ("2026-06-01", "2026-06-10")
    state = ("health-state", "MT-01-2026", *stretch)
    said = namcha(*state, "blocked", "--cause", "spider", cwd=folder).stdout
    assert "MT-01-2026: 10 days, blocked." in said
    namcha("health", "--out", "h.html", cwd=folder)
    assert "Tashi 认定" in (folder / "h.html").read_text(encoding="utf-8")
    namcha(*state, "none", cwd=folder)
    (after,) = json.loads(namcha("health", "MT-01-2026", "--json", cwd=folder).stdout)
    assert after == told[0]


def test_mistakes_are_told(folder: Path) -> None:
    """A wrong name, state or stretch of days ends with a sentence that says what to do."""
    assert "Did you mean" in namcha("health", "MT-1-2026", cwd=folder, fails=True).stderr
    state = ("health-state", "MT-01-2026", "2026-06-01")
    wrong = namcha(*state, "2026-06-10", "sleepy", cwd=folder, fails=True).stderr
    assert "choose one of" in " ".join(wrong.split())
    early = namcha(*state, "2027-06-10", "dead", "--cause", "x", cwd=folder, fails=True)
    assert early.returncode == 1 and "does not lie within" in early.stderr
