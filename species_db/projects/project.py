"""A project with major works: when it was built, which stations tell of it, and its passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from species_db.analysis.index_change import IndexSettings
from species_db.analysis.passages import Passage
from species_db.language import tr

WINDOW_YEARS = 3
"""A post-assessment every three years in operation, as the prefecture's plan asks (VISION 1)."""
DAY = timedelta(days=1)


class WorksKind(StrEnum):
    """What is built."""

    ROAD = "road"
    RAILWAY = "railway"
    HYDROPOWER = "hydropower"
    POWER_LINE = "power_line"
    MINE = "mine"
    WATER = "water"
    TOURISM = "tourism"
    SETTLEMENT = "settlement"
    OTHER = "other"

    @property
    def words(self) -> str:
        """The kind in the reader's language."""
        return tr(*WORKS_WORDS[self])


WORKS_WORDS = {
    WorksKind.ROAD: ("road", "公路"),
    WorksKind.RAILWAY: ("railway", "铁路"),
    WorksKind.HYDROPOWER: ("hydropower", "水电"),
    WorksKind.POWER_LINE: ("power line", "输电线路"),
    WorksKind.MINE: ("mine", "矿山"),
    WorksKind.WATER: ("water works", "水利"),
    WorksKind.TOURISM: ("tourism", "旅游设施"),
    WorksKind.SETTLEMENT: ("settlement", "居民点"),
    WorksKind.OTHER: ("other", "其他"),
}


class Phase(StrEnum):
    """Where in the life of a project a period lies."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"  # all of operation
    WINDOW = "window"  # of operation, from one post-assessment to the next

    @property
    def words(self) -> str:
        """The phase in the reader's language."""
        return {
            Phase.BEFORE: tr("before construction", "施工前"),
            Phase.DURING: tr("during construction", "施工期"),
            Phase.AFTER: tr("in operation", "运营期"),
            Phase.WINDOW: tr("window of operation", "运营评估期"),
        }[self]


@dataclass(frozen=True)
class Period:
    """A span of whole local days, both included; None: from the first record, or to the last.

    `number` counts the windows of operation from 1; other phases have 0.
    """

    phase: Phase
    first: date | None
    last: date | None
    number: int = 0

    @property
    def name(self) -> str:
        """What tables call it: before, during, after, operation-1, operation-2."""
        return f"operation-{self.number}" if self.number else self.phase.value

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class ProjectFile:
    """What the file of a project says, with names resolved against the survey.

    `taxa` are the taxa of interest with all below each; none given, every taxon that is seen
    counts. Stations on named plots are among the stations. `minimum_camera_days` is the effort
    that a station needs in each of two periods to be compared.
    """

    title_zh: str
    title_en: str
    county: str  # division code, see species_db/places.py
    kind: WorksKind
    construction_start: date
    construction_end: date | None
    impact: frozenset[str]
    control: frozenset[str]
    passages: tuple[Passage, ...] = ()
    taxa: Mapping[str, frozenset[str]] = field(default_factory=dict)
    baseline_start: date | None = None
    windows: tuple[tuple[date, date], ...] = ()
    window_years: int = WINDOW_YEARS
    minimum_camera_days: float = IndexSettings.minimum_days
    why_no_control: str = ""
    notes: str = ""

    @property
    def title(self) -> str:
        """Its name in the reader's language, or in the one that was given."""
        return tr(self.title_en or self.title_zh, self.title_zh or self.title_en)

    @property
    def operation_start(self) -> date | None:
        """The day after construction; None while it goes on."""
        return self.construction_end + DAY if self.construction_end else None

    @property
    def before(self) -> Period:
        """The time before construction, against which every other period stands."""
        return Period(Phase.BEFORE, self.baseline_start, self.construction_start - DAY)

    def periods(self, until: date) -> tuple[Period, ...]:
        """The periods that have begun by a day, each from its first day to its last or beyond.

        Windows of operation are as the file names them, else of three years each from the day after
        construction; the last one may reach beyond `until`, and is then not over.
        """
        told = [
            self.before,
            Period(Phase.DURING, self.construction_start, self.construction_end),
        ]
        if self.operation_start:
            told.append(Period(Phase.AFTER, self.operation_start, None))
        told += [
            Period(Phase.WINDOW, first, last, number)
            for number, (first, last) in enumerate(self._windows(until), start=1)
        ]
        return tuple(one for one in told if one.first is None or one.first <= until)

    def _windows(self, until: date) -> tuple[tuple[date, date], ...]:
        if self.windows or self.operation_start is None:
            return self.windows
        made, first = [], self.operation_start
        while first <= until:
            following = years_after(first, self.window_years)
            made.append((first, following - DAY))
            first = following
        return tuple(made)


def years_after(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes 1 March.

    >>> years_after(date(2024, 2, 29), 3).isoformat(), years_after(date(2026, 11, 1), 3).isoformat()
    ('2027-03-01', '2029-11-01')
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
