"""The species page: what is protected and recorded, and one page for each taxon."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

import streamlit as st

from review_app.drawn_map import show_map
from review_app.say import heading, quiet, title, two_lines, words_of
from review_app.species_charts import index_chart
from review_app.species_parts import (
    LOOK,
    county_name,
    header_html,
    history_html,
    level_sign,
    photos_html,
    said,
    slices_html,
    span,
    threats_html,
    tiles_html,
)
from review_app.species_reach import reach_html
from review_app.species_timeline import members_html, timeline_html, years_html
from review_app.words_species import SENTENCES
from species_db.geo.areas import areas_in_force
from species_db.invasive.overview import survey_version
from species_db.language import Language
from species_db.lists.words import kind_word
from species_db.sensitivity import local_today
from species_db.survey import Survey
from species_db.taxa import search_taxa
from species_db.vocabulary import StatusKind
from species_db.wildlife import Shared, TaxonPage, read_shared, taxon_page
from species_db.wildlife.overview import WildlifeRow, wildlife_list
from species_db.wildlife.picture import MapWords, plot_points, taxon_map
from species_db.wildlife.release import released_page

TAXON, SEARCH, LEVEL, PAGE = "species_taxon", "species_search", "species_level", "species_page"
FILES = "species_files"
ROWS = 15
WIDTHS = (2.3, 2.1, 1.5, 1.9, 2.0, 1.2, 1.1, 0.9)
LEVELS = ("all", "I", "II", "none", "not known")

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the list of species, or the page of the one that was chosen."""
    words = words_of(SENTENCES, language)
    today = local_today(survey.settings)
    with survey.reading() as session:
        version = survey_version(session)
    st.html(LOOK)
    told = (str(survey.folder), version, today, survey)
    chosen = st.session_state.get(TAXON)
    if chosen is None:
        _list(survey, _listed(*told), _shared(*told), words, language, today)
    else:
        page = _page(chosen, *told)
        alerts = next((r.alerts_open for r in _listed(*told) if r.taxon_id == chosen), 0)
        _taxon(survey, page, words, language, alerts=alerts)


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _shared(folder: str, version: int, today: date, _survey: Survey) -> Shared:
    """Effort and lists, read once for every change of the survey."""
    with _survey.reading() as session:
        return read_shared(session)


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _listed(folder: str, version: int, today: date, _survey: Survey) -> tuple[WildlifeRow, ...]:
    shared = _shared(folder, version, today, _survey)
    with _survey.reading() as session:
        return wildlife_list(session, today, shared=shared)


@st.cache_resource(max_entries=24, show_spinner=False)  # type: ignore[untyped-decorator]
def _page(taxon_id: str, folder: str, version: int, today: date, _survey: Survey) -> TaxonPage:
    shared = _shared(folder, version, today, _survey)
    with _survey.reading() as session:
        return taxon_page(session, taxon_id, on=today, shared=shared)


