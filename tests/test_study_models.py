"""Histories, occupancy, richness and spatial histories of a simulated study, against its truth."""

import csv
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from species_db.sensitivity import ExactRelease, open_gate
from species_db.study.answers import answer_of
from species_db.study.question import Question, StudyError
from species_db.study.read import Study, read_study
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import Observation, Taxon
from tests.wildlife_scene import (
    MUNTJAC,
    START,
    at,
    make_animal,
    make_places,
    see,
)

EXACT = ExactRelease(person="Tashi", reason="test of figures")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stations for a hundred days; a leopard cat told apart at two of them, muntjacs."""
    survey = create_survey(tmp_path_factory.mktemp("models") / "survey", SurveySettings(title="T"))
    make_places(survey)
    with survey.writing() as session:
        muntjac = make_animal(
            session, MUNTJAC, "赤麂", order_name="Artiodactyla", family="Cervidae"
        )
        cat = make_animal(session, "Prionailurus bengalensis", "豹猫")
        dog = make_animal(session, "Canis lupus familiaris", "狗")
    for station, day in (("A", 0.2), ("A", 10), ("B", 10), ("C", 99.9)):
        see(survey, station, at(day), muntjac)
    for station, day, individual in (("A", 1, "F1"), ("B", 30, "F1"), ("B", 31, "")):
        see(survey, station, at(day), cat)
        with survey.writing() as session:
            newest = session.exec(
                select(Observation)
                .where(Observation.taxon_id == cat.taxon_id)
                .order_by(Observation.observation_id.desc())  # type: ignore[attr-defined]
            ).first()
            assert newest is not None
            newest.individual_id = individual
            session.add(newest)
    see(survey, "C", at(2), dog)
    survey.close()
    return survey.folder


@pytest.fixture
def studied(template: Path, tmp_path: Path) -> Iterator[Survey]:
    """The survey of the template, of one's own."""
    folder = Path(shutil.copytree(template, tmp_path / "studied"))
    made = Survey(folder, SurveySettings(title="T"))
    yield made
    made.close()


