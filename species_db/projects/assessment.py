"""What became of wildlife at a project's works: every taxon and period, and every passage.

Pure: the project as read, independent events of its stations, and their daily effort.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from species_db.analysis.effort import UnitDay
from species_db.analysis.index_change import (
    Counted,
    IndexEffect,
    IndexSettings,
    StationCounts,
    compare_periods,
)
from species_db.analysis.passages import PassageReport, passage_report
from species_db.analysis.station_records import StationEvent
from species_db.projects.period_effort import (
    PeriodDays,
    PeriodEffort,
    days_by_period,
    period_effort,
)
from species_db.projects.project import Period, Phase, ProjectFile


@dataclass(frozen=True)
class TaxonEffect:
    """One taxon in one period, against the time before construction."""

    taxon_id: str
    period: Period
    effect: IndexEffect


@dataclass(frozen=True)
class StationSpan:
    """One station's events of one taxon in one period with their effort: what all rests on."""

    station_id: str
    is_impact: bool
    taxon_id: str
    period: Period
    counted: Counted


@dataclass(frozen=True)
class PassageSpan:
    """The passages in one period of operation; None: from the opening of each on."""

    period: Period | None
    report: PassageReport


@dataclass(frozen=True)
class ProjectResult:
    """The complete result of a project, and the last day of effort that it knows of.

    `without_effort` counts events at its stations on days that no effort covers: they are in no
    index, and an event of several taxa of interest counts for each. `taxa` are those that were
    compared, in the order of their ids.
    """

    project: ProjectFile
    until: date | None
    taxa: tuple[str, ...]
    periods: tuple[PeriodEffort, ...]
    effects: tuple[TaxonEffect, ...]
    stations: tuple[StationSpan, ...]
    passages: tuple[PassageSpan, ...]
    without_effort: int

    def effect(self, taxon_id: str, period: str) -> IndexEffect:
        """One comparison by its taxon and the name of its period."""
        return next(
            one.effect
            for one in self.effects
            if one.taxon_id == taxon_id and one.period.name == period
        )


def assess_project(
    project: ProjectFile,
    events: Iterable[StationEvent],
    days: Iterable[UnitDay],
    *,
    settings: IndexSettings | None = None,
) -> ProjectResult:
    """Compare each period with the time before construction, and tell the use of passages.

    An event counts once for each taxon of interest that it belongs to; without any named, for its
    own taxon. `days` are by station. Events are independent per taxon already.
    """
    known = replace(settings or IndexSettings(), minimum_days=project.minimum_camera_days)
    sides, told = project.impact | project.control, _of_interest(events, project)
    mine = sides | _watchers(project)
    effort = [one for one in days if one.effort > 0 and one.unit in mine]
    worked = {(one.unit, one.day) for one in effort}
    counted = [one for one in told if (one.station_id, one.day) in worked]
    of_sides = [one for one in counted if one.station_id in sides]
    until = max((one.day for one in effort), default=None)
    periods = project.periods(until) if until else ()
    taxa = tuple(sorted(set(project.taxa) | {one.taxon_id for one in of_sides}))
    worked_in = days_by_period(project, periods, effort)
    stations = tuple(_spans(project, taxa, periods, of_sides, worked_in))
    return ProjectResult(
        project=project,
        until=until,
        taxa=taxa,
        periods=tuple(
            period_effort(project, one, worked_in, until=until, settings=known)
            for one in periods
            if until
        ),
        effects=tuple(_effects(stations, taxa, periods, known)),
        stations=stations,
        passages=_passages(project, counted, effort, periods) if until else (),
        without_effort=len(told) - len(counted),
    )


def _watchers(project: ProjectFile) -> frozenset[str]:
    return frozenset(station for one in project.passages for station in one.stations)


def _of_interest(events: Iterable[StationEvent], project: ProjectFile) -> list[StationEvent]:
    """Events under the taxa that were asked for: one of a species counts for its genus as well."""
    stations = project.impact | project.control | _watchers(project)
    mine = [one for one in events if one.station_id in stations]
    if not project.taxa:
        return mine
    wanted = defaultdict[str, list[str]](list)
    for taxon, members in sorted(project.taxa.items()):
        for member in members:
            wanted[member].append(taxon)
    return [replace(one, taxon_id=taxon) for one in mine for taxon in wanted[one.taxon_id]]


def _spans(
    project: ProjectFile,
    taxa: Sequence[str],
    periods: Sequence[Period],
    events: Iterable[StationEvent],
    days: Mapping[str, PeriodDays],
) -> Iterator[StationSpan]:
    """Every station, taxon and period with effort, also those without any event."""
    seen = Counter(
        (event.station_id, event.taxon_id, period.name)
        for event in events
        for period in periods
        if period.holds(event.day)
    )
    for taxon in taxa:
        for station in sorted(project.impact | project.control):
            for period in periods:
                if told := days[period.name].by_station.get(station):
                    counted = Counted(seen[station, taxon, period.name], told)
                    yield StationSpan(station, station in project.impact, taxon, period, counted)


def _effects(
    stations: Iterable[StationSpan],
    taxa: Iterable[str],
    periods: Iterable[Period],
    settings: IndexSettings,
) -> Iterable[TaxonEffect]:
    by_taxon: dict[str, dict[tuple[str, bool], dict[str, Counted]]]
    by_taxon = defaultdict(lambda: defaultdict(dict))
    for one in stations:
        by_taxon[one.taxon_id][one.station_id, one.is_impact][one.period.name] = one.counted
    later = {one.name: one for one in periods if one.phase is not Phase.BEFORE}
    for taxon in taxa:
        counts = [StationCounts(*key, spans) for key, spans in by_taxon[taxon].items()]
        for name, effect in compare_periods(counts, later, settings=settings).items():
            yield TaxonEffect(taxon, later[name], effect)


def _passages(
    project: ProjectFile,
    events: Sequence[StationEvent],
    days: Sequence[UnitDay],
    periods: Iterable[Period],
) -> tuple[PassageSpan, ...]:
    """Since the opening of each, and in each window of operation.

    A passage whose opening is not told counts as open from the end of construction, or while there
    is none from its start.
    """
    if not project.passages:
        return ()
    opening = project.operation_start or project.construction_start
    passages = [replace(one, opened=one.opened or opening) for one in project.passages]
    spans = [None, *(one for one in periods if one.phase is Phase.WINDOW)]
    return tuple(
        PassageSpan(
            span,
            passage_report(
                passages,
                events,
                days,
                nearby=project.control,
                taxa=project.taxa,
                first=span.first if span else None,
                last=span.last if span else None,
            ),
        )
        for span in spans
    )
