"""The tables of a pack: tidy, each with a fixed order of rows, headed in both languages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from species_db.evaluation.caveats import WORDS
from species_db.evaluation.findings import Findings
from species_db.evaluation.indicators import clause_of, clauses, indicators
from species_db.evaluation.invaders import is_reduction
from species_db.evaluation.protected import TaxonResult
from species_db.evaluation.results import VERDICT_WORDS, Measured, Result, area_words
from species_db.evaluation.words import reason_text
from species_db.study.answer import Cell, Table

DECIMALS = 4  # of values: computers that differ in the last bits write the same
PARTED = "; "


@dataclass(frozen=True)
class PackTable:
    """One table with its title and its columns' names in both languages."""

    name: str
    zh: str
    en: str
    columns: tuple[tuple[str, str, str], ...]  # key, English, Chinese
    rows: Sequence[tuple[Cell, ...]]

    @property
    def plain(self) -> Table:
        """The same for a CSV file, under the keys."""
        return Table(self.name, tuple(key for key, _, _ in self.columns), self.rows)


SIDE_COLUMNS = (
    ("Value", "value", "值"),
    ("Low95", "low 95 %", "下限95%"),
    ("High95", "high 95 %", "上限95%"),
    ("Effort", "effort", "工作量"),
    ("Cases", "counted", "计数"),
    ("Stations", "stations", "点位数"),
    ("Visits", "visits on foot", "人工调查次数"),
    ("CountedTo", "counted to", "计至"),
)
BOTH_SIDES = tuple(
    (f"{prefix}{key}", f"{en_side} {en}", f"{zh_side}{zh}")
    for prefix, en_side, zh_side in (
        ("baseline", "baseline", "基线期"),
        ("current", "reported", "报告期"),
    )
    for key, en, zh in SIDE_COLUMNS
)
CHANGE_COLUMNS = (
    ("change", "change", "变化"),
    ("changeLow95", "change low 95 %", "变化下限95%"),
    ("changeHigh95", "change high 95 %", "变化上限95%"),
    ("changeKind", "kind of change", "变化类型"),
    ("verdict", "verdict", "判断"),
    ("verdictZh", "verdict (zh)", "判断（中文）"),
    ("asWished", "as the plan wishes", "是否符合期望"),
    ("reason", "why no interval", "无区间原因"),
    ("caveats", "caveats", "注意事项"),
)


