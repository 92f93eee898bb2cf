"""The days of a camera as people see them: a person's word over the machine's, local dates.

Read a deployment with `strip_of`, all of them with `season`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from species_db.health.causes import Cause
from species_db.health.facts import ONE_DAY, days_between
from species_db.health.load import zone_of
from species_db.language import Language, current_language
from species_db.tables import CameraDay, CardImport, Decision, Deployment, Media
from species_db.vocabulary import ClassificationMethod, DayState

HUMAN, MACHINE = ClassificationMethod.HUMAN.value, ClassificationMethod.MACHINE.value
# Plain columns: a season of 350 cameras has 60,000 days, too many to make objects of.
DAY_COLUMNS = (
    CameraDay.deployment_id,
    CameraDay.day,
    CameraDay.method,
    CameraDay.state,
    CameraDay.cause,
    CameraDay.confidence,
    CameraDay.media_count,
    CameraDay.evidence_media_id,
    CameraDay.person,
)
# What a day in each state takes from the effort: a day-only day still counts for diurnal species.
LOST = {DayState.WORKING: 0.0, DayState.DAY_ONLY: 0.5}


@dataclass(frozen=True)
class DayView:
    """How a camera was on one local date, a person's word over the machine's.

    `share` is the part of the date that lies between set-up and retrieval. `machine_state` is what
    the machine says under a person's word.
    """

    day: date
    state: DayState
    stored_cause: str
    confidence: float | None
    media_count: int
    evidence_media_id: str | None
    who: str  # empty: the machine
    machine_state: DayState
    share: float = 1.0

    @property
    def is_human(self) -> bool:
        """Whether a person stated it."""
        return bool(self.who)

    @property
    def is_partial(self) -> bool:
        """Whether the camera was set up or taken down on this date."""
        return self.share < 1.0

    @property
    def cause(self) -> str:
        """Why, in the language of the person at the keyboard."""
        return self.cause_in(current_language())

    def cause_in(self, language: Language) -> str:
        """Why, in one language; a person's own words are given as written."""
        return self.stored_cause if self.is_human else Cause.read(self.stored_cause).said(language)


@dataclass(frozen=True)
class CameraHealth:
    """One deployment's season: its days by state, and the first day of its worst trouble."""

    deployment_id: str
    strip: tuple[DayView, ...]
    days: Mapping[DayState, int]
    media_count: int
    undated_count: int
    outside_count: int  # dated, but before set-up or after retrieval
    worst: DayView | None  # None: working all the time
    has_card: bool = True  # at least one card has been imported

    @property
    def days_in_field(self) -> int:
        """Local dates from set-up to retrieval, partial ones included."""
        return len(self.strip)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is known yet: no card has been imported, and no word says why."""
        known = {Cause("no_media").stored(), Cause("not_computed").stored()}
        return not self.has_card and all(view.stored_cause in known for view in self.strip)

    @property
    def lost_days(self) -> float:
        """Dates that are no effort; a day-only date counts half."""
        return sum(LOST.get(state, 1.0) * count for state, count in self.days.items())


def strip_of(session: Session, deployment_id: str) -> list[DayView]:
    """One view for each local date of a deployment, from set-up to retrieval.

    A deployment that is still out ends with the last date worked out, or today before that.
    """
    deployment = session.get_one(Deployment, deployment_id)
    return _views(deployment, session.exec(rows_of_days(deployment_id)).all())


def season(session: Session) -> list[CameraHealth]:
    """Every deployment's health, the most days lost first; those that wait for a card last."""
    rows: dict[str, list[Any]] = {}
    kept: Any = session.exec(select(*DAY_COLUMNS))  # type: ignore[call-overload]
    for row in kept:
        rows.setdefault(row.deployment_id, []).append(row)
    counts = {
        deployment_id: (media, dated)
        for deployment_id, media, dated in session.exec(
            select(
                Media.deployment_id,
                func.count(col(Media.media_id)),
                func.count(col(Media.timestamp)),
            ).group_by(col(Media.deployment_id))
        )
    }
    imported = set(session.exec(select(CardImport.deployment_id).distinct()))
    found = [
        _health(
            deployment, rows.get(name, []), *counts.get(name, (0, 0)), has_card=name in imported
        )
        for deployment in session.exec(select(Deployment))
        if (name := deployment.deployment_id)
    ]
    return sorted(found, key=lambda one: (one.is_waiting, -one.lost_days, one.deployment_id))


