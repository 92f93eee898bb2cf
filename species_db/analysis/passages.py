"""Who uses wildlife passages, how often per 100 camera-days, and how soon after they opened.

A passage is watched by one or two cameras at its mouths. Its index is of visits, not of animals,
and a mouth gathers tracks that a forest scatters: the ratio to stations nearby is a performance
index to compare passages with each other, not a proof that animals move more (Clevenger & Waltho
2000, Conserv. Biol. 14:47). A visit is no crossing either; who came through, and which way, is
known only where a person wrote it down.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from species_db.analysis.crossings import Crossings, crossings
from species_db.analysis.effort import UnitDay
from species_db.analysis.station_records import StationEvent, StationRecords, Watched
from species_db.analysis.use_rate import UseRate, rate_ratio
from species_db.language import tr

if TYPE_CHECKING:
    from species_db.analysis.sun_time import Light  # which loads slowly, and is only passed on


class PassageKind(StrEnum):
    """How a passage leads past the works."""

    UNDERPASS = "underpass"
    OVERPASS = "overpass"
    CULVERT = "culvert"
    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    CANOPY = "canopy"
    FISHWAY = "fishway"
    OTHER = "other"

    @property
    def words(self) -> str:
        """The kind in the reader's language."""
        return tr(*PASSAGE_WORDS[self])


PASSAGE_WORDS = {
    PassageKind.UNDERPASS: ("underpass", "下穿通道"),
    PassageKind.OVERPASS: ("overpass", "上跨通道"),
    PassageKind.CULVERT: ("culvert", "涵洞"),
    PassageKind.BRIDGE: ("below a bridge", "桥下通道"),
    PassageKind.TUNNEL: ("over a tunnel", "隧道顶部"),
    PassageKind.CANOPY: ("canopy bridge", "树冠桥"),
    PassageKind.FISHWAY: ("fishway", "过鱼设施"),
    PassageKind.OTHER: ("other", "其他"),
}


@dataclass(frozen=True)
class Passage:
    """One passage with the stations that watch it; `opened` is the first day animals could pass."""

    name: str
    kind: PassageKind
    stations: tuple[str, ...]
    opened: date | None = None


@dataclass(frozen=True)
class PassageUse:
    """One taxon at one passage since it opened, beside stations nearby in the same days.

    `first_on` is the first visit seen, `days_until_first` the camera-days up to it: where a camera
    came late, animals may have come before it. `lights` counts visits by light, without those whose
    time is not known.
    """

    passage: str
    taxon_id: str
    rate: UseRate
    stations_used: int
    nearby: UseRate
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    first_on: date | None
    days_until_first: float | None
    lights: Mapping["Light", int]
    crossings: Crossings


@dataclass(frozen=True)
class PassageWatch:
    """How well one passage was watched since it opened, and how many taxa were seen at it."""

    passage: Passage
    stations_watched: int
    camera_days: float
    first_day: date | None
    last_day: date | None
    taxa: int
    events: int


@dataclass(frozen=True)
class TaxonReach:
    """At how many of the passages, and of their stations, that were watched a taxon was seen."""

    taxon_id: str
    passages_used: int
    passages_watched: int
    stations_used: int
    stations_watched: int

    @property
    def share_of_passages(self) -> float | None:
        """Of those watched; None when none was."""
        return self.passages_used / self.passages_watched if self.passages_watched else None


@dataclass(frozen=True)
class PassageReport:
    """Passages as they were used; `without_effort` counts events on days that no effort covers."""

    watches: tuple[PassageWatch, ...]
    uses: tuple[PassageUse, ...]
    reach: tuple[TaxonReach, ...]
    without_effort: int


def passage_report(
    passages: Iterable[Passage],
    events: Iterable[StationEvent],
    days: Iterable[UnitDay],
    *,
    nearby: Collection[str] = (),
    taxa: Collection[str] = (),
    first: date | None = None,
    last: date | None = None,
) -> PassageReport:
    """Tell the use of each passage by each taxon, from its opening (or `first`) to `last`.

    Taxa asked for are told at every passage, with an upper limit where none was seen; others only
    where they were. Events before a passage opened are no use of it. Events on a day without
    effort, as when the flash was dead, are left out and counted: an index never holds them.

    >>> opened = date(2026, 5, 1)
    >>> days = [UnitDay("U1", date(2026, 5, day), 1.0, 1.0) for day in range(1, 26)]
    >>> visits = [StationEvent("U1", "muntjac", date(2026, 5, day)) for day in (6, 9, 9)]
    >>> place = Passage("K12", PassageKind.UNDERPASS, ("U1",), opened)
    >>> use = passage_report([place], visits, days).uses[0]
    >>> use.rate.index, use.first_on.isoformat(), use.days_until_first
    (12.0, '2026-05-06', 6.0)
    """
    told, asked = list(passages), set(taxa)
    mine = {name for one in told for name in one.stations} | set(nearby)
    records = StationRecords(events, days, mine)
    grounds = [_ground(one, records, nearby, first, last) for one in told]
    seen = {taxon for ground in grounds for taxon in ground.here.by_taxon}
    return PassageReport(
        watches=tuple(_watch(ground) for ground in grounds),
        uses=tuple(
            _use(ground, taxon)
            for ground in grounds
            for taxon in sorted(asked | set(ground.here.by_taxon))
        ),
        reach=tuple(_reach(taxon, grounds) for taxon in sorted(asked | seen)),
        without_effort=records.without_effort(first, last),
    )


@dataclass(frozen=True)
class _Ground:
    """A passage with what happened at it, and nearby in its days."""

    passage: Passage
    here: Watched
    nearby: Watched


def _ground(
    passage: Passage,
    records: StationRecords,
    nearby: Collection[str],
    first: date | None,
    last: date | None,
) -> _Ground:
    begin = max((one for one in (passage.opened, first) if one), default=None)
    here = records.within(passage.stations, begin, last)
    return _Ground(passage, here, records.within(nearby, begin, last))


def _watch(ground: _Ground) -> PassageWatch:
    here = ground.here
    return PassageWatch(
        passage=ground.passage,
        stations_watched=len(here.stations),
        camera_days=sum(here.by_day.values()),
        first_day=min(here.by_day, default=None),
        last_day=max(here.by_day, default=None),
        taxa=len(here.by_taxon),
        events=sum(len(events) for events in here.by_taxon.values()),
    )


def _use(ground: _Ground, taxon_id: str) -> PassageUse:
    events = ground.here.events(taxon_id)
    rate, nearby = ground.here.rate(taxon_id), ground.nearby.rate(taxon_id)
    ratio, low, high = rate_ratio(rate, nearby)
    first_on = min((one.day for one in events), default=None)
    return PassageUse(
        passage=ground.passage.name,
        taxon_id=taxon_id,
        rate=rate,
        stations_used=len({one.station_id for one in events}),
        nearby=nearby,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        first_on=first_on,
        days_until_first=None if first_on is None else ground.here.days_until(first_on),
        lights=Counter(one.light for one in events if one.light),
        crossings=crossings(one.behavior for one in events),
    )


def _reach(taxon_id: str, grounds: Sequence[_Ground]) -> TaxonReach:
    used = [{one.station_id for one in ground.here.events(taxon_id)} for ground in grounds]
    watched = [ground.here.stations for ground in grounds]
    return TaxonReach(
        taxon_id=taxon_id,
        passages_used=sum(bool(one) for one in used),
        passages_watched=sum(bool(one) for one in watched),
        stations_used=len(set[str]().union(*used)),
        stations_watched=len(set[str]().union(*watched)),
    )
