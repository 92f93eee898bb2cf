"""The season's health on one offline page: a strip for each camera, the worst camera first."""

import base64
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from sqlmodel import Session

from species_db.health.causes import STATE_WORDS
from species_db.health.facts import ONE_DAY
from species_db.health.pictures import Shown, pictures_of
from species_db.health.strip import CameraHealth, DayView, season
from species_db.survey import Survey
from species_db.version import VERSION
from species_db.vocabulary import DayState

PAGE = "report.html"
STRIP_MM = 146.0  # width of the season on the page
MONTH_MM = 12.0  # what the name of a month needs
LETTER_MM = 3.2  # a run that is narrower has no room for its letter
SHOWN_TROUBLES = 4  # of each camera, the longest; the rest is in the strip
LARGEST_PICTURE = 60_000  # bytes; without a smaller copy such a preview is left out
# One sign a state, so that the strip can be read without colours.
LETTERS = {
    DayState.WORKING: "",
    DayState.DAY_ONLY: "昼",
    DayState.BLOCKED: "挡",
    DayState.MOVED: "移",
    DayState.FULL_CARD: "满",
    DayState.DEAD: "停",
    DayState.UNKNOWN: "?",
}
Thumbnail = Callable[[Path], bytes | None]


@dataclass(frozen=True)
class Run:
    """Neighbouring days in the same state for the same cause, and where they lie on the strip."""

    first_day: date
    last_day: date
    state: DayState
    zh: str
    en: str
    confidence: float | None
    who: str
    is_assumed: bool  # worked, as nothing speaks against it: no photo on these days
    left_mm: float
    width_mm: float

    @property
    def days(self) -> int:
        """Local dates, both ends included."""
        return (self.last_day - self.first_day).days + 1

    @property
    def letter(self) -> str:
        """The state's sign where there is room for it."""
        return LETTERS[self.state] if self.width_mm >= LETTER_MM else ""

    @property
    def pattern(self) -> str:
        """The name of its pattern on the page."""
        return f"{self.state.value}-assumed" if self.is_assumed else self.state.value


@dataclass(frozen=True)
class Picture:
    """A small picture inside the page."""

    state: DayState | None
    at: datetime
    data_uri: str

    @property
    def is_last(self) -> bool:
        """Whether it is the last picture before the camera stopped."""
        return self.state in (DayState.DEAD, DayState.FULL_CARD)


@dataclass(frozen=True)
class CameraRow:
    """One camera's line of the report."""

    health: CameraHealth
    runs: Sequence[Run]
    troubles: Sequence[Run]
    more_troubles: int
    activity: str  # an SVG path: photos a day, on a logarithmic scale
    pictures: Sequence[Picture]


def write_health_report(
    survey: Survey,
    path: Path,
    *,
    deployment_ids: Sequence[str] = (),
    thumbnail: Thumbnail | None = None,
    made_at: datetime | None = None,
) -> Path:
    """Write the health of the named deployments, or of all, as one HTML page that prints on A4.

    The page needs no network, holds no coordinates, and shows no restricted picture. `thumbnail`
    makes a small JPEG of a preview; without it only previews that are small already are shown.
    """
    with survey.reading() as session:
        found = [one for one in season(session) if one.strip]
        if deployment_ids:
            found = [one for one in found if one.deployment_id in deployment_ids]
        page = health_page(session, survey, found, thumbnail or _as_it_is, made_at)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def health_page(
    session: Session,
    survey: Survey,
    found: Sequence[CameraHealth],
    thumbnail: Thumbnail,
    made_at: datetime | None = None,
) -> str:
    """Draw the page; the strips of all cameras share one axis of dates."""
    zone = timezone(timedelta(seconds=survey.settings.utc_offset_seconds))
    today = (made_at or datetime.now(UTC)).astimezone(zone)
    days = [view.day for one in found for view in (one.strip[0], one.strip[-1])] or [today.date()]
    first, last = min(days), max(days)
    scale = STRIP_MM / ((last - first).days + 1)
    known = [one for one in found if not one.is_waiting]
    rows = [_row(session, survey, one, first, scale, thumbnail) for one in found]
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("species_db.health").joinpath(PAGE).read_text(encoding="utf-8")
    return environment.from_string(text).render(
        survey=survey.settings,
        version=VERSION,
        made_at=today,
        rows=rows,
        first=first,
        last=last,
        months=months_of(first, last, scale),
        totals={state: sum(one.days[state] for one in known) for state in DayState},
        cameras={state: sum(one.days[state] > 0 for one in known) for state in DayState},
        in_field=sum(one.days_in_field for one in known),
        strip_mm=STRIP_MM,
        words=STATE_WORDS,
        letters=LETTERS,
        states=list(DayState),
    )


