"""Events in sun time: angles by the clock and by the sun, and the light they happened in.

Linzhi's clocks run 90 to 108 minutes ahead of the sun (DOMAIN.md 6), and sunrise is at 06:42 in
June, at 08:33 in December: a pattern by the clock smears every dawn over two hours. Angles are
radians of a day, 0 at midnight; instants are UTC seconds since 1970.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import circmean

from species_db.analysis.activity import TURN, Angles, average_anchored
from species_db.analysis.sun_table import (
    DAY_S,
    FLAT,
    Almanac,
    Horizon,
    Numbers,
    Whole,
    altitudes,
    half_day,
    sun_days,
)
from species_db.language import tr
from species_db.sun import HORIZON

Lights = NDArray[np.str_]

CIVIL, NAUTICAL, ASTRONOMICAL = -6.0, -12.0, -18.0
"""Where twilight ends, in degrees of the sun's altitude: too dark to read outside, to see the
horizon at sea, to see any of the sun's light."""


class NoSunriseError(Exception):
    """On the day of some event the sun does not rise or set: that event has no sun time."""


class Light(StrEnum):
    """How light it is outside by the sun's altitude, never by the clock."""

    DAY = "day"
    TWILIGHT = "twilight"
    NIGHT = "night"


@dataclass(frozen=True)
class LightShares:
    """Which share of time, or of events, falls in each light; together 1."""

    day: float
    twilight: float
    night: float


@dataclass(frozen=True)
class Anchors:
    """The sunrise and the sunset on which all days are laid, in radians."""

    sunrise: float
    sunset: float


EQUINOX = Anchors(TURN / 4, 3 * TURN / 4)
"""Sunrise at pi/2 and sunset at 3 pi/2: the transform of Nouvellet et al. (2012)."""


@dataclass(frozen=True)
class SunTime:
    """Events by the clock and by the sun, in the order given.

    `clock` is the time of the local clock. `solar` keeps the mean lengths of day and night (average
    double anchoring, Vazquez et al. 2019) and `anchors` are its sunrise and sunset; `transformed`
    makes day and night half a turn each (Nouvellet et al. 2012). `sunrise` and `sunset` are clock
    times of the event's own local day. All these are radians; `altitude`, the sun's, is degrees.
    """

    clock: Angles
    solar: Angles
    transformed: Angles
    sunrise: Angles
    sunset: Angles
    altitude: Numbers
    light: Lights
    anchors: Anchors


def sun_time(
    seconds: Whole,
    *,
    latitude: float | Numbers,
    longitude: float | Numbers,
    utc_offset_seconds: int | Whole,
    anchors: Anchors | None = None,
    horizon: Horizon = FLAT,
    twilight_degrees: float = CIVIL,
) -> SunTime:
    """Express events in sun time, a hundred thousand of them in less than a second.

    A place and an offset are one for all events or one for each. Without `anchors` the mean sunrise
    and sunset of the events' own days are taken, as `solartime(type="average")` of the R package
    activity does. Patterns that are to be compared need the same anchors, those of all their events
    together (`mean_anchors`): with its own each, taxa of two seasons would differ by the seasons.

    Raises:
        NoSunriseError: the sun does not rise or set on the day of some event.

    >>> sunrise_of_21_december = np.array([1797813180])  # 08:33 in Linzhi
    >>> told = sun_time(sunrise_of_21_december, latitude=29.65, longitude=94.36,
    ...                 utc_offset_seconds=28800)
    >>> [round(float(one[0]) / TURN * 24, 1) for one in (told.clock, told.transformed)]
    [8.6, 6.0]
    """
    local = seconds + utc_offset_seconds
    days = local // DAY_S
    almanac = Almanac.around(days)
    sun = sun_days(
        almanac,
        days,
        latitude=latitude,
        longitude=longitude,
        utc_offset_seconds=utc_offset_seconds,
        horizon=horizon,
    )
    _check_rises(sun.sunrise + sun.sunset, days)
    clock = _angle(local)
    sunrise = _angle(sun.sunrise + utc_offset_seconds)
    sunset = _angle(sun.sunset + utc_offset_seconds)
    anchors = anchors or mean_anchors(sunrise, sunset)
    altitude = altitudes(almanac, seconds, latitude=latitude, longitude=longitude)
    return SunTime(
        clock=clock,
        solar=anchored(clock, sunrise, sunset, anchors=anchors),
        transformed=anchored(clock, sunrise, sunset, anchors=EQUINOX),
        sunrise=sunrise,
        sunset=sunset,
        altitude=altitude,
        light=light_at(altitude, twilight_degrees=twilight_degrees),
        anchors=anchors,
    )


