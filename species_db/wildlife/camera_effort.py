"""How long each station's cameras worked in each month, read fast enough for a page.

The same figure as species_db/analysis/effort gives with exact times: only days that are known to
have worked count, overlapping cameras of a station count once. Days between set-up and retrieval
are counted by the database, a season of 400 stations in well under a second; the two ends, and
stations where cameras overlap, are worked out here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import and_, func, tuple_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from species_db.analysis.effort import DAY, EffortMethod, WorkingPeriod, daily_effort
from species_db.geo import station_counties
from species_db.health.load import zone_of
from species_db.tables import CameraDay, CameraStation, Deployment, Plot, Taxon
from species_db.vocabulary import ClassificationMethod, DayState

METHOD = EffortMethod.EXACT
WORKING = DayState.WORKING.value
MACHINE, HUMAN = ClassificationMethod.MACHINE.value, ClassificationMethod.HUMAN.value
DAY_COLUMNS = (
    col(CameraDay.deployment_id),
    col(CameraDay.day),
    col(CameraDay.method),
    col(CameraDay.state),
)
PAIRS = 300  # in one question
CAMERA_CLASSES = ("Mammalia", "Aves")  # what cameras at paths look for; others pass unseen
Month = tuple[int, int]  # year and month, local


@dataclass(frozen=True)
class StationFacts:
    """What slices of stations are made by."""

    location_id: str
    county: str
    plot_id: str
    ecosystem: str
    elevation_m: float | None
    latitude: float | None  # None where the gate withholds it
    longitude: float | None
    coordinate_uncertainty_m: int | None


@dataclass(frozen=True)
class DeploymentFacts:
    """What records of a deployment are placed and dated by."""

    location_id: str
    habitat: str
    utc_offset_seconds: int


@dataclass(frozen=True)
class CameraEffort:
    """Camera-days by station and month, and by deployment; stations without any are not there."""

    stations: Mapping[str, StationFacts]
    by_month: Mapping[str, Mapping[Month, float]]  # location_id -> month -> camera-days
    by_deployment: Mapping[str, float]
    deployments: Mapping[str, DeploymentFacts] = field(default_factory=dict)

    def without_days(self) -> "CameraEffort":
        """The same stations as if no camera had stood there, for what cameras do not look for."""
        return replace(self, by_month={}, by_deployment={})

    def of_stations(self) -> dict[str, float]:
        """Camera-days of each station over all time."""
        return {name: sum(months.values()) for name, months in self.by_month.items()}


def is_sought_by_cameras(taxon: Taxon) -> bool:
    """Whether camera-days are a search for a taxon: of mammals, birds, and groups above classes."""
    return taxon.kingdom == "Animalia" and taxon.class_name in (*CAMERA_CLASSES, "")


def read_effort(session: Session) -> CameraEffort:
    """Read every station's camera-days; who draws many pages keeps it for all of them."""
    deployments = list(session.exec(select(Deployment)))
    whole = _whole_days(session, deployments)
    _count_ends(session, deployments, whole)
    of_station: dict[str, list[Deployment]] = defaultdict(list)
    for one in deployments:
        of_station[one.location_id].append(one)
    by_month = {
        location_id: months
        for location_id, here in of_station.items()
        if (months := _of_station(session, here, whole))
    }
    return CameraEffort(
        stations=_station_facts(session),
        by_month=by_month,
        by_deployment={name: total for name, m in whole.items() if (total := sum(m.values())) > 0},
        deployments={
            one.deployment_id: DeploymentFacts(
                one.location_id, one.habitat.strip(), one.utc_offset_seconds
            )
            for one in deployments
        },
    )


def _station_facts(session: Session) -> dict[str, StationFacts]:
    counties = station_counties(session)
    plots = {plot.plot_id: plot for plot in session.exec(select(Plot))}
    facts = {}
    for station in session.exec(select(CameraStation)):
        plot = plots.get(station.plot_id or "")
        facts[station.location_id] = StationFacts(
            location_id=station.location_id,
            county=counties.get(station.location_id, ""),
            plot_id=station.plot_id or "",
            ecosystem=plot.ecosystem if plot else "",
            elevation_m=station.elevation_m,
            latitude=station.latitude,
            longitude=station.longitude,
            coordinate_uncertainty_m=station.coordinate_uncertainty_m,
        )
    return facts


def _whole_days(
    session: Session, deployments: Sequence[Deployment]
) -> dict[str, dict[Month, float]]:
    """Working days by deployment and month, each as a whole day; a person's word stands first."""
    months: dict[str, dict[Month, float]] = {one.deployment_id: {} for one in deployments}
    month = func.substr(col(CameraDay.day), 1, 7)
    counted = (
        select_columns(col(CameraDay.deployment_id), month, func.count())
        .where(col(CameraDay.method) == MACHINE, col(CameraDay.state) == WORKING)
        .group_by(col(CameraDay.deployment_id), month)
    )
    for deployment_id, told, count in session.execute(counted):
        months[deployment_id][_month(told)] = float(count)
    spans = {one.deployment_id: _span(one) for one in deployments}
    for deployment_id, day, is_working, was_working in _stated(session):
        first, last = spans[deployment_id]
        if first <= day and (last is None or day <= last):
            of = months[deployment_id]
            of[_month(day)] = of.get(_month(day), 0.0) + is_working - was_working
    return months


