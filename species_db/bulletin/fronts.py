"""Where invaders moved this month: new places, what was measured, what was done and is due.

A place is a plot or a station, and off plots the cell in which a record is told: squares of two
kilometres around true points would tell more than the gate does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from species_db.bulletin.controls import ToldAction, read_actions
from species_db.bulletin.ground import Ground
from species_db.bulletin.parts import FrontPart, FrontRow, Named
from species_db.invasive.effort import SearchSettings
from species_db.invasive.grid import to_metres
from species_db.invasive.listing import InvasiveStatus, NamedTaxon, members_by_taxon
from species_db.invasive.overview import invasive_overview
from species_db.invasive.sightings import Sighting, latest_areas
from species_db.invasive.treated import Revisits
from species_db.invasive.visits import Group, field_lines, group_of
from species_db.sensitivity import ReleasedPlace
from species_db.wildlife.sightings import FieldRow

STATION = "station"
Point = tuple[float, float]  # latitude and longitude of a cell's middle


@dataclass(frozen=True)
class ToldSighting:
    """One confirmed sighting, or one absence, with the place by which it is counted."""

    sighting: Sighting
    county: str
    place: object
    is_on_plot: bool
    middle: Point | None  # of the cell it is told in


@dataclass(frozen=True)
class Search:
    """A visit of the month that looked for a group of taxa, or for one."""

    county: str
    visit: object
    target: Group | str


@dataclass(frozen=True)
class Invader:
    """One taxon on a list of invaders, with all that may be told of it."""

    taxon: NamedTaxon
    status: InvasiveStatus
    members: frozenset[str]
    found: tuple[ToldSighting, ...]
    actions: tuple[ToldAction, ...]
    visits: Revisits


@dataclass(frozen=True)
class Invaders:
    """All invaders of the survey, and the visits of the month that searched."""

    taxa: tuple[Invader, ...]
    searches: tuple[Search, ...]


def read_invaders(session: Session, ground: Ground) -> Invaders:
    """Read every invader by the lists in force on the bulletin's last day."""
    overview = invasive_overview(session, ground.until)
    by_id = {row.record_id: row for row in ground.rows}
    families = members_by_taxon(session, [one.taxon.taxon_id for one in overview.invasive])
    actions = read_actions(session, ground, frozenset[str]().union(*families.values()))
    taxa = []
    for one in overview.invasive:
        family = families[one.taxon.taxon_id]
        taxa.append(
            Invader(
                taxon=one.taxon,
                status=one.status,
                members=family,
                found=tuple(_told(ground, one.found, by_id)),
                actions=tuple(told for name in sorted(family) for told in actions.get(name, ())),
                visits=Revisits(found for found in one.found if found.is_confirmed),
            )
        )
    return Invaders(tuple(taxa), tuple(_searches(session, ground, by_id)))


def front_part(ground: Ground, county: str, invaders: Invaders) -> FrontPart:
    """The invaders of a county with something new this month, or with something to do."""
    rows, quiet = [], 0
    new_places: set[object] = set()
    searches = [one for one in invaders.searches if one.county == county]
    for one in invaders.taxa:
        found = [told for told in one.found if told.county == county]
        new = new_places_of(ground, found)
        row = _row(ground, county, one, found, searches)
        new_places |= new
        if row.records or row.actions or row.due:
            rows.append(row)
        else:
            quiet += any(told.sighting.is_present for told in found)
    return FrontPart(
        visits=len({one.visit for one in searches}),
        rows=tuple(sorted(rows, key=_order)),
        quiet=quiet,
        new_places=len(new_places),
        due=sum(row.due for row in rows),
    )


def new_places_of(ground: Ground, found: Iterable[ToldSighting]) -> set[object]:
    """The places at which a taxon was found this month and never before."""
    now, before = set[object](), set[object]()
    for told in found:
        if told.sighting.is_present:
            (now if ground.month.holds(told.sighting.on) else before).add(told.place)
    return now - before


def _row(
    ground: Ground,
    county: str,
    one: Invader,
    found: Sequence[ToldSighting],
    searches: Sequence[Search],
) -> FrontRow:
    now = [
        told for told in found if told.sighting.is_present and ground.month.holds(told.sighting.on)
    ]
    new = new_places_of(ground, found)
    areas = latest_areas(told.sighting for told in found)
    actions = [told for told in one.actions if told.county == county]
    targets = {group_of(one.taxon.kingdom, one.taxon.class_name), *one.members}
    is_sought = one.taxon.class_name in SearchSettings().camera_classes
    return FrontRow(
        taxon_id=one.taxon.taxon_id,
        name=Named(one.taxon.zh, one.taxon.en, one.taxon.scientific_name),
        lists=tuple((fact.kind.value, fact.category) for fact in one.status.facts),
        records=len(now),
        places=len({told.place for told in now}),
        new_places=len(new),
        new_plots=len({told.place for told in now if told.is_on_plot and told.place in new}),
        visits=len({each.visit for each in searches if each.target in targets}),
        camera_days=ground.camera_days(county, ground.month) if is_sought else None,
        area_m2=sum(areas.values()) if areas else None,
        areas=len(areas),
        actions=sum(told.is_in_month(ground) for told in actions),
        due=sum(told.is_due(ground, one.visits) for told in actions),
    )


def _order(row: FrontRow) -> tuple[int, int, int, str]:
    return -row.new_places, -row.due, -row.records, row.name.la


def _told(
    ground: Ground, found: Iterable[Sighting], by_id: Mapping[str, FieldRow]
) -> Iterable[ToldSighting]:
    """People's sightings and confirmed ones of cameras that may be told, at told places."""
    teller = ground.teller
    for one in found:
        if one.on is None or not one.is_confirmed:
            continue
        if one.location_id:
            county = ground.county_of.get(one.location_id, "")
            if county and teller.tells_event(one.record_id):
                place = one.plot_id or (STATION, one.location_id)
                middle = middle_of(teller.gate.place(teller.stations[one.location_id]))
                yield ToldSighting(one, county, place, bool(one.plot_id), middle)
        elif (row := by_id.get(one.record_id)) is not None and row.county:
            cell = _cell(row)
            moved = replace(one, place=to_metres([cell])[0] if cell else None)
            if cell is None and one.plot_id and teller.of_plot(one.plot_id) == row.county:
                cell = middle_of(teller.gate.plot_place(teller.plots[one.plot_id]))
            yield ToldSighting(moved, row.county, ground.place_of(row), bool(one.plot_id), cell)


def _cell(row: FieldRow) -> Point | None:
    """The middle of the cell that a record is told in; None when it has no point of its own."""
    if row.latitude is None or row.longitude is None:
        return None
    return row.latitude, row.longitude


def middle_of(place: ReleasedPlace) -> Point | None:
    """The middle of the cell in which a place is told; None when it is withheld."""
    if place.latitude is None or place.longitude is None:
        return None
    return float(place.latitude), float(place.longitude)


def _searches(session: Session, ground: Ground, by_id: Mapping[str, FieldRow]) -> Iterable[Search]:
    for line in field_lines(session):
        row = by_id.get(line.record_id)
        if row is not None and row.county and line.searched_for and ground.month.holds(line.on):
            yield Search(row.county, line.visit, line.searched_for)
