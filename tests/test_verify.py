"""Proof of custody: whatever was altered behind our back is named, with everything that used it."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from cards import jpeg, make_card, with_deployment
from factories import make_machine_observation, make_taxon
from fakes import FakeDetector
from sqlalchemy import inspect
from sqlmodel import Session, col, select
from test_survey import older_survey
from typer.testing import CliRunner

from ingest.classify import detect_media
from ingest.field_photos import FieldVisit, import_field
from ingest.import_card import import_card
from ingest.in_place import register_archive
from namcha import USER_ERRORS
from namcha.application import app
from species_db import verify
from species_db.busy import busy_lock
from species_db.camera_days import state_days
from species_db.deployments import import_deployments
from species_db.export import offering
from species_db.export.occurrences import export_occurrences
from species_db.identity import media_id
from species_db.kept_lists import KeptListError
from species_db.keys import SurveyKey, survey_key
from species_db.plots import import_plots
from species_db.review import correct, undo
from species_db.seals import key_of, seal_of
from species_db.start import start_survey
from species_db.survey import Survey, SurveySettings, create_survey, open_survey
from species_db.tables import (
    Archive,
    Camera,
    CameraDay,
    CameraStation,
    CardFile,
    CardImport,
    Decision,
    Deployment,
    Event,
    FieldFile,
    FieldImport,
    FieldPhoto,
    FieldRecord,
    Media,
    ModelVersion,
    Observation,
    Plot,
    Project,
    Sealed,
    Taxon,
    TaxonName,
)
from species_db.verify import Finding, Uses, VerifyReport, verify_survey
from species_db.vocabulary import DayState

CARD_PATH = "DCIM/100MEDIA/IMG_0001.JPG"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey with one card, a model's answers, one review and one export."""
    root = tmp_path_factory.mktemp("verify")
    made = create_survey(root / "survey", SurveySettings(title="Medog"))
    with_deployment(made)
    import_card(made, make_card(root / "SD01"), deployment_id="MT-01-2026", person="Tashi")
    with made.writing() as session:
        taxon = make_taxon(session).taxon_id
        for media in session.exec(select(Media)).all():
            make_machine_observation(session, media)
        first = session.exec(select(Media).where(Media.card_path == CARD_PATH)).one()
        event_id = first.event_id or ""
    correct(made, event_id, taxon_id=taxon, count=1, person="Drolma", expected_review_id=None)
    export_occurrences(made, root / "table.csv", person="Tashi")
    made.close()
    return made.folder


@pytest.fixture
def survey(template: Path, tmp_path: Path) -> Iterator[Survey]:
    """A copy of that survey, to be tampered with."""
    shutil.copytree(template, tmp_path / "survey")
    opened = open_survey(tmp_path / "survey")
    yield opened
    opened.close()


def edit(survey: Survey, statement: str) -> None:
    """Change the database as another program would: no foreign keys, no seals."""
    with sqlite3.connect(survey.folder / "survey.db") as connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()


def named(report: VerifyReport) -> set[tuple[str, str, str]]:
    """What was found, as kind, table and key."""
    return {(finding.kind.value, finding.table, finding.key) for finding, _ in report.findings}


def tables_named(report: VerifyReport) -> set[tuple[str, str]]:
    """What was found, as kind and table."""
    return {(finding.kind.value, finding.table) for finding, _ in report.findings}


def first_media(survey: Survey) -> Media:
    """The photo that was reviewed and exported."""
    with survey.reading() as session:
        return session.exec(select(Media).where(Media.card_path == CARD_PATH)).one()


def review_of(survey: Survey) -> Observation:
    """What the person said."""
    with survey.reading() as session:
        human = Observation.classification_method == "human"
        return session.exec(select(Observation).where(human)).one()


def test_a_survey_that_nobody_touched_is_well(survey: Survey) -> None:
    """Deep or not, nothing is found, and all of it was looked at."""
    report = verify_survey(survey, is_deep=True)
    assert report.findings == () and report.notes == ()
    counts = report.counts
    assert (counts.originals, counts.receipts, counts.exports) == (9, 1, 1)
    assert counts.bytes_read == sum(p.stat().st_size for p in survey.folder.glob("media/*/*.jpg"))


