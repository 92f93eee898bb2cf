"""A correction that a detector proposes and no person has looked at yet."""

from dataclasses import dataclass
from datetime import timedelta

from species_db.clock.evidence import Symptom
from species_db.vocabulary import ClockCause


@dataclass(frozen=True)
class Proposal:
    """A constant shift over a stretch of one card's files, with what speaks for it.

    A first or last path of None is the card's first or last file, also when more files come.
    """

    card_import_id: str
    first_card_path: str | None
    last_card_path: str | None
    cause: ClockCause
    offset: timedelta
    uncertainty: timedelta
    confidence: float
    symptoms: tuple[Symptom, ...]
    detector: str
