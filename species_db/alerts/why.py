"""Sentences of the early warning: why an alert fired, in numbers, and words of its life."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from species_db.language import tr
from species_db.places import COUNTIES
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState, RuleKind, Severity

Facts = Mapping[str, Any]

MARKS: Mapping[str, tuple[str, str]] = {
    "I": ("class I", "国家一级"),
    "II": ("class II", "国家二级"),
    "invasive": ("invasive", "入侵物种"),
}
DISTURBANCE: Mapping[str, tuple[str, str]] = {
    "human": ("people", "人员"),
    "vehicle": ("vehicle", "车辆"),
    "dog": ("dog", "犬"),
    "snare": ("snare or trap", "猎套陷阱"),
    "gun": ("gun or shot", "枪猎"),
    "poison": ("poison", "投毒"),
    "animal": ("unidentified animal", "未鉴定动物"),
}
STATES: Mapping[AlertState, tuple[str, str]] = {
    AlertState.PROVISIONAL: ("provisional", "待核实"),
    AlertState.FIRM: ("firm", "已确认"),
    AlertState.ACKNOWLEDGED: ("acknowledged", "已受理"),
    AlertState.ASSIGNED: ("assigned", "已指派"),
    AlertState.CHECKED: ("checked in the field", "已现场核查"),
    AlertState.ACTED: ("acted on", "已处置"),
    AlertState.EFFECT: ("effect looked at", "已评估效果"),
    AlertState.CLOSED: ("closed", "已结案"),
}
ACT_WORDS: Mapping[AlertAct, tuple[str, str]] = {
    AlertAct.RAISED: ("raised", "触发"),
    AlertAct.CONFIRMED: ("record confirmed", "记录已确认"),
    AlertAct.WITHDRAWN: ("withdrawn", "撤回"),
    AlertAct.ACKNOWLEDGE: ("acknowledged", "受理"),
    AlertAct.ASSIGN: ("assigned", "指派"),
    AlertAct.CHECK: ("checked in the field", "现场核查"),
    AlertAct.ACTION: ("action taken", "处置"),
    AlertAct.EFFECT: ("effect looked at", "效果评估"),
    AlertAct.CLOSE: ("closed", "结案"),
    AlertAct.REOPEN: ("reopened", "重新打开"),
    AlertAct.ESCALATED: ("overdue, escalated", "逾期升级"),
    AlertAct.NOTED: ("noted", "备注"),
}
OUTCOME_WORDS: Mapping[AlertOutcome, tuple[str, str]] = {
    AlertOutcome.RESOLVED: ("resolved", "已解决"),
    AlertOutcome.NO_ACTION_NEEDED: ("no action needed", "无需处置"),
    AlertOutcome.FALSE_ALARM: ("false alarm", "误报"),
}
SEVERITY_WORDS: Mapping[Severity, tuple[str, str]] = {
    Severity.HIGH: ("high", "高"),
    Severity.MEDIUM: ("medium", "中"),
    Severity.LOW: ("low", "低"),
}
NOTES: Mapping[str, tuple[str, str]] = {
    "confirmed": ("{0} confirmed the record", "{0} 确认了记录"),
    "unconfirmed": (
        "the review that confirmed the record was undone",
        "确认该记录的审核已被撤销",
    ),
    "corrected": ("{0} reviewed the record as: {1}", "{0} 审核为:{1}"),
    "model_changed": ("a newer model says: {1}", "更新的模型识别为:{1}"),
    "answered": (
        "{0} named it {1}; the rule fires under that name",
        "{0} 鉴定为 {1};规则以该名称另行预警",
    ),
    "gone": (
        "its photos were grouped into other events by an import",
        "导入后其照片已归入其他事件",
    ),
    "inside": (
        "with the records that came since, the index lies inside its interval",
        "补充记录后,指数已回到区间之内",
    ),
    "not_first": (
        "an earlier record has come in: this one is no longer the first",
        "已有更早的记录入库:此记录不再是首次",
    ),
    "no_longer": (
        "with the records as they are now, the rule fires on another one",
        "按目前的记录,规则应由另一条记录触发",
    ),
    "joined": (
        "an earlier alert at the same place takes it in",
        "并入同一地点较早的预警",
    ),
    "count": ("{1} records of it by now", "至今共 {1} 条记录"),
    "again": ("the record says so again", "记录已恢复,预警重新生效"),
    "escalated": ("deadline passed: level {0}", "已过期限:升至 {0} 级"),
}


def said(words: tuple[str, str]) -> str:
    """One of a pair of words in the reader's language."""
    return tr(*words)


def note_in_words(note: str) -> str:
    """A note as people read it: their own words as written, ours in their language."""
    if not note.startswith("@"):
        return note
    code, *parts = note[1:].split("|")
    words = NOTES.get(code)
    filled = [*parts, "", ""]
    filled[0] = filled[0] or tr("a model", "模型")
    return tr(*words).format(*filled) if words else note


def county_name(code: str) -> str:
    """A county's name, or its code when it is none of ours."""
    county = COUNTIES.get(code)
    return tr(county.name_en, county.name_zh) if county else code


