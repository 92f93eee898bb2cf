"""One result from the numbers of both periods, by the kind of the indicator."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from species_db.analysis.rai import abundance_index
from species_db.analysis.shares import (
    ShareChange,
    compare_day_shares,
    compare_shares,
    score_interval,
)
from species_db.analysis.trends import Comparison, compare_periods
from species_db.analysis.trends import Period as Counted
from species_db.analysis.verdicts import NoInterval, Verdict
from species_db.evaluation.basis import Basis, Side
from species_db.evaluation.caveats import Caveat, in_order
from species_db.evaluation.periods import Period
from species_db.evaluation.results import Measured, Result

PER_CENT = 100
YEAR_DAYS = 365.25
Events = tuple[Mapping[str, int], Mapping[str, int]]  # of both periods, by station


@dataclass(frozen=True)
class Numbers:
    """One period's counted or added-up number beside its effort: camera-days, and visits."""

    value: float | None
    effort: float | None
    cases: int | None = None
    stations: int | None = None
    visits: int | None = None
    counted_to: date | None = None

    @property
    def measured(self) -> Measured:
        """The same as a pack tells it."""
        return Measured(
            self.value,
            self.effort or None,
            self.cases,
            self.stations,
            visits=self.visits,
            counted_to=self.counted_to,
        )

    @property
    def if_looked(self) -> Measured:
        """The same where somebody looked; elsewhere nothing is known."""
        looked = bool(self.effort or self.visits)
        told = self.measured
        return told if looked else replace(told, value=None, cases=None)


def rate(
    basis: Basis,
    indicator_id: str,
    area: str,
    events: Events,
    *,
    until: date | None = None,
    caveats: Collection[Caveat] = (),
) -> Result:
    """Compare events per 100 camera-days, each station against itself where that can be."""
    sides = (basis.before, basis.after)
    days = [basis.inside(area, side.days(until)) for side in sides]
    counts = [basis.inside(area, found) for found in events]
    inside = [
        {unit: int(n) for unit, n in of.items() if unit in watched}
        for of, watched in zip(counts, days, strict=True)
    ]
    told = compare_periods(
        *(
            Counted(name, _year(side.period), found, watched)
            for name, side, found, watched in zip(("1", "2"), sides, inside, days, strict=True)
        )
    )
    measured = [
        _rate(side, found, watched, until)
        for side, found, watched in zip(sides, inside, days, strict=True)
    ]
    more = {*caveats, Caveat.NO_COUNT_OF_ANIMALS}
    if told.comparison is Comparison.ALL_STATIONS and told.low is not None:
        more.add(Caveat.UNMATCHED)
    if told.reason is NoInterval.FEW_STATIONS:
        more.add(Caveat.FEW_STATIONS)
    if any(sum(of.values()) > sum(kept.values()) for of, kept in zip(counts, inside, strict=True)):
        more.add(Caveat.WITHOUT_EFFORT)
    if any(one.counted_to for one in measured):
        more.add(Caveat.DELAYED)
    return Result(
        indicator_id=indicator_id,
        area=area,
        before=measured[0],
        after=measured[1],
        change=told.ratio,
        low=told.low,
        high=told.high,
        verdict=told.verdict,
        reason=told.reason.value if told.reason else "",
        caveats=in_order(more | _seasons(basis)),
    )


def share(
    basis: Basis,
    indicator_id: str,
    area: str,
    before: tuple[int, int],
    after: tuple[int, int],
    *,
    until: date | None = None,
    caveats: Collection[Caveat] = (),
) -> Result:
    """Compare shares of cases, each given as hits and cases, in per cent."""
    told = compare_shares(before, after)
    ends = [basis.before.period, basis.after.period]
    sides = [
        _share(*pair, counted_to=_cut(period, until))
        for pair, period in zip((before, after), ends, strict=True)
    ]
    more = set(caveats)
    if any(one.counted_to for one in sides):
        more.add(Caveat.DELAYED)
    return _of_shares(indicator_id, area, sides[0], sides[1], told, more)


def day_share(
    basis: Basis,
    indicator_id: str,
    area: str,
    before: Mapping[str, tuple[float, float]],
    after: Mapping[str, tuple[float, float]],
) -> Result:
    """Compare shares of days over stations, in per cent."""
    told = compare_day_shares(before, after)
    sides = [
        Measured(
            _times(value, PER_CENT),
            sum(whole for _, whole in of.values()) or None,
            stations=len(of),
        )
        for value, of in ((told.before, before), (told.after, after))
    ]
    return _of_shares(indicator_id, area, sides[0], sides[1], told, set(_seasons(basis)))


