"""Texts that may tell a place: names of the survey's places, and anything with degrees in it."""

import re
from collections.abc import Iterable, Iterator

from sqlmodel import Session, select

from species_db.tables import CameraStation, Deployment, Plot

_COORDINATE = re.compile(r"\d[.,]\d{3,}|[°º]")


def read_place_words(session: Session) -> frozenset[str]:
    """Every name by which somebody could know a place of this survey."""
    return frozenset(_place_words(session))


def tells_place(text: str, names: re.Pattern[str]) -> bool:
    """Tell whether a text names a place or holds degrees."""
    return bool(names.search(text) or _COORDINATE.search(text))


def pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    """Find any of some names; a Latin one must stand alone, Chinese has no word ends.

    >>> bool(pattern_of(["LZ-1"]).search("grazing at LZ-12"))
    False
    """
    parts = [
        rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])" if word.isascii() else re.escape(word)
        for word in sorted(words)
    ]
    return re.compile("|".join(parts) if parts else r"(?!)", re.IGNORECASE)


def _place_words(session: Session) -> Iterator[str]:
    columns = (
        CameraStation.location_id,
        CameraStation.location_name,
        Plot.plot_id,
        Plot.name,
        Deployment.deployment_id,
    )
    for column in columns:
        for word in session.exec(select(column)):
            if len(word.strip()) > 1:  # a plot called "3" would silence every text with a 3
                yield word.strip()
