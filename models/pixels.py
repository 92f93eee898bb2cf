"""Turn the bytes of a photo into upright RGB pixels, and fit them to a network."""

import io
import os
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

MAX_MEGAPIXELS = 200
FULL_SIZE = (1_000_000, 1_000_000)  # larger than any photo, so that nothing is scaled away
ORIENTATION_TAG = 0x0112
PADDING_GREY = 114
PREVIEW_QUALITY = 82
GENTLE_RATIO = 1.5  # up to here two neighbours hold all that a smaller pixel covers
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
cv2.setNumThreads(1)  # each worker thread has a photo of its own


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

    `picture` is RGB bytes (height, width, 3). A place in it is the photo's own place times
    `scale_x`, `scale_y`, moved right by `left` and down by `top`.
    """

    picture: np.ndarray
    scale_x: float
    scale_y: float
    left: int
    top: int
    photo_width: int
    photo_height: int

    @property
    def pixels(self) -> np.ndarray:
        """The picture as networks calculate with it: float32 (1, 3, height, width) in 0..1."""
        return as_floats(self.picture)

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
            wanted = _wanted(opened, at_least, is_turned=orientation >= 5)
            rgb = _plain_jpeg(opened, source, wanted)
            if rgb is None:
                opened.draft(opened.mode, wanted)
                opened.load()
                rgb = np.asarray(_to_rgb(opened))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise PixelsError(_too_large(place)) from problem
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as problem:
        raise PixelsError(
            f"Cannot decode {place}: {problem}. Expected a whole JPEG, PNG, TIFF, BMP or HEIC. "
            "Copy the file from the card again."
        ) from problem
    turn = UPRIGHT.get(orientation)
    return rgb if turn is None else np.asarray(Image.fromarray(rgb).transpose(turn))


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
    fitted = shrink(image, new_width, new_height)
    full_width, full_height = -(-new_width // stride) * stride, -(-new_height // stride) * stride
    left, top = (full_width - new_width) // 2, (full_height - new_height) // 2
    picture = fitted
    if (full_width, full_height) != (new_width, new_height):
        picture = np.full((full_height, full_width, 3), PADDING_GREY, np.uint8)
        picture[top : top + new_height, left : left + new_width] = fitted
    return Fit(
        picture=picture,
        scale_x=new_width / width,
        scale_y=new_height / height,
        left=left,
        top=top,
        photo_width=width,
        photo_height=height,
    )


def as_floats(picture: np.ndarray) -> np.ndarray:
    """Turn bytes (height, width, 3) into what a network reads: float32 (1, 3, height, width), 0..1.

    >>> as_floats(np.full((2, 4, 3), 255, np.uint8)).shape
    (1, 3, 2, 4)
    """
    floats = np.empty((1, 3, *picture.shape[:2]), np.float32)
    np.multiply(picture.transpose(2, 0, 1), np.float32(1 / 255), out=floats[0])
    return floats


def shrink(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Scale a picture, averaging all of the area under each pixel where it becomes smaller.

    Averaging odd shares of pixels is slow and four pixels to one is fast, so a picture a little
    larger than twice what is wanted is first brought to that.
    """
    if image.shape[:2] == (height, width):
        return image
    twice = (2 * width, 2 * height)
    if image.shape[0] < height or image.shape[1] < width:
        return _resized(image, (width, height), cv2.INTER_LINEAR)
    ratio = max(image.shape[0] / twice[1], image.shape[1] / twice[0])
    if 1 < ratio <= GENTLE_RATIO and min(image.shape[0] / twice[1], image.shape[1] / twice[0]) >= 1:
        image = _resized(image, twice, cv2.INTER_LINEAR)
    return _resized(image, (width, height), cv2.INTER_AREA)


def fit_within(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a picture down to fit into `size` (width, height); smaller ones stay as they are.

    Sides become even, so that half of it is a plain mean of four pixels.

    >>> fit_within(np.zeros((1125, 1500, 3), np.uint8), (1280, 1280)).shape
    (960, 1280, 3)
    """
    height, width = image.shape[:2]
    share = min(size[0] / width, size[1] / height)
    if share >= 1:
        return image
    wanted = (max(2, 2 * round(width * share / 2)), max(2, 2 * round(height * share / 2)))
    way = cv2.INTER_LINEAR if share >= 1 / GENTLE_RATIO else cv2.INTER_AREA
    return _resized(image, wanted, way)


def save_preview(image: np.ndarray, path: Path, *, long_side: int = 1024) -> None:
    """Save a small JPEG of a decoded photo for the review screen, without any EXIF."""
    write_preview(encode_preview(image, long_side=long_side), path)


def encode_preview(image: np.ndarray, *, long_side: int = 1024) -> bytes:
    """Make a small JPEG of a decoded photo: the place where it was taken must not leave with it."""
    small = np.ascontiguousarray(fit_within(image, (long_side, long_side)))
    preview: bytes = simplejpeg.encode_jpeg(
        small, quality=PREVIEW_QUALITY, colorsubsampling="420", fastdct=True
    )
    return preview


def write_preview(preview: bytes, path: Path) -> None:
    """Give a preview its name only when it is complete: it is either whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(preview)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _resized(image: np.ndarray, size: tuple[int, int], way: int) -> np.ndarray:
    resized: np.ndarray = cv2.resize(np.ascontiguousarray(image), size, interpolation=way)
    return resized


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


def _wanted(opened: Image.Image, at_least: tuple[int, int], *, is_turned: bool) -> tuple[int, int]:
    width, height = reversed(at_least) if is_turned else at_least
    share = min(width / opened.width, height / opened.height, 1.0)
    return int(np.ceil(opened.width * share)), int(np.ceil(opened.height * share))


def _plain_jpeg(opened: Image.Image, source: bytes, wanted: tuple[int, int]) -> np.ndarray | None:
    """Decode a grey or coloured JPEG in three quarters of the time that Pillow takes.

    None for other kinds and for damage of any sort: Pillow tells what is wrong, or whether it can
    be borne.
    """
    if not isinstance(opened, JpegImageFile) or opened.mode not in ("RGB", "L"):
        return None
    is_scaled = wanted != opened.size
    try:
        pixels: np.ndarray = simplejpeg.decode_jpeg(
            source,
            min_width=wanted[0],
            min_height=wanted[1],
            min_factor=1,
            fastdct=is_scaled,
            fastupsample=is_scaled,
            strict=True,
        )
    except ValueError:
        return None
    return pixels


def _to_rgb(opened: Image.Image) -> Image.Image:
    if opened.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip instead of scale
        high = np.asarray(opened).astype(np.int64) // 256
        return Image.fromarray(np.clip(high, 0, 255).astype(np.uint8)).convert("RGB")
    if opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info:
        grey = Image.new("RGBA", opened.size, (PADDING_GREY,) * 3 + (255,))
        return Image.alpha_composite(grey, opened.convert("RGBA")).convert("RGB")
    return opened if opened.mode == "RGB" else opened.convert("RGB")
