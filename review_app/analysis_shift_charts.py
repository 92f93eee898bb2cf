"""Charts of elevation and of dates: where and when each taxon was met, year by year."""

from datetime import date, timedelta
from typing import Any

import altair as alt

from review_app.analysis_forest import Column, Measure, forest
from review_app.analysis_look import (
    FAINT,
    FOUND,
    GROUND,
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

FOR_TEXT = 1.62
STEP_M = 500
BAND = 22


def elevation_parts(told: Material) -> list[Part]:
    """Mean height of each taxon in the last year, or of one taxon in every year."""
    words = told.words
    table = told.rows("elevation")
    shifts = {str(one["scientificName"]): one for one in told.rows("elevation_shift")}
    is_one = len({one["scientificName"] for one in table}) == 1
    last = max((str(one["period"]) for one in table), default="")
    rows = [
        _height_row(told, one, shifts.get(str(one["scientificName"])), is_one=is_one)
        for one in table
        if one["meanElevationM"] is not None and (is_one or one["period"] == last)
    ]
    if not rows:
        return []
    if not is_one:
        rows.sort(key=lambda row: -row["value"])
    low = min(one["watchedFromM"] for one in table if one["watchedFromM"] is not None)
    high = max(one["watchedToM"] for one in table if one["watchedToM"] is not None)
    least, most = low // STEP_M * STEP_M, -(-high // STEP_M) * STEP_M
    scale = alt.Scale(domain=[least, least + (most - least) * FOR_TEXT], nice=False, zero=False)
    values = [least + STEP_M * n for n in range(int((most - least) / STEP_M) + 1)]
    title = words["axis_height"].format(low=f"{low:,.0f}", high=f"{high:,.0f}")
    shown, hint = drawn(rows, words["chart_height_hint"], words)
    chart = forest(
        shown,
        Measure(title, scale, values, ",.0f"),
        columns=(Column("height", 225, is_strong=True), Column("shift", 75), Column("visits", 0)),
        tips=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("height:N", title=words["mean_height"]),
            alt.Tooltip("shift:N", title=words["shift"]),
            alt.Tooltip("days:N", title=words["camera_days"]),
        ],
    )
    heading = words["chart_height_years" if is_one else "chart_height"].format(year=last)
    return [Part(heading, calm(chart), hint)]


def _height_row(
    told: Material, one: dict[str, Any], shift: dict[str, Any] | None, *, is_one: bool
) -> Row:
    words, low, high = told.words, one["low95"], one["high95"]
    interval = "" if low is None or high is None else f" ({low:,.0f}–{high:,.0f})"
    moved = ""
    if shift is not None and shift["low95"] is not None:
        moved = words["shift_told"].format(
            metres=f"{shift['shiftM']:+,.0f}", verdict=words[f"verdict_{shift['verdict']}"]
        )
    return {
        "name": str(one["period"]) if is_one else told.name(one["scientificName"]),
        "value": one["meanElevationM"],
        "low": low,
        "high": high,
        "is_weak": not interval,
        "height": f"{one['meanElevationM']:,.0f} m{interval}",
        "shift": "" if is_one else moved.replace("-", "−"),
        "visits": words["visits_told"].format(events=f"{one['independentEvents']:,}"),
        "days": words["not_known"] if one["cameraDays"] is None else f"{one['cameraDays']:,.0f}",
    }


def date_parts(told: Material) -> list[Part]:
    """From the first to the last day of each taxon in the last year, or of one in every year."""
    words = told.words
    table = told.rows("phenology")
    is_one = len({one["scientificName"] for one in table}) == 1
    last = max((str(one["period"]) for one in table), default="")
    chosen = [one for one in table if is_one or one["period"] == last]
    rows = [_date_row(told, one, is_one=is_one) for one in chosen if one["firstOn"] is not None]
    if not rows:
        return []
    if not is_one:
        rows.sort(key=lambda row: (row["first"], row["last"]))
    heading = words["chart_dates_years" if is_one else "chart_dates"].format(year=last)
    shown, hint = drawn(rows, words["chart_dates_hint"], words)
    return [Part(heading, calm(_dates(shown, words)), hint)]


def _date_row(told: Material, one: dict[str, Any], *, is_one: bool) -> Row:
    """A year laid on the days since its first one watched, so that years stand below each other."""
    words = told.words
    since = one["watchedFrom"]
    start = date(since.year, since.month, 1)

    def at(day: date | None) -> int | None:
        return None if day is None else (day - start).days

    first, last = one["firstOn"], one["lastOn"]
    sides = [words["dates_known" if not one[k] else "dates_bound"] for k in
             ("firstIsCensored", "lastIsCensored")]  # fmt: skip
    return {
        "name": str(one["period"]) if is_one else told.name(one["scientificName"]),
        "month": since.month,
        "from": at(since),
        "to": at(one["watchedTo"]),
        "first": at(first),
        "last": at(last),
        "first_low": at(one["firstLow95"]),
        "last_high": at(one["lastHigh95"]),
        "first_bound": bool(one["firstIsCensored"]),
        "last_bound": bool(one["lastIsCensored"]),
        "dates": f"{first:%m-%d} – {last:%m-%d}",
        "told": f"{first} ({sides[0]}) – {last} ({sides[1]})",
        "days": words["not_known"] if one["cameraDays"] is None else f"{one['cameraDays']:,.0f}",
    }


def _dates(rows: list[Row], words: Words) -> Any:
    length = max(row["to"] for row in rows) + 1
    scale = alt.Scale(domain=[0, length * 1.22], nice=False)
    start = date(2001, rows[0]["month"], 1)
    days = [start + timedelta(days=n) for n in range(length)]
    labels = {str(n): f"{day:%m-%d}" for n, day in enumerate(days) if day.day == 1}
    told = ", ".join(f"'{at}': '{label}'" for at, label in labels.items())
    axis = alt.Axis(
        title=None,
        values=[int(at) for at in labels],
        labelExpr=f"({{{told}}})[format(datum.value, '~g')] || ''",
        grid=False,
    )
    order = [row["name"] for row in rows]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", scale=alt.Scale(domain=order), axis=names_axis()),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("told:N", title=words["dates"]),
            alt.Tooltip("days:N", title=words["camera_days"]),
        ],
    )

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=scale, axis=axis, title=None)

    watched = base.mark_bar(size=12, color=FAINT, opacity=0.55).encode(x=x("from"), x2="to:Q")
    span = base.mark_rule(color=FOUND, strokeWidth=2.4).encode(x=x("first"), x2="last:Q")
    layers = [watched, span]
    for end, limit in (("first", "first_low"), ("last", "last_high")):
        doubt = base.mark_rule(color=FOUND, strokeDash=[2, 3], clip=True).encode(
            x=x(limit), x2=f"{end}:Q"
        )
        layers.append(doubt.transform_filter(f"isValid(datum.{limit})"))
        known = base.mark_point(filled=True, size=75, color=FOUND, opacity=1).encode(x=x(end))
        bound = base.mark_point(
            filled=True, fill=GROUND, stroke=FOUND, strokeWidth=2, size=65, opacity=1
        ).encode(x=x(end))
        layers.append(known.transform_filter(f"!datum.{end}_bound"))
        layers.append(bound.transform_filter(f"datum.{end}_bound"))
    texts = base.mark_text(align="right", color=TEXT).encode(x=right_edge(), text="dates:N")
    return alt.layer(*layers, texts).properties(height=BAND * max(len(rows), 2), width="container")
