"""Correcting a clock by hand: a known difference, or a photo whose true time a person read."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from species_db.clock import Anchor, ClockError, ClockView, state_anchors, state_shift
from species_db.clock.written import parse_moment, parse_shift
from species_db.language import Language, speaking
from species_db.survey import Survey

SAID, WRONG = "clock_said", "clock_wrong"

Words = Mapping[str, str]


def by_hand(
    survey: Survey, view: ClockView, words: Words, *, person: str, language: Language
) -> None:
    """Draw the two forms; what they say is in force at once and can be withdrawn."""
    name = view.deployment_id
    with st.expander(words["by_hand"]):
        anchor, shift = st.tabs([words["anchor"], words["shift"]])
        with anchor, st.form(f"anchor {name}", border=False):
            left, right = st.columns((1.4, 1))
            left.text_input(
                words["anchor_file"], key=f"anchor_file {name}", placeholder="IMG_4117.JPG"
            )
            right.text_input(
                words["anchor_time"], key=f"anchor_time {name}", placeholder="2026-10-03 11:20"
            )
            _stretch(words, f"anchor {name}")
            st.form_submit_button(
                words["apply"],
                disabled=not person,
                on_click=partial(_anchor, survey, view, person, language),
            )
        with shift, st.form(f"shift {name}", border=False):
            st.text_input(
                words["shift_field"], key=f"shift_by {name}", placeholder=words["shift_example"]
            )
            _stretch(words, f"shift {name}")
            st.form_submit_button(
                words["apply"],
                disabled=not person,
                on_click=partial(_shift, survey, view, person, language),
            )


def _stretch(words: Words, key: str) -> None:
    left, right = st.columns(2)
    left.text_input(words["from_file"], key=f"from {key}")
    right.text_input(words["to_file"], key=f"to {key}")


def _anchor(survey: Survey, view: ClockView, person: str, language: Language) -> None:
    state, name = st.session_state, view.deployment_id
    offset = view.local_start.utcoffset()
    try:
        with speaking(language):
            seconds = int(offset.total_seconds()) if offset else 0
            moment = parse_moment(state[f"anchor_time {name}"], utc_offset_seconds=seconds)
            anchor = Anchor(state[f"anchor_file {name}"], moment)
            first, last = _ends(f"anchor {name}")
            state_anchors(survey, name, [anchor], person=person, first_file=first, last_file=last)
        state[SAID] = ("done_shift", 0)
    except ClockError as error:
        state[WRONG] = str(error)


def _shift(survey: Survey, view: ClockView, person: str, language: Language) -> None:
    state, name = st.session_state, view.deployment_id
    try:
        with speaking(language):
            by = parse_shift(state[f"shift_by {name}"])
            first, last = _ends(f"shift {name}")
            state_shift(survey, name, by, person=person, first_file=first, last_file=last)
        state[SAID] = ("done_shift", 0)
    except ClockError as error:
        state[WRONG] = str(error)


def _ends(key: str) -> tuple[str | None, str | None]:
    state = st.session_state
    return state[f"from {key}"].strip() or None, state[f"to {key}"].strip() or None
