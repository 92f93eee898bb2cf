"""Elevation bands: the prefecture spans more than seven kilometres of height (DOMAIN.md 15)."""

from dataclasses import dataclass
from math import floor

BAND_M = 500  # DOMAIN.md 15: raw GNSS heights are off by 30-40 m here, gorge-wall models by more


@dataclass(frozen=True, order=True)
class ElevationBand:
    """A stretch of height: its lower edge belongs to it, its upper edge to the next one."""

    lower_m: int
    upper_m: int

    def __str__(self) -> str:
        return f"{self.lower_m}–{self.upper_m} m"


def elevation_band(elevation_m: float, width_m: int = BAND_M) -> ElevationBand:
    """The band that a height lies in.

    >>> str(elevation_band(1870.0)), elevation_band(2000.0).lower_m, elevation_band(155, 1000)
    ('1500–2000 m', 2000, ElevationBand(lower_m=0, upper_m=1000))
    """
    lower = floor(elevation_m / width_m) * width_m
    return ElevationBand(lower, lower + width_m)
