"""The page of a taxon as it may leave the survey: the same page, made of gated places.

Every place passes the gate before it is counted, so that no number tells more than the gate's own
cells, bands and counties do: plots lose their names, counties that would narrow a cell are not
told, heights are the feet of bands, records too young to leave are not counted, ids are
pseudonyms, areas are rounded. Photos and names of people stay inside.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from math import floor, log10

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from species_db.secrecy.marks import may_reach, read_secrecy
from species_db.sensitivity import Gate, delayed_events, open_gate
from species_db.survey import SurveySettings
from species_db.tables import CameraStation, FieldRecord
from species_db.vocabulary import Secrecy
from species_db.wildlife.camera_effort import CameraEffort
from species_db.wildlife.distribution import Distribution
from species_db.wildlife.gathered import EVENT, Gathered, Shared, gather, read_shared
from species_db.wildlife.known_range import NOT_KNOWN
from species_db.wildlife.members import find_taxon
from species_db.wildlife.page import page_of
from species_db.wildlife.parts import Evidence, Height, Reach, Slice, TaxonPage, as_plain
from species_db.wildlife.reach import reach_of
from species_db.wildlife.settings import PageSettings
from species_db.wildlife.sightings import CameraRecords, FieldRow
from species_db.wildlife.slices import Material

DIGITS = 2  # of an extent: with more, a guess of the outermost place could be tested
IDS = 500
PARTS = ("total", "by_county", "by_plot", "by_band", "by_year", "by_month", "by_ecosystem")
CSV_HEAD = (
    "part",
    "key",
    "independentEvents",
    "cameraDays",
    "stations",
    "indexPer100CameraDays",
    "low95",
    "high95",
    "protocol",
    "records",
    "absences",
    "visits",
    "effort",
)


@dataclass(frozen=True)
class ReleasedPage:
    """A page that may leave, and what was done to it (Darwin Core terms)."""

    page: TaxonPage
    data_generalizations: str
    information_withheld: str

    def as_json(self) -> dict[str, object]:
        """The page for a JSON file."""
        told: dict[str, object] = as_plain(self.page)
        told["dataGeneralizations"] = self.data_generalizations
        told["informationWithheld"] = self.information_withheld
        return told

    def as_csv(self) -> str:
        """Counts beside their effort, a line for each slice and protocol; empty is not known."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(CSV_HEAD)
        for part in PARTS:
            found = getattr(self.page.counts, part)
            for one in (found,) if isinstance(found, Slice) else found:
                writer.writerows(_lines(part, one))
        return text.getvalue()


def released_page(
    session: Session,
    survey_settings: SurveySettings,
    taxon_id: str,
    *,
    on: date,
    settings: PageSettings | None = None,
    shared: Shared | None = None,
    gate: Gate | None = None,
) -> ReleasedPage:
    """Make the page of a taxon as outsiders may have it.

    Who draws many pages hands over what they share, and the gate of that day.

    Raises:
        UnknownTaxonError: no such taxon, or the name is of several.
    """
    gate = gate or open_gate(session, survey_settings, today=on)
    exact = gather(
        session,
        find_taxon(session, taxon_id),
        on=on,
        settings=settings or PageSettings(),
        shared=shared or read_shared(session),
    )
    gated = _gated(session, _without_secret(session, exact), gate)
    page = page_of(session, gated)
    page = replace(
        page,
        photos=(),
        review=replace(page.review, by_person={}),
        first=_anonymous(page.first, gate),
        last=_anonymous(page.last, gate),
        reach=_gated_reach(reach_of(session, _placed(session, gated, gate)), gate),
    )
    return ReleasedPage(page, gate.data_generalizations, gate.information_withheld)


