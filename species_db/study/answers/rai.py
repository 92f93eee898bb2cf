"""The index of relative abundance of every taxon: events per 100 camera-days, with interval."""

from dataclasses import dataclass

from species_db.analysis.rai import AbundanceIndex, abundance_index
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import independent_events
from species_db.study.facts import TaxonFacts
from species_db.study.read import Study

SHOWN = 15  # taxa in the summary, the commonest first; the table has them all
OI3 = 0.41667  # events per 1000 camera-hours, as Taiwan's surveys tell it (DOMAIN.md 3)
COLUMNS = (
    "scientificName", "vernacularNameZh", "taxonRank", "independentEvents", "eventsWithoutEffort",
    "unitsWithEvents", "unitsWithEffort", "cameraDays", "rai", "raiLow95", "raiHigh95",
    "raiUnitMedian", "eventsPer1000CameraHours", "intervalMinutes", "rule", "method",
)  # fmt: skip


@dataclass(frozen=True)
class TaxonIndex:
    """One taxon's index."""

    taxon: TaxonFacts
    index: AbundanceIndex
    units_with: int
    without_effort: int  # events at units without effort: in no index


def indices(study: Study) -> list[TaxonIndex]:
    """The index of each taxon that was recorded, the most events first.

    Events at units without effort are told apart: an index over no effort is not known.
    """
    found = independent_events(study).by_taxon_and_unit()
    if study.chosen is not None and not found:
        found = {study.chosen.taxon_id: {}}
    told = []
    for taxon, by_unit in found.items():
        effort = study.effort_for(taxon)
        inside = {unit: n for unit, n in by_unit.items() if effort.get(unit, 0.0) > 0}
        index = abundance_index(inside, effort)
        outside = sum(by_unit.values()) - sum(inside.values())
        told.append(TaxonIndex(study.taxa[taxon], index, len(inside), outside))
    return sorted(told, key=lambda one: (-one.index.events, one.taxon.scientific_name))


def answer(study: Study) -> Answer:
    """Tell every taxon's index, pooled and as the median unit, with its interval over units."""
    told = indices(study)
    days = study.camera_days
    effort = study.effort_words
    lines = [
        tr(
            f"Index (events per 100 camera-days) of {len(told)} taxa over {effort} camera-days. "
            "It is no count of animals: how well they are detected is in it.",
            f"{len(told)} 个分类单元的相对多度指数（每百相机日独立事件数），"
            f"工作量 {effort} 相机日。"
            "该指数不是数量：其中包含探测率的影响。",
        ),
        study.question.in_words(),
    ]
    lines += [f"  {_line(one)}" for one in told[:SHOWN]]
    if len(told) > SHOWN:
        more = len(told) - SHOWN
        lines.append(tr(f"  and {more} more in the table.", f"  另有 {more} 个见表。"))
    without = sum(one.without_effort for one in told)
    notes = list(study.left_out.notes())
    if without:
        notes.append(
            tr(
                f"{without} events lie at units without known effort and are in no index.",
                f"{without} 个独立事件所在单元的工作量不明，未计入指数。",
            )
        )
    return Answer(
        name="rai",
        tables=(Table("rai", COLUMNS, [_row(study, one) for one in told]),),
        summary=tuple(lines),
        notes=tuple(notes),
        figures={
            "camera_days": days,
            "units": len(study.effort),
            "rai": {one.taxon.scientific_name: one.index.pooled for one in told},
            "events": {one.taxon.scientific_name: one.index.events for one in told},
        },
        event_ids=study.event_ids,
    )


def _row(study: Study, one: TaxonIndex) -> tuple[Cell, ...]:
    index, question = one.index, study.question
    return (
        one.taxon.scientific_name,
        one.taxon.zh or None,
        one.taxon.rank,
        index.events,
        one.without_effort,
        one.units_with,
        index.stations,
        index.effort or None,
        index.pooled,
        index.low,
        index.high,
        index.median,
        None if index.pooled is None else index.pooled * OI3,
        question.interval_minutes,
        question.rule.value,
        question.method.value,
    )


def _line(one: TaxonIndex) -> str:
    index = one.index
    name = f"{one.taxon.common} ({one.taxon.scientific_name})"
    if one.taxon.common == one.taxon.scientific_name:
        name = one.taxon.scientific_name
    if index.pooled is None:
        return f"{name}: " + tr("not known, no effort", "不明，无工作量")
    interval = ""
    if index.low is not None and index.high is not None:
        interval = f" ({index.low:.2f}–{index.high:.2f})"
    return tr(
        f"{name}: {index.pooled:.2f}{interval}, {index.events} events at {one.units_with} of "
        f"{index.stations} units",
        f"{name}：{index.pooled:.2f}{interval}，{index.events} 个事件，"
        f"{index.stations} 个单元中 {one.units_with} 个有记录",
    )
