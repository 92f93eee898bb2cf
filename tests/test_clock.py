"""What people decide of a clock, and what follows: times, events, and back again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from factories import (
    NINE,
    make_card_import,
    make_deployment,
    make_event,
    make_human_review,
    make_machine_observation,
    make_media,
)
from sqlmodel import Session, col, select

from species_db import identity
from species_db.clock import (
    Anchor,
    ClockError,
    Proposal,
    Symptom,
    accept,
    apply_clock,
    clock_view,
    corrected_time,
    dismiss,
    file_order,
    parse_moment,
    parse_shift,
    propose,
    segment_numbered,
    state_anchors,
    state_shift,
    withdraw,
)
from species_db.decisions import broken_entries
from species_db.events import assign_events
from species_db.review import Finding, review_event, summarise_event
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import (
    CameraDay,
    CardImport,
    ClockSegment,
    Decision,
    Event,
    Media,
    Observation,
)
from species_db.vocabulary import ClockCause, ImportState

HERE = "MT-01-2026"
GAP = timedelta(seconds=120)
HOUR = timedelta(hours=1)
WHO = {"person": "Tashi"}


def stored_card(survey: Survey, hours: Sequence[float]) -> list[str]:
    """Photos in file order at hours after nine, grouped into events; gives their paths."""
    with survey.writing() as session:
        paths = []
        for number, hour in enumerate(hours, start=1):
            path = f"DCIM/100MEDIA/IMG_{number:04d}.JPG"
            media = make_media(session, timestamp=NINE + hour * HOUR)
            media.card_path, media.file_name = path, path.rpartition("/")[2]
            session.add(media)
            paths.append(path)
        session.flush()
        assign_events(session, HERE, gap=GAP)
    return paths


def hours_of(survey: Survey) -> list[float]:
    """Corrected times as hours after nine, in file order."""
    with survey.reading() as session:
        rows = session.exec(select(Media).order_by(col(Media.card_path))).all()
    return [(row.timestamp - NINE) / HOUR for row in rows if row.timestamp]


def everything(survey: Survey) -> dict[str, list[dict[str, object]]]:
    """All rows that a clock may move; when the machine last judged a day is not of them."""
    with survey.reading() as session:
        tables = (Media, Event, Observation, CardImport, CameraDay)
        rows = {
            table.__name__: [
                row.model_dump(exclude={"stated_at", "seal"}) for row in _all(session, table)
            ]
            for table in tables
        }
    return {name: sorted(found, key=str) for name, found in rows.items()}


def _all(session: Session, table: type) -> list:
    return list(session.exec(select(table)))


def proposal(card_import_id: str, hours: float = 8, **values: object) -> Proposal:
    """A proposal for a whole card."""
    told = {
        "first_card_path": None,
        "last_card_path": None,
        "cause": ClockCause.ZONE,
        "offset": hours * HOUR,
        "uncertainty": timedelta(minutes=5),
        "confidence": 0.9,
        "symptoms": (Symptom("end", {"which": "setup", "seconds": 120}),),
        "detector": "sun",
    } | values
    return Proposal(card_import_id=card_import_id, **told)  # type: ignore[arg-type]


def stored_proposal(survey: Survey, **values: object) -> str:
    """A stored proposal; gives its id."""
    with survey.writing() as session:
        card = make_card_import(session)
        propose(session, HERE, [proposal(card.card_import_id, **values)])
        return session.exec(select(ClockSegment.segment_id)).one()


def test_a_proposal_moves_nothing(survey: Survey) -> None:
    """Only a person puts a correction in force."""
    stored_card(survey, [0, 1])
    before = everything(survey)
    stored_proposal(survey)
    with survey.writing() as session:
        assert apply_clock(session, HERE) == 0
    assert everything(survey) == before


def test_accepting_shifts_times_and_events_follow(survey: Survey) -> None:
    """Eight hours later is what the accepted segment says, for files and their events alike."""
    stored_card(survey, [0, 1])
    accept(survey, stored_proposal(survey), **WHO)
    assert hours_of(survey) == [8, 9]
    with survey.reading() as session:
        starts = sorted((e.event_start - NINE) / HOUR for e in session.exec(select(Event)))
        cameras = {m.camera_timestamp for m in session.exec(select(Media))}
    assert starts == [8, 9]
    assert cameras == {NINE, NINE + HOUR}


def test_applying_twice_changes_nothing(survey: Survey) -> None:
    """The correction is a view over the camera's time, so it does not add up."""
    stored_card(survey, [0, 1])
    accept(survey, stored_proposal(survey), **WHO)
    with survey.writing() as session:
        assert apply_clock(session, HERE) == 0


