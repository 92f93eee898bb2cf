"""Control actions: what may be kept, what a sheet's mistakes are, and what an action brought."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook
from sqlmodel import select

from species_db.analysis.baci import Design, PlotMeasures, compare_plots
from species_db.field_sheet import SheetError
from species_db.invasive.control import (
    ControlError,
    control_history,
    correct_control,
    record_control,
)
from species_db.invasive.control_effect import effect_of_control
from species_db.invasive.control_sheet import COLUMNS, import_controls
from species_db.invasive.follow_up import Measure
from species_db.survey import Survey
from species_db.tables import Area, ControlAction, Decision, Plot, Taxon
from species_db.verify import verify_survey
from species_db.vocabulary import Act
from tests.factories import NINE
from tests.invaded import TODAY, draft, make_plot, make_visit, make_weed, treated_survey


@pytest.fixture
def weedy(survey: Survey) -> tuple[Survey, str]:
    """A survey with one plot and one weed; with the weed's id."""
    with survey.writing() as session:
        make_plot(session, 1)
        return survey, make_weed(session).taxon_id


def entries(survey: Survey) -> list[Decision]:
    """What the log says of control actions."""
    with survey.reading() as session:
        query = select(Decision).where(Decision.act == Act.CONTROL_RECORDED.value)
        return list(session.exec(query.order_by(Decision.sequence)))


def test_an_action_is_kept_once_and_logged(weedy: tuple[Survey, str]) -> None:
    """The same action entered twice is one row and one entry of the log."""
    survey, taxon_id = weedy
    told = draft(taxon_id, treated_area_m2=120.0, person_days=3.0)
    first = record_control(survey, told, person="Drolma", today=TODAY)
    assert record_control(survey, told, person="Drolma", today=TODAY) == first
    with survey.reading() as session:
        row = session.exec(select(ControlAction)).one()
    assert (row.treated_area_m2, row.person, row.led_by) == (120.0, "Drolma", "Tashi")
    (entry,) = entries(survey)
    assert (entry.subject, entry.person) == (first, "Drolma")


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"taxon_id": "nobody"}, "taxon"),
        ({"method": "manaul"}, "method"),
        ({"method": "chemical"}, "agent"),
        ({"led_by": " "}, "led_by"),
        ({"plot_id": "LZ-002"}, "plot"),
        ({"plot_id": None}, "plot"),
        ({"area_id": "nowhere"}, "area"),
        ({"latitude": 29.6}, "latitude"),
        ({"latitude": 94.36, "longitude": 29.6}, "latitude"),
        ({"started_on": date(1925, 6, 1)}, "started_on"),
        ({"started_on": date(2027, 1, 1)}, "started_on"),
        ({"ended_on": date(2025, 5, 1)}, "ended_on"),
        ({"treated_area_m2": 0.0}, "treated_area_m2"),
        ({"person_days": -1.0}, "person_days"),
        ({"removed_quantity": "40"}, "removed_quantity"),
        ({"removed_quantity": "many", "removed_quantity_type": "kg"}, "removed_quantity"),
    ],
)
def test_what_cannot_be_true_is_refused(
    weedy: tuple[Survey, str], changed: dict[str, object], column: str
) -> None:
    """Each mistake is named by its column, and nothing is written."""
    survey, taxon_id = weedy
    with pytest.raises(ControlError, match=f"{column}: "):
        record_control(survey, replace(draft(taxon_id), **changed), person="Drolma", today=TODAY)
    assert entries(survey) == []


def test_a_point_or_an_area_serves_as_a_place(weedy: tuple[Survey, str]) -> None:
    """An action off all plots is kept by its point; one over an area by the area."""
    survey, taxon_id = weedy
    with survey.writing() as session:
        session.add(Area(area_id="a", kind="reserve", geometry="", entered_at=NINE))
    point = draft(taxon_id, plot_id=None, latitude=29.6, longitude=94.3)
    record_control(survey, point, person="Drolma", today=TODAY)
    over = draft(taxon_id, plot_id=None, area_id="a")
    record_control(survey, over, person="Drolma", today=TODAY)
    assert len(entries(survey)) == 2


def test_the_log_tells_no_point(weedy: tuple[Survey, str]) -> None:
    """The row has the point; the log says that there is one, and when it was changed."""
    survey, taxon_id = weedy
    told = draft(taxon_id, latitude=29.61234, longitude=94.34567)
    control_id = record_control(survey, told, person="Drolma", today=TODAY)
    moved = draft(taxon_id, latitude=29.62345, longitude=94.34567)
    correct_control(survey, control_id, moved, person="Tashi", today=TODAY)
    said = [json.loads(entry.details) for entry in entries(survey)]
    assert [one["point_changed"] for one in said] == [False, True]
    assert "29.6" not in "".join(entry.details for entry in entries(survey))


