"""The page of missed animals: draw a sample of blanks, see what it says, whether it is enough."""

import html
from collections.abc import Mapping
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, func, select

from review_app.misses_chart import reliability_chart
from review_app.say import heading, quiet, sign, title, words_of
from review_app.words_misses import SENTENCES
from species_db.decisions import last_act
from species_db.language import Language
from species_db.misses.advice import Advice
from species_db.misses.calibration import Calibration
from species_db.misses.draw import FIRST_SAMPLE, AuditError, draw_audit
from species_db.misses.estimate import Estimate, Key
from species_db.misses.reliability import Reliability, reliability_of, scoring_models
from species_db.misses.report import METHOD, MissReport, miss_report, next_of_sample
from species_db.misses.words import (
    advice_line,
    band_line,
    calibration_lines,
    interval,
    total_line,
    waiting_line,
)
from species_db.survey import Survey
from species_db.tables import Observation

SAID, WRONG = "misses_said", "misses_wrong"
ROWS = 40
LOOK = """<style>
.told { display: flex; flex-wrap: wrap; gap: 6px 48px; padding: 4px 0; }
.told b { display: block; font-size: 26px; font-weight: 600; font-variant-numeric: tabular-nums; }
.told small { color: #9a9fa6; font-size: 12.5px; }
.cameras { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
.cameras th { text-align: right; font-weight: 500; font-size: 12.5px; color: #9a9fa6;
  padding: 4px 0 4px 14px; border-bottom: 1px solid #3c4147; }
.cameras td { text-align: right; padding: 4px 0 4px 14px; border-bottom: 1px solid #262a2f;
  font-size: 13px; white-space: nowrap; }
.cameras th:first-child, .cameras td:first-child { text-align: left; padding-left: 0; }
</style>"""

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the estimate, the sample's progress, the advice, and the reliability of scores."""
    words = words_of(SENTENCES, language)
    st.html(LOOK)
    title(words["title"])
    quiet(words["hint"])
    with survey.reading() as session:
        version = _version(session)
    report = _report_of(str(survey.folder), version, survey)
    if not report.bands:
        st.info(words["nothing"])
        return
    _tell(words)
    if not person:
        st.warning(words["need_person"])
    left, right = st.columns((1.25, 1), gap="large")
    with left:
        _estimate(report, words, language)
        _sample(survey, report, words, person)
        _advice(report, words, language)
        heading(words["by_band"])
        for band in report.bands:
            quiet(band_line(band, language))
        _cameras(report, words)
    with right:
        _reliability(survey, version, words, language)


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _report_of(folder: str, version: tuple[object, ...], _survey: Survey) -> MissReport:
    """Estimate once for every change of the survey: hundreds of strata take seconds."""
    with _survey.reading() as session:
        return miss_report(session)


@st.cache_resource(max_entries=4, show_spinner=False)  # type: ignore[untyped-decorator]
def _reliability_of(
    folder: str, version: tuple[object, ...], model_version_id: str, _survey: Survey
) -> Reliability:
    with _survey.reading() as session:
        return reliability_of(session, model_version_id)


def _version(session: Session) -> tuple[object, ...]:
    """What changes when answers or reviews do."""
    newest = session.exec(select(func.max(Observation.classification_timestamp))).one()
    return last_act(session), newest


def _estimate(report: MissReport, words: Words, language: Language) -> None:
    """The two numbers that the page is about."""
    told = [
        (words["missed_animals"], report.missed),
        (words["missed_class_one"], report.missed_class_one),
    ]
    st.html(f"<div class='told'>{''.join(_number(what, one, words) for what, one in told)}</div>")
    if report.missed is None or report.missed_class_one is None:
        quiet(words["first_draw"])
        return
    quiet(total_line(report.missed, report.missed_class_one, language))
    if report.waiting:
        quiet(waiting_line(report, language))
    quiet(METHOD[language == "zh"])


def _number(what: str, told: Estimate | None, words: Words) -> str:
    number = interval(told) if told else words["not_known"]
    return f"<div><b>{html.escape(number)}</b><small>{html.escape(what)}</small></div>"


