"""How indices change from year to year, and their trend, each with its interval and effort."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from species_db.analysis.rai import AbundanceIndex
from species_db.analysis.trend_line import Trend, fit_trend
from species_db.analysis.trends import Change, Period, changes, index_by_period
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import independent_events
from species_db.study.facts import TaxonFacts
from species_db.study.periods import NEW_YEAR, Calendar, PeriodEffort, calendar_of, periods_of
from species_db.study.read import Study

SHOWN = 12
INDEX = (
    "scientificName", "vernacularNameZh", "period", "independentEvents", "unitsWithEffort",
    "cameraDays", "rai", "raiLow95", "raiHigh95",
)  # fmt: skip
CHANGE = (
    "scientificName", "earlier", "later", "ratio", "low95", "high95", "verdict", "reason",
    "comparedOver", "units", "unitsLeftOut", "independentEvents", "smallestFallSeen",
    "smallestRiseSeen",
)  # fmt: skip
TREND = (
    "scientificName", "vernacularNameZh", "periods", "units", "independentEvents", "cameraDays",
    "percentPerYear", "low95", "high95", "verdict", "reason", "coversGoodAndBadYears",
    "smallestFallSeen", "smallestRiseSeen",
)  # fmt: skip


@dataclass(frozen=True)
class TaxonTrend:
    """One taxon over the periods."""

    taxon: TaxonFacts
    periods: Sequence[Period]
    indices: dict[str, AbundanceIndex]
    changes: Sequence[Change]
    trend: Trend


def answer(study: Study, *, season_start: str = NEW_YEAR, months: str = "") -> Answer:
    """Tell each taxon's index by year, its changes from year to year, and its trend.

    Changes compare stations watched in both years, each with itself. "No clear change" is not
    "stable": the smallest change that would have been seen stands beside. `months` keeps seasons
    comparable when cameras stood at other times of the year.
    """
    calendar = calendar_of(study, season_start=season_start, months=months)
    told = _over_years(study, calendar)
    effort = study.effort_words
    lines = [
        tr(
            f"Trends of {len(told)} taxa over {len(calendar.starts)} years, {effort} camera-days.",
            f"{len(told)} 个分类单元在 {len(calendar.starts)} 年间的趋势，工作量 {effort} 相机日。",
        ),
        *(f"  {_line(one)}" for one in told[:SHOWN]),
        study.question.in_words(),
    ]
    return Answer(
        name="trends",
        tables=(
            Table("trends", INDEX, [row for one in told for row in _index_rows(one)]),
            Table("trends_change", CHANGE, [row for one in told for row in _change_rows(one)]),
            Table("trends_slope", TREND, [_trend_row(one) for one in told]),
        ),
        summary=tuple(lines),
        notes=study.left_out.notes(),
        figures={
            "taxa": len(told),
            "periods": list(calendar.starts),
            "camera_days": study.camera_days,
            "percent_per_year": {
                one.taxon.scientific_name: one.trend.percent_per_year for one in told
            },
        },
        event_ids=study.event_ids,
    )


def _over_years(study: Study, calendar: Calendar) -> list[TaxonTrend]:
    """Each taxon over the years, the most events first."""
    events = independent_events(study, as_one=study.chosen is not None)
    by_period = PeriodEffort(study, calendar)
    names = sorted(set(events.taxa.tolist()), key=lambda one: study.taxa[one].scientific_name)
    if study.chosen and not names:
        names = [study.chosen.taxon_id]
    told = []
    for name in names:
        own = events.only(np.flatnonzero(events.taxa == name))
        periods = periods_of(own, calendar, by_period.of(name))
        told.append(
            TaxonTrend(
                study.taxa[name],
                periods,
                index_by_period(periods),
                changes(periods),
                fit_trend(periods),
            )
        )
    return sorted(told, key=lambda one: (-one.trend.events, one.taxon.scientific_name))


def _index_rows(one: TaxonTrend) -> Iterator[tuple[Cell, ...]]:
    for period in one.periods:
        index = one.indices[period.name]
        yield (
            one.taxon.scientific_name,
            one.taxon.zh or None,
            period.name,
            index.events,
            index.stations,
            index.effort or None,
            index.pooled,
            index.low,
            index.high,
        )


def _change_rows(one: TaxonTrend) -> Iterator[tuple[Cell, ...]]:
    for told in one.changes:
        yield (
            one.taxon.scientific_name,
            told.earlier,
            told.later,
            told.ratio,
            told.low,
            told.high,
            told.verdict.value,
            told.reason.value if told.reason else None,
            told.comparison.value,
            told.stations,
            told.left_out,
            told.events,
            told.smallest_fall,
            told.smallest_rise,
        )


def _trend_row(one: TaxonTrend) -> tuple[Cell, ...]:
    told = one.trend
    return (
        one.taxon.scientific_name,
        one.taxon.zh or None,
        told.periods,
        told.stations,
        told.events,
        sum(sum(period.effort.values()) for period in one.periods) or None,
        told.percent_per_year,
        told.low,
        told.high,
        told.verdict.value,
        told.reason.value if told.reason else None,
        told.covers_years,
        told.smallest_fall,
        told.smallest_rise,
    )


def _line(one: TaxonTrend) -> str:
    told = one.trend
    name = one.taxon.common
    if told.percent_per_year is None or told.low is None or told.high is None:
        why = told.reason.words if told.reason else told.verdict.words
        return tr(f"{name}: not known, {why}", f"{name}：不明，{why}")
    return tr(
        f"{name}: {told.verdict.words}, {told.percent_per_year:+.0f} % a year "
        f"({told.low:+.0f} to {told.high:+.0f}), {told.events} events at {told.stations} units",
        f"{name}：{told.verdict.words}，每年 {told.percent_per_year:+.0f}%"
        f"（{told.low:+.0f} 至 {told.high:+.0f}），{told.stations} 个单元 {told.events} 个事件",
    )
