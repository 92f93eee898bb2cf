"""Find the day on which a camera began to look at another scene: it was turned, or it fell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations, product
from statistics import fmean, median

from species_db.health.causes import Cause
from species_db.health.facts import CameraDate, Frame, Stretch, likeness, of_length_one
from species_db.health.settings import HealthSettings

BRIGHT_STEP = 11  # cumulative shares up to here are darker than three quarters of full luma


@dataclass(frozen=True)
class _Scene:
    """One day's mean picture: where it is light and dark, and the share of it near white."""

    day: date
    layout: tuple[float, ...]
    near_white: float
    frames: tuple[Frame, ...]


def scene_change(
    days: Sequence[CameraDate], *, notes: frozenset[str], settings: HealthSettings
) -> Stretch | None:
    """The stretch from an abrupt, lasting change of the scene to the last day; None without one.

    Two-sample test on daily mean pictures: across the change days must differ clearly more than
    within either side, every later day must stay nearer to its own side, and the night's pictures
    must change with the day's. Snow on the ground, leaves that come out and a day of fog do not
    pass. Still it is a guess for a person to look at.
    """
    by_day = _scenes(days, is_night=False)
    split = _best_split(by_day, settings)
    if split is None:
        return None
    at, ratio = split
    changed = _changed(by_day, at, settings)
    at = _to_the_day(changed, at, settings)
    before, after = by_day[:at], by_day[at:]
    is_lasting = min(1 - fmean(changed[:at]), fmean(changed[at:])) >= settings.scene_lasting
    if not is_lasting or _is_snow(before, after, settings):
        return None
    if not _nights_agree(_scenes(days, is_night=True), after[0].day, settings):
        return None
    supported = ("moved",) if "moved" in notes else ()
    confidence = (0.75 if ratio >= 1.5 * settings.scene_ratio else 0.6) + settings.note_adds * len(
        supported
    )
    cause = Cause.of("scene", since=after[0].day).with_notes(supported)
    return Stretch(
        after[0].day, days[-1].day, cause, round(min(0.95, confidence), 2), after[0].frames
    )


def _scenes(days: Sequence[CameraDate], *, is_night: bool) -> list[_Scene]:
    found = []
    for day in days:
        frames = tuple(f for f in day.frames if f.is_night == is_night and f.layout and f.histogram)
        layout = _mean_layout([f.layout for f in frames if f.layout])
        if layout is not None:
            near_white = fmean(1.0 - f.histogram[BRIGHT_STEP] for f in frames if f.histogram)
            found.append(_Scene(day.day, layout, near_white, frames))
    return found


def _mean_layout(layouts: Sequence[tuple[float, ...]]) -> tuple[float, ...] | None:
    if not layouts:
        return None
    return of_length_one([fmean(column) for column in zip(*layouts, strict=True)])


def _apart(one: _Scene, other: _Scene) -> float:
    return 1.0 - likeness(one.layout, other.layout)


def _best_split(scenes: Sequence[_Scene], settings: HealthSettings) -> tuple[int, float] | None:
    """The place where the days before and after differ most against what differs within them."""

    @cache
    def apart(one: int, other: int) -> float:
        return _apart(scenes[one], scenes[other])

    best: tuple[int, float] | None = None
    for at in range(settings.scene_least_days, len(scenes) - settings.scene_least_days + 1):
        before = range(max(0, at - settings.scene_window_days), at)
        after = range(at, min(len(scenes), at + settings.scene_window_days))
        within = max(
            median(apart(one, other) for one, other in combinations(side, 2))
            for side in (before, after)
        )
        across = median(apart(one, other) for one, other in product(before, after))
        if across - within < settings.scene_distance or across < settings.scene_ratio * within:
            continue
        ratio = across / max(within, 1e-6)
        if best is None or ratio > best[1]:
            best = at, ratio
    return best


def _changed(scenes: Sequence[_Scene], at: int, settings: HealthSettings) -> list[bool]:
    """For every day whether it looks more like the days after a change than like those before."""
    window = settings.scene_window_days
    old = _mean_layout([scene.layout for scene in scenes[max(0, at - window) : at]])
    new = _mean_layout([scene.layout for scene in scenes[at : at + window]])
    if old is None or new is None:
        return [False] * len(scenes)
    return [likeness(day.layout, new) > likeness(day.layout, old) for day in scenes]


def _to_the_day(changed: Sequence[bool], at: int, settings: HealthSettings) -> int:
    """The place near a change that leaves the fewest days on the wrong side; medians blur it."""
    window = settings.scene_window_days
    near = range(max(1, at - window), min(len(changed) - 1, at + window) + 1)
    return min(near, key=lambda n: (sum(changed[:n]) + changed[n:].count(False), abs(n - at)))


def _is_snow(before: Sequence[_Scene], after: Sequence[_Scene], settings: HealthSettings) -> bool:
    """Whether near-white came or went from the ground: snow, or its melting.

    A camera that tilts back sees more near-white too, but above: there is the sky.
    """
    window = settings.scene_window_days
    old, new = before[-window:], after[:window]
    whiter = median(s.near_white for s in new) - median(s.near_white for s in old)
    higher = median(_above(s) for s in new) - median(_above(s) for s in old)
    if abs(whiter) <= settings.scene_snow_share:
        return False
    return higher * (1 if whiter > 0 else -1) < settings.scene_sky_rise


def _above(scene: _Scene) -> float:
    """How much lighter the upper half is than the lower; 2 is all that a layout can hold."""
    half = len(scene.layout) // 2
    spread = math.sqrt(len(scene.layout)) / half
    return spread * (sum(scene.layout[:half]) - sum(scene.layout[half:]))


def _nights_agree(nights: Sequence[_Scene], changed: date, settings: HealthSettings) -> bool:
    """Whether the pictures by flash, which no weather lights, changed too; few of them say yes."""
    window = settings.scene_window_days
    before = [night for night in nights if night.day < changed][-window:]
    after = [night for night in nights if night.day > changed][:window]
    if min(len(before), len(after)) < settings.scene_least_days:
        return True
    within = max(median(_apart(a, b) for a, b in combinations(side, 2)) for side in (before, after))
    across = median(_apart(a, b) for a, b in product(before, after))
    return across >= settings.scene_night_ratio * within
