"""Sentences on invaders that the command line and the app both say."""

from collections.abc import Mapping

from species_db.analysis.baci import Design, Effect
from species_db.field.records.terms import term_of, terms_of
from species_db.invasive.follow_up import Measure
from species_db.invasive.spread import ShareChange, Spread, SpreadRate
from species_db.language import current_language, tr
from species_db.lists import StatusFact
from species_db.places import COUNTIES
from species_db.vocabulary import ECOSYSTEM_ZH, ControlMethod, StatusKind

FIRST_LIST_YEAR = 1980  # a list that says no date holds from long before any real one
TERM_GROUPS = (
    "abundance_class",
    "establishment_means",
    "degree_of_establishment",
    "reproductive_condition",
    "pathway",
)


def list_words(fact: StatusFact) -> str:
    """The list that names a taxon, its category, and since when; doubt is told apart."""
    named = {
        StatusKind.KEY_INVASIVE: tr("priority-managed, national", "国家重点管理"),
        StatusKind.INVASIVE_BATCH: tr(
            f"national list, batch {fact.category}", f"外来入侵物种名单第 {fact.category} 批"
        ),
        StatusKind.LOCAL_INVASIVE: tr("Linzhi's own list", "林芝市名录"),
        StatusKind.INTRODUCED: tr("introduced (GRIIS)", "外来（GRIIS）"),
        StatusKind.CHECKLIST: tr("alien in the checklist", "本地名录列为外来"),
    }.get(fact.kind, fact.kind.value)
    if fact.effective_from.year < FIRST_LIST_YEAR:
        return named
    return tr(f"{named}, from {fact.effective_from}", f"{named}，自 {fact.effective_from} 起")


def county_words(code: str) -> str:
    """A county's name in the reader's language; a code nobody knows stays."""
    county = COUNTIES.get(code)
    if county is None:
        return code or tr("county not known", "县不明")
    return tr(county.name_en, county.name_zh)


def method_words(method: str) -> str:
    """How an invader was fought."""
    return {
        ControlMethod.MANUAL.value: tr("by hand", "人工清除"),
        ControlMethod.MECHANICAL.value: tr("machines", "机械清除"),
        ControlMethod.CHEMICAL.value: tr("chemical", "化学防治"),
        ControlMethod.BIOLOGICAL.value: tr("biological", "生物防治"),
        ControlMethod.TRAPPING.value: tr("trapping", "诱捕"),
        ControlMethod.OTHER.value: tr("other", "其他"),
    }.get(method, method)


def trend_words(spread: Spread) -> str:
    """Which way the occupied share of searched cells goes, and from when to when."""
    change = spread.share_change
    if change is None:
        return tr("not known: fewer than two years with a search", "不明：有调查投入的年份不足两年")
    arrow = {"up": tr("▲ more", "▲ 扩大"), "down": tr("▼ less", "▼ 缩小")}.get(
        spread.trend, tr("– no clear change", "– 无明确变化")
    )
    told = share_change_words(change)
    return tr(f"{arrow} ({told})", f"{arrow}（{told}）")


def share_change_words(change: ShareChange) -> str:
    """The change of the share in points of per cent, with its interval and years."""
    numbers = f"{_points(change.change)} [{_points(change.low)}, {_points(change.high)}]"
    return tr(
        f"{numbers} points, {change.first_year} to {change.last_year}",
        f"{numbers} 个百分点，{change.first_year} 至 {change.last_year} 年",
    )


def rate_words(rate: SpreadRate) -> str:
    """A rate with its interval, or why there is none."""
    if rate.km_a_year is None:
        return tr(
            f"not known: {rate.years} of 3 years with a search",
            f"不明：有调查投入的年份 {rate.years} 年，至少需 3 年",
        )
    if rate.low is None or rate.high is None:
        return tr(
            f"{rate.km_a_year:.2f} km a year, {rate.years} years; no interval, as the years do "
            "not stray from the line",
            f"每年 {rate.km_a_year:.2f} 千米，{rate.years} 年；各年与直线完全一致，无法给出区间",
        )
    return tr(
        f"{rate.km_a_year:.2f} km a year [{rate.low:.2f}, {rate.high:.2f}], {rate.years} years",
        f"每年 {rate.km_a_year:.2f} 千米 [{rate.low:.2f}, {rate.high:.2f}]，{rate.years} 年",
    )


