"""Control over an area, its sheet and its commands: plots inside count as treated."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
import shapely
from openpyxl import load_workbook
from typer.testing import CliRunner

from namcha.application import app
from species_db.analysis.baci import Design, PlotMeasures, compare_plots
from species_db.field_sheet import SheetError
from species_db.geo.areas import hex_of
from species_db.invasive.control import record_control
from species_db.invasive.control_effect import effect_of_control
from species_db.invasive.control_list import control_actions
from species_db.invasive.control_sheet import COLUMNS, import_controls
from species_db.invasive.control_template import read_control_choices, write_control_template
from species_db.invasive.overview import invasive_taxon
from species_db.survey import Survey
from species_db.tables import Area, Plot, Taxon
from species_db.verify import verify_survey
from tests.factories import NINE
from tests.invaded import TODAY, draft, make_visit, treated_survey

NORTH_OF_FOUR = 29.2 + 22.5 / 111.195  # plots stand every five kilometres


def make_area(survey: Survey, *, north: float = NORTH_OF_FOUR, name: str = "巴结") -> str:
    """An area that holds the plots 1 to 4."""
    outline = shapely.MultiPolygon([shapely.box(94.3, 29.0, 94.4, north)])
    area = Area(
        area_id=f"area {name}",
        kind="project",
        name_zh=name,
        name_en="Bajie",
        geometry=hex_of(outline),
        entered_at=NINE,
    )
    with survey.writing() as session:
        session.add(area)
        return area.area_id


def over_area(survey: Survey, *, untreated: int = 4) -> tuple[str, str]:
    """Eight plots, of which an action by area alone treated the first four."""
    taxon_id, _ = treated_survey(survey, treated=0, untreated=untreated + 4)
    area_id = make_area(survey)
    with survey.writing() as session:  # what treated_survey lets grow by half, falls by it
        taxon = session.get_one(Taxon, taxon_id)
        for number in range(1, 5):
            left = 20.0 + number
            make_visit(
                session, taxon, f"LZ-{number:03d}", date(2025, 10, 1), infestation_area_m2=left
            )
    action = draft(taxon_id, plot_id=None, area_id=area_id)
    return taxon_id, record_control(survey, action, person="Tashi", today=TODAY)


def test_plots_inside_a_treated_area_are_treated(survey: Survey) -> None:
    """An action given by its area alone treats the plots inside, and controls lie outside."""
    _, control_id = over_area(survey)
    with survey.reading() as session:
        told = effect_of_control(session, control_id)
        (view,) = control_actions(session)
    assert told.treated == ("LZ-001", "LZ-002", "LZ-003", "LZ-004")
    assert told.controls == ("LZ-005", "LZ-006", "LZ-007", "LZ-008")
    assert told.effect.design is Design.BACI
    assert (view.where, view.visits) == ("Bajie", 2)  # two days, whatever the plots


def test_each_plot_is_held_against_its_own_past(survey: Survey) -> None:
    """What is left on a plot is a share of what stood on that plot, not of the area's mean."""
    _, control_id = over_area(survey)
    with survey.reading() as session:
        told = effect_of_control(session, control_id)
    last = {one.plot_id: one.share_left for one in told.after if one.on == date(2025, 10, 1)}
    assert last == {
        f"LZ-{number:03d}": pytest.approx((20 + number) / (100 + 10 * number))
        for number in range(1, 5)
    }


def test_an_action_by_area_is_revisited_on_its_plots(survey: Survey) -> None:
    """The table of invaders knows that somebody went back to the area."""
    taxon_id, _ = over_area(survey)
    with survey.reading() as session:
        row = invasive_taxon(session, taxon_id, TODAY)
    assert (row.actions, row.actions_without_visit) == (1, 0)


def test_a_plot_without_a_place_is_no_control_of_an_area(survey: Survey) -> None:
    """It may lie inside: it is left out and counted, as nobody knows whether it was treated."""
    _, control_id = over_area(survey)
    with survey.writing() as session:
        plot = session.get_one(Plot, "LZ-008")
        plot.latitude = plot.longitude = None
        session.add(plot)
    with survey.reading() as session:
        told = effect_of_control(session, control_id)
    assert "LZ-008" not in told.controls
    assert told.unused == {"place_not_known": 1}


def test_a_treated_plot_that_never_had_it_is_not_compared(survey: Survey) -> None:
    """Nothing before and nothing after is no failure of the action: the plot stays out."""
    taxon_id, control_id = over_area(survey)
    with survey.writing() as session:
        taxon = session.get_one(Taxon, taxon_id)
        session.add(Plot(plot_id="LZ-099", county="540402", latitude=29.21, longitude=94.36))
        session.flush()
        for on in (date(2024, 9, 1), date(2025, 9, 1)):
            make_visit(session, taxon, "LZ-099", on, occurrence_status="absent")
    with survey.reading() as session:
        told = effect_of_control(session, control_id)
    assert "LZ-099" not in told.treated
    assert told.unused == {"not_there_before": 1}
    assert told.effect.zero_offset == 0


