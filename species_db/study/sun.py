"""The events of a study in sun time, with the places and days they need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.sun_time import (
    Anchors,
    LightShares,
    SunTime,
    available_light,
    mean_anchors,
    sun_time,
)
from species_db.analysis.time_doubts import DAY_S, TimeCheck, time_doubts
from species_db.study.events import Events
from species_db.study.read import Study


@dataclass(frozen=True)
class SunEvents:
    """Independent events in sun time; `chosen` numbers those whose time of day can be used."""

    events: Events
    chosen: NDArray[np.int64]
    check: TimeCheck
    time: SunTime
    on_dead_flash: int  # events of days on which only daylight was watched: left out


def in_sun_time(study: Study, events: Events, *, anchors: Anchors | None = None) -> SunEvents:
    """Express events in sun time at their true places; patterns to compare need the same anchors.

    Date-only times are left out with their warning, and so are events of days on which the flash
    was dead: at night nothing could be seen then.
    """
    of_day = (events.seconds + events.offsets) % DAY_S
    doubtful = {one.deployment_id for one in study.standings if one.has_doubtful_clock}
    unresolved = sum(one in doubtful for one in events.deployments.tolist())
    check = time_doubts(of_day, unresolved=unresolved)
    whole = ~_on_dead_flash(study, events)
    chosen = np.flatnonzero(check.is_usable & whole)
    places = np.array([study.facts(str(unit)).true_place for unit in events.units[chosen]])
    places = places.reshape(len(chosen), 2)
    return SunEvents(
        events=events,
        chosen=chosen,
        check=check,
        time=sun_time(
            events.seconds[chosen],
            latitude=places[:, 0],
            longitude=places[:, 1],
            utc_offset_seconds=events.offsets[chosen],
            anchors=anchors,
        ),
        on_dead_flash=int((check.is_usable & ~whole).sum()),
    )


def shared_anchors(study: Study, events: Events) -> Anchors:
    """The mean sunrise and sunset of all events of a study together."""
    told = in_sun_time(study, events).time
    return mean_anchors(told.sunrise, told.sunset)


def watched_light(study: Study, taxon_id: str) -> LightShares | None:
    """How much of the time that counts for a taxon was day, twilight and night; None: none."""
    days = [one for one in study.days_for(taxon_id) if one.effort > 0]
    if not days:
        return None
    places = np.array([study.facts(one.unit).true_place for one in days])
    return available_light(
        np.array([one.day.toordinal() - EPOCH_ORDINAL for one in days], dtype=np.int64),
        np.array([one.effort for one in days]),
        latitude=places[:, 0],
        longitude=places[:, 1],
    )


EPOCH_ORDINAL = 719_163  # of 1970-01-01


def _on_dead_flash(study: Study, events: Events) -> NDArray[np.bool_]:
    dead = {
        (one.deployment_id, day.toordinal() - EPOCH_ORDINAL)
        for one in study.standings
        for day in one.day_only
    }
    if not dead:
        return np.zeros(len(events), dtype=np.bool_)
    pairs = zip(events.deployments.tolist(), events.days.tolist(), strict=True)
    return np.array([pair in dead for pair in pairs], dtype=np.bool_)
