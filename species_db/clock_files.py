"""A deployment's files in the camera's order, with the times before and after a correction.

For a screen that shows a person what a clock segment would do before it is accepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from sqlmodel import Session, col, select

from species_db.clock import Position, corrected_time, file_order
from species_db.clock.segments import speaks_of
from species_db.sun import sun_altitude
from species_db.tables import CameraStation, CardImport, ClockSegment, Deployment, Media
from species_db.vocabulary import ClockState

HIGH_SUN, DEEP_NIGHT = 10.0, -12.0  # degrees: no camera is grey above, none in colour below
STRIP = 6  # photos of the strip: what a laptop's screen shows side by side


@dataclass(frozen=True)
class ClockCount:
    """How many corrections of a deployment wait for a person, and how many are in force."""

    deployment_id: str
    proposed: int
    accepted: int


@dataclass(frozen=True)
class ClockFile:
    """One file: its place in the camera's order, and its local time before and after."""

    order: int
    media_id: str
    card_path: str
    camera_time: datetime | None
    corrected: datetime | None
    is_covered: bool
    is_grey: bool | None
    is_picture: bool
    sun_before: float | None  # degrees of altitude at the camera's time
    sun_after: float | None

    @property
    def is_absurd(self) -> bool:
        """Whether the camera's time contradicts the sun: grey by day, or colour by night."""
        return _contradicts(self.is_grey, self.sun_before)

    @property
    def is_absurd_after(self) -> bool:
        """Whether the corrected time still contradicts the sun: then the correction is doubtful."""
        return _contradicts(self.is_grey, self.sun_after)


def clock_counts(session: Session) -> list[ClockCount]:
    """Every deployment that has media, those with open proposals first."""
    found: dict[str, list[int]] = {
        name: [0, 0] for name in session.exec(select(CardImport.deployment_id).distinct())
    }
    rows = session.exec(select(ClockSegment.deployment_id, ClockSegment.state))
    for deployment_id, state in rows:
        counts = found.setdefault(deployment_id, [0, 0])
        counts[0] += state == ClockState.PROPOSED.value
        counts[1] += state == ClockState.ACCEPTED.value
    told = [ClockCount(name, *counts) for name, counts in found.items()]
    return sorted(told, key=lambda one: (-one.proposed, -one.accepted, one.deployment_id))


def clock_files(
    session: Session, deployment_id: str, segment_id: str | None = None
) -> list[ClockFile]:
    """A deployment's files, card after card, with what a segment makes of their times.

    Without a segment, `corrected` is the time as it stands.
    """
    deployment = session.get_one(Deployment, deployment_id)
    station = session.get_one(CameraStation, deployment.location_id)
    segment = session.get(ClockSegment, segment_id) if segment_id else None
    zone = timezone(timedelta(seconds=deployment.utc_offset_seconds))
    started = {
        card.card_import_id: card.started_at
        for card in session.exec(
            select(CardImport).where(CardImport.deployment_id == deployment_id)
        )
    }
    rows = session.exec(select(Media).where(col(Media.deployment_id) == deployment_id)).all()
    ordered = sorted(
        rows,
        key=lambda m: (started[m.card_import_id], m.card_import_id, file_order(m.card_path)),
    )
    return [_file(number, media, segment, zone, station) for number, media in enumerate(ordered)]


def telling_files(files: Sequence[ClockFile]) -> list[ClockFile]:
    """The few photos that show a clock best: around the break, else those the sun contradicts.

    A segment that begins part-way has its break before its first file; one over a whole card has
    none, and its ends and absurd frames tell more.
    """
    pictures = [one for one in files if one.is_picture]
    covered = [n for n, one in enumerate(pictures) if one.is_covered]
    if covered and covered[0] > 0:
        start = max(0, covered[0] - STRIP // 2)
        return pictures[start : start + STRIP]
    absurd = [one for one in pictures if one.is_absurd]
    ends = [*pictures[:2], *pictures[-2:]]
    wanted = _once([*ends, *absurd[:: max(1, len(absurd) // STRIP)], *pictures])
    return sorted(wanted[:STRIP], key=lambda one: one.order)


def _contradicts(is_grey: bool | None, sun: float | None) -> bool:
    if is_grey is None or sun is None:
        return False
    return sun > HIGH_SUN if is_grey else sun < DEEP_NIGHT


def _once(files: Iterable[ClockFile]) -> list[ClockFile]:
    return list({one.media_id: one for one in files}.values())


def _file(
    number: int,
    media: Media,
    segment: ClockSegment | None,
    zone: timezone,
    station: CameraStation,
) -> ClockFile:
    position = Position(media.card_import_id, media.card_path)
    is_covered = segment is not None and speaks_of(segment, position, media.offset_source)
    after = media.timestamp
    if is_covered:
        after = corrected_time(media.camera_timestamp, segment)

    def sun(moment: datetime | None) -> float | None:
        if moment is None:
            return None
        return sun_altitude(moment, latitude=station.latitude, longitude=station.longitude)

    return ClockFile(
        order=number + 1,
        media_id=media.media_id,
        card_path=media.card_path,
        camera_time=media.camera_timestamp.astimezone(zone) if media.camera_timestamp else None,
        corrected=after.astimezone(zone) if after else None,
        is_covered=is_covered,
        is_grey=media.is_grey,
        is_picture=media.file_mediatype.startswith("image/"),
        sun_before=sun(media.camera_timestamp),
        sun_after=sun(after),
    )
