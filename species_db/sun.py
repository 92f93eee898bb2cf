"""Where the sun stands at a station: its altitude, and sunrise, noon and sunset of a day.

Linzhi's clocks run 90 to 108 minutes ahead of the sun, so day and night are told by the sun's
altitude and never by the clock (DOMAIN.md 6). The horizon is flat: in a gorge the sun comes later.
"""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

HORIZON = -0.833
"""Altitude of the sun's centre when its upper edge is seen on a flat horizon: half its width
(0.267 degrees) and the usual refraction (0.567), as in the NOAA tables."""

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
ROUNDS = 4  # sunrise moves the sun it is worked out from; the fourth round changes it by < 1 s


@dataclass(frozen=True)
class SunPlace:
    """The sun's declination in degrees, and how far true solar time leads mean solar time."""

    declination: float
    equation_of_time_minutes: float


@dataclass(frozen=True)
class SunDay:
    """One local day of the sun; sunrise and sunset are None where it does not rise or set."""

    sunrise: datetime | None
    solar_noon: datetime
    sunset: datetime | None
    day_length_hours: float


def sun_altitude(instant: datetime, *, latitude: float, longitude: float) -> float:
    """Give the altitude of the sun's centre in degrees, without refraction; day is > HORIZON.

    After NOAA's solar calculator (Meeus, Astronomical Algorithms, ch. 25), good to 0.02 degrees.

    >>> noon = datetime(2026, 6, 21, 5, 44, tzinfo=UTC)  # 13:44 in Linzhi
    >>> round(sun_altitude(noon, latitude=29.65, longitude=94.36), 1)
    83.8
    """
    return altitude_at(sun_place(instant), instant, latitude=latitude, longitude=longitude)


def altitude_at(place: SunPlace, instant: datetime, *, latitude: float, longitude: float) -> float:
    """Give the altitude for a place among the stars worked out before: it moves little in a day."""
    moment = instant.astimezone(UTC)
    minutes = moment.hour * 60 + moment.minute + moment.second / 60
    solar_minutes = minutes + place.equation_of_time_minutes + 4 * longitude
    hour_angle = math.radians(solar_minutes / 4 - 180)
    here, there = math.radians(latitude), math.radians(place.declination)
    sine = math.sin(here) * math.sin(there)
    sine += math.cos(here) * math.cos(there) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def sun_day(on: date, *, latitude: float, longitude: float, utc_offset: timedelta) -> SunDay:
    """Give sunrise, solar noon and sunset of a local day, in UTC, and the hours between.

    >>> day = sun_day(date(2026, 12, 21), latitude=29.65, longitude=94.36,
    ...               utc_offset=timedelta(hours=8))
    >>> f"{day.sunrise + timedelta(hours=8):%H:%M}", round(day.day_length_hours, 2)
    ('08:33', 10.24)
    """
    midnight = datetime(on.year, on.month, on.day, tzinfo=UTC)
    noon = midnight + timedelta(minutes=720 - 4 * longitude)
    for _ in range(ROUNDS):
        moment = midnight + timedelta(minutes=720 - 4 * longitude)
        noon = moment - timedelta(minutes=sun_place(noon).equation_of_time_minutes)
    noon = _on_local_day(noon, on, utc_offset)
    rise = _crossing(noon, latitude=latitude, sign=-1)
    fall = _crossing(noon, latitude=latitude, sign=1)
    if rise is None or fall is None:
        place = sun_place(noon)
        is_up = altitude_at(place, noon, latitude=latitude, longitude=longitude) > HORIZON
        return SunDay(None, noon, None, 24.0 if is_up else 0.0)
    return SunDay(rise, noon, fall, (fall - rise) / timedelta(hours=1))


def sun_place(instant: datetime) -> SunPlace:
    """Work out the sun's declination and the equation of time at an instant."""
    century = (instant - J2000) / timedelta(days=36525)
    mean_longitude = (280.46646 + century * (36000.76983 + century * 0.0003032)) % 360
    anomaly = math.radians(357.52911 + century * (35999.05029 - 0.0001537 * century))
    eccentricity = 0.016708634 - century * (0.000042037 + 0.0000001267 * century)
    centre = math.sin(anomaly) * (1.914602 - century * (0.004817 + 0.000014 * century))
    centre += math.sin(2 * anomaly) * (0.019993 - 0.000101 * century)
    centre += math.sin(3 * anomaly) * 0.000289
    node = math.radians(125.04 - 1934.136 * century)
    seen_longitude = math.radians(mean_longitude + centre - 0.00569 - 0.00478 * math.sin(node))
    obliquity = 23.4392911 - century * (0.0130042 + century * 0.00000016)
    tilt = math.radians(obliquity + 0.00256 * math.cos(node))
    declination = math.degrees(math.asin(math.sin(tilt) * math.sin(seen_longitude)))
    mean = math.radians(mean_longitude)
    half_tilt = math.tan(tilt / 2) ** 2
    equation = half_tilt * math.sin(2 * mean) - 2 * eccentricity * math.sin(anomaly)
    equation += 4 * eccentricity * half_tilt * math.sin(anomaly) * math.cos(2 * mean)
    equation -= 0.5 * half_tilt**2 * math.sin(4 * mean)
    equation -= 1.25 * eccentricity**2 * math.sin(2 * anomaly)
    return SunPlace(declination, 4 * math.degrees(equation))


def _crossing(noon: datetime, *, latitude: float, sign: int) -> datetime | None:
    """The moment when the sun crosses the horizon before (-1) or after (1) a solar noon."""
    here, moment = math.radians(latitude), noon
    at_noon = sun_place(noon).equation_of_time_minutes
    for _ in range(ROUNDS):
        place = sun_place(moment)
        there = math.radians(place.declination)
        cosine = math.sin(math.radians(HORIZON)) - math.sin(here) * math.sin(there)
        cosine /= max(1e-9, math.cos(here) * math.cos(there))
        if not -1 <= cosine <= 1:
            return None
        minutes = sign * 4 * math.degrees(math.acos(cosine))
        minutes += at_noon - place.equation_of_time_minutes
        moment = noon + timedelta(minutes=minutes)
    return moment


def _on_local_day(noon: datetime, on: date, utc_offset: timedelta) -> datetime:
    """Choose the noon of this local date; near the date line UTC's date is another."""
    return noon + timedelta(days=(on - (noon + utc_offset).date()).days)
