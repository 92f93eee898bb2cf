"""Which charts each analysis has: one function from its answer to the parts of the page."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

import streamlit as st

from review_app.analysis_look import Material, Part
from review_app.say import heading, quiet, sign, two_lines

# Loaded when they are drawn, as the analyses themselves are.
CHARTS: Mapping[str, tuple[str, str]] = {
    "effort": ("review_app.analysis_effort_charts", "effort_parts"),
    "events": ("review_app.analysis_index_charts", "event_parts"),
    "rai": ("review_app.analysis_index_charts", "index_parts"),
    "histories": ("review_app.analysis_history_chart", "history_parts"),
    "occupancy": ("review_app.analysis_occupancy_chart", "occupancy_parts"),
    "activity": ("review_app.analysis_activity_chart", "activity_parts"),
    "richness": ("review_app.analysis_richness_charts", "richness_parts"),
    "trends": ("review_app.analysis_trend_charts", "trend_parts"),
    "phenology": ("review_app.analysis_shift_charts", "date_parts"),
    "elevation": ("review_app.analysis_shift_charts", "elevation_parts"),
    "errors": ("review_app.analysis_errors_chart", "error_parts"),
    "cooccurrence": ("review_app.analysis_together_charts", "together_parts"),
}


def parts_of(told: Material) -> Sequence[Part]:
    """The charts of an answer; none for an analysis that has no picture."""
    if told.answer.name not in CHARTS:
        return []
    module, name = CHARTS[told.answer.name]
    draw: Callable[[Material], Sequence[Part]] = getattr(import_module(module), name)
    return draw(told)


def written_parts(told: Material) -> tuple[Part, ...]:
    """The charts of an answer as text, to be kept: to build them anew at every click takes long."""
    return tuple(
        part if part.chart is None else replace(part, chart=json.dumps(part.chart.to_dict()))
        for part in parts_of(told)
    )


def draw_parts(parts: Sequence[Part]) -> None:
    """Draw written charts below each other, those that belong beside each other on one line."""
    waiting = list(parts)
    while waiting:
        beside = waiting[0].beside
        line = [waiting.pop(0)]
        while len(line) < beside and waiting and waiting[0].beside == beside:
            line.append(waiting.pop(0))
        if beside == 1:
            _draw(line[0])
            continue
        for column, part in zip(st.columns(beside, gap="medium"), line, strict=False):
            with column:
                _draw(part)


def _draw(part: Part) -> None:
    if part.title:
        heading(part.title)
    if part.lead:
        two_lines(part.lead)
    if part.caution:
        st.html(sign(f"! {part.caution}", "doubt wide"))
    if part.hint:
        quiet(part.hint)
    if part.chart is not None:
        st.vega_lite_chart(spec=json.loads(part.chart), theme=None, width="stretch")