def test_a_correction_keeps_what_was_said(weedy: tuple[Survey, str]) -> None:
    """The row says the new words, the history both, and the survey still verifies."""
    survey, taxon_id = weedy
    control_id = record_control(survey, draft(taxon_id), person="Drolma", today=TODAY)
    better = draft(taxon_id, treated_area_m2=80.0, remarks="measured again")
    correct_control(survey, control_id, better, person="Tashi", today=TODAY)
    correct_control(survey, control_id, better, person="Tashi", today=TODAY)  # adds nothing
    with survey.reading() as session:
        history = control_history(session, control_id)
        assert session.get_one(ControlAction, control_id).treated_area_m2 == 80.0
    assert [one.person for one in history] == ["Drolma", "Tashi"]
    assert [one.told["treated_area_m2"] for one in history] == [None, 80.0]
    assert not list(verify_survey(survey).findings)


def test_an_unknown_action_is_named_with_the_nearest(weedy: tuple[Survey, str]) -> None:
    """Correcting what is not there is refused with a way on."""
    survey, taxon_id = weedy
    with pytest.raises(ControlError, match="namcha invasive control list"):
        correct_control(survey, "nothing", draft(taxon_id), person="Tashi", today=TODAY)


GOOD = {
    "taxon": "紫茎泽兰",
    "plot": "LZ-001",
    "method": "人工清除",
    "started_on": "2025/6/1",
    "ended_on": "2025-06-03",
    "treated_area_m2": "120",
    "removed_quantity": "400",
    "removed_quantity_type": "kg",
    "led_by": "扎西",
}


def write_csv(path: Path, *rows: dict[str, str]) -> Path:
    """A sheet of control actions."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(row.get(column, "") for column in COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_sheet_is_taken_once(weedy: tuple[Survey, str], tmp_path: Path) -> None:
    """Chinese names and methods and an Excel's dates are read; the same sheet adds nothing."""
    survey, taxon_id = weedy
    path = write_csv(
        tmp_path / "防控.csv",
        GOOD,
        GOOD
        | {"taxon": "crofton weed", "plot": ""}
        | {"latitude": "29.61", "longitude": "94.31", "method": "chemical", "agent": "glyphosate"},
    )
    report = import_controls(survey, path, person="Drolma", today=TODAY)
    assert (report.added, report.unchanged) == (2, 0)
    again = import_controls(survey, path, person="Drolma", today=TODAY)
    assert (again.added, again.unchanged) == (0, 2)
    with survey.reading() as session:
        first = session.exec(select(ControlAction).where(ControlAction.plot_id == "LZ-001")).one()
    assert (first.taxon_id, first.method) == (taxon_id, "manual")
    assert (first.started_on, first.ended_on) == (date(2025, 6, 1), date(2025, 6, 3))


def test_an_excel_sheet_is_taken(weedy: tuple[Survey, str], tmp_path: Path) -> None:
    """Real dates and numbers of an Excel sheet are read as they are."""
    survey, _ = weedy
    book = Workbook()
    assert book.active is not None
    book.active.append(["taxon", "plot", "method", "started_on", "treated_area_m2", "led_by"])
    book.active.append(["Ageratina adenophora", "LZ-001", "manual", date(2025, 6, 1), 40, "Tashi"])
    book.save(tmp_path / "control.xlsx")
    report = import_controls(survey, tmp_path / "control.xlsx", person="Drolma", today=TODAY)
    assert report.added == 1


PLANTED = {
    "taxon": ({"taxon": "紫茎泽蓝"}, "Did you mean '紫茎泽兰'"),
    "plot": ({"plot": "LZ-0O1"}, "Did you mean 'LZ-001'"),
    "method": ({"method": "manaul"}, "Did you mean 'manual'"),
    "agent": ({"method": "化学"}, "must name its agent"),
    "started_on": ({"started_on": "June"}, "is no date"),
    "ended_on": ({"ended_on": "2025-05-01"}, "before it begins"),
    "latitude/longitude": ({"latitude": "94.36", "longitude": "29.6"}, "swapped"),
    "treated_area_m2": ({"treated_area_m2": "120 m2"}, "is not a number"),
    "person_days": ({"person_days": "0"}, "is not a number"),
    "removed_quantity": ({"removed_quantity_type": ""}, "needs its unit"),
    "led_by": ({"led_by": ""}, "say who led it"),
}


def test_every_mistake_of_a_sheet_is_named(weedy: tuple[Survey, str], tmp_path: Path) -> None:
    """Eleven lines with one mistake each: eleven sentences, each by line and column, none twice."""
    survey, _ = weedy
    rows = [GOOD | wrong for wrong, _ in PLANTED.values()]
    with pytest.raises(SheetError) as caught:
        import_controls(survey, write_csv(tmp_path / "c.csv", *rows), person="D", today=TODAY)
    told = str(caught.value)
    assert f"{len(PLANTED)} mistakes" in told
    for number, (column, (_, why)) in enumerate(PLANTED.items(), start=2):
        line = next(one for one in told.split("\n") if f"line {number}, {column}: " in one)
        assert why in line
    assert entries(survey) == []