def _list(
    survey: Survey,
    rows: Sequence[WildlifeRow],
    shared: Shared,
    words: Words,
    language: Language,
    today: date,
) -> None:
    title(words["title"])
    days = sum(shared.effort.of_stations().values())
    hint = words["hint" if days else "hint_no_days"]
    quiet(hint.format(days=f"{days:,.0f}", on=today))
    left, middle, right, last = st.columns((2.8, 1.6, 3, 1))
    text = left.text_input(words["search"], key=SEARCH, placeholder=words["search_hint"])
    level = middle.selectbox(
        words["which"], LEVELS, key=f"{LEVEL} {language}", format_func=lambda one: words[one]
    )
    with right:
        _open_other(survey, words, language)
    if not rows:
        st.info(words["nothing"])
        return
    fitting = [one for one in rows if _fits(one, text, level)]
    if not fitting:
        st.info(words["no_hit"])
        return
    pages, number = -(-len(fitting) // ROWS), 1
    if pages > 1:
        label = words["pages"].format(pages=pages)
        number = int(last.number_input(label, 1, pages, key=f"{PAGE} {text} {level}"))
    heads = ("taxon", "latin", "level", "records", "where", "last", "trend", "alerts")
    for column, head in zip(st.columns(WIDTHS), heads, strict=True):
        with column:
            quiet(words[head])
    for one in fitting[(number - 1) * ROWS : number * ROWS]:
        _row(one, words, language)
    quiet(words["trend_hint"])


def _fits(one: WildlifeRow, text: str, level: str) -> bool:
    names = f"{one.zh} {one.en} {one.scientific_name}".casefold()
    return level in ("all", one.level) and text.strip().casefold() in names


def _row(one: WildlifeRow, words: Words, language: Language) -> None:
    cells = st.columns(WIDTHS, vertical_alignment="center")
    name = one.zh or one.scientific_name
    if language == "en" and one.en:
        name = one.en
    cells[0].button(
        name, key=f"open {one.taxon_id}", width="stretch", on_click=partial(_choose, one.taxon_id)
    )
    cells[1].html(f"<i>{said(one.scientific_name)}</i>")
    cells[2].html(level_sign(one.level, words, has_doubt=bool(one.doubt)))
    field = words["field_of"].format(count=one.field_records) if one.field_records else ""
    waits = words["machine_of"].format(count=one.machine_events) if one.machine_events else ""
    where = words["where_of"].format(stations=one.stations, plots=one.plots)
    open_alerts = words["alerts_of"].format(count=one.alerts_open) if one.alerts_open else "–"
    told = (
        (words["events_of"].format(events=one.events), " · ".join(filter(None, (field, waits)))),
        (where, words["counties_of"].format(count=len(one.counties))),
        (str(one.last_on or words["never"]), ""),
        (words[f"trend_{one.trend.value}"], ""),
        (open_alerts, ""),
    )
    for cell, (first, second) in zip(cells[3:], told, strict=True):
        with cell:
            two_lines(first, second)


def _open_other(survey: Survey, words: Words, language: Language) -> None:
    """Open the page of any taxon of the survey, with records or without."""
    key = f"species_other {language}"
    text = st.text_input(words["other"], key=key, placeholder=words["other_hint"])
    if not text.strip():
        return
    with survey.reading() as session:
        hits = search_taxa(session, text, limit=4)
    if not hits:
        quiet(words["no_hit"])
    for hit in hits:
        name = (hit.en or hit.zh) if language == "en" else (hit.zh or hit.en)
        latin = f"*{hit.scientific_name}*\u00a0"  # the edge would cut a slanted last letter
        st.button(
            " · ".join(filter(None, (name, latin))),
            key=f"other {hit.taxon_id}",
            type="tertiary",
            on_click=partial(_choose, hit.taxon_id),
        )


def _taxon(
    survey: Survey, page: TaxonPage, words: Words, language: Language, *, alerts: int
) -> None:
    is_chinese = language == "zh"
    st.button(words["back"], key="back", type="tertiary", on_click=partial(_choose, None))
    st.html(header_html(page, words, alerts=alerts, is_chinese=is_chinese))
    if not page.has_records:
        st.info(words["absent"])
    elif not page.review.confirmed:
        st.info(words["only_machine"].format(count=page.review.awaiting))
    st.html(tiles_html(page, words, is_chinese=is_chinese))
    left, right = st.columns((1.15, 1), gap="large")
    with left:
        heading(words["photos"])
        if page.photos:
            st.html(photos_html(page.photos, words, is_chinese=is_chinese))
        else:
            quiet(words["no_photos"])
    with right:
        _map(survey, page, words)
    _charts(page, words)
    quiet(words["method"].format(minutes=page.method.interval_minutes))
    _tables(page, words, is_chinese=is_chinese)
    left, right = st.columns(2, gap="large")
    with left:
        heading(words["reach"])
        st.html(reach_html(page.reach, words, is_chinese=is_chinese))
        told = page.reach.distribution
        quiet(words["reach_method"].format(places=told.places, projection=told.projection))
        st.html(years_html(page, words) or "<span></span>")
    with right:
        heading(words["threats"])
        quiet(words["threats_hint"].format(days=page.method.threat_days))
        if page.threats:
            st.html(threats_html(page.threats, words))
        else:
            quiet(words["no_threats"])
    if below := members_html(page, words):
        heading(words["members"])
        st.html(below)
    _history(page, words)
    _download(survey, page, words)


def _map(survey: Survey, page: TaxonPage, words: Words) -> None:
    heading(words["map"])
    with survey.reading() as session:
        told = plot_points(session, survey.settings, page)
        areas = areas_in_force(session, on=page.on)
    if not told.points:
        quiet(words["no_map"])
        return
    names = page.identity.names
    shown = MapWords(
        title=f"{names.zh} {names.la}",
        description=words["map_hint"],
        found=words["map_found"],
        looked=words["map_looked"],
        size=words["map_size"],
    )
    show_map(taxon_map(told, shown, areas=areas), key="species_map")
    quiet(words["map_hint"])
    if told.withheld:
        quiet(words["map_withheld"].format(count=told.withheld))


def _charts(page: TaxonPage, words: Words) -> None:
    counts = page.counts
    if counts.total.camera.camera_days is None:
        return
    parts: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("by_year", str),
        ("by_month", lambda key: key.lstrip("0")),
        ("by_band", lambda key: key.lstrip("0") or "0"),
    )
    for column, (name, label) in zip(st.columns(3, gap="medium"), parts, strict=True):
        slices = [one for one in getattr(counts, name) if one.key]
        with column:
            unit = f" ({words['metres']})" if name == "by_band" else ""
            heading(f"{words[name]}{unit} · {words['index_of']}")
            if slices:
                st.altair_chart(index_chart(slices, words, label=label), theme=None)
    quiet(words["effort_below"])