def why(kind: RuleKind, facts: str, *, county: str, plot_id: str | None, records: int = 1) -> str:
    """Why a rule fired, in one sentence with its numbers."""
    told: Facts = json.loads(facts)
    sentence = _SENTENCES[kind](told, county_name(county), plot_id or tr("no plot", "样地外"))
    if records > 1:
        sentence += tr(f" {records} records of it by now.", f"至今共 {records} 条记录。")
    if told.get("is_question"):
        sentence += tr(
            " A question only: the group has such members.", "仅为疑问:该类群中有此类物种。"
        )
    return sentence


def _first_in_county(f: Facts, county: str, plot: str) -> str:
    return tr(
        f"First record in {county} ({_mark(f)}), on {f['day']}, plot {plot}.",
        f"{county}首次记录({_mark(f)}),{f['day']},样地 {plot}。",
    )


def _first_in_plot(f: Facts, county: str, plot: str) -> str:
    return tr(
        f"First record in plot {plot}, {county} ({_mark(f)}), on {f['day']}.",
        f"样地 {plot}({county})首次记录({_mark(f)}),{f['day']}。",
    )


def _first_in_band(f: Facts, county: str, plot: str) -> str:
    band = f"{f['band_low_m']}–{f['band_high_m']} m"
    before = f"{f['earlier_low_m']}–{f['earlier_high_m']} m"
    return tr(
        f"First record at {band} on {f['day']} in {county}; the {f['earlier']} before lay at "
        f"{before} ({_mark(f)}).",
        f"{f['day']} 在{county}首次见于 {band};此前 {f['earlier']} 条记录均在 {before}"
        f"({_mark(f)})。",
    )


def _after_silence(f: Facts, county: str, plot: str) -> str:
    where = county if f["place"] == "county" else plot
    return tr(
        f"Back in {where} on {f['day']} after {f['silent_days']} days of silence (last "
        f"{f['last_day']}; threshold {f['months']} months) over {f['camera_days']:g} camera-days.",
        f"{where} {f['day']} 再次记录:沉寂 {f['silent_days']} 天(上次 {f['last_day']};"
        f"阈值 {f['months']} 个月),其间有效相机日 {f['camera_days']:g}。",
    )


def _invasive_near(f: Facts, county: str, plot: str) -> str:
    if not f["distance_m"]:
        return tr(
            f"Invasive taxon inside {f['near_en']}, {county}, on {f['day']}.",
            f"入侵物种出现在{f['near_zh']}内({county}),{f['day']}。",
        )
    away = f"{f['distance_m'] / 1000:.1f} km"
    return tr(
        f"Invasive taxon {away} from {f['near_en']}, {county}, on {f['day']} (threshold "
        f"{f['within_km']:g} km).",
        f"入侵物种距{f['near_zh']} {away}({county}),{f['day']}(阈值 {f['within_km']:g} km)。",
    )


def _index_outside(f: Facts, county: str, plot: str) -> str:
    where = county if f["place"] == "county" else plot
    span, expected = f"{f['first_day']} – {f['day']}", f"{f['low']:g}–{f['high']:g}"
    direction = tr("below", "低于") if f["is_lower"] else tr("above", "高于")
    return tr(
        f"Index in {where}, {span}: {f['index']:g} per 100 camera-days ({f['events']} events, "
        f"{f['camera_days']:g} camera-days), {direction} the {expected} that {f['periods_before']} "
        f"earlier periods lead to expect ({f['index_before']:g}; {f['events_before']} events, "
        f"{f['camera_days_before']:g} camera-days).",
        f"{where} {span} 指数为 {f['index']:g}/100 相机日({f['events']} 次事件,"
        f"{f['camera_days']:g} 相机日),{direction}此前 {f['periods_before']} 个时段推得的区间 "
        f"{expected}(此前 {f['index_before']:g};{f['events_before']} 次事件,"
        f"{f['camera_days_before']:g} 相机日)。",
    )


def _disturbance(f: Facts, county: str, plot: str) -> str:
    what = said(DISTURBANCE.get(f["what"], (f["what"], f["what"])))
    zone = tr(f["zone_en"] or plot, f["zone_zh"] or plot)
    return tr(
        f"{what.capitalize()} in {zone}, {county}, on {f['day']} (one alert per "
        f"{f['quiet_days']} days and place).",
        f"{f['day']} {zone}({county})内发现{what}(同一地点每 {f['quiet_days']} 天一条)。",
    )


def _dead_or_ill(f: Facts, county: str, plot: str) -> str:
    return tr(
        f'Dead or ill animal noted in {county}, plot {plot}, on {f["day"]} ("{f["sign"]}").',
        f"{f['day']} {county}样地 {plot} 记录到死亡或患病动物(“{f['sign']}”)。",
    )


def _mark(f: Facts) -> str:
    return said(MARKS.get(f.get("mark", ""), ("", "")))


_SENTENCES: Mapping[RuleKind, Callable[[Facts, str, str], str]] = {
    RuleKind.FIRST_IN_COUNTY: _first_in_county,
    RuleKind.FIRST_IN_PLOT: _first_in_plot,
    RuleKind.FIRST_IN_BAND: _first_in_band,
    RuleKind.AFTER_SILENCE: _after_silence,
    RuleKind.INVASIVE_NEAR: _invasive_near,
    RuleKind.INDEX_OUTSIDE: _index_outside,
    RuleKind.DISTURBANCE: _disturbance,
    RuleKind.DEAD_OR_ILL: _dead_or_ill,
}