def _without_secret(session: Session, exact: Gathered) -> Gathered:
    """Without what is marked secret, which never leaves: places with their effort, and records."""
    secrecy = read_secrecy(session)
    plots = dict(session.exec(select(CameraStation.location_id, CameraStation.plot_id)).all())
    closed = {
        one
        for one, plot_id in plots.items()
        if not may_reach(secrecy.of_place(one, plot_id), Secrecy.INTERNAL)
    }
    events = secrecy.closed_events(Secrecy.INTERNAL)

    def told(records: CameraRecords) -> CameraRecords:
        is_open = np.array([one not in closed for one in records.locations], dtype=np.bool_)
        kept = np.array([one not in events for one in records.record_ids], dtype=np.bool_)
        return records_where(records, kept & is_open[records.location] if len(kept) else kept)

    visits = [
        row
        for row in exact.visits
        if may_reach(
            secrecy.of_field_record(row.record_id, plot_id=row.plot_id or None), Secrecy.INTERNAL
        )
    ]
    effort, met = exact.effort, exact.disturbances
    return replace(
        exact,
        effort=replace(
            effort,
            by_month={one: of for one, of in effort.by_month.items() if one not in closed},
            by_deployment={
                one: days
                for one, days in effort.by_deployment.items()
                if effort.deployments[one].location_id not in closed
            },
        ),
        records=told(exact.records),
        disturbances=replace(met, by_type=told(met.by_type), by_taxon=told(met.by_taxon)),
        visits=visits,
    )


def _gated(session: Session, exact: Gathered, gate: Gate) -> Gathered:
    """The same records at gated places, without those too young to leave."""
    effort = gated_effort(session, exact.effort, gate)
    visits = list(gated_rows(session, exact.visits, gate))
    ids = set(exact.by_id)
    rows = [row for row in visits if row.taxon_id in ids]
    records = _old_enough(session, exact.records, gate)
    counted = effort if exact.material.effort.by_month else effort.without_days()
    ecosystems = {
        gate.place_name("plot", name): plot
        for name, plot in exact.plots.items()
        if gate.about(gate.plot_place(plot), plot.ecosystem)
    }
    return replace(
        exact,
        effort=effort,
        records=records,
        visits=visits,
        rows=rows,
        plots=ecosystems,
        material=Material(records, counted, visits, rows, exact.settings),
    )


def _placed(session: Session, gated: Gathered, gate: Gate) -> Gathered:
    """Without the cameras' records at withheld places: they span no extent and fill no square."""
    withheld = {
        station.location_id
        for station in session.exec(select(CameraStation))
        if gate.place(station).is_withheld
    }
    records = gated.records
    is_told = np.array([one not in withheld for one in records.locations], dtype=np.bool_)
    kept = is_told[records.location] if len(records.location) else records.is_confirmed
    return replace(gated, records=records_where(records, kept))


def gated_effort(session: Session, effort: CameraEffort, gate: Gate) -> CameraEffort:
    """Stations under their plots' public names, with the place the gate tells.

    The point is the cell's: an extent measured between true points tells where they are.
    """
    stations = {}
    for station in session.exec(select(CameraStation)):
        place, facts = gate.place(station), effort.stations[station.location_id]
        stations[station.location_id] = replace(
            facts,
            county=gate.county(place, facts.county),
            plot_id=gate.place_name("plot", facts.plot_id) if facts.plot_id else "",
            ecosystem=gate.about(place, facts.ecosystem),
            elevation_m=place.minimum_elevation_m,
            latitude=facts.latitude if place.latitude is None else float(place.latitude),
            longitude=facts.longitude if place.longitude is None else float(place.longitude),
            coordinate_uncertainty_m=place.coordinate_uncertainty_m or 0,
        )
    bare = {name: replace(one, habitat="") for name, one in effort.deployments.items()}
    return replace(effort, stations=stations, deployments=bare)


def gated_rows(session: Session, rows: Sequence[FieldRow], gate: Gate) -> Iterator[FieldRow]:
    """Field records at gated places, without the people and without those too young to leave."""
    by_id = {row.record_id: row for row in rows}
    ids = sorted(by_id)
    for start in range(0, len(ids), IDS):
        page = ids[start : start + IDS]
        asked = select(FieldRecord).where(col(FieldRecord.field_record_id).in_(page))
        for record in session.exec(asked):
            row = by_id[record.field_record_id]
            if gate.is_delayed(row.taxon_id, row.on or gate.today):  # undated: perhaps of today
                continue
            place = gate.field_place(record)
            yield replace(
                row,
                county=gate.county(place, row.county),
                plot_id=gate.place_name("plot", row.plot_id) if row.plot_id else "",
                elevation_m=place.minimum_elevation_m,
                latitude=None if place.latitude is None else float(place.latitude),
                longitude=None if place.longitude is None else float(place.longitude),
                coordinate_uncertainty_m=place.coordinate_uncertainty_m,
                habitat="",
                observer=gate.key("person", row.observer),
                sampling_effort=gate.key("effort", row.sampling_effort),
                identified_by="",
            )


