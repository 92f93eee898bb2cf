"""The page of a taxon as values: what the API gives, what the app draws, what a file holds.

No count stands without its effort: None means not known, never zero. Places are names of counties
and plots; coordinates stay in the tables. `as_plain` makes a page into JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from species_db.wildlife.distribution import Distribution


@dataclass(frozen=True)
class Names:
    """What a taxon is called; `others` are further names and synonyms by language."""

    zh: str
    en: str
    la: str
    others: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Member:
    """A taxon that a page speaks of: the taxon itself, or one below it."""

    taxon_id: str
    scientific_name: str
    zh: str
    rank: str
    level: str  # national protection on the day of the page: I, II, none, not known
    records: int  # confirmed: events as reviewed, and field records


@dataclass(frozen=True)
class StatusLine:
    """One list version's word, with its days, its source and its doubt."""

    taxon_id: str
    kind: str
    category: str
    listed_as: str
    basis: str
    population: str
    remarks: str
    doubt: str
    source: str
    authority: str
    list_version_id: str
    effective_from: date
    effective_to: date | None
    is_undecided: bool  # the entry may cover the taxon, which its name alone cannot tell
    is_in_force: bool  # on the day of the page


@dataclass(frozen=True)
class LevelCount:
    """Confirmed records by the national protection that held on the day of each record."""

    level: str  # I, II, none, or not known: no list held, or only part of one is here
    records: int
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True)
class CameraCount:
    """Confirmed camera records beside the days that cameras worked; the index is per 100 days.

    Interval: 95 %, bootstrap over stations; none when there was no event or too few stations.
    """

    events: int  # independent
    stations: int  # with effort
    stations_with: int  # with a record
    camera_days: float | None
    index: float | None
    low: float | None
    high: float | None
    median: float | None = None  # of the stations' own indices
    events_without_effort: int = 0  # at stations without a day known to have worked: not in index
    machine_events: int = 0  # a machine's word alone, not in the index


@dataclass(frozen=True)
class Effort:
    """Effort of visits in one unit, as the sheets give it."""

    value: float
    unit: str


@dataclass(frozen=True)
class FieldCount:
    """Records of one field protocol beside its visits; protocols are never summed."""

    protocol: str
    records: int
    absences: int  # looked for and not found, as the sheet says
    visits: int  # all visits of the protocol there, whatever they found
    efforts: tuple[Effort, ...]
    visits_without_effort: int


@dataclass(frozen=True)
class Slice:
    """One county, plot, band, year, month or habitat."""

    key: str
    camera: CameraCount
    field: tuple[FieldCount, ...]


@dataclass(frozen=True)
class Evidence:
    """One record that a statement rests on."""

    record_kind: str
    record_id: str
    on: date | None
    county: str
    plot_id: str
    protocol: str
    identified_by: str


@dataclass(frozen=True)
class Threat:
    """Something that harms or disturbs, met where the taxon is.

    Of cameras: independent events at stations with the taxon, and those within so many days of
    one of its records. Of field records: those of the taxon itself, and others in its plots.
    Effort is that of all places of the taxon: camera-days of its stations, or visits to its plots.
    """

    what: str  # people, dog, livestock, vehicle, cat, snare, ...
    source: str  # camera or field record
    near: int
    at_its_places: int
    places: int
    of_places: int
    machine_only: int
    last_on: date | None
    camera_days: float | None = None
    visits: int | None = None


@dataclass(frozen=True)
class Height:
    """One end of the elevation range, with where the figure comes from."""

    metres: float
    source: str  # station, gps, plot, ... or not stated
    horizontal_uncertainty_m: float | None
    vertical_uncertainty_m: float | None
    datum: str  # sea level, ellipsoid, or not known: here they lie some 35 m apart
    evidence: Evidence


@dataclass(frozen=True)
class ElevationRange:
    """Lowest and highest confirmed record against what the checklist has."""

    lowest: Height | None
    highest: Height | None
    known_low_m: float | None
    known_high_m: float | None
    known_source: str
    below: tuple[Evidence, ...]
    above: tuple[Evidence, ...]
    without_elevation: int


@dataclass(frozen=True)
class NewCounty:
    """A county with confirmed records that the checklist's sources do not name."""

    county: str
    first: Evidence
    records: int


@dataclass(frozen=True)
class Review:
    """Who confirmed, and what waits for a person."""

    confirmed: int
    by_person: Mapping[str, int]
    awaiting: int
    oldest_awaiting_on: date | None


@dataclass(frozen=True)
class Photo:
    """A confirmed photo; `media_id` names it for the picture route."""

    media_id: str
    event_id: str
    taken_on: date | None
    county: str
    box_share: float | None  # of the frame, of the biggest animal box
    sharpness: float | None


@dataclass(frozen=True)
class Period:
    """A distribution of one year beside that year's effort."""

    key: str
    distribution: Distribution
    camera_days: float | None
    field_visits: int


@dataclass(frozen=True)
class Identity:
    """Which taxon a page is of."""

    taxon_id: str
    rank: str
    kingdom: str
    class_name: str
    order_name: str
    family: str
    names: Names


@dataclass(frozen=True)
class Legal:
    """Status on the day of the page, its history, and the level of each record's own day."""

    level: str  # of the taxon itself: I, II, none, not known
    strictest_member: str  # the strictest level of a known member; empty for none
    lines: tuple[StatusLine, ...]
    kinds_not_known: tuple[str, ...]  # no whole list of the kind held on the day
    records_by_level: tuple[LevelCount, ...]


@dataclass(frozen=True)
class Counts:
    """Records beside effort, all of them and parted; camera slices and field slices share keys."""

    total: Slice
    by_county: tuple[Slice, ...]
    by_plot: tuple[Slice, ...]
    by_band: tuple[Slice, ...]  # key: foot of the band in metres
    by_year: tuple[Slice, ...]
    by_month: tuple[Slice, ...]  # key: 01 to 12, over all years
    by_ecosystem: tuple[Slice, ...]  # of the plot
    by_habitat: tuple[Slice, ...]  # as the field sheet has it of the deployment, or the record


@dataclass(frozen=True)
class Reach:
    """How far the taxon has been found, in space and height, against what is known."""

    distribution: Distribution
    by_year: tuple[Period, ...]
    elevation: ElevationRange
    known_counties: tuple[str, ...]  # division codes that the checklist's sources name
    new_counties: tuple[NewCounty, ...]


@dataclass(frozen=True)
class Method:
    """How the page counted, to be printed with its numbers."""

    interval_minutes: int
    independence_rule: str
    band_m: int
    threat_days: int
    effort_method: str


@dataclass(frozen=True)
class TaxonPage:
    """Everything the survey knows of a taxon and those below it, as of a day."""

    identity: Identity
    on: date
    members: tuple[Member, ...]
    legal: Legal
    counts: Counts
    threats: tuple[Threat, ...]
    first: Evidence | None
    last: Evidence | None
    undated: int
    review: Review
    photos: tuple[Photo, ...]
    reach: Reach
    method: Method

    @property
    def has_records(self) -> bool:
        """Whether anything, be it a machine's word, was seen."""
        return bool(self.review.confirmed or self.review.awaiting)


def as_plain(value: Any) -> Any:
    """A page, or a part of it, as what JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: as_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return round(value, 4)
    return value
