"""How well a period was watched at the works and away from them, and what limits a comparison."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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


def period_effort(
    project: ProjectFile,
    period: Period,
    days: Sequence[UnitDay],
    *,
    until: date,
    settings: IndexSettings,
) -> PeriodEffort:
    """Tell the effort of a period on both sides; `until` is the last day that anybody watched."""
    sides = (project.impact, project.control)
    now = [_worked(days, side, period) for side in sides]
    then = [_worked(days, side, project.before) for side in sides]
    overlap = _least_overlap(project, period, days)
    enough = sum(
        min(told, then[0].get(name, 0.0)) >= settings.minimum_days for name, told in now[0].items()
    )
    cautions = {
        Caution.NO_CONTROL: not project.control,
        Caution.NO_EFFORT_BEFORE: bool(project.impact) and not then[0],
        Caution.NO_EFFORT: bool(project.impact) and not now[0],
        Caution.NOT_OVER: period.phase is Phase.WINDOW and (period.last or until) > until,
        Caution.SEASONS_DIFFER: overlap is not None and overlap < ALIKE,
        Caution.FEW_IMPACT_STATIONS: 0 < enough < settings.fewest_stations,
    }
    return PeriodEffort(
        period=period,
        impact_stations=len(now[0]),
        impact_days=sum(now[0].values()),
        control_stations=len(now[1]),
        control_days=sum(now[1].values()),
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


def _least_overlap(project: ProjectFile, period: Period, days: Sequence[UnitDay]) -> float | None:
    """Of both sides then and now; without controls, of the impact side between then and now."""
    then, now = project.before, period
    if project.control:
        pairs = [(_months(days, project.impact, at), _months(days, project.control, at))
                 for at in (then, now)]  # fmt: skip
    else:
        pairs = [(_months(days, project.impact, then), _months(days, project.impact, now))]
    told = [season_overlap(*pair) for pair in pairs]
    return None if None in told else min(one for one in told if one is not None)


def _worked(
    days: Iterable[UnitDay], stations: Collection[str], period: Period
) -> Mapping[str, float]:
    told = defaultdict[str, float](float)
    for one in days:
        if one.unit in stations and period.holds(one.day):
            told[one.unit] += one.effort
    return told


def _months(
    days: Iterable[UnitDay], stations: Collection[str], period: Period
) -> Mapping[int, float]:
    told = defaultdict[int, float](float)
    for one in days:
        if one.unit in stations and period.holds(one.day):
            told[one.day.month] += one.effort
    return told
