"""Stretches that lie outside the deployment: a wrong year, a reset, a clock never set."""

from datetime import datetime, timedelta

from ingest.clock.facts import ClockSettings, Placement
from ingest.clock.found import NOTHING, Bounds, Found, end_symptoms, local
from ingest.clock.stretches import Side, Stretch
from species_db.clock import Symptom
from species_db.vocabulary import ClockCause

MOST_YEARS = 60  # from 1970 to beyond 2030
SURE, LIKELY, DOUBTFUL = 0.95, 0.8, 0.6


def find_outside(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> Found | None:
    """Find the shift of a stretch that lies outside the deployment, if one can be proved."""
    for rule in (_wrong_year, _reset, _never_set, _both_ends):
        found = rule(stretch, bounds, placement, settings)
        if found is not None:
            return found
    return None


def outside_symptom(stretch: Stretch, placement: Placement) -> Symptom:
    """That a stretch lies outside the deployment, as evidence."""
    count = len(stretch.files)
    return Symptom(
        "outside",
        {
            "outside": count,
            "files": count,
            "first": local(stretch.first, placement),
            "last": local(stretch.last, placement),
        },
    )


def _wrong_year(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> Found | None:
    """Whole years, and only one number of them, bring the stretch to set-up or to retrieval.

    Photos that an earlier season left on the card also lie a year back; they would run into the
    ones behind them, or do not begin at set-up, and are left alone.
    """
    fitting = []
    for years in range(-MOST_YEARS, MOST_YEARS + 1):
        shift = _years_on(stretch.first, years, placement)
        if years and bounds.hold(stretch, shift, settings.loose_end):
            fitting.append((years, shift))
    meets = [
        (years, shift)
        for years, shift in fitting
        if _meets_an_end(stretch, bounds, shift, placement, settings)
    ]
    if len(meets) != 1:
        return None
    years, shift = meets[0]
    ends = end_symptoms(stretch, bounds, shift, placement, settings)
    if not ends and is_factory_time(stretch.first, placement, settings):
        return None  # early January is where a clock begins that nobody set
    doubt = () if ends else (Symptom("doubt"),)
    hours_open = settings.set_by_hand if ends else settings.loose_end
    over_leap_day = _years_on(stretch.last, years, placement) - shift
    return Found(
        ClockCause.WRONG_YEAR,
        shift,
        max(hours_open, abs(over_leap_day)),
        (DOUBTFUL, LIKELY, SURE)[len(ends)],
        (
            outside_symptom(stretch, placement),
            Symptom("years", {"years": years}),
            *ends,
            *doubt,
        ),
        "wrong_year",
    )


def _reset(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> Found | None:
    """After good files time jumps far back, out of the deployment: the clock lost its setting.

    How long the camera was off nobody knows. Cameras that work at retrieval picture the team, so
    the last file is put there; the uncertainty is all that file order leaves open.
    """
    front = stretch.came_back_from
    is_far = stretch.first < placement.start - settings.far_out
    if front is None or front.time is None or not bounds.has_before or not is_far:
        return None
    least, most = bounds.earliest - stretch.first, bounds.latest - stretch.last
    if most < least - settings.visit or not (bounds.has_after or placement.is_end_known):
        return None
    most = max(least, most)
    symptoms = [
        Symptom(
            "backwards",
            {
                "file": stretch.files[0].card_path,
                "time": local(stretch.first, placement),
                "before": local(front.time, placement),
                "seconds": round((front.time - stretch.first).total_seconds()),
            },
        ),
        outside_symptom(stretch, placement),
        _between(stretch, least, most, placement),
    ]
    if bounds.is_last:
        symptoms.append(Symptom("anchored", {"which": "retrieval"}))
        uncertainty = max(settings.visit, most - least)
        return Found(ClockCause.RESET, most, uncertainty, LIKELY, tuple(symptoms), "reset")
    half = (most - least) / 2
    uncertainty = max(settings.visit, half)
    return Found(ClockCause.RESET, least + half, uncertainty, DOUBTFUL, tuple(symptoms), "reset")


def _never_set(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> Found | None:
    """The card begins at a factory time: whoever set the camera up did not set its clock."""
    if not bounds.is_first or stretch.side is not Side.BEFORE:
        return None
    if not is_factory_time(stretch.first, placement, settings):
        return None
    least, most = placement.start - stretch.first, bounds.latest - stretch.last
    if most < least - settings.loose_end:
        return None
    uncertainty = max(settings.visit, most - least)
    uncertainty += NOTHING if placement.is_start_timed else settings.loose_end
    ends = end_symptoms(stretch, bounds, least, placement, settings)
    symptoms = (
        outside_symptom(stretch, placement),
        Symptom("factory", {"time": local(stretch.first, placement)}),
        _between(stretch, least, max(least, most), placement),
        Symptom("anchored", {"which": "setup"}),
    )
    confidence = SURE if len(ends) == 2 else LIKELY
    return Found(ClockCause.RESET, least, uncertainty, confidence, symptoms, "never_set")


def _both_ends(
    stretch: Stretch, bounds: Bounds, placement: Placement, settings: ClockSettings
) -> Found | None:
    """The whole card is as long as the deployment: one shift meets set-up and retrieval."""
    if not (bounds.is_first and bounds.is_last):
        return None
    shift = placement.start - stretch.first
    ends = end_symptoms(stretch, bounds, shift, placement, settings)
    if len(ends) < 2:
        return None
    symptoms = (outside_symptom(stretch, placement), *ends, Symptom("doubt"))
    return Found(ClockCause.SHIFT, shift, settings.visit, LIKELY, symptoms, "both_ends")


def is_factory_time(moment: datetime, placement: Placement, settings: ClockSettings) -> bool:
    """Tell whether a clock looks as if it counts from its factory date: early in a January.

    1970, 1980, 2000 and the years in which a model was made are all first of January.
    """
    shown = placement.shown(moment)
    is_early = shown.month == 1 and shown.day <= settings.factory_days
    return is_early and shown.year < placement.start.year


def _between(stretch: Stretch, least: timedelta, most: timedelta, placement: Placement) -> Symptom:
    return Symptom(
        "between",
        {
            "earliest": local(stretch.first + least, placement),
            "latest": local(stretch.first + most, placement),
        },
    )


def _meets_an_end(
    stretch: Stretch,
    bounds: Bounds,
    shift: timedelta,
    placement: Placement,
    settings: ClockSettings,
) -> bool:
    near = 2 * settings.loose_end
    at_start = bounds.is_first and abs(stretch.first + shift - placement.start) <= near
    at_end = abs(stretch.last + shift - placement.end) <= near
    return at_start or (bounds.is_last and placement.is_end_known and at_end)


def _years_on(moment: datetime, years: int, placement: Placement) -> timedelta:
    """How far the same date and time of day is in another year; the clock then runs on evenly."""
    shown = placement.shown(moment)
    try:
        return shown.replace(year=shown.year + years) - shown
    except ValueError:  # 29 February: the day after the 28th
        return shown.replace(year=shown.year + years, day=28) + timedelta(days=1) - shown
