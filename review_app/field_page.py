"""The field page: drafts made of field photos, one at a time, to be named or put aside."""

import html
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st
from sqlalchemy.exc import OperationalError

from review_app.field_form import ask_finding
from review_app.field_words import SENTENCES
from review_app.say import heading, quiet, sign, title, two_lines, words_of
from species_db.field import (
    FieldRecordView,
    FieldRefusal,
    count_drafts,
    draft_records,
    identify_record,
    reject_record,
    split_record,
    view_record,
)
from species_db.language import Language
from species_db.survey import Survey
from species_db.vocabulary import FieldState

STATE, PLOT = "field_state", "field_plot"  # which records are gone through
AT, SEEN = "field_at", "field_seen"  # the record looked at, and with which act it was drawn last
SAID, WRONG = "field_said", "field_wrong"  # what became of the last act
COLUMNS = (1.65, 1)  # photos, and what is said of them
LOOK = """<style>
.photos { display: grid; gap: 6px; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); }
.photos figure { margin: 0; position: relative; background: #101214; border-radius: 4px; }
.photos figure:first-child { grid-column: 1 / -1; }
.photos img, .photos video { display: block; width: 100%; height: 140px;
  object-fit: contain !important; }
.photos figure:first-child :is(img, video) { height: 62vh; }
.photos.many figure:first-child :is(img, video) { height: 50vh; }
.photos figcaption { position: absolute; left: 6px; bottom: 6px; padding: 0 7px; font-size: 12px;
  border-radius: 3px; background: rgba(16, 18, 20, .78); color: #e6e4df; }
</style>"""

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the record that is looked at, and take what the person says of it."""
    words = words_of(SENTENCES, language)
    title(words["title"])
    state, plot_id = _choose_row(survey, words, language)
    with survey.reading() as session:
        records = draft_records(session, plot_id, state=state)
    _tell(survey, words, language)
    if not records:
        st.info(words["all_done" if _is_used(survey) else "nothing"])
        return
    record = _record_looked_at(records, words)
    left, right = st.columns(COLUMNS, gap="large")
    with left:
        st.html(LOOK + photos_html(record, words))
        _offer_split(survey, record, words, person)
    with right:
        _facts(record, words, language)
        _offer_acts(survey, record, words, person, language, follow=_after(records, record))


def photos_html(record: FieldRecordView, words: Words) -> str:
    """A record's photos and films, numbered; pictures come scaled and without their position."""
    shown = []
    for number, photo in enumerate(record.photos, start=1):
        at = f"/field/{html.escape(photo.field_photo_id, quote=True)}"
        name = words["picture"].format(number=number, name=photo.file_name)
        told = html.escape(name, quote=True)
        if photo.file_mediatype.startswith("video/"):
            body = f"<video controls preload='metadata' src='{at}/film'></video>"
        else:
            size = "large" if number == 1 else "small"
            picture = f"<img src='{at}/{size}' alt='{told}' title='{told}'>"
            body = f"<a href='{at}/large' target='_blank'>{picture}</a>"
        time = f" · {photo.local_time:%H:%M:%S}" if photo.local_time else ""
        shown.append(f"<figure>{body}<figcaption>{number}{time}</figcaption></figure>")
    many = " many" if len(shown) > 1 else ""
    return f"<div class='photos{many}'>{''.join(shown)}</div>"


def _choose_row(survey: Survey, words: Words, language: Language) -> tuple[FieldState, str | None]:
    """Let people choose which records to go through: by state, and drafts by plot too.

    The widgets are named after the language, since Streamlit keeps the words of a choice; what
    was chosen is kept beside them.
    """
    state = st.session_state
    with survey.reading() as session:
        plots = ["", *count_drafts(session)]
    left, right = st.columns((3, 1))
    states = list(FieldState)
    state[STATE] = left.radio(
        words["which"],
        states,
        index=states.index(state.get(STATE, FieldState.DRAFT)),
        format_func=lambda one: words[one.value],
        key=f"{STATE} {language}",
        horizontal=True,
        label_visibility="collapsed",
        on_change=partial(_look_at, None),
    )
    quiet(words["hint"])
    if state[STATE] is not FieldState.DRAFT:
        return state[STATE], None
    kept = state.get(PLOT, "")
    state[PLOT] = right.selectbox(
        words["plot"],
        plots,
        index=plots.index(kept) if kept in plots else 0,
        format_func=lambda one: one or words["all_plots"],
        key=f"{PLOT} {language} {plots}",
        label_visibility="collapsed",
        on_change=partial(_look_at, None),
    )
    return state[STATE], state[PLOT] or None


def _record_looked_at(records: Sequence[FieldRecordView], words: Words) -> FieldRecordView:
    """Draw the way through the records; say if the one looked at has changed meanwhile.

    Every button below is named after the record and the act in force: a press on a screen that
    is no longer true does nothing, and never acts on a record that nobody saw.
    """
    state = st.session_state
    ids = [record.field_record_id for record in records]
    here = state.get(AT)
    at = ids.index(here) if here in ids else 0
    seen = state.get(SEEN)
    if seen and seen[0] == here and (here not in ids or records[at].review_id != seen[1]):
        st.warning(words["changed"])
    state[AT], state[SEEN] = ids[at], (ids[at], records[at].review_id)
    back, on, told, _ = st.columns((1, 1, 0.7, 4), vertical_alignment="center")
    back.button(
        words["before"],
        key="field_before",
        disabled=at == 0,
        on_click=partial(_look_at, ids[max(at - 1, 0)]),
        width="stretch",
    )
    with told:
        two_lines(words["place_in_row"].format(at=at + 1, total=len(ids)))
    on.button(
        words["after"],
        key="field_after",
        disabled=at + 1 == len(ids),
        on_click=partial(_look_at, ids[min(at + 1, len(ids) - 1)]),
        width="stretch",
    )
    return records[at]


