"""What is measured of a picture: grey or colour above all, in numbers that size changes little."""

import csv
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.measure import measure
from models.pixels import decode_scaled

GENERATOR = np.random.default_rng(7)


def forest(*, colour: bool, size: tuple[int, int] = (640, 480)) -> np.ndarray:
    """A rough picture of leaves: grey, or green and brown."""
    coarse = GENERATOR.integers(30, 200, (48, 64, 1), dtype=np.uint8)
    tint = np.array([0.9, 1.0, 0.5] if colour else [1.0, 1.0, 1.0])
    picture = Image.fromarray((coarse * tint).astype(np.uint8))
    return np.asarray(picture.resize(size, Image.Resampling.BILINEAR))


def as_jpeg(picture: np.ndarray, quality: int = 60) -> np.ndarray:
    """The picture as a camera's JPEG gives it back."""
    written = BytesIO()
    Image.fromarray(picture).save(written, "JPEG", quality=quality)
    return np.asarray(Image.open(written).convert("RGB"))


def test_a_grey_picture_is_grey_and_a_coloured_one_is_not() -> None:
    """Infrared light leaves no colour; daylight does, even through strong compression."""
    assert measure(as_jpeg(forest(colour=False))).is_grey
    assert not measure(as_jpeg(forest(colour=True))).is_grey


@pytest.mark.parametrize("gains", [(1.04, 1.0, 1.02), (0.98, 1.0, 1.04)])
def test_a_slight_tint_is_still_grey(gains: tuple[float, ...]) -> None:
    """A camera whose infrared frames lean to pink or blue still took them at night."""
    tinted = np.clip(forest(colour=False) * np.array(gains), 0, 255).astype(np.uint8)
    assert measure(as_jpeg(tinted)).is_grey


def test_a_coloured_bar_does_not_count() -> None:
    """The information bars at the top and the bottom say nothing about the light."""
    picture = forest(colour=False).copy()
    picture[:40] = (250, 120, 0)
    picture[-60:] = (0, 60, 200)
    assert measure(as_jpeg(picture)).is_grey


def test_layout_tells_scenes_apart_whatever_the_light() -> None:
    """A darker, flatter picture of one scene has its layout; another scene has not."""

    def cells(picture: np.ndarray) -> np.ndarray:
        return np.frombuffer(bytes.fromhex(measure(picture).layout), np.uint8).astype(float)

    rows, columns = np.mgrid[0:480, 0:640]
    one = np.stack([40 + rows * 0.25 + 60 * (columns > 400)] * 3, axis=2).astype(np.uint8)
    other = np.stack([220 - rows * 0.2 - 60 * (columns > 400)] * 3, axis=2).astype(np.uint8)
    dusk = (one * 0.4 + 10).astype(np.uint8)
    assert len(cells(one)) == 24
    assert np.corrcoef(cells(one), cells(dusk))[0, 1] > 0.99
    assert np.corrcoef(cells(one), cells(other))[0, 1] < 0


def test_size_changes_little() -> None:
    """The same scene in a third of the pixels has the same brightness, and about its sharpness."""
    large = forest(colour=True, size=(1600, 1200))
    small = np.asarray(Image.fromarray(large).resize((533, 400), Image.Resampling.BOX))
    first, second = measure(large), measure(small)
    assert first.brightness == pytest.approx(second.brightness, abs=0.01)
    assert first.contrast == pytest.approx(second.contrast, abs=0.01)
    assert first.sharpness == pytest.approx(second.sharpness, rel=0.2)


def test_a_blurred_picture_is_less_sharp() -> None:
    """Fog on the lens, or a leaf before it, shows in the sharpness."""
    picture = Image.fromarray(forest(colour=True))
    blurred = picture.resize((16, 12)).resize(picture.size, Image.Resampling.BICUBIC)
    assert measure(np.asarray(blurred)).sharpness < measure(np.asarray(picture)).sharpness / 10


def test_the_histogram_is_sixteen_shares() -> None:
    """Half black and half white stands in the first and the last share alone."""
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[50:] = 255
    measured = measure(picture)
    assert measured.histogram in {"80" + "00" * 14 + "80", "7f" + "00" * 14 + "7f"}
    assert (measured.brightness, measured.contrast) == (0.5, 0.5)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 3)])
def test_odd_pictures_are_measured(size: tuple[int, int]) -> None:
    """A picture of a single line is measured without an error."""
    assert measure(np.full((*size, 3), 90, np.uint8)).is_grey


# Seen by eye; the night frames of card 5 are from 03:29, the grey label of the list is not used.
NIGHT = {
    "card01_bushnell_3shot/DCIM/100EK113/EK000005.JPG": True,
    "card01_bushnell_3shot/DCIM/100EK113/EK000039.JPG": True,
    "card01_bushnell_3shot/DCIM/100EK113/EK000001.JPG": False,
    "card01_bushnell_3shot/DCIM/100EK113/EK000009.JPG": False,
}


@pytest.mark.parametrize("name", NIGHT)
def test_real_photos_by_eye(name: str, shared: Path) -> None:
    """Real night and day photos of a Bushnell, with its coloured bar, are told apart."""
    image = decode_scaled(shared / "data" / "sdcard" / name, at_least=(896, 896))
    assert measure(image).is_grey is NIGHT[name]


def test_all_tunnel_frames_are_grey(shared: Path) -> None:
    """Every frame of a camera in a dark tunnel is infrared."""
    rows = (shared / "data" / "sdcard" / "MANIFEST.csv").open(encoding="utf-8", newline="")
    with rows as lines:
        names = [row["file"] for row in csv.DictReader(lines) if row["file"].startswith("card02")]
    grey = [
        measure(decode_scaled(shared / "data" / "sdcard" / name, at_least=(896, 896))).is_grey
        for name in names
    ]
    assert len(grey) > 5 and all(grey)
