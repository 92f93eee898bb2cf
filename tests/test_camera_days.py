"""How a camera was on each day: every state from planted photos, and what only looks like it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from species_db.camera_days import (
    CameraDayError,
    DayView,
    recompute_days,
    season,
    state_days,
    strip_of,
)
from species_db.decisions import broken_entries
from species_db.health.causes import CAUSE_WORDS, NOTE_WORDS, Cause
from species_db.health.notes import read_notes
from species_db.seals import broken_seals
from species_db.survey import Survey
from species_db.tables import CameraDay, CardImport, Decision, Media
from species_db.vocabulary import DayState
from tests.camera_season import (
    BLACK,
    DAY,
    DAYS,
    FOG,
    LEAF,
    NIGHT,
    SETUP,
    SNOWED_IN,
    Look,
    deployment_of,
    fell,
    plant,
    plant_season,
    plant_usual,
    with_more,
)
from tests.factories import make_media

DEPLOYMENT = "MT-01-2026"
WHOLE = range(DAYS)


def day_number(number: int) -> date:
    """The local date so many days after set-up."""
    return SETUP.date() + timedelta(days=number)


def judged(session: Session) -> list[DayView]:
    """The strip after working it out."""
    recompute_days(session, DEPLOYMENT)
    return strip_of(session, DEPLOYMENT)


def states(strip: list[DayView]) -> str:
    """A strip as runs of state and length, such as `working 20, unknown 21`."""
    runs: list[tuple[str, int]] = []
    for view in strip:
        if runs and runs[-1][0] == view.state.value:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        else:
            runs.append((view.state.value, 1))
    return ", ".join(f"{state} {count}" for state, count in runs)


def code_of(view: DayView) -> str:
    """What kind of cause the machine gave."""
    return Cause.read(view.stored_cause).code


def test_photos_every_day_are_working_days(survey: Survey) -> None:
    """A camera with photos by day and night all along worked every day, surely."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        strip = judged(session)
    assert states(strip) == "working 175"
    assert {view.confidence for view in strip} == {1.0}
    assert strip[1].media_count == 3


@pytest.mark.parametrize(("silent", "said"), [(20, "working 175"), (21, "working 60, unknown 21")])
def test_silence_of_21_days_is_unknown(survey: Survey, silent: int, said: str) -> None:
    """Twenty days without a photo between photos still count; twenty-one do not."""
    with survey.writing() as session:
        plant_usual(session, [*range(60), *range(60 + silent, DAYS)])
        strip = judged(session)
    assert states(strip).startswith(said)
    assert strip[60].confidence is not None and strip[60].confidence < 1.0


def test_longer_silence_is_less_sure(survey: Survey) -> None:
    """A silent day counts as working the less surely the longer the silence."""
    with survey.writing() as session:
        plant_usual(session, [*range(60), *range(63, 100), *range(115, DAYS)])
        strip = judged(session)
    assert (strip[60].confidence or 0) > (strip[100].confidence or 0) >= 0.5


def test_heartbeats_prove_a_camera_without_animals(survey: Survey) -> None:
    """A daily time-lapse photo makes a working day where no animal ever came."""
    with survey.writing() as session:
        plant(session, WHOLE, hours=(12.0,), trigger="time_lapse")
        strip = judged(session)
    assert states(strip) == "working 175"
    assert code_of(strip[80]) == "heartbeat"


def test_a_missing_heartbeat_is_no_work(survey: Survey) -> None:
    """Where a time-lapse photo is due every day, its absence tells before 21 days are over."""
    with survey.writing() as session:
        plant(session, [*range(80), *range(86, 165)], hours=(12.0,), trigger="time_lapse")
        strip = judged(session)
    assert states(strip) == "working 80, unknown 6, working 79, dead 10"