def _stated(session: Session) -> Iterator[tuple[str, str, bool, bool]]:
    """Days of which a person spoke: whether the camera worked, and what the machine had said."""
    machine = aliased(CameraDay)
    same_day = and_(
        col(machine.deployment_id) == col(CameraDay.deployment_id),
        col(machine.day) == col(CameraDay.day),
        col(machine.method) == MACHINE,
    )
    asked = (
        select_columns(
            col(CameraDay.deployment_id),
            col(CameraDay.day),
            col(CameraDay.state),
            col(machine.state),
        )
        .join(machine, same_day, isouter=True)
        .where(col(CameraDay.method) == HUMAN)
    )
    for deployment_id, day, said, machine_said in session.execute(asked):
        yield deployment_id, day, said == WORKING, machine_said == WORKING


def _count_ends(
    session: Session, deployments: Sequence[Deployment], months: dict[str, dict[Month, float]]
) -> None:
    """Take from the days of set-up and retrieval what lies outside the deployment."""
    missing: dict[tuple[str, str], float] = {}
    for one in deployments:
        first, last = _span(one)
        for day in {first, last} - {None}:
            missing[one.deployment_id, str(day)] = 1.0 - _share(one, date.fromisoformat(str(day)))
    for deployment_id, day in _working_among(session, sorted(missing)):
        months[deployment_id][_month(day)] -= missing[deployment_id, day]


def _working_among(session: Session, days: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Those of some days of deployments on which the camera worked."""
    for start in range(0, len(days), PAIRS):
        page = days[start : start + PAIRS]
        asked = select_columns(*DAY_COLUMNS).where(
            tuple_(col(CameraDay.deployment_id), col(CameraDay.day)).in_(page)
        )
        yield from _in_force(session.execute(asked))


def _in_force(rows: Iterable[Any]) -> Iterator[tuple[str, str]]:
    states: dict[tuple[str, str], str] = {}
    for deployment_id, day, method, state in rows:
        if method == HUMAN or (deployment_id, day) not in states:
            states[deployment_id, day] = state
    yield from (key for key, state in states.items() if state == WORKING)


def _of_station(
    session: Session, here: Sequence[Deployment], whole: Mapping[str, Mapping[Month, float]]
) -> dict[Month, float]:
    """A station's camera-days by month: the sum of its deployments, or their union."""
    totals: dict[Month, float] = defaultdict(float)
    if _overlap(here):
        for day, share in _union(session, here):
            totals[day.year, day.month] += share
    else:
        for one in here:
            for month, count in whole[one.deployment_id].items():
                totals[month] += count
    return {month: round(count, 6) for month, count in totals.items() if count > 1e-9}


def _overlap(here: Sequence[Deployment]) -> bool:
    order = sorted(here, key=lambda one: one.deployment_start)
    return any(
        one.deployment_end is None or one.deployment_end > after.deployment_start
        for one, after in pairwise(order)
    )


def _union(session: Session, here: Sequence[Deployment]) -> Iterator[tuple[date, float]]:
    names = [one.deployment_id for one in here]
    asked = select_columns(*DAY_COLUMNS).where(col(CameraDay.deployment_id).in_(names))
    worked: dict[str, set[date]] = defaultdict(set)
    for deployment_id, day in _in_force(session.execute(asked)):
        worked[deployment_id].add(date.fromisoformat(day))
    periods = []
    for one in here:
        days = worked[one.deployment_id]
        if not days:
            continue
        zone = zone_of(one)
        start = one.deployment_start.astimezone(zone)
        after = datetime.combine(max(days) + DAY, datetime.min.time(), tzinfo=zone)
        end = min(after, one.deployment_end.astimezone(zone)) if one.deployment_end else after
        span = (end.date() - start.date()).days + 1
        lost = {start.date() + timedelta(days=n) for n in range(span)} - days
        periods.append(WorkingPeriod(one.location_id, start, end, frozenset(lost)))
    for told in daily_effort(periods, method=METHOD):
        yield told.day, told.effort


def _span(one: Deployment) -> tuple[str, str | None]:
    """First and last local date of a deployment; the last is None while it is out."""
    zone = zone_of(one)
    end = one.deployment_end
    first = one.deployment_start.astimezone(zone).date().isoformat()
    return first, end.astimezone(zone).date().isoformat() if end else None


def _share(one: Deployment, day: date) -> float:
    """The part of a local date that lies between set-up and retrieval."""
    opens = datetime.combine(day, datetime.min.time(), tzinfo=zone_of(one))
    closes = opens + DAY
    begins, ends = max(opens, one.deployment_start), min(closes, one.deployment_end or closes)
    return max(timedelta(0), ends - begins) / DAY


def _month(day: str) -> Month:
    return int(day[:4]), int(day[5:7])
