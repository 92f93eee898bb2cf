"""What the page of a taxon goes by, each figure with its reason."""

from dataclasses import dataclass

from species_db.analysis.independence import MINUTES, IndependenceRule
from species_db.geo.bands import BAND_M


@dataclass(frozen=True)
class PageSettings:
    """How the page of a taxon counts."""

    # The usual interval in China; against the last independent record, so that an animal that
    # lingers all night is not one visit (DOMAIN.md 1).
    interval_minutes: int = MINUTES
    rule: IndependenceRule = IndependenceRule.LAST_INDEPENDENT
    # As everywhere in the survey, see species_db/geo/bands: heights here are not known better.
    elevation_band_m: int = BAND_M
    # What passed the same camera within a week of the animal shared its ground with it; a gap of
    # days is what studies of avoidance look at.
    threat_days: int = 7
    # Draws of the bootstrap for one slice: a thousand settle the interval to two digits.
    draws: int = 1000
    # Of a common animal only the newest events are looked through for photos.
    photo_events: int = 300
    photos: int = 6
    # An index of a slice with fewer stations has an interval that means nothing.
    least_stations: int = 3