def test_nights_that_stop_are_a_dead_flash(survey: Survey) -> None:
    """Day photos go on and night photos, usual before, stop: day only, with the chance of it."""
    with survey.writing() as session:
        plant_usual(session, range(80))
        plant(session, range(80, DAYS))
        strip = judged(session)
    assert states(strip) == "working 80, day_only 95"
    assert code_of(strip[100]) == "no_nights"
    assert "by chance < 0.001" in strip[100].cause_in("en")


def test_a_quiet_camera_with_few_nights_is_working(survey: Survey) -> None:
    """Six night photos in the first half and none in the second may well be chance."""
    with survey.writing() as session:
        plant(session, range(0, DAYS, 2))
        plant(session, [4, 20, 36, 50, 66, 84], hours=(23.0,), look=NIGHT)
        strip = judged(session)
    assert states(strip) == "working 175"


def test_a_spell_without_nights_like_an_earlier_one_is_working(survey: Survey) -> None:
    """Animals come in spells: twelve days without a night after eight such days prove nothing."""
    with survey.writing() as session:
        plant(session, WHOLE)
        nights = [day for day in range(163) if not 40 <= day < 48]
        plant(session, nights, hours=(23.0,), look=NIGHT)
        strip = judged(session)
    assert states(strip) == "working 175"


def test_black_night_pictures_are_a_dead_flash(survey: Survey) -> None:
    """The camera fires at night but lights nothing: day only at once, and a picture shows it."""
    with survey.writing() as session:
        plant_usual(session, range(80))
        plant(session, range(80, 92))
        black = plant(session, range(81, 92, 3), hours=(23.0,), look=BLACK)
        plant_usual(session, range(92, DAYS))
        strip = judged(session)
    assert states(strip) == "working 80, day_only 12, working 83"
    assert strip[81].evidence_media_id == black[0].media_id


def test_colour_pictures_in_the_dark_are_nights_too(survey: Survey) -> None:
    """A white flash leaves no grey pictures; the sun says that it was night."""
    with survey.writing() as session:
        plant(session, WHOLE, hours=(13.0, 23.5))
        strip = judged(session)
    assert states(strip) == "working 175"


def test_day_pictures_only_from_the_start_are_a_doubt(survey: Survey) -> None:
    """Without one night to compare with nothing is proved: working, less surely, and said so."""
    with survey.writing() as session:
        plant(session, WHOLE)
        strip = judged(session)
    assert states(strip) == "working 175"
    assert code_of(strip[50]) == "never_at_night"
    assert strip[50].confidence == 0.6


def test_snow_on_the_lens_is_blocked(survey: Survey) -> None:
    """Near-uniform bright pictures are blocked, and so are the silent days between them."""
    with survey.writing() as session:
        deployment_of(session, deployment_comments="4月大雪")
        plant_usual(session, [*range(10), *range(31, DAYS)])
        plant(session, range(10, 31, 4), look=SNOWED_IN)
        strip = judged(session)
    assert states(strip) == "working 10, blocked 21, working 144"
    cause = Cause.read(strip[10].stored_cause)
    assert (cause.code, cause.notes) == ("bright", ("snow",))
    assert "积雪" in strip[10].cause_in("zh") and "snow" in strip[10].cause_in("en")


def test_a_leaf_at_the_lens_is_blocked(survey: Survey) -> None:
    """Contrast and sharpness collapse for days against the camera's own usual picture."""
    with survey.writing() as session:
        plant_usual(session, [*range(50), *range(60, DAYS)])
        plant(session, range(50, 60), look=LEAF)
        strip = judged(session)
    assert states(strip) == "working 50, blocked 10, working 115"
    assert code_of(strip[52]) == "blurred"


def test_a_day_of_fog_is_neither_blocked_nor_moved(survey: Survey) -> None:
    """One hazy day among clear ones changes nothing."""
    with survey.writing() as session:
        plant_usual(session, [*range(50), *range(51, DAYS)])
        plant(session, [50], hours=(9, 11, 13, 15), look=FOG)
        strip = judged(session)
    assert states(strip) == "working 175"