def test_one_flipped_byte_names_the_file_and_everything_that_used_it(survey: Survey) -> None:
    """The photo's event, the observations on both, and the export are named; others are not."""
    media = first_media(survey)
    path = survey.path_of(media.file_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert verify_survey(survey).is_well  # the size is as before
    ((finding, uses),) = verify_survey(survey, is_deep=True).findings
    assert (finding.kind.value, finding.table, finding.key) == ("altered", "file", media.file_path)
    with survey.reading() as session:
        machine = session.exec(
            select(Observation.observation_id).where(Observation.media_id == media.media_id)
        ).one()
        export = session.exec(select(Decision).where(Decision.act == "exported")).one()
    assert uses == Uses(
        events=(str(media.event_id),),
        observations=tuple(sorted([machine, review_of(survey).observation_id])),
        exports=(f"table.csv: occurrences (Darwin Core) (log {export.sequence})",),
    )


def test_a_file_that_no_export_told_names_no_export(survey: Survey) -> None:
    """An altered photo of an event nobody reviewed spoils no table."""
    with survey.reading() as session:
        event = first_media(survey).event_id
        other = session.exec(select(Media).where(Media.event_id != event)).first()
    assert other is not None
    survey.path_of(other.file_path).unlink()
    ((finding, uses),) = verify_survey(survey).findings
    assert (finding.kind.value, finding.key) == ("missing", other.file_path)
    assert uses.events == (other.event_id,) and uses.exports == ()


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        (f"UPDATE media SET serial_number = 'x' WHERE card_path = '{CARD_PATH}'", "media"),
        (f"UPDATE media SET camera_timestamp = 'noon' WHERE card_path = '{CARD_PATH}'", "media"),
        (f"UPDATE media SET timestamp = '2020-01-01' WHERE card_path = '{CARD_PATH}'", "media"),
        (f"UPDATE media SET timestamp = 'noon' WHERE card_path = '{CARD_PATH}'", "media"),
        (f"UPDATE media SET is_restricted = 1 WHERE card_path = '{CARD_PATH}'", "media"),
        (f"UPDATE cardfile SET bytes = 7 WHERE card_path = '{CARD_PATH}'", "cardfile"),
        ("UPDATE observation SET count = 9 WHERE classification_method = 'human'", "observation"),
        ("UPDATE observation SET classification_timestamp = x'00'", "observation"),
        ("UPDATE deployment SET setup_by = 'Nobody'", "deployment"),
        ("UPDATE camerastation SET latitude = 29.6", "camerastation"),
        ("UPDATE plot SET county = '540424'", "plot"),
        ("UPDATE taxon SET scientific_name = 'Ursus'", "taxon"),
        ("UPDATE event SET event_start = '2020-01-01' WHERE is_reviewed", "event"),
        ("UPDATE cardimport SET person = 'Nobody'", "cardimport"),
        ("UPDATE modelversion SET name = 'x'", "modelversion"),
    ],
)
def test_an_edited_row_is_named_by_table_and_key(
    survey: Survey, statement: str, table: str
) -> None:
    """Whichever table another program edits, the row is named; a value of nonsense as well."""
    edit(survey, statement)
    found = tables_named(verify_survey(survey))
    assert ("altered", table) in found
    assert {one for _, one in found} <= {table, "check", "event"}


def test_an_edited_row_names_the_export_that_told_it(survey: Survey) -> None:
    """A station moved with another program leads to the table that carried its place."""
    edit(survey, "UPDATE camerastation SET longitude = 95.4")
    ((finding, uses),) = verify_survey(survey).findings
    assert finding.key == "MT-01"
    assert [export.split(":")[0] for export in uses.exports] == ["table.csv"]


@pytest.mark.parametrize(
    ("statement", "gone"),
    [
        (f"DELETE FROM media WHERE card_path = '{CARD_PATH}'", "media"),
        (f"DELETE FROM cardfile WHERE card_path = '{CARD_PATH}'", "cardfile"),
        ("DELETE FROM observation WHERE classification_method = 'human'", "observation"),
        ("DELETE FROM event WHERE is_reviewed", "event"),
        ("DELETE FROM decision WHERE act = 'card_imported'", "decision"),
        ("DELETE FROM decision WHERE act = 'reviewed'", "decision"),
        ("DELETE FROM taxon", "taxon"),
        ("DELETE FROM cardimport", "cardimport"),
    ],
)
def test_a_deleted_row_is_named(survey: Survey, statement: str, gone: str) -> None:
    """A row taken out is missed by what names it: journal, receipt, log or another row."""
    edit(survey, statement)
    assert ("missing", gone) in tables_named(verify_survey(survey))


