"""Make a picture fit to leave: nothing but pixels, the info bar masked, people blurred.

Every picture that leaves passes here and is encoded anew, so that no metadata, preview or trailing
byte of the original can travel along. A camera's bar tells place, name, date and temperature
(DOMAIN.md 9); it is masked always, not only where it was found: a bar that was overlooked leaks.
"""

import io
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from species_db.export.jpeg import JpegError, strip_jpeg
from species_db.language import tr
from species_db.tables import Observation
from species_db.vocabulary import ObservationType

if TYPE_CHECKING:
    from PIL.Image import Image

_ROWS = 200  # of the small picture in which bars are looked for: half a percent of the height each
_COLUMNS = 256
_BLACK = (0, 0, 0)


@dataclass(frozen=True)
class OutgoingSettings:
    """How much is masked and blurred."""

    # Widest printed text on the real cards of eleven makers: 2.6 % at the top (Reconyx SM750),
    # 6.8 % at the bottom (Bushnell, 800 x 600; SY 6.4 %). Half as much again and more is masked.
    top_share: float = 0.05
    bottom_share: float = 0.11
    # A strip that looks like a bar beyond this is the scene itself: a tunnel, the night sky.
    largest_share: float = 0.2
    margin_share: float = 0.01
    # The bar stays while the scene moves; its digits change in a few columns only.
    like_levels: int = 10
    like_columns: float = 0.6
    frames: int = 8
    # A bar is black or white nearly from edge to edge.
    bar_level: int = 14
    bar_columns: float = 0.55
    # A detector's box may cut off a hand; a whole body must be gone.
    box_margin: float = 0.25
    # Six cells across a body leave less than what tells two people apart.
    body_cells: int = 6
    quality: int = 90


@dataclass(frozen=True)
class Banner:
    """The strips at the top and the bottom of a picture, as shares of its height."""

    top_share: float
    bottom_share: float


@dataclass(frozen=True)
class Body:
    """A box around a person or a vehicle, in shares of the upright picture from its top left."""

    x: float
    y: float
    width: float
    height: float


def outgoing_image(
    data: bytes,
    *,
    orientation: int | None,
    banner: Banner,
    bodies: Iterable[Body] = (),
    settings: OutgoingSettings | None = None,
) -> bytes:
    """Give a JPEG as it may leave: upright, masked, blurred, without any metadata.

    The same picture gives the same bytes each time. Bars are masked before the picture is turned,
    where the camera printed them; bodies after it, as the models and people saw them.

    Raises:
        JpegError: the file is damaged or no JPEG, so nobody can say what is in it.
    """
    settings = settings or OutgoingSettings()
    picture = _opened(strip_jpeg(data, orientation=orientation))
    _mask(picture, banner)
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(picture)
    for body in bodies:
        _blur(picture, body, settings)
    clean = picture.copy()
    clean.info.clear()
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=settings.quality)
    return strip_jpeg(written.getvalue(), orientation=None)


def find_banner(pictures: Iterable[bytes], settings: OutgoingSettings | None = None) -> Banner:
    """Find how far the info bar of a deployment's camera reaches; never less than the usual bar.

    Rows from the edge belong to the bar while they are a flat strip in each picture, or stay alike
    in all pictures. Pictures that cannot be read are passed over: they do not leave anyway.
    """
    settings = settings or OutgoingSettings()
    small = [one for one in map(_small, pictures) if one is not None]
    return Banner(
        top_share=_reach(small, settings.top_share, settings),
        bottom_share=_reach([one[::-1] for one in small], settings.bottom_share, settings),
    )


def read_bodies(session: Session) -> dict[str, list[Body]]:
    """Every box of a person or a vehicle that anybody ever drew, by media.

    Also those of earlier models and of reviews no longer in force: one blur too many harms nobody.
    """
    rows = session.exec(
        select(Observation).where(
            col(Observation.media_id).is_not(None),
            col(Observation.bbox_x).is_not(None),
            col(Observation.observation_type).in_(
                [ObservationType.HUMAN.value, ObservationType.VEHICLE.value]
            ),
        )
    )
    bodies: dict[str, list[Body]] = defaultdict(list)
    for row in rows:
        box = row.bbox_x or 0.0, row.bbox_y or 0.0, row.bbox_width or 0.0, row.bbox_height or 0.0
        bodies[row.media_id or ""].append(Body(*box))
    return dict(bodies)


def _opened(data: bytes) -> "Image":
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=["JPEG"])
            turned = picture.getexif()
            decoded = picture.convert("RGB")
            decoded.info["exif"] = turned.tobytes() if turned else b""
            return decoded
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise JpegError(
            tr(f"the picture cannot be decoded ({error})", f"图像无法解码({error})")
        ) from error


def _mask(picture: "Image", banner: Banner) -> None:
    """Paint over the strips, in whole compression blocks: a glyph's ringing reaches beyond it."""
    block = 16 if picture.height >= 480 else 1
    top = -int(-picture.height * banner.top_share // block) * block
    bottom = -int(-picture.height * banner.bottom_share // block) * block
    picture.paste(_BLACK, (0, 0, picture.width, min(top, picture.height)))
    picture.paste(_BLACK, (0, max(picture.height - bottom, 0), picture.width, picture.height))


def _blur(picture: "Image", body: Body, settings: OutgoingSettings) -> None:
    """Put a few flat colours where a body was; what was there is not in the file any more."""
    from PIL.Image import Resampling

    side, rise = body.width * settings.box_margin, body.height * settings.box_margin
    left = max(int((body.x - side) * picture.width), 0)
    upper = max(int((body.y - rise) * picture.height), 0)
    right = min(int((body.x + body.width + side) * picture.width) + 1, picture.width)
    lower = min(int((body.y + body.height + rise) * picture.height) + 1, picture.height)
    if right <= left or lower <= upper:
        return
    box = (left, upper, right, lower)
    size = (right - left, lower - upper)
    cells = tuple(min(settings.body_cells, length) for length in size)
    coarse = picture.crop(box).resize((cells[0], cells[1]), Resampling.BOX)
    picture.paste(coarse.resize(size, Resampling.BICUBIC), box)


def _small(data: bytes) -> Any:
    """A picture's luma in few rows and columns, as an array; None when it cannot be read."""
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            picture.draft("L", (_COLUMNS, _ROWS))
            grey = picture.convert("L").resize((_COLUMNS, _ROWS), Image.Resampling.BOX)
            return np.asarray(grey, dtype=np.int16)
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        return None


def _reach(small: Sequence[Any], usual: float, settings: OutgoingSettings) -> float:
    """How far a bar reaches from the first row down, as a share of the height."""
    import numpy as np

    found = usual
    for grey in small:
        edge = np.median(grey[:2])
        is_extreme = edge <= settings.bar_level or edge >= 255 - settings.bar_level
        flat = (abs(grey - edge) <= settings.bar_level).mean(axis=1) >= settings.bar_columns
        found = max(found, _length(flat & is_extreme, settings))
    if len(small) >= 3:
        stack = np.stack(small)
        alike = (stack.max(axis=0) - stack.min(axis=0) <= settings.like_levels).mean(axis=1)
        found = max(found, _length(alike >= settings.like_columns, settings))
    return found


def _length(rows: Any, settings: OutgoingSettings) -> float:
    """The unbroken run of rows from the edge; a run beyond any bar's size is the scene."""
    import numpy as np

    broken = np.flatnonzero(~rows)
    share = float(broken[0] if broken.size else len(rows)) / len(rows)
    return 0.0 if share > settings.largest_share or share == 0 else share + settings.margin_share
