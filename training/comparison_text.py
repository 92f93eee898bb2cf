"""What a comparison found, as text for people."""

from collections.abc import Iterable, Iterator

from species_db.language import tr
from training.compare import Comparison
from training.quality import Figures, Quality


def comparison_text(comparison: Comparison, *, heading: str = "") -> str:
    """Both models by class, light and station, their confusions, the gain, and the verdict."""
    sides = (comparison.champion, comparison.challenger)
    lines = [
        tr(
            f"Frozen test, version {comparison.test_version}: {sides[0].photos} photos or crops "
            f"of {comparison.difference.stations} stations.",
            f"固定测试集第 {comparison.test_version} 版：{comparison.difference.stations} 个位点的 "
            f"{sides[0].photos} 张照片或裁剪图。",
        ),
        "",
        tr(
            "| model | of | class | known | found | right | recall | precision | AP |",
            "| 模型 | 范围 | 类别 | 已知 | 检出 | 正确 | 召回 | 精度 | AP |",
        ),
        "|---|---|---|---|---|---|---|---|---|",
        *(row for quality in sides for row in _rows(quality)),
        "",
        *_caution(comparison),
        *(line for quality in sides for line in _confusions(quality)),
        "",
        *_verdict(comparison),
    ]
    return heading + "\n".join(lines) + "\n"


def _caution(comparison: Comparison) -> Iterator[str]:
    if comparison.task == "detector":
        yield tr(
            "Rows are events, as people reviewed them, except where boxes are named. Most boxes "
            "were drawn by the model in use and then confirmed, which flatters it; the verdict "
            "rests on events.",
            "除标明方框者外，各行均按事件统计（与人工审核一致）。多数方框由现用模型画出、再经人工确认，"
            "因此对现用模型有利；结论以事件为准。",
        )
        yield ""


def _rows(quality: Quality) -> Iterator[str]:
    """Events of a detector, crops of a classifier; then boxes, and boxes by taxon."""
    of_boxes, of_taxa = tr("boxes", "方框"), tr("boxes by taxon", "按物种的方框")
    for of, figures in (
        (tr("all", "全部"), quality.classes),
        *quality.by_light.items(),
        *quality.by_station.items(),
        (of_boxes, quality.boxes),
        (of_taxa, quality.taxa),
    ):
        yield from _lines(quality.model, of, figures)
    if quality.blanks:
        told = tr("blanks flagged", "误报空拍")
        share = f"{quality.blanks} | {quality.blanks_flagged}"
        yield f"| {quality.model} | {tr('all', '全部')} | {told} | {share} | | | | |"


def _lines(model: str, of: str, figures: Iterable[Figures]) -> Iterator[str]:
    for one in figures:
        ap = "" if one.ap is None else f"{one.ap:.2f}"
        yield (
            f"| {model} | {of} | {one.name} | {one.known} | {one.found} | {one.hits} | "
            f"{one.recall:.2f} | {one.precision:.2f} | {ap} |"
        )


def _confusions(quality: Quality) -> Iterator[str]:
    for truth, calls in quality.confusion.items():
        told = ", ".join(f"{called} {count}" for called, count in calls.items())
        yield tr(
            f"{quality.model}: {truth} was called {told}",
            f"{quality.model}：{truth} 被识别为 {told}",
        )


def _verdict(comparison: Comparison) -> Iterator[str]:
    gain = comparison.difference
    between = "" if gain.low is None else f" ({gain.low:+.3f} … {gain.high:+.3f})"
    yield tr(
        f"{gain.measure}: champion {gain.champion:.3f}, challenger {gain.challenger:.3f}, gain "
        f"{gain.gain:+.3f}{between}",
        f"{gain.measure}：现用模型 {gain.champion:.3f}，新模型 {gain.challenger:.3f}，"
        f"增益 {gain.gain:+.3f}{between}",
    )
    if comparison.is_promoted:
        yield tr("Verdict: better by the rule.", "结论：按规则更优。")
    else:
        yield tr("Verdict: refused, because", "结论：不予采用，因为")
        yield from (f"- {reason}" for reason in comparison.reasons)
