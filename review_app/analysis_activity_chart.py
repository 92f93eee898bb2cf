"""The chart of activity: a density over the sun's day, night shaded, the clock as a second axis."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from review_app.analysis_forest import Column, forest, from_zero
from review_app.analysis_look import (
    FOUND,
    OTHER,
    QUIET,
    TEXT,
    Material,
    Part,
    Row,
    Words,
    calm,
    data,
    names_axis,
    right_edge,
)

HOURS, STEP = 24, 3
HEIGHT, SHARES_HEIGHT = 280, 110
TWILIGHT = 0.42  # hours: civil twilight lasts 24 to 27 minutes in Linzhi, all year round
NIGHT, DUSK = "#0a0b0d", "#111316"
COMPARED = "against"  # the choice that names what is drawn beside
HEADROOM = 1.22  # of the highest band: the clock stands above it
LABEL_EDGE = 2.5  # hours from the sides: a name there would be cut
EDGE = 0.4  # hours from the sides: an hour named there would be cut
SHARES_ROOM = 1.62
LIGHTS = ("day", "twilight", "night")


def activity_parts(told: Material) -> list[Part]:
    """One taxon's day, with people or livestock beside it; then its light, and all overlaps."""
    words = told.words
    curves: dict[str, list[dict[str, Any]]] = {}
    for one in told.rows("activity_curve"):
        curves.setdefault(str(one["name"]), []).append(one)
    kinds = {name: rows[0]["kind"] for name, rows in curves.items()}
    taxa = [name for name, kind in kinds.items() if kind == "taxon"]
    if not taxa:
        return []
    wanted = told.view.get("first", taxa[0])
    first = wanted if wanted in taxa else taxa[0]
    others = [name for name in taxa if name != first]
    second = others[0] if others else told.view.get(COMPARED, "")
    shown = [first, *([second] if second in curves and second != first else [])]
    hint = words["chart_activity_hint"]
    if second and second not in curves:
        hint = f"{words['not_drawn'].format(name=_name(told, second))} {hint}"
    lead = _overlap_words(told, first, second)
    title = " · ".join(_name(told, one) for one in shown)
    heading = f"{words['chart_activity']} · {title}"
    parts = [Part(heading, calm(_day(told, curves, shown)), hint, lead=lead)]
    shares = _shares(told, first)
    overlaps = _overlaps(told, first)
    return [*parts, *shares, *overlaps]


def _name(told: Material, name: str) -> str:
    return told.words.get(f"other_{name}", told.name(name))


def _overlap_words(told: Material, first: str, second: str) -> str:
    for one in told.rows("activity_overlap"):
        if {str(one["first"]), str(one["second"])} == {first, second}:
            caution = "" if one["mayBeInterpreted"] else told.words["few_for_overlap"]
            return (
                told.words["overlap_told"].format(
                    first=_name(told, first),
                    second=_name(told, second),
                    value=f"{one['overlap']:.2f}",
                    low=f"{one['low95']:.2f}",
                    high=f"{one['high95']:.2f}",
                )
                + caution
            )
    return ""


class _Sky:
    """Where hours lie on the chart, which begins at the sun's midnight.

    Positions are hours of the mean day, so that areas are shares of visits. With the other
    transform these are the sun's own hours, and no clock stands beside them.
    """

    def __init__(self, figures: Mapping[str, object]) -> None:
        rise, fall = float(str(figures["sunrise_hour"])), float(str(figures["sunset_hour"]))
        self.midnight = (fall + (rise - fall) % HOURS / 2) % HOURS
        self.sunrise, self.sunset = self.at(rise), self.at(fall)

    def at(self, hour: float) -> float:
        """The place of an hour of the mean day's clock."""
        return (hour - self.midnight) % HOURS

    def of_sun(self, hour: float) -> float:
        """The place of an hour by the sun: six is sunrise, eighteen sunset."""
        quarter = HOURS / 4
        if hour <= quarter:
            return self.sunrise * hour / quarter
        if hour <= 3 * quarter:
            return self.sunrise + (self.sunset - self.sunrise) * (hour - quarter) / (2 * quarter)
        return self.sunset + (HOURS - self.sunset) * (hour - 3 * quarter) / quarter


