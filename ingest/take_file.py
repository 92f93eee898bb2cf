"""Take one file of a card: read its bytes once, keep them safely, and say what became of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from threading import Lock

from sqlalchemy import select
from sqlmodel import col

from ingest import originals
from ingest.card import CardEntry, CardListing, printable
from ingest.file_problem import FileProblem, ProblemCode
from ingest.metadata import MediaFacts, MediaKind, read_facts
from ingest.receipt import quarantine_path
from species_db import identity
from species_db.language import tr
from species_db.survey import ARCHIVE, Survey
from species_db.tables import Archive, CardFile, CardImport, Deployment, Media
from species_db.vocabulary import FileOutcome

MOST_PICTURE_BYTES = 256 * 1024 * 1024
"""Beyond any camera: a larger "picture" is a damaged card's chain, and would fill the memory."""

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "video/x-msvideo": ".avi",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
}


@dataclass
class TakenFile:
    """What becomes of one file: its journal row, perhaps its media, its problems and its bytes.

    `part` holds bytes that are durable and want their final name, which is `home` unless they turn
    out to be media already; None when they are kept already.
    """

    row: CardFile
    media: Media | None = None
    problems: list[FileProblem] = field(default_factory=list)
    home: Path | None = None
    part: Path | None = None


class FileTaker:
    """Takes the files of one card, several at once; each file is read by one thread, one time."""

    def __init__(
        self, survey: Survey, listing: CardListing, card: CardImport, archive: Archive | None
    ) -> None:
        self.reader = originals.CardReader()
        self._survey, self._listing, self._card = survey, listing, card
        self._archive = archive
        self._numbers = count(1)
        self._large_picture = Lock()
        self.folder = survey.folder / "media" / card.deployment_id
        with survey.reading() as session:
            self._deployment = session.get_one(Deployment, card.deployment_id)

    def take(self, entry: CardEntry) -> TakenFile:
        """Read one file and make its bytes durable; names and rows are for the caller to commit.

        A file that cannot become media is kept in quarantine, byte for byte, so that wiping the
        card loses nothing. In an archive nothing is copied: it is listed and left.

        Raises:
            StorageError: the survey folder cannot take it.
        """
        row = CardFile(
            card_import_id=self._card.card_import_id,
            card_path=entry.card_path,
            bytes=entry.bytes,
            modified_ns=entry.modified_ns,
            outcome=FileOutcome.IGNORED.value,
        )
        if entry.is_litter:
            return TakenFile(row)
        if entry.problem is not None:
            if entry.problem.code is not ProblemCode.LINK_NOT_FOLLOWED:
                row.outcome = FileOutcome.UNREAD.value
            return TakenFile(row, problems=[entry.problem])
        part = self._new_part() if self._archive is None else None
        try:
            source = self.reader.read(entry.path, part=part)
        except originals.SourceError as error:
            return _unread(row, str(error))
        if source.size != entry.bytes:
            source.discard()
            note = tr(
                f"The card gave {source.size} of {entry.bytes} bytes.",
                f"存储卡只给出 {entry.bytes} 字节中的 {source.size} 字节。",
            )
            return _unread(row, note)
        return self._keep(entry, source, row)

    def _new_part(self) -> Path:
        return self.folder / originals.part_name(next(self._numbers), part_owner(self._card))

    def _keep(self, entry: CardEntry, source: originals.SourceFile, row: CardFile) -> TakenFile:
        row.sha256, row.bytes = source.sha256, source.size
        facts = self._facts(entry, source)
        taken = TakenFile(row, problems=list(facts.problems))
        place = self._place_in_archive(entry)
        if source.size == 0:
            row.outcome = FileOutcome.EMPTY.value
        elif self._archive is not None and place is None:
            row.outcome = FileOutcome.LEFT.value
            taken.problems.append(_name_is_no_text())
        elif facts.is_usable:
            taken.media = _media(entry, row, self._deployment, facts)
            taken.media.file_path = place or taken.media.file_path
            row.outcome, row.media_id = FileOutcome.STORED.value, taken.media.media_id
            if place is None:
                taken.home = self._survey.path_of(taken.media.file_path)
                taken.part = self._write(source, self._kept_home(taken.media))
        elif self._archive is not None:
            row.outcome = FileOutcome.LEFT.value
        else:
            row.outcome = FileOutcome.QUARANTINED.value
            deployment_id = self._deployment.deployment_id
            taken.home = quarantine_path(self._survey, deployment_id, row.sha256)
            taken.part = self._write(source, taken.home)
        return taken

    def _facts(self, entry: CardEntry, source: originals.SourceFile) -> MediaFacts:
        file = source.part or entry.path
        facts = read_facts(source.head, file_name=entry.path.name, file=file)
        if source.is_whole or facts.kind is not MediaKind.IMAGE:
            return facts
        if source.size > MOST_PICTURE_BYTES:
            return MediaFacts(facts.kind, facts.media_type, problems=(_too_large(source.size),))
        with self._large_picture:  # one in memory at a time
            return read_facts(file.read_bytes(), file_name=entry.path.name, file=file)

    def _place_in_archive(self, entry: CardEntry) -> str | None:
        """The path that media in an archive have; None when a name in it is no text."""
        if self._archive is None:
            return None
        below = Path(self._listing.root.resolve(), entry.path.relative_to(self._listing.root))
        relative = below.relative_to(self._archive.root).as_posix()
        try:
            relative.encode()
        except UnicodeEncodeError:
            return None
        return f"{ARCHIVE}{self._archive.archive_id}/{relative}"

    def _kept_home(self, media: Media) -> Path:
        """Where these bytes are kept already, or are to be kept."""
        asked = select(col(Media.file_path)).where(col(Media.sha256) == media.sha256)
        with self._survey.engine.connect() as connection:  # half the cost of a session, per file
            kept = connection.execute(asked).scalar()
        if kept is None or kept.startswith(ARCHIVE):
            kept = media.file_path
        return self._survey.path_of(kept)

    def _write(self, source: originals.SourceFile, home: Path) -> Path | None:
        """Make the bytes durable, unless they lie at home already, to the last byte."""
        if originals.holds(home, size=source.size, sha256=source.sha256):
            source.discard()
            return None
        return originals.write_part(source, self._new_part())


