"""Which records fire a rule: pure decisions over sightings, the same in any order of arrival.

Only what people confirmed makes history. A machine's answer may ask a question, one for each place
and subject, but it never hides a confirmed record that comes after it.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from species_db.alerts.facts import ANIMAL, BY_TIME, Fact, Fired, Ground, Sighting, fired_on
from species_db.alerts.rules import Rule
from species_db.alerts.thresholds import (
    INVASIVE,
    AfterSilence,
    DeadOrIll,
    Disturbance,
    First,
    FirstInBand,
    InvasiveNear,
)
from species_db.vocabulary import RuleKind

ONE_DAY = timedelta(days=1)
Key = Callable[[Sighting], str]


def fire(rule: Rule, sightings: Sequence[Sighting], ground: Ground) -> list[Fired]:
    """Everything that one rule fires on, whenever it was; who raises looks at its age."""
    told = rule.thresholds
    if isinstance(told, First):
        return list(_first(rule, told, sightings))
    if isinstance(told, FirstInBand):
        return list(_first_in_band(rule, told, sightings))
    if isinstance(told, AfterSilence):
        return list(_after_silence(rule, told, sightings, ground))
    if isinstance(told, InvasiveNear):
        return list(_invasive_near(rule, told, sightings, ground))
    if isinstance(told, Disturbance):
        return list(_disturbance(rule, told, sightings, ground))
    if isinstance(told, DeadOrIll):
        return list(_dead_or_ill(rule, told, sightings))
    return []  # an index is worked out from all records at once, see species_db/alerts/index.py


def heads(group: Sequence[Sighting], quiet_days: int | None) -> Iterator[Sighting]:
    """The records that open a visit: nothing confirmed opened one within the days before.

    Exactly so many days after the last opening a record opens anew; None never does. Of a
    machine's answers only those count that no confirmed visit covers.

    >>> from datetime import UTC, datetime
    >>> def seen(number, by):
    ...     at = datetime(2026, 5, number, tzinfo=UTC)
    ...     return Sighting("event", str(number), None, "human", at, at.date(), confirmed_by=by)
    >>> days = [seen(1, "Tashi"), seen(5, "Tashi"), seen(8, "Tashi"), seen(9, "")]
    >>> [one.record_id for one in heads(days, 7)], [one.record_id for one in heads(days, None)]
    (['1', '8'], ['1'])
    """
    if quiet_days is None:
        yield from _firsts(group)
        return
    firm: Sighting | None = None
    asked: Sighting | None = None
    for one in sorted(group, key=BY_TIME):
        is_new = _is_over(firm, one, quiet_days)
        if one.is_confirmed and is_new:
            firm = one
            yield one
        elif not one.is_confirmed and is_new and _is_over(asked, one, quiet_days):
            asked = one
            yield one


def _firsts(group: Sequence[Sighting]) -> Iterator[Sighting]:
    """The first that a person confirmed, and a machine's first before it."""
    firm = min((one for one in group if one.confirmed_by), key=BY_TIME, default=None)
    asked = min((one for one in group if not one.confirmed_by), key=BY_TIME, default=None)
    if asked is not None and (firm is None or asked.order < firm.order):
        yield asked
    if firm is not None:
        yield firm