def _old_enough(session: Session, records: CameraRecords, gate: Gate) -> CameraRecords:
    """Without the events that wait, which every other export leaves out too."""
    waiting = delayed_events(session, gate)
    is_told = np.array([one not in waiting for one in records.record_ids], np.bool_)
    return records_where(records, is_told)


def records_where(records: CameraRecords, chosen: NDArray[np.bool_]) -> CameraRecords:
    """Some of the records, each as it was: an event stays independent when others go."""
    kept = np.flatnonzero(chosen)
    return replace(
        records,
        record_ids=[records.record_ids[n] for n in kept.tolist()],
        **{
            one.name: getattr(records, one.name)[kept]
            for one in fields(records)
            if isinstance(getattr(records, one.name), np.ndarray)
        },
    )


def _gated_reach(reach: Reach, gate: Gate) -> Reach:
    elevation = reach.elevation
    return replace(
        reach,
        distribution=_rounded(reach.distribution),
        by_year=tuple(
            replace(one, distribution=_rounded(one.distribution)) for one in reach.by_year
        ),
        new_counties=tuple(
            replace(one, first=_anonymous(one.first, gate) or one.first)
            for one in reach.new_counties
        ),
        elevation=replace(
            elevation,
            lowest=_banded(elevation.lowest, gate),
            highest=_banded(elevation.highest, gate),
            below=_all_anonymous(elevation.below, gate),
            above=_all_anonymous(elevation.above, gate),
        ),
    )


def _rounded(told: Distribution) -> Distribution:
    return replace(told, eoo_km2=_digits(told.eoo_km2), eoo_raw_km2=_digits(told.eoo_raw_km2))


def _digits(area_km2: float | None) -> float | None:
    """An area with two digits.

    >>> _digits(12345.6), _digits(0.0), _digits(None)
    (12000.0, 0.0, None)
    """
    if not area_km2:
        return area_km2
    return float(round(area_km2, DIGITS - 1 - floor(log10(area_km2))))


def _banded(height: Height | None, gate: Gate) -> Height | None:
    if height is None:
        return None
    evidence = _anonymous(height.evidence, gate) or height.evidence
    return replace(
        height,
        source="foot of band",
        horizontal_uncertainty_m=None,
        datum=NOT_KNOWN,
        evidence=evidence,
    )


def _all_anonymous(told: Iterable[Evidence], gate: Gate) -> tuple[Evidence, ...]:
    return tuple(one for each in told if (one := _anonymous(each, gate)))


def _anonymous(told: Evidence | None, gate: Gate) -> Evidence | None:
    """Evidence under a public id and without the person; its month, not its day."""
    if told is None:
        return None
    kind = "event" if told.record_kind == EVENT else "field"
    month = told.on.replace(day=1) if told.on else None
    return replace(told, record_id=gate.key(kind, told.record_id), on=month, identified_by="")


def _lines(part: str, one: Slice) -> Iterator[Sequence[object]]:
    camera = one.camera
    if camera.camera_days is not None or camera.events:
        figures = (camera.camera_days, camera.stations, camera.index, camera.low, camera.high)
        told = ("" if each is None else as_plain(each) for each in figures)
        yield (part, one.key, camera.events, *told, "camera trap")
    for each in one.field:
        effort = "; ".join(f"{made.value:g} {made.unit}" for made in each.efforts)
        counts = (each.records, each.absences, each.visits, effort)
        yield (part, one.key, "", "", "", "", "", "", each.protocol, *counts)