def study_of(survey: Survey, *, is_exact: bool = True, **asked: object) -> Study:
    """A study with an exact release, or through the closed gate."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, exact=EXACT if is_exact else None)
        question = Question(**asked)  # type: ignore[arg-type]
        return read_study(session, survey.settings, question, gate=gate)


def test_a_history_has_one_nought_and_not_known_where_they_belong(studied: Survey) -> None:
    """A hundred days are fifteen weeks; a record counts in its own; effort stands beside."""
    answer = answer_of("histories")(study_of(studied, taxon=MUNTJAC))
    matrix = answer.table(f"history_{MUNTJAC.replace(' ', '_')}")
    rows = {row[0]: row[1:] for row in matrix.rows}
    assert len(matrix.columns) == 16
    assert [n for n, cell in enumerate(rows["A"]) if cell == 1] == [0, 1]
    assert [n for n, cell in enumerate(rows["C"]) if cell == 1] == [14]
    effort = answer.table(f"history_effort_{MUNTJAC.replace(' ', '_')}")
    assert sum(float(str(cell)) for cell in effort.rows[0][1:] if cell is not None) == 100
    assert answer.figures["detections"] == 4


def test_seasons_stand_beside_each_other_and_stacked(studied: Survey) -> None:
    """Seasons from March on: the first holds 59 days, the second the rest; none is mixed."""
    answer = answer_of("histories")(
        study_of(studied, taxon=MUNTJAC), occasion_days=30, season_start="03-01"
    )
    stem = MUNTJAC.replace(" ", "_")
    beside = answer.table(f"history_seasons_{stem}")
    assert beside.columns[1:] == tuple(
        f"s{year}o{n}" for year in (2020, 2021) for n in range(1, len(beside.columns) // 2 + 1)
    )
    below = answer.table(f"history_stacked_{stem}")
    assert [row[:2] for row in below.rows if row[0] == "A"] == [("A", "2020"), ("A", "2021")]
    with pytest.raises(StudyError, match="04-01"):
        answer_of("histories")(study_of(studied, taxon=MUNTJAC), season_start="13-40")


def test_too_few_stations_give_the_naive_share_and_say_why(studied: Survey) -> None:
    """Three stations bear no model; the naive share stands with its effort."""
    answer = answer_of("occupancy")(study_of(studied))
    row = {str(r["scientificName"]): r for r in answer.table("occupancy").as_records()}[MUNTJAC]
    assert (row["unitsWatched"], row["unitsDetected"], row["psi"]) == (3, 3, None)
    assert (row["status"], row["cameraDays"]) == ("too few", 300)
    assert "Too few" in answer.as_text()
    with pytest.raises(StudyError, match="elevation"):
        answer_of("occupancy")(study_of(studied), psi=("height",))


def test_richness_leaves_domestic_animals_out_and_says_so(studied: Survey) -> None:
    """Two wild taxa at three stations; the dog is named among what was left out."""
    answer = answer_of("richness")(study_of(studied))
    assert answer.figures["taxa"] == 2
    assert "Domestic animals left out" in " ".join(answer.notes)
    assert answer_of("richness")(study_of(studied), with_domestic=True).figures["taxa"] == 3
    rows = {row["locationID"]: row for row in answer.table("richness_unit").as_records()}
    assert rows["A"]["hill0"] == 2 and rows["all units"]["cameraDays"] == 300


def test_animals_told_apart_become_captures_at_true_places(studied: Survey) -> None:
    """F1 at A and at B; the cat nobody could tell apart is counted, not made up."""
    study = study_of(studied, taxon="Prionailurus bengalensis")
    answer = answer_of("scr")(study)
    assert [row[1:] for row in answer.table("scr").rows] == [("F1", 2, "A"), ("F1", 31, "B")]
    assert answer.figures["unidentified"] == 1
    traps = answer.texts["scr_traps_Prionailurus_bengalensis.txt"].splitlines()
    assert len(traps) == 4 and len(traps[1].split()) == 3 + 100
    east, north = (float(x) for x in traps[1].split()[1:3])
    assert abs(east) > 1000 or abs(north) > 1000  # metres, no degrees


def test_spatial_histories_need_an_exact_release(studied: Survey) -> None:
    """Coarse places would give a wrong density, and true ones may not leave unasked."""
    study = study_of(studied, is_exact=False, taxon="Prionailurus bengalensis")
    with pytest.raises(StudyError, match="--exact"):
        answer_of("scr")(study)


def test_tables_are_as_r_reads_them(studied: Survey) -> None:
    """NA, TRUE and FALSE, points for decimals, one heading for each cell."""
    answer = answer_of("occupancy")(study_of(studied))
    text = answer.table("occupancy").as_csv()
    rows = list(csv.reader(io.StringIO(text)))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "NA" in rows[1]


def test_days_are_those_of_the_camera(studied: Survey) -> None:
    """A record at 07:30 in Linzhi is of that date, though in UTC it is of the day before."""
    with studied.reading() as session:
        muntjac = session.exec(select(Taxon).where(Taxon.scientific_name == MUNTJAC)).one()
    see(studied, "B", START.replace(day=31, hour=23, minute=30), muntjac)
    answer = answer_of("histories")(study_of(studied, taxon=MUNTJAC), occasion_days=1)
    rows = {row[0]: row[1:] for row in answer.table(f"history_{MUNTJAC.replace(' ', '_')}").rows}
    found = [n for n, cell in enumerate(rows["B"]) if cell == 1]
    assert found[0] == 0


def test_two_animals_within_half_an_hour_are_two_captures(studied: Survey) -> None:
    """Independence is for indices; an animal told apart ten minutes later is another capture."""
    with studied.reading() as session:
        cat = session.exec(
            select(Taxon).where(Taxon.scientific_name == "Prionailurus bengalensis")
        ).one()
    for minutes, individual in ((0, "M1"), (10, "M2")):
        event = see(studied, "C", at(50, minutes), cat)
        with studied.writing() as session:
            (told,) = session.exec(
                select(Observation).where(
                    Observation.event_id == event.event_id, Observation.taxon_id == cat.taxon_id
                )
            ).all()
            told.individual_id = individual
            session.add(told)
    answer = answer_of("scr")(study_of(studied, taxon="Prionailurus bengalensis"))
    assert {row[1] for row in answer.table("scr").rows} == {"F1", "M1", "M2"}
