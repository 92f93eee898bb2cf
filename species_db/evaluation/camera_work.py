"""What was done: camera-days, deployments, days lost, plots and methods."""

from collections.abc import Iterator
from datetime import timedelta

from species_db.evaluation.basis import AREAS, Basis, Side, whole_days
from species_db.evaluation.caveats import Caveat
from species_db.evaluation.comparing import Numbers, census, day_share
from species_db.evaluation.results import WHOLE, Result
from species_db.occurrences import CAMERA_TRAP

A_MOMENT = timedelta(microseconds=1)  # what ends at midnight was not there on the new day


def work_results(basis: Basis) -> Iterator[Result]:
    """The indicators of effort, by area."""
    sides = (basis.before, basis.after)
    clocks = any(side.study.left_out.doubtful_deployments for side in sides)
    caveats = {Caveat.DOUBTFUL_CLOCKS} if clocks else set()
    days = [whole_days(side) for side in sides]
    for area in AREAS:
        camera, deployments = zip(*(_cameras(basis, side, area) for side in sides), strict=True)
        yield census("deployments", area, *deployments, caveats=caveats)
        yield census("camera_days", area, *camera, caveats=caveats)
        inside = [
            {unit: told for unit, told in of.items() if area in (WHOLE, basis.area_of(unit))}
            for of in days
        ]
        yield day_share(basis, "working_share", area, *inside)
        yield census("plots_visited", area, *(_plots(basis, side, area) for side in sides))
        yield census("methods", area, *(_methods(basis, side, area) for side in sides))


def _cameras(basis: Basis, side: Side, area: str) -> tuple[Numbers, Numbers]:
    """Camera-days beside deployments, and deployments beside camera-days."""
    period = side.period
    there = [
        one
        for one in side.study.standings
        if area in (WHOLE, basis.area_of(one.location_id))
        and one.start.date() <= period.last_day
        and (one.end - A_MOMENT).date() >= period.first_day
    ]
    days = basis.inside(area, side.days())
    total, stations = sum(days.values()), len(days)
    return (
        Numbers(total if there else None, len(there), stations=stations),
        Numbers(len(there), total, stations=stations),
    )


def _plots(basis: Basis, side: Side, area: str) -> Numbers:
    """Plots with a camera-day or a visit, of the plots on the list."""
    listed = {
        plot_id
        for plot_id in basis.teller.plots
        if basis.tells_plot(plot_id) and area in (WHOLE, basis.area_of_plot(plot_id))
    }
    stations = basis.teller.stations
    seen = {stations[unit].plot_id for unit in side.days()}
    seen |= {basis.plot_of_row(row) for row in side.rows}
    return Numbers(len(seen & listed) if listed else None, len(listed))


def _methods(basis: Basis, side: Side, area: str) -> Numbers:
    rows = [row for row in side.rows if area in (WHOLE, basis.area_of_row(row))]
    used = {row.protocol for row in rows}
    if basis.inside(area, side.days()):
        used.add(CAMERA_TRAP)
    visits = len({row.visit for row in rows})
    return Numbers(len(used), visits, visits=visits)
