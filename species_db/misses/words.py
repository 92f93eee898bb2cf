"""The estimate, the stopping rule and the calibration in words, English and Chinese."""

from collections.abc import Iterator

from species_db.language import Language
from species_db.misses.advice import Advice
from species_db.misses.calibration import FEWEST_TO_FIT, Calibration
from species_db.misses.estimate import Estimate
from species_db.misses.report import METHOD, BandMisses, MissReport

BAND_WORDS = {"blank": ("called blank", "判为空拍"), "low": ("low scores", "低分")}


def interval(told: Estimate) -> str:
    """An estimate with its interval, in whole events.

    >>> interval(Estimate(3.2, 0.0, 9.0, 8.0))
    '3 (0–9)'
    """
    return f"{told.expected:,.0f} ({told.low:,.0f}–{told.high:,.0f})"


def report_lines(report: MissReport, language: Language) -> Iterator[str]:
    """What was missed, by sample and in all, and whether enough was opened."""
    zh = language == "zh"
    if not report.bands:
        yield (
            "尚无模型判为空拍或低分的事件，无从估计。"
            if zh
            else "No model has called an event blank or scored one low: nothing to estimate."
        )
        return
    for band in report.bands:
        yield band_line(band, language)
    if report.missed is None or report.missed_class_one is None:
        if report.waiting:
            yield (
                f"样本已抽取，{report.waiting} 个事件待审核：它们排在审核队列前面。"
                if zh
                else f"A sample is drawn and none of it reviewed: {report.waiting} events wait "
                "early in the review queue."
            )
            return
        yield (
            "尚无已审核的样本。请先抽样（namcha misses draw），再审核抽到的事件。"
            if zh
            else "No sample has been reviewed yet. Draw one (namcha misses draw), then review it."
        )
        return
    yield total_line(report.missed, report.missed_class_one, language)
    if report.waiting:
        yield waiting_line(report, language)
    if report.unmeasured:
        yield (
            f"另有 {report.unmeasured:,} 个未查看事件没有已审核的样本，未计入。"
            if zh
            else f"{report.unmeasured:,} more unopened events have no reviewed sample: not counted."
        )
    if report.on_animals and report.on_class_one:
        yield advice_line(report.on_animals, language, is_class_one=False)
        yield advice_line(report.on_class_one, language, is_class_one=True)
    yield METHOD[zh]


def band_line(band: BandMisses, language: Language) -> str:
    """One model and band: what its sample showed."""
    zh = language == "zh"
    share = ""
    if band.rate is not None:
        middle, low, high = (f"{100 * one:.1f}" for one in band.rate)
        share = (
            f"，含动物 {band.animals}（{middle} %，{low}–{high} %），其中一级 {band.class_one}"
            if zh
            else f", {band.animals} with animals ({middle} %, {low}–{high} %), "
            f"{band.class_one} of class I"
        )
    if band.unclear:
        share += f"，无法判断 {band.unclear}" if zh else f", {band.unclear} could not be told"
    what = BAND_WORDS[band.band][zh]
    return (
        f"{band.model}，{what}：{band.events:,} 个事件；样本已审 {band.reviewed} / {band.drawn}"
        f"{share}。"
        if zh
        else f"{band.model}, {what}: {band.events:,} events; of the sample {band.reviewed} of "
        f"{band.drawn} reviewed{share}."
    )


def total_line(missed: Estimate, class_one: Estimate, language: Language) -> str:
    """The estimate in one sentence.

    >>> few, some = Estimate(3.2, 0.0, 9.0, 8.0), Estimate(40.0, 12.0, 90.0, 80.0)
    >>> total_line(some, few, "en").split(", of them")[0]
    'We expect to have missed 40 (12–90) animal events'
    """
    if language == "zh":
        return (
            f"预计漏检 {interval(missed)} 个动物事件，"
            f"其中国家一级 {interval(class_one)} 个（95 % 区间）。"
        )
    return (
        f"We expect to have missed {interval(missed)} animal events, of them "
        f"{interval(class_one)} of class I (95 % interval)."
    )


def waiting_line(report: MissReport, language: Language) -> str:
    """That the sample is not whole yet."""
    if language == "zh":
        return f"样本中还有 {report.waiting} 个事件待审核；以上为暂估。"
    return f"{report.waiting} events of the sample still wait for review: provisional."


def advice_line(advice: Advice, language: Language, *, is_class_one: bool) -> str:
    """Enough, or how many more to open."""
    zh = language == "zh"
    what = ("Class I events", "国家一级事件") if is_class_one else ("Animal events", "动物事件")
    bound, limit = f"{advice.bound:,.0f}", f"{advice.may_miss:,.0f}"
    held = (
        f"{what[1]}：漏检至多 {bound} 个（95 %），可接受 {limit} 个"
        if zh
        else f"{what[0]}: at most {bound} missed (95 %), {limit} may be"
    )
    if advice.is_enough:
        return held + ("：已足够。" if zh else ": enough.")
    return held + (
        f"：约需再查看 {advice.total:,} 个事件（{len(advice.more)} 层）。"
        if zh
        else f": open about {advice.total:,} more in {len(advice.more)} strata."
    )


def calibration_lines(found: Calibration, language: Language) -> Iterator[str]:
    """How far scores are from what people found, and what corrects them."""
    zh = language == "zh"
    if not found.reviewed or found.expected_error is None:
        yield "尚无已审核事件。" if zh else "No event with such a score has been reviewed yet."
        return
    yield (
        f"已审核 {found.reviewed:,} / {found.events:,} 个事件；"
        f"校准误差 {found.expected_error:.3f}，Brier {found.brier:.3f}。"
        if zh
        else f"{found.reviewed:,} of {found.events:,} events reviewed; calibration error "
        f"{found.expected_error:.3f}, Brier {found.brier:.3f}."
    )
    if found.platt is None:
        yield (
            f"已审核不足 {FEWEST_TO_FIT} 个，不作校准。"
            if zh
            else f"Fewer than {FEWEST_TO_FIT} reviewed: not calibrated."
        )
        return
    slope, offset = found.platt.slope, found.platt.offset
    unseen = ""
    if found.calibrated_error is not None and found.calibrated_brier is not None:
        unseen = (
            f"；校准后（留出相机）误差 {found.calibrated_error:.3f}，"
            f"Brier {found.calibrated_brier:.3f}"
            if zh
            else f"; calibrated, at cameras left out: error {found.calibrated_error:.3f}, Brier "
            f"{found.calibrated_brier:.3f}"
        )
    curve = f"logit p = {slope:.2f} · logit s {offset:+.2f}"
    yield f"Platt 校准：{curve}{unseen}。" if zh else f"Platt scaling: {curve}{unseen}."
    yield (
        "审核先看可疑者：各分段按全部事件加权；同一分段内应视为随机审核。"
        if zh
        else "The doubtful are reviewed first: stretches of scores are weighted by all events; "
        "within one, reviews are taken to be as good as random."
    )
