"""In which county something may be told, if it may be told at all.

A place whose county would narrow its cell is told in no county, and then nothing that happened on
it is counted anywhere. Whatever is marked for fewer readers than the bulletin has, and whatever is
too young to leave, is not there, and no number stands in its stead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, select

from species_db.bulletin.refusal import BulletinError
from species_db.geo import station_counties
from species_db.language import tr
from species_db.secrecy.marks import SecrecyIndex, may_reach, read_secrecy
from species_db.sensitivity import Gate, ReleasedPlace, delayed_events, withheld_place
from species_db.sensitivity.recorded import RECORD
from species_db.tables import CameraStation, FieldRecord, Plot
from species_db.vocabulary import Secrecy, Sensitivity
from species_db.wildlife.release import gated_rows
from species_db.wildlife.sightings import FieldRow


@dataclass(frozen=True)
class Teller:
    """The gate, the marks of secrecy, and the places of one survey."""

    gate: Gate
    secrecy: SecrecyIndex
    audience: Secrecy
    waiting: frozenset[str]  # events too young to leave
    stations: Mapping[str, CameraStation]
    plots: Mapping[str, Plot]
    counties: Mapping[str, str]  # of stations, as the survey knows them

    def of_station(self, location_id: str) -> str:
        """The county of a station, if its readers may know of it."""
        station = self.stations[location_id]
        if not may_reach(self.secrecy.of_place(location_id, station.plot_id), self.audience):
            return ""
        return self.gate.county(self.gate.place(station), self.counties.get(location_id, ""))

    def of_plot(self, plot_id: str | None) -> str:
        """The county of a plot, if its readers may know of it.

        A sensitive plot without a point of its own is told where all its stations are: their cells
        are what its county could cut.
        """
        plot = self.plots.get(plot_id or "")
        if plot is None or not may_reach(self.secrecy.of_place(None, plot_id), self.audience):
            return ""
        place = self.gate.plot_place(plot)
        if not self._is_bare(place):
            return self.gate.county(place, plot.county)
        on_it = [one.location_id for one in self.stations.values() if one.plot_id == plot_id]
        counties = {self.of_station(one) for one in on_it}
        return plot.county if counties == {plot.county} else ""

    def of_record(self, record: FieldRecord, code: str) -> str:
        """The county of a field record, if its readers may know of it."""
        held = self.secrecy.of_field_record(record.field_record_id, plot_id=record.plot_id)
        if not may_reach(held, self.audience):
            return ""
        place = self.gate.field_place(record)
        if self._is_bare(place) and record.plot_id:
            return self.of_plot(record.plot_id)
        return self.gate.county(place, code)

    def tells_event(self, event_id: str) -> bool:
        """Whether an event is old enough and meant for the readers; its place is asked apart."""
        held = self.secrecy.of_event(event_id, location_id=None, plot_id=None)
        return event_id not in self.waiting and may_reach(held, self.audience)

    def rows(self, session: Session, rows: Sequence[FieldRow]) -> list[FieldRow]:
        """Field records as they may be told, each with the county it is told in or none."""
        by_id = {
            row.record_id: row
            for row in rows
            if may_reach(
                self.secrecy.of_field_record(row.record_id, plot_id=row.plot_id or None),
                self.audience,
            )
        }
        gated = gated_rows(session, list(by_id.values()), self.gate)
        return [self._placed(row, by_id[row.record_id].plot_id) for row in gated]

    def _placed(self, row: FieldRow, plot_id: str) -> FieldRow:
        """A record without a point of its own is told where its plot is."""
        if row.latitude is not None or not plot_id:
            return row
        bare = withheld_place(self.gate.places.of(RECORD, row.record_id))
        return replace(row, county=self.of_plot(plot_id)) if self._is_bare(bare) else row

    def _is_bare(self, place: ReleasedPlace) -> bool:
        """Whether a place is sensitive, and has no cell only because it has no point."""
        is_hidden = place.sensitivity is Sensitivity.EXTREME
        return place.is_withheld and not is_hidden and self.gate.is_sensitive(place)


def read_teller(session: Session, gate: Gate, *, audience: Secrecy) -> Teller:
    """Read what decides on telling.

    Raises:
        BulletinError: the whole survey is marked for fewer readers.
    """
    secrecy = read_secrecy(session)
    if not may_reach(secrecy.survey, audience):
        raise BulletinError(
            tr(
                f"No bulletin was made: this survey is {secrecy.survey.value}. Its class is set "
                "with 'namcha secrecy mark survey'.",
                f"未生成月报：本调查的密级为 {secrecy.survey.value}。"
                "密级用“namcha secrecy mark survey”设置。",
            )
        )
    return Teller(
        gate=gate,
        secrecy=secrecy,
        audience=audience,
        waiting=delayed_events(session, gate),
        stations={one.location_id: one for one in session.exec(select(CameraStation))},
        plots={one.plot_id: one for one in session.exec(select(Plot))},
        counties=station_counties(session),
    )
