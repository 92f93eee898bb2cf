"""What a project file is checked against: the survey's stations, plots, and names of taxa."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from species_db.invasive.naming import taxa_by_name
from species_db.tables import CameraStation, Plot


@dataclass(frozen=True)
class KnownSurvey:
    """Stations with the plot that each stands on, all plots, and the taxa that each name means."""

    stations: Mapping[str, str]  # location_id -> plot_id, empty where it stands on none
    plots: frozenset[str]
    taxa: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def stations_on(self, plots: Iterable[str]) -> frozenset[str]:
        """All stations on some plots."""
        wanted = set(plots)
        return frozenset(name for name, plot in self.stations.items() if plot in wanted)


def read_known_survey(session: Session) -> KnownSurvey:
    """Read the stations, plots and names of a survey."""
    asked = select(CameraStation.location_id, CameraStation.plot_id)
    return KnownSurvey(
        stations={
            location_id: plot_id or ""
            for location_id, plot_id in session.exec(asked.order_by(col(CameraStation.location_id)))
        },
        plots=frozenset(session.exec(select(Plot.plot_id))),
        taxa=taxa_by_name(session),
    )
