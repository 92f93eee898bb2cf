"""The review page: one event at a time, decided with the keyboard."""

import logging
import os

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.desk import Desk, press_key, read_press, take_up
from review_app.opened import opened_survey
from review_app.screen import read_part, screen_data, show_screen
from review_app.words import words_in
from species_db.language import Language, current_language
from species_db.survey import Survey, SurveyError

logger = logging.getLogger(__name__)

SCREEN = "screen"  # the component's key
LANGUAGE_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}


def page() -> None:
    """Draw the page; Streamlit calls this again after every act."""
    state = st.session_state
    state.setdefault("language", current_language())
    state.setdefault("person", os.environ.get("NAMCHA_PERSON", ""))
    state.setdefault("desk", Desk())
    words = words_in(state["language"])
    st.set_page_config(
        page_title=words["title"],
        layout="wide",
        initial_sidebar_state="collapsed" if state["person"].strip() else "expanded",
    )
    st.html(f"<style>{read_part('page.css')}</style>")
    with st.sidebar:
        st.text_input(words["person"], key="person", help=words["person_hint"])
        st.radio(
            words["language"],
            list(LANGUAGE_NAMES),
            key="language",
            format_func=LANGUAGE_NAMES.__getitem__,
            horizontal=True,
        )
    try:
        survey = opened_survey()
    except SurveyError as error:
        st.error(f"{words['no_survey']}: {error}")
        return
    draw(survey)


def draw(survey: Survey) -> None:
    """Send the event on the desk to the browser, and wait for a key.

    Each screen sent opens the keys again, so one is sent even when the survey cannot be read
    just now: the same as before, with a sentence.
    """
    state = st.session_state
    desk: Desk = state["desk"]
    try:
        state["screen_before"] = take_up(survey, desk, person=state["person"])
    except OperationalError:
        logger.exception("the survey could not be read")
        desk.message = "busy" if desk.message == "busy" else "busy_reading"
    if "screen_before" not in state:
        st.error(words_in(state["language"])["busy_reading"])
        return
    event, coming, done = state["screen_before"]
    desk.serial += 1
    show_screen(
        key=SCREEN,
        data=screen_data(
            event,
            coming,
            done=done,
            desk=desk,
            person=state["person"],
            language=state["language"],
        ),
        on_press_change=lambda: on_press(survey),
    )
    desk.forget_message()


def on_press(survey: Survey) -> None:
    """Do what the key asks, before the page is drawn: one run for each key."""
    state = st.session_state
    sent = state[SCREEN].press
    if sent:
        press_key(survey, state["desk"], read_press(sent), person=state["person"])


if __name__ == "__main__":  # as Streamlit runs it; merely importing draws nothing
    page()
