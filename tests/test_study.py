"""Numbers of a small survey, worked out by hand, and what the gate does to them."""

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from species_db.analysis.effort import EffortMethod
from species_db.analysis.independence import IndependenceRule
from species_db.export.offering import ExportRefused
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.sensitivity import ExactRelease, open_gate
from species_db.study.answers import answer_of
from species_db.study.answers.rai import indices as rai_of
from species_db.study.question import CountBy, Question, State, StudyError
from species_db.study.read import Study, read_study
from species_db.study.writing import analyse
from species_db.survey import Survey, SurveySettings, create_survey
from species_db.tables import CameraDay, ClockSegment, Decision, Taxon
from species_db.vocabulary import Secrecy
from species_db.wildlife.camera_effort import read_effort
from tests.wildlife_scene import (
    DAYS,
    GOLDEN_CAT,
    MUNTJAC,
    START,
    at,
    deploy,
    guess,
    list_version,
    make_animal,
    make_places,
    see,
)

EXACT = ExactRelease(person="Tashi", reason="test of figures")


@pytest.fixture(scope="module")
def known_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stations for a hundred days; muntjacs at A and B, one cat at C; B lost ten days."""
    survey = create_survey(tmp_path_factory.mktemp("known") / "survey", SurveySettings(title="T"))
    make_places(survey)
    with survey.writing() as session:
        muntjac = make_animal(
            session, MUNTJAC, "赤麂", order_name="Artiodactyla", family="Cervidae"
        )
        cat = make_animal(session, GOLDEN_CAT, "金猫")
        listed = [{"taxon_id": cat.taxon_id, "category": "I", "scientific_name": GOLDEN_CAT}]
        list_version(session, "cn-protected-animals-2021", listed)  # type: ignore[arg-type]
        for number in range(10):
            row = session.get_one(CameraDay, ("B-1", f"2021-02-{number + 1:02d}", "machine"))
            row.state = "blocked"
            session.add(row)
    for minutes in (0, 20, 40, 60, 80):
        see(survey, "A", at(3, minutes), muntjac, count=1 + (minutes == 20))
    see(survey, "B", at(3), muntjac, count=1)
    see(survey, "C", at(5), cat, count=1)
    guess(survey, "B", at(50), muntjac)
    survey.close()
    return survey.folder


@pytest.fixture
def known(known_template: Path, tmp_path: Path) -> Iterator[Survey]:
    """The survey of the template, of one's own."""
    folder = Path(shutil.copytree(known_template, tmp_path / "known"))
    made = Survey(folder, SurveySettings(title="T"))  # opening would bring the shipped lists
    yield made
    made.close()


def study_of(survey: Survey, question: Question | None = None, *, is_exact: bool = True) -> Study:
    """A study with an exact release, or as the closed gate lets it be."""
    with survey.reading() as session:
        gate = open_gate(session, survey.settings, exact=EXACT if is_exact else None)
        return read_study(session, survey.settings, question or Question(), gate=gate)


def rows_of(survey: Survey, name: str, table: str = "", **asked: object) -> list[dict[str, object]]:
    """The rows of a table of an exact answer."""
    answer = answer_of(name)(study_of(survey, Question(**asked)))  # type: ignore[arg-type]
    return answer.table(table or name).as_records()


def test_effort_is_that_of_the_pages(known: Survey) -> None:
    """Camera-days by exact times are what species pages tell, lost days and all."""
    study = study_of(known)
    with known.reading() as session:
        pages = read_effort(session).of_stations()
    assert study.effort == pytest.approx(pages)
    assert study.camera_days == pytest.approx(3 * DAYS - 10)


@pytest.mark.parametrize(
    ("method", "total"),
    [(EffortMethod.EXACT, 290), (EffortMethod.HALF_DAYS, 290), (EffortMethod.INCLUSIVE, 293)],
)
def test_the_method_is_followed_and_named(
    known: Survey, method: EffortMethod, total: float
) -> None:
    """Three methods give three sums; every row says which."""
    rows = rows_of(known, "effort", method=method)
    assert sum(float(str(row["cameraDays"])) for row in rows) == pytest.approx(total)
    assert {row["method"] for row in rows} == {method.value}


