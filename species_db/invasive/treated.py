"""Which plots a control action treated, and when somebody went back to them.

An action names its plot, or an area: then every plot whose point lies inside the outline was
treated. Of a point off all plots only visits that name the action tell. A plot without a point may
lie in any area: whether it was treated is not known.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import cast

import shapely
from sqlmodel import Session, col, select

from species_db.invasive.sightings import Sighting
from species_db.tables import Area, ControlAction, Plot


def ends_on(action: ControlAction) -> date:
    """The last day of an action; one without an end was done on the day it began."""
    return action.ended_on or action.started_on


def treated_plots(
    session: Session, actions: Sequence[ControlAction]
) -> Mapping[str, frozenset[str]]:
    """The plots that each action treated, by its id: its own, else those inside its area."""
    inside = _plots_inside(session, {one.area_id for one in actions if is_by_area(one)})
    return {
        one.control_id: frozenset({one.plot_id})
        if one.plot_id
        else inside.get(one.area_id or "", frozenset())
        if is_by_area(one)
        else frozenset()
        for one in actions
    }


def is_by_area(action: ControlAction) -> bool:
    """Tell whether only an area says where an action was."""
    return action.plot_id is None and action.latitude is None and action.area_id is not None


def _plots_inside(session: Session, area_ids: Iterable[str | None]) -> dict[str, frozenset[str]]:
    wanted = sorted(one for one in area_ids if one)
    if not wanted:
        return {}
    plots = [
        (one.plot_id, one.longitude, one.latitude)
        for one in session.exec(select(Plot).order_by(col(Plot.plot_id)))
        if one.latitude is not None and one.longitude is not None
    ]
    east, north = [one[1] for one in plots], [one[2] for one in plots]
    told = {}
    for area in session.exec(select(Area).where(col(Area.area_id).in_(wanted))):
        outline = cast(shapely.MultiPolygon, shapely.from_wkb(area.geometry))
        shapely.prepare(outline)
        held = shapely.intersects_xy(outline, east, north)
        told[area.area_id] = frozenset(
            plot_id for (plot_id, _, _), is_held in zip(plots, held, strict=True) if is_held
        )
    return told


class Revisits:
    """The days on which people looked for a taxon, by plot and by the action they named."""

    def __init__(self, found: Iterable[Sighting]) -> None:
        self._on_plot: dict[str, set[date]] = defaultdict(set)
        self._of_action: dict[str, set[date]] = defaultdict(set)
        for one in found:
            if one.on and one.plot_id:
                self._on_plot[one.plot_id].add(one.on)
            if one.on and one.control_id:
                self._of_action[one.control_id].add(one.on)

    def days_since(self, action: ControlAction, plots: Iterable[str]) -> set[date]:
        """The days after an action on which somebody looked at its place for its taxon."""
        days = set(self._of_action.get(action.control_id, ()))
        for plot_id in plots:
            days |= self._on_plot.get(plot_id, set())
        return {day for day in days if day > ends_on(action)}
