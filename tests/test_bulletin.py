"""What a county is told of a month: every number by hand, and nothing that must stay inside."""

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from species_db.bulletin.advice import advise
from species_db.bulletin.ground import told_days
from species_db.bulletin.making import make_bulletin, read_county
from species_db.bulletin.month import Month, read_month
from species_db.bulletin.parts import AdviceRule, Bulletin, Seen
from species_db.bulletin.plain import as_json
from species_db.bulletin.refusal import BulletinError
from species_db.geo.areas import hex_of
from species_db.invasive.control import ControlDraft, record_control
from species_db.language import speaking
from species_db.places import COUNTIES
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey, open_survey
from species_db.tables import Area, CameraDay, Deployment, Event, FieldRecord, Observation, Plot
from species_db.vocabulary import Secrecy, Sensitivity
from tests.bulletin_scene import (
    DOG,
    LEOPARD,
    MACAQUE,
    MEDOG,
    NANG,
    PARIS,
    TODAY,
    WEED,
    ZAYU,
    a_may,
    all_made,
    camera,
    in_linzhi,
    made,
    names,
    see,
    stand,
    warn,
    young_leopard,
)
from tests.factories import NINE
from tests.planted import field_record, taxon
from tests.wildlife_scene import at, list_version, make_animal, make_places
from tests.wildlife_scene import see as see_animal

NONE = Seen(0, 0, 0, 0)


