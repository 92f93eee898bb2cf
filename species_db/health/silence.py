"""Days without a photo: quiet, unknown, dead, or a full card (DOMAIN.md 2, the 21-day rule)."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

from species_db.health.causes import Cause
from species_db.health.chance import chance_of_none
from species_db.health.facts import ONE_DAY, CameraDate, CameraFacts, Frame, longest_gap
from species_db.health.settings import HealthSettings
from species_db.vocabulary import DayState

Answer = tuple[DayState, Cause, float]


def silent_days(
    facts: CameraFacts,
    days: Sequence[CameraDate],
    *,
    notes: frozenset[str],
    settings: HealthSettings,
) -> dict[date, Answer]:
    """Say how the camera was on every day without a photo.

    Silence between two days with photos counts as working up to 20 days, the less surely the longer
    it is. A heartbeat that is due every day and missing says that it did not work. At the end the
    person who takes the camera down should be on it, so a silence up to the end must be usual for
    this camera to count as working.
    """
    active = [day.day for day in days if day.frames]
    if not active:
        cause = Cause("no_media").with_notes(_supporting(notes, "stolen"))
        return {day.day: (DayState.UNKNOWN, cause, 1.0) for day in days}
    told: dict[date, Answer] = {}
    beats = _heartbeat_span(days, settings)
    before = days[0].day - ONE_DAY  # the person who set it up saw it work
    for last, following in pairwise([before, *active]):
        silent = _between(last, following)
        if silent:
            is_due = beats is not None and beats[0] <= last and following <= beats[1]
            told |= dict.fromkeys(silent, _inside(silent, is_due=is_due, settings=settings))
    silent = _between(active[-1], days[-1].day + ONE_DAY)
    if silent:
        is_due = beats is not None and beats[1] == active[-1]
        answer = _at_the_end(
            facts, days, active, silent, is_due=is_due, notes=notes, settings=settings
        )
        told |= dict.fromkeys(silent, answer)
    return told


def _between(last: date, following: date) -> list[date]:
    return [last + ONE_DAY * number for number in range(1, (following - last).days)]


def _inside(silent: Sequence[date], *, is_due: bool, settings: HealthSettings) -> Answer:
    count = len(silent)
    if is_due:
        return DayState.UNKNOWN, Cause.of("no_heartbeat", days=count, since=silent[0]), 0.9
    if count >= settings.unknown_after_days:
        return DayState.UNKNOWN, Cause.of("silent", days=count, since=silent[0]), 0.9
    confidence = 1.0 - 0.5 * count / settings.unknown_after_days
    return DayState.WORKING, Cause.of("quiet", days=count), round(confidence, 2)


def _at_the_end(
    facts: CameraFacts,
    days: Sequence[CameraDate],
    active: Sequence[date],
    silent: Sequence[date],
    *,
    is_due: bool,
    notes: frozenset[str],
    settings: HealthSettings,
) -> Answer:
    count = len(silent)
    figures = {"days": count, "since": silent[0], "active": len(active)}
    is_odd = _is_odd(active, count, settings)
    if count > settings.end_grace_days:
        full = _full_card(facts, days, is_odd=is_odd, notes=notes, settings=settings)
        if full is not None:
            return full
    if "stolen" in notes:
        cause = Cause.of("ended", **figures).with_notes(("stolen",))
        return DayState.DEAD, cause, 0.9
    if count <= settings.end_grace_days:
        return DayState.WORKING, Cause.of("quiet_end", days=count), 0.8
    if is_due:
        cause = Cause.of("no_heartbeat", days=count, since=silent[0])
        return DayState.DEAD, cause.with_notes(_supporting(notes, "battery")), 0.9
    supported = _supporting(notes, "battery")
    percent = _battery_percent([frame for day in days for frame in day.frames])
    is_flat = percent is not None and percent < 100 * settings.battery_share
    if is_odd and (is_flat or supported or count >= settings.unknown_after_days):
        if is_flat:
            cause = Cause.of("battery", days=count, since=silent[0], percent=percent)
        else:
            cause = Cause.of("ended", **figures)
        confidence = 0.7 + settings.note_adds * (is_flat or bool(supported))
        return DayState.DEAD, cause.with_notes(supported), round(confidence, 2)
    if is_odd or count >= settings.unknown_after_days:
        cause = Cause.of("silent", days=count, since=silent[0]).with_notes(supported)
        return DayState.UNKNOWN, cause, 0.7 if is_odd else 0.9
    confidence = 0.9 - 0.5 * count / settings.unknown_after_days
    return DayState.WORKING, Cause.of("quiet_end", days=count), round(confidence, 2)


def _is_odd(active: Sequence[date], silent: int, settings: HealthSettings) -> bool:
    """Whether a camera with these days of photos would hardly be silent that long by chance."""
    if silent <= settings.longest_times * longest_gap(active):
        return False
    span = (active[-1] - active[0]).days + 1
    chance = chance_of_none(silent, happened=len(active), of_days=span)
    return chance < settings.chance_of_silence


def _full_card(
    facts: CameraFacts,
    days: Sequence[CameraDate],
    *,
    is_odd: bool,
    notes: frozenset[str],
    settings: HealthSettings,
) -> Answer | None:
    """Whether the camera stopped because its card was full; its capacity is not recorded."""
    frames = [frame for day in days for frame in day.frames]
    last_day = frames[-1].at.date()
    photos = sum(frame.at.date() == last_day for frame in frames)
    is_pressed = _wrote_without_pause(frames, last_day, settings)
    supported = _supporting(notes, "full")
    has_more = is_pressed or bool(supported)
    gigabytes = facts.card_bytes / 1e9
    low, high = settings.card_filled if has_more else settings.card_filled_alone
    sizes = settings.card_sizes_gb
    card = next((size for size in sizes if low <= gigabytes / size <= high), None)
    if card is not None and (is_odd or has_more):
        code, confidence = ("full_both", 0.9) if is_pressed else ("full_size", 0.6)
        cause = Cause.of(code, since=last_day, gb=f"{gigabytes:.1f}", card=card)
    elif is_pressed:
        cause, confidence = Cause.of("full_rate", since=last_day, photos=photos), 0.7
    elif supported:
        cause, confidence = Cause.of("full_note", since=last_day), 0.6
    else:
        return None
    if supported:
        confidence = min(0.95, confidence + settings.note_adds)
    return DayState.FULL_CARD, cause.with_notes(supported), round(confidence, 2)


def _wrote_without_pause(frames: Sequence[Frame], last_day: date, settings: HealthSettings) -> bool:
    tail = frames[-settings.last_photos :]
    recent = sum(frame.at.date() >= last_day - ONE_DAY for frame in frames)
    if len(tail) < settings.last_photos or recent < settings.last_day_photos:
        return False
    pauses = [(later.at - sooner.at).total_seconds() for sooner, later in pairwise(tail)]
    return median(pauses) <= settings.pause_seconds


def _battery_percent(frames: Sequence[Frame]) -> int | None:
    told = [frame.battery_mv for frame in frames if frame.battery_mv]
    if len(told) < 10:
        return None
    return round(100 * median(told[-5:]) / median(told[:5]))


def _heartbeat_span(
    days: Sequence[CameraDate], settings: HealthSettings
) -> tuple[date, date] | None:
    """The days over which a time-lapse photo came every day, near enough; None: it was off."""
    beats = [day.day for day in days if any(frame.is_heartbeat for frame in day.frames)]
    if len(beats) < settings.heartbeat_days:
        return None
    span = (beats[-1] - beats[0]).days + 1
    return (beats[0], beats[-1]) if len(beats) / span >= settings.heartbeat_share else None


def _supporting(notes: Iterable[str], *wanted: str) -> tuple[str, ...]:
    return tuple(note for note in wanted if note in notes)
