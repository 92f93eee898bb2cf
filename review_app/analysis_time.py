"""Time along a chart, with the months in which no camera stood at all folded away."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt

from review_app.analysis_look import NAMES_WIDTH, QUIET, Row, data

DAY = timedelta(days=1)
FOLDED = 21  # days without any effort from which on they are folded
FOLD_SHARE = 0.02  # of the chart's width that a fold takes


@dataclass(frozen=True)
class Stretch:
    """Days in a row as they lie on the chart: `ends` is the day after the last."""

    first: date
    ends: date
    at: float

    @property
    def days(self) -> int:
        """How long it is."""
        return (self.ends - self.first).days


@dataclass(frozen=True)
class TimeLine:
    """Positions of days on a chart, in days from its left edge."""

    stretches: tuple[Stretch, ...]
    length: float

    def at(self, day: date) -> float | None:
        """Where a day begins; None on days that are folded away."""
        for one in self.stretches:
            if one.first <= day <= one.ends:
                return one.at + (day - one.first).days
        return None

    def within(self, first: date, ends: date) -> tuple[float, float] | None:
        """Where a period lies, cut to the stretch in which it begins; None when folded away."""
        for one in self.stretches:
            if one.first <= first < one.ends:
                return one.at + (first - one.first).days, one.at + (
                    min(ends, one.ends) - one.first
                ).days
        return None

    def x(self, name: str, *, orient: str = "bottom") -> alt.X:
        """The axis with months named, years where they begin."""
        labels = dict(self._ticks())
        axis = alt.Axis(
            title=None,
            orient=orient,  # type: ignore[arg-type]
            values=list(labels),
            labelExpr=f"({json.dumps({f'{at:g}': told for at, told in labels.items()})})"
            "[format(datum.value, '~g')] || ''",
            labelOverlap=True,
            labelAlign="left",
            labelOffset=0,
            grid=False,
        )
        scale = alt.Scale(domain=[0, self.length], nice=False)
        return alt.X(f"{name}:Q", axis=axis, scale=scale)

    def folds(self) -> Any:
        """Broken lines where months are folded away."""
        places = [one.at - self._fold / 2 for one in self.stretches[1:]]
        rows: list[Row] = [{"at": place} for place in places]
        base = alt.Chart(data(rows)).mark_rule(color=QUIET, strokeDash=[2, 5], strokeWidth=1.5)
        return base.encode(x="at:Q")

    @property
    def is_folded(self) -> bool:
        """Whether anything is left out."""
        return len(self.stretches) > 1

    @property
    def _fold(self) -> float:
        return self.stretches[1].at - self.stretches[0].days if self.is_folded else 0.0

    def _ticks(self) -> Iterable[tuple[float, str]]:
        for one in self.stretches:
            months = [day for day in _days(one) if day.day == 1]
            if not months:
                yield one.at, f"{one.first:%Y-%m-%d}"
            for number, day in enumerate(months):
                is_named = number == 0 or day.month == 1
                place = one.at + (day - one.first).days
                yield place, f"{day:%Y-%m}" if is_named else f"{day:%m}"


def time_line(days: Sequence[date]) -> TimeLine:
    """Lay days that somebody watched, in their order, along a chart.

    >>> may, june = date(2025, 5, 1), date(2026, 6, 1)
    >>> line = time_line([may, may + DAY, june])
    >>> [one.days for one in line.stretches], line.at(june) > line.at(may + DAY)
    ([2, 1], True)
    """
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][1]).days <= FOLDED:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    lengths = [(last - first).days + 1 for first, last in runs]
    fold = max(3.0, round(FOLD_SHARE * sum(lengths)))
    stretches, at = [], 0.0
    for (first, last), length in zip(runs, lengths, strict=True):
        stretches.append(Stretch(first, last + DAY, at))
        at += length + fold
    return TimeLine(tuple(stretches), max(at - fold, 1.0))


def _days(one: Stretch) -> Iterable[date]:
    return (one.first + timedelta(days=n) for n in range(one.days))


LEVEL = alt.Axis(minExtent=NAMES_WIDTH, maxExtent=NAMES_WIDTH, tickCount=3, tickMinStep=1)
"""An axis with figures that stands level with an axis of names."""
