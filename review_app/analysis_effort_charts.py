"""Charts of effort: each day, each month, each county, and when each station's camera worked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import altair as alt

from review_app.analysis_look import (
    EFFORT,
    FAINT,
    QUIET,
    TEXT,
    DayEffort,
    Material,
    Part,
    Row,
    calm,
    data,
    names_axis,
)
from review_app.analysis_table import county_in, figure, place_name
from review_app.analysis_time import DAY, LEVEL, TimeLine, time_line
from species_db.study.answer import Table

STATIONS = 60  # rows that can be told apart on one page
ROW_HEIGHT, STRIP_HEIGHT, MONTH_HEIGHT, BAR_HEIGHT = 13, 96, 150, 30
MONTHS_NAMED = 18  # with more, figures above the bars would overlap


def effort_parts(told: Material) -> list[Part]:
    """When somebody watched: the whole survey's days first, then months, counties, stations."""
    words, answer = told.words, told.answer
    line = time_line([one.day for one in told.days if one.worked + one.day_only > 0])
    hint = words["chart_days_hint"] + (" " + words["folded"] if line.is_folded else "")
    parts = [
        Part(words["chart_days"], calm(_strip(told.days, line, words)), hint),
        Part(words["chart_months"], calm(_months(answer.table("effort_month"), words)), "", 2),
        Part(words["chart_counties"], calm(_counties(told)), "", 2),
    ]
    stations = answer.table("effort")
    if stations.rows:
        chart, shown, total = _stations(stations, line, words)
        hint = words["chart_stations_hint"]
        if shown < total:
            hint += " " + words["first_of"].format(shown=shown, total=total)
        parts.append(Part(words["chart_stations"], calm(chart), hint))
    return parts


def _strip(days: Sequence[DayEffort], line: TimeLine, words: Mapping[str, str]) -> Any:
    """Cameras at work on each day; paler above them those that only daylight was watched by."""
    by_day = {one.day: one for one in days}
    rows: list[Row] = []
    for stretch in line.stretches:
        rows.append(_day_row(stretch.at, stretch.first, 0.0, 0.0))
        for number in range(stretch.days):
            day = stretch.first + timedelta(days=number)
            one = by_day.get(day, DayEffort(day, 0.0, 0.0))
            rows.append(_day_row(stretch.at + number, day, one.worked, one.day_only))
        rows.append(_day_row(stretch.at + stretch.days, stretch.ends, 0.0, 0.0))
    base = alt.Chart(data(rows)).encode(x=line.x("at"))
    y = alt.Y("either:Q", title=None, axis=LEVEL)
    tips = [
        alt.Tooltip("day:N", title=words["day"]),
        alt.Tooltip("worked:Q", title=words["camera_days"], format=".1f"),
        alt.Tooltip("dim:Q", title=words["day_only"], format=".1f"),
    ]
    dim = base.mark_area(interpolate="step-after", color=FAINT).encode(y=y)
    whole = base.mark_area(interpolate="step-after", color=EFFORT).encode(y="worked:Q")
    points = base.mark_rule(opacity=0, strokeWidth=4).encode(y=y, tooltip=tips)
    layers = [dim, whole, points, *([line.folds()] if line.is_folded else [])]
    return alt.layer(*layers).properties(height=STRIP_HEIGHT, width="container")


def _day_row(at: float, day: date, worked: float, day_only: float) -> Row:
    told = {"at": at, "day": day.isoformat(), "worked": worked, "dim": day_only}
    return told | {"either": worked + day_only}


def _months(table: Table, words: Mapping[str, str]) -> Any:
    """Camera-days of each month in figures, and how many units had any."""
    rows = [
        {
            "month": str(one["month"]),
            "days": one["cameraDays"] or 0,
            "told": words["not_known"]
            if one["cameraDays"] is None
            else _rounded(one["cameraDays"]),
            "units": one["unitsWithEffort"],
        }
        for one in table.as_records()
    ]
    is_long = len(rows) > MONTHS_NAMED
    base = alt.Chart(data(rows)).encode(
        x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45, labelOverlap=is_long)),
        y=alt.Y("days:Q", title=words["camera_days"], axis=alt.Axis(tickCount=3, format=",.0f")),
        tooltip=[
            alt.Tooltip("month:N", title=words["month"]),
            alt.Tooltip("told:N", title=words["camera_days"]),
            alt.Tooltip("units:Q", title=words["units"]),
        ],
    )
    layers = [base.mark_bar(color=EFFORT)]
    if not is_long:
        layers.append(base.mark_text(dy=-8, color=TEXT, fontSize=11).encode(text="told:N"))
    return alt.layer(*layers).properties(height=MONTH_HEIGHT, width="container")


