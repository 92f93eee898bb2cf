"""Charts of the species page: the index with its interval, and the effort below it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from species_db.wildlife.parts import Slice

FOUND, EFFORT, QUIET, RULE = "#e0a83e", "#5b6168", "#9a9fa6", "#5b6168"
HEIGHT, EFFORT_HEIGHT = 120, 46
TICKS = 3  # the axis ends at one, so that charts side by side stand level
WIDTH = 285  # a third of a laptop's page; stacked charts cannot follow their column

Words = Mapping[str, str]


def index_chart(slices: Sequence[Slice], words: Words, *, label: Callable[[str], str]) -> Any:
    """The index of each slice as a point with its interval; camera-days as bars below.

    A slice without effort has no point: not known is not zero.
    """
    import altair as alt

    order = [label(one.key) for one in slices]
    rows = [_row(one, label(one.key), words) for one in slices]
    data = alt.InlineData(rows)
    x = alt.X("key:N", sort=order, title=None, axis=alt.Axis(labels=False, ticks=False))
    tips = [alt.Tooltip(f"{name}:N", title=words[name]) for name in ("index", "events")]
    tips.append(alt.Tooltip("days:Q", title=words["camera_days"], format=",.0f"))
    is_all_zero = not any(row["high"] or row["value"] for row in rows)
    scale = alt.Scale(domain=[0, 1]) if is_all_zero else alt.Scale(nice=TICKS)
    base = alt.Chart(data).encode(x=x)
    intervals = base.mark_rule(color=FOUND, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=None, scale=scale, axis=alt.Axis(tickCount=TICKS)),
        y2="high:Q",
    )
    points = base.mark_point(filled=True, size=60, color=FOUND, opacity=1).encode(
        y=alt.Y("value:Q", title=None), tooltip=tips
    )
    effort = (
        alt.Chart(data)
        .mark_bar(color=EFFORT, stroke="#16181b", strokeWidth=3)
        .encode(
            x=alt.X("key:N", sort=order, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("days:Q", title=None, axis=alt.Axis(tickCount=2, format=",.0f")),
            tooltip=tips,
        )
        .properties(height=EFFORT_HEIGHT, width=WIDTH)
    )
    upper = (intervals + points).properties(height=HEIGHT, width=WIDTH)
    return (
        alt.vconcat(upper, effort, spacing=6)
        .resolve_scale(x="shared")
        .configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=QUIET,
            titleColor=QUIET,
            gridColor="#2a2e33",
            domainColor=RULE,
            tickColor=RULE,
        )
    )


def _row(one: Slice, key: str, words: Words) -> dict[str, Any]:
    camera = one.camera
    return {
        "key": key,
        "value": camera.index,
        "low": camera.low,
        "high": camera.high,
        "days": camera.camera_days,
        "events": str(camera.events),
        "index": index_words(one, words),
    }


def index_words(one: Slice, words: Words) -> str:
    """An index with its interval in words; never a number without effort."""
    camera = one.camera
    if camera.index is None:
        return words["no_effort"]
    if camera.low is None or camera.high is None:
        return f"{camera.index:.2f}"
    return f"{camera.index:.2f} ({camera.low:.2f}–{camera.high:.2f})"
