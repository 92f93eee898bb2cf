"""Invasive species: taxa, measured area, squares with and without them, and what control brought.

Everything is counted in squares of 0.1 degrees of released points, as on the map of invaders
(species_db/invasive/picture): numbers of finer cells would tell where in its cell a place lies.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from sqlmodel import col, select

from species_db.evaluation.basis import AREAS, Basis, Side
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.comparing import Numbers, area, census, count, share
from species_db.evaluation.results import NOT_TOLD, WHOLE, Result
from species_db.invasive.control_effect import ControlEffect, effect_of_control, read_control_ground
from species_db.invasive.effort import PLOT, STATION, Node
from species_db.invasive.grid import to_metres
from species_db.invasive.overview import InvasiveTaxon, invasive_overview
from species_db.invasive.sightings import Sighting, latest_areas
from species_db.sensitivity import round_to_cell
from species_db.tables import ControlAction
from species_db.wildlife.sightings import FieldRow

SIDE_DEGREES = Decimal("0.1")
Square = tuple[Decimal, Decimal]  # latitude and longitude of its middle


@dataclass(frozen=True)
class InvaderSide:
    """One invader in one period."""

    records: int
    squares: frozenset[Square]  # with a record
    searched: frozenset[Square]
    area_m2: float | None  # the latest measure of each place
    places: int


@dataclass(frozen=True)
class InvaderResult:
    """One invader with records in either period, or searched for in vain."""

    taxon_id: str
    scientific_name: str
    zh: str
    en: str
    statuses: tuple[tuple[str, str], ...]  # kind and category of each list
    doubts: tuple[str, ...]
    before: InvaderSide
    after: InvaderSide


@dataclass(frozen=True)
class ActionResult:
    """One control action of either period, and what it brought as far as it was measured."""

    scientific_name: str
    zh: str
    method: str
    area: str
    started_on: date
    treated_area_m2: float | None
    effect: ControlEffect


@dataclass(frozen=True)
class Invaders:
    """The invaders of a pack, read once."""

    basis: Basis
    taxa: tuple[InvasiveTaxon, ...]
    actions: tuple[ActionResult, ...]
    rows: Mapping[str, FieldRow] = field(repr=False)

    def results(self) -> Iterator[Result]:
        """The indicators of invasion and control, by area."""
        sides = (self.basis.before, self.basis.after)
        for where in AREAS:
            told = [self._told(side, where) for side in sides]
            looked = [self._looked(side, where) for side in sides]
            met = [{square for one in of for square in one.squares} for of in told]
            seen = [sum(one.records > 0 for one in of) for of in told]
            yield count(
                "invasive_taxa",
                where,
                *(
                    Numbers(number, len(of), cases=number, visits=self._visits(side, where))
                    for number, of, side in zip(seen, looked, sides, strict=True)
                ),
                caveats={Caveat.BY_YEARS},
            )
            yield census(
                "squares_searched",
                where,
                *(
                    Numbers(len(of), self._visits(side, where))
                    for of, side in zip(looked, sides, strict=True)
                ),
                caveats={Caveat.BY_YEARS},
            )
            pairs = [(len(m & of), len(of)) for m, of in zip(met, looked, strict=True)]
            yield share(self.basis, "squares_occupied", where, *pairs, caveats={Caveat.BY_YEARS})
            yield area("infested_area", where, *(self._areas(side, where) for side in sides))
            yield from self._control(where)

    def by_taxon(self) -> tuple[InvaderResult, ...]:
        """Each invader, those with most records of the period reported first."""
        told = [
            InvaderResult(
                taxon_id=one.taxon.taxon_id,
                scientific_name=one.taxon.scientific_name,
                zh=one.taxon.zh,
                en=one.taxon.en,
                statuses=tuple((fact.kind.value, fact.category) for fact in one.status.facts),
                doubts=one.status.doubts,
                before=self._side(one, self.basis.before, WHOLE),
                after=self._side(one, self.basis.after, WHOLE),
            )
            for one in self.taxa
        ]
        return tuple(sorted(told, key=lambda one: (-one.after.records, one.scientific_name)))

    def _told(self, side: Side, where: str) -> list[InvaderSide]:
        return [self._side(one, side, where) for one in self.taxa]

    def _side(self, taxon: InvasiveTaxon, side: Side, where: str) -> InvaderSide:
        found = [one for one in self._found(taxon, side) if where in (WHOLE, self._area(one))]
        present = [one for one in found if one.is_present]
        areas = latest_areas(found)
        return InvaderSide(
            records=len(present),
            squares=frozenset(sq for one in present if (sq := self._square(one)) is not None),
            searched=frozenset(self._searched([taxon], side, where)),
            area_m2=sum(areas.values()) if areas else None,
            places=len(areas),
        )

    def _found(self, taxon: InvasiveTaxon, side: Side) -> list[Sighting]:
        """What was seen in a period and may be told, at released places."""
        return self._by_side[id(side)][taxon.taxon.taxon_id]

    @cached_property
    def _by_side(self) -> dict[int, dict[str, list[Sighting]]]:
        told: dict[int, dict[str, list[Sighting]]] = {}
        for side in (self.basis.before, self.basis.after):
            known = set(side.study.records.event_ids.tolist())
            known |= {row.record_id for row in side.rows}
            told[id(side)] = {
                taxon.taxon.taxon_id: [
                    self._gated(one)
                    for one in taxon.found
                    if one.record_id in known and one.is_confirmed
                ]
                for taxon in self.taxa
            }
        return told

    def _gated(self, one: Sighting) -> Sighting:
        at = self._point(self._node(one), one.record_id)
        return replace(one, place=None if at is None else to_metres([at])[0])

    def _node(self, one: Sighting) -> Node:
        return (STATION, one.location_id) if one.location_id else (PLOT, one.plot_id)

    def _point(self, node: Node, record_id: str = "") -> tuple[float, float] | None:
        """The released point of a station, a plot or a record; None: withheld, or not to be told.

        A record without a point of its own has that of its plot.
        """
        kind, own_id = node
        if kind == STATION:
            facts = self.basis.after.study.stations[own_id]
            latitude, longitude = facts.latitude, facts.longitude
        elif (row := self.rows.get(record_id or own_id)) is not None and row.latitude is not None:
            latitude, longitude = row.latitude, row.longitude
        else:
            plot = self.basis.teller.plots.get(own_id)
            if plot is None:
                return None
            place = self.basis.gate.plot_place(plot)
            latitude, longitude = (
                None if each is None else float(each) for each in (place.latitude, place.longitude)
            )
        return None if latitude is None or longitude is None else (latitude, longitude)

    def _square(self, one: Sighting) -> Square | None:
        return _square_of(self._point(self._node(one), one.record_id))

    def _area(self, one: Sighting) -> str:
        if one.location_id:
            return self.basis.area_of(one.location_id)
        row = self.rows.get(one.record_id)
        return self.basis.area_of_row(row) if row else NOT_TOLD

    def _looked(self, side: Side, where: str) -> set[Square]:
        return self._searched(self.taxa, side, where)

    def _searched(self, taxa: Collection[InvasiveTaxon], side: Side, where: str) -> set[Square]:
        """Squares in which somebody looked for any of some taxa, in the years of a period."""
        years = range(side.period.first_day.year, side.period.last_day.year + 1)
        nodes = {node for one in taxa for y in years for node in one.effort.nodes.get(y, ())}
        told = (_square_of(self._point(node)) for node in sorted(nodes)
                if where in (WHOLE, self._area_of_node(node)) and self._is_told(node))  # fmt: skip
        return {square for square in told if square is not None}

    def _area_of_node(self, node: Node) -> str:
        kind, own_id = node
        if kind == STATION:
            return self.basis.area_of(own_id)
        if kind == PLOT:
            return self.basis.area_of_plot(own_id)
        row = self.rows.get(own_id)
        return self.basis.area_of_row(row) if row else NOT_TOLD

    def _is_told(self, node: Node) -> bool:
        kind, own_id = node
        if kind == STATION:
            plot_id = self.basis.teller.stations[own_id].plot_id or ""
            return self.basis.tells_station(own_id, plot_id)
        return self.basis.tells_plot(own_id) if kind == PLOT else own_id in self.rows

    def _visits(self, side: Side, where: str) -> int:
        rows = (row for row in side.rows if where in (WHOLE, self.basis.area_of_row(row)))
        return len({row.visit for row in rows})

    def _areas(self, side: Side, where: str) -> dict[object, float]:
        """The latest measured area of each invader on each place."""
        told: dict[object, float] = {}
        for taxon in self.taxa:
            found = [one for one in self._found(taxon, side) if where in (WHOLE, self._area(one))]
            for place, m2 in latest_areas(found).items():
                told[taxon.taxon.scientific_name, *map(str, place)] = m2
        return told

    def _control(self, where: str) -> Iterator[Result]:
        acts, pairs = [], []
        for side in (self.basis.before, self.basis.after):
            own = [
                one
                for one in self.actions
                if side.period.holds(one.started_on) and where in (WHOLE, one.area)
            ]
            known = [one for one in own if one.effect.effect.low is not None]
            clear = [one for one in known if is_reduction(one.effect)]
            acts.append(Numbers(len(own), None, cases=len(own)))
            pairs.append((len(clear), len(known)))
        yield census("control_actions", where, *acts)
        yield share(self.basis, "control_effective", where, *pairs)


def read_invaders(basis: Basis) -> Invaders:
    """Read the invaders by the lists in force on the last day of the period reported."""
    overview = invasive_overview(basis.session, basis.after.period.last_day)
    rows = {row.record_id: row for side in (basis.before, basis.after) for row in side.rows}
    return Invaders(basis, overview.invasive, tuple(_actions(basis)), rows)


def is_reduction(told: ControlEffect) -> bool:
    """Whether an action surely left less than would stand there without it."""
    return told.effect.is_clear and (told.effect.ratio or 1.0) < 1.0


def _actions(basis: Basis) -> Iterator[ActionResult]:
    periods = (basis.before.period, basis.after.period)
    grounds = {}
    asked = select(ControlAction).order_by(
        col(ControlAction.started_on), col(ControlAction.control_id)
    )
    for one in basis.session.exec(asked):
        if not any(period.holds(one.started_on) for period in periods):
            continue
        if one.plot_id and not basis.tells_plot(one.plot_id):
            continue
        if one.taxon_id not in grounds:
            grounds[one.taxon_id] = read_control_ground(basis.session, one.taxon_id)
        taxon, zh = basis.named(one.taxon_id)
        yield ActionResult(
            scientific_name=taxon,
            zh=zh,
            method=one.method,
            area=basis.area_of_plot(one.plot_id) if one.plot_id else NOT_TOLD,
            started_on=one.started_on,
            treated_area_m2=one.treated_area_m2,
            effect=effect_of_control(basis.session, one.control_id, ground=grounds[one.taxon_id]),
        )


def _square_of(point: tuple[float, float] | None) -> Square | None:
    if point is None:
        return None
    return round_to_cell(point[0], SIDE_DEGREES), round_to_cell(point[1], SIDE_DEGREES)
