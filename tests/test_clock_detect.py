"""What the clock detectors find, and above all what they leave alone."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import pytest
from season import BEIJING, Card, season

from ingest.clock import CardFacts, ClockFindings, FileFacts, Placement, find_clock_faults
from species_db.sun import sun_altitude

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 4, 12, 2, 0, tzinfo=UTC)  # ten in the morning
END = datetime(2026, 10, 3, 3, 20, tzinfo=UTC)
BAYI = Placement(START, END, True, 8 * HOUR, 29.65, 94.36)
Files = list[FileFacts]


def right_card(*, hours_apart: int = 29) -> Files:
    """A card with a right clock: set-up, a visit every so many hours, retrieval."""
    moments = [START + timedelta(minutes=3)]
    while moments[-1] + hours_apart * HOUR < END - HOUR:
        moments.append(moments[-1] + hours_apart * HOUR)
    moments.append(END - timedelta(minutes=2))
    return [
        FileFacts(f"DCIM/100MEDIA/IMG_{number:04d}.JPG", moment, _is_grey(moment))
        for number, moment in enumerate(moments, start=1)
    ]


def _is_grey(moment: datetime) -> bool:
    return sun_altitude(moment, latitude=BAYI.latitude, longitude=BAYI.longitude) < -3


def off_by(files: Sequence[FileFacts], error: timedelta, *, since: int = 0) -> Files:
    """The same files by a clock that shows so much too much, from one file on."""
    return [
        replace(one, time=one.time + error) if one.time and number >= since else one
        for number, one in enumerate(files)
    ]


def faults(files: Sequence[FileFacts], placement: Placement = BAYI) -> ClockFindings:
    """What is found on one card."""
    return find_clock_faults(CardFacts("card", tuple(files)), placement)


def told(found: ClockFindings) -> list[tuple[str, timedelta, str | None]]:
    """Cause, shift and first file of each proposal."""
    return [(p.cause.value, p.offset, p.first_card_path) for p in found.proposals]


def test_a_right_clock_is_left_alone() -> None:
    """Nothing is proposed and nothing is said."""
    assert faults(right_card()) == ClockFindings()


@pytest.mark.parametrize(
    ("error", "cause"),
    [(-8, "zone"), (12, "am_pm"), (-12, "am_pm"), (-6, "zone"), (-16, "zone"), (-13, "zone")],
)
def test_hours_are_told_by_the_sun_and_the_visits(error: int, cause: str) -> None:
    """UTC, AM for PM, and American factory zones, to the hour and with the right sign."""
    found = faults(off_by(right_card(), error * HOUR))
    assert told(found) == [(cause, -error * HOUR, None)]
    codes = [symptom.code for symptom in found.proposals[0].symptoms]
    assert codes == ["sun", "sun", "end", "end"]


def test_utc_is_found_when_the_camera_died_early() -> None:
    """The sun and set-up prove it; there is no retrieval picture to ask."""
    files = right_card()[:80]
    assert told(faults(off_by(files, -8 * HOUR))) == [("zone", 8 * HOUR, None)]


def test_a_sheet_written_in_utc_does_not_make_a_right_clock_wrong() -> None:
    """The sun agrees with the clock, so the field sheet alone moves nothing."""
    wrong = replace(BAYI, start=BAYI.start - 8 * HOUR, end=BAYI.end - 8 * HOUR)
    assert faults(right_card(), wrong).proposals == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: replace(one, is_grey=False), "white flash: colour at night"),
        (lambda one: replace(one, is_grey=True), "filter stuck: grey by day"),
        (lambda one: replace(one, is_grey=one.is_grey or one.time.day % 3 == 0), "fog, snow"),
        (lambda one: replace(one, is_grey=None), "not measured"),
    ],
)
def test_odd_light_alone_is_no_wrong_clock(
    change: Callable[[FileFacts], FileFacts], why: str
) -> None:
    """No shift mends a white flash, a stuck filter or foggy days, so none is proposed."""
    assert faults([change(one) for one in right_card()]).proposals == (), why


@pytest.mark.parametrize("years", [-9, -1, 1])
def test_a_wrong_year_is_mended_by_whole_years(years: int) -> None:
    """The clock was set to the right day of another year, leap years in between or not."""
    files = right_card()
    first = START + 8 * HOUR + timedelta(minutes=3)
    error = first.replace(year=first.year + years) - first
    assert told(faults(off_by(files, error))) == [("wrong_year", -error, None)]


def test_a_wrong_year_over_a_leap_day_says_that_a_day_is_open() -> None:
    """2024 had a 29 February that the clock's 2023 had not: from March on it may be a day out."""
    start = datetime(2024, 1, 10, 2, 0, tzinfo=UTC)
    winter = replace(BAYI, start=start, end=start + 120 * DAY)
    files = off_by(right_card(), start - START)
    kept = [one for one in files if one.time and one.time < winter.end]
    found = faults(off_by(kept, -365 * DAY), winter)
    assert told(found) == [("wrong_year", 365 * DAY, None)]
    assert found.proposals[0].uncertainty == DAY


