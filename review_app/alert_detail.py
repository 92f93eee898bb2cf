"""One alert opened: why it fired, its picture, what happened so far, and the next step."""

import html
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from review_app.alert_card import card_html
from review_app.say import heading, quiet
from species_db.alerts import ActionView, AlertError, AlertView, Step, evidence_of, view_alert
from species_db.alerts.board import Evidence
from species_db.alerts.why import ACT_WORDS, OUTCOME_WORDS, said
from species_db.survey import Survey
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState

Words = Mapping[str, str]
Act = Callable[[str, Step], None]


def draw_detail(
    survey: Survey, alert_id: str, words: Words, *, person: str, now: datetime, act: Act
) -> None:
    """Draw one alert; `act` takes the step that the person asks for."""
    with survey.reading() as session:
        try:
            one, history = view_alert(session, alert_id, now=now)
        except AlertError as error:
            st.error(str(error))
            return
        picture = evidence_of(session, one)
    offset = timedelta(seconds=survey.settings.utc_offset_seconds)
    left, right = st.columns((1, 1), gap="large")
    with left:
        st.html(card_html(one, words))
        heading(words["next"])
        _form(one, words, person, offset, act)
        heading(words["history"])
        st.html(history_html(history, words, offset))
    with right:
        heading(words["evidence"])
        _picture(picture, words)


def history_html(history: tuple[ActionView, ...], words: Words, offset: timedelta) -> str:
    """Every step with its time, person and note, the newest first."""
    lines = []
    for step in reversed(history):
        at = f"{step.decided_at + offset:%Y-%m-%d %H:%M}"
        told = f"<b>{html.escape(said(ACT_WORDS[step.act]))}</b> · {html.escape(step.person)}"
        if step.assigned_to:
            told += f" → {html.escape(step.assigned_to)}"
        linked = step.field_record_id or step.control_id
        note = " · ".join(part for part in (step.note, linked) if part)
        below = f"<div>{html.escape(note)}</div>" if note else ""
        lines.append(f"<li><time>{at}</time> {told}{below}</li>")
    return f"<ol class='past'>{''.join(lines)}</ol>"


def _form(one: AlertView, words: Words, person: str, offset: timedelta, act: Act) -> None:
    if not one.acts:
        quiet(words["review_first"] if one.state is AlertState.PROVISIONAL else "")
        return
    if not person:
        st.warning(words["need_person"])
    key = f"{one.alert_id} {one.state.value}"
    chosen: AlertAct = one.acts[0]
    if len(one.acts) > 1:
        chosen = st.radio(
            words["next"],
            one.acts,
            format_func=lambda step: words[f"act_{step.value}"],
            key=f"act {key}",
            horizontal=True,
            label_visibility="collapsed",
        )
    with st.form(f"step {key} {chosen.value}", border=False):
        step = _asked(one, chosen, words, person, offset)
        is_kept = st.form_submit_button(
            words[f"act_{chosen.value}"], type="primary", disabled=not person
        )
    if is_kept:
        act(one.alert_id, step)
        st.rerun()


def _asked(one: AlertView, act: AlertAct, words: Words, person: str, offset: timedelta) -> Step:
    """What a step needs besides the name: note, person, deadline, links, outcome."""
    key = f"{one.alert_id} {one.state.value} {act.value}"
    assigned, outcome, record, control = "", None, "", ""
    due: date | None = None
    if act is AlertAct.ASSIGN:
        left, right = st.columns(2)
        assigned = left.text_input(words["to"], key=f"to {key}")
        due = right.date_input(words["due"], None, key=f"due {key}", format="YYYY-MM-DD")
    if act is AlertAct.CLOSE:
        outcome = st.selectbox(
            words["outcome"],
            one.outcomes,
            format_func=lambda end: said(OUTCOME_WORDS[AlertOutcome(end)]),
            key=f"outcome {key}",
        )
    if act in (AlertAct.CHECK, AlertAct.EFFECT):
        record = st.text_input(words["record"], key=f"record {key}")
    if act is AlertAct.ACTION:
        control = st.text_input(words["control"], key=f"control {key}")
    note = st.text_area(
        words["note"], key=f"note {key}", placeholder=words["note_example"], height=80
    )
    end = datetime.combine(due + timedelta(days=1), time(), tzinfo=UTC) - offset if due else None
    return Step(
        act=act,
        person=person,
        expected=one.state,
        note=note,
        assigned_to=assigned,
        outcome=outcome,
        due_at=end,
        field_record_id=record.strip() or None,
        control_id=control.strip() or None,
    )


def _picture(picture: Evidence | None, words: Words) -> None:
    """The picture by its route, which sends a restricted one blurred whatever is asked."""
    if picture is None:
        quiet(words["no_evidence"])
        return
    name = html.escape(picture.picture_id, quote=True)
    is_media = picture.kind == "media"
    address = f"/picture/{name}/clear" if is_media else f"/field/{name}/large"
    st.html(f"<img class='evidence' src='{address}' alt='{html.escape(words['evidence'])}'>")
    if picture.is_restricted:
        quiet(words["blurred"])