def test_withdrawing_gives_back_the_state_before(survey: Survey) -> None:
    """Times, events, answers and days are row by row what they were."""
    stored_card(survey, [0, 0.01, 1, 1.02, 30])
    with survey.writing() as session:
        for media in session.exec(select(Media)).all():
            make_machine_observation(session, media)
        for event in session.exec(select(Event)).all():
            summarise_event(session, event.event_id)
    first = stored_proposal(survey, first_card_path="DCIM/100MEDIA/IMG_0002.JPG")
    accept(survey, first, **WHO)
    withdraw(survey, first, **WHO)
    before = everything(survey)
    accept(survey, first, **WHO)
    assert everything(survey) != before
    withdraw(survey, first, **WHO)
    assert everything(survey) == before


def test_withdrawing_gives_back_the_events_as_the_import_made_them(survey: Survey) -> None:
    """Also the very first time, the events of a card come back under their own names."""
    stored_card(survey, [0, 0.01, 1])
    before = everything(survey)
    before.pop("CameraDay")
    segment = state_shift(
        survey, HERE, 2 * HOUR, first_file="IMG_0002.JPG", last_file="IMG_0002.JPG", **WHO
    )
    withdraw(survey, segment, **WHO)
    after = everything(survey)
    after.pop("CameraDay")
    assert after == before


def test_a_reviewed_event_keeps_its_files_and_follows_their_times(survey: Survey) -> None:
    """What a person reviewed stays one event under its name; only its start and end move."""
    with survey.writing() as session:
        event = make_event(session, photos=3)
    make_human_review(survey, event)
    state_shift(survey, HERE, HOUR, **WHO)
    with survey.reading() as session:
        stored = session.get_one(Event, event.event_id)
        assert stored.event_start == NINE + HOUR
        assert stored.event_end == NINE + HOUR + timedelta(seconds=2)
        assert (stored.media_count, stored.is_reviewed) == (3, True)


def test_a_file_that_a_shift_brings_to_a_reviewed_event_leaves_with_it(survey: Survey) -> None:
    """Nobody has seen it there, so the event goes back to the queue until the shift is undone."""
    with survey.writing() as session:
        event = make_event(session, photos=2)
    finding = Finding(observation_type="blank")
    review_event(survey, event.event_id, [finding], person="Drolma", expected_review_id=None)
    with survey.writing() as session:
        name = make_media(session, timestamp=NINE - HOUR).file_name
        assign_events(session, HERE, gap=GAP)
    before = everything(survey)["Event"]
    segment = state_shift(survey, HERE, HOUR, first_file=name, last_file=name, **WHO)
    with survey.reading() as session:
        joined = session.get_one(Event, event.event_id)
        assert (joined.media_count, joined.is_reviewed) == (3, False)
    withdraw(survey, segment, **WHO)
    assert everything(survey)["Event"] == before


def test_a_reviewed_event_torn_by_a_shift_takes_in_nothing_between(survey: Survey) -> None:
    """Its two halves lie a day apart now; photos of that day are events of their own."""
    stored_card(survey, [0, 0.01])
    with survey.reading() as session:
        event = session.exec(select(Event)).one()
    make_human_review(survey, event, observation_type="blank", count=None)
    state_shift(survey, HERE, 24 * HOUR, first_file="IMG_0002.JPG", **WHO)
    with survey.writing() as session:
        media = make_media(session, timestamp=NINE + 5 * HOUR)
        media.card_path = "DCIM/099MEDIA/IMG_0001.JPG"
        assign_events(session, HERE, gap=GAP)
        assert media.event_id != event.event_id


def test_drift_lies_on_the_line_through_both_anchors(survey: Survey) -> None:
    """Right at set-up and ten minutes slow after ten days is five minutes slow in between."""
    stored_card(survey, [0, 120, 240])
    anchors = [
        Anchor("IMG_0001.JPG", NINE),
        Anchor("DCIM/100MEDIA/IMG_0003.JPG", NINE + 240 * HOUR + timedelta(minutes=10)),
    ]
    state_anchors(survey, HERE, anchors, **WHO)
    assert hours_of(survey) == pytest.approx([0, 120 + 5 / 60, 240 + 10 / 60])


def test_one_anchor_shifts_its_card(survey: Survey) -> None:
    """The board photo says 11:20, the file six hours less: the card is six hours slow."""
    stored_card(survey, [0, 1])
    state_anchors(survey, HERE, [Anchor("IMG_0002.JPG", NINE + 7 * HOUR)], **WHO)
    assert hours_of(survey) == [6, 7]


