"""The numbers of an evaluation against numbers reckoned by hand on a small survey."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from species_db.analysis.verdicts import Verdict
from species_db.evaluation.basis import Basis, read_basis
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.comparing import rate
from species_db.evaluation.findings import Findings, measure
from species_db.evaluation.freeze import freeze_survey
from species_db.evaluation.frozen_survey import reading_freeze
from species_db.evaluation.indicators import clauses, indicators
from species_db.evaluation.kept_freeze import find_freeze
from species_db.evaluation.periods import Period
from species_db.evaluation.refusal import EvaluationError
from species_db.evaluation.report_parts import clear_changes
from species_db.evaluation.results import NOT_TOLD, WHOLE
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.sensitivity import ExactRelease
from species_db.survey import SETTINGS_FILE, Survey, SurveySettings, create_survey, read_settings
from species_db.tables import ClockSegment, Observation, Taxon
from species_db.vocabulary import Secrecy
from tests.evaluation_scene import (
    BOMI,
    MEDOG,
    STATED,
    Rows,
    add_lists,
    add_station,
    deploy,
    plant_small,
    store,
)

LATE = date(2029, 1, 5)  # every record may be told
YEAR = Period.of_years(2027, 2027)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small survey, planted once."""
    folder = tmp_path_factory.mktemp("small") / "survey"
    made = create_survey(folder, SurveySettings(title="Small"))
    plant_small(made)
    freeze_survey(made, "late", person="Tashi", today=LATE, period=YEAR)
    made.close()
    return folder


@pytest.fixture
def small(template: Path, tmp_path: Path) -> Survey:
    """A copy of it."""
    folder = Path(shutil.copytree(template, tmp_path / "small"))
    return Survey(folder, read_settings(folder / SETTINGS_FILE))


@contextmanager
def basis_of(
    survey: Survey, today: date = LATE, exact: ExactRelease | None = None
) -> Iterator[Basis]:
    """Freeze a survey as it is, and read it as a report does."""
    freeze = freeze_survey(survey, f"at-{today}", person="Tashi", today=today, period=YEAR)
    with reading_freeze(freeze) as (session, settings):
        yield read_basis(session, settings, freeze, exact=exact)


@pytest.fixture(scope="module")
def found(template: Path) -> Findings:
    """What the small survey's report finds."""
    survey = Survey(template, read_settings(template / SETTINGS_FILE))
    freeze = find_freeze(survey, "late")
    with reading_freeze(freeze) as (session, settings):
        return measure(read_basis(session, settings, freeze))


@pytest.mark.parametrize(
    ("indicator", "before", "after"),
    [
        ("camera_days", 600.0, 580.0),
        ("deployments", 6, 6),
        ("working_share", 100.0, 100 * 580 / 600),
        ("plots_visited", 6, 7),
        ("methods", 1, 2),
        ("taxa_class_1", 1, 1),
        ("taxa_class_2", 0, 0),
        ("index_class_1", 100 * 18 / 600, 100 * 5 / 580),
        ("index_class_2", 0.0, 0.0),
        ("stations_class_1", 100.0, 100 * 5 / 6),
        ("people", 100 * 6 / 600, 100 * 12 / 580),
        ("dogs", 0.0, 0.0),
        ("infested_area", None, 50.0),
        ("lists_published", 0, 0),
        ("warnings_raised", 0, 0),
        ("reviewed_share", 100.0, 100 * 17 / 21),
        ("two_reviewers", 100 * 3 / 19, 0.0),
        ("machine_only_taxa", 0, 1),
    ],
)
def test_an_indicator_is_what_a_person_reckons(
    found: Findings, indicator: str, before: float | None, after: float | None
) -> None:
    """Events, days, stations and shares, each counted on paper."""
    told = found.of(indicator)
    for side, wanted in ((told.before, before), (told.after, after)):
        assert (side.value is None) == (wanted is None)
        if wanted is not None:
            assert side.value == pytest.approx(wanted)


def test_a_change_compares_each_station_with_itself(found: Findings) -> None:
    """Mantel and Haenszel's ratio by hand: F was watched for fewer days in the second year."""
    told = found.of("index_class_1")
    assert told.change == pytest.approx(5 * 0.5 / (5 * 1.5 + 3 * 80 / 180))
    assert told.low is not None and told.high is not None
    assert told.low < told.change < told.high < 1
    assert told.verdict is Verdict.DOWN
    assert told.is_wished is False