def _day(
    told: Material, curves: Mapping[str, Sequence[dict[str, Any]]], shown: Sequence[str]
) -> Any:
    """The density of visits over a day, with its band; a second one broken, in another colour."""
    words, sky = told.words, _Sky(told.answer.figures)
    has_clock = curves[shown[0]][0]["beijingHour"] is not None
    rows = [row for name in shown for row in _curve(_name(told, name), curves[name], sky)]
    names = [_name(told, name) for name in shown]
    most = max(row["high"] for row in rows)
    x = alt.X(
        "at:Q",
        scale=alt.Scale(domain=[0, HOURS], nice=False),
        title=words["axis_sun"],
        axis=_sun_axis(sky, words),
    )
    y = alt.Y(
        "value:Q",
        title=words["axis_density"],
        scale=alt.Scale(domain=[0, most * HEADROOM], nice=False),
        axis=alt.Axis(format=".0%", tickCount=4, grid=False),
    )
    drawn: dict[str, Any] = {"domain": names, "range": [FOUND, OTHER][: len(names)]}
    colour = alt.Color("name:N", scale=alt.Scale(**drawn), legend=None)
    broken = alt.Scale(domain=names, range=[[1, 0], [6, 4]][: len(names)])
    base = alt.Chart(data(rows)).encode(x=x)
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("sun:N", title=words["sun_hour"]),
        *([alt.Tooltip("clock:N", title=words["beijing_hour"])] if has_clock else []),
        alt.Tooltip("told:N", title=words["axis_density"]),
    ]
    bands = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q"), y2="high:Q", color=colour)
    lines = base.mark_line(strokeWidth=2.6).encode(
        y=y, color=colour, strokeDash=alt.StrokeDash("name:N", scale=broken, legend=None)
    )
    catch = base.mark_rule(opacity=0, strokeWidth=7).encode(y=y, tooltip=tips)
    layers = [*_sky_layers(sky, x, words, has_clock=has_clock), bands, lines, catch]
    if len(names) > 1:
        texts = alt.Chart(data(_labels(rows, names))).mark_text(dy=-12, fontSize=13)
        layers.append(texts.encode(x=x, y=y, color=colour, text="name:N"))
    return alt.layer(*layers).properties(height=HEIGHT, width="container")


def _labels(rows: Sequence[Row], names: Sequence[str]) -> list[Row]:
    """Where each curve stands highest above the other, its name is written on it."""
    curves = [[row for row in rows if row["name"] == name] for name in names]
    told = []
    for number, curve in enumerate(curves):
        other = curves[1 - number]
        inside = [n for n, row in enumerate(curve) if LABEL_EDGE < row["at"] < HOURS - LABEL_EDGE]
        told.append(curve[max(inside, key=lambda n: curve[n]["value"] - other[n]["value"])])
    return told


def _curve(name: str, rows: Sequence[dict[str, Any]], sky: _Sky) -> list[Row]:
    """One curve from the sun's midnight to the next, its ends meeting."""
    drawn: list[Row] = []
    for one in rows:
        clock = one["beijingHour"]
        drawn.append(
            {
                "name": name,
                "at": sky.at(one["sunHour"] if clock is None else clock),
                "value": one["densityPerHour"],
                "low": one["low95"],
                "high": one["high95"],
                "sun": _hour(one["sunHour"]),
                "clock": "" if clock is None else _hour(clock),
                "told": f"{one['densityPerHour']:.1%} ({one['low95']:.1%}–{one['high95']:.1%})",
            }
        )
    drawn.sort(key=lambda row: float(row["at"]))
    first, last = drawn[0], drawn[-1]
    return [{**last, "at": 0.0}, *drawn, {**first, "at": float(HOURS)}]


