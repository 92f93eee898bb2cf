"""Detection histories with the effort behind each cell, for occupancy models (DOMAIN.md 4)."""

from datetime import timedelta

from species_db.analysis.effort import UnitDay
from species_db.analysis.histories import OCCASION_DAYS, DetectionHistory, FirstDay
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.detections import (
    Layout,
    history_of,
    matrix_table,
    season_tables,
    told_days,
)
from species_db.study.facts import TaxonFacts
from species_db.study.read import Study

TIDY = (
    "scientificName", "occasion", "occasionStart", "detection", "cameraDays", "occasionDays",
    "method",
)  # fmt: skip


def answer(
    study: Study,
    *,
    occasion_days: int = OCCASION_DAYS,
    first_day: FirstDay = FirstDay.STATION,
    minimum_effort: float = 0.0,
    whole_only: bool = False,
    season_start: str = "",
) -> Answer:
    """Lay out where each taxon was found on which occasion: 1, 0, or not known.

    One tidy table for all taxa; for a taxon asked for by name also its matrix and the effort's of
    the same shape, a row for each unit under its name, as R `unmarked` and camtrapR take them.
    Every record counts, not only independent ones; days are local ones at the camera. With
    `season_start` (MM-DD) the years from that day on are seasons, beside each other and stacked.
    """
    layout = Layout(occasion_days, first_day, minimum_effort, whole_only)
    taxa = [study.chosen] if study.chosen else [study.taxa[one] for one in _recorded(study)]
    days = told_days(study)
    rows: list[tuple[Cell, ...]] = []
    tables: list[Table] = []
    for taxon in taxa:
        history = history_of(study, taxon, layout, days=days)
        rows += _tidy(study, taxon, history)
        if study.chosen:
            tables += _matrices(study, taxon, history)
            if season_start:
                tables += season_tables(study, taxon, layout, days, season_start=season_start)
    columns = (study.unit_column, *TIDY)
    tables.insert(0, Table("histories", columns, rows))
    units = {one.unit for one in days}
    detections = sum(row[4] == 1 for row in rows)
    return Answer(
        name="histories",
        tables=tuple(tables),
        summary=_summary(study, (len(taxa), len(units), detections), occasion_days, days),
        notes=(*study.left_out.notes(), *study.hidden_note()),
        figures={
            "taxa": len(taxa),
            "units": len(units),
            "occasion_days": occasion_days,
            "detections": detections,
            "camera_days": study.camera_days,
        },
        event_ids=study.event_ids,
    )


def _summary(
    study: Study, counts: tuple[int, int, int], occasion_days: int, days: list[UnitDay]
) -> tuple[str, ...]:
    taxa, units, detections = counts
    total = sum(one.effort for one in days)
    effort = f"{total:,.1f}" if total else tr("not known", "不明")
    return (
        tr(
            f"{taxa} taxa at {units} units in occasions of {occasion_days} days: "
            f"{detections} cells with a record, over {effort} camera-days in all.",
            f"{taxa} 个分类单元，{units} 个单元，每 {occasion_days} 天为一次调查："
            f"{detections} 格有记录，总工作量 {effort} 相机日。",
        ),
        tr(
            "Cells are NA where nobody watched. Counts of detections are no input for N-mixture "
            "models.",
            "无人值守的格为 NA。探测次数不可用于 N-mixture 模型。",
        ),
        study.question.in_words(),
    )


def _recorded(study: Study) -> list[str]:
    found = set(study.records.taxa.tolist())
    return sorted(found, key=lambda one: study.taxa[one].scientific_name)


def _tidy(study: Study, taxon: TaxonFacts, history: DetectionHistory) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    lines = zip(history.units, history.starts, history.cells, history.effort, strict=True)
    for unit, begin, cells, effort in lines:
        for number, (cell, worked) in enumerate(zip(cells, effort, strict=True)):
            rows.append(
                (
                    study.public(unit),
                    taxon.scientific_name,
                    number + 1,
                    begin + timedelta(days=number * history.occasion_days),
                    cell,
                    None if worked is None else worked,
                    history.occasion_days,
                    study.question.method.value,
                )
            )
    return sorted(rows, key=lambda row: (str(row[0]), row[2]))


def _matrices(study: Study, taxon: TaxonFacts, history: DetectionHistory) -> list[Table]:
    """The matrix of detections and that of effort, rows in the order of public names."""
    heads = ("", *(f"o{number + 1}" for number in range(history.occasions)))
    effort = [[None if x is None else x for x in row] for row in history.effort]
    return [
        matrix_table(study, f"{kind}_{taxon.stem}", heads, history.units, cells)
        for kind, cells in (("history", history.cells), ("history_effort", effort))
    ]