def tables_of(findings: Findings) -> tuple[PackTable, ...]:
    """Every table of the findings."""
    return (
        _indicators(findings),
        _clauses(),
        _taxa(findings),
        _invaders(findings),
        _actions(findings),
        _rules(findings),
        _machine_only(findings),
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


def result_cells(one: Result) -> tuple[Cell, ...]:
    """Both sides of a result and its change, as `BOTH_SIDES` and `CHANGE_COLUMNS` name them."""
    return (
        *_side(one, one.before),
        *_side(one, one.after),
        _round(one.change),
        _round(one.low),
        _round(one.high),
        "ratio" if one.indicator.is_by_ratio else "difference",
        one.verdict.value,
        VERDICT_WORDS[one.verdict][1],
        one.is_wished,
        reason_text(one)[0] or None,
        PARTED.join(caveat.value for caveat in one.caveats) or None,
    )


def _side(one: Result, told: Measured) -> Iterator[Cell]:
    """Camera-days are told whole: to the minute they would order the stations of a trail."""
    is_days = one.indicator_id == "camera_days"
    yield None if told.value is None else _round(told.value, 0 if is_days else DECIMALS)
    yield _round(told.low)
    yield _round(told.high)
    yield None if told.effort is None else round(told.effort)
    yield told.cases
    yield told.stations
    yield told.visits
    yield told.counted_to


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


def _invaders(findings: Findings) -> PackTable:
    sides = tuple(
        (f"{prefix}{key}", f"{en_side} {en}", f"{zh_side}{zh}")
        for prefix, en_side, zh_side in (
            ("baseline", "baseline", "基线期"),
            ("current", "reported", "报告期"),
        )
        for key, en, zh in (
            ("Records", "records", "记录数"),
            ("SquaresWithRecords", "squares with records", "有记录网格"),
            ("SquaresSearched", "squares searched", "调查网格"),
            ("AreaM2", "measured area, m²", "实测面积（平方米）"),
            ("PlacesMeasured", "places measured", "实测地点"),
        )
    )
    columns = (
        ("scientificName", "scientific name", "学名"),
        ("vernacularNameZh", "Chinese name", "中文名"),
        ("vernacularNameEn", "English name", "英文名"),
        ("lists", "lists", "所在名录"),
        ("doubt", "doubt", "存疑"),
        *sides,
    )
    rows = [
        (
            one.scientific_name,
            one.zh or None,
            one.en or None,
            PARTED.join(f"{kind} {category}" for kind, category in one.statuses) or None,
            PARTED.join(one.doubts) or None,
            *(
                cell
                for side in (one.before, one.after)
                for cell in (
                    side.records,
                    len(side.squares),
                    len(side.searched),
                    None if side.area_m2 is None else _round(side.area_m2),
                    side.places,
                )
            ),
        )
        for one in findings.invaders
    ]
    return PackTable("invasive_taxa", "外来入侵物种", "Invasive taxa", columns, rows)


def _actions(findings: Findings) -> PackTable:
    columns = (
        ("scientificName", "scientific name", "学名"),
        ("vernacularNameZh", "Chinese name", "中文名"),
        ("month", "month", "开始月份"),
        ("method", "method", "防控方法"),
        ("areaZh", "area", "区域"),
        ("treatedAreaM2", "treated area, m²", "处理面积（平方米）"),
        ("visitsAfter", "visits after", "后续核查次数"),
        ("design", "comparison", "对照方式"),
        ("ratioLeft", "share left", "剩余比例"),
        ("low95", "low 95 %", "下限95%"),
        ("high95", "high 95 %", "上限95%"),
        ("treatedPlots", "treated plots", "处理样地"),
        ("controlPlots", "untreated plots", "对照样地"),
        ("isClearReduction", "clear reduction", "是否明显减少"),
    )
    rows = [
        (
            one.scientific_name,
            one.zh or None,
            f"{one.started_on:%Y-%m}",
            one.method,
            area_words(one.area)[1],
            one.treated_area_m2,
            len(one.effect.after),
            one.effect.effect.design.value,
            _round(one.effect.effect.ratio),
            _round(one.effect.effect.low),
            _round(one.effect.effect.high),
            one.effect.effect.treated_plots,
            one.effect.effect.control_plots,
            is_reduction(one.effect) if one.effect.effect.low is not None else None,
        )
        for one in findings.actions
    ]
    return PackTable("control_actions", "防控行动与成效", "Control actions", columns, rows)


def _rules(findings: Findings) -> PackTable:
    columns = (
        ("rule", "rule", "规则代码"),
        ("ruleZh", "rule (zh)", "规则"),
        ("ruleEn", "rule (en)", "规则（英文）"),
        *(
            (f"{prefix}{key}", f"{en_side} {en}", f"{zh_side}{zh}")
            for key, en, zh in (
                ("Raised", "raised", "发出"),
                ("Closed", "closed", "办结"),
                ("OnTime", "closed on time", "按期办结"),
                ("False", "false alarms", "误报"),
            )
            for prefix, en_side, zh_side in (
                ("baseline", "baseline", "基线期"),
                ("current", "reported", "报告期"),
            )
        ),
    )
    rows = [
        (one.rule_id, one.title_zh, one.title_en, *one.raised, *one.closed, *one.on_time,
         *one.false)
        for one in findings.rules
    ]  # fmt: skip
    return PackTable("warnings", "预警与响应", "Warnings by rule", columns, rows)


def _machine_only(findings: Findings) -> PackTable:
    columns = (
        ("scientificName", "scientific name", "学名"),
        ("vernacularNameZh", "Chinese name", "中文名"),
        ("vernacularNameEn", "English name", "英文名"),
        ("level", "national protection", "国家保护级别"),
        ("events", "events of a model alone", "仅模型识别事件"),
    )
    rows = [
        (one.scientific_name, one.zh or None, one.en or None, one.level, one.events)
        for one in findings.machine_only
    ]
    return PackTable("machine_only", "仅有模型识别的物种", "Taxa of models alone", columns, rows)


def _caveats(findings: Findings) -> PackTable:
    columns = (
        ("caveat", "caveat", "代码"),
        ("zh", "in Chinese", "说明"),
        ("en", "in English", "说明（英文）"),
    )
    rows = [(one.value, WORDS[one][1], WORDS[one][0]) for one in findings.caveats]
    return PackTable("caveats", "注意事项", "Caveats", columns, rows)


def _round(value: float | None, digits: int = DECIMALS) -> float | None:
    return None if value is None else float(round(value, digits))
