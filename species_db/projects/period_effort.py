"""How well a period was watched at the works and away from them, and what limits a comparison."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from species_db.analysis.effort import UnitDay
from species_db.analysis.index_change import IndexSettings
from species_db.language import tr
from species_db.projects.project import Period, Phase, ProjectFile

ALIKE = 0.5  # of the effort by calendar month: with less in common, seasons pass for the works


class Caution(StrEnum):
    """What limits a comparison."""

    NO_CONTROL = "no_control"
    NO_EFFORT_BEFORE = "no_effort_before"
    NO_EFFORT = "no_effort"
    NOT_OVER = "not_over"
    SEASONS_DIFFER = "seasons_differ"
    FEW_IMPACT_STATIONS = "few_impact_stations"

    @property
    def words(self) -> str:
        """The caution in the reader's language."""
        return {
            Caution.NO_CONTROL: tr(
                "no control stations: whatever else changed is in it as well",
                "没有对照点位：其他变化的影响也包含在内",
            ),
            Caution.NO_EFFORT_BEFORE: tr(
                "no camera worked at the works before construction: nothing to compare with",
                "施工前影响区没有相机工作：无从比较",
            ),
            Caution.NO_EFFORT: tr(
                "no camera worked at the works in this period: not known",
                "该时期影响区没有相机工作：未知",
            ),
            Caution.NOT_OVER: tr(
                "the period is not over: numbers will change", "该时期尚未结束，数值还会变化"
            ),
            Caution.SEASONS_DIFFER: tr(
                "cameras worked in other months than they are compared with: seasons may pass for "
                "an effect",
                "比较双方的相机工作月份不一致：季节差异可能被误认为工程影响",
            ),
            Caution.FEW_IMPACT_STATIONS: tr(
                "fewer than three impact stations with enough effort: they speak for themselves "
                "alone",
                "投入足够的影响点位不足 3 个：结果只代表这些点位",
            ),
        }[self]


@dataclass(frozen=True)
class PeriodEffort:
    """How well a period was watched on both sides, and what limits it.

    `season_overlap` is the least share, 0 to 1, that the effort by calendar month has in common:
    of both sides in each of the two periods, or without controls of the impact side before and
    now; None is not known.
    """

    period: Period
    impact_stations: int
    impact_days: float
    control_stations: int
    control_days: float
    season_overlap: float | None
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class PeriodDays:
    """Camera-days of one period by station, and of each side by calendar month."""

    by_station: Mapping[str, float]
    impact_months: Mapping[int, float]
    control_months: Mapping[int, float]

    def of(self, stations: Collection[str]) -> dict[str, float]:
        """Of some stations, those that had any."""
        return {name: told for name, told in self.by_station.items() if name in stations}


def days_by_period(
    project: ProjectFile, periods: Iterable[Period], days: Iterable[UnitDay]
) -> dict[str, PeriodDays]:
    """Add up the effort of each period, by its name, and of the time before construction."""
    by_day = defaultdict[date, list[UnitDay]](list)
    for one in days:
        if one.effort > 0 and one.unit in project.impact | project.control:
            by_day[one.day].append(one)
    return {
        period.name: _added(
            project, (one for day, told in by_day.items() if period.holds(day) for one in told)
        )
        for period in (project.before, *periods)
    }


def period_effort(
    project: ProjectFile,
    period: Period,
    days: Mapping[str, PeriodDays],
    *,
    until: date,
    settings: IndexSettings,
) -> PeriodEffort:
    """Tell the effort of a period on both sides; `until` is the last day that anybody watched."""
    now, then = days[period.name], days[project.before.name]
    impact, control = now.of(project.impact), now.of(project.control)
    before = then.of(project.impact)
    overlap = _least_overlap(now, then, is_compared=bool(project.control))
    enough = sum(
        min(told, before.get(name, 0.0)) >= settings.minimum_days for name, told in impact.items()
    )
    cautions = {
        Caution.NO_CONTROL: not project.control,
        Caution.NO_EFFORT_BEFORE: bool(project.impact) and not before,
        Caution.NO_EFFORT: bool(project.impact) and not impact,
        Caution.NOT_OVER: period.phase is Phase.WINDOW and (period.last or until) > until,
        Caution.SEASONS_DIFFER: overlap is not None and overlap < ALIKE,
        Caution.FEW_IMPACT_STATIONS: 0 < enough < settings.fewest_stations,
    }
    return PeriodEffort(
        period=period,
        impact_stations=len(impact),
        impact_days=sum(impact.values()),
        control_stations=len(control),
        control_days=sum(control.values()),
        season_overlap=overlap,
        cautions=tuple(one for one, holds in cautions.items() if holds),
    )


def season_overlap(one: Mapping[int, float], other: Mapping[int, float]) -> float | None:
    """Give the share, 0 to 1, of effort by calendar month that two have in common.

    >>> season_overlap({5: 30.0, 6: 30.0}, {6: 10.0, 7: 30.0})
    0.25
    """
    mine, others = sum(one.values()), sum(other.values())
    if not mine or not others:
        return None
    return sum(min(one.get(month, 0.0) / mine, told / others) for month, told in other.items())


def _added(project: ProjectFile, days: Iterable[UnitDay]) -> PeriodDays:
    by_station = defaultdict[str, float](float)
    months = {True: defaultdict[int, float](float), False: defaultdict[int, float](float)}
    for one in days:
        by_station[one.unit] += one.effort
        months[one.unit in project.impact][one.day.month] += one.effort
    return PeriodDays(dict(by_station), dict(months[True]), dict(months[False]))


def _least_overlap(now: PeriodDays, then: PeriodDays, *, is_compared: bool) -> float | None:
    """Of both sides then and now; without controls, of the impact side between then and now."""
    pairs = [(now.impact_months, then.impact_months)]
    if is_compared:
        pairs = [(one.impact_months, one.control_months) for one in (then, now)]
    told = [season_overlap(*pair) for pair in pairs]
    return None if None in told else min(one for one in told if one is not None)
