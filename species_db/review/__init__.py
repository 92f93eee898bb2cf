"""Review rules: which event comes next, what the screen shows, what a person may decide."""

from species_db.review.acts import (
    Shown,
    confirm,
    correct,
    mark_animal,
    mark_blank,
    mark_human,
    mark_setup,
    mark_unknown,
    mark_vehicle,
)
from species_db.review.event_queue import (
    EventKey,
    Progress,
    QueueSettings,
    next_event,
    present_events,
    previous_event,
    priority_of,
    progress,
    summarise_event,
    summarise_events,
)
from species_db.review.event_view import (
    BoxView,
    EventView,
    FindingView,
    MediaView,
    NeighbourView,
    ReviewView,
    event_key,
    view_event,
    view_media,
)
from species_db.review.finding import Finding
from species_db.review.machine_call import MachineCall
from species_db.review.record import review_event, undo
from species_db.review.refusal import MEDIA_CHANGED, ReviewConflict, ReviewError

__all__ = [
    "MEDIA_CHANGED",
    "BoxView",
    "EventKey",
    "EventView",
    "Finding",
    "FindingView",
    "MachineCall",
    "MediaView",
    "NeighbourView",
    "Progress",
    "QueueSettings",
    "ReviewConflict",
    "ReviewError",
    "ReviewView",
    "Shown",
    "confirm",
    "correct",
    "event_key",
    "mark_animal",
    "mark_blank",
    "mark_human",
    "mark_setup",
    "mark_unknown",
    "mark_vehicle",
    "next_event",
    "present_events",
    "previous_event",
    "priority_of",
    "progress",
    "review_event",
    "summarise_event",
    "summarise_events",
    "undo",
    "view_event",
    "view_media",
]
