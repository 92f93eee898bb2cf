"""The import page: choose a drive, see whose cards they are, start, watch, read the receipts."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from review_app import import_progress
from review_app.drives import folders_in, removable_drives
from review_app.jobs import Card, JobError, look_at, start_import
from review_app.say import heading, quiet, size, title, two_lines, words_of
from review_app.words_import import SENTENCES
from species_db.deployments import names_of_deployments
from species_db.language import Language
from species_db.survey import Survey

FOLDER, CARDS, TROUBLE = "import_folder", "import_cards", "import_trouble"
WIDTHS = (3.2, 2.4, 2.4, 3.4, 1.1)

Words = Mapping[str, str]


def show(survey: Survey, *, person: str, language: Language) -> None:
    """Draw the page; what it starts goes on without it."""
    words = words_of(SENTENCES, language)
    title(words["title"])
    import_progress.draw_jobs(survey, words, person=person, language=language)
    _choose_folder(survey, words, language)
    if CARDS in st.session_state:
        _cards(survey, words, person, language)
    import_progress.draw_receipts(survey, words, language=language)


def _choose_folder(survey: Survey, words: Words, language: Language) -> None:
    heading(words["where"])
    state = st.session_state
    state.setdefault(FOLDER, state.get("import_folder_kept", ""))
    drives = removable_drives()
    if drives:
        with st.container(horizontal=True, vertical_alignment="center"):
            for drive in drives:
                st.button(
                    f"{drive.name} · {drive.path}",
                    key=f"drive {drive.path}",
                    on_click=partial(_go_to, drive.path, survey, language),
                )
    else:
        quiet(words["no_drives"])
    field, browse, look = st.columns((7, 1.3, 2), vertical_alignment="bottom")
    field.text_input(words["folder"], key=FOLDER, placeholder=_example())
    with browse.popover(words["browse"], width="stretch"):
        _browse(words)
    look.button(
        words["look"],
        key="look",
        type="primary",
        width="stretch",
        on_click=partial(_look, survey, language),
    )
    state["import_folder_kept"] = state[FOLDER]  # the field forgets it on another page
    if state.get(TROUBLE):
        st.error(state[TROUBLE])


def _browse(words: Words) -> None:
    here = Path(st.session_state[FOLDER].strip() or Path.home())
    if not here.is_dir():
        here = Path.home()
    st.caption(str(here))
    with st.container(height=320, border=False):
        if here.parent != here:
            st.button(words["up"], key="up", type="tertiary", on_click=partial(_set, here.parent))
        inside = folders_in(here)
        for path in inside:
            st.button(path.name, key=f"go {path}", type="tertiary", on_click=partial(_set, path))
        if not inside:
            quiet(words["no_folders"])


def _cards(survey: Survey, words: Words, person: str, language: Language) -> None:
    cards: tuple[Card, ...] = st.session_state[CARDS]
    heading(words["cards"])
    with survey.reading() as session:
        known = sorted(set(names_of_deployments(session).values()))
    if not known or not cards:
        st.info(words["no_cards" if known else "no_deployments"])
        return
    if not person:
        st.warning(words["need_person"])
    act = st.container()  # above the rows: with forty cards nobody would find it below
    heads = ("card", "camera", "times", "deployment")
    for column, head in zip(st.columns(WIDTHS), heads, strict=False):
        with column:
            quiet(words[head])
    ready = []
    for card in cards:
        chosen = _card_row(survey, card, known, words, person, language)
        if chosen and (chosen, True) not in card.earlier:
            ready.append((card, chosen))
    with act:
        _offer_all(survey, ready, words, person, language)


def _offer_all(
    survey: Survey, ready: list[tuple[Card, str]], words: Words, person: str, language: Language
) -> None:
    left, right = st.columns((3, 2), vertical_alignment="center")
    left.checkbox(words["in_place"], key="in_place", help=words["in_place_hint"])
    if len(ready) > 1:
        right.button(
            words["start_all"].format(count=len(ready)),
            key="start_all",
            type="primary",
            width="stretch",
            disabled=not person,
            on_click=partial(_start, survey, ready, person, language),
        )


def _card_row(
    survey: Survey, card: Card, known: list[str], words: Words, person: str, language: Language
) -> str | None:
    """Draw one card; give the deployment that stands chosen for it."""
    with st.container(border=True):
        name, camera, times, whose, act = st.columns(WIDTHS, vertical_alignment="center")
        with name:
            counts = words["count"].format(files=f"{card.files:,}", size=size(card.bytes))
            two_lines(card.label, counts, is_strong=True)
        with camera:
            serial = words["serial"].format(serial=", ".join(card.serial_numbers[:2]))
            two_lines(card.camera or words["no_camera"], serial if card.serial_numbers else "")
        with times:
            _times(card, words)
        with whose:
            chosen = _choice(card, known, words)
        act.button(
            words["start"],
            key=f"start {card.path}",
            width="stretch",
            disabled=not (chosen and person and card.files),
            on_click=partial(_start, survey, [(card, chosen or "")], person, language),
        )
        for problem in card.problems:
            two_lines(f"△ {problem}")
    return chosen if card.files else None


def _times(card: Card, words: Words) -> None:
    told = words["no_times"]
    if card.first_time and card.last_time:
        told = f"{card.first_time[:10]} – {card.last_time[:10]}"
    two_lines(told, words["read"].format(read=card.files_read, files=f"{card.files:,}"))


def _choice(card: Card, known: list[str], words: Words) -> str | None:
    first = [candidate.deployment_id for candidate in card.candidates]
    options = [*first, *(name for name in known if name not in first)]
    chosen: str | None = st.selectbox(
        words["deployment"],
        options,
        index=options.index(card.deployment_id) if card.deployment_id in options else None,
        key=f"deployment {card.path}",
        placeholder=words["choose"],
        label_visibility="collapsed",
    )
    is_own = chosen is not None and chosen != card.deployment_id and not card.earlier
    quiet(words["is_chosen"] if is_own else _why(card, words))
    return chosen


def _why(card: Card, words: Words) -> str:
    if card.earlier:
        return " · ".join(
            words["earlier_done" if is_complete else "earlier_part"].format(deployment=deployment)
            for deployment, is_complete in card.earlier[:2]
        )
    if card.deployment_id:
        return words["is_decided"].format(why=_evidence(card.candidates[0].evidence, words))
    if card.candidates:
        names = ", ".join(
            words["named"].format(deployment=c.deployment_id, why=_evidence(c.evidence, words))
            for c in card.candidates[:2]
        )
        return words["is_maybe"].format(names=names)
    return words["is_unknown"]


def _evidence(evidence: tuple[str, ...], words: Words) -> str:
    return ", ".join(words[f"why_{name}"] for name in evidence)


def _set(folder: Path) -> None:
    st.session_state[FOLDER] = str(folder)


def _go_to(folder: Path, survey: Survey, language: Language) -> None:
    _set(folder)
    _look(survey, language)


def _look(survey: Survey, language: Language) -> None:
    """Look at the folder that was named, and say plainly when that cannot be done."""
    state, words = st.session_state, words_of(SENTENCES, language)
    state.pop(CARDS, None)
    state[TROUBLE] = ""
    folder = Path(state[FOLDER].strip()).expanduser()
    if not state[FOLDER].strip() or not folder.is_dir():
        trouble = "name_folder" if not state[FOLDER].strip() else "no_folder"
        trouble = "is_file" if folder.is_file() else trouble
        state[TROUBLE] = words[trouble].format(folder=state[FOLDER])
        return
    for key in [key for key in state if str(key).startswith("deployment ")]:
        del state[key]  # what was chosen for a card that lay here before
    try:
        with st.spinner(words["looking"]):
            state[CARDS] = look_at(survey, folder.resolve(), language=language)
    except JobError as error:
        state[TROUBLE] = words["failed_look"].format(why=error)


def _start(survey: Survey, wanted: list[tuple[Card, str]], person: str, language: Language) -> None:
    state = st.session_state
    state[TROUBLE] = ""
    cards = [(Path(card.path), deployment_id) for card, deployment_id in wanted]
    try:
        start_import(
            survey, cards, person=person, language=language, in_place=bool(state.get("in_place"))
        )
    except JobError as error:
        words = words_of(SENTENCES, language)
        state[TROUBLE] = words["failed_start"].format(why=error)
        return
    started = {card.path for card, _ in wanted}
    state[CARDS] = tuple(card for card in state[CARDS] if card.path not in started)
    if not state[CARDS]:
        del state[CARDS]


def _example() -> str:
    return "E:\\" if os.name == "nt" else "/media/SD01"
