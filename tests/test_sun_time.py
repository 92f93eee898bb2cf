"""Events in sun time, against the printed table, the scalar sun, and the meaning of the anchors."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from species_db.analysis.sun_table import Almanac, Horizon, sun_days
from species_db.analysis.sun_time import (
    ASTRONOMICAL,
    CIVIL,
    EQUINOX,
    NAUTICAL,
    Anchors,
    Light,
    NoSunriseError,
    available_light,
    light_at,
    mean_anchors,
    sun_altitudes,
    sun_time,
)
from species_db.sun import sun_altitude, sun_day

TURN = 2 * np.pi
BAYI = {"latitude": 29.65, "longitude": 94.36}
BEIJING_S = 8 * 3600
TABLE = [  # DOMAIN.md 6, Beijing time
    ((6, 21), "06:42", "13:44", "20:45", 14.05),
    ((9, 22), "07:30", "13:35", "19:39", 12.15),
    ((11, 3), "07:57", "13:26", "18:54", 10.96),
    ((12, 21), "08:33", "13:40", "18:47", 10.24),
    ((2, 11), "08:25", "13:56", "19:28", 11.04),
]


def beijing(text: str) -> int:
    """UTC seconds of a time on a Beijing clock."""
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def angle(clock: str) -> float:
    """A clock time in radians."""
    return (int(clock[:2]) * 60 + int(clock[3:])) / 1440 * TURN


def minutes_apart(first: float, second: float) -> float:
    """How far two angles are apart, in minutes."""
    return float(abs((first - second + np.pi) % TURN - np.pi) / TURN * 1440)


def day_number(on: date) -> int:
    """Days since 1970."""
    return (on - date(1970, 1, 1)).days


@pytest.mark.parametrize(("day", "rise", "noon", "fall", "hours"), TABLE)
def test_the_bayi_table_within_a_minute(
    day: tuple[int, int], rise: str, noon: str, fall: str, hours: float
) -> None:
    """Sunrise, solar noon, sunset and day length of an event at Bayi are those of the table."""
    on = date(2026, *day)
    event = np.array([beijing(f"{on}T12:00:00")])
    told = sun_time(event, **BAYI, utc_offset_seconds=BEIJING_S)
    assert minutes_apart(told.sunrise[0], angle(rise)) <= 1
    assert minutes_apart(told.sunset[0], angle(fall)) <= 1
    days = np.array([day_number(on)])
    found = sun_days(Almanac.around(days), days, **BAYI, utc_offset_seconds=BEIJING_S)
    assert minutes_apart((found.noon[0] + BEIJING_S) % 86400 / 86400 * TURN, angle(noon)) <= 1
    assert (found.sunset - found.sunrise)[0] / 3600 == pytest.approx(hours, abs=1 / 60)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2045, 1, 1)),
    st.floats(-66, 66),
    st.floats(-180, 180),
)
def test_many_suns_are_the_one_sun(moment: datetime, latitude: float, longitude: float) -> None:
    """Altitudes within 0.05 degrees, sunrise and sunset within a minute of the scalar formulas."""
    instant = moment.replace(tzinfo=UTC, microsecond=0)
    seconds = np.array([int(instant.timestamp())])
    place = {"latitude": latitude, "longitude": longitude}
    assert sun_altitudes(seconds, **place)[0] == pytest.approx(
        sun_altitude(instant, **place), abs=0.05
    )
    offset = timedelta(hours=round(longitude / 15))
    local = instant + offset
    one = sun_day(local.date(), **place, utc_offset=offset)
    days, offset_s = np.array([day_number(local.date())]), int(offset.total_seconds())
    many = sun_days(Almanac.around(days), days, **place, utc_offset_seconds=offset_s)
    for scalar, found in (
        (one.sunrise, many.sunrise),
        (one.solar_noon, many.noon),
        (one.sunset, many.sunset),
    ):
        if scalar is not None:
            assert found[0] == pytest.approx(scalar.timestamp(), abs=60)


def test_events_of_many_days_and_places_keep_their_order() -> None:
    """Each event has the sun of its own day and place, whatever stands beside it."""
    random = np.random.default_rng(3)
    seconds = random.integers(beijing("2020-01-01T00:00:00"), beijing("2026-01-01T00:00:00"), 40)
    places = {"latitude": random.uniform(27, 31, 40), "longitude": random.uniform(92, 99, 40)}
    together = sun_time(seconds, **places, utc_offset_seconds=BEIJING_S, anchors=EQUINOX)
    for i in range(40):
        place = {name: float(values[i]) for name, values in places.items()}
        alone = sun_time(seconds[i : i + 1], **place, utc_offset_seconds=BEIJING_S)
        assert together.altitude[i] == pytest.approx(alone.altitude[0])
        assert together.transformed[i] == pytest.approx(alone.transformed[0])
        assert together.sunrise[i] == pytest.approx(alone.sunrise[0])


def test_the_transform_puts_sunrise_at_six_and_sunset_at_eighteen() -> None:
    """On the longest and the shortest day, and noon in between (Nouvellet et al. 2012)."""
    clocks = [f"2026-06-21T{c}:00" for c in ("06:42", "13:44", "20:45")]
    clocks += [f"2026-12-21T{c}:00" for c in ("08:33", "13:40", "18:47")]
    told = sun_time(np.array([beijing(c) for c in clocks]), **BAYI, utc_offset_seconds=BEIJING_S)
    for found, wanted in zip(told.transformed, [6, 12, 18] * 2, strict=True):
        assert minutes_apart(found, wanted / 24 * TURN) <= 1


def test_average_anchoring_keeps_the_mean_day() -> None:
    """Dawns of June and December fall together on the mean sunrise, dusks on the mean sunset."""
    clocks = ["2026-06-21T06:42:00", "2026-12-21T08:33:00"]
    dawns = sun_time(np.array([beijing(c) for c in clocks]), **BAYI, utc_offset_seconds=BEIJING_S)
    assert minutes_apart(dawns.clock[0], dawns.clock[1]) == pytest.approx(111, abs=0.01)
    assert minutes_apart(dawns.solar[0], dawns.solar[1]) <= 2
    assert minutes_apart(dawns.solar[0], angle("07:38")) <= 2
    assert minutes_apart(dawns.anchors.sunset, angle("19:46")) <= 1


@given(st.lists(st.integers(0, 3 * 365 * 86400), min_size=1, max_size=20))
def test_sun_time_keeps_day_and_night_apart(shifts: list[int]) -> None:
    """An event before sunrise is before it in every form of sun time, one by day stays by day."""
    seconds = beijing("2024-01-01T00:00:00") + np.array(shifts, dtype=np.int64)
    told = sun_time(seconds, **BAYI, utc_offset_seconds=BEIJING_S)
    by_clock = (told.clock - told.sunrise) % TURN < (told.sunset - told.sunrise) % TURN
    by_half = (told.transformed - TURN / 4) % TURN < TURN / 2
    day = (told.anchors.sunset - told.anchors.sunrise) % TURN
    by_mean = (told.solar - told.anchors.sunrise) % TURN < day
    edge = np.minimum(abs(told.clock - told.sunrise), abs(told.clock - told.sunset)) < 1e-9
    assert np.all((by_half == by_clock) | edge)
    assert np.all((by_mean == by_clock) | edge)


def test_given_anchors_are_used() -> None:
    """Two taxa that are compared can be laid on the same mean day."""
    event = np.array([beijing("2026-12-21T08:33:00")])
    both = Anchors(angle("07:00"), angle("19:00"))
    told = sun_time(event, **BAYI, utc_offset_seconds=BEIJING_S, anchors=both)
    assert minutes_apart(told.solar[0], angle("07:00")) <= 1
    assert told.anchors == both


def test_the_mean_of_times_around_midnight_is_near_midnight() -> None:
    """Times are directions: 23:00 and 01:00 have their mean at midnight, not at noon."""
    told = mean_anchors(np.array([angle("23:00"), angle("01:00")]), np.array([1.0, 1.0]))
    assert minutes_apart(told.sunrise, 0.0) < 1e-6


def test_the_light_follows_the_sun_and_not_the_clock() -> None:
    """At 07:30 in Beijing time it is day in June, and night or twilight in December."""
    clocks = ["2026-06-21T07:30:00", "2026-12-21T08:20:00", "2026-12-21T07:30:00"]
    told = sun_time(np.array([beijing(c) for c in clocks]), **BAYI, utc_offset_seconds=BEIJING_S)
    assert told.light.tolist() == [Light.DAY, Light.TWILIGHT, Light.NIGHT]


@pytest.mark.parametrize(
    ("limit", "lights"),
    [(CIVIL, "day twilight night night night"), (NAUTICAL, "day twilight twilight night night"),
     (ASTRONOMICAL, "day twilight twilight twilight night")],
)  # fmt: skip
def test_twilight_ends_where_it_is_told_to(limit: float, lights: str) -> None:
    """Civil, nautical or astronomical; day begins with the sun's upper edge."""
    altitudes = np.array([-0.8, -0.9, -6.1, -12.1, -18.1])
    assert " ".join(light_at(altitudes, twilight_degrees=limit)) == lights


