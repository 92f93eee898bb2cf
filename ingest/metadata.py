"""What one camera file says about itself: type, size, camera, time, place, trigger, and its faults.

`read_facts` never raises for a bad file. What is wrong comes back as named problems, so that one
lost file among thousands is a line in the report and the card's import goes on.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ingest.camera_time import OffsetSource, TimeSource, read_camera_time
from ingest.exif import ExifTags, read_exif
from ingest.file_problem import REJECTING, FileProblem, ProblemCode
from ingest.film_facts import read_film
from ingest.gps_position import GpsSource, read_gps_time, read_position
from ingest.image_header import ImageHeader, read_image_header
from ingest.media_type import HEAD_BYTES, MediaKind, kind_of, sniff_media_type, suffix_fits
from ingest.reconyx import ReconyxNote, Trigger, read_reconyx_note
from species_db.language import tr

__all__ = [
    "HEAD_BYTES",
    "REJECTING",
    "FileProblem",
    "GpsSource",
    "MediaFacts",
    "MediaKind",
    "OffsetSource",
    "ProblemCode",
    "TimeSource",
    "Trigger",
    "read_facts",
    "sniff_media_type",
]


@dataclass(frozen=True)
class MediaFacts:
    """What one file says about itself, as written: nothing is corrected, nothing is guessed.

    Make and model are the firmware's own words (Cuddeback swaps them, Browning signs
    "Prometheus"). `firmware` is the maker note's, else the Software tag, which names an editor when
    one re-saved the file. `width` and `height` are pixels as stored, `orientation` the EXIF turn
    still to be applied (HEIC decoders apply it themselves, so there it is 1). `camera_time` is the
    camera's local time without a zone; None means that no readable time was written.
    """

    kind: MediaKind
    media_type: str
    width: int | None = None
    height: int | None = None
    orientation: int | None = None
    make: str | None = None
    model: str | None = None
    serial_number: str | None = None
    firmware: str | None = None
    camera_time_raw: str | None = None
    camera_time: datetime | None = None
    camera_time_source: TimeSource | None = None
    utc_offset_raw: str | None = None
    utc_offset: timedelta | None = None
    utc_offset_source: OffsetSource | None = None
    gps_time_utc: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    gps_source: GpsSource | None = None
    temperature_c: float | None = None
    trigger: Trigger | None = None
    sequence_number: int | None = None
    sequence_length: int | None = None
    event_number: int | None = None
    moon_phase: str | None = None
    battery_mv: int | None = None
    user_label: str | None = None
    duration_s: float | None = None
    frame_rate: float | None = None
    codec: str | None = None
    problems: tuple[FileProblem, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Say whether the file may become media; a refused one is listed and set aside."""
        return not any(problem.is_rejecting for problem in self.problems)


def read_facts(data: bytes, *, file_name: str, file: Path | None = None) -> MediaFacts:
    """Read everything the survey needs from one file's bytes, before any pixel is decoded.

    Pictures and films need all their bytes: whether a file is whole shows at its end. Those of a
    large film lie in `file`, and `data` holds only the first of them. The name is used for nothing
    else but to notice a wrong suffix, and for a time where the content holds none or leaves it
    open whether it is local (DOMAIN.md 12).

    >>> facts = read_facts(b"", file_name="IMG_0001.JPG")
    >>> facts.is_usable, [str(problem.code) for problem in facts.problems]
    (False, ['empty_file'])
    >>> clip = read_facts(b"RIFF\\x00\\x10\\x00\\x00AVI LIST", file_name="20250803161906.avi")
    >>> clip.is_usable, clip.media_type, clip.camera_time.isoformat()
    (False, 'video/x-msvideo', '2025-08-03T16:19:06')
    """
    media_type = sniff_media_type(data[:HEAD_BYTES])
    kind = kind_of(media_type)
    if kind is MediaKind.OTHER:
        problem = _why_not_media(data, media_type=media_type)
        return MediaFacts(kind, media_type, problems=(problem,))
    if kind is MediaKind.VIDEO:
        return _film_facts(data, media_type=media_type, file_name=file_name, file=file)
    header = read_image_header(data, media_type=media_type)
    exif = read_exif(header.exif) if header.exif is not None else ExifTags()
    return _gather(header, exif, media_type=media_type, file_name=file_name)


def _film_facts(data: bytes, *, media_type: str, file_name: str, file: Path | None) -> MediaFacts:
    """Say of a film what its container says."""
    film = read_film(data, media_type=media_type, file_name=file_name, file=file)
    suffix = () if suffix_fits(file_name, media_type=media_type) else (_suffix_differs(),)
    return MediaFacts(
        kind=MediaKind.VIDEO,
        media_type=media_type,
        width=film.width,
        height=film.height,
        make=film.make,
        model=film.model,
        firmware=film.firmware,
        camera_time_raw=film.time.raw,
        camera_time=film.time.time,
        camera_time_source=film.time.source,
        utc_offset_raw=film.time.utc_offset_raw,
        utc_offset=film.time.utc_offset,
        utc_offset_source=film.time.utc_offset_source,
        duration_s=film.duration_s,
        frame_rate=film.frame_rate,
        codec=film.codec,
        problems=(*([film.problem] if film.problem else []), *suffix, *film.time.problems),
    )


