"""The health page: which cameras lost days, why, and what people know better."""

import html
from collections.abc import Mapping
from datetime import date
from functools import partial

import streamlit as st

from review_app.checking import draw_check
from review_app.jobs import HEALTH, report_of, start_health
from review_app.say import heading, quiet, title, two_lines, words_of
from review_app.strip import Run, legend_html, runs_of, strip_html, ticks_html
from review_app.words_health import SENTENCES
from species_db.camera_days import (
    CameraDayError,
    CameraHealth,
    season,
    season_version,
    state_days,
)
from species_db.language import Language
from species_db.survey import Survey
from species_db.vocabulary import DayState

CAMERA, RUN, SAID, WRONG = "health_camera", "health_run", "health_said", "health_wrong"
FOUND = "health_found"
ROWS = 20  # cameras on one page
WIDTHS = (2.2, 1.3, 8.5)

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the season, or the one camera that was chosen in it."""
    words = words_of(SENTENCES, language)
    with survey.reading() as session:
        version = season_version(session)
    cameras = _season_of(str(survey.folder), version, survey)
    chosen = next((c for c in cameras if c.deployment_id == st.session_state.get(CAMERA)), None)
    if chosen is None:
        _season(survey, cameras, words, person, language)
    else:
        _camera(survey, chosen, words, person, language)


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _season_of(folder: str, version: tuple[object, ...], _survey: Survey) -> list[CameraHealth]:
    """Read the season once for every change of the survey: 350 cameras take more than a second."""
    with _survey.reading() as session:
        return season(session)


def _season(
    survey: Survey, cameras: list[CameraHealth], words: Words, person: str, language: Language
) -> None:
    title(words["title"])
    if not cameras:
        st.info(words["nothing"])
        return
    quiet(words["hint"])
    page, pages = 1, -(-len(cameras) // ROWS)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_check(
            survey,
            words,
            kind="health",
            subject=HEALTH,
            is_open=bool(person),
            start=partial(start_health, survey, person=person, language=language),
        )
        if report_of(survey).is_file():
            st.link_button(words["report"], "/health-report")
        if pages > 1:
            _find(cameras, words)
            label = words["pages"].format(pages=pages)
            page = int(st.number_input(label, 1, pages, key="health_pages", width=140))
    st.html(legend_html(words))
    for column, head in zip(st.columns(WIDTHS), ("camera", "lost", "strip"), strict=True):
        with column:
            quiet(words[head])
    for camera in cameras[(page - 1) * ROWS : page * ROWS]:
        name, lost, strip = st.columns(WIDTHS, vertical_alignment="center")
        name.button(
            camera.deployment_id,
            key=f"camera {camera.deployment_id}",
            width="stretch",
            on_click=partial(_choose, camera.deployment_id),
        )
        with lost:
            two_lines(_lost(camera, words))
        strip.html(strip_html(camera.strip, words) + ticks_html(camera.strip))


def _find(cameras: list[CameraHealth], words: Words) -> None:
    """Go to a camera by its name, wherever in the season it stands."""
    st.selectbox(
        words["find"],
        sorted(camera.deployment_id for camera in cameras),
        index=None,
        key=FOUND,
        placeholder=words["find_hint"],
        on_change=lambda: _choose(st.session_state[FOUND]),
        width=260,
    )


def _camera(
    survey: Survey, camera: CameraHealth, words: Words, person: str, language: Language
) -> None:
    st.button(words["back"], key="back", type="tertiary", on_click=partial(_choose, None))
    title(camera.deployment_id)
    quiet(_figures(camera, words))
    st.html(strip_html(camera.strip, words, is_tall=True) + ticks_html(camera.strip))
    st.html(legend_html(words))
    runs = runs_of(camera.strip)
    if not runs:
        return
    left, right = st.columns((1, 1.1), gap="large")
    with left:
        heading(words["stretches"])
        run = _chosen_run(camera, runs, words)
        two_lines(run.first.cause_in(language), _author(run, words))
        _say(survey, camera, run, words, person)
    with right:
        heading(words["picture"])
        if run.evidence:
            name = html.escape(run.evidence, quote=True)
            st.html(f"<img class='evidence' src='/picture/{name}/clear' alt=''>")
        else:
            quiet(words["no_picture"])


def _chosen_run(camera: CameraHealth, runs: list[Run], words: Words) -> Run:
    """Let a stretch be chosen; the one that lost most is first."""

    def said(number: int) -> str:
        first, last = runs[number].span
        state = words[runs[number].state.value]
        mark = " ✎" if runs[number].first.is_human else ""
        days = len(runs[number].days)
        return words["stretch"].format(first=first, last=last, state=state, days=days) + mark

    order = sorted(
        range(len(runs)),
        key=lambda n: (runs[n].state is DayState.WORKING, -len(runs[n].days)),
    )
    number: int = st.selectbox(
        words["stretches"],
        order,
        format_func=said,
        key=f"{RUN} {camera.deployment_id} {len(runs)}",
        label_visibility="collapsed",
    )
    return runs[number]


def _say(survey: Survey, camera: CameraHealth, run: Run, words: Words, person: str) -> None:
    state = st.session_state
    first, last = run.span
    key = f"{camera.deployment_id} {first} {last} {run.state}"
    begins, ends = camera.strip[0].day, camera.strip[-1].day
    heading(words["say"])
    with st.form(f"say {key}", border=False):
        left, right = st.columns(2)
        since = left.date_input(
            words["first"], first, begins, ends, key=f"since {key}", format="YYYY-MM-DD"
        )
        until = right.date_input(
            words["last"], last, begins, ends, key=f"until {key}", format="YYYY-MM-DD"
        )
        how = st.selectbox(
            words["state"],
            list(DayState),
            index=list(DayState).index(run.state),
            format_func=lambda one: words[one.value],
            key=f"how {key}",
        )
        cause = st.text_input(
            words["cause"], key=f"cause {key}", placeholder=words["cause_example"]
        )
        is_kept = st.form_submit_button(words["save"], type="primary", disabled=not person)
    if not person:
        st.warning(words["need_person"])
    if is_kept:
        _keep(survey, camera.deployment_id, (since, until), how, cause=cause, person=person)
    if run.first.is_human and st.button(words["take_back"], disabled=not person):
        _keep(survey, camera.deployment_id, run.span, None, cause="", person=person)
    if state.get(WRONG):
        st.error(state.pop(WRONG))
    if state.get(SAID):
        st.success(words[state.pop(SAID)])


def _keep(
    survey: Survey,
    deployment_id: str,
    span: tuple[date, date],
    how: DayState | None,
    *,
    cause: str,
    person: str,
) -> None:
    """Keep what a person says, then draw the strip anew."""
    state = st.session_state
    try:
        state_days(survey, deployment_id, *span, how, cause=cause, person=person)
        state[SAID] = "saved" if how else "taken_back"
    except CameraDayError as error:
        state[WRONG] = str(error)
    st.rerun()


def _choose(deployment_id: str | None) -> None:
    st.session_state[CAMERA] = deployment_id


def _lost(camera: CameraHealth, words: Words) -> str:
    if camera.is_waiting:
        return words["no_card"]
    if not camera.lost_days:
        return words["good"]
    return words["lost_of"].format(lost=_number(camera.lost_days), days=camera.days_in_field)


def _figures(camera: CameraHealth, words: Words) -> str:
    told = words["figures"].format(
        lost=_number(camera.lost_days),
        days=camera.days_in_field,
        media=f"{camera.media_count:,}",
    )
    if camera.undated_count:
        told += words["undated"].format(count=camera.undated_count)
    if camera.outside_count:
        told += words["outside"].format(count=camera.outside_count)
    return told


def _author(run: Run, words: Words) -> str:
    day = run.first
    if day.is_human:
        return words["by_person"].format(person=day.who, state=words[day.machine_state.value])
    if day.confidence is None:
        return words["by_machine_plain"]
    return words["by_machine"].format(share=round(day.confidence * 100))


def _number(days: float) -> str:
    return f"{days:.1f}".removesuffix(".0")
