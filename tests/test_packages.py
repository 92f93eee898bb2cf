"""Packages of others: the figures of the peers from the survey's own database, and round trips."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from ingest.look import count_waiting
from ingest.packages import import_package
from namcha.application import app
from species_db.analysis.effort import EffortMethod
from species_db.analysis.histories import FirstDay
from species_db.analysis.independence import IndependenceRule
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.review import mark_blank
from species_db.review.record import undo
from species_db.sensitivity import ExactRelease, open_gate
from species_db.study.detections import Layout, history_of
from species_db.study.events import disturbing_events, independent_events
from species_db.study.facts import TaxonFacts
from species_db.study.question import CountBy, Question
from species_db.study.read import Study, read_study
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import (
    CameraStation,
    Deployment,
    Event,
    Media,
    Observation,
    PackageImport,
    Taxon,
)
from species_db.verify import verify_survey
from tests.packages_scene import (
    DEPLOYMENT,
    MUNTJAC,
    PICTURE,
    in_folder,
    read,
    small_package,
    take,
)
from tests.test_camtrap_dp import official_errors, read_lines

EXACT = ExactRelease("Tashi", "figures of others")


def study_of(survey: Survey, **asked: object) -> Study:
    """Read the survey for a question, without the gate: the peers' figures are exact."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, exact=EXACT)
        return read_study(session, survey.settings, Question(**asked), gate=gate)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cajambre(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A survey that holds the Cajambre project of Wildlife Insights, and nothing else."""
    made = create_survey(tmp_path_factory.mktemp("wi") / "survey", SurveySettings(title="WI"))
    take(made, shared / "data" / "interop" / "wildlife_insights_cajambre")
    yield made
    made.close()


@pytest.mark.parametrize(
    ("minutes", "rule", "count"),
    [
        (30, IndependenceRule.LAST_RECORD, 492),
        (60, IndependenceRule.LAST_RECORD, 487),
        (1440, IndependenceRule.LAST_RECORD, 412),
        (30, IndependenceRule.LAST_INDEPENDENT, 495),
        (60, IndependenceRule.LAST_INDEPENDENT, 489),
        (1440, IndependenceRule.LAST_INDEPENDENT, 421),
    ],
)
def test_the_cajambre_counts_from_the_database(
    cajambre: Survey, minutes: int, rule: IndependenceRule, count: int
) -> None:
    """Independent records, genus or better, as wiutils and camtrapR count them.

    People are a taxon to the peers; here they are events of people beside those of animals.
    """
    study = study_of(
        cajambre, interval_minutes=minutes, rule=rule, by=CountBy.DEPLOYMENT, min_rank="genus"
    )
    passing = disturbing_events(study)
    people = int((passing.taxa == "people").sum())
    assert len(independent_events(study)) + people == count


def test_the_cajambre_filters_from_the_database(cajambre: Survey) -> None:
    """Of 5253 images 4336 are told to class, 3372 to genus, 3351 to species; 893 are blank."""
    ranks = ("species", "genus", "family", "order", "class")
    with cajambre.reading() as session:
        rows = session.exec(
            select(Observation.observation_type, Taxon.taxon_rank).join(
                Taxon, col(Taxon.taxon_id) == col(Observation.taxon_id), isouter=True
            )
        ).all()
    people = sum(type_ == "human" for type_, _ in rows)
    told = {
        rank: people + sum(found in ranks[: place + 1] for _, found in rows)
        for place, rank in enumerate(ranks)
    }
    assert len(rows) == 5253
    assert (told["class"], told["genus"], told["species"]) == (4336, 3372, 3351)
    assert sum(type_ == "blank" for type_, _ in rows) == 893


def test_a_survey_with_a_package_verifies_and_says_what_is_not_here(cajambre: Survey) -> None:
    """Every row is told by the log; the files are not called missing."""
    found = verify_survey(cajambre)
    assert found.findings == ()
    assert any("5253 media came in packages of others" in note.en for note in found.notes)


def test_no_model_waits_for_files_that_are_not_here(cajambre: Survey) -> None:
    """Detection does not count them, so a season does not look unfinished for ever."""
    with cajambre.reading() as session:
        assert count_waiting(session) == 0


# --- camtrapR's sample ---


@pytest.fixture(scope="module")
def sample(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survey]:
    """A survey that holds camtrapR's sample; it lies in zone 50N, which its table does not say."""
    folder = tmp_path_factory.mktemp("camtrapr")
    names = ("camtraps.csv", "recordTableSample.csv")
    there = shared / "data" / "interop" / "camtrapR_sample"
    path = in_folder(folder / "tables", {name: (there / name).read_bytes() for name in names})
    made = create_survey(folder / "survey", SurveySettings(title="camtrapR"))
    take(made, path, utm_zone="50N")
    yield made
    made.close()


def test_the_sample_has_its_trap_nights_from_the_database(sample: Survey) -> None:
    """Half days at set-up and retrieval, none on problem days: 42, 43 and 37.5."""
    study = study_of(sample, method=EffortMethod.HALF_DAYS, min_rank="species")
    nights: dict[str, float] = {}
    for one in study.days:
        nights[one.unit] = nights.get(one.unit, 0.0) + one.effort
    assert nights == {"StationA": 42.0, "StationB": 43.0, "StationC": 37.5}


def test_the_sample_has_its_events_from_the_database(sample: Survey) -> None:
    """39 events: of EGY 6, MNE 2, PBE 18, TRA 8, VTA 5."""
    study = study_of(sample, interval_minutes=60)
    counts: dict[str, int] = {}
    for taxon in independent_events(study).taxa.tolist():
        name = study.taxa[taxon].scientific_name
        counts[name] = counts.get(name, 0) + 1
    assert counts == {"EGY": 6, "MNE": 2, "PBE": 18, "TRA": 8, "VTA": 5}


@pytest.mark.parametrize(
    ("code", "days", "first"), [("PBE", 7, FirstDay.STATION), ("PBE", 1, FirstDay.SURVEY)]
)
def test_the_sample_has_its_histories_from_the_database(
    sample: Survey, shared: Path, code: str, days: int, first: FirstDay
) -> None:
    """Zero, one and not known stand where camtrapR puts them."""
    study = study_of(sample, method=EffortMethod.HALF_DAYS)
    taxon: TaxonFacts = next(t for t in study.taxa.values() if t.scientific_name == code)
    told = history_of(study, taxon, Layout(occasion_days=days, first_day=first))
    name = f"dh_{code}_occ{days}_{first}.csv"
    expected = shared / "data" / "interop" / "camtrapR_sample" / "expected" / name
    lines = [line.split(",") for line in expected.read_text(encoding="utf-8").splitlines()[1:]]
    mine = [["NA" if c is None else str(int(c)) for c in row] for row in told.cells]
    theirs = [[c.replace(".0", "").strip('"') or "NA" for c in line[1:]] for line in lines]
    assert mine == theirs


# --- the official example of Camtrap DP ---


@pytest.fixture(scope="module")
def example(shared: Path) -> Path:
    """The official example, as it is published."""
    return shared / "standards" / "camtrap-dp" / "example"


def plain(text: str) -> str | float:
    """A cell as what it means: numbers and instants are the same however they are written."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp() if "T" in text else text
    except ValueError:
        return text


def test_the_official_example_goes_in_and_comes_out_equal(
    survey: Survey, example: Path, shared: Path, tmp_path: Path
) -> None:
    """In, out, valid by the official schemas, and every cell of every row the same; but for two.

    People get no scientific name here, and ten files that lie in the example's own folder are not
    in our package, so they are not public there.
    """
    take(survey, example)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True, exact=EXACT)
    assert official_errors(out, shared / "standards" / "camtrap-dp") == []
    keys = {"deployments": "deploymentID", "media": "mediaID", "observations": "observationID"}
    for name, key in keys.items():
        theirs = {row[key]: row for row in read_lines(example, name)}
        mine = {row[key]: row for row in read_lines(out, name)}
        assert mine.keys() == theirs.keys()
        for row_id, row in theirs.items():
            wanted, told = dict(row), mine[row_id]
            if row.get("observationType") == "human":
                wanted["scientificName"] = ""
            if name == "media" and not row["filePath"].startswith("http"):
                wanted |= {"filePath": told["filePath"], "filePublic": "false"}
            for column, cell in wanted.items():
                assert plain(told[column]) == plain(cell), (name, row_id, column)


def test_what_came_out_goes_into_another_survey_equal(
    survey: Survey, example: Path, tmp_path: Path
) -> None:
    """Our own package is read back: the same deployments, media, events and observations."""
    first = take(survey, example)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True, exact=EXACT)
    other = create_survey(tmp_path / "other", SurveySettings(title="Other"))
    second = take(other, out)
    other.close()
    for name in ("deployments", "media", "events", "reviewed_events", "observations", "human"):
        assert getattr(first, name) == getattr(second, name), name


def test_through_the_gate_nothing_of_a_package_is_exact(
    survey: Survey, example: Path, tmp_path: Path
) -> None:
    """Without an exact release ids, names, comments and web addresses of others stay inside."""
    take(survey, example)
    out = tmp_path / "out"
    export_camtrap_dp(survey, out, person="Tashi", include_machine=True)
    whole = "".join((out / f"{name}.csv").read_text("utf-8") for name in ("media", "observations"))
    for word in ("multimedia.agouti.eu", "4bb69c45", "07840dcc", "eclipse plumage", "used for"):
        assert word not in whole


def test_a_package_with_sensitive_taxa_leaves_whole_through_the_gate(
    listed_survey: Survey, example: Path, tmp_path: Path
) -> None:
    """What the gate keeps back of an event, it keeps back of what others said of its pictures."""
    take(listed_survey, example)
    out = tmp_path / "out"
    export_camtrap_dp(listed_survey, out, person="Tashi", with_media=True)
    media = {row["mediaID"] for row in read_lines(out, "media")}
    rows = read_lines(out, "observations")
    assert rows and all(row["mediaID"] in media for row in rows if row["mediaID"])
    assert verify_survey(listed_survey).findings == ()


# --- small packages ---


def test_an_observation_keeps_its_origin_and_counts_as_a_persons(
    survey: Survey, tmp_path: Path
) -> None:
    """Who said it, when, its comment and its name there; and a review in force that counts."""
    take(survey, in_folder(tmp_path / "package", small_package()))
    with survey.reading() as session:
        row = session.exec(select(Observation)).one()
        event = session.exec(select(Event)).one()
        package = session.exec(select(PackageImport)).one()
    assert (row.classified_by, row.count, row.original_id) == ("Drolma", 2, "o1")
    assert row.observation_comments == "on the trail"
    assert row.classification_timestamp.isoformat() == "2026-05-01T02:00:00+00:00"
    assert row.package_id == package.package_id
    assert event.is_reviewed and row.review_id == event.current_review_id


def test_a_second_import_adds_nothing(survey: Survey, tmp_path: Path) -> None:
    """The same package again is known by its bytes."""
    path = in_folder(tmp_path / "package", small_package())
    take(survey, path)
    assert take(survey, path).is_known
    with survey.reading() as session:
        assert len(session.exec(select(Observation)).all()) == 1


def test_a_dry_run_tells_and_writes_nothing(survey: Survey, tmp_path: Path) -> None:
    """What would be taken is counted, and then given up."""
    package = read(in_folder(tmp_path / "package", small_package()))
    told = import_package(survey, package, person="Tashi", is_dry_run=True)
    assert (told.deployments, told.observations) == (1, 1)
    with survey.reading() as session:
        assert session.exec(select(PackageImport)).all() == []


def test_what_is_said_media_by_media_counts_the_most_in_one_frame(
    survey: Survey, tmp_path: Path
) -> None:
    """A package without events: MaxN of its media stands for the event, never the sum."""
    second = {**PICTURE, "mediaID": "m2", "timestamp": "2026-04-02T07:30:20+08:00"}
    row = {**MUNTJAC, "eventID": "", "observationLevel": "media"}
    rows = [
        {**row, "mediaID": "m1", "count": "2"},
        {**row, "observationID": "o2", "mediaID": "m2", "count": "1"},
    ]
    files = small_package(media=[PICTURE, second], observations=rows)
    told = take(survey, in_folder(tmp_path / "package", files))
    assert (told.events, told.derived) == (1, 1)
    study = study_of(survey)
    assert study.records.counts.tolist() == [2]
    assert verify_survey(survey).findings == ()


def test_a_single_picture_without_an_event_leaves_as_a_record(
    survey: Survey, tmp_path: Path
) -> None:
    """GBIF takes rows of events alone: an animal said of one picture gets one."""
    row = {**MUNTJAC, "eventID": "", "observationLevel": "media", "mediaID": "m1"}
    take(survey, in_folder(tmp_path / "package", small_package(observations=[row])))
    export_camtrap_dp(survey, tmp_path / "out", person="Tashi", exact=EXACT)
    levels = [one["observationLevel"] for one in read_lines(tmp_path / "out", "observations")]
    assert sorted(levels) == ["event", "media"]


def test_pictures_of_people_are_closed(survey: Survey, tmp_path: Path) -> None:
    """A person seen by others is as private as one seen here."""
    row = {**MUNTJAC, "observationType": "human", "scientificName": "Homo sapiens"}
    take(survey, in_folder(tmp_path / "package", small_package(observations=[row])))
    with survey.reading() as session:
        assert session.exec(select(Media.is_restricted)).all() == [True]
        assert session.exec(select(Observation.taxon_id)).all() == [None]


def test_undo_does_not_take_a_package_back(survey: Survey, tmp_path: Path) -> None:
    """Whoever brought a package in did not review it; their undo reaches their own reviews."""
    take(survey, in_folder(tmp_path / "package", small_package()))
    assert undo(survey, person="Tashi") is None


def test_a_review_over_a_package_can_be_undone(survey: Survey, tmp_path: Path) -> None:
    """What the package said is in force again."""
    take(survey, in_folder(tmp_path / "package", small_package()))
    with survey.reading() as session:
        before = session.exec(select(Event)).one()
    mark_blank(survey, before.event_id, person="Tashi", expected_review_id=before.current_review_id)
    undo(survey, person="Tashi")
    with survey.reading() as session:
        after = session.exec(select(Event)).one()
    assert (after.current_review_id, after.is_reviewed) == (before.current_review_id, True)
    assert verify_survey(survey).findings == ()


# --- tables without places, and Camelot's ---


def with_sheet(survey: Survey) -> None:
    """The survey's own field sheet knows station CT01."""
    with survey.writing() as session:
        session.add(CameraStation(location_id="CT01", latitude=29.3, longitude=95.3))
        session.flush()
        session.add(
            Deployment(
                deployment_id="CT01-spring",
                location_id="CT01",
                deployment_start=datetime.fromisoformat("2026-04-01T00:00:00+08:00"),
                deployment_end=datetime.fromisoformat("2026-04-30T00:00:00+08:00"),
            )
        )


TIMELAPSE = (
    b"RootFolder,File,RelativePath,DateTime,DeleteFlag,Species,Count,Analyst,Note\n"
    b"spring,IMG_0001.JPG,CT01\\100EK113,2026-04-02 07:30:00,false,Vulpes vulpes,1,Drolma,at dawn\n"
    b"spring,IMG_0002.JPG,CT01\\100EK113,2026-04-02 09:00:00,false,Empty,,Drolma,\n"
    b"spring,IMG_0003.JPG,CT01\\100EK113,2026-04-02 10:00:00,false,,,,\n"
)


def test_a_timelapse_table_is_read_into_known_deployments(survey: Survey, tmp_path: Path) -> None:
    """Its folders name a station of the field sheet; a picture without a species stays open."""
    with_sheet(survey)
    told = take(survey, in_folder(tmp_path / "t", {"TimelapseData.csv": TIMELAPSE}))
    assert (told.format, told.media, told.observations) == ("timelapse", 3, 2)
    assert (told.events, told.reviewed_events) == (3, 2)
    with survey.reading() as session:
        fox = session.exec(select(Observation).where(Observation.observation_type == "animal"))
        row = fox.one()
    assert (row.classified_by, row.observation_comments) == ("Drolma", "at dawn")
    assert row.deployment_id == "CT01-spring"
    assert verify_survey(survey).findings == ()


def test_a_timelapse_table_of_unknown_folders_is_refused(survey: Survey, tmp_path: Path) -> None:
    """It tells no places, so the field sheet must come first."""
    from ingest.packages import PackageError

    path = in_folder(tmp_path / "t", {"TimelapseData.csv": TIMELAPSE})
    with pytest.raises(PackageError, match="import the field sheet first"):
        take(survey, path)


CAMELOT = (
    b"Media ID,Media Filename,Media Capture Timestamp,Species,Common Name,Sighting ID,"
    b"Sighting Quantity,Trap Station Name,Trap Station Latitude,Trap Station Longitude,"
    b"Trap Station Session ID,Trap Station Session Start Date,Trap Station Session End Date,"
    b"Camera Name\n"
    b"7,a.jpg,2026-04-02 07:30:00,Vulpes vulpes,Red Fox,1,2,CT01,29.3,95.3,5,"
    b"2026-04-01,2026-04-30,CAM1\n"
    b"8,b.jpg,2026-04-03 07:30:00,,,,,CT01,29.3,95.3,5,2026-04-01,2026-04-30,CAM1\n"
)


def test_a_camelot_table_brings_its_stations_and_sessions(survey: Survey, tmp_path: Path) -> None:
    """Each session of a station is a deployment, with its days of work."""
    told = take(survey, in_folder(tmp_path / "c", {"full-export.csv": CAMELOT}))
    assert (told.format, told.stations, told.deployments) == ("camelot", 1, 1)
    assert (told.media, told.observations, told.camera_days) == (2, 1, 30)
    assert study_of(survey).records.counts.tolist() == [2]
    assert verify_survey(survey).findings == ()


def test_a_tree_of_folders_tells_stations_and_species(
    survey: Survey, shared: Path, tmp_path: Path
) -> None:
    """Station and species are folders, the time is the picture's own."""
    with_sheet(survey)
    picture = next((shared / "data" / "exif").rglob("*.[jJ][pP][gG]")).read_bytes()
    path = in_folder(tmp_path / "tree", {"CT01/Vulpes vulpes/20260402_073000.JPG": picture})
    told = take(survey, path)
    assert (told.format, told.media, told.observations) == ("folders", 1, 1)
    with survey.reading() as session:
        assert session.exec(select(Observation.deployment_id)).one() == "CT01-spring"


def test_dates_that_could_be_either_are_refused(survey: Survey, tmp_path: Path) -> None:
    """02/04/2009 alone is April or February: nobody guesses."""
    from ingest.packages import PackageError

    files = {
        "camtraps.csv": b"Station,latitude,longitude,Setup_date,Retrieval_date\n"
        b"A,29.3,95.3,02/04/2009,05/06/2009\n",
        "records.csv": b"Station,Species,DateTimeOriginal,FileName\nA,PBE,2009-04-21 00:40:00,a\n",
    }
    with pytest.raises(PackageError, match="day and month of '02/04/2009' cannot be told apart"):
        take(survey, in_folder(tmp_path / "r", files))


def test_the_command_takes_a_package_and_tells_in_json(tmp_path: Path) -> None:
    """`namcha import-package PATH --survey S --json`."""
    survey = create_survey(tmp_path / "survey", SurveySettings(title="Test"))
    survey.close()
    files = small_package(deployments=[{**DEPLOYMENT, "deploymentID": "Ridge 1"}],
                          media=[{**PICTURE, "deploymentID": "Ridge 1"}],
                          observations=[{**MUNTJAC, "deploymentID": "Ridge 1"}])  # fmt: skip
    path = in_folder(tmp_path / "package", files)
    told = CliRunner().invoke(
        app, ["import-package", str(path), "--survey", str(survey.folder), "--json"]
    )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["observations"] == 1


def test_records_of_another_country_are_not_put_in_this_one() -> None:
    """The country is told for the prefecture's own box, and left open for all other places."""
    from types import SimpleNamespace

    from species_db.export.occurrence_rows import _country

    told = [
        _country(SimpleNamespace(latitude=latitude, longitude=longitude))["countryCode"]  # type: ignore[arg-type]
        for latitude, longitude in ((29.3, 95.3), (3.51, -77.27), (None, None))
    ]
    assert told == ["CN", "", "CN"]
