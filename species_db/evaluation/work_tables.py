"""The tables of invaders and control, of warnings, and of what models alone have named."""

from species_db.evaluation.findings import Findings
from species_db.evaluation.invaders import is_reduction
from species_db.evaluation.pack_table import PARTED, PackTable, rounded
from species_db.evaluation.results import area_words


def invaders_table(findings: Findings) -> PackTable:
    """Records, squares and measured area of each invader."""
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
                    None if side.area_m2 is None else rounded(side.area_m2),
                    side.places,
                )
            ),
        )
        for one in findings.invaders
    ]
    return PackTable("invasive_taxa", "外来入侵物种", "Invasive taxa", columns, rows)


def actions_table(findings: Findings) -> PackTable:
    """Each control action of either period, and what it brought."""
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
            rounded(one.effect.effect.ratio),
            rounded(one.effect.effect.low),
            rounded(one.effect.effect.high),
            one.effect.effect.treated_plots,
            one.effect.effect.control_plots,
            is_reduction(one.effect) if one.effect.effect.low is not None else None,
        )
        for one in findings.actions
    ]
    return PackTable("control_actions", "防控行动与成效", "Control actions", columns, rows)


def rules_table(findings: Findings) -> PackTable:
    """What each rule raised, and what became of it."""
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


def machine_only_table(findings: Findings) -> PackTable:
    """Taxa that no person has confirmed in the period reported."""
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
