"""Taxa that share stations, and animals after people, dogs or livestock were there."""

from collections.abc import Iterator, Mapping

import numpy as np

from species_db.analysis.avoidance import Avoidance, StationTimes, after_others
from species_db.analysis.cooccurrence import PairTogether, Togetherness, co_occurrence
from species_db.language import tr
from species_db.study.answer import Answer, Cell, Table
from species_db.study.answers.activity import DISTURBER_WORDS
from species_db.study.events import Events, disturbing_events, independent_events
from species_db.study.read import Study

FEWEST_DAYS = 20.0
"""Camera-days of a unit before a taxon's absence from it says anything."""
WITHIN_HOURS = 24.0
LEAST_EVENTS = 10
SHOWN = 8
PAIRS = (
    "first", "second", "units", "firstUnits", "secondUnits", "observedBoth", "expectedBoth",
    "effect", "pFewer", "pMore", "p", "pAdjusted", "answer", "cameraDays",
)  # fmt: skip
AFTER = (
    "scientificName", "others", "withinHours", "units", "events", "eventsElsewhere", "after",
    "share", "expectedShare", "low95", "high95", "p", "medianHours", "expectedMedianHours",
    "answer", "cameraDays",
)  # fmt: skip


def answer(study: Study, *, within_hours: float = WITHIN_HOURS) -> Answer:
    """Set what is seen together against chance, by station and by time.

    Neither shows that one minds the other: two that love the same valley share stations. Units
    with fewer than twenty camera-days are left out of the first, where a taxon may just have been
    missed.
    """
    events, others = independent_events(study), disturbing_events(study)
    watched = sorted(unit for unit, days in study.effort.items() if days >= FEWEST_DAYS)
    found: dict[str, set[str]] = {
        study.taxa[taxon].scientific_name: set(units)
        for taxon, units in events.by_taxon_and_unit().items()
    }
    for kind, units in others.by_taxon_and_unit().items():
        if kind in ("people", "vehicle"):  # dogs and livestock are taxa already
            found[kind] = set(units)
    pairs = co_occurrence(found, stations=watched)
    known = sum(study.effort[unit] for unit in watched) or None
    effort = tr("not known", "不明") if known is None else f"{known:,.1f}"
    after = list(_after(study, events, others, within_hours))
    clear = [one for one in pairs if one.answer in (Togetherness.TOGETHER, Togetherness.APART)]
    lines = [
        tr(
            f"{len(pairs)} pairs at {len(watched)} units with {FEWEST_DAYS:.0f} camera-days or "
            f"more ({effort} camera-days in all): {len(clear)} more or less often together than "
            "by chance.",
            f"{len(watched)} 个达到 {FEWEST_DAYS:.0f} 相机日的单元（共 {effort} 相机日）上的 "
            f"{len(pairs)} 对：{len(clear)} 对的同现多于或少于随机。",
        ),
        *(f"  {_pair_line(one)}" for one in clear[:SHOWN]),
        *(f"  {_after_line(study, *one)}" for one in after[:SHOWN]),
        study.question.in_words(),
    ]
    return Answer(
        name="cooccurrence",
        tables=(
            Table("cooccurrence", PAIRS, [_pair_row(one, known) for one in pairs]),
            Table(
                "cooccurrence_after",
                AFTER,
                [_after_row(study, taxon, kind, told) for taxon, kind, told in after],
            ),
        ),
        summary=tuple(lines),
        notes=(*study.left_out.notes(), *study.delay_note(), *_asked_often(len(after))),
        figures={"pairs": len(pairs), "clear": len(clear), "camera_days": known},
        event_ids=study.event_ids,
    )


def _after(
    study: Study, events: Events, others: Events, within_hours: float
) -> Iterator[tuple[str, str, Avoidance]]:
    """Each taxon with ten events or more against each kind of disturbance, the commonest first."""
    days = _watched_days(study)
    for taxon in sorted(set(events.taxa.tolist()), key=lambda one: study.taxa[one].scientific_name):
        if study.taxa[taxon].is_domestic:
            continue
        own = events.only(np.flatnonzero(events.taxa == taxon))
        if len(own) < LEAST_EVENTS:
            continue
        for kind in sorted(set(others.taxa.tolist())):
            them = others.only(np.flatnonzero(others.taxa == kind))
            yield taxon, kind, after_others(_times(own, them, days), within_hours=within_hours)


def _asked_often(asked: int) -> Iterator[str]:
    if asked:
        yield tr(
            f"{asked} taxa were asked about times after others, each by itself: of these, one in "
            "twenty may look clear by chance.",
            f"“他者之后”共作 {asked} 次独立检验，其中约二十分之一可能因偶然而显得明确。",
        )


def _watched_days(study: Study) -> dict[str, np.ndarray]:
    days: dict[str, list[int]] = {}
    for one in study.days:
        if one.effort > 0:
            days.setdefault(one.unit, []).append(one.day.toordinal() - 719_163)
    return {unit: np.array(told, dtype=np.int64) for unit, told in days.items()}


def _times(own: Events, others: Events, days: Mapping[str, np.ndarray]) -> dict[str, StationTimes]:
    local = own.seconds + own.offsets, others.seconds + others.offsets
    return {
        unit: StationTimes(watched, local[0][own.units == unit], local[1][others.units == unit])
        for unit, watched in days.items()
    }


def _pair_row(one: PairTogether, days: float | None) -> tuple[Cell, ...]:
    return (
        one.first, one.second, one.stations, one.first_at, one.second_at, one.observed,
        one.expected, one.effect, one.fewer, one.more, one.p, one.adjusted, one.answer.value,
        days,
    )  # fmt: skip


def _after_row(study: Study, taxon: str, kind: str, told: Avoidance) -> tuple[Cell, ...]:
    return (
        study.taxa[taxon].scientific_name, kind, told.within_hours, told.stations, told.events,
        told.elsewhere, told.after, told.share, told.expected, told.low, told.high, told.p,
        _finite(told.median_hours), _finite(told.expected_median_hours), told.answer.value,
        study.camera_days,
    )  # fmt: skip


def _finite(hours: float | None) -> float | None:
    return hours if hours is not None and np.isfinite(hours) else None


def _pair_line(one: PairTogether) -> str:
    return tr(
        f"{one.first} and {one.second}: both at {one.observed} of {one.stations} units, "
        f"{one.expected:.1f} by chance; {one.answer.words}",
        f"{one.first} 与 {one.second}：{one.stations} 个单元中同现 {one.observed} 个，"
        f"随机期望 {one.expected:.1f} 个；{one.answer.words}",
    )


def _after_line(study: Study, taxon: str, kind: str, told: Avoidance) -> str:
    name, others = study.taxa[taxon].common, tr(*DISTURBER_WORDS[kind])
    if told.share is None or told.expected is None:
        return f"{name} / {others}: {told.answer.words}"
    return tr(
        f"{name} within {told.within_hours:g} h after {others}: {told.share:.0%} of "
        f"{told.events} events, {told.expected:.0%} by chance; {told.answer.words}",
        f"{name}在{others}之后 {told.within_hours:g} 小时内：{told.events} 个事件的 "
        f"{told.share:.0%}，随机期望 {told.expected:.0%}；{told.answer.words}",
    )
