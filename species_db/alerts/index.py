"""An index outside its own interval: more or fewer events than earlier periods lead to expect.

The index is independent events per 100 camera-days (DOMAIN.md 3). Earlier periods give its rate
with an interval: bootstrap over stations, or exact Poisson (Garwood 1936) when there is one
station. The last period's count is then held against what chance makes of both ends of it, so that
a small season alone is no alarm. No alert without effort, nor before the period is reviewed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from species_db.alerts.facts import ANIMAL, BY_TIME, INDEX, Fact, Fired, Sighting
from species_db.alerts.rules import Rule
from species_db.alerts.thresholds import WHOLE_YEAR, IndexOutside

ONE_DAY = timedelta(days=1)
PER_DAYS = 100
RATE_LEVEL = 0.95


class Effort(Protocol):
    """What the index asks of the survey's effort and reviews."""

    def stations(self, place: str, key: str) -> list[str]:
        """The stations of a county or plot."""

    def effort_of(self, station: str, first: date, last: date) -> float:
        """Camera-days of a station between two local dates, both included."""

    def reviewed_share(self, place: str, key: str, first: date, last: date) -> float:
        """The share of a place's events that people have reviewed, blanks left out."""


@dataclass(frozen=True)
class Period:
    """One period at one place: effort by station, and one taxon's events by station."""

    number: int
    effort: Mapping[str, float]
    events: Mapping[str, int]

    @property
    def camera_days(self) -> float:
        """All effort."""
        return sum(self.effort.values())

    @property
    def count(self) -> int:
        """All events."""
        return sum(self.events.values())


@dataclass(frozen=True)
class Expected:
    """How many events the last period should have; outside is what lies beyond either end."""

    low: float
    high: float
    index: float  # of the earlier periods, pooled

    def holds(self, count: int) -> bool:
        """Whether a count lies inside; both ends belong to it."""
        return self.low <= count <= self.high


def fire_index(
    rule: Rule, sightings: Sequence[Sighting], effort: Effort, today: date
) -> Iterator[Fired]:
    """Compare each listed taxon's last whole period with earlier ones, at each place."""
    told = rule.thresholds
    if not isinstance(told, IndexOutside):
        return
    seen: dict[tuple[str, str], list[Sighting]] = defaultdict(list)
    for one in sightings:
        place = one.county if told.place == "county" else one.plot_id
        is_camera = one.record_kind == "event" and one.what == ANIMAL
        if is_camera and one.is_confirmed and place and one.taxon_id and not one.is_group:
            seen[place, one.taxon_id].append(one)
    for (key, taxon_id), group in sorted(seen.items()):
        newest = max(group, key=BY_TIME)
        if newest.marks & set(told.of):
            yield from _compared(rule, told, key, taxon_id, group, effort, today)


def expected_events(earlier: Sequence[Period], last: Period, *, level: float) -> Expected | None:
    """What earlier periods lead to expect in the last; None when its count is well inside.

    The quick look is at chance alone around the pooled rate, which the full interval contains.
    """
    from scipy.stats import poisson

    events, effort = Counter[str](), Counter[str]()
    for period in earlier:
        events.update(period.events)
        effort.update(period.effort)
    days, tail = last.camera_days, (1 - level) / 2
    pooled = PER_DAYS * events.total() / effort.total()
    mean = pooled * days / PER_DAYS
    if poisson.ppf(tail, mean) <= last.count <= poisson.ppf(1 - tail, mean):
        return None
    low, high = _rate_interval(events, effort)
    return Expected(
        float(poisson.ppf(tail, low * days / PER_DAYS)) if low > 0 else 0.0,
        float(poisson.ppf(1 - tail, high * days / PER_DAYS)),
        pooled,
    )


