"""The chart of a detection history: each station's occasions, found, not found, or not watched."""

from datetime import date, timedelta
from typing import Any

import altair as alt

from review_app.analysis_look import (
    FOUND,
    GROUND,
    QUIET,
    Material,
    Part,
    Row,
    Words,
    calm,
    data,
    names_axis,
)
from review_app.analysis_table import figure, place_name
from review_app.analysis_time import TimeLine, time_line

STATIONS = 60
ROW_HEIGHT = 15


def history_parts(told: Material) -> list[Part]:
    """Where and when one taxon was found; the shade of an empty occasion is its effort."""
    words, table = told.words, told.answer.table("histories")
    line = time_line([one.day for one in told.days if one.worked > 0])
    rows = [_row(told, one, table.columns[0], line) for one in table.as_records()]
    rows = [row for row in rows if row]
    if not rows:
        return []
    found: dict[str, int] = {}
    for row in rows:
        found[row["unit"]] = found.get(row["unit"], 0) + (row["state"] == "found")
    order = sorted(found, key=lambda unit: (-found[unit], unit))
    shown = set(order[:STATIONS])
    hint = words["chart_history_hint"]
    if line.is_folded:
        hint += " " + words["folded"]
    if len(order) > STATIONS:
        hint += " " + words["first_of"].format(shown=STATIONS, total=len(order))
    chart = _chart([row for row in rows if row["unit"] in shown], order[:STATIONS], line, words)
    name = told.name(table.as_records()[0]["scientificName"])
    return [Part(f"{words['chart_history']} · {name}", calm(chart), hint)]


def _row(told: Material, one: dict[str, Any], unit_column: str, line: TimeLine) -> Row:
    """An occasion as it lies on the chart; empty where nobody at all watched and it is folded."""
    words, worked = told.words, one["cameraDays"]
    first: date = one["occasionStart"]
    ends = first + timedelta(days=one["occasionDays"])
    place = line.within(first, ends)
    if place is None:
        return {}
    state = {1: "found", 0: "empty"}.get(one["detection"], "unknown")
    days = words["not_known"] if worked is None else figure(float(worked))
    return {
        "unit": place_name(str(one[unit_column])),
        "at": place[0],
        "ends": place[1],
        "middle": sum(place) / 2,
        "state": state,
        "share": None if worked is None else worked / one["occasionDays"],
        "told": f"{first} · {words[f'cell_{state}']} · {words['camera_days']} {days}",
    }


def _chart(rows: list[Row], order: list[str], line: TimeLine, words: Words) -> Any:
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("unit:N", sort=order, axis=names_axis()),
        tooltip=[alt.Tooltip("unit:N", title=words["unit"]), alt.Tooltip("told:N", title=" ")],
    )
    span = base.encode(x=line.x("at", orient="top"), x2="ends:Q")
    shade = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 1]), legend=None)
    empty = span.mark_bar(color="#7b838c", size=5, stroke=GROUND, strokeWidth=1).encode(
        opacity=shade
    )
    found = span.mark_bar(color=FOUND, size=12, stroke=GROUND, strokeWidth=1)
    unknown = base.mark_text(text="╱", color=QUIET, fontSize=10, opacity=0.8).encode(
        x=line.x("middle", orient="top")
    )
    layers = [
        unknown.transform_filter("datum.state == 'unknown'"),
        empty.transform_filter("datum.state == 'empty'"),
        found.transform_filter("datum.state == 'found'"),
        *([line.folds()] if line.is_folded else []),
    ]
    height = ROW_HEIGHT * max(len(order), 2)
    return alt.layer(*layers).properties(height=height, width="container")
