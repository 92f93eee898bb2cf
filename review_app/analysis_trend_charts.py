"""Charts of trends: the index of each year with its interval, and how it changes."""

from typing import Any

import altair as alt

from review_app.analysis_forest import Column, by_factor, forest
from review_app.analysis_look import (
    FOUND,
    GROUND,
    QUIET,
    TEXT,
    Material,
    Part,
    Row,
    Words,
    calm,
    data,
    drawn,
)
from review_app.analysis_table import figure

FEW = 10  # events in a year: an index on fewer stands on single visits
MANY = 12  # small charts on one page; the table has all
SMALL_HEIGHT, LARGE_HEIGHT, BESIDE = 92, 230, 4
MARKS = {"up": "▲", "down": "▼", "no_clear_change": "◇", "too_few": "–"}
PERCENT = 100
HEADROOM = 1.08  # above the highest interval


def trend_parts(told: Material) -> list[Part]:
    """Of one taxon its years large, and each change; of many the slopes first, then their years."""
    words = told.words
    slopes = told.rows("trends_slope")
    names = [str(one["scientificName"]) for one in slopes]
    if len(names) == 1:
        large = _years(told, names[0], height=LARGE_HEIGHT)
        parts = [Part(words["chart_years"], calm(large), words["chart_years_hint"])]
        return parts + _changes(told)
    parts = _slopes(told)
    years, hint = drawn(names, words["chart_years_hint"], words, most=MANY)
    if names:
        hint = f"{hint} {_effort_of_years(told)}"
        parts.append(Part(words["chart_years"], None, hint))
    for name in years:
        small = _years(told, name, height=SMALL_HEIGHT)
        parts.append(Part(told.name(name), calm(small), "", BESIDE))
    return parts


def _effort_of_years(told: Material) -> str:
    days = {str(one["period"]): one["cameraDays"] for one in told.rows("trends")}
    words = told.words
    each = (
        f"{year} {words['not_known'] if worked is None else f'{worked:,.0f}'}"
        for year, worked in sorted(days.items())
    )
    return words["effort_of_years"].format(days=" · ".join(each))