def _rate_interval(events: Mapping[str, int], effort: Mapping[str, float]) -> tuple[float, float]:
    """The 95 % interval of the pooled index, in events per 100 camera-days."""
    from scipy.stats import chi2

    from species_db.analysis.rai import abundance_index

    index = abundance_index(events, effort)
    if index.low is not None and index.high is not None:
        return index.low, index.high
    count, tail = index.events, (1 - RATE_LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return PER_DAYS * low / index.effort, PER_DAYS * high / index.effort


def _compared(
    rule: Rule,
    told: IndexOutside,
    key: str,
    taxon_id: str,
    group: Sequence[Sighting],
    effort: Effort,
    today: date,
) -> Iterator[Fired]:
    periods = _periods(told, key, group, effort, today)
    if not periods:
        return
    *before, last = periods
    cycle = WHOLE_YEAR // told.period_months if told.same_season else 1
    earlier = [one for one in before if (last.number - one.number) % cycle == 0]
    if len(earlier) < told.min_earlier_periods:
        return
    if sum(one.count for one in earlier) < told.min_earlier_events:
        return
    expected = expected_events(earlier, last, level=told.level)
    if expected is None or expected.holds(last.count):
        return
    first, end = span_of(last.number, told.period_months)
    share = effort.reviewed_share(told.place, key, first, end)
    if share < told.min_reviewed_share:
        return
    facts = _facts(told, earlier, last, expected) | {"reviewed_share": round(share, 3)}
    newest = max(group, key=BY_TIME)
    facts["mark"] = next(mark for mark in told.of if mark in newest.marks)
    yield Fired(
        rule=rule,
        record_kind=INDEX,
        record_id=f"{first} {end}",
        place=key,
        subject=taxon_id,
        taxon_id=taxon_id,
        what="",
        county=key if told.place == "county" else group[0].county,
        plot_id=key if told.place == "plot" else None,
        location_id=None,
        at=datetime.combine(end, time(23, 59), tzinfo=UTC),
        firm_by="",
        is_class_i="I" in newest.marks,
        facts=facts,
    )


def _periods(
    told: IndexOutside, key: str, group: Sequence[Sighting], effort: Effort, today: date
) -> list[Period]:
    """Whole periods with enough effort, in order; the last one is the one that is asked about."""
    stations = effort.stations(told.place, key)
    events: dict[int, Counter[str]] = defaultdict(Counter)
    for one in _independent(group):
        events[_number(one.day, told.period_months)][one.location_id or ""] += 1
    first = min(events)
    found = []
    for number in range(first, _number(today, told.period_months)):
        begin, end = span_of(number, told.period_months)
        days = {name: effort.effort_of(name, begin, end) for name in stations}
        period = Period(number, {name: d for name, d in days.items() if d > 0}, events[number])
        if period.camera_days >= told.min_camera_days:
            found.append(period)
    return found


def _independent(group: Sequence[Sighting]) -> list[Sighting]:
    """One sighting for each independent event at a station: 30 minutes after the last record."""
    import numpy as np

    from species_db.analysis.independence import MINUTES, IndependenceRule, mark_independent

    numbers = {name: at for at, name in enumerate(sorted({one.location_id or "" for one in group}))}
    opens = mark_independent(
        np.array([numbers[one.location_id or ""] for one in group], dtype=np.int64),
        np.array([int(one.at.timestamp()) for one in group], dtype=np.int64),
        interval_seconds=MINUTES * 60,
        rule=IndependenceRule.LAST_RECORD,
    )
    return [one for one, is_open in zip(group, opens, strict=True) if is_open]


def span_of(number: int, months: int) -> tuple[date, date]:
    """First and last day of a period, counted from the year 0 in steps of months.

    >>> span_of(2026 * 2, 6)
    (datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))
    """
    begin, end = number * months, (number + 1) * months
    last = date(end // WHOLE_YEAR, end % WHOLE_YEAR + 1, 1) - ONE_DAY
    return date(begin // WHOLE_YEAR, begin % WHOLE_YEAR + 1, 1), last


def _number(day: date, months: int) -> int:
    return (day.year * WHOLE_YEAR + day.month - 1) // months


def _facts(
    told: IndexOutside, earlier: Sequence[Period], last: Period, expected: Expected
) -> dict[str, Fact]:
    first, end = span_of(last.number, told.period_months)
    days = last.camera_days
    return {
        "place": told.place,
        "first_day": first.isoformat(),
        "day": end.isoformat(),
        "index": round(PER_DAYS * last.count / days, 2),
        "events": last.count,
        "camera_days": round(days, 1),
        "index_before": round(expected.index, 2),
        "low": round(PER_DAYS * expected.low / days, 2),
        "high": round(PER_DAYS * expected.high / days, 2),
        "events_before": sum(one.count for one in earlier),
        "camera_days_before": round(sum(one.camera_days for one in earlier), 1),
        "periods_before": len(earlier),
        "is_lower": last.count < expected.low,
        "level": told.level,
    }