def test_counties_add_up_to_the_prefecture(found: Findings) -> None:
    """Events and days of Medog and Bomi are those of all; elsewhere nothing is known."""
    parts = [found.of("index_class_1", code) for code in (MEDOG, BOMI)]
    whole = found.of("index_class_1")
    for side in ("before", "after"):
        told = [getattr(one, side) for one in parts]
        assert sum(one.cases for one in told) == getattr(whole, side).cases
        assert sum(one.effort for one in told) == getattr(whole, side).effort
    assert found.of("index_class_1", "540425").after.value is None


def test_a_county_with_few_stations_gets_no_verdict(found: Findings) -> None:
    """Three stations: the numbers stand there, and nothing is said of a change."""
    told = found.of("index_class_1", MEDOG)
    assert told.verdict is Verdict.TOO_FEW
    assert Caveat.FEW_STATIONS in told.caveats
    assert told.after.value == pytest.approx(100 * 3 / 300)


def test_no_number_stands_without_effort(found: Findings) -> None:
    """Whatever samples found has camera-days, stations or visits beside it; else it is unknown."""
    for one in found.results:
        if one.indicator.is_census:
            continue
        for side in (one.before, one.after):
            assert side.value is None or side.effort or side.visits, one


def test_a_number_of_species_is_never_judged(found: Findings) -> None:
    """It grows with effort; the table says so instead of an arrow."""
    told = found.of("taxa_class_1")
    assert told.verdict is Verdict.TOO_FEW
    assert Caveat.FOLLOWS_EFFORT in told.caveats
    assert (told.after.effort, told.after.visits) == (pytest.approx(580), 1)


def test_every_indicator_of_every_clause_is_measured(found: Findings) -> None:
    """For the prefecture, in the order of the clauses; each answers one clause."""
    wanted = [name for clause in clauses() for name in clause.answers]
    whole = [one.indicator_id for one in found.results if one.area == WHOLE]
    assert whole == wanted
    assert len(set(wanted)) == len(wanted)
    assert set(wanted) | {"index_taxon", "stations_taxon"} == set(indicators())


def test_a_taxon_of_models_alone_is_in_no_count(found: Findings) -> None:
    """Four events that only a model named: told apart, with how many wait."""
    assert [(one.scientific_name, one.events) for one in found.machine_only] == [
        ("Muntiacus vaginalis", 4)
    ]
    assert Caveat.UNREVIEWED in found.of("index_class_1").caveats


def test_the_first_page_says_what_is_clear(found: Findings) -> None:
    """Unwished changes first, each with its interval and its effort, in both languages."""
    told = clear_changes(found)
    assert told[0].tone == "bad"
    fall = next(one for one in told if "index of class I" in one.en)
    assert "down 72 %" in fall.en and "over 580 camera-days" in fall.en
    assert "下降 72 %" in fall.zh and "工作量 580 相机日" in fall.zh


def test_a_delay_ends_records_and_days_alike(small: Survey) -> None:
    """Half the season may be told: three events over 32 days at six stations, and no false fall."""
    with basis_of(small, date(2028, 2, 1)) as basis:
        told = measure(basis).of("index_class_1")
    assert told.after.counted_to == date(2027, 2, 1)
    assert (told.after.cases, told.after.effort) == (3, pytest.approx(6 * 32))
    assert told.after.value == pytest.approx(100 * 3 / 192)
    assert told.before.counted_to is None
    assert Caveat.DELAYED in told.caveats


def test_what_may_not_be_told_yet_is_not_known(small: Survey) -> None:
    """Before any record of the period may leave there is no number, above all no zero."""
    with basis_of(small, date(2028, 1, 1)) as basis:
        found = measure(basis)
    told = found.of("index_class_1")
    assert (told.after.value, told.after.effort) == (pytest.approx(0.0), pytest.approx(6))
    early = freeze_survey(small, "early", person="T", today=date(2027, 10, 1),
                          period=Period(date(2027, 1, 1), date(2027, 4, 10)))  # fmt: skip
    with reading_freeze(early) as (session, settings):
        told = measure(read_basis(session, settings, early)).of("index_class_1")
    assert (told.after.value, told.after.effort, told.verdict) == (None, None, Verdict.TOO_FEW)
    assert told.before.value is not None


def test_a_complete_edition_counts_all(small: Survey) -> None:
    """With a named person's reason nothing waits."""
    word = ExactRelease("Tashi", "for the mid-term evaluation")
    with basis_of(small, date(2028, 1, 1), exact=word) as basis:
        told = measure(basis).of("index_class_1")
    assert told.after.cases == 5
    assert told.after.counted_to is None


