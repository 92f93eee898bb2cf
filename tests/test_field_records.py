"""Field records: placing photos on a plot, grouping them, and what people say of them."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from ingest.field_photos import FieldVisit, import_field
from ingest.file_problem import ProblemCode
from species_db.decisions import broken_entries
from species_db.field import (
    DOUBTFUL_PLACE,
    DOUBTFUL_TIME,
    FieldConflict,
    FieldFinding,
    FieldRefusal,
    PlotCircle,
    Sighting,
    draft_records,
    group_photos,
    identify_record,
    logged_finding,
    nearest_plot,
    place_photos,
    reject_record,
    split_record,
    view_record,
)
from species_db.field.drafting import make_drafts
from species_db.field.grouping import IN_FLIGHT, ON_FOOT, PhotoFact
from species_db.gcj02 import to_gcj02
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import Decision, FieldPhoto, FieldRecord, Taxon
from species_db.vocabulary import Act, FieldProtocol, FieldState
from tests.factories import make_taxon
from tests.field_folder import MIDDLE, make_folder, north_of_middle, phone_photo, with_plots

NINE = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
PLOT = PlotCircle("LZ-041", *MIDDLE)


def fact(
    name: str, minutes: float | None, at: tuple[float, float] | None = None, **more: object
) -> PhotoFact:
    """A photo so many minutes after nine, at a place."""
    moment = None if minutes is None else NINE + timedelta(minutes=minutes)
    place = {} if at is None else {"latitude": at[0], "longitude": at[1]}
    return PhotoFact(name, name, moment, **place, **more)


def names(groups: list) -> list[list[str]]:
    """The photos of each group."""
    return [[photo.field_photo_id for photo in group.photos] for group in groups]


def test_five_minutes_are_one_record_and_more_are_two() -> None:
    """A gap of exactly the limit stays in the record; a second more begins a new one."""
    photos = [fact("a", 0), fact("b", 5), fact("c", 10 + 1 / 60)]
    assert names(group_photos(reversed(photos))) == [["a", "b"], ["c"]]


def test_a_place_further_off_begins_a_new_record() -> None:
    """Someone who walks on slowly is judged from where the record began, not step by step."""
    steps = [fact(name, n, north_of_middle(35.0 * n)) for n, name in enumerate("abc")]
    assert names(group_photos(steps)) == [["a", "b"], ["c"]]
    assert names(group_photos(steps, settings=IN_FLIGHT)) == [["a", "b", "c"]]


def test_undated_photos_stand_alone() -> None:
    """Nobody knows what an undated photo belongs to."""
    assert names(group_photos([fact("b", None), fact("a", None), fact("c", 0)])) == [
        ["c"],
        ["a"],
        ["b"],
    ]


@pytest.mark.parametrize(
    ("more", "metres"),
    [({}, 30), ({"has_old_position": True}, 215), ({"extra_uncertainty_m": 320}, 350)],
)
def test_the_uncertainty_says_what_is_doubtful(more: dict, metres: int) -> None:
    """30 m for a fresh fix, 215 m for an old one (DOMAIN 8), and a suspected shift on top."""
    (group,) = group_photos([fact("a", 0, MIDDLE, **more)])
    assert group.uncertainty_m(ON_FOOT) == metres


def test_the_spread_of_positions_is_uncertainty() -> None:
    """Two fixes 40 m apart put the record half-way, 20 m less sure."""
    (group,) = group_photos([fact("a", 0, MIDDLE), fact("b", 1, north_of_middle(40))])
    assert group.uncertainty_m(ON_FOOT) == 50
    assert group.middle == pytest.approx(north_of_middle(20), abs=1e-6)


def seen(*places: tuple[float, float], device: str = "phone") -> list[Sighting]:
    """Photos at these places."""
    return [Sighting(f"{device} {n}", device, *place) for n, place in enumerate(places)]


def test_the_radius_decides_what_is_far() -> None:
    """Beyond the plot's radius a photo is far, and its distance is told."""
    placed = place_photos(seen(north_of_middle(490), north_of_middle(510)), PLOT)
    near, far = placed.values()
    assert (near.is_far, far.is_far) == (False, True)
    assert far.distance_m == pytest.approx(510, abs=1)