def _hour(hours: float) -> str:
    """Hours as people write them.

    >>> _hour(6.5), _hour(23.999)
    ('06:30', '00:00')
    """
    minutes = round(hours * 60) % (HOURS * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _sun_axis(sky: _Sky, words: Words) -> alt.Axis:
    """Hours by the sun; below six and eighteen stands what they are."""
    named = {6: words["sunrise"], 12: words["noon"], 18: words["sunset"]}
    labels = {
        f"{sky.of_sun(hour):.3f}": [str(hour), named.get(hour, "")]
        for hour in range(0, HOURS + 1, STEP)
    }
    return alt.Axis(
        values=[float(one) for one in labels],
        labelExpr=f"({json.dumps(labels, ensure_ascii=False)})[format(datum.value, '.3f')]",
        grid=False,
        labelLineHeight=15,
        titlePadding=2,
    )


def _sky_layers(sky: _Sky, x: alt.X, words: Words, *, has_clock: bool) -> list[Any]:
    """Night and twilight behind the curves, sunrise and sunset as lines, the clock above."""
    dawn, dusk = sky.sunrise - TWILIGHT, sky.sunset + TWILIGHT
    light: list[Row] = [
        {"at": 0.0, "ends": dawn, "fill": NIGHT},
        {"at": dawn, "ends": sky.sunrise, "fill": DUSK},
        {"at": sky.sunset, "ends": dusk, "fill": DUSK},
        {"at": dusk, "ends": float(HOURS), "fill": NIGHT},
    ]
    shade = (
        alt.Chart(data(light))
        .mark_rect()
        .encode(x=x, x2="ends:Q", color=alt.Color("fill:N", scale=None))
    )
    edges: list[Row] = [{"at": sky.sunrise}, {"at": sky.sunset}]
    lines = alt.Chart(data(edges)).mark_rule(color=QUIET, strokeDash=[3, 4]).encode(x=x)
    if not has_clock:
        return [shade, lines]
    hours: list[Row] = [
        {"at": sky.at(hour), "text": f"{hour:02d}:00"} for hour in range(0, 24, STEP)
    ]
    inside = [one for one in hours if EDGE < one["at"] < HOURS - EDGE]
    clock = alt.Chart(data(inside)).encode(x=x)
    ticks = clock.mark_tick(color=QUIET, size=6, thickness=1, orient="vertical")
    texts = clock.mark_text(color=QUIET, fontSize=11).encode(y=alt.value(14), text="text:N")
    name = (
        alt.Chart(data([{"at": 0.0, "text": words["beijing_time"]}]))
        .mark_text(align="left", dx=4, color=QUIET, fontSize=11)
        .encode(x=x, y=alt.value(30), text="text:N")
    )
    return [shade, lines, ticks.encode(y=alt.value(3)), texts, name]


def _shares(told: Material, first: str) -> list[Part]:
    """Visits by day, in twilight and by night, beside the share of watched time that each has."""
    words = told.words
    one = next(row for row in told.rows("activity") if row["scientificName"] == first)
    rows: list[Row] = []
    for light in LIGHTS:
        used, ratio = one[f"{light}Share"], one[f"{light}Ratio"]
        if not isinstance(used, float):
            return []
        there = used / ratio if isinstance(ratio, float) and ratio > 0 else None
        known = words["not_known"] if there is None else f"{there:.0%}"
        rows.append(
            {
                "name": words[f"light_{light}"],
                "value": used,
                "there": there,
                "told": words["light_told"].format(used=f"{used:.0%}", there=known),
            }
        )
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("name:N", scale=alt.Scale(domain=[row["name"] for row in rows]), axis=names_axis()),
    )
    scale = alt.Scale(domain=[0, SHARES_ROOM], nice=False)
    x = alt.X("value:Q", title=None, axis=None, scale=scale)
    bars = base.mark_bar(color=FOUND, size=14).encode(x=x)
    marks = base.mark_tick(color=TEXT, thickness=3, size=24).encode(x=alt.X("there:Q", scale=scale))
    texts = base.mark_text(align="right", color=TEXT).encode(x=right_edge(), text="told:N")
    chart = alt.layer(bars, marks.transform_filter("isValid(datum.there)"), texts)
    chart = chart.properties(height=SHARES_HEIGHT, width="container")
    kind = words.get(f"type_{one['type']}", str(one["type"]))
    title = f"{words['chart_light']} · {_name(told, first)} · {kind}"
    return [Part(title, calm(chart), words["chart_light_hint"])]


def _overlaps(told: Material, first: str) -> list[Part]:
    """How far the taxon's day is that of people, of livestock or of other taxa."""
    words = told.words
    rows: list[Row] = []
    for one in told.rows("activity_overlap"):
        if first not in (one["first"], one["second"]):
            continue
        other = one["second"] if one["first"] == first else one["first"]
        rows.append(
            {
                "name": _name(told, str(other)),
                "value": one["overlap"],
                "low": one["low95"],
                "high": one["high95"],
                "is_weak": not one["mayBeInterpreted"],
                "told": f"{one['overlap']:.2f} ({one['low95']:.2f}–{one['high95']:.2f})",
                "events": words["overlap_events"].format(
                    first=one["firstEvents"], second=one["secondEvents"]
                ),
            }
        )
    if not rows:
        return []
    rows.sort(key=lambda row: -row["value"])
    chart = forest(
        rows,
        from_zero(words["axis_overlap"], 1.0),
        columns=(Column("told", 150, is_strong=True), Column("events", 0)),
        tips=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("told:N", title=words["axis_overlap"]),
            alt.Tooltip("events:N", title=" "),
        ],
    )
    return [Part(words["chart_overlap"], calm(chart), words["chart_overlap_hint"])]