def test_a_station_marked_secret_is_in_no_number(small: Survey) -> None:
    """Neither its events nor its days, nor its plot."""
    mark_secrecy(small, SubjectKind.STATION, "A", Secrecy.SECRET, person="T", reason="r")
    with basis_of(small) as basis:
        found = measure(basis)
    assert found.of("camera_days").before.value == pytest.approx(500)
    assert found.of("index_class_1").before.cases == 15
    assert found.of("people").before.cases == 5


def test_a_station_of_ten_days_is_no_absence(small: Survey) -> None:
    """Naive occupancy speaks of stations watched long enough; its days count all the same."""
    with small.writing() as session:
        rows = Rows()
        add_station(session, "G", BOMI, (29.95, 95.9))
        deploy(session, rows, "G", date(2027, 2, 1), date(2027, 2, 10))
        store(session, rows)
    with basis_of(small) as basis:
        found = measure(basis)
    assert found.of("stations_class_1").after.effort == 6
    assert found.of("camera_days").after.value == pytest.approx(590)


def test_a_secret_survey_gives_no_report(small: Survey) -> None:
    """The class of the whole survey holds for its numbers."""
    mark_secrecy(small, SubjectKind.SURVEY, "", Secrecy.SECRET, person="T", reason="r")
    with pytest.raises(EvaluationError, match="secret"), basis_of(small) as basis:
        measure(basis)


def test_an_undecided_clock_takes_its_days_along(small: Survey) -> None:
    """A deployment whose clock is in doubt is left out with its effort, and that is said."""
    with small.writing() as session:
        session.add(
            ClockSegment(
                segment_id="1", deployment_id="A-2027", kind="shift", cause="shift",
                offset_seconds=3600, uncertainty_seconds=60, evidence="[]", state="proposed",
                proposed_by="test", proposed_at=STATED,
            )
        )  # fmt: skip
    with basis_of(small) as basis:
        told = measure(basis).of("camera_days")
    assert told.after.value == pytest.approx(480)
    assert Caveat.DOUBTFUL_CLOCKS in told.caveats


def test_moved_cameras_are_said_to_be_part_of_a_change(small: Survey) -> None:
    """When too few stations were kept, the change is over all of them, with the caveat."""
    with basis_of(small) as basis:
        days = basis.after.days()
        basis.after._days[None] = {f"new {unit}": told for unit, told in days.items()}
        events = dict.fromkeys(days, 4), {f"new {unit}": 5 for unit in days}
        told = rate(basis, "people", WHOLE, events)
    assert told.low is not None
    assert Caveat.UNMATCHED in told.caveats


def test_places_in_no_county_are_told_apart(small: Survey) -> None:
    """A station whose county would narrow its cell is in the total and in no county."""
    with basis_of(small) as basis:
        study = basis.after.study
        facts = {**study.stations, "A": replace(study.stations["A"], county="")}
        object.__setattr__(study, "stations", facts)
        found = measure(basis)
    assert found.of("people").after.cases == 12
    assert found.of("people", MEDOG).after.cases == 4
    assert found.of("people", NOT_TOLD).after.cases == 2
    assert Caveat.NOT_TOLD_COUNTIES in found.caveats


def test_an_empty_survey_gives_unknowns(tmp_path: Path) -> None:
    """No station, no record: every number is unknown or a true nought, and nothing breaks."""
    survey = create_survey(tmp_path / "empty", SurveySettings())
    with survey.writing() as session:
        add_lists(session)
    with basis_of(survey) as basis:
        found = measure(basis)
    assert found.of("index_class_1").after.value is None
    assert found.of("camera_days").after.value is None
    assert found.of("reviewed_share").after.value is None
    assert found.taxa == () and clear_changes(found) == ()
    survey.close()


def test_a_correction_after_the_freeze_changes_nothing(small: Survey) -> None:
    """The report speaks of the snapshot."""
    with small.writing() as session:
        other = session.exec(
            select(Taxon.taxon_id).where(Taxon.scientific_name == "Ursus thibetanus")
        ).one()
        for one in session.exec(select(Observation).where(Observation.taxon_id.is_not(None))):  # type: ignore[union-attr]
            one.taxon_id = other
            session.add(one)
    freeze = find_freeze(small, "late")
    with reading_freeze(freeze) as (session, settings):
        assert measure(read_basis(session, settings, freeze)).of("index_class_1").before.cases == 18
