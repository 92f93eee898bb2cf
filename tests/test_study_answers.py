"""The answers of a simulated season against the truth it was made from, and against its tables."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import select

from species_db.sensitivity import open_gate
from species_db.study.answer import Answer
from species_db.study.answers import NAMES, answer_of
from species_db.study.labelled import labelled
from species_db.study.periods import local_days, months_of
from species_db.study.question import CountBy, Question, StudyError
from species_db.study.read import Study, read_study
from species_db.study.writing import analyse
from species_db.survey import Survey, SurveySettings
from species_db.tables import Taxon

MUNTJAC, YAK, LEOPARD_CAT = "Muntiacus vaginalis", "Bos grunniens", "Prionailurus bengalensis"


@pytest.fixture(scope="module")
def studied(studied_template: Path) -> Iterator[Survey]:
    """Three seasons of forty stations; nothing in this file changes it."""
    survey = Survey(studied_template, SurveySettings(title="Test survey"))
    yield survey
    survey.close()


@pytest.fixture(scope="module")
def study(studied: Survey) -> Study:
    """All of it, through the closed gate."""
    return _study(studied)


def _study(survey: Survey, **asked: object) -> Study:
    with survey.reading() as session:
        told = read_study(session, survey.settings, Question(**asked))  # type: ignore[arg-type]
        return labelled(session, told)


def _by_name(
    answer: Answer, table: str, key: str = "scientificName"
) -> dict[str, dict[str, object]]:
    return {str(row[key]): row for row in answer.table(table).as_records()}  # type: ignore[misc]


def test_trends_find_what_was_planted(study: Study) -> None:
    """Muntjacs fall by 28 % a year and yaks rise by 40 %; both lie inside their intervals."""
    answer = answer_of("trends")(study)
    told = _by_name(answer, "trends_slope")
    for name, percent in ((MUNTJAC, -28), (YAK, 40)):
        low, high = float(str(told[name]["low95"])), float(str(told[name]["high95"]))
        assert low < percent < high
    assert (told[MUNTJAC]["verdict"], told[YAK]["verdict"]) == ("down", "up")
    years = [row["period"] for row in answer.table("trends").as_records()[:3]]
    assert years == ["2023", "2024", "2025"]


def test_months_keep_seasons_comparable(study: Study) -> None:
    """With May and June alone there is less effort, and the same in every year that had them."""
    days = {
        months: sum(
            float(str(row["cameraDays"]))
            for row in answer_of("trends")(study, months=months).table("trends").as_records()
            if row["scientificName"] == MUNTJAC
        )
        for months in ("", "5-6")
    }
    assert 0 < days["5-6"] < days[""]
    assert months_of("12-1") == {12, 1}
    with pytest.raises(StudyError, match="5-10"):
        months_of("may")


def test_activity_is_told_by_the_sun(studied: Survey) -> None:
    """Leopard cats go by night: most of their curve lies before six and after eighteen."""
    study = _study(studied, taxon=LEOPARD_CAT)
    answer = answer_of("activity")(study, draws=50)
    rows = [
        row for row in answer.table("activity_curve").as_records() if row["name"] == LEOPARD_CAT
    ]
    hours = np.array([float(str(row["sunHour"])) for row in rows])
    density = np.array([float(str(row["densityPerHour"])) for row in rows])
    by_night = density[(hours < 6) | (hours > 18)].sum() / density.sum()
    assert by_night > 0.75
    clock = np.array([float(str(row["beijingHour"])) for row in rows])
    noon = clock[np.argmin(np.abs(hours - 12))]
    assert 13.2 < noon < 14.1  # the sun's noon on the clock of Linzhi
    step = 24 / len(rows)
    assert (density * step).sum() == pytest.approx(1, abs=0.01)
    (told,) = answer.table("activity").as_records()
    assert float(str(told["nightRatio"])) > 1 > float(str(told["dayRatio"]))
    others = {row["second"] for row in answer.table("activity_overlap").as_records()}
    assert "people" in others and "livestock" in others


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("scr", "activity")])
def test_every_answer_is_told_with_its_effort(study: Study, name: str) -> None:
    """Camera-days stand in the summary and the figures, and every table is a table."""
    answer = answer_of(name)(study)
    assert "camera-days" in " ".join(answer.summary)
    assert answer.figures["camera_days"]
    for table in answer.tables:
        rows = list(csv.reader(io.StringIO(table.as_csv())))
        assert {len(row) for row in rows} == {len(table.columns)}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "scr"])
def test_a_survey_without_records_has_calm_answers(name: str, survey: Survey) -> None:
    """No station, no record: an answer that says not known, no traceback."""
    answer = answer_of(name)(_study(survey))
    assert "not known" in " ".join(answer.summary)


def test_a_unit_may_be_the_camera(studied: Survey) -> None:
    """By deployment there are more units than stations; sums of effort by unit are the same."""
    by_station, by_deployment = (
        _study(studied, by=by) for by in (CountBy.STATION, CountBy.DEPLOYMENT)
    )
    assert len(by_deployment.effort) > len(by_station.effort)
    assert by_deployment.camera_days == pytest.approx(by_station.camera_days)


def test_what_is_told_in_rows_adds_up_to_what_is_told_in_sums(study: Study) -> None:
    """Effort by county and by month are two cuts of one sum; hidden stations are in both."""
    answer = answer_of("effort")(study)
    for table in ("effort_county", "effort_month"):
        total = sum(float(str(row["cameraDays"] or 0)) for row in answer.table(table).as_records())
        assert total == pytest.approx(float(str(answer.figures["camera_days"])), abs=10)


def test_taxa_together_are_set_against_chance(study: Study) -> None:
    """Every pair once; the expectation is that of the two taxa's stations."""
    rows = answer_of("cooccurrence")(study).table("cooccurrence").as_records()
    assert len({frozenset((row["first"], row["second"])) for row in rows}) == len(rows)
    for row in rows:
        units = int(str(row["units"]))
        expected = int(str(row["firstUnits"])) * int(str(row["secondUnits"])) / units
        assert float(str(row["expectedBoth"])) == pytest.approx(expected)