def test_a_camera_that_always_sees_little_is_not_blocked(survey: Survey) -> None:
    """The usual picture is the camera's own: a dull scene is no obstruction."""
    with survey.writing() as session:
        plant(session, WHOLE, look=with_more(DAY, contrast=0.06, sharpness=0.01))
        plant(session, WHOLE, hours=(23.0,), look=NIGHT)
        strip = judged(session)
    assert states(strip) == "working 175"


def test_a_fallen_camera_has_moved(survey: Survey) -> None:
    """Another scene from one day on, by day and night, is a moved camera up to the end."""
    with survey.writing() as session:
        deployment_of(session, deployment_comments="取回时相机已倒")
        plant_usual(session, range(95))
        fell(session, 95)
        strip = judged(session)
    assert states(strip) == "working 95, moved 80"
    cause = Cause.read(strip[95].stored_cause)
    assert cause == Cause.of("scene", since=day_number(95)).with_notes(("moved",))
    assert (strip[95].confidence or 0) > 0.75


@pytest.mark.parametrize(
    ("days", "look"),
    [
        (range(80, 87), with_more(DAY, brightness=0.25, contrast=0.12)),  # a dark week
        (range(120, DAYS), with_more(DAY, brightness=0.85, contrast=0.12)),  # snow on the ground
        (range(120, DAYS), with_more(DAY, brightness=0.32)),  # leaves are out: less light by day
    ],
    ids=["dark week", "snow on the ground", "less light"],
)
def test_weather_and_seasons_do_not_move_a_camera(survey: Survey, days: range, look: Look) -> None:
    """Pictures change with rain, snow and leaves, but the flash shows the same scene at night."""
    with survey.writing() as session:
        plant(session, [day for day in WHOLE if day not in days])
        plant(session, days, look=look)
        plant(session, WHOLE, hours=(23.0,), look=NIGHT)
        strip = judged(session)
    assert states(strip) == "working 175"


@pytest.mark.parametrize(
    ("above", "said"), [(-4, "working 175"), (4, "working 100, moved 75")], ids=["snow", "sky"]
)
def test_white_below_is_snow_and_white_above_is_sky(
    survey: Survey, above: float, said: str
) -> None:
    """Near-white that comes and stays is snow on the ground, or sky in a camera tilted back."""
    with survey.writing() as session:
        plant(session, range(100))
        plant(session, range(100, DAYS), look=with_more(DAY, brightness=0.8, above=above))
        strip = judged(session)
    assert states(strip) == said


def test_fog_for_days_is_not_a_blocked_lens(survey: Survey) -> None:
    """Through fog the scene still shows where it is light and dark; under a leaf it does not."""
    thick = with_more(FOG, contrast=0.02, sharpness=0.003)
    with survey.writing() as session:
        plant(session, [*range(50), *range(54, 80), *range(84, DAYS)])
        plant(session, range(50, 54), look=thick)
        plant(session, range(80, 84), look=with_more(thick, scene=5))
        strip = judged(session)
    assert states(strip) == "working 80, blocked 4, working 91"


def test_slow_change_does_not_move_a_camera(survey: Survey) -> None:
    """A forest that darkens over months never changes abruptly."""
    with survey.writing() as session:
        for day in WHOLE:
            light = 0.6 - 0.4 * day / DAYS
            plant(session, [day], look=with_more(DAY, brightness=light), seed=day)
        strip = judged(session)
    assert set(Counter(view.state for view in strip)) == {DayState.WORKING}


def test_a_burst_to_the_end_is_a_full_card(survey: Survey) -> None:
    """Writing without a pause, then nothing until retrieval: the card was full."""
    with survey.writing() as session:
        plant_usual(session, range(100))
        burst = plant(session, [100], hours=[8 + n / 60 for n in range(600)])
        strip = judged(session)
    assert states(strip) == "working 101, full_card 74"
    assert code_of(strip[120]) == "full_rate"
    assert strip[120].evidence_media_id == burst[-1].media_id