def test_a_ridge_delays_sunrise_and_not_the_light() -> None:
    """With 20 degrees of terrain in the east the sun comes well over an hour late."""
    event = np.array([beijing("2026-09-22T08:00:00")])
    flat = sun_time(event, **BAYI, utc_offset_seconds=BEIJING_S)
    gorge = sun_time(event, **BAYI, utc_offset_seconds=BEIJING_S, horizon=Horizon(rising=20.0))
    assert 80 < minutes_apart(flat.sunrise[0], gorge.sunrise[0]) < 110
    assert gorge.sunset[0] == flat.sunset[0]
    assert (flat.light[0], gorge.light[0]) == (Light.DAY, Light.DAY)


def test_polar_days_have_no_sun_time_but_an_altitude() -> None:
    """Where the sun does not set an error says so; the light is known all the same."""
    moments = [datetime(2026, month, 21, 12, tzinfo=UTC).timestamp() for month in (3, 6, 12)]
    seconds = np.array(moments, dtype=np.int64)
    place = {"latitude": 78.0, "longitude": 15.0}
    with pytest.raises(NoSunriseError, match=r"2 of 3 events \(first on 2026-06-21\)"):
        sun_time(seconds, **place, utc_offset_seconds=3600)
    lights = light_at(sun_altitudes(seconds, **place))
    assert lights.tolist() == [Light.DAY, Light.DAY, Light.NIGHT]


