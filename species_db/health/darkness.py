"""Tell whether a camera needed its flash for a picture: the sun was well down at its station."""

from collections.abc import Callable
from datetime import date, datetime

from species_db.sun import SunPlace, altitude_at, sun_place

CIVIL_DUSK = -6.0  # degrees; above it there is light enough for a picture without flash


def darkness_at(latitude: float, longitude: float) -> Callable[[datetime], bool]:
    """Make the test of one station's darkness by the sun's altitude, never by the clock.

    >>> from datetime import timedelta, timezone
    >>> is_dark = darkness_at(29.65, 94.36)
    >>> beijing = timezone(timedelta(hours=8))
    >>> is_dark(datetime(2026, 12, 21, 7, 0, tzinfo=beijing))
    True
    >>> is_dark(datetime(2026, 6, 21, 7, 0, tzinfo=beijing))
    False
    """
    places: dict[date, SunPlace] = {}

    def is_dark(moment: datetime) -> bool:
        place = places.get(moment.date())
        if place is None:  # within a day the sun's own place moves by less than half a degree
            place = places[moment.date()] = sun_place(moment)
        return altitude_at(place, moment, latitude=latitude, longitude=longitude) < CIVIL_DUSK

    return is_dark