def spread_caveat() -> str:
    """What a rate of spread does not say."""
    return tr(
        "Naive: a straight line through records. What was not looked for is not seen: a front that "
        "nobody searched beyond looks slower, a first search of old ground looks like spread. "
        "Front and area are of all years so far, so that neither can shrink. The interval takes "
        "years for independent, and is narrower than the truth.",
        "仅为简单估计：对记录作直线拟合。未调查之处不会有记录：若前沿之外无人调查，速度会偏低；"
        "首次调查旧有分布区，会被误认为扩散。前沿和面积均为历年累计，不会缩小。"
        "区间假定各年相互独立，实际不确定性更大。",
    )


def design_words(effect: Effect) -> str:
    """What a comparison rests on."""
    treated, control = effect.treated_plots, effect.control_plots
    return {
        Design.BACI: tr(
            f"before/after/control: {treated} treated plots, {control} untreated",
            f"前后对照（BACI）：处理样地 {treated} 个，对照样地 {control} 个",
        ),
        Design.ONE_TREATED: tr(
            f"{treated} treated plot(s) against {control} untreated: how far one plot strays by "
            "itself is judged from the untreated ones",
            f"处理样地 {treated} 个，对照样地 {control} 个：单个样地自身的波动由对照样地估计",
        ),
        Design.BEFORE_AFTER: tr(
            f"before and after only: {treated} treated plots, {control} untreated (3 are needed); "
            "whatever else changed is in it as well",
            f"仅前后比较：处理样地 {treated} 个，对照样地 {control} 个（至少需 3 个）；"
            "其他变化的影响也包含在内",
        ),
        Design.TOO_FEW: tr(
            f"too few plots for an interval: {treated} treated, {control} untreated (3 are needed)",
            f"样地过少，无法给出区间：处理 {treated} 个，对照 {control} 个（至少需 3 个）",
        ),
    }[effect.design]


def effect_words(effect: Effect) -> str:
    """How much is left where the action was, with the interval."""
    if effect.ratio is None:
        return tr(
            "not known: no treated plot was measured before and after",
            "不明：没有前后均测量的处理样地",
        )
    left = f"{effect.ratio:.0%}"
    expected = (
        tr("of what untreated plots became", "（相对于对照样地的变化）")
        if effect.design in (Design.BACI, Design.ONE_TREATED)
        else tr("of what was there before", "（相对于处理前）")
    )
    if effect.low is None or effect.high is None:
        return tr(f"{left} left {expected}, no interval", f"剩余 {left}{expected}，无区间")
    interval = f"[{effect.low:.0%}, {effect.high:.0%}]"
    return tr(f"{left} {interval} left {expected}", f"剩余 {left} {interval}{expected}")


def measure_words(measure: Measure | None, value: float | None) -> str:
    """A measured value with its unit."""
    if measure is None or value is None:
        return tr("not measured", "未测量")
    if measure is Measure.COVER:
        return tr(f"{value:.0f} % cover", f"盖度 {value:.0f}%")
    return area_words(value)


def area_words(area_m2: float | None) -> str:
    """An area as people say it.

    >>> area_words(1250.0)
    '1,250 m²'
    """
    if area_m2 is None:
        return tr("not measured", "未测量")
    if area_m2 >= 1e6:
        return f"{area_m2 / 1e6:,.2f} km²"
    return f"{area_m2:,.0f} m²"


def _points(share: float) -> str:
    return f"{share * 100:+.0f}"


def term_words(term: str) -> str:
    """A term of a field record in the reader's language; a person's own words stay as they are.

    >>> term_words("patches"), term_words("roadside, from hay")
    ('in patches', 'roadside, from hay')
    """
    known = (one for group in TERM_GROUPS for one in terms_of(group) if one.value == term)
    found = next(known, None)
    return found.word(current_language()) if found else term


def habitat_words(habitat: str) -> str:
    """An ecosystem in the reader's language; empty when none was noted.

    >>> habitat_words("forest"), habitat_words("")
    ('forest', '')
    """
    known = {one.value: chinese for one, chinese in ECOSYSTEM_ZH.items()}
    return tr(habitat, known.get(habitat, habitat))


def visits_words(visits: Mapping[str, int], camera_days: int) -> str:
    """The effort of a year by method; what different methods do is never added up.

    >>> visits_words({"quadrat": 12, "transect": 3}, 400)
    'quadrat 12 · transect 3 · camera-days 400'
    """
    told = [
        f"{term_of('protocol', method).word(current_language())} {count}"
        for method, count in visits.items()
    ]
    if camera_days:
        told.append(tr(f"camera-days {camera_days}", f"相机日 {camera_days}"))
    return " · ".join(told)
