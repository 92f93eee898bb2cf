"""How each camera was on each day: kept by machine, stated by people, read as strip and season.

A person's word stands over ours and outlives every recomputation; taking it back shows ours again.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

from sqlmodel import Session, select

from species_db.decisions import record_decision
from species_db.health.facts import Judgement, days_between
from species_db.health.judge import judge_days
from species_db.health.load import camera_facts, zone_of
from species_db.health.strip import (
    HUMAN,
    MACHINE,
    CameraHealth,
    DayView,
    rows_of_days,
    season,
    season_version,
    strip_of,
)
from species_db.language import did_you_mean, tr
from species_db.survey import Survey
from species_db.tables import CameraDay, Deployment
from species_db.vocabulary import Act, DayState

__all__ = [
    "CameraDayError",
    "CameraHealth",
    "DayView",
    "recompute_days",
    "season",
    "season_version",
    "state_days",
    "strip_of",
]

SAID = ("state", "cause", "confidence", "media_count", "evidence_media_id", "person")


class CameraDayError(Exception):
    """What was said of a camera's days cannot be kept: wrong deployment, days, state or cause."""


def recompute_days(session: Session, deployment_id: str, *, today: date | None = None) -> None:
    """Work a deployment's days out anew from its media and field sheet; people's days stay.

    Call it after an import, a detection or a change of clock or field sheet. Doing it twice
    changes nothing.
    """
    deployment = session.get_one(Deployment, deployment_id)
    known_today = today or datetime.now(zone_of(deployment)).date()
    facts = camera_facts(session, deployment, today=known_today)
    kept = {row.day: row for row in session.exec(rows_of_days(deployment_id, MACHINE))}
    for judged in judge_days(facts):
        told = _machine_row(deployment_id, judged)
        session.add(_renewed(kept.pop(told.day, None), told))
    for row in kept.values():
        session.delete(row)
    session.flush()


def state_days(
    survey: Survey,
    deployment_id: str,
    first_day: date,
    last_day: date,
    state: DayState | None,
    *,
    cause: str,
    person: str,
) -> None:
    """Keep what a person says of a stretch of days, over the machine; None takes it back.

    Raises:
        CameraDayError: no such deployment, days outside it, or no cause given.
    """
    with survey.writing() as session:
        strip = {view.day: view for view in _strip_to_state(session, deployment_id)}
        days = _checked_days(deployment_id, strip, first_day, last_day)
        if state is not None and not cause.strip():
            raise CameraDayError(
                tr(
                    f"No cause given for '{state.value}'. Say why, for example: snow on the lens.",
                    f"未说明“{state.value}”的原因。请写明原因,例如:镜头积雪。",
                )
            )
        stated = {row.day: row for row in session.exec(rows_of_days(deployment_id, HUMAN))}
        for day in days:
            row = stated.get(day.isoformat())
            if state is not None:
                told = _human_row(deployment_id, strip[day], state, cause=cause, person=person)
                session.add(_renewed(row, told))
            elif row is not None:
                session.delete(row)
        record_decision(
            session,
            Act.CAMERA_DAY_STATED,
            subject=deployment_id,
            person=person,
            details={
                "first_day": first_day.isoformat(),
                "last_day": last_day.isoformat(),
                "state": state.value if state else None,
                "cause": cause.strip(),
                "before": dict(Counter(strip[day].state.value for day in days)),
            },
        )


def _machine_row(deployment_id: str, judged: Judgement) -> CameraDay:
    return CameraDay(
        deployment_id=deployment_id,
        day=judged.day.isoformat(),
        method=MACHINE,
        state=judged.state.value,
        cause=judged.cause.stored(),
        confidence=judged.confidence,
        media_count=judged.media_count,
        evidence_media_id=judged.evidence_media_id,
        stated_at=datetime.now(UTC),
    )


def _human_row(
    deployment_id: str, view: DayView, state: DayState, *, cause: str, person: str
) -> CameraDay:
    return CameraDay(
        deployment_id=deployment_id,
        day=view.day.isoformat(),
        method=HUMAN,
        state=state.value,
        cause=cause.strip(),
        media_count=view.media_count,
        evidence_media_id=view.evidence_media_id,
        person=person,
        stated_at=datetime.now(UTC),
    )


def _renewed(row: CameraDay | None, told: CameraDay) -> CameraDay:
    """The row that is kept, brought to what is told now; untouched when it says so already."""
    if row is None:
        return told
    if any(getattr(row, name) != getattr(told, name) for name in SAID):
        for name in (*SAID, "stated_at"):
            setattr(row, name, getattr(told, name))
    return row


def _strip_to_state(session: Session, deployment_id: str) -> list[DayView]:
    if session.get(Deployment, deployment_id) is None:
        known = session.exec(select(Deployment.deployment_id)).all()
        hint = did_you_mean(deployment_id, known)
        raise CameraDayError(
            tr(
                f"No deployment '{deployment_id}' in this survey.{hint}",
                f"本调查中没有布设“{deployment_id}”。{hint}",
            )
        )
    return strip_of(session, deployment_id)


def _checked_days(
    deployment_id: str, strip: Mapping[date, DayView], first_day: date, last_day: date
) -> list[date]:
    """The dates from first to last, all of which must lie in the deployment."""
    first, last = min(strip), max(strip)
    if not first <= first_day <= last_day <= last:
        raise CameraDayError(
            tr(
                f"{first_day} to {last_day} does not lie within {deployment_id}, which stood from "
                f"{first} to {last}. Give the first day, then the last, within these.",
                f"{first_day} 至 {last_day} 不在布设 {deployment_id} 的期间({first} 至 {last})内。"
                "请在此期间内先写起始日,再写结束日。",
            )
        )
    return days_between(first_day, last_day)
