"""The tables and the chart of the page of invaders, as markup; text is never read as markup."""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from review_app.say import sign
from species_db.invasive.effort import SearchEffort
from species_db.invasive.overview import InvasiveTaxon
from species_db.invasive.spread import Spread, YearSpread
from species_db.invasive.words import (
    area_words,
    list_words,
    share_change_words,
    visits_words,
)
from species_db.language import Language

FOUND, LOOKED, QUIET, RULE = "#e0a83e", "#5b6168", "#9a9fa6", "#3c4147"
LISTS_SHOWN = 2
DAY = re.compile(r"\d{4}-\d\d-\d\d")
LOOK = """<style>
.rows { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.rows th { text-align: left; font-weight: 500; font-size: 12.5px; color: #9a9fa6;
  padding: 4px 12px 4px 0; border-bottom: 1px solid #3c4147; vertical-align: bottom; }
.rows th:last-child, .rows th.number { white-space: nowrap; }
.rows td { padding: 7px 12px 7px 0; border-bottom: 1px solid #262a2f; vertical-align: top;
  font-size: 13.5px; line-height: 1.4; }
.rows th, .rows td { word-break: keep-all; }
.rows .number { text-align: right; white-space: nowrap; }
.rows small { display: block; color: #9a9fa6; font-size: 12px; }
.rows i { color: #b9bdc3; }
.rows td.wide { min-width: 240px; }
.rows tr.chosen td:first-child { box-shadow: inset 3px 0 0 #6fae8f; padding-left: 9px; }
.rows td.day, .whole { white-space: nowrap; }  /* days, bands of height, intervals */
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 3px 14px; margin: 4px 0 8px;
  padding: 0 !important; }
.facts dt { margin: 0 !important; color: #9a9fa6; font-size: 12.5px; }
.facts dd { margin: 0 !important; font-size: 13.5px; word-break: keep-all;
  overflow-wrap: anywhere; }
.months { display: inline-grid; grid-template-columns: max-content repeat(12, 22px); gap: 2px;
  font-size: 11px; text-align: center; }
.months em, .months small { font-style: normal; font-size: 12.5px; text-align: left;
  padding-right: 12px; line-height: 17px; }
.months small { color: #9a9fa6; }
.months span { color: #9a9fa6; }
.months b { height: 16px; line-height: 16px; border-radius: 2px; background: #262a2f;
  font-weight: 600; color: #14161a; }
.months b.some { background: #e0a83e; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 6px; }
.pairs figure { margin: 0; background: #101214; border-radius: 4px; }
.pairs img { display: block; width: 100%; height: 120px; object-fit: contain !important; }
.pairs figcaption { font-size: 12px; color: #b9bdc3; padding: 3px 7px 5px; }
</style>"""

Words = Mapping[str, str]


def overview_html(
    rows: Sequence[InvasiveTaxon], words: Words, language: Language, *, chosen: str | None = None
) -> str:
    """One row for each invader, with its lists, doubts, effort-bound trend and open business."""
    heads = ("taxon", "records", "counties", "plots", "cells", "stand", "last", "trend")
    numbers = ("records", "counties", "plots", "cells", "stand")
    told = "".join(
        f"<th{_number(name in numbers)}>{html.escape(words[name])}</th>"
        for name in (*heads, "actions", "alerts")
    )
    body = "".join(_row(one, words, language, is_chosen=one.taxon.taxon_id == chosen)
                   for one in rows)  # fmt: skip
    return f"<table class='rows'><tr>{told}</tr>{body}</table>"


def _row(one: InvasiveTaxon, words: Words, language: Language, *, is_chosen: bool) -> str:
    summary, taxon = one.summary, one.taxon
    lists = "; ".join(list_words(fact) for fact in one.status.facts[:LISTS_SHOWN])
    doubt = " " + sign(f"! {words['doubt']}", "doubt") if one.status.doubts else ""
    change = one.spread.share_change
    trend = _two(words[f"trend_{one.spread.trend}"], share_change_words(change) if change else "")
    name = html.escape(taxon.name_in(language))
    latin = f" <i>{html.escape(taxon.scientific_name)}</i>"
    cells = [
        f"<td><b>{name}</b>{latin}{doubt}<small>{whole_days(lists)}</small></td>",
        *(
            f"<td class='number'>{html.escape(text)}</td>"
            for text in (
                f"{summary.records:,}",
                str(len(summary.by_county)),
                str(len(summary.by_plot)),
                str(summary.cells),
                area_words(summary.area_m2) if summary.area_m2 is not None else words["none"],
            )
        ),
        f"<td class='day'>{summary.last_on or words['none']}</td>",
        f"<td class='wide'>{trend}</td>",
        f"<td class='day'>{_actions(one, words)}</td>",
        f"<td>{_alerts(one, words)}</td>",
    ]
    mark = " class='chosen'" if is_chosen else ""
    return f"<tr{mark}>{''.join(cells)}</tr>"


def years_html(spread: Spread, effort: SearchEffort,
               words: Words) -> str:  # fmt: skip
    """The numbers behind the chart; a year that nobody searched says so."""
    heads = ("year", "effort", "searched", "occupied", "share", "new_cells", "of_which",
             "new_plots", "chart_front")  # fmt: skip
    names = [words[head][:1].upper() + words[head][1:] for head in heads]
    told = "".join(f"<th{_number(n > 0)}>{html.escape(h)}</th>" for n, h in enumerate(names))
    body = "".join(_year(one, effort, words) for one in spread.years)
    return f"<table class='rows'><tr>{told}</tr>{body}</table>"


