"""Plots and deployments as field teams fill them in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cards import make_card
from conftest import ROOT
from openpyxl import Workbook
from sqlmodel import select

from ingest.import_card import import_card
from species_db.deployment_rows import CAMTRAP_COLUMNS
from species_db.deployments import import_deployments
from species_db.field_sheet import SheetError
from species_db.plots import COLUMNS, import_plots
from species_db.survey import Survey
from species_db.tables import CameraStation, Decision, Deployment, Event, Media, Plot

SHEET = "deploymentID,locationID,latitude,longitude,deploymentStart,deploymentEnd,plot\n"
LINE = "MT-037-2026,MT-037,29.32517,95.33418,2026-04-12 10:00,2026-10-03T12:00:00+08:00,LZ-041\n"


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A sheet as a file."""
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_plots_come_in_from_any_chinese_csv(survey: Survey, tmp_path: Path, encoding: str) -> None:
    """Counties and ecosystems in Chinese are understood, in the encodings Excel writes."""
    text = "plot,name,county,ecosystem,latitude,longitude,elevation_m\n"
    text += "LZ-041,背崩,墨脱县,森林,29.24,95.17,850\nLZ-042,,Bayi,wetland,29.65,94.36,2990\n"
    report = import_plots(survey, write(tmp_path / "p.csv", text, encoding), person="Tashi")
    assert report.added == 2
    with survey.reading() as session:
        plot = session.get_one(Plot, "LZ-041")
    assert (plot.county, plot.ecosystem, plot.name) == ("540423", "forest", "背崩")


def test_the_same_plots_again_change_nothing(survey: Survey, tmp_path: Path) -> None:
    """Only the first import of a list is in the log."""
    path = write(tmp_path / "p.csv", "plot,county,ecosystem\nLZ-041,540423,forest\n")
    import_plots(survey, path, person="Tashi")
    assert import_plots(survey, path, person="Tashi").unchanged == 1
    with survey.reading() as session:
        assert len(session.exec(select(Decision)).all()) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("LZ-041,Medok,forest,,,", "Did you mean 'Medog'"),
        ("LZ-041,540423,jungle,,,", "use one of: forest"),
        ("LZ-041,540423,forest,95.33,29.32,", "swapped"),
        ("LZ-041,540423,forest,0,0,", "no place here"),
        ("LZ-041,540423,forest,29°19'30\",95°20',", "decimal degrees"),
        ("LZ-041,540423,forest,29.3,95.3,12000", "is not a number in -500.0..9000.0"),
        ("a/b,540423,forest,,,", "letters, digits"),
        ("CON,540423,forest,,,", "Windows reserves"),
    ],
)
def test_a_mistake_in_a_plot_is_named_with_its_line(
    survey: Survey, tmp_path: Path, line: str, said: str
) -> None:
    """A wrong cell refuses the list, names the line and says what is expected."""
    text = f"plot,county,ecosystem,latitude,longitude,elevation_m\n{line}\n"
    with pytest.raises(SheetError, match="line 2") as refused:
        import_plots(survey, write(tmp_path / "p.csv", text), person="Tashi")
    assert said in str(refused.value)
    assert "95.3" not in str(refused.value)
    assert "20'" not in str(refused.value)
    with survey.reading() as session:
        assert session.exec(select(Plot)).all() == []


def test_a_wrong_column_gets_a_hint(survey: Survey, tmp_path: Path) -> None:
    """A column nobody knows is refused with the nearest known one."""
    path = write(tmp_path / "p.csv", "plot,county,ecosystm\nLZ-041,540423,forest\n")
    with pytest.raises(SheetError, match="Did you mean 'ecosystem'"):
        import_plots(survey, path, person="Tashi")


def test_a_plot_may_tell_its_radius(survey: Survey, tmp_path: Path) -> None:
    """A radius in metres is kept; one that is none is a mistake with its line."""
    sheet = "plot,county,ecosystem,radius_m\nLZ-041,540423,forest,{}\n"
    import_plots(survey, write(tmp_path / "p.csv", sheet.format("750")), person="Tashi")
    with survey.reading() as session:
        assert session.get_one(Plot, "LZ-041").radius_m == 750.0
    with pytest.raises(SheetError, match=r"radius_m.*'-5' is not a number"):
        import_plots(survey, write(tmp_path / "q.csv", sheet.format("-5")), person="Tashi")


def test_the_template_holds_78_plots_to_fill_in(survey: Survey) -> None:
    """The list that ships in docs has the right columns and 78 codes, and asks for the rest."""
    template = ROOT / "docs" / "plots-template.csv"
    assert template.read_text(encoding="utf-8-sig").splitlines()[0] == ",".join(COLUMNS)
    report = import_plots(survey, template, person="Tashi")
    assert (report.added, report.not_filled_in) == (0, 78)