@pytest.mark.parametrize(
    ("anchored", "stated"),
    [(["1"], 60 + 20), (["2"], 60 + 16), (["1", "3"], 60), (["1", "2"], 60 + 8 * (2 + 60))],
    ids=["at an end", "in the middle", "at both ends", "far from the end"],
)
def test_an_anchor_speaks_less_surely_of_distant_days(
    survey: Survey, anchored: list[str], stated: int
) -> None:
    """Two seconds of quartz for each day from an anchor; a line beyond two of them swings."""
    stored_card(survey, [0, 48, 240])
    times = {"1": NINE, "2": NINE + 48 * HOUR, "3": NINE + 240 * HOUR}
    anchors = [
        Anchor(f"IMG_000{name}.JPG", times[name] + timedelta(minutes=2)) for name in anchored
    ]
    state_anchors(survey, HERE, anchors, **WHO)
    with survey.reading() as session:
        assert clock_view(session, HERE).segments[0].uncertainty_seconds == stated


def test_anchors_that_no_clock_could_join_are_refused(survey: Survey) -> None:
    """A straight line over a reset would invent times for a whole season."""
    stored_card(survey, [0, 24])
    anchors = [Anchor("IMG_0001.JPG", NINE), Anchor("IMG_0002.JPG", NINE + 36 * HOUR)]
    with pytest.raises(ClockError, match="no clock drifts so"):
        state_anchors(survey, HERE, anchors, **WHO)
    assert hours_of(survey) == [0, 24]


def test_overlapping_corrections_are_refused_and_the_first_is_named(survey: Survey) -> None:
    """Two answers for one file are no answer: the person must take one back."""
    stored_card(survey, [0, 1, 2])
    state_shift(survey, HERE, HOUR, last_file="IMG_0002.JPG", **WHO)
    with pytest.raises(ClockError, match="Withdraw that correction first"):
        state_shift(survey, HERE, HOUR, first_file="IMG_0002.JPG", **WHO)
    state_shift(survey, HERE, -HOUR, first_file="IMG_0003.JPG", **WHO)
    assert hours_of(survey) == [1, 2, 1]


def test_a_phone_photo_among_the_files_is_never_shifted(survey: Survey) -> None:
    """A time with its own zone is not the camera's clock."""
    stored_card(survey, [0, 1])
    with survey.writing() as session:
        phone = make_media(session, timestamp=NINE)
        phone.offset_source = "OffsetTimeOriginal"
        session.add(phone)
        name = phone.file_name
    state_shift(survey, HERE, HOUR, **WHO)
    with survey.reading() as session:
        view = clock_view(session, HERE)
        assert session.exec(select(Media.timestamp).where(Media.file_name == name)).one() == NINE
    assert (view.left_alone, view.segments[0].effect.files) == (1, 2)


@pytest.mark.parametrize("by_anchor", [False, True])
def test_a_camera_that_writes_its_zone_is_corrected_by_a_person(
    survey: Survey, by_anchor: bool
) -> None:
    """Where all times of a card carry the zone of one camera, that clock is the one meant."""
    stored_card(survey, [0, 1])
    with survey.writing() as session:
        for media in session.exec(select(Media)).all():
            media.offset_source = "OffsetTimeOriginal"
            media.make, media.model = "Trap", "T1"
    if by_anchor:
        segment = state_anchors(survey, HERE, [Anchor("IMG_0001.JPG", NINE + HOUR)], **WHO)
    else:
        segment = state_shift(survey, HERE, HOUR, **WHO)
    assert hours_of(survey) == [1, 2]
    with survey.reading() as session:
        assert clock_view(session, HERE).segments[0].effect.files == 2
    withdraw(survey, segment, **WHO)
    assert hours_of(survey) == [0, 1]


def test_two_cameras_that_write_their_zones_are_not_shifted_together(survey: Survey) -> None:
    """One of them may be a phone, and nothing tells which."""
    stored_card(survey, [0, 1])
    with survey.writing() as session:
        for number, media in enumerate(session.exec(select(Media)).all()):
            media.offset_source, media.model = "OffsetTimeOriginal", f"T{number}"
    with pytest.raises(ClockError, match="nothing to correct"):
        state_shift(survey, HERE, HOUR, **WHO)


def test_a_shift_of_nothing_but_phone_photos_is_refused(survey: Survey) -> None:
    """A correction that corrects no file would look like one that does."""
    with survey.writing() as session:
        make_media(session, timestamp=NINE).offset_source = "GPS"
    with pytest.raises(ClockError, match="nothing to correct"):
        state_shift(survey, HERE, HOUR, **WHO)
    with survey.reading() as session:
        assert clock_view(session, HERE).segments == ()


