"""Sightings of an invader, by whatever method, and what they tell together.

Records of persons carry what a plant, fish or insect needs: the area of the stand, how dense it
is, its phenology, how it came (Darwin Core `establishmentMeans`, `degreeOfEstablishment`,
`pathway`). A camera's event carries time, place and count. Absence is a record as well, with the
effort behind it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.invasive.grid import Cell, Metres, cell_of, to_metres
from species_db.occurrences import NEAR, Occurrence, read_occurrences
from species_db.tables import FieldRecord, Plot
from species_db.vocabulary import FieldState, QuantityType

NOTED = (
    "field_record_id",
    "infestation_area_m2",
    "organism_quantity",
    "organism_quantity_type",
    "abundance_class",
    "reproductive_condition",
    "pathway",
    "establishment_means",
    "degree_of_establishment",
    "habitat",
    "control_id",
    "sampling_effort",
    "effort_value",
    "effort_unit",
)
T = TypeVar("T")
Period = tuple[date, date]  # both days included


@dataclass(frozen=True, slots=True)
class Sighting:
    """One record, or one absence, of one taxon; what is empty or None was not noted.

    `place` is in metres in the equal-area plane: of the record, else of its plot (`is_of_plot`).
    `effort` is as Darwin Core's sample size, for example 100 m.
    """

    record_kind: str
    record_id: str
    taxon_id: str
    on: date | None
    location_id: str
    plot_id: str
    county: str
    elevation_m: float | None
    place: Metres | None
    is_of_plot: bool
    protocol: str
    is_confirmed: bool
    is_present: bool
    count: int | None
    area_m2: float | None
    cover_percent: float | None
    abundance_class: str
    reproductive_condition: str
    pathway: str
    establishment_means: str
    degree_of_establishment: str
    habitat: str
    effort: str
    control_id: str

    @property
    def cell(self) -> Cell | None:
        """The two-kilometre cell it lies in."""
        return None if self.place is None else cell_of(self.place)


@dataclass(frozen=True)
class FirstRecord:
    """The earliest confirmed record in a county or on a plot."""

    where: str
    on: date
    record_id: str


@dataclass(frozen=True)
class SightingSummary:
    """What the sightings of one taxon tell; absences are counted apart from records.

    `area_m2` is the sum over places of the latest area measured there, since a stand that is
    measured twice is one stand; `areas` is at how many places one was measured.
    """

    records: int
    absences: int
    unconfirmed: int
    first_on: date | None
    last_on: date | None
    by_county: tuple[FirstRecord, ...]
    by_plot: tuple[FirstRecord, ...]
    cells: int
    area_m2: float | None
    areas: int
    phenology: Mapping[str, tuple[int, ...]]  # condition: records in each month of the year
    abundance: Mapping[str, int]
    pathways: Mapping[str, int]
    establishment_means: Mapping[str, int]
    degrees: Mapping[str, int]
    protocols: Mapping[str, int]
    elevations_m: tuple[float, float] | None


def sightings(
    session: Session,
    taxon_ids: Collection[str],
    *,
    period: Period | None = None,
    include_absent: bool = False,
    include_machine: bool = False,
) -> list[Sighting]:
    """Give the records of some taxa in order of time, undated ones first.

    `include_absent` adds visits that looked for the taxon in vain, with their effort;
    `include_machine` adds a model's answers that nobody has reviewed, as not confirmed.
    """
    found = list(
        read_occurrences(
            session,
            taxon_ids=taxon_ids,
            include_absent=include_absent,
            include_machine=include_machine,
        )
    )
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    fields = _noted(session, {one.taxon_id for one in found if one.record_kind != "event"})
    places = _places(found, plots)
    told = [
        _sighting(one, fields.get(one.record_id), *place)
        for one, place in zip(found, places, strict=True)
    ]
    if period is not None:
        told = [one for one in told if one.on and period[0] <= one.on <= period[1]]
    return sorted(told, key=in_time)


def in_time(one: Sighting) -> tuple[date, str]:
    """The order of sightings: by day, undated ones first."""
    return one.on or date.min, one.record_id


def _noted(session: Session, taxon_ids: Collection[str | None]) -> dict[str, Any]:
    """What people noted with their records of some taxa, as plain rows by record."""
    wanted = sorted(one for one in taxon_ids if one)
    columns = [col(getattr(FieldRecord, name)) for name in NOTED]
    return {
        row.field_record_id: row
        for part in _in_parts(wanted)
        for row in session.execute(
            select_columns(*columns).where(
                col(FieldRecord.state) == FieldState.IDENTIFIED.value,
                col(FieldRecord.taxon_id).in_(part),
            )
        )
    }


def field_records(session: Session, record_ids: Sequence[str]) -> dict[str, FieldRecord]:
    """Field records by id."""
    return {
        record.field_record_id: record
        for part in _in_parts(record_ids)
        for record in session.exec(
            select(FieldRecord).where(col(FieldRecord.field_record_id).in_(part))
        )
    }


def summarise(found: Iterable[Sighting]) -> SightingSummary:
    """Tell together what confirmed sightings say; a machine's word counts in `unconfirmed` alone.

    >>> summarise([]).area_m2 is None
    True
    """
    everything = list(found)
    records = [one for one in everything if one.is_present and one.is_confirmed]
    days = [one.on for one in records if one.on]
    heights = [one.elevation_m for one in records if one.elevation_m is not None]
    areas = latest_areas(one for one in everything if one.is_confirmed)
    return SightingSummary(
        records=len(records),
        absences=sum(not one.is_present for one in everything),
        unconfirmed=sum(not one.is_confirmed for one in everything),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        by_county=_firsts(records, "county"),
        by_plot=_firsts(records, "plot_id"),
        cells=len({one.cell for one in records if one.cell}),
        area_m2=sum(areas.values()) if areas else None,
        areas=len(areas),
        phenology=_phenology(records),
        abundance=_counted(records, "abundance_class"),
        pathways=_counted(records, "pathway"),
        establishment_means=_counted(records, "establishment_means"),
        degrees=_counted(records, "degree_of_establishment"),
        protocols=_counted(records, "protocol"),
        elevations_m=(min(heights), max(heights)) if heights else None,
    )


def latest_areas(found: Iterable[Sighting]) -> dict[tuple[str, object], float]:
    """The last area measured on each plot, or off plots in each cell, in square metres.

    Areas of one day and plot are stands beside each other and add up. A search in vain leaves
    nothing of a stand measured before, and is none where no stand ever was.
    """
    latest: dict[tuple[str, object], tuple[date, float]] = {}
    for one in sorted(found, key=lambda one: one.on or date.min):
        where = ("plot", one.plot_id) if one.plot_id else ("cell", one.cell or one.record_id)
        if one.on is None or (one.is_present and one.area_m2 is None):
            continue
        if not one.is_present:
            if where in latest:
                latest[where] = (one.on, 0.0)
            continue
        day, before = latest.get(where, (date.min, 0.0))
        beside = before if one.on == day else 0.0
        latest[where] = (one.on, beside + (one.area_m2 or 0.0))
    return {where: area for where, (_, area) in latest.items()}


def _places(
    found: Sequence[Occurrence], plots: Mapping[str, Plot]
) -> list[tuple[Metres | None, bool]]:
    """Each record's place in the plane, and whether it is only that of its plot."""
    told = list[tuple[float, float] | None]()
    for one in found:
        plot = plots.get(one.plot_id or "")
        source = plot if one.latitude is None and plot is not None else one
        is_place = source.latitude is not None and source.longitude is not None
        told.append((source.latitude or 0.0, source.longitude or 0.0) if is_place else None)
    projected = iter(to_metres([place for place in told if place is not None]))
    return [
        (None if place is None else next(projected), one.latitude is None)
        for place, one in zip(told, found, strict=True)
    ]