def mean_anchors(sunrise: Angles, sunset: Angles) -> Anchors:
    """Give the mean sunrise and sunset of events, as directions on the clock face.

    >>> mean_anchors(np.array([6.2, 0.2]), np.array([3.0, 3.2])).sunset
    3.1
    """
    if not len(sunrise):
        return EQUINOX
    return Anchors(float(circmean(sunrise)), float(circmean(sunset)))


def anchored(clock: Angles, sunrise: Angles, sunset: Angles, *, anchors: Anchors) -> Angles:
    """Stretch the day and the night of each event so that its sunrise and sunset fall on anchors.

    >>> both = Anchors(1.0, 4.0)
    >>> rise, fall = np.array([2.0, 2.0]), np.array([5.0, 5.0])
    >>> anchored(np.array([2.0, 5.0]), rise, fall, anchors=both).tolist()
    [1.0, 4.0]
    """
    return average_anchored(
        clock, sunrise, sunset, mean_sunrise=anchors.sunrise, mean_sunset=anchors.sunset
    )


def sun_altitudes(
    seconds: Whole, *, latitude: float | Numbers, longitude: float | Numbers
) -> Numbers:
    """Give the sun's altitude at each event in degrees: it is known where sunrise is not.

    >>> noon_of_21_june = np.array([1782020640])
    >>> sun_altitudes(noon_of_21_june, latitude=29.65, longitude=94.36).round(1).tolist()
    [83.8]
    """
    almanac = Almanac.around(seconds // DAY_S)
    return altitudes(almanac, seconds, latitude=latitude, longitude=longitude)


def light_at(altitude: Numbers, *, twilight_degrees: float = CIVIL) -> Lights:
    """Tell day from twilight and night: day while any of the sun is above a flat horizon.

    >>> light_at(np.array([0.0, -3.0, -6.5])).tolist()
    ['day', 'twilight', 'night']
    """
    names = [Light.DAY.value, Light.TWILIGHT.value]
    lit = [altitude > HORIZON, altitude > twilight_degrees]
    return np.select(lit, names, default=Light.NIGHT.value)


def available_light(
    days: Whole,
    effort: Numbers,
    *,
    latitude: float | Numbers,
    longitude: float | Numbers,
    twilight_degrees: float = CIVIL,
) -> LightShares | None:
    """Give the shares of the watched time that were day, twilight and night.

    `days` are local dates as days since 1970, `effort` the camera-days worked on each: a taxon that
    is active at any hour has its events in these shares. Days on which only daylight was watched (a
    dead flash) belong neither here nor among the events. None without effort: it is not known.

    >>> june = np.arange(20605, 20635)
    >>> told = available_light(june, np.ones(30), latitude=29.65, longitude=94.36)
    >>> round(told.day, 3), round(told.twilight, 3), round(told.night, 3)
    (0.584, 0.038, 0.378)
    """
    total = float(effort.sum())
    if not total > 0:
        return None
    noon = days * DAY_S + DAY_S / 2 - 240 * np.asarray(longitude, dtype=float)
    declination, _ = Almanac.around(days).at(noon)
    lit, dim = (
        float((half_day(declination, latitude, altitude) * effort).sum()) / np.pi / total
        for altitude in (HORIZON, twilight_degrees)
    )
    return LightShares(lit, dim - lit, 1 - dim)


def _angle(local_seconds: Numbers | Whole) -> Angles:
    return np.asarray(local_seconds % DAY_S / DAY_S * TURN)


def _check_rises(sun: Numbers, days: Whole) -> None:
    lost = np.isnan(sun)
    if not lost.any():
        return
    first = date(1970, 1, 1) + timedelta(days=int(days[lost].min()))
    count, of = int(lost.sum()), len(days)
    raise NoSunriseError(
        tr(
            f"The sun does not rise or set on the day of {count} of {of} events (first on {first}),"
            " so they have no sun time. Leave out these days, or tell day from night by the sun's "
            "altitude alone.",
            f"{of} 个事件中有 {count} 个发生在太阳不升起或不落下的日子（最早为 {first}），"
            "无法换算为太阳时。请排除这些日子，或仅按太阳高度角区分昼夜。",
        )
    )
