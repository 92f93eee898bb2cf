"""The survey folder, its settings, its database and its log."""

import sqlite3
import threading
from pathlib import Path

import pytest
from factories import NINE, make_deployment, make_event
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import SQLModel, select

from species_db.decisions import broken_entries, record_decision
from species_db.start import start_survey
from species_db.survey import Survey, SurveyError, SurveySettings, create_survey, open_survey
from species_db.tables import CameraStation, Decision, Event, Project, Taxon
from species_db.vocabulary import Act


def decide(survey: Survey, subject: str = "x") -> None:
    """Append one act to the log."""
    with survey.writing() as session:
        record_decision(session, Act.INIT, subject=subject, person="Tashi", details={})


def test_the_migrations_make_the_tables_as_declared(survey: Survey) -> None:
    """Tables, columns, indexes and foreign keys of a migrated database are those of the classes."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with survey.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, SQLModel.metadata) == []
        names = set(inspect(connection).get_table_names())
    assert names == set(SQLModel.metadata.tables) | {"alembic_version"}


def test_a_survey_keeps_its_rows_when_opened_again(survey: Survey) -> None:
    """Opening a survey of this version changes nothing in it."""
    with survey.writing() as session:
        make_event(session)
    survey.close()
    again = open_survey(survey.folder)
    with again.reading() as session:
        assert session.exec(select(Event)).one().event_start == NINE
    again.close()


def test_a_survey_of_a_newer_version_is_refused(survey: Survey) -> None:
    """Tables this version does not know are left alone, with a sentence."""
    survey.close()
    with sqlite3.connect(survey.folder / "survey.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SurveyError, match="newer Namcha"):
        open_survey(survey.folder)


def test_a_folder_without_a_survey_is_said_plainly(tmp_path: Path) -> None:
    """The error names the folder and the command that makes a survey."""
    with pytest.raises(SurveyError, match="namcha init"):
        open_survey(tmp_path)


def test_a_wrong_key_in_the_settings_is_an_error(survey: Survey) -> None:
    """A misspelt setting is named, not ignored."""
    path = survey.folder / "survey.toml"
    path.write_text(path.read_text(encoding="utf-8") + "utc_ofset = '+08:00'\n", encoding="utf-8")
    with pytest.raises(SurveyError, match="utc_ofset"):
        open_survey(survey.folder)


def test_settings_with_quotes_come_back_as_written(tmp_path: Path) -> None:
    """A title with quotes, a backslash and Chinese survives the settings file."""
    title = 'Medog "2026" C:\\墨脱'
    made = create_survey(tmp_path, SurveySettings(title=title))
    assert open_survey(tmp_path).settings.title == title
    made.close()


def test_sqlite_is_safe_against_a_pulled_plug(survey: Survey) -> None:
    """WAL, full sync and foreign keys are on in every connection."""
    with survey.engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_a_row_that_names_nothing_is_refused(survey: Survey) -> None:
    """Foreign keys hold: no event without its deployment."""
    with pytest.raises(IntegrityError), survey.writing() as session:
        session.add(Event(event_id="e", deployment_id="nowhere"))


def test_a_failed_write_leaves_nothing(survey: Survey) -> None:
    """An error inside a writing block takes everything of the block back."""
    with pytest.raises(RuntimeError), survey.writing() as session:
        make_deployment(session)
        raise RuntimeError
    with survey.reading() as session:
        assert session.exec(select(Event)).all() == []


def test_writers_take_their_turn(survey: Survey) -> None:
    """Eight threads write the log at once, and its chain is whole."""
    threads = [threading.Thread(target=decide, args=(survey, str(n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with survey.reading() as session:
        assert len(session.exec(select(Decision)).all()) == 8
        assert list(broken_entries(session)) == []


def test_a_reader_cannot_write(survey: Survey) -> None:
    """A session for reading refuses to change the survey."""
    with pytest.raises(OperationalError), survey.reading() as session:
        session.add(Project(project_id="p", title="t", created_at=NINE))
        session.commit()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE decision SET person = 'Nobody' WHERE sequence = 2",
        "DELETE FROM decision WHERE sequence = 2",
        "UPDATE decision SET details = '{}' , hash = 'x' WHERE sequence = 2",
    ],
)
def test_an_altered_log_is_noticed(survey: Survey, change: str) -> None:
    """An entry that was edited or taken out breaks the chain at that place."""
    for subject in "abc":
        decide(survey, subject)
    with survey.engine.execution_options(namcha_write=True).begin() as connection:
        connection.exec_driver_sql(change)
    with survey.reading() as session:
        assert min(broken_entries(session)) in (2, 3)


def test_a_new_survey_knows_its_taxa_and_logs_its_beginning(tmp_path: Path) -> None:
    """Starting a survey twice starts it once."""
    for _ in range(2):
        made = start_survey(tmp_path, SurveySettings(title="Medog"), person="Tashi")
    with made.reading() as session:
        assert session.exec(select(Project.title)).all() == ["Medog"]
        assert len(session.exec(select(Taxon)).all()) > 200
        assert [d.act for d in session.exec(select(Decision))] == ["init"]
    made.close()


@pytest.mark.parametrize(
    ("line", "said"), [("utc_offset = 8", "utc_offset must be str"), ("title = ", "cannot be read")]
)
def test_settings_of_the_wrong_kind_are_said(survey: Survey, line: str, said: str) -> None:
    """A number where text belongs, or a broken line, is a sentence and not a traceback."""
    (survey.folder / "survey.toml").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(SurveyError, match=said):
        open_survey(survey.folder)


def test_a_damaged_database_is_said(survey: Survey) -> None:
    """A file that is no database names the folder and what to do."""
    survey.close()
    for path in survey.folder.glob("survey.db*"):
        path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(SurveyError, match="cannot be opened"):
        open_survey(survey.folder)


def test_a_survey_cannot_be_made_on_a_file(tmp_path: Path) -> None:
    """A name that a file has already is said plainly."""
    (tmp_path / "s").write_text("x", encoding="utf-8")
    with pytest.raises(SurveyError, match="cannot be written"):
        create_survey(tmp_path / "s", SurveySettings())


@pytest.mark.parametrize("name", ["what?x", "100%", "墨脱 2026 #1"])
def test_a_survey_lies_where_its_folder_is(tmp_path: Path, name: str) -> None:
    """Signs that mean something in addresses mean nothing in a folder's name."""
    made = create_survey(tmp_path / name, SurveySettings())
    assert (tmp_path / name / "survey.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    made.close()


def test_errors_of_the_database_tell_no_coordinates(survey: Survey) -> None:
    """What the database could not store is not repeated in its error."""
    with pytest.raises(IntegrityError) as refused, survey.writing() as session:
        session.add(
            CameraStation(location_id="s", plot_id="nowhere", latitude=29.54321, longitude=95.1)
        )
    assert "29.54321" not in str(refused.value)
