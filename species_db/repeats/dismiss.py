"""A person dismisses boxes as false alarms in one act, or takes such an act back.

The boxes stay as they are. The log holds who dismissed which; the events they were on say what the
models say without them, and keep their place in the queue: nobody has yet said that they are blank.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from species_db.decisions import record_decision
from species_db.identity import act_id
from species_db.language import tr
from species_db.repeats.dismissed import is_dismissed
from species_db.review import summarise_events
from species_db.survey import Survey
from species_db.tables import Deployment, DismissedBox, Media, Observation
from species_db.vocabulary import Act, ClassificationMethod

IDS_A_QUERY = 500  # SQLite takes a bounded number of values in one statement


class DismissalError(Exception):
    """Boxes that cannot be dismissed or restored: unknown, another deployment's, or done before."""


@dataclass(frozen=True)
class Dismissal:
    """One act, as people look back on it."""

    dismissal_id: str
    deployment_id: str
    boxes: int
    dismissed_by: str
    dismissed_at: datetime
    restored_by: str | None
    restored_at: datetime | None


def dismiss(
    survey: Survey, deployment_id: str, observation_ids: Collection[str], *, person: str
) -> str:
    """Call boxes of a deployment false alarms; return the name of this act, to take it back by.

    Detecting again with the same weights does not bring them back; another model's boxes are its
    own and are offered anew.

    Raises:
        DismissalError: nobody's name is given, or a box is not there to be dismissed.
    """
    person = _name_of(person)
    with survey.writing() as session:
        boxes = _boxes(session, deployment_id, observation_ids)
        dismissal_id, now = act_id(), datetime.now(UTC)
        session.add_all(
            DismissedBox(
                observation_id=box.observation_id,
                dismissal_id=dismissal_id,
                deployment_id=deployment_id,
                dismissed_by=person,
                dismissed_at=now,
            )
            for box in boxes
        )
        session.flush()
        events = _summarise(session, [box.observation_id for box in boxes])
        record_decision(
            session,
            Act.BOXES_DISMISSED,
            subject=deployment_id,
            person=person,
            details={
                "dismissal": dismissal_id,
                "boxes": len(boxes),
                "events": events,
                "models": sorted({box.model_version_id or box.classified_by for box in boxes}),
                "types": sorted({box.observation_type for box in boxes}),
            },
            decided_at=now,
        )
    return dismissal_id


def restore(survey: Survey, dismissal_id: str, *, person: str) -> int:
    """Take a dismissal back; tell how many boxes stand again.

    Raises:
        DismissalError: nobody's name is given, or there is no such dismissal in force.
    """
    person = _name_of(person)
    with survey.writing() as session:
        rows = session.exec(
            select(DismissedBox).where(
                DismissedBox.dismissal_id == dismissal_id, col(DismissedBox.restored_at).is_(None)
            )
        ).all()
        if not rows:
            raise DismissalError(
                tr(
                    f"There is no dismissal '{dismissal_id}' in force; it may have been taken back "
                    "already. 'namcha repeats DEPLOYMENT' lists those that can be.",
                    f"没有有效的排除记录“{dismissal_id}”，可能已被撤销。"
                    "“namcha repeats 布设编号”会列出可撤销的记录。",
                )
            )
        now = datetime.now(UTC)
        for row in rows:
            row.restored_by, row.restored_at = person, now
            session.add(row)
        session.flush()
        events = _summarise(session, [row.observation_id for row in rows])
        record_decision(
            session,
            Act.BOXES_RESTORED,
            subject=rows[0].deployment_id,
            person=person,
            details={"dismissal": dismissal_id, "boxes": len(rows), "events": events},
            decided_at=now,
        )
    return len(rows)


def dismissals_of(session: Session, deployment_id: str) -> list[Dismissal]:
    """The acts of dismissal at a deployment, newest first, those taken back included."""
    found = session.exec(
        select(  # type: ignore[call-overload]
            DismissedBox.dismissal_id,
            DismissedBox.deployment_id,
            func.count(),
            func.min(DismissedBox.dismissed_by),
            func.min(DismissedBox.dismissed_at),
            func.min(DismissedBox.restored_by),
            func.min(DismissedBox.restored_at),
        )
        .where(DismissedBox.deployment_id == deployment_id)
        .group_by(DismissedBox.dismissal_id, DismissedBox.deployment_id)
        .order_by(col(DismissedBox.dismissal_id).desc())
    )
    return [Dismissal(*row) for row in found]


def _boxes(
    session: Session, deployment_id: str, observation_ids: Collection[str]
) -> list[Observation]:
    if session.get(Deployment, deployment_id) is None:
        raise _not_there(len(set(observation_ids)), deployment_id)
    wanted = sorted(set(observation_ids))
    boxes: list[Observation] = []
    for page in _pages(wanted):
        boxes += session.exec(
            select(Observation).where(
                col(Observation.observation_id).in_(page),
                Observation.deployment_id == deployment_id,
                Observation.classification_method == ClassificationMethod.MACHINE.value,
                col(Observation.bbox_x).is_not(None),
                ~is_dismissed(),
            )
        )
    if not wanted or len(boxes) < len(wanted):
        raise _not_there(len(wanted) - len(boxes), deployment_id)
    return boxes


def _not_there(count: int, deployment_id: str) -> DismissalError:
    return DismissalError(
        tr(
            f"{count} of the boxes are not boxes of a model at {deployment_id}, or were dismissed "
            "already; nothing was changed. Look at the groups again.",
            f"其中 {count} 个框不是 {deployment_id} 的模型检测框，或已被排除；未作任何改动。"
            "请重新查看各组。",
        )
    )


def _summarise(session: Session, observation_ids: Sequence[str]) -> int:
    """Let the events of these boxes say what the machine says of them now; tell how many."""
    events: set[str] = set()
    for page in _pages(observation_ids):
        asked = (
            select(Media.event_id)
            .join(Observation, col(Observation.media_id) == col(Media.media_id))
            .where(col(Observation.observation_id).in_(page), col(Media.event_id).is_not(None))
        )
        events.update(one for one in session.exec(asked) if one)
    for page in _pages(sorted(events)):
        summarise_events(session, page)
    return len(events)


def _pages(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + IDS_A_QUERY] for start in range(0, len(ids), IDS_A_QUERY))


def _name_of(person: str) -> str:
    if not person.strip():
        raise DismissalError(
            tr(
                "A dismissal needs a person: write your name first.",
                "排除误报必须署名：请先填写您的姓名。",
            )
        )
    return person.strip()
