"""One alert opened: why it fired, its picture, what happened so far, and the next step."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

import streamlit as st

from review_app.alert_card import card_html
from review_app.say import heading, quiet
from species_db.alerts import (
    ActionView,
    AlertError,
    AlertView,
    Choice,
    Evidence,
    Step,
    control_choices,
    evidence_of,
    field_choices,
    view_alert,
)
from species_db.alerts.why import ACT_WORDS, OUTCOME_WORDS, said
from species_db.survey import Survey
from species_db.vocabulary import AlertAct, AlertOutcome, AlertState

Words = Mapping[str, str]
Act = Callable[[str, Step], None]


@dataclass(frozen=True)
class Links:
    """What a step may be linked to."""

    records: Sequence[Choice]
    controls: Sequence[Choice]


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
        links = Links(field_choices(session, one), control_choices(session, one))
    offset = timedelta(seconds=survey.settings.utc_offset_seconds)
    left, right = st.columns((1, 1), gap="large")
    with left:
        st.html(card_html(one, words))
        heading(words["next"])
        _form(one, links, words, person, offset, act)
        heading(words["history"])
        st.html(history_html(history, words, offset))
    with right:
        heading(words["evidence"])
        _picture(picture, words)


def history_html(history: Sequence[ActionView], words: Words, offset: timedelta) -> str:
    """Every step with its time, person and note, the newest first.

    Levels reached one after another are one line: the log keeps each, a reader needs the last.
    """
    lines: list[str] = []
    level = 0
    for is_late, steps in groupby(history, lambda one: one.act is AlertAct.ESCALATED):
        run = list(steps)
        if is_late:
            level += len(run)
            lines.append(_late(run[-1], level, words, offset))
            continue
        if any(one.act is not AlertAct.NOTED for one in run):
            level = 0  # each step that moves an alert gives it a deadline of its own
        lines += [_step(one, offset) for one in run]
    return f"<ol class='past'>{''.join(reversed(lines))}</ol>"


def _late(last: ActionView, level: int, words: Words, offset: timedelta) -> str:
    since = f"{(last.due_at or last.decided_at) + offset:%Y-%m-%d}"
    told = words["escalated"].format(level=level, day=since)
    return _line(last, f"<b>{html.escape(told)}</b>", offset)


def _step(step: ActionView, offset: timedelta) -> str:
    told = f"<b>{html.escape(said(ACT_WORDS[step.act]))}</b> · {html.escape(step.person)}"
    if step.assigned_to:
        told += f" → {html.escape(step.assigned_to)}"
    linked = step.field_record_id or step.control_id
    note = " · ".join(part for part in (step.note, linked) if part)
    below = f"<div>{html.escape(note)}</div>" if note else ""
    return _line(step, told + below, offset)


def _line(step: ActionView, told: str, offset: timedelta) -> str:
    return f"<li><time>{step.decided_at + offset:%Y-%m-%d %H:%M}</time> {told}</li>"


def _form(
    one: AlertView, links: Links, words: Words, person: str, offset: timedelta, act: Act
) -> None:
    if not one.acts:
        _to_review(one, words)
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
        step = _asked(one, chosen, links, words, person, offset)
        is_kept = st.form_submit_button(
            words[f"act_{chosen.value}"], type="primary", disabled=not person
        )
    if is_kept:
        act(one.alert_id, step)
        st.rerun()


def _asked(
    one: AlertView, act: AlertAct, links: Links, words: Words, person: str, offset: timedelta
) -> Step:
    """What a step needs besides the name: note, person, deadline, links, outcome."""
    key = f"{one.alert_id} {one.state.value} {act.value}"
    assigned, outcome = "", None
    record: str | None = None
    control: str | None = None
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
        record = _link(links.records, words, "record", key)
    if act is AlertAct.ACTION:
        control = _link(links.controls, words, "control", key)
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
        field_record_id=record,
        control_id=control,
    )


def _to_review(one: AlertView, words: Words) -> None:
    """The way from a machine's word to the event that a person must look at."""
    quiet(words["review_first"] if one.state is AlertState.PROVISIONAL else "")
    review = st.session_state.get("page_review")
    if review is None or one.state is not AlertState.PROVISIONAL or one.record_kind != "event":
        return
    if st.button(words["review_it"], key=f"review {one.alert_id}", type="primary"):
        st.switch_page(review, query_params={"event": one.record_id})


def _link(choices: Sequence[Choice], words: Words, name: str, key: str) -> str | None:
    """Choose one of the newest by day, plot and person; ids are nothing to type."""
    told = {
        one.link_id: " · ".join(
            part for part in (str(one.day or ""), one.plot_id, one.what, one.person) if part
        )
        for one in choices
    }
    chosen: str | None = st.selectbox(
        words[name],
        list(told),
        index=None,
        format_func=lambda one: told.get(one, one),
        placeholder=words["link_one"] if told else words["link_none"],
        key=f"{name} {key}",
        disabled=not told,
    )
    return chosen


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