def _tables(page: TaxonPage, words: Words, *, is_chinese: bool) -> None:
    counts, band_m = page.counts, page.method.band_m

    def named(key: str) -> str:
        return words.get(key, key) if key else words["unknown"]

    def band(key: str) -> str:
        return f"{int(key)}–{int(key) + band_m}" if key else words["unknown"]

    parts: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("by_county", lambda key: county_name(key, words, is_chinese=is_chinese)),
        ("by_plot", lambda key: key or words["unknown"]),
        ("by_band", band),
        ("by_year", lambda key: key or words["unknown"]),
        ("by_month", lambda key: key or words["unknown"]),
        ("by_ecosystem", named),
        ("by_habitat", named),
    )
    for tab, (name, label) in zip(st.tabs([words[name] for name, _ in parts]), parts, strict=True):
        with tab:
            st.html(slices_html(getattr(counts, name), words[name], words, label=label))


def _history(page: TaxonPage, words: Words) -> None:
    heading(words["history"])
    quiet(words["history_hint"])
    legal = page.legal
    if legal.records_by_level:
        told = " · ".join(
            f"{words.get(one.level, one.level)} {one.records} ({span(one.first_on, one.last_on)})"
            for one in legal.records_by_level
        )
        two_lines(words["on_its_day"] + told)
    if legal.lines:
        st.html(timeline_html(legal.lines, page.on, words))
        st.html(history_html(legal.lines, words))
    else:
        quiet(words["no_list"])
    if legal.kinds_not_known:
        kinds = "; ".join(kind_word(StatusKind(one)) for one in legal.kinds_not_known)
        quiet(words["not_complete"].format(kinds=kinds))


def _download(survey: Survey, page: TaxonPage, words: Words) -> None:
    heading(words["download"])
    quiet(words["download_hint"])
    taxon_id = page.identity.taxon_id
    if st.button(words["prepare"], key="prepare"):
        with survey.reading() as session:
            told = released_page(session, survey.settings, taxon_id, on=page.on)
        text = json.dumps(told.as_json(), ensure_ascii=False, indent=2)
        st.session_state[FILES] = (taxon_id, text, "\ufeff" + told.as_csv())
    kept = st.session_state.get(FILES)
    if kept and kept[0] == taxon_id:
        name = page.identity.names.la.replace(" ", "_")
        with st.container(horizontal=True):
            st.download_button(words["json"], kept[1], f"{name}.json", "application/json")
            st.download_button(words["csv"], kept[2], f"{name}.csv", "text/csv")


def _choose(taxon_id: str | None) -> None:
    st.session_state[TAXON] = taxon_id
    st.session_state.pop(FILES, None)
