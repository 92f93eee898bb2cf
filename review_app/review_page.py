"""The review page: one event at a time, decided with the keyboard."""

import logging

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.desk import Desk, open_event, press_key, read_press, take_up
from review_app.screen import screen_data, show_screen
from review_app.words import words_in
from species_db.language import Language
from species_db.survey import Survey

logger = logging.getLogger(__name__)

SCREEN = "screen"  # the component's key


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Send the event on the desk to the browser, and wait for a key.

    Each screen sent opens the keys again, so one is sent even when the survey cannot be read
    just now: the same as before, with a sentence.
    """
    state = st.session_state
    desk: Desk = state.setdefault("desk", Desk())
    try:
        if asked := st.query_params.pop("event", None):
            open_event(survey, desk, asked)
        state["screen_before"] = take_up(survey, desk, person=person)
    except OperationalError:
        logger.exception("the survey could not be read")
        desk.message = "busy" if desk.message == "busy" else "busy_reading"
    if "screen_before" not in state:
        st.error(words_in(language)["busy_reading"])
        return
    event, coming, done = state["screen_before"]
    desk.serial += 1
    show_screen(
        key=SCREEN,
        data=screen_data(event, coming, done=done, desk=desk, person=person, language=language),
        on_press_change=lambda: on_press(survey),
    )
    desk.forget_message()


def on_press(survey: Survey) -> None:
    """Do what the key asks, before the page is drawn: one run for each key."""
    state = st.session_state
    sent = state[SCREEN].press
    if sent:
        press_key(survey, state["desk"], read_press(sent), person=state["person"])
