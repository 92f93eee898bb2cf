"""What is asked on the analysis page: which analysis, of which records, counted by which rules."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import streamlit as st

from species_db.analysis.effort import EffortMethod
from species_db.analysis.independence import MINUTES, IndependenceRule
from species_db.language import Language
from species_db.study.choices import TaxonChoice
from species_db.study.question import CountBy, Question, State

WHICH = "analysis_which"
TAXON, FIRST, LAST = "analysis_taxon", "analysis_from", "analysis_to"
INTERVAL, STATE, RULE = "analysis_interval", "analysis_state", "analysis_rule"
BY, METHOD, RANK = "analysis_by", "analysis_method", "analysis_min_rank"
CLOCKS = "analysis_doubtful"

RANKS = ("species", "genus", "family", "order", "class")
OF_ONE_TAXON = ("histories", "activity")
COUNTS_VISITS = (
    "events",
    "rai",
    "activity",
    "richness",
    "trends",
    "elevation",
    "cooccurrence",
    "errors",
)

Words = Mapping[str, str]


def choose_analysis(names: Sequence[str], words: Words, language: Language) -> str:
    """Let one analysis be chosen; it outlives a change of language."""
    state = st.session_state
    kept = state.get(WHICH, names[0])
    state[WHICH] = st.segmented_control(
        words["which"],
        names,
        default=kept if kept in names else names[0],
        required=True,
        format_func=lambda one: words[one],
        key=f"{WHICH} {language}",
        label_visibility="collapsed",
    )
    return str(state[WHICH])


def ask_question(
    name: str, choices: Sequence[TaxonChoice], words: Words, language: Language
) -> Question | None:
    """Let the question be put; None when the dates are the wrong way round, which is said."""
    asked = Question()
    is_of_taxa = name != "effort"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if is_of_taxa:
            asked = replace(asked, taxon=_ask_taxon(name, choices, words, language))
        first, last = _ask_day(FIRST, words["from"]), _ask_day(LAST, words["to"])
        if name in COUNTS_VISITS:
            minutes = choose_number(
                INTERVAL,
                words["interval"],
                MINUTES,
                at_least=0,
                step=30,
                hint=words["interval_hint"],
            )
            asked = replace(asked, interval_minutes=minutes)
        if is_of_taxa:
            state = choose(STATE, words["state"], list(State), words, language, width=215)
            asked = replace(asked, state=State(state))
        with st.popover(words["rules"]):
            asked = _ask_rules(name, asked, words, language)
    if first and last and first > last:
        st.info(words["dates_swapped"])
        return None
    return replace(asked, first_day=first, last_day=last)


def choose(
    name: str,
    label: str,
    options: Sequence[str],
    words: Words,
    language: Language,
    *,
    width: int | None = None,
    say: Callable[[str], str] | None = None,
) -> str:
    """Let one of some terms be chosen, the first by itself; it outlives language and analysis."""
    state = st.session_state
    kept = state.get(name)
    state[name] = st.selectbox(
        label,
        options,
        index=options.index(kept) if kept in options else 0,
        format_func=say or (lambda one: words[str(one)]),
        key=f"{name} {language}",
        width=width or "stretch",
    )
    return str(state[name])


def choose_number(
    name: str, label: str, usual: int, *, at_least: int, step: int = 1, hint: str = ""
) -> int:
    """Let a whole number be given; it outlives language and analysis."""
    state = st.session_state
    state[name] = int(
        st.number_input(
            label,
            at_least,
            value=int(state.get(name, usual)),
            step=step,
            key=f"{name} number",
            help=hint or None,
            width=130,
        )
    )
    return int(state[name])


def tick(name: str, label: str, language: Language) -> bool:
    """Let something be added that is usually left out; it outlives language and analysis."""
    state = st.session_state
    kept = bool(state.get(name, False))
    state[name] = st.checkbox(label, kept, key=f"{name} {language}")
    return bool(state[name])


def _ask_taxon(name: str, choices: Sequence[TaxonChoice], words: Words, language: Language) -> str:
    """Offer what was recorded, by all its names; another name may be typed.

    An analysis of one taxon begins with the first; only what a person chose goes on to the next.
    """
    state = st.session_state
    names = {one.taxon.taxon_id: one.names for one in choices}
    options, kept = list(names), state.get(TAXON, "")
    if kept and kept not in options:
        options.append(kept)
    is_needed = name in OF_ONE_TAXON
    key = f"{TAXON} {language} {'one' if is_needed else 'any'}"

    def keep() -> None:
        state[TAXON] = state[key] or ""

    typed = st.selectbox(
        words["taxon"],
        options,
        index=options.index(kept) if kept else (0 if is_needed and options else None),
        format_func=lambda one: names.get(one, one),
        key=key,
        placeholder=words["all_taxa"],
        help=words["taxon_hint"],
        on_change=keep,
        accept_new_options=True,
        width=270,
    )
    return _meant(str(typed or ""), names)


def _meant(typed: str, names: Mapping[str, str]) -> str:
    """The recorded taxon that a typed beginning can only mean; else what was typed.

    >>> _meant("golden", {"t1": "Asiatic golden cat", "t2": "Wild boar"}), _meant("zz", {})
    ('t1', 'zz')
    """
    if not typed or typed in names:
        return typed
    wanted = typed.strip().casefold()
    hits = [one for one, name in names.items() if wanted in name.casefold()]
    return hits[0] if len(hits) == 1 else typed


def _ask_day(name: str, label: str) -> date | None:
    state = st.session_state
    state[name] = st.date_input(
        label, state.get(name), key=f"{name} day", format="YYYY-MM-DD", width=148
    )
    return state[name] if isinstance(state[name], date) else None


def _ask_rules(name: str, asked: Question, words: Words, language: Language) -> Question:
    """The rules by which visits and days are counted; those that change nothing are left out."""
    if name in COUNTS_VISITS:
        order = (IndependenceRule.LAST_INDEPENDENT, IndependenceRule.LAST_RECORD)
        rule = choose(RULE, words["rule"], order, words, language)
        asked = replace(asked, rule=IndependenceRule(rule))
    if name != "effort":
        rank = choose(RANK, words["min_rank"], RANKS, words, language)
        asked = replace(asked, min_rank=rank)
    by = choose(BY, words["by"], list(CountBy), words, language)
    method = choose(METHOD, words["method"], list(EffortMethod), words, language)
    return replace(
        asked,
        by=CountBy(by),
        method=EffortMethod(method),
        with_doubtful_clocks=tick(CLOCKS, words["doubtful"], language),
    )
