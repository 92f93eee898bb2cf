"""The sun over a station, against a printed table and against another program."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from astral import Observer
from astral.sun import elevation, sun
from hypothesis import given
from hypothesis import strategies as st

from species_db.sun import sun_altitude, sun_day

BAYI = {"latitude": 29.65, "longitude": 94.36}
BEIJING = timedelta(hours=8)
TABLE = [  # DOMAIN.md 6, Beijing time
    ((6, 21), "06:42", "13:44", "20:45", 14.05),
    ((9, 22), "07:30", "13:35", "19:39", 12.15),
    ((11, 3), "07:57", "13:26", "18:54", 10.96),
    ((12, 21), "08:33", "13:40", "18:47", 10.24),
    ((2, 11), "08:25", "13:56", "19:28", 11.04),
]


def minutes_apart(instant: datetime | None, clock: str) -> float:
    """How far an instant is from a Beijing time of its day, in minutes."""
    assert instant is not None
    local = instant + BEIJING
    told = int(clock[:2]) * 60 + int(clock[3:])
    return abs(local.hour * 60 + local.minute + local.second / 60 - told)


@pytest.mark.parametrize(("day", "rise", "noon", "fall", "hours"), TABLE)
def test_the_bayi_table_within_a_minute(
    day: tuple[int, int], rise: str, noon: str, fall: str, hours: float
) -> None:
    """Sunrise, solar noon, sunset and day length at Bayi are those of the table."""
    found = sun_day(date(2026, *day), **BAYI, utc_offset=BEIJING)
    assert minutes_apart(found.sunrise, rise) <= 1
    assert minutes_apart(found.solar_noon, noon) <= 1
    assert minutes_apart(found.sunset, fall) <= 1
    assert found.day_length_hours == pytest.approx(hours, abs=1 / 60)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2045, 1, 1)),
    st.floats(-66, 66),
    st.floats(-180, 180),
)
def test_altitude_agrees_with_astral(moment: datetime, latitude: float, longitude: float) -> None:
    """Another implementation gives the same altitude within a twentieth of a degree."""
    instant = moment.replace(tzinfo=UTC)
    other = elevation(Observer(latitude, longitude), instant, with_refraction=False)
    assert sun_altitude(instant, latitude=latitude, longitude=longitude) == pytest.approx(
        other, abs=0.05
    )


@given(st.dates(date(2010, 1, 1), date(2040, 1, 1)))
def test_the_day_agrees_with_astral(on: date) -> None:
    """Another implementation gives the same sunrise and sunset within a minute."""
    found = sun_day(on, **BAYI, utc_offset=BEIJING)
    other = sun(Observer(BAYI["latitude"], BAYI["longitude"]), on)
    next_day = timedelta(days=1)
    for name, moment in (("sunrise", found.sunrise), ("sunset", found.sunset)):
        assert moment is not None
        apart = abs(moment - other[name]) % next_day
        assert min(apart, next_day - apart) < timedelta(minutes=1)


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 6, 21), 24.0), (date(2026, 12, 21), 0.0)])
def test_beyond_the_polar_circle_the_sun_may_stay_up_or_down(on: date, hours: float) -> None:
    """A day without sunrise has none, and is 24 hours long in summer and 0 in winter."""
    found = sun_day(on, latitude=78.0, longitude=15.0, utc_offset=timedelta(hours=1))
    assert (found.sunrise, found.sunset, found.day_length_hours) == (None, None, hours)


def test_a_card_of_altitudes_takes_well_under_a_second() -> None:
    """Four thousand altitudes are worked out while nobody notices."""
    start = datetime(2026, 4, 1, tzinfo=UTC)
    began = time.perf_counter()
    for number in range(4000):
        sun_altitude(start + timedelta(minutes=61 * number), **BAYI)
    assert time.perf_counter() - began < 0.5