@pytest.mark.parametrize(
    ("rule", "events"),
    [(IndependenceRule.LAST_RECORD, 1), (IndependenceRule.LAST_INDEPENDENT, 3)],
)
def test_the_rule_of_independence_is_followed(
    known: Survey, rule: IndependenceRule, events: int
) -> None:
    """0, 20, 40, 60, 80 minutes at 30 are one event or three, with MaxN and never a sum."""
    rows = [row for row in rows_of(known, "events", rule=rule) if row["locationID"] == "A"]
    assert len(rows) == events
    assert rows[0]["maxN"] == 2
    assert {row["rule"] for row in rows} == {rule.value}


def test_an_interval_that_is_just_reached_is_enough(known: Survey) -> None:
    """Records twenty minutes apart are independent at twenty minutes and one event at 21."""
    asked = {"rule": IndependenceRule.LAST_RECORD}
    at_twenty = rows_of(known, "events", interval_minutes=20, **asked)
    later = rows_of(known, "events", interval_minutes=21, **asked)
    assert [sum(row["locationID"] == "A" for row in rows) for rows in (at_twenty, later)] == [5, 1]


def test_only_what_a_person_confirmed_counts_unless_asked(known: Survey) -> None:
    """What only a machine has said is out by default, in with `all`, and marked there."""
    assert len(rows_of(known, "events")) == 5
    rows = rows_of(known, "events", state=State.ALL)
    assert sorted(str(row["isConfirmed"]) for row in rows) == ["False", *["True"] * 5]


def test_the_index_is_events_by_effort(known: Survey) -> None:
    """Pooled over all stations, and the median station."""
    rows = {row["scientificName"]: row for row in rows_of(known, "rai")}
    assert rows[MUNTJAC]["rai"] == pytest.approx(100 * 4 / 290)
    assert rows[MUNTJAC]["raiUnitMedian"] == pytest.approx(100 * 1 / 90)
    assert rows[GOLDEN_CAT]["rai"] == pytest.approx(100 / 290)


def test_a_taxon_that_was_never_seen_has_an_index_of_zero_over_its_effort(known: Survey) -> None:
    """Asked for by name it is told with camera-days; over no effort it is not known."""
    with known.writing() as session:
        make_animal(session, "Panthera pardus", "豹")
    (row,) = rows_of(known, "rai", taxon="豹")
    assert (row["independentEvents"], row["rai"]) == (0, 0.0)
    (row,) = rows_of(known, "rai", taxon="豹", first_day=date(2030, 1, 1))
    assert (row["rai"], row["cameraDays"]) == (None, None)


def test_dates_cut_records_and_effort_alike(known: Survey) -> None:
    """From the tenth day on there is less effort and no muntjac."""
    first = date(2021, 1, 11)
    study = study_of(known, Question(first_day=first))
    assert study.camera_days == pytest.approx(290 - 30)
    assert len(study.records) == 0


def test_overlapping_cameras_are_one_by_station_and_two_by_camera(known: Survey) -> None:
    """The union counts at a station; by camera or deployment each counts its own."""
    with known.writing() as session:
        deploy(session, "A-2", "A", 50, 150)
    totals = [study_of(known, Question(by=by)).camera_days for by in CountBy]
    assert totals == pytest.approx([340, 390, 390])


def test_a_doubtful_clock_keeps_its_deployment_out_and_is_counted(known: Survey) -> None:
    """An undecided correction takes records and effort out, says so, and can be asked in."""
    with known.writing() as session:
        session.add(
            ClockSegment(
                segment_id="s", deployment_id="A-1", kind="shift", cause="reset",
                offset_seconds=3600, uncertainty_seconds=60, evidence="{}", state="proposed",
                proposed_by="detector", proposed_at=START,
            )
        )  # fmt: skip
    study = study_of(known)
    assert study.camera_days == pytest.approx(190)
    assert study.left_out.doubtful_deployments == ("A-1",)
    assert "clock" in " ".join(study.left_out.notes())
    assert study_of(known, Question(with_doubtful_clocks=True)).camera_days == pytest.approx(290)


