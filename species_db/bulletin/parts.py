"""The bulletin as values: what the page prints and what `--json` gives.

No count stands without its effort: None means not known, never zero. Names of counties, taxa and
rules alone; no plot, station, deployment, person or coordinate is in it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from species_db.bulletin.month import Month
from species_db.bulletin.settings import BulletinSettings
from species_db.places import County
from species_db.vocabulary import Secrecy, Severity


@dataclass(frozen=True)
class Named:
    """What something is called in both languages; `la` is empty for what is no taxon."""

    zh: str
    en: str
    la: str = ""


@dataclass(frozen=True)
class EffortMonth:
    """One month's cameras: camera-days to the nearest step, and stations that had any."""

    month: Month
    camera_days: int | None
    stations: int


@dataclass(frozen=True)
class EffortPart:
    """How much was looked: by cameras, by people on foot, and at the desk.

    `months` ends with the bulletin's own. Events are those of this month: `reviewed` by people,
    `waiting` for them; only the first can be in any count of species.
    """

    months: tuple[EffortMonth, ...]
    visits: int
    plots_visited: int
    plots: int
    visits_before: int  # in the same month of the year before
    reviewed: int
    waiting: int

    @property
    def now(self) -> EffortMonth:
        """The bulletin's own month."""
        return self.months[-1]

    @property
    def before(self) -> EffortMonth:
        """The same month of the year before."""
        wanted = self.now.month.year_before
        return next(one for one in self.months if one.month == wanted)


@dataclass(frozen=True)
class Seen:
    """Confirmed records of one taxon in one month, cameras' and people's apart."""

    events: int  # independent, of cameras
    stations: int
    records: int  # of people in the field
    places: int

    @property
    def is_any(self) -> bool:
        """Whether anything may be told."""
        return bool(self.events or self.records)


@dataclass(frozen=True)
class ProtectedRow:
    """A protected taxon that may be told, by the level of its records' own days.

    `is_first` and `is_first_of_year` are of the county, among the records that may be told.
    """

    taxon_id: str
    name: Named
    level: str  # I or II
    level_today: str  # I, II, none, not known
    doubt: str
    now: Seen
    before: Seen
    is_first: bool
    is_first_of_year: bool


@dataclass(frozen=True)
class ProtectedPart:
    """Protected taxa of this month, and of the same month of the year before.

    `lists_missing` names the kinds of national lists of which none held on `level_on`.
    """

    rows: tuple[ProtectedRow, ...]
    level_on: date
    lists_missing: tuple[str, ...]

    @property
    def now(self) -> tuple[ProtectedRow, ...]:
        """Those of this month."""
        return tuple(row for row in self.rows if row.now.is_any)


@dataclass(frozen=True)
class FrontRow:
    """An invader with something new this month, or with something to do.

    `visits` searched for it this month, whatever they found; `camera_days` are those of cameras
    when they look for its class. `area_m2` adds up what was measured last at each of `areas`
    places, up to the end of the month; None was never measured.
    """

    taxon_id: str
    name: Named
    lists: tuple[tuple[str, str], ...]  # kind and category
    records: int
    places: int
    new_places: int
    new_plots: int
    visits: int
    camera_days: int | None
    area_m2: float | None
    areas: int
    actions: int  # begun or under way this month
    due: int  # actions that nobody went back to


@dataclass(frozen=True)
class FrontPart:
    """Where invaders moved this month; without a visit that searched, silence tells nothing."""

    visits: int  # of the month, by methods that search
    rows: tuple[FrontRow, ...]
    quiet: int  # invaders told of the county before, without anything this month
    new_places: int  # each place once, however many invaders are new there
    due: int

    @property
    def actions(self) -> int:
        """Control actions of this month."""
        return sum(row.actions for row in self.rows)


@dataclass(frozen=True)
class WarningRow:
    """The open alerts of one rule; `days_overdue` is of the one that waits longest."""

    rule_id: str
    title: Named
    severity: Severity
    open: int
    overdue: int
    days_overdue: int
    about: tuple[Named, ...]


@dataclass(frozen=True)
class WarningPart:
    """Open warnings as they stand on the day of the bulletin, overdue ones first."""

    rows: tuple[WarningRow, ...]

    @property
    def open(self) -> int:
        """How many are open."""
        return sum(row.open for row in self.rows)

    @property
    def overdue(self) -> int:
        """How many of them are past their deadline."""
        return sum(row.overdue for row in self.rows)


@dataclass(frozen=True)
class CameraPart:
    """Cameras that stood in the county this month, and cards that are not in yet.

    A camera counts under every state that it had on any day of the month.
    """

    in_field: int
    working: int
    dead: int
    blocked: int
    full_card: int
    moved: int
    day_only: int
    unknown: int  # no day of the month is known
    to_service: int  # still out, and stopped on the last day that is known of the month
    cards_waiting: int  # fetched by the day of the bulletin, and no card was imported
    imports_unfinished: int


@dataclass(frozen=True)
class PressureRow:
    """People, dogs, livestock or vehicles before cameras; the index is per 100 camera-days.

    None: not known, for want of camera-days this month (or, `before`, a year ago).
    """

    what: str
    name: Named
    events: int
    stations: int
    machine_events: int  # a machine's word alone, not in the index
    index: float | None
    index_before: float | None


@dataclass(frozen=True)
class NotedRow:
    """A threat that people noted on foot this month, in so many of their records."""

    what: str
    name: Named
    records: int


@dataclass(frozen=True)
class PressurePart:
    """What disturbed this month."""

    rows: tuple[PressureRow, ...]
    noted: tuple[NotedRow, ...]
    poaching: int  # records that note snares, guns or poison


class AdviceRule(StrEnum):
    """What a month's facts ask for; in this order, the most urgent first."""

    OVERDUE = "overdue"  # warnings past their deadline
    POACHING = "poaching"  # snares, guns or poison noted on foot
    NEW_FRONT = "new_front"  # invaders at places where they were not before
    FOLLOW_UP = "follow_up"  # control actions that nobody went back to
    SERVICE = "service"  # cameras that are out and do not work
    CARDS = "cards"  # fetched, and not imported
    REVIEW = "review"  # events of this month that nobody has looked at
    NO_EFFORT = "no_effort"  # no camera is known to have worked
    ROUTINE = "routine"  # none of these holds


@dataclass(frozen=True)
class Advice:
    """One thing to do, by which rule, and how many of it."""

    rule: AdviceRule
    count: int


@dataclass(frozen=True)
class Square:
    """One square of 0.1 degrees of the little map, by its middle, as the gate releases places."""

    latitude: float
    longitude: float
    has_cameras: bool
    has_invaders: bool
    is_new: bool  # invaders were found there this month for the first time


@dataclass(frozen=True)
class Source:
    """From which survey, for whom, and how counted; printed below everything."""

    survey: str
    ask: str
    secrecy: Secrecy
    generalizations: str
    withheld: str
    settings: BulletinSettings


@dataclass(frozen=True)
class Bulletin:
    """All that a county is told of one month."""

    county: County
    month: Month
    made_on: date
    until: date  # the last day that is told: of the month, or the day it was made
    effort: EffortPart
    protected: ProtectedPart
    fronts: FrontPart
    warnings: WarningPart
    cameras: CameraPart
    pressure: PressurePart
    advice: tuple[Advice, ...]
    squares: tuple[Square, ...]
    source: Source

    @property
    def is_whole(self) -> bool:
        """Whether the month was over when it was made."""
        return self.until == self.month.last
