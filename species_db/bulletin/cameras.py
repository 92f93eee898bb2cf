"""Cameras that stopped, and cards that are not in: how many, never which."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from species_db.bulletin.ground import Ground
from species_db.bulletin.parts import CameraPart
from species_db.health.load import zone_of
from species_db.health.strip import HUMAN
from species_db.tables import CameraDay, CardImport, Deployment
from species_db.vocabulary import DayState, ImportState

# What somebody must walk there for; a dead flash still counts the day.
STOPPED = (DayState.DEAD, DayState.FULL_CARD, DayState.BLOCKED, DayState.MOVED)


@dataclass(frozen=True)
class ToldCamera:
    """One deployment in the county its station is told in.

    `states` are its known days of the month in order; none: nothing is known of them.
    """

    county: str
    is_in_field: bool  # on any day of the month that is told
    states: tuple[DayState, ...]
    is_out: bool  # on the bulletin's day
    is_card_waiting: bool
    unfinished: int

    @property
    def is_stopped(self) -> bool:
        """Whether it did not work on the last day that is known of the month."""
        return bool(self.states) and self.states[-1] in STOPPED


def read_cameras(session: Session, ground: Ground) -> list[ToldCamera]:
    """Read how every camera was on the days of the month, and what became of its cards."""
    states = _states(session, ground)
    with_card = set(session.exec(select(CardImport.deployment_id).distinct()))
    unfinished = _unfinished(session)
    told = []
    for one in session.exec(select(Deployment).order_by(col(Deployment.deployment_id))):
        county, name = ground.county_of.get(one.location_id, ""), one.deployment_id
        if not county:
            continue
        first, last = _span(one)
        is_out = last is None or last > ground.today
        told.append(
            ToldCamera(
                county=county,
                is_in_field=first <= ground.until and (not last or last >= ground.month.first),
                states=states.get(name, ()),
                is_out=is_out,
                is_card_waiting=not is_out and name not in with_card,
                unfinished=unfinished.get(name, 0),
            )
        )
    return told


def camera_part(county: str, cameras: Sequence[ToldCamera]) -> CameraPart:
    """Count the cameras of a county by what happened to them in the month."""
    here = [one for one in cameras if one.county == county]
    in_field = [one for one in here if one.is_in_field]
    counts = Counter(state for one in in_field for state in set(one.states))
    return CameraPart(
        in_field=len(in_field),
        working=counts[DayState.WORKING],
        dead=counts[DayState.DEAD],
        blocked=counts[DayState.BLOCKED],
        full_card=counts[DayState.FULL_CARD],
        moved=counts[DayState.MOVED],
        day_only=counts[DayState.DAY_ONLY],
        unknown=sum(not one.states for one in in_field),
        to_service=sum(one.is_stopped and one.is_out for one in in_field),
        cards_waiting=sum(one.is_card_waiting for one in here),
        imports_unfinished=sum(one.unfinished for one in here),
    )


def _states(session: Session, ground: Ground) -> Mapping[str, tuple[DayState, ...]]:
    """The known states of each deployment on the days of the month; a person's word first.

    Only the month is read: strips of whole seasons, as species_db/health/strip draws them, are
    many times as many days.
    """
    found: dict[str, dict[str, DayState]] = defaultdict(dict)
    asked = select(CameraDay.deployment_id, CameraDay.day, CameraDay.method, CameraDay.state)
    first, until = ground.month.first.isoformat(), ground.until.isoformat()
    for name, day, method, state in session.exec(
        asked.where(col(CameraDay.day) >= first, col(CameraDay.day) <= until)
    ):
        if method == HUMAN or day not in found[name]:
            found[name][day] = DayState(state)
    return {
        name: tuple(days[day] for day in sorted(days) if days[day] is not DayState.UNKNOWN)
        for name, days in found.items()
    }


def _span(one: Deployment) -> tuple[date, date | None]:
    """First and last local date; the last is None while the end is not known."""
    zone, end = zone_of(one), one.deployment_end
    first = one.deployment_start.astimezone(zone).date()
    return first, end.astimezone(zone).date() if end else None


def _unfinished(session: Session) -> Counter[str]:
    asked = (
        select(CardImport.deployment_id, func.count())
        .where(col(CardImport.state) != ImportState.COMPLETE.value)
        .group_by(col(CardImport.deployment_id))
    )
    return Counter(dict(session.exec(asked).all()))
