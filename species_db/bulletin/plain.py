"""The bulletin for scripts: the same values as the page, and its advice in both languages."""

from typing import Any

from species_db.bulletin.parts import Bulletin
from species_db.bulletin.words import advice_words
from species_db.language import speaking
from species_db.wildlife.parts import as_plain


def as_json(bulletin: Bulletin) -> dict[str, Any]:
    """What JSON can hold of a bulletin; months as `2026-05`, null is not known."""
    told: dict[str, Any] = as_plain(bulletin)
    told["month"] = str(bulletin.month)
    for plain, one in zip(told["effort"]["months"], bulletin.effort.months, strict=True):
        plain["month"] = str(one.month)
    for plain, advice in zip(told["advice"], bulletin.advice, strict=True):
        for language in ("zh", "en"):
            with speaking(language):
                plain[language] = advice_words(advice, bulletin)
    return told
