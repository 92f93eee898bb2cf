"""All that was seen of a taxon as columns, ready to be counted by place and time.

A common animal has a hundred thousand records: they are held as arrays, not as objects. What is a
record, and which are confirmed, is told as in species_db/occurrences; a test holds both together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import String, cast, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.analysis.independence import mark_independent
from species_db.geo.where import counties_at
from species_db.occurrences import covered_starts, is_outdated
from species_db.repeats.dismissed import is_dismissed
from species_db.tables import Event, FieldRecord, Observation, Plot
from species_db.vocabulary import ClassificationMethod, FieldState, ObservationType
from species_db.wildlife.camera_effort import DeploymentFacts
from species_db.wildlife.settings import PageSettings

IDS = 500  # in one question; SQLite takes some thousands
DAY_S = 86_400
EPOCH = date(1970, 1, 1)
NO_TIME = np.iinfo(np.int64).min
BREAK = "\n"  # between ids: sheets hold each in one line


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

    Independent are those of one taxon at one station, confirmed or not, that lie an interval after
    the last independent one. Without `taxon_ids` records go by their type, as people do.
    """
    lots = _distinct(_read(session, taxon_ids, types))
    sizes = [len(lot.record_ids) for lot in lots]
    record_ids = list(chain.from_iterable(lot.record_ids for lot in lots))
    names, deployment = numbered(list(chain.from_iterable(lot.deployments for lot in lots)))
    locations, place = numbered([deployments[name].location_id for name in names])
    location = place[deployment]
    taxa, taxon_of_lot = numbered([lot.taxon for lot in lots])
    people, person_of_lot = numbered([lot.person for lot in lots])
    taxon = np.repeat(taxon_of_lot, sizes)
    confirmed = np.repeat(np.array([lot.is_confirmed for lot in lots], dtype=np.bool_), sizes)
    starts = list(chain.from_iterable(lot.starts for lot in lots))
    seconds = _as_reviewed(session, record_ids, seconds_of(starts), confirmed)
    offset = np.array([deployments[name].utc_offset_seconds for name in names], dtype=np.int64)
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
        person=np.repeat(person_of_lot, sizes),
        seconds=seconds,
        day=np.where(is_dated, (np.where(is_dated, seconds, 0) + offset[deployment]) // DAY_S, -1),
        is_confirmed=confirmed,
        is_independent=independent,
    )


def seconds_of(moments: Sequence[str]) -> NDArray[np.int64]:
    """UTC seconds of instants as databases write them; empty is no time.

    >>> seconds_of(["1970-01-01 00:01:00.500000", ""]).tolist() == [60, NO_TIME]
    True
    >>> seconds_of(["1970-01-01 08:01:00+08", ""]).tolist() == [60, NO_TIME]
    True
    """
    if "+" in next(filter(None, moments), ""):  # PostgreSQL writes an offset, SQLite does not
        whole = [
            int(datetime.fromisoformat(one).timestamp()) if one else NO_TIME for one in moments
        ]
        return np.array(whole, dtype=np.int64)
    told = np.array(moments, dtype="datetime64[us]")
    return told.astype("datetime64[s]").astype(np.int64)


def field_rows(session: Session) -> list[FieldRow]:
    """Read every identified field record, of all taxa: together they are the visits made.

    A county is what the sheet says, else the plot, else the outlines.
    """
    asked = select(FieldRecord).where(
        FieldRecord.state == FieldState.IDENTIFIED.value, col(FieldRecord.taxon_id).is_not(None)
    )
    plots = dict(session.exec(select(Plot.plot_id, Plot.county)).all())
    records = session.exec(asked.order_by(col(FieldRecord.field_record_id)))
    rows = [_field_row(one, plots) for one in records]
    bare = [
        (number, (row.latitude, row.longitude))
        for number, row in enumerate(rows)
        if not row.county and row.latitude is not None and row.longitude is not None
    ]
    counties = counties_at([place for _, place in bare], session=session)
    for (number, _), county in zip(bare, counties, strict=True):
        rows[number] = replace(rows[number], county=county)
    return rows


def _field_row(one: FieldRecord, plots: Mapping[str, str]) -> FieldRow:
    return FieldRow(
        record_id=one.field_record_id,
        taxon_id=one.taxon_id or "",
        protocol=one.protocol,
        observer=one.observer,
        on=local_date(one.event_start, one.utc_offset_seconds),
        plot_id=one.plot_id or "",
        county=one.county or plots.get(one.plot_id or "", ""),
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


@dataclass(frozen=True)
class _Lot:
    """Records of one taxon (or type) by one person or model, each with its deployment and start."""

    taxon: str
    person: str
    is_confirmed: bool
    record_ids: list[str]
    deployments: list[str]
    starts: list[str]


def _read(
    session: Session,
    taxon_ids: Collection[str] | None,
    types: Collection[ObservationType],
) -> Iterator[_Lot]:
    """Give what people said, then what only a model did; the index alone answers the first.

    The database joins the records of a taxon and person to one text: a few rows are read instead
    of a hundred thousand.
    """
    by_person = [col(Event.current_review_id) == col(Observation.review_id)]
    by_model = [
        col(Event.current_review_id).is_(None),
        col(Observation.classification_method) == ClassificationMethod.MACHINE.value,
        ~is_outdated(),
        ~is_dismissed(),
    ]
    start = func.coalesce(cast(col(Event.event_start), String), "")
    joined = (col(Observation.event_id), col(Observation.deployment_id), start)
    for in_force in (by_person, by_model):
        for part in [None] if taxon_ids is None else _pages(sorted(taxon_ids)):
            kind: Any = Observation.observation_type if part is None else Observation.taxon_id
            asked = (
                select_columns(
                    kind,
                    col(Observation.classified_by),
                    *(func.aggregate_strings(one, BREAK) for one in joined),
                )
                .join(Event, col(Event.event_id) == col(Observation.event_id))
                .where(
                    col(Observation.observation_type).in_(sorted(one.value for one in types)),
                    *in_force,
                )
                .group_by(kind, col(Observation.classified_by))
            )
            if part is not None:
                asked = asked.where(col(Observation.taxon_id).in_(part))
            for taxon, person, *texts in session.connection().execute(asked):
                parts = (text.split(BREAK) for text in texts)
                yield _Lot(taxon, person, in_force is by_person, *parts)


def _distinct(lots: Iterable[_Lot]) -> list[_Lot]:
    """A female and two young of one taxon in one event are one record of it."""
    known: dict[str, list[set[str]]] = defaultdict(list)
    kept = []
    for lot in lots:
        new, before = set(lot.record_ids), known[lot.taxon]
        if len(new) < len(lot.record_ids) or any(not new.isdisjoint(one) for one in before):
            first = {name: n for n, name in reversed(list(enumerate(lot.record_ids)))}
            places = sorted(n for name, n in first.items() if not any(name in o for o in before))
            columns = (lot.record_ids, lot.deployments, lot.starts)
            told = [[column[n] for n in places] for column in columns]
            lot = _Lot(lot.taxon, lot.person, lot.is_confirmed, *told)
        before.append(new)
        kept.append(lot)
    return kept


def _as_reviewed(
    session: Session,
    record_ids: Sequence[str],
    seconds: NDArray[np.int64],
    confirmed: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Times of confirmed records as of the files that their review covered; others as they are."""
    covered = covered_starts(session)
    for number, record_id in enumerate(record_ids) if covered else ():
        if record_id in covered and confirmed[number]:
            at = covered[record_id]
            seconds[number] = NO_TIME if at is None else int(at.timestamp())
    return seconds


def _pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), IDS):
        yield ids[start : start + IDS]
