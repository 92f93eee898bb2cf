"""The options that one analysis has and the others have not, with usual values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from review_app.analysis_form import choose, choose_number, tick
from species_db.analysis.histories import OCCASION_DAYS, FirstDay
from species_db.language import Language
from species_db.study.answers.activity import Transform
from species_db.study.choices import TaxonChoice

OCCASION, FIRST_DAY, LEAST = "analysis_occasion", "analysis_first_day", "analysis_least"
ELEVATION, EFFORT = "analysis_psi_elevation", "analysis_p_effort"
AGAINST, TRANSFORM = "analysis_against", "analysis_transform"
DOMESTIC_TOO = "analysis_domestic"
SEASON, MONTHS = "analysis_season_start", "analysis_months"
HOURS = "analysis_within_hours"
OTHERS = ("people", "livestock", "dog", "vehicle")  # as the answer names them
MONTHS_OF_YEAR = range(1, 13)

Words = Mapping[str, str]


@dataclass(frozen=True)
class Options:
    """What one analysis is asked besides the question.

    `given` go to the answer. `view` only change what is drawn of it. `against` is a second taxon.
    """

    given: tuple[tuple[str, object], ...] = ()
    view: tuple[tuple[str, str], ...] = ()
    against: str = ""


Ask = Callable[[Sequence[TaxonChoice], Words, Language], Options]


def ask_options(
    name: str, choices: Sequence[TaxonChoice], words: Words, language: Language
) -> Options:
    """Let an analysis' own options be chosen, on a line of their own; some have none."""
    ask = ASK.get(name)
    if ask is None:
        return Options()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return ask(choices, words, language)


def _ask_histories(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    days = choose_number(OCCASION, words["occasion_days"], OCCASION_DAYS, at_least=1)
    first = choose(
        FIRST_DAY,
        words["first_day"],
        list(FirstDay),
        words,
        language,
        width=270,
        say=lambda one: words[f"first_{one}"],
    )
    given = (("first_day", FirstDay(first)), *_occasions(days, words))
    return Options(given)


def _occasions(days: int, words: Words) -> tuple[tuple[str, object], ...]:
    least = choose_number(
        LEAST, words["least_effort"], 0, at_least=0, hint=words["least_effort_hint"]
    )
    return ("occasion_days", days), ("minimum_effort", float(least))


def _ask_occupancy(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    days = choose_number(OCCASION, words["occasion_days"], OCCASION_DAYS, at_least=1)
    given = _occasions(days, words)
    by_height = tick(ELEVATION, words["psi_elevation"], language)
    by_effort = tick(EFFORT, words["p_effort"], language)
    return Options(
        (
            *given,
            ("psi", ("elevation",) if by_height else ()),
            ("p", ("effort",) if by_effort else ()),
        )
    )


def _ask_activity(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    names = {one.taxon.taxon_id: one.taxon.common for one in choices if one.observations}
    against = choose(
        AGAINST,
        words["against"],
        ["", *OTHERS, *names],
        words,
        language,
        width=270,
        say=lambda one: names.get(one) or words[f"other_{one}"],
    )
    transform = choose(
        TRANSFORM,
        words["transform"],
        list(Transform),
        words,
        language,
        width=330,
        say=lambda one: words[f"transform_{one}"],
    )
    given = (("transform", Transform(transform)),)
    if against in names:
        return Options(given, against=against)
    return Options(given, view=(("against", against),))


def _ask_richness(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    return Options((("with_domestic", tick(DOMESTIC_TOO, words["domestic_too"], language)),))


def _ask_trends(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    """Years from some month on, and the months that are compared."""
    months = [str(month) for month in MONTHS_OF_YEAR]
    names = words["months"].split()

    def say(one: str) -> str:
        return names[int(one) - 1]

    begins = _ask_year(words, language)
    first = choose(f"{MONTHS}_from", words["months_from"], months, words, language, width=150,
                   say=say)  # fmt: skip
    last = choose(f"{MONTHS}_to", words["months_to"], months[::-1], words, language, width=150,
                  say=say)  # fmt: skip
    is_all = (int(last) - int(first)) % 12 == 11
    return Options(
        (
            ("season_start", begins),
            ("months", "" if is_all else f"{first}-{last}"),
        )
    )


def _ask_year(words: Words, language: Language) -> str:
    """The day on which years begin, as a month and a day."""
    names = words["months"].split()
    month = choose(
        SEASON,
        words["year_begins"],
        [str(month) for month in MONTHS_OF_YEAR],
        words,
        language,
        width=150,
        say=lambda one: names[int(one) - 1],
    )
    return f"{int(month):02d}-01"


def _ask_phenology(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    return Options((("season_start", _ask_year(words, language)),))


def _ask_together(choices: Sequence[TaxonChoice], words: Words, language: Language) -> Options:
    hours = choose_number(HOURS, words["within_hours"], 24, at_least=1)
    return Options((("within_hours", float(hours)),))


ASK: Mapping[str, Ask] = {
    "histories": _ask_histories,
    "occupancy": _ask_occupancy,
    "activity": _ask_activity,
    "richness": _ask_richness,
    "trends": _ask_trends,
    "elevation": _ask_trends,
    "phenology": _ask_phenology,
    "cooccurrence": _ask_together,
}
