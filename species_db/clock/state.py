"""A person's own word on a clock: a known difference, or true times read from photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sqlmodel import Session, col, or_, select

from species_db import identity
from species_db.clock.decide import get_deployment, put_in_force
from species_db.clock.evidence import Symptom, as_json, length
from species_db.clock.refusal import ClockError
from species_db.clock.segments import file_order
from species_db.clock.stretch import (
    READING_SECONDS,
    meant_clock,
    refuse_absurd,
    uncertainty_seconds,
)
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import ClockSegment, Media
from species_db.vocabulary import ClockCause, ClockState

MOST_DRIFT_SECONDS_A_DAY = 60.0
"""Quartz in cameras strays a few seconds a day, in the cold perhaps twenty; more between two
anchors is a misread time or a reset in between, and a straight line over it would be invented."""


@dataclass(frozen=True)
class Anchor:
    """A file, by its path on the card or its name, and the true time that its picture shows."""

    file: str
    time: datetime


def state_shift(
    survey: Survey,
    deployment_id: str,
    shift: timedelta,
    *,
    person: str,
    first_file: str | None = None,
    last_file: str | None = None,
) -> str:
    """Add a known difference to all files of a deployment, or to a stretch of one card.

    In force at once; gives the segment's id.

    Raises:
        ClockError: no such file, nothing to correct, or the stretch is corrected already.
    """
    with survey.writing() as session:
        get_deployment(session, deployment_id)
        first = find_file(session, deployment_id, first_file) if first_file else None
        last = find_file(session, deployment_id, last_file) if last_file else None
        segment = _segment(deployment_id, shift, person=person)
        segment.cause = ClockCause.SHIFT.value
        segment.evidence = as_json([Symptom("stated", {"person": person})])
        _bound(segment, first, last)
        segment.offset_source = meant_clock(session, segment)
        return _put(session, survey, segment, person)


def state_anchors(
    survey: Survey,
    deployment_id: str,
    anchors: Sequence[Anchor],
    *,
    person: str,
    first_file: str | None = None,
    last_file: str | None = None,
) -> str:
    """Correct a card's clock by one photo of a known time, or by two and a drift between them.

    Covers the whole card of the photos unless a stretch is given. In force at once; gives the
    segment's id.

    Raises:
        ClockError: no such file, an undated one, not one or two anchors, anchors that no clock
            could join, or a stretch that is corrected already.
    """
    with survey.writing() as session:
        deployment = get_deployment(session, deployment_id)
        if len(anchors) not in (1, 2):
            raise ClockError(
                tr(
                    f"{len(anchors)} anchors given: one makes a shift, two make a drift. State "
                    "more of them stretch by stretch, with --from and --to.",
                    f"给出了 {len(anchors)} 个锚点:一个为平移,两个为漂移。"
                    "更多锚点请用 --from、--to 分段给出。",
                )
            )
        found = [_dated(session, deployment_id, anchor) for anchor in anchors]
        found.sort(key=lambda one: one.camera_time)
        segment = _segment(deployment_id, found[0].offset, person=person)
        segment.cause = ClockCause.ANCHOR.value
        segment.anchor_camera_time = found[0].camera_time
        zone = timezone(timedelta(seconds=deployment.utc_offset_seconds))
        segment.evidence = as_json(one.symptom(zone, person) for one in found)
        first = find_file(session, deployment_id, first_file) if first_file else None
        last = find_file(session, deployment_id, last_file) if last_file else None
        _bound(segment, first, last)
        segment.card_import_id = segment.card_import_id or found[0].media.card_import_id
        if len(found) == 2:
            _make_drift(segment, found[0], found[1])
        segment.offset_source = meant_clock(session, segment)
        _refuse_strangers(segment, found)
        segment.uncertainty_seconds = uncertainty_seconds(
            session, segment, [one.camera_time for one in found]
        )
        return _put(session, survey, segment, person)


def find_file(session: Session, deployment_id: str, name: str) -> Media:
    """Find a deployment's file by its path on the card, the end of that path, or its name.

    Raises:
        ClockError: there is none, or more than one.
    """
    wanted = name.replace("\\", "/").strip("/")
    rows = session.exec(
        select(Media).where(
            Media.deployment_id == deployment_id,
            or_(
                Media.card_path == wanted,
                Media.file_name == wanted,
                col(Media.card_path).endswith("/" + wanted, autoescape=True),
            ),
        )
    ).all()
    found = [one for one in rows if one.card_path == wanted] or list(rows)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ClockError(
            tr(
                f"Deployment {deployment_id} has no file '{name}'. Give its path on the card, "
                "like DCIM/100MEDIA/IMG_0001.JPG.",
                f"布设 {deployment_id} 没有文件“{name}”。请给出它在卡上的路径,"
                "例如 DCIM/100MEDIA/IMG_0001.JPG。",
            )
        )
    paths = ", ".join(sorted({one.card_path for one in found})[:4])
    raise ClockError(
        tr(
            f"{len(found)} files are called '{name}' ({paths}). Give more of the path.",
            f"有 {len(found)} 个文件名为“{name}”({paths})。请给出更完整的路径。",
        )
    )


@dataclass(frozen=True)
class _Found:
    media: Media
    camera_time: datetime
    true_time: datetime

    @property
    def offset(self) -> timedelta:
        return self.true_time - self.camera_time

    def symptom(self, zone: timezone, person: str) -> Symptom:
        return Symptom(
            "anchor",
            {
                "file": self.media.card_path,
                "camera_time": f"{self.camera_time.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                "true_time": f"{self.true_time.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                "person": person,
            },
        )


def _dated(session: Session, deployment_id: str, anchor: Anchor) -> _Found:
    media = find_file(session, deployment_id, anchor.file)
    if media.camera_timestamp is None:
        raise ClockError(
            tr(
                f"{media.card_path} carries no time, so it cannot anchor the clock. Choose a "
                "photo that has one.",
                f"{media.card_path} 没有拍摄时间,不能作为锚点。请选择有时间的照片。",
            )
        )
    return _Found(media, media.camera_timestamp, anchor.time.astimezone(UTC))


def _segment(deployment_id: str, shift: timedelta, *, person: str) -> ClockSegment:
    return ClockSegment(
        segment_id=identity.act_id(),
        deployment_id=deployment_id,
        kind="shift",
        cause="",
        offset_seconds=round(shift.total_seconds()),
        uncertainty_seconds=READING_SECONDS,
        evidence="[]",
        state=ClockState.PROPOSED.value,
        proposed_by=person,
        proposed_at=datetime.now(UTC),
    )


def _bound(segment: ClockSegment, first: Media | None, last: Media | None) -> None:
    if first and last:
        if first.card_import_id != last.card_import_id:
            raise ClockError(
                tr(
                    f"{first.card_path} and {last.card_path} lie on two cards. A stretch lies on "
                    "one; state two.",
                    f"{first.card_path} 与 {last.card_path} 在两张卡上。一段只能在一张卡上,"
                    "请分两次指定。",
                )
            )
        if file_order(first.card_path) > file_order(last.card_path):
            first, last = last, first
    for one in (first, last):
        if one is not None:
            segment.card_import_id = one.card_import_id
    segment.first_card_path = first.card_path if first else None
    segment.last_card_path = last.card_path if last else None


def _make_drift(segment: ClockSegment, early: _Found, late: _Found) -> None:
    days = (late.camera_time - early.camera_time) / timedelta(days=1)
    drift = (late.offset - early.offset).total_seconds()
    allowed = 2 * READING_SECONDS + MOST_DRIFT_SECONDS_A_DAY * days
    if days <= 0 or abs(drift) > allowed:
        raise ClockError(
            tr(
                f"The two anchors differ by {length(drift)} over {days:.1f} days of the camera's "
                "clock: no clock drifts so. Check both times, or state each stretch apart with "
                "--from and --to if the clock was reset between them.",
                f"两个锚点在相机时间 {days:.1f} 天内相差 {length(drift)}:时钟不会这样漂移。"
                "请核对两个时间;若其间时钟被重置,请用 --from、--to 分段指定。",
            )
        )
    segment.kind, segment.cause = "drift", ClockCause.DRIFT.value
    segment.second_anchor_camera_time = late.camera_time
    segment.second_offset_seconds = round(late.offset.total_seconds())


def _refuse_strangers(segment: ClockSegment, found: list[_Found]) -> None:
    for one in found:
        if one.media.offset_source != segment.offset_source:
            raise ClockError(
                tr(
                    f"{one.media.card_path} carries its own zone, as phones write it; its time is "
                    "not the camera's clock. Choose a photo of the camera itself.",
                    f"{one.media.card_path} 自带时区(如手机照片),不是该相机的时钟。"
                    "请选择相机自己拍摄的照片。",
                )
            )
        if one.media.card_import_id != segment.card_import_id:
            raise ClockError(
                tr(
                    f"{one.media.card_path} lies on another card than the stretch. An anchor "
                    "speaks for its own card.",
                    f"{one.media.card_path} 与该段不在同一张卡上。锚点只对自己的卡有效。",
                )
            )


def _put(session: Session, survey: Survey, segment: ClockSegment, person: str) -> str:
    if not segment.offset_seconds and not segment.second_offset_seconds:
        raise ClockError(
            tr(
                "The clock is right by that: there is nothing to correct.",
                "按此时钟无误,无需校正。",
            )
        )
    refuse_absurd(session, segment)
    session.add(segment)
    session.flush()
    put_in_force(session, survey, segment, person=person)
    moved = select(Media.media_id).where(Media.clock_segment_id == segment.segment_id).limit(1)
    if session.exec(moved).first() is None:
        raise ClockError(
            tr(
                "There is nothing to correct: no file of the stretch has a bare camera time. "
                "Undated files have none, and phones write their own zone.",
                "无可校正:该段没有仅含相机时钟的文件(无时间的文件,或自带时区的手机照片)。",
            )
        )
    return segment.segment_id