def test_a_phone_that_writes_gcj02_is_suspected() -> None:
    """Photos that the Linzhi shift brings onto the plot's middle are flagged with its 320 m."""
    (placing,) = place_photos(seen(to_gcj02(*MIDDLE)), PLOT).values()
    assert placing.gcj02_shift_m == pytest.approx(320, abs=1)
    assert not placing.is_far


def test_a_shift_out_of_the_plot_is_suspected() -> None:
    """Photos off a small plot that lie on it without the shift are far, and flagged."""
    small = PlotCircle("LZ-041", *MIDDLE, radius_m=200.0)
    (placing,) = place_photos(seen(to_gcj02(*north_of_middle(-100))), small).values()
    assert placing.is_far and placing.gcj02_shift_m == pytest.approx(320, abs=1)


@pytest.mark.parametrize("metres", [0, 30, 300, 450, 2000, 20_000])
def test_true_positions_are_not_suspected(metres: float) -> None:
    """WGS-84 photos on the plot, at its edge and far away raise no suspicion."""
    (placing,) = place_photos(seen(north_of_middle(metres)), PLOT).values()
    assert placing.gcj02_shift_m is None


def test_one_odd_photo_does_not_make_a_phone_suspect() -> None:
    """A phone shifts all its photos: one that fits among three that do not is chance."""
    places = [MIDDLE, north_of_middle(50), north_of_middle(90), to_gcj02(*MIDDLE)]
    assert not any(p.gcj02_shift_m for p in place_photos(seen(*places), PLOT).values())


def test_the_shift_is_told_for_one_phone_and_not_for_another() -> None:
    """Two observers on one plot are judged each by their own phone."""
    photos = seen(MIDDLE, device="WGS") + seen(to_gcj02(*MIDDLE), device="GCJ")
    placed = place_photos(photos, PLOT)
    assert placed["WGS 0"].gcj02_shift_m is None and placed["GCJ 0"].gcj02_shift_m is not None


def test_the_plot_that_was_meant_is_named() -> None:
    """The plot nearest to the photos is offered with its distance."""
    other = PlotCircle("LZ-042", *north_of_middle(2000))
    found = nearest_plot(seen(north_of_middle(1820)), [PLOT, other])
    assert found is not None and found[0] is other and found[1] == pytest.approx(180, abs=1)


def test_the_codes_are_those_of_ingest() -> None:
    """What drafting reads from the journal is what the import writes there."""
    assert ProblemCode.GCJ02_SUSPECT.value == DOUBTFUL_PLACE
    assert ProblemCode.GPS_TIME_DIFFERS.value == DOUBTFUL_TIME


@pytest.fixture
def drafts(survey: Survey, tmp_path: Path) -> Survey:
    """A survey with two drafts on LZ-041: three photos at nine, one at ten."""
    photos = {
        name: phone_photo(minute=minute, width=8 + n)
        for n, (name, minute) in enumerate({"a": 0, "b": 1, "c": 2, "d": 60}.items())
    }
    visit = FieldVisit("LZ-041", "Tashi")
    import_field(
        with_plots(survey), make_folder(tmp_path / "phone", **photos), visit=visit, person="Tashi"
    )
    with survey.writing() as session:
        make_taxon(session)
    return survey


def views(survey: Survey, state: FieldState = FieldState.DRAFT) -> list:
    """The field records of a state as screens show them."""
    with survey.reading() as session:
        return draft_records(session, state=state)


def taxon(survey: Survey) -> str:
    """The one taxon of the survey."""
    with survey.reading() as session:
        return session.exec(select(Taxon.taxon_id)).one()


def identify(survey: Survey, view: object, person: str = "Drolma", **said: object) -> str:
    """Identify a record as it was shown."""
    finding = FieldFinding(taxon(survey), **said)  # type: ignore[arg-type]
    return identify_record(
        survey,
        view.field_record_id,  # type: ignore[attr-defined]
        finding=finding,
        person=person,
        expected_review_id=view.review_id,  # type: ignore[attr-defined]
    )


