"""One rule for all of the database of invaders: what searched, what counts to a taxon, and when."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from namcha.application import app
from species_db.identity import taxon_id
from species_db.invasive.control import record_control
from species_db.invasive.effort import search_effort
from species_db.invasive.overview import invasive_overview, invasive_taxon
from species_db.invasive.spread import SeenPlace, spread_by_year
from species_db.invasive.suitability_places import read_suitability
from species_db.invasive.words import rate_words, visits_words
from species_db.language import speaking
from species_db.lists.seeding import seed_lists
from species_db.survey import Survey
from species_db.tables import Taxon
from tests.invaded import TODAY, WEED, draft, make_plot, make_visit, make_weed

BEFORE_HARVEST = date(2026, 6, 30)


@pytest.fixture
def listed(survey: Survey) -> Survey:
    """A survey with the lists that ship, and six plots in a row."""
    with survey.writing() as session:
        seed_lists(session, survey.folder)
        for number in range(1, 7):
            make_plot(session, number)
    return survey


def weed_of(session: Session) -> Taxon:
    """The weed of the shipped lists."""
    return session.get_one(Taxon, taxon_id(WEED))


def variety_of(session: Session) -> Taxon:
    """A variety of the weed, which no list names."""
    taxon = make_weed(session, f"{WEED} var. nova", "")
    taxon.taxon_rank = "variety"
    session.add(taxon)
    session.flush()
    return taxon


@pytest.mark.parametrize(
    ("taxon", "values", "is_search"),
    [
        ("weed", {}, True),
        ("weed", {"protocol": "transect", "occurrence_status": "absent"}, True),
        ("weed", {"protocol": "photo"}, False),
        ("weed", {"protocol": "photo", "occurrence_status": "absent"}, True),
        ("variety", {"protocol": "incidental", "occurrence_status": "absent"}, True),
        ("other", {"protocol": "incidental", "occurrence_status": "absent"}, False),
        ("other", {"protocol": "edna"}, True),
        ("fish", {}, False),
    ],
)
def test_spread_and_suitability_agree_on_what_searched(
    listed: Survey, taxon: str, values: dict[str, object], is_search: bool
) -> None:
    """A visit that makes a cell searched makes its plot surveyed, and no other does."""
    with listed.writing() as session:
        taxa = {
            "weed": weed_of(session),
            "variety": variety_of(session),
            "other": make_weed(session, "Quercus nova", ""),
            "fish": make_weed(session, "Piscis novus", ""),
        }
        taxa["fish"].kingdom, taxa["fish"].class_name = "Animalia", "Actinopterygii"
        session.flush()
        make_visit(session, taxa[taxon], "LZ-001", date(2026, 6, 1), **values)
    with listed.reading() as session:
        effort = invasive_taxon(session, taxon_id(WEED), TODAY).effort
        told = read_suitability(session, weed_of(session))
    assert bool(effort.cells) is is_search
    assert told.surveyed == int(is_search)


def test_a_visit_counts_once_however_many_lines(listed: Survey) -> None:
    """Three taxa noted on one quadrat are one visit; quadrats and transects are never added up."""
    with listed.writing() as session:
        for name in ("Quercus una", "Quercus altera", "Quercus tertia"):
            make_visit(session, make_weed(session, name, ""), "LZ-001", date(2026, 6, 1))
        make_visit(session, weed_of(session), "LZ-001", date(2026, 6, 1), protocol="transect")
    with listed.reading() as session:
        effort = search_effort(session, weed_of(session))
    assert effort.visits == {2026: {"quadrat": 1, "transect": 1}}
    assert visits_words(effort.visits[2026], 0) == "quadrat 1 · transect 1"
    with speaking("zh"):
        assert visits_words(effort.visits[2026], 9) == "样方 1 · 样线 1 · 相机日 9"


def test_a_variety_counts_to_its_species_everywhere(listed: Survey) -> None:
    """Records of a variety are in its listed species' row, spread, envelope and control."""
    with listed.writing() as session:
        variety = variety_of(session)
        for number in range(1, 7):
            make_visit(session, variety, f"LZ-{number:03d}", date(2026, 6, 1))
        weed = weed_of(session).taxon_id
    told = draft(weed, started_on=date(2026, 3, 1))
    record_control(listed, told, person="Tashi", today=TODAY)
    with listed.reading() as session:
        (row,) = invasive_overview(session, TODAY).invasive
        suited = read_suitability(session, weed_of(session))
    assert (row.taxon.scientific_name, row.summary.records) == (WEED, 6)
    assert row.spread.years[0].new_plots == 6
    assert suited.found == 6
    assert (row.actions, row.actions_without_visit) == (1, 0)


def test_a_genus_is_no_record_of_its_species(listed: Survey) -> None:
    """What was only told to the genus is not of the species, and no invader by itself."""
    with listed.writing() as session:
        genus = session.get(Taxon, taxon_id("Ageratina"))
        if genus is None:
            genus = make_weed(session, "Ageratina", "")
        genus.taxon_rank = "genus"
        session.add(genus)
        make_visit(session, genus, "LZ-001", date(2026, 6, 1))
    with listed.reading() as session:
        assert invasive_overview(session, TODAY).invasive == ()
        assert invasive_taxon(session, taxon_id(WEED), TODAY).summary.records == 0


