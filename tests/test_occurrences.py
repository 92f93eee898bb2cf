"""The occurrence table: the confirmed records, no other, and no place."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from exports import (
    DEPLOYMENT,
    LATITUDE,
    SECRETS,
    STATION,
    bytes_of,
    change,
    fill_survey,
    join_later,
    media_of,
    review_what_is_there,
    tells,
)
from factories import NINE, make_event, make_human_review, make_taxon
from sqlmodel import select

from species_db.export import occurrences
from species_db.export.occurrence_rows import ACCESS_RIGHTS, HEADERS_ZH, safe_cell
from species_db.export.occurrences import export_occurrences
from species_db.export.offering import ExportRefused, sha256_of
from species_db.sensitivity import ExactRelease
from species_db.survey import Survey
from species_db.tables import Decision, Event, Observation
from species_db.vocabulary import Act, Secrecy


def read_table(path: Path) -> pd.DataFrame:
    """The table as pandas reads it, every cell as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def set_aside(columns: Iterable[str], name: str) -> list[str]:
    """The columns without one."""
    return [column for column in columns if column != name]


def add_to_review(survey: Survey, said: Observation, **values: object) -> None:
    """Let the same review state one thing more."""
    told = said.model_dump() | {"observation_id": f"{said.observation_id}-b"} | values
    with survey.writing() as session:
        session.add(Observation(**told))


def test_the_table_holds_exactly_the_confirmed_animals(survey: Survey, tmp_path: Path) -> None:
    """A confirmed animal is one row; blanks, people and unreviewed events are none."""
    told = fill_survey(survey)
    report = export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    table = read_table(tmp_path / "o.csv")
    assert report.rows == {"occurrences": 1}
    assert tuple(table.columns) == tuple(HEADERS_ZH)
    [row] = table.to_dict("records")
    expected = {
        "basisOfRecord": "MachineObservation",
        "eventDate": "2026-05-01T09:00:00+08:00/2026-05-01T09:00:01+08:00",
        "scientificName": "Muntiacus vaginalis",
        "taxonRank": "species",
        "family": "Cervidae",
        "vernacularName": "Red muntjac",
        "vernacularNameZh": "赤麂",
        "individualCount": "2",
        "occurrenceStatus": "present",
        "decimalLatitude": "29.43",
        "decimalLongitude": "95.61",
        "geodeticDatum": "EPSG:4326",
        "coordinateUncertaintyInMeters": "1600",
        "coordinatePrecision": "0.01",
        "minimumElevationInMeters": "1800",
        "maximumElevationInMeters": "2000",
        "county": "Medog County",
        "habitat": "forest",
        "samplingProtocol": "camera trap",
        # Whole days: to the minute, set-ups would order the stations along a trail.
        "samplingEffort": "2026-04-12T00:00:00+08:00/2026-10-03T23:59:59+08:00",
        "identifiedBy": "Drolma",
        "identificationVerificationStatus": "verified using recorded media",
        "license": "https://creativecommons.org/licenses/by/4.0/legalcode",
        "datasetName": "Test survey",
        "mediaSHA256": "|".join(media.sha256 for media in media_of(survey, told.muntjac)),
    }
    assert {term: row[term] for term in expected} == expected
    assert row["occurrenceID"].startswith("urn:uuid:")


def test_each_taxon_of_an_event_is_a_row_and_its_parts_add_up(
    survey: Survey, tmp_path: Path
) -> None:
    """A female with two young is one row of three; another taxon of the event is its own row."""
    told = fill_survey(survey)
    with survey.writing() as session:
        other = make_taxon(session, "Capricornis thar", zh="喜马拉雅鬣羚")
        event = make_event(session, deployment_id=DEPLOYMENT, start=NINE + timedelta(days=1))
    said = make_human_review(survey, event, taxon=told.taxon)
    change(survey, said, sex="female", life_stage="adult")
    add_to_review(survey, said, count=2, sex="", life_stage="juvenile")
    add_to_review(survey, said, observation_id="other", taxon_id=other.taxon_id, count=None)
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    table = read_table(tmp_path / "o.csv")
    rows = table[table["eventDate"].str.startswith("2026-05-02")].set_index("scientificName")
    assert set(rows.index) == {"Muntiacus vaginalis", "Capricornis thar"}
    mixed = rows.loc["Muntiacus vaginalis"]
    assert (mixed["individualCount"], mixed["sex"], mixed["lifeStage"]) == ("3", "", "")
    assert mixed["occurrenceRemarks"] == "1 adult female | 2 juvenile"
    assert rows.loc["Capricornis thar", "individualCount"] == ""
    assert rows["eventID"].nunique() == 1
    assert table["occurrenceID"].is_unique


