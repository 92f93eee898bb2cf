"""The sun test: infrared pictures under a high sun and colour pictures in deep night.

Grey and colour follow the light, the clock does not: where they disagree on many days, and one
shift mends nearly all of it, the clock is off by that shift (DOMAIN.md 13, VISION N2).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ingest.clock.facts import ClockSettings, FileFacts, Placement
from species_db.clock import Symptom
from species_db.sun import SunPlace, altitude_at, sun_place

STEP = timedelta(minutes=30)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """Pictures of one visit: when by the clock, and in which light."""

    time: datetime
    is_grey: bool


@dataclass(frozen=True)
class Count:
    """How many looks contradict the sun, of how many."""

    grey_high: int
    grey: int
    colour_dark: int
    colour: int

    @property
    def share(self) -> float:
        """Contradicting looks of all."""
        looks = self.grey + self.colour
        return (self.grey_high + self.colour_dark) / looks if looks else 0.0

    def symptom(self, when: str) -> Symptom:
        """As evidence; `when` is before or after the correction."""
        return Symptom("sun", {"when": when, **vars(self)})


@dataclass(frozen=True)
class SunVerdict:
    """What the sun says of a stretch: nothing, that its clock agrees, or which shifts mend it."""

    is_able: bool  # enough looks of both kinds
    before: Count
    mends: tuple[timedelta, ...] = ()  # steps of half an hour within a day, one window

    @property
    def is_wrong(self) -> bool:
        """Whether the clock contradicts the sun and shifts are known that do not."""
        return bool(self.mends)

    def allows(self, shift: timedelta) -> bool:
        """Tell whether a shift is among those that mend it; whole days make no difference."""
        return any(_apart(shift, one) <= STEP / 2 for one in self.mends)

    def spread(self, shift: timedelta) -> timedelta:
        """How far from a shift the furthest one lies that mends it as well."""
        return max((_apart(shift, one) for one in self.mends), default=timedelta(0))


def looks_of(files: Iterable[FileFacts], settings: ClockSettings) -> list[Look]:
    """Draw pictures of one visit and one light together."""
    looks: list[Look] = []
    latest: dict[bool, datetime] = {}
    for one in files:
        if one.time is None or one.is_grey is None:
            continue
        before = latest.get(one.is_grey)
        if before is None or abs(one.time - before) >= settings.look_apart:
            looks.append(Look(one.time, one.is_grey))
        latest[one.is_grey] = one.time
    return looks


def judge_by_sun(
    files: Iterable[FileFacts],
    placement: Placement,
    settings: ClockSettings,
    *,
    base: timedelta = timedelta(0),
) -> SunVerdict:
    """Ask the sun about a stretch whose times are first shifted by `base`."""
    looks = [Look(one.time + base, one.is_grey) for one in looks_of(files, settings)]
    places = [sun_place(one.time) for one in looks]
    before = _count(looks, places, timedelta(0), placement, settings)
    if not _is_able(looks, settings):
        return SunVerdict(False, before)
    if before.share < settings.wrong_share:
        return SunVerdict(True, before)
    steps = [STEP * number for number in range(DAY // STEP)]
    mends = [
        shift
        for shift in steps
        if _count(looks, places, shift, placement, settings).share <= settings.mended_share
    ]
    if not mends or _window(mends) > settings.widest_window:
        return SunVerdict(True, before)
    return SunVerdict(True, before, tuple(mends))


def count_after(
    files: Iterable[FileFacts], shift: timedelta, placement: Placement, settings: ClockSettings
) -> Count:
    """Count what still contradicts the sun after a shift."""
    looks = [Look(one.time + shift, one.is_grey) for one in looks_of(files, settings)]
    places = [sun_place(one.time) for one in looks]
    return _count(looks, places, timedelta(0), placement, settings)


def _count(
    looks: Sequence[Look],
    places: Sequence[SunPlace],
    shift: timedelta,
    placement: Placement,
    settings: ClockSettings,
) -> Count:
    grey_high = colour_dark = grey = 0
    for look, place in zip(looks, places, strict=True):
        altitude = altitude_at(
            place,
            look.time + shift,
            latitude=placement.latitude,
            longitude=placement.longitude,
        )
        grey += look.is_grey
        grey_high += look.is_grey and altitude > settings.grey_above
        colour_dark += not look.is_grey and altitude < settings.colour_below
    return Count(grey_high, grey, colour_dark, len(looks) - grey)


def _is_able(looks: Sequence[Look], settings: ClockSettings) -> bool:
    for kind in (True, False):
        of_kind = [one.time for one in looks if one.is_grey is kind]
        days = {moment.date() for moment in of_kind}
        if len(of_kind) < settings.least_looks or len(days) < settings.least_days:
            return False
    return True


def _apart(one: timedelta, other: timedelta) -> timedelta:
    """How far two shifts lie apart round the clock."""
    return abs((one - other + DAY / 2) % DAY - DAY / 2)


def _window(shifts: Sequence[timedelta]) -> timedelta:
    """The shortest stretch round the clock that holds all of these shifts."""
    ordered = sorted(shifts)
    gaps = [later - earlier for earlier, later in pairwise(ordered)]
    gaps.append(ordered[0] + DAY - ordered[-1])
    return DAY - max(gaps)
