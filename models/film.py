"""Turn a film into a few upright RGB frames spread over its length, straight from the file.

Frames are in memory one at a time; nothing is written to disk.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer

DEMUXERS = {
    "video/x-msvideo": "avi",
    "video/mp4": "mov",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
}
"""Only these readers are tried: others open playlists, which name further files."""


@dataclass(frozen=True)
class FilmSettings:
    """Which frames of a film are looked at, and where reading a damaged one stops."""

    frames_a_second: float = 1.0
    """An animal that crosses a trap camera's view is in it for longer than a second."""

    most_frames: int = 30
    """As much work as 30 photos; a clip of half a minute is sampled each second."""

    seek_s: float = 4.0
    """Frames further apart than this are sought by the index; key frames often lie closer."""

    most_megapixels: int = 40
    """More than an 8K film has; beyond it the header is damage or a trap for the memory."""

    most_seconds: float = 180.0
    """Working time on one film: a damaged one may make a decoder run in circles."""

    probe_bytes: int = 5_000_000
    probe_microseconds: int = 2_000_000
    """What may be read to learn a film's streams."""


DEFAULT = FilmSettings()


class FilmError(Exception):
    """A film cannot be opened, or cannot be decoded beyond some second."""


@dataclass(frozen=True)
class FilmFrame:
    """One frame: seconds from the film's start, and its upright RGB picture."""

    second: float
    image: np.ndarray
    is_middle: bool = False


def sample_frames(
    path: Path, media_type: str, *, at_least: tuple[int, int], settings: FilmSettings = DEFAULT
) -> Iterator[FilmFrame]:
    """Give frames spread over a film's length: one a second, at most `most_frames`.

    Each stands in the middle of an equal share of the film. Frames are scaled as photos are, to
    serve a picture of `at_least` (width, height), and turned upright as the film says.

    Raises:
        FilmError: the film cannot be opened, or not decoded further; what was given holds.
    """
    from av.error import FFmpegError

    until = time.monotonic() + settings.most_seconds
    given: list[float] = []
    try:
        with open_film(path, media_type, settings) as container:
            reader = _Reader(container, settings)
            wanted = wanted_seconds(reader.length_s, settings)
            for number, moment in enumerate(wanted):
                found = reader.frame_at(moment, until=until)
                if found is None:
                    break
                frame, second = found
                is_middle = number == len(wanted) // 2
                yield FilmFrame(round(second, 3), _upright(frame, at_least), is_middle)
                given.append(second)
    except (FFmpegError, MemoryError, OverflowError, ValueError) as error:
        raise FilmError(f"{error}; {len(given)} frames were decoded") from error
    if len(given) < len(wanted):
        raise FilmError(f"{len(given)} of {len(wanted)} wanted frames could be decoded")


def open_film(path: Path, media_type: str, settings: FilmSettings = DEFAULT) -> "InputContainer":
    """Open a film with the reader of its own type only, and limits on what is read to know it."""
    import av

    container: InputContainer = av.open(
        str(path),
        format=DEMUXERS[media_type],
        options={
            "probesize": str(settings.probe_bytes),
            "analyzeduration": str(settings.probe_microseconds),
            "protocol_whitelist": "file",
        },
        timeout=settings.most_seconds,
        metadata_errors="replace",  # a camera's notes in GBK must not cost the film
    )
    return container


def wanted_seconds(length_s: float, settings: FilmSettings = DEFAULT) -> list[float]:
    """Choose the moments to look at, the same for every run.

    >>> wanted_seconds(3.0)
    [0.5, 1.5, 2.5]
    >>> len(wanted_seconds(600.0)), wanted_seconds(0.0)
    (30, [0.0])
    """
    count = max(1, min(settings.most_frames, round(length_s * settings.frames_a_second)))
    return [(number + 0.5) * length_s / count for number in range(count)]


class _Reader:
    """One open film, read forward; it leaps ahead where the index allows."""

    def __init__(self, container: "InputContainer", settings: FilmSettings) -> None:
        if not container.streams.video:
            raise FilmError("it holds no picture stream")
        self.container, self.settings = container, settings
        self.stream = container.streams.video[0]
        coding = self.stream.codec_context
        if coding is None:
            raise FilmError("its coding is not known here")
        if coding.width * coding.height > settings.most_megapixels * 1_000_000:
            raise FilmError(f"it states frames of {coding.width} x {coding.height}")
        coding.thread_count = 1  # one film a worker, one worker a core
        coding.options = {"max_pixels": str(settings.most_megapixels * 1_000_000)}
        self.frame_s = 1 / float(self.stream.average_rate or 25)
        self.start_s = self._as_seconds(self.stream.start_time) or 0.0
        self.length_s = self._length_s()
        self.is_intra = coding.codec.intra_only
        self.position = self.wanted = 0.0
        self.coming = self._frames()

    def frame_at(self, moment: float, *, until: float) -> "tuple[VideoFrame, float] | None":
        """Decode up to the first sound frame at a moment; None when the film ends before it."""
        self.wanted = moment - self.frame_s / 2
        if moment - self.position >= self.settings.seek_s:
            self._leap(moment)
        for frame, second in self.coming:
            self.position = second
            if second >= self.wanted and not frame.is_corrupt:
                return frame, second
            if time.monotonic() > until:
                raise FilmError(f"decoding took longer than {self.settings.most_seconds:g} s")
        return None

    def _frames(self) -> "Iterator[tuple[VideoFrame, float]]":
        """All frames from here on; where each packet is a whole picture, unwanted ones stay shut.

        A damaged packet is passed over: those after it may be sound.
        """
        from av.error import InvalidDataError

        second = self.position - self.frame_s
        for packet in self.container.demux(self.stream):
            at = self._as_seconds(packet.pts)
            if self.is_intra and at is not None and at - self.start_s < self.wanted:
                continue
            with suppress(InvalidDataError):
                for frame in packet.decode():
                    known = self._as_seconds(frame.pts)
                    second = second + self.frame_s if known is None else known - self.start_s
                    yield frame, second

    def _leap(self, moment: float) -> None:
        """Go to the last key frame before a moment; a film without an index is read on."""
        from av.error import FFmpegError

        with suppress(FFmpegError):
            self.container.seek(int((moment + self.start_s) * 1_000_000), backward=True)
            self.position = moment
            self.coming = self._frames()

    def _length_s(self) -> float:
        own = self._as_seconds(self.stream.duration)
        return max(0.0, own or (self.container.duration or 0) / 1_000_000)

    def _as_seconds(self, ticks: int | None) -> float | None:
        if ticks is None or not self.stream.time_base:
            return None
        return float(ticks * self.stream.time_base)


def _upright(frame: "VideoFrame", at_least: tuple[int, int]) -> np.ndarray:
    """Scale a frame to what serves `at_least`, and turn it as the film's header says."""
    quarter_turns = round(frame.rotation / 90) % 4
    width, height = reversed(at_least) if quarter_turns % 2 else at_least
    share = min(width / frame.width, height / frame.height, 1.0)
    small = frame.reformat(
        width=max(1, round(frame.width * share)),
        height=max(1, round(frame.height * share)),
        format="rgb24",
        interpolation="AREA",
    )
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), quarter_turns))
