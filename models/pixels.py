"""Turn the bytes of a photo into upright RGB pixels, and fit them to a network."""

import io
import os
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image

MAX_MEGAPIXELS = 200
FULL_SIZE = (1_000_000, 1_000_000)  # larger than any photo, so that nothing is scaled away
ORIENTATION_TAG = 0x0112
PADDING_GREY = 114
CAMERA_FORMATS = ("JPEG", "PNG", "TIFF", "BMP")
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Pillow refuses a large picture by a limit for the whole process; make it the same as ours.
Image.MAX_IMAGE_PIXELS = MAX_MEGAPIXELS * 1_000_000


class Decode(StrEnum):
    """How much of a photo is decoded for a network; each run records it."""

    SCALED = "scaled"
    """To at least twice the network's input."""
    FULL = "full"


class PixelsError(Exception):
    """A file holds no picture that can be decoded whole."""


@dataclass(frozen=True)
class Fit:
    """A photo fitted into a network's input, and the way back from there to the photo.

    `pixels` is float32 of shape (1, 3, height, width) in 0..1. A place in it is the photo's own
    place times `scale_x`, `scale_y`, moved right by `left` and down by `top`.
    """

    pixels: np.ndarray
    scale_x: float
    scale_y: float
    left: int
    top: int
    photo_width: int
    photo_height: int

    def relative_to_photo(self, corners: np.ndarray) -> np.ndarray:
        """Turn corners (x1, y1, x2, y2) in the input to shares of the photo, clipped to 0..1."""
        x = (corners[:, 0::2] - self.left) / (self.scale_x * self.photo_width)
        y = (corners[:, 1::2] - self.top) / (self.scale_y * self.photo_height)
        back = np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1)
        return np.clip(back, 0.0, 1.0)


def size_for(image_size: int, decode: Decode = Decode.SCALED) -> tuple[int, int]:
    """Say what to decode a photo to, for a network whose input is `image_size`.

    >>> size_for(640), size_for(640, Decode.FULL) == FULL_SIZE
    ((1280, 1280), True)
    """
    return (2 * image_size, 2 * image_size) if decode is Decode.SCALED else FULL_SIZE


