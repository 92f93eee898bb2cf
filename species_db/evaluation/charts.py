"""Charts of a pack as SVG text: no scripts, the ink of the page, and shapes beside colours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log2

from species_db.analysis.verdicts import Verdict
from species_db.evaluation.protected import TaxonResult
from species_db.evaluation.results import Measured, Result
from species_db.evaluation.words import NOT_KNOWN, change_interval, change_text, tone
from species_db.geo.map_marks import plain

WIDTH = 700.0  # units; text of 13 units is 3.2 mm on a page of 178 mm
NAMES, NUMBERS = 220.0, 150.0  # room at the left, and at the right
ROW, TOP, FOOT = 34.0, 14.0, 34.0
FURTHEST = 8.0  # a ratio beyond it is drawn at the rim with an arrow
GOOD, BAD, NEITHER = "#1b7f5c", "#b3261e", "#6b7280"
TONES = {"good": GOOD, "bad": BAD, "plain": NEITHER}
TICKS = ((0.125, "÷8"), (0.25, "÷4"), (0.5, "÷2"), (1.0, "1"), (2.0, "×2"), (4.0, "×4"),
         (8.0, "×8"))  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of the chart of changes: a name in both languages and a result."""

    zh: str
    en: str
    result: Result


def changes_chart(lines: Sequence[Line]) -> str:
    """Changes with their intervals on one axis of ratios; a filled mark is a clear change."""
    height = TOP + ROW * len(lines) + FOOT
    parts = [*_axis(height - FOOT), *_lines(lines)]
    told = "各指标变化（报告期与基线期之比，95 % 区间）"
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{told}" width="100%">{"".join(parts)}</svg>'
    )


def _axis(bottom: float) -> Iterator[str]:
    for ratio, word in TICKS:
        x = _x(ratio)
        is_one = ratio == 1.0
        style = 'stroke-width="1.2" stroke-opacity=".75"' if is_one else 'stroke-opacity=".18"'
        yield f'<path d="M{x:.1f} {TOP - 6:g}V{bottom:g}" stroke="currentColor" {style}/>'
        yield (
            f'<text x="{x:.1f}" y="{bottom + 16:g}" font-size="11.5" text-anchor="middle" '
            f'fill="currentColor">{word}</text>'
        )
    yield (
        f'<text x="{_x(1):.1f}" y="{bottom + 30:g}" font-size="10.5" text-anchor="middle" '
        'fill="currentColor" fill-opacity=".7">报告期 ÷ 基线期 reported ÷ baseline</text>'
    )


def _lines(lines: Sequence[Line]) -> Iterator[str]:
    for number, line in enumerate(lines):
        y, result = TOP + ROW * (number + 0.5), line.result
        colour = TONES[tone(result)]
        yield (
            f'<text x="0" y="{y - 2:.1f}" font-size="13" fill="currentColor">{plain(line.zh)}'
            f'</text><text x="0" y="{y + 11:.1f}" font-size="10" fill="currentColor" '
            f'fill-opacity=".65">{plain(line.en)}</text>'
        )
        yield (
            f'<text x="{WIDTH:g}" y="{y - 1:.1f}" font-size="12.5" text-anchor="end" '
            f'fill="currentColor">{plain(change_text(result))}</text>'
            f'<text x="{WIDTH:g}" y="{y + 11:.1f}" font-size="10" text-anchor="end" '
            f'fill="currentColor" fill-opacity=".65">{plain(change_interval(result))}</text>'
        )
        if result.change is not None and result.change > 0:
            yield from _mark(result, y, colour)


def _mark(result: Result, y: float, colour: str) -> Iterator[str]:
    if result.low is not None and result.high is not None:
        left, right = _x(result.low), _x(result.high)
        yield f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="{colour}" stroke-width="2.4"/>'
        for x, end, step in ((left, result.low, 5), (right, result.high, -5)):
            if 1 / FURTHEST <= end <= FURTHEST:
                yield f'<path d="M{x:.1f} {y - 4:.1f}v8" stroke="{colour}" stroke-width="1.6"/>'
            else:
                yield f'<path d="M{x:.1f} {y:.1f}l{step} -4v8z" fill="{colour}"/>'
    is_clear = result.verdict in (Verdict.UP, Verdict.DOWN)
    x = _x(result.change or 1.0)
    fill = colour if is_clear else "var(--paper, #fff)"
    yield (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" '
        'stroke-width="2"/>'
    )


