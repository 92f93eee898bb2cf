"""Camera-days of stations, plots and counties by local day, so that silence has its effort."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate, pairwise

from sqlmodel import Session, col, select

from species_db.analysis.effort import EffortMethod, WorkingPeriod, daily_effort
from species_db.geo import station_counties
from species_db.health.load import zone_of
from species_db.tables import CameraDay, CameraStation, Deployment
from species_db.vocabulary import ClassificationMethod, DayState

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Listening:
    """How long cameras really worked; days whose state is not known count as not worked.

    Exact times of set-up and retrieval; cameras that overlap at a station count once (DOMAIN.md 2).
    """

    by_station: Mapping[str, Mapping[date, float]]  # camera-days of each local day
    plot_of: Mapping[str, str]
    county_of: Mapping[str, str]
    _sums: dict[tuple[str, str], tuple[list[date], list[float]]]

    def stations(self, place: str, key: str) -> list[str]:
        """The stations of a county or plot."""
        where = self.county_of if place == "county" else self.plot_of
        return sorted(name for name in self.by_station if where.get(name) == key)

    def camera_days(self, place: str, key: str, first: date, last: date) -> float:
        """Camera-days in a county or plot from one local date to another, both included."""
        if (place, key) not in self._sums:
            stations = self.stations(place, key)
            self._sums[place, key] = _summed([self.by_station[name] for name in stations])
        return _between(self._sums[place, key], first, last)

    def effort_of(self, station: str, first: date, last: date) -> float:
        """Camera-days of one station between two local dates, both included."""
        if ("station", station) not in self._sums:
            self._sums["station", station] = _summed([self.by_station.get(station, {})])
        return _between(self._sums["station", station], first, last)


def read_listening(session: Session) -> Listening:
    """Work the effort of every station out from its camera days, a person's word over ours."""
    working = _working_days(session)
    periods: dict[str, list[WorkingPeriod]] = defaultdict(list)
    days: dict[str, list[set[date]]] = defaultdict(list)
    for deployment in session.exec(select(Deployment)):
        if known := working.get(deployment.deployment_id):
            periods[deployment.location_id].append(_period(deployment, known))
            days[deployment.location_id].append(known)
    by_station = {name: _of_station(of_station, days[name]) for name, of_station in periods.items()}
    stations = session.exec(select(CameraStation)).all()
    plots = {one.location_id: one.plot_id for one in stations if one.plot_id}
    return Listening(by_station, plots, station_counties(session), {})


def _working_days(session: Session) -> dict[str, set[date]]:
    """The days on which each deployment's camera worked day and night."""
    columns = (CameraDay.deployment_id, CameraDay.day)
    machine, human = (
        one.value for one in (ClassificationMethod.MACHINE, ClassificationMethod.HUMAN)
    )
    is_working = col(CameraDay.state) == DayState.WORKING.value
    found: dict[str, set[date]] = defaultdict(set)
    for name, day in session.exec(
        select(*columns).where(col(CameraDay.method) == machine, is_working)
    ):
        found[name].add(date.fromisoformat(day))
    said = select(*columns, CameraDay.state).where(col(CameraDay.method) == human)
    for name, day, state in session.exec(said):
        change = found[name].add if state == DayState.WORKING.value else found[name].discard
        change(date.fromisoformat(day))
    return found


def _period(deployment: Deployment, known: Collection[date]) -> WorkingPeriod:
    """From set-up to retrieval, or to the last day that is known to have been worked."""
    zone = zone_of(deployment)
    start = deployment.deployment_start.astimezone(zone)
    stop = datetime.combine(max(known) + ONE_DAY, time(), tzinfo=zone)
    if deployment.deployment_end is not None:
        stop = min(stop, deployment.deployment_end.astimezone(zone))
    return WorkingPeriod(deployment.location_id, start, max(start, stop))


def _of_station(
    periods: Sequence[WorkingPeriod], days: Sequence[Collection[date]]
) -> dict[date, float]:
    """Camera-days of a station by day; only the ends, and overlapping cameras, need working out."""
    ordered = sorted(periods, key=lambda one: one.start)
    if any(before.end > after.start for before, after in pairwise(ordered)):
        whole = [
            replace(p, lost_days=_idle(p, known)) for p, known in zip(periods, days, strict=True)
        ]
        told = daily_effort(whole, method=EffortMethod.EXACT)
        return {one.day: one.effort for one in told if one.effort}
    effort: dict[date, float] = defaultdict(float)
    for period, known in zip(periods, days, strict=True):
        first, last = period.start.date(), period.end.date()
        for day in known:
            if first < day < last:
                effort[day] += 1.0
            elif day in (first, last):
                midnight = datetime.combine(day, time(), tzinfo=period.start.tzinfo)
                share = min(period.end, midnight + ONE_DAY) - max(period.start, midnight)
                effort[day] += max(timedelta(), share) / ONE_DAY
    return effort


def _idle(period: WorkingPeriod, known: Collection[date]) -> frozenset[date]:
    count = (period.end.date() - period.start.date()).days + 1
    dates = (period.start.date() + ONE_DAY * number for number in range(count))
    return frozenset(day for day in dates if day not in known)


def _summed(stations: Sequence[Mapping[date, float]]) -> tuple[list[date], list[float]]:
    """Days in order, and the camera-days before each of them and after the last."""
    totals: dict[date, float] = defaultdict(float)
    for of_station in stations:
        for day, effort in of_station.items():
            totals[day] += effort
    days = sorted(totals)
    return days, [0.0, *accumulate(totals[day] for day in days)]


def _between(summed: tuple[list[date], list[float]], first: date, last: date) -> float:
    days, sums = summed
    return max(0.0, sums[bisect_right(days, last)] - sums[bisect_left(days, first)])
