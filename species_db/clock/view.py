"""What a screen or the command line shows of a deployment's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from sqlmodel import Session, col, select

from species_db.clock.decide import get_deployment
from species_db.clock.evidence import length, sentences
from species_db.clock.refusal import ClockError
from species_db.clock.segments import Position, corrected_time, covers, has_camera_clock
from species_db.language import tr
from species_db.tables import ClockSegment, Deployment, Media
from species_db.vocabulary import ClockCause, ClockState


@dataclass(frozen=True)
class Effect:
    """What a segment does to the times of its files; times are local, with their offset."""

    files: int  # dated files with a camera's clock in the stretch
    left_alone: int  # files in the stretch that carry their own zone, and are never shifted
    first_before: datetime | None
    last_before: datetime | None
    first_after: datetime | None
    last_after: datetime | None
    outside_before: int  # before set-up or after retrieval
    outside_after: int


@dataclass(frozen=True)
class SegmentView:
    """One correction, proposed or decided, with what speaks for it and what it does."""

    number: int  # 1.. in the order in which they were proposed
    segment_id: str
    state: str
    kind: str
    cause: str
    cause_said: str
    card_import_id: str | None
    first_card_path: str | None
    last_card_path: str | None
    offset_seconds: int
    second_offset_seconds: int | None
    offset_said: str
    uncertainty_seconds: int
    confidence: float
    evidence: tuple[str, ...]
    proposed_by: str
    decided_by: str | None
    decided_at: datetime | None
    effect: Effect


@dataclass(frozen=True)
class ClockView:
    """A deployment's clock: its period, its files, and every correction."""

    deployment_id: str
    local_start: datetime
    local_end: datetime | None
    files: int
    undated: int
    left_alone: int
    outside: int  # files outside the deployment, as times stand now
    segments: tuple[SegmentView, ...]


@dataclass(frozen=True)
class _File:
    position: Position
    camera_time: datetime | None
    time: datetime | None
    offset_source: str


def clock_view(session: Session, deployment_id: str) -> ClockView:
    """Gather a deployment's clock.

    Raises:
        ClockError: the survey does not know the deployment.
    """
    deployment = get_deployment(session, deployment_id)
    files = _files(session, deployment_id)
    rows = _segments(session, deployment_id)
    zone = timezone(timedelta(seconds=deployment.utc_offset_seconds))
    end = deployment.deployment_end
    return ClockView(
        deployment_id=deployment_id,
        local_start=deployment.deployment_start.astimezone(zone),
        local_end=end.astimezone(zone) if end else None,
        files=len(files),
        undated=sum(one.camera_time is None for one in files),
        left_alone=sum(
            not has_camera_clock(one.offset_source) and one.time == one.camera_time for one in files
        ),
        outside=_outside(deployment, [one.time for one in files]),
        segments=tuple(
            _view(row, number, files, deployment)
            for number, row in enumerate(rows, start=1)
            if row.state != ClockState.LAPSED.value
        ),
    )


def segment_numbered(session: Session, deployment_id: str, number: int) -> str:
    """Give the id of the segment that the view shows under a number.

    A number stays with its correction: what has lapsed is still counted, so that who accepts the
    second of a list that has changed does not accept another one.

    Raises:
        ClockError: the view has no such number.
    """
    get_deployment(session, deployment_id)
    rows = _segments(session, deployment_id)
    if not 1 <= number <= len(rows):
        numbers = tr("none" if not rows else f"1 to {len(rows)}", f"共 {len(rows)} 项")
        raise ClockError(
            tr(
                f"Deployment {deployment_id} has no clock correction {number} (there are: "
                f"{numbers}). Run 'namcha clock {deployment_id}' to see them.",
                f"布设 {deployment_id} 没有第 {number} 项时钟校正({numbers})。"
                f"请用“namcha clock {deployment_id}”查看。",
            )
        )
    return rows[number - 1].segment_id


def _segments(session: Session, deployment_id: str) -> Sequence[ClockSegment]:
    return session.exec(
        select(ClockSegment)
        .where(ClockSegment.deployment_id == deployment_id)
        .order_by(col(ClockSegment.proposed_at), col(ClockSegment.segment_id))
    ).all()


def _files(session: Session, deployment_id: str) -> list[_File]:
    rows = session.execute(
        select(
            Media.card_import_id,
            Media.card_path,
            Media.camera_timestamp,
            Media.timestamp,
            Media.offset_source,
        ).where(Media.deployment_id == deployment_id)  # type: ignore[call-overload]
    )
    return [
        _File(Position(card, path), camera, time, source)
        for card, path, camera, time, source in rows
    ]


def _view(
    row: ClockSegment, number: int, files: Sequence[_File], deployment: Deployment
) -> SegmentView:
    offset_said = _signed(row.offset_seconds)
    if row.second_offset_seconds is not None:
        offset_said += tr(" to ", " 至 ") + _signed(row.second_offset_seconds)
    return SegmentView(
        number=number,
        segment_id=row.segment_id,
        state=row.state,
        kind=row.kind,
        cause=row.cause,
        cause_said=cause_said(row.cause),
        card_import_id=row.card_import_id,
        first_card_path=row.first_card_path,
        last_card_path=row.last_card_path,
        offset_seconds=row.offset_seconds,
        second_offset_seconds=row.second_offset_seconds,
        offset_said=offset_said,
        uncertainty_seconds=row.uncertainty_seconds,
        confidence=row.confidence,
        evidence=sentences(row.evidence),
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        effect=_effect(row, files, deployment),
    )


def cause_said(cause: str) -> str:
    """Name a cause in the reader's language."""
    said = {
        ClockCause.RESET: tr("clock fell back to its factory time", "时钟回到出厂时间"),
        ClockCause.WRONG_YEAR: tr("wrong year", "年份错误"),
        ClockCause.AM_PM: tr("AM and PM exchanged", "上下午颠倒"),
        ClockCause.ZONE: tr("set to UTC or a foreign zone", "设为 UTC 或其他时区"),
        ClockCause.DRIFT: tr("drifts", "走时漂移"),
        ClockCause.ANCHOR: tr("true time read from a photo", "由照片读出真实时间"),
        ClockCause.SHIFT: tr("off by a known difference", "相差已知时长"),
    }
    return said[ClockCause(cause)]


def _signed(seconds: int) -> str:
    return ("+" if seconds > 0 else "") + length(seconds)


def _effect(row: ClockSegment, files: Sequence[_File], deployment: Deployment) -> Effect:
    inside = [one for one in files if covers(row, one.position)]
    meant = [one for one in inside if one.offset_source == row.offset_source]
    times = [one.camera_time for one in meant if one.camera_time]
    after = [moment for time in times if (moment := corrected_time(time, row)) is not None]
    zone = timezone(timedelta(seconds=deployment.utc_offset_seconds))

    def local(moment: datetime | None) -> datetime | None:
        return moment.astimezone(zone) if moment else None

    return Effect(
        files=len(times),
        left_alone=len(inside) - len(meant),
        first_before=local(min(times, default=None)),
        last_before=local(max(times, default=None)),
        first_after=local(min(after, default=None)),
        last_after=local(max(after, default=None)),
        outside_before=_outside(deployment, times),
        outside_after=_outside(deployment, after),
    )


def _outside(deployment: Deployment, times: Sequence[datetime | None]) -> int:
    end = deployment.deployment_end or datetime.now(UTC)
    return sum(t is not None and not deployment.deployment_start <= t <= end for t in times)
