"""What a film says of itself: length, frame size, camera, and when it was taken."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ingest.camera_time import (
    CameraTime,
    OffsetSource,
    TimeSource,
    offset_from_gps,
    parse_camera_time,
    parse_utc_offset,
    time_in_file_name,
)
from ingest.file_problem import FileProblem, ProblemCode
from ingest.image_header import cut_problem, size_problem
from species_db.language import tr

SAME_TIME = timedelta(minutes=5)
"""A name is given when the recording starts or ends; clips are shorter than this."""

_APPLE_TIME = "com.apple.quicktime.creationdate"
_APPLE_TIME_FORM = re.compile(r"(.{10}T.{8})(?:\.\d+)?([+-]\d\d:?\d\d|Z)", re.ASCII)
_PHONE_TAGS = ("com.android.version", "com.apple.quicktime.model")
_NO_TIME = ("1904-01-01", "1970-01-01")  # a clock that was never written counts from here


@dataclass(frozen=True)
class FilmFacts:
    """Facts of one film, as written. `duration_s` is seconds, `frame_rate` frames a second."""

    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    frame_rate: float | None = None
    codec: str | None = None
    make: str | None = None
    model: str | None = None
    firmware: str | None = None
    time: CameraTime = field(default_factory=CameraTime)
    problem: FileProblem | None = None


def read_film(data: bytes, *, media_type: str, file_name: str, file: Path | None) -> FilmFacts:
    """Read a film's facts without decoding it; damage comes back as a problem, never raised.

    `file` is where the bytes lie when `data` holds only the first of them.
    """
    with _opened(data, file) as source:
        cut = _is_cut(source, media_type)
        source.seek(0)
        if cut:
            return FilmFacts(problem=cut_problem(), time=film_time({}, media_type, file_name))
        return _probe(source, media_type, file_name)


def film_time(tags: Mapping[str, str], media_type: str, file_name: str) -> CameraTime:
    """Find when a film was taken: the camera's own tag, the container's time, the name (DOMAIN 12).

    MP4 and MOV state their time as UTC, and many trap cameras write local time there all the
    same. A time in the file's name decides: the same time means local, a whole number of quarter
    hours away means UTC. A phone writes UTC. Where nothing decides, the time is taken as the
    camera's local time and said to be in doubt. The file system's date is never used.

    >>> tags = {"creation_time": "2026-05-01T06:30:00.000000Z"}
    >>> taken = film_time(tags, "video/mp4", "20260501_143005.MP4")
    >>> taken.time.hour, taken.utc_offset
    (14, datetime.timedelta(seconds=28800))
    >>> [problem.code.value for problem in film_time(tags, "video/mp4", "DSCF0001.MP4").problems]
    ['offset_suspect']
    """
    apple = _APPLE_TIME_FORM.fullmatch(tags.get(_APPLE_TIME, ""))
    if apple is not None:
        time, problem = parse_camera_time(apple[1].replace("T", " "))
        raw = tags[_APPLE_TIME]
        offset = parse_utc_offset(apple[2])
        where = OffsetSource.CONTAINER if offset is not None else None
        problems = (problem,) if problem else ()
        return CameraTime(
            raw, time, TimeSource.DATE_TIME_ORIGINAL, apple[2], offset, where, problems
        )
    raw_time = tags.get("creation_time", "")
    if not raw_time or raw_time.startswith(_NO_TIME):
        return _named_time(file_name)
    written = raw_time.removesuffix("Z").partition(".")[0].replace("T", " ")
    time, problem = parse_camera_time(written)
    if time is None or problem is not None or media_type == "video/x-msvideo":
        problems = (problem,) if problem else ()
        return CameraTime(raw_time, time, TimeSource.CONTAINER, problems=problems)
    return _utc_or_local(raw_time, time, tags, file_name)


def _utc_or_local(
    raw: str, written: datetime, tags: Mapping[str, str], file_name: str
) -> CameraTime:
    """Decide by the evidence at hand what a time that says "UTC" is."""
    named = time_in_file_name(file_name)
    if named is not None:
        if abs(named[1] - written) <= SAME_TIME:
            return CameraTime(raw, written, TimeSource.CONTAINER)
        offset = offset_from_gps(named[1], written.replace(tzinfo=UTC))
        if offset is not None:
            return CameraTime(
                raw, written + offset, TimeSource.CONTAINER, "Z", offset, OffsetSource.FILE_NAME
            )
    if any(tag in tags for tag in _PHONE_TAGS):
        return CameraTime(
            raw, written, TimeSource.CONTAINER, "Z", timedelta(0), OffsetSource.CONTAINER
        )
    note = tr(
        f"The film states the time {raw} as UTC, but trap cameras often write local time there. "
        "It was taken as the camera's local time; check it against photos of the same visit.",
        f"视频写明时间 {raw} 为 UTC,但红外相机常在此写入当地时间。"
        "已按相机当地时间处理,请与同次拍摄的照片核对。",
    )
    doubt = FileProblem(ProblemCode.OFFSET_SUSPECT, note)
    return CameraTime(raw, written, TimeSource.CONTAINER, problems=(doubt,))


def _named_time(file_name: str) -> CameraTime:
    named = time_in_file_name(file_name)
    if named is not None:
        return CameraTime(named[0], named[1], TimeSource.FILE_NAME)
    note = tr(
        "No capture time in the film or its name. It is left out of times and exports.",
        "视频和文件名中均无拍摄时间,不参与时间统计与导出。",
    )
    return CameraTime(problems=(FileProblem(ProblemCode.TIME_MISSING, note),))


def _probe(source: BinaryIO, media_type: str, file_name: str) -> FilmFacts:
    import av
    from av.error import FFmpegError

    from models.film import DEMUXERS, FilmSettings  # brings numpy: the command line starts without

    limits = FilmSettings()
    options = {
        "probesize": str(limits.probe_bytes),
        "analyzeduration": str(limits.probe_microseconds),
    }
    try:
        with av.open(
            source,
            format=DEMUXERS[media_type],
            options=options,
            metadata_errors="replace",  # a camera's notes in GBK must not cost the film
        ) as container:
            stream = next(iter(container.streams.video), None)
            tags = {**(stream.metadata if stream else {}), **container.metadata}
            ticks, base = (stream.duration, stream.time_base) if stream else (None, None)
            length = float(ticks * base) if ticks and base else (container.duration or 0) / 1e6
            coding = stream.codec_context if stream else None
            size = (coding.width, coding.height) if coding else (0, 0)
            rate = float(stream.average_rate) if stream and stream.average_rate else None
            codec = coding.name if coding else None
    except (FFmpegError, MemoryError, OverflowError, UnicodeDecodeError, ValueError) as error:
        named = film_time({}, media_type, file_name)
        return FilmFacts(problem=_unreadable(str(error)), time=named)
    problem = size_problem(*size) if stream is not None else _unreadable(_no_pictures())
    if problem is None and length <= 0:
        problem = _unreadable(_no_pictures())
    return FilmFacts(
        width=size[0] or None,
        height=size[1] or None,
        duration_s=round(length, 3) if length > 0 else None,
        frame_rate=round(rate, 3) if rate else None,
        codec=codec,
        make=_text(tags, "com.apple.quicktime.make", "make"),
        model=_text(tags, "com.apple.quicktime.model", "model"),
        firmware=_text(tags, "com.apple.quicktime.software", "software"),
        time=film_time(tags, media_type, file_name),
        problem=problem,
    )


def _no_pictures() -> str:
    return tr("it holds no pictures", "其中没有画面")


def _unreadable(why: str) -> FileProblem:
    note = tr(
        f"The film cannot be opened ({why}). It cannot be used, but is not thrown away.",
        f"无法打开视频({why})。无法使用,但不会丢弃。",
    )
    return FileProblem(ProblemCode.UNREADABLE, " ".join(note.split()))


def _text(tags: Mapping[str, str], *names: str) -> str | None:
    for name in names:
        text = "".join(letter for letter in tags.get(name, "") if letter.isprintable()).strip()
        if text:
            return text
    return None


def _opened(data: bytes, file: Path | None) -> BinaryIO:
    return file.open("rb") if file is not None else BytesIO(data)


def _is_cut(source: BinaryIO, media_type: str) -> bool:
    """Tell whether a film ends before it should: its outer boxes or chunks reach past the end."""
    size = source.seek(0, 2)
    source.seek(0)
    if media_type == "video/x-msvideo":
        return _riff_is_cut(source, size)
    boxes = list(_boxes(source, size))
    return b"moov" not in {name for name, _ in boxes} or any(end > size for _, end in boxes)


def _riff_is_cut(source: BinaryIO, size: int) -> bool:
    """An AVI is one RIFF chunk, or several; a camera that lost power leaves its length wrong."""
    position = 0
    while position + 8 <= size:
        source.seek(position)
        head = source.read(8)
        if head[:4] != b"RIFF":
            return position == 0  # padding after the last chunk is no damage
        length = int.from_bytes(head[4:], "little")
        if length == 0:
            return True
        if position + 8 + length > size:
            return True
        position += 8 + length + length % 2
    return False


def _boxes(source: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Each outer box's name and where it ends, as it states."""
    position = 0
    while position + 8 <= size:
        source.seek(position)
        head = source.read(16)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:
            length = size - position  # the box runs to the end of the file
        if length < 8:
            return  # padding after the last box
        position += length
        yield name, position