def test_an_animal_nobody_named_is_an_animal(survey: Survey, tmp_path: Path) -> None:
    """An unidentified animal is a record of the kingdom, not of nothing."""
    told = fill_survey(survey)
    make_human_review(survey, told.unreviewed)
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    table = read_table(tmp_path / "o.csv").set_index("scientificName")
    assert table.loc["Animalia", "taxonRank"] == "kingdom"


def test_a_corrected_record_keeps_its_id_and_the_old_one_is_gone(
    survey: Survey, tmp_path: Path
) -> None:
    """GBIF shall update a corrected record, not lose one and gain another."""
    told = fill_survey(survey)
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    before = read_table(tmp_path / "o.csv")
    make_human_review(survey, told.muntjac, taxon=told.taxon, count=7, person="Pema")
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    after = read_table(tmp_path / "o.csv")
    assert list(after["occurrenceID"]) == list(before["occurrenceID"])
    assert list(after["individualCount"]) == ["7"]
    assert list(after["identifiedBy"]) == ["Pema"]


def test_an_undone_review_is_no_occurrence(survey: Survey, tmp_path: Path) -> None:
    """An event sent back to the queue is not told."""
    told = fill_survey(survey)
    with survey.writing() as session:
        event = session.get_one(Event, told.muntjac.event_id)
        event.is_reviewed, event.current_review_id = False, None
    report = export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert report.rows == {"occurrences": 0}
    assert read_table(tmp_path / "o.csv").empty


def test_machine_records_are_marked_unverified(survey: Survey, tmp_path: Path) -> None:
    """Asked for, the model's animals leave too, with its name and certainty."""
    fill_survey(survey)
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi", include_machine=True)
    table = read_table(tmp_path / "o.csv").set_index("scientificName")
    assert list(table["identificationVerificationStatus"]) == [
        "verified using recorded media",
        "unverified (machine)",
    ]
    remark = table.loc["Animalia", "identificationRemarks"]
    assert (
        remark
        == "classified by a machine (general 0.1.0) with 80% certainty; not checked by a person"
    )


@pytest.mark.parametrize("headers", ["en", "zh"])
def test_nothing_in_the_table_tells_the_place(survey: Survey, tmp_path: Path, headers: str) -> None:
    """No coordinate, name, card file or note of the place is anywhere in the file."""
    told = fill_survey(survey)
    out = tmp_path / "released"
    export_occurrences(survey, out / "o.csv", person="Tashi", headers=headers, include_machine=True)
    for content in bytes_of(out).values():
        for secret in (*SECRETS, STATION, DEPLOYMENT, told.muntjac.event_id):
            assert not tells(content, secret), secret


def test_an_exact_release_tells_the_place_and_is_logged(survey: Survey, tmp_path: Path) -> None:
    """Both the release and the export are in the log, with the file's fingerprint."""
    fill_survey(survey)
    release = ExactRelease("Drolma", "county archive")
    report = export_occurrences(survey, tmp_path / "o.csv", person="Tashi", exact=release)
    [row] = read_table(tmp_path / "o.csv").to_dict("records")
    assert (row["decimalLatitude"], row["locationID"]) == (str(LATITUDE), STATION)
    assert (row["dataGeneralizations"], row["coordinatePrecision"]) == ("", "")
    with survey.reading() as session:
        acts = {decision.act: decision for decision in session.exec(select(Decision))}
    assert acts[Act.EXACT_RELEASED.value].person == "Drolma"
    told = json.loads(acts[Act.EXPORTED.value].details)
    digest = sha256_of(tmp_path / "o.csv")
    assert (report.sha256s, told["sha256"]) == ({"o.csv": digest}, [f"{digest}  o.csv"])
    assert (told["rows"], told["include_machine"]) == ({"occurrences": 1}, False)


