"""Controlled words of field records: Darwin Core's where it has one, in both languages.

They are data (`species_db/data/field_terms.csv`), so that a word is added without a change of code.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from species_db.language import Language

FILE = "field_terms.csv"


@dataclass(frozen=True)
class Term:
    """One controlled word: as stored, as people read it, and what else they write for it."""

    value: str
    en: str
    zh: str
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Both languages in one, as the drop-down lists of a sheet show it."""
        return f"{self.zh} {self.en}"

    def word(self, language: Language) -> str:
        """The word in one language."""
        return self.zh if language == "zh" else self.en


@cache
def all_terms() -> Mapping[str, tuple[Term, ...]]:
    """Every group of terms, in the order in which people are offered them.

    >>> [term.value for term in all_terms()["vitality"]]
    ['alive', 'ill', 'dead']
    """
    text = (files("species_db") / "data" / FILE).read_text(encoding="utf-8")
    groups: dict[str, list[Term]] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        also = tuple(filter(None, (row["also"] or "").split(";")))
        groups.setdefault(row["group"], []).append(Term(row["term"], row["en"], row["zh"], also))
    return {group: tuple(terms) for group, terms in groups.items()}


def terms_of(group: str) -> tuple[Term, ...]:
    """The terms of one group."""
    return all_terms()[group]


def find_term(group: str, text: str) -> Term | None:
    """Find a term by whatever a person wrote for it, in either language or in both.

    >>> find_term("threats", "猎套").value, find_term("vitality", "活体 alive").value
    ('snare', 'alive')
    >>> find_term("establishment_means", "invasive") is None
    True
    """
    return _by_word()[group].get(_plain(text))


def term_of(group: str, value: str) -> Term:
    """The term of a stored value; a value from elsewhere stands for itself."""
    known = (term for term in terms_of(group) if term.value == value)
    return next(known, Term(value, value, value))


@cache
def _by_word() -> Mapping[str, Mapping[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for group, terms in all_terms().items():
        words = found.setdefault(group, {})
        for term in terms:
            for word in (term.value, term.en, term.zh, term.label, *term.also):
                words.setdefault(_plain(word), term)
    return found


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("（", "(").replace("）", ")").split())