def plots(treated: int, control: int, *, left: float = 0.2, seed: int = 1) -> list[PlotMeasures]:
    """Plots that all grow by half, of which the treated ones keep a share."""
    chance = np.random.default_rng(seed)
    told = []
    for number in range(treated + control):
        is_treated = number < treated
        base, own = chance.lognormal(4, 1), chance.lognormal(0, 0.4)
        after = base * 1.5 * own * (left if is_treated else 1.0)
        told.append(PlotMeasures(f"{number}", is_treated, (base,), (after,)))
    return told


def test_the_interval_holds_the_planted_effect_nineteen_times_in_twenty() -> None:
    """Over 400 simulated comparisons of four plots a side it holds it about 95 times in 100."""
    effects = [compare_plots(plots(4, 4, seed=seed)) for seed in range(400)]
    held = sum(one.low <= 0.2 <= one.high for one in effects if one.low and one.high)
    assert 0.92 <= held / 400 <= 0.98
    assert np.median([one.ratio for one in effects]) == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize(
    ("treated", "control", "design", "has_interval"),
    [
        (4, 4, Design.BACI, True),
        (1, 4, Design.ONE_TREATED, True),
        (4, 2, Design.BEFORE_AFTER, True),
        (2, 2, Design.TOO_FEW, False),
        (0, 5, Design.TOO_FEW, False),
    ],
)
def test_the_design_is_told_and_too_few_have_no_interval(
    treated: int, control: int, design: Design, has_interval: bool
) -> None:
    """A comparison says what it rests on; with fewer than three plots there is no interval."""
    effect = compare_plots(plots(treated, control))
    assert effect.design is design
    assert (effect.low is not None) is has_interval
    assert (effect.ratio is not None) is (treated > 0)


def test_a_cleared_plot_has_a_finite_effect() -> None:
    """Where nothing was left half of the smallest value stands in, and the effect says so."""
    cleared = [PlotMeasures(f"T{n}", True, (50.0 + n,), (0.0,)) for n in range(3)]
    others = [PlotMeasures(f"C{n}", False, (50.0,), (60.0 + n,)) for n in range(3)]
    effect = compare_plots([*cleared, *others])
    assert effect.zero_offset == 25.0
    assert effect.ratio is not None
    assert 0 < effect.ratio < 0.5


def test_a_plot_without_a_measure_before_stays_out() -> None:
    """Plots measured only after the action compare with nothing."""
    effect = compare_plots([*plots(3, 3), PlotMeasures("late", True, (), (1.0,))])
    assert effect.treated_plots == 3


def test_an_action_is_compared_with_untreated_plots(survey: Survey) -> None:
    """Treated plots keep a fifth of what untreated ones become; the growth of all is taken out."""
    _, actions = treated_survey(survey)
    with survey.reading() as session:
        told = effect_of_control(session, actions[0])
    assert told.measure is Measure.AREA
    assert told.effect.design is Design.BACI
    assert told.treated == ("LZ-001", "LZ-002", "LZ-003", "LZ-004")
    assert told.controls == ("LZ-005", "LZ-006", "LZ-007", "LZ-008")
    assert told.effect.ratio == pytest.approx(0.2, rel=0.1)
    assert told.effect.control_change == pytest.approx(1.57, rel=0.05)
    assert told.effect.is_clear


def test_follow_up_visits_tell_what_is_left(survey: Survey) -> None:
    """Each visit has its days since the action, and its share of what was there before."""
    taxon_id, actions = treated_survey(survey, treated=1, untreated=0)
    with survey.writing() as session:
        taxon = session.get_one(Taxon, taxon_id)
        make_visit(
            session,
            taxon,
            "LZ-001",
            date(2026, 6, 1),
            control_id=actions[0],
            occurrence_status="absent",
        )
        make_visit(
            session, taxon, None, date(2026, 7, 1), control_id=actions[0], control_effect="0.05"
        )
    with survey.reading() as session:
        told = effect_of_control(session, actions[0])
    assert [(one.days_since, one.value) for one in told.before] == [(-273, 110.0)]
    assert told.baseline == 110.0
    assert [one.days_since for one in told.after] == [92, 365, 395]
    assert [one.share_left for one in told.after] == pytest.approx([0.315, 0.0, 0.05])
    assert [one.is_stated for one in told.after] == [False, False, True]
    assert told.effect.design is Design.TOO_FEW


def test_unlike_and_unmeasured_plots_are_no_controls(survey: Survey) -> None:
    """A plot of another ecosystem, one far above and one measured once are left out and counted."""
    _, actions = treated_survey(survey, treated=3, untreated=3)
    with survey.writing() as session:
        for plot_id, values in {
            "LZ-005": {"ecosystem": "river"},
            "LZ-006": {"elevation_m": 3800.0},
        }.items():
            plot = session.get_one(Plot, plot_id)
            for name, value in values.items():
                setattr(plot, name, value)
            session.add(plot)
    with survey.reading() as session:
        told = effect_of_control(session, actions[0])
    assert told.controls == ("LZ-004",)
    assert told.unused == {"unlike": 2}
    assert told.effect.design is Design.BEFORE_AFTER
