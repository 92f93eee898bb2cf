"""Find the days on which a camera saw by day only: its flash was dead."""

from collections.abc import Sequence
from itertools import groupby

from species_db.health.causes import Cause
from species_db.health.chance import chance_of_none
from species_db.health.facts import CameraDate, Frame, Stretch
from species_db.health.settings import HealthSettings


def dark_stretches(
    days: Sequence[CameraDate], *, notes: frozenset[str], settings: HealthSettings
) -> list[Stretch]:
    """Stretches of days with photos on which nothing lit came in the dark, beyond chance.

    Black night pictures prove a dead flash. Without them nights must have been usual: the chance
    that none came is worked out from the share of other days with night pictures, times the number
    of stretches looked at, and the stretch must outlast every other one twice, because animals come
    in spells. A quiet camera with few nights therefore stays working.
    """
    seen = _telling(days)
    runs = [
        (is_lit, list(run))
        for is_lit, run in groupby(seen, key=lambda day: _has_lit_night(day, settings))
    ]
    unlit = [run for is_lit, run in runs if not is_lit]
    found = []
    for run in unlit:
        others = [len(_day_dates(other)) for other in unlit if other is not run]
        stretch = _black(run, settings) or _absent(
            run, seen, unlit, max(others, default=0), settings
        )
        if stretch is not None:
            found.append(_supported(stretch, notes, settings))
    return found


def is_never_lit(days: Sequence[CameraDate], settings: HealthSettings) -> bool:
    """Whether day photos came on many days and night photos never: a doubt, not a finding."""
    if any(frame.is_night for day in days for frame in day.frames):
        return False
    return len(_telling(days)) >= settings.never_lit_days


def is_black(frame: Frame, settings: HealthSettings) -> bool:
    """Whether a night picture shows nothing at all, as without a flash."""
    if frame.brightness is None or frame.contrast is None:
        return False
    is_dim = frame.brightness < settings.black_brightness
    return is_dim and frame.contrast < settings.black_contrast


def _telling(days: Sequence[CameraDate]) -> list[CameraDate]:
    """Days that say something of the nights: a time-lapse photo at noon does not."""
    return [d for d in days if any(f.is_night or not f.is_heartbeat for f in d.frames)]


def _has_lit_night(day: CameraDate, settings: HealthSettings) -> bool:
    return any(frame.is_night and not is_black(frame, settings) for frame in day.frames)


def _day_dates(run: Sequence[CameraDate]) -> list[CameraDate]:
    return [day for day in run if any(not (f.is_night or f.is_heartbeat) for f in day.frames)]


def _black(run: Sequence[CameraDate], settings: HealthSettings) -> Stretch | None:
    nights = [day for day in run if any(frame.is_night for frame in day.frames)]
    photos = tuple(frame for day in nights for frame in day.frames if frame.is_night)
    if len(photos) < settings.black_photos or len(nights) < settings.black_days:
        return None
    cause = Cause.of("black_nights", since=run[0].day, photos=len(photos))
    return Stretch(run[0].day, run[-1].day, cause, 0.95, photos)


def _absent(
    run: Sequence[CameraDate],
    seen: Sequence[CameraDate],
    unlit: Sequence[Sequence[CameraDate]],
    longest_other: int,
    settings: HealthSettings,
) -> Stretch | None:
    dark = len(_day_dates(run))
    lit = len(seen) - sum(len(other) for other in unlit)
    active = len(seen) - len(run)
    if dark < settings.dark_days or lit < settings.lit_days_before:
        return None
    if dark <= settings.longest_times * longest_other:
        return None
    chance = chance_of_none(dark, happened=lit, of_days=active) * len(unlit)
    if chance >= settings.chance_without_nights:
        return None
    told = f"{chance:.1g}" if chance >= 0.001 else "< 0.001"
    cause = Cause.of("no_nights", since=run[0].day, chance=told, lit=lit, active=active)
    return Stretch(run[0].day, run[-1].day, cause, 0.8 if chance < 1e-4 else 0.7)


def _supported(stretch: Stretch, notes: frozenset[str], settings: HealthSettings) -> Stretch:
    if "flash" not in notes:
        return stretch
    confidence = round(min(0.95, stretch.confidence + settings.note_adds), 2)
    cause = stretch.cause.with_notes(("flash",))
    return Stretch(stretch.first_day, stretch.last_day, cause, confidence, stretch.evidence)
