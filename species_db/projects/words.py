"""Sentences on what became of wildlife at works, for the command line, the page and the report."""

from species_db.analysis.baci import Design
from species_db.analysis.index_change import IndexEffect, SideChange
from species_db.analysis.passages import PassageUse
from species_db.analysis.use_rate import UseRate
from species_db.language import tr


def effect_words(effect: IndexEffect) -> str:
    """How much of the index is left at the works, with its interval and what may be said of it."""
    interval = interval_words(effect.low, effect.high)
    verdict = verdict_words(effect)
    if effect.ratio is None:
        return tr(f"ratio not known{interval}: {verdict}", f"比值未知{interval}：{verdict}")
    told = f"×{effect.ratio:.2f}{interval}"
    beside = (
        tr("of what controls became", "（相对于对照的变化）")
        if effect.design in (Design.BACI, Design.ONE_TREATED)
        else tr("of what it was before", "（相对于施工前）")
    )
    return tr(f"{told} {beside}: {verdict}", f"{told}{beside}：{verdict}")


def verdict_words(effect: IndexEffect) -> str:
    """Whether there is a clear effect; where not, what could have been seen at all."""
    if effect.low is None:
        return tr("too few stations for an interval", "点位过少，无法给出区间")
    if effect.is_clear:
        return tr("clearly more", "明显增加") if effect.low > 1 else tr("clearly less", "明显减少")
    if effect.smallest_fall is None:
        return tr(
            "no clear effect; not even a loss of nearly all would have been seen",
            "无明确影响；即使几乎全部消失也难以检出",
        )
    fall = f"{1 - effect.smallest_fall:.0%}"
    return tr(
        f"no clear effect (not the same as none); a fall by {fall} would likely have been seen",
        f"无明确影响（不等于没有影响）；下降 {fall} 时多半可检出",
    )


def design_words(effect: IndexEffect) -> str:
    """What a comparison rests on."""
    impact, control = effect.impact.stations, effect.control.stations
    return {
        Design.BACI: tr(
            f"before/after/control: {impact} stations at the works, {control} controls",
            f"前后对照（BACI）：影响点位 {impact} 个，对照点位 {control} 个",
        ),
        Design.ONE_TREATED: tr(
            f"{impact} station(s) at the works against {control} controls: how far one strays by "
            "itself is judged from the controls",
            f"影响点位 {impact} 个，对照点位 {control} 个：单个点位自身的波动由对照点位估计",
        ),
        Design.BEFORE_AFTER: tr(
            f"before and after only: {impact} stations at the works, {control} controls with "
            "records (3 are needed); whatever else changed is in it as well",
            f"仅前后比较：影响点位 {impact} 个，有记录的对照点位 {control} 个（至少需 3 个）；"
            "其他变化的影响也包含在内",
        ),
        Design.TOO_FEW: tr(
            f"too few stations with records and effort in both periods: {impact} at the works, "
            f"{control} controls (3 are needed)",
            f"两期均有投入且有记录的点位过少：影响点位 {impact} 个，对照点位 {control} 个"
            "（至少需 3 个）",
        ),
    }[effect.design]


def side_words(side: SideChange) -> str:
    """The index before and after with its events and effort; never a number without effort."""
    before = _index_words(side.events_before, side.days_before, side.index_before)
    after = _index_words(side.events_after, side.days_after, side.index_after)
    return f"{before} → {after}"


def use_words(use: PassageUse) -> str:
    """How often a taxon used a passage, and how that compares with stations nearby."""
    told = rate_words(use.rate)
    if use.ratio is None:
        return told
    interval = interval_words(use.ratio_low, use.ratio_high)
    return tr(
        f"{told}; ×{use.ratio:.1f}{interval} of stations nearby",
        f"{told}；为附近点位的 {use.ratio:.1f} 倍{interval}",
    )


def rate_words(rate: UseRate) -> str:
    """A rate per 100 camera-days with its interval; without effort it is not known."""
    if rate.index is None:
        return tr("not known: no camera worked", "未知：没有相机工作")
    interval = interval_words(rate.low, rate.high)
    return tr(
        f"{rate.index:.2f}{interval} per 100 camera-days ({rate.events} in {rate.camera_days:.0f})",
        f"每 100 相机日 {rate.index:.2f}{interval}（{rate.camera_days:.0f} 相机日 "
        f"{rate.events} 次）",
    )


def interval_words(low: float | None, high: float | None) -> str:
    """An interval behind its number; empty where there is none.

    >>> interval_words(0.1, 0.5), interval_words(1.2, None), interval_words(None, None)
    (' [0.10, 0.50]', ' [1.20, no limit]', '')
    """
    if low is None:
        return ""
    upper = tr("no limit", "无上限") if high is None else f"{high:.2f}"
    return f" [{low:.2f}, {upper}]"


def _index_words(events: int, days: float, index: float | None) -> str:
    if index is None:
        return tr("not known", "未知")
    return tr(
        f"{index:.2f} ({events} in {days:.0f} days)", f"{index:.2f}（{days:.0f} 日 {events} 次）"
    )
