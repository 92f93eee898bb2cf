"""The analysis page: one question to the records, its answer in sentences, a chart and tables."""

import html
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from review_app.analysis_charts import CHARTS, draw_parts, written_parts
from review_app.analysis_form import OF_ONE_TAXON, ask_question, choose_analysis
from review_app.analysis_look import DayEffort, Material, Part
from review_app.analysis_options import Options, ask_options
from review_app.analysis_table import LOOK, ROWS, columns_left_out, preview_html
from review_app.say import heading, quiet, title, words_of
from review_app.words_analysis import SENTENCES
from review_app.words_analysis_charts import SENTENCES as CHART_SENTENCES
from species_db.analysis.occupancy import CovariateError, TooFewDataError
from species_db.analysis.sun_time import NoSunriseError
from species_db.camera_days import season_version
from species_db.export.offering import ExportRefused, last_change
from species_db.language import Language
from species_db.sensitivity import local_today
from species_db.study.answer import Answer
from species_db.study.answers import READS_MACHINE, answer_of
from species_db.study.choices import TaxonChoice, taxa_to_ask_of
from species_db.study.labelled import labelled
from species_db.study.question import Question, State, StudyError
from species_db.study.read import Study, read_study
from species_db.study.writing import pack_answer
from species_db.survey import Survey
from species_db.wildlife.members import UnknownTaxonError, find_taxon

FILES = "analysis_files"
DRAWN, ANSWERED = "analysis_drawn", "analysis_answered"
# A question that has no answer is told in its own words, which say what to do next.
CALM = (StudyError, UnknownTaxonError, TooFewDataError, CovariateError, NoSunriseError)
HEADLINE = 110  # letters that can be read at a glance
LISTED, SHORT = "  ", 3  # lines for each taxon: of many the chart tells them better

Words = Mapping[str, str]
Version = tuple[object, ...]


