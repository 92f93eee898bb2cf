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
    """The common name in the reader's language, else the other one, else the scientific one."""
    common = (name.zh, name.en) if current_language() == "zh" else (name.en, name.zh)
    return next(filter(None, (*common, name.la)), "")


def days_words(days: int | None) -> str:
    """Camera-days, which are told to the nearest ten.

    >>> days_words(1230), days_words(None)
    ('about 1,230', 'not known')
    """
    return unknown() if days is None else tr(f"about {days:,}", f"约 {days:,}")


def effort_words(days: int | None, visits: int) -> str:
    """Effort of cameras and of people, which are never added up."""
    walked = tr(f"{visits} field visits", f"野外 {visits} 次") if visits else ""
    cameras = tr(f"{days_words(days)} camera-days", f"{days_words(days)} 相机日")
    if days is None:
        cameras = tr("camera-days not known", "相机日不明")
    return tr(", ", "、").join(filter(None, (cameras, walked)))


def seen_words(seen: Seen) -> str:
    """Records of a month: of cameras by stations, of people by places."""
    if not seen.is_any:
        return NOTHING
    cameras = tr(
        f"{_count(seen.events, 'event')} at {_count(seen.stations, 'station')}",
        f"{seen.events} 次 / {seen.stations} 点位",
    )
    walked = tr(
        f"{_count(seen.records, 'record')} at {_count(seen.places, 'place')}",
        f"野外 {seen.records} 条 / {seen.places} 处",
    )
    told = [cameras] * bool(seen.events) + [walked] * bool(seen.records)
    return tr("; ", ";").join(told)


def level_words(level: str) -> str:
    """A level of national protection in one sign of the table."""
    return {"I": tr("I", "一级"), "II": tr("II", "二级")}.get(level, level)


def list_words(lists: Sequence[tuple[str, str]]) -> str:
    """The first list that names an invader: the prefecture's own, else the stricter national."""
    for kind, category in lists:
        if kind == StatusKind.LOCAL_INVASIVE:
            return tr("Linzhi's list", "林芝名录")
        if kind == StatusKind.KEY_INVASIVE:
            return tr("national priority", "国家重点管理")
        if kind == StatusKind.INVASIVE_BATCH:
            return tr(f"national batch {category}", f"国家第 {category} 批")
    return ""


def front_found_words(row: FrontRow) -> str:
    """What of an invader was found this month, or how far nobody looked."""
    if row.records:
        return tr(
            f"{_count(row.records, 'record')} at {_count(row.places, 'place')}",
            f"{row.records} 条 / {row.places} 处",
        )
    return tr("none found", "未发现") if row.visits or row.camera_days else unknown()


def front_effort_words(row: FrontRow) -> str:
    """How much of this month's work looked for it."""
    visits = tr(_count(row.visits, "visit"), f"{row.visits} 次调查") if row.visits else ""
    days = (
        tr(f"{row.camera_days:,} camera-days", f"{row.camera_days:,} 相机日")
        if (row.camera_days)
        else ""
    )
    return tr(", ", "、").join(filter(None, (visits, days))) or tr("no search", "无专门调查")


def front_area_words(row: FrontRow) -> str:
    """The area that was measured last, over how many places."""
    if row.area_m2 is None:
        return tr("not measured", "未测量")
    return tr(
        f"{area_words(row.area_m2)} ({_count(row.areas, 'place')})",
        f"{area_words(row.area_m2)}({row.areas} 处)",
    )


def front_control_words(row: FrontRow) -> str:
    """What was done this month, and what waits for a visit."""
    done = tr(_count(row.actions, "action"), f"{row.actions} 次") if row.actions else ""
    due = tr(f"{row.due} to revisit", f"待回访 {row.due}") if row.due else ""
    return tr("; ", ";").join(filter(None, (done, due))) or NOTHING


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
        f"逾期 {row.overdue} 条,最久 {row.days_overdue} 天",
    )


def index_words(index: float | None) -> str:
    """An index per 100 camera-days, or that it is not known."""
    return unknown() if index is None else f"{index:.1f}"


def pressure_words(row: PressureRow) -> str:
    """Confirmed events and where, and what waits for a person."""
    if row.index is None and not row.events and not row.machine_events:
        return unknown()
    told = tr(
        f"{_count(row.events, 'event')} at {_count(row.stations, 'station')}",
        f"{row.events} 次 / {row.stations} 点位",
    )
    if row.machine_events:
        told += tr(f" (+{row.machine_events} to review)", f"(+{row.machine_events} 待审核)")
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
    """What to do, in one sentence with its number."""
    count = one.count
    late = max((row.days_overdue for row in bulletin.warnings.rows), default=0)
    cards = bulletin.cameras
    return {
        AdviceRule.OVERDUE: tr(
            f"Deal with {_count(count, 'overdue warning')} first; the oldest is {late} d late.",
            f"先处理 {count} 条逾期预警,最久已逾期 {late} 天。",
        ),
        AdviceRule.POACHING: tr(
            f"Snares, guns or poison stand in {_count(count, 'field record')}: clear them, "
            "patrol there.",
            f"野外记录中有 {count} 条提到猎套、枪猎或投毒:清除并加强巡护。",
        ),
        AdviceRule.NEW_FRONT: tr(
            f"Invaders are new at {_count(count, 'place')}: go, check, remove while it is small.",
            f"{count} 处新发现入侵物种:到现场核实,趁面积小及时清除。",
        ),
        AdviceRule.FOLLOW_UP: tr(
            f"Go back to {_count(count, 'control action')} that nobody has looked at since.",
            f"回访 {count} 次尚无人复查的防控行动。",
        ),
        AdviceRule.SERVICE: tr(
            f"Service {_count(count, 'camera')} that stopped in the field.",
            f"检修 {count} 台在野外停止工作的相机。",
        ),
        AdviceRule.CARDS: tr(
            f"Import {_count(cards.cards_waiting, 'card')} that were fetched, finish "
            f"{_count(cards.imports_unfinished, 'import')}.",
            f"导入已取回的存储卡 {cards.cards_waiting} 张,"
            f"完成中断的导入 {cards.imports_unfinished} 次。",
        ),
        AdviceRule.REVIEW: tr(
            f"Review {_count(count, 'event')} of this month: until then they are in no count.",
            f"审核本月 {count} 个事件:未审核者不计入任何数字。",
        ),
        AdviceRule.NO_EFFORT: tr(
            "No camera is known to have worked: check cameras and cards, or put some out.",
            "本月无已知的有效相机日:检查相机和存储卡,或补设相机。",
        ),
        AdviceRule.ROUTINE: tr(
            "Nothing is due by the rules: go on with patrols and checks as planned.",
            "按规则本月无待办事项:照常巡护和检查。",
        ),
    }[one.rule]


def _count(number: int, noun: str) -> str:
    """A number and its noun in English.

    >>> _count(1, "event"), _count(1200, "event")
    ('1 event', '1,200 events')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
