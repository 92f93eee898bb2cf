"""Choose the pictures that tell more than words: a trouble, beside a usual picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from statistics import median

from sqlmodel import Session, col, select

from species_db.health.load import zone_of
from species_db.health.strip import CameraHealth, DayView
from species_db.survey import Survey
from species_db.tables import Deployment, Media
from species_db.vocabulary import DayState

COMPARED = (DayState.BLOCKED, DayState.MOVED, DayState.DAY_ONLY)
SHOWN = (*COMPARED, DayState.FULL_CARD, DayState.DEAD)  # of these the last picture, alone
TROUBLES = 2  # that many pictures of a camera's troubles, and a usual one for each light


@dataclass(frozen=True)
class Shown:
    """One picture of a camera: what it shows (None: a usual one), its local time, its file."""

    media_id: str
    state: DayState | None
    at: datetime
    preview: Path


def pictures_of(session: Session, survey: Survey, health: CameraHealth) -> list[Shown]:
    """The pictures of a camera's gravest troubles, after a usual one in the same light.

    Only media whose preview lies in the survey folder, and never one that is restricted.
    """
    wanted = _evidence(health)
    if not wanted:
        return []
    deployment = session.get_one(Deployment, health.deployment_id)
    zone = zone_of(deployment)
    shown: list[Shown] = []
    usual = _usual_candidates(session, health, zone)
    for media_id, state in wanted.items():
        media = session.get(Media, media_id)
        path = preview_path(survey, media_id)
        if media is None or media.is_restricted or media.timestamp is None or path is None:
            continue
        told = Shown(media_id, state, media.timestamp.astimezone(zone), path)
        if state in COMPARED:
            same_light = [one for one in usual if one.is_grey == media.is_grey]
            taken = [one.media_id for one in shown]
            if compared := _nearest_usual(survey, same_light, zone, taken):
                shown.append(compared)
        shown.append(told)
    return shown


def preview_path(survey: Survey, media_id: str) -> Path | None:
    """The preview of a media in the survey folder, the smaller of its two sizes; None without."""
    for name in (f"{media_id}.small.jpg", f"{media_id}.jpg"):
        path = survey.folder / "previews" / name
        if path.is_file():
            return path
    return None


def _evidence(health: CameraHealth) -> Mapping[str, DayState]:
    """Pictures of the longest troubles, one for each state; a state without photos has its last."""
    by_state: dict[DayState, list[DayView]] = {}
    for view in health.strip:
        if view.state in SHOWN and view.evidence_media_id:
            by_state.setdefault(view.state, []).append(view)
    longest = sorted(by_state.values(), key=len, reverse=True)[:TROUBLES]
    middles = [views[len(views) // 2] for views in longest]
    return {view.evidence_media_id or "": view.state for view in middles}


def _usual_candidates(session: Session, health: CameraHealth, zone: timezone) -> Sequence[Media]:
    """Pictures of working days that may be shown, not those of set-up and retrieval."""
    working = {
        view.day for view in health.strip if view.state == DayState.WORKING and not view.is_partial
    }
    rows = session.exec(
        select(Media).where(
            Media.deployment_id == health.deployment_id,
            col(Media.is_restricted).is_(False),
            col(Media.contrast).is_not(None),
            col(Media.timestamp).is_not(None),
        )
    )
    return [one for one in rows if _local_day(one, zone) in working]


def _local_day(media: Media, zone: timezone) -> date | None:
    return media.timestamp.astimezone(zone).date() if media.timestamp else None


def _nearest_usual(
    survey: Survey, candidates: Sequence[Media], zone: timezone, taken: Sequence[str]
) -> Shown | None:
    """The picture of middling contrast that has a preview and is not shown already."""
    if not candidates:
        return None
    middle = median(one.contrast or 0.0 for one in candidates)
    for media in sorted(candidates, key=lambda one: abs((one.contrast or 0.0) - middle)):
        path = preview_path(survey, media.media_id)
        if path is not None and media.timestamp is not None:
            if media.media_id in taken:
                return None
            at = media.timestamp.astimezone(zone)
            return Shown(media.media_id, None, at, path)
    return None
