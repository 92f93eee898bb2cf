"""The places where a taxon was looked for, read from a survey for its envelope.

A place was searched when a camera that can see the taxon's class worked there long enough, or
when a visit looked for the taxon (species_db/invasive/visits, as for spread). A taxon's records
are its own and those of all taxa below it.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from sqlmodel import Session, col, select

from species_db.geo.measure import plane_of
from species_db.geo.where import counties_at
from species_db.invasive.effort import SearchSettings
from species_db.invasive.grid import cell_of
from species_db.invasive.suitability import (
    Suitability,
    SuitabilitySettings,
    SurveyedPlace,
    suitability_of,
)
from species_db.invasive.visits import Group, field_lines, group_of
from species_db.occurrences import Occurrence, read_occurrences
from species_db.tables import FieldRecord, Plot, Taxon
from species_db.vocabulary import Ecosystem
from species_db.wildlife.camera_effort import StationFacts, read_effort
from species_db.wildlife.members import members_of

ECOSYSTEMS = frozenset(one.value for one in Ecosystem)


def read_suitability(
    session: Session,
    taxon: Taxon,
    *,
    settings: SuitabilitySettings | None = None,
    search: SearchSettings | None = None,
) -> Suitability:
    """Work out where else a taxon could live, from the survey's own confirmed records."""
    places = list(surveyed_places(session, taxon, search=search or SearchSettings()))
    return suitability_of(places, settings=settings)


def surveyed_places(
    session: Session, taxon: Taxon, *, search: SearchSettings
) -> Iterator[SurveyedPlace]:
    """Give every place where the taxon was looked for or found, with where it lies."""
    effort = read_effort(session)
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    if taxon.class_name in search.camera_classes:
        days = effort.of_stations()
        for location_id, total in days.items():
            if total >= search.fewest_camera_days:
                yield _station_place(effort.stations[location_id], plots, is_found=False)
    ids = {one.taxon_id for one in members_of(session, taxon)}
    habitats = _habitats(session, ids)
    for seen in read_occurrences(session, taxon_ids=ids):
        station = effort.stations.get(seen.location_id or "")
        if station is not None:  # whether the camera searched is told by its days, above
            yield replace(_station_place(station, plots, is_found=True), is_searched=False)
        else:
            yield from _found_by_people(session, seen, plots, habitats.get(seen.record_id, ""))
    wanted: set[Group | str] = {group_of(taxon.kingdom, taxon.class_name), *ids}
    yield from _searched_by_people(session, wanted, plots)


def _habitats(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The habitat that each field record of a taxon notes."""
    columns = select(FieldRecord.field_record_id, FieldRecord.habitat)
    return dict(session.exec(columns.where(col(FieldRecord.taxon_id).in_(ids))).all())


def _station_place(
    station: StationFacts, plots: Mapping[str, Plot], *, is_found: bool
) -> SurveyedPlace:
    plot = plots.get(station.plot_id)
    height = station.elevation_m
    if height is None and plot is not None:
        height = plot.elevation_m
    anchor = station.plot_id or f"station {station.location_id}"
    return SurveyedPlace(anchor, station.county, height, station.ecosystem, is_found)


def _found_by_people(
    session: Session, seen: Occurrence, plots: Mapping[str, Plot], habitat: str
) -> Iterator[SurveyedPlace]:
    """A person's find; whether its visit searched is told with the visits, below."""
    for place in _place(
        session,
        plots.get(seen.plot_id or ""),
        (seen.latitude, seen.longitude),
        county=seen.county,
        elevation_m=seen.elevation_m,
        habitat=habitat,
        is_found=True,
    ):
        yield replace(place, is_searched=False)


def _place(
    session: Session,
    plot: Plot | None,
    place: tuple[float | None, float | None],
    *,
    county: str,
    elevation_m: float | None,
    habitat: str,
    is_found: bool,
) -> Iterator[SurveyedPlace]:
    """A record's place: its plot, else the two-kilometre cell, so that one stand counts once."""
    if plot is not None:
        height = elevation_m if elevation_m is not None else plot.elevation_m
        yield SurveyedPlace(plot.plot_id, county or plot.county, height, plot.ecosystem, is_found)
    elif place[0] is not None and place[1] is not None:
        at = (place[0], place[1])
        cell = cell_of(plane_of([at])[0])
        told = county or counties_at([at], session=session)[0]
        known = habitat if habitat in ECOSYSTEMS else ""
        yield SurveyedPlace(f"cell {cell[0]} {cell[1]}", told, elevation_m, known, is_found)


def _searched_by_people(
    session: Session, wanted: Collection[Group | str], plots: Mapping[str, Plot]
) -> Iterator[SurveyedPlace]:
    """Places of visits that looked for the taxon's group, or for the taxon itself."""
    for line in field_lines(session):
        if line.searched_for in wanted:
            yield from _place(
                session,
                plots.get(line.plot_id),
                line.place or (None, None),
                county=line.county,
                elevation_m=line.elevation_m,
                habitat=line.habitat,
                is_found=False,
            )
