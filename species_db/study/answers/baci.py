"""What became of wildlife at a project's works: before, during and after, against controls.

"One project one file": species_db/projects reads it and does the reckoning.
"""

from collections.abc import Iterator

from species_db.analysis.passages import Passage
from species_db.analysis.station_records import StationEvent
from species_db.analysis.sun_time import Light
from species_db.language import tr
from species_db.projects.assessment import PassageSpan, ProjectResult, assess_project
from species_db.projects.period_effort import PeriodEffort
from species_db.projects.project import ProjectFile
from species_db.projects.words import design_words, effect_words, use_words
from species_db.study.answer import Answer, Cell, Table
from species_db.study.events import independent_events
from species_db.study.periods import local_days
from species_db.study.question import CountBy, StudyError
from species_db.study.read import Study
from species_db.study.sun import in_sun_time

SHOWN = 12
PERIODS = (
    "period", "firstDay", "lastDay", "impactUnits", "impactCameraDays", "controlUnits",
    "controlCameraDays", "seasonOverlap", "cautions",
)  # fmt: skip
EFFECTS = (
    "scientificName", "period", "ratio", "low95", "high95", "design", "isClear", "impactUnits",
    "impactEventsBefore", "impactCameraDaysBefore", "impactEventsAfter", "impactCameraDaysAfter",
    "controlUnits", "controlEventsBefore", "controlCameraDaysBefore", "controlEventsAfter",
    "controlCameraDaysAfter", "smallestFallSeen", "smallestRiseSeen",
)  # fmt: skip
UNITS = ("locationID", "side", "scientificName", "period", "independentEvents", "cameraDays")
WATCHES = (
    "passage", "kind", "period", "unitsWatched", "cameraDays", "firstDay", "lastDay", "taxa",
    "independentEvents",
)  # fmt: skip
USES = (
    "passage", "period", "scientificName", "independentEvents", "cameraDays", "per100CameraDays",
    "low95", "high95", "unitsUsed", "nearbyEvents", "nearbyCameraDays", "nearbyPer100CameraDays",
    "ratio", "ratioLow95", "ratioHigh95", "firstOn", "cameraDaysUntilFirst", "byDay", "byTwilight",
    "byNight",
)  # fmt: skip


def answer(study: Study, *, project: ProjectFile) -> Answer:
    """Tell each period of a project against the time before it, and how its passages are used.

    A number stands beside the effort of both sides; units that may not be told alone are in the
    sums. By station only: a project names stations.

    Raises:
        StudyError: the counting unit is not the station.
    """
    if study.question.by is not CountBy.STATION:
        raise StudyError(
            tr("A project names stations: use --by station.", "项目按点位登记：请用 --by station。")
        )
    told = assess_project(project, _events(study), study.days)
    days = sum(one.impact_days + one.control_days for one in told.periods[:1])
    effort = study.effort_words
    lines = [
        tr(
            f"{project.title}: {len(told.periods)} periods, {len(told.taxa)} taxa, over {effort} "
            f"camera-days in all, {days:,.0f} of them before construction.",
            f"{project.title}：{len(told.periods)} 个时期，{len(told.taxa)} 个分类单元，"
            f"总工作量 {effort} 相机日，其中施工前 {days:,.0f}。",
        ),
        *(f"  {line}" for line in _lines(study, told)),
        study.question.in_words(),
    ]
    return Answer(
        name="baci",
        tables=(
            Table("baci_period", PERIODS, [_period_row(one) for one in told.periods]),
            Table("baci", EFFECTS, list(_effect_rows(study, told))),
            Table("baci_unit", UNITS, list(_unit_rows(study, told))),
            Table(
                "passages", WATCHES, [r for one in told.passages for r in _watch_rows(study, one)]
            ),
            Table("passage_use", USES, [r for one in told.passages for r in _use_rows(study, one)]),
        ),
        summary=tuple(lines),
        notes=(*study.left_out.notes(), *study.delay_note(), *study.hidden_note(), *_notes(told)),
        figures={
            "project": project.title,
            "periods": len(told.periods),
            "taxa": len(told.taxa),
            "camera_days": study.camera_days,
        },
        event_ids=study.event_ids,
    )


def _events(study: Study) -> list[StationEvent]:
    """Independent events with the light they happened in, where the time of day is known."""
    events = independent_events(study)
    sun = in_sun_time(study, events)
    lights: dict[int, Light] = {
        int(number): Light(str(light))
        for number, light in zip(sun.chosen.tolist(), sun.time.light.tolist(), strict=True)
    }
    days = local_days(events.days.tolist())
    return [
        StationEvent(str(events.units[n]), str(events.taxa[n]), days[n], lights.get(n))
        for n in range(len(events))
    ]


