"""Charts of who is met where others are: after people or livestock, and at which stations."""

from typing import Any

import altair as alt

from review_app.analysis_look import (
    EFFORT,
    FOUND,
    GROUND,
    OTHER,
    QUIET,
    TEXT,
    Material,
    Part,
    Row,
    Words,
    calm,
    data,
    drawn,
    names_axis,
    right_edge,
)

BAND, BOX = 22, 25
MARKS = {"together": "▲", "apart": "▼", "more": "▲", "less": "▼", "not_clear": "·"}
"""What a colour says is also said by a sign; pairs with too few records have none."""
SIDES = ("first", "second")
TOO_FEW, CLEAR = "too_few", ("together", "apart")
PALE = 0.3  # of the colour of a clear pair: what may be chance is not to catch the eye
BOX_FILL = "#1e2227"


def together_parts(told: Material) -> list[Part]:
    """Hours after others against chance, then pairs at stations against chance."""
    words = told.words
    parts: list[Part] = []
    after = [
        _after_row(told, one)
        for one in told.rows("cooccurrence_after")
        if one["share"] is not None and one["low95"] is not None and one["answer"] != TOO_FEW
    ]
    if after:
        after.sort(key=lambda row: (row["is_clear"] == "", row["name"]))
        hours = told.rows("cooccurrence_after")[0]["withinHours"]
        title = words["chart_after"].format(hours=f"{hours:g}")
        shown, hint = drawn(after, words["chart_after_hint"], words)
        parts.append(Part(title, calm(_after(shown, words)), hint))
    pairs = told.rows("cooccurrence")
    if pairs:
        parts.append(
            Part(words["chart_pairs"], calm(_pairs(told, pairs)), words["chart_pairs_hint"])
        )
    return parts


def _after_row(told: Material, one: dict[str, Any]) -> Row:
    words = told.words
    other = words.get(f"other_{one['others']}", str(one["others"]))
    return {
        "name": words["after_told"].format(taxon=told.name(one["scientificName"]), others=other),
        "value": one["share"],
        "expected": one["expectedShare"],
        "low": one["low95"],
        "high": one["high95"],
        "is_clear": MARKS.get(str(one["answer"]), "").replace("·", ""),
        "share": f"{one['share']:.0%}",
        "chance": words["by_chance"].format(
            share=f"{one['expectedShare']:.0%}",
            low=f"{one['low95']:.0%}",
            high=f"{one['high95']:.0%}",
        ),
        "events": words["visits_told"].format(events=one["events"]),
    }


def _after(rows: list[Row], words: Words) -> Any:
    """Grey is what chance alone would give; the point is what was seen."""
    most = max(max(row["high"], row["value"]) for row in rows) or 1.0
    scale = alt.Scale(domain=[0, most * 1.75], nice=False)
    values = [most * n / 4 for n in range(5)]
    axis = alt.Axis(format=".0%", values=values, titleAlign="left", titleAnchor="start")
    order = [row["name"] for row in rows]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", scale=alt.Scale(domain=order), axis=names_axis(260)),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("share:N", title=words["seen"]),
            alt.Tooltip("chance:N", title=words["chance"]),
            alt.Tooltip("events:N", title=" "),
        ],
    )
    named: dict[str, Any] = {"title": words["axis_after"], "scale": scale, "axis": axis}
    chance = base.mark_bar(size=9, color=EFFORT, opacity=0.45).encode(
        x=alt.X("low:Q", **named), x2="high:Q"
    )
    middle = base.mark_tick(color=EFFORT, size=13, thickness=2).encode(
        x=alt.X("expected:Q", **named)
    )
    points = base.mark_point(filled=True, size=75, color=FOUND, opacity=1).encode(
        x=alt.X("value:Q", **named)
    )
    texts = [
        base.mark_text(align="right", color=colour, dx=-shift).encode(
            x=right_edge(), text=f"{name}:N"
        )
        for name, shift, colour in (
            ("is_clear", 290, FOUND),
            ("share", 245, TEXT),
            ("chance", 85, QUIET),
            ("events", 0, QUIET),
        )
    ]
    return alt.layer(chance, middle, points, *texts).properties(
        height=BAND * max(len(rows), 2), width="container"
    )


def _pairs(told: Material, pairs: list[dict[str, Any]]) -> Any:
    """Half a square of all pairs: a sign where more or fewer stations have both than by chance."""
    words = told.words
    sides = [words.get(f"other_{one[k]}", told.name(one[k])) for one in pairs for k in SIDES]
    names = list(dict.fromkeys(sides))
    rows = [
        _pair_row(one, sorted(sides[2 * n : 2 * n + 2], key=names.index), words)
        for n, one in enumerate(pairs)
    ]
    most = max((abs(row["effect"]) for row in rows), default=0) or 1.0
    for row in rows:
        row["shade"] = abs(row["effect"]) / most * (1.0 if row["is_clear"] else PALE)
    base = alt.Chart(data(rows)).encode(
        x=alt.X(
            "first:N",
            scale=alt.Scale(domain=names[:-1]),
            title=None,
            axis=alt.Axis(orient="bottom", labelAngle=-35, ticks=False, domain=False),
        ),
        y=alt.Y("second:N", scale=alt.Scale(domain=names[1:]), axis=names_axis()),
        tooltip=[
            alt.Tooltip("first:N", title=" "),
            alt.Tooltip("second:N", title=" "),
            alt.Tooltip("told:N", title=words["chart_pairs"]),
        ],
    )
    tones = alt.Scale(domain=["more", "fewer"], range=[FOUND, OTHER])
    shade = alt.Opacity("shade:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None)
    frame = base.mark_rect(fill=BOX_FILL, stroke=GROUND, strokeWidth=2)
    boxes = base.mark_rect(stroke=GROUND, strokeWidth=2).encode(
        color=alt.Color("side:N", scale=tones, legend=None), opacity=shade
    )
    signs = base.mark_text(color=TEXT, fontSize=13).encode(text="sign:N")
    height = BOX * max(len(names) - 1, 2)
    return alt.layer(frame, boxes, signs).properties(height=height, width="container")


def _pair_row(one: dict[str, Any], names: list[str], words: Words) -> Row:
    effect, expected = one["effect"] or 0.0, one["expectedBoth"]
    return {
        "first": names[0],
        "second": names[1],
        "effect": effect,
        "side": "more" if effect > 0 else "fewer",
        "is_clear": one["answer"] in CLEAR,
        "sign": MARKS.get(str(one["answer"]), ""),
        "told": words["pair_told"].format(
            both=one["observedBoth"],
            expected=words["not_known"] if expected is None else f"{expected:.1f}",
            units=one["units"],
        ),
    }