def test_a_visit_on_the_day_of_the_action_says_nothing_of_after(survey: Survey) -> None:
    """A measure of the day itself may be from before the work: only one that names it counts."""
    taxon_id, (control_id,) = treated_survey(survey, treated=1, untreated=0)
    with survey.writing() as session:
        taxon = session.get_one(Taxon, taxon_id)
        make_visit(session, taxon, "LZ-001", date(2025, 6, 1), infestation_area_m2=110.0)
    with survey.reading() as session:
        told = effect_of_control(session, control_id)
    assert [one.days_since for one in told.after] == [92]


def test_numbers_without_scatter_have_no_interval() -> None:
    """Covers guessed alike on all plots would claim certainty: the interval is withheld."""
    treated = [PlotMeasures(f"T{n}", True, (50.0,), (5.0,)) for n in range(4)]
    others = [PlotMeasures(f"C{n}", False, (50.0,), (50.0,)) for n in range(4)]
    for told in (compare_plots([*treated, *others]), compare_plots(treated)):
        assert told.ratio == pytest.approx(0.1)
        assert (told.low, told.high, told.is_clear) == (None, None, False)


def write_csv(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """A sheet of control actions."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(row.get(column, "") for column in COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def by_area(area: str) -> dict[str, str]:
    """A line that names its place by an area."""
    return {
        "taxon": "紫茎泽兰",
        "area": area,
        "method": "人工",
        "started_on": "2025-06-01",
        "led_by": "扎西",
    }


def test_a_sheet_names_areas_as_people_do(survey: Survey, tmp_path: Path) -> None:
    """Either name or the id finds the area; a slip is answered with the nearest, once."""
    treated_survey(survey, treated=0)
    area_id = make_area(survey)
    for name in ("巴结", "bajie", area_id):
        path = write_csv(tmp_path / "c.csv", [by_area(name)])
        report = import_controls(survey, path, person="Tashi", today=TODAY)
        assert report.added + report.unchanged == 1
    with survey.reading() as session:
        assert [one.where for one in control_actions(session)] == ["Bajie"]
    wrong = write_csv(tmp_path / "w.csv", [by_area("巴结村")])
    with pytest.raises(SheetError, match="1 mistakes") as caught:
        import_controls(survey, wrong, person="Tashi", today=TODAY)
    assert "line 2, area: there is no area '巴结村'. Did you mean '巴结'" in str(caught.value)


def test_the_template_is_taken_as_it_is_filled_in(survey: Survey, tmp_path: Path) -> None:
    """Its headings are the sheet's, its lists hold plots, areas and methods; CSV as well."""
    treated_survey(survey, treated=0)
    make_area(survey)
    with survey.reading() as session:
        choices = read_control_choices(session)
    path = write_control_template(tmp_path / "防控.xlsx", choices=choices)
    book = load_workbook(path)
    sheet, guide = book.worksheets
    assert [cell.value for cell in sheet[1]] == list(COLUMNS)
    assert "巴结" in [cell.value for cell in guide["G"]]
    assert "LZ-001" in [cell.value for cell in guide["F"]]
    for column, text in by_area("巴结").items():
        sheet.cell(2, COLUMNS.index(column) + 1, text)
    book.save(path)
    assert import_controls(survey, path, person="Tashi", today=TODAY).added == 1
    plain = write_control_template(tmp_path / "control.csv")
    assert plain.read_text("utf-8-sig").strip() == ",".join(COLUMNS)
    assert not list(verify_survey(survey).findings)


def run(survey: Survey, *arguments: str, code: int = 0) -> str:
    """What a command prints."""
    told = CliRunner().invoke(app, [*arguments, "--survey", str(survey.folder)])
    assert told.exit_code == code, told.output
    return told.output


def test_control_commands_speak_to_scripts(survey: Survey, tmp_path: Path) -> None:
    """Template, add and import with --json; a refused sheet is JSON as well, and exits with 1."""
    treated_survey(survey, treated=0)
    area_id = make_area(survey)
    out = tmp_path / "sheet.xlsx"
    assert "ready" in run(survey, "invasive", "control", "template", str(out))
    assert out.exists()
    assert "must end in" in run(
        survey, "invasive", "control", "template", str(tmp_path / "sheet.doc"), code=2
    )
    added = json.loads(
        run(
            survey, "invasive", "control", "add", "紫茎泽兰", "--method", "manual", "--area",
            "巴结", "--start", "2025-06-01", "--led-by", "扎西", "--removed", "40kg", "--json",
        )
    )  # fmt: skip
    assert (added["area_id"], added["removed_quantity"], added["removed_quantity_type"]) == (
        area_id,
        "40",
        "kg",
    )
    good = write_csv(tmp_path / "good.csv", [by_area("巴结") | {"method": "机械"}])
    told = json.loads(run(survey, "invasive", "control", "import", str(good), "--json"))
    assert (told["added"], told["unchanged"]) == (1, 0)
    bad = write_csv(tmp_path / "bad.csv", [by_area("巴结") | {"method": "magic"}])
    refused = json.loads(run(survey, "invasive", "control", "import", str(bad), "--json", code=1))
    assert [one["column"] for one in refused["mistakes"]] == ["method"]
    wrong = run(
        survey, "invasive", "control", "add", "紫茎泽兰", "--method", "manual", "--area", "巴结湖",
        "--start", "2025-06-01", "--led-by", "扎西", code=2,
    )  # fmt: skip
    assert "巴结" in wrong