def test_a_wrong_year_on_utc_is_mended_by_both() -> None:
    """Whoever set the year wrong set the zone wrong as well: one shift says both."""
    found = faults(off_by(right_card(), -365 * DAY - 8 * HOUR))
    assert told(found) == [("wrong_year", 365 * DAY + 8 * HOUR, None)]


def test_a_reset_part_way_splits_the_card_there() -> None:
    """From the first file after the reset; the truth lies within the stated uncertainty."""
    files = right_card()
    at = files[70].time
    assert at is not None
    error = datetime(2014, 12, 31, 16, 5, tzinfo=UTC) - at
    found = faults(off_by(files, error, since=70))
    proposal = found.proposals[0]
    assert (proposal.cause.value, proposal.first_card_path) == ("reset", files[70].card_path)
    assert proposal.last_card_path is None
    assert abs(proposal.offset + error) <= proposal.uncertainty < 2 * DAY


def test_a_reset_that_the_sun_contradicts_says_so_and_is_less_sure() -> None:
    """Put at retrieval, three visits by day fall into the night: too few to mend, not to tell."""
    true = right_card()
    since = len(true) - 4
    fell_back = off_by(true, (START - timedelta(days=4200)) - END, since=since)
    trusted = faults(fell_back).proposals[0]
    night = [
        replace(one, is_grey=False, time=one.time - 11 * HOUR)
        if one.time and since <= number < len(true) - 1
        else one
        for number, one in enumerate(fell_back)
    ]
    doubted = faults(night).proposals[0]
    assert (trusted.cause.value, doubted.cause.value) == ("reset", "reset")
    assert doubted.confidence == trusted.confidence / 2
    told = [one.figures for one in doubted.symptoms if one.code == "sun"]
    assert told[0]["when"] == "after" and told[0]["colour_dark"]


def test_a_clock_never_set_is_put_at_set_up() -> None:
    """The whole card counts from a first of January: its first picture is the set-up."""
    error = datetime(2011, 12, 31, 16, 3, tzinfo=UTC) - START
    found = faults(off_by(right_card(), error))
    assert [p.cause.value for p in found.proposals] == ["reset"]
    assert abs(found.proposals[0].offset + error) <= found.proposals[0].uncertainty


def test_files_of_last_season_are_told_and_not_shifted() -> None:
    """A card that was not wiped holds a year-old stretch; by whole years it would fit."""
    old = [
        replace(one, card_path=one.card_path.replace("100MEDIA", "099MEDIA"))
        for one in off_by(right_card(), -365 * DAY)
    ]
    found = faults([*old, *right_card()])
    assert found.proposals == ()
    assert "earlier season" in found.notes[0].english


def test_pictures_of_a_test_in_the_office_are_not_shifted() -> None:
    """Cameras are tried out days before they are set up."""
    tests = [
        FileFacts(f"DCIM/099MEDIA/IMG_{n:04d}.JPG", START - 9 * DAY + n * HOUR, False)
        for n in range(8)
    ]
    assert faults([*tests, *right_card()]).proposals == ()


def test_a_step_back_within_the_deployment_is_only_told() -> None:
    """Somebody set the clock; which side of the step is right, the files do not prove."""
    found = faults(off_by(right_card(hours_apart=1), -2 * HOUR, since=300)[:-40])
    assert found.proposals == ()
    assert "runs backwards" in found.notes[0].english


