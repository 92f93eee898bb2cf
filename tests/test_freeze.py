"""Freezing a survey: whole, signed, refused when altered, and the same however it is stored."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from test_command_line import namcha

from species_db.evaluation import freeze as freeze_module
from species_db.evaluation import frozen_survey
from species_db.evaluation.counting import CountingRules
from species_db.evaluation.freeze import freeze_survey
from species_db.evaluation.frozen_survey import reading_freeze
from species_db.evaluation.kept_freeze import (
    FREEZES,
    STATEMENT,
    Freeze,
    check_freeze,
    find_freeze,
    freeze_names,
    read_freeze,
)
from species_db.evaluation.periods import Period, check_periods, usual_baseline, usual_period
from species_db.evaluation.refusal import EvaluationError
from species_db.evaluation.snapshot import copy_rows, describe
from species_db.keys import logged_keys
from species_db.survey import DATABASE_FILE, SETTINGS_FILE, Survey, create_survey, read_settings
from species_db.survey import SurveySettings as Settings
from species_db.tables import Area, Decision, Job, Plot
from species_db.verify import verify_survey
from species_db.vocabulary import Act, AreaKind
from tests.evaluation_scene import a_review, add_lists, add_station

TODAY = date(2028, 2, 1)
YEAR = Period.of_years(2027, 2027)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small survey with a freeze `2027`, made once."""
    folder = tmp_path_factory.mktemp("frozen") / "survey"
    made = create_survey(folder, Settings(title="Frozen", notify="mailto://me:secret@example.org"))
    with made.writing() as session:
        a_review(session)
        add_lists(session)
        add_station(session, "A", "540423", (29.30123, 95.30123))
    freeze_survey(made, "2027", person="Tashi", today=TODAY)
    made.close()
    return folder


@pytest.fixture
def frozen(template: Path, tmp_path: Path) -> Survey:
    """A copy of it."""
    folder = Path(shutil.copytree(template, tmp_path / "frozen"))
    return Survey(folder, read_settings(folder / SETTINGS_FILE))


def add_plot(survey: Survey, plot_id: str = "new") -> None:
    """A change that the log tells of."""
    with survey.writing() as session:
        session.add(Plot(plot_id=plot_id))
        a_review(session)


def again(survey: Survey, name: str = "2027") -> Freeze:
    """Freeze once more, by somebody else on another day."""
    return freeze_survey(survey, name, person="Pema", today=date(2028, 3, 9), period=YEAR)


def test_a_freeze_is_one_signed_folder_that_the_log_tells_of(frozen: Survey) -> None:
    """Snapshot, settings, notice and statement; the entry names the statement by its hash."""
    made = find_freeze(frozen, "2027")
    names = {path.name for path in made.folder.iterdir()}
    assert names == {"survey.db", "survey.toml", "freeze.json", "INTERNAL.txt"}
    check_freeze(made)
    with frozen.reading() as session:
        entry = session.exec(select(Decision).where(Decision.act == Act.FROZEN.value)).one()
        assert made.key_fingerprint in logged_keys(session)
    assert json.loads(entry.details)["statement_sha256"] == made.sha256
    assert made.told["log"]["last_sequence"] == 1
    assert (made.period, made.baseline) == (YEAR, Period.of_years(2026, 2026))


def test_a_freeze_says_that_it_holds_exact_places(frozen: Survey) -> None:
    """Who opens the folder reads in both languages that it is not to be passed on."""
    made = find_freeze(frozen, "2027")
    notice = (made.folder / "INTERNAL.txt").read_text(encoding="utf-8")
    assert "不得公开" in notice and "never published" in notice
    with reading_freeze(made) as (session, _):
        assert session.connection().exec_driver_sql(
            "SELECT latitude FROM camerastation"
        ).scalar() == pytest.approx(29.30123)


def test_passwords_of_the_settings_stay_behind(frozen: Survey) -> None:
    """A freeze is copied to other computers; where digests go is nobody's there."""
    made = find_freeze(frozen, "2027")
    assert frozen.settings.notify
    assert read_settings(made.settings).notify == ""
    assert "secret" not in made.settings.read_text(encoding="utf-8")


