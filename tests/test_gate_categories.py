"""Categories by taxon, held by the place: what was ever recorded there coarsens all that leaves."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import hypot
from pathlib import Path

import pytest
from exports import DEPLOYMENT, STATION, Told, bytes_of, fill_survey, media_of
from factories import (
    NINE,
    make_deployment,
    make_event,
    make_human_review,
    make_machine_observation,
    make_station,
)
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select
from typer.testing import CliRunner

from namcha.application import app
from species_db.decisions import record_decision
from species_db.export.camtrap_dp import export_camtrap_dp
from species_db.export.occurrences import export_occurrences
from species_db.export.offering import ExportRefused
from species_db.field.identify import FieldFinding, identify_record, reject_record
from species_db.field.records.saving import told_of
from species_db.identity import act_id, taxon_id
from species_db.lists.seeding import seed_lists
from species_db.occurrences import read_occurrences
from species_db.sensitivity import (
    ExactRelease,
    Gate,
    SensitivityError,
    find_taxon,
    open_gate,
    read_rules,
    report_place,
    rules_in_force,
    set_rule,
    status_subject,
    taxon_subject,
    withheld_place,
)
from species_db.sensitivity.neighbours import connect, metres_between
from species_db.survey import Survey
from species_db.tables import (
    CameraStation,
    Decision,
    Event,
    FieldRecord,
    ListEntry,
    ListVersion,
    Media,
    Observation,
    Plot,
    Taxon,
)
from species_db.vocabulary import Act, Sensitivity

SNOW_LEOPARD, BLACK_BEAR, MUSK_DEER = "Panthera uncia", "Ursus thibetanus", "Moschus fuscus"
OLD_ENOUGH = date(2030, 1, 1)  # every delay is over
FRESH = date(2026, 6, 1)  # a month after the events of `fill_survey`
Row = dict[str, str]


@pytest.fixture
def told(survey: Survey) -> Told:
    """The survey with something to hide, and the lists that ship."""
    filled = fill_survey(survey)
    with survey.writing() as session:
        seed_lists(session, survey.folder)
    return filled


def taxon(survey: Survey, name: str) -> Taxon:
    """A taxon of the lists."""
    with survey.reading() as session:
        return session.get_one(Taxon, taxon_id(name))


def add_record(
    survey: Survey, name: str, *, deployment_id: str = DEPLOYMENT, hours: int = 50
) -> Event:
    """A confirmed event of a taxon, with its originals."""
    with survey.writing() as session:
        event = make_event(
            session, deployment_id=deployment_id, start=NINE + timedelta(hours=hours)
        )
    for media in media_of(survey, event):
        path = survey.path_of(media.file_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not a picture")
    make_human_review(survey, event, taxon=taxon(survey, name))
    return event


def add_station(survey: Survey, location_id: str, **values: object) -> str:
    """A station off all plots with a deployment of the season; the deployment's id."""
    with survey.writing() as session:
        station = make_station(session, location_id, **values)
        station.plot_id = None
        make_deployment(session, f"{location_id}-2026", location_id=location_id)
    return f"{location_id}-2026"


