"""How pages say things: sentences by name, sizes and times in words, quiet lines and signs."""

import html
from collections.abc import Mapping

import streamlit as st

from species_db.language import Language

Sentences = Mapping[str, tuple[str, str]]


def words_of(sentences: Sentences, language: Language) -> dict[str, str]:
    """All sentences of a page in one language."""
    place = 1 if language == "zh" else 0
    return {name: sentence[place] for name, sentence in sentences.items()}


def size(count: float) -> str:
    """Bytes as people read them.

    >>> size(14_200_000_000), size(3_100_000), size(412)
    ('14.2 GB', '3.1 MB', '412 B')
    """
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} B"


def title(text: str) -> None:
    """The name of the page."""
    st.html(f"<h1>{html.escape(text)}</h1>")


def heading(text: str) -> None:
    """The name of a part of the page."""
    st.html(f"<h2>{html.escape(text)}</h2>")


def two_lines(text: str, below: str = "", *, is_strong: bool = False) -> None:
    """A fact, and below it what is there for who looks for it. Text is never read as markup."""
    tag = "b" if is_strong else "span"
    more = f"<div class='quiet figures'>{html.escape(below)}</div>" if below else ""
    st.html(f"<div class='figures'><{tag}>{html.escape(text)}</{tag}></div>{more}")


def quiet(text: str) -> None:
    """A line that is there for who looks for it."""
    st.html(f"<div class='quiet figures'>{html.escape(text)}</div>")


def sign(text: str, tone: str = "") -> str:
    """A small framed word; its text says what its colour says.

    >>> sign("✓ done", "good")
    "<span class='sign good'>✓ done</span>"
    """
    return f"<span class='sign {tone}'>{html.escape(text)}</span>"