def _year(one: YearSpread, effort: SearchEffort, words: Words) -> str:
    unknown = words["unknown"]
    share = front = unknown
    if one.share is not None and one.low is not None and one.high is not None:
        share = f"{one.share:.0%} [{one.low:.0%}, {one.high:.0%}]"
    if one.front_km is not None:
        front = f"{one.front_km:.1f}" + (f" · {words['edge']}" if one.is_at_edge else "")
    new = [unknown if n is None else str(n) for n in (one.new_cells, one.new_after_empty)]
    plots = unknown if one.new_plots is None else str(one.new_plots)
    visits = visits_words(effort.visits.get(one.year, {}), effort.camera_days.get(one.year, 0))
    told = (
        str(one.year),
        visits or words["none"],
        str(one.searched_cells) if one.is_known else words["not_known"],
        str(one.occupied_cells) if one.is_known else unknown,
        share,
        *new,
        plots,
        front,
    )
    cells = (f"<td{_number(n > 0)}>{html.escape(text)}</td>" for n, text in enumerate(told))
    return f"<tr>{''.join(cells)}</tr>"


def months_html(conditions: Mapping[str, Sequence[int]], words: Words) -> str:
    """Each phenological condition with its number of records in each month of the year."""
    names = "".join(f"<span>{html.escape(name)}</span>" for name in words["months"].split())
    rows = [f"<small>{html.escape(words['phenology'])}</small>{names}"]
    for condition, counts in conditions.items():
        boxes = "".join(f"<b class='some'>{n}</b>" if n else "<b></b>" for n in counts)
        rows.append(f"<em>{html.escape(condition)}</em>{boxes}")
    return f"<div class='months'>{''.join(rows)}</div>"


def facts_html(facts: Sequence[tuple[str, str]]) -> str:
    """Names and what was noted under each, in two columns."""
    told = "".join(f"<dt>{html.escape(n)}</dt><dd>{whole_days(t)}</dd>" for n, t in facts)
    return f"<dl class='facts'>{told}</dl>"


def whole_days(text: str) -> str:
    """Text as markup in which no line ends within a date.

    >>> whole_days("from 2023-01-01")
    "from <span class='whole'>2023-01-01</span>"
    """
    return DAY.sub(lambda found: f"<span class='whole'>{found[0]}</span>", html.escape(text))


def spread_chart(spread: Spread, words: Words, *, height: int) -> Any:
    """Cells searched (hollow) and occupied (filled) above, the front below; gaps are named.

    A year without a search has no bar and no point, and the words say why.
    """
    import altair as alt

    rows = [_chart_row(one, words) for one in spread.years]
    years = [row["year"] for row in rows]
    x = alt.X("year:O", title=None, scale=alt.Scale(domain=years), axis=alt.Axis(labelAngle=0))
    base = alt.Chart(alt.InlineData(rows)).encode(x=x)
    tips = [alt.Tooltip("year:O", title=words["year"]), alt.Tooltip("told:N", title=" ")]
    y = alt.Y("searched:Q", title=words["chart_cells"], axis=alt.Axis(tickMinStep=1))
    looked = base.mark_bar(fillOpacity=0, stroke=QUIET, strokeWidth=1.4, size=26)
    found = base.mark_bar(color=FOUND, size=18)
    gaps = base.mark_text(color=QUIET, baseline="top", fontSize=11, y=6)
    front = base.mark_line(color=FOUND, strokeDash=[4, 3])
    marks = base.mark_point(color=FOUND, filled=True, size=55, shape="diamond")
    above = alt.layer(
        looked.encode(y=y, tooltip=tips),
        found.encode(y="occupied:Q", tooltip=tips),
        gaps.encode(text="gap:N"),
    ).properties(height=height, width="container")
    km = alt.Y("front:Q", title=words["chart_front"])
    below = alt.layer(front.encode(y=km), marks.encode(y=km, tooltip=tips)).properties(
        height=height, width="container"
    )
    return _calm(above), _calm(below)


def _calm(chart: Any) -> Any:
    return (
        chart.configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=QUIET,
            titleColor=QUIET,
            titleFontWeight="normal",
            gridColor="#2a2e33",
            domainColor=LOOKED,
            tickColor=LOOKED,
        )
    )


def _chart_row(one: YearSpread, words: Words) -> dict[str, Any]:
    known = one.is_known
    front = words["unknown"] if one.front_km is None else f"{one.front_km:.1f} km"
    told = f"{words['searched']} {one.searched_cells}, {words['occupied']} {one.occupied_cells}"
    return {
        "year": one.year,
        "searched": one.searched_cells if known else None,
        "occupied": one.occupied_cells if known else None,
        "front": one.front_km if known else None,
        "gap": "" if known else words["not_known"],
        "told": f"{told}, {words['front']} {front}" if known else words["not_known"],
    }


def _actions(one: InvasiveTaxon, words: Words) -> str:
    if not one.actions:
        return words["none"]
    name = "open_actions" if one.actions_without_visit else "all_visited"
    return _two(str(one.actions), words[name].format(open=one.actions_without_visit))


def _alerts(one: InvasiveTaxon, words: Words) -> str:
    if not one.open_alerts:
        return words["none"]
    return sign(words["open_alerts"].format(count=one.open_alerts), "doubt")


def _two(text: str, below: str) -> str:
    return f"{html.escape(text)}<small>{html.escape(below)}</small>"


def _number(is_number: bool) -> str:
    return " class='number'" if is_number else ""
