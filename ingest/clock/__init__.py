"""Find what is provably wrong with a camera's clock, and propose; a person decides."""

from ingest.clock.detect import find_clock_faults
from ingest.clock.facts import CardFacts, ClockFindings, ClockSettings, FileFacts, Note, Placement
from ingest.clock.gather import propose_clock

__all__ = [
    "CardFacts",
    "ClockFindings",
    "ClockSettings",
    "FileFacts",
    "Note",
    "Placement",
    "find_clock_faults",
    "propose_clock",
]
