"""The page of a taxon: every count beside its effort, every status with its day."""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlmodel import Session, select

from species_db.analysis.effort import EffortMethod, WorkingPeriod, daily_effort
from species_db.analysis.rai import abundance_index
from species_db.occurrences import read_occurrences
from species_db.secrecy.marks import SubjectKind, mark_secrecy
from species_db.survey import Survey
from species_db.tables import Alert, CameraDay, Media, Observation, Taxon
from species_db.vocabulary import Secrecy
from species_db.wildlife import UnknownTaxonError, as_plain, read_shared, taxon_page
from species_db.wildlife.camera_effort import read_effort
from species_db.wildlife.overview import Trend, WildlifeRow, _intervals, _seen, wildlife_list
from species_db.wildlife.parts import Slice, TaxonPage
from species_db.wildlife.release import released_page
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import read_camera_records
from species_db.wildlife.tally import status_tally
from tests.factories import make_machine_observation, make_media
from tests.wildlife_scene import (
    DOG,
    GOLDEN_CAT,
    MUNTJAC,
    START,
    at,
    deploy,
    guess,
    list_version,
    make_animal,
    make_day,
    make_places,
    note,
    see,
)

TODAY = date(2026, 11, 22)


@pytest.fixture
def scene(survey: Survey) -> Survey:
    """Three stations of a hundred days; the golden cat is of class I from 2021-02-01."""
    make_places(survey)
    with survey.writing() as session:
        cat = make_animal(session, GOLDEN_CAT, "金猫", genus="Catopuma")
        make_animal(session, MUNTJAC, "赤麂", family="Cervidae", order_name="Artiodactyla")
        make_animal(session, DOG, "家犬", rank="subspecies", family="Canidae")
        entry = {
            "taxon_id": cat.taxon_id,
            "scientific_name": "Pardofelis temminckii",
            "vernacular_zh": "金猫",
            "category": "I",
            "doubt": "one copy read",
        }
        list_version(session, "cn-protected-animals-2021", [entry])
        old = entry | {"category": "II", "doubt": ""}
        list_version(
            session,
            "cn-protected-animals-1989",
            [old],
            effective_from=date(1989, 1, 14),
            effective_to=date(2021, 1, 31),
            is_partial=True,
        )
    return survey


def taxon(survey: Survey, name: str) -> Taxon:
    """A taxon of the scene."""
    from species_db import identity

    with survey.reading() as session:
        return session.get_one(Taxon, identity.taxon_id(name))


def page_of(survey: Survey, name: str = GOLDEN_CAT, **values: object) -> TaxonPage:
    """The page as of 2026-11-22."""
    with survey.reading() as session:
        return taxon_page(session, name, **({"on": TODAY} | values))  # type: ignore[arg-type]


def slice_of(slices: tuple[Slice, ...], key: str) -> Slice:
    """The slice of one key."""
    return next(one for one in slices if one.key == key)