def _sample(survey: Survey, report: MissReport, words: Words, person: str) -> None:
    """How far the sample is reviewed, and the ways on: review it, or draw more."""
    drawn = report.reviewed + report.waiting
    if drawn:
        told = words["sample"].format(reviewed=f"{report.reviewed:,}", drawn=f"{drawn:,}")
        st.progress(report.reviewed / drawn, text=told)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if report.waiting:
            _to_review(survey, words)
        more = report.more
        if more and not report.waiting:
            st.button(
                words["draw_advised"].format(count=f"{sum(more.values()):,}"),
                key="misses advised",
                type="primary",
                disabled=not person,
                on_click=partial(_draw, survey, person, wanted=more),
            )
        size = st.number_input(
            words["size"], 10, 100_000, FIRST_SAMPLE, step=50, key="misses size", width=150
        )
        st.button(
            words["draw"],
            key="misses draw",
            type="secondary" if drawn else "primary",
            disabled=not person,
            on_click=partial(_draw, survey, person, size=int(size)),
        )


def _to_review(survey: Survey, words: Words) -> None:
    review = st.session_state.get("page_review")
    is_pressed = st.button(
        words["review_next"], key="misses review", type="primary", disabled=review is None
    )
    if is_pressed and review is not None:
        with survey.reading() as session:
            event_id = next_of_sample(session)
        if event_id is not None:
            st.switch_page(review, query_params={"event": event_id})


def _draw(
    survey: Survey, person: str, *, size: int = 0, wanted: Mapping[Key, int] | None = None
) -> None:
    state = st.session_state
    try:
        drawn = draw_audit(survey, person=person, size=size, wanted=wanted)
        state[SAID] = sum(one.total for one in drawn)
    except AuditError as error:
        state[WRONG] = str(error)
    except OperationalError:
        state[WRONG] = "busy"


def _tell(words: Words) -> None:
    state = st.session_state
    if wrong := state.pop(WRONG, None):
        st.error(words.get(wrong, wrong))
    if count := state.pop(SAID, None):
        st.success(words["drawn"].format(count=f"{count:,}"))


def _advice(report: MissReport, words: Words, language: Language) -> None:
    rules: tuple[tuple[Advice | None, bool], ...] = (
        (report.on_animals, False),
        (report.on_class_one, True),
    )
    if not any(advice for advice, _ in rules):
        return
    heading(words["rule"])
    for advice, is_class_one in rules:
        if advice:
            tone, mark = ("good", "✓") if advice.is_enough else ("doubt", "…")
            line = html.escape(advice_line(advice, language, is_class_one=is_class_one))
            st.html(f"{sign(mark, tone)} {line}")


def _cameras(report: MissReport, words: Words) -> None:
    heading(words["by_deployment"])
    names = ("deployment", "unopened", "drawn", "reviewed", "animals", "missed")
    heads = "".join(f"<th>{html.escape(words[f'col_{name}'])}</th>" for name in names)
    rows = []
    for one in report.deployments[:ROWS]:
        missed = interval(one.missed) if one.missed else "–"
        counts = (one.unopened, one.drawn, one.reviewed, one.animals)
        cells = [one.deployment_id, *(f"{count:,}" for count in counts), missed]
        rows.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    st.html(f"<table class='cameras'><thead><tr>{heads}</tr></thead>{''.join(rows)}</table>")
    if len(report.deployments) > ROWS:
        quiet(words["first_of"].format(shown=ROWS, total=len(report.deployments)))


def _reliability(
    survey: Survey, version: tuple[object, ...], words: Words, language: Language
) -> None:
    heading(words["reliability"])
    with survey.reading() as session:
        models = scoring_models(session)
    if not models:
        quiet(words["no_model"])
        return
    chosen = st.selectbox(
        words["model"],
        list(models),
        format_func=lambda one: models[one],
        key=f"misses model {language}",
    )
    told = _reliability_of(str(survey.folder), version, chosen, survey)
    _plot(told.animals, words["of_animals"], words, language)
    if told.names:
        _plot(told.names, words["of_names"], words, language)


def _plot(found: Calibration, what: str, words: Words, language: Language) -> None:
    st.html(f"<b>{html.escape(what)}</b>")
    if found.reviewed:
        st.altair_chart(reliability_chart(found, words), theme=None, width="stretch")
        quiet(words["chart_hint"])
    for line in calibration_lines(found, language):
        quiet(line)
