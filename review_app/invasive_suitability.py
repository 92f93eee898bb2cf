"""Where else an invader could live: the envelope of its own records as a map and a table."""

import html
from collections.abc import Mapping

import streamlit as st

from review_app.drawn_map import show_map
from review_app.say import heading, quiet
from species_db.geo.map import draw_map
from species_db.invasive.listing import NamedTaxon
from species_db.invasive.suitability import (
    StratumShare,
    Suitability,
    class_words,
    suitability_layer,
)
from species_db.invasive.suitability_places import read_suitability
from species_db.invasive.words import county_words, habitat_words
from species_db.language import current_language
from species_db.survey import Survey
from species_db.tables import Taxon

COLUMNS = (1.3, 1)
UNBROKEN, UNBROKEN_COLUMNS = " class='day'", (1, 3, 4)  # height, counts, interval

Words = Mapping[str, str]


def draw_suitability(survey: Survey, taxon: NamedTaxon, version: int, words: Words) -> None:
    """Draw the counties by their best stratum, with the figures, their interval and the method."""
    heading(words["suitability"])
    language = current_language()
    told = _suitability_of(str(survey.folder), version, taxon.taxon_id, language, survey)
    if not told.strata:
        quiet(words["no_suitability"])
        return
    left, right = st.columns(COLUMNS, gap="large")
    with left:
        name = words["suitability_map"].format(name=taxon.name_in(language))
        drawn = draw_map([suitability_layer(told)], title=name, description=told.method())
        show_map(drawn, key="suitability_map")
    with right:
        if told.refusal:
            st.warning(told.refusal)
        st.html(_table(told, words))
        quiet(told.method())


@st.cache_resource(max_entries=8, show_spinner=False)  # type: ignore[untyped-decorator]
def _suitability_of(
    folder: str, version: int, taxon_id: str, language: str, _survey: Survey
) -> Suitability:
    """Worked out once for every change of the survey; its refusal is in the reader's language."""
    with _survey.reading() as session:
        return read_suitability(session, session.get_one(Taxon, taxon_id))


def _table(told: Suitability, words: Words) -> str:
    heads = ("county", "band", "habitat", "found_of", "interval", "suits")
    head = "".join(f"<th>{html.escape(words[name])}</th>" for name in heads)
    body = "".join(_row(one, words) for one in told.strata)
    return f"<table class='rows'><tr>{head}</tr>{body}</table>"


def _row(one: StratumShare, words: Words) -> str:
    interval = words["unknown"]
    if one.interval is not None:
        interval = f"{one.interval[0]:.0%}–{one.interval[1]:.0%}"
    found = f"{one.found} / {one.surveyed}"
    if one.met:
        found += f" · {words['met']} {one.met}"
    told = (
        county_words(one.stratum.county),
        str(one.stratum.band),
        habitat_words(one.stratum.habitat) or words["any_habitat"],
        found,
        interval,
        class_words(one.suitability),
    )
    cells = (
        f"<td{UNBROKEN if number in UNBROKEN_COLUMNS else ''}>{html.escape(text)}</td>"
        for number, text in enumerate(told)
    )
    return f"<tr>{''.join(cells)}</tr>"
