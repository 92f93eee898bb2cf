"""The survey folder, its settings, its database and its log."""

import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from cards import make_card, with_deployment
from conftest import ROOT
from factories import NINE, make_deployment, make_event, make_machine_observation, make_taxon
from field_folder import make_folder, phone_photo
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import SQLModel, select

from ingest.field_photos import FieldVisit, import_field
from ingest.import_card import import_card
from species_db.decisions import broken_entries, record_decision
from species_db.field import FieldFinding, identify_record
from species_db.sealed_list import tell_all_rows
from species_db.seals import broken_seals, rows_of, sealed_tables
from species_db.start import start_survey
from species_db.survey import Survey, SurveyError, SurveySettings, create_survey, open_survey
from species_db.tables import (
    CameraStation,
    Decision,
    Deployment,
    Event,
    FieldPhoto,
    FieldRecord,
    Media,
    Project,
    Taxon,
)
from species_db.verify import verify_survey
from species_db.vocabulary import Act, FieldProtocol


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


def older_survey(folder: Path) -> Survey:
    """A survey with the first release's tables and one photo in it."""
    from alembic import command
    from alembic.config import Config

    made = Survey(folder)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "species_db" / "migrations"))
    with made.engine.execution_options(namcha_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for statement in (
            "INSERT INTO camerastation VALUES ('S', '', NULL, 29.5, 95.5, 30, 1870)",
            "INSERT INTO deployment (deployment_id, location_id, deployment_start,"
            " utc_offset_seconds, setup_by, feature_type, habitat, deployment_groups,"
            " deployment_tags, deployment_comments)"
            " VALUES ('D', 'S', '2026-04-01 00:00:00', 28800, '', '', '', '', '', '')",
            "INSERT INTO cardimport (card_import_id, deployment_id, card_path, fingerprint, state,"
            " person, software_version, started_at)"
            " VALUES ('C', 'D', 'SD01', 'f', 'complete', 'Tashi', '0.1', '2026-05-01 00:00:00')",
            "INSERT INTO media (media_id, sha256, bytes, deployment_id, card_import_id, file_path,"
            " file_name, card_path, file_mediatype, timestamp, offset_source, is_restricted)"
            " VALUES ('M', 'aa', 1, 'D', 'C', 'media/D/aa.jpg', 'a.jpg', 'a.jpg', 'image/jpeg',"
            " '2026-05-01 01:00:00', 'assumed', 0)",
        ):
            connection.exec_driver_sql(statement)
    return made


def test_a_survey_of_the_first_release_comes_along_with_its_rows(tmp_path: Path) -> None:
    """Its media keep their times, as camera times too, and every row gets a seal that fits."""
    create_survey(tmp_path, SurveySettings()).close()
    for path in tmp_path.glob("survey.db*"):
        path.unlink()
    older_survey(tmp_path).close()
    opened = open_survey(tmp_path)
    with opened.reading() as session:
        media = session.get_one(Media, "M")
        assert media.timestamp == media.camera_timestamp == NINE
        assert all(row.seal for table in sealed_tables() for row in rows_of(session, table))
        assert list(broken_seals(session)) == []
        assert session.exec(select(Decision)).one().act == Act.ROWS_SEALED
    opened.close()


Rows = dict[str, tuple[str, set[tuple[object, ...]]]]


def rows_by_table(path: Path, columns: Mapping[str, str] | None = None) -> Rows:
    """Every row of a database as it is stored, by table; of some tables and columns, or all."""
    found: Rows = {}
    with closing(sqlite3.connect(path)) as connection:
        names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
        for (table,) in connection.execute(names).fetchall():
            known = connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchall()
            told = (columns or {}).get(table) or ", ".join(f'"{name}"' for (name,) in known)
            found[table] = (told, set(connection.execute(f"SELECT {told} FROM {table}")))
    return found


def as_last_release(survey: Survey) -> Rows:
    """Give a survey the last release's tables, with all its rows; return them as stored there.

    What this release adds is empty in these rows, so their seals are those of the last release.
    """
    from alembic import command
    from alembic.config import Config

    survey.close()
    path, newer = survey.folder / "survey.db", survey.folder / "newer.db"
    path.rename(newer)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "species_db" / "migrations"))
    older = Survey(survey.folder)
    with older.engine.execution_options(namcha_write=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    older.close()
    columns = {table: told for table, (told, _) in rows_by_table(path).items()}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ATTACH ? AS newer", (str(newer),))
        for table, told in columns.items():
            connection.execute(f"INSERT INTO {table} ({told}) SELECT {told} FROM newer.{table}")
    newer.unlink()
    return rows_by_table(path)


def worked_with(survey: Survey, tmp_path: Path) -> None:
    """Fill a survey as the last release could: a card with boxes, field photos, one identified."""
    deployment_id = with_deployment(survey)
    card = make_card(tmp_path / "SD01", photos=4)
    import_card(survey, card, deployment_id=deployment_id, person="Tashi")
    photos = {name: phone_photo(minute=m) for name, m in {"a": 0, "b": 1, "c": 60}.items()}
    visit = FieldVisit("LZ-041", "Tashi", FieldProtocol.QUADRAT)
    folder = make_folder(tmp_path / "phone", **photos)
    import_field(survey, folder, visit=visit, person="Tashi", accept_far=lambda _: True)
    with survey.writing() as session:
        taxon = make_taxon(session, "Ageratina adenophora", "紫茎泽兰", "crofton weed")
        for media in session.exec(select(Media)).all():
            make_machine_observation(session, media)
        tell_all_rows(session)
        record_decision(session, Act.DETECTED, subject="all", person="Tashi", details={})
        record = session.exec(select(FieldRecord).order_by(FieldRecord.event_start)).first()
    identify_record(
        survey,
        record.field_record_id,
        finding=FieldFinding(taxon.taxon_id, organism_quantity="40", organism_quantity_type="m2"),
        person="Drolma",
        expected_review_id=None,
    )


def test_a_survey_of_the_last_release_comes_along_whole(survey: Survey, tmp_path: Path) -> None:
    """Every row, seal and reference of it is kept, field photos too, and verify finds nothing."""
    worked_with(survey, tmp_path)
    before = as_last_release(survey)
    filled = ("plot", "fieldimport", "fieldrecord", "fieldphoto", "observation", "taxon")
    assert all(before[table][1] for table in filled)
    opened = open_survey(survey.folder)
    columns = {table: told for table, (told, _) in before.items()}
    after = rows_by_table(survey.folder / "survey.db", columns)
    for table, (_, rows) in before.items():
        assert rows <= after[table][1], table
    with closing(sqlite3.connect(survey.folder / "survey.db")) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with opened.reading() as session:
        assert list(broken_seals(session)) == []
        assert list(broken_entries(session)) == []
        photos = session.exec(select(FieldPhoto)).all()
        kept = {session.get_one(FieldRecord, one.field_record_id).plot_id for one in photos}
        assert (len(photos), kept) == (3, {"LZ-041"})
    assert verify_survey(opened).findings == ()
    opened.close()


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE camerastation SET latitude = 29.6", ("camerastation", "MT-01")),
        ("UPDATE deployment SET setup_by = 'Nobody'", ("deployment", "MT-01-2026")),
        ("UPDATE event SET event_start = '2025-01-01'", ("event", None)),
    ],
)
def test_a_row_edited_elsewhere_is_named(survey: Survey, change: str, row: tuple) -> None:
    """A row changed with another program no longer fits its seal; ours do, whatever we change."""
    with survey.writing() as session:
        event = make_event(session).event_id
    with survey.writing() as session:
        session.get_one(Deployment, "MT-01-2026").camera_height_m = 1
    with survey.reading() as session:
        assert list(broken_seals(session)) == []
    with sqlite3.connect(survey.folder / "survey.db") as connection:
        connection.execute(change)
    connection.close()
    with survey.reading() as session:
        assert list(broken_seals(session)) == [(row[0], row[1] or event)]


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