def _facts(record: FieldRecordView, words: Words, language: Language) -> None:
    """What is known of a record: plot and time, and how sure its place is, but not the place."""
    heading(f"{words['plot']} {record.plot_id} {record.plot_name}".strip())
    two_lines(
        _when(record, words),
        words["by"].format(protocol=words[record.protocol], observer=record.observer),
    )
    metres = record.coordinate_uncertainty_m
    place = f"place_{record.position_source or 'unknown'}"
    quiet(words[place].format(metres=f"{metres or 0:,}"))
    if record.elevation_m is not None and record.elevation_source:
        height = f"height_{record.elevation_source}"
        quiet(words[height].format(metres=f"{record.elevation_m:,.0f}"))
    doubts = [words[code] for code in sorted(record.doubts) if code in words]
    if doubts:
        st.html(" ".join(sign(f"! {doubt}", "doubt") for doubt in doubts))
    if record.state == FieldState.IDENTIFIED.value:
        name = _name(record, language)
        two_lines(words["said_before"].format(name=name, person=record.identified_by))


def _offer_acts(
    survey: Survey,
    record: FieldRecordView,
    words: Words,
    person: str,
    language: Language,
    *,
    follow: str | None,
) -> None:
    """Take a name for the record, or put it aside."""
    if not person:
        st.warning(words["need_person"])
    finding = ask_finding(survey, record, words, language)
    if finding is not None and not finding.taxon_id:
        st.error(words["need_taxon"])
    elif finding is not None:
        act = partial(identify_record, survey, record.field_record_id, finding=finding)
        _do(act, record, person, said="said_identified", follow=follow, words=words)
    is_aside = record.state == FieldState.REJECTED.value
    if not is_aside and st.button(words["reject"], key=f"field_reject {_shown(record)}"):
        act = partial(reject_record, survey, record.field_record_id)
        _do(act, record, person, said="said_rejected", follow=follow, words=words)


def _offer_split(survey: Survey, record: FieldRecordView, words: Words, person: str) -> None:
    if record.state != FieldState.DRAFT.value or len(record.photos) < 2:
        return
    with st.expander(words["split"]):
        numbers = st.pills(
            words["split_hint"],
            range(1, len(record.photos) + 1),
            selection_mode="multi",
            key=f"field_split {_shown(record)}",
        )
        key = f"field_split_act {_shown(record)}"
        if st.button(words["split_act"], key=key, disabled=not numbers):
            chosen = [record.photos[number - 1].field_photo_id for number in numbers]
            act = partial(split_record, survey, record.field_record_id, photo_ids=chosen)
            here = record.field_record_id
            _do(act, record, person, said="said_split", follow=here, words=words)


def _do(
    act: Callable[..., str],
    record: FieldRecordView,
    person: str,
    *,
    said: str,
    follow: str | None,
    words: Words,
) -> None:
    """Do an act on the record as it was shown; then look at the next, or say why not."""
    state = st.session_state
    try:
        act(person=person, expected_review_id=record.review_id)
    except FieldRefusal as refusal:
        state[WRONG] = refusal
    except OperationalError:
        state[WRONG] = words["busy"]
    else:
        state[SAID], state[AT] = (said, record.field_record_id), follow
    state.pop(SEEN, None)
    st.rerun()


def _tell(survey: Survey, words: Words, language: Language) -> None:
    """Say what became of the last act."""
    state = st.session_state
    if (wrong := state.pop(WRONG, None)) is not None:
        is_refusal = isinstance(wrong, FieldRefusal)
        st.error(wrong.sentence(language) if is_refusal else str(wrong))
    if (said := state.pop(SAID, None)) is not None:
        with survey.reading() as session:
            record = view_record(session, said[1])
        name = _name(record, language) if record is not None else ""
        st.success(words[said[0]].format(name=name))


def _after(records: Sequence[FieldRecordView], record: FieldRecordView) -> str | None:
    at = records.index(record)
    return records[at + 1].field_record_id if at + 1 < len(records) else None


def _look_at(field_record_id: str | None) -> None:
    st.session_state[AT] = field_record_id


def _shown(record: FieldRecordView) -> str:
    """Name a record as it is on the screen."""
    return f"{record.field_record_id} {record.review_id}"


def _name(record: FieldRecordView, language: Language) -> str:
    common = record.zh if language == "zh" else record.en
    return " · ".join(filter(None, (common, record.scientific_name)))


def _when(record: FieldRecordView, words: Words) -> str:
    begin, end = record.local_start, record.local_end
    if begin is None or end is None:
        return words["no_time"]
    told = f"{begin:%Y-%m-%d %H:%M}"
    return told if f"{end:%H:%M}" == f"{begin:%H:%M}" else f"{told} – {end:%H:%M}"


def _is_used(survey: Survey) -> bool:
    """Tell whether the survey holds any field record."""
    with survey.reading() as session:
        return any(draft_records(session, state=state, limit=1) for state in FieldState)
