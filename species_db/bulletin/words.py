"""Sentences of the bulletin in the reader's language; what is not known is said, never zero."""

from collections.abc import Sequence

from species_db.bulletin.month import Month
from species_db.bulletin.parts import (
    Advice,
    AdviceRule,
    Bulletin,
    CameraPart,
    FrontRow,
    Named,
    PressureRow,
    Seen,
    WarningRow,
)
from species_db.invasive.words import area_words
from species_db.language import current_language, tr
from species_db.vocabulary import StatusKind
from species_db.wildlife.legal import NONE

NOTHING = "—"  # of a taxon in a month: nothing that may be told, which does not mean nothing
SHOWN_NAMES = 3
MONTHS_EN = ("January", "February", "March", "April", "May", "June", "July", "August",
             "September", "October", "November", "December")  # fmt: skip


def unknown() -> str:
    """What stands where a figure would need effort that is not there."""
    return tr("not known", "不明")


def recent_withheld() -> str:
    """The gate's own sentence, on every bulletin alike, so that silence tells nothing."""
    return tr(
        "Recent records of some species are withheld for a time.",
        "部分物种的近期记录延迟公开。",
    )


def month_words(month: Month) -> str:
    """A month as people say it.

    >>> month_words(Month(2026, 5))
    'May 2026'
    """
    return tr(f"{MONTHS_EN[month.number - 1]} {month.year}", f"{month.year} 年 {month.number} 月")


def name_words(name: Named) -> str:
    """The common name in the reader's language, else the scientific one, else the other one."""
    told = (
        (name.zh, name.la, name.en) if current_language() == "zh" else (name.en, name.la, name.zh)
    )
    return next(filter(None, told), "")


def days_words(days: int | None) -> str:
    """Camera-days, which are told to the nearest ten.

    >>> days_words(1230), days_words(None)
    ('about 1,230', 'not known')
    """
    return unknown() if days is None else tr(f"about {days:,}", f"约 {days:,}")


def effort_words(days: int | None, visits: int) -> str:
    """Effort of cameras and of people, which are never added up."""
    walked = tr(f"{visits:,} field visits", f"野外 {visits:,} 次") if visits else ""
    cameras = tr(f"{days_words(days)} camera-days", f"{days_words(days)} 相机日")
    if days is None:
        cameras = tr("camera-days not known", "相机日不明")
    return tr(", ", "、").join(filter(None, (cameras, walked)))


def seen_words(seen: Seen) -> str:
    """Records of a month as the head of the table says: events by stations, on foot by places."""
    told = [f"{seen.events:,} / {seen.stations}"] * bool(seen.events)
    if seen.records:
        told.append(tr("on foot ", "野外 ") + f"{seen.records:,} / {seen.places}")
    return " · ".join(told) or NOTHING


def level_words(level: str) -> str:
    """A level of national protection in one sign of the table."""
    return {"I": tr("I", "一级"), "II": tr("II", "二级")}.get(level, level)


def level_today_words(level: str) -> str:
    """What the law says today of a taxon that had another level then."""
    told = {"I": tr("now I", "现为一级"), "II": tr("now II", "现为二级")}
    return told.get(level, tr("not listed now", "现未列入") if level == NONE else unknown())


def list_words(lists: Sequence[tuple[str, str]]) -> str:
    """The first list that names an invader: the prefecture's own, else the stricter national."""
    for kind, category in lists:
        if kind == StatusKind.LOCAL_INVASIVE:
            return tr("Linzhi", "林芝名录")
        if kind == StatusKind.KEY_INVASIVE:
            return tr("priority", "重点管理")
        if kind == StatusKind.INVASIVE_BATCH:
            return tr(f"batch {category}", f"第 {category} 批")
    return ""


def front_found_words(row: FrontRow) -> str:
    """Records of an invader this month by places, or how far nobody looked."""
    if row.records:
        return f"{row.records:,} / {row.places}"
    return "0" if row.visits or row.camera_days else unknown()


def front_effort_words(row: FrontRow) -> str:
    """How much of this month's work looked for it."""
    told = [tr(_count(row.visits, "visit"), f"{row.visits} 次")] * bool(row.visits)
    if row.camera_days:
        told.append(tr(f"{row.camera_days:,} cam-d", f"{row.camera_days:,} 相机日"))
    return " · ".join(told) or tr("no search", "无搜寻")


def front_area_words(row: FrontRow) -> str:
    """The area that was measured last, over how many places."""
    return unknown() if row.area_m2 is None else f"{area_words(row.area_m2)} / {row.areas}"


def front_control_words(row: FrontRow) -> str:
    """What was done this month, and what waits for a visit."""
    done = [tr(f"{row.actions} done", f"{row.actions} 次")] * bool(row.actions)
    due = [tr(f"{row.due} due", f"待回访 {row.due}")] * bool(row.due)
    return " · ".join(done + due) or NOTHING


