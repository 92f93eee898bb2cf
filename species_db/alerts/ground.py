"""The survey's own ground: areas, plots and effort, asked once for each place."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import case, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.alerts.facts import Nearby, Sighting
from species_db.alerts.listening import Listening, read_listening
from species_db.geo import AreaShape, Atlas, atlas_of, distance_m
from species_db.tables import Deployment, Event, Plot
from species_db.vocabulary import AreaKind, ObservationType

BLANK = ObservationType.BLANK.value
Place = tuple[float, float]


class SurveyGround:
    """What the rules ask of places, read from a survey; a place is worked out once.

    Cameras stand still, so a million records ask of a few hundred places.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._atlases: dict[tuple[str, ...], Atlas] = {}
        self._nearest: dict[tuple[object, ...], Nearby | None] = {}
        self._zones: dict[tuple[object, ...], list[Nearby]] = {}

    @cached_property
    def listening(self) -> Listening:
        """The effort of all stations."""
        return read_listening(self._session)

    def camera_days(self, place: str, key: str, first: date, last: date) -> float:
        """Camera-days in a county or plot from one local date to another, both included."""
        return self.listening.camera_days(place, key, first, last)

    def stations(self, place: str, key: str) -> list[str]:
        """The stations of a county or plot."""
        return self.listening.stations(place, key)

    def effort_of(self, station: str, first: date, last: date) -> float:
        """Camera-days of a station between two local dates, both included."""
        return self.listening.effort_of(station, first, last)

    def reviewed_share(self, place: str, key: str, first: date, last: date) -> float:
        """The share of a place's events that people have reviewed, a model's blanks left out."""
        start = datetime.combine(first, time(), tzinfo=UTC)
        end = datetime.combine(last, time(), tzinfo=UTC) + timedelta(days=1)
        is_asked = or_(col(Event.is_reviewed), col(Event.machine_type) != BLANK)
        rows = self._session.execute(
            select_columns(func.count(), func.sum(case((col(Event.is_reviewed), 1), else_=0)))
            .select_from(Event)
            .join(Deployment, col(Deployment.deployment_id) == col(Event.deployment_id))
            .where(
                col(Deployment.location_id).in_(self.stations(place, key)),
                col(Event.event_start) >= start,
                col(Event.event_start) < end,
                is_asked,
            )
        )
        count, reviewed = rows.one()
        return (reviewed or 0) / count if count else 1.0

    def nearest(
        self, sighting: Sighting, *, areas: tuple[str, ...], plots: bool, within_m: float
    ) -> Nearby | None:
        """The nearest area of some kinds, or plot, within a distance; the limit is included.

        A plot is its point: a record that says it was made on the plot lies 0 m from it.
        """
        key = (_place(sighting), sighting.plot_id, areas, plots, within_m)
        if key not in self._nearest:
            found = [*self._near_areas(sighting, areas), *self._near_plots(sighting, plots)]
            near = [one for one in found if one.distance_m <= within_m]
            self._nearest[key] = min(near, key=lambda one: (one.distance_m, one.key), default=None)
        return self._nearest[key]

    def zones(self, sighting: Sighting, areas: tuple[str, ...]) -> list[Nearby]:
        """The areas of some kinds that a sighting lies in."""
        place = _place(sighting)
        key = (place, areas)
        if key not in self._zones:
            held = self._atlas(areas).at(place) if place and areas else ()
            self._zones[key] = [_nearby(area, 0.0) for area in held]
        return self._zones[key]

    def has_zones(self, areas: tuple[str, ...]) -> bool:
        """Whether the survey has any area of these kinds."""
        return bool(areas) and bool(self._atlas(areas).shapes)

    def _atlas(self, areas: tuple[str, ...]) -> Atlas:
        if areas not in self._atlases:
            kinds = [AreaKind(name) for name in areas]
            self._atlases[areas] = atlas_of(self._session, kinds)
        return self._atlases[areas]

    def _near_areas(self, sighting: Sighting, areas: tuple[str, ...]) -> list[Nearby]:
        place = _place(sighting)
        found = self._atlas(areas).nearest(place) if place and areas else None
        return [] if found is None else [_nearby(found.area, found.distance_m)]

    def _near_plots(self, sighting: Sighting, is_asked: bool) -> list[Nearby]:
        if not is_asked:
            return []
        if sighting.plot_id and sighting.plot_id in self._plots:
            return [_on_plot(sighting.plot_id, 0.0)]
        place = _place(sighting)
        if place is None:
            return []
        return [
            _on_plot(plot_id, distance_m(place, there))
            for plot_id, there in self._plots.items()
            if there is not None
        ]

    @cached_property
    def _plots(self) -> Mapping[str, Place | None]:
        return {
            plot.plot_id: None
            if plot.latitude is None or plot.longitude is None
            else (plot.latitude, plot.longitude)
            for plot in self._session.exec(select(Plot))
        }


def _place(sighting: Sighting) -> Place | None:
    if sighting.latitude is None or sighting.longitude is None:
        return None
    return sighting.latitude, sighting.longitude


def _nearby(area: AreaShape, distance: float) -> Nearby:
    zh, en = area.name_zh or area.name_en, area.name_en or area.name_zh
    return Nearby(zh, en, distance, f"area {area.area_id}")


def _on_plot(plot_id: str, distance: float) -> Nearby:
    return Nearby(f"样地 {plot_id}", f"plot {plot_id}", distance, f"plot {plot_id}")
