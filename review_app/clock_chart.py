"""The picture of a clock: time along the camera's file order, before and after a correction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from species_db.clock import ClockView
from species_db.clock_files import ClockFile

MOST_POINTS = 500  # more cannot be told apart on a screen
BEFORE, AFTER, RULE, QUIET = "#e0a83e", "#6fae8f", "#5b6168", "#9a9fa6"

Words = Mapping[str, str]


def clock_chart(files: Sequence[ClockFile], view: ClockView, words: Words, *, height: int) -> Any:
    """Draw camera times as hollow circles, corrected ones as discs, the field time dashed.

    Only files that a correction moves have both.
    """
    import altair as alt

    rows = _rows(_thinned(files), words)
    is_moved = any(row["series"] == words["series_before"] for row in rows)
    names = [words["series_before"], words["series_after" if is_moved else "series_now"]]
    points = (
        alt.Chart(alt.InlineData(rows))
        .mark_point(size=34, strokeWidth=1.6)
        .encode(
            x=alt.X("order:Q", title=words["order"], axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("time:T", title=None, axis=alt.Axis(format="%Y-%m-%d")),
            color=alt.Color(
                "series:N", scale=alt.Scale(domain=names, range=[BEFORE, AFTER]), legend=None
            ),
            fill=alt.Fill(
                "series:N",
                scale=alt.Scale(domain=names, range=["transparent", AFTER]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("path:N", title=words["order"]),
                alt.Tooltip("said:N", title=words["time"]),
                alt.Tooltip("series:N", title=" "),
            ],
        )
    )
    chart = points + _period(view, words)
    return (
        chart.properties(height=height)
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


def _period(view: ClockView, words: Words) -> Any:
    """Set-up and retrieval, named at the line's end."""
    import altair as alt

    ends = [(view.local_start, words["setup"], 11)]
    if view.local_end:
        ends.append((view.local_end, words["retrieval"], -8))  # above, so that the two never meet
    layers = []
    for moment, said, above in ends:
        rows = [{"time": _plain(moment), "said": said}]
        base = alt.Chart(alt.InlineData(rows)).encode(y="time:T")
        names = base.mark_text(align="left", dx=4, dy=above, color=QUIET, x=0)
        layers += [base.mark_rule(color=QUIET, strokeDash=[4, 4]), names.encode(text="said:N")]
    return alt.layer(*layers)


def _rows(files: Sequence[ClockFile], words: Words) -> list[dict[str, Any]]:
    rows = []
    is_moved = any(one.camera_time != one.corrected for one in files)
    after = words["series_after" if is_moved else "series_now"]
    for one in files:
        told = {"order": one.order, "path": one.card_path}
        if one.camera_time and one.camera_time != one.corrected:
            rows.append(told | _at(one.camera_time) | {"series": words["series_before"]})
        if one.corrected:
            rows.append(told | _at(one.corrected) | {"series": after})
    return rows


def _thinned(files: Sequence[ClockFile]) -> list[ClockFile]:
    """Few enough points to draw, and the files on both sides of every break among them."""
    step = max(1, len(files) // MOST_POINTS)
    kept = set(range(0, len(files), step))
    for n, (one, other) in enumerate(pairwise(files)):
        if one.is_covered != other.is_covered or _is_back(one, other):
            kept |= {n, n + 1}
    return [files[n] for n in sorted(kept)]


def _is_back(one: ClockFile, other: ClockFile) -> bool:
    if one.camera_time is None or other.camera_time is None:
        return False
    return other.camera_time < one.camera_time


def _at(moment: datetime) -> dict[str, str]:
    return {"time": _plain(moment), "said": f"{moment:%Y-%m-%d %H:%M:%S}"}


def _plain(moment: datetime) -> str:
    """Local time without its zone, so that every browser draws the same."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"
