"""What the decisions on camera health know of a deployment: its days, photos and field notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import hypot

from species_db.health.causes import Cause
from species_db.vocabulary import DayState

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Frame:
    """One dated media; `at` is local, the rest was measured from its pixels or is None."""

    media_id: str
    at: datetime
    is_dark: bool = False  # the sun was down, by the corrected clock
    is_heartbeat: bool = False
    is_restricted: bool = False
    is_grey: bool | None = None
    brightness: float | None = None
    contrast: float | None = None
    sharpness: float | None = None
    histogram: tuple[float, ...] | None = None  # cumulative shares of luma, 16 steps
    layout: tuple[float, ...] | None = None  # luma of 4 x 6 cells, mean 0 and length 1
    battery_mv: int | None = None

    @property
    def is_night(self) -> bool:
        """Whether the flash had to light it: grey pixels, or no sun."""
        return self.is_dark or self.is_grey is True


@dataclass(frozen=True)
class Field:
    """What the field sheet says: local dates of set-up and retrieval, and words."""

    first_day: date
    last_day: date
    is_retrieved: bool = True  # else the last day is only the last one known
    comments: str = ""


@dataclass(frozen=True)
class CameraFacts:
    """All that is known of one deployment; frames are in order of time, within the field dates."""

    field: Field
    frames: Sequence[Frame]
    card_bytes: int = 0  # of the card with the last photo


@dataclass(frozen=True)
class CameraDate:
    """One local date and its frames."""

    day: date
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """How a camera was on one day, why, and how sure that is."""

    day: date
    state: DayState
    cause: Cause
    confidence: float
    media_count: int = 0
    evidence_media_id: str | None = None


@dataclass(frozen=True)
class Stretch:
    """A run of days, first and last included, in the same trouble for the same cause."""

    first_day: date
    last_day: date
    cause: Cause
    confidence: float
    evidence: tuple[Frame, ...] = ()

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


def days_between(first_day: date, last_day: date) -> list[date]:
    """Every date from the first to the last, both included.

    >>> len(days_between(date(2026, 4, 12), date(2026, 10, 3)))
    175
    """
    return [first_day + number * ONE_DAY for number in range((last_day - first_day).days + 1)]


def dates_of(field: Field, frames: Iterable[Frame]) -> list[CameraDate]:
    """Put frames on the local dates of a deployment; those outside it are left out."""
    found: dict[date, list[Frame]] = {}
    for frame in frames:
        found.setdefault(frame.at.date(), []).append(frame)
    days = days_between(field.first_day, field.last_day)
    return [CameraDate(day, tuple(found.get(day, ()))) for day in days]


def longest_gap(days: Sequence[date]) -> int:
    """The most days missing between two neighbours of an ordered list of dates.

    >>> longest_gap([date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 9)])
    6
    """
    return max(((later - sooner).days - 1 for sooner, later in pairwise(days)), default=0)


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """How far two cumulative histograms lie apart: mean luma to be moved, 0..1 (earth mover's).

    >>> distance((1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0))
    0.75
    """
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def of_length_one(cells: Sequence[float]) -> tuple[float, ...] | None:
    """Bring cells of luma to mean 0 and length 1; None when they are all alike.

    >>> of_length_one((3.0, 5.0, 3.0, 5.0))
    (-0.5, 0.5, -0.5, 0.5)
    """
    mean = sum(cells) / len(cells)
    length = hypot(*(cell - mean for cell in cells))
    return tuple((cell - mean) / length for cell in cells) if length else None


def likeness(one: Sequence[float], other: Sequence[float]) -> float:
    """How alike two layouts are: 1 the same, 0 nothing in common (Pearson's correlation).

    >>> likeness((-0.5, 0.5, -0.5, 0.5), (0.5, -0.5, 0.5, -0.5))
    -1.0
    """
    return sum(a * b for a, b in zip(one, other, strict=True))


def best_evidence(frames: Iterable[Frame]) -> str | None:
    """The first frame that may be shown, else the first at all."""
    ordered = sorted(frames, key=lambda frame: frame.is_restricted)
    return ordered[0].media_id if ordered else None
