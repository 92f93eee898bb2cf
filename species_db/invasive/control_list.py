"""Control actions as a list shows them, with how often somebody went back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from species_db.invasive.control_effect import ends_on
from species_db.invasive.listing import NamedTaxon, named_taxa
from species_db.invasive.sightings import Sighting, sightings
from species_db.language import tr
from species_db.tables import Area, ControlAction


@dataclass(frozen=True)
class ControlView:
    """One action as a list shows it; `visits` counts the days somebody went back since."""

    control_id: str
    taxon: NamedTaxon
    where: str  # plot, area or county of none
    method: str
    started_on: date
    ended_on: date | None
    treated_area_m2: float | None
    removed: str
    person_days: float | None
    agent: str
    led_by: str
    remarks: str
    visits: int


def control_actions(session: Session, taxon_id: str | None = None) -> list[ControlView]:
    """All control actions, or those against one taxon, the latest first."""
    query = select(ControlAction)
    if taxon_id is not None:
        query = query.where(ControlAction.taxon_id == taxon_id)
    rows = session.exec(query.order_by(col(ControlAction.started_on).desc())).all()
    names = named_taxa(session, [row.taxon_id for row in rows])
    found = sightings(session, list(names), include_absent=True)
    areas = {one.area_id: one for one in session.exec(select(Area))} if rows else {}
    return [_view(row, names[row.taxon_id], found, areas) for row in rows]


def _view(
    row: ControlAction, taxon: NamedTaxon, found: Sequence[Sighting], areas: Mapping[str, Area]
) -> ControlView:
    area = areas.get(row.area_id or "")
    point = tr("a point off all plots", "样地外的一处地点")
    return ControlView(
        control_id=row.control_id,
        taxon=taxon,
        where=row.plot_id or (tr(area.name_en, area.name_zh) if area else "") or point,
        method=row.method,
        started_on=row.started_on,
        ended_on=row.ended_on,
        treated_area_m2=row.treated_area_m2,
        removed=f"{row.removed_quantity} {row.removed_quantity_type}".strip(),
        person_days=row.person_days,
        agent=row.agent,
        led_by=row.led_by,
        remarks=row.remarks,
        visits=len(days_visited_since(row, found)),
    )


def days_visited_since(action: ControlAction, found: Iterable[Sighting]) -> set[date]:
    """The days after an action on which somebody looked at its place for its taxon."""
    return {
        one.on
        for one in found
        if one.on
        and one.on > ends_on(action)
        and one.taxon_id == action.taxon_id
        and (
            one.control_id == action.control_id
            or (action.plot_id and one.plot_id == action.plot_id)
        )
    }