def test_an_undated_event_is_left_out_and_told(survey: Survey, tmp_path: Path) -> None:
    """GBIF refuses a record without a date; the report says how many there are."""
    told = fill_survey(survey)
    with survey.writing() as session:
        undated = make_event(session, deployment_id=DEPLOYMENT, start=None)
    make_human_review(survey, undated, taxon=told.taxon)
    report = export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert report.rows == {"occurrences": 1}
    assert any("1 events have no date" in note for note in report.notes)


def test_events_outside_their_deployment_are_told(survey: Survey, tmp_path: Path) -> None:
    """A record with a doubtful date leaves, and the report names the deployment."""
    told = fill_survey(survey)
    with survey.writing() as session:
        early = make_event(session, deployment_id=DEPLOYMENT, start=NINE - timedelta(days=400))
    make_human_review(survey, early, taxon=told.taxon)
    report = export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert any(DEPLOYMENT in note and "doubtful" in note for note in report.notes)
    without = export_occurrences(survey, tmp_path / "o.csv", person="Tashi", exclude=[DEPLOYMENT])
    assert (without.rows, without.notes) == ({"occurrences": 0}, ())


def test_chinese_headers_hold_the_same_table(survey: Survey, tmp_path: Path) -> None:
    """The Chinese table differs in its first line only, and opens in Excel."""
    fill_survey(survey)
    export_occurrences(survey, tmp_path / "en.csv", person="Tashi")
    export_occurrences(survey, tmp_path / "zh.csv", person="Tashi", headers="zh")
    english, chinese = ((tmp_path / name).read_bytes() for name in ("en.csv", "zh.csv"))
    assert chinese.startswith(b"\xef\xbb\xbf" + "记录编号,".encode())
    assert english.split(b"\r\n")[1:] == chinese.split(b"\r\n")[1:]
    assert len(set(HEADERS_ZH.values())) == len(HEADERS_ZH)


def test_every_row_says_how_far_it_may_go(survey: Survey, tmp_path: Path) -> None:
    """A table without its report, or its first rows pasted elsewhere, is still marked internal."""
    fill_survey(survey)
    export_occurrences(survey, tmp_path / "en.csv", person="Tashi")
    export_occurrences(survey, tmp_path / "zh.csv", person="Tashi", headers="zh")
    told = {*read_table(tmp_path / "en.csv")["accessRights"]}
    told |= {*read_table(tmp_path / "zh.csv")["使用权限"]}
    assert told == {ACCESS_RIGHTS[Secrecy.INTERNAL]}
    assert "not to be passed on" in told.pop()


def test_a_table_of_an_earlier_version_is_replaced(survey: Survey, tmp_path: Path) -> None:
    """The column on access came later; without it the table is ours all the same."""
    fill_survey(survey)
    out = tmp_path / "o.csv"
    out.write_text(",".join(set_aside(HEADERS_ZH, "accessRights")) + "\n", encoding="utf-8-sig")
    export_occurrences(survey, out, person="Tashi")
    assert len(read_table(out)) == 1


def test_a_reviewers_text_is_not_run_as_a_formula(survey: Survey, tmp_path: Path) -> None:
    """A cell that a spreadsheet would run is kept as text; numbers stay numbers."""
    told = fill_survey(survey)
    said = make_human_review(survey, told.blank, taxon=told.taxon, person="@SUM(1)")
    change(survey, said, behavior='=HYPERLINK("http://x")')
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    row = read_table(tmp_path / "o.csv").set_index("identifiedBy").loc["'@SUM(1)"]
    assert row["behavior"] == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff20"])