@pytest.mark.parametrize("decide", [dismiss, lambda *a, **k: (accept(*a, **k), withdraw(*a, **k))])
def test_what_a_person_has_turned_down_is_not_proposed_again(survey: Survey, decide) -> None:
    """Dismissed and withdrawn proposals stay where the person left them."""
    stored_card(survey, [0, 1])
    segment = stored_proposal(survey)
    decide(survey, segment, **WHO)
    with survey.writing() as session:
        card = make_card_import(session)
        assert propose(session, HERE, [proposal(card.card_import_id)]) == 0
        assert session.get_one(ClockSegment, segment).state in ("dismissed", "withdrawn")


def test_a_proposal_that_no_longer_holds_vanishes(survey: Survey) -> None:
    """A mended field sheet takes its proposals with it; what was accepted stays."""
    stored_card(survey, [0, 1])
    stored_proposal(survey)
    with survey.writing() as session:
        assert propose(session, HERE, []) == 0
        assert clock_view(session, HERE).segments == ()


def test_the_number_of_a_proposal_is_never_anothers(survey: Survey) -> None:
    """Who accepts the first of a list that has changed meanwhile is told so; nothing is shifted."""
    stored_card(survey, [0, 1])
    stored_proposal(survey)
    with survey.writing() as session:
        card = make_card_import(session)
        other = proposal(card.card_import_id, hours=12, cause=ClockCause.AM_PM)
        assert propose(session, HERE, [other]) == 1
        first = segment_numbered(session, HERE, 1)
        assert [one.number for one in clock_view(session, HERE).segments] == [2]
    with pytest.raises(ClockError, match="no longer holds"):
        accept(survey, first, **WHO)
    assert hours_of(survey) == [0, 1]
    with survey.writing() as session:
        assert propose(session, HERE, [proposal(card.card_import_id)]) == 0  # it holds again
        assert [one.number for one in clock_view(session, HERE).segments] == [1]
    accept(survey, first, **WHO)
    assert hours_of(survey) == [8, 9]


@pytest.mark.parametrize("shift", ["+9000000d", "-999999d", "+99999999999999d", "-3000000d"])
def test_a_shift_out_of_all_calendars_is_refused(survey: Survey, shift: str) -> None:
    """A slip of the key gives a sentence, no traceback, and shifts nothing."""
    stored_card(survey, [0, 1])
    with pytest.raises(ClockError):
        state_shift(survey, HERE, parse_shift(shift), **WHO)
    assert hours_of(survey) == [0, 1]


def test_a_factory_time_beside_a_stretch_does_not_forbid_its_correction(survey: Survey) -> None:
    """Only the times that are corrected are held against the calendar."""
    stored_card(survey, [-24 * 365 * 56, 0, 1])
    state_shift(survey, HERE, HOUR, first_file="IMG_0002.JPG", **WHO)
    assert hours_of(survey)[1:] == [1, 2]


@pytest.mark.parametrize("moment", ["0001-01-01 00:00", "9999-12-31 23:59", "1899-12-31 12:00"])
def test_an_anchor_out_of_all_calendars_is_refused(survey: Survey, moment: str) -> None:
    """A year with a digit too few is a sentence to whoever typed it."""
    stored_card(survey, [0, 1])
    with pytest.raises(ClockError):
        time = parse_moment(moment, utc_offset_seconds=28800)
        state_anchors(survey, HERE, [Anchor("IMG_0001.JPG", time)], **WHO)
    assert hours_of(survey) == [0, 1]


def test_files_of_a_later_import_are_corrected_as_well(survey: Survey) -> None:
    """A shift of the whole deployment covers what comes after it."""
    stored_card(survey, [0])
    state_shift(survey, HERE, HOUR, **WHO)
    with survey.writing() as session:
        late = make_media(session, timestamp=NINE + 5 * HOUR)
        apply_clock(session, HERE)
        assert late.timestamp == NINE + 6 * HOUR


def test_every_decision_is_in_the_log_and_every_seal_holds(survey: Survey) -> None:
    """Who accepted, dismissed and withdrew is on the record, and bulk writing breaks no seal."""
    stored_card(survey, [0, 1])
    segment = stored_proposal(survey)
    dismiss(survey, segment, **WHO)
    accept(survey, segment, person="Drolma")
    withdraw(survey, segment, **WHO)
    with survey.reading() as session:
        acts = [(d.act, d.person) for d in session.exec(select(Decision).order_by("sequence"))]
        assert acts[-3:] == [
            ("clock_dismissed", "Tashi"),
            ("clock_accepted", "Drolma"),
            ("clock_withdrawn", "Tashi"),
        ]
        assert list(broken_entries(session)) == []
        assert list(broken_seals(session)) == []