def test_the_error_tells_no_place() -> None:
    """Coordinates stay out of messages."""
    with pytest.raises(NoSunriseError) as told:
        sun_time(np.array([1_782_000_000]), latitude=78.25, longitude=15.5, utc_offset_seconds=0)
    assert "78" not in str(told.value) and "15" not in str(told.value)


def test_available_light_is_the_time_that_was_watched() -> None:
    """Shares of a season at Bayi are those of its minutes, weighted by effort."""
    days = np.array([day_number(date(2026, 6, 21)), day_number(date(2026, 12, 21))])
    told = available_light(days, np.array([3.0, 1.0]), **BAYI)
    minutes = np.concatenate(
        [beijing(f"2026-{on}T00:00:00") + 60 * np.arange(1440) for on in ("06-21", "12-21")]
    )
    lights = light_at(sun_altitudes(minutes, **BAYI)).reshape(2, 1440)
    assert told is not None
    for name in Light:
        share = (lights == name.value).mean(axis=1) @ [0.75, 0.25]
        assert getattr(told, name.value) == pytest.approx(share, abs=0.001)
    assert told.day + told.twilight + told.night == pytest.approx(1)


def test_polar_nights_are_available_too() -> None:
    """A day without sunrise is twilight and night, or day and nothing else."""
    june, december = (np.array([day_number(date(2026, month, 21))]) for month in (6, 12))
    place = {"latitude": 78.0, "longitude": 15.0}
    summer, winter = (available_light(d, np.ones(1), **place) for d in (june, december))
    assert (summer.day, winter.day, winter.night) == (1, 0, 1)


def test_light_without_effort_is_not_known() -> None:
    """Zero effort gives no shares, not zero shares."""
    assert available_light(np.array([20_000]), np.zeros(1), **BAYI) is None
    assert available_light(np.array([], dtype=np.int64), np.zeros(0), **BAYI) is None


def test_no_events_are_no_angles() -> None:
    """An empty table gives empty columns."""
    told = sun_time(np.array([], dtype=np.int64), **BAYI, utc_offset_seconds=BEIJING_S)
    assert len(told.clock) == len(told.solar) == len(told.light) == 0