def test_the_field_sheet_makes_stations_and_plots_with_a_place(
    survey: Survey, tmp_path: Path
) -> None:
    """A line with a place brings its station and its plot, and says so."""
    report = import_deployments(survey, write(tmp_path / "s.csv", SHEET + LINE), person="Tashi")
    assert report.added == 1
    assert any("new plot LZ-041" in note for note in report.notes)
    with survey.reading() as session:
        deployment = session.get_one(Deployment, "MT-037-2026")
        station = session.get_one(CameraStation, "MT-037")
    assert deployment.deployment_start == datetime(2026, 4, 12, 2, 0, tzinfo=UTC)
    assert deployment.deployment_end == datetime(2026, 10, 3, 4, 0, tzinfo=UTC)
    assert (station.latitude, station.plot_id) == (29.32517, "LZ-041")


def test_a_later_line_may_name_a_known_station_alone(survey: Survey, tmp_path: Path) -> None:
    """The next season's deployment at a known station needs no coordinates."""
    import_deployments(survey, write(tmp_path / "s.csv", SHEET + LINE), person="Tashi")
    later = SHEET + "MT-037-2027,MT-037,,,2027-04-01 09:00,,\n"
    assert import_deployments(survey, write(tmp_path / "t.csv", later), person="Tashi").added == 1


def test_the_field_sheet_comes_in_from_excel(survey: Survey, tmp_path: Path) -> None:
    """Excel's own dates and numbers are read as they are meant."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["deploymentID", "latitude", "longitude", "deploymentStart", "cameraTilt"])
    sheet.append(["MT-037-2026", 29.32517, 95.33418, datetime(2026, 4, 12, 10), -10])
    book.save(tmp_path / "s.xlsx")
    import_deployments(survey, tmp_path / "s.xlsx", person="Tashi")
    with survey.reading() as session:
        deployment = session.get_one(Deployment, "MT-037-2026")
    assert deployment.deployment_start == datetime(2026, 4, 12, 2, 0, tzinfo=UTC)
    assert deployment.camera_tilt == -10


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("MT-037-2026,MT-073,,,2026-04-12,,", "Give latitude and longitude"),
        ("MT-037-2026,MT-037,29.3,95.3,soon,,", "no date and time"),
        ("MT-037-2026,MT-037,29.3,95.3,2026-10-12,2026-04-12,", "before deploymentStart"),
        ("MT-037-2026,MT-037,29.3,95.3,,,", "deploymentStart: is empty"),
        (",MT-037,29.3,95.3,2026-04-12,,", "deploymentID: is empty"),
    ],
)
def test_a_mistake_in_the_field_sheet_is_named_with_its_line(
    survey: Survey, tmp_path: Path, line: str, said: str
) -> None:
    """A wrong line refuses the whole sheet: nothing of it is stored."""
    with pytest.raises(SheetError, match="line 3") as refused:
        import_deployments(survey, write(tmp_path / "s.csv", SHEET + LINE + line), person="Tashi")
    assert said in str(refused.value)
    with survey.reading() as session:
        assert session.exec(select(Deployment)).all() == []


def test_a_misspelt_station_gets_a_hint(survey: Survey, tmp_path: Path) -> None:
    """A station that is not there is answered with the nearest one that is."""
    import_deployments(survey, write(tmp_path / "s.csv", SHEET + LINE), person="Tashi")
    wrong = SHEET + "MT-073-2027,MT-073,,,2027-04-01,,\n"
    with pytest.raises(SheetError, match="Did you mean 'MT-037'"):
        import_deployments(survey, write(tmp_path / "t.csv", wrong), person="Tashi")


def test_the_sheet_has_the_standards_own_columns(shared: Path) -> None:
    """The deployments columns are Camtrap DP's, by name and in order."""
    import json

    path = shared / "standards" / "camtrap-dp" / "deployments-table-schema.json"
    fields = json.loads(path.read_text(encoding="utf-8"))["fields"]
    assert tuple(field["name"] for field in fields) == CAMTRAP_COLUMNS


def test_a_sheet_changes_only_what_it_has_columns_for(survey: Survey, tmp_path: Path) -> None:
    """A sheet of the season's end keeps what the season's beginning wrote."""
    first = (
        "deploymentID,locationID,latitude,longitude,deploymentStart,habitat,cameraID,cameraModel\n"
    )
    first += "MT-1,MT,29.3,95.3,2026-04-12 10:00,bamboo,C1,HF2X\n"
    import_deployments(survey, write(tmp_path / "a.csv", first), person="Tashi")
    last = "deploymentID,deploymentStart,deploymentEnd\nMT-1,2026/4/12 10:00,2026/10/3\n"
    report = import_deployments(survey, write(tmp_path / "b.csv", last), person="Tashi")
    assert report.changed == 1
    with survey.reading() as session:
        deployment = session.get_one(Deployment, "MT-1")
    assert (deployment.location_id, deployment.habitat, deployment.camera_id) == (
        "MT",
        "bamboo",
        "C1",
    )
    assert deployment.deployment_end == datetime(2026, 10, 3, 15, 59, 59, tzinfo=UTC)