def _rounded(days: object) -> str:
    return f"{days:,.0f}" if isinstance(days, int | float) else str(days)


def _counties(told: Material) -> Any:
    words = told.words
    rows: list[Row] = [
        {
            "county": county_in(str(one["county"] or ""), told.language) or words["no_county"],
            "days": one["cameraDays"] or 0,
            "told": words["county_told"].format(
                days=words["not_known"] if one["cameraDays"] is None else figure(one["cameraDays"]),
                units=one["unitsWithEffort"],
            ),
        }
        for one in told.rows("effort_county")
    ]
    most = max((row["days"] for row in rows), default=1) or 1
    base = alt.Chart(data(rows)).encode(
        x=alt.X("days:Q", title=None, axis=None, scale=alt.Scale(domain=[0, most * 2.1])),
        y=alt.Y("county:N", sort="-x", axis=names_axis(140)),
    )
    bars = base.mark_bar(color=EFFORT, size=14)
    texts = base.mark_text(align="left", dx=8, color=TEXT).encode(text="told:N")
    return alt.layer(bars, texts).properties(height=BAR_HEIGHT * len(rows), width="container")


def _stations(table: Table, line: TimeLine, words: Mapping[str, str]) -> tuple[Any, int, int]:
    """Each unit's days as bars: whole ones worked, hollow ones by daylight alone, lines were lost.

    Gives the chart, how many units it shows and how many there are.
    """
    rows: list[Row] = []
    units = sorted({str(one[0]) for one in table.rows})
    shown = set(units[:STATIONS])
    for unit, days in groupby(table.as_records(), key=lambda one: str(one[table.columns[0]])):
        if unit in shown:
            rows += [{"unit": place_name(unit)} | run for run in _runs(list(days), line, words)]
    base = alt.Chart(data(rows)).encode(
        x=line.x("at", orient="top"),
        x2="ends:Q",
        y=alt.Y("unit:N", axis=names_axis(), title=None),
        tooltip=[alt.Tooltip("unit:N", title=words["unit"]), alt.Tooltip("told:N", title=" ")],
    )
    whole = base.mark_bar(color=EFFORT, size=8).transform_filter("datum.state == 'whole'")
    dim = base.mark_bar(
        filled=True, fill=FAINT, stroke=EFFORT, strokeWidth=1, strokeDash=[2, 2], size=7
    ).transform_filter("datum.state == 'dim'")
    lost = base.mark_bar(color=QUIET, size=1.5).transform_filter("datum.state == 'lost'")
    layers = [lost, dim, whole, *([line.folds()] if line.is_folded else [])]
    chart = alt.layer(*layers).properties(height=ROW_HEIGHT * len(shown), width="container")
    return chart, len(shown), len(units)


def _runs(
    days: Sequence[Mapping[str, Any]], line: TimeLine, words: Mapping[str, str]
) -> Iterator[Row]:
    """Days in a row of one state, merged: a season is a few bars and not two hundred."""
    runs: list[list[Mapping[str, Any]]] = []
    for one in days:
        is_next = bool(runs) and one["day"] - runs[-1][-1]["day"] == DAY
        if is_next and _state(one) == _state(runs[-1][-1]):
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in runs:
        place = line.within(run[0]["day"], run[-1]["day"] + DAY)
        if place is not None:
            yield {"at": place[0], "ends": place[1]} | _run(run, words)


def _run(days: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> Row:
    first, last, state = days[0]["day"], days[-1]["day"], _state(days[0])
    share = float(sum(one["cameraDays"] for one in days))
    told = f"{first} – {last} · {words[f'run_{state}']} · {words['camera_days']} {figure(share)}"
    return {"state": state, "told": told}


def _state(one: Mapping[str, Any]) -> str:
    if one["cameraDays"] > 0:
        return "whole"
    return "dim" if one["diurnalCameraDays"] > 0 else "lost"
