"""The report as a Word document: what an office edits, signs and passes on."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from species_db.evaluation.document_map import map_picture
from species_db.evaluation.document_style import (
    RED,
    SOFT,
    TONES,
    add_heading,
    add_line,
    add_pictures,
    add_sentence,
    add_table,
    new_document,
    write,
)
from species_db.evaluation.indicators import indicators
from species_db.evaluation.maps import outlines
from species_db.evaluation.packing import same_bytes
from species_db.evaluation.page import (
    DESIGNS,
    METHODS,
    TITLE,
    Report,
    rules_in_words,
    species_views,
)
from species_db.evaluation.report_parts import (
    IN_NO_COUNTY,
    Row,
    Sentence,
    SideWords,
    caveat_sentences,
    clause_rows,
    clear_changes,
    county_areas,
    county_lines,
    left_out_sentences,
)
from species_db.evaluation.results import NOT_TOLD, area_words
from species_db.evaluation.species_pages import status_words
from species_db.evaluation.words import NOT_KNOWN, value_text
from species_db.language import speaking
from species_db.places import COUNTIES

Lines = Sequence[Sequence[str]]


def document_of(report: Report) -> bytes:
    """Write the document; the same bytes from the same freeze."""
    freeze = report.basis.freeze
    document = new_document(freeze.made_at, TITLE["zh"])
    with speaking("zh"):
        _head(document, report)
        _findings(document, report)
        _clauses(document, report)
        _counties(document, report)
        _species(document, report)
        _invaders(document, report)
        _response(document, report)
        if report.changes is not None:
            _changes(document, report)
        _methods(document, report)
        _rebuild(document, report)
    whole = io.BytesIO()
    document.save(whole)
    return same_bytes(whole.getvalue(), freeze.made_at)


def _head(document: Any, report: Report) -> None:
    freeze = report.basis.freeze
    add_line(document, "内部资料  仅供主管部门及合作单位使用，不得外传", size=9, colour=RED)
    add_line(
        document, TITLE["zh"], size=22, is_bold=True, colour=RED, is_centred=True, is_title=True
    )
    add_line(document, TITLE["en"], size=10, colour=SOFT, is_centred=True)
    add_table(
        document,
        (),
        [
            ("报告期", str(freeze.period), "基线期", str(freeze.baseline)),
            ("数据冻结", f"{freeze.gate_on}，{freeze.person}", "冻结名称", freeze.name),
        ],
        widths=(22, 62, 22, 62),
    )
    if not report.is_same_code:
        add_line(document, "注意：生成本报告的程序与冻结时不同，数字可能不一致。", colour=RED)
    if report.basis.gate.exact is not None:
        add_line(
            document, "完整版：含尚未到可公开时间的记录与全部县域归属，须从严保管。", colour=RED
        )


def _findings(document: Any, report: Report) -> None:
    add_heading(document, "一、要点", "Key findings")
    told = clear_changes(report.findings)
    _say(document, told or (Sentence("没有可以确认的变化。", "No change is sure.", "plain"),))


def _clauses(document: Any, report: Report) -> None:
    add_heading(document, "二、按规划条款", "By clause of the plan")
    add_line(document, "条款为转述，非规划原文。每个数字都列出工作量；括号内为 95 % 区间。")
    for clause in clause_rows(report.findings):
        add_heading(document, f"（{clause.number}）{clause.zh}", clause.en, level=2)
        if not clause.rows:
            add_line(document, clause.elsewhere_zh)
            add_line(document, clause.elsewhere_en, size=9, colour=SOFT)
            continue
        heads = ("指标\nindicator", "基线期\nbaseline", "报告期\nreported", "变化与判断\nchange")
        table = add_table(document, heads, [()] * len(clause.rows), widths=(56, 38, 38, 36))
        for cells, row in zip(table.rows[1:], clause.rows, strict=True):
            unit = "" if row.unit_en == "%" else f"（{row.unit_zh}）"
            write(cells.cells[0], f"{row.zh}{unit}", row.en)
            write(cells.cells[1], *_side(row.before))
            write(cells.cells[2], *_side(row.after))
            write(cells.cells[3], *_change(row), colour=TONES[row.tone])


def _counties(document: Any, report: Report) -> None:
    add_heading(document, "三、分县指标", "By county")
    add_line(
        document, "报告期数值，括号内为工作量；“—”表示当期没有监测，即未知，不是零。", keeps=True
    )
    areas = county_areas(report.findings)
    if NOT_TOLD in areas:
        add_line(document, IN_NO_COUNTY.zh, keeps=True)
    heads = ("指标\nindicator", *(area_words(code)[1] for code in areas))
    rows = [
        (
            f"{line.zh}\n{line.en}",
            *(f"{one.value}\n({one.effort})" if one.effort else one.value for one in line.cells),
        )
        for line in county_lines(report.findings)
    ]
    add_table(document, heads, rows, widths=(42, *(126 // len(areas),) * len(areas)), size=7)
    _maps(document, report)


def _maps(document: Any, report: Report) -> None:
    """The county maps side by side, each with its numbers explained."""
    told = [one for one in report.maps if one.scale is not None]
    counties = outlines(report.basis)
    pictures = [
        map_picture(counties, dict(one.values), one.scale) for one in told if one.scale is not None
    ]
    words = []
    for one in told:
        indicator = indicators()[one.name]
        known = [
            f"{number} {COUNTIES[code].name_zh} {value_text(indicator, value)}"
            for number, (code, value) in enumerate(one.values, start=1)
        ]
        words.append(f"{one.zh}（{indicator.unit_zh}）：" + "，".join(known) + "。")
    add_pictures(document, pictures, words)
    add_line(document, "界线仅用于记录归属县域，不得用于公开出版。浅灰为当期没有监测。", size=8,
             colour=SOFT)  # fmt: skip


def _species(document: Any, report: Report) -> None:
    add_heading(document, "四、重点保护物种", "Protected taxa")
    views = species_views(report)
    if not views:
        add_line(document, "报告期内没有可公开的重点保护物种记录。")
        return
    add_line(document, "指数为每百相机日独立事件数，受探测率影响，不是动物数量。", keeps=True)
    heads = ("物种\ntaxon", "级别", "事件\nevents", "指数（95 %）\nindex", "变化\nchange",
             "点位占比\nstations", "县域\ncounties")  # fmt: skip
    rows = [
        (
            f"{one.result.zh or one.result.scientific_name}\n{one.result.scientific_name}",
            one.page.level_zh,
            f"{_count(one.row.result.before.cases)} → {_count(one.row.result.after.cases)}",
            f"{one.row.before.value} → {one.row.after.value}\n{one.row.after.interval}\n"
            f"{one.row.after.effort_zh}",
            f"{one.row.sign} {one.row.change}\n{one.row.interval}\n{one.row.verdict_zh}",
            f"{one.stations.before.value} → {one.stations.after.value}\n"
            f"{one.stations.after.effort_zh}",
            "、".join(one.page.counties_zh) or NOT_KNOWN,
        )
        for one in views
    ]
    add_table(document, heads, rows, widths=(33, 17, 20, 29, 25, 23, 21), size=8)
    for one in views:
        told = "；".join(
            status.zh + ("（存疑）" if status.is_doubted else "") for status in one.page.statuses
        )
        name = one.result.zh or one.result.scientific_name
        add_line(document, f"{name}：{told}。EOO {one.eoo}，AOO {one.aoo}。", size=9)


def _invaders(document: Any, report: Report) -> None:
    add_heading(document, "五、外来入侵物种与防控", "Invasive taxa and control")
    if not report.findings.invaders:
        add_line(document, "两期均无外来入侵物种记录。")
    else:
        heads = ("物种\ntaxon", "名录\nlists", "记录\nrecords", "有记录网格／调查网格\nsquares",
                 "实测面积（平方米）\nmeasured, m²")  # fmt: skip
        rows = [
            (
                f"{one.zh or one.scientific_name}\n{one.scientific_name}",
                "\n".join(status_words(*pair)[1] for pair in one.statuses),
                f"{one.before.records} → {one.after.records}",
                f"{len(one.before.squares)}／{len(one.before.searched)} → "
                f"{len(one.after.squares)}／{len(one.after.searched)}",
                f"{_number(one.before.area_m2)} → {_number(one.after.area_m2)}\n"
                f"{one.before.places} → {one.after.places} 处实测",
            )
            for one in report.findings.invaders
        ]
        add_table(document, heads, rows, widths=(38, 52, 22, 30, 26), size=8)
    if report.findings.actions:
        heads = ("防控行动\naction", "区域\narea", "处理面积\nm²", "剩余比例（95 %）\nshare left",
                 "样地\nplots")  # fmt: skip
        rows = [
            (
                f"{one.zh or one.scientific_name}，{one.started_on:%Y-%m}，"
                f"{METHODS.get(one.method, one.method)}",
                area_words(one.area)[1],
                _number(one.treated_area_m2),
                _left(one.effect.effect) + f"\n{DESIGNS[one.effect.effect.design.value]}",
                f"{one.effect.effect.treated_plots} 处理，{one.effect.effect.control_plots} 对照",
            )
            for one in report.findings.actions
        ]
        add_table(document, heads, rows, widths=(56, 22, 22, 44, 24), size=8)


def _response(document: Any, report: Report) -> None:
    add_heading(document, "六、预警响应与审核", "Warnings and review")
    heads = ("规则\nrule", "发出\nraised", "办结\nclosed", "按期\non time", "误报\nfalse")
    rows = [
        (
            f"{one.title_zh}\n{one.title_en}",
            *(f"{a} → {b}" for a, b in (one.raised, one.closed, one.on_time, one.false)),
        )
        for one in report.findings.rules
        if sum((*one.raised, *one.closed))
    ]
    if rows:
        add_table(document, heads, rows, widths=(80, 22, 22, 22, 22), size=8)
    alone = "、".join(
        f"{one.zh or one.scientific_name}（{one.events}）" for one in report.findings.machine_only
    )
    add_line(
        document,
        f"仅有模型识别、尚无人工确认的物种：{alone}。均未计入上述任何数字。"
        if alone
        else "报告期内没有仅由模型识别的物种。",
    )


def _changes(document: Any, report: Report) -> None:
    log = report.changes
    if log is None:
        return
    add_heading(document, "七、与上次报告包相比", "Since the last pack")
    add_line(
        document,
        f"上次：{log.name}（报告期 {log.period}，冻结于 {log.gate_on}）。"
        "下表为同一时段在上次与本次数据中的数值。",
    )
    if log.lines:
        heads = ("指标\nindicator", "区域\narea", "上次数据\nlast pack", "本次数据\nthis pack")
        rows = [
            (f"{one.zh}\n{one.en}", f"{one.area_zh}\n{'基线期' if one.is_baseline else '报告期'}",
             f"{one.then}\n{one.then_effort}",
             f"{one.now}\n{one.now_effort}")
            for one in log.lines
        ]  # fmt: skip
        add_table(document, heads, rows, widths=(70, 26, 36, 36), size=8)
    _say(document, [Sentence(one.zh, one.en, "plain") for one in log.reasons])


def _methods(document: Any, report: Report) -> None:
    number = "八" if report.changes else "七"
    add_heading(document, f"{number}、方法与注意事项", "Methods and caveats")
    rules = rules_in_words(report)
    add_line(document, rules["zh"])
    add_line(document, rules["en"], size=9, colour=SOFT)
    _say(document, (*caveat_sentences(report.findings), *left_out_sentences(report.basis)))
    gate = report.basis.gate
    add_line(document, gate.data_generalizations + gate.information_withheld, size=9, colour=SOFT)


def _rebuild(document: Any, report: Report) -> None:
    number, freeze = ("九" if report.changes else "八"), report.basis.freeze
    add_heading(document, f"{number}、如何重建本报告", "How to rebuild this")
    software = freeze.told["software"]
    add_line(
        document,
        f"在装有 Namcha {software['version']} 的任何电脑上运行："
        f"namcha report {freeze.name} --freeze {freeze.name} --out pack，"
        "得到逐字节相同的表格。",
    )
    rows = [
        ("freeze.json", freeze.sha256),
        ("survey.db", freeze.told["snapshot"]["sha256"]),
        ("数据内容 content", freeze.told["content"]["sha256"]),
        ("程序 code", software["sha256"]),
        ("签名密钥 key", freeze.key_fingerprint),
    ]
    add_table(document, (), rows, widths=(40, 128), size=8)


def _say(document: Any, sentences: Iterable[Sentence]) -> None:
    marks = {"good": "●", "bad": "■", "plain": "·"}
    for one in sentences:
        add_sentence(document, marks[one.tone], one.zh, one.en, colour=TONES[one.tone])


def _side(told: SideWords) -> tuple[str, str]:
    value = f"{told.value} {told.interval}".strip()
    to = f" 计至 {told.counted_to}" if told.counted_to else ""
    return value, told.effort_zh + to


def _change(row: Row) -> tuple[str, str]:
    change = f"{row.sign} {row.change} {row.change_unit_zh}".strip()
    return change, f"{row.interval} {row.verdict_zh}".strip()


def _left(effect: Any) -> str:
    if effect.ratio is None:
        return NOT_KNOWN
    if effect.low is None:
        return f"{100 * effect.ratio:.0f} %"
    return f"{100 * effect.ratio:.0f} % ({100 * effect.low:.0f}–{100 * effect.high:.0f})"


def _count(cases: int | None) -> str:
    return NOT_KNOWN if cases is None else f"{cases:,}"


def _number(value: float | None) -> str:
    return NOT_KNOWN if value is None else f"{value:,.0f}"