def occurrences(
    survey: Survey, folder: Path, *, today: date = OLD_ENOUGH, **how: object
) -> list[Row]:
    """The rows of the occurrence table."""
    export_occurrences(survey, folder / "o.csv", person="Tashi", today=today, **how)
    with (folder / "o.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def package(survey: Survey, folder: Path, *, today: date = OLD_ENOUGH, **how: object) -> Path:
    """A Camtrap DP package."""
    export_camtrap_dp(survey, folder / "dp", person="Tashi", today=today, **how)
    return folder / "dp"


def lines(folder: Path, table: str) -> list[Row]:
    """The rows of one table of a package."""
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def gate_of(survey: Survey, today: date = OLD_ENOUGH) -> Gate:
    """The closed gate of a day."""
    with survey.reading() as session:
        return open_gate(session, survey.settings, today=today)


def category(survey: Survey, location_id: str = STATION, today: date = OLD_ENOUGH) -> str:
    """The category of a station's place."""
    with survey.reading() as session:
        station = session.get_one(CameraStation, location_id)
    return gate_of(survey, today).place(station).sensitivity.value


def test_a_class_i_record_coarsens_all_records_of_its_station_in_both_exports(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """The muntjac of the same camera leaves at 0.1 degrees too, with what was done beside it."""
    add_record(survey, SNOW_LEOPARD)
    rows = occurrences(survey, tmp_path)
    assert {row["scientificName"] for row in rows} == {SNOW_LEOPARD, "Muntiacus vaginalis"}
    for row in rows:
        assert (row["decimalLatitude"], row["decimalLongitude"]) == ("29.4", "95.6")
        assert row["coordinatePrecision"] == "0.1"
        assert row["coordinateUncertaintyInMeters"] == str(30 + 15691)
        assert (row["minimumElevationInMeters"], row["maximumElevationInMeters"]) == (
            "1000",
            "2000",
        )
        assert "fixed grid of 0.1 degrees" in row["dataGeneralizations"]
        assert row["habitat"] == ""
        assert SNOW_LEOPARD not in row["dataGeneralizations"] + row["informationWithheld"]
    [deployment] = lines(package(survey, tmp_path), "deployments")
    assert (deployment["latitude"], deployment["longitude"]) == ("29.4", "95.6")
    assert deployment["coordinateUncertainty"] == str(30 + 15691)
    assert "altitude:1000-2000" in deployment["deploymentTags"]


def test_the_package_tells_its_box_and_precision_from_the_released_cells(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """The box is as wide as the coarse cell, and the least precise coordinate is named."""
    add_record(survey, SNOW_LEOPARD)
    descriptor = json.loads((package(survey, tmp_path) / "datapackage.json").read_text("utf-8"))
    assert descriptor["coordinatePrecision"] == 0.1
    ring = descriptor["spatial"]["coordinates"][0]
    assert ring[0] == [95.55, 29.35]
    assert ring[2] == [95.65, 29.45]


def test_a_class_ii_record_keeps_a_kilometre_but_says_no_more_of_the_ground(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """Category medium is 0.01 degrees; the plot's ecosystem would narrow its cell and stays."""
    add_record(survey, BLACK_BEAR)
    row = occurrences(survey, tmp_path)[0]
    assert (row["decimalLatitude"], row["coordinatePrecision"]) == ("29.43", "0.01")
    assert row["habitat"] == ""


def _name_anew(survey: Survey, event: Event) -> None:
    make_human_review(survey, event, taxon=taxon(survey, "Muntiacus vaginalis"))


def _undo(survey: Survey, event: Event) -> None:
    with survey.writing() as session:
        stored = session.get_one(Event, event.event_id)
        stored.is_reviewed, stored.current_review_id = False, None


def _call_blank(survey: Survey, event: Event) -> None:
    make_human_review(survey, event, observation_type="blank", count=None)


@pytest.mark.parametrize("act", [_name_anew, _undo, _call_blank])
def test_a_record_that_is_named_anew_does_not_unlock_its_place(
    survey: Survey, told: Told, act: Callable[[Survey, Event], None]
) -> None:
    """What was once said to be a snow leopard keeps the place at 0.1 degrees (iNaturalist#711)."""
    event = add_record(survey, SNOW_LEOPARD)
    act(survey, event)
    assert category(survey) == "high"


def test_a_models_word_coarsens_as_well(survey: Survey, told: Told) -> None:
    """Nobody has looked yet: until then the model may be right."""
    with survey.writing() as session:
        item = session.get_one(Media, media_of(survey, told.unreviewed)[0].media_id)
        box = make_machine_observation(session, item, bbox=(0.5, 0.5, 0.1, 0.1))
        box.taxon_id = taxon_id(SNOW_LEOPARD)
    assert category(survey) == "high"


def test_a_genus_counts_as_its_strictest_species(survey: Survey, told: Told) -> None:
    """A musk deer of unknown species is a class I animal whichever it is."""
    add_record(survey, "Moschus")
    assert category(survey) == "high"


def test_an_extreme_place_leaves_as_its_county_and_ties_to_nothing(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """No coordinates, elevation, station, deployment, day or fingerprint; no row where needed."""
    add_record(survey, SNOW_LEOPARD)
    deployment_id = add_station(survey, "FAR", latitude=28.5, longitude=97.0)
    set_rule(
        survey,
        taxon_subject(taxon_id(SNOW_LEOPARD)),
        Sensitivity.EXTREME,
        reason="den found",
        person="Drolma",
    )
    rows = occurrences(survey, tmp_path)
    assert len(rows) == 2
    withheld = ("decimalLatitude", "decimalLongitude", "coordinatePrecision", "locationID")
    withheld += ("minimumElevationInMeters", "maximumElevationInMeters", "parentEventID")
    withheld += ("samplingEffort", "mediaSHA256", "habitat", "coordinateUncertaintyInMeters")
    for row in rows:
        assert {row[term] for term in withheld} == {""}
        assert (row["county"], row["eventDate"]) == ("Medog County", "2026-05")
    out = package(survey, tmp_path, with_media=True)
    [deployment] = lines(out, "deployments")
    assert deployment["deploymentID"] == gate_of(survey).key("deployment", deployment_id)
    assert lines(out, "media") == []
    assert not [name for name in bytes_of(out) if name.startswith("media/")]


def test_a_survey_of_extreme_places_alone_is_no_package(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """The standard has no row without coordinates, and the refusal says why."""
    add_record(survey, SNOW_LEOPARD)
    subject = taxon_subject(taxon_id(SNOW_LEOPARD))
    set_rule(survey, subject, Sensitivity.EXTREME, reason="den found", person="Drolma")
    with pytest.raises(ExportRefused, match="category extreme"):
        package(survey, tmp_path)


def test_neighbours_are_one_place_and_far_stations_are_not(survey: Survey, told: Told) -> None:
    """The plot's other station and one a few hundred metres off share the category."""
    add_record(survey, SNOW_LEOPARD)
    with survey.writing() as session:
        make_station(session, "ON-PLOT", latitude=29.6, longitude=95.8)
    add_station(survey, "NEAR", latitude=29.4365, longitude=95.6128)
    add_station(survey, "CHAINED", latitude=29.447, longitude=95.6128)
    add_station(survey, "FAR", latitude=29.5, longitude=95.6128)
    found = {name: category(survey, name) for name in ("ON-PLOT", "NEAR", "CHAINED", "FAR")}
    assert found == {"ON-PLOT": "high", "NEAR": "high", "CHAINED": "high", "FAR": "none"}


@given(
    st.lists(st.tuples(st.floats(29.0, 29.05), st.floats(95.0, 95.05)), min_size=2, max_size=25),
    st.sampled_from([157.0, 1570.0]),
)
def test_near_points_are_always_joined_and_only_over_near_points(
    points: list[tuple[float, float]], reach_m: float
) -> None:
    """The cells that make it quick find the same places as comparing every pair."""
    nodes = {("station", str(number)): point for number, point in enumerate(points)}
    found = connect(nodes, [], reach_m=reach_m)
    places = {node: {node} for node in nodes}
    for one in nodes:
        for other in nodes:
            if metres_between(nodes[one], nodes[other]) < reach_m:
                places[one] |= places[other]
                for member in places[one]:
                    places[member] = places[one]
    for one in nodes:
        for other in nodes:
            assert (found[one] == found[other]) is (other in places[one])


def add_field_record(survey: Survey, name: str, **values: object) -> str:
    """An identified record on a plot with the deployment's station."""
    record_id = act_id()
    with survey.writing() as session:
        session.add(
            FieldRecord(
                field_record_id=record_id,
                plot_id="LZ-041",
                protocol="transect",
                observer="Norbu",
                state="draft",
                event_start=NINE,
                latitude=29.4324,
                longitude=95.6131,
                **values,
            )
        )
    finding = FieldFinding(taxon_id=taxon_id(name))
    identify_record(survey, record_id, finding=finding, person="Norbu", expected_review_id=None)
    return record_id


@pytest.mark.parametrize("is_rejected", [False, True])
def test_a_field_record_coarsens_its_plot_even_after_it_is_named_anew(
    survey: Survey, told: Told, is_rejected: bool
) -> None:
    """The row holds the newest name only; the log keeps the first, and the place keeps its cell."""
    record_id = add_field_record(survey, MUSK_DEER)
    assert category(survey) == "high"
    with survey.reading() as session:
        review_id = session.get_one(FieldRecord, record_id).review_id
    if is_rejected:
        reject_record(survey, record_id, person="Pema", expected_review_id=review_id)
    else:
        finding = FieldFinding(taxon_id=taxon_id("Muntiacus vaginalis"))
        identify_record(
            survey, record_id, finding=finding, person="Pema", expected_review_id=review_id
        )
    assert category(survey) == "high"


def test_what_a_sheet_once_said_coarsens_its_place(survey: Survey, told: Told) -> None:
    """A corrected line no longer says musk deer; the entry that took in the first one does."""
    far = add_station(survey, "FAR", latitude=28.5, longitude=97.0)
    record = FieldRecord(
        field_record_id=act_id(),
        protocol="transect",
        observer="Norbu",
        state="identified",
        event_start=NINE,
        latitude=28.501,
        longitude=97.001,
        taxon_id=taxon_id(MUSK_DEER),
    )
    with survey.writing() as session:
        record_decision(
            session,
            Act.FIELD_SHEET_IMPORTED,
            subject="sheet.xlsx",
            person="Norbu",
            details={"records": [told_of(record)], "records_before": []},
        )
        record.taxon_id = taxon_id("Muntiacus vaginalis")
        session.add(record)
    assert far
    assert category(survey, "FAR") == "high"


def test_an_absence_coarsens_nothing(survey: Survey, told: Told) -> None:
    """To have looked for musk deer in vain is no musk deer."""
    record_id = act_id()
    with survey.writing() as session:
        session.add(
            FieldRecord(
                field_record_id=record_id,
                plot_id="LZ-041",
                protocol="transect",
                observer="Norbu",
                state="identified",
                taxon_id=taxon_id(MUSK_DEER),
                occurrence_status="absent",
            )
        )
    assert category(survey) == "none"


def test_a_place_in_the_cell_of_a_sensitive_one_is_told_like_it(survey: Survey, told: Told) -> None:
    """A hole among fine neighbours would be the place; the report says whose cell it shares."""
    add_record(survey, SNOW_LEOPARD)
    add_station(survey, "SAME-CELL", latitude=29.38, longitude=95.57)
    assert category(survey, "SAME-CELL") == "high"
    with survey.reading() as session:
        report = report_place(session, "SAME-CELL", today=OLD_ENOUGH)
    assert (report.sensitivity, report.shares_cell, report.reasons) == (Sensitivity.HIGH, True, ())
    [reason] = report.cell_reasons
    assert (reason.scientific_name, reason.seen_at) == (SNOW_LEOPARD, ("station", STATION))


def test_the_report_says_what_the_export_does(survey: Survey, told: Told) -> None:
    """No place is reported milder than it leaves, a plot without coordinates neither."""
    add_record(survey, SNOW_LEOPARD)
    add_station(survey, "SAME-CELL", latitude=29.38, longitude=95.57)
    with survey.writing() as session:
        station = session.get_one(CameraStation, "SAME-CELL")
        session.add(Plot(plot_id="LZ-042", name="", ecosystem="forest"))
        session.flush()
        station.plot_id = "LZ-042"
        session.add(station)
    gate = gate_of(survey)
    with survey.reading() as session:
        for station in session.exec(select(CameraStation)):
            report = report_place(session, station.location_id, today=OLD_ENOUGH)
            assert report.sensitivity == gate.place(station).sensitivity
        plot = report_place(session, "LZ-042", today=OLD_ENOUGH)
    assert (plot.sensitivity, plot.shares_cell) == (Sensitivity.HIGH, True)
    assert {one.scientific_name for one in plot.cell_reasons} == {SNOW_LEOPARD}


def test_field_records_map_points_and_plots_pass_the_same_gate(survey: Survey, told: Told) -> None:
    """A map and a page show the very cell that the tables do, and no own name."""
    record_id = add_field_record(survey, MUSK_DEER)
    gate = gate_of(survey)
    with survey.reading() as session:
        record = session.get_one(FieldRecord, record_id)
        plot = session.get_one(Plot, "LZ-041")
        station = session.get_one(CameraStation, STATION)
        seen = {one.record_kind: one for one in read_occurrences(session)}
    assert str(gate.field_place(record).latitude) == "29.4"
    assert gate.map_point(seen["field_record"]) == gate.field_place(record)
    assert gate.map_point(seen["event"]) == gate.place(station)
    assert gate.plot_place(plot).is_withheld  # the sheet gives it no coordinates
    assert STATION not in gate.place_name("station", STATION)


def test_a_rule_holds_from_its_day_and_until_the_next(survey: Survey, told: Told) -> None:
    """Loosened by a person from a day on, and tightened again: each day has its own rule."""
    add_record(survey, SNOW_LEOPARD)
    subject = taxon_subject(taxon_id(SNOW_LEOPARD))
    for begins, sensitivity in (
        (date(2028, 1, 1), Sensitivity.NONE),
        (date(2029, 1, 1), Sensitivity.MEDIUM),
    ):
        set_rule(
            survey,
            subject,
            sensitivity,
            reason="letter 7",
            person="Drolma",
            effective_from=begins,
        )
    days = (date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31), date(2029, 1, 1))
    found = [category(survey, today=day) for day in days]
    assert found == ["high", "none", "none", "medium"]


def test_of_two_rules_from_one_day_the_later_word_holds(survey: Survey, told: Told) -> None:
    """A slip is mended by saying it again; the slip stays in the table and in the log."""
    subject = status_subject("protected_animals", "II")
    for sensitivity in (Sensitivity.NONE, Sensitivity.HIGH):
        set_rule(survey, subject, sensitivity, reason="letter 7", person="Drolma")
    with survey.reading() as session:
        rules = read_rules(session)
        acts = session.exec(select(Decision).where(Decision.act == Act.SENSITIVITY_SET.value)).all()
    in_force = rules_in_force(rules, OLD_ENOUGH)[subject]
    assert (in_force.sensitivity, in_force.delay_days) == (Sensitivity.HIGH, 180)
    assert [json.loads(act.details)["sensitivity"] for act in acts] == ["none", "high"]
    assert {(act.subject, act.person) for act in acts} == {(subject, "Drolma")}


def test_a_group_rule_coarsens_its_species_and_never_loosens_one(
    survey: Survey, told: Told
) -> None:
    """A rule on a family reaches its unlisted muntjac; of law and rule the stricter holds."""
    subject = taxon_subject(taxon_id("Felidae"))
    set_rule(survey, subject, Sensitivity.LOW, reason="letter 7", person="Drolma")
    add_record(survey, SNOW_LEOPARD)
    assert category(survey) == "high"
    deer = taxon_subject(taxon_id("Cervidae"))
    set_rule(survey, deer, Sensitivity.EXTREME, reason="letter 8", person="Drolma")
    assert category(survey) == "extreme"


@pytest.mark.parametrize(
    ("subject", "values", "reason"),
    [
        ("taxon:nothing", {}, "no subject of a rule"),
        ("status:protected_animals:IV", {}, "no subject of a rule"),
        ("species:x", {}, "no subject of a rule"),
        ("status:protected_animals:I", {"reason": " "}, "a person and a reason"),
        ("status:protected_animals:I", {"person": ""}, "a person and a reason"),
        ("status:protected_animals:I", {"delay_days": -1}, "delay of -1 days"),
        ("status:protected_animals:I", {"delay_days": 99999}, "delay of 99999 days"),
    ],
)
def test_a_rule_that_cannot_stand_is_refused(
    survey: Survey, told: Told, subject: str, values: dict[str, object], reason: str
) -> None:
    """Unknown subjects, nobody's name, no reason and slips of the delay change nothing."""
    how = {"reason": "letter 7", "person": "Drolma"} | values
    with pytest.raises(SensitivityError, match=reason):
        set_rule(survey, subject, Sensitivity.NONE, **how)
    with survey.reading() as session:
        assert len(read_rules(session)) == 4


def test_a_later_list_does_not_loosen_a_place_by_itself(survey: Survey, told: Told) -> None:
    """Downgraded in 2027, an animal seen in 2026 keeps its place; one seen in 2028 does not."""
    add_record(survey, SNOW_LEOPARD)
    late = add_station(survey, "LATE", latitude=28.5, longitude=97.0)
    with survey.writing() as session:
        _downgrade(session, SNOW_LEOPARD, date(2027, 1, 1))
        moved = session.get_one(CameraStation, "LATE")
        make_deployment(
            session,
            "LATE-2028",
            location_id=moved.location_id,
            deployment_start=datetime(2028, 4, 1, tzinfo=UTC),
            deployment_end=datetime(2028, 9, 1, tzinfo=UTC),
        )
    assert late
    add_record(survey, SNOW_LEOPARD, deployment_id="LATE-2028", hours=24 * 710)
    assert (category(survey), category(survey, "LATE")) == ("high", "medium")


def _downgrade(session: Session, name: str, since: date) -> None:
    """A whole new list of protected animals with one entry."""
    session.add(
        ListVersion(
            list_version_id="cn-protected-animals-next",
            list_id=session.exec(
                select(ListVersion.list_id).where(
                    ListVersion.kind == "protected_animals",
                    ListVersion.is_partial == False,  # noqa: E712
                )
            ).first()
            or "cn-protected-animals",
            kind="protected_animals",
            title_zh="名录",
            title_en="List",
            version="next",
            effective_from=since,
            origin="imported",
            entry_count=1,
            content_sha256="",
            entered_at=NINE,
        )
    )
    session.flush()
    session.add(
        ListEntry(
            list_version_id="cn-protected-animals-next",
            entry_no=1,
            taxon_id=taxon_id(name),
            scientific_name=name,
            category="II",
        )
    )


def test_recent_events_of_hunted_taxa_wait_whole(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """Neither row, media nor box leaves before its day; then all do; the muntjac never waits."""
    event = add_record(survey, MUSK_DEER)
    media = {item.media_id for item in media_of(survey, event)}
    seen_on = date(2026, 5, 3)
    for today, leaves in (
        (seen_on, False),
        (seen_on + timedelta(days=364), False),
        (seen_on + timedelta(days=365), True),
    ):
        folder = tmp_path / today.isoformat()
        rows = occurrences(survey, folder, today=today)
        assert (MUSK_DEER in {row["scientificName"] for row in rows}) is leaves
        assert "Muntiacus vaginalis" in {row["scientificName"] for row in rows}
        assert {row["coordinatePrecision"] for row in rows} == {"0.1"}
        out = package(survey, folder, today=today, include_machine=True)
        assert (media <= {line["mediaID"] for line in lines(out, "media")}) is leaves
        assert (MUSK_DEER.encode() in b"".join(bytes_of(out).values())) is leaves


def test_a_waiting_event_is_told_to_the_exporter_and_not_to_the_reader(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """The note and the log count it as of the day; the table is as if it had never been."""
    add_record(survey, BLACK_BEAR)  # the place is sensitive with and without the musk deer
    before = export_occurrences(survey, tmp_path / "a.csv", person="T", today=FRESH)
    add_record(survey, BLACK_BEAR, hours=60)
    after = export_occurrences(survey, tmp_path / "b.csv", person="T", today=FRESH)
    assert any("1 recent events" in note and "2026-06-01" in note for note in before.notes)
    assert any("2 recent events" in note for note in after.notes)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with survey.reading() as session:
        entry = session.exec(select(Decision).where(Decision.act == Act.EXPORTED.value)).all()[-1]
    details = json.loads(entry.details)
    assert (details["as_of"], details["kept_back"]["young_events"]) == ("2026-06-01", 2)


def test_a_wrong_clock_does_not_let_a_record_go_early(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """Dated years before its camera was set up, a record still waits from the set-up on."""
    add_record(survey, MUSK_DEER, hours=-24 * 365 * 6)
    names = {row["scientificName"] for row in occurrences(survey, tmp_path, today=FRESH)}
    assert names == {"Muntiacus vaginalis"}


def test_the_same_day_gives_the_same_bytes(survey: Survey, told: Told, tmp_path: Path) -> None:
    """Young records or not, a second package of the day is the first byte for byte."""
    add_record(survey, MUSK_DEER)
    first, second = (package(survey, tmp_path / name, today=FRESH) for name in "ab")
    assert bytes_of(first) == bytes_of(second)


def test_a_new_class_i_record_coarsens_the_earlier_data_of_its_place(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """What left at 0.01 degrees leaves at 0.1 in the next version, under the same ids."""
    [before] = occurrences(survey, tmp_path / "before", today=FRESH)
    add_record(survey, SNOW_LEOPARD)
    [after] = occurrences(survey, tmp_path / "after", today=FRESH)
    assert (before["coordinatePrecision"], after["coordinatePrecision"]) == ("0.01", "0.1")
    assert before["occurrenceID"] == after["occurrenceID"]


def test_rows_are_in_no_order_that_our_names_or_hours_have(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """Stations along a trail, set up minutes apart: neither order nor starts tell who is next."""
    with survey.writing() as session:
        for number in range(12):
            name = f"TRAIL-{number:02}"
            make_station(session, name, latitude=29.6 + number / 50, longitude=95.9)
            start = datetime(2026, 4, 12, 2, tzinfo=UTC) + timedelta(minutes=30 * number)
            make_deployment(session, name, location_id=name, deployment_start=start)
    deployments = lines(package(survey, tmp_path), "deployments")
    gate = gate_of(survey)
    own = {gate.key("deployment", f"TRAIL-{number:02}"): number for number in range(12)}
    order = [own[row["deploymentID"]] for row in deployments if row["deploymentID"] in own]
    ids = [row["deploymentID"] for row in deployments]
    assert ids == sorted(ids)
    assert len(order) == 12
    assert order not in (sorted(order), sorted(order, reverse=True))
    assert {row["deploymentStart"] for row in deployments} == {"2026-04-12T00:00:00+08:00"}


def test_no_id_of_a_review_leaves_and_its_hour_neither(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """Ids of acts sort by the desk's clock, and the desk works card by card."""
    out = package(survey, tmp_path, include_machine=True)
    with survey.reading() as session:
        own = set(session.exec(select(Observation.observation_id)))
    rows = lines(out, "observations")
    assert not own & {row["observationID"] for row in rows}
    assert {row["classificationTimestamp"][10:] for row in rows} == {"T00:00:00+08:00"}
    assert {row["dateIdentified"][10:] for row in occurrences(survey, tmp_path)} == {
        "T00:00:00+08:00"
    }


def test_a_sensitive_place_tells_months_and_no_passers_by(
    survey: Survey, told: Told, tmp_path: Path
) -> None:
    """The day of the trip and a person on two cameras would put it a walk from its neighbours."""
    add_record(survey, SNOW_LEOPARD)
    out = package(survey, tmp_path, include_machine=True)
    [deployment] = lines(out, "deployments")
    assert deployment["deploymentStart"] == "2026-04-01T00:00:00+08:00"
    assert deployment["deploymentEnd"] == "2026-10-31T23:59:59+08:00"
    assert "approximateEffortDays:170" in deployment["deploymentTags"]
    assert (deployment["cameraID"], deployment["featureType"]) == ("", "")
    rows = lines(out, "observations")
    assert "human" not in {row["observationType"] for row in rows}
    people = {media.media_id for media in media_of(survey, told.person)}
    assert not people & {line["mediaID"] for line in lines(out, "media")}


def test_whole_days_do_not_hide_a_wrong_clock(survey: Survey, told: Told, tmp_path: Path) -> None:
    """A picture three hours after the camera was taken down is refused as before."""
    add_record(survey, "Muntiacus vaginalis", hours=24 * 155 + 6)
    with pytest.raises(ExportRefused, match="1 media and 1 observations lie outside"):
        package(survey, tmp_path)


@pytest.mark.parametrize(
    ("latitude", "longitude", "county"),
    [(29.40, 95.60, "Medog County"), (29.80, 95.50, "")],
)
def test_a_county_is_named_only_beside_a_cell_that_it_holds_whole(
    survey: Survey, told: Told, tmp_path: Path, latitude: float, longitude: float, county: str
) -> None:
    """Where a border crosses the cell, the county's name would halve it."""
    add_record(survey, SNOW_LEOPARD)
    with survey.writing() as session:
        station = session.get_one(CameraStation, STATION)
        station.latitude, station.longitude = latitude, longitude
    assert {row["county"] for row in occurrences(survey, tmp_path)} == {county}


@pytest.mark.parametrize(
    ("category", "county"),
    [(Sensitivity.HIGH, ""), (Sensitivity.EXTREME, "540423"), (Sensitivity.NONE, "540423")],
)
def test_a_sensitive_place_without_coordinates_names_no_county(
    survey: Survey, category: Sensitivity, county: str
) -> None:
    """It has no cell to hide in: beside neighbours that may not tell it, it would halve theirs."""
    assert gate_of(survey).county(withheld_place(category), "540423") == county


def test_an_exact_release_is_as_it_was(survey: Survey, told: Told, tmp_path: Path) -> None:
    """With a person and a reason places, dates, young records and our own ids leave."""
    event = add_record(survey, MUSK_DEER)
    exact = ExactRelease("Drolma", "county archive")
    rows = occurrences(survey, tmp_path, today=FRESH, exact=exact)
    [row] = [row for row in rows if row["scientificName"] == MUSK_DEER]
    assert (row["decimalLatitude"], row["eventID"]) == ("29.43217", event.event_id)
    assert row["samplingEffort"] == "2026-04-12T10:00:00+08:00/2026-10-03T12:00:00+08:00"


def test_a_place_says_why_to_those_who_may_know(survey: Survey, told: Told) -> None:
    """The report names the taxon, the rule and the station, also for the plot's other camera."""
    add_record(survey, SNOW_LEOPARD)
    with survey.writing() as session:
        make_station(session, "ON-PLOT", latitude=29.6, longitude=95.8)
    with survey.reading() as session:
        report = report_place(session, "ON-PLOT", today=OLD_ENOUGH)
        with pytest.raises(SensitivityError, match="Did you mean 'ON-PLOT'"):
            report_place(session, "ONPLOT", today=OLD_ENOUGH)
    [reason] = report.reasons
    assert (report.sensitivity, report.cell_degrees) == (Sensitivity.HIGH, "0.1")
    assert (reason.scientific_name, reason.seen_at) == (SNOW_LEOPARD, ("station", STATION))
    assert reason.category.subject == "status:protected_animals:I"


def test_the_command_sets_lists_and_explains(survey: Survey, told: Told) -> None:
    """A rule by Chinese name keeps the delay the law's rule gave; a slip is named."""
    add_record(survey, SNOW_LEOPARD)

    def run(*words: str) -> str:
        told_back = CliRunner().invoke(app, ["sensitivity", *words, "--survey", str(survey.folder)])
        assert told_back.exit_code == 0, told_back.output
        return told_back.output

    rule = ("--taxon", "雪豹", "--sensitivity", "extreme", "--reason", "den", "--person", "Drolma")
    assert "Panthera uncia  extreme  365 days" in run("set", *rule)
    assert "status:protected_animals:I  high  365 days" in run("list")
    assert json.loads(run("list", "--json"))[-1]["person"] == "Drolma"
    assert "extreme  Panthera uncia" in run("place", STATION)
    with survey.reading() as session, pytest.raises(SensitivityError, match="Did you mean"):
        find_taxon(session, "Panthera unsia")


def test_a_cell_of_a_place_never_moves_with_what_else_is_recorded(
    survey: Survey, told: Told
) -> None:
    """Coarse or fine, the place is rounded from its true point: the fine cell lies within reach."""
    with survey.reading() as session:
        station = session.get_one(CameraStation, STATION)
    fine = gate_of(survey).place(station)
    add_record(survey, SNOW_LEOPARD)
    coarse = gate_of(survey).place(station)
    assert None not in (fine.latitude, coarse.latitude, fine.longitude, coarse.longitude)
    apart = hypot(
        float((fine.latitude or 0) - (coarse.latitude or 0)),
        float((fine.longitude or 0) - (coarse.longitude or 0)),
    )
    assert apart <= 0.055 * 2**0.5
    assert coarse.coordinate_precision == Decimal("0.1")