def test_each_count_stands_beside_its_camera_days(scene: Survey) -> None:
    """Two visits in Medog over 200 camera-days are an index of 1; Zayu has 100 days and none."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(5), cat)
    see(scene, "B", at(40), cat)
    counts = page_of(scene).counts
    assert (counts.total.camera.events, counts.total.camera.camera_days) == (2, 300.0)
    medog = slice_of(counts.by_county, "540423").camera
    assert (medog.events, medog.camera_days, medog.index) == (2, 200.0, 1.0)
    zayu = slice_of(counts.by_county, "540425").camera
    assert (zayu.events, zayu.camera_days, zayu.index) == (0, 100.0, 0.0)
    assert {one.key: one.camera.events for one in counts.by_plot} == {"P1": 2, "P2": 0}
    assert {one.key: one.camera.events for one in counts.by_band} == {
        "1000": 1,
        "1500": 1,
        "2500": 0,
    }
    assert {one.key: one.camera.events for one in counts.by_ecosystem} == {
        "forest": 2,
        "shrubland": 0,
    }
    assert slice_of(counts.by_habitat, "oak forest").camera.camera_days == 300.0


def test_years_and_months_are_of_the_local_date(scene: Survey) -> None:
    """An event at 00:30 in Linzhi, still the day before in UTC, counts in the new month."""
    see(scene, "A", at(31, 30), taxon(scene, GOLDEN_CAT))
    counts = page_of(scene).counts
    assert [one.key for one in counts.by_year] == ["2021"]
    months = {one.key: (one.camera.events, one.camera.camera_days) for one in counts.by_month}
    assert months == {"01": (0, 93.0), "02": (1, 84.0), "03": (0, 93.0), "04": (0, 30.0)}


def test_records_within_half_an_hour_are_one_visit(scene: Survey) -> None:
    """At 0, 20 and 40 minutes a lingering animal makes two visits; another station its own."""
    cat = taxon(scene, GOLDEN_CAT)
    for minutes in (0, 20, 40):
        see(scene, "A", at(5, minutes), cat)
    see(scene, "B", at(5, 1), cat)
    page = page_of(scene)
    assert page.counts.total.camera.events == 3
    assert page.review.confirmed == 4
    assert (page.method.interval_minutes, page.method.independence_rule) == (30, "last-independent")


def test_days_that_nobody_knows_to_have_worked_are_no_effort(scene: Survey) -> None:
    """A station of unknown days has no index, and its record is counted apart, not over zero."""
    with scene.writing() as session:
        for row in session.exec(select(CameraDay).where(CameraDay.deployment_id == "C-1")):
            row.state = "unknown"
            session.add(row)
    see(scene, "C", at(5), taxon(scene, GOLDEN_CAT))
    counts = page_of(scene).counts
    zayu = slice_of(counts.by_county, "540425").camera
    assert (zayu.events, zayu.events_without_effort) == (1, 1)
    assert (zayu.camera_days, zayu.index, zayu.low, zayu.high) == (None, None, None, None)
    assert counts.total.camera.camera_days == 200.0


def test_a_machine_s_word_is_counted_apart(scene: Survey) -> None:
    """Unreviewed answers are neither in the count nor in the index, and wait by name."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(5), cat, person="Drolma")
    guess(scene, "A", at(9), cat)
    guess(scene, "B", at(3), cat)
    page = page_of(scene)
    assert (page.counts.total.camera.events, page.counts.total.camera.machine_events) == (1, 2)
    assert (page.review.confirmed, page.review.awaiting) == (1, 2)
    assert page.review.by_person == {"Drolma": 1}
    assert page.review.oldest_awaiting_on == date(2021, 1, 4)
    assert page.reach.distribution.places == 1


def test_an_undated_record_is_told_and_in_no_index(scene: Survey) -> None:
    """Without a time an event is confirmed, and in no visit, year or first record."""
    see(scene, "A", None, taxon(scene, GOLDEN_CAT))
    page = page_of(scene)
    assert (page.undated, page.review.confirmed, page.counts.total.camera.events) == (1, 1, 0)
    assert page.first is None and page.last is None


