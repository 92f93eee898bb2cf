"""The tables of a pack: tidy, each with a fixed order of rows, headed in both languages."""

from species_db.evaluation.caveats import WORDS
from species_db.evaluation.changes import ChangeLog
from species_db.evaluation.findings import Findings
from species_db.evaluation.indicators import clause_of, clauses, indicators
from species_db.evaluation.pack_table import (
    BOTH_SIDES,
    CHANGE_COLUMNS,
    PackTable,
    result_cells,
    rounded,
)
from species_db.evaluation.protected import TaxonResult
from species_db.evaluation.results import Result, area_words
from species_db.evaluation.work_tables import (
    actions_table,
    invaders_table,
    machine_only_table,
    rules_table,
)
from species_db.study.answer import Cell


def tables_of(findings: Findings) -> tuple[PackTable, ...]:
    """Every table of the findings."""
    return (
        _indicators(findings),
        _clauses(),
        _taxa(findings),
        invaders_table(findings),
        actions_table(findings),
        rules_table(findings),
        machine_only_table(findings),
        _caveats(findings),
    )


def _indicators(findings: Findings) -> PackTable:
    columns = (
        ("clause", "clause", "条款"),
        ("indicator", "indicator", "指标代码"),
        ("indicatorZh", "indicator (zh)", "指标"),
        ("indicatorEn", "indicator (en)", "指标（英文）"),
        ("unit", "unit", "单位"),
        ("effortUnit", "unit of effort", "工作量单位"),
        ("area", "division code", "区划代码"),
        ("areaZh", "area (zh)", "区域"),
        ("areaEn", "area (en)", "区域（英文）"),
        *BOTH_SIDES,
        *CHANGE_COLUMNS,
    )
    rows = [
        (
            clause_of(one.indicator_id),
            one.indicator_id,
            one.indicator.zh,
            one.indicator.en,
            one.indicator.unit_en,
            one.indicator.effort,
            one.area,
            *reversed(area_words(one.area)),
            *result_cells(one),
        )
        for one in findings.results
    ]
    return PackTable("indicators", "指标总表", "Indicators", columns, rows)


def _clauses() -> PackTable:
    columns = (
        ("clause", "clause", "条款"),
        ("zh", "in Chinese", "条款内容（转述）"),
        ("en", "in English", "条款内容（英文转述）"),
        ("indicator", "answered by", "对应指标"),
        ("indicatorZh", "indicator (zh)", "指标"),
        ("better", "direction wished for", "期望方向"),
        ("elsewhereZh", "else answered (zh)", "另见"),
        ("elsewhereEn", "else answered (en)", "另见（英文）"),
    )
    rows: list[tuple[Cell, ...]] = []
    for clause in clauses():
        rows += [
            (
                clause.clause_id,
                clause.zh,
                clause.en,
                name or None,
                indicators()[name].zh if name else None,
                indicators()[name].better.value if name else None,
                clause.elsewhere_zh or None,
                clause.elsewhere_en or None,
            )
            for name in clause.answers or ("",)
        ]
    return PackTable("clauses", "条款与指标对应表", "Clauses and indicators", columns, rows)


def _taxa(findings: Findings) -> PackTable:
    columns = (
        ("scientificName", "scientific name", "学名"),
        ("vernacularNameZh", "Chinese name", "中文名"),
        ("vernacularNameEn", "English name", "英文名"),
        ("level", "national protection", "国家保护级别"),
        ("statusDoubted", "status in doubt", "状态存疑"),
        ("indicator", "indicator", "指标"),
        ("area", "division code", "区划代码"),
        ("areaZh", "area (zh)", "区域"),
        ("baselineFieldRecords", "baseline records on foot", "基线期人工记录"),
        ("currentFieldRecords", "reported records on foot", "报告期人工记录"),
        *BOTH_SIDES,
        *CHANGE_COLUMNS,
    )
    rows = [
        (
            one.scientific_name,
            one.zh or None,
            one.en or None,
            one.level,
            one.is_doubted,
            result.indicator_id,
            result.area,
            area_words(result.area)[1],
            one.records_before,
            one.records_after,
            *result_cells(result),
        )
        for one in findings.taxa
        for result in _results_of(one)
    ]
    return PackTable("protected_taxa", "重点保护物种", "Protected taxa", columns, rows)


def _results_of(one: TaxonResult) -> tuple[Result, ...]:
    return (*one.index, one.stations)


def _caveats(findings: Findings) -> PackTable:
    columns = (
        ("caveat", "caveat", "代码"),
        ("zh", "in Chinese", "说明"),
        ("en", "in English", "说明（英文）"),
    )
    rows = [(one.value, WORDS[one][1], WORDS[one][0]) for one in findings.caveats]
    return PackTable("caveats", "注意事项", "Caveats", columns, rows)


def changes_tables(log: ChangeLog) -> tuple[PackTable, ...]:
    """What became of the last pack's numbers, and why."""
    lines = PackTable(
        "changes",
        "与上次相比",
        "Since the last pack",
        (
            ("indicator", "indicator", "指标代码"),
            ("indicatorZh", "indicator (zh)", "指标"),
            ("area", "division code", "区划代码"),
            ("areaZh", "area (zh)", "区域"),
            ("period", "period", "时段"),
            ("thenValue", "last pack's data", "上次数据"),
            ("thenEffort", "its effort", "上次工作量"),
            ("nowValue", "this pack's data", "本次数据"),
            ("nowEffort", "its effort", "本次工作量"),
        ),
        [
            (one.indicator_id, one.zh, one.area, one.area_zh,
             "baseline" if one.is_baseline else "reported", rounded(one.then_value),
             one.then_effort or None, rounded(one.now_value), one.now_effort or None)
            for one in log.lines
        ],
    )  # fmt: skip
    columns = (("kind", "kind", "类型"), ("zh", "in Chinese", "说明"), ("en", "in English", "英文"))
    reasons = [(one.kind, one.zh, one.en) for one in log.reasons]
    return lines, PackTable("change_reasons", "变化原因", "Why", columns, reasons)