def test_a_burst_with_quiet_days_after_it_is_no_full_card(survey: Survey) -> None:
    """Grass in the wind fills a day, not the card, when photos go on afterwards."""
    with survey.writing() as session:
        plant_usual(session, [*range(100), *range(101, 130)])
        plant(session, [100], hours=[8 + n / 60 for n in range(600)])
        strip = judged(session)
    assert states(strip) == "working 130, dead 45"


def test_bytes_near_a_card_size_tell_of_a_full_card(survey: Survey) -> None:
    """A card of 32 GB with 31 GB written that stops early is taken for full."""
    with survey.writing() as session:
        plant_usual(session, range(100))
        card = session.exec(select(CardImport)).one()
        card.total_bytes = 31_000_000_000
        session.flush()
        strip = judged(session)
    assert states(strip) == "working 100, full_card 75"
    assert "32 GB" in strip[150].cause_in("en")


def test_any_amount_is_no_full_card(survey: Survey) -> None:
    """A camera that died with 20 GB written is dead: no card holds that."""
    with survey.writing() as session:
        plant_usual(session, range(100))
        session.exec(select(CardImport)).one().total_bytes = 20_000_000_000
        session.flush()
        strip = judged(session)
    assert states(strip) == "working 100, dead 75"


def test_a_card_that_lasted_to_retrieval_is_not_full(survey: Survey) -> None:
    """As many bytes mean nothing while the camera still took pictures at the end."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        session.exec(select(CardImport)).one().total_bytes = 31_000_000_000
        session.flush()
        strip = judged(session)
    assert states(strip) == "working 175"


def test_normal_days_then_nothing_is_dead(survey: Survey) -> None:
    """A camera that was never silent and stops for good is dead from the day after."""
    with survey.writing() as session:
        plant_usual(session, range(120))
        strip = judged(session)
    assert states(strip) == "working 120, dead 55"


def test_falling_voltage_is_the_cause(survey: Survey) -> None:
    """Where the camera told its battery, a fallen one is named and adds confidence."""
    with survey.writing() as session:
        for day in range(120):
            plant(session, [day], battery_mv=12000 - 30 * day, seed=day)
        strip = judged(session)
    assert code_of(strip[150]) == "battery"
    assert strip[150].confidence == 0.9
    assert "71 %" in strip[150].cause_in("en")


def test_a_quiet_camera_that_ends_silent_is_unknown(survey: Survey) -> None:
    """Where silences were usual, thirty silent days before retrieval prove nothing."""
    with survey.writing() as session:
        plant(session, [0, 15, 17, 33, 50, 51, 68, 85, 100, 118, 119, 137, 145])
        strip = judged(session)
    assert states(strip) == "working 146, unknown 29"


def test_a_short_silence_at_the_end_is_judged_by_habit(survey: Survey) -> None:
    """Ten silent days before retrieval are usual for a quiet camera, not for a busy one."""
    with survey.writing() as session:
        plant(session, range(0, 165, 8))
        quiet = states(judged(session))
        plant_usual(session, range(165))
        busy = states(judged(session))
    assert quiet == "working 175"
    assert busy == "working 165, unknown 10"


def test_a_stolen_camera_is_dead_after_its_last_photo(survey: Survey) -> None:
    """What the field sheet says supports what the photos leave open."""
    with survey.writing() as session:
        deployment_of(session, deployment_comments="相机被盗,卡已寄回")
        plant_usual(session, range(170))
        strip = judged(session)
    assert states(strip) == "working 170, dead 5"
    assert Cause.read(strip[171].stored_cause).notes == ("stolen",)


def test_no_photos_at_all_are_unknown(survey: Survey) -> None:
    """A deployment whose card never came is unknown on every day of it."""
    with survey.writing() as session:
        deployment_of(session)
        strip = judged(session)
    assert states(strip) == "unknown 175"


def test_a_deployment_still_out_ends_with_its_last_photo(survey: Survey) -> None:
    """Without retrieval nothing is said of the days after the last photo."""
    with survey.writing() as session:
        deployment_of(session, deployment_end=None)
        plant_usual(session, range(40))
        strip = judged(session)
    assert states(strip) == "working 40"


def test_days_follow_the_local_offset(survey: Survey) -> None:
    """Half past seven in Beijing belongs to that local day, not to the UTC day before."""
    with survey.writing() as session:
        deployment_of(session)
        make_media(session, timestamp=datetime(2026, 5, 1, 23, 30, tzinfo=UTC))
        strip = judged(session)
    assert [view.day for view in strip if view.media_count] == [date(2026, 5, 2)]


def test_days_of_set_up_and_retrieval_are_partial(survey: Survey) -> None:
    """The share of a date between set-up and retrieval is kept for effort."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        strip = judged(session)
    assert (strip[0].share, strip[1].share, strip[-1].share) == (0.5833, 1.0, 0.5)
    assert [view.day for view in strip if view.is_partial] == [strip[0].day, strip[-1].day]


