"""Points with their intervals in rows under names, and beside them what they stand on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, log10
from typing import Any

import altair as alt

from review_app.analysis_look import FOUND, GROUND, QUIET, TEXT, Row, data, names_axis, right_edge

BAND = 22
TICKS = 6
FOR_MORE_TEXT = 1.9
FOR_TEXT = 1.62  # of the axis' length: figures stand to the right of the longest interval


@dataclass(frozen=True)
class Column:
    """Text at the right of every row: a field, and how far its end lies from the edge."""

    name: str
    from_edge: int
    is_strong: bool = False


@dataclass(frozen=True)
class Measure:
    """What the points measure: its words, its scale with room for the text, and marks on it.

    `reference` is the value that says nothing changed, drawn as an upright line.
    """

    title: str
    scale: alt.Scale
    values: Sequence[float]
    shape: str = "~g"
    reference: float | None = None
    ends: tuple[float, float] = (0.0, inf)  # an interval that goes farther ends in an arrow


def from_zero(title: str, most: float, *, is_root: bool = False, shape: str = "~g") -> Measure:
    """An axis from zero; by square roots, so that the rare are seen beside the common."""
    reach = FOR_TEXT**2 if is_root else FOR_TEXT
    scale = alt.Scale(type="sqrt" if is_root else "linear", domain=[0, most * reach], nice=False)
    return Measure(title, scale, ticks(most), shape)


def by_factor(title: str, least: float, most: float) -> Measure:
    """An axis of ratios on which twice lies as far to the right of one as half to the left.

    It reaches to a fifth and to five at most: one wide interval would squeeze all others.
    """
    lowest, highest = (
        max(min(least, 1 / NEAREST), 1 / FARTHEST),
        min(max(most, NEAREST), FARTHEST),
    )
    room = (highest / lowest) ** (FOR_MORE_TEXT - 1)
    scale = alt.Scale(type="log", domain=[lowest, highest * room], nice=False)
    values = [value for value in FACTORS if lowest <= value <= highest]
    return Measure(title, scale, values, "~g", 1.0, (lowest, highest))


NEAREST, FARTHEST = 2.0, 5.0
FACTORS = (0.2, 0.5, 1.0, 2.0, 5.0)


def forest(
    rows: Sequence[Row],
    measure: Measure,
    *,
    columns: Sequence[Column],
    tips: Sequence[alt.Tooltip],
    band: int = BAND,
) -> Any:
    """Draw rows of `name`, `value`, `low`, `high`; hollow where `is_weak`, no point for None.

    A row may have an `other` value of a second kind, drawn as an open diamond.
    """
    axis = alt.Axis(
        values=list(measure.values), format=measure.shape, titleAlign="left", titleAnchor="start"
    )
    named: dict[str, Any] = {"title": measure.title, "scale": measure.scale, "axis": axis}
    order = [row["name"] for row in rows]
    rows = [_within(row, measure.ends) for row in rows]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", scale=alt.Scale(domain=order), axis=names_axis()), tooltip=list(tips)
    )
    intervals = base.mark_rule(color=FOUND, strokeWidth=2).encode(
        x=alt.X("low:Q", **named), x2="high:Q"
    )
    x = alt.X("value:Q", **named)
    whole = base.mark_point(filled=True, size=75, color=FOUND, opacity=1).encode(x=x)
    weak = base.mark_point(
        filled=True, fill=GROUND, size=70, stroke=FOUND, strokeWidth=2, opacity=1
    ).encode(x=x)
    other = base.mark_point(shape="diamond", size=70, stroke=TEXT, strokeWidth=1.4, opacity=1)
    layers = [
        intervals.transform_filter("isValid(datum.low) && isValid(datum.high)"),
        whole.transform_filter("!datum.is_weak && isValid(datum.value)"),
        weak.transform_filter("datum.is_weak && isValid(datum.value)"),
        *(_text(base, one) for one in columns),
        *_arrows(base, rows, named),
    ]
    if any(row.get("other") is not None for row in rows):
        is_there = "isValid(datum.other)"
        layers.append(other.encode(x=alt.X("other:Q", **named)).transform_filter(is_there))
    if measure.reference is not None:
        level = alt.Chart(data([{"at": measure.reference}])).mark_rule(color=QUIET)
        layers.insert(0, level.encode(x=alt.X("at:Q", **named)))
    return alt.layer(*layers).properties(height=band * max(len(rows), 2), width="container")


def _text(base: Any, column: Column) -> Any:
    colour = TEXT if column.is_strong else QUIET
    told = base.mark_text(align="right", color=colour, dx=-column.from_edge)
    return told.encode(x=right_edge(), text=f"{column.name}:N")


def _arrows(base: Any, rows: Sequence[Row], named: Mapping[str, Any]) -> Iterator[Any]:
    """A triangle where an interval goes on beyond the axis."""
    for end, shape in (("low", "triangle-left"), ("high", "triangle-right")):
        if any(row[f"{end}_beyond"] for row in rows):
            arrow = base.mark_point(shape=shape, size=55, filled=True, color=FOUND, opacity=1)
            at = alt.X(f"{end}:Q", **named)
            yield arrow.encode(x=at).transform_filter(f"datum.{end}_beyond")


def _within(row: Row, ends: tuple[float, float]) -> Row:
    """A row whose interval is cut where the axis ends, and which says so."""
    low, high = row["low"], row["high"]
    lowest, highest = ends
    return row | {
        "low": None if low is None else max(low, lowest),
        "high": None if high is None else min(high, highest),
        "low_beyond": low is not None and low < lowest,
        "high_beyond": high is not None and high > highest,
    }


def ticks(most: float) -> list[float]:
    """Round numbers from zero up to the greatest.

    >>> ticks(4.78), ticks(0.21)
    ([0, 1, 2, 3, 4], [0.0, 0.05, 0.1, 0.15, 0.2])
    """
    rough = most / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    step = int(step) if step >= 1 and step == int(step) else step
    return [round(number * step, 6) for number in range(int(most / step + 1e-9) + 1)]
