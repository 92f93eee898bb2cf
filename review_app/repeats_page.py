"""The page of false alarms: what stands at one place of a camera, to be dismissed by one act."""

from collections.abc import Mapping
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from review_app.repeats_grid import LOOK, grid_html
from review_app.say import heading, quiet, sign, title, words_of
from review_app.words_repeats import SENTENCES
from species_db.decisions import last_act
from species_db.language import Language
from species_db.repeats.dismiss import (
    Dismissal,
    DismissalError,
    dismiss,
    dismissals_of,
    restore,
)
from species_db.repeats.groups import Busy, Doubt, RepeatGroup, busy_deployments, repeats_of
from species_db.repeats.words import DOUBTS, TYPES
from species_db.survey import Survey
from species_db.vocabulary import Act

CHOSEN, SAID, WRONG, LAST = "repeats_chosen", "repeats_said", "repeats_wrong", "repeats_last"
SHOWN = "repeats_shown"
STALE_S = 600  # reviews change what a group would clear; that much may be out of date
GROUPS = 5  # at once: each loads a dozen pictures
TOLD_APART = {Doubt.COMPANY, Doubt.SEEN_BY_PEOPLE}  # with their numbers
Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the camera that was chosen, its groups, and what was dismissed there."""
    words = words_of(SENTENCES, language)
    st.html(LOOK)
    title(words["title"])
    quiet(words["hint"])
    with survey.reading() as session:
        version = _version(session)
    cameras = {one.deployment_id: one for one in _busy(str(survey.folder), version, survey)}
    if not cameras:
        st.info(words["nothing"])
        return
    deployment_id = _chosen(cameras, words, f"{CHOSEN} {language} {version}")
    _tell(survey, words, person)
    if not person:
        st.warning(words["need_person"])
    groups = _groups_of(str(survey.folder), deployment_id, version, survey)
    if groups:
        clears = sum(one.clears for one in groups)
        heading(words["found"].format(groups=len(groups), clears=f"{clears:,}"))
    else:
        quiet(words["none_here"])
    shown = st.session_state.get(SHOWN, {}).get(deployment_id, GROUPS)
    for group in groups[:shown]:
        _group(survey, group, words, person, language)
    if len(groups) > shown:
        label = words["more"].format(count=min(GROUPS, len(groups) - shown))
        more = {deployment_id: shown + GROUPS}
        st.button(
            label, key="repeats more", on_click=partial(st.session_state.update, {SHOWN: more})
        )
    _acts(survey, deployment_id, words, person)


@st.cache_resource(max_entries=2, ttl=STALE_S, show_spinner=False)  # type: ignore[untyped-decorator]
def _busy(folder: str, version: int, _survey: Survey) -> list[Busy]:
    with _survey.reading() as session:
        return busy_deployments(session)


def _chosen(cameras: Mapping[str, Busy], words: Words, key: str) -> str:
    """Let a camera be chosen; a new key draws the figures beside the names anew."""
    names = list(cameras)
    before = st.session_state.get(CHOSEN)
    name: str = st.selectbox(
        words["deployment"],
        names,
        index=names.index(before) if before in cameras else 0,
        format_func=lambda one: _named(cameras[one], words),
        key=key,
        width=560,
    )
    st.session_state[CHOSEN] = name
    return name


def _named(one: Busy, words: Words) -> str:
    return words["deployment_of"].format(
        name=one.deployment_id, count=f"{one.events:,}", piled=f"{one.piled:,}"
    )


@st.cache_resource(max_entries=8, ttl=STALE_S, show_spinner=False)  # type: ignore[untyped-decorator]
def _groups_of(folder: str, deployment_id: str, version: int, _survey: Survey) -> list[RepeatGroup]:
    """Find the groups once for every change of the survey: a busy camera takes some seconds."""
    with _survey.reading() as session:
        return repeats_of(session, deployment_id)


def _version(session: Session) -> int:
    """What changes when boxes do: the last act that is no review, else each would cost seconds."""
    return last_act(session, but=(Act.REVIEWED, Act.UNDONE))


def _group(
    survey: Survey, group: RepeatGroup, words: Words, person: str, language: Language
) -> None:
    place = 1 if language == "zh" else 0
    kind = TYPES.get(group.observation_type, (group.observation_type,) * 2)[place]
    with st.container(border=True, key=f"repeat {group.group_id}"):
        left, right = st.columns((4, 1), vertical_alignment="center")
        with left:
            heading(words["head"].format(type=kind, clears=group.clears, events=group.events))
            quiet(_facts(group, words))
            st.html(f"<div class='doubts'>{_doubts(group, words, place)}</div>")
        right.button(
            words["dismiss"],
            key=f"dismiss {group.group_id}",
            type="primary",
            width="stretch",
            disabled=not person,
            on_click=partial(_dismiss, survey, group, person),
        )
        st.html(grid_html(group, words))


def _facts(group: RepeatGroup, words: Words) -> str:
    low, middle, high = (f"{one:.2f}" for one in group.scores)
    return words["facts"].format(
        first=f"{group.first:%Y-%m-%d}" if group.first else words["no_time"],
        last=f"{group.last:%Y-%m-%d}" if group.last else words["no_time"],
        days=group.days,
        hours=group.hours,
        share=round(100 * group.share),
        low=low,
        middle=middle,
        high=high,
        boxes=f"{len(group.observation_ids):,}",
        model=group.model,
    )


def _doubts(group: RepeatGroup, words: Words, place: int) -> str:
    told = [sign(DOUBTS[one][place], "doubt") for one in group.doubts if one not in TOLD_APART]
    if group.animal_events:
        told.insert(0, sign(words["animals"].format(count=group.animal_events), "bad"))
    if group.company_events:
        told.append(sign(words["company"].format(count=group.company_events), "doubt"))
    return " ".join(told)


def _dismiss(survey: Survey, group: RepeatGroup, person: str) -> None:
    """Dismiss a group; what is wrong with it is told on the page."""
    state = st.session_state
    try:
        act = dismiss(survey, group.deployment_id, group.observation_ids, person=person)
    except DismissalError:
        state[WRONG] = "changed"
    except OperationalError:
        state[WRONG] = "busy"
    else:
        state[LAST] = act
        state[SAID] = "dismissed", {"boxes": len(group.observation_ids), "clears": group.clears}


def _restore(survey: Survey, act: str, person: str) -> None:
    state = st.session_state
    state.pop(LAST, None)
    try:
        state[SAID] = "restored", {"boxes": restore(survey, act, person=person)}
    except DismissalError as error:
        state[WRONG] = str(error)
    except OperationalError:
        state[WRONG] = "busy"


def _tell(survey: Survey, words: Words, person: str) -> None:
    """Say what became of the last act, and offer to undo it."""
    state = st.session_state
    if wrong := state.pop(WRONG, None):
        st.error(words.get(wrong, wrong))
    if said := state.pop(SAID, None):
        name, figures = said
        st.success(words[name].format(**figures))
    if act := state.get(LAST):
        st.button(
            words["undo"],
            key="repeats undo",
            disabled=not person,
            on_click=partial(_restore, survey, act, person),
        )


def _acts(survey: Survey, deployment_id: str, words: Words, person: str) -> None:
    """What was dismissed at this camera, each act to be taken back."""
    with survey.reading() as session:
        acts = dismissals_of(session, deployment_id)
    if not acts:
        return
    heading(words["done"])
    for one in acts:
        _act_line(survey, one, words, person)


def _act_line(survey: Survey, one: Dismissal, words: Words, person: str) -> None:
    told = words["done_line"].format(
        boxes=f"{one.boxes:,}", person=one.dismissed_by, day=f"{one.dismissed_at:%Y-%m-%d}"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if one.restored_at is not None:
            back = words["taken_back"].format(
                person=one.restored_by, day=f"{one.restored_at:%Y-%m-%d}"
            )
            quiet(f"{told} · {back}")
            return
        quiet(told)
        st.button(
            words["take_back"],
            key=f"take back {one.dismissal_id}",
            disabled=not person,
            on_click=partial(_restore, survey, one.dismissal_id, person),
        )