def logged(survey: Survey, act: Act) -> list[dict]:
    """What the log says of an act, in order."""
    with survey.reading() as session:
        statement = select(Decision).where(Decision.act == act.value).order_by(Decision.sequence)
        assert list(broken_entries(session)) == []
        return [json.loads(one.details) for one in session.exec(statement)]


def test_drafts_are_listed_by_plot_with_their_photos(drafts: Survey) -> None:
    """Two drafts, in order of time, with plot, local time and photos in order."""
    first, second = views(drafts)
    assert [photo.file_name for photo in first.photos] == ["a.jpg", "b.jpg", "c.jpg"]
    assert (first.plot_id, f"{first.local_start:%H:%M}", len(second.photos)) == (
        "LZ-041",
        "09:00",
        1,
    )
    with drafts.reading() as session:
        assert draft_records(session, "LZ-042") == []


def test_an_identification_is_kept_and_logged_whole(drafts: Survey) -> None:
    """The row and the log say the same, and the row names the entry."""
    first = views(drafts)[0]
    act = identify(drafts, first, individual_count=3, habitat="forest edge", remarks="on the path")
    (details,) = logged(drafts, Act.FIELD_IDENTIFIED)
    with drafts.reading() as session:
        row = session.get_one(FieldRecord, first.field_record_id)
        assert logged_finding(row).items() <= details.items()
        assert (row.state, row.review_id, row.identified_by) == ("identified", act, "Drolma")
        assert list(broken_seals(session)) == []
    assert details["scientific_name"] == "Muntiacus vaginalis" and len(details["photos"]) == 3
    assert len(views(drafts)) == 1


def test_a_second_opinion_keeps_the_first_in_the_log(drafts: Survey) -> None:
    """The later entry names the earlier one; nothing is overwritten silently."""
    first = views(drafts)[0]
    before = identify(drafts, first, individual_count=3)
    (shown,) = views(drafts, FieldState.IDENTIFIED)
    identify(drafts, shown, "Tashi", individual_count=4)
    one, two = logged(drafts, Act.FIELD_IDENTIFIED)
    assert (one["previous_review_id"], two["previous_review_id"]) == (None, before)
    assert (one["individual_count"], two["individual_count"]) == (3, 4)


def test_the_same_finding_again_adds_nothing(drafts: Survey) -> None:
    """A key pressed twice is one act."""
    first = views(drafts)[0]
    act = identify(drafts, first, individual_count=3)
    (shown,) = views(drafts, FieldState.IDENTIFIED)
    assert identify(drafts, shown, individual_count=3) == act
    assert len(logged(drafts, Act.FIELD_IDENTIFIED)) == 1


def test_who_saw_an_older_record_is_told(drafts: Survey) -> None:
    """An act on a record that somebody has changed meanwhile writes nothing."""
    first = views(drafts)[0]
    identify(drafts, first)
    with pytest.raises(FieldConflict, match="since you opened it"):
        reject_record(drafts, first.field_record_id, person="Tashi", expected_review_id=None)
    assert len(views(drafts, FieldState.IDENTIFIED)) == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"individual_count": 0}, "count of 0"),
        ({"organism_quantity": "120", "organism_quantity_type": "% cover"}, "no quantity"),
        ({"organism_quantity": "-3", "organism_quantity_type": "m2"}, "no quantity"),
        ({"organism_quantity": "nan", "organism_quantity_type": "m2"}, "no quantity"),
        ({"organism_quantity": "many", "organism_quantity_type": "m2"}, "no quantity"),
        ({"organism_quantity": "3", "organism_quantity_type": "bags"}, "no quantity"),
    ],
)
def test_impossible_quantities_are_refused(drafts: Survey, said: dict, why: str) -> None:
    """Nothing is written of a quantity that makes no sense."""
    with pytest.raises(FieldRefusal, match=why):
        identify(drafts, views(drafts)[0], **said)
    assert len(views(drafts)) == 2 and logged(drafts, Act.FIELD_IDENTIFIED) == []


def test_nobody_and_no_taxon_are_refused(drafts: Survey) -> None:
    """An act needs a person's name and a taxon of the list."""
    first = views(drafts)[0]
    with pytest.raises(FieldRefusal, match="your name"):
        identify(drafts, first, person=" ")
    with pytest.raises(FieldRefusal, match="taxon"):
        identify_record(
            drafts,
            first.field_record_id,
            finding=FieldFinding("no such"),
            person="Tashi",
            expected_review_id=None,
        )