def test_a_clock_set_wrong_in_mid_season_is_mended_from_there() -> None:
    """The sun and the retrieval picture prove five hours for the second part alone."""
    files = right_card(hours_apart=3)
    found = faults(off_by(files, -5 * HOUR, since=300))
    assert told(found) == [("zone", 5 * HOUR, files[300].card_path)]


def test_one_damaged_date_is_no_wrong_clock() -> None:
    """A single file from 2015 among hundreds is a broken header."""
    files = right_card()
    files[50] = replace(files[50], time=datetime(2015, 1, 1, tzinfo=UTC))
    assert faults(files).proposals == ()


def test_clips_that_count_apart_from_photos_are_not_time_running_backwards() -> None:
    """VID_0001 may be months younger than IMG_0002."""
    clips = [
        FileFacts(f"DCIM/100MEDIA/VID_{n:04d}.AVI", END - (30 - n) * DAY, is_film=True)
        for n in range(1, 20)
    ]
    assert faults([*right_card(), *clips]) == ClockFindings()


@pytest.mark.parametrize("field", ["serial_number", "model"])
def test_several_cameras_in_one_folder_prove_nothing(field: str) -> None:
    """Two cameras' files under one roof: nothing is proposed, whatever their times."""
    files = off_by(right_card(), -8 * HOUR)
    mixed = [replace(one, **{field: f"camera {n % 2}"}) for n, one in enumerate(files)]
    found = faults(mixed)
    assert found.proposals == ()
    assert "several cameras" in found.notes[0].english


def test_what_a_person_has_corrected_is_not_judged_again() -> None:
    """A settled stretch is trusted as it stands."""
    files = [replace(one, is_settled=True) for one in off_by(right_card(), -8 * HOUR)]
    assert faults(files) == ClockFindings()


@cache
def forty_cards() -> tuple[tuple[Card, ClockFindings], ...]:
    """The season of forty cards, and what is found on each."""
    found = []
    for card in season():
        rows = zip(card.names, card.shots, card.shown, strict=True)
        files = [FileFacts(n, t.replace(tzinfo=BEIJING), s.is_grey) for n, s, t in rows]
        placement = Placement(card.start, card.end, True, 8 * HOUR, card.latitude, card.longitude)
        found.append((card, faults(files, placement)))
    return tuple(found)


def test_every_planted_fault_of_the_season_is_found() -> None:
    """UTC, AM/PM, foreign zones, years and resets of forty cards, each within its uncertainty."""
    for card, found in forty_cards():
        planted = [fault for fault in card.clock_faults if not fault.needs_anchor]
        assert len(found.proposals) == len(planted), card.kind
        for fault, proposal in zip(planted, found.proposals, strict=True):
            assert proposal.cause.value == fault.cause, card.kind
            assert abs(proposal.offset - fault.offset) <= proposal.uncertainty, card.kind
            first = proposal.first_card_path or card.names[0]
            assert first == card.names[fault.first], card.kind


def test_no_right_card_of_the_season_gets_a_proposal() -> None:
    """Snow, fog, dead flashes, roll-over, silence and few pictures are no wrong clocks."""
    right = [(card, found) for card, found in forty_cards() if not card.clock_faults]
    assert len(right) >= 20
    assert [card.kind for card, found in right if found.proposals] == []


def test_nineteen_real_deployments_get_no_proposal(shared: Path) -> None:
    """Cameras of Cajambre in Colombia, with dates alone in the sheet: five thousand files."""
    folder = shared / "data" / "interop" / "wildlife_insights_cajambre"
    zone = timezone(-5 * HOUR)
    files: dict[str, dict[str, FileFacts]] = defaultdict(dict)
    with (folder / "images.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            moment = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=zone)
            name = row["filename"]
            files[row["deployment_id"]][name] = FileFacts(name, moment)
    with (folder / "deployments.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) == 19
    for row in rows:
        placement = Placement(
            datetime.fromisoformat(row["start_date"]).replace(tzinfo=zone),
            datetime.fromisoformat(row["end_date"]).replace(tzinfo=zone),
            True,
            -5 * HOUR,
            float(row["latitude"]),
            float(row["longitude"]),
        )
        assert faults(list(files[row["deployment_id"]].values()), placement) == ClockFindings()
