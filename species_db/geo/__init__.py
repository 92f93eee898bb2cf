"""Where a point lies: counties and other areas, distances, and the map they are drawn on."""

from sqlmodel import Session, select

from species_db.tables import CameraStation, Plot


def station_counties(session: Session) -> dict[str, str]:
    """The division code of each camera station's county, empty when nothing tells it."""
    counties = {plot.plot_id: plot.county for plot in session.exec(select(Plot))}
    return {
        station.location_id: counties.get(station.plot_id or "", "")
        for station in session.exec(select(CameraStation))
    }
