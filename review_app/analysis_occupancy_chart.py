"""The chart of occupancy: what a model makes of it with its interval, beside the naive share."""

from typing import Any

import altair as alt

from review_app.analysis_forest import Column, forest, from_zero
from review_app.analysis_look import Material, Part, Row, calm, drawn

SEASON_DAYS = 215  # seven months: longer, animals are born, die and move while the model waits
ALL = 1.0


def occupancy_parts(told: Material) -> list[Part]:
    """Each taxon's share of stations, the most widespread first; open diamonds are naive."""
    words = told.words
    table = told.rows("occupancy")
    rows = [_row(told, one) for one in table if one["naiveOccupancy"] is not None]
    rows.sort(key=lambda row: -max(row["value"] or 0, row["other"]))
    if not rows:
        return []
    shown, hint = drawn(rows, words["chart_occupancy_hint"], words)
    chart = forest(
        shown,
        from_zero(words["axis_share"], ALL, shape=".0%"),
        columns=(Column("psi", 240, is_strong=True), Column("p", 115), Column("at", 0)),
        tips=[
            alt.Tooltip("name:N", title=words["taxon_head"]),
            alt.Tooltip("psi:N", title=words["modelled"]),
            alt.Tooltip("naive:N", title=words["naive"]),
            alt.Tooltip("p:N", title=" "),
            alt.Tooltip("days:N", title=words["camera_days"]),
        ],
    )
    caution = ""
    if told.days and (told.days[-1].day - told.days[0].day).days > SEASON_DAYS:
        caution = words["one_season"]
    return [Part(words["chart_occupancy"], calm(chart), hint, caution=caution)]


def _row(told: Material, one: dict[str, Any]) -> Row:
    words, psi = told.words, one["psi"]
    low, high = one["psiLow95"], one["psiHigh95"]
    share = words["too_few"]
    if low is not None and high is not None:
        share = f"{low:.0%}–{high:.0%}" if psi is None else f"{psi:.0%} ({low:.0%}–{high:.0%})"
    return {
        "name": told.name(one["scientificName"]),
        "value": psi,
        "low": low,
        "high": high,
        "other": one["naiveOccupancy"],
        "is_weak": bool(one["psiAtEdge"]),
        "psi": share,
        "naive": f"{one['naiveOccupancy']:.0%}",
        "p": "" if one["p"] is None else words["found_each_time"].format(p=f"{one['p']:.2f}"),
        "at": words["units_told"].format(units=one["unitsDetected"], of=one["unitsWatched"]),
        "days": words["not_known"] if one["cameraDays"] is None else f"{one['cameraDays']:,.0f}",
    }
