"""Take one file of a card: read its bytes once, keep them safely, and say what became of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from ingest import originals
from ingest.card import CardEntry, printable
from ingest.file_problem import FileProblem, ProblemCode
from ingest.metadata import MediaFacts, MediaKind, read_facts
from ingest.receipt import quarantine_path
from species_db import identity
from species_db.language import tr
from species_db.survey import Survey
from species_db.tables import CardFile, CardImport, Deployment, Media
from species_db.vocabulary import FileOutcome

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
    """What becomes of one file: its journal row, perhaps its media, and its problems."""

    row: CardFile
    media: Media | None = None
    problems: list[FileProblem] = field(default_factory=list)


def take_file(
    survey: Survey, entry: CardEntry, card: CardImport, deployment: Deployment
) -> TakenFile:
    """Read one file and put its bytes where they belong; the rows are for the caller to commit.

    A file that cannot become media is kept in quarantine, byte for byte, so that wiping the card
    loses nothing.

    Raises:
        StorageError: the survey folder cannot take it.
    """
    row = CardFile(
        card_import_id=card.card_import_id,
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
    folder = survey.folder / "media" / deployment.deployment_id
    try:
        source = originals.read_source(entry.path, folder=folder)
    except originals.SourceError as error:
        row.outcome = FileOutcome.UNREAD.value
        return TakenFile(row, problems=[FileProblem(ProblemCode.UNREADABLE, str(error))])
    if source.size != entry.bytes:
        source.discard()
        row.outcome = FileOutcome.UNREAD.value
        note = tr(
            f"The card gave {source.size} of {entry.bytes} bytes.",
            f"存储卡只给出 {entry.bytes} 字节中的 {source.size} 字节。",
        )
        return TakenFile(row, problems=[FileProblem(ProblemCode.UNREADABLE, note)])
    return _keep(survey, entry, deployment, source, row)


def _keep(
    survey: Survey,
    entry: CardEntry,
    deployment: Deployment,
    source: originals.SourceFile,
    row: CardFile,
) -> TakenFile:
    row.sha256, row.bytes = source.sha256, source.size
    facts = _facts(source, entry.path.name)
    problems = list(facts.problems)
    if facts.is_usable:
        media = _media(entry, row, deployment, facts)
        originals.store_original(source, survey.path_of(media.file_path))
        row.outcome, row.media_id = FileOutcome.STORED.value, media.media_id
        return TakenFile(row, media, problems)
    if source.size == 0:
        row.outcome = FileOutcome.EMPTY.value
    else:
        originals.store_original(
            source, quarantine_path(survey, deployment.deployment_id, row.sha256)
        )
        row.outcome = FileOutcome.QUARANTINED.value
    return TakenFile(row, problems=problems)


def _facts(source: originals.SourceFile, file_name: str) -> MediaFacts:
    facts = read_facts(source.head, file_name=file_name, file=source.part)
    if source.part is not None and facts.kind is MediaKind.IMAGE:
        return read_facts(source.part.read_bytes(), file_name=file_name)
    return facts


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
