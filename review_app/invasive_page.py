"""The page of invaders: which, where, how fast, and what was done against them to what effect."""

import html
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import streamlit as st

from review_app.drawn_map import SLATE, show_map
from review_app.invasive_control import draw_controls
from review_app.invasive_form import draw_form
from review_app.invasive_suitability import draw_suitability
from review_app.invasive_table import (
    LOOK,
    facts_html,
    months_html,
    overview_html,
    spread_chart,
    whole_days,
    years_html,
)
from review_app.say import heading, quiet, sign, title, two_lines, words_of
from review_app.words_invasive import SENTENCES
from species_db.geo.areas import areas_in_force
from species_db.invasive.listing import InvasiveStatus
from species_db.invasive.overview import (
    InvasiveOverview,
    InvasiveTaxon,
    invasive_overview,
    survey_version,
)
from species_db.invasive.picture import InvasiveMap, invasive_map
from species_db.invasive.words import (
    area_words,
    county_words,
    list_words,
    rate_words,
    spread_caveat,
    term_words,
    trend_words,
)
from species_db.language import Language
from species_db.survey import Survey

CHOSEN = "invasive_taxon"
CHART_HEIGHT = 150
COLUMNS = (1.3, 1)  # the map, and what is said of the species
COUNTIES_SHOWN = 7

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the table of invaders, and the one that is chosen in it."""
    words = words_of(SENTENCES, language)
    today = datetime.now().astimezone().date()
    with survey.reading() as session:
        version = survey_version(session)
    told = _overview_of(str(survey.folder), version, today, survey)
    st.html(LOOK)
    title(words["title"])
    rows = [*told.invasive, *told.introduced]
    if not rows:
        st.info(words["nothing"])
        return
    quiet(words["told"].format(on=told.on, seen=len(told.invasive), unseen=told.listed_unseen))
    chosen = st.session_state.setdefault(CHOSEN, rows[0].taxon.taxon_id)
    if told.invasive:
        st.html(overview_html(told.invasive, words, language, chosen=chosen))
    if told.introduced:
        with st.expander(words["introduced"].format(count=len(told.introduced))):
            st.html(overview_html(told.introduced, words, language, chosen=chosen))
    row = _choose(rows, words, language)
    _picture(survey, told, row, words, language, version)
    if row is not None:
        _spread(row, words)
        draw_suitability(survey, row.taxon, version, words)
        draw_controls(survey, row.taxon.taxon_id, words)
    taxon_id = row.taxon.taxon_id if row else None
    draw_form(survey, taxon_id, words, person=person, language=language)


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _overview_of(folder: str, version: int, today: date, _survey: Survey) -> InvasiveOverview:
    """Work the table out once for every change of the survey."""
    with _survey.reading() as session:
        return invasive_overview(session, today)


def _choose(
    rows: Sequence[InvasiveTaxon], words: Words, language: Language
) -> InvasiveTaxon | None:
    """Let one species be chosen, or all; what was chosen outlives a change of language."""
    state = st.session_state
    by_id = {row.taxon.taxon_id: row for row in rows}
    options = ["", *by_id]
    kept = state[CHOSEN]
    state[CHOSEN] = st.selectbox(
        words["choose"],
        options,
        index=options.index(kept) if kept in options else 0,
        format_func=lambda one: _name(by_id[one], language) if one else words["everything"],
        key=f"{CHOSEN} {language}",
        width=420,
    )
    return by_id.get(state[CHOSEN])


def _picture(
    survey: Survey,
    told: InvasiveOverview,
    row: InvasiveTaxon | None,
    words: Words,
    language: Language,
    version: int,
) -> None:
    name = _name(row, language) if row is not None else words["everything"]
    left, right = st.columns(COLUMNS, gap="large") if row is not None else (st.container(), None)
    chosen = row.taxon.taxon_id if row is not None else ""
    title = words["map_title"].format(name=name)
    with left:
        heading(words["map"])
        quiet(words["map_hint"])
        drawn = _map_of(str(survey.folder), version, chosen, title, survey, told)
        show_map(drawn.svg, key="invasive_map", accent=SLATE)
        if drawn.withheld:
            quiet(words["withheld"].format(count=drawn.withheld))
    if right is not None and row is not None:
        with right:
            _status(row, words)
            _noted(row, words)


@st.cache_resource(max_entries=16, show_spinner=False)  # type: ignore[untyped-decorator]
def _map_of(
    folder: str,
    version: int,
    taxon_id: str,
    title: str,
    _survey: Survey,
    _told: InvasiveOverview,
) -> InvasiveMap:
    """Drawn once for every change of the survey, and language, as the title is in it."""
    rows = [
        row
        for row in (*_told.invasive, *_told.introduced)
        if row.taxon.taxon_id == taxon_id or (not taxon_id and row.status.is_invasive)
    ]
    with _survey.reading() as session:
        return invasive_map(
            session,
            _survey.settings,
            rows,
            title=title,
            year=_told.on.year,
            areas=areas_in_force(session, on=_told.on),
        )


def _status(row: InvasiveTaxon, words: Words) -> None:
    heading(words["status"])
    then, now = row.status_then, row.status
    if then is not None and then.facts != now.facts:
        _status_line(words["as_of_record"].format(on=then.on), then, words)
    _status_line(words["as_of_today"].format(on=now.on), now, words)
    if now.not_known:
        quiet(words["silent"].format(kinds=", ".join(words[k] for k in sorted(now.not_known))))


def _status_line(when: str, status: InvasiveStatus, words: Words) -> None:
    lists = "; ".join(list_words(fact) for fact in status.facts) or words["not_listed"]
    st.html(f"<div>{whole_days(lists)}</div><div class='quiet figures'>{html.escape(when)}</div>")
    for doubt in status.doubts:
        st.html(f"{sign('! ' + words['doubt'], 'doubt')} <span class='quiet'>"
                f"{html.escape(doubt)}</span>")  # fmt: skip


def _noted(row: InvasiveTaxon, words: Words) -> None:
    summary = row.summary
    heading(words["noted"])
    stand = words["stand_at"].format(area=area_words(summary.area_m2), places=summary.areas)
    counts = words["counts"].format(
        records=summary.records, absences=summary.absences, unconfirmed=summary.unconfirmed
    )
    two_lines(counts, stand if summary.areas else "")
    firsts = [f"{county_words(o.where)}\u00a0{o.on}" for o in summary.by_county[:COUNTIES_SHOWN]]
    facts = [(words["first_county"], "\u00a0· ".join(firsts))]
    for name, counted in (
        ("abundance", summary.abundance),
        ("means", summary.establishment_means),
        ("degree", summary.degrees),
        ("pathway", summary.pathways),
    ):
        told = "\u00a0· ".join(f"{term_words(what)} {count}" for what, count in counted.items())
        facts.append((words[name], told))
    if summary.elevations_m:
        low, high = (f"{metres:,.0f}" for metres in summary.elevations_m)
        facts.append((words["elevation"], words["from_to"].format(low=low, high=high)))
    st.html(facts_html([fact for fact in facts if fact[1]]))
    if summary.phenology:
        months = {term_words(what): counts for what, counts in summary.phenology.items()}
        st.html(months_html(months, words))


def _spread(row: InvasiveTaxon, words: Words) -> None:
    heading(words["spread"])
    if not row.spread.years:
        st.info(words["no_years"])
        return
    left, right = st.columns(COLUMNS, gap="large")
    above, below = spread_chart(row.spread, words, height=CHART_HEIGHT)
    with left:
        quiet(words["bars"])
        st.altair_chart(above, theme=None, width="stretch")
        st.altair_chart(below, theme=None, width="stretch")
    with right:
        two_lines(trend_words(row.spread), words["share"])
        two_lines(rate_words(row.spread.front_rate), words["front"])
        two_lines(rate_words(row.spread.area_rate), words["radius"])
        if row.spread.years[-1].is_at_edge:
            st.html(sign(f"! {words['edge_now']}", "doubt"))
        quiet(spread_caveat())
    with st.expander(words["year_table"]):
        st.html(years_html(row.spread, row.effort, words))


def _name(row: InvasiveTaxon, language: Language) -> str:
    return " · ".join(dict.fromkeys((row.taxon.name_in(language), row.taxon.scientific_name)))