def test_the_taxa_are_those_of_the_survey(studied: Survey, study: Study) -> None:
    """A study names no taxon that was not recorded."""
    with studied.reading() as session:
        known = set(session.exec(select(Taxon.taxon_id)))
    assert set(study.taxa) <= known


PROJECT = """
title_en = "Road to Bome"
county = "Medog"
kind = "road"
construction_start = 2024-03-01
construction_end = 2024-12-31
impact_stations = ["NC-01", "NC-02", "NC-03", "NC-04", "NC-05"]
control_stations = ["NC-13", "NC-14", "NC-15", "NC-16"]
taxa = ["Muntiacus vaginalis"]
[[passages]]
name = "K12"
kind = "culvert"
stations = ["NC-01"]
opened = 2024-05-01
"""


def test_a_project_is_told_by_period_with_the_effort_of_both_sides(
    studied: Survey, tmp_path: Path
) -> None:
    """Before, during, after and the first window; events and camera-days are those of the units."""
    path = tmp_path / "road.toml"
    path.write_text(PROJECT, encoding="utf-8")
    told = analyse(studied, "baci", Question(), out=None, person="Tashi", project=path).answer
    periods = [row["period"] for row in told.table("baci_period").as_records()]
    assert periods == ["before", "during", "after", "operation-1"]
    study = _study(studied)
    works = {f"NC-0{number}" for number in range(1, 6)}
    days = sum(one.effort for one in study.days if one.unit in works and one.day.year == 2023)
    before = told.table("baci_period").as_records()[0]
    assert before["impactCameraDays"] == pytest.approx(days)
    (row, *_) = told.table("baci").as_records()
    units = [
        one
        for one in told.table("baci_unit").as_records()
        if one["side"] == "impact" and one["period"] == "during"
    ]
    assert sum(int(str(one["independentEvents"])) for one in units) >= int(
        str(row["impactEventsAfter"])
    )
    assert told.table("passages").as_records()[0]["passage"] == "K12"
    with pytest.raises(StudyError, match="station"):
        asked = Question(by=CountBy.CAMERA)
        analyse(studied, "baci", asked, out=None, person="Tashi", project=path)


def test_a_group_is_told_to_one_day_with_its_effort(studied: Survey) -> None:
    """Of mammals some wait and some do not: records and effort of all end on the same day."""
    with studied.reading() as session:
        gate = open_gate(session, studied.settings, today=date(2026, 2, 1))
        study = read_study(session, studied.settings, Question(taxon="Mammalia"), gate=gate)
    assert study.chosen is not None
    until = study.told_until(study.chosen.taxon_id)
    assert until < date(2025, 6, 1)
    assert max(local_days(study.records.days.tolist())) <= until
    assert max(one.day for one in study.days_for(study.chosen.taxon_id)) <= until
    seasons = answer_of("histories")(study, season_start="01-01").table("history_seasons_Mammalia")
    last = [n for n, name in enumerate(seasons.columns) if name.startswith("s2025")]
    known = sum(row[n] is not None for row in seasons.rows for n in last)
    whole = sum(1 for one in study.days if one.day.year == 2025) / 7
    assert known < whole / 2
