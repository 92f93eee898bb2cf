"""Clocks that are hours out: AM for PM, UTC or a foreign zone, told by the sun and the visits."""

from datetime import timedelta

from ingest.clock.facts import ClockSettings, Placement
from ingest.clock.found import NOTHING, Bounds, Found, end_symptoms
from ingest.clock.stretches import Stretch
from ingest.clock.sun_test import SunVerdict, count_after, judge_by_sun
from species_db.clock import Symptom
from species_db.vocabulary import ClockCause

HOUR = timedelta(hours=1)
HALF_DAY = 12 * HOUR
FIRST_ZONE, LAST_ZONE = -12, 14  # hours from UTC that are in legal use
SURE, LIKELY, DOUBTFUL = 0.95, 0.8, 0.6


def find_hours(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> tuple[Found | None, SunVerdict]:
    """Find a shift of whole hours that mends what contradicts the sun, and what the sun said.

    A clock that agrees with the sun is left alone whatever the field sheet says. Where the sun
    can say nothing, only both visits together prove UTC or AM for PM.
    """
    verdict = judge_by_sun(stretch.files, placement, settings)
    if verdict.is_wrong:
        return _by_sun(stretch, bounds, placement, settings, verdict), verdict
    if not verdict.is_able:
        return _by_visits(stretch, bounds, placement, settings, verdict), verdict
    return None, verdict


def _by_sun(
    stretch: Stretch,
    bounds: Bounds,
    placement: Placement,
    settings: ClockSettings,
    verdict: SunVerdict,
) -> Found | None:
    ranked = []
    for shift in _shifts(placement):
        if not verdict.allows(shift) or not bounds.hold(stretch, shift, settings.loose_end):
            continue
        ends = end_symptoms(stretch, bounds, shift, placement, settings)
        is_known = shift in (placement.utc_offset, HALF_DAY, -HALF_DAY)
        if ends or is_known:
            ranked.append((-len(ends), _distance(ends), not is_known, shift, ends))
    if not ranked:
        return None
    ranked.sort(key=lambda one: one[:4])
    best = ranked[0]
    shift, ends = best[3], best[4]
    uncertainty, confidence = settings.set_by_hand, (DOUBTFUL, LIKELY, SURE)[len(ends)]
    if not ends:
        kinds = {abs(one[3]) for one in ranked}
        if len(kinds) > 1:
            return None  # UTC and AM for PM would both mend it
        if len(ranked) > 1:  # twelve hours either way: the date is open
            shift = min((one[3] for one in ranked), key=lambda s: _to_start(stretch, s, placement))
            uncertainty = timedelta(days=1)
        uncertainty += verdict.spread(shift)
    after = count_after(stretch.files, shift, placement, settings)
    symptoms = (verdict.before.symptom("before"), after.symptom("after"), *ends)
    return Found(_cause(shift), shift, uncertainty, confidence, symptoms, "sun")


def _by_visits(
    stretch: Stretch,
    bounds: Bounds,
    placement: Placement,
    settings: ClockSettings,
    verdict: SunVerdict,
) -> Found | None:
    for shift in (placement.utc_offset, HALF_DAY, -HALF_DAY):
        ends = end_symptoms(stretch, bounds, shift, placement, settings)
        after = count_after(stretch.files, shift, placement, settings)
        if shift and len(ends) == 2 and after.share <= verdict.before.share:
            uncertainty = settings.set_by_hand
            return Found(_cause(shift), shift, uncertainty, DOUBTFUL, ends, "visits")
    return None


def _shifts(placement: Placement) -> list[timedelta]:
    """Every whole-hour error that a legal zone makes, and twelve hours either way."""
    own = placement.utc_offset
    zones = [own - HOUR * hours for hours in range(FIRST_ZONE, LAST_ZONE + 1)]
    return sorted({*zones, HALF_DAY, -HALF_DAY} - {NOTHING})


def _cause(shift: timedelta) -> ClockCause:
    return ClockCause.AM_PM if abs(shift) == HALF_DAY else ClockCause.ZONE


def _distance(ends: tuple[Symptom, ...]) -> float:
    return sum(float(one.figures["seconds"] or 0) for one in ends)


def _to_start(stretch: Stretch, shift: timedelta, placement: Placement) -> timedelta:
    return abs(stretch.first + shift - placement.start)
