"""The database of invaders: who is one and since when, what was seen, what the table tells."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from namcha.application import app
from species_db.identity import taxon_id
from species_db.invasive.effort import SearchSettings, search_effort
from species_db.invasive.listing import invasive_status
from species_db.invasive.overview import invasive_overview, invasive_taxon
from species_db.invasive.picture import InvasiveMap, invasive_map
from species_db.invasive.sightings import sightings, summarise
from species_db.lists import read_status_index
from species_db.lists.seeding import seed_lists
from species_db.sensitivity import set_rule, taxon_subject
from species_db.survey import Survey
from species_db.tables import CameraDay, ListEntry, ListVersion, Taxon
from species_db.vocabulary import DayState, FieldProtocol, ListOrigin, Sensitivity, StatusKind
from tests.factories import NINE, make_deployment, make_event, make_human_review, make_taxon
from tests.invaded import (
    TODAY,
    WEED,
    draft,
    make_plot,
    make_visit,
    make_weed,
    treated_survey,
)

MYNA = "Acridotheres tristis"


@pytest.fixture
def listed(survey: Survey) -> Survey:
    """A survey with the lists that ship, and three plots in a row."""
    with survey.writing() as session:
        seed_lists(session, survey.folder)
        for number in (1, 2, 3):
            make_plot(session, number)
    return survey


def weed_of(session: Session) -> Taxon:
    """The weed of the shipped lists."""
    return session.get_one(Taxon, taxon_id(WEED))


def list_locally(session: Session, taxon: Taxon, since: date, *, doubt: str = "") -> None:
    """Put a taxon on a list of the prefecture's own."""
    session.add(
        ListVersion(
            list_version_id="linzhi-1",
            list_id="linzhi",
            kind=StatusKind.LOCAL_INVASIVE.value,
            title_zh="林芝市外来入侵物种名录",
            title_en="Linzhi list",
            version="1",
            region="CN-54-04",
            effective_from=since,
            origin=ListOrigin.PUBLISHED.value,
            entry_count=1,
            content_sha256="",
            entered_at=NINE,
        )
    )
    session.flush()
    session.add(
        ListEntry(
            list_version_id="linzhi-1",
            entry_no=1,
            taxon_id=taxon.taxon_id,
            scientific_name=taxon.scientific_name,
            category="1",
            doubt=doubt,
        )
    )
    session.flush()


def test_a_species_is_an_invader_from_the_day_it_is_listed(survey: Survey) -> None:
    """On Linzhi's list only from a date on: before it it is none, from it on it is, with doubt."""
    with survey.writing() as session:
        taxon = make_weed(session, "Impatiens nova", "新凤仙")
        list_locally(session, taxon, date(2026, 3, 1), doubt="not read in the text")
    with survey.reading() as session:
        index = read_status_index(session)
        before = invasive_status(index, taxon.taxon_id, date(2026, 2, 28))
        since = invasive_status(index, taxon.taxon_id, date(2026, 3, 1))
    assert (before.is_invasive, since.is_invasive) == (False, True)
    assert since.doubts == ("not read in the text",)
    assert since.facts[0].kind is StatusKind.LOCAL_INVASIVE


def test_status_is_told_as_of_the_record_and_as_of_today(survey: Survey) -> None:
    """A record older than the list is shown as of both days, and both answers stand."""
    with survey.writing() as session:
        taxon = make_weed(session)
        list_locally(session, taxon, date(2026, 3, 1))
        make_plot(session, 1)
        make_visit(session, taxon, "LZ-001", date(2025, 8, 1))
    with survey.reading() as session:
        (row,) = invasive_overview(session, TODAY).invasive
        earlier = invasive_overview(session, date(2025, 12, 31))
    assert row.status.is_invasive
    assert row.status_then is not None
    assert not row.status_then.is_invasive
    assert earlier.invasive == ()