@pytest.fixture(scope="module")
def may_folder(listed_survey_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A May in Medog, made once; tests that change it copy the folder."""
    there = tmp_path_factory.mktemp("may") / "survey"
    survey = open_survey(Path(shutil.copytree(listed_survey_template, there)))
    a_may(survey)
    survey.close()
    return there


@pytest.fixture(scope="module")
def may(may_folder: Path) -> Bulletin:
    """The bulletin of Medog's May."""
    survey = open_survey(may_folder)
    told = made(survey)
    survey.close()
    return told


@pytest.fixture
def changed(may_folder: Path, tmp_path: Path) -> Survey:
    """A survey of its own with that May."""
    return open_survey(Path(shutil.copytree(may_folder, tmp_path / "survey")))


def seen_of(bulletin: Bulletin, name: str) -> tuple[Seen, Seen]:
    """What is told of a taxon: this month, and a year ago."""
    row = next((one for one in bulletin.protected.rows if one.name.la == name), None)
    return (row.now, row.before) if row else (NONE, NONE)


# --- numbers by hand ------------------------------------------------------------------------------


def test_effort_is_that_of_this_month_and_of_a_year_ago(may: Bulletin) -> None:
    """A worked 31 days and B 12: 43 is told as 40; a year ago 31 and 20: 51 as 50."""
    effort = may.effort
    assert (effort.now.camera_days, effort.now.stations) == (40, 2)
    assert (effort.before.camera_days, effort.before.stations) == (50, 2)
    assert [str(one.month) for one in effort.months][::12] == ["2025-05", "2026-05"]
    assert (effort.visits, effort.plots_visited, effort.plots, effort.visits_before) == (2, 2, 2, 0)


def test_the_desk_counts_events_of_the_month_alone(may: Bulletin) -> None:
    """Two macaques, four dogs, a person, a yak and a vehicle are reviewed; two events wait."""
    assert (may.effort.reviewed, may.effort.waiting) == (9, 2)


def test_protected_species_come_with_independent_events(may: Bulletin) -> None:
    """The leopard that lingered 20 minutes is one visit, 45 minutes later it is another."""
    assert seen_of(may, LEOPARD) == (NONE, Seen(3, 2, 0, 0))
    assert seen_of(may, MACAQUE) == (Seen(2, 2, 0, 0), NONE)
    assert seen_of(may, PARIS) == (Seen(0, 0, 1, 1), NONE)
    assert [row.level for row in may.protected.rows] == ["I", "II", "II"]


def test_firsts_are_of_the_county_and_of_the_year(may: Bulletin) -> None:
    """The plant was never found before; the macaque not since September, of the year before."""
    flags = {row.name.la: (row.is_first, row.is_first_of_year) for row in may.protected.rows}
    assert flags == {LEOPARD: (False, False), PARIS: (True, True), MACAQUE: (False, True)}


def test_an_earlier_record_of_the_year_takes_the_flag(changed: Survey) -> None:
    """A macaque in January, and May's is not the first of the year."""
    see(changed, "B", in_linzhi(2026, 1, 5), MACAQUE)
    row = next(one for one in made(changed).protected.rows if one.name.la == MACAQUE)
    assert (row.is_first, row.is_first_of_year) == (False, False)


def test_invaders_are_new_where_they_never_were(may: Bulletin) -> None:
    """The weed was known on one plot with 100 m², is new on another with 50; two visits searched.

    The action of March has nobody's visit since.
    """
    (row,) = may.fronts.rows
    assert (row.name.la, row.records, row.places, row.new_places, row.new_plots) == (
        WEED,
        1,
        1,
        1,
        1,
    )
    assert (row.area_m2, row.areas, row.visits, row.camera_days) == (150.0, 2, 2, None)
    assert (row.actions, row.due) == (0, 1)
    assert (may.fronts.new_places, may.fronts.visits) == (1, 2)
    assert row.lists[0] == ("key_invasive", "key")


def test_an_invader_found_again_is_no_new_place(changed: Survey) -> None:
    """The known plot in May as well: two records at two places, of which one is new."""
    field_record(changed, "LZ-A", date(2026, 5, 21), WEED, infestation_area_m2=120.0)
    (row,) = made(changed).fronts.rows
    assert (row.records, row.places, row.new_places, row.area_m2) == (2, 2, 1, 170.0)
    assert row.due == 0  # and by it somebody went back


def test_a_person_s_word_on_a_day_stands_over_the_machine_s(changed: Survey) -> None:
    """B was not dead on its last day but blocked, says somebody: it is counted under both."""
    with changed.writing() as session:
        session.add(
            CameraDay(
                deployment_id="B-1", day="2026-05-31", method="human", state="blocked",
                person="Tashi", stated_at=NINE,
            )
        )  # fmt: skip
    cameras = made(changed).cameras
    assert (cameras.dead, cameras.blocked, cameras.to_service) == (1, 1, 1)


def test_warnings_stand_by_rule_with_the_days_they_are_late(may: Bulletin) -> None:
    """Two of one rule, one due on 1 June, four days before; a machine's word is no warning."""
    (row,) = may.warnings.rows
    assert (row.rule_id, row.open, row.overdue, row.days_overdue) == ("disturbance", 2, 1, 4)
    assert [one.en for one in row.about] == ["Domestic dog", "vehicle"]


def test_cameras_count_under_every_state_of_the_month(may: Bulletin, may_folder: Path) -> None:
    """B worked and then died out there; Zayu's was fetched, and its card was not read."""
    cameras = may.cameras
    assert (cameras.in_field, cameras.working, cameras.dead, cameras.unknown) == (2, 2, 1, 0)
    assert (cameras.to_service, cameras.cards_waiting, cameras.imports_unfinished) == (1, 0, 1)
    zayu = made(open_survey(may_folder), county=ZAYU.code).cameras
    assert (zayu.in_field, zayu.unknown, zayu.to_service, zayu.cards_waiting) == (1, 1, 0, 1)


def test_disturbance_is_told_per_hundred_camera_days(may: Bulletin) -> None:
    """Dogs at 10:00 and 10:30 are two visits, at 10:45 none; with that of the 19th 3 over 40."""
    told = {row.what: (row.events, row.stations, row.index) for row in may.pressure.rows}
    assert told == {
        "people": (1, 1, 2.5),
        "dog": (3, 1, 7.5),
        "livestock": (1, 1, 2.5),
        "vehicle": (1, 1, 2.5),
    }
    assert {row.what: row.index_before for row in may.pressure.rows}["dog"] == 0.0
    assert [(one.what, one.records) for one in may.pressure.noted] == [("dog", 1), ("snare", 1)]
    assert may.pressure.poaching == 1


def test_the_team_that_sets_a_camera_up_is_no_disturbance(changed: Survey) -> None:
    """A person at set-up counts as reviewed, and not as people."""
    before = made(changed)
    event_id = see(changed, "A", in_linzhi(2026, 5, 25), "human")
    with changed.writing() as session:
        said = session.exec(select(Observation).where(Observation.event_id == event_id)).one()
        said.camera_setup_type = "setup"
        session.add(said)
    after = made(changed)
    assert after.pressure == before.pressure
    assert after.effort.reviewed == before.effort.reviewed + 1


def test_a_camera_that_was_fetched_needs_no_service(changed: Survey) -> None:
    """B died in the field; once it is taken down, its card is what is left to do."""
    with changed.writing() as session:
        deployment = session.get_one(Deployment, "B-1")
        deployment.deployment_end = in_linzhi(2026, 6, 3)
        session.add(deployment)
    cameras = made(changed).cameras
    assert (cameras.dead, cameras.to_service) == (1, 0)


def test_a_model_s_blank_waits_for_nobody(changed: Survey) -> None:
    """An event that a model alone calls blank is not in the queue of the month."""
    event_id = see(changed, "A", in_linzhi(2026, 5, 26), "", reviewed=False)
    assert made(changed).effort.waiting == 3
    with changed.writing() as session:
        event = session.get_one(Event, event_id)
        event.machine_type = "blank"
        session.add(event)
    assert made(changed).effort.waiting == 2


def test_advice_follows_the_rules_in_their_order(may: Bulletin) -> None:
    """Everything that is due is advised once, the most urgent first, with its number."""
    assert [(one.rule.value, one.count) for one in may.advice] == [
        ("overdue", 1),
        ("poaching", 1),
        ("new_front", 1),
        ("follow_up", 1),
        ("service", 1),
        ("cards", 1),
        ("review", 2),
    ]


def test_nothing_due_is_said_to_be_so(may: Bulletin) -> None:
    """Without any cause the one advice is to go on."""
    told = advise(
        effort=replace(may.effort, waiting=0),
        fronts=replace(may.fronts, new_places=0, due=0),
        warnings=replace(may.warnings, rows=()),
        cameras=replace(may.cameras, to_service=0, imports_unfinished=0),
        pressure=replace(may.pressure, poaching=0),
    )
    assert [one.rule for one in told] == [AdviceRule.ROUTINE]


def test_squares_show_where_cameras_worked_and_invaders_are(may: Bulletin) -> None:
    """Two squares of 0.1 degrees by their middles; the northern one has the weed's new place."""
    told = [(one.latitude, one.longitude, one.has_cameras, one.is_new) for one in may.squares]
    assert told == [(29.4, 95.3, True, True), (29.3, 95.3, True, False)]


# --- not known is not zero ------------------------------------------------------------------------


def test_a_month_without_effort_is_not_known(may_folder: Path) -> None:
    """Nobody worked in Nang: no index, no camera-days; the advice says so."""
    told = made(open_survey(may_folder), county=NANG.code)
    assert told.effort.now.camera_days is None
    assert {row.index for row in told.pressure.rows} == {None}
    assert [one.rule for one in told.advice] == [AdviceRule.NO_EFFORT]


def test_an_index_over_a_few_days_is_not_known(changed: Survey) -> None:
    """Twelve camera-days of a month are told as ten, and carry no index."""
    stand(changed, "N", (28.85, 93.15), county=NANG.code)
    camera(changed, "N", date(2026, 5, 1), date(2026, 5, 12))
    see(changed, "N", in_linzhi(2026, 5, 3), DOG)
    told = made(changed, county=NANG.code)
    assert told.effort.now.camera_days == 10
    assert [(row.events, row.index) for row in told.pressure.rows if row.what == "dog"] == [
        (1, None)
    ]


def test_no_national_list_is_said_and_no_level_guessed(survey: Survey) -> None:
    """Without lists no record is called protected, and the page knows which kinds are missing."""
    make_places(survey)
    with survey.reading() as session:
        told = make_bulletin(
            session, survey.settings, MEDOG, Month(2021, 2), today=date(2023, 1, 1)
        )
    assert told.protected.lists_missing == ("protected_animals", "protected_plants")
    assert told.protected.rows == ()
    assert told.effort.now.camera_days == 60  # 28 days at each of two stations


def test_the_law_is_that_of_the_record_s_own_day(survey: Survey) -> None:
    """Class II until 2022, class I since: a record of 2021 stands under II, and today is told."""
    make_places(survey)
    with survey.writing() as session:
        cat = make_animal(session, "Catopuma temminckii", "金猫")
        for version, level, since in (
            ("a-2021", "II", date(2021, 1, 1)),
            ("a-2022", "I", date(2022, 1, 1)),
        ):
            entry = {
                "taxon_id": cat.taxon_id,
                "scientific_name": "Catopuma temminckii",
                "category": level,
            }
            list_version(session, version, [entry], effective_from=since)
    see_animal(survey, "A", at(40), cat)
    with survey.reading() as session:
        told = make_bulletin(
            session, survey.settings, MEDOG, Month(2021, 2), today=date(2023, 1, 1)
        )
    assert [(row.level, row.level_today) for row in told.protected.rows] == [("II", "I")]


@given(st.lists(st.floats(0, 400), max_size=40))
def test_told_camera_days_are_steps_of_ten(days: list[float]) -> None:
    """Never zero, never nearer than ten days, and never farther from the truth than ten."""
    told = told_days(days, 10)
    if sum(days) == 0:
        assert told is None
    else:
        assert told is not None
        assert told % 10 == 0 < told
        assert abs(told - sum(days)) <= (5 + 1e-6 if sum(days) > 5 else 10)


# --- what must stay inside ------------------------------------------------------------------------


def test_a_record_that_waits_changes_nothing(changed: Survey) -> None:
    """One young leopard more, with its warning, and no bulletin of any county is another."""
    before = all_made(changed)
    young_leopard(changed)
    assert all_made(changed) == before


def test_a_warning_on_a_young_field_record_is_not_told(changed: Survey) -> None:
    """A leopard met on foot waits as one before a camera does, and so does its warning."""
    before = made(changed)
    record_id = field_record(changed, "LZ-A", date(2026, 5, 18), LEOPARD)
    due = in_linzhi(2026, 6, 1)
    warn(changed, "first_in_county", "A", record_id, due=due, of=LEOPARD, kind="field_record")
    assert made(changed) == before
    assert made(changed, today=date(2027, 6, 5)).warnings.open == before.warnings.open + 2


def test_a_record_is_told_when_it_is_old_enough(may_folder: Path) -> None:
    """A year and a day after the month both leopards of May 2026 are there; a day early, one."""
    survey = open_survey(may_folder)
    assert seen_of(made(survey, today=date(2027, 6, 1)), LEOPARD)[0] == Seen(2, 1, 0, 0)
    assert seen_of(made(survey, today=date(2027, 5, 19)), LEOPARD)[0] == Seen(1, 1, 0, 0)


def test_a_place_whose_county_would_cut_its_cell_is_told_nowhere(changed: Survey) -> None:
    """The border camera's leopard, days and events are in no county, until it is taken for dull."""
    everywhere = all_made(changed)
    assert sum(one.effort.now.stations for one in everywhere) == 2
    assert sum(seen_of(one, LEOPARD)[1].events for one in everywhere) == 3
    with changed.reading() as session:
        leopard = taxon(session, LEOPARD)
    set_rule(
        changed,
        taxon_subject(leopard),
        Sensitivity.NONE,
        delay_days=0,
        reason="test",
        person="Drolma",
        effective_from=date(2025, 1, 1),
    )
    told = made(changed)
    assert told.effort.now.stations == 3
    assert seen_of(told, LEOPARD)[1] == Seen(4, 3, 0, 0)


def test_a_plot_without_a_point_is_told_by_its_stations(changed: Survey) -> None:
    """A record of a sensitive plot without coordinates is told where all its cameras may be."""
    with changed.writing() as session:
        for name in ("A", "X"):
            plot = session.get_one(Plot, f"LZ-{name}")
            plot.latitude = plot.longitude = None
            session.add(plot)
    field_record(changed, "LZ-X", date(2026, 5, 18), PARIS)
    told = made(changed)
    assert seen_of(told, PARIS)[0] == Seen(0, 0, 1, 1)
    assert (told.effort.plots, told.effort.plots_visited) == (2, 2)


def test_secret_places_and_records_are_not_there(changed: Survey) -> None:
    """A secret station takes its days and events with it, a secret record itself."""
    with changed.reading() as session:
        plant = session.exec(
            select(FieldRecord).where(FieldRecord.taxon_id == taxon(session, PARIS))
        ).one()
    for kind, own_id in (
        (SubjectKind.STATION, "B"),
        (SubjectKind.FIELD_RECORD, plant.field_record_id),
    ):
        mark_secrecy(changed, kind, own_id, Secrecy.SECRET, person="Drolma", reason="test")
    told = made(changed)
    assert (told.effort.now.camera_days, told.effort.now.stations) == (30, 1)
    assert seen_of(told, MACAQUE)[0] == Seen(1, 1, 0, 0)
    assert seen_of(told, PARIS)[0] == NONE
    assert (told.warnings.open, told.cameras.to_service) == (1, 0)


def test_a_secret_survey_has_no_bulletin(changed: Survey) -> None:
    """The refusal names the class and how it is set."""
    mark_secrecy(changed, SubjectKind.SURVEY, "", Secrecy.SECRET, person="Drolma", reason="test")
    with pytest.raises(BulletinError, match="this survey is secret"):
        made(changed)


def test_no_name_of_a_place_or_person_is_in_it(may_folder: Path) -> None:
    """Plots, stations, deployments, observers, and degrees beyond a square stay inside."""
    survey = open_survey(may_folder)
    told = json.dumps([as_json(one) for one in all_made(survey)], ensure_ascii=False)
    with survey.reading() as session:
        known = {f'"{name}"' for name in names(session)} | {"LZ-", "Pema", "Drolma", "Tashi"}
    assert not [name for name in known if name in told]
    assert "29.31" not in told
    assert "95.33" not in told


def test_every_bulletin_says_that_some_records_wait(may: Bulletin) -> None:
    """The sentence is the gate's own, in either language."""
    from species_db.bulletin.words import recent_withheld

    for language in ("zh", "en"):
        with speaking(language):
            assert recent_withheld() in may.source.withheld


# --- control, months, counties --------------------------------------------------------------------


def test_a_control_action_is_due_a_month_after_it_ended_until_somebody_went(
    changed: Survey,
) -> None:
    """Of 1 March: not due on 30 March, due from the 31st, and no more after a visit in May."""
    assert made(changed, Month(2026, 3), today=date(2026, 3, 30)).fronts.due == 0
    assert made(changed, Month(2026, 3), today=date(2026, 3, 31)).fronts.due == 1
    assert made(changed, Month(2026, 3)).fronts.rows[0].actions == 1
    field_record(changed, "LZ-A", date(2026, 5, 20), WEED, occurrence_status="absent")
    assert made(changed).fronts.due == 0


@pytest.mark.parametrize(
    ("place", "due"),
    [
        ({"latitude": 29.31, "longitude": 95.31}, 1),  # its cell of 0.1 degrees is all Medog's
        ({"latitude": 29.6, "longitude": 95.7}, 0),  # Bomi's border cuts this one
        ({"area_id": "inside"}, 1),
        ({"area_id": "across"}, 0),
    ],
)
def test_an_action_off_plots_is_told_where_its_whole_place_is(
    changed: Survey, place: dict[str, object], due: int
) -> None:
    """A point is told as if it were sensitive, an area by its outline, else in no county."""
    boxes = {"inside": (95.2, 29.2, 95.5, 29.5), "across": (95.2, 29.2, 96.6, 29.5)}
    with changed.writing() as session:
        for name, box in boxes.items():
            outline = hex_of(shapely.MultiPolygon([shapely.box(*box)]))
            session.add(
                Area(area_id=name, kind="reserve", name_zh=name, geometry=outline, entered_at=NINE)
            )
        weed = taxon(session, WEED)
    action = ControlDraft(
        taxon_id=weed, method="manual", started_on=date(2026, 3, 2), led_by="Tashi", **place
    )  # type: ignore[arg-type]
    record_control(changed, action, person="Tashi", today=TODAY)
    assert made(changed).fronts.due == 1 + due


def test_a_visit_to_a_sensitive_plot_in_an_area_tells_nothing_of_where_it_is(
    changed: Survey,
) -> None:
    """Whether a leopard's plot lies in an area must not show by an action becoming done."""
    with changed.writing() as session:
        outline = hex_of(shapely.MultiPolygon([shapely.box(95.2, 29.2, 95.5, 29.5)]))
        session.add(
            Area(area_id="inside", kind="reserve", name_zh="区", geometry=outline, entered_at=NINE)
        )
        weed = taxon(session, WEED)
    action = ControlDraft(
        taxon_id=weed, method="manual", started_on=date(2026, 3, 2), led_by="T", area_id="inside"
    )
    record_control(changed, action, person="Tashi", today=TODAY)
    assert made(changed).fronts.due == 2
    with changed.reading() as session:
        found = session.exec(select(FieldRecord).where(FieldRecord.taxon_id == weed)).all()
    assert {one.plot_id for one in found} == {"LZ-A", "LZ-B"}, "visited since, and both sensitive"


def test_the_month_is_told_up_to_the_day_it_is_made(changed: Survey) -> None:
    """On 10 May the macaques of the 3rd and 4th are known, and the weed of the 17th is not."""
    told = made(changed, today=date(2026, 5, 10))
    assert not told.is_whole
    assert told.until == date(2026, 5, 10)
    assert seen_of(told, MACAQUE)[0].events == 2
    assert told.fronts.new_places == 0


@pytest.mark.parametrize(
    ("month", "told"),
    [
        ("2026-07", "has not begun yet: today is 2026-06-05"),
        ("2025-03", "before the first record of this survey, of 2025-04"),
    ],
)
def test_months_without_a_survey_are_refused(may_folder: Path, month: str, told: str) -> None:
    """To come, or before the first record: a sentence, not an empty page."""
    with pytest.raises(BulletinError, match=told):
        made(open_survey(may_folder), read_month(month))


def test_a_survey_without_records_is_told_so(survey: Survey) -> None:
    """Nothing to make a page of."""
    with pytest.raises(BulletinError, match="no deployments and no field records"):
        made(survey)


@pytest.mark.parametrize("text", ["2026-13", "May 2026", "2026/05", "1026-05", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    """The form of a month is told."""
    with pytest.raises(BulletinError, match="like 2026-05"):
        read_month(text)


def test_a_county_goes_by_code_and_either_name() -> None:
    """A slip of the keyboard is offered the nearest name."""
    assert {read_county(one).code for one in ("540423", "墨脱", "墨脱县", "medog")} == {"540423"}
    with pytest.raises(BulletinError, match="Did you mean 'Medog'"):
        read_county("Medg")
    with speaking("zh"), pytest.raises(BulletinError, match="墨脱县"):
        read_county("墨托县")


@given(st.integers(1990, 2100), st.integers(1, 12), st.integers(-40, 40))
def test_months_step_to_and_fro(year: int, number: int, step: int) -> None:
    """A month and its neighbours share no day and leave out none."""
    month = Month(year, number)
    assert month.later(step).later(-step) == month
    assert month.last + timedelta(days=1) == month.later(1).first
    assert read_month(str(month)) == month


# --- the same again -------------------------------------------------------------------------------


def test_one_reading_serves_all_counties_and_tells_each_the_same(
    may: Bulletin, may_folder: Path
) -> None:
    """Read for one county or for seven, a county's bulletin is the same value."""
    told = {one.county.code: one for one in all_made(open_survey(may_folder))}
    assert told[MEDOG.code] == may
    assert told.keys() == COUNTIES.keys()


def test_a_card_that_comes_in_changes_what_is_told(changed: Survey) -> None:
    """The same arguments after the survey changed: another bulletin."""
    before = made(changed)
    with changed.writing() as session:
        session.add(
            Deployment(
                deployment_id="A-2",
                location_id="A",
                deployment_start=in_linzhi(2026, 5, 1),
                deployment_end=in_linzhi(2026, 5, 2),
            )
        )
    after = made(changed)
    assert after.cameras.cards_waiting == before.cameras.cards_waiting + 1
    assert replace(after, cameras=before.cameras, advice=before.advice) == before