def test_a_past_day_knows_nothing_of_later_work(listed: Survey) -> None:
    """As of June, searches of July and actions of August are not there yet."""
    with listed.writing() as session:
        weed = weed_of(session)
        make_visit(session, weed, "LZ-001", date(2026, 6, 1))
        make_visit(session, weed, "LZ-006", date(2026, 7, 5), occurrence_status="absent")
        taxon = weed.taxon_id
    action = draft(taxon, started_on=date(2026, 8, 1))
    record_control(listed, action, person="Tashi", today=TODAY)
    with listed.reading() as session:
        june = invasive_taxon(session, taxon, BEFORE_HARVEST)
        now = invasive_taxon(session, taxon, TODAY)
    assert [year.searched_cells for year in june.spread.years] == [1]
    assert (june.summary.absences, june.actions, len(june.effort.nodes[2026])) == (0, 0, 1)
    assert [year.searched_cells for year in now.spread.years] == [2]
    assert (now.summary.absences, now.actions) == (1, 1)


def test_the_year_turns_at_local_midnight(listed: Survey) -> None:
    """A record of 00:30 on New Year's Day in Linzhi is of the new year, sighting and search."""
    half_past = datetime(2025, 12, 31, 16, 30, tzinfo=UTC)
    with listed.writing() as session:
        record = make_visit(session, weed_of(session), "LZ-001", date(2026, 1, 1))
        record.event_start = half_past
        session.add(record)
    with listed.reading() as session:
        told = invasive_taxon(session, taxon_id(WEED), TODAY)
    assert told.summary.last_on == date(2026, 1, 1)
    assert [(one.year, one.searched_cells, one.records) for one in told.spread.years] == [
        (2026, 1, 1)
    ]


def test_a_listed_species_searched_in_vain_is_without_a_record(listed: Survey) -> None:
    """Absences, and records after the day, leave it among those listed without a record."""
    with listed.reading() as session:
        before = invasive_overview(session, TODAY).listed_unseen
    with listed.writing() as session:
        make_visit(
            session, weed_of(session), "LZ-001", date(2026, 6, 1), occurrence_status="absent"
        )
    with listed.reading() as session:
        told = invasive_overview(session, TODAY)
    assert (told.invasive, told.listed_unseen) == ((), before)


def test_a_front_that_never_moved_has_no_sure_rate() -> None:
    """Years on one line exactly have no scatter: nought is told, and no interval of nought."""
    place = (8000.0, 0.0)
    seen = [SeenPlace(2022, (0.0, 0.0), (0, 0)), SeenPlace(2022, place, (4, 0))]
    searched = {year: {(0, 0), (4, 0), (9, 0)} for year in (2022, 2023, 2024)}
    rate = spread_by_year(seen, searched).front_rate
    assert (rate.km_a_year, rate.low, rate.high, rate.years) == (0.0, None, None, 3)
    assert "0.00 km a year, 3 years; no interval" in rate_words(rate)
    with speaking("zh"):
        assert "无法给出区间" in rate_words(rate)


def run(survey: Survey, *arguments: str, code: int = 0) -> str:
    """What a command prints."""
    told = CliRunner().invoke(app, [*arguments, "--survey", str(survey.folder)])
    assert told.exit_code == code, told.output
    return told.output


def test_the_envelope_is_told_by_a_command(listed: Survey) -> None:
    """Share, interval and class of each stratum print for people and for scripts."""
    assert "nothing was surveyed" in run(listed, "invasive", "suitability", WEED)
    with listed.writing() as session:
        for number in range(1, 7):
            status = "present" if number < 5 else "absent"
            plot = f"LZ-{number:03d}"
            make_visit(session, weed_of(session), plot, date(2026, 6, 1), occurrence_status=status)
    shown = run(listed, "invasive", "suitability", "紫茎泽兰")
    assert "4 / 6" in shown and "suitable" in shown and "Wilson" in shown
    plain = json.loads(run(listed, "invasive", "suitability", WEED, "--json"))
    (stratum,) = plain["strata"]
    assert (stratum["county"], stratum["elevation_m"], stratum["habitat"]) == (
        "540402",
        [2500, 3000],
        "forest",
    )
    assert stratum["interval"] == pytest.approx([0.30, 0.90], abs=0.01)
    assert "29." not in json.dumps(plain) and "94." not in json.dumps(plain)


def test_the_effort_stands_beside_the_spread(listed: Survey) -> None:
    """The year table of the command tells visits by method."""
    with listed.writing() as session:
        make_visit(session, weed_of(session), "LZ-001", date(2026, 6, 1))
    plain = json.loads(run(listed, "invasive", "spread", WEED, "--json"))
    assert plain["effort"]["visits"] == {"2026": {"quadrat": 1}}
    assert "None to None" not in run(listed, "invasive", "show", "Galinsoga parviflora")