def test_the_level_is_that_of_each_record_s_own_day(scene: Survey) -> None:
    """The golden cat of January 2021 is of class II, that of February of class I; today I."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(30, 23 * 60), cat)  # 2021-01-31, 23:00
    see(scene, "A", at(31, 5), cat)  # 2021-02-01, 00:05
    with scene.writing() as session:
        note(session, cat, at(60))
    page = page_of(scene)
    assert page.legal.level == "I"
    told = [(one.level, one.records, one.first_on) for one in page.legal.records_by_level]
    assert told == [("I", 2, date(2021, 2, 1)), ("II", 1, date(2021, 1, 31))]
    assert page_of(scene, on=date(2020, 6, 1)).legal.level == "II"


def test_the_history_has_sources_and_doubts(scene: Survey) -> None:
    """Both versions are told with their days; the one in force carries its doubt."""
    old, new = page_of(scene).legal.lines
    assert (old.category, old.effective_to, old.is_in_force) == ("II", date(2021, 1, 31), False)
    assert (new.category, new.is_in_force) == ("I", True)
    assert "one copy read" in new.doubt
    assert new.listed_as == "Pardofelis temminckii" and new.source


def test_a_genus_holds_its_species(scene: Survey) -> None:
    """The page of a genus counts its species by species, and names them."""
    with scene.writing() as session:
        make_animal(session, "Catopuma", "金猫属", rank="genus", genus="")
        make_animal(session, "Catopuma badia", "婆罗洲金猫", genus="Catopuma")
    see(scene, "A", at(5), taxon(scene, GOLDEN_CAT))
    see(scene, "A", at(5, 10), taxon(scene, "Catopuma badia"))
    page = page_of(scene, "Catopuma")
    assert page.counts.total.camera.events == 2
    assert [(one.scientific_name, one.records) for one in page.members] == [
        ("Catopuma", 0),
        ("Catopuma badia", 1),
        (GOLDEN_CAT, 1),
    ]


def test_field_efforts_stay_by_protocol_and_count_once_a_visit(scene: Survey) -> None:
    """Two taxa of one transect share its 500 m; eDNA is told by itself, in litres."""
    cat, muntjac = taxon(scene, GOLDEN_CAT), taxon(scene, MUNTJAC)
    transect = {"effort_value": 500.0, "effort_unit": "m"}
    with scene.writing() as session:
        note(session, cat, at(10), **transect)
        note(session, muntjac, at(10), **transect)
        note(session, cat, at(20), **transect, occurrence_status="absent")
        note(session, muntjac, at(20))
        note(session, cat, at(30), protocol="edna", effort_value=2.0, effort_unit="litre")
    edna, transects = page_of(scene).counts.total.field
    assert (edna.protocol, edna.records, edna.efforts[0].unit) == ("edna", 1, "litre")
    assert (transects.records, transects.absences, transects.visits) == (1, 1, 3)
    assert [(one.value, one.unit) for one in transects.efforts] == [(1000.0, "m")]
    assert transects.visits_without_effort == 1


def test_what_was_met_near_the_animal_is_told_as_threat(scene: Survey) -> None:
    """A dog five days after at the same camera is near, one far in time is not; snares as noted."""
    cat, dog = taxon(scene, GOLDEN_CAT), taxon(scene, DOG)
    see(scene, "A", at(10), cat)
    see(scene, "A", at(15), dog)
    see(scene, "A", at(60), dog)
    see(scene, "C", at(10), dog)  # where no cat was
    with scene.writing() as session:
        note(session, cat, at(12), threats='["snare"]')
        note(session, taxon(scene, MUNTJAC), at(13), threats='["snare", "dog"]')
    told = {(one.what, one.source): one for one in page_of(scene).threats}
    dogs = told["dog", "camera"]
    assert (dogs.near, dogs.at_its_places, dogs.places, dogs.of_places) == (1, 2, 1, 1)
    snares = told["snare", "field record"]
    assert (snares.near, snares.at_its_places, snares.last_on) == (1, 2, date(2021, 1, 14))
    assert told["dog", "field record"].near == 0


def test_the_team_at_its_own_camera_is_no_threat(scene: Survey) -> None:
    """People of a set-up event are the team; others at the station count."""
    see(scene, "A", at(10), taxon(scene, GOLDEN_CAT))
    for day in (11, 12):
        see(scene, "A", at(day), None, observation_type="human")  # type: ignore[arg-type]
    with scene.writing() as session:
        team = session.exec(
            select(Observation).where(Observation.observation_type == "human")
        ).first()
        assert team is not None
        team.camera_setup_type = "setup"
        session.add(team)
    (people,) = page_of(scene).threats
    assert (people.what, people.near) == ("people", 1)


def test_elevation_and_counties_beyond_the_known_are_flagged(scene: Survey) -> None:
    """Seen at 2,600 m in Zayu, where the checklist has it to 2,000 m in Medog: both are told."""
    cat = taxon(scene, GOLDEN_CAT)
    facts = {"elevation_min_m": "800", "elevation_max_m": "2000", "counties_or_area": "墨脱县"}
    with scene.writing() as session:
        list_version(
            session,
            "linzhi-checklist-2026",
            [
                {
                    "taxon_id": cat.taxon_id,
                    "scientific_name": GOLDEN_CAT,
                    "category": "native",
                    "facts": json.dumps(facts),
                }
            ],
            list_id="linzhi-checklist",
            kind="checklist",
            effective_from=date(2026, 1, 1),
        )
    see(scene, "A", at(5), cat)
    see(scene, "C", at(6), cat)
    reach = page_of(scene).reach
    lowest, highest = reach.elevation.lowest, reach.elevation.highest
    assert lowest is not None and highest is not None
    assert (lowest.metres, lowest.source, highest.metres) == (1200.0, "station", 2600.0)
    assert [one.county for one in reach.elevation.above] == ["540425"]
    assert reach.elevation.below == ()
    assert [(one.county, one.first.on) for one in reach.new_counties] == [
        ("540425", date(2021, 1, 7))
    ]


def test_first_and_last_record_name_their_evidence(scene: Survey) -> None:
    """The first is an event of a camera, the last a field record, each with day and county."""
    cat = taxon(scene, GOLDEN_CAT)
    event = see(scene, "B", at(5), cat)
    see(scene, "A", at(8), cat)
    with scene.writing() as session:
        record = note(session, cat, at(90))
    page = page_of(scene)
    assert page.first is not None and page.last is not None
    assert (page.first.record_id, page.first.on) == (event.event_id, date(2021, 1, 6))
    assert (page.last.record_id, page.last.protocol) == (record.field_record_id, "transect")


def test_photos_are_near_sharp_and_without_people(scene: Survey) -> None:
    """The biggest box comes first; an event with people on any photo shows none."""
    cat = taxon(scene, GOLDEN_CAT)
    far, near, peopled = (see(scene, "A", at(day), cat) for day in (1, 2, 3))
    with scene.writing() as session:
        for event, box in ((far, 0.1), (near, 0.6), (peopled, 0.9)):
            (media,) = session.exec(select(Media).where(Media.event_id == event.event_id))
            make_machine_observation(session, media, bbox=(0.0, 0.0, box, box))
        beside = make_media(session, deployment_id="A-1", event=peopled, is_restricted=True)
        assert beside.is_restricted
    assert [one.event_id for one in page_of(scene).photos] == [near.event_id, far.event_id]


def test_the_page_is_json_without_coordinates(scene: Survey) -> None:
    """What the call gives is plain JSON; no latitude or longitude of a station is in it."""
    see(scene, "A", at(5), taxon(scene, GOLDEN_CAT))
    told = json.dumps(as_plain(page_of(scene)), ensure_ascii=False)
    assert json.loads(told)["identity"]["names"]["zh"] == "金猫"
    assert "latitude" not in told and "29.3" not in told and "95.3" not in told


@pytest.mark.parametrize("name", ["金猫", "catopuma temminckii"])
def test_a_name_finds_the_taxon(scene: Survey, name: str) -> None:
    """Chinese and Latin names open the page; an unknown one offers what is near."""
    assert page_of(scene, name).identity.names.la == GOLDEN_CAT
    with pytest.raises(UnknownTaxonError, match="Catopuma temminckii"):
        page_of(scene, "Catopuma temincki")


def test_a_plant_has_no_camera_days(scene: Survey) -> None:
    """Cameras do not look for plants: their days are no effort for one."""
    with scene.writing() as session:
        plant = make_animal(session, "Magnolia rostrata", "长喙厚朴", kingdom="Plantae")
        note(session, plant, at(10), protocol="quadrat", effort_value=100.0, effort_unit="m2")
    counts = page_of(scene, "长喙厚朴").counts
    assert counts.total.camera.camera_days is None
    assert [(one.protocol, one.records) for one in counts.total.field] == [("quadrat", 1)]


def random_survey(session: Session, seed: int) -> list[WorkingPeriod]:
    """Deployments that follow each other, overlap and fail, as rows and as periods."""
    random = np.random.default_rng(seed)
    periods = []
    for number, (first, last) in enumerate([(0.3, 40.6), (40.7, 80.2), (60.5, 120.4)]):
        name = f"R-{number}"
        deploy(session, name, "A", first, last, state="working")
        start, end = at(first) + timedelta(hours=8), at(last) + timedelta(hours=8)
        days = [
            start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1)
        ]
        lost = {day for day in days if random.random() < 0.2}
        for day in lost:
            told = session.get_one(CameraDay, (name, day.isoformat(), "machine"))
            told.state = "blocked"
            session.add(told)
        stated = next(day for day in days if day not in lost)
        session.add(make_day(name, stated, "dead", method="human", person="Tashi"))
        periods.append(WorkingPeriod("A", start, end, frozenset(lost | {stated})))
    session.flush()
    return periods


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_camera_days_are_those_of_the_day_by_day_rule(survey: Survey, seed: int) -> None:
    """Counted by the database, effort equals the union of exact days, a person's word first."""
    from species_db.tables import CameraStation

    with survey.writing() as session:
        session.add(CameraStation(location_id="A", latitude=29.3, longitude=95.3))
        session.flush()
        periods = random_survey(session, seed)
    expected: dict[tuple[int, int], float] = {}
    for day in daily_effort(periods, method=EffortMethod.EXACT):
        month = (day.day.year, day.day.month)
        expected[month] = expected.get(month, 0.0) + day.effort
    with survey.reading() as session:
        told = read_effort(session).by_month["A"]
    assert told == pytest.approx(expected, abs=1e-5)


