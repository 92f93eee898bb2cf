"""The category of every place: the strictest of whatever was recorded on it or beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from species_db.language import did_you_mean, tr
from species_db.sensitivity.category import Categories, TaxonCategory, read_categories
from species_db.sensitivity.cellmates import hot_cellmates, share_cells
from species_db.sensitivity.grid import STRICTNESS, SensitivitySettings, strictest
from species_db.sensitivity.neighbours import Node, connect
from species_db.sensitivity.recorded import PLOT, STATION, Ground, Seen, read_all
from species_db.sensitivity.rules import SensitivityError
from species_db.tables import Taxon
from species_db.vocabulary import Sensitivity


@dataclass(frozen=True)
class SensitivePlaces:
    """How sensitive each station, plot and field record is, and which taxa wait how long."""

    by_node: Mapping[Node, Sensitivity]
    delays: Mapping[str, int]
    """Days that records of a taxon wait, for the taxa that wait at all."""

    def of(self, kind: str, own_id: str) -> Sensitivity:
        """The category of the place that something stands on."""
        return self.by_node.get((kind, own_id), Sensitivity.NONE)


NOWHERE = SensitivePlaces({}, {})


@dataclass(frozen=True)
class Reason:
    """A taxon that coarsens a place, by which rule, and where on the place it was recorded."""

    scientific_name: str
    category: TaxonCategory
    seen_at: Node


@dataclass(frozen=True)
class PlaceReport:
    """Why a place has its category: for those who may know, since it names what lives there."""

    sensitivity: Sensitivity
    cell_degrees: str
    shares_cell: bool
    """It is told as coarsely as a more sensitive place in the same cell of 0.1 degrees."""
    nodes: tuple[Node, ...]
    reasons: tuple[Reason, ...]
    cell_reasons: tuple[Reason, ...] = ()
    """What coarsens the more sensitive places of its cell, when it shares one."""


@dataclass(frozen=True)
class _Survey:
    """Every place with what was recorded on it, as read in one moment."""

    categories: Categories
    ground: Ground
    seen: list[Seen]
    places: Mapping[Node, Node]
    """What stands for each node's place: its plot's, and whatever is near."""
    plots: Mapping[Node, Node]
    """What stands for its plot alone."""
    own: Mapping[Node, Sensitivity]
    """By what was recorded on the place itself."""
    shared: Mapping[Node, Sensitivity]
    """As it leaves: with what the cells within reach demand."""

    def reasons(self, session: Session, nodes: Iterable[Node]) -> set[Reason]:
        """The taxa that coarsen the places of some nodes."""
        wanted = list(nodes)
        plots = {self.plots.get(node, node) for node in wanted}
        places = {self.places.get(node, node) for node in wanted}
        names = _names(session)
        return {
            Reason(names.get(one.taxon_id, one.taxon_id), category, one.node)
            for one in self.seen
            if (category := self.categories.of(one.taxon_id, since=one.since)).sensitivity
            is not Sensitivity.NONE
            and (
                self.plots.get(one.node, one.node) in plots
                or (
                    category.sensitivity is not Sensitivity.HIGH
                    and self.places.get(one.node, one.node) in places
                )
            )
        }


def read_places(session: Session, *, today: date, settings: SensitivitySettings) -> SensitivePlaces:
    """Work out the category of every place of the survey, anew each time: nothing to keep in step.

    One pass over the index of observations by place; see benchmarks for what it costs.
    """
    read = _read(session, today=today, settings=settings)
    return SensitivePlaces(read.shared, _delays(session, read.categories))


def _read(session: Session, *, today: date, settings: SensitivitySettings) -> _Survey:
    """Work out both: what is on a place, and what its cell adds.

    By nearness alone a place takes over what is told as finely as it, or not at all. For what is
    told at 0.1 degrees its cell decides (see `cellmates`).
    """
    categories = read_categories(session, today=today)
    ground, seen = read_all(session)
    found = _strictest_by_node(seen, categories)
    places = connect(ground.points, ground.ties, reach_m=settings.reach_m)
    plots = connect({}, ground.ties, reach_m=settings.reach_m)
    near = {node: one for node, one in found.items() if one is not Sensitivity.HIGH}
    withheld = {node: one for node, one in found.items() if one is Sensitivity.EXTREME}
    fine = {node: one for node, one in near.items() if one is not Sensitivity.EXTREME}
    before = _merged(_spread(found, plots, places), _spread(fine, places, places))
    shared = share_cells(before, ground.points, settings=settings)
    vanished = _spread(withheld, places, places)
    return _Survey(
        categories,
        ground,
        seen,
        places,
        plots,
        own=_merged(before, vanished),
        shared=_merged(shared, vanished),
    )


def _spread(
    found: Mapping[Node, Sensitivity], roots: Mapping[Node, Node], nodes: Iterable[Node]
) -> dict[Node, Sensitivity]:
    """Give every node the strictest of what was found with it."""
    by_root: dict[Node, Sensitivity] = {}
    for node, category in found.items():
        root = roots.get(node, node)
        by_root[root] = strictest(by_root.get(root, Sensitivity.NONE), category)
    return {node: by_root[root] for node in nodes if (root := roots.get(node, node)) in by_root}


def _merged(
    one: Mapping[Node, Sensitivity], other: Mapping[Node, Sensitivity]
) -> dict[Node, Sensitivity]:
    return {
        node: strictest(one.get(node, Sensitivity.NONE), other.get(node, Sensitivity.NONE))
        for node in (*one, *other)
    }


def _delays(session: Session, categories: Categories) -> dict[str, int]:
    waits = {
        taxon_id: categories.of(taxon_id, since=categories.today).delay_days
        for taxon_id in session.exec(select(Taxon.taxon_id))
    }
    return {taxon_id: days for taxon_id, days in waits.items() if days}


def _strictest_by_node(seen: Iterable[Seen], categories: Categories) -> dict[Node, Sensitivity]:
    found: dict[Node, Sensitivity] = {}
    for one in seen:
        category = categories.of(one.taxon_id, since=one.since).sensitivity
        if category is not Sensitivity.NONE:
            found[one.node] = strictest(found.get(one.node, Sensitivity.NONE), category)
    return found


def report_place(
    session: Session,
    location_id: str,
    *,
    today: date,
    settings: SensitivitySettings | None = None,
) -> PlaceReport:
    """Tell why the place of a station, or of a plot, has its category; strictest reasons first.

    The category is the one with which it leaves. A plot without coordinates of its own is told
    with the strictest of its stations.

    Raises:
        SensitivityError: there is no such station or plot.
    """
    settings = settings or SensitivitySettings()
    read = _read(session, today=today, settings=settings)
    node = _find(read.places, location_id)
    nodes = {one for one, root in read.places.items() if root == read.places[node]}
    asked = {node} if node in read.ground.points else nodes
    leaves = strictest(*(read.shared.get(one, Sensitivity.NONE) for one in asked))
    own = read.own.get(node, Sensitivity.NONE)
    is_shared = STRICTNESS[leaves] > STRICTNESS[own]
    mates = (
        hot_cellmates(one, read.own, read.ground.points, settings=settings)
        for one in (asked if is_shared else ())
    )
    return PlaceReport(
        sensitivity=leaves,
        cell_degrees="" if leaves is Sensitivity.EXTREME else str(settings.at(leaves).cell_degrees),
        shares_cell=is_shared,
        nodes=tuple(sorted(one for one in nodes if one[0] in (STATION, PLOT))),
        reasons=_sorted(read.reasons(session, [node])),
        cell_reasons=_sorted(read.reasons(session, set().union(*mates))),
    )


def _sorted(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=_by_strictness))


def _by_strictness(reason: Reason) -> tuple[int, str, Node]:
    return -STRICTNESS[reason.category.sensitivity], reason.scientific_name, reason.seen_at


def _find(roots: Mapping[Node, Node], own_id: str) -> Node:
    for kind in (STATION, PLOT):
        if (kind, own_id) in roots:
            return kind, own_id
    hint = did_you_mean(own_id, sorted({name for kind, name in roots if kind in (STATION, PLOT)}))
    raise SensitivityError(
        tr(
            f"No station or plot is called {own_id}. Give its id as in the sheet.{hint}",
            f"没有名为 {own_id} 的点位或样地。请填写登记表中的编号。{hint}",
        )
    )


def _names(session: Session) -> dict[str, str]:
    return dict(session.exec(select(Taxon.taxon_id, Taxon.scientific_name)).all())