def _years(told: Material, taxon: str, *, height: int) -> Any:
    """The index of each year; hollow where visits were few, words where nobody watched."""
    words, is_large = told.words, height == LARGE_HEIGHT
    rows = [
        _year_row(one, words, is_large=is_large)
        for one in told.rows("trends")
        if one["scientificName"] == taxon
    ]
    axis = alt.Axis(
        labelAngle=0, labelExpr="split(datum.label, '|')", labelLineHeight=15, labelOverlap=True
    )
    domain = [row["label"] for row in rows]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("label:O", scale=alt.Scale(domain=domain), title=None, axis=axis),
        tooltip=[
            alt.Tooltip("period:N", title=words["year"]),
            alt.Tooltip("index:N", title=words["index_head"]),
            alt.Tooltip("events:Q", title=words["visits"]),
            alt.Tooltip("days:N", title=words["camera_days"]),
        ],
    )
    most = max((row["high"] or row["value"] or 0 for row in rows), default=0) or 1
    scale = alt.Scale(domain=[0, most * HEADROOM], nice=False)
    y = alt.Y("value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=3))
    line = base.mark_line(color=FOUND, strokeWidth=1, strokeDash=[3, 3], opacity=0.7)
    intervals = base.mark_rule(color=FOUND, strokeWidth=2).encode(
        y=alt.Y("low:Q", title=None, scale=scale), y2="high:Q"
    )
    whole = base.mark_point(filled=True, size=75, color=FOUND, opacity=1)
    weak = base.mark_point(
        filled=True, fill=GROUND, size=70, stroke=FOUND, strokeWidth=2, opacity=1
    )
    gaps = base.mark_text(color=QUIET, text=words["not_known"])
    texts = base.mark_text(align="left", dx=11, color=TEXT, fontSize=13)
    known = "isValid(datum.value)"
    layers = [
        line.encode(y=y).transform_filter(known),
        intervals.transform_filter("isValid(datum.low)"),
        whole.encode(y=y).transform_filter(f"{known} && !datum.is_weak"),
        weak.encode(y=y).transform_filter(f"{known} && datum.is_weak"),
        gaps.encode(y=alt.value(height / 2)).transform_filter(f"!{known}"),
    ]
    if is_large:
        layers.append(texts.encode(y=y, text="index:N").transform_filter(known))
    return alt.layer(*layers).properties(height=height, width="container")


def _year_row(one: dict[str, Any], words: Words, *, is_large: bool) -> Row:
    value, low, high = one["rai"], one["raiLow95"], one["raiHigh95"]
    days = words["not_known"] if one["cameraDays"] is None else f"{one['cameraDays']:,.0f}"
    interval = "" if low is None or high is None else f" ({low:.2f}–{high:.2f})"
    below = words["year_told"].format(days=days, events=one["independentEvents"])
    return {
        "period": one["period"],
        "label": f"{one['period']}|{below}" if is_large else one["period"],
        "value": value,
        "low": low,
        "high": high,
        "is_weak": one["independentEvents"] < FEW,
        "events": one["independentEvents"],
        "days": days,
        "index": words["not_known"] if value is None else f"{value:.2f}{interval}",
    }


def _slopes(told: Material) -> list[Part]:
    """The change a year of every taxon, those that clearly rise or fall told by a mark as well."""
    words = told.words
    rows = [_slope_row(told, one) for one in told.rows("trends_slope")]
    known = [row for row in rows if row["low"]]
    if not known:
        return []
    least, most = min(row["low"] for row in known), max(row["high"] for row in known)
    shown, hint = drawn(rows, words["chart_slopes_hint"], words)
    chart = forest(
        shown,
        by_factor(words["axis_factor"], least, most),
        columns=(
            Column("percent", 250, is_strong=True),
            Column("verdict", 110),
            Column("at", 0),
        ),
        tips=[
            alt.Tooltip("name:N", title=words["taxon_head"]),
            alt.Tooltip("percent:N", title=words["per_year"]),
            alt.Tooltip("seen:N", title=words["would_show"]),
        ],
    )
    return [Part(words["chart_slopes"], calm(chart), hint)]


def _slope_row(told: Material, one: dict[str, Any]) -> Row:
    words = told.words
    value, low, high = one["percentPerYear"], one["low95"], one["high95"]
    has_interval = low is not None and high is not None
    percent = words["not_known"]
    if has_interval and value is not None:
        percent = (
            words["percent_told"]
            .format(value=f"{value:+.0f}", low=f"{low:+.0f}", high=f"{high:+.0f}")
            .replace("-", "−")
        )
    return {
        "name": told.name(one["scientificName"]),
        "value": _factor(value) if has_interval else None,
        "low": _factor(low),
        "high": _factor(high),
        "is_weak": one["verdict"] == "no_clear_change",
        "percent": percent,
        "verdict": _verdict(one["verdict"], words),
        "at": words["visits_told"].format(events=f"{one['independentEvents']:,}"),
        "seen": _seen(_factor(one["smallestFallSeen"]), _factor(one["smallestRiseSeen"]), words),
    }


def _verdict(verdict: str, words: Words) -> str:
    return f"{MARKS[verdict]} {words[f'verdict_{verdict}']}"


def _factor(percent: float | None) -> float | None:
    return None if percent is None else 1 + percent / PERCENT


def _seen(fall: float | None, rise: float | None, words: Words) -> str:
    if fall is None or rise is None:
        return str(words["not_known"])
    return str(words["seen_told"].format(fall=figure(fall), rise=figure(rise)))


def _changes(told: Material) -> list[Part]:
    """From each year to the next, by what factor the index of the same stations changed."""
    words = told.words
    rows: list[Row] = []
    for one in told.rows("trends_change"):
        ratio, low, high = one["ratio"], one["low95"], one["high95"]
        shown = words["not_known"] if ratio is None else f"×{ratio:.2f}"
        if low is not None and high is not None:
            shown += f" ({low:.2f}–{high:.2f})"
        rows.append(
            {
                "name": f"{one['earlier']} → {one['later']}",
                "value": ratio or None,
                "low": low,
                "high": high,
                "is_weak": one["verdict"] == "no_clear_change",
                "ratio": shown,
                "verdict": _verdict(str(one["verdict"]), words),
                "at": words["same_units"].format(units=one["units"]),
                "seen": _seen(one["smallestFallSeen"], one["smallestRiseSeen"], words),
            }
        )
    known = [row for row in rows if row["value"]]
    if not known:
        return []
    least = min(row["low"] or row["value"] for row in known)
    most = max(row["high"] or row["value"] for row in known)
    chart = forest(
        rows,
        by_factor(words["axis_ratio"], least, most),
        columns=(Column("ratio", 250, is_strong=True), Column("verdict", 110), Column("at", 0)),
        tips=[
            alt.Tooltip("name:N", title=words["year"]),
            alt.Tooltip("ratio:N", title=words["axis_ratio"]),
            alt.Tooltip("seen:N", title=words["would_show"]),
        ],
    )
    return [Part(words["chart_changes"], calm(chart), words["chart_changes_hint"])]