def test_a_photo_whose_rows_are_all_gone_is_still_missed(survey: Survey) -> None:
    """Journal, media and answers deleted: the signed list names the file, and so does the disk."""
    media = first_media(survey)
    for table in ("observation", "media", "cardfile"):
        edit(survey, f"DELETE FROM {table} WHERE media_id = '{media.media_id}'")
    found = named(verify_survey(survey))
    assert ("missing", "cardfile", f"{media.card_import_id} {CARD_PATH}") in found
    assert ("extra", "file", media.file_path) in found


@pytest.mark.parametrize("table", [Media, CardFile])
def test_an_edit_that_renews_the_seal_is_still_noticed(
    survey: Survey, table: type[Media] | type[CardFile]
) -> None:
    """Somebody who knows how seals are made meets the root of them in the log."""
    with survey.writing() as session:
        row = session.exec(select(table).where(table.card_path == CARD_PATH)).one()
        row.bytes += 1
        session.flush()
        assert row.seal == seal_of(row)
        key = row.media_id if table is Media else f"{row.card_import_id} {CARD_PATH}"
    assert ("altered", table.__tablename__, key) in named(verify_survey(survey))


def test_a_finding_renewed_with_its_seal_does_not_fit_the_log(survey: Survey) -> None:
    """What a person said stands in the log too; a count changed with its seal is named."""
    key = review_of(survey).observation_id
    with survey.writing() as session:
        session.get_one(Observation, key).count = 9
    assert ("altered", "observation", key) in named(verify_survey(survey))


def test_a_record_that_nobody_said_is_named(survey: Survey) -> None:
    """An observation put in as a person's, seal and all, has no review in the log."""
    said = review_of(survey).model_dump()
    with survey.writing() as session:
        session.add(Observation(**said | {"observation_id": "forged", "review_id": None}))
    assert ("extra", "observation", "forged") in named(verify_survey(survey))


def test_people_opened_behind_our_back_are_named(survey: Survey) -> None:
    """A photo on which a model saw people may not lose its restriction in silence."""
    media = first_media(survey)
    with survey.writing() as session:
        make_machine_observation(session, media, observation_type="human", score=0.9)
        session.get_one(Media, media.media_id).is_restricted = True
    assert verify_survey(survey).is_well
    edit(survey, "UPDATE media SET is_restricted = 0 WHERE is_restricted")
    assert named(verify_survey(survey)) == {("altered", "media", media.media_id)}


def test_an_undone_review_is_no_fault(survey: Survey) -> None:
    """The log is replayed: after an undo no review is in force."""
    undo(survey, person="Drolma")
    assert verify_survey(survey).is_well
    with survey.writing() as session:
        event = session.get_one(Event, review_of(survey).event_id)
        event.current_review_id = review_of(survey).review_id
    assert tables_named(verify_survey(survey)) == {("altered", "event")}


def test_an_altered_log_entry_is_named(survey: Survey) -> None:
    """A changed reviewer breaks the hash of the entry, and the records of it are named."""
    edit(survey, "UPDATE decision SET person = 'Nobody' WHERE act = 'reviewed'")
    ((finding, uses),) = verify_survey(survey).findings
    assert (finding.kind.value, finding.table) == ("altered", "decision")
    assert uses.observations and uses.exports


def test_a_log_cut_off_behind_a_receipt_is_noticed(survey: Survey) -> None:
    """The receipt names an entry that is gone, though the chain that is left is whole."""
    edit(survey, "DELETE FROM decision WHERE sequence >= 2")
    report = verify_survey(survey)
    assert ("missing", "decision", "2") in named(report)
    assert any("cut off" in finding.en for finding, _ in report.findings)


def receipt_file(survey: Survey, suffix: str) -> Path:
    """One of the files of the survey's only receipt."""
    (path,) = (survey.folder / "receipts").glob(f"*{suffix}")
    return path


@pytest.mark.parametrize("suffix", [".json", ".html"])
def test_a_tampered_receipt_is_named(survey: Survey, suffix: str) -> None:
    """One letter changed in the JSON or in the page, and the file is named."""
    path = receipt_file(survey, suffix)
    path.write_text(path.read_text(encoding="utf-8").replace("Tashi", "Nobody"), encoding="utf-8")
    assert named(verify_survey(survey)) == {("altered", "receipt", f"receipts/{path.name}")}