def test_back_to_back_deployments_share_the_day_of_change(survey: Survey) -> None:
    """Retrieved at noon and set up again at noon, the day is one camera-day."""
    from species_db.tables import CameraStation

    with survey.writing() as session:
        session.add(CameraStation(location_id="A", latitude=29.3, longitude=95.3))
        session.flush()
        deploy(session, "A-1", "A", 0, 10.5)
        deploy(session, "A-2", "A", 10.5, 20)
    with survey.reading() as session:
        assert read_effort(session).of_stations() == {"A": 20.0}


def test_every_event_has_its_level_then_and_today(scene: Survey) -> None:
    """The tally of all events by law agrees with the page: one of class II then, both I today."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(30, 23 * 60), cat)
    see(scene, "A", at(31, 5), cat)
    see(scene, "B", None, cat)
    see(scene, "C", at(50), taxon(scene, MUNTJAC))
    see(scene, "C", at(3), taxon(scene, MUNTJAC))
    with scene.reading() as session:
        told = status_tally(session, on=TODAY)
    assert dict(told.as_of_observation) == {"I": 1, "II": 1, "none": 1, "not known": 1}
    assert dict(told.as_of_day) == {"I": 3, "none": 2}
    assert told.undated == 1


def rows_of(survey: Survey, **values: object) -> dict[str, WildlifeRow]:
    """The list by Latin name."""
    with survey.reading() as session:
        return {one.scientific_name: one for one in wildlife_list(session, TODAY)}


def test_the_list_has_protected_taxa_first(scene: Survey) -> None:
    """One line a taxon: level, doubt, places, last day, machine's word apart, open alerts."""
    cat = taxon(scene, GOLDEN_CAT)
    for day in (3, 9):
        see(scene, "C", at(day), taxon(scene, MUNTJAC))
    see(scene, "A", at(5), cat)
    guess(scene, "B", at(7), cat)
    with scene.writing() as session:
        note(session, cat, at(50), plot_id=None, county="540426")
        for state in ("firm", "closed"):
            session.add(
                Alert(
                    alert_id=state,
                    rule_id="r",
                    rule_version_id="r1",
                    severity="high",
                    state=state,
                    record_kind="event",
                    record_id="x",
                    taxon_id=cat.taxon_id,
                    raised_at=START,
                )
            )
    rows = rows_of(scene)
    assert list(rows) == [GOLDEN_CAT, MUNTJAC]
    told = rows[GOLDEN_CAT]
    assert (told.level, told.doubt != "", told.events, told.field_records) == ("I", True, 1, 1)
    assert (told.machine_events, told.stations, told.alerts_open) == (1, 1, 1)
    assert told.counties == ("540423", "540426")
    assert told.last_on == date(2021, 2, 20)
    assert told.camera_days == 300.0
    assert (rows[MUNTJAC].level, rows[MUNTJAC].events) == ("none", 2)