def season_version(session: Session) -> tuple[object, ...]:
    """What changes whenever `season` would: cheap to ask, to keep a season that was read.

    Files come with card imports; what people say, of clocks and days and field sheets, is logged.
    """
    asked = (
        func.max(col(Decision.sequence)),
        func.count(col(Deployment.deployment_id)),
        func.count(col(CameraDay.day)),
        func.max(col(CameraDay.stated_at)),
        func.sum(col(CardImport.done_files)),
    )
    found = [session.exec(select(one)).one() for one in asked]  # type: ignore[call-overload]
    return (*found, datetime.now(UTC).date())  # a camera still out has a day more tomorrow


def rows_of_days(deployment_id: str, method: str | None = None) -> SelectOfScalar[CameraDay]:
    """The kept days of a deployment: a person's, the machine's, or both."""
    wanted = select(CameraDay).where(CameraDay.deployment_id == deployment_id)
    return wanted if method is None else wanted.where(CameraDay.method == method)


def _views(deployment: Deployment, rows: Iterable[CameraDay]) -> list[DayView]:
    told: dict[str, dict[str, CameraDay]] = {HUMAN: {}, MACHINE: {}}
    for row in rows:
        told[row.method][row.day] = row
    zone = zone_of(deployment)
    first = deployment.deployment_start.astimezone(zone).date()
    if deployment.deployment_end is not None:
        last = deployment.deployment_end.astimezone(zone).date()
    elif told[MACHINE]:
        last = date.fromisoformat(max(told[MACHINE]))
    else:
        last = datetime.now(zone).date()
    views = []
    for day in days_between(first, max(first, last)):
        machine = told[MACHINE].get(day.isoformat())
        share = _share(deployment, day, zone)
        views.append(_view(day, told[HUMAN].get(day.isoformat()), machine, share))
    return views


def _view(day: date, human: CameraDay | None, machine: CameraDay | None, share: float) -> DayView:
    machine_state = DayState(machine.state) if machine else DayState.UNKNOWN
    row = human or machine
    if row is None:
        cause = Cause("not_computed").stored()
        return DayView(day, machine_state, cause, None, 0, None, "", machine_state, share)
    newest = machine or row  # what was counted since the person spoke
    return DayView(
        day,
        DayState(row.state),
        row.cause,
        row.confidence,
        newest.media_count,
        row.evidence_media_id or newest.evidence_media_id,
        row.person if human else "",
        machine_state,
        share,
    )


def _share(deployment: Deployment, day: date, zone: timezone) -> float:
    """The part of a local date that lies between set-up and retrieval, 0..1."""
    opens = datetime.combine(day, time(), tzinfo=zone)
    closes = opens + ONE_DAY
    begins = max(opens, deployment.deployment_start)
    ends = min(closes, deployment.deployment_end or closes)
    return round(max(timedelta(0), ends - begins) / ONE_DAY, 4)


def _health(
    deployment: Deployment,
    rows: Iterable[CameraDay],
    media_count: int,
    dated: int,
    *,
    has_card: bool,
) -> CameraHealth:
    strip = _views(deployment, rows)
    days = Counter(view.state for view in strip)
    lost = {state: LOST.get(state, 1.0) * count for state, count in days.items()}
    worst_state = max(lost, key=lambda state: lost[state])
    worst = next(view for view in strip if view.state == worst_state) if lost[worst_state] else None
    used = sum(view.media_count for view in strip)
    return CameraHealth(
        deployment_id=deployment.deployment_id,
        strip=tuple(strip),
        days={state: days.get(state, 0) for state in DayState},
        media_count=media_count,
        undated_count=media_count - dated,
        outside_count=max(0, dated - used),
        worst=worst,
        has_card=has_card,
    )