def test_a_genus_is_told_with_the_taxa_below_it(known: Survey) -> None:
    """--taxon takes what lies below; --min-rank says how broad a name may be."""
    with known.writing() as session:
        genus = make_animal(
            session, "Muntiacus", "麂属", rank="genus", order_name="Artiodactyla", family="Cervidae"
        )
    see(known, "C", at(9), genus)
    assert len(rows_of(known, "events", taxon="Muntiacus")) == 4
    assert len(rows_of(known, "events", taxon="Muntiacus", min_rank="genus")) == 5
    assert study_of(known, Question()).left_out.unnamed == 1


def test_the_gate_renames_stations_and_leaves_days_out_where_class_i_was_seen(
    known: Survey,
) -> None:
    """Where the cat was seen no row stands for the station; sums hold it, and the note says so."""
    study = study_of(known, is_exact=False)
    answer = answer_of("effort")(study)
    names = {row["locationID"] for row in answer.table("effort").as_records()}
    assert names and not names & {"A", "B", "C"}
    assert answer.figures["camera_days"] == pytest.approx(290)
    assert "most sensitive" in " ".join(answer.notes)
    text = "".join(table.as_csv() for table in answer_of("events")(study).tables)
    assert not {"A-1", "P1", "95.3"} & set(text.replace("\r\n", ",").split(","))


def test_what_is_secret_is_in_no_figure(known: Survey) -> None:
    """A station marked secret takes its records and effort out; a secret survey writes nothing."""
    mark_secrecy(
        known, SubjectKind.STATION, "A", Secrecy.SECRET, person="Tashi", reason="border post"
    )
    assert study_of(known).camera_days == pytest.approx(190)
    mark_secrecy(known, SubjectKind.SURVEY, "", Secrecy.SECRET, person="Tashi", reason="border")
    with pytest.raises(ExportRefused, match="secret"):
        analyse(known, "effort", Question(), out=known.folder / "out", person="Tashi")


