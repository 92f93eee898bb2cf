"""The sun for many instants and days at once: its altitude, and sunrise, noon and sunset.

The sun is that of `species_db.sun`, worked out once for each UTC midnight near an instant; between
two midnights its declination and the equation of time run straight within 0.001 degrees and 0.1 s.
Instants are UTC seconds since 1970, days are local dates as days since 1970.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from species_db.sun import HORIZON, ROUNDS, sun_place

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]

DAY_S = 86400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEFORE, AFTER = 2, 3  # UTC midnights around a local day that its sunrise and sunset may lie between


@dataclass(frozen=True)
class Horizon:
    """How high the terrain stands where the sun rises and where it sets, in degrees.

    In a gorge the sun comes hours late and goes hours early. A number, or one for each event; flat
    until somebody measures it. It moves sunrise and sunset alone: behind a ridge it is still day.
    """

    rising: float | Numbers = 0.0
    setting: float | Numbers = 0.0


FLAT = Horizon()


@dataclass(frozen=True)
class SunDays:
    """Sunrise, solar noon and sunset of each day in UTC seconds; NaN where the sun does neither."""

    sunrise: Numbers
    noon: Numbers
    sunset: Numbers


@dataclass(frozen=True)
class Almanac:
    """The sun's declination (radians) and the equation of time (minutes) at UTC midnights."""

    first: int  # the first midnight, in days since 1970
    declinations: Numbers
    equations: Numbers

    @classmethod
    def around(cls, days: Whole) -> "Almanac":
        """Work out the sun around some local days; the days between others are left out.

        >>> told = Almanac.around(np.array([20608]))  # 2026-06-04
        >>> len(told.declinations), round(float(np.degrees(told.declinations[2])), 1)
        (6, 22.4)
        """
        found = np.unique(days)
        if not len(found):
            return cls(0, np.zeros(2), np.zeros(2))
        wanted = np.unique(np.concatenate([found + by for by in range(-BEFORE, AFTER + 1)]))
        first = int(wanted[0])
        places = [sun_place(EPOCH + timedelta(days=day)) for day in wanted.tolist()]
        size = int(wanted[-1]) - first + 1
        return cls(
            first,
            _spread(size, wanted - first, (np.radians(one.declination) for one in places)),
            _spread(size, wanted - first, (one.equation_of_time_minutes for one in places)),
        )

    def at(self, seconds: Numbers) -> tuple[Numbers, Numbers]:
        """Give declination and equation of time at instants of the days it was made for."""
        days = seconds / DAY_S - self.first
        before = np.floor(days).astype(np.int64)
        share = days - before
        return (
            self.declinations[before] * (1 - share) + self.declinations[before + 1] * share,
            self.equations[before] * (1 - share) + self.equations[before + 1] * share,
        )


def altitudes(
    almanac: Almanac,
    seconds: Whole,
    *,
    latitude: float | Numbers,
    longitude: float | Numbers,
) -> Numbers:
    """Give the altitude of the sun's centre at each instant, in degrees, without refraction.

    >>> noon = np.array([int(datetime(2026, 6, 21, 5, 44, tzinfo=UTC).timestamp())])
    >>> told = altitudes(Almanac.around(noon // DAY_S), noon, latitude=29.65, longitude=94.36)
    >>> told.round(1).tolist()
    [83.8]
    """
    declination, equation = almanac.at(seconds.astype(np.float64))
    minutes = seconds % DAY_S / 60 + equation + 4 * np.asarray(longitude)
    hour_angle = np.radians(minutes / 4 - 180)
    here = np.radians(latitude)
    sine = np.sin(here) * np.sin(declination)
    sine = sine + np.cos(here) * np.cos(declination) * np.cos(hour_angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1, 1))))


def sun_days(
    almanac: Almanac,
    days: Whole,
    *,
    latitude: float | Numbers,
    longitude: float | Numbers,
    utc_offset_seconds: int | Whole,
    horizon: Horizon = FLAT,
) -> SunDays:
    """Give sunrise, solar noon and sunset of local days.

    >>> day = np.array([20808])  # 2026-12-21
    >>> bayi = {"latitude": 29.65, "longitude": 94.36, "utc_offset_seconds": 28800}
    >>> rise = sun_days(Almanac.around(day), day, **bayi).sunrise
    >>> f"{datetime.fromtimestamp(rise[0] + 28800, UTC):%H:%M}"
    '08:33'
    """
    mean_noon = days * DAY_S + DAY_S / 2 - 240 * np.asarray(longitude, dtype=float)
    noon = mean_noon
    for _ in range(ROUNDS):
        noon = mean_noon - 60 * almanac.at(noon)[1]
    noon = noon + DAY_S * (days - (noon + utc_offset_seconds) // DAY_S)
    return SunDays(
        _crossing(almanac, noon, latitude, HORIZON + np.asarray(horizon.rising), sign=-1),
        noon,
        _crossing(almanac, noon, latitude, HORIZON + np.asarray(horizon.setting), sign=1),
    )


def half_day(declination: Numbers, latitude: float | Numbers, altitude: float | Numbers) -> Numbers:
    """Give how long after noon the sun sinks below an altitude, as an angle of its daily turn.

    In radians: 0 where it never stands so high, pi where it never sinks so low.

    >>> half_day(np.array([0.0, 0.4]), np.array([0.0, 80.0]), -0.833).round(2).tolist()
    [1.59, 3.14]
    """
    here = np.radians(latitude)
    cosine = np.sin(np.radians(altitude)) - np.sin(here) * np.sin(declination)
    cosine = cosine / np.maximum(1e-9, np.cos(here) * np.cos(declination))
    return np.asarray(np.arccos(np.clip(cosine, -1, 1)))


def _spread(size: int, at: Whole, values: Iterable[float]) -> Numbers:
    table = np.full(size, np.nan)
    table[at] = np.fromiter(values, dtype=float, count=len(at))
    return table


def _crossing(
    almanac: Almanac, noon: Numbers, latitude: float | Numbers, altitude: Numbers, *, sign: int
) -> Numbers:
    """When the sun crosses an altitude before (-1) or after (1) a solar noon; NaN for never."""
    _, at_noon = almanac.at(noon)
    moment = noon
    for _ in range(ROUNDS):
        declination, equation = almanac.at(np.where(np.isnan(moment), noon, moment))
        half = half_day(declination, latitude, altitude)
        half = np.where((half > 0) & (half < np.pi), half, np.nan)
        moment = noon + sign * half / (2 * np.pi) * DAY_S + 60 * (at_noon - equation)
    return np.asarray(moment)
