"""When animals are about, in sun time: curves, levels, day or night, and overlap with others.

The clock stands beside as a second axis: with average anchoring a sun hour lies at one hour of the
clock, that of the mean day of these events (DOMAIN.md 6).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from species_db.analysis.activity import (
    DRAW_FROM,
    DRAWS,
    INTERPRET_FROM,
    TURN,
    ActivityCurve,
    Angles,
    activity_curve,
    overlap,
)
from species_db.analysis.diel import ActivityType, DielType, activity_type
from species_db.analysis.sun_time import EQUINOX, Anchors, Light, LightShares, anchored
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import Events, disturbing_events, independent_events
from species_db.study.read import Study
from species_db.study.sun import SunEvents, in_sun_time, shared_anchors, watched_light

HOURS = 24
SHOWN = 12
MANY_DRAWS = 200
"""Of each pair when all taxa are asked for: limits are then good to about 0.02. Of a taxon asked
for by name all draws are taken."""
DISTURBER_WORDS = {
    "people": ("people", "人"),
    "vehicle": ("vehicles", "车辆"),
    "dog": ("dogs", "狗"),
    "cat": ("cats", "猫"),
    "livestock": ("livestock", "家畜"),
}

LIGHT_WORDS = {
    Light.DAY: ("daylight", "白昼"),
    Light.TWILIGHT: ("twilight", "晨昏"),
    Light.NIGHT: ("night", "夜间"),
}


class Transform(StrEnum):
    """How the day's own sunrise and sunset are laid on common ones."""

    AVERAGE = "average"  # Vazquez et al. 2019: keeps the mean lengths of day and night
    EQUINOX = "sunrise-sunset"  # Nouvellet et al. 2012: six and eighteen o'clock


@dataclass(frozen=True)
class Pattern:
    """One taxon (or what disturbs) over the day; `curve` is None with too few events."""

    key: str
    name: str
    common: str
    zh: str
    events: int
    sun: SunEvents
    angles: Angles
    curve: ActivityCurve | None
    kind: ActivityType | None


def answer(
    study: Study,
    *,
    transform: Transform = Transform.AVERAGE,
    draws: int = DRAWS,
    among: Sequence[str] = (),
) -> Answer:
    """Draw each taxon's activity by the sun, and its overlap with people, dogs and livestock.

    One time for each independent event. Under twenty events nothing is drawn, under fifty nothing
    should be concluded. Date-only times are left out with a warning, never drawn as midnight.
    `among` are the ids of the only taxa to be drawn, two to be compared: they are laid on the same
    sunrise and sunset.
    """
    events = independent_events(study, as_one=study.chosen is not None)
    if among:
        events = events.only(np.flatnonzero(np.isin(events.taxa.astype(str), list(among))))
    others = disturbing_events(study)
    anchors = EQUINOX if transform is Transform.EQUINOX else shared_anchors(study, events)
    taxa = [
        _pattern(study, events, key, anchors, watched_light(study, key), draws)
        for key in _by_count(events.taxa)
    ]
    known = [_pattern(study, others, key, anchors, None, draws) for key in _by_count(others.taxa)]
    pair_draws = draws if study.chosen or among else min(draws, MANY_DRAWS)
    pairs = list(_overlaps(taxa, known, pair_draws))
    drawn = [one for one in taxa if one.curve is not None]
    days = study.camera_days
    return Answer(
        name="activity",
        tables=(
            Table("activity", COLUMNS, [_row(study, one) for one in taxa]),
            Table("activity_curve", CURVE, list(_curves([*drawn, *known], anchors))),
            Table("activity_overlap", OVERLAPS, pairs),
        ),
        summary=_summary(study, taxa, drawn),
        notes=(*study.left_out.notes(), *_notes(taxa)),
        figures={
            "taxa": len(taxa),
            "drawn": len(drawn),
            "camera_days": days,
            "transform": transform.value,
            "among": [study.taxa[one].scientific_name for one in among if one in study.taxa],
            "sunrise_hour": anchors.sunrise / TURN * HOURS,
            "sunset_hour": anchors.sunset / TURN * HOURS,
        },
        event_ids=study.event_ids,
    )


def _summary(study: Study, taxa: list[Pattern], drawn: list[Pattern]) -> tuple[str, ...]:
    effort = study.effort_words
    return (
        tr(
            f"Activity in sun time of {len(drawn)} taxa with {DRAW_FROM} events or more, of "
            f"{len(taxa)} recorded, over {effort} camera-days.",
            f"{len(taxa)} 个有记录的分类单元中，{len(drawn)} 个达到 {DRAW_FROM} 个事件，"
            f"绘制太阳时活动节律；工作量 {effort} 相机日。",
        ),
        *(f"  {_line(one)}" for one in taxa[:SHOWN]),
        study.question.in_words(),
    )


