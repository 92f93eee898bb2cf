"""The page of field records: written by form, brought by sheet, looked at and corrected."""

import html
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.record_form import Cells, ask_record
from review_app.record_words import LABELS, SENTENCES
from review_app.say import heading, quiet, title, two_lines, words_of
from species_db.field import (
    FieldRefusal,
    RecordLine,
    check_record,
    import_records,
    last_records,
    read_known,
    record_cells,
    record_field,
    reject_record,
)
from species_db.field.records.columns import BY_NAME
from species_db.field.records.efforts import RULES, effort_cells
from species_db.field.records.template import read_choices
from species_db.field.records.terms import term_of
from species_db.field_sheet import Mistake, SheetError, SheetRow
from species_db.language import Language
from species_db.places import COUNTIES
from species_db.survey import Survey

SERIAL, KEPT, EDIT = "record_serial", "record_kept", "record_edit"  # which form is on the screen
SAID, WRONG, SHEET = "record_said", "record_wrong", "record_sheet"
COLUMNS = (1.55, 1)
VISIT = (  # what the records of one visit have in common: it stays for the next one
    *("protocol", "start", "end", "utc_offset", "observers", "plot", "county", "sample_id"),
    *(name for rule in RULES.values() for name in (*rule.measures, *rule.also)),
)
SHOWN = 12
LOOK = """<style>
.mistakes { border-collapse: collapse; width: 100%; font-size: 13.5px; }
.mistakes th { text-align: left; font-weight: 500; color: #9a9fa6; padding: 2px 10px 4px 0; }
.mistakes td { padding: 4px 10px 4px 0; border-top: 1px solid #3c4147; vertical-align: top; }
.mistakes td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
.mistakes td:nth-child(2) { color: #ecc377; min-width: 84px; }
</style>"""
# Streamlit tells a size limit in English whatever the language of the page.
UPLOAD = """<style>
[data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
</style>"""

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the form, the way of sheets, and the last records."""
    words = words_of(SENTENCES, language)
    title(words["title"])
    quiet(words["hint"])
    if not person:
        st.warning(words["need_person"])
    _tell(words)
    left, right = st.columns(COLUMNS, gap="large")
    with left:
        _write(survey, words, person, language)
    with right:
        _sheets(survey, words, person, language)
        _list_last(survey, words, person, language)


def mistakes_html(mistakes: Sequence[Mistake], words: Words, language: Language) -> str:
    """Mistakes as a table: where, in which column, what is wrong. Nothing in it is markup."""
    has_lines = any(mistake.line for mistake in mistakes)
    heads = ("head_line", "head_column", "head_why") if has_lines else ("head_column", "head_why")
    rows = []
    for mistake in mistakes:
        place = " ".join(filter(None, (mistake.tab, str(mistake.line))))
        cells = (*((place,) if has_lines else ()), _label(mistake.column, language), mistake.why)
        rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    head = "".join(f"<th>{html.escape(words[one])}</th>" for one in heads)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    look = LOOK if has_lines else LOOK.replace("td:nth-child(2)", "td:nth-child(1)")
    return f"{look}<table class='mistakes'><tr>{head}</tr>{body}</table>"


def _write(survey: Survey, words: Words, person: str, language: Language) -> None:
    """The form: empty, or with the visit of the record before, or with a record to correct."""
    state = st.session_state
    serial, edit = state.setdefault(SERIAL, 0), state.get(EDIT)
    heading(words["correct" if edit else "write"])
    known: Cells = state.get(KEPT, {})
    key = f"record {serial}" if edit else f"new {serial}"
    with survey.reading() as session:
        plots = read_choices(session).plots
    cells = ask_record(
        survey, words, language, key=key, known=known, is_known=bool(edit), plots=plots
    )
    if edit and st.button(words["drop_edit"], key="record_drop"):
        _begin_anew(known)
        st.rerun()
    if cells is not None and person:
        _save(survey, cells, words, person, language)
    if (wrong := state.get(WRONG)) and wrong[0] == key:
        st.error(words["wrong"].format(count=len(wrong[1])))
        st.html(mistakes_html(wrong[1], words, language))


def _save(survey: Survey, cells: Cells, words: Words, person: str, language: Language) -> None:
    state = st.session_state
    edit = state.get(EDIT)
    key = f"record {state[SERIAL]}" if edit else f"new {state[SERIAL]}"
    with survey.reading() as session:
        known = read_known(session, survey, now=datetime.now(UTC))
    checked = check_record(SheetRow(0, cells), known)
    if checked.draft is None:
        state[WRONG] = (key, checked.mistakes)
        return
    field_record_id, review_id = edit or (None, None)
    act = partial(
        record_field,
        survey,
        checked.draft,
        person=person,
        field_record_id=field_record_id,
        expected_review_id=review_id,
    )
    name = cells.get("taxon") or words["nothing_seen"]
    said = "\n\n".join((words["saved"].format(name=name), *checked.notes))
    if _do(act, said, words, language):
        _begin_anew(cells)
    st.rerun()


def _begin_anew(cells: Cells) -> None:
    """An empty form that still knows the visit; the next line of it is quickly written."""
    state = st.session_state
    state[KEPT] = {name: text for name, text in cells.items() if name in VISIT}
    state[SERIAL] += 1
    state.pop(EDIT, None)
    state.pop(WRONG, None)


def _sheets(survey: Survey, words: Words, person: str, language: Language) -> None:
    """The empty sheet to fill in, and a filled-in one: checked at once, taken on a press."""
    heading(words["by_sheet"])
    quiet(words["sheet_hint"])
    st.link_button(words["template"], "/records-template.xlsx")
    st.html(UPLOAD)
    given = st.file_uploader(words["upload"], type=["xlsx", "csv"], key="record_upload")
    if given is None or not person:
        return
    with tempfile.TemporaryDirectory(prefix="namcha-sheet-") as folder:
        path = Path(folder) / Path(given.name).name
        path.write_bytes(given.getvalue())
        try:
            report = import_records(survey, path, person=person, is_dry_run=True)
        except SheetError as error:
            _say_bad(error, given.name, words, language)
            return
        added, changed = len(report.added), len(report.changed)
        counts = {"added": added, "changed": changed, "unchanged": report.unchanged}
        two_lines(words["sheet_good"].format(**counts), "\n".join(report.notes))
        is_new = bool(added or changed)
        if st.button(words["sheet_take"], key="record_take", disabled=not is_new):
            said = words["sheet_taken"].format(**counts)
            _do(partial(import_records, survey, path, person=person), said, words, language)
            st.rerun()


def _say_bad(error: SheetError, name: str, words: Words, language: Language) -> None:
    if not error.mistakes:
        st.error(str(error))
        return
    st.error(words["sheet_bad"].format(name=name, count=len(error.mistakes)))
    st.html(mistakes_html(error.mistakes, words, language))


def _list_last(survey: Survey, words: Words, person: str, language: Language) -> None:
    heading(words["last"])
    with survey.reading() as session:
        lines = last_records(session, limit=SHOWN)
    if not lines:
        quiet(words["no_records"])
    for line in lines:
        two_lines(_what(line, words, language), _where(line, words, language), is_strong=True)
        _offer_acts(survey, line, words, person, language)


def _offer_acts(
    survey: Survey, line: RecordLine, words: Words, person: str, language: Language
) -> None:
    """Correct a record or put it aside, as it is on the screen and not otherwise."""
    key = f"{line.field_record_id} {line.review_id}"
    with st.container(horizontal=True, gap="medium"):
        st.button(
            words["edit"],
            key=f"record_correct {key}",
            type="tertiary",
            disabled=not person,
            on_click=partial(_correct, survey, line),
        )
        is_aside = st.button(
            words["reject"], key=f"record_reject {key}", type="tertiary", disabled=not person
        )
    if is_aside:
        act = partial(
            reject_record,
            survey,
            line.field_record_id,
            person=person,
            expected_review_id=line.review_id,
        )
        _do(act, words["rejected"], words, language)
        st.rerun()


def _correct(survey: Survey, line: RecordLine) -> None:
    """Bring a record into the form as it stands."""
    state = st.session_state
    with survey.reading() as session:
        state[KEPT] = record_cells(session, line.field_record_id)
    state[SERIAL] += 1
    state[EDIT] = (line.field_record_id, line.review_id)


def _do(act: Callable[[], object], said: str, words: Words, language: Language) -> bool:
    """Do an act and keep what became of it for the next drawing; tell whether it was done."""
    state = st.session_state
    try:
        act()
    except FieldRefusal as refusal:
        state[SAID] = ("error", refusal.sentence(language))
    except SheetError as error:
        state[SAID] = ("error", str(error))
    except OperationalError:
        state[SAID] = ("error", words["busy"])
    else:
        state[SAID] = ("success", said)
        return True
    return False


def _tell(words: Words) -> None:
    if (told := st.session_state.pop(SAID, None)) is not None:
        kind, text = told
        st.error(text) if kind == "error" else st.success(text)


def _what(line: RecordLine, words: Words, language: Language) -> str:
    common = line.zh if language == "zh" else line.en
    name = " · ".join(filter(None, (common, line.scientific_name))) or words["nothing_seen"]
    if line.is_absent:
        return f"{name} — {words['absent']}"
    amount = str(line.individual_count or "") or line.quantity
    return (
        f"{name} × {amount}" if line.individual_count else " · ".join(filter(None, (name, amount)))
    )


def _where(line: RecordLine, words: Words, language: Language) -> str:
    """When, where and how; the county by its name, never coordinates."""
    county = COUNTIES.get(line.place)
    place = line.place
    if county is not None:
        place = county.name_zh if language == "zh" else county.name_en
    when = ""
    if line.local_start is not None:
        when = (
            f"{line.local_start:%Y-%m-%d %H:%M}"
            if line.has_time
            else f"{line.local_start:%Y-%m-%d}"
        )
    threats = ", ".join(term_of("threats", one).word(language) for one in line.threats)
    photos = words["photos"].format(count=line.photo_count) if line.photo_count else ""
    method = term_of("protocol", line.protocol).word(language)
    effort = _effort(line.sampling_effort, language)
    parts = (when, place, method, effort, line.observer, threats, photos)
    return " · ".join(filter(None, parts))


def _effort(text: str, language: Language) -> str:
    """Each figure of an effort with its name and unit, in the language of the page."""
    told = []
    for name, figure in effort_cells(text).items():
        unit = BY_NAME[name].unit
        told.append(f"{_label(name, language)} {figure} {unit}".strip())
    return ", ".join(told)


def _label(column: str, language: Language) -> str:
    if column in BY_NAME:
        return BY_NAME[column].zh if language == "zh" else LABELS.get(column, column)
    return column
