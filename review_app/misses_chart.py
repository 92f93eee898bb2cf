"""The reliability plot: what people found against what the model scored, and how many events."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np

from review_app.analysis_look import EFFORT, FAINT, FOUND, OTHER, QUIET, calm, data
from species_db.misses.calibration import Calibration

HEIGHT, BELOW = 260, 70
CURVE_POINTS = 41
Words = Mapping[str, str]
Row = dict[str, Any]


def reliability_chart(found: Calibration, words: Words) -> Any:
    """Points with intervals over the diagonal, the calibrating curve, and counts below."""
    unit = alt.Scale(domain=[0, 1])
    x = alt.X("score:Q", scale=unit, title=None, axis=alt.Axis(labels=False, ticks=False))
    share = alt.Y("share:Q", scale=unit, title=words["axis_share"], axis=alt.Axis(format="%"))
    points = alt.Chart(data(_points(found))).encode(
        x=x,
        tooltip=[
            alt.Tooltip("stretch:N", title=words["axis_score"]),
            alt.Tooltip("share:Q", format=".0%", title=words["axis_share"]),
            alt.Tooltip("reviewed:Q", title=words["tip_reviewed"]),
            alt.Tooltip("right:Q", title=words["tip_right"]),
        ],
    )
    ends = [{"score": 0.0, "share": 0.0}, {"score": 1.0, "share": 1.0}]
    layers = [
        alt.Chart(data(ends)).mark_line(color=QUIET, strokeDash=[4, 4]).encode(x=x, y=share),
        points.mark_rule(color=FOUND, strokeWidth=2).encode(
            y=alt.Y("low:Q", scale=unit, title=words["axis_share"]), y2="high:Q"
        ),
        points.mark_point(filled=True, size=80, color=FOUND, opacity=1).encode(y=share),
    ]
    if found.platt is not None:
        curve = alt.Chart(data(_curve(found))).mark_line(color=OTHER, strokeWidth=1.6)
        layers.insert(1, curve.encode(x=x, y=share))
    above = alt.layer(*layers).properties(height=HEIGHT, width="container")
    return calm(alt.vconcat(above, _counts(found, words), spacing=6))


def _counts(found: Calibration, words: Words) -> Any:
    kinds = [words["reviewed_key"], words["waiting_key"]]
    rows = [
        {"low": one.low, "high": one.high, "kind": kind, "events": count}
        for one in found.bins
        for kind, count in zip(kinds, (one.reviewed, one.events - one.reviewed), strict=True)
        if count > 0
    ]
    return (
        alt.Chart(data(rows))
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X(
                "low:Q",
                scale=alt.Scale(domain=[0, 1]),
                title=words["axis_score"],
                bin=alt.BinParams(binned=True, step=0.1),
            ),
            x2="high:Q",
            y=alt.Y("events:Q", title=words["axis_events"], axis=alt.Axis(tickCount=3)),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=kinds, range=[EFFORT, FAINT]),
                legend=alt.Legend(title=None, orient="bottom"),
            ),
            tooltip=[alt.Tooltip("kind:N", title=" "), alt.Tooltip("events:Q", title=" ")],
        )
        .properties(height=BELOW, width="container")
    )


def _points(found: Calibration) -> list[Row]:
    return [
        {
            "score": one.mean_score,
            "share": one.observed,
            "low": one.interval[0],
            "high": one.interval[1],
            "reviewed": one.reviewed,
            "right": one.right,
            "stretch": f"{one.low:.1f}–{one.high:.1f}",
        }
        for one in found.bins
        if one.interval is not None
    ]


def _curve(found: Calibration) -> list[Row]:
    if found.platt is None:
        return []
    looked_at = [one for one in found.bins if one.reviewed]
    low, high = looked_at[0].low, looked_at[-1].high  # beyond, nobody has looked
    scores = np.linspace(max(low, 0.005), min(high, 0.995), CURVE_POINTS)
    chances = found.platt.chance(scores)
    told = zip(scores.tolist(), chances.tolist(), strict=True)
    return [{"score": score, "share": chance} for score, chance in told]
