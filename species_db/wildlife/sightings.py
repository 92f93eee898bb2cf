"""All that was seen of a taxon as columns, ready to be counted by place and time.

A common animal has a hundred thousand records: they are held as arrays, not as objects. What is a
record, and which are confirmed, is told as in species_db/occurrences; a test holds both together.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, and_, func, or_, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.analysis.independence import mark_independent
from species_db.tables import Event, FieldRecord, Observation
from species_db.vocabulary import ClassificationMethod, FieldState, ObservationType
from species_db.wildlife.camera_effort import DeploymentFacts
from species_db.wildlife.settings import PageSettings

IDS = 500  # in one question; SQLite takes some thousands
DAY_S = 86_400
EPOCH = date(1970, 1, 1)
NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class CameraRecords:
    """Camera records of a taxon and those below it, one element for each; times are UTC seconds.

    `day` is the local date as days since 1970, -1 when undated. `is_independent` marks the records
    that begin a visit, confirmed ones and a machine's told apart; undated ones are never marked.
    """

    record_ids: Sequence[str]
    locations: Sequence[str]  # names that `location` numbers
    taxa: Sequence[str]
    deployments: Sequence[str]
    people: Sequence[str]
    location: NDArray[np.int64]
    taxon: NDArray[np.int64]
    deployment: NDArray[np.int64]
    person: NDArray[np.int64]
    seconds: NDArray[np.int64]
    day: NDArray[np.int64]
    is_confirmed: NDArray[np.bool_]
    is_independent: NDArray[np.bool_]

    @property
    def is_dated(self) -> NDArray[np.bool_]:
        """Which records have a time."""
        return np.not_equal(self.seconds, NO_TIME)

    @property
    def months(self) -> NDArray[np.int64]:
        """Months since year 0 of each local date: year * 12 + month - 1."""
        since = self.day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return since + 1970 * 12


@dataclass(frozen=True)
class FieldRow:
    """What the page needs of a field record beyond its occurrence."""

    record_id: str
    taxon_id: str
    protocol: str
    observer: str
    on: date | None
    plot_id: str
    county: str
    elevation_m: float | None
    elevation_source: str
    latitude: float | None
    longitude: float | None
    coordinate_uncertainty_m: int | None
    identified_by: str
    moment: datetime | None
    habitat: str
    threats: str
    is_present: bool
    effort_value: float | None
    effort_unit: str
    sampling_effort: str
    sample_id: str

    @property
    def visit(self) -> tuple[object, ...]:
        """What makes two records parts of one visit, whose effort counts once."""
        return (
            self.protocol,
            self.observer,
            self.on,
            self.plot_id or self.county,
            self.effort_value,
            self.effort_unit,
            self.sampling_effort,
            self.sample_id,
        )


def read_camera_records(
    session: Session,
    deployments: Mapping[str, DeploymentFacts],
    settings: PageSettings,
    *,
    taxon_ids: Collection[str] | None = None,
    types: Collection[ObservationType] = (ObservationType.ANIMAL,),
) -> CameraRecords:
    """Read camera records into columns: what `read_occurrences` tells, a hundred thousand at once.

    Independent are those of one taxon (or type) at one station, confirmed or not, that lie an
    interval after the last independent one.
    """
    columns = _columns(_rows(session, taxon_ids, types))
    record_ids, of_deployment, of_taxon, starts, of_person, reviews = columns
    names, deployment = numbered(of_deployment)
    locations, place = numbered([deployments[name].location_id for name in names])
    location = place[deployment]
    taxa, taxon = numbered(of_taxon)
    people, person = numbered(of_person)
    seconds = seconds_of(starts)
    offset = np.array([deployments[name].utc_offset_seconds for name in names], dtype=np.int64)
    offsets = offset[deployment]
    confirmed = np.array([one is not None for one in reviews], dtype=np.bool_)
    is_dated = np.not_equal(seconds, NO_TIME)
    independent = np.zeros(len(record_ids), dtype=np.bool_)
    groups = (taxon * max(len(locations), 1) + location) * 2 + confirmed
    independent[is_dated] = mark_independent(
        groups[is_dated],
        seconds[is_dated],
        interval_seconds=settings.interval_minutes * 60,
        rule=settings.rule,
    )
    return CameraRecords(
        record_ids=record_ids,
        locations=locations,
        deployments=names,
        taxa=taxa,
        people=people,
        location=location,
        deployment=deployment,
        taxon=taxon,
        person=person,
        seconds=seconds,
        day=np.where(is_dated, (np.where(is_dated, seconds, 0) + offsets) // DAY_S, -1),
        is_confirmed=confirmed,
        is_independent=independent,
    )


def seconds_of(moments: Sequence[str | datetime | None]) -> NDArray[np.int64]:
    """UTC seconds of instants as databases give them: SQLite text, PostgreSQL aware datetimes.

    >>> seconds_of(["1970-01-01 00:01:00.500000", None]).tolist() == [60, NO_TIME]
    True
    """
    if any(isinstance(one, datetime) for one in moments):
        whole = [NO_TIME if one is None else int(_aware(one).timestamp()) for one in moments]
        return np.array(whole, dtype=np.int64)
    told = np.array(["NaT" if one is None else one for one in moments], dtype="datetime64[us]")
    return told.astype("datetime64[s]").astype(np.int64)


def field_rows(session: Session, counties_of_plots: dict[str, str]) -> list[FieldRow]:
    """Read every identified field record, of all taxa: together they are the visits made."""
    asked = select(FieldRecord).where(
        FieldRecord.state == FieldState.IDENTIFIED.value, col(FieldRecord.taxon_id).is_not(None)
    )
    return [
        FieldRow(
            record_id=one.field_record_id,
            taxon_id=one.taxon_id or "",
            protocol=one.protocol,
            observer=one.observer,
            on=local_date(one.event_start, one.utc_offset_seconds),
            plot_id=one.plot_id or "",
            county=one.county or counties_of_plots.get(one.plot_id or "", ""),
            elevation_m=one.elevation_m,
            elevation_source=one.elevation_source,
            latitude=one.latitude,
            longitude=one.longitude,
            coordinate_uncertainty_m=one.coordinate_uncertainty_m,
            identified_by=one.identified_by,
            moment=one.event_start,
            habitat=one.habitat.strip(),
            threats=one.threats or "",
            is_present=one.occurrence_status != "absent",
            effort_value=one.effort_value,
            effort_unit=one.effort_unit or "",
            sampling_effort=one.sampling_effort or "",
            sample_id=one.sample_id or "",
        )
        for one in session.exec(asked.order_by(col(FieldRecord.field_record_id)))
    ]


def local_date(moment: datetime | None, utc_offset_seconds: int) -> date | None:
    """The date on the clock of the place.

    >>> from datetime import UTC
    >>> local_date(datetime(2026, 5, 1, 20, 0, tzinfo=UTC), 8 * 3600)
    datetime.date(2026, 5, 2)
    """
    if moment is None:
        return None
    return moment.astimezone(timezone(timedelta(seconds=utc_offset_seconds))).date()


def date_of(day: int) -> date:
    """A local date from its number of days since 1970."""
    return EPOCH + timedelta(days=int(day))


def numbered(names: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Number names in the order of the alphabet."""
    known = sorted(set(names))
    number = {name: place for place, name in enumerate(known)}
    return known, np.array([number[name] for name in names], dtype=np.int64)


