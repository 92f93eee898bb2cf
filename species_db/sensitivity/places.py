"""The category of every place: the strictest of whatever was recorded on it or beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from species_db.language import did_you_mean, tr
from species_db.sensitivity.category import Categories, TaxonCategory, read_categories
from species_db.sensitivity.cellmates import share_cells
from species_db.sensitivity.grid import STRICTNESS, SensitivitySettings, strictest
from species_db.sensitivity.neighbours import Node, connect
from species_db.sensitivity.recorded import PLOT, STATION, Seen, read_all
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


def read_places(session: Session, *, today: date, settings: SensitivitySettings) -> SensitivePlaces:
    """Work out the category of every place of the survey, anew each time: nothing to keep in step.

    One pass over the index of observations by place; see benchmarks for what it costs.
    """
    categories = read_categories(session, today=today)
    ground, seen = read_all(session)
    found = _strictest_by_node(seen, categories)
    roots = connect(ground.points, ground.ties, reach_m=settings.reach_m)
    by_root: dict[Node, Sensitivity] = {}
    for node, category in found.items():
        root = roots.get(node, node)
        by_root[root] = strictest(by_root.get(root, Sensitivity.NONE), category)
    by_node = {node: by_root[root] for node, root in roots.items() if root in by_root}
    by_node = share_cells(by_node, ground.points, settings=settings)
    return SensitivePlaces(by_node, _delays(session, categories))


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

    Raises:
        SensitivityError: there is no such station or plot.
    """
    settings = settings or SensitivitySettings()
    categories = read_categories(session, today=today)
    ground, seen = read_all(session)
    roots = connect(ground.points, ground.ties, reach_m=settings.reach_m)
    node = _find(roots, location_id)
    nodes = {one for one, root in roots.items() if root == roots[node]}
    names = _names(session)
    reasons = {
        Reason(names.get(one.taxon_id, one.taxon_id), category, one.node)
        for one in seen
        if one.node in nodes
        and (category := categories.of(one.taxon_id, since=one.since)).sensitivity
        is not Sensitivity.NONE
    }
    worst = strictest(*(one.category.sensitivity for one in reasons))
    shared = read_places(session, today=today, settings=settings).of(*node)
    is_told = shared is not Sensitivity.EXTREME
    return PlaceReport(
        sensitivity=shared,
        cell_degrees=str(settings.at(shared).cell_degrees) if is_told else "",
        shares_cell=STRICTNESS[shared] > STRICTNESS[worst],
        nodes=tuple(sorted(one for one in nodes if one[0] in (STATION, PLOT))),
        reasons=tuple(sorted(reasons, key=_by_strictness)),
    )


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
