"""Pictures for the screen: small upright copies of the originals, made once and kept in the survey.

The originals stay untouched. A copy carries no EXIF, so no coordinate leaves with it.
"""

import io
import os
import struct
import uuid
from pathlib import Path

from PIL import Image, ImageOps
from pillow_heif import register_heif_opener

from review_app.films import FilmError, poster_of
from species_db.review import MediaView
from species_db.survey import Survey

LONG_SIDE_PX = 1280  # fills a laptop's screen; 4,000 px would only be scaled down there
SMALL_SIDE_PX = 200
BLURRED_SIDE_PX = 24  # a face is less than a pixel
QUALITY = 85
# What cameras and phones write; Pillow would open others too, and PostScript runs programs.
FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "HEIF")
BROKEN = (  # what Pillow raises on files that are missing, cut short, damaged or too large
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)

register_heif_opener()


class PictureError(Exception):
    """A file cannot be shown: it is missing, damaged, or no picture."""


def preview_of(survey: Survey, media: MediaView) -> Path:
    """Make the upright copy of a picture that screens show, unless it is there already.

    A film is shown by one of its frames, which detection has chosen or which is taken here.
    Written under another name first, so that a copy cut short is never shown.

    Raises:
        PictureError: the original is missing, damaged, or no picture.
    """
    path = survey.folder / "previews" / f"{media.media_id}.jpg"
    if not path.exists():
        original = survey.path_of(media.file_path)
        is_film = media.file_mediatype.startswith("video/")
        write_whole(path, _poster(original, media) if is_film else draw(original))
    return path


def small_of(survey: Survey, media: MediaView) -> Path:
    """Make the copy for the filmstrip."""
    path = survey.folder / "previews" / f"{media.media_id}.small.jpg"
    if not path.exists():
        write_whole(path, _scaled(preview_of(survey, media), SMALL_SIDE_PX))
    return path


def blurred_of(survey: Survey, media: MediaView) -> bytes:
    """Draw a picture with so few pixels that nobody in it can be known.

    Done here and not in the browser: what is not sent cannot be looked at.
    """
    return _scaled(preview_of(survey, media), BLURRED_SIDE_PX)


def draw(original: Path) -> bytes:
    """Scale a picture to the screen, upright, without EXIF.

    Boxes are relative to the upright picture, so the camera's orientation must be applied.

    Raises:
        PictureError: the file is missing, damaged, or no picture.
    """
    try:
        with Image.open(original, formats=FORMATS) as picture:
            picture.draft("RGB", (LONG_SIDE_PX, LONG_SIDE_PX))  # JPEG decodes smaller at once
            upright = ImageOps.exif_transpose(picture)
            return _jpeg(upright, LONG_SIDE_PX)
    except BROKEN as error:
        raise PictureError(f"{original.name} cannot be shown: {error}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all; two writers end up with one."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    part.write_bytes(content)
    os.replace(part, path)


def _poster(original: Path, media: MediaView) -> bytes:
    try:
        return _jpeg(poster_of(original, media.file_mediatype), LONG_SIDE_PX)
    except FilmError as error:
        raise PictureError(str(error)) from error


def _scaled(preview: Path, side_px: int) -> bytes:
    try:
        with Image.open(preview, formats=FORMATS) as picture:
            picture.draft("RGB", (side_px, side_px))
            return _jpeg(picture, side_px)
    except BROKEN as error:
        raise PictureError(f"{preview.name} cannot be shown: {error}") from error


def _jpeg(picture: Image.Image, side_px: int) -> bytes:
    if picture.mode.startswith("I;16"):  # else every 16-bit picture would come out white
        picture = picture.point(lambda value: value / 256, "L")
    small = picture.convert("RGB")
    small.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    small.info.clear()  # Pillow would write EXIF and colour profile back
    written = io.BytesIO()
    small.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
