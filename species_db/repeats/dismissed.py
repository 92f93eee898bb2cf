"""Which of a model's boxes a person has called false alarms, and what a file says without them.

The one condition that every reader of machine answers asks. A dismissal speaks of boxes, not of
the event: who dismissed a stump did not look for the animal behind it. So a file whose every box
was dismissed reads as one that a model looked at and found blank: it may be drawn for an audit.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from species_db.tables import DismissedBox, Observation
from species_db.vocabulary import ObservationType

COMMENT = "boxes of the model dismissed by a person as false alarms"
NO_FRAME = -1.0  # a photo has no second


def is_dismissed() -> ColumnElement[bool]:
    """That a person called this very box of this file a false alarm, and nobody took it back.

    By place and not by name: a second model that names what a first one boxed answers on the same
    box, and must not bring the stump back.
    """
    boxed = aliased(Observation)
    in_force = (
        select(boxed.media_id)
        .join(DismissedBox, col(DismissedBox.observation_id) == col(boxed.observation_id))
        .where(col(DismissedBox.restored_at).is_(None))
    )
    here = in_force.where(
        col(boxed.media_id) == col(Observation.media_id),
        col(boxed.bbox_x) == col(Observation.bbox_x),
        col(boxed.bbox_y) == col(Observation.bbox_y),
        col(boxed.bbox_width) == col(Observation.bbox_width),
        col(boxed.bbox_height) == col(Observation.bbox_height),
        func.coalesce(col(boxed.frame_s), NO_FRAME)
        == func.coalesce(col(Observation.frame_s), NO_FRAME),
    )
    # The first half is asked once and is mostly empty; the second only where it holds.
    return and_(
        col(Observation.bbox_x).is_not(None),
        col(Observation.media_id).in_(in_force),
        here.correlate(Observation).exists(),
    )


def dismissed_in_event(session: Session, *event_ids: str) -> frozenset[str]:
    """Name the boxes on the files of one event, or several, that a person has dismissed."""
    named = select(Observation.observation_id).where(
        col(Observation.event_id).in_(event_ids), is_dismissed()
    )
    return frozenset(session.exec(named))


def who_dismissed(session: Session, event_id: str) -> tuple[str, ...]:
    """Who called boxes of an event false alarms, each person once."""
    people = (
        select(DismissedBox.dismissed_by)
        .join(Observation, col(Observation.observation_id) == col(DismissedBox.observation_id))
        .where(Observation.event_id == event_id, col(DismissedBox.restored_at).is_(None))
    )
    return tuple(sorted(set(session.exec(people))))


def without_dismissed(
    given: Sequence[Observation], dismissed: Collection[str]
) -> list[Observation]:
    """What a file's answers say without dismissed boxes: the rest of them, else blank.

    >>> from datetime import UTC, datetime
    >>> stump = Observation(
    ...     observation_id="b1", deployment_id="d", media_id="m", observation_level="media",
    ...     observation_type="animal", classification_method="machine", classified_by="general",
    ...     classification_timestamp=datetime(2026, 5, 1, tzinfo=UTC),
    ... )
    >>> [one.observation_type for one in without_dismissed([stump], {"b1"})]
    ['blank']
    >>> [one.observation_type for one in without_dismissed([stump], {"b2"})]
    ['animal']
    """
    kept = [one for one in given if one.observation_id not in dismissed]
    return kept if kept or not given else [_as_blank(given[0])]


def _as_blank(box: Observation) -> Observation:
    """The same answer as if nothing had been boxed; belongs to no session and is never stored."""
    return Observation(
        observation_id=box.observation_id,
        deployment_id=box.deployment_id,
        media_id=box.media_id,
        event_id=box.event_id,
        observation_level=box.observation_level,
        observation_type=ObservationType.BLANK.value,
        classification_method=box.classification_method,
        classified_by=box.classified_by,
        classification_timestamp=box.classification_timestamp,
        model_version_id=box.model_version_id,
        observation_comments=COMMENT,
    )
