"""The tables of a card that say where weights are good and where not, in Chinese and English."""

from collections import defaultdict
from collections.abc import Sequence

from training.breakdown import ScoreStep, Slice
from training.verdict import Verdict

NORMAL_95 = 1.959964


def slices_table(slices: Sequence[Slice]) -> list[str]:
    """Hits and false boxes by size of box and by source of photo."""
    if not slices:
        return []
    lines = [
        "| 照片 photos | 按 by | | 类别 label | 框 boxes | 找到 hits | 召回 recall | "
        "误框 false boxes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.split} | {s.by} | {s.name} | {s.label} | {s.known} | {s.hits} | "
        f"{_share(s.hits, s.known)} | {s.false} |"
        for s in slices
        if s.known or s.found
    ]
    return [*lines, ""]


def blanks_table(slices: Sequence[Slice]) -> list[str]:
    """False alarms per 1,000 blanks by source and in all, with a 95 % interval (Wilson)."""
    counts: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for one in slices:
        if one.by == "source" and one.blanks:
            counts[one.split][one.name] = (one.blanks_flagged, one.blanks)
    lines = [
        "| 照片 photos | 来源 source | 空照片 blanks | 误报 flagged | 每千张 per 1,000 | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for split, by_source in counts.items():
        together = tuple(sum(pair[i] for pair in by_source.values()) for i in (0, 1))
        for name, (flagged, blanks) in [*by_source.items(), ("全部 all", together)]:
            low, high = wilson(flagged, blanks)
            lines.append(
                f"| {split} | {name} | {blanks} | {flagged} | {1000 * flagged / blanks:.0f} | "
                f"{1000 * low:.0f}-{1000 * high:.0f} |"
            )
    return [*lines, ""] if counts else []


def reliability_table(steps: Sequence[ScoreStep], name: str) -> list[str]:
    """What a score is worth: the share of right boxes at each step of it, as plot and table."""
    if not steps:
        return []
    lines = [
        f"![{name}: 得分与正确率 score and share right]({name}-reliability.svg)",
        "",
        "| 得分 score | 平均 mean | 框 boxes | 正确 right | 正确率 share right | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for step in steps:
        low, high = wilson(step.right, step.boxes)
        lines.append(
            f"| {step.low}-{step.high} | {step.mean_score:.2f} | {step.boxes} | {step.right} | "
            f"{step.right / step.boxes:.2f} | {low:.2f}-{high:.2f} |"
        )
    return [*lines, ""]


def reliability_plot(steps: Sequence[ScoreStep]) -> str:
    """An SVG of the same: a dot for each step with its interval, beside what a score promises."""
    side, edge = 320, 40

    def at(x: float, y: float) -> tuple[float, float]:
        return edge + x * side, edge + (1 - y) * side

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side + 2 * edge} '
        f'{side + 2 * edge}" font-family="sans-serif" font-size="12">',
        f'<rect width="{side + 2 * edge}" height="{side + 2 * edge}" fill="white"/>',
        f'<rect x="{edge}" y="{edge}" width="{side}" height="{side}" fill="none" stroke="#999"/>',
        _line(at(0, 0), at(1, 1), "#999", dashed=True),
    ]
    for step in steps:
        share = step.right / step.boxes
        low, high = wilson(step.right, step.boxes)
        x, y = at(step.mean_score, share)
        parts.append(_line(at(step.mean_score, low), at(step.mean_score, high), "#1b6ca8"))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1b6ca8"/>')
        parts.append(f'<text x="{x + 7:.1f}" y="{y + 4:.1f}" fill="#333">{step.boxes}</text>')
    for share in (0.0, 0.5, 1.0):
        x, y = at(share, share)
        parts.append(
            f'<text x="{x:.1f}" y="{edge + side + 16}" text-anchor="middle">{share}</text>'
        )
        parts.append(f'<text x="{edge - 6}" y="{y + 4:.1f}" text-anchor="end">{share}</text>')
    middle = edge + side / 2
    parts.append(
        f'<text x="{middle}" y="{edge + side + 33}" text-anchor="middle">得分 score</text>'
        f'<text x="{edge}" y="{edge - 12}">正确率 share right, 95 %, 框数 boxes</text></svg>'
    )
    return "\n".join(parts) + "\n"


def verdict_table(verdict: Verdict | None) -> list[str]:
    """What the weights were compared by before they became the shipped ones."""
    if verdict is None:
        return []
    said = "通过 promoted" if verdict.is_promoted else "未通过 refused"
    lines = [
        f"与起始权重相比 compared with the start weights: **{said}**",
        "",
        "| 比较 measure | 起始 start | 新 new | |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {bout.name} | {bout.champion:.3f} | {bout.challenger:.3f} | "
        f"{'✓' if bout.is_passed else '✗'} |"
        for bout in verdict.bouts
    ]
    return [*lines, ""]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which holds for few and for none.

    >>> [round(side, 3) for side in wilson(0, 49)]
    [0.0, 0.073]
    """
    z2 = NORMAL_95**2
    share = hits / of
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = NORMAL_95 * ((share * (1 - share) + z2 / (4 * of)) / of) ** 0.5 / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def _line(
    start: tuple[float, float], end: tuple[float, float], colour: str, *, dashed: bool = False
) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{colour}" stroke-width="1.5"{dash}/>'
    )


def _share(hits: int, of: int) -> str:
    return f"{hits / of:.2f}" if of else "-"
