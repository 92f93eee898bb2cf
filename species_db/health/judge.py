"""Say of every day of a deployment how its camera was: the decisions put together."""

from collections.abc import Sequence

from species_db.health.causes import Cause
from species_db.health.facts import (
    CameraDate,
    CameraFacts,
    Judgement,
    Stretch,
    best_evidence,
    dates_of,
)
from species_db.health.flash import dark_stretches, is_never_lit
from species_db.health.notes import read_notes
from species_db.health.obstruction import blocked_stretches
from species_db.health.scene import scene_change
from species_db.health.settings import HEALTH, HealthSettings
from species_db.health.silence import Answer, silent_days
from species_db.vocabulary import DayState


def judge_days(facts: CameraFacts, *, settings: HealthSettings = HEALTH) -> list[Judgement]:
    """One judgement for each local date from set-up to retrieval.

    Where a day could be several things, what hides more stands: no photo and no proof, then
    blocked, then moved, then day only.
    """
    notes = read_notes(facts.field.comments)
    days = dates_of(facts.field, facts.frames)
    silent = silent_days(facts, days, notes=notes, settings=settings)
    blocked = blocked_stretches(days, notes=notes, settings=settings)
    clear = [day for day in days if not any(day.day in stretch for stretch in blocked)]
    scene = scene_change(clear, notes=notes, settings=settings)
    flashless = dark_stretches(clear, notes=notes, settings=settings)
    trouble = [
        *((DayState.BLOCKED, stretch) for stretch in blocked),
        *((DayState.MOVED, stretch) for stretch in ([scene] if scene else [])),
        *((DayState.DAY_ONLY, stretch) for stretch in flashless),
    ]
    doubt = is_never_lit(days, settings)
    last_seen = [frame for day in days for frame in day.frames][-1:]
    told = []
    for day in days:
        answer = silent.get(day.day) or _seen(day, doubt=doubt)
        evidence = None
        if answer[0] in (DayState.DEAD, DayState.FULL_CARD):
            evidence = best_evidence(last_seen)
        elif found := _first_trouble(day, trouble, answer):
            state, stretch = found
            sure = stretch.confidence if day.frames else round(stretch.confidence - 0.1, 2)
            answer = state, stretch.cause, sure
            evidence = _evidence(day, stretch)
        told.append(Judgement(day.day, *answer, len(day.frames), evidence))
    return told


def _seen(day: CameraDate, *, doubt: bool) -> Answer:
    """A day with photos and no trouble."""
    if doubt:
        return DayState.WORKING, Cause("never_at_night"), 0.6
    is_only_heartbeat = all(frame.is_heartbeat for frame in day.frames)
    return DayState.WORKING, Cause("heartbeat" if is_only_heartbeat else "photos"), 1.0


def _first_trouble(
    day: CameraDate, trouble: Sequence[tuple[DayState, Stretch]], answer: Answer
) -> tuple[DayState, Stretch] | None:
    """The gravest trouble of a day; a silence that is unknown anyway only joins a blocked lens."""
    for state, stretch in trouble:
        if day.day in stretch and (answer[0] == DayState.WORKING or state == DayState.BLOCKED):
            return state, stretch
    return None


def _evidence(day: CameraDate, stretch: Stretch) -> str | None:
    """The picture of that day which shows it best, else the best of the whole stretch."""
    todays = [frame for frame in stretch.evidence if frame.at.date() == day.day]
    return best_evidence(todays or stretch.evidence)
