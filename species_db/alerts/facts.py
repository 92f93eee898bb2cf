"""What the rules look at: sightings, the ground they lie on, and what a rule makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Protocol

from species_db.alerts.rules import Rule
from species_db.alerts.thresholds import OF

BY_TIME = attrgetter("at", "record_kind", "record_id")  # a sighting's `order`, read faster
INDEX = "index"  # record kind of an alert on a number, not on one record
ANIMAL = "animal"
Fact = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """One taxon, or a disturbance, in one record, as the rules see it.

    `what` is a taxon's kind of record (animal) or the disturbance (human, dog, vehicle, snare);
    `confirmed_by` is empty for a machine's word alone; `marks` is the legal status on the day
    (I, II, invasive); a group is a machine's answer above species, whose marks are possible ones;
    `sign` is the word or field that says the animal is dead or ill.
    """

    record_kind: str
    record_id: str
    taxon_id: str | None
    what: str
    at: datetime
    day: date  # local
    location_id: str | None = None
    plot_id: str | None = None
    county: str = ""
    latitude: float | None = None
    longitude: float | None = None
    elevation_m: float | None = None
    confirmed_by: str = ""
    is_group: bool = False
    marks: frozenset[str] = frozenset()
    sign: str = ""

    @property
    def is_confirmed(self) -> bool:
        """Whether a named person said it."""
        return bool(self.confirmed_by)

    @property
    def subject(self) -> str:
        """What it is a sighting of: a taxon, else what kind of thing."""
        return self.taxon_id or self.what

    @property
    def order(self) -> tuple[datetime, str, str]:
        """Its place in time; records of one second in the order of their ids, on any laptop."""
        return self.at, self.record_kind, self.record_id


@dataclass(frozen=True)
class Fired:
    """A rule that fires: on which record, where, and why, in numbers."""

    rule: Rule
    record_kind: str
    record_id: str
    place: str  # what the rule groups by: a county, a plot, a band, an area, a station
    subject: str
    taxon_id: str | None
    what: str
    county: str
    plot_id: str | None
    location_id: str | None
    at: datetime
    firm_by: str  # empty: a machine's word, or a number that nobody has looked at
    is_class_i: bool
    facts: Mapping[str, Fact] = field(default_factory=dict)
    records: int = 1  # with those of the same visit, which a rule told to be quiet leaves out


@dataclass(frozen=True, slots=True)
class Nearby:
    """An area or a plot, and how far away it is; 0 m inside."""

    name_zh: str
    name_en: str
    distance_m: float
    key: str


class Ground(Protocol):
    """What the rules ask of places and effort."""

    def nearest(
        self, sighting: Sighting, *, areas: tuple[str, ...], plots: bool, within_m: float
    ) -> Nearby | None:
        """The nearest area of some kinds, or plot, within a distance; the limit is included."""

    def zones(self, sighting: Sighting, areas: tuple[str, ...]) -> list[Nearby]:
        """The areas of some kinds that a sighting lies in."""

    def camera_days(self, place: str, key: str, first: date, last: date) -> float:
        """Camera-days in a county or plot from one local date to another, both included."""


def fired_on(
    rule: Rule, sighting: Sighting, place: str, facts: Mapping[str, Fact], *, records: int = 1
) -> Fired:
    """The firing of a rule on one sighting."""
    told = dict(facts)
    if sighting.marks:
        told.setdefault("mark", next(mark for mark in OF if mark in sighting.marks))
    if sighting.is_group:  # "Felidae" stays a question, also when a person said no more than that
        told["is_question"] = True
    return Fired(
        rule=rule,
        record_kind=sighting.record_kind,
        record_id=sighting.record_id,
        place=place,
        subject=sighting.subject,
        taxon_id=sighting.taxon_id,
        what="" if sighting.taxon_id else sighting.what,
        county=sighting.county,
        plot_id=sighting.plot_id,
        location_id=sighting.location_id,
        at=sighting.at,
        firm_by="" if sighting.is_group else sighting.confirmed_by,
        is_class_i="I" in sighting.marks and not sighting.is_group,
        facts=told | {"day": sighting.day.isoformat()},
        records=records,
    )
