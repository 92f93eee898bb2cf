"""Below the board: how often each rule is wrong, and how many alerts are open in each county."""

import html
from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from review_app.drawn_map import show_map
from review_app.say import heading, quiet, sign
from species_db.alerts import AlertView, FalseAlarms
from species_db.geo import OutlineError
from species_db.places import COUNTIES

Words = Mapping[str, str]


def draw_rates(rates: Sequence[FalseAlarms], titles: Mapping[str, str], words: Words) -> None:
    """Each rule's false alarms with n and interval, told when over the budget."""
    heading(words["rates"])
    quiet(words["rates_hint"])
    st.html(rates_html(rates, titles, words))


def rates_html(rates: Sequence[FalseAlarms], titles: Mapping[str, str], words: Words) -> str:
    """The table of false alarms."""
    heads = ("rate_rule", "rate_closed", "rate_false", "rate_share", "rate_by")
    top = "".join(f"<th>{html.escape(words[one])}</th>" for one in heads)
    rows = []
    for one in rates:
        share = f"<span class='quiet'>{html.escape(words['rate_none'])}</span>"
        interval = one.interval()
        if one.rate is not None and interval is not None:
            key = "rate_over" if one.is_over else "rate_within"
            tone = "bad" if one.is_surely_over else "doubt" if one.is_over else "good"
            verdict = words[key].format(budget=f"{one.budget:.0%}")
            share = f"{one.rate:.0%} ({interval[0]:.0%}–{interval[1]:.0%})<br>{sign(verdict, tone)}"
        cells = (
            html.escape(titles.get(one.rule_id, one.rule_id)),
            str(one.closed),
            str(one.false),
            share,
            f"{one.by_machine} / {one.by_person}",
        )
        rows.append(
            f"<tr><td>{cells[0]}</td>"
            + "".join(f"<td class='short'>{cell}</td>" for cell in cells[1:])
            + "</tr>"
        )
    return (
        f"<table class='rates'><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def draw_map_of(alerts: Sequence[AlertView], words: Words) -> None:
    """The counties by their open alerts: a board shows no place within a county."""
    heading(words["map"])
    try:
        drawn = map_svg(alerts, words)
    except OutlineError as error:
        quiet(str(error))
        return
    show_map(drawn, key="alert_map")


def map_svg(alerts: Sequence[AlertView], words: Words) -> str:
    """Draw the map of open alerts by county."""
    from species_db.geo.map import MapCounty, MapLayer, MapScale, draw_map

    counts = Counter(one.county for one in alerts)
    late = Counter(one.county for one in alerts if one.is_overdue)
    scale = MapScale(words["map_title"], (0, 1, 3, 10), ("0", "1–2", "3–9", "10+"))
    counties = [
        MapCounty(
            code,
            counts[code],
            text=str(counts[code]) if counts[code] else "",
            label=words["map_count"].format(count=counts[code], late=late[code]),
        )
        for code in COUNTIES
    ]
    layer = MapLayer(title=words["map_title"], scale=scale, counties=counties)
    return draw_map([layer], title=words["map"], description=words["map_description"])
