"""What machine errors do to each index: confirmed alone, and expected when all is counted."""

import altair as alt

from review_app.analysis_forest import Column, forest, from_zero
from review_app.analysis_look import Material, Part, Row, calm, drawn
from review_app.analysis_table import figure

TAXA = 20  # the rest stands in the table


def error_parts(told: Material) -> list[Part]:
    """Every taxon's expected index with its interval; an open diamond is of confirmed events alone.

    A taxon of whose labels nobody has looked at any has no point: its range is the whole of none
    to all.
    """
    words = told.words
    rows = [_row(told, one) for one in told.rows("errors") if one["cameraDays"] is not None]
    if not rows:
        return []
    shown, hint = drawn(rows, words["chart_errors_hint"], words, most=TAXA)
    most = max(row["high"] or row["value"] or row["other"] or 0.0 for row in shown) or 1.0
    days = words["not_known"] if told.camera_days is None else figure(told.camera_days)
    chart = forest(
        shown,
        from_zero(words["axis_index"].format(days=days) + words["axis_root"], most, is_root=True),
        columns=(Column("index", 110, is_strong=True), Column("waiting", 0)),
        tips=[
            alt.Tooltip("name:N", title=words["taxon_head"]),
            alt.Tooltip("index:N", title=words["errors_expected"]),
            alt.Tooltip("waiting:N", title=" "),
        ],
    )
    return [Part(words["chart_errors"], calm(chart), hint)]


def _row(told: Material, one: Row) -> Row:
    expected, low, high = one["raiExpected"], one["low95"], one["high95"]
    interval = "" if low is None or high is None else f" ({low:.2f}–{high:.2f})"
    index = told.words["not_known"] if expected is None else f"{expected:.2f}{interval}"
    return {
        "name": told.name(one["scientificName"]),
        "value": expected,
        "low": low,
        "high": high,
        "other": one["raiConfirmed"],
        "is_weak": expected is None,
        "index": index,
        "waiting": told.words["errors_waiting"].format(count=f"{one['unreviewed']:,}"),
    }