def rest_words(names: Sequence[Named]) -> str:
    """What a table had no room for: how many, and the first few by name."""
    if not names:
        return ""
    told = tr(", ", "、").join(name_words(one) for one in names[:SHOWN_NAMES])
    dots = "…" if len(names) > SHOWN_NAMES else ""
    return tr(f"{len(names)} more: {told}{dots}. ", f"另有 {len(names)} 种：{told}{dots}。")


def warning_about(row: WarningRow) -> str:
    """Of what a rule's warnings are, the first few."""
    told = [name_words(one) for one in row.about[:SHOWN_NAMES]]
    more = len(row.about) - len(told)
    rest = tr(f" and {more} more", f"等 {len(row.about)} 种") if more else ""
    return tr(", ", "、").join(told) + rest


def overdue_words(row: WarningRow) -> str:
    """How late the latest of a rule's warnings is."""
    if not row.overdue:
        return ""
    return tr(
        f"{row.overdue} overdue, by {row.days_overdue} d",
        f"逾期 {row.overdue} 条，最久 {row.days_overdue} 天",
    )


def index_words(index: float | None) -> str:
    """An index per 100 camera-days, or that it is not known."""
    return unknown() if index is None else f"{index:.1f}" if index else "0"


def pressure_words(row: PressureRow) -> str:
    """Confirmed events by stations, and what waits for a person."""
    if row.index is None and not row.events and not row.machine_events:
        return unknown()
    told = f"{row.events:,} / {row.stations}" if row.events else "0"
    if row.machine_events:
        told += tr(f" (+{row.machine_events:,})", f"（+{row.machine_events:,}）")
    return told


def camera_states(part: CameraPart) -> list[tuple[int, str, str]]:
    """The states that cameras had this month: how many, in the reader's language and the other."""
    told = (
        (part.working, "working", "正常"),
        (part.dead, "dead", "停机"),
        (part.blocked, "blocked", "遮挡"),
        (part.full_card, "card full", "卡满"),
        (part.moved, "moved", "移位"),
        (part.day_only, "day only", "仅白天"),
        (part.unknown, "not known", "状态不明"),
    )
    return [(count, tr(en, zh), tr(zh, en)) for count, en, zh in told]


def advice_words(one: Advice, bulletin: Bulletin) -> str:
    """What to do, in one short sentence with its number."""
    count = one.count
    late = max((row.days_overdue for row in bulletin.warnings.rows), default=0)
    return {
        AdviceRule.OVERDUE: tr(
            f"First deal with {_count(count, 'overdue warning')}, up to {late} d late.",
            f"先处理逾期预警 {count} 条（最久已逾期 {late} 天）。",
        ),
        AdviceRule.POACHING: tr(
            f"Snares, guns or poison in {_count(count, 'field record')}: clear, patrol.",
            f"野外记录 {count} 条提到猎套、枪猎或投毒：清除并巡护。",
        ),
        AdviceRule.NEW_FRONT: tr(
            f"Invaders new at {_count(count, 'place')}: check, remove while small.",
            f"入侵物种新地点 {count} 处：现场核实，趁面积小清除。",
        ),
        AdviceRule.FOLLOW_UP: tr(
            f"Revisit {_count(count, 'control action')} that nobody has checked.",
            f"回访尚无人复查的防控行动 {count} 次。",
        ),
        AdviceRule.SERVICE: tr(
            f"Service {_count(count, 'camera')} that stopped in the field.",
            f"检修在野外停止工作的相机 {count} 台。",
        ),
        AdviceRule.CARDS: _card_words(bulletin.cameras),
        AdviceRule.REVIEW: tr(
            f"Review {_count(count, 'event')} of the month; uncounted till then.",
            f"审核本月事件 {count} 个（审核前不计入）。",
        ),
        AdviceRule.NO_EFFORT: tr(
            "No camera is known to have worked: check cameras and cards.",
            "本月无已知的有效相机日：检查相机和存储卡。",
        ),
        AdviceRule.ROUTINE: tr(
            "Nothing is due by the rules: patrol and check as planned.",
            "按规则本月无待办事项：照常巡护和检查。",
        ),
    }[one.rule]


def _card_words(part: CameraPart) -> str:
    fetched = tr(
        f"import {_count(part.cards_waiting, 'fetched card')}",
        f"导入已取回的存储卡 {part.cards_waiting} 张",
    )
    broken = tr(
        f"finish {_count(part.imports_unfinished, 'import')}",
        f"完成中断的导入 {part.imports_unfinished} 次",
    )
    told = [fetched] * bool(part.cards_waiting) + [broken] * bool(part.imports_unfinished)
    joined = tr("; ", "，").join(told)
    return joined[:1].upper() + joined[1:] + tr(".", "。")


def _count(number: int, noun: str) -> str:
    """A number and its noun in English.

    >>> _count(1, "event"), _count(1200, "event")
    ('1 event', '1,200 events')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