def _x(ratio: float) -> float:
    reach = log2(FURTHEST)
    share = (max(-reach, min(reach, log2(ratio))) + reach) / (2 * reach)
    return NAMES + 12 + share * (WIDTH - NAMES - NUMBERS - 24)


def indices_chart(taxa: Sequence[TaxonResult]) -> str:
    """The index of each taxon in both periods with its interval; hollow is the baseline."""
    most = max(
        (end for one in taxa for side in (one.whole.before, one.whole.after)
         for end in (side.high, side.value) if end is not None),
        default=1.0,
    ) or 1.0  # fmt: skip
    height = TOP + ROW * len(taxa) + FOOT
    room = WIDTH - NAMES - 110
    parts = list(_index_axis(most, room, height - FOOT))
    for number, one in enumerate(taxa):
        y = TOP + ROW * (number + 0.5)
        parts.append(
            f'<text x="0" y="{y - 2:.1f}" font-size="13" fill="currentColor">'
            f"{plain(one.zh or one.scientific_name)}</text>"
            f'<text x="0" y="{y + 11:.1f}" font-size="10" font-style="italic" '
            f'fill="currentColor" fill-opacity=".65">{plain(one.scientific_name)}</text>'
        )
        parts += _dot(one.whole.before, y - 6, most, room, is_now=False)
        parts += _dot(one.whole.after, y + 6, most, room, is_now=True)
    told = "重点保护物种相对多度指数（每百相机日独立事件数）"
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
        f'aria-label="{told}" width="100%">{"".join(parts)}</svg>'
    )


def _index_axis(most: float, room: float, bottom: float) -> Iterator[str]:
    step = _round_step(most / 4)
    count = int(most / step) + 1
    digits = 0 if step >= 1 else 1 if step >= 0.1 else 2
    for number in range(count + 1):
        value = step * number
        x = NAMES + 12 + min(value / most, 1.04) * room
        if value > most * 1.04:
            break
        yield (
            f'<path d="M{x:.1f} {TOP - 6:g}V{bottom:g}" stroke="currentColor" '
            'stroke-opacity=".18"/>'
        )
        yield (
            f'<text x="{x:.1f}" y="{bottom + 16:g}" font-size="11.5" text-anchor="middle" '
            f'fill="currentColor">{value:.{digits}f}</text>'
        )
    yield (
        f'<circle cx="{NAMES + 18:g}" cy="{bottom + 26:g}" r="4" fill="var(--paper, #fff)" '
        'stroke="#2f6690" stroke-width="2"/>'
        f'<text x="{NAMES + 28:g}" y="{bottom + 30:g}" font-size="10.5" fill="currentColor">'
        "基线期 baseline</text>"
        f'<circle cx="{NAMES + 138:g}" cy="{bottom + 26:g}" r="4" fill="#2f6690"/>'
        f'<text x="{NAMES + 148:g}" y="{bottom + 30:g}" font-size="10.5" fill="currentColor">'
        "报告期 reported</text>"
    )


def _dot(side: Measured, y: float, most: float, room: float, *, is_now: bool) -> Iterator[str]:
    """One period's index; where nobody watched there is a dash and no mark."""
    if side.value is None:
        yield (
            f'<text x="{NAMES + 12:g}" y="{y + 4:.1f}" font-size="11" fill="currentColor" '
            f'fill-opacity=".6">{NOT_KNOWN}</text>'
        )
        return

    def at(value: float) -> float:
        return NAMES + 12 + value / most * room

    if side.low is not None and side.high is not None:
        yield (
            f'<path d="M{at(side.low):.1f} {y:.1f}H{at(side.high):.1f}" stroke="#2f6690" '
            'stroke-width="2"/>'
        )
    fill = "#2f6690" if is_now else "var(--paper, #fff)"
    yield (
        f'<circle cx="{at(side.value):.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="#2f6690" '
        'stroke-width="2"/>'
    )


def _round_step(step: float) -> float:
    """The next of 1, 2, 5, 10, ... above a step.

    >>> _round_step(0.33), _round_step(3.0)
    (0.5, 5.0)
    """
    ten = 10.0 ** (len(str(int(step))) - 1) if step >= 1 else 0.001
    while True:
        for factor in (1.0, 2.0, 5.0):
            if factor * ten >= step:
                return round(factor * ten, 6)
        ten *= 10
