"""Asking the command line to look again, and drawing the page anew when it has."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.jobs import JobError, clear_away
from review_app.say import quiet
from species_db.jobs import Condition, JobView, recent_jobs
from species_db.survey import Survey

Words = Mapping[str, str]
CHECK_S = 1.0


def draw_check(
    survey: Survey,
    words: Words,
    *,
    kind: str,
    subject: str,
    is_open: bool,
    start: Callable[[], JobView],
) -> None:
    """Draw the button; while the check runs, say so; how it failed is said plainly."""
    job = _newest(survey, kind, subject)
    is_live = job is not None and job.is_live
    st.button(
        words["check"],
        key=f"check {kind} {subject}",
        help=words["check_hint"],
        disabled=not is_open or is_live,
        on_click=partial(_start, start),
    )
    if is_live:
        st.fragment(_wait, run_every=CHECK_S)(survey, words, kind, subject)
    elif job is not None and job.condition is Condition.FAILED:
        quiet(job.message)
    if trouble := st.session_state.pop("check_trouble", None):
        st.error(trouble)


def _wait(survey: Survey, words: Words, kind: str, subject: str) -> None:
    clear_away()
    try:
        job = _newest(survey, kind, subject)
    except OperationalError:
        return
    if job is not None and job.is_live:
        quiet(words["checking"])
    else:
        st.rerun()


def _newest(survey: Survey, kind: str, subject: str) -> JobView | None:
    return next(iter(recent_jobs(survey, kind, subject=subject)), None)


def _start(start: Callable[[], JobView]) -> None:
    try:
        start()
    except JobError as error:
        st.session_state["check_trouble"] = str(error)
