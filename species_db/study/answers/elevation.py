"""At which height each taxon lives, by its index, and whether it has shifted between years."""

import numpy as np

from species_db.analysis.shifts import (
    ElevationCounts,
    ElevationShift,
    MeanElevation,
    elevation_shift,
    mean_elevation,
)
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import independent_events
from species_db.study.facts import TaxonFacts
from species_db.study.periods import NEW_YEAR, PeriodEffort, calendar_of, periods_of
from species_db.study.read import Study

SHOWN = 12
MEANS = (
    "scientificName", "vernacularNameZh", "period", "meanElevationM", "low95", "high95", "units",
    "independentEvents", "cameraDays", "watchedFromM", "watchedToM", "reason",
)  # fmt: skip
SHIFTS = (
    "scientificName", "earlier", "later", "earlierMeanM", "laterMeanM", "shiftM", "low95", "high95",
    "verdict", "reason", "bands", "units", "unitsOut", "independentEvents", "smallestShiftSeenM",
    "watchedFromM", "watchedToM",
)  # fmt: skip


def answer(study: Study, *, season_start: str = NEW_YEAR, months: str = "") -> Answer:
    """Tell each taxon's mean elevation by year, and its shift from the first year to the last.

    Bands of height weigh by their index, and a shift is over bands watched in both, so that
    cameras hung higher move nothing. Units whose height is told in bands of 1000 m stay out
    without an exact release.
    """
    events = independent_events(study, as_one=study.chosen is not None)
    calendar = calendar_of(study, season_start=season_start, months=months)
    by_period = PeriodEffort(study, calendar)
    heights = {
        unit: height
        for unit in study.effort
        if (height := study.facts(unit).elevation_m) is not None and study.facts(unit).tells_days
    }
    coarse = sum(not study.facts(unit).tells_days for unit in study.effort)
    names = sorted(set(events.taxa.tolist()), key=lambda one: study.taxa[one].scientific_name)
    means: list[tuple[TaxonFacts, str, MeanElevation]] = []
    shifts: list[tuple[TaxonFacts, str, str, ElevationShift]] = []
    for name in names:
        own = events.only(np.flatnonzero(events.taxa == name))
        periods = periods_of(own, calendar, by_period.of(name))
        counts = [ElevationCounts(heights, one.events, one.effort) for one in periods]
        taxon = study.taxa[name]
        means += [
            (taxon, one.name, mean_elevation(count))
            for one, count in zip(periods, counts, strict=True)
        ]
        if len(periods) > 1:
            told = elevation_shift(counts[0], counts[-1])
            shifts.append((taxon, periods[0].name, periods[-1].name, told))
    days = study.camera_days
    effort = study.effort_words
    lines = [
        tr(
            f"Mean elevation of {len(names)} taxa over {effort} camera-days; {len(heights)} units "
            "have a height.",
            f"{len(names)} 个分类单元的平均海拔，工作量 {effort} 相机日，"
            f"{len(heights)} 个单元有海拔。",
        ),
        *(f"  {_line(*one)}" for one in shifts[:SHOWN]),
        study.question.in_words(),
    ]
    return Answer(
        name="elevation",
        tables=(
            Table("elevation", MEANS, [_mean_row(*one) for one in means]),
            Table("elevation_shift", SHIFTS, [_shift_row(*one) for one in shifts]),
        ),
        summary=tuple(lines),
        notes=(*study.left_out.notes(), *_coarse_note(coarse)),
        figures={"taxa": len(names), "units": len(heights), "camera_days": days},
        event_ids=study.event_ids,
    )


def _coarse_note(units: int) -> tuple[str, ...]:
    if not units:
        return ()
    return (
        tr(
            f"{units} units at the most sensitive places, whose height is told in bands of 1000 m, "
            "are left out; with --exact REASON they are in.",
            f"{units} 个位于最敏感位置的单元海拔只给到 1000 米带，未计入；"
            "使用 --exact 理由 时计入。",
        ),
    )


def _mean_row(taxon: TaxonFacts, period: str, told: MeanElevation) -> tuple[Cell, ...]:
    return (
        taxon.scientific_name, taxon.zh or None, period, told.mean_m, told.low_m, told.high_m,
        told.stations, told.events, told.effort or None, told.watched_low_m, told.watched_high_m,
        told.reason.value if told.reason else None,
    )  # fmt: skip


def _shift_row(
    taxon: TaxonFacts, earlier: str, later: str, told: ElevationShift
) -> tuple[Cell, ...]:
    return (
        taxon.scientific_name, earlier, later, told.earlier_m, told.later_m, told.shift_m,
        told.low_m, told.high_m, told.verdict.value, told.reason.value if told.reason else None,
        told.bands, told.stations, told.stations_out, told.events, told.smallest_m,
        told.watched_low_m, told.watched_high_m,
    )  # fmt: skip


def _line(taxon: TaxonFacts, earlier: str, later: str, told: ElevationShift) -> str:
    if told.shift_m is None or told.low_m is None or told.high_m is None:
        why = told.reason.words if told.reason else told.verdict.words
        return tr(f"{taxon.common}: not known, {why}", f"{taxon.common}：不明，{why}")
    return tr(
        f"{taxon.common}: {told.shift_m:+.0f} m from {earlier} to {later} ({told.low_m:+.0f} to "
        f"{told.high_m:+.0f}), {told.verdict.words}",
        f"{taxon.common}：{earlier} 至 {later} {told.shift_m:+.0f} 米({told.low_m:+.0f} 至 "
        f"{told.high_m:+.0f}),{told.verdict.words}",
    )