def test_shipped_lists_part_invaders_from_introduced_names(listed: Survey) -> None:
    """A weed of the national lists is an invader; a fish that GRIIS alone names is introduced."""
    with listed.writing() as session:
        make_visit(session, weed_of(session), "LZ-001", date(2026, 6, 1))
        griis = session.exec(
            select(ListEntry.taxon_id)
            .join(ListVersion)
            .where(ListVersion.kind == StatusKind.INTRODUCED.value)
        ).all()
        index = read_status_index(session)
        only = next(one for one in griis if one and not index.status_of(one, TODAY).is_invasive)
        make_visit(session, session.get_one(Taxon, only), "LZ-002", date(2026, 6, 1))
    with listed.reading() as session:
        told = invasive_overview(session, TODAY)
    assert [row.taxon.scientific_name for row in told.invasive] == [WEED]
    assert [row.taxon.taxon_id for row in told.introduced] == [only]
    kinds = {fact.kind for fact in told.invasive[0].status.facts}
    assert kinds == {StatusKind.KEY_INVASIVE, StatusKind.INVASIVE_BATCH}
    assert told.listed_unseen > 80


def fill(session: Session, taxon: Taxon) -> None:
    """Four records on two plots and one search in vain."""
    make_visit(
        session,
        taxon,
        "LZ-001",
        date(2024, 7, 1),
        infestation_area_m2=100.0,
        abundance_class="patches",
        reproductive_condition="flowering",
        pathway="roadside",
        establishment_means="introduced",
        degree_of_establishment="established",
    )
    make_visit(session, taxon, "LZ-001", date(2025, 7, 3), infestation_area_m2=60.0)
    make_visit(session, taxon, "LZ-001", date(2025, 7, 3), infestation_area_m2=5.0)
    make_visit(
        session,
        taxon,
        "LZ-002",
        date(2025, 7, 4),
        organism_quantity="40",
        organism_quantity_type="m2",
        reproductive_condition="flowering",
        protocol=FieldProtocol.INCIDENTAL.value,
    )
    make_visit(
        session,
        taxon,
        "LZ-003",
        date(2025, 7, 5),
        occurrence_status="absent",
        effort_value=100.0,
        effort_unit="m2",
    )


def test_sightings_tell_what_was_noted(listed: Survey) -> None:
    """Area, abundance, phenology by month, pathway, establishment; absences with their effort."""
    with listed.writing() as session:
        fill(session, weed_of(session))
    with listed.reading() as session:
        found = sightings(session, [taxon_id(WEED)], include_absent=True)
        year = sightings(session, [taxon_id(WEED)], period=(date(2025, 7, 4), date(2025, 12, 31)))
    told = summarise(found)
    assert (told.records, told.absences, told.unconfirmed) == (4, 1, 0)
    assert (told.first_on, told.last_on) == (date(2024, 7, 1), date(2025, 7, 4))
    assert [(one.where, one.on) for one in told.by_plot] == [
        ("LZ-001", date(2024, 7, 1)),
        ("LZ-002", date(2025, 7, 4)),
    ]
    assert [one.where for one in told.by_county] == ["540402"]
    assert (told.area_m2, told.areas) == (105.0, 2)  # 60 and 5 beside each other, and 40
    assert told.phenology == {"flowering": (0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0)}
    assert told.abundance == {"patches": 1} and told.pathways == {"roadside": 1}
    assert told.degrees == {"established": 1}
    assert told.cells == 2
    assert [one.effort for one in found if not one.is_present] == ["100 m2"]
    assert len(year) == 1 and all(one.is_of_plot and one.place for one in year)


def test_a_search_in_vain_after_control_leaves_no_area(listed: Survey) -> None:
    """The last word on a plot's stand may be that nothing is left."""
    with listed.writing() as session:
        fill(session, weed_of(session))
        make_visit(
            session, weed_of(session), "LZ-001", date(2026, 7, 1), occurrence_status="absent"
        )
    with listed.reading() as session:
        told = summarise(sightings(session, [taxon_id(WEED)], include_absent=True))
    assert told.area_m2 == 40.0


