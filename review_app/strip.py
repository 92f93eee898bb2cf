"""A camera's days as a strip: runs of days with a colour, a pattern and a letter each."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from species_db.camera_days import DayView
from species_db.vocabulary import DayState

Words = Mapping[str, str]
LEAST_SHARE = 0.018  # of the strip: a narrower run has no room for its letter

MANY_DAYS = 500  # months would have no room for their names


@dataclass(frozen=True)
class Run:
    """Days in a row with the same state, cause and author."""

    days: tuple[DayView, ...]

    @property
    def first(self) -> DayView:
        """The run's first day."""
        return self.days[0]

    @property
    def state(self) -> DayState:
        """How the camera was."""
        return self.first.state

    @property
    def span(self) -> tuple[date, date]:
        """The run's first and last local date."""
        return self.days[0].day, self.days[-1].day

    @property
    def evidence(self) -> str | None:
        """The media that shows the run best, when any does."""
        return next((day.evidence_media_id for day in self.days if day.evidence_media_id), None)


def runs_of(strip: Sequence[DayView]) -> list[Run]:
    """Group a strip's days into runs."""
    grouped = groupby(strip, key=lambda day: (day.state, day.stored_cause, day.who))
    return [Run(tuple(days)) for _, days in grouped]


def shown_runs(strip: Sequence[DayView]) -> list[Run]:
    """Group a strip's days by what is drawn: state and author."""
    return [Run(tuple(d)) for _, d in groupby(strip, key=lambda d: (d.state, bool(d.who)))]


def strip_html(strip: Sequence[DayView], words: Words, *, is_tall: bool = False) -> str:
    """Draw a strip; each run says its dates and state when the mouse rests on it."""
    cells = []
    for run in shown_runs(strip):
        first, last = run.span
        told = words["stretch"].format(
            first=first, last=last, state=words[run.state.value], days=len(run.days)
        )
        letter = words[f"letter_{run.state.value}"] if _has_room(run, strip) else ""
        mark = "✎" if run.first.is_human and _has_room(run, strip) else ""
        cells.append(
            f"<span class='run {run.state.value}' style='flex:{len(run.days)} 1 0' "
            f"title='{html.escape(told, quote=True)}'>{letter}{mark}</span>"
        )
    tall = " tall" if is_tall else ""
    return f"<div class='strip{tall}'>{''.join(cells)}</div>"


def ticks_html(strip: Sequence[DayView]) -> str:
    """The months below a strip, years alone when it is long."""
    if len(strip) > MANY_DAYS:
        years = [(y, len(list(d))) for y, d in groupby(strip, key=lambda day: day.day.year)]
        told = "".join(f"<span style='flex:{count} 1 0'>{year}</span>" for year, count in years)
        return f"<div class='ticks'>{told}</div>"
    cells: list[str] = []
    months = groupby(strip, key=lambda day: (day.day.year, day.day.month))
    cells = []
    for (year, month), days in months:
        count = len(list(days))
        told = f"{year}-{month:02d}" if month == 1 or not cells else f"{month:02d}"
        is_wide = count / len(strip) > (0.06 if len(told) > 2 else 0.025)
        cells.append(f"<span style='flex:{count} 1 0'>{told if is_wide else ''}</span>")
    return f"<div class='ticks'>{''.join(cells)}</div>"


def legend_html(words: Words) -> str:
    """What colours, patterns and letters mean."""
    keys = "".join(
        f"<span class='key'><i class='run {state.value}'>{words[f'letter_{state.value}']}</i>"
        f"{html.escape(words[state.value])}</span>"
        for state in DayState
    )
    mark = f"<span class='key'>{html.escape(words['human_mark'])}</span>"
    return f"<div class='legend'>{keys}{mark}</div>"


def _has_room(run: Run, strip: Sequence[DayView]) -> bool:
    return len(run.days) >= LEAST_SHARE * len(strip)