def test_a_fall_over_two_years_is_hinted_at(survey: Survey) -> None:
    """Ten stations with ten events in one year and none in the next: down; too few: not known."""
    from species_db.tables import CameraStation

    with survey.writing() as session:
        cat = make_animal(session, GOLDEN_CAT, "金猫")
        for number in range(10):
            session.add(CameraStation(location_id=f"S{number}", latitude=29.3, longitude=95.3))
            session.flush()
            deploy(session, f"S{number}-1", f"S{number}", 300, 420)
    assert rows_of(survey) == {}
    for number in range(10):
        see(survey, f"S{number}", at(310 + number), cat)
    assert rows_of(survey)[GOLDEN_CAT].trend is Trend.DOWN


def test_the_trend_draws_as_the_index_does() -> None:
    """The interval for all taxa at once is that of the index of each."""
    from collections import Counter

    days = {"A": 50.0, "B": 80.0, "C": 20.0}
    events = [Counter({"A": 3, "B": 2, "C": 2}), Counter({"B": 2}), Counter()]
    for ends, counts in zip(_intervals(events, days).tolist(), events, strict=True):
        told = abundance_index(counts, days)
        expected = [float("nan") if end is None else end for end in (told.low, told.high)]
        assert ends == pytest.approx(expected, nan_ok=True)


