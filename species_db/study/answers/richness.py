"""How many taxa there are: seen, expected, and by effort (DOMAIN.md 5; VISION 2.3)."""

from species_db.analysis.rarefaction import DiversityPoint, diversity_curve
from species_db.analysis.richness import (
    ORDERS,
    RichnessEstimate,
    diversity_by_unit,
    estimate_richness,
    richness_notes,
)
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import independent_events
from species_db.study.read import Study


def answer(study: Study, *, with_domestic: bool = False) -> Answer:
    """Tell taxa seen and expected, the curve of diversity over units, and Hill numbers of each.

    A unit is one with effort; taxa are those at the rank asked for. Domestic animals are left out
    unless asked for, and said so. Units with more effort show more taxa: camera-days stand beside
    each, and places are compared at equal coverage.
    """
    events = independent_events(study).by_taxon_and_unit()
    domestic = sorted(one for one in events if study.taxa[one].is_domestic)
    kept = {one: by for one, by in events.items() if with_domestic or one not in domestic}
    watched = sorted(unit for unit, days in study.effort.items() if days > 0)
    counts = _counts(kept, watched)
    incidences = [sum(taxon in found for found in counts.values()) for taxon in sorted(kept)]
    incidences = [count for count in incidences if count]
    told = estimate_richness(incidences, units=len(watched))
    curve = diversity_curve(incidences, units=len(watched)) if watched else []
    notes = [*study.left_out.notes(), *richness_notes(incidences, units=len(watched))]
    if domestic and not with_domestic:
        names = ", ".join(study.taxa[one].common for one in domestic)
        notes.append(tr(f"Domestic animals left out: {names}.", f"未计家养动物：{names}。"))
    days = study.camera_days
    estimate = Table(
        "richness",
        ("taxaObserved", "units", "cameraDays", "chao2", "low95", "high95", "coverage"),
        [(told.observed, len(watched), days, told.chao2, told.low, told.high, told.coverage)],
    )
    return Answer(
        name="richness",
        tables=(estimate, _curve(curve), _by_unit(study, counts)),
        summary=tuple(_summary(study, told, len(watched))),
        notes=(*notes, *study.delay_note(), *study.hidden_note()),
        figures={
            "taxa": told.observed,
            "units": len(watched),
            "camera_days": days,
            "chao2": told.chao2,
            "coverage": told.coverage,
        },
        event_ids=study.event_ids,
    )


def _counts(kept: dict[str, dict[str, int]], watched: list[str]) -> dict[str, dict[str, float]]:
    """Events of each taxon at each unit with effort."""
    counts: dict[str, dict[str, float]] = {unit: {} for unit in watched}
    for taxon, by_unit in kept.items():
        for unit, number in by_unit.items():
            if unit in counts:
                counts[unit][taxon] = float(number)
    return counts


def _summary(study: Study, told: RichnessEstimate, units: int) -> list[str]:
    effort = study.effort_words
    summary = [
        tr(
            f"{told.observed} taxa at {units} units over {effort} camera-days.",
            f"{units} 个单元共记录 {told.observed} 个分类单元，工作量 {effort} 相机日。",
        )
    ]
    if told.chao2 is not None and told.low is not None and told.high is not None:
        cover = tr("not known", "不明") if told.coverage is None else f"{told.coverage:.1%}"
        summary.append(
            tr(
                f"Expected are at least {told.chao2:.1f} (Chao2, 95 % interval {told.low:.1f} to "
                f"{told.high:.1f}); coverage of the sample {cover}.",
                f"估计至少 {told.chao2:.1f} 个（Chao2,95% 区间 {told.low:.1f}–{told.high:.1f}）；"
                f"样本覆盖度 {cover}。",
            )
        )
    return [*summary, study.question.in_words()]


def _curve(curve: list[DiversityPoint]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            point.units, point.part.value, point.order, point.value, point.low, point.high,
            point.coverage, point.coverage_low, point.coverage_high,
        )
        for point in curve
    ]  # fmt: skip
    heads = (
        "units", "part", "order", "diversity", "low95", "high95", "coverage", "coverageLow95",
        "coverageHigh95",
    )  # fmt: skip
    return Table("richness_curve", heads, rows)


def _by_unit(study: Study, counts: dict[str, dict[str, float]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in diversity_by_unit(counts):
        if one.unit is None:
            days = study.camera_days
            rows.append(("all units", int(one.total), days, *one.values))
        elif study.facts(one.unit).tells_days:
            days = study.effort[one.unit]
            rows.append((study.public(one.unit), int(one.total), days, *one.values))
    heads = (
        study.unit_column, "independentEvents", "cameraDays", *(f"hill{order}" for order in ORDERS)
    )  # fmt: skip
    last = [row for row in rows if row[0] == "all units"]
    others = sorted((row for row in rows if row[0] != "all units"), key=lambda row: str(row[0]))
    return Table("richness_unit", heads, [*others, *last])
