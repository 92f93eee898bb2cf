"""Terms of cards, media, clocks, plots and reviews."""

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
    LEFT = "left"  # cannot be used, and not copied: it stays in its archive
    ELSEWHERE = "elsewhere"  # now media by the word of a package; the file is not held here


class ImportState(StrEnum):
    """How far the reading of a card has come."""

    RUNNING = "running"
    COMPLETE = "complete"


class Custody(StrEnum):
    """Where the originals of a card are kept."""

    COPIED = "copied"  # in the survey folder
    IN_PLACE = "in_place"  # where they were, in an archive that we only read
    ELSEWHERE = "elsewhere"  # not here: a package told of them


class ClockState(StrEnum):
    """What people have decided of a clock segment; only an accepted one moves times."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"  # a proposal that no longer holds; kept for its number


class ClockCause(StrEnum):
    """Why a camera's clock is wrong over a stretch of files."""

    RESET = "reset"  # fell back to its factory time
    WRONG_YEAR = "wrong_year"
    AM_PM = "am_pm"  # twelve hours off
    ZONE = "zone"  # set to UTC or a foreign zone
    DRIFT = "drift"
    ANCHOR = "anchor"  # a person read the true time from a photo
    SHIFT = "shift"  # a person knows the difference


class DayState(StrEnum):
    """How a camera was on one day."""

    WORKING = "working"
    DAY_ONLY = "day_only"  # the flash is dead: nothing in the dark
    BLOCKED = "blocked"  # snow, a leaf, a spider
    MOVED = "moved"
    FULL_CARD = "full_card"
    DEAD = "dead"
    UNKNOWN = "unknown"


class FieldState(StrEnum):
    """How far a field record is."""

    DRAFT = "draft"
    IDENTIFIED = "identified"
    REJECTED = "rejected"


class FieldProtocol(StrEnum):
    """How a field record was made (Darwin Core `samplingProtocol`)."""

    INCIDENTAL = "incidental"
    TRANSECT = "transect"
    QUADRAT = "quadrat"
    POINT_COUNT = "point_count"
    NETTING = "netting"
    UAV = "uav"
    PHOTO = "photo"  # a phone photo sent in, with no search behind it
    EDNA = "edna"
    ACOUSTIC = "acoustic"


class QuantityType(StrEnum):
    """What the quantity of a field record counts (Darwin Core `organismQuantityType`)."""

    INDIVIDUALS = "individuals"
    COVER = "% cover"
    AREA = "m2"


class JobState(StrEnum):
    """How far a job is that the app has started."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


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