def test_the_work_of_the_app_is_not_frozen(frozen: Survey, tmp_path: Path) -> None:
    """A job that runs while somebody freezes is no fact, and makes no freeze another."""
    with frozen.writing() as session:
        session.add(Job(job_id="1", kind="import", subject="SD01", person="Tashi", state="running",
                        started_at=datetime(2028, 1, 1, tzinfo=UTC)))  # fmt: skip
    made = again(frozen, "with-job")
    with reading_freeze(made) as (session, _):
        assert session.exec(select(Job)).all() == []
    assert made.content_sha256 != ""


def test_the_same_name_again_gives_the_freeze_that_is_there(frozen: Survey) -> None:
    """Nothing changed: who asks again, on another day, gets the first one."""
    first = find_freeze(frozen, "2027")
    second = again(frozen)
    assert second.was_there
    assert (second.sha256, second.person, second.gate_on) == (first.sha256, "Tashi", TODAY)
    assert freeze_names(frozen) == ["2027"]


def test_the_same_name_after_a_change_is_refused(frozen: Survey) -> None:
    """A freeze is never made anew; the refusal names what changed."""
    add_plot(frozen)
    before = find_freeze(frozen, "2027").sha256
    with pytest.raises(EvaluationError, match="plot"):
        again(frozen)
    assert find_freeze(frozen, "2027").sha256 == before
    assert not list((frozen.folder / FREEZES).glob(".*"))


@pytest.mark.parametrize(
    "changed",
    [
        {"period": Period.of_years(2026, 2026)},
        {"counting": CountingRules(interval_minutes=60)},
    ],
)
def test_the_same_name_for_another_question_is_refused(
    frozen: Survey, changed: dict[str, object]
) -> None:
    """Other dates or another interval are another freeze."""
    with pytest.raises(EvaluationError, match="another name"):
        freeze_survey(frozen, "2027", person="Pema", today=TODAY, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["con", "a/b", "..", "end.", "", "x" * 65, "a b"])
def test_a_name_must_be_a_folder_on_every_computer(frozen: Survey, name: str) -> None:
    """No path, no name that Windows reserves, nothing that ends in a dot."""
    with pytest.raises(EvaluationError):
        freeze_survey(frozen, name, person="Tashi", today=TODAY)


def test_names_that_differ_in_case_alone_are_refused(frozen: Survey) -> None:
    """On Windows and macOS they would be one folder."""
    freeze_survey(frozen, "Final", person="Tashi", today=TODAY)
    with pytest.raises(EvaluationError, match="case"):
        freeze_survey(frozen, "final", person="Tashi", today=TODAY)


@pytest.mark.parametrize("file", [DATABASE_FILE, SETTINGS_FILE])
def test_one_changed_byte_is_refused_by_name(frozen: Survey, file: str) -> None:
    """Of the snapshot or of the settings, anywhere in it."""
    made = find_freeze(frozen, "2027")
    path = made.folder / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(EvaluationError, match=file):
        check_freeze(find_freeze(frozen, "2027"))


def test_one_changed_letter_of_the_statement_is_refused(frozen: Survey) -> None:
    """Nobody gives a freeze another period afterwards."""
    path = frozen.folder / FREEZES / "2027" / STATEMENT
    told = json.loads(path.read_text(encoding="utf-8"))
    told["period"]["to"] = "2027-11-30"
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(EvaluationError, match="signed"):
        find_freeze(frozen, "2027")


def test_the_content_is_the_same_in_whatever_file_it_lies(frozen: Survey, tmp_path: Path) -> None:
    """Row by row from another engine, or packed anew: other bytes of the file, the same hashes."""
    database = str(frozen.engine.url.database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "packed.db"),))
    copy_rows(frozen.engine, tmp_path / "copied.db")
    packed, copied = (describe(tmp_path / f"{one}.db") for one in ("packed", "copied"))
    assert packed.sha256s == copied.sha256s
    assert packed.content_sha256 == copied.content_sha256
    assert packed.sha256 != copied.sha256
    assert packed.tables_version == copied.tables_version


