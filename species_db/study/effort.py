"""The periods in which cameras stood, with the days they did not work, read from the survey.

Only days that are known to have worked count (DOMAIN.md 2): a day without a judgement, or judged
blocked, moved, full, dead or unknown, is lost; on a day-only day the flash was dead.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from species_db.analysis.effort import DAY, EffortMethod, UnitDay, WorkingPeriod, daily_effort
from species_db.health.load import zone_of
from species_db.study.question import CountBy
from species_db.tables import CameraDay, ClockSegment, Deployment
from species_db.vocabulary import ClassificationMethod, ClockState, DayState

HUMAN = ClassificationMethod.HUMAN.value
SHORT = timedelta(seconds=1)  # a deployment whose end is not known and that never worked


@dataclass(frozen=True)
class Standing:
    """One deployment: where and which camera it was, when it stood, and on which days it worked.

    `start` and `end` carry the offset of the camera's clock. `has_doubtful_clock`: a correction is
    proposed and not decided, or the field sheet speaks of trouble that nobody has put right.
    """

    deployment_id: str
    location_id: str
    camera_id: str
    start: datetime
    end: datetime
    worked: frozenset[date]
    day_only: frozenset[date]
    has_doubtful_clock: bool

    @property
    def offset_seconds(self) -> int:
        """How far east of UTC the camera's clock is."""
        offset = self.start.utcoffset()
        return int(offset.total_seconds()) if offset else 0

    def unit(self, by: CountBy) -> str:
        """The unit that it belongs to; a camera without a number is told by its deployment."""
        if by is CountBy.STATION:
            return self.location_id
        if by is CountBy.CAMERA:
            return f"{self.location_id}\n{self.camera_id or self.deployment_id}"
        return self.deployment_id

    def period(self, by: CountBy) -> WorkingPeriod:
        """The same as the pure functions of effort take it."""
        span = (self.end.date() - self.start.date()).days + 1
        stood = {self.start.date() + timedelta(days=n) for n in range(span)}
        lost = stood - self.worked - self.day_only
        return WorkingPeriod(self.unit(by), self.start, self.end, frozenset(lost), self.day_only)


def read_standings(session: Session) -> list[Standing]:
    """Read every deployment with its days, in the order of ids; a person's word stands first."""
    states = _states(session)
    doubtful = _doubtful_clocks(session)
    asked = select(Deployment).order_by(col(Deployment.deployment_id))
    return [
        _standing(one, states.get(one.deployment_id, {}), one.deployment_id in doubtful)
        for one in session.exec(asked)
    ]


def days_of(standings: Sequence[Standing], *, by: CountBy, method: EffortMethod) -> list[UnitDay]:
    """Effort of each unit on each day; cameras that overlap within a unit count once."""
    return daily_effort((one.period(by) for one in standings), method=method)


def _states(session: Session) -> Mapping[str, Mapping[str, str]]:
    told: dict[str, dict[str, str]] = defaultdict(dict)
    said: set[tuple[str, str]] = set()
    asked = select_columns(
        col(CameraDay.deployment_id),
        col(CameraDay.day),
        col(CameraDay.method),
        col(CameraDay.state),
    ).where(
        (col(CameraDay.method) == HUMAN)
        | col(CameraDay.state).in_([DayState.WORKING.value, DayState.DAY_ONLY.value])
    )
    for deployment_id, day, method, state in session.execute(asked):
        if method == HUMAN:
            said.add((deployment_id, day))
        elif (deployment_id, day) in said:
            continue
        told[deployment_id][day] = state
    return told


def _standing(one: Deployment, states: Mapping[str, str], is_doubtful: bool) -> Standing:
    zone = zone_of(one)
    start = one.deployment_start.astimezone(zone)
    worked = frozenset(_on(states, DayState.WORKING))
    day_only = frozenset(_on(states, DayState.DAY_ONLY))
    if one.deployment_end is not None:
        end = one.deployment_end.astimezone(zone)
    elif worked or day_only:  # still out: to the end of the last day that is known to have worked
        after = max(worked | day_only) + DAY
        end = max(datetime.combine(after, datetime.min.time(), tzinfo=zone), start + SHORT)
    else:
        end = start + SHORT
    return Standing(
        one.deployment_id, one.location_id, one.camera_id or "", start, max(end, start),
        worked, day_only, is_doubtful,
    )  # fmt: skip


def _on(states: Mapping[str, str], state: DayState) -> Iterator[date]:
    return (date.fromisoformat(day) for day, told in states.items() if told == state.value)


def _doubtful_clocks(session: Session) -> frozenset[str]:
    of_state = select(ClockSegment.deployment_id).distinct()
    proposed = session.exec(of_state.where(ClockSegment.state == ClockState.PROPOSED.value))
    accepted = session.exec(of_state.where(ClockSegment.state == ClockState.ACCEPTED.value))
    troubled = session.exec(
        select(Deployment.deployment_id).where(col(Deployment.timestamp_issues).is_(True))
    )
    return frozenset(proposed) | (frozenset(troubled) - frozenset(accepted))