def test_a_receipt_signed_with_another_key_is_named(survey: Survey) -> None:
    """A signature counts only by a key that the log knows."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = receipt_file(survey, ".json")
    told = json.loads(path.read_text(encoding="utf-8"))
    other = SurveyKey(Ed25519PrivateKey.generate())
    told["key_fingerprint"] = other.fingerprint
    told["signature"] = other.sign(told)
    path.write_text(json.dumps(told), encoding="utf-8")
    ((finding, _),) = verify_survey(survey).findings
    assert (finding.table, finding.en) == ("receipt", "its signature does not fit")


@pytest.mark.parametrize("suffix", [".json", ".html", ".files.gz"])
def test_a_lost_part_of_a_receipt_is_missed_and_written_again(
    survey: Survey, template: Path, suffix: str
) -> None:
    """The log tells of it; importing the card again writes it to the letter."""
    path = receipt_file(survey, suffix)
    before = path.read_bytes()
    path.unlink()
    assert tables_named(verify_survey(survey)) == {("missing", "receipt")}
    card = template.parent / "SD01"
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    assert path.read_bytes() == before
    assert verify_survey(survey).is_well


def test_a_damaged_list_of_an_export_is_named(survey: Survey) -> None:
    """The list of what an export used is as provable as the export."""
    (path,) = (survey.folder / "exports").iterdir()
    assert path.name == f"{hashlib.sha256(path.read_bytes()).hexdigest()}.ids.gz"
    path.write_bytes(b"x")
    assert named(verify_survey(survey)) == {("altered", "export list", f"exports/{path.name}")}


def test_an_exported_answer_that_is_gone_is_named(survey: Survey, tmp_path: Path) -> None:
    """A model's answer that left in a table is missed by that table's list."""
    export_occurrences(survey, tmp_path / "all.csv", person="Tashi", include_machine=True)
    with survey.reading() as session:
        other = session.exec(
            select(Observation.observation_id).where(
                col(Observation.event_id) != first_media(survey).event_id
            )
        ).first()
    edit(survey, f"DELETE FROM observation WHERE observation_id = '{other}'")
    assert ("missing", "observation", other) in named(verify_survey(survey))


def test_a_survey_from_before_receipts_were_signed_is_well(tmp_path: Path) -> None:
    """Its receipt is told as unsigned, from before; that is a note and no fault."""
    create_survey(tmp_path, SurveySettings()).close()
    for path in tmp_path.glob("survey.db*"):
        path.unlink()
    older = older_survey(tmp_path)
    original = tmp_path / "media" / "D" / "aa.jpg"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"x")
    content = hashlib.sha256(b"aa 1 a.jpg\n").hexdigest()
    (tmp_path / "receipts" / "D-C.json").write_text(json.dumps({"card_import_id": "C"}))
    with older.engine.execution_options(namcha_write=True).begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cardfile VALUES ('C', 'a.jpg', 1, 0, 'stored', 'aa', 'M')"
        )
    older.close()
    opened = open_survey(tmp_path)
    from species_db.decisions import record_decision
    from species_db.vocabulary import Act

    with opened.writing() as session:
        details = {"content_sha256": content, "safe_to_wipe": True}
        record_decision(session, Act.CARD_IMPORTED, subject="C", person="Tashi", details=details)
    report = verify_survey(opened)
    assert report.findings == ()
    assert [note.en.split(":")[0] for note in report.notes] == ["receipts/D-C.json is unsigned"]
    edit(opened, "UPDATE cardfile SET sha256 = 'bb'")
    assert ("altered", "cardfile") in tables_named(verify_survey(opened))
    opened.close()


def test_the_command_says_what_it_found_and_fails(survey: Survey) -> None:
    """Exit 0 and a plain sentence when all is well; exit 1 and the row's name when not."""
    asked = ["verify", "--deep", "--survey", str(survey.folder)]
    well = CliRunner().invoke(app, asked)
    assert (well.exit_code, well.stdout.splitlines()[-1]) == (0, "All is as it was left.")
    edit(survey, "UPDATE deployment SET setup_by = 'Nobody'")
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 1
    assert "ALTERED deployment MT-01-2026" in told.stdout
    as_json = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert [one["key"] for one in as_json["findings"]] == ["MT-01-2026"]


