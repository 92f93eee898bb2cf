"""The form that takes a control action."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st
from sqlalchemy.exc import OperationalError

from species_db.invasive.control import ControlDraft, ControlError, ground_of, record_control
from species_db.invasive.words import method_words
from species_db.language import Language
from species_db.survey import Survey
from species_db.vocabulary import ControlMethod

SAID, WRONG, SENT = "invasive_said", "invasive_wrong", "invasive_sent"

Words = Mapping[str, str]


def draw_form(
    survey: Survey, taxon_id: str | None, words: Words, *, person: str, language: Language
) -> None:
    """Ask for an action against the species that is shown; keep it, or say what is wrong."""
    state = st.session_state
    if (wrong := state.pop(WRONG, None)) is not None:
        st.error(wrong)
    if state.pop(SAID, False):
        st.success(words["saved"])
    with st.expander(words["add"], expanded=wrong is not None):
        if taxon_id is None:
            st.info(words["need_taxon"])
            return
        if not person:
            st.warning(words["need_person"])
        key = f"{taxon_id} {language} {state.get(SENT, 0)}"
        with st.form(f"control {key}", border=False):
            draft = _ask(survey, taxon_id, words, key)
            is_sent = st.form_submit_button(
                words["save"], type="primary", disabled=not person, key=f"control_save {key}"
            )
    if is_sent:
        _keep(survey, draft, words, person)


def _keep(survey: Survey, draft: ControlDraft, words: Words, person: str) -> None:
    state = st.session_state
    try:
        record_control(survey, draft, person=person)
    except ControlError as error:
        state[WRONG] = str(error)
    except OperationalError:
        state[WRONG] = words["busy"]
    else:
        state[SAID], state[SENT] = True, state.get(SENT, 0) + 1
    st.rerun()


def _ask(survey: Survey, taxon_id: str, words: Words, key: str) -> ControlDraft:
    with survey.reading() as session:
        plots = ["", *sorted(ground_of(session).plots)]
    first, second, third, fourth = st.columns(4)
    methods = [one.value for one in ControlMethod]
    method = first.selectbox(
        words["method"], methods, format_func=method_words, key=f"control_method {key}"
    )
    plot = second.selectbox(
        words["plot"],
        plots,
        index=min(1, len(plots) - 1),
        format_func=lambda one: one or words["no_plot"],
        key=f"control_plot {key}",
    )
    begun = third.date_input(
        words["started"], max_value="today", key=f"control_start {key}", format="YYYY-MM-DD"
    )
    ended = fourth.date_input(
        words["ended"], None, max_value="today", key=f"control_end {key}", format="YYYY-MM-DD"
    )
    placed = ControlDraft(
        taxon_id=taxon_id,
        method=method,
        started_on=begun,
        ended_on=ended,
        led_by="",
        plot_id=plot or None,
    )
    return _ask_rest(placed, words, key)


def _ask_rest(placed: ControlDraft, words: Words, key: str) -> ControlDraft:
    first, second, third, fourth = st.columns(4)
    led_by = first.text_input(words["led_by"], key=f"control_led {key}")
    area = second.number_input(words["area"], 0.0, value=None, key=f"control_area {key}")
    days = third.number_input(words["days"], 0.0, value=None, key=f"control_days {key}")
    agent = fourth.text_input(words["agent"], key=f"control_agent {key}")
    first, second, third, fourth = st.columns(4)
    amount = first.text_input(words["amount"], key=f"control_amount {key}")
    unit = second.text_input(
        words["unit"], key=f"control_unit {key}", placeholder=words["unit_hint"]
    )
    north = third.number_input(
        words["latitude"], value=None, format="%.5f", key=f"control_north {key}"
    )
    east = fourth.number_input(
        words["longitude"], value=None, format="%.5f", key=f"control_east {key}"
    )
    remarks = st.text_input(words["remarks"], key=f"control_remarks {key}")
    return replace(
        placed,
        led_by=led_by.strip(),
        latitude=north,
        longitude=east,
        treated_area_m2=area or None,
        removed_quantity=amount.strip(),
        removed_quantity_type=unit.strip(),
        person_days=days or None,
        agent=agent.strip(),
        remarks=remarks.strip(),
    )
