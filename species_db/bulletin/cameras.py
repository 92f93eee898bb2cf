"""Cameras that stopped, and cards that are not in: how many, never which."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from species_db.bulletin.ground import Ground
from species_db.bulletin.parts import CameraPart
from species_db.health.load import zone_of
from species_db.health.strip import CameraHealth, DayView, season
from species_db.tables import CardImport, Deployment
from species_db.vocabulary import DayState, ImportState

# What somebody must walk there for; a dead flash still counts the day.
STOPPED = (DayState.DEAD, DayState.FULL_CARD, DayState.BLOCKED, DayState.MOVED)


@dataclass(frozen=True)
class ToldCamera:
    """One deployment in the county its station is told in, with its days of the month."""

    county: str
    days: tuple[DayView, ...]
    is_out: bool  # on the bulletin's day
    is_card_waiting: bool
    unfinished: int


def read_cameras(session: Session, ground: Ground) -> list[ToldCamera]:
    """Read how every camera was on the days of the month, and what became of its cards."""
    deployments = {one.deployment_id: one for one in session.exec(select(Deployment))}
    unfinished = _unfinished(session)
    told = []
    for health in season(session):
        deployment = deployments[health.deployment_id]
        county = ground.county_of.get(deployment.location_id, "")
        if county:
            told.append(_camera(ground, county, deployment, health, unfinished))
    return told


def camera_part(county: str, cameras: Sequence[ToldCamera]) -> CameraPart:
    """Count the cameras of a county by what happened to them in the month."""
    here = [one for one in cameras if one.county == county]
    in_field = [one for one in here if one.days]
    states = [{view.state for view in one.days} for one in in_field]
    return CameraPart(
        in_field=len(in_field),
        working=sum(DayState.WORKING in one for one in states),
        dead=sum(DayState.DEAD in one for one in states),
        blocked=sum(DayState.BLOCKED in one for one in states),
        full_card=sum(DayState.FULL_CARD in one for one in states),
        moved=sum(DayState.MOVED in one for one in states),
        day_only=sum(DayState.DAY_ONLY in one for one in states),
        unknown=sum(one == {DayState.UNKNOWN} for one in states),
        to_service=sum(one.is_out and _last_known(one.days) in STOPPED for one in in_field),
        cards_waiting=sum(one.is_card_waiting for one in here),
        imports_unfinished=sum(one.unfinished for one in here),
    )


def _camera(
    ground: Ground,
    county: str,
    deployment: Deployment,
    health: CameraHealth,
    unfinished: Mapping[str, int],
) -> ToldCamera:
    end = deployment.deployment_end
    last = end.astimezone(zone_of(deployment)).date() if end else None
    is_out = last is None or last > ground.today
    return ToldCamera(
        county=county,
        days=tuple(view for view in health.strip if ground.month.first <= view.day <= ground.until),
        is_out=is_out,
        is_card_waiting=not is_out and not health.has_card,
        unfinished=unfinished.get(health.deployment_id, 0),
    )


def _last_known(days: Sequence[DayView]) -> DayState:
    known = (view.state for view in reversed(days) if view.state is not DayState.UNKNOWN)
    return next(known, DayState.UNKNOWN)


def _unfinished(session: Session) -> Counter[str]:
    asked = (
        select(CardImport.deployment_id, func.count())
        .where(col(CardImport.state) != ImportState.COMPLETE.value)
        .group_by(col(CardImport.deployment_id))
    )
    return Counter(dict(session.exec(asked).all()))
