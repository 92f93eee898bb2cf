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
from species_db.invasive.words import county_words
from species_db.language import current_language, tr
from species_db.survey import Survey
from species_db.tables import Taxon
from species_db.vocabulary import ECOSYSTEM_ZH, Ecosystem

COLUMNS = (1.3, 1)

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
        interval = f"{one.interval[0]:.0%} – {one.interval[1]:.0%}"
    found = f"{one.found} / {one.surveyed}"
    if one.met:
        found += f" · {words['met']} {one.met}"
    told = (
        county_words(one.stratum.county),
        str(one.stratum.band),
        _habitat(one.stratum.habitat) or words["any_habitat"],
        found,
        interval,
        class_words(one.suitability),
    )
    return f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in told)}</tr>"


def _habitat(habitat: str) -> str:
    known = {one.value: chinese for one, chinese in ECOSYSTEM_ZH.items()}
    return tr(habitat, known.get(habitat, habitat)) if habitat in list(Ecosystem) else habitat