def test_a_lost_original_is_named_by_its_row_too(survey: Survey) -> None:
    """The file's finding carries the name on the card, as people know it."""
    media = first_media(survey)
    survey.path_of(media.file_path).unlink()
    ((finding, _),) = verify_survey(survey).findings
    assert finding.name == CARD_PATH
    assert finding.used == (("media", media_id(media.sha256)),)


def test_an_answer_of_a_model_that_is_gone_is_named(survey: Survey) -> None:
    """Each run of a model keeps the list of its answers; one taken out is missed by its key."""
    detect_media(survey, FakeDetector([]), person="Tashi")
    assert verify_survey(survey).is_well
    with survey.reading() as session:
        blank = Observation.observation_type == "blank"
        key = session.exec(select(Observation.observation_id).where(blank)).first()
    edit(survey, f"DELETE FROM observation WHERE observation_id = '{key}'")
    assert named(verify_survey(survey)) == {("missing", "observation", key)}


def test_a_corrected_offset_of_the_sheet_is_no_fault(survey: Survey, tmp_path: Path) -> None:
    """Media written anew by the field sheet have a new root in the log; a later edit is noticed."""
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(
        "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,locationID,utcOffset\n"
        "MT-01-2026,29.32517,95.33418,2026-04-12T10:00:00+08:00,2026-10-03T12:00:00+08:00,"
        "MT-01,+07:00\n",
        encoding="utf-8",
    )
    before = first_media(survey).seal
    import_deployments(survey, sheet, person="Tashi")
    assert first_media(survey).seal != before
    assert verify_survey(survey).is_well
    with survey.writing() as session:
        session.get_one(Media, first_media(survey).media_id).serial_number = "x"
    assert tables_named(verify_survey(survey)) == {("altered", "cardimport")}


def told_survey(folder: Path) -> Survey:
    """A survey made by its acts alone: started, sheets, card, model, camera day, field photos."""
    made = start_survey(folder / "survey", SurveySettings(title="Medog"), person="Tashi")
    plots = folder / "plots.csv"
    plots.write_text(
        "plot,county,ecosystem,latitude,longitude\nP1,墨脱县,森林,29.325,95.334\n", "utf-8"
    )
    import_plots(made, plots, person="Tashi")
    sheet = folder / "sheet.csv"
    sheet.write_text(
        "deploymentID,latitude,longitude,deploymentStart,deploymentEnd,locationID,cameraID,plot\n"
        "MT-01-2026,29.32517,95.33418,2026-04-12T10:00:00+08:00,2026-10-03T12:00:00+08:00,"
        "MT-01,CAM1,P1\n",
        encoding="utf-8",
    )
    import_deployments(made, sheet, person="Tashi")
    card = make_card(folder / "SD01")
    archive = register_archive(made, card, person="Tashi")
    import_card(made, card, deployment_id="MT-01-2026", person="Tashi", archive=archive)
    detect_media(made, FakeDetector([]), person="Tashi")
    day = date(2026, 5, 2)
    state_days(made, "MT-01-2026", day, day, state=DayState.BLOCKED, cause="leaf", person="Tashi")
    photos = folder / "phone"
    photos.mkdir()
    (photos / "a\nb.jpg").write_bytes(jpeg(1))
    (photos / "notes.txt").write_bytes(b"no photo")
    import_field(made, photos, visit=FieldVisit("P1", "Drolma"), person="Tashi")
    made.close()
    return made


