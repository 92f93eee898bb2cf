"""What the clock detectors know of a card, and what they say of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from species_db.clock import Proposal


@dataclass(frozen=True)
class ClockSettings:
    """Limits of the clock detectors; each errs towards saying nothing."""

    least_files: int = 3
    """One damaged date among thousands is not a wrong clock."""

    step_back: timedelta = timedelta(minutes=5)
    """Bursts and clips are numbered seconds apart from their times; no camera is minutes out."""

    loose_end: timedelta = timedelta(days=1)
    """Teams test cameras the evening before, and sheets may give a date without a time."""

    far_out: timedelta = timedelta(days=30)
    """A clock that fell back lies years away; a camera tested in the office lies days away."""

    visit: timedelta = timedelta(minutes=40)
    """From the first picture of a set-up to the time that the team writes in the sheet."""

    factory_days: int = 3
    """A clock at its factory time starts at midnight of a first of January, or days after it."""

    grey_above: float = 15.0
    """Degrees of sun. Cameras go over to infrared at a few lux; under closed canopy (1 % of the
    light) the forest floor has over 100 lux by then, also in rain."""

    colour_below: float = -9.0
    """Degrees of sun. Half-way through nautical twilight there is 0.1 lux, and a full moon gives
    0.3 at most: without infrared a frame is black."""

    look_apart: timedelta = timedelta(minutes=30)
    """Pictures of one visit share their light and count as one look."""

    least_looks: int = 5
    """Looks of each kind, grey and colour: a white-flash camera has no grey ones, and a camera
    whose filter sticks has no coloured ones; of them the sun test says nothing."""

    least_days: int = 3
    """Days on which looks of each kind lie: fog, snow on the lens or a smoky day are passing."""

    wrong_share: float = 0.2
    """Contradicting looks before the sun test says that a clock is wrong. Fog, snow and a
    sticking filter make grey days, but a shift does not mend them."""

    mended_share: float = 0.04
    """Contradicting looks that may remain after the right shift."""

    widest_window: timedelta = timedelta(hours=6)
    """If shifts further apart than this all mend it, the pictures cannot tell which is right."""

    set_by_hand: timedelta = timedelta(minutes=5)
    """A clock set to the wrong zone, year or half of the day keeps its minutes roughly."""


@dataclass(frozen=True)
class FileFacts:
    """One file of a card; `time` is as the camera wrote it, or corrected where that is settled."""

    card_path: str
    time: datetime | None
    is_grey: bool | None = None
    is_film: bool = False
    serial_number: str | None = None
    model: str | None = None
    is_settled: bool = False  # a segment in force corrects it: trusted, and not judged again


@dataclass(frozen=True)
class CardFacts:
    """One card's files in any order."""

    card_import_id: str
    files: tuple[FileFacts, ...]


@dataclass(frozen=True)
class Placement:
    """When and where a camera stood. Without a retrieval time, `end` is when the card was read."""

    start: datetime
    end: datetime
    is_end_known: bool
    utc_offset: timedelta
    latitude: float
    longitude: float

    def shown(self, moment: datetime) -> datetime:
        """A moment as a clock of the deployment's zone shows it."""
        return moment.astimezone(timezone(self.utc_offset))

    @property
    def is_start_timed(self) -> bool:
        """Whether set-up has a time of day; midnight is what a bare date becomes."""
        return _is_timed(self.shown(self.start))

    @property
    def is_end_timed(self) -> bool:
        """Whether retrieval has a time of day."""
        return self.is_end_known and _is_timed(self.shown(self.end))


@dataclass(frozen=True)
class Note:
    """A symptom that proves no correction, for a person to look at."""

    english: str
    chinese: str


@dataclass(frozen=True)
class ClockFindings:
    """What can be proposed for a card or a deployment, and what can only be told."""

    proposals: tuple[Proposal, ...] = ()
    notes: tuple[Note, ...] = ()


def _is_timed(local: datetime) -> bool:
    return (local.hour, local.minute) not in ((0, 0), (23, 59))