def test_a_changed_row_changes_the_content(frozen: Survey, tmp_path: Path) -> None:
    """The hash is over what the rows say."""
    made = find_freeze(frozen, "2027")
    copy = Path(shutil.copy(made.database, tmp_path / "copy.db"))
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("UPDATE plot SET county = '540424'")
    assert describe(copy).content_sha256 != made.content_sha256
    assert describe(made.database).content_sha256 == made.content_sha256


def test_another_engine_is_frozen_row_by_row(
    frozen: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the database is no SQLite file, the freeze holds the same content."""
    monkeypatch.setattr(
        "species_db.evaluation.snapshot._vacuum_into",
        lambda database, path: copy_rows(frozen.engine, path),
    )
    assert again(frozen).was_there


def test_reading_a_freeze_writes_nothing(frozen: Survey) -> None:
    """Not a byte of the snapshot, not a file beside it: it may lie on a disc."""
    made = find_freeze(frozen, "2027")
    made.database.chmod(0o444)
    with reading_freeze(made) as (session, settings):
        assert session.exec(select(Plot.plot_id)).all() == ["P-A"]
        with pytest.raises(Exception, match="readonly"):
            session.connection().exec_driver_sql("DELETE FROM plot")
    assert settings.title == "Frozen"
    assert len(list(made.folder.iterdir())) == 4
    check_freeze(made)


def test_older_tables_are_brought_up_in_a_copy(
    frozen: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A freeze of years ago is read by a newer Namcha without being touched, or its lists."""
    made = find_freeze(frozen, "2027")
    told = dict(made.told) | {"snapshot": dict(made.told["snapshot"]) | {"tables_version": "0"}}
    older = Freeze(**{**vars(made), "told": told})
    upgraded: list[Path] = []
    upgrade = frozen_survey.upgrade_tables
    monkeypatch.setattr(
        frozen_survey,
        "upgrade_tables",
        lambda survey: (upgraded.append(survey.folder), upgrade(survey))[1],
    )
    with reading_freeze(older) as (session, _):
        assert session.exec(select(Plot.plot_id)).all() == ["P-A"]
    assert [path != made.folder for path in upgraded] == [True]
    check_freeze(made)


def test_outlines_are_in_the_snapshot_as_of_the_day(frozen: Survey) -> None:
    """Counties are put in; a border that holds only later must not move old numbers."""
    with reading_freeze(find_freeze(frozen, "2027")) as (session, _):
        counties = session.exec(select(Area).where(Area.kind == AreaKind.COUNTY.value)).all()
    assert len(counties) == 7
    with frozen.writing() as session:
        a_review(session)
        for number, since in enumerate((date(2020, 1, 1), date(2030, 1, 1))):
            session.add(
                Area(area_id=f"r{number}", kind="reserve", name_zh="保护区", valid_from=since,
                     geometry=counties[0].geometry, entered_at=datetime(2028, 1, 1, tzinfo=UTC))
            )  # fmt: skip
    made = again(frozen, "with-reserve")
    with reading_freeze(made) as (session, _):
        told = session.exec(select(Area.area_id).where(Area.kind == "reserve")).all()
    assert told == ["r0"]


def test_what_a_killed_freeze_left_is_cleared_away(frozen: Survey) -> None:
    """Half a snapshot holds exact places as well."""
    left = frozen.folder / FREEZES / ".2027.deadbeef.part"
    left.mkdir()
    (left / DATABASE_FILE).write_bytes(b"half")
    again(frozen)
    assert not left.exists()


def test_a_power_cut_before_the_log_is_mended(
    frozen: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is there and the entry is not: the same command again logs it."""

    def cut(folder: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(freeze_module, "sync_folder", cut)
    with pytest.raises(KeyboardInterrupt):
        freeze_survey(frozen, "cut", person="Tashi", today=TODAY)
    monkeypatch.undo()
    with frozen.reading() as session:
        assert session.exec(select(Decision).where(Decision.subject == "cut")).all() == []
    assert freeze_survey(frozen, "cut", person="Tashi", today=TODAY).was_there
    with frozen.reading() as session:
        assert len(session.exec(select(Decision).where(Decision.subject == "cut")).all()) == 1


def test_verify_names_altered_and_foreign_freezes(frozen: Survey) -> None:
    """A flipped byte in the snapshot, and a folder that nobody froze here."""
    made = find_freeze(frozen, "2027")
    shutil.copytree(made.folder, frozen.folder / FREEZES / "foreign")
    content = bytearray(made.database.read_bytes())
    content[-1] ^= 1
    made.database.write_bytes(content)
    found = {one.key for one, _ in verify_survey(frozen, is_deep=True).findings}
    assert "freezes/2027/survey.db" in found
    assert "freezes/foreign" in found


def test_two_at_once_shut_each_other_out(frozen: Survey) -> None:
    """The second is told to wait."""
    with freeze_module._alone(frozen), pytest.raises(EvaluationError, match="right now"):
        again(frozen)


def test_a_newer_statement_is_refused(frozen: Survey) -> None:
    """What this Namcha does not know it does not guess at."""
    path = frozen.folder / FREEZES / "2027" / STATEMENT
    told = json.loads(path.read_text(encoding="utf-8")) | {"format_version": 99}
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(EvaluationError, match="update Namcha"):
        read_freeze(path.parent)


def test_the_command_freezes_and_lists(frozen: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """`namcha freeze` and `namcha freezes`, for people and for scripts."""
    survey = ("--survey", str(frozen.folder))
    period = ("--from", "2025-01-01", "--to", "2025-12-31")
    told = json.loads(
        namcha("freeze", "2025", *period, *survey, "--species", "赤麂", "--json").stdout
    )
    assert told["baseline"] == {"from": "2024-01-01", "to": "2024-12-31"}
    assert len(told["counting"]["chosen"]) == 1
    listed = json.loads(namcha("freezes", *survey, "--json").stdout)
    assert [one["name"] for one in listed] == ["2025", "2027"]
    path = frozen.folder / FREEZES / "2027" / STATEMENT
    path.write_text(path.read_text(encoding="utf-8").replace("Tashi", "Pema"), encoding="utf-8")
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    assert "✗ 2027" in namcha("freezes", *survey).stdout
    assert "报告期 2025-01-01" in namcha("freezes", *survey).stdout
    refused = namcha(
        "freeze", "2031", "--from", "2031-01-01", "--to", "2031-12-31", *survey, fails=True
    )
    assert "尚未结束" in refused.stderr


@given(st.dates(min_value=date(2005, 1, 1), max_value=date(2090, 1, 1)))
def test_usual_periods_are_whole_years_that_can_be_compared(today: date) -> None:
    """Whatever the day: the last year that is over, and the one before it."""
    period = usual_period(today)
    baseline = usual_baseline(period)
    check_periods(period, baseline, today=today)
    assert (baseline.last_day - baseline.first_day).days in (364, 365)


@given(st.dates(date(2010, 1, 1), date(2020, 12, 31)), st.integers(0, 2000))
def test_a_baseline_lies_before_its_period_in_the_same_seasons(first: date, days: int) -> None:
    """Of any span: the same days of earlier years, and never a day of the period itself."""
    period = Period(first, date.fromordinal(first.toordinal() + days))
    baseline = usual_baseline(period)
    assert baseline.last_day < period.first_day
    assert (baseline.first_day.month, baseline.last_day.month) == (
        period.first_day.month,
        period.last_day.month,
    )


@pytest.mark.parametrize(
    ("period", "baseline", "why"),
    [
        (Period(date(2027, 5, 1), date(2027, 4, 1)), Period.of_years(2025, 2025), "ends before"),
        (Period.of_years(2028, 2028), Period.of_years(2025, 2025), "not over"),
        (YEAR, Period(date(2026, 1, 1), date(2027, 1, 1)), "both sides"),
    ],
)
def test_periods_that_cannot_be_compared_are_refused(
    period: Period, baseline: Period, why: str
) -> None:
    """The wrong way round, not over yet, or overlapping."""
    with pytest.raises(EvaluationError, match=why):
        check_periods(period, baseline, today=TODAY)
