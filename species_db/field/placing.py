"""Does a field photo lie on its plot? Distances, the plot's radius, and the GCJ-02 shift.

Pure: positions in, verdicts out. Verdicts hold distances and never coordinates, so that they can
be told in messages.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from species_db.gcj02 import from_gcj02, is_shifted

EARTH_RADIUS_M = 6_371_008.8  # mean radius; errors below 0.5 % matter to no plot


@dataclass(frozen=True)
class PlaceSettings:
    """When a photo counts as lying off its plot, and when its place looks like GCJ-02."""

    default_radius_m: float = 500.0  # half a side of the kilometre grid that China's norms use
    shift_tolerance_m: float = 60.0  # two positions 30 m off each, the usual GPS error
    least_shift_m: float = 150.0  # less than that is lost in a phone's drift under trees
    device_share: float = 0.5  # a phone shifts all its photos: more than half of them must fit


SETTINGS = PlaceSettings()


@dataclass(frozen=True)
class Sighting:
    """Where one photo says it was made, and with which device."""

    name: str
    device: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class PlotCircle:
    """A plot as placing sees it: its middle and how far it reaches."""

    plot_id: str
    latitude: float
    longitude: float
    radius_m: float = SETTINGS.default_radius_m


@dataclass(frozen=True)
class Placing:
    """How a photo lies to its plot. `gcj02_shift_m` is set when the place looks like GCJ-02."""

    distance_m: float
    is_far: bool
    gcj02_shift_m: float | None = None


def place_photos(
    sightings: Sequence[Sighting], plot: PlotCircle, *, settings: PlaceSettings = SETTINGS
) -> dict[str, Placing]:
    """Say of each photo, by its name, how far it lies from the plot and whether it looks shifted.

    GCJ-02 is suspected of a device when taking the shift away brings most of its photos onto the
    plot, or onto the plot's very middle, where they did not lie before. Nothing is moved.
    """
    shifts = _suspected_shifts(sightings, plot, settings)
    placed = {}
    for one in sightings:
        distance = distance_m((one.latitude, one.longitude), (plot.latitude, plot.longitude))
        placed[one.name] = Placing(distance, distance > plot.radius_m, shifts.get(one.name))
    return placed


def nearest_plot(
    sightings: Iterable[Sighting], plots: Iterable[PlotCircle]
) -> tuple[PlotCircle, float] | None:
    """Find the plot that most likely was meant: the one nearest to the photos' median distance."""
    seen = list(sightings)
    ranked = [
        (_median(distance_m(_at(one), (plot.latitude, plot.longitude)) for one in seen), plot)
        for plot in plots
    ]
    if not seen or not ranked:
        return None
    distance, plot = min(ranked, key=lambda pair: (pair[0], pair[1].plot_id))
    return plot, distance


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance in metres between two places as (latitude, longitude).

    >>> round(distance_m((29.6490, 94.3615), (29.64631, 94.362665)))
    320
    """
    north, far_north = radians(one[0]), radians(other[0])
    east = radians(other[1] - one[1])
    half = sin((far_north - north) / 2) ** 2 + cos(north) * cos(far_north) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


def _suspected_shifts(
    sightings: Sequence[Sighting], plot: PlotCircle, settings: PlaceSettings
) -> Mapping[str, float]:
    by_device: dict[str, list[Sighting]] = defaultdict(list)
    for one in sightings:
        by_device[one.device].append(one)
    shifts: dict[str, float] = {}
    for photos in by_device.values():
        fitting = {
            one.name: shift
            for one in photos
            if (shift := _fitting_shift(one, plot, settings)) is not None
        }
        if len(fitting) > settings.device_share * len(photos):
            shifts |= fitting
    return shifts


def _fitting_shift(one: Sighting, plot: PlotCircle, settings: PlaceSettings) -> float | None:
    """The length of the shift that would explain where this photo lies; None when none does."""
    if not is_shifted(one.latitude, one.longitude):
        return None
    middle = (plot.latitude, plot.longitude)
    meant = from_gcj02(one.latitude, one.longitude)
    shift = distance_m(_at(one), meant)
    before, after = distance_m(_at(one), middle), distance_m(meant, middle)
    comes_onto_plot = before > plot.radius_m >= after
    comes_onto_middle = before > settings.shift_tolerance_m >= after
    if shift < settings.least_shift_m or not (comes_onto_plot or comes_onto_middle):
        return None
    return shift


def _at(one: Sighting) -> tuple[float, float]:
    return one.latitude, one.longitude


def _median(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0
