"""The clock page: what speaks against a camera's clock, and a person's decision on it."""

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from review_app.checking import draw_check
from review_app.clock_by_hand import by_hand
from review_app.clock_chart import clock_chart
from review_app.jobs import start_clock
from review_app.say import heading, quiet, sign, title, two_lines, words_of
from review_app.words_clock import SENTENCES
from species_db.clock import (
    ClockError,
    ClockView,
    SegmentView,
    accept,
    clock_view,
    dismiss,
    withdraw,
)
from species_db.clock.evidence import length
from species_db.clock_files import ClockCount, ClockFile, clock_counts, clock_files, telling_files
from species_db.language import Language, speaking
from species_db.survey import Survey
from species_db.vocabulary import ClockState

DEPLOYMENT, SAID, WRONG = "clock_deployment", "clock_said", "clock_wrong"
TONES = {ClockState.PROPOSED: "doubt", ClockState.ACCEPTED: "good"}

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the clock of one deployment, those with open proposals offered first."""
    words = words_of(SENTENCES, language)
    with survey.reading() as session:
        counts = clock_counts(session)
    if not counts:
        title(words["title"])
        st.info(words["nothing"])
        return
    left, right = st.columns((1, 1.15), gap="large")
    with left:
        title(words["title"])
        deployment_id = _chosen(counts, words)
        with survey.reading() as session:
            view = clock_view(session, deployment_id)
        _said(words)
        two_lines(_period(view, words), words["hint"])
        if not person:
            st.warning(words["need_person"])
        segment = _segments(survey, view, words, person, language)
        by_hand(survey, view, words, person=person, language=language)
        draw_check(
            survey,
            words,
            kind="clock",
            subject=deployment_id,
            is_open=bool(person),
            start=partial(start_clock, survey, deployment_id, person=person, language=language),
        )
    with survey.reading() as session:
        files = clock_files(session, deployment_id, segment.segment_id if segment else None)
    with right:
        heading(words["chart" if segment else "chart_plain"])
        chart = clock_chart(files, view, words, height=210)
        st.altair_chart(chart, theme=None, width="stretch")
        _strip(telling_files(files), words, is_compared=segment is not None)


def _chosen(counts: Sequence[ClockCount], words: Words) -> str:
    told = {}
    for one in counts:
        told[one.deployment_id] = one.deployment_id
        if one.proposed:
            told[one.deployment_id] = words["with_proposals"].format(
                deployment=one.deployment_id, count=one.proposed
            )
        elif one.accepted:
            told[one.deployment_id] = words["with_accepted"].format(deployment=one.deployment_id)
    state, names = st.session_state, sorted(told)
    kept = state.get(DEPLOYMENT)
    chosen: str = st.selectbox(
        words["deployment"],
        list(told),
        index=list(told).index(kept) if kept in told else 0,
        format_func=told.__getitem__,
        key=f"{DEPLOYMENT} {[told[name] for name in names]}",  # anew when its words change
        label_visibility="collapsed",
    )
    state[DEPLOYMENT] = chosen
    return chosen


def _segments(
    survey: Survey, view: ClockView, words: Words, person: str, language: Language
) -> SegmentView | None:
    """Draw the corrections, open ones first; give the one that the pictures explain."""
    heading(words["corrections"])
    if not view.segments:
        quiet(words["right"])
        return None
    order = list(ClockState)
    segments = sorted(view.segments, key=lambda s: (order.index(ClockState(s.state)), s.number))
    shown = segments[0]
    if len(segments) > 1:
        number: int = st.segmented_control(
            words["corrections"],
            [segment.number for segment in segments],
            default=shown.number,
            format_func=lambda n: f"{n} · {words[_numbered(segments, n).state]}",
            key=f"segment {view.deployment_id} {[(s.number, s.state) for s in segments]}",
            label_visibility="collapsed",
            required=True,
        )
        shown = _numbered(segments, number)
    _segment(survey, shown, words, person, language)
    return shown


def _numbered(segments: Sequence[SegmentView], number: int) -> SegmentView:
    return next(segment for segment in segments if segment.number == number)


def _segment(
    survey: Survey, segment: SegmentView, words: Words, person: str, language: Language
) -> None:
    with st.container(border=True, key=f"segment_{segment.segment_id}"):
        margin = words["uncertain"].format(length=length(segment.uncertainty_seconds))
        mark = sign(words[segment.state], TONES.get(ClockState(segment.state), ""))
        st.html(
            f"<b>{html.escape(segment.offset_said)}</b> {html.escape(margin)} &ensp;{mark}"
            f"<div>{html.escape(segment.cause_said)}</div>"
        )
        before, after = _effect(segment, words)
        two_lines(before)
        two_lines(after, _outside(segment, words))
        told = "".join(f"<li>{html.escape(line)}</li>" for line in segment.evidence)
        st.html(f"<div class='quiet'>{html.escape(_author(segment, words))}</div><ul>{told}</ul>")
        with st.container(horizontal=True):
            for name, act in _acts(segment):
                st.button(
                    words[name],
                    key=f"{name} {segment.segment_id}",
                    type="primary" if name == "accept" else "secondary",
                    disabled=not person,
                    on_click=partial(_decide, survey, segment, act, name, person, language),
                )


def _acts(segment: SegmentView) -> list[tuple[str, Callable[..., None]]]:
    if segment.state == ClockState.ACCEPTED.value:
        return [("withdraw", withdraw)]
    if segment.state == ClockState.PROPOSED.value:
        return [("accept", accept), ("dismiss", dismiss)]
    return [("accept_after_all", accept)]


def _decide(
    survey: Survey,
    segment: SegmentView,
    act: Callable[..., None],
    name: str,
    person: str,
    language: Language,
) -> None:
    state = st.session_state
    try:
        with speaking(language):
            act(survey, segment.segment_id, person=person)
        state[SAID] = (f"done_{name.removesuffix('_after_all')}", segment.effect.files)
    except ClockError as error:
        state[WRONG] = str(error)


def _said(words: Words) -> None:
    """Say once what the last act did."""
    state = st.session_state
    if wrong := state.pop(WRONG, None):
        st.error(wrong)
    if said := state.pop(SAID, None):
        name, count = said
        st.success(words[name].format(count=f"{count:,}"))


def _strip(files: Sequence[ClockFile], words: Words, *, is_compared: bool) -> None:
    if not files:
        return
    heading(words["photos"])
    cells = []
    for before, one in zip([None, *files], files, strict=False):
        is_break = before is not None and one.is_covered and not before.is_covered
        name = html.escape(one.media_id, quote=True)
        lines = [_time(one, words["camera_says"], words, is_before=True)]
        if is_compared and one.is_covered:
            lines.append(_time(one, words["corrected_says"], words, is_before=False))
        look = "" if one.is_grey is None else words["grey" if one.is_grey else "colour"]
        told = "".join(f"<div>{html.escape(line)}</div>" for line in lines)
        above = html.escape(words["break"]) if is_break else "&nbsp;"
        cells.append(
            f"<figure><div class='quiet'>{above}</div><img src='/picture/{name}/clear' alt=''>"
            f"<figcaption><b>{html.escape(one.card_path.rpartition('/')[2])}</b> "
            f"{html.escape(look)}{told}</figcaption></figure>"
        )
    st.html(f"<div class='photos'>{''.join(cells)}</div>")


def _time(one: ClockFile, sentence: str, words: Words, *, is_before: bool) -> str:
    moment = one.camera_time if is_before else one.corrected
    sun = one.sun_before if is_before else one.sun_after
    if moment is None or sun is None:
        return words["no_time"]
    is_absurd = one.is_absurd if is_before else one.is_absurd_after
    told = sentence.format(time=f"{moment:%Y-%m-%d %H:%M}", sun=f"{sun:.0f}".replace("-", "−"))
    return f"{told} {words['absurd']}" if is_absurd else told


def _period(view: ClockView, words: Words) -> str:
    end = f"{view.local_end:%Y-%m-%d}" if view.local_end else words["still_out"]
    told = words["period"].format(start=f"{view.local_start:%Y-%m-%d}", end=end)
    told += words["files"].format(files=f"{view.files:,}")
    for name in ("outside", "undated", "left_alone"):
        if count := getattr(view, name):
            told += words[name].format(count=f"{count:,}")
    return told


def _effect(segment: SegmentView, words: Words) -> tuple[str, str]:
    effect = segment.effect

    def span(first: datetime | None, last: datetime | None) -> str:
        return f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}" if first and last else "–"

    before = words["effect"].format(
        files=f"{effect.files:,}", span=span(effect.first_before, effect.last_before)
    )
    return before, f"→ {span(effect.first_after, effect.last_after)}"


def _outside(segment: SegmentView, words: Words) -> str:
    return words["effect_outside"].format(
        before=f"{segment.effect.outside_before:,}", after=f"{segment.effect.outside_after:,}"
    )


def _author(segment: SegmentView, words: Words) -> str:
    if segment.decided_by:
        return words["by_person"].format(person=segment.decided_by)
    return words["by_detector"].format(share=round(segment.confidence * 100))