def months_after(day: date, months: int) -> date:
    """The same day so many calendar months later, or the last day of a shorter month.

    >>> months_after(date(2025, 8, 31), 6), months_after(date(2025, 11, 3), 12)
    (datetime.date(2026, 2, 28), datetime.date(2026, 11, 3))
    """
    number = day.year * 12 + day.month - 1 + months
    first = date(number // 12, number % 12 + 1, 1)
    following = (first + timedelta(days=31)).replace(day=1)
    return min(first + timedelta(days=day.day - 1), following - ONE_DAY)


def band_of(elevation_m: float, band_m: int) -> int:
    """The lower edge of an elevation's band, which belongs to it.

    >>> band_of(1999.9, 500), band_of(2000, 500)
    (1500, 2000)
    """
    return int(elevation_m // band_m) * band_m


def _is_over(before: Sighting | None, now: Sighting, quiet_days: int) -> bool:
    return before is None or now.at - before.at >= timedelta(days=quiet_days)


def _listed(
    sightings: Iterable[Sighting], of: Sequence[str], *, with_groups: bool = False
) -> Iterator[Sighting]:
    """Sightings of taxa that had one of the marks on the day; groups only when asked for."""
    wanted = set(of)
    for one in sightings:
        if one.marks & wanted and (with_groups or not one.is_group):
            yield one


def _grouped(sightings: Iterable[Sighting], key: Key) -> list[tuple[str, list[Sighting]]]:
    """Sightings by subject and place, those without a place left out."""
    groups: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for one in sightings:
        if place := key(one):
            groups[one.subject, place].append(one)
    return [(place, groups[subject, place]) for subject, place in sorted(groups)]


def _mark(sighting: Sighting, of: Sequence[str]) -> str:
    return next(mark for mark in of if mark in sighting.marks)


def _first(rule: Rule, told: First, sightings: Sequence[Sighting]) -> Iterator[Fired]:
    """Firsts by county; or by plot, where the county had one before: one record, one first."""
    listed = list(_listed(sightings, told.of, with_groups=told.ask_for_groups))
    by_county = _heads_by(listed, "county")
    is_county = rule.kind is RuleKind.FIRST_IN_COUNTY
    known = set() if is_county else {one.order for _, one in by_county}
    for place, one in by_county if is_county else _heads_by(listed, "plot"):
        if one.order not in known:
            yield fired_on(rule, one, place, {"mark": _mark(one, told.of)})


def _heads_by(listed: Sequence[Sighting], place: str) -> list[tuple[str, Sighting]]:
    groups = _grouped(listed, _place_key(place))
    return [(key, one) for key, group in groups for one in heads(group, None)]


def _first_in_band(rule: Rule, told: FirstInBand, sightings: Sequence[Sighting]) -> Iterator[Fired]:
    def band(one: Sighting) -> str:
        return "" if one.elevation_m is None else str(band_of(one.elevation_m, told.band_m))

    listed = list(_listed(sightings, told.of))
    confirmed: dict[str, list[Sighting]] = defaultdict(list)
    for one in sorted(listed, key=BY_TIME):
        if one.is_confirmed and one.elevation_m is not None:
            confirmed[one.subject].append(one)
    for place, group in _grouped(listed, band):
        for one in heads(group, None):
            known = confirmed[one.subject]
            earlier = known[: bisect_left(known, one.order, key=BY_TIME)]
            if len(earlier) < told.min_earlier:
                continue
            heights = [other.elevation_m for other in earlier if other.elevation_m is not None]
            yield fired_on(
                rule,
                one,
                place,
                {
                    "mark": _mark(one, told.of),
                    "band_low_m": int(place),
                    "band_high_m": int(place) + told.band_m,
                    "earlier": len(earlier),
                    "earlier_low_m": band_of(min(heights, default=0), told.band_m),
                    "earlier_high_m": band_of(max(heights, default=0), told.band_m) + told.band_m,
                },
            )


def _after_silence(
    rule: Rule, told: AfterSilence, sightings: Sequence[Sighting], ground: Ground
) -> Iterator[Fired]:
    for place, group in _grouped(_listed(sightings, told.of), _place_key(told.place)):
        last: Sighting | None = None
        is_asked = False
        for one in sorted(group, key=BY_TIME):
            if last is not None and (one.is_confirmed or not is_asked):
                silence = _silence(told, last, one, place, ground)
                if silence is not None:
                    yield fired_on(rule, one, place, silence | {"mark": _mark(one, told.of)})
                    is_asked = is_asked or not one.is_confirmed
            if one.is_confirmed:
                last, is_asked = one, False


def _silence(
    told: AfterSilence, last: Sighting, now: Sighting, place: str, ground: Ground
) -> dict[str, Fact] | None:
    """The silence before a record, with its effort; None when it is too short or unheard."""
    if now.day < months_after(last.day, told.months):
        return None
    days = ground.camera_days(told.place, place, last.day + ONE_DAY, now.day - ONE_DAY)
    if days < told.min_camera_days:
        return None
    return {
        "place": told.place,
        "last_day": last.day.isoformat(),
        "silent_days": (now.day - last.day).days,
        "months": told.months,
        "camera_days": round(days, 1),
    }


def _invasive_near(
    rule: Rule, told: InvasiveNear, sightings: Sequence[Sighting], ground: Ground
) -> Iterator[Fired]:
    near: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    found = {}
    for one in _listed(sightings, (INVASIVE,)):
        place = ground.nearest(
            one, areas=told.areas, plots=told.plots, within_m=told.within_km * 1000
        )
        if place is not None:
            near[one.subject, place.key].append(one)
            found[one.record_kind, one.record_id, one.subject] = place
    for (_, key), group in sorted(near.items()):
        for one in heads(group, told.quiet_days):
            place = found[one.record_kind, one.record_id, one.subject]
            yield fired_on(
                rule,
                one,
                key,
                {
                    "near_zh": place.name_zh,
                    "near_en": place.name_en,
                    "distance_m": round(place.distance_m),
                    "within_km": told.within_km,
                },
            )


def _disturbance(
    rule: Rule, told: Disturbance, sightings: Sequence[Sighting], ground: Ground
) -> Iterator[Fired]:
    disturbing = [one for one in sightings if one.what in told.what]
    zone_names: dict[str, tuple[str, str]] = {}

    def zone(one: Sighting) -> str:
        if one.plot_id and one.plot_id in told.plots:
            return f"plot {one.plot_id}"
        for area in ground.zones(one, told.areas):
            where = one.location_id or one.plot_id or ""
            key = f"{area.key} {where}"
            zone_names[key] = (area.name_zh, area.name_en)
            return key
        return ""

    groups: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for one in disturbing:
        if key := zone(one):
            groups[one.what, key].append(one)
    for (what, key), group in sorted(groups.items()):
        zh, en = zone_names.get(key, ("", ""))
        visits = list(heads(group, told.quiet_days))
        counts = _records_of(visits, group)
        for one in visits:
            facts: dict[str, Fact] = {"what": what, "zone_zh": zh, "zone_en": en}
            facts["quiet_days"] = told.quiet_days
            yield fired_on(rule, one, key, facts, records=counts[one.order])


def _records_of(visits: Sequence[Sighting], group: Iterable[Sighting]) -> Counter[tuple[Any, ...]]:
    """How many records each visit has: those until the next one."""
    begins = [one.order for one in visits]
    return Counter(begins[max(0, bisect_right(begins, one.order) - 1)] for one in group)


def _dead_or_ill(rule: Rule, told: DeadOrIll, sightings: Sequence[Sighting]) -> Iterator[Fired]:
    signed = (one for one in sightings if one.sign and one.what == ANIMAL)
    for place, group in _grouped(signed, lambda one: one.location_id or one.plot_id or one.county):
        for one in heads(group, told.quiet_days):
            yield fired_on(rule, one, place, {"sign": one.sign})


def _place_key(place: str) -> Key:
    if place == "county":
        return lambda one: one.county
    return lambda one: one.plot_id or ""