def _gather(header: ImageHeader, exif: ExifTags, *, media_type: str, file_name: str) -> MediaFacts:
    """Join what the container, the tags, the maker note and the name say."""
    note = read_reconyx_note(exif.maker_note) or ReconyxNote(family="")
    position = read_position(exif, xmp=header.xmp)
    gps_time_utc = read_gps_time(exif)
    found = read_camera_time(
        exif,
        reconyx_time=note.camera_time,
        file_name=file_name,
        gps_time_utc=gps_time_utc,
        longitude=position.longitude,
    )
    is_suffix_right = suffix_fits(file_name, media_type=media_type)
    own_problems = _own_problems(header, exif, note, is_suffix_right=is_suffix_right)
    return MediaFacts(
        kind=kind_of(media_type),
        media_type=media_type,
        width=header.width,
        height=header.height,
        orientation=_orientation(exif, media_type=media_type),
        make=exif.text("Image Make"),
        model=exif.text("Image Model"),
        serial_number=note.serial_number or exif.text("EXIF BodySerialNumber"),
        firmware=note.firmware or exif.text("Image Software"),
        camera_time_raw=found.raw,
        camera_time=found.time,
        camera_time_source=found.source,
        utc_offset_raw=found.utc_offset_raw,
        utc_offset=found.utc_offset,
        utc_offset_source=found.utc_offset_source,
        gps_time_utc=gps_time_utc,
        latitude=position.latitude,
        longitude=position.longitude,
        altitude_m=position.altitude_m,
        gps_source=position.source,
        temperature_c=note.temperature_c,
        trigger=note.trigger,
        sequence_number=note.sequence_number,
        sequence_length=note.sequence_length,
        event_number=note.event_number,
        moon_phase=note.moon_phase,
        battery_mv=note.battery_mv,
        user_label=note.user_label,
        problems=(*own_problems, *found.problems, *position.problems),
    )


def _why_not_media(data: bytes, *, media_type: str) -> FileProblem:
    if not data:
        note = tr(
            "The file has 0 bytes: the card was pulled or full while writing.",
            "文件为 0 字节:写入时卡被拔出或已满。",
        )
        return FileProblem(ProblemCode.EMPTY_FILE, note)
    if media_type.startswith(("image/", "video/")):
        note = tr(
            f"The file is {media_type}, which is not read here. "
            "Export it as JPEG (pictures) or MP4 (videos) and import that.",
            f"文件类型为 {media_type},暂不支持。请另存为 JPEG(图片)或 MP4(视频)后导入。",
        )
        return FileProblem(ProblemCode.UNSUPPORTED_MEDIA, note)
    if not any(data[:HEAD_BYTES]):
        note = tr(
            "The file begins with zeros only: the card lost its content.",
            "文件开头全为零:卡上内容已丢失。",
        )
        return FileProblem(ProblemCode.NOT_MEDIA, note)
    note = tr(
        "The content is neither a picture nor a video, whatever the name says.",
        "内容既非图片也非视频。",
    )
    return FileProblem(ProblemCode.NOT_MEDIA, note)


def _own_problems(
    header: ImageHeader, exif: ExifTags, note: ReconyxNote, *, is_suffix_right: bool
) -> Iterator[FileProblem]:
    """List what is wrong with the file itself; time and place bring their own problems."""
    if header.problem is not None:
        yield header.problem
    if not is_suffix_right:
        yield _suffix_differs()
    if exif.damage is not None:
        text = tr(
            f"The EXIF block cannot be read: {exif.damage}.", f"EXIF 无法读取:{exif.damage}。"
        )
        yield FileProblem(ProblemCode.EXIF_UNREADABLE, text)
    if note.family and note.camera_time is None:
        text = tr(
            f"Reconyx {note.family} maker notes are not decoded yet: "
            "temperature, trigger and sequence of this file are not known.",
            f"尚不支持 Reconyx {note.family} 厂商注记:温度、触发方式和序列未知。",
        )
        yield FileProblem(ProblemCode.MAKER_NOTE_UNDECODED, text)


def _suffix_differs() -> FileProblem:
    text = tr(
        "The name ends unlike the content; the file was read by its content.",
        "扩展名与内容不符,已按内容读取。",
    )
    return FileProblem(ProblemCode.SUFFIX_DIFFERS, text)


def _orientation(exif: ExifTags, *, media_type: str) -> int | None:
    orientation = exif.whole_number("Image Orientation")
    if orientation is None or not 1 <= orientation <= 8:
        return None
    return 1 if media_type in ("image/heic", "image/heif") else orientation
