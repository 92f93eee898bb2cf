"""Control actions as a list shows them, with how often somebody went back."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from species_db.invasive.listing import NamedTaxon, members_by_taxon, named_taxa
from species_db.invasive.sightings import Sighting, sightings
from species_db.invasive.treated import Revisits, treated_plots
from species_db.language import tr
from species_db.tables import Area, ControlAction


@dataclass(frozen=True)
class ControlView:
    """One action as a list shows it; `visits` counts the days somebody went back since."""

    control_id: str
    taxon: NamedTaxon
    where: str  # plot, area, or that it is a point off all plots
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
    revisits = _revisits(session, list(names))
    treated = treated_plots(session, rows)
    areas = {one.area_id: one for one in session.exec(select(Area))} if rows else {}
    return [
        _view(
            row,
            names[row.taxon_id],
            areas.get(row.area_id or ""),
            len(revisits[row.taxon_id].days_since(row, treated[row.control_id])),
        )
        for row in rows
    ]


def _revisits(session: Session, taxon_ids: Sequence[str]) -> dict[str, Revisits]:
    """When people looked for each taxon or one below it, in one reading."""
    families = members_by_taxon(session, taxon_ids)
    found = defaultdict[str, list[Sighting]](list)
    everyone = frozenset[str]().union(*families.values())
    for one in sightings(session, everyone, include_absent=True):
        found[one.taxon_id].append(one)
    return {
        taxon_id: Revisits(record for one in family for record in found.get(one, ()))
        for taxon_id, family in families.items()
    }


def _view(row: ControlAction, taxon: NamedTaxon, area: Area | None, visits: int) -> ControlView:
    point = tr("a point off all plots", "样地外的一处地点")
    return ControlView(
        control_id=row.control_id,
        taxon=taxon,
        where=row.plot_id or _area_name(area) or point,
        method=row.method,
        started_on=row.started_on,
        ended_on=row.ended_on,
        treated_area_m2=row.treated_area_m2,
        removed=f"{row.removed_quantity} {row.removed_quantity_type}".strip(),
        person_days=row.person_days,
        agent=row.agent,
        led_by=row.led_by,
        remarks=row.remarks,
        visits=visits,
    )


def _area_name(area: Area | None) -> str:
    if area is None:
        return ""
    return tr(area.name_en or area.name_zh, area.name_zh or area.name_en) or area.area_id
