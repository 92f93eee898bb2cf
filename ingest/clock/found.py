"""What one rule finds on one stretch, and the bounds that file order sets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.clock.facts import ClockSettings, Placement
from ingest.clock.stretches import Stretch
from species_db.clock import Symptom
from species_db.vocabulary import ClockCause

NOTHING = timedelta(0)


@dataclass(frozen=True)
class Found:
    """A shift that a rule has found for a stretch, and what speaks for it."""

    cause: ClockCause
    shift: timedelta
    uncertainty: timedelta
    confidence: float
    symptoms: tuple[Symptom, ...]
    detector: str


@dataclass(frozen=True)
class Bounds:
    """Between which true times a stretch must lie, by its trusted neighbours and the sheet."""

    earliest: datetime
    latest: datetime
    has_before: bool  # a trusted stretch lies in front
    has_after: bool
    is_first: bool  # no stretch of any kind lies in front
    is_last: bool

    def hold(self, stretch: Stretch, shift: timedelta, slack: timedelta) -> bool:
        """Tell whether a shifted stretch keeps the order of the files and the deployment."""
        first, last = stretch.first + shift, stretch.last + shift
        return self.earliest - slack <= first and last <= self.latest + slack


def bounds_of(
    stretches: Sequence[Stretch], index: int, placement: Placement, settings: ClockSettings
) -> Bounds:
    """Work out the bounds of one stretch; untrusted neighbours only take their own length.

    A retrieval without a time of day may have been at any hour of its date.
    """
    end = placement.end
    if placement.is_end_known and not placement.is_end_timed:
        end += settings.loose_end
    before, after = stretches[:index], stretches[index + 1 :]
    earliest, has_before = _bound(list(reversed(before)), placement.start, forward=True)
    latest, has_after = _bound(after, end, forward=False)
    return Bounds(earliest, latest, has_before, has_after, not before, not after)


def end_symptoms(
    stretch: Stretch,
    bounds: Bounds,
    shift: timedelta,
    placement: Placement,
    settings: ClockSettings,
) -> tuple[Symptom, ...]:
    """Which ends of the shifted stretch fall on set-up and on retrieval, as evidence."""
    found = []
    at_setup = abs(stretch.first + shift - placement.start)
    if bounds.is_first and placement.is_start_timed and at_setup <= settings.visit:
        found.append(_end("setup", at_setup))
    at_retrieval = abs(stretch.last + shift - placement.end)
    if bounds.is_last and placement.is_end_timed and at_retrieval <= settings.visit:
        found.append(_end("retrieval", at_retrieval))
    return tuple(found)


def local(moment: datetime, placement: Placement) -> str:
    """A time as the camera's people read it."""
    return f"{placement.shown(moment):%Y-%m-%d %H:%M}"


def _bound(
    outward: Sequence[Stretch], otherwise: datetime, *, forward: bool
) -> tuple[datetime, bool]:
    taken = NOTHING
    sign = 1 if forward else -1
    for one in outward:
        if one.is_trusted:
            return (one.last if forward else one.first) + sign * taken, True
        taken += max(NOTHING, one.last - one.first)
    return otherwise + sign * taken, False


def _end(which: str, apart: timedelta) -> Symptom:
    return Symptom("end", {"which": which, "seconds": round(apart.total_seconds())})
