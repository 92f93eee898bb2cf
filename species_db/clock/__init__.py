"""What a correction of a camera's clock does: it is applied as a view, and can be withdrawn."""

from species_db.clock.apply import apply_clock, follow_clock
from species_db.clock.decide import accept, dismiss, propose, withdraw
from species_db.clock.evidence import Figure, Symptom
from species_db.clock.proposal import Proposal
from species_db.clock.refusal import ClockError
from species_db.clock.segments import (
    Position,
    corrected_time,
    file_order,
    has_camera_clock,
    segment_of,
)
from species_db.clock.state import Anchor, state_anchors, state_shift
from species_db.clock.view import ClockView, Effect, SegmentView, clock_view, segment_numbered
from species_db.clock.written import parse_moment, parse_shift

__all__ = [
    "Anchor",
    "ClockError",
    "ClockView",
    "Effect",
    "Figure",
    "Position",
    "Proposal",
    "SegmentView",
    "Symptom",
    "accept",
    "apply_clock",
    "clock_view",
    "corrected_time",
    "dismiss",
    "file_order",
    "follow_clock",
    "has_camera_clock",
    "parse_moment",
    "parse_shift",
    "propose",
    "segment_numbered",
    "segment_of",
    "state_anchors",
    "state_shift",
    "withdraw",
]
