"""The analyses by name: each takes a study and gives an answer; loaded when asked for."""

from collections.abc import Callable
from importlib import import_module

from species_db.study.answer import Answer

NAMES = (
    "effort",
    "events",
    "rai",
    "histories",
    "occupancy",
    "activity",
    "richness",
    "trends",
    "phenology",
    "elevation",
    "cooccurrence",
    "scr",
    "errors",
)
READS_MACHINE = frozenset({"errors"})
"""Of what models said as well: their study is read on with `species_db.study.labelled`."""


def answer_of(name: str) -> Callable[..., Answer]:
    """The function that answers by this name."""
    told: Callable[..., Answer] = import_module(f"{__name__}.{name}").answer
    return told