def part_owner(card: CardImport) -> str:
    """The mark that temporary files of one import carry."""
    return card.card_import_id[:13]


def _unread(row: CardFile, note: str) -> TakenFile:
    row.outcome = FileOutcome.UNREAD.value
    return TakenFile(row, problems=[FileProblem(ProblemCode.UNREADABLE, note)])


def _name_is_no_text() -> FileProblem:
    note = tr(
        "The name is not valid text, so the file cannot be found again in its archive. "
        "Rename it, or import the folder without --in-place.",
        "文件名不是有效文本,无法在归档中再次定位。请改名,或不使用 --in-place 导入。",
    )
    return FileProblem(ProblemCode.NAME_NOT_TEXT, note)


def _too_large(size: int) -> FileProblem:
    note = tr(
        f"A picture of {size / 1e6:.0f} MB: no camera makes one, so its content is damaged.",
        f"图片大小为 {size / 1e6:.0f} MB,相机不会产生这样的文件:内容已损坏。",
    )
    return FileProblem(ProblemCode.TOO_LARGE, note)


def _media(entry: CardEntry, row: CardFile, deployment: Deployment, facts: MediaFacts) -> Media:
    sha256 = row.sha256 or ""
    if facts.utc_offset is not None:
        offset, offset_source = facts.utc_offset, str(facts.utc_offset_source)
    else:
        offset, offset_source = timedelta(seconds=deployment.utc_offset_seconds), "assumed"
    suffix = SUFFIXES[facts.media_type]
    return Media(
        media_id=identity.media_id(sha256),
        sha256=sha256,
        bytes=row.bytes,
        deployment_id=deployment.deployment_id,
        card_import_id=row.card_import_id,
        file_path=f"media/{deployment.deployment_id}/{sha256}{suffix}",
        file_name=printable(entry.path.name),
        card_path=entry.card_path,
        file_mediatype=facts.media_type,
        width=facts.width,
        height=facts.height,
        orientation=facts.orientation,
        timestamp=_instant(facts.camera_time, offset),
        camera_timestamp=_instant(facts.camera_time, offset),
        utc_offset_seconds=int(offset.total_seconds()),
        offset_source=offset_source,
        camera_time_raw=facts.camera_time_raw,
        camera_time_source=_word(facts.camera_time_source),
        gps_time=facts.gps_time_utc,
        latitude=facts.latitude,
        longitude=facts.longitude,
        altitude_m=facts.altitude_m,
        make=facts.make,
        model=facts.model,
        serial_number=facts.serial_number,
        firmware=facts.firmware,
        temperature_c=facts.temperature_c,
        trigger=_word(facts.trigger),
        sequence_number=facts.sequence_number,
        sequence_length=facts.sequence_length,
        event_number=facts.event_number,
        battery_mv=facts.battery_mv,
        moon_phase=facts.moon_phase,
        user_label=facts.user_label,
        duration_s=facts.duration_s,
        frame_rate=facts.frame_rate,
    )


def _instant(camera_time: datetime | None, offset: timedelta) -> datetime | None:
    """The instant at which a camera whose clock showed this time took the media."""
    if camera_time is None:
        return None
    return camera_time.replace(tzinfo=timezone(offset)).astimezone(UTC)


def _word(term: object) -> str | None:
    return None if term is None else str(term)