def test_tables_are_written_logged_and_alike(known: Survey, tmp_path: Path) -> None:
    """Files are named after the command, logged with their hashes, and the same when made again."""
    first = analyse(known, "rai", Question(), out=tmp_path / "a", person="Tashi")
    again = analyse(known, "rai", Question(), out=tmp_path / "b", person="Drolma")
    assert first.sha256s == again.sha256s and set(first.sha256s) == {"rai.csv", "rai.json"}
    with (tmp_path / "a" / "rai.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert {row["scientificName"] for row in csv.DictReader(stream)} >= {MUNTJAC}
    about = json.loads((tmp_path / "a" / "rai.json").read_text(encoding="utf-8"))
    assert about["question"]["interval_minutes"] == 30
    with known.reading() as session:
        entries = session.exec(select(Decision).where(Decision.act == "exported")).all()
    told = json.loads(entries[0].details)
    assert (told["analysis"], told["rows"]) == ("rai", {"rai": len(about["figures"]["rai"])})


def test_a_stranger_s_file_is_left_alone(known: Survey, tmp_path: Path) -> None:
    """A file of another kind under a table's name stops the writing."""
    (tmp_path / "rai.csv").write_text("my own notes\n", encoding="utf-8")
    with pytest.raises(ExportRefused, match="stays as it is"):
        analyse(known, "rai", Question(), out=tmp_path, person="Tashi")
    assert (tmp_path / "rai.csv").read_text(encoding="utf-8") == "my own notes\n"


@pytest.mark.parametrize(
    "asked",
    [
        {"interval_minutes": -1},
        {"min_rank": "tribe"},
        {"first_day": date(2026, 5, 2), "last_day": date(2026, 5, 1)},
    ],
)
def test_a_question_without_an_answer_is_refused(asked: dict[str, object]) -> None:
    """A negative interval, an unknown rank, dates the wrong way: one sentence each."""
    with pytest.raises(StudyError):
        Question(**asked)  # type: ignore[arg-type]


def test_records_outside_their_deployment_are_told_not_counted(known: Survey) -> None:
    """A record a year off is in no figure, and the answer says so."""
    with known.reading() as session:
        muntjac = session.exec(select(Taxon).where(Taxon.scientific_name == MUNTJAC)).one()
    see(known, "A", at(400), muntjac)
    see(known, "A", None, muntjac)
    study = study_of(known)
    assert (study.left_out.outside, study.left_out.undated) == (1, 1)
    assert len(study.records) == 7


@pytest.mark.parametrize(
    ("today", "days"),
    [(date(2022, 2, 20), 3 * 51 - 10), (date(2021, 12, 27), None), (date(2023, 1, 1), 290)],
)
def test_effort_counts_as_far_as_records_may_leave(
    known: Survey, today: date, days: float | None
) -> None:
    """Records of class I wait a year; the effort of that year would make the animal look rarer."""
    with known.reading() as session:
        gate = open_gate(session, known.settings, today=today)
        study = read_study(session, known.settings, Question(), gate=gate)
    told = {str(one.taxon.scientific_name): one for one in rai_of(study)}
    if days is None:
        assert GOLDEN_CAT not in told
    else:
        assert told[GOLDEN_CAT].index.effort == pytest.approx(days)
        assert told[GOLDEN_CAT].index.pooled == pytest.approx(100 / days)
    assert told[MUNTJAC].index.effort == pytest.approx(290)


def test_another_s_notes_beside_the_tables_are_left_alone(known: Survey, tmp_path: Path) -> None:
    """A JSON file of somebody's own is as safe as a table; ours is written again."""
    analyse(known, "rai", Question(), out=tmp_path / "ours", person="Tashi")
    analyse(known, "rai", Question(), out=tmp_path / "ours", person="Tashi")
    (tmp_path / "rai.json").write_text('{"mine": 1}', encoding="utf-8")
    with pytest.raises(ExportRefused, match=r"rai\.json"):
        analyse(known, "rai", Question(), out=tmp_path, person="Tashi")


def test_no_sum_gives_the_minute_of_set_up_back(known: Survey) -> None:
    """Set up at 15:37, the first day counts half: in rows, in sums and in every ratio."""
    with known.writing() as session:
        deploy(session, "A-9", "A", 200 + 15.62 / 24, 230 + 9.1 / 24)
        deploy(session, "B-9", "B", 200 + 15.62 / 24, 230 + 9.1 / 24)
    study = study_of(known, is_exact=False)
    assert all((2 * one.effort).is_integer() for one in study.days)
    figures = answer_of("effort")(study).figures
    assert (2 * float(str(figures["camera_days"]))).is_integer()
    assert study_of(known).camera_days != study.camera_days


def test_months_of_hidden_units_are_told_together(known: Survey) -> None:
    """Where the cat was seen no subtraction of tables gives a month, let alone a day."""
    answer = answer_of("effort")(study_of(known, is_exact=False))
    rows = answer.table("effort_month").as_records()
    by_month = {row["month"]: float(str(row["cameraDays"])) for row in rows}
    told = sum(float(str(row["cameraDays"])) for row in answer.table("effort").as_records())
    assert sum(days for month, days in by_month.items() if month) == pytest.approx(told)
    assert by_month[None] == pytest.approx(100)


def test_that_records_wait_is_said_alike_whether_any_does(listed_survey: Survey) -> None:
    """A number of young records, cut by dates and taxon, would tell their days."""
    study = study_of(listed_survey, is_exact=False)
    assert study.left_out.young == 0
    (note,) = [one for one in study.left_out.notes() if "too young" in one]
    assert not any(sign.isdigit() for sign in note)


def test_a_visit_is_confirmed_when_a_person_saw_any_of_it(known: Survey) -> None:
    """Machine first, person twenty minutes later: one visit, confirmed."""
    with known.reading() as session:
        muntjac = session.exec(select(Taxon).where(Taxon.scientific_name == MUNTJAC)).one()
    guess(known, "C", at(60), muntjac)
    see(known, "C", at(60, 20), muntjac)
    rows = rows_of(known, "events", state=State.ALL, taxon=MUNTJAC)
    (row,) = [one for one in rows if one["locationID"] == "C"]
    assert (row["recordsJoined"], row["isConfirmed"]) == (2, True)


def test_an_animal_nobody_named_counts_only_where_it_is_asked_for(known: Survey) -> None:
    """Outside the dates, or at a secret place, it is not even counted as left out."""
    see(known, "A", at(7), None)  # type: ignore[arg-type]
    assert study_of(known).left_out.unnamed == 1
    assert study_of(known, Question(first_day=date(2021, 3, 1))).left_out.unnamed == 0
    mark_secrecy(
        known, SubjectKind.STATION, "A", Secrecy.SECRET, person="Tashi", reason="border post"
    )
    assert study_of(known).left_out.unnamed == 0
