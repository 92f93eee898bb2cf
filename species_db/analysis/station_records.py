"""Independent events of stations beside their daily effort, cut into spans as often as needed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from species_db.analysis.effort import UnitDay
from species_db.analysis.use_rate import Block, UseRate, use_rate

if TYPE_CHECKING:
    from species_db.analysis.sun_time import Light  # which loads slowly, and is only passed on

WEEK = 7  # days: what happens within one hangs together


@dataclass(frozen=True)
class StationEvent:
    """One independent event of a taxon at a station, on its local day.

    `light` is by the sun's altitude (DOMAIN.md 6), None when the time is not known; `behavior` is
    what a person wrote.
    """

    station_id: str
    taxon_id: str
    day: date
    light: "Light | None" = None
    behavior: str = ""


@dataclass(frozen=True)
class Watched:
    """Some stations over one span: each day's camera-days, the weeks of each, events by taxon."""

    by_day: Mapping[date, float]
    by_week: Mapping[tuple[str, int], float]  # weeks since `start`
    start: date
    by_taxon: Mapping[str, Sequence[StationEvent]]
    _rates: dict[str, UseRate] = field(default_factory=dict, repr=False, compare=False)

    @property
    def stations(self) -> frozenset[str]:
        """Those that had any effort."""
        return frozenset(station for station, _ in self.by_week)

    def events(self, taxon_id: str) -> Sequence[StationEvent]:
        """The events of one taxon."""
        return self.by_taxon.get(taxon_id, ())

    def rate(self, taxon_id: str) -> UseRate:
        """How often it was there per 100 camera-days."""
        if taxon_id not in self._rates:
            counts = Counter(
                (one.station_id, (one.day - self.start).days // WEEK)
                for one in self.events(taxon_id)
            )
            self._rates[taxon_id] = use_rate(
                Block(*key, counts[key], days) for key, days in self.by_week.items()
            )
        return self._rates[taxon_id]

    def days_until(self, day: date) -> float:
        """Camera-days up to a day, itself included."""
        return sum(told for at, told in self.by_day.items() if at <= day)


class StationRecords:
    """The events and the effort of some stations, by station; other stations are passed over.

    Events on days without effort are in no span: a rate never holds them (DOMAIN.md 2).
    """

    def __init__(
        self, events: Iterable[StationEvent], days: Iterable[UnitDay], stations: Collection[str]
    ) -> None:
        wanted = frozenset(stations)
        self._effort = defaultdict[str, dict[date, float]](dict)
        self._events = defaultdict[str, list[StationEvent]](list)
        self._without: list[date] = []
        self._cut: dict[tuple[frozenset[str], date | None, date | None], Watched] = {}
        for told in days:
            if told.effort > 0 and told.unit in wanted:
                self._effort[told.unit][told.day] = told.effort
        for one in events:
            if one.day in self._effort.get(one.station_id, {}):
                self._events[one.station_id].append(one)
            elif one.station_id in wanted:
                self._without.append(one.day)

    def without_effort(self, first: date | None, last: date | None) -> int:
        """How many events of a span fell on days that no effort covers."""
        return sum(is_between(day, first, last) for day in self._without)

    def within(self, stations: Iterable[str], first: date | None, last: date | None) -> Watched:
        """Some stations over a span of days, both included; None: without limit."""
        key = (frozenset(stations), first, last)
        if key not in self._cut:
            self._cut[key] = self._watched(*key)
        return self._cut[key]

    def _watched(self, stations: frozenset[str], first: date | None, last: date | None) -> Watched:
        by_day, by_week = (
            defaultdict[date, float](float),
            defaultdict[tuple[str, int], float](float),
        )
        by_taxon = defaultdict[str, list[StationEvent]](list)
        named = sorted(stations & self._effort.keys())
        spans = {
            name: [(day, told) for day, told in self._effort[name].items()
                   if is_between(day, first, last)]
            for name in named
        }  # fmt: skip
        start = min((day for span in spans.values() for day, _ in span), default=date.min)
        for name in named:
            for day, told in spans[name]:
                by_day[day] += told
                by_week[name, (day - start).days // WEEK] += told
            for one in self._events.get(name, ()):
                if is_between(one.day, first, last):
                    by_taxon[one.taxon_id].append(one)
        return Watched(dict(by_day), dict(by_week), start, dict(by_taxon))


def is_between(day: date, first: date | None, last: date | None) -> bool:
    """Tell whether a day lies in a span, both its ends included.

    >>> is_between(date(2026, 5, 1), date(2026, 5, 1), None)
    True
    """
    return (first is None or first <= day) and (last is None or day <= last)