def test_a_draft_can_be_put_aside(drafts: Survey) -> None:
    """A rejected draft leaves the queue, and the log says who did it and why."""
    first = views(drafts)[0]
    reject_record(
        drafts, first.field_record_id, person="Tashi", expected_review_id=None, remarks="my boots"
    )
    (details,) = logged(drafts, Act.FIELD_REJECTED)
    assert (details["state"], details["remarks"]) == ("rejected", "my boots")
    assert len(views(drafts)) == 1 and len(views(drafts, FieldState.REJECTED)) == 1


@pytest.mark.parametrize("chosen", [["b.jpg"], ["a.jpg"], ["a.jpg", "c.jpg"]])
def test_two_kinds_in_one_draft_are_parted(drafts: Survey, chosen: list[str]) -> None:
    """Chosen photos get a record of their own, whichever side holds the opening photo."""
    first = views(drafts)[0]
    ids = [photo.field_photo_id for photo in first.photos if photo.file_name in chosen]
    new = split_record(
        drafts,
        first.field_record_id,
        photo_ids=ids,
        person="Tashi",
        expected_review_id=None,
    )
    assert new != first.field_record_id
    with drafts.reading() as session:
        parts = [view_record(session, one) for one in (first.field_record_id, new)]
        assert list(broken_seals(session)) == []
    told = [{photo.file_name for photo in part.photos} for part in parts if part]
    assert set(chosen) in told and told[0] | told[1] == {"a.jpg", "b.jpg", "c.jpg"}
    assert len(logged(drafts, Act.FIELD_SPLIT)) == 2


def test_grouping_anew_leaves_what_people_touched(drafts: Survey) -> None:
    """Working the drafts out again keeps a parted record and an identified one as they are."""
    first, second = views(drafts)
    identify(drafts, second)
    split_record(
        drafts,
        first.field_record_id,
        photo_ids=[first.photos[1].field_photo_id],
        person="Tashi",
        expected_review_id=None,
    )

    def rows() -> set[tuple[str, int, str]]:
        with drafts.reading() as session:
            found = session.exec(select(FieldRecord)).all()
        return {(one.field_record_id, one.photo_count, one.state) for one in found}

    before = rows()
    with drafts.writing() as session:
        make_drafts(session, session.exec(select(FieldPhoto)).first().field_import_id)
    assert rows() == before and len(before) == 3


def test_a_part_must_be_some_and_not_all(drafts: Survey) -> None:
    """Parting none or all of the photos is refused."""
    first = views(drafts)[0]
    every = [photo.field_photo_id for photo in first.photos]
    for photo_ids in ([], every):
        with pytest.raises(FieldRefusal, match="not all"):
            split_record(
                drafts,
                first.field_record_id,
                photo_ids=photo_ids,
                person="Tashi",
                expected_review_id=None,
            )


def test_a_record_edited_elsewhere_is_named(drafts: Survey) -> None:
    """A count changed with another program no longer fits the seal of its row."""
    first = views(drafts)[0]
    identify(drafts, first, individual_count=3)
    drafts.close()
    with sqlite3.connect(drafts.folder / "survey.db") as connection:
        connection.execute("UPDATE fieldrecord SET individual_count = 30 WHERE taxon_id <> ''")
    connection.close()
    with drafts.reading() as session:
        assert list(broken_seals(session)) == [("fieldrecord", first.field_record_id)]


def test_a_drone_does_not_give_its_own_height(survey: Survey, tmp_path: Path) -> None:
    """A flight is one record at the plot's elevation; the drone hangs above the ground."""
    photos = {f"f{n}": phone_photo(minute=n / 10, at=north_of_middle(30 * n)) for n in range(9)}
    folder = make_folder(tmp_path / "drone", **photos)
    visit = FieldVisit("LZ-041", "Tashi", FieldProtocol.UAV)
    import_field(with_plots(survey), folder, visit=visit, person="Tashi")
    (view,) = views(survey)
    assert (view.elevation_m, view.elevation_source) == (2990.0, "plot")
