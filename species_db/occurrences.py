"""What was seen, where and when: cameras' events and field records as one stream.

The pages of taxa, the spread of invaders, the alerts and the gate all ask the same question, and
this is the one place that answers it. Confirmed is what a person's review, or identification, in
force says; a machine's word counts only where nobody has looked yet, and only when asked for.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.geo import station_counties
from species_db.tables import CameraStation, Deployment, Event, FieldRecord, Observation, Plot
from species_db.vocabulary import ClassificationMethod, FieldState, ObservationType

CAMERA_TRAP = "camera trap"
ROWS_A_PAGE = 2000
NEAR = 500  # ids in one question; SQLite takes some thousands


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One taxon (or people, or a vehicle) in one event of a camera or one field record.

    Places are exact and stay inside: what leaves passes species_db/sensitivity. `county` is a
    division code, empty when neither plot, sheet nor outline tells it; `count` is the number of
    individuals as reviewed; `observed_at` is None for an undated camera event;
    `observation_type` is empty for a field record, whose taxon may be a plant.
    """

    record_kind: Literal["event", "field_record"]
    record_id: str
    observation_type: str
    taxon_id: str | None
    observed_at: datetime | None
    utc_offset_seconds: int
    location_id: str | None
    deployment_id: str | None
    plot_id: str | None
    latitude: float | None
    longitude: float | None
    coordinate_uncertainty_m: int | None
    elevation_m: float | None
    county: str
    count: int | None
    protocol: str
    is_confirmed: bool
    is_present: bool
    identified_by: str
    probability: float | None


def read_occurrences(
    session: Session,
    *,
    taxon_ids: Collection[str] | None = None,
    types: Collection[ObservationType] = (ObservationType.ANIMAL,),
    include_machine: bool = False,
    include_absent: bool = False,
) -> Iterator[Occurrence]:
    """Give everything seen, cameras first; all taxa, or some.

    `taxon_ids` are taken as they are: who wants a genus with its species names them all. Absence
    is told by field records alone, with `include_absent`; for cameras it follows from effort.
    """
    wanted = None if taxon_ids is None else sorted(set(taxon_ids))
    if wanted == []:
        return
    places = _Places(session)
    for part in _parts(wanted):
        yield from _reviewed(session, places, part, types)
        if include_machine:
            yield from _machine(session, places, part, types)
        if ObservationType.ANIMAL in types:  # a field record may be of a plant; cameras see none
            yield from _field(session, places, part, include_absent=include_absent)


def _parts(wanted: list[str] | None) -> Iterator[list[str] | None]:
    if wanted is None:
        yield None
        return
    for start in range(0, len(wanted), NEAR):
        yield wanted[start : start + NEAR]


class _Places:
    """Deployments, stations, plots and counties; a few hundred rows each."""

    def __init__(self, session: Session) -> None:
        stations = {one.location_id: one for one in session.exec(select(CameraStation))}
        self.plots: Mapping[str, Plot] = {one.plot_id: one for one in session.exec(select(Plot))}
        self.of_deployment: Mapping[str, tuple[CameraStation, int]] = {
            one.deployment_id: (stations[one.location_id], one.utc_offset_seconds)
            for one in session.exec(select(Deployment))
        }
        self.counties = station_counties(session)


def _reviewed(
    session: Session,
    places: _Places,
    taxon_ids: list[str] | None,
    types: Collection[ObservationType],
) -> Iterator[Occurrence]:
    statement = (
        _of_events(func.sum(Observation.count), func.min(Observation.classification_probability))
        .where(col(Event.current_review_id) == col(Observation.review_id))
        .where(*_asked(taxon_ids, types))
    )
    yield from _camera(session, places, statement, is_confirmed=True)


def _machine(
    session: Session,
    places: _Places,
    taxon_ids: list[str] | None,
    types: Collection[ObservationType],
) -> Iterator[Occurrence]:
    statement = (
        _of_events(func.max(Observation.count), func.max(Observation.classification_probability))
        .where(
            col(Event.current_review_id).is_(None),
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
        )
        .where(*_asked(taxon_ids, types))
    )
    yield from _camera(session, places, statement, is_confirmed=False)


def _of_events(count: ColumnElement[Any], probability: ColumnElement[Any]) -> Select[Any]:
    """One row for each taxon of each event, told apart by type where there is no taxon."""
    one = (
        col(Observation.event_id),
        col(Observation.deployment_id),
        col(Observation.observation_type),
        col(Observation.taxon_id),
    )
    return (
        select_columns(
            *one,
            func.min(Event.event_start),
            count,
            func.min(Observation.classified_by),
            probability,
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .group_by(*one)
    )


def _asked(
    taxon_ids: list[str] | None, types: Collection[ObservationType]
) -> Iterator[ColumnElement[bool]]:
    yield col(Observation.observation_type).in_(sorted(one.value for one in types))
    if taxon_ids is not None:
        yield col(Observation.taxon_id).in_(taxon_ids)


def _camera(
    session: Session, places: _Places, statement: Select[Any], *, is_confirmed: bool
) -> Iterator[Occurrence]:
    rows = session.execute(statement.execution_options(yield_per=ROWS_A_PAGE))
    for event_id, deployment_id, kind, taxon_id, start, count, who, score in rows:
        station, offset = places.of_deployment[deployment_id]
        yield Occurrence(
            record_kind="event",
            record_id=event_id,
            observation_type=kind,
            taxon_id=taxon_id,
            observed_at=start,
            utc_offset_seconds=offset,
            location_id=station.location_id,
            deployment_id=deployment_id,
            plot_id=station.plot_id,
            latitude=station.latitude,
            longitude=station.longitude,
            coordinate_uncertainty_m=station.coordinate_uncertainty_m,
            elevation_m=station.elevation_m,
            county=places.counties.get(station.location_id, ""),
            count=count,
            protocol=CAMERA_TRAP,
            is_confirmed=is_confirmed,
            is_present=True,
            identified_by=who,
            probability=score,
        )


def _field(
    session: Session, places: _Places, taxon_ids: list[str] | None, *, include_absent: bool
) -> Iterator[Occurrence]:
    statement = select(FieldRecord).where(
        FieldRecord.state == FieldState.IDENTIFIED.value, col(FieldRecord.taxon_id).is_not(None)
    )
    if taxon_ids is not None:
        statement = statement.where(col(FieldRecord.taxon_id).in_(taxon_ids))
    if not include_absent:
        statement = statement.where(
            func.coalesce(col(FieldRecord.occurrence_status), "present") != "absent"
        )
    statement = statement.order_by(col(FieldRecord.field_record_id))
    for record in session.exec(statement.execution_options(yield_per=ROWS_A_PAGE)):
        plot = places.plots.get(record.plot_id or "")
        yield Occurrence(
            record_kind="field_record",
            record_id=record.field_record_id,
            observation_type="",
            taxon_id=record.taxon_id,
            observed_at=record.event_start,
            utc_offset_seconds=record.utc_offset_seconds,
            location_id=None,
            deployment_id=None,
            plot_id=record.plot_id,
            latitude=record.latitude,
            longitude=record.longitude,
            coordinate_uncertainty_m=record.coordinate_uncertainty_m,
            elevation_m=record.elevation_m,
            county=record.county or (plot.county if plot else ""),
            count=record.individual_count,
            protocol=record.protocol,
            is_confirmed=True,
            is_present=record.occurrence_status != "absent",
            identified_by=record.identified_by,
            probability=None,
        )
