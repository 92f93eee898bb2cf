"""Controlled terms of the survey: Camtrap DP 1.0.2's where it has them, ours where it has none."""

from enum import StrEnum


class ObservationType(StrEnum):
    """What an observation says is there (Camtrap DP `observationType`)."""

    ANIMAL = "animal"
    HUMAN = "human"
    VEHICLE = "vehicle"
    BLANK = "blank"
    UNKNOWN = "unknown"  # looked at, cannot tell
    UNCLASSIFIED = "unclassified"  # not looked at


class ObservationLevel(StrEnum):
    """Whether a row speaks of one file or of a whole event; counts never cross levels."""

    MEDIA = "media"
    EVENT = "event"


class ClassificationMethod(StrEnum):
    """Who classified: a person or a model."""

    HUMAN = "human"
    MACHINE = "machine"


class FileOutcome(StrEnum):
    """What became of one file on a card."""

    STORED = "stored"  # now media, original kept
    DUPLICATE = "duplicate"  # same bytes are already kept
    QUARANTINED = "quarantined"  # cannot be used; its bytes are kept aside
    EMPTY = "empty"  # zero bytes: nothing to keep
    IGNORED = "ignored"  # left by a computer, not by the camera (Thumbs.db, ._ files)
    UNREAD = "unread"  # could not be read; still only on the card


class ImportState(StrEnum):
    """How far the reading of a card has come."""

    RUNNING = "running"
    COMPLETE = "complete"


class Act(StrEnum):
    """Kinds of entry in the decision log."""

    INIT = "init"
    PLOTS_IMPORTED = "plots_imported"
    DEPLOYMENTS_IMPORTED = "deployments_imported"
    CARD_IMPORTED = "card_imported"
    DETECTED = "detected"
    REVIEWED = "reviewed"
    UNDONE = "undone"
    EXPORTED = "exported"
    EXACT_RELEASED = "exact_released"


class Ecosystem(StrEnum):
    """Ecosystem of a plot: the plan's 78 lie in forest, wetland and river; others occur too."""

    FOREST = "forest"
    WETLAND = "wetland"
    RIVER = "river"
    SHRUBLAND = "shrubland"
    GRASSLAND = "grassland"
    LAKE = "lake"
    ALPINE = "alpine"
    CROPLAND = "cropland"


ECOSYSTEM_ZH = {
    Ecosystem.FOREST: "森林",
    Ecosystem.WETLAND: "湿地",
    Ecosystem.RIVER: "河流",
    Ecosystem.SHRUBLAND: "灌丛",
    Ecosystem.GRASSLAND: "草地",
    Ecosystem.LAKE: "湖泊",
    Ecosystem.ALPINE: "高山",
    Ecosystem.CROPLAND: "农田",
}