def area(
    indicator_id: str,
    where: str,
    before: Mapping[object, float],
    after: Mapping[object, float],
    *,
    caveats: Collection[Caveat] = (),
) -> Result:
    """Compare measured areas over the places that were measured in both periods."""
    names = {place: f"{number}" for number, place in enumerate(sorted({*before, *after}, key=str))}
    counted = [
        Counted(
            name,
            float(name),
            {names[place]: round(m2) for place, m2 in of.items()},
            dict.fromkeys((names[place] for place in of), 1.0),
        )
        for name, of in (("1", before), ("2", after))
    ]
    told = compare_periods(*counted)
    is_same = told.comparison is Comparison.SAME_STATIONS
    sides = [Numbers(sum(of.values()), len(of), len(of)).if_looked for of in (before, after)]
    known = is_same and told.low is not None
    return Result(
        indicator_id=indicator_id,
        area=where,
        before=sides[0],
        after=sides[1],
        change=told.ratio if is_same else None,
        low=told.low if known else None,
        high=told.high if known else None,
        verdict=told.verdict if known else Verdict.TOO_FEW,
        reason="" if known else (told.reason or NoInterval.FEW_STATIONS).value,
        caveats=in_order(set(caveats)),
    )


def census(
    indicator_id: str,
    where: str,
    before: Numbers,
    after: Numbers,
    *,
    caveats: Collection[Caveat] = (),
) -> Result:
    """Compare what was counted completely: the difference is exact and has no interval."""
    first, second = before.measured, after.measured
    change = _difference(first.value, second.value)
    verdict = Verdict.TOO_FEW
    if change is not None:
        verdict = _by_sign(change)
    return Result(indicator_id, where, first, second, change, None, None, verdict,
                  caveats=in_order(set(caveats)))  # fmt: skip


def count(
    indicator_id: str,
    where: str,
    before: Numbers,
    after: Numbers,
    *,
    caveats: Collection[Caveat] = (),
) -> Result:
    """Set side by side what samples found; no verdict, since it grows with effort."""
    first, second = before.if_looked, after.if_looked
    more = {*caveats, Caveat.FOLLOWS_EFFORT}
    if first.counted_to or second.counted_to:
        more.add(Caveat.DELAYED)
    change = _difference(first.value, second.value)
    return Result(indicator_id, where, first, second, change, None, None, Verdict.TOO_FEW,
                  reason=Caveat.FOLLOWS_EFFORT.value, caveats=in_order(more))  # fmt: skip


def _rate(
    side: Side, found: Mapping[str, int], watched: Mapping[str, float], until: date | None
) -> Measured:
    told = abundance_index(found, watched)
    return Measured(
        value=told.pooled,
        effort=told.effort or None,
        cases=told.events if told.stations else None,
        stations=told.stations,
        low=told.low,
        high=told.high,
        counted_to=_cut(side.period, until),
    )


def _share(hits: int, cases: int, *, counted_to: date | None) -> Measured:
    interval = score_interval(hits, cases)
    low, high = interval or (None, None)
    return Measured(
        value=PER_CENT * hits / cases if cases else None,
        effort=cases or None,
        cases=hits if cases else None,
        stations=cases,
        low=_times(low, PER_CENT),
        high=_times(high, PER_CENT),
        counted_to=counted_to,
    )


def _of_shares(
    indicator_id: str,
    where: str,
    before: Measured,
    after: Measured,
    told: ShareChange,
    caveats: set[Caveat],
) -> Result:
    if told.reason is NoInterval.FEW_STATIONS:
        caveats = caveats | {Caveat.FEW_STATIONS}
    return Result(
        indicator_id=indicator_id,
        area=where,
        before=before,
        after=after,
        change=_times(told.difference, PER_CENT),
        low=_times(told.low, PER_CENT),
        high=_times(told.high, PER_CENT),
        verdict=told.verdict,
        reason=told.reason.value if told.reason else "",
        caveats=in_order(caveats),
    )


def _seasons(basis: Basis) -> set[Caveat]:
    return {Caveat.SEASONS_DIFFER} if basis.seasons_differ else set()


def _cut(period: Period, until: date | None) -> date | None:
    """The last day that is told, where that is before the period's own end."""
    return until if until is not None and until < period.last_day else None


def _year(period: Period) -> float:
    middle = period.first_day.toordinal() + period.days / 2
    return middle / YEAR_DAYS


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _by_sign(change: float) -> Verdict:
    if change == 0:
        return Verdict.NO_CLEAR_CHANGE
    return Verdict.UP if change > 0 else Verdict.DOWN


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