@pytest.fixture(scope="module")
def told_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That survey, once for all tests."""
    root = tmp_path_factory.mktemp("told")
    told_survey(root)
    return root


@pytest.fixture
def told(told_template: Path, tmp_path: Path) -> Iterator[Survey]:
    """A copy of that survey, to be tampered with."""
    shutil.copytree(told_template / "survey", tmp_path / "survey")
    opened = open_survey(tmp_path / "survey")
    yield opened
    opened.close()


RENEWED = {
    Project: ("title", "x"),
    Plot: ("county", "540424"),
    CameraStation: ("elevation_m", 12.0),
    Camera: ("camera_model", "x"),
    Deployment: ("setup_by", "Nobody"),
    Taxon: ("family", "x"),
    TaxonName: ("is_preferred", False),
    ModelVersion: ("threshold", 0.9),
    Observation: ("classification_probability", 0.01),
    CameraDay: ("cause", "snow"),
    Archive: ("person", "Nobody"),
    CardImport: ("person", "Nobody"),
    FieldImport: ("observer", "Nobody"),
    FieldRecord: ("habitat", "x"),
    FieldPhoto: ("model", "x"),
    FieldFile: ("note", "x"),
}


def a_told_row(survey: Survey, table: type[Sealed]) -> Sealed:
    """The first row of a table that people or models wrote."""
    with survey.reading() as session:
        statement = select(table)
        if table is CameraDay:
            statement = statement.where(CameraDay.method == "human")
        if table is TaxonName:
            statement = statement.where(TaxonName.is_preferred)
        return session.exec(statement).first()  # type: ignore[return-value]


def test_a_survey_made_by_its_acts_is_well(told: Survey) -> None:
    """What the log tells of every row is what the rows say."""
    assert verify_survey(told, is_deep=True).findings == ()


@pytest.mark.parametrize("table", RENEWED, ids=lambda one: one.__name__)
def test_a_row_whose_seal_was_renewed_is_named(told: Survey, table: type[Sealed]) -> None:
    """The code that seals is public: an edit with a new seal is still told by the log."""
    row = a_told_row(told, table)
    key = key_of(row)
    name, value = RENEWED[table]
    setattr(row, name, value)
    where = {column.name: getattr(row, column.key) for column in inspect(table).primary_key}
    with sqlite3.connect(told.folder / "survey.db") as connection:
        told_where = " AND ".join(f"{one} = ?" for one in where)
        connection.execute(
            f"UPDATE {table.__tablename__} SET {name} = ?, seal = ? WHERE {told_where}",
            (value, seal_of(row), *where.values()),
        )
    connection.close()
    report = verify_survey(told)
    assert ("altered", str(table.__tablename__), key) in named(report)
    assert {kind for kind, _, _ in named(report)} == {"altered"}


@pytest.mark.parametrize("table", RENEWED, ids=lambda one: one.__name__)
def test_a_row_that_was_taken_away_is_named(told: Survey, table: type[Sealed]) -> None:
    """Nothing need name a row for its loss to be noticed."""
    row = a_told_row(told, table)
    where = " AND ".join(
        f"{column.name} = '{getattr(row, column.key)}'" for column in inspect(table).primary_key
    )
    edit(told, f"DELETE FROM {table.__tablename__} WHERE {where}")
    assert ("missing", str(table.__tablename__), key_of(row)) in named(verify_survey(told))


def test_a_day_taken_back_and_a_sheet_corrected_are_no_fault(told: Survey, tmp_path: Path) -> None:
    """The newest word on a row holds."""
    day = date(2026, 5, 2)
    state_days(told, "MT-01-2026", day, day, state=None, cause="", person="Tashi")
    sheet = tmp_path / "plots.csv"
    sheet.write_text(
        "plot,county,ecosystem,latitude,longitude\nP1,察隅县,森林,29.325,95.334\n", "utf-8"
    )
    import_plots(told, sheet, person="Tashi")
    assert verify_survey(told).findings == ()


def test_a_log_cut_off_after_its_last_receipt_is_noticed(survey: Survey) -> None:
    """The list of what an export told outlives the log entry that named it."""
    edit(survey, "DELETE FROM decision WHERE act = 'exported'")
    ((finding, _),) = verify_survey(survey).findings
    assert (finding.kind.value, finding.table) == ("missing", "decision")
    assert "cut off" in finding.en


def test_an_export_that_was_refused_is_no_fault(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list whose export never happened waits under another name."""
    monkeypatch.setattr(offering, "last_change", lambda session: -1)
    with pytest.raises(offering.ExportRefused):
        export_occurrences(survey, tmp_path / "other.csv", person="Tashi", include_machine=True)
    assert verify_survey(survey).findings == ()


def test_a_lost_list_of_an_entry_is_named(told: Survey) -> None:
    """Without the list, nobody knows which rows the entry told."""
    for path in (told.folder / "log").iterdir():
        path.unlink()
    assert ("missing", "log list") in tables_named(verify_survey(told))


def test_an_archive_that_is_away_is_one_finding(told: Survey, tmp_path: Path) -> None:
    """A disk in a drawer is named once, deep or not, instead of once for each file in it."""
    with told.writing() as session:
        archive = session.exec(select(Archive)).one()
        archive.root = str(tmp_path / "drawer")
    found = named(verify_survey(told, is_deep=True))
    assert ("missing", "archive", archive.archive_id) in found
    assert not [key for _, table, key in found if table == "file"]


