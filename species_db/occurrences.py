"""What was seen, where and when: cameras' events and field records as one stream.

The pages of taxa, the spread of invaders, the alerts and the gate all ask the same question, and
this is the one place that answers it. Confirmed is what a person's review, or identification, in
force says, at the time of the files which it covered; files that joined the event later wait for
theirs. A machine's word counts only where nobody has looked yet, and only when asked for: of each
file the answers of the model that looked last (DOMAIN.md 7, 8).
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from sqlalchemy import ColumnElement, Executable, and_, exists, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from species_db.geo import county_at, station_counties
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import (
    CameraStation,
    Decision,
    Deployment,
    Event,
    FieldRecord,
    Media,
    Observation,
    Plot,
)
from species_db.vocabulary import ClassificationMethod, FieldState, ObservationType

CAMERA_TRAP = "camera trap"
ROWS_A_PAGE = 2000
NEAR = 500  # ids in one question; SQLite takes some thousands


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One taxon (or people, or a vehicle) in one event of a camera or one field record.

    Places are exact and stay inside: what leaves passes species_db/sensitivity. `county` is a
    division code, empty when neither plot, sheet nor outline tells it; `count` is the number of
    individuals as reviewed, all sexes and ages together, or the most that a model saw in one frame;
    `observed_at` is None for an undated camera event; `observation_type` is empty for a field
    record, whose taxon may be a plant.
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
    parts = list(_parts(wanted))
    for part in parts:
        yield from _reviewed(session, places, part, types)
        if include_machine:
            yield from _machine(session, places, part, types)
    if ObservationType.ANIMAL in types:  # a field record may be of a plant; cameras see none
        for part in parts:
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
        self._session = session
        stations = {one.location_id: one for one in session.exec(select(CameraStation))}
        self.plots: Mapping[str, Plot] = {one.plot_id: one for one in session.exec(select(Plot))}
        self.of_deployment: Mapping[str, tuple[CameraStation, int]] = {
            one.deployment_id: (stations[one.location_id], one.utc_offset_seconds)
            for one in session.exec(select(Deployment))
        }
        self.counties = station_counties(session)

    @cached_property
    def covered_starts(self) -> Mapping[str, datetime | None]:
        """When the files of outgrown events began that their review covered."""
        return covered_starts(self._session)

    def county_of(self, record: FieldRecord) -> str:
        """What the sheet says, else the plot, else the outlines."""
        plot = self.plots.get(record.plot_id or "")
        told = record.county or (plot.county if plot else "")
        if told or record.latitude is None or record.longitude is None:
            return told
        return county_at(record.latitude, record.longitude, session=self._session)


def covered_starts(session: Session) -> dict[str, datetime | None]:
    """When the files began that a review covered, of events that more files joined since.

    Few are outgrown at a time: they are back in the queue.
    """
    outgrown = (
        select_columns(Event.event_id, Decision.details)  # type: ignore[call-overload]
        .join(Decision, col(Decision.decision_id) == col(Event.current_review_id))
        .where(col(Event.is_reviewed).is_(False), col(Event.current_review_id).is_not(None))
    )
    starts: dict[str, datetime | None] = {}
    for event_id, details in session.execute(outgrown).all():
        covered = json.loads(details).get("media")
        if covered is None:  # a review from before reviews said what they covered
            continue
        times = session.exec(
            select(Media.timestamp, Media.media_id).where(Media.event_id == event_id)
        )
        seen = set(covered)
        starts[event_id] = min((at for at, one in times if at and one in seen), default=None)
    return starts


def _reviewed(
    session: Session,
    places: _Places,
    taxon_ids: list[str] | None,
    types: Collection[ObservationType],
) -> Iterator[Occurrence]:
    statement = (
        select_columns(
            *_ONE,
            func.min(Event.event_start),
            func.sum(Observation.count),
            func.min(Observation.classified_by),
            func.min(Observation.classification_probability),
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(col(Event.current_review_id) == col(Observation.review_id))
        .where(*_asked(taxon_ids, types))
        .group_by(*_ONE)
    )
    yield from _camera(session, places, statement, is_confirmed=True)


def _machine(
    session: Session,
    places: _Places,
    taxon_ids: list[str] | None,
    types: Collection[ObservationType],
) -> Iterator[Occurrence]:
    """MaxN, never the sum: the same animal stands in many frames (DOMAIN.md 1)."""
    frames = (
        select_columns(
            *_ONE,
            func.min(Event.event_start).label("event_start"),
            func.count().label("boxes"),
            func.min(Observation.classified_by).label("model"),
            func.max(Observation.classification_probability).label("score"),
        )
        .join(Event, col(Event.event_id) == col(Observation.event_id))
        .where(
            col(Event.current_review_id).is_(None),
            col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
            ~is_outdated(),
            ~is_dismissed(),
        )
        .where(*_asked(taxon_ids, types))
        .group_by(*_ONE, col(Observation.media_id), col(Observation.frame_s))
        .subquery()
    )
    told = frames.c
    one = (told.event_id, told.deployment_id, told.observation_type, told.taxon_id)
    statement = select_columns(
        *one,
        func.min(told.event_start),
        func.max(told.boxes),
        func.min(told.model),
        func.max(told.score),
    ).group_by(*one)
    yield from _camera(session, places, statement, is_confirmed=False)


# One row for each taxon of each event, told apart by type where there is no taxon.
_ONE = (
    col(Observation.event_id),
    col(Observation.deployment_id),
    col(Observation.observation_type),
    col(Observation.taxon_id),
)


def is_outdated() -> ColumnElement[bool]:
    """That another model has looked at the file of an observation since."""
    newer = aliased(Observation)
    at, then = col(newer.classification_timestamp), col(Observation.classification_timestamp)
    return exists().where(
        col(newer.media_id) == col(Observation.media_id),
        col(newer.classification_method) == ClassificationMethod.MACHINE.value,
        func.coalesce(newer.model_version_id, newer.classified_by)
        != func.coalesce(Observation.model_version_id, Observation.classified_by),
        or_(
            at > then,
            and_(at == then, col(newer.observation_id) > col(Observation.observation_id)),
        ),
    )


def _asked(
    taxon_ids: list[str] | None, types: Collection[ObservationType]
) -> Iterator[ColumnElement[bool]]:
    yield col(Observation.observation_type).in_(sorted(one.value for one in types))
    if taxon_ids is not None:
        yield col(Observation.taxon_id).in_(taxon_ids)


def _camera(
    session: Session, places: _Places, statement: Executable, *, is_confirmed: bool
) -> Iterator[Occurrence]:
    covered = places.covered_starts
    rows = session.execute(statement.execution_options(yield_per=ROWS_A_PAGE))
    for event_id, deployment_id, kind, taxon_id, start, count, who, score in rows:
        station, offset = places.of_deployment[deployment_id]
        yield Occurrence(
            record_kind="event",
            record_id=event_id,
            observation_type=kind,
            taxon_id=taxon_id,
            observed_at=covered.get(event_id, start) if is_confirmed else start,
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
            county=places.county_of(record),
            count=record.individual_count,
            protocol=record.protocol,
            is_confirmed=True,
            is_present=record.occurrence_status != "absent",
            identified_by=record.identified_by,
            probability=None,
        )