def test_recomputing_changes_nothing(survey: Survey) -> None:
    """Worked out twice, the same rows stand, to the instant they were first stated."""

    def rows() -> list[CameraDay]:
        with survey.reading() as session:
            return list(session.exec(select(CameraDay).order_by(CameraDay.day)))

    with survey.writing() as session:
        plant_usual(session, range(100))
        recompute_days(session, DEPLOYMENT)
    first = rows()
    with survey.writing() as session:
        recompute_days(session, DEPLOYMENT)
    assert [row.model_dump() for row in rows()] == [row.model_dump() for row in first]
    assert len(first) == DAYS


def test_moved_clocks_move_days(survey: Survey) -> None:
    """After a correction of the clock the days follow, and days that are no more are dropped."""
    with survey.writing() as session:
        deployment_of(session, deployment_end=None)
        plant_usual(session, range(40))
        recompute_days(session, DEPLOYMENT)
        for media in session.exec(select(Media)):
            if media.timestamp is not None:
                media.timestamp -= timedelta(days=10)
        session.flush()
        strip = judged(session)
        kept = session.exec(select(CameraDay)).all()
    assert states(strip) == "working 30"
    assert len(kept) == 30


def test_a_person_stands_over_the_machine(survey: Survey) -> None:
    """What a person states outlives recomputation, is logged, and can be taken back."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        recompute_days(session, DEPLOYMENT)
    first, last = day_number(20), day_number(29)
    stated = {"cause": "蜘蛛网", "person": "Drolma"}
    state_days(survey, DEPLOYMENT, first, last, DayState.BLOCKED, **stated)
    with survey.writing() as session:
        strip = judged(session)
    assert states(strip) == "working 20, blocked 10, working 145"
    assert (strip[20].who, strip[20].cause) == ("Drolma", "蜘蛛网")
    assert strip[20].machine_state == DayState.WORKING
    state_days(survey, DEPLOYMENT, first, last, None, cause="", person="Drolma")
    with survey.reading() as session:
        assert states(strip_of(session, DEPLOYMENT)) == "working 175"
        acts = session.exec(select(Decision).order_by(col(Decision.sequence))).all()
        assert not list(broken_entries(session)) and not list(broken_seals(session))
    assert [act.act for act in acts] == ["camera_day_stated"] * 2
    assert '"before":{"working":10}' in acts[0].details
    assert '"before":{"blocked":10}' in acts[1].details


def test_a_person_may_change_their_word(survey: Survey) -> None:
    """The later word of a person stands on the days that it names."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        recompute_days(session, DEPLOYMENT)
    for state, last in ((DayState.BLOCKED, 29), (DayState.DEAD, 24)):
        state_days(
            survey, DEPLOYMENT, day_number(20), day_number(last), state, cause="x", person="Drolma"
        )
    with survey.reading() as session:
        strip = strip_of(session, DEPLOYMENT)
    assert states(strip) == "working 20, dead 5, blocked 5, working 145"