def test_what_counts_as_a_search(listed: Survey) -> None:
    """Quadrats for any plant search for the weed; a record in passing and one of a fish do not."""
    with listed.writing() as session:
        weed = weed_of(session)
        other = session.get_one(Taxon, taxon_id("Galinsoga parviflora"))
        make_visit(session, other, "LZ-001", date(2024, 7, 1))
        make_visit(session, weed, "LZ-002", date(2024, 7, 1), protocol="incidental")
        fish = session.exec(select(Taxon).where(Taxon.kingdom == "Animalia")).first()
        assert fish is not None
        make_visit(session, fish, "LZ-003", date(2024, 7, 1))
        make_visit(
            session, weed, "LZ-003", date(2025, 7, 1), protocol="photo", occurrence_status="absent"
        )
    with listed.reading() as session:
        effort = search_effort(session, weed_of(session))
    assert {year: len(cells) for year, cells in effort.cells.items()} == {2024: 1, 2025: 1}
    assert effort.visits == {2024: {"quadrat": 1}, 2025: {"photo": 1}}
    assert effort.camera_days == {}


def test_cameras_search_for_birds_when_they_worked(survey: Survey) -> None:
    """Thirty working days make a search; lost days, by a person's word too, do not count."""
    with survey.writing() as session:
        myna = make_taxon(session, MYNA, "家八哥")
        myna.class_name = "Aves"
        session.add(myna)
        make_deployment(session)
        for number in range(31):
            day = date.fromordinal(date(2026, 5, 1).toordinal() + number).isoformat()
            values = {"deployment_id": "MT-01-2026", "day": day, "stated_at": NINE}
            session.add(CameraDay(method="machine", state=DayState.WORKING.value, **values))
            if number < 2:
                session.add(CameraDay(method="human", state=DayState.DEAD.value, **values))
    with survey.reading() as session:
        bird = session.get_one(Taxon, taxon_id(MYNA))
        assert search_effort(session, bird).cells == {}
        told = search_effort(session, bird, settings=SearchSettings(fewest_camera_days=29))
    assert told.camera_days == {2026: 29}


def test_a_camera_event_is_a_sighting(survey: Survey) -> None:
    """A reviewed event of a bird stands beside field records, with count, plot and county."""
    with survey.writing() as session:
        myna = make_taxon(session, MYNA, "家八哥")
        event = make_event(session, start=datetime(2026, 5, 1, 20, 0, tzinfo=UTC))
    make_human_review(survey, event, taxon=myna, count=3)
    with survey.reading() as session:
        (one,) = sightings(session, [myna.taxon_id])
    assert (one.on, one.count, one.plot_id, one.county) == (
        date(2026, 5, 2),  # the local day
        3,
        "LZ-041",
        "540423",
    )
    assert one.is_confirmed and one.place is not None and not one.is_of_plot


def test_the_table_tells_actions_that_nobody_went_back_to(survey: Survey) -> None:
    """Four actions were followed up; a fifth, after the last visit, was not."""
    from species_db.invasive.control import record_control

    taxon, actions = treated_survey(survey)
    with survey.writing() as session:
        list_locally(session, session.get_one(Taxon, taxon), date(2020, 1, 1))
        for action in actions:
            weed = session.get_one(Taxon, taxon)
            make_visit(session, weed, None, date(2025, 10, 1), control_id=action)
    late = draft(taxon, started_on=date(2026, 5, 1))
    record_control(survey, late, person="Tashi", today=TODAY)
    with survey.reading() as session:
        (row,) = invasive_overview(session, TODAY).invasive
    assert (row.actions, row.actions_without_visit) == (5, 1)