def decode_scaled(data: bytes | Path, *, at_least: tuple[int, int]) -> np.ndarray:
    """Decode a photo upright, as RGB, at the smallest size that serves a picture of `at_least`.

    `at_least` is the (width, height) that the photo will be fitted into; ask for twice the
    network's input, because the choice of pixels right at its size changes weak detections. JPEG
    can skip detail while decoding (to 1/2, 1/4 or 1/8); other formats come at full size. The EXIF
    orientation is applied, so boxes belong to the photo as people see it. Grey, palette, CMYK,
    16-bit and transparent pictures become plain RGB.

    >>> picture = io.BytesIO()
    >>> Image.new("L", (4000, 3000)).save(picture, "JPEG")
    >>> decode_scaled(picture.getvalue(), at_least=(960, 960)).shape
    (750, 1000, 3)

    Raises:
        PixelsError: the file is no picture, is damaged or cut short, or is too large to be a photo.
    """
    place = str(data) if isinstance(data, Path) else f"{len(data)} bytes"
    try:
        source = data.read_bytes() if isinstance(data, Path) else data
        with _open(source) as opened:
            _refuse_huge(opened, place)
            orientation = _orientation(opened)
            _draft(opened, at_least, is_turned=orientation >= 5)
            opened.load()
            rgb = _to_rgb(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise PixelsError(_too_large(place)) from problem
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as problem:
        raise PixelsError(
            f"Cannot decode {place}: {problem}. Expected a whole JPEG, PNG, TIFF, BMP or HEIC. "
            "Copy the file from the card again."
        ) from problem
    turn = UPRIGHT.get(orientation)
    return np.asarray(rgb if turn is None else rgb.transpose(turn))


def letterbox(image: np.ndarray, size: int, stride: int = 32) -> Fit:
    """Fit a photo into a network's input of at most `size` a side, keeping its proportions.

    The input is as small a rectangle of whole `stride` steps as holds the photo, so a 4:3 photo
    costs a quarter less than in a square. Shrinking averages the whole area under each pixel:
    picking single pixels would make thin legs and antlers flicker.

    >>> letterbox(np.zeros((1500, 2000, 3), np.uint8), 640).pixels.shape
    (1, 3, 480, 640)
    """
    height, width = image.shape[:2]
    scale = size / max(height, width)
    new_width, new_height = max(1, round(width * scale)), max(1, round(height * scale))
    if (new_width, new_height) != (width, height):
        averaging = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
        image = np.asarray(Image.fromarray(image).resize((new_width, new_height), averaging))
    full_width, full_height = -(-new_width // stride) * stride, -(-new_height // stride) * stride
    left, top = (full_width - new_width) // 2, (full_height - new_height) // 2
    pixels = np.full((1, 3, full_height, full_width), PADDING_GREY / 255, np.float32)
    inside = pixels[0, :, top : top + new_height, left : left + new_width]
    np.multiply(image.transpose(2, 0, 1), np.float32(1 / 255), out=inside)
    return Fit(
        pixels=pixels,
        scale_x=new_width / width,
        scale_y=new_height / height,
        left=left,
        top=top,
        photo_width=width,
        photo_height=height,
    )


def save_preview(image: np.ndarray, path: Path, *, long_side: int = 1024) -> None:
    """Save a small JPEG of a decoded photo for the review screen, without any EXIF."""
    write_preview(encode_preview(image, long_side=long_side), path)


def encode_preview(image: np.ndarray, *, long_side: int = 1024) -> bytes:
    """Make a small JPEG of a decoded photo: the place where it was taken must not leave with it."""
    picture = Image.fromarray(image)
    picture.thumbnail((long_side, long_side), Image.Resampling.BOX)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=82)
    return written.getvalue()


def write_preview(preview: bytes, path: Path) -> None:
    """Give a preview its name only when it is complete: it is either whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(preview)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _open(source: bytes) -> Image.Image:
    """Open as one of the formats that cameras write; others, such as PostScript, run programs."""
    formats = list(CAMERA_FORMATS)
    if source[4:8] == b"ftyp":
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats.append("HEIF")
    return Image.open(io.BytesIO(source), formats=formats)


def _refuse_huge(opened: Image.Image, place: str) -> None:
    if opened.width * opened.height > MAX_MEGAPIXELS * 1_000_000:
        raise PixelsError(_too_large(place))


def _too_large(place: str) -> str:
    return (
        f"{place} says that it has more than {MAX_MEGAPIXELS} megapixels, which no trap camera "
        "makes. It is damaged or no photo; leave it out, or scale it down first."
    )


def _orientation(opened: Image.Image) -> int:
    """Read how the camera was held; a photo with broken EXIF is still a photo."""
    try:
        return int(opened.getexif().get(ORIENTATION_TAG, 1))
    except (OSError, SyntaxError, TypeError, ValueError, struct.error):
        return 1


def _draft(opened: Image.Image, at_least: tuple[int, int], *, is_turned: bool) -> None:
    width, height = reversed(at_least) if is_turned else at_least
    share = min(width / opened.width, height / opened.height, 1.0)
    wanted = (int(np.ceil(opened.width * share)), int(np.ceil(opened.height * share)))
    opened.draft(opened.mode, wanted)


def _to_rgb(opened: Image.Image) -> Image.Image:
    if opened.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip instead of scale
        high = np.asarray(opened).astype(np.int64) // 256
        return Image.fromarray(np.clip(high, 0, 255).astype(np.uint8)).convert("RGB")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        grey = Image.new("RGBA", opened.size, (PADDING_GREY,) * 3 + (255,))
        return Image.alpha_composite(grey, opened.convert("RGBA")).convert("RGB")
    return opened if opened.mode == "RGB" else opened.convert("RGB")
