"""GCJ-02, the shifted coordinates of Chinese consumer maps: for noticing them, never for storing.

The shift has no published definition; this is the one every open package uses. Outside China there
is none (STANDARDS.md 5, DOMAIN.md 14).
"""

from enum import StrEnum
from math import cos, pi, sin, sqrt

SEMI_MAJOR_M, ECCENTRICITY_SQUARED = 6378245.0, 0.00669342162296594323  # Krasovsky 1940
LATITUDES, LONGITUDES = (0.8293, 55.8271), (72.004, 137.8347)  # the box that is shifted
ROUNDS = 8  # the shift changes by a thousandth of the way: each round gains three digits
SETTLED = 1e-13  # degrees: a hundredth of a micrometre, and the last digit of a float


class Datum(StrEnum):
    """What a person says of the degrees in a file or on a screen."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"  # equal to WGS-84 within centimetres
    GCJ02 = "gcj02"  # Amap, Tencent, DataV


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Give the place that Amap and Tencent draw for a WGS-84 point, in degrees.

    >>> [round(part, 6) for part in to_gcj02(29.6490, 94.3615)]
    [29.64631, 94.362665]
    """
    if not is_shifted(latitude, longitude):
        return latitude, longitude
    north, east = _wave(latitude - 35.0, longitude - 105.0)
    radians = latitude / 180.0 * pi
    magic = 1 - ECCENTRICITY_SQUARED * sin(radians) ** 2
    metres_north = SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED) / (magic * sqrt(magic)) * pi / 180.0
    metres_east = SEMI_MAJOR_M / sqrt(magic) * cos(radians) * pi / 180.0
    return latitude + north / metres_north, longitude + east / metres_east


def from_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Give the WGS-84 point that these coordinates mean if they are GCJ-02, in degrees.

    >>> [round(part, 6) for part in from_gcj02(*to_gcj02(29.6490, 94.3615))]
    [29.649, 94.3615]
    """
    north, east = latitude, longitude
    for _ in range(ROUNDS):
        shifted_north, shifted_east = to_gcj02(north, east)
        step_north, step_east = latitude - shifted_north, longitude - shifted_east
        north, east = north + step_north, east + step_east
        if abs(step_north) + abs(step_east) < SETTLED:
            break
    return north, east


def is_shifted(latitude: float, longitude: float) -> bool:
    """Tell whether a point lies where consumer maps of China are shifted.

    >>> is_shifted(29.6490, 94.3615), is_shifted(47.35, 10.19)
    (True, False)
    """
    return LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]


def _wave(y: float, x: float) -> tuple[float, float]:
    """The shift in metres north and east, at degrees north of 35 N and east of 105 E."""
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return north, east