def _sighting(one: Occurrence, record: Any, place: Metres | None, is_of_plot: bool) -> Sighting:
    offset = timedelta(seconds=one.utc_offset_seconds)
    return Sighting(
        record_kind=one.record_kind,
        record_id=one.record_id,
        taxon_id=one.taxon_id or "",
        on=(one.observed_at + offset).date() if one.observed_at else None,
        location_id=one.location_id or "",
        plot_id=one.plot_id or "",
        county=one.county,
        elevation_m=one.elevation_m,
        place=place,
        is_of_plot=is_of_plot,
        protocol=one.protocol,
        is_confirmed=one.is_confirmed,
        is_present=one.is_present,
        count=one.count,
        area_m2=area_of(record) if record else None,
        cover_percent=quantity_of(record, QuantityType.COVER) if record else None,
        abundance_class=_text(record, "abundance_class"),
        reproductive_condition=_text(record, "reproductive_condition"),
        pathway=_text(record, "pathway"),
        establishment_means=_text(record, "establishment_means"),
        degree_of_establishment=_text(record, "degree_of_establishment"),
        habitat=_text(record, "habitat"),
        effort=_effort(record),
        control_id=_text(record, "control_id"),
    )


def area_of(record: Any) -> float | None:
    """The area of a stand in square metres, from either of the two columns that can hold it."""
    if record.infestation_area_m2 is not None:
        return float(record.infestation_area_m2)
    return quantity_of(record, QuantityType.AREA)


def quantity_of(record: Any, kind: QuantityType) -> float | None:
    """A record's quantity when it is of that kind and a number."""
    if record.organism_quantity_type != kind.value:
        return None
    try:
        return float(record.organism_quantity)
    except ValueError:
        return None


def _effort(record: Any) -> str:
    if record is None:
        return ""
    if record.sampling_effort:
        return str(record.sampling_effort)
    if record.effort_value is None:
        return ""
    return f"{record.effort_value:g} {record.effort_unit or ''}".strip()


def _text(record: Any, name: str) -> str:
    return "" if record is None else getattr(record, name) or ""


def _firsts(found: Sequence[Sighting], where: str) -> tuple[FirstRecord, ...]:
    first: dict[str, FirstRecord] = {}
    for one in found:
        key = getattr(one, where)
        if key and one.on and (key not in first or one.on < first[key].on):
            first[key] = FirstRecord(key, one.on, one.record_id)
    return tuple(sorted(first.values(), key=lambda one: (one.on, one.where)))


def _phenology(found: Sequence[Sighting]) -> dict[str, tuple[int, ...]]:
    months: dict[str, list[int]] = {}
    for one in found:
        if one.reproductive_condition and one.on:
            counts = months.setdefault(one.reproductive_condition, [0] * 12)
            counts[one.on.month - 1] += 1
    return {name: tuple(counts) for name, counts in sorted(months.items())}


def _counted(found: Sequence[Sighting], name: str) -> dict[str, int]:
    return dict(Counter(value for one in found if (value := getattr(one, name))).most_common())


def _in_parts(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(ids), NEAR):
        yield ids[start : start + NEAR]