def test_plots_keep_what_a_later_list_does_not_speak_of(survey: Survey, tmp_path: Path) -> None:
    """A list of names does not erase coordinates."""
    full = "plot,county,ecosystem,latitude,longitude\nLZ-041,540423,forest,29.3,95.3\n"
    import_plots(survey, write(tmp_path / "a.csv", full), person="Tashi")
    names = "plot,name,county,ecosystem\nLZ-041,背崩,540423,forest\n"
    assert import_plots(survey, write(tmp_path / "b.csv", names), person="Tashi").changed == 1
    with survey.reading() as session:
        plot = session.get_one(Plot, "LZ-041")
    assert (plot.name, plot.latitude) == ("背崩", 29.3)


def test_a_moved_station_is_said_and_logged(survey: Survey, tmp_path: Path) -> None:
    """A known station with another place is named in report and log, without the place."""
    import_deployments(survey, write(tmp_path / "a.csv", SHEET + LINE), person="Tashi")
    moved = SHEET + LINE.replace("29.32517", "29.42517")
    report = import_deployments(survey, write(tmp_path / "b.csv", moved), person="Tashi")
    assert any("MT-037 has another place" in note for note in report.notes)
    with survey.reading() as session:
        logged = session.exec(select(Decision.details)).all()[-1]
    assert "camerastation:MT-037" in logged
    assert "29.4" not in logged


def test_a_corrected_offset_corrects_assumed_times(survey: Survey, tmp_path: Path) -> None:
    """Media whose offset was assumed follow their deployment's; their events follow too."""
    sheet = "deploymentID,latitude,longitude,deploymentStart,utcOffset\n"
    line = "MT-1,29.3,95.3,2026-04-01T00:00:00Z,{}\n"
    path = write(tmp_path / "a.csv", sheet + line.format("+00:00"))
    import_deployments(survey, path, person="Tashi")
    card = make_card(tmp_path / "SD01", photos=3)
    import_card(survey, card, deployment_id="MT-1", person="Tashi")
    path = write(tmp_path / "b.csv", sheet + line.format("+08:00"))
    assert import_deployments(survey, path, person="Tashi").changed == 1
    with survey.reading() as session:
        media = session.exec(select(Media).order_by(Media.timestamp)).all()
        event = session.exec(select(Event)).one()
    assert media[0].timestamp == datetime(2026, 4, 30, 22, 30, tzinfo=UTC)
    assert (event.event_start, event.media_count) == (media[0].timestamp, 3)
    assert {m.utc_offset_seconds for m in media} == {8 * 3600}


def test_quoted_lines_and_stray_commas(survey: Survey, tmp_path: Path) -> None:
    """A quoted cell may hold a line break; a comma outside quotes is a mistake with its line."""
    sheet = "deploymentID,latitude,longitude,deploymentStart,deploymentComments\n"
    good = 'MT-1,29.3,95.3,2026-04-12,"two\nlines"\n'
    bad = "MT-2,29.3,95.3,2026-04-12,one, two\n"
    with pytest.raises(SheetError, match="line 4.*more cells than columns"):
        import_deployments(survey, write(tmp_path / "a.csv", sheet + good + bad), person="Tashi")
    import_deployments(survey, write(tmp_path / "a.csv", sheet + good), person="Tashi")
    with survey.reading() as session:
        assert session.get_one(Deployment, "MT-1").deployment_comments == "two\nlines"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("deploymentID,deploymentStart,habitat,habitat\n", "stands twice"),
        (SHEET + LINE + LINE.replace("MT-037-2026", "mt-037-2026"), "stands twice"),
        (SHEET + LINE.replace("2026-04-12", "0001-04-12"), "no date and time"),
    ],
)
def test_ambiguous_sheets_are_refused(survey: Survey, tmp_path: Path, text: str, said: str) -> None:
    """A column or an id that stands twice, and a date of another age, are mistakes."""
    with pytest.raises(SheetError, match=said):
        import_deployments(survey, write(tmp_path / "s.csv", text), person="Tashi")


def test_a_damaged_excel_file_is_said(survey: Survey, tmp_path: Path) -> None:
    """A workbook with broken contents is refused with a sentence."""
    import zipfile

    book = Workbook()
    book.save(tmp_path / "good.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "good.xlsx") as good,
        zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad,
    ):
        for name in good.namelist():
            bad.writestr(name, b"<broken" if "sheet1" in name else good.read(name))
    with pytest.raises(SheetError, match="cannot be read as a table"):
        import_deployments(survey, tmp_path / "bad.xlsx", person="Tashi")
