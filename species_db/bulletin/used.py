"""Which records of the survey a bulletin told, so that an altered one leads to it."""

import numpy as np

from species_db.bulletin.ground import Ground
from species_db.bulletin.making import Read
from species_db.kept_lists import Used
from species_db.wildlife.sightings import CameraRecords


def used_by(read: Read, county: str) -> Used:
    """The events, field records, stations, alerts and actions behind a county's page."""
    ground = read.ground
    told = {("camerastation", name) for name, code in ground.county_of.items() if code == county}
    told |= {
        ("deployment", name)
        for name, facts in ground.effort.deployments.items()
        if ground.county_of.get(facts.location_id) == county
    }
    rows = ground.rows_in(county)
    told |= {("fieldrecord", row.record_id) for row in rows}
    told |= {("plot", plot) for row in rows if (plot := ground.plot_of.get(row.record_id))}
    told |= {("taxon", row.taxon_id) for row in rows}
    disturbances = ground.disturbances
    for records in (ground.protected, disturbances.by_type, disturbances.by_taxon):
        told |= {("event", one) for one in _events(ground, records, county)}
    for invader in read.invaders.taxa:
        found = [one for one in invader.found if one.county == county]
        actions = [one for one in invader.actions if one.county == county]
        told |= {("event", one.sighting.record_id) for one in found if one.sighting.location_id}
        told |= {("controlaction", one.action.control_id) for one in actions}
        told |= {("taxon", invader.taxon.taxon_id)} if found or actions else set()
    told |= {("alert", one.view.alert_id) for one in read.warnings if one.county == county}
    return frozenset(told)


def _events(ground: Ground, records: CameraRecords, county: str) -> list[str]:
    here = np.flatnonzero(ground.is_in(records, county) & records.is_confirmed)
    return [records.record_ids[number] for number in here.tolist()]