def test_what_pages_share_is_read_once(scene: Survey) -> None:
    """A page drawn with what was read before is the same page."""
    see(scene, "A", at(5), taxon(scene, GOLDEN_CAT))
    with scene.reading() as session:
        shared = read_shared(session)
    assert page_of(scene, shared=shared) == page_of(scene)


def test_columns_tell_what_the_stream_of_occurrences_tells(scene: Survey) -> None:
    """The fast way to read records and the way everybody else reads them give the same ones."""
    cat = taxon(scene, GOLDEN_CAT)
    seen = see(scene, "A", at(5), cat)
    see(scene, "B", None, cat)
    guess(scene, "A", at(9), cat)
    with scene.writing() as session:  # a female, and two young in the same event
        said = session.exec(select(Observation).where(Observation.event_id == seen.event_id)).one()
        session.add(Observation(**(said.model_dump() | {"observation_id": "young", "count": 2})))
    with scene.reading() as session:
        stream = {
            (one.record_id, one.location_id, one.observed_at, one.is_confirmed)
            for one in read_occurrences(session, taxon_ids=[cat.taxon_id], include_machine=True)
        }
        told = read_camera_records(
            session, read_effort(session).deployments, PageSettings(), taxon_ids=[cat.taxon_id]
        )
    columns = {
        (
            record_id,
            told.locations[told.location[n]],
            datetime.fromtimestamp(int(told.seconds[n]), UTC) if told.is_dated[n] else None,
            bool(told.is_confirmed[n]),
        )
        for n, record_id in enumerate(told.record_ids)
    }
    assert columns == stream and len(told.record_ids) == 3


def test_a_bird_is_not_below_a_mint_of_its_name(scene: Survey) -> None:
    """Prunella is a genus of plants and of birds: the page of the plant has no bird."""
    with scene.writing() as session:
        made = {"kingdom": "Plantae", "class_name": "Magnoliopsida"}
        make_animal(session, "Prunella", "夏枯草属", rank="genus", genus="Prunella", **made)
        make_animal(session, "Prunella hispida", "硬毛夏枯草", **made)
        make_animal(session, "Prunella fulvescens", "褐岩鹨", class_name="Aves")
    names = [one.scientific_name for one in page_of(scene, "Prunella").members]
    assert names == ["Prunella", "Prunella hispida"]


@pytest.mark.parametrize("class_name", ["Insecta", "Mammalia"])
def test_camera_days_are_a_search_for_mammals_and_birds(scene: Survey, class_name: str) -> None:
    """A taxon never recorded has the survey's days when cameras look for its class, else none."""
    with scene.writing() as session:
        make_animal(session, "Teinopalpus aureus", "金斑喙凤蝶", class_name=class_name)
    days = page_of(scene, "金斑喙凤蝶").counts.total.camera.camera_days
    assert days == (300.0 if class_name == "Mammalia" else None)


def test_a_fungus_is_judged_by_the_list_of_plants(scene: Survey) -> None:
    """The list of animals is whole here and that of plants is not: a fungus is not known."""
    with scene.writing() as session:
        make_animal(session, "Tricholoma matsutake", "松口蘑", kingdom="Fungi")
    assert page_of(scene, "松口蘑").legal.level == "not known"


def test_a_threat_stands_beside_the_days_of_its_stations(scene: Survey) -> None:
    """A dog at the one station with cats is told over that station's hundred camera-days."""
    see(scene, "A", at(10), taxon(scene, GOLDEN_CAT))
    see(scene, "A", at(11), taxon(scene, DOG))
    (dogs,) = page_of(scene).threats
    assert (dogs.near, dogs.camera_days) == (1, 100.0)