def _row(
    session: Session,
    survey: Survey,
    health: CameraHealth,
    first: date,
    scale: float,
    thumbnail: Thumbnail,
) -> CameraRow:
    runs = runs_of(health.strip, first, scale, by_cause=False)
    troubles = [
        run
        for run in runs_of(health.strip, first, scale, by_cause=True)
        if run.state != DayState.WORKING
    ]
    longest = sorted(troubles, key=lambda run: -run.days)[:SHOWN_TROUBLES]
    pictures = [
        picture
        for shown in pictures_of(session, survey, health)
        if (picture := _picture(shown, thumbnail)) is not None
    ]
    return CameraRow(
        health=health,
        runs=runs,
        troubles=sorted(longest, key=lambda run: run.first_day),
        more_troubles=len(troubles) - len(longest),
        activity=_activity(health.strip, first, scale),
        pictures=pictures,
    )


def runs_of(strip: Sequence[DayView], first: date, scale: float, *, by_cause: bool) -> list[Run]:
    """Join neighbouring days that say the same; `scale` is millimetres a day."""

    def said(view: DayView) -> tuple[object, ...]:
        is_assumed = view.state == DayState.WORKING and view.media_count == 0
        cause = view.stored_cause if by_cause else ""
        return view.state, is_assumed and not view.who, view.who, cause

    found = []
    for (_, is_assumed, who, _), group in groupby(strip, key=said):
        views = list(group)
        sure = [view.confidence for view in views if view.confidence is not None]
        found.append(
            Run(
                views[0].day,
                views[-1].day,
                views[0].state,
                views[0].cause_in("zh"),
                views[0].cause_in("en"),
                max(sure, default=None),
                str(who),
                bool(is_assumed),
                round((views[0].day - first).days * scale, 2),
                round(len(views) * scale, 2),
            )
        )
    return found


def _activity(strip: Sequence[DayView], first: date, scale: float) -> str:
    """A bar for each day with photos: one photo is a stub, a thousand fill the height of 4 mm."""
    return "".join(
        f"M{((view.day - first).days + 0.5) * scale:.2f} 4v-{height:.2f}"
        for view in strip
        if view.media_count and (height := min(4.0, 0.6 + 3.4 * math.log10(view.media_count) / 3))
    )


def months_of(first: date, last: date, scale: float) -> list[tuple[float, date]]:
    """Where months begin on the strip: each, or every second, third, sixth or year for room."""
    step = next((one for one in (1, 2, 3, 6) if one * 28 * scale >= MONTH_MM), 12)
    found, day = [(0.0, first)], first
    while day <= last:
        day += ONE_DAY
        if day.day == 1 and (day.month - 1) % step == 0 and day <= last:
            found.append((round((day - first).days * scale, 2), day))
    if (
        len(found) > 1 and found[1][0] < MONTH_MM
    ):  # no room for the name of the month that begins it
        found = found[1:]
    return found


def _picture(shown: Shown, thumbnail: Thumbnail) -> Picture | None:
    small = thumbnail(shown.preview)
    if small is None:
        return None
    data_uri = "data:image/jpeg;base64," + base64.b64encode(small).decode("ascii")
    return Picture(shown.state, shown.at, data_uri)


def _as_it_is(preview: Path) -> bytes | None:
    """A preview that is small already; a large one would make the page heavy."""
    try:
        is_small = preview.stat().st_size <= LARGEST_PICTURE
        return preview.read_bytes() if is_small else None
    except OSError:
        return None