COLUMNS = (
    "scientificName", "vernacularNameZh", "independentEvents", "eventsWithTime", "activityLevel",
    "levelLow95", "levelHigh95", "type", "typeSupport", "dayShare", "twilightShare", "nightShare",
    "dayRatio", "twilightRatio", "nightRatio", "mayBeInterpreted", "cameraDays",
)  # fmt: skip
CURVE = (
    "name", "kind", "sunHour", "beijingHour", "densityPerHour", "low95", "high95", "events",
)  # fmt: skip
OVERLAPS = (
    "first", "second", "secondKind", "estimator", "overlap", "low95", "high95", "firstEvents",
    "secondEvents", "mayBeInterpreted",
)  # fmt: skip


def _by_count(taxa: NDArray[np.object_]) -> list[str]:
    names, counts = np.unique(taxa.astype(str), return_counts=True)
    return [str(names[n]) for n in np.lexsort((names, -counts))]


def _pattern(
    study: Study,
    events: Events,
    key: str,
    anchors: Anchors,
    light: LightShares | None,
    draws: int,
) -> Pattern:
    own = events.only(np.flatnonzero(events.taxa == key))
    sun = in_sun_time(study, own, anchors=anchors)
    angles = sun.time.solar
    is_taxon = key in study.taxa
    common = study.taxa[key].common if is_taxon else tr(*DISTURBER_WORDS[key])
    return Pattern(
        key=key,
        name=study.taxa[key].scientific_name if is_taxon else key,
        common=common,
        zh=study.taxa[key].zh if is_taxon else "",
        events=len(own),
        sun=sun,
        angles=angles,
        curve=activity_curve(angles, draws=draws) if len(angles) >= DRAW_FROM else None,
        kind=activity_type(sun.time.light, available=light) if is_taxon else None,
    )


def _overlaps(taxa: list[Pattern], others: list[Pattern], draws: int) -> Iterator[tuple[Cell, ...]]:
    """Each taxon with what disturbs, and the commonest taxon with every other."""
    known = [one for one in taxa if one.curve is not None]
    pairs = [(one, other, "disturbance") for one in known for other in others if other.curve]
    pairs += [(known[0], other, "taxon") for other in known[1:]]
    for one, other, kind in pairs:
        if one.common == other.common:
            continue
        told = overlap(one.angles, other.angles, draws=draws)
        yield (
            one.name, other.name, kind, told.estimator.value, told.value, told.low, told.high,
            *told.events, told.is_interpretable,
        )  # fmt: skip


def _curves(patterns: list[Pattern], anchors: Anchors) -> Iterator[tuple[Cell, ...]]:
    for one in patterns:
        if one.curve is None:
            continue
        at = one.curve.at
        by_sun = anchored(
            at,
            np.full(len(at), anchors.sunrise),
            np.full(len(at), anchors.sunset),
            anchors=EQUINOX,
        )
        per_hour = TURN / HOURS
        kind = "taxon" if one.kind is not None else "disturbance"
        for number in range(len(at)):
            yield (
                one.name,
                kind,
                float(by_sun[number] / TURN * HOURS),
                float(at[number] / TURN * HOURS) if anchors != EQUINOX else None,
                float(one.curve.density[number] * per_hour),
                float(one.curve.low[number] * per_hour),
                float(one.curve.high[number] * per_hour),
                one.curve.events,
            )


def _row(study: Study, one: Pattern) -> tuple[Cell, ...]:
    level = one.curve.level if one.curve else None
    uses = one.kind.uses if one.kind else ()
    return (
        one.name,
        one.zh or None,
        one.events,
        len(one.angles),
        level.value if level else None,
        level.low if level else None,
        level.high if level else None,
        one.kind.label.value if one.kind else None,
        one.kind.support if one.kind else None,
        *(use.used for use in uses),
        *(use.ratio for use in uses),
        len(one.angles) >= INTERPRET_FROM,
        sum(study.effort_for(one.key).values()) or None,
    )


def _line(one: Pattern) -> str:
    if one.curve is None:
        return tr(
            f"{one.common}: {one.events} events, too few to draw",
            f"{one.common}：{one.events} 个事件，过少，不绘制",
        )
    kind = one.kind.label.words if one.kind else ""
    if one.kind and one.kind.label is not DielType.UNKNOWN and one.kind.sought:
        lights = tr(", ", "、").join(tr(*LIGHT_WORDS[light]) for light in one.kind.sought)
        kind += tr(f" (seeks {lights})", f"（偏好{lights}）")
    level = one.curve.level
    told = tr(
        f"{one.common}: {kind}, active {level.value:.0%} of the day "
        f"({level.low:.0%}–{level.high:.0%}), {len(one.angles)} events",
        f"{one.common}：{kind}，活动水平 {level.value:.0%}({level.low:.0%}–{level.high:.0%})，"
        f"{len(one.angles)} 个事件",
    )
    return f"{told}. {one.curve.caution}" if one.curve.caution else told


def _notes(taxa: list[Pattern]) -> Iterator[str]:
    dead = sum(one.sun.on_dead_flash for one in taxa)
    if dead:
        yield tr(
            f"{dead} events lie on days with a dead flash, when nothing could be seen at night: "
            "they are in no curve.",
            f"{dead} 个事件发生在闪光灯失效日，当时夜间无法拍摄，未计入曲线。",
        )
    for one in taxa:
        for doubt in one.sun.check.doubts:
            yield f"{one.common}: {doubt.message}"
