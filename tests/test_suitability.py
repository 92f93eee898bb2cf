"""The envelope of an invader: shares with their intervals, and silence where nobody looked."""

from datetime import UTC, date, datetime
from random import Random

import pytest
from factories import NINE, make_deployment, make_event, make_human_review, make_station, make_taxon
from sqlmodel import Session

from species_db import identity
from species_db.geo.bands import ElevationBand
from species_db.invasive.suitability import (
    SuitabilityClass,
    SuitabilitySettings,
    SurveyedPlace,
    suitability_layer,
    suitability_of,
    wilson_interval,
)
from species_db.invasive.suitability_places import read_suitability
from species_db.language import speaking
from species_db.survey import Survey
from species_db.tables import CameraDay, FieldRecord, Plot, Taxon

C = SuitabilityClass
BAYI, MEDOG = "540402", "540423"


def places(
    county: str, surveyed: int, found: int, *, elevation_m: float = 3100.0, habitat: str = "forest"
) -> list[SurveyedPlace]:
    """Surveyed places of one stratum, the first of which have the taxon."""
    return [
        SurveyedPlace(f"{county}-{elevation_m}-{n}", county, elevation_m, habitat, n < found)
        for n in range(surveyed)
    ]


def test_where_nothing_was_surveyed_nothing_is_known() -> None:
    """A stratum without a surveyed place has no share and no interval, and is never nought."""
    told = suitability_of(places(BAYI, 10, 6))
    empty = told.at(MEDOG, 900.0, "forest")
    assert (empty.share, empty.interval, empty.suitability) == (None, None, C.NOT_SURVEYED)
    assert told.best_of(MEDOG) is None


def test_each_class_follows_its_rule() -> None:
    """Surely above a tenth is suitable, found is marginal, not found is no evidence, few is few."""
    told = suitability_of(
        [
            *places(BAYI, 10, 6, elevation_m=3100),
            *places(BAYI, 30, 1, elevation_m=3600),
            *places(BAYI, 12, 0, elevation_m=4100),
            *places(BAYI, 4, 0, elevation_m=4600),
        ]
    )
    heights = (3100, 3600, 4100, 4600)
    classes = [told.at(BAYI, height, "forest").suitability for height in heights]
    assert classes == [C.SUITABLE, C.MARGINAL, C.NO_EVIDENCE, C.TOO_FEW]


def test_too_few_finds_classify_nothing() -> None:
    """Two finds make no envelope: figures stay, words are withheld, and the reason is said."""
    told = suitability_of([*places(BAYI, 12, 2), *places(MEDOG, 12, 0)])
    assert {one.suitability for one in told.strata} == {C.TOO_FEW}
    assert told.strata[0].found == 2 and told.strata[0].interval is not None
    assert "2 place(s): 3 are needed" in told.refusal


def test_a_place_counts_once_however_many_records() -> None:
    """Ten records on one plot are one place."""
    told = suitability_of(places(BAYI, 8, 4) + places(BAYI, 8, 4) * 9)
    one = told.at(BAYI, 3100, "forest")
    assert (one.surveyed, one.found) == (8, 4)


def test_a_find_in_passing_lifts_no_share() -> None:
    """Places met without a search tell that the taxon lives there, and are in no share."""
    met = [
        SurveyedPlace(f"met {n}", BAYI, 3100, "forest", True, is_searched=False) for n in range(9)
    ]
    told = suitability_of([*places(BAYI, 12, 0), *met]).at(BAYI, 3100, "forest")
    assert (told.surveyed, told.found, told.met) == (12, 0, 9)
    assert told.suitability is C.MARGINAL
    alone = suitability_of(met).at(BAYI, 3100, "forest")
    assert (alone.share, alone.interval, alone.suitability) == (None, None, C.TOO_FEW)