def test_the_view_tells_what_a_proposal_would_do(survey: Survey) -> None:
    """How many files, from when to when, and how many lie outside before and after."""
    stored_card(survey, [0, 1])
    with survey.writing() as session:
        deployment = make_card_import(session).deployment_id
    stored_proposal(survey, hours=24 * 365)
    with survey.reading() as session:
        view = clock_view(session, deployment)
        assert segment_numbered(session, deployment, 1) == view.segments[0].segment_id
    effect = view.segments[0].effect
    assert (effect.files, effect.outside_before, effect.outside_after) == (2, 0, 2)
    assert effect.first_after == NINE + 365 * 24 * HOUR
    assert view.segments[0].evidence == ("Corrected, the first file lies 2 min from set-up.",)


def test_the_view_speaks_chinese(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stored figures are told in the reader's language."""
    stored_card(survey, [0])
    stored_proposal(survey)
    monkeypatch.setenv("NAMCHA_LANG", "zh")
    with survey.reading() as session:
        segment = clock_view(session, HERE).segments[0]
    assert segment.evidence == ("校正后,首个文件与布设时间相差 2 分。",)
    assert segment.cause_said == "设为 UTC 或其他时区"


def test_file_order_is_the_cameras(survey: Survey) -> None:
    """Folders roll over, clips stand among the photos, and names need no leading zeros."""
    names = [
        "DCIM/100MEDIA/IMG_9998.JPG",
        "DCIM/100MEDIA/VID_9999.AVI",
        "DCIM/101MEDIA/IMG_0001.JPG",
        "DCIM/1000MEDIA/IMG_2.JPG",
        "DCIM/1000MEDIA/IMG_10.JPG",
    ]
    shuffled = [names[n] for n in (3, 1, 4, 0, 2)]
    assert sorted(shuffled, key=file_order) == names


@pytest.mark.parametrize("text", ["6h", "", "+6", "+25:99", "+6 hours", "--6h"])
def test_an_unclear_shift_is_refused(text: str) -> None:
    """Without a sign, or in words of its own, nobody knows what is meant."""
    with pytest.raises(ClockError, match="is not a shift"):
        parse_shift(text)


@pytest.mark.parametrize("text", ["yesterday", "2026-10-03", "11:20", "2026-13-03 11:20"])
def test_an_unclear_time_is_refused(text: str) -> None:
    """An anchor needs a date and a time."""
    with pytest.raises(ClockError, match="is not a time"):
        parse_moment(text, utc_offset_seconds=28800)


def test_a_time_is_local_unless_it_says_otherwise() -> None:
    """What stands on a board is the deployment's time; a written zone is kept."""
    local = parse_moment("2026:10:03 11:20:30", utc_offset_seconds=28800)
    assert local == datetime(2026, 10, 3, 3, 20, 30, tzinfo=UTC)
    assert parse_moment("2026-10-03T11:20Z", utc_offset_seconds=28800).hour == 11


def test_an_undated_file_stays_undated() -> None:
    """A correction invents no time."""
    assert corrected_time(None, ClockSegment(offset_seconds=3600)) is None


def test_two_cards_with_the_same_names_are_told_apart(survey: Survey) -> None:
    """A name that stands on two cards anchors neither: the person must say more."""
    stored_card(survey, [0])
    with survey.writing() as session:
        card = make_card_import(session)
        other = CardImport(
            **(
                card.model_dump(exclude={"seal"})
                | {"card_import_id": identity.card_import_id(HERE, "second"), "fingerprint": "2"}
            )
        )
        other.state = ImportState.COMPLETE.value
        session.add(other)
        session.flush()
        media = make_media(session, timestamp=NINE)
        media.card_import_id = other.card_import_id
        media.card_path, media.file_name = "DCIM/100MEDIA/IMG_0001.JPG", "IMG_0001.JPG"
    with pytest.raises(ClockError, match="2 files are called"):
        state_anchors(survey, HERE, [Anchor("IMG_0001.JPG", NINE)], **WHO)


def test_an_unknown_deployment_is_said_to_be_unknown(survey: Survey) -> None:
    """A misspelt deployment gives a sentence and no traceback."""
    with survey.writing() as session:
        make_deployment(session)
    with pytest.raises(ClockError, match="no deployment 'MT-73'"):
        state_shift(survey, "MT-73", HOUR, **WHO)