@dataclass(frozen=True)
class Told:
    """An answer beside the effort of the same study."""

    answer: Answer
    effort: Answer
    days: tuple[DayEffort, ...]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the choice of analyses, the question, and what comes of it."""
    words = _words(language)
    st.html(LOOK)
    title(words["title"])
    with survey.reading() as session:
        # What people do is in the log; cards and judged days come without an entry of their own.
        version = (last_change(session), *season_version(session)[1:])
    name = choose_analysis(list(CHARTS), words, language)
    with _renewed(DRAWN, name):
        quiet(words[f"{name}_asks"])
        choices = _choices(str(survey.folder), version, survey)
        question = ask_question(name, choices, words, language)
        options = ask_options(name, choices, words, language)
        if question is None:
            return
        if name in OF_ONE_TAXON and not question.taxon:
            st.info(words["no_taxon"])
            return
        try:
            asked = _asked(survey, name, question, options, version, language)
            with _renewed(ANSWERED, asked):
                _answer(survey, asked, words, person=person)
        except CALM as error:
            st.info(str(error))


@contextmanager
def _renewed(name: str, told: object) -> Iterator[None]:
    """Take away at once what was drawn of something else: old numbers under a new question lie.

    Of two places one is empty in turn. In one place the old would stand, below the new as it
    comes, until all of the new is there.
    """
    state = st.session_state
    before, turn = state.get(name, (None, 0))
    if before != told:
        turn = 1 - turn
    state[name] = (told, turn)
    places = [st.container() if place == turn else st.empty() for place in (0, 1)]
    with places[turn]:
        yield


def _answer(survey: Survey, asked: "Asked", words: Words, *, person: str) -> None:
    today = local_today(survey.settings)
    with st.spinner(words["working"]):
        study = _study(asked, today, survey)
        if not study.standings and not study.left_out.doubtful_deployments:
            st.info(words["no_cameras"])
            return
        answer = _answered(asked, today, survey).answer
        nothing = _nothing(survey, asked, study, words)
        charts = () if nothing else _charts(asked, today, survey)
    _say(answer, study.question.in_words(), words)
    if nothing:
        st.info(nothing)
    draw_parts(charts)
    _tables(answer, words, asked.language)
    _download(survey, asked, study, answer, words, person=person)


def _asked(
    survey: Survey,
    name: str,
    question: Question,
    options: Options,
    version: Version,
    language: Language,
) -> "Asked":
    """Put the question; two taxa that are compared are asked for together.

    Raises:
        UnknownTaxonError: no taxon, or several, have the name that was typed.
    """
    where = str(survey.folder), version, language
    plain = Asked(name, question, options.given, options.view, *where)
    if not options.against:
        return plain
    with survey.reading() as session:
        first = find_taxon(session, question.taxon)
    if first.taxon_id == options.against:
        return plain
    pair = (first.taxon_id, options.against)
    view = (("first", first.scientific_name),)
    both = (*options.given, ("among", pair))
    return Asked(name, replace(question, taxon=""), both, view, *where)


@dataclass(frozen=True)
class Asked:
    """One question to one state of a survey, in the language of the answer."""

    name: str
    question: Question
    options: tuple[tuple[str, object], ...]
    view: tuple[tuple[str, str], ...]
    folder: str
    version: Version
    language: Language


@st.cache_resource(max_entries=2, show_spinner=False)  # type: ignore[untyped-decorator]
def _choices(folder: str, version: Version, _survey: Survey) -> tuple[TaxonChoice, ...]:
    with _survey.reading() as session:
        return taxa_to_ask_of(session)


def _study(asked: Asked, today: date, survey: Survey) -> Study:
    """What the question concerns; counting by other rules reads nothing anew."""
    question, usual = asked.question, Question()
    reading = replace(
        question,
        interval_minutes=usual.interval_minutes,
        rule=usual.rule,
        by=usual.by,
        method=usual.method,
    )
    read: Study = _read(reading, asked.folder, asked.version, today, survey)
    return replace(read, question=question)


@st.cache_resource(max_entries=3, show_spinner=False)  # type: ignore[untyped-decorator]
def _read(reading: Question, folder: str, version: Version, today: date, _survey: Survey) -> Study:
    """Read the records once for every change of the survey: there may be a million."""
    with _survey.reading() as session:
        return read_study(session, _survey.settings, reading)


def _answered(asked: Asked, today: date, survey: Survey) -> Told:
    told: Told = _told(replace(asked, view=()), today, survey)
    return told


@st.cache_resource(max_entries=6, show_spinner=False)  # type: ignore[untyped-decorator]
def _told(asked: Asked, today: date, _survey: Survey) -> Told:
    study = _study(asked, today, _survey)
    effort = answer_of("effort")(study)
    answer = effort
    if asked.name != "effort":
        if asked.name in READS_MACHINE:
            with _survey.reading() as session:
                study = labelled(session, study)
        answer = answer_of(asked.name)(study, **dict(asked.options))
    return Told(answer, effort, tuple(_days(study)))


def _charts(asked: Asked, today: date, survey: Survey) -> tuple[Part, ...]:
    drawn: tuple[Part, ...] = _drawn(asked, today, survey)
    return drawn


@st.cache_resource(max_entries=6, show_spinner=False)  # type: ignore[untyped-decorator]
def _drawn(asked: Asked, today: date, _survey: Survey) -> tuple[Part, ...]:
    words = _words(asked.language)
    study, told = _study(asked, today, _survey), _answered(asked, today, _survey)
    return written_parts(_material(asked, study, told, words))


def _words(language: Language) -> Words:
    return words_of({**SENTENCES, **CHART_SENTENCES}, language)


def _days(study: Study) -> Iterator[DayEffort]:
    worked: dict[date, float] = defaultdict(float)
    dim: dict[date, float] = defaultdict(float)
    for one in study.days:
        worked[one.day] += one.effort
        dim[one.day] += max(0.0, one.diurnal_effort - one.effort)
    for day in sorted(worked):
        yield DayEffort(day, worked[day], dim[day])


def _say(answer: Answer, rules: str, words: Words) -> None:
    """The sentences: large what was found, below it the rest, quietly what limits it.

    Of one taxon its own line is what was asked for, and the effort stands below it.
    """
    lines = [one for one in answer.summary if one != rules]
    listed = [one for one in lines if one.startswith(LISTED)]
    if len(listed) == 1 and len(listed[0]) <= HEADLINE:
        lines = [*listed, *(one for one in lines if one not in listed)]
    first, *rest = (
        one.strip() for one in lines if len(listed) <= SHORT or not one.startswith(LISTED)
    )
    st.html(f"<div class='answer'>{html.escape(first)}</div>")
    if rest:
        st.html(f"<div class='more'>{'<br>'.join(html.escape(one) for one in rest)}</div>")
    notes = [rules, *(f"△ {note}" for note in answer.notes), words["closed"]]
    quietly = "".join(f"<div>{html.escape(one)}</div>" for one in notes)
    st.html(f"<div class='notes'>{quietly}</div>")


def _material(asked: Asked, study: Study, told: Told, words: Words) -> Material:
    return Material(
        answer=told.answer,
        effort=told.effort,
        days=told.days,
        names={one.scientific_name: one.common for one in study.taxa.values()},
        words=words,
        language=asked.language,
        view=dict(asked.view),
    )


def _nothing(survey: Survey, asked: Asked, study: Study, words: Words) -> str:
    """Say why there is nothing to draw, and how much waits for somebody to look; else empty."""
    if study.camera_days is None:
        return words["no_effort"]
    if asked.name == "effort" or len(study.records):
        return ""
    if asked.question.state is State.ALL:
        return words["no_records"]
    with_models = replace(asked, question=replace(asked.question, state=State.ALL))
    count = len(_study(with_models, local_today(survey.settings), survey).records)
    waits = words["only_machine"].format(count=f"{count:,}") if count else ""
    return " ".join(filter(None, (words["no_records"], waits)))


def _tables(answer: Answer, words: Words, language: Language) -> None:
    heading(words["tables"])
    tabs = st.tabs([f"{one.name}.csv" for one in answer.tables])
    for tab, table in zip(tabs, answer.tables, strict=True):
        with tab:
            total = len(table.rows)
            if total:
                st.html(preview_html(table, words, language))
            name = "rows_of" if total > ROWS else "rows_all" if total != 1 else "row_one"
            told = words[name].format(shown=ROWS, total=f"{total:,}")
            if more := columns_left_out(table):
                told += " " + words["more_columns"].format(count=more)
            quiet(told)


def _download(
    survey: Survey, asked: Asked, study: Study, answer: Answer, words: Words, *, person: str
) -> None:
    """Offer the files; they leave when somebody with a name has asked for them."""
    heading(words["download"])
    quiet(words["download_hint"])
    state = st.session_state
    if not person:
        st.warning(words["need_person"])
    if st.button(words["prepare"], key="analysis_prepare", disabled=not person):
        try:
            with st.spinner(words["working"]):
                packed = pack_answer(survey, study, answer, person=person)
        except ExportRefused as error:
            st.warning(str(error))
        else:
            state[FILES] = (asked, packed)
    kept = state.get(FILES)
    if kept and kept[0] == asked:
        name = f"{answer.name}.zip"
        st.download_button(
            words["get"].format(name=name), kept[1], name, "application/zip", key="analysis_get"
        )
