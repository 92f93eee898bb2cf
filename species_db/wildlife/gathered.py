"""All that the page of a taxon is made from, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from species_db.occurrences import CAMERA_TRAP
from species_db.tables import Plot, Taxon
from species_db.wildlife.camera_effort import CameraEffort, is_sought_by_cameras, read_effort
from species_db.wildlife.legal import Law, read_law
from species_db.wildlife.members import members_of
from species_db.wildlife.parts import Evidence
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import (
    CameraRecords,
    FieldRow,
    date_of,
    field_rows,
    read_camera_records,
)
from species_db.wildlife.slices import Material
from species_db.wildlife.threats import Disturbances, read_disturbances

EVENT, FIELD_RECORD = "event", "field_record"


@dataclass(frozen=True)
class Shared:
    """What the pages of one survey share: the same for every taxon until the survey changes."""

    effort: CameraEffort
    law: Law
    disturbances: Disturbances


@dataclass(frozen=True)
class Gathered:
    """One taxon's records and what surrounds them."""

    taxon: Taxon
    on: date
    settings: PageSettings
    law: Law
    effort: CameraEffort
    disturbances: Disturbances
    members: Sequence[Taxon]
    records: CameraRecords
    visits: Sequence[FieldRow]  # every identified field record, of any taxon
    rows: Sequence[FieldRow]  # of this one, absences too
    material: Material
    plots: Mapping[str, Plot]

    @property
    def by_id(self) -> dict[str, Taxon]:
        """The taxa of the page by their ids."""
        return {one.taxon_id: one for one in self.members}

    @property
    def present(self) -> list[FieldRow]:
        """The field records that found it."""
        return [row for row in self.rows if row.is_present]

    @property
    def confirmed(self) -> int:
        """Confirmed events and field records."""
        return int(self.records.is_confirmed.sum()) + len(self.present)

    def evidence_of_event(self, number: int) -> Evidence:
        """The camera record of a number, without its place on the map."""
        records = self.records
        station = self.effort.stations[records.locations[records.location[number]]]
        day = int(records.day[number])
        return Evidence(
            record_kind=EVENT,
            record_id=records.record_ids[number],
            on=date_of(day) if records.is_dated[number] else None,
            county=station.county,
            plot_id=station.plot_id,
            protocol=CAMERA_TRAP,
            identified_by=records.people[records.person[number]],
        )


def read_shared(session: Session, settings: PageSettings | None = None) -> Shared:
    """Read effort, lists and disturbances; who draws many pages hands them to each."""
    effort = read_effort(session)
    settings = settings or PageSettings()
    disturbances = read_disturbances(session, effort.deployments, settings)
    return Shared(effort, read_law(session), disturbances)


def gather(
    session: Session, taxon: Taxon, *, on: date, settings: PageSettings, shared: Shared
) -> Gathered:
    """Read one taxon's records."""
    members = members_of(session, taxon)
    ids = {one.taxon_id for one in members}
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    records = read_camera_records(session, shared.effort.deployments, settings, taxon_ids=ids)
    visits = field_rows(session)
    rows = [row for row in visits if row.taxon_id in ids]
    is_sought = is_sought_by_cameras(taxon) or bool(records.is_confirmed.any())
    effort = shared.effort if is_sought else shared.effort.without_days()
    return Gathered(
        taxon=taxon,
        on=on,
        settings=settings,
        law=shared.law,
        effort=shared.effort,
        disturbances=shared.disturbances,
        members=members,
        records=records,
        visits=visits,
        rows=rows,
        material=Material(records, effort, visits, rows, settings),
        plots=plots,
    )


def evidence_of_row(row: FieldRow) -> Evidence:
    """The field record a statement rests on, without its place on the map."""
    return Evidence(
        record_kind=FIELD_RECORD,
        record_id=row.record_id,
        on=row.on,
        county=row.county,
        plot_id=row.plot_id,
        protocol=row.protocol,
        identified_by=row.identified_by,
    )