def _lines(study: Study, told: ProjectResult) -> Iterator[str]:
    for one in told.effects[:SHOWN]:
        name = study.taxa[one.taxon_id].common if one.taxon_id in study.taxa else one.taxon_id
        when = f"{one.period.phase.words} {one.period.number or ''}".strip()
        yield tr(
            f"{name}, {when}: {effect_words(one.effect)} ({design_words(one.effect)})",
            f"{name}，{when}：{effect_words(one.effect)}（{design_words(one.effect)}）",
        )
    for span in told.passages[:1]:
        for use in span.report.uses[:SHOWN]:
            name = _name(study, use.taxon_id)
            yield tr(
                f"{use.passage}, {name}: {use_words(use)}",
                f"{use.passage}，{name}：{use_words(use)}",
            )


def _notes(told: ProjectResult) -> Iterator[str]:
    for one in told.periods:
        for caution in one.cautions:
            yield f"{one.period.name}: {caution.words}"
    if told.without_effort:
        yield tr(
            f"{told.without_effort} events lie on days without effort and are in no index.",
            f"{told.without_effort} 个事件发生在没有工作量的日期，未计入指数。",
        )


def _name(study: Study, taxon_id: str) -> str:
    return study.taxa[taxon_id].common if taxon_id in study.taxa else taxon_id


def _latin(study: Study, taxon_id: str) -> str:
    return study.taxa[taxon_id].scientific_name if taxon_id in study.taxa else taxon_id


def _period_row(one: PeriodEffort) -> tuple[Cell, ...]:
    return (
        one.period.name, one.period.first, one.period.last, one.impact_stations,
        one.impact_days or None, one.control_stations, one.control_days or None,
        one.season_overlap, "; ".join(caution.value for caution in one.cautions) or None,
    )  # fmt: skip


def _effect_rows(study: Study, told: ProjectResult) -> Iterator[tuple[Cell, ...]]:
    for one in told.effects:
        effect = one.effect
        sides: list[Cell] = []
        for side in (effect.impact, effect.control):
            sides += [
                side.stations, side.events_before, side.days_before or None, side.events_after,
                side.days_after or None,
            ]  # fmt: skip
        yield (
            _latin(study, one.taxon_id), one.period.name, effect.ratio, effect.low, effect.high,
            effect.design.value, effect.is_clear, *sides, effect.smallest_fall,
            effect.smallest_rise,
        )  # fmt: skip


def _unit_rows(study: Study, told: ProjectResult) -> Iterator[tuple[Cell, ...]]:
    rows = [
        (
            study.public(one.station_id),
            "impact" if one.is_impact else "control",
            _latin(study, one.taxon_id),
            one.period.name,
            one.counted.events,
            one.counted.camera_days,
        )
        for one in told.stations
        if study.facts(one.station_id).tells_days
    ]
    yield from sorted(rows, key=lambda row: tuple(str(cell) for cell in row[:4]))


def _watch_rows(study: Study, span: PassageSpan) -> Iterator[tuple[Cell, ...]]:
    for one in span.report.watches:
        yield (
            one.passage.name, one.passage.kind.value,
            span.period.name if span.period else "since opening", one.stations_watched,
            _days(one.camera_days, tells=_tells(study, one.passage)),
            one.first_day if _tells(study, one.passage) else None,
            one.last_day if _tells(study, one.passage) else None, one.taxa, one.events,
        )  # fmt: skip


def _use_rows(study: Study, span: PassageSpan) -> Iterator[tuple[Cell, ...]]:
    passages = {one.passage.name: one.passage for one in span.report.watches}
    for one in span.report.uses:
        tells = _tells(study, passages[one.passage])
        rate, nearby = one.rate, one.nearby
        yield (
            one.passage, span.period.name if span.period else "since opening",
            _latin(study, one.taxon_id), rate.events, _days(rate.camera_days, tells=tells),
            rate.index, rate.low, rate.high, one.stations_used, nearby.events,
            nearby.camera_days or None,
            nearby.index, one.ratio, one.ratio_low, one.ratio_high,
            one.first_on if tells else None, one.days_until_first if tells else None,
            *(one.lights.get(light, 0) for light in Light),
        )  # fmt: skip


def _tells(study: Study, passage: Passage) -> bool:
    """Whether the days of a passage may be told: its name says where it is."""
    return all(study.facts(one).tells_days for one in passage.stations if one in study.effort)


def _days(days: float, *, tells: bool) -> float | None:
    """Camera-days; to the nearest ten where days may not be told."""
    if days <= 0:
        return None
    return days if tells else max(10.0, round(days / 10) * 10.0)