@pytest.mark.parametrize(
    ("name", "first", "last", "cause", "said"),
    [
        ("MT-1-2026", 20, 29, "snow", "Did you mean 'MT-01-2026'"),
        (DEPLOYMENT, 29, 20, "snow", "does not lie within MT-01-2026"),
        (DEPLOYMENT, 170, 180, "snow", "2026-04-12 to 2026-10-03"),
        (DEPLOYMENT, 20, 29, " ", "No cause given for 'blocked'"),
    ],
)
def test_a_word_that_cannot_stand_is_refused(
    survey: Survey, name: str, first: int, last: int, cause: str, said: str
) -> None:
    """A wrong deployment, wrong days or a missing cause are told, and nothing is kept."""
    with survey.writing() as session:
        deployment_of(session)
    days = day_number(first), day_number(last)
    with pytest.raises(CameraDayError, match=said):
        state_days(survey, name, *days, DayState.BLOCKED, cause=cause, person="Drolma")
    with survey.reading() as session:
        assert not session.exec(select(CameraDay)).all()
        assert not session.exec(select(Decision)).all()


def test_undated_and_foreign_photos_are_counted_not_used(survey: Survey) -> None:
    """Photos without a time, or from before set-up, say nothing of a day and are counted."""
    with survey.writing() as session:
        plant_usual(session, WHOLE)
        make_media(session, timestamp=None)
        make_media(session, timestamp=datetime(2015, 1, 1, tzinfo=UTC))
        recompute_days(session, DEPLOYMENT)
        (health,) = season(session)
    assert (health.undated_count, health.outside_count) == (1, 1)
    assert health.media_count == 2 + sum(view.media_count for view in health.strip)
    assert health.worst is None


def test_every_planted_fault_of_a_season_is_found(survey: Survey) -> None:
    """Twelve cameras: each fault is named, no fault is invented, the worst camera comes first."""
    with survey.writing() as session:
        plant_season(session)
        for number in range(1, 13):
            recompute_days(session, f"MT-{number:02d}-2026")
        found = season(session)
    worst = {one.deployment_id[:5]: one.worst.state.value if one.worst else "" for one in found}
    assert dict(sorted(worst.items())) == {
        "MT-01": "",
        "MT-02": "blocked",
        "MT-03": "day_only",
        "MT-04": "moved",
        "MT-05": "full_card",
        "MT-06": "dead",
        "MT-07": "unknown",
        "MT-08": "",
        "MT-09": "day_only",
        "MT-10": "blocked",
        "MT-11": "unknown",
        "MT-12": "",
    }
    lost = [one.lost_days for one in found]
    assert found[0].deployment_id == "MT-11-2026" and lost == sorted(lost, reverse=True)


@pytest.mark.parametrize(
    ("comments", "notes"),
    [
        ("stolen by herders", {"stolen"}),
        ("被盗", {"stolen"}),
        ("snow until May; card was full", {"snow", "full"}),
        ("雪,满", {"snow", "full"}),
        ("电池没电", {"battery"}),
        ("battery; fell over", {"battery", "moved"}),
        ("相机倒地,蛛网遮挡", {"moved", "covered"}),
        ("full sun, batteries replaced, not moved, 无雪, 电池已充满电", set()),
    ],
)
def test_field_sheet_words_are_read_in_both_languages(comments: str, notes: set[str]) -> None:
    """The comments support a cause; what they deny, and routine words, do not."""
    assert read_notes(comments) == notes


def test_every_cause_is_said_in_both_languages() -> None:
    """No cause or note lacks a language, and a newer version's cause does not break an old one."""
    for english, chinese in (*CAUSE_WORDS.values(), *NOTE_WORDS.values()):
        assert english and chinese and english != chinese
    assert Cause.read("meteorite|since=2030-01-01").said("zh") == "meteorite|since=2030-01-01"
