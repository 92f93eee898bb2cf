"""Charts of richness: how diversity grows with stations, and how with coverage."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from review_app.analysis_look import FOUND, OTHER, THIRD, Material, Part, Row, calm, data

HEIGHT = 270
COLOURS = (FOUND, OTHER, THIRD)
ORDERS = (0, 1, 2)
WIDEST_NAME = 1.42  # of the longest curve: its name stands behind its end


def richness_parts(told: Material) -> list[Part]:
    """Curves of order 0, 1 and 2, seen ones whole and expected ones broken, named at their ends."""
    words = told.words
    rows = [_row(told, one) for one in told.rows("richness_curve")]
    rows = [row for row in rows if row["value"] is not None]
    if not rows:
        return []
    left = _curves(rows, "units", words["axis_units"], format_as=",.0f")
    covered = [row for row in rows if row["coverage"] is not None]
    parts = [Part(words["chart_richness"], calm(left), words["chart_richness_hint"], 2)]
    if covered:
        right = _curves(covered, "coverage", words["axis_coverage"], format_as=".0%")
        parts.append(Part(words["chart_coverage"], calm(right), words["chart_coverage_hint"], 2))
    return parts


def _row(told: Material, one: dict[str, Any]) -> Row:
    words = told.words
    low, high = one["low95"], one["high95"]
    interval = "" if low is None or high is None else f" ({low:.1f}–{high:.1f})"
    value = one["diversity"]
    return {
        "units": one["units"],
        "coverage": one["coverage"],
        "order": str(one["order"]),
        "part": one["part"],
        "value": value,
        "low": low,
        "high": high,
        "name": words[f"order_{one['order']}"],
        "told": words["not_known"] if value is None else f"{value:.1f}{interval}",
    }


def _curves(rows: Sequence[Row], name: str, title: str, *, format_as: str) -> Any:
    """Seen and expected parts meet at the point that stands for what was really watched."""
    most = max(float(row[name]) for row in rows)
    least = min(float(row[name]) for row in rows) if name == "coverage" else 0.0
    domain = [least, least + (most - least) * WIDEST_NAME]
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    values = [most * n / 4 for n in range(5)]
    if name == "coverage":
        values = [step / 10 for step in range(0, 11, 2) if step / 10 >= least]
    axis = alt.Axis(format=format_as, values=values, grid=False, titleAlign="left",
                    titleAnchor="start")  # fmt: skip
    colour = alt.Color(
        "order:N", scale=alt.Scale(domain=["0", "1", "2"], range=list(COLOURS)), legend=None
    )
    base = alt.Chart(data(rows)).encode(
        x=alt.X(f"{name}:Q", title=title, scale=scale, axis=axis), color=colour
    )
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip(f"{name}:Q", title=title, format=format_as),
        alt.Tooltip("told:N", title=" "),
    ]
    bands = base.mark_area(opacity=0.14).encode(y="low:Q", y2="high:Q")
    seen = base.mark_line(strokeWidth=2.4).encode(y=y)
    expected = base.mark_line(strokeWidth=2.2, strokeDash=[5, 4]).encode(y=y)
    points = base.mark_point(filled=True, size=90, opacity=1).encode(y=y, tooltip=tips)
    catch = base.mark_point(size=140, opacity=0).encode(y=y, tooltip=tips)
    last = _ends(rows, name)
    names = (
        alt.Chart(data(last))
        .mark_text(align="left", dx=8)
        .encode(x=alt.X(f"{name}:Q", scale=scale, axis=axis), y=y, text="name:N", color=colour)
    )
    return alt.layer(
        bands.transform_filter("isValid(datum.low)"),
        seen.transform_filter("datum.part != 'extrapolated'"),
        expected.transform_filter("datum.part != 'rarefied'"),
        points.transform_filter("datum.part == 'observed'"),
        catch,
        names,
    ).properties(height=HEIGHT, width="container")


def _ends(rows: Sequence[Row], name: str) -> list[Row]:
    """The last point of each curve, where its name stands, moved apart where they would overlap."""
    ends = [
        max((row for row in rows if row["order"] == str(order)), key=lambda row: float(row[name]))
        for order in ORDERS
        if any(row["order"] == str(order) for row in rows)
    ]
    most = max(float(row["high"] or row["value"]) for row in rows)
    gap, told, above = 0.075 * most, [], None
    for row in sorted(ends, key=lambda row: -float(row["value"])):
        at = float(row["value"])
        if above is not None and above - at < gap:
            at = above - gap
        above = at
        told.append(row | {"value": at})
    return told
