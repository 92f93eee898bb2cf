"""Lay a package's media and observations out as events: what was looked at and recorded together.

The package's own events stand as they are, never regrouped by our gap: what a person said there
was said of them. Who looked makes the difference: an event is reviewed when a person classified it
as a whole, or all of it media by media.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ingest.packages.facts import Package, PackageMedia, PackageObservation
from species_db.vocabulary import ClassificationMethod, ObservationLevel, ObservationType

Key = tuple[str, str]
"""A deployment and the name of an event in it."""
UNLOOKED = ObservationType.UNCLASSIFIED.value
BLANK = ObservationType.BLANK.value


@dataclass
class PlannedEvent:
    """One event as it shall be stored."""

    key: Key
    is_named: bool
    """The package names it; others were made here, of media that no event holds."""
    media: list[PackageMedia] = field(default_factory=list)
    rows: list[PackageObservation] = field(default_factory=list)
    review: list[PackageObservation] = field(default_factory=list)
    """The rows, or what follows from them, that say what is in the event; none: nobody said it."""
    derived: list[PackageObservation] = field(default_factory=list)
    """Rows of the review that the package does not have: they sum up what it says by media."""

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """First and last moment: of its media, else as its rows say."""
        times = [one.timestamp for one in self.media if one.timestamp]
        if not times:
            times = [one for row in self.rows for one in (row.start, row.end) if one]
        return (min(times), max(times)) if times else (None, None)


def plan_events(package: Package, *, gap: timedelta) -> list[PlannedEvent]:
    """Put every media and every observation of a package into an event."""
    of_media = _events_of_media(package, gap=gap)
    events: dict[Key, PlannedEvent] = {}
    names = {row.event_id for row in package.observations} | {m.event_id for m in package.media}
    for media in package.media:
        key = of_media[media.media_id]
        event = events.setdefault(key, PlannedEvent(key, key[1] in names))
        event.media.append(media)
    for row in package.observations:
        key = of_media[row.media_id] if row.media_id else _key_of(row)
        events.setdefault(key, PlannedEvent(key, key[1] in names)).rows.append(row)
    for event in events.values():
        _say_what_is_in_it(event)
    return [events[key] for key in sorted(events)]


def _key_of(row: PackageObservation) -> Key:
    return row.deployment_id, row.event_id or f"{row.start}/{row.end}"


def _events_of_media(package: Package, *, gap: timedelta) -> dict[str, Key]:
    """The event of each media: as it says, as its rows say, by its time; else by silence."""
    said = {
        row.media_id: row.event_id for row in package.observations if row.media_id and row.event_id
    }
    spans: dict[str, list[tuple[datetime, datetime, Key]]] = defaultdict(list)
    for row in package.observations:
        if row.level is ObservationLevel.EVENT and row.start is not None:
            spans[row.deployment_id].append((row.start, row.end or row.start, _key_of(row)))
    found: dict[str, Key] = {}
    loose: dict[str, list[PackageMedia]] = defaultdict(list)
    for media in package.media:
        name = media.event_id or said.get(media.media_id, "")
        at = media.timestamp
        within = next(
            (key for start, end, key in spans[media.deployment_id] if at and start <= at <= end),
            None,
        ) if not name else None  # fmt: skip
        if name or within:
            found[media.media_id] = within or (media.deployment_id, name)
        else:
            loose[media.deployment_id].append(media)
    for media_of in loose.values():
        found |= _grouped(media_of, gap=gap)
    return found


def _grouped(media: Sequence[PackageMedia], *, gap: timedelta) -> dict[str, Key]:
    """Media that no event holds: those without a silence longer than the gap are together."""
    found: dict[str, Key] = {}
    dated = sorted(
        ((one.timestamp, one.file_name, one) for one in media if one.timestamp),
        key=lambda told: (told[0], told[1], told[2].media_id),
    )
    last: datetime | None = None
    key: Key | None = None
    for at, _, one in dated:
        if key is None or last is None or at - last > gap:
            key = one.deployment_id, f"media {one.media_id}"
        found[one.media_id], last = key, at
    for one in media:
        found.setdefault(one.media_id, (one.deployment_id, f"media {one.media_id}"))
    return found


def _say_what_is_in_it(event: PlannedEvent) -> None:
    human = [
        row
        for row in event.rows
        if row.method is ClassificationMethod.HUMAN and row.type != UNLOOKED
    ]
    whole = [row for row in human if row.level is ObservationLevel.EVENT]
    if whole:
        event.review = whole
    elif any(row.level is ObservationLevel.EVENT for row in event.rows):
        return  # a model's word on the whole event, which people have not spoken on
    elif human and len(event.media) == 1 and all(row.type == BLANK for row in human):
        event.review = human  # nothing to count: what is said of its one media is said of it
    elif human:
        event.derived = list(sum_up(human, media=len(event.media)))
        event.review = event.derived


def sum_up(rows: Iterable[PackageObservation], *, media: int) -> Iterable[PackageObservation]:
    """What people said of an event media by media, as one row for each thing in it.

    The count is the most in one frame, never the sum (DOMAIN.md 1). Blank needs every media to
    have been looked at: nobody has called the others blank.
    """
    things: dict[tuple[str, str, str], list[PackageObservation]] = defaultdict(list)
    for row in rows:
        things[row.type, row.taxon, row.setup].append(row)
    seen = {thing: told for thing, told in things.items() if thing[0] != BLANK}
    if not seen:
        looked_at = {row.media_id for told in things.values() for row in told}
        seen = things if len(looked_at) == media else {}
    for thing, told in sorted(seen.items()):
        first = min(told, key=lambda row: row.observation_id)
        times = [row.classified_at for row in told if row.classified_at]
        yield replace(
            first,
            observation_id=f"{first.observation_id} in its event {'/'.join(thing)}",
            level=ObservationLevel.EVENT,
            media_id="",
            count=_most(told),
            life_stage=_same(row.life_stage for row in told),
            sex=_same(row.sex for row in told),
            behavior="",
            individual_id="",
            box=None,
            classified_by=" | ".join(sorted({row.classified_by for row in told} - {""})),
            classified_at=max(times) if times else None,
            comments="",
            other={},
        )


def _most(rows: Iterable[PackageObservation]) -> int | None:
    """The largest number in one media, where the package counts at all."""
    sums: Mapping[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.count is not None:
            sums[row.media_id].append(row.count)
    return max((sum(counts) for counts in sums.values()), default=None)


def _same(told: Iterable[str]) -> str:
    values = set(told)
    return values.pop() if len(values) == 1 else ""
