"""The alert board: what waits for review, who acts on what by when, how often rules are wrong."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.alert_card import LOOK, card_html
from review_app.alert_detail import draw_detail
from review_app.alert_figures import draw_map_of, draw_rates
from review_app.say import heading, quiet, title, words_of
from review_app.words_alerts import SENTENCES
from species_db.alerts import (
    AlertError,
    AlertView,
    Filters,
    Step,
    act_on,
    alert_board,
    escalate_overdue,
    false_alarms,
    raise_alerts,
    rules_in_force,
)
from species_db.alerts.why import STATES, said
from species_db.language import Language
from species_db.places import COUNTIES
from species_db.survey import Survey
from species_db.vocabulary import AlertAct, AlertState

logger = logging.getLogger(__name__)

CHOSEN, SAID, WRONG = "alert_chosen", "alert_said", "alert_wrong"
ESCALATED = "alerts_escalated"  # the day on which this tab last looked for overdue ones
SHOWN = 12  # cards in one lane: more are not read, they are filtered
CARD_ACTS = (AlertAct.ACKNOWLEDGE,)  # need nothing but a name: one click
Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the board, or the one alert that was chosen on it."""
    words = words_of(SENTENCES, language)
    now = datetime.now(UTC)
    st.html(LOOK)
    chosen = st.session_state.get(CHOSEN)
    if chosen:
        st.button(words["back"], key="alert back", type="tertiary", on_click=partial(choose, None))
        _tell(words)
        draw_detail(survey, chosen, words, person=person, now=now, act=partial(_act, survey))
        return
    _escalate(survey, now)
    title(words["title"])
    quiet(words["hint"])
    filters = _filters(survey, words, person, language, now)
    _tell(words)
    with survey.reading() as session:
        board = alert_board(session, now=now, filters=filters)
        rates = false_alarms(session, now=now)
        titles = {rule.rule_id: rule.title for rule in rules_in_force(session, now.date())}
    if not board and filters == Filters():
        st.info(words["none_yet"])
    with st.container(key="alert_lanes"):
        _lanes(survey, board, words, person)
    left, right = st.columns((1.15, 1), gap="large")
    with left:
        draw_rates(rates, titles, words)
    with right:
        draw_map_of([one for one in board if one.is_open], words)


def choose(alert_id: str | None) -> None:
    """Open an alert, or go back to the board."""
    st.session_state[CHOSEN] = alert_id


def _filters(
    survey: Survey, words: Words, person: str, language: Language, now: datetime
) -> Filters:
    with survey.reading() as session:
        rules = {rule.rule_id: rule.title for rule in rules_in_force(session, now.date())}
    counties = {
        one.code: one.name_zh if language == "zh" else one.name_en for one in COUNTIES.values()
    }
    states = {state.value: said(names) for state, names in STATES.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        county = _choice(words, "county", counties, language)
        rule = _choice(words, "rule", rules, language)
        state = _choice(words, "state", states, language)
        st.button(
            words["run"],
            key="alerts run",
            help=words["run_hint"],
            disabled=not person,
            on_click=partial(_run, survey, person, words),
        )
    if not person:
        st.warning(words["need_person"])
    return Filters(county, rule, (AlertState(state),) if state else ())


def _choice(words: Words, name: str, options: Mapping[str, str], language: Language) -> str:
    chosen: str = st.selectbox(
        words[name],
        ["", *options],
        format_func=lambda one: options.get(one, f"{words[name]}: {words['all']}"),
        key=f"alerts {name} {language}",  # its words are drawn once for each key
        label_visibility="collapsed",
        width=230,
    )
    return chosen


def _lanes(survey: Survey, board: list[AlertView], words: Words, person: str) -> None:
    provisional = [one for one in board if one.state is AlertState.PROVISIONAL]
    closed = [one for one in board if not one.is_open]
    working = [one for one in board if one.is_open and one.state is not AlertState.PROVISIONAL]
    lanes = (("provisional", provisional), ("open", working), ("closed", closed))
    for column, (name, alerts) in zip(st.columns(3, gap="medium"), lanes, strict=True):
        with column:
            heading(f"{words[f'lane_{name}']} · {len(alerts)}")
            if not alerts:
                quiet(words["nothing"])
            for one in alerts[:SHOWN]:
                _card(survey, one, words, person)
            if len(alerts) > SHOWN:
                quiet(words["more"].format(count=len(alerts) - SHOWN))


def _card(survey: Survey, one: AlertView, words: Words, person: str) -> None:
    with st.container(border=True):
        st.html(card_html(one, words))
        with st.container(horizontal=True):
            st.button(
                words["open"],
                key=f"open {one.alert_id}",
                on_click=partial(choose, one.alert_id),
            )
            following = next(iter(one.acts), None)
            if following is None or not one.is_open:
                return
            is_one_click = following in CARD_ACTS
            step = Step(following, person, expected=one.state)
            st.button(
                words[f"act_{following.value}"],
                key=f"next {one.alert_id}",
                type="primary",
                disabled=not person,
                on_click=partial(_act, survey, one.alert_id, step)
                if is_one_click
                else partial(choose, one.alert_id),
            )


def _act(survey: Survey, alert_id: str, step: Step) -> None:
    """Take a step; what is wrong with it is told on the page."""
    with _busy():
        try:
            act_on(survey, alert_id, step)
            st.session_state[SAID] = "kept"
        except AlertError as error:
            st.session_state[WRONG] = str(error)


def _run(survey: Survey, person: str, words: Words) -> None:
    now = datetime.now(UTC)
    with _busy(), st.spinner(words["running"]):
        report = raise_alerts(survey, now=now, person=person)
        escalate_overdue(survey, now)
        st.session_state[SAID] = report.as_text()


def _escalate(survey: Survey, now: datetime) -> None:
    """Move overdue alerts up when the board is opened, once a day; a busy survey can wait."""
    if st.session_state.get(ESCALATED) == now.date():
        return
    try:
        escalate_overdue(survey, now)
        st.session_state[ESCALATED] = now.date()
    except OperationalError:
        logger.exception("overdue alerts were not looked at")


@contextmanager
def _busy() -> Iterator[None]:
    try:
        yield
    except OperationalError:
        st.session_state[WRONG] = "busy"


def _tell(words: Words) -> None:
    """Say what became of the last act."""
    state = st.session_state
    if wrong := state.pop(WRONG, None):
        st.error(words.get(wrong, wrong))
    if good := state.pop(SAID, None):
        st.success(words.get(good, good))
