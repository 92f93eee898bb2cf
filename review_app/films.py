"""Films for the screen: as they came where browsers can play them, else a small copy, made once.

Browsers play H.264 in MP4; trap cameras write much else (MJPEG in AVI, MPEG-4). The copy has no
sound and no metadata, and lies with the previews.
"""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from species_db.review import MediaView
from species_db.survey import Survey

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer, OutputContainer

DEMUXERS = {
    "video/x-msvideo": "avi",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
}
"""Only these readers are tried: others open playlists, which name further files."""


@dataclass(frozen=True)
class CopySettings:
    """How a film is copied for the browser, and where a very long or damaged one stops."""

    long_side_px: int = 1280  # as previews: fills a laptop's screen
    quality: str = "27"  # x264's constant rate factor; an animal's ears still show
    preset: str = "veryfast"  # half a minute of 1080p should not keep a reviewer waiting
    most_frames: int = 20_000  # eleven minutes at 30 a second; the original has the rest
    most_seconds: float = 300.0  # of work
    most_megapixels: int = 40  # beyond it the header is damage


DEFAULT = CopySettings()
_making = threading.Lock()  # one film at a time: pictures need the other core


class FilmError(Exception):
    """A film cannot be shown: it is missing, damaged, or no film."""


def film_of(survey: Survey, media: MediaView) -> Path:
    """Find a file that browsers play: the original, or a copy that is made now.

    Raises:
        FilmError: it needs a copy, and nothing of it can be decoded.
    """
    original = survey.path_of(media.file_path)
    copy = survey.folder / "previews" / f"{media.media_id}.mp4"
    if copy.exists():
        return copy
    if not _needs_copy(original, media.file_mediatype):
        return original
    with _making:
        if not copy.exists():
            _make_copy(original, media.file_mediatype, copy, DEFAULT)
    return copy


def poster_of(original: Path, media_type: str) -> Image.Image:
    """Decode the frame in the middle of a film, upright, or the first where that fails.

    Raises:
        FilmError: nothing of it can be decoded.
    """
    from av.error import FFmpegError

    found = None
    try:
        with _opened(original, media_type) as container:
            middle = (container.duration or 0) // 2
            with suppress(FFmpegError):
                container.seek(middle, backward=True)
            found = next(_frames(container), None)
        if found is None:
            with _opened(original, media_type) as container:
                found = next(_frames(container), None)
    except (FFmpegError, OSError, MemoryError) as error:
        raise FilmError(f"{original.name} cannot be shown: {error}") from error
    if found is None:
        raise FilmError(f"{original.name} cannot be shown: no frame can be decoded")
    upright: Image.Image = _upright(found).to_image()
    return upright


def _opened(original: Path, media_type: str) -> "InputContainer":
    import av

    if media_type not in DEMUXERS:
        raise FilmError(f"{original.name} is {media_type}, which is no film here")
    options = {"protocol_whitelist": "file"}
    container: InputContainer = av.open(
        str(original),
        format=DEMUXERS[media_type],
        options=options,
        timeout=DEFAULT.most_seconds,
    )
    stream = next(iter(container.streams.video), None)
    coding = stream.codec_context if stream is not None else None
    if coding is None or coding.width * coding.height > DEFAULT.most_megapixels * 1_000_000:
        container.close()
        raise FilmError(f"{original.name} holds no pictures that can be shown")
    return container


def _needs_copy(original: Path, media_type: str) -> bool:
    """Tell whether browsers cannot play a film; one that is not readable here is left to them."""
    from av.error import FFmpegError

    try:
        with _opened(original, media_type) as container:
            coding = container.streams.video[0].codec_context
            is_common = coding.name == "h264" and coding.pix_fmt in ("yuv420p", "yuvj420p")
            return not is_common or container.format.name == "avi"
    except (FFmpegError, OSError, MemoryError):
        return False


def _frames(container: "InputContainer") -> "Iterator[VideoFrame]":
    """All frames that can be decoded; a damaged packet is passed over."""
    from av.error import InvalidDataError

    for packet in container.demux(container.streams.video[0]):
        with suppress(InvalidDataError):
            yield from packet.decode()


def _make_copy(original: Path, media_type: str, copy: Path, settings: CopySettings) -> None:
    """Write the copy under another name first, so that one cut short is never played."""
    import av
    from av.error import FFmpegError

    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_name(f".{copy.name}.{uuid.uuid4().hex}.part")
    try:
        with (
            _opened(original, media_type) as source,
            av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as target,
        ):
            count = _recode(source, target, settings)
        if count == 0:
            raise FilmError(f"{original.name} cannot be shown: no frame can be decoded")
        os.replace(part, copy)
    except (FFmpegError, OSError, MemoryError) as error:
        raise FilmError(f"{original.name} cannot be shown: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _recode(source: "InputContainer", target: "OutputContainer", settings: CopySettings) -> int:
    """Scale and encode frame by frame; tell how many there were."""
    source.streams.video[0].thread_type = "AUTO"
    rate = source.streams.video[0].average_rate or Fraction(25)
    options = {"crf": settings.quality, "preset": settings.preset}
    encoder = target.add_stream("libx264", rate=rate, options=options)
    encoder.pix_fmt = "yuv420p"
    until, count = time.monotonic() + settings.most_seconds, 0
    for frame in _frames(source):
        upright = _upright(frame)
        if count == 0:
            scale = min(1.0, settings.long_side_px / max(upright.width, upright.height))
            encoder.width = max(2, round(upright.width * scale / 2) * 2)
            encoder.height = max(2, round(upright.height * scale / 2) * 2)
        small = upright.reformat(width=encoder.width, height=encoder.height, format="yuv420p")
        small.pts, small.time_base = count, 1 / rate
        target.mux(encoder.encode(small))
        count += 1
        if count >= settings.most_frames or time.monotonic() > until:
            break
    if count:
        target.mux(encoder.encode(None))
    return count


def _upright(frame: "VideoFrame") -> "VideoFrame":
    """Turn a frame as the film's header says; a phone held upright films lying down."""
    if not frame.rotation:
        return frame
    import av

    return av.VideoFrame.from_image(frame.to_image().rotate(frame.rotation, expand=True))
