"""Charts of events by taxon and month, and of the index of every taxon with its interval."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import altair as alt

from review_app.analysis_forest import Column, forest, from_zero
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
    names_axis,
)
from review_app.analysis_table import figure

FEW = 10  # events: an index on fewer stands on single visits
CELL = 24
THIN = 0.1  # of the best month's camera-days: an index on fewer is no colour to compare
INK_TURNS = 0.6  # of the brightest box: from here on dark letters are the legible ones
MONTHS = 24  # more are told by month of the year
SQUEEZED = 12  # times the middle index: a straight axis would hide all but the commonest
PER_DAYS = 100


def event_parts(told: Material) -> list[Part]:
    """Visits of each taxon in each month, with the camera-days of the month below them."""
    words = told.words
    cells, days = _by_month(told)
    months = sorted(days)
    name = "chart_events"
    if len(months) > MONTHS:
        cells, days, name = _by_month_of_year(cells, days), _of_year(days), "chart_events_year"
        months = sorted(days)
    totals: dict[str, int] = defaultdict(int)
    for (taxon, _), count in cells.items():
        totals[taxon] += count
    most_met = sorted(totals, key=lambda one: (-totals[one], one))
    taxa, hint = drawn(most_met, f"{words['chart_events_hint']} {words['cell_thin']}", words)
    return [Part(words[name], calm(_grid(told, cells, days, taxa, months)), hint)]


def _by_month(told: Material) -> tuple[dict[tuple[str, str], int], dict[str, float | None]]:
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for one in told.rows("events"):
        cells[str(one["scientificName"]), str(one["eventStart"])[:7]] += 1
    days: dict[str, float | None] = {month: None for _, month in cells}
    for one in told.effort_rows("effort_month"):
        worked = one["cameraDays"]
        days[str(one["month"])] = worked if isinstance(worked, float) else None
    return cells, days


def _by_month_of_year(cells: dict[tuple[str, str], int], days: dict[str, float | None]) -> Any:
    joined: dict[tuple[str, str], int] = defaultdict(int)
    for (taxon, month), count in cells.items():
        joined[taxon, month[5:]] += count
    return joined


def _of_year(days: dict[str, float | None]) -> dict[str, float | None]:
    joined: dict[str, float | None] = {}
    for month, worked in days.items():
        before = joined.get(month[5:])
        joined[month[5:]] = before if worked is None else (before or 0.0) + worked
    return joined


def _grid(
    told: Material,
    cells: Mapping[tuple[str, str], int],
    days: Mapping[str, float | None],
    taxa: Sequence[str],
    months: Sequence[str],
) -> Any:
    """A box for each taxon and month, and in the last row the camera-days behind the column."""
    words = told.words
    rows = [
        _cell(told, taxon, month, cells.get((taxon, month), 0), days[month])
        for taxon in taxa
        for month in months
    ]
    most = _mark_thin(rows, days)
    order = [*(told.name(one) for one in taxa), words["camera_days"]]
    axis = alt.Axis(orient="top", labelAngle=0)
    base = alt.Chart(data([*rows, *_effort_row(days, months, words)])).encode(
        x=alt.X("month:O", scale=alt.Scale(domain=list(months)), title=None, axis=axis),
        y=alt.Y("taxon:N", scale=alt.Scale(domain=order), axis=names_axis()),
        tooltip=[
            alt.Tooltip("taxon:N", title=words["taxon_head"]),
            alt.Tooltip("month:N", title=words["month"]),
            alt.Tooltip("told:N", title=" "),
        ],
    )
    scale = alt.Scale(domain=[0, most or 1], range=["#2b261b", FOUND], clamp=True)
    boxes = base.mark_rect(stroke=GROUND, strokeWidth=2).encode(
        color=alt.Color("index:Q", scale=scale, legend=None)
    )
    thin = base.mark_rect(filled=False, stroke=FOUND, strokeDash=[2, 2], strokeWidth=1)
    texts = base.mark_text().encode(text="text:N", color=alt.Color("ink:N", scale=None))
    layers = [
        boxes.transform_filter("isValid(datum.index) && !datum.is_thin"),
        thin.transform_filter("isValid(datum.index) && datum.is_thin"),
        texts,
    ]
    grid = alt.layer(*layers).resolve_scale(color="independent")
    return grid.properties(height=CELL * len(order), width="container")


def _mark_thin(rows: Sequence[Row], days: Mapping[str, float | None]) -> float:
    """Mark months of little effort, and give the greatest index of the others."""
    enough = THIN * max((worked or 0 for worked in days.values()), default=0)
    for row in rows:
        row["is_thin"] = (days[row["month"]] or 0) < enough
    most = max((row["index"] or 0.0 for row in rows if not row["is_thin"]), default=0.0)
    for row in rows:
        is_bright = not row["is_thin"] and (row["index"] or 0) > INK_TURNS * most
        row["ink"] = GROUND if is_bright else TEXT
    return float(most)


def _effort_row(
    days: Mapping[str, float | None], months: Sequence[str], words: Words
) -> Iterator[Row]:
    for month in months:
        worked = days[month]
        yield {
            "taxon": words["camera_days"],
            "month": month,
            "text": words["not_known"] if worked is None else f"{worked:,.0f}",
            "ink": QUIET,
            "index": None,
            "is_thin": False,
        }


def _cell(told: Material, taxon: str, month: str, count: int, worked: float | None) -> Row:
    words = told.words
    index = None if worked is None else PER_DAYS * count / worked
    return {
        "taxon": told.name(taxon),
        "month": month,
        "index": index if count else None,
        "text": f"{count:,}" if count else "·" if worked else "",
        "told": words["cell_told"].format(
            events=count,
            days=words["not_known"] if worked is None else figure(worked),
            index=words["not_known"] if index is None else figure(index),
        ),
    }


def index_parts(told: Material) -> list[Part]:
    """Every taxon's index with its interval, the most often met first, and what it stands on."""
    words = told.words
    table = told.rows("rai")
    known = [one for one in table if one["rai"] is not None]
    known.sort(key=lambda one: -float(str(one["rai"])))
    shown, hint = drawn(known, words["chart_index_hint"].format(few=FEW), words)
    rows = [_index_row(told, one) for one in shown]
    if not rows:
        return []
    most = max(row["high"] or row["value"] for row in rows) or 1.0
    is_root = most > SQUEEZED * rows[len(rows) // 2]["value"] > 0
    days = words["not_known"] if told.camera_days is None else figure(told.camera_days)
    title = words["axis_index"].format(days=days) + (words["axis_root"] if is_root else "")
    chart = forest(
        rows,
        from_zero(title, most, is_root=is_root),
        columns=(Column("index", 205, is_strong=True), Column("visits", 110), Column("units", 0)),
        tips=[
            alt.Tooltip("name:N", title=words["taxon_head"]),
            alt.Tooltip("index:N", title=words["index_head"]),
            alt.Tooltip("visits:N", title=" "),
            alt.Tooltip("units:N", title=" "),
        ],
    )
    return [Part(words["chart_index"], calm(chart), hint)]


def _index_row(told: Material, one: dict[str, Any]) -> Row:
    low, high = one["raiLow95"], one["raiHigh95"]
    interval = "" if low is None or high is None else f" ({low:.2f}–{high:.2f})"
    return {
        "name": told.name(one["scientificName"]),
        "value": one["rai"],
        "low": low,
        "high": high,
        "is_weak": one["independentEvents"] < FEW,
        "index": f"{one['rai']:.2f}{interval}",
        "visits": told.words["visits_told"].format(events=f"{one['independentEvents']:,}"),
        "units": told.words["units_told"].format(
            units=one["unitsWithEvents"], of=one["unitsWithEffort"]
        ),
    }
