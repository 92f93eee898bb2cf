"""Times and restrictions, which lie outside the seals: do they follow from what was decided."""

import json
from collections.abc import Iterator

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from species_db.clock import Position, corrected_time, segment_of
from species_db.clock.apply import accepted_segments
from species_db.stored import UNREADABLE, stored_rows
from species_db.tables import ClockSegment, Decision, Deployment, Media, Observation
from species_db.verify.finding import Finding, Kind
from species_db.vocabulary import Act, ClassificationMethod, ClockState, ObservationType

_COLUMNS = (
    "media_id", "card_import_id", "card_path", "offset_source", "camera_timestamp", "timestamp",
    "clock_segment_id",
)  # fmt: skip
_STATE_OF_ACT = {
    Act.CLOCK_ACCEPTED.value: ClockState.ACCEPTED.value,
    Act.CLOCK_WITHDRAWN.value: ClockState.WITHDRAWN.value,
    Act.CLOCK_DISMISSED.value: ClockState.DISMISSED.value,
}


def check_times(session: Session) -> Iterator[Finding]:
    """Name media whose time is not the camera's plus what the segment in force says."""
    for deployment_id in session.exec(select(Deployment.deployment_id)).all():
        try:
            segments = accepted_segments(session, deployment_id)
        except UNREADABLE:
            continue  # a segment nobody can read; its seal names it
        mine = col(Media.deployment_id) == deployment_id
        for row in stored_rows(session, Media, columns=_COLUMNS, where=mine):
            if not _is_right(row.values, segments):
                yield Finding(
                    Kind.ALTERED,
                    "media",
                    row.key,
                    "its time is not the camera's time plus the correction in force",
                    "其时间不等于相机时间加上已生效的校正",
                )


def _is_right(values: object, segments: list[ClockSegment]) -> bool:
    if not isinstance(values, dict):
        return False
    camera_time = values["camera_timestamp"]
    told = (values["timestamp"], values["clock_segment_id"])
    position = Position(values["card_import_id"], values["card_path"])
    segment = segment_of(position, values["offset_source"], segments)
    if segment is None or camera_time is None:
        return told == (camera_time, None)
    return told == (corrected_time(camera_time, segment), segment.segment_id)


def check_segments(session: Session) -> Iterator[Finding]:
    """Name clock corrections that are in a state, or say a shift, that no person decided."""
    decided: dict[str, tuple[str, dict[str, object]]] = {}
    for act, subject, details in session.exec(
        select(Decision.act, Decision.subject, Decision.details)
        .where(col(Decision.act).in_(list(_STATE_OF_ACT)))
        .order_by(col(Decision.sequence))
    ):
        try:
            decided[subject] = _STATE_OF_ACT[act], dict(json.loads(details))
        except UNREADABLE:
            continue
    columns = ("segment_id", "state", "offset_seconds", "second_offset_seconds")
    present = set()
    for row in stored_rows(session, ClockSegment, columns=columns):
        present.add(row.key)
        state, told = decided.get(row.key, (ClockState.PROPOSED.value, {}))
        is_same = all(told.get(name, row.raw[name]) == row.raw[name] for name in columns[2:])
        is_undecided = row.key not in decided and row.raw["state"] == ClockState.LAPSED.value
        if (row.raw["state"] != state and not is_undecided) or not is_same:
            yield Finding(
                Kind.ALTERED,
                "clocksegment",
                row.key,
                f"the log says that this correction is {state}, the row does not agree",
                f"日志中该校正的状态为 {state},与记录不一致",
            )
    for segment_id in sorted(set(decided) - present):
        yield Finding(
            Kind.MISSING,
            "clocksegment",
            segment_id,
            "the correction that the log tells of is gone",
            "日志中记载的校正已缺失",
        )


def check_restrictions(session: Session, closed_by_review: frozenset[str]) -> Iterator[Finding]:
    """Name media that show people by a person's word or a model's, and are open; and the reverse.

    `closed_by_review` are the media that reviews in force have closed.
    """
    human = (
        Observation.classification_method == ClassificationMethod.MACHINE.value,
        Observation.observation_type == ObservationType.HUMAN.value,
    )
    other = aliased(Observation)
    newer = select(other.observation_id).where(
        other.media_id == Observation.media_id,
        col(other.model_version_id) != col(Observation.model_version_id),
        col(other.classification_timestamp) > col(Observation.classification_timestamp),
    )
    ever = {one for one in session.exec(select(Observation.media_id).where(*human)) if one}
    seen = select(Observation.media_id).where(*human, ~newer.exists())
    by_model = set(session.exec(select(Media.media_id).where(col(Media.media_id).in_(seen))))
    restricted = set(session.exec(select(Media.media_id).where(col(Media.is_restricted))))
    for media_id in sorted((by_model | closed_by_review) - restricted):
        yield Finding(
            Kind.ALTERED,
            "media",
            media_id,
            "people were seen on it, and it is not restricted any more",
            "画面中有人物,但其限制已被解除",
        )
    for media_id in sorted(restricted - ever - closed_by_review):
        yield Finding(
            Kind.ALTERED,
            "media",
            media_id,
            "it is restricted, and nobody has seen people on it",
            "其被限制访问,但并无人物记录",
        )
