"""The frame of every page: who works, in which language, and the way from page to page."""

import importlib
import logging
import os
from collections.abc import Callable
from functools import partial

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from review_app.opened import opened_survey
from review_app.screen import read_part
from review_app.words import words_in
from species_db.language import Language, current_language, speaking
from species_db.survey import Survey, SurveyError

logger = logging.getLogger(__name__)

LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}
REVIEW = "review"  # what the app opens with
# In the order of the work: cards, cameras, names, records made in person, what follows from them.
# Loaded when they are opened: the review page must not wait for charts.
PAGES = {
    "import": "review_app.import_page",
    "clock": "review_app.clock_page",
    "health": "review_app.health_page",
    "repeats": "review_app.repeats_page",
    REVIEW: "review_app.review_page",
    "misses": "review_app.misses_page",
    "field": "review_app.field_page",
    "records": "review_app.record_page",
    "alerts": "review_app.alerts_page",
    "species": "review_app.species_page",
    "analysis": "review_app.analysis_page",
    "invasive": "review_app.invasive_page",
}


def page() -> None:
    """Draw the page that is asked for; Streamlit calls this again after every act."""
    state = st.session_state
    state.setdefault("language", current_language())
    state.setdefault("person", os.environ.get("NAMCHA_PERSON", ""))
    words = words_in(state["language"])
    pages = _pages(words)
    state["page_review"] = pages[list(PAGES).index(REVIEW)]  # others send a person there
    chosen = st.navigation(pages, position="hidden")
    is_review = chosen.url_path == ""
    st.set_page_config(
        page_title=f"{words['name']} · {chosen.title}",
        layout="wide",
        initial_sidebar_state="collapsed" if is_review and state["person"].strip() else "expanded",
    )
    st.html(f"<style>{read_part('page.css' if is_review else 'pages.css')}</style>")
    with st.sidebar:
        for entry in pages:
            st.page_link(entry)
        st.text_input(words["person"], key="person", help=words["person_hint"])
        st.radio(
            words["language"],
            list(LANGUAGE_NAMES),
            key="language",
            format_func=LANGUAGE_NAMES.__getitem__,
            horizontal=True,
        )
    chosen.run()


def _pages(words: dict[str, str]) -> list[st.Page]:
    return [
        st.Page(
            partial(_draw, module),
            title=words[f"page_{name}"],
            url_path=name,
            default=name == REVIEW,
        )
        for name, module in PAGES.items()
    ]


def _draw(module: str) -> None:
    _with_survey(importlib.import_module(module).show)


def _with_survey(show: Callable[..., None]) -> None:
    state = st.session_state
    with speaking(state["language"]):
        try:
            survey: Survey = opened_survey()
        except SurveyError as error:
            st.error(f"{words_in(state['language'])['no_survey']}: {error}")
            return
        try:
            show(survey, person=state["person"].strip(), language=state["language"])
        except SQLAlchemyError:
            logger.exception("the page could not be drawn")
            st.error(words_in(state["language"])["no_database"])


if __name__ == "__main__":  # as Streamlit runs it; merely importing draws nothing
    page()