def test_places_without_county_or_height_are_counted_apart() -> None:
    """What cannot be placed is in no stratum, and is told."""
    lost = [SurveyedPlace("a", "", 3000.0, "", True), SurveyedPlace("b", BAYI, None, "", True)]
    told = suitability_of([*places(BAYI, 8, 4), *lost])
    assert told.unplaced == 2 and len(told.strata) == 1


@pytest.mark.parametrize(
    ("found", "surveyed", "expected"),
    [(0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (5, 10, (0.2366, 0.7634))],
)
def test_wilsons_interval_is_the_published_one(
    found: int, surveyed: int, expected: tuple[float, float]
) -> None:
    """Known values of the score interval at 95 %."""
    assert wilson_interval(found, surveyed) == pytest.approx(expected, abs=1e-4)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Over simulated surveys of a known truth, 95 % intervals hold it in about 95 of 100."""
    draw = Random(7)
    held = total = 0
    for truth in (0.05, 0.2, 0.5, 0.8):
        for _ in range(500):
            surveyed = draw.randint(8, 40)
            found = sum(draw.random() < truth for _ in range(surveyed))
            low, high = wilson_interval(found, surveyed)
            held += low <= truth <= high
            total += 1
    print(f"coverage {held / total:.3f}")
    assert 0.93 < held / total < 0.985


def test_a_simulated_invader_is_found_where_it_lives() -> None:
    """With a truth of 60 %, 8 % and 0 % per band, the bands come out in that order."""
    draw = Random(11)
    truth = {2600.0: 0.6, 3100.0: 0.08, 4600.0: 0.0}
    simulated = [
        SurveyedPlace(f"{height}-{n}", BAYI, height, "forest", draw.random() < share)
        for height, share in truth.items()
        for n in range(100)
    ]
    told = suitability_of(simulated)
    classes = {h: told.at(BAYI, h, "forest").suitability for h in truth}
    assert classes == {2600.0: C.SUITABLE, 3100.0: C.MARGINAL, 4600.0: C.NO_EVIDENCE}
    for height, share in truth.items():
        interval = told.at(BAYI, height, "forest").interval
        assert interval is not None and interval[0] <= share <= interval[1]
    assert told.elevations_m == (2600.0, 3100.0)
    best = told.best_of(BAYI)
    assert best is not None and best.stratum.band == ElevationBand(2500, 3000)


def test_the_rule_is_data() -> None:
    """Another rule gives another answer from the same places."""
    strict = SuitabilitySettings(suitable_above=0.4, fewest_places=20)
    assert suitability_of(places(BAYI, 10, 6)).strata[0].suitability is C.SUITABLE
    assert suitability_of(places(BAYI, 10, 6), settings=strict).strata[0].suitability is C.TOO_FEW
    assert suitability_of(places(BAYI, 40, 16), settings=strict).strata[0].suitability is C.MARGINAL


def test_the_map_says_class_and_interval_in_words() -> None:
    """Counties are filled by their best stratum; one without a survey is hatched, not pale."""
    told = suitability_of([*places(BAYI, 10, 6), *places(BAYI, 10, 0, elevation_m=4100)])
    layer = suitability_layer(told)
    counties = {one.code: one for one in layer.counties}
    assert (counties[BAYI].value, counties[BAYI].text) == (2.0, "suitable 31%–83%")
    assert (counties[MEDOG].value, counties[MEDOG].text) == (None, "not surveyed")
    assert "found at 6 of 10" in counties[BAYI].label
    with speaking("zh"):
        assert suitability_layer(told).counties[0].text == "适宜 31%–83%"
    assert "Wilson" in told.method() and "10%" in told.method()


def plant(session: Session, name: str = "Ageratina adenophora") -> Taxon:
    """An invasive plant."""
    taxon = Taxon(
        taxon_id=identity.taxon_id(name),
        scientific_name=name,
        taxon_rank="species",
        kingdom="Plantae",
        class_name="Magnoliopsida",
        source="test",
    )
    session.add(taxon)
    session.flush()
    return taxon


def record(session: Session, number: int, taxon: Taxon, **values: object) -> None:
    """An identified field record on plot number so-and-so, at 2,000 m in Bayi."""
    plot_id = f"LZ-{number:03d}"
    if values.get("plot_id", plot_id) is not None and session.get(Plot, plot_id) is None:
        told = {"county": BAYI, "ecosystem": "forest", "elevation_m": 2000.0}
        session.add(Plot(plot_id=plot_id, latitude=29.6, longitude=94.3, **told))
        session.flush()
    values = {"protocol": "transect", "plot_id": plot_id, "event_start": NINE} | values
    session.add(
        FieldRecord(
            field_record_id=identity.act_id(),
            observer="Tashi",
            state="identified",
            taxon_id=taxon.taxon_id,
            **values,
        )
    )
    session.flush()


def test_field_records_make_the_envelope_of_a_plant(survey: Survey) -> None:
    """Finds, stated absences and transects for other plants are places; cameras see no plants."""
    with survey.writing() as session:
        invader, other = plant(session), plant(session, "Quercus semecarpifolia")
        make_deployment(session)
        work(session, "MT-01-2026", 60)
        for number in range(4):
            record(session, number, invader)
        for number in (4, 5):
            record(session, number, invader, occurrence_status="absent")
        for number in (6, 7):
            record(session, number, other)
        record(session, 8, other, protocol="incidental")
        record(session, 9, invader, protocol="photo")
    with survey.reading() as session:
        told = read_suitability(session, session.get_one(Taxon, invader.taxon_id))
    [only] = told.strata
    assert (only.stratum.county, only.stratum.band.lower_m) == (BAYI, 2000)
    assert (only.surveyed, only.found, only.met) == (8, 4, 1)
    assert only.suitability is C.SUITABLE


def test_records_off_all_plots_count_by_cell_and_outline(survey: Survey) -> None:
    """Records side by side off all plots are one place, whose county the outline tells."""
    with survey.writing() as session:
        invader = plant(session)
        for step in range(5):
            record(
                session,
                50,
                invader,
                plot_id=None,
                latitude=29.6490 + step * 1e-5,
                longitude=94.3615,
                elevation_m=2990.0,
                habitat="shrubland",
            )
    with survey.reading() as session:
        told = read_suitability(session, session.get_one(Taxon, invader.taxon_id))
    [only] = told.strata
    assert (only.stratum.county, only.stratum.habitat, only.surveyed) == (BAYI, "shrubland", 1)


def work(session: Session, deployment_id: str, days: int) -> None:
    """A camera that worked for some days from 20 April 2026 on."""
    first = date(2026, 4, 20).toordinal()
    for number in range(days):
        session.add(
            CameraDay(
                deployment_id=deployment_id,
                day=date.fromordinal(first + number).isoformat(),
                method="machine",
                state="working",
                cause="",
                media_count=1,
                stated_at=NINE,
            )
        )
    session.flush()


def test_cameras_that_worked_are_places_of_a_mammal(survey: Survey) -> None:
    """A station with a month of work searched; one with less did not; a find counts as found."""
    with survey.writing() as session:
        taxon = make_taxon(session)
        for number, days in ((1, 60), (2, 60), (3, 5)):
            station = make_station(session, f"MT-{number:02d}")
            station.plot_id = None
            make_deployment(session, f"D{number}", location_id=f"MT-{number:02d}")
            work(session, f"D{number}", days)
        event = make_event(
            session, deployment_id="D1", start=datetime(2026, 5, 1, 1, 0, tzinfo=UTC)
        )
    make_human_review(survey, event, taxon=taxon)
    with survey.reading() as session:
        told = read_suitability(session, session.get_one(Taxon, taxon.taxon_id))
    [only] = told.strata
    assert (only.surveyed, only.found, only.stratum.county) == (2, 1, MEDOG)
    assert only.suitability is C.TOO_FEW and told.refusal