def test_every_formula_start_is_guarded(start: str) -> None:
    """Full-width signs start formulas in a Chinese Excel."""
    assert safe_cell(f"{start}1") == f"'{start}1"


def test_demonstration_data_say_so_in_every_row(survey: Survey, tmp_path: Path) -> None:
    """Made-up records must not end up in a real dataset."""
    fill_survey(survey)
    object.__setattr__(survey.settings, "is_demonstration", True)
    export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert read_table(tmp_path / "o.csv")["datasetName"].str.startswith("DEMONSTRATION").all()


def test_a_word_outside_the_vocabulary_is_refused(survey: Survey, tmp_path: Path) -> None:
    """Sex is a closed list, so that no note about the place hides in it."""
    told = fill_survey(survey)
    change(survey, make_human_review(survey, told.blank, taxon=told.taxon), sex="at the temple")
    with pytest.raises(ExportRefused, match="sex must be one of female, male"):
        export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert not (tmp_path / "o.csv").exists()


def test_the_same_data_gives_the_same_bytes(survey: Survey, tmp_path: Path) -> None:
    """A second table of the same data is byte for byte the first."""
    fill_survey(survey)
    reports = [
        export_occurrences(survey, tmp_path / name / "o.csv", person="Tashi") for name in "ab"
    ]
    assert reports[0].sha256s == reports[1].sha256s


@pytest.mark.parametrize("seconds", [-30, 30])
def test_a_confirmed_record_stays_when_pictures_join_its_event(
    survey: Survey, tmp_path: Path, seconds: int
) -> None:
    """Its time and its proof are what the person saw; the model's row does not tell it again."""
    told = fill_survey(survey)
    review_what_is_there(survey, told.muntjac, taxon_id=told.taxon.taxon_id)
    for name in ("before", "after"):
        for include_machine in (False, True):
            report = export_occurrences(
                survey,
                tmp_path / name / f"{include_machine}.csv",
                person="Tashi",
                include_machine=include_machine,
            )
            has_note = any("1 events have pictures that came after" in n for n in report.notes)
            assert has_note is (name == "after")
        if name == "before":
            join_later(survey, told.muntjac, seconds=seconds, kind="animal")
    assert bytes_of(tmp_path / "before") == bytes_of(tmp_path / "after")


def test_a_review_made_meanwhile_stops_the_table(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that somebody has just corrected would be out of date as it leaves."""
    told = fill_survey(survey)

    def correct_meanwhile(path: Path) -> str:
        make_human_review(survey, told.muntjac, observation_type="human")
        return sha256_of(path)

    monkeypatch.setattr(occurrences, "sha256_of", correct_meanwhile)
    with pytest.raises(ExportRefused, match="the survey changed while exporting"):
        export_occurrences(survey, tmp_path / "o.csv", person="Tashi")
    assert [path.name for path in tmp_path.iterdir()] == ["survey"]


def test_a_foreign_file_is_never_overwritten(survey: Survey, tmp_path: Path) -> None:
    """The deployment sheet survives a mistyped name; an earlier table is replaced."""
    fill_survey(survey)
    out = tmp_path / "o.csv"
    out.write_text("deploymentID,latitude\n", encoding="utf-8")
    with pytest.raises(ExportRefused, match="left as it is"):
        export_occurrences(survey, out, person="Tashi")
    assert out.read_text(encoding="utf-8") == "deploymentID,latitude\n"
    out.unlink()
    export_occurrences(survey, out, person="Tashi", headers="zh")
    export_occurrences(survey, out, person="Tashi")
    assert {path.name for path in tmp_path.iterdir()} == {"survey", "o.csv"}


def test_the_terms_are_darwin_cores(shared: Path) -> None:
    """Every column but our last two is a term of the occurrence core."""
    core = pd.read_csv(shared / "standards/darwin-core/occurrence_core_fields.csv")
    assert set(HEADERS_ZH) - set(core["name"]) == {"vernacularNameZh", "mediaSHA256"}