def test_the_spread_of_a_survey_has_its_effort(survey: Survey) -> None:
    """The front moves from plot to plot; the year in which nobody searched is not known."""
    with survey.writing() as session:
        weed = make_weed(session)
        for number in range(1, 6):
            make_plot(session, number)  # five kilometres apart
        for year, reach in ((2022, 1), (2023, 2), (2025, 4), (2026, 5)):
            for number in range(1, 6):
                status = "present" if number <= reach else "absent"
                plot = f"LZ-{number:03d}"
                make_visit(session, weed, plot, date(year, 7, 1), occurrence_status=status)
    with survey.reading() as session:
        told = invasive_taxon(session, weed.taxon_id, TODAY).spread
    years = {one.year: one for one in told.years}
    assert [one.searched_cells for one in told.years] == [5, 5, 0, 5, 5]
    assert years[2024].new_cells is None and not years[2024].is_known
    assert [years[y].front_km for y in (2022, 2023, 2025, 2026)] == pytest.approx(
        [0, 5, 15, 20], abs=0.2
    )
    assert years[2025].new_after_empty == 2
    assert told.front_rate.km_a_year == pytest.approx(5.0, rel=0.02)
    assert told.share_change is not None
    assert told.share_change.change == pytest.approx(0.8)
    assert told.trend == "up"


def test_the_map_draws_what_the_gate_releases(listed: Survey) -> None:
    """Squares follow from released points; a plot that is withheld is counted, and not drawn."""
    with listed.writing() as session:
        weed = weed_of(session)
        for number in (1, 2, 3):
            make_visit(session, weed, f"LZ-{number:03d}", date(2026, 6, 1))

    def drawn() -> InvasiveMap:
        with listed.reading() as session:
            rows = invasive_overview(session, TODAY).invasive
            return invasive_map(session, listed.settings, rows, title="t", year=2026)

    before = drawn()
    assert before.withheld == 0 and "1 records, 2026 to 2026" in before.svg
    assert "29.24" not in before.svg and "94.36" not in before.svg
    subject = taxon_subject(taxon_id(WEED))
    set_rule(listed, subject, Sensitivity.EXTREME, reason="a test", person="Tashi")
    after = drawn()
    assert after.withheld == 3 and "records, 2026" not in after.svg


def run(survey: Survey, *arguments: str) -> str:
    """What a command prints."""
    told = CliRunner().invoke(app, [*arguments, "--survey", str(survey.folder)])
    assert told.exit_code == 0, told.output
    return told.output


def test_the_commands_tell_it(listed: Survey) -> None:
    """List, show and spread print for people and for scripts."""
    with listed.writing() as session:
        fill(session, weed_of(session))
    assert "Invaders with records by" in run(listed, "invasive", "list")
    plain = json.loads(run(listed, "invasive", "list", "--json", "--on", "2026-11-01"))
    assert [one["scientific_name"] for one in plain["invasive"]] == [WEED]
    assert plain["invasive"][0]["infestation_area_m2"] == 105.0
    shown = run(listed, "invasive", "show", "紫茎泽兰")
    assert "4 records, 1 searches in vain" in shown and "Crofton weed" in shown
    spread = run(listed, "invasive", "spread", WEED)
    assert "Naive" in spread and "2024" in spread


def test_an_action_is_entered_listed_and_judged_by_commands(listed: Survey) -> None:
    """What 'control add' keeps, 'control list' and 'effect' find again."""
    with listed.writing() as session:
        fill(session, weed_of(session))
    told = run(
        listed, "invasive", "control", "add", "紫茎泽兰", "--method", "manual", "--plot", "LZ-001",
        "--start", "2025-01-10", "--led-by", "Tashi", "--removed", "40 kg", "--area-m2", "100",
    )  # fmt: skip
    control_id = told.split()[-1].rstrip(".")
    plain = json.loads(run(listed, "invasive", "control", "list", "--json"))
    assert [(one["where"], one["removed"], one["visits"]) for one in plain] == [
        ("LZ-001", "40 kg", 1)
    ]
    effect = run(listed, "invasive", "effect", control_id[:13])
    assert "too few plots for an interval: 1 treated" in effect
    assert "2025-07-03, 174 days after: 60 m²; 60% left" in effect


def test_an_unknown_name_is_answered_with_the_nearest(listed: Survey) -> None:
    """A slip in a name is told, not guessed."""
    told = CliRunner().invoke(app, ["invasive", "show", "紫茎泽蓝", "--survey", str(listed.folder)])
    assert told.exit_code != 0
    assert "紫茎泽兰" in told.output