def test_events_of_a_year_without_effort_are_not_of_the_year_before(scene: Survey) -> None:
    """Three years on nothing worked: what was seen then adds to no year of the trend."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(5), cat)
    see(scene, "A", at(800), cat)
    with scene.reading() as session:
        seen = _seen(session, read_effort(session))[cat.taxon_id]
    assert {year: sum(told.values()) for year, told in seen.by_year.items()} == {2021: 1, 2023: 1}


def test_the_list_counts_as_the_page_does(scene: Survey) -> None:
    """At 0, 20 and 40 minutes a lingering animal is two events in the list too."""
    cat = taxon(scene, GOLDEN_CAT)
    for minutes in (0, 20, 40):
        see(scene, "A", at(5, minutes), cat)
    assert rows_of(scene)[GOLDEN_CAT].events == page_of(scene).counts.total.camera.events == 2


def test_a_plant_in_the_list_has_no_camera_days(scene: Survey) -> None:
    """Days of cameras are no search for a plant, in the list as on its page."""
    with scene.writing() as session:
        plant = make_animal(session, "Magnolia rostrata", "长喙厚朴", kingdom="Plantae")
        note(session, plant, at(10))
    assert rows_of(scene)["Magnolia rostrata"].camera_days is None


def test_a_record_off_all_plots_lies_in_the_county_of_its_place(scene: Survey) -> None:
    """Without plot and county in the sheet the outlines tell, as for everybody else."""
    with scene.writing() as session:
        made = {"plot_id": None, "latitude": 29.649, "longitude": 94.3615}
        note(session, taxon(scene, GOLDEN_CAT), at(10), **made)
    first = page_of(scene).first
    assert first is not None and first.county == "540402"


def test_a_blurred_photo_is_not_shown_first(scene: Survey) -> None:
    """Sharpness 0 is the blurriest there is, not a sharpness that nobody measured."""
    cat = taxon(scene, GOLDEN_CAT)
    fogged, clear = (see(scene, "A", at(day), cat) for day in (1, 2))
    with scene.writing() as session:
        for event, box, sharpness in ((fogged, 0.5, 0.0), (clear, 0.4, 0.1)):
            (media,) = session.exec(select(Media).where(Media.event_id == event.event_id))
            media.sharpness = sharpness
            session.add(media)
            make_machine_observation(session, media, bbox=(0.0, 0.0, box, box))
    assert page_of(scene).photos[0].event_id == clear.event_id


def test_a_height_tells_what_is_not_known_of_it(scene: Survey) -> None:
    """A receiver tells neither datum nor vertical error; a map tells its datum."""
    cat = taxon(scene, GOLDEN_CAT)
    with scene.writing() as session:
        for day, metres, source in ((1, 900.0, "map"), (2, 3000.0, "gps")):
            note(session, cat, at(day), elevation_m=metres, elevation_source=source)
    told = page_of(scene).reach.elevation
    assert told.lowest is not None and told.highest is not None
    assert (told.lowest.datum, told.highest.datum) == ("sea level", "not known")
    assert told.highest.vertical_uncertainty_m is None


def test_what_is_secret_is_on_no_page_that_leaves(scene: Survey) -> None:
    """A secret station takes its records and effort with it, a secret event itself alone."""
    cat = taxon(scene, GOLDEN_CAT)
    see(scene, "A", at(5), cat)
    event = see(scene, "B", at(6), cat)
    see(scene, "B", at(9), cat)

    def released() -> tuple[int, float | None]:
        with scene.reading() as session:
            page = released_page(session, scene.settings, GOLDEN_CAT, on=date(2026, 11, 22)).page
        return page.counts.total.camera.events, page.counts.total.camera.camera_days

    assert released() == (3, 300)
    said = {"person": "Tashi", "reason": "border post"}
    mark_secrecy(scene, SubjectKind.EVENT, event.event_id, Secrecy.SECRET, **said)
    assert released() == (2, 300)
    mark_secrecy(scene, SubjectKind.STATION, "A", Secrecy.SECRET, **said)
    assert released() == (1, 200)
