"""Detection histories with the effort behind each cell, for occupancy models (DOMAIN.md 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from species_db.analysis.effort import UnitDay
from species_db.analysis.histories import (
    OCCASION_DAYS,
    DetectionHistory,
    FirstDay,
    detection_history,
)
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.read import Study, TaxonFacts

TIDY = (
    "scientificName", "occasion", "occasionStart", "detection", "cameraDays", "occasionDays",
    "method",
)  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """How occasions are laid over the days."""

    occasion_days: int = OCCASION_DAYS
    first_day: FirstDay = FirstDay.STATION
    minimum_effort: float = 0.0


def answer(
    study: Study,
    *,
    occasion_days: int = OCCASION_DAYS,
    first_day: FirstDay = FirstDay.STATION,
    minimum_effort: float = 0.0,
) -> Answer:
    """Lay out where each taxon was found on which occasion: 1, 0, or not known.

    One tidy table for all taxa; for a taxon asked for by name also its matrix and the effort's of
    the same shape, a row for each unit under its name, as R `unmarked` and camtrapR take them.
    Every record counts, not only independent ones; days are local ones at the camera.
    """
    layout = Layout(occasion_days, first_day, minimum_effort)
    taxa = [study.chosen] if study.chosen else [study.taxa[one] for one in _recorded(study)]
    days = told_days(study)
    rows: list[tuple[Cell, ...]] = []
    tables: list[Table] = []
    for taxon in taxa:
        history = history_of(study, taxon, layout, days=days)
        rows += _tidy(study, taxon, history, layout, days)
        if study.chosen:
            tables += _matrices(study, taxon, history)
    columns = (study.unit_column, *TIDY)
    tables.insert(0, Table("histories", columns, rows))
    units = {one.unit for one in days}
    total = study.camera_days
    effort = tr("not known", "不明") if total is None else f"{total:,.1f}"
    detections = sum(row[4] == 1 for row in rows)
    summary = (
        tr(
            f"{len(taxa)} taxa at {len(units)} units in occasions of {occasion_days} days: "
            f"{detections} cells with a record, over {effort} camera-days in all.",
            f"{len(taxa)} 个分类单元,{len(units)} 个单元,每 {occasion_days} 天为一次调查:"
            f"{detections} 格有记录,总工作量 {effort} 相机日。",
        ),
        tr(
            "Cells are NA where nobody watched. Counts of detections are no input for N-mixture "
            "models.",
            "无人值守的格为 NA。探测次数不可用于 N-mixture 模型。",
        ),
        study.question.in_words(),
    )
    return Answer(
        name="histories",
        tables=tuple(tables),
        summary=summary,
        notes=(*study.left_out.notes(), *study.hidden_note()),
        figures={
            "taxa": len(taxa),
            "units": len(units),
            "occasion_days": occasion_days,
            "detections": detections,
            "camera_days": total,
        },
        event_ids=frozenset(study.records.event_ids.tolist()),
    )


def told_days(study: Study) -> list[UnitDay]:
    """The days of units that may have a row of their own; with an exact release of all."""
    return [one for one in study.days if study.facts(one.unit).tells_days]


def history_of(
    study: Study, taxon: TaxonFacts, layout: Layout, *, days: Sequence[UnitDay] | None = None
) -> DetectionHistory:
    """The history of one taxon, or of the one asked for with all below it.

    Of all units unless days are handed over: models rest on all, tables show what may be told.
    """
    known = study.days if days is None else days
    units = {one.unit for one in known}
    return detection_history(
        known,
        {(unit, day) for unit, day in detected_days(study, taxon) if unit in units},
        occasion_days=layout.occasion_days,
        first_day=layout.first_day,
        minimum_effort=layout.minimum_effort,
    )


def detected_days(study: Study, taxon: TaxonFacts) -> set[tuple[str, date]]:
    """Unit and local day of every record of a taxon."""
    epoch = date(1970, 1, 1)
    is_whole = study.chosen is not None and study.chosen.taxon_id == taxon.taxon_id
    chosen = slice(None) if is_whole else study.records.taxa == taxon.taxon_id
    units, days = study.units[chosen], study.records.days[chosen]
    return {
        (unit, epoch + timedelta(days=day))
        for unit, day in zip(units.tolist(), days.tolist(), strict=True)
    }


def _recorded(study: Study) -> list[str]:
    found = set(study.records.taxa.tolist())
    return sorted(found, key=lambda one: study.taxa[one].scientific_name)


def _tidy(
    study: Study,
    taxon: TaxonFacts,
    history: DetectionHistory,
    layout: Layout,
    days: Sequence[UnitDay],
) -> list[tuple[Cell, ...]]:
    starts: dict[str, date] = {}
    for one in days:
        starts[one.unit] = min(one.day, starts.get(one.unit, one.day))
    first = min(starts.values(), default=date.min)
    rows: list[tuple[Cell, ...]] = []
    for unit, cells, effort in zip(history.units, history.cells, history.effort, strict=True):
        begin = starts[unit] if layout.first_day is FirstDay.STATION else first
        for number, (cell, worked) in enumerate(zip(cells, effort, strict=True)):
            rows.append(
                (
                    study.public(unit),
                    taxon.scientific_name,
                    number + 1,
                    begin + timedelta(days=number * layout.occasion_days),
                    cell,
                    None if worked is None else study.told(worked),
                    layout.occasion_days,
                    study.question.method.value,
                )
            )
    return sorted(rows, key=lambda row: (str(row[0]), row[2]))


def _matrices(study: Study, taxon: TaxonFacts, history: DetectionHistory) -> list[Table]:
    """The matrix of detections and that of effort, rows in the order of public names."""
    width = len(history.cells[0]) if history.cells else 0
    heads = ("", *(f"o{number + 1}" for number in range(width)))
    stem = taxon.scientific_name.replace(" ", "_")
    effort = [[None if x is None else study.told(x) for x in row] for row in history.effort]
    return [
        Table(
            f"{kind}_{stem}",
            heads,
            sorted(
                (
                    (study.public(unit), *row)
                    for unit, row in zip(history.units, matrix, strict=True)
                ),
                key=lambda row: str(row[0]),
            ),
        )
        for kind, matrix in (("history", history.cells), ("history_effort", effort))
    ]
