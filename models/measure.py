"""Measure a picture: grey or colour, brightness, contrast, sharpness, spread and layout of greys.

These few numbers are what the clock's sun test and the camera's health are judged by, so that no
photo is decoded a second time for them.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image


@dataclass(frozen=True)
class MeasureSettings:
    """What a picture is measured at, and what still counts as grey.

    The limits of grey were set by eye on 1,604 real photos: 163 of the 164 that it calls grey are
    (the other is a track in snow), and one grey film still, tinted pink, is missed.
    """

    long_side: int = 160
    """All pictures are measured at this size: sharpness then does not depend on the megapixels."""

    banner_share: float = 0.15
    """Information bars stand in the top or bottom of a picture and are often coloured."""

    darkest: int = 32
    brightest: int = 224
    """Beyond these a colour photo has lost its colour too: only the lit part tells."""

    least_lit_share: float = 0.02
    """With fewer lit pixels than this the whole middle is judged."""

    colour_percentile: float = 90.0
    """A tenth of an infrared picture may be coloured: edges, a burnt-in label, JPEG blocks."""

    most_colour: float = 2.0
    """Steps of 255 that chroma may stray from the picture's own tint: the noise of JPEG."""

    most_tint: float = 6.0
    """Steps of 255 that the picture as a whole may lean to pink or blue; blue snow leans more."""

    histogram_bins: int = 16

    layout_grid: tuple[int, int] = (4, 6)
    """Rows and columns: an animal fills a cell or two, the scene all of them."""

    layout_margin: float = 0.08
    """Of the height, above and below: information bars would make all scenes alike."""

    layout_spread: float = 40.0
    """Steps of a byte for one standard deviation: three of them fit."""


DEFAULT = MeasureSettings()
LUMA_STEPS = 255.0


@dataclass(frozen=True)
class PictureMeasures:
    """What was measured on one picture.

    `brightness` is the mean and `contrast` the standard deviation of luma, 0..1. `sharpness` is
    the variance of the Laplacian of luma (0..1) at the fixed small size: near 0 for a fogged or
    covered lens, hundredths for a forest. `histogram` is 16 shares of luma, dark to bright, each
    as two hex digits of 0..255 parts. `layout` is the mean luma of 4 x 6 cells row by row, each as
    two hex digits: 80 is the picture's mean, and light and contrast are taken out, so that one
    scene looks alike at noon and at dusk, and two scenes do not.
    """

    is_grey: bool
    brightness: float
    contrast: float
    sharpness: float
    histogram: str
    layout: str


def measure(image: np.ndarray, settings: MeasureSettings = DEFAULT) -> PictureMeasures:
    """Measure one decoded picture (RGB, uint8), in a few milliseconds whatever its size.

    >>> night = np.full((120, 160, 3), 40, np.uint8)
    >>> measured = measure(night)
    >>> measured.is_grey, measured.sharpness, measured.histogram[:6]
    (True, 0.0, '0000ff')
    """
    luma, chroma = _small_planes(image, settings.long_side)
    share = luma / LUMA_STEPS
    return PictureMeasures(
        is_grey=_is_grey(luma, chroma, settings),
        brightness=round(float(share.mean()), 4),
        contrast=round(float(share.std()), 4),
        sharpness=round(_sharpness(share), 6),
        histogram=_histogram(luma, settings.histogram_bins),
        layout=_layout(luma, settings),
    )


def _small_planes(image: np.ndarray, long_side: int) -> tuple[np.ndarray, np.ndarray]:
    """Shrink to the size that is measured; give luma (rows, columns) and chroma (2, rows, columns).

    Lines that the averaging can spare are left out first: copying all of them would cost more
    than everything else here.
    """
    scale = long_side / max(image.shape[:2])
    rows, columns = (max(1, round(side * scale)) for side in image.shape[:2])
    spared = image[:: max(1, image.shape[0] // (2 * rows))]
    if spared.shape[1] % columns == 0 and spared.shape[0] % rows == 0:  # the quick way, and exact
        spared = cv2.resize(spared, (columns, rows), interpolation=cv2.INTER_AREA)
    picture = Image.fromarray(np.ascontiguousarray(spared))
    small = picture.resize((columns, rows), Image.Resampling.BOX, reducing_gap=2.0)
    planes = np.asarray(small.convert("YCbCr"), np.float32).transpose(2, 0, 1)
    return np.ascontiguousarray(planes[0]), planes[1:] - 128


def _is_grey(luma: np.ndarray, chroma: np.ndarray, settings: MeasureSettings) -> bool:
    """Judge the middle of the picture: little tint, and little colour besides that tint.

    A tinted filter colours bright places more than dark ones, so what is taken away first is a
    line over luma and not one value.
    """
    rows = luma.shape[0]
    middle = slice(int(rows * settings.banner_share), rows - int(rows * settings.banner_share))
    grey, colour = luma[middle].ravel(), chroma[:, middle].reshape(2, -1)
    lit = (grey >= settings.darkest) & (grey <= settings.brightest)
    if lit.mean() >= settings.least_lit_share:
        grey, colour = grey[lit], colour[:, lit]
    if np.hypot(*np.median(colour, axis=1)) > settings.most_tint:
        return False
    strayed = np.hypot(*(colour - _tint(grey, colour)))
    return bool(np.percentile(strayed, settings.colour_percentile) <= settings.most_colour)


def _tint(grey: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The straight lines that both chroma planes follow over luma."""
    centred = grey - grey.mean()
    spread = float(centred @ centred)
    slope = (colour @ centred) / spread if spread else np.zeros(2, np.float32)
    lines: np.ndarray = colour.mean(axis=1)[:, None] + np.outer(slope, centred)
    return lines


def _sharpness(share: np.ndarray) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000), the usual measure of focus."""
    if min(share.shape) < 3:
        return 0.0
    middle = share[1:-1, 1:-1]
    around = share[:-2, 1:-1] + share[2:, 1:-1] + share[1:-1, :-2] + share[1:-1, 2:]
    return float((around - 4 * middle).var())


def _histogram(luma: np.ndarray, bins: int) -> str:
    counts = np.bincount((luma.ravel() * (bins / 256)).astype(np.uint8), minlength=bins)
    return "".join(f"{round(255 * count / luma.size):02x}" for count in counts)


def _layout(luma: np.ndarray, settings: MeasureSettings) -> str:
    """Where the picture is light and where it is dark, whatever the light of the hour."""
    margin = int(luma.shape[0] * settings.layout_margin)
    rows, columns = settings.layout_grid
    middle = Image.fromarray(np.ascontiguousarray(luma[margin : luma.shape[0] - margin]))
    cells = np.asarray(middle.resize((columns, rows), Image.Resampling.BOX)).ravel()
    spread = float(cells.std())
    level = (cells - cells.mean()) / spread if spread else np.zeros(cells.size)
    steps = np.clip(np.rint(128 + settings.layout_spread * level), 0, 255)
    return bytes(steps.astype(np.uint8)).hex()