def _rows(
    session: Session,
    taxon_ids: Collection[str] | None,
    types: Collection[ObservationType],
) -> list[Sequence[Any]]:
    """Event, deployment, taxon (or type), start, who, and the review in force, for each record."""
    is_confirmed = col(Event.current_review_id) == col(Observation.review_id)
    by_machine = and_(
        col(Event.current_review_id).is_(None),
        col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
    )
    kinds = sorted(one.value for one in types)
    wanted = None if taxon_ids is None else sorted(taxon_ids)
    rows: list[Sequence[Any]] = []
    for part in [None] if wanted is None else _pages(wanted):
        asked = (
            select_columns(
                col(Observation.event_id),
                col(Observation.deployment_id),
                func.coalesce(col(Observation.taxon_id), col(Observation.observation_type)),
                type_coerce(col(Event.event_start), String),  # a million need no objects
                col(Observation.classified_by),
                col(Event.current_review_id),
            )
            .join(Event, col(Event.event_id) == col(Observation.event_id))
            .where(col(Observation.observation_type).in_(kinds), or_(is_confirmed, by_machine))
        )
        if part is not None:
            asked = asked.where(col(Observation.taxon_id).in_(part))
        rows += session.connection().execute(asked).all()
    return rows


def _columns(rows: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Rows as columns; a female and two young of one taxon in one event are one record of it."""
    if not rows:
        return [()] * 6
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    if len(set(columns[0])) == len(rows):
        return columns
    first = {(row[0], row[2]): number for number, row in reversed(list(enumerate(rows)))}
    kept = sorted(first.values())
    return [[column[number] for number in kept] for column in columns]


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS):
        yield ids[start : start + IDS]


def _aware(moment: str | datetime) -> datetime:
    told = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
    return told if told.tzinfo else told.replace(tzinfo=UTC)