def test_an_import_that_runs_meanwhile_is_no_fault(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, rows, receipt and export that come after the moment looked at are not told."""
    read_log = verify.check_log

    def late(session: Session) -> Iterator[Finding]:
        yield from read_log(session)  # the moment is fixed now
        card = make_card(tmp_path / "SD02", photos=3, first_number=50)
        import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
        export_occurrences(survey, tmp_path / "o.csv", person="Tashi", include_machine=True)

    monkeypatch.setattr(verify, "check_log", late)
    assert verify_survey(survey).findings == ()
    monkeypatch.undo()
    assert verify_survey(survey).findings == ()


def test_a_card_at_work_is_no_fault(survey: Survey) -> None:
    """An import that goes on where it stopped changes rows before its new receipt tells so."""
    with survey.writing() as session:
        row = session.exec(select(CardFile)).first()
        assert row is not None
        row.modified_ns += 1
    with busy_lock(survey.folder, row.card_import_id):
        assert verify_survey(survey).findings == ()
    assert not verify_survey(survey).is_well


@pytest.mark.parametrize("content", ["[" * 100_000, "[1, 2]", '{"log_sequence": 1e999}', "{"])
def test_a_receipt_that_cannot_be_read_is_named(survey: Survey, content: str) -> None:
    """However broken, it is a finding and never a crash."""
    (path,) = survey.folder.glob("receipts/*.json")
    path.write_text(content, encoding="utf-8")
    assert ("altered", "receipt", f"receipts/{path.name}") in named(verify_survey(survey))


def test_a_key_doubled_in_a_receipt_is_named(survey: Survey) -> None:
    """JSON takes the last of two; a reader's eye takes the first: the bytes are what was logged."""
    (path,) = survey.folder.glob("receipts/*.json")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{\n", '{\n  "safe_to_wipe": false,\n', 1), encoding="utf-8")
    assert ("altered", "receipt", f"receipts/{path.name}") in named(verify_survey(survey))


def test_a_foreign_or_lost_key_is_told_and_proves_nothing(survey: Survey) -> None:
    """Receipts are checked with the log's public keys; that the private one is gone is a note."""
    key = survey.folder / "keys" / "survey.key"
    key.unlink()
    report = verify_survey(survey)
    assert report.is_well and "cannot be read" in report.notes[0].en
    with survey.writing() as session:
        survey_key(survey, session, person="Tashi")
        session.rollback()
    report = verify_survey(survey)
    assert report.is_well and "is new" in report.notes[0].en


def test_an_altered_name_of_a_taxon_names_the_exports(survey: Survey) -> None:
    """A table tells vernacular names too."""
    edit(survey, "UPDATE plot SET county = '540424'")
    with survey.writing() as session:
        taxon = session.exec(select(Taxon).join(Observation)).first()
        assert taxon is not None
        session.add(TaxonName(taxon_id=taxon.taxon_id, language="zh", name="麂 子"))
    edit(survey, "UPDATE taxonname SET is_preferred = 0 WHERE name = '麂 子'")
    for finding, uses in verify_survey(survey).findings:
        assert finding.table in ("plot", "taxonname") and len(uses.exports) == 1


def test_a_list_that_the_disk_cannot_take_is_one_line(survey: Survey, tmp_path: Path) -> None:
    """At the end of a detection; nothing is lost, and the same run again tells all answers."""
    card = make_card(tmp_path / "SD02", photos=30, first_number=100)
    import_card(survey, card, deployment_id="MT-01-2026", person="Tashi")
    (survey.folder / "log").rmdir()
    (survey.folder / "log").write_text("in the way")
    with pytest.raises(KeptListError, match="cannot be written"):
        detect_media(survey, FakeDetector([]), person="Tashi")
    assert ("species_db.kept_lists", "KeptListError") in USER_ERRORS
    (survey.folder / "log").unlink()
    make_card(tmp_path / "SD03", photos=1, first_number=200)
    import_card(survey, tmp_path / "SD03", deployment_id="MT-01-2026", person="Tashi")
    detect_media(survey, FakeDetector([]), person="Tashi")
    with survey.reading() as session:
        told = select(Observation.observation_id).where(Observation.observation_type == "blank")
        key = session.exec(told.order_by(Observation.classification_timestamp)).first()
    edit(survey, f"DELETE FROM observation WHERE observation_id = '{key}'")
    assert named(verify_survey(survey)) == {("missing", "observation", key)}
