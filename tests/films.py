"""Short films made here with real encoders: dark, with a bright stretch for FakeDetector."""

import struct
from collections.abc import Mapping
from io import BytesIO

import av
import numpy as np

KINDS = {
    "mjpeg.avi": ("avi", "mjpeg", "video/x-msvideo"),
    "mpeg4.avi": ("avi", "mpeg4", "video/x-msvideo"),
    "h264.mp4": ("mp4", "libx264", "video/mp4"),
    "h264.mov": ("mov", "libx264", "video/quicktime"),
    "mjpeg.mov": ("mov", "mjpeg", "video/quicktime"),
    "mpeg4.3gp": ("3gp", "mpeg4", "video/3gpp"),
}
FRAMES_A_SECOND = 5


def make_film(
    kind: str,
    *,
    seconds: float = 4.0,
    bright: tuple[float, float] = (0.0, 0.0),
    size: tuple[int, int] = (160, 120),
    tags: Mapping[str, str] | None = None,
    shade: int = 30,
) -> bytes:
    """A film of one of `KINDS`, bright from one second up to another."""
    container, codec, _ = KINDS[kind]
    written = BytesIO()
    with av.open(written, "w", format=container) as film:
        film.metadata.update(tags or {})
        stream = film.add_stream(codec, rate=FRAMES_A_SECOND)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        film.start_encoding()
        for number in range(round(seconds * FRAMES_A_SECOND)):
            is_bright = bright[0] <= number / FRAMES_A_SECOND < bright[1]
            picture = np.full((size[1], size[0], 3), 210 if is_bright else shade, np.uint8)
            picture[:16, : 2 + number] = 128  # frames differ, as those of a real film
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        film.mux(stream.encode(None))
    return written.getvalue()


def with_idit(film: bytes, text: str) -> bytes:
    """An AVI with the date chunk that cameras put at the end of its header list."""
    chunk = text.encode().ljust(26, b"\x00")
    chunk = b"IDIT" + struct.pack("<I", len(chunk)) + chunk
    start = film.index(b"hdrl") - 8
    (length,) = struct.unpack_from("<I", film, start + 4)
    end = start + 8 + length
    grown = bytearray(film[:end] + chunk + film[end:])
    struct.pack_into("<I", grown, 4, len(grown) - 8)
    struct.pack_into("<I", grown, start + 4, length + len(chunk))
    return bytes(grown)


def turned(film: bytes) -> bytes:
    """An MP4 of a phone held upright: its header says to turn it a quarter clockwise."""
    lying = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30)
    upright = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    place = film.index(lying, film.index(b"tkhd"))
    return film[:place] + upright + film[place + len(lying) :]


def damaged(film: bytes) -> bytes:
    """An MP4, MOV or 3GP whose header is whole and whose second half of pictures is lost."""
    start, end = film.index(b"mdat") + 4, film.rindex(b"moov") - 4
    half = start + (end - start) // 2
    return film[:half] + bytes(end - half) + film[end:]
