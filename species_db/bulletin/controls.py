"""Control actions in the county they are told in, and whether somebody must go back."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

import shapely
from sqlmodel import Session, col, select

from species_db.bulletin.ground import Ground
from species_db.geo import areas_in_force
from species_db.invasive.treated import Revisits, ends_on, is_by_area, treated_plots
from species_db.sensitivity import round_to_cell
from species_db.sensitivity.counties import counties_of_cells
from species_db.tables import Area, ControlAction
from species_db.vocabulary import AreaKind, Sensitivity

WHOLE = 0.99  # of an area: outlines of counties and reserves never agree to the metre


@dataclass(frozen=True)
class ToldAction:
    """One control action that had begun by the bulletin's last day.

    `is_due`: it ended some time ago, and nobody has looked at its place since.
    """

    action: ControlAction
    county: str
    plots: frozenset[str]

    def is_due(self, ground: Ground, visits: Revisits) -> bool:
        """Whether its follow-up visit is still to be made."""
        settled = ground.until - timedelta(days=ground.settings.follow_up_days)
        return ends_on(self.action) <= settled and not visits.days_since(self.action, self.plots)

    def is_in_month(self, ground: Ground) -> bool:
        """Whether it was begun or under way in the bulletin's month."""
        return ends_on(self.action) >= ground.month.first


def read_actions(
    session: Session, ground: Ground, taxon_ids: Collection[str]
) -> Mapping[str, list[ToldAction]]:
    """By taxon: its actions that had begun, those told in no county left out."""
    asked = select(ControlAction).where(
        col(ControlAction.taxon_id).in_(sorted(taxon_ids)),
        ControlAction.started_on <= ground.until,
    )
    actions = session.exec(asked.order_by(col(ControlAction.control_id))).all()
    treated = treated_plots(session, actions)
    told = defaultdict[str, list[ToldAction]](list)
    for action in actions:
        plots = treated[action.control_id]
        if is_by_area(action):  # whether a sensitive plot lies inside would tell where it is
            plots = frozenset(one for one in plots if not _is_sensitive(ground, one))
        if county := _county_of(session, ground, action):
            told[action.taxon_id].append(ToldAction(action, county, plots))
    return told


def _is_sensitive(ground: Ground, plot_id: str) -> bool:
    gate = ground.teller.gate
    return gate.is_sensitive(gate.plot_place(ground.teller.plots[plot_id]))


def _county_of(session: Session, ground: Ground, action: ControlAction) -> str:
    """The county of an action's plot; of a point or an area, the one that holds all of it.

    What lives at a point nobody has said: it is told as if it were sensitive.
    """
    if action.plot_id is not None:
        return ground.teller.of_plot(action.plot_id)
    if action.latitude is not None and action.longitude is not None:
        width = ground.teller.gate.settings.at(Sensitivity.HIGH).cell_degrees
        latitude, longitude = (
            round_to_cell(one, width) for one in (action.latitude, action.longitude)
        )
        cell = latitude, longitude, width
        return counties_of_cells(session, [cell]).get(cell, "")
    area = session.get(Area, action.area_id)
    if area is None:
        return ""
    outline = shapely.from_wkb(area.geometry)
    for county in areas_in_force(session, [AreaKind.COUNTY]):
        if county.geometry.intersection(outline).area >= WHOLE * outline.area:
            return county.code
    return ""
