"""Where a point lies: counties and other areas, distances, and the map they are drawn on."""

from species_db.geo.areas import AreaShape, areas_in_force, ensure_counties
from species_db.geo.bands import ElevationBand, elevation_band
from species_db.geo.measure import (
    area_km2,
    distance_m,
    distances_m,
    from_equal_area,
    plane_of,
    to_equal_area,
)
from species_db.geo.outlines import OutlineError
from species_db.geo.where import (
    Atlas,
    CountyDoubt,
    NearestArea,
    areas_at,
    atlas_of,
    counties_at,
    county_at,
    county_doubts,
    nearest_area,
    station_counties,
)

__all__ = [
    "AreaShape",
    "Atlas",
    "CountyDoubt",
    "ElevationBand",
    "NearestArea",
    "OutlineError",
    "area_km2",
    "areas_at",
    "areas_in_force",
    "atlas_of",
    "counties_at",
    "county_at",
    "county_doubts",
    "distance_m",
    "distances_m",
    "elevation_band",
    "ensure_counties",
    "from_equal_area",
    "nearest_area",
    "plane_of",
    "station_counties",
    "to_equal_area",
]
