"""How much was looked: camera-days by month, visits on foot, and what the desk has looked at."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from species_db.bulletin.ground import Ground
from species_db.bulletin.month import Month
from species_db.bulletin.parts import EffortMonth, EffortPart
from species_db.tables import Event
from species_db.vocabulary import ObservationType
from species_db.wildlife.sightings import local_date

BLANK = ObservationType.BLANK.value


@dataclass(frozen=True)
class DeskWork:
    """Events of the month by the county they are told in: reviewed, and waiting for people."""

    reviewed: Mapping[str, int]
    waiting: Mapping[str, int]


def read_desk_work(session: Session, ground: Ground) -> DeskWork:
    """Count events of the month; those that a model alone calls blank wait for nobody."""
    reviewed, waiting = Counter[str](), Counter[str]()
    first = datetime.combine(ground.month.first, datetime.min.time(), UTC) - timedelta(days=1)
    last = datetime.combine(ground.month.last, datetime.min.time(), UTC) + timedelta(days=2)
    rows = session.execute(
        select_columns(
            col(Event.event_id),
            col(Event.deployment_id),
            col(Event.event_start),
            col(Event.is_reviewed),
            col(Event.machine_type),
        ).where(col(Event.event_start) >= first, col(Event.event_start) < last)
    )
    for event_id, deployment_id, start, is_reviewed, machine_type in rows:
        facts = ground.effort.deployments[deployment_id]
        county = ground.county_of.get(facts.location_id, "")
        day = local_date(start, facts.utc_offset_seconds)
        if county and ground.month.holds(day) and ground.teller.tells_event(event_id):
            if is_reviewed:
                reviewed[county] += 1
            elif machine_type != BLANK:
                waiting[county] += 1
    return DeskWork(reviewed, waiting)


def effort_part(ground: Ground, county: str, desk: DeskWork) -> EffortPart:
    """The effort of a county in this month and in those before it."""
    shown = ground.settings.months_shown
    visits, plots = _visits(ground, county, ground.month)
    before, _ = _visits(ground, county, ground.month.year_before)
    return EffortPart(
        months=tuple(
            _month(ground, county, ground.month.later(step - shown + 1)) for step in range(shown)
        ),
        visits=visits,
        plots_visited=plots,
        plots=sum(ground.teller.of_plot(one) == county for one in ground.teller.plots),
        visits_before=before,
        reviewed=desk.reviewed.get(county, 0),
        waiting=desk.waiting.get(county, 0),
    )


def _month(ground: Ground, county: str, month: Month) -> EffortMonth:
    stations = len(ground.days_of(county, month))
    return EffortMonth(month, ground.camera_days(county, month), stations)


def _visits(ground: Ground, county: str, month: Month) -> tuple[int, int]:
    """Visits on foot in a month, and how many plots they went to."""
    rows = [row for row in ground.rows_in(county) if month.holds(row.on)]
    plots = {ground.plot_of.get(row.record_id, "") for row in rows}
    return len({row.visit for row in rows}), len(plots - {""})
