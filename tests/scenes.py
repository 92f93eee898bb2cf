"""What a camera sees at one station: one still scene by day and by infrared, with weather on it."""

import math
import random
from datetime import datetime
from enum import Enum
from io import BytesIO

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 160, 120
DATE_TIME_ORIGINAL, EXIF_IFD, MAKE, MODEL, SERIAL = 0x9003, 0x8769, 0x010F, 0x0110, 0xA431


class Look(Enum):
    """What stands between the lens and the scene."""

    CLEAR = "clear"
    FOG = "fog"
    SNOW = "snow"  # white-out: snow on the lens or thick snowfall
    LEAF = "leaf"  # something close covers most of the lens
    TURNED = "turned"  # the camera hangs elsewhere
    SKY = "sky"  # the camera has tilted back: half of what it sees is sky
    UNLIT = "unlit"  # the flash is dead: a night picture shows nothing
    BOARD = "board"  # the team holds its board with the time into the camera


class Scene:
    """The still scene of one station; each picture adds light, noise, weather and an animal."""

    def __init__(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.clear, self.turned = _ground(chance), _ground(chance)
        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        distance = np.hypot((columns - 80) / 80, (rows - 66) / 60)
        self.flash = np.clip(1.15 - 0.75 * distance, 0.12, 1.0)

    def picture(self, chance: random.Random, look: Look, *, is_grey: bool, light: float) -> bytes:
        """Draw one JPEG without EXIF; `light` is 0 in the dark and 1 under a high sun."""
        noise = np.random.default_rng(chance.getrandbits(32))
        seen = (self.turned if look is Look.TURNED else self.clear).copy()
        if look is Look.SKY:
            seen[:60] = 8 if is_grey else 250
        if look not in (Look.SNOW, Look.LEAF):
            _animal(seen, chance)
        if is_grey:
            luma = seen @ (0.299, 0.587, 0.114)
            seen = np.repeat((luma * self.flash * 0.9)[..., None], 3, axis=2)
        else:
            seen = seen * (0.35 + 0.75 * light) * chance.uniform(0.85, 1.1)
        seen = _weather(seen, look, chance, is_grey=is_grey)
        grain = noise.normal(0, 5 if is_grey else 3, (HEIGHT, WIDTH, 1 if is_grey else 3))
        pixels = np.clip(seen + grain, 0, 255).astype(np.uint8)
        if is_grey:
            pixels = np.repeat(pixels[..., :1], 3, axis=2)
        return _jpeg(Image.fromarray(pixels))


def with_exif(picture: bytes, shown: datetime, *, serial: str) -> bytes:
    """Put the time that a camera's clock showed into a picture, and the camera's name."""
    exif = Image.Exif()
    exif[MAKE], exif[MODEL] = "Synthetic", "Season 1"
    block = exif.get_ifd(EXIF_IFD)
    block[DATE_TIME_ORIGINAL] = f"{shown:%Y:%m:%d %H:%M:%S}".rjust(19, "0")
    block[SERIAL] = serial
    data = b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
    return picture[:2] + b"\xff\xe1" + (len(data) + 2).to_bytes(2, "big") + data + picture[2:]


def _ground(chance: np.random.Generator) -> np.ndarray:
    """A forest floor: large shapes of several colours with fine leaves on them."""
    total = np.zeros((HEIGHT, WIDTH, 3))
    for columns, rows, weight in ((4, 3, 60), (16, 12, 35), (80, 60, 30)):
        grid = chance.uniform(-1, 1, (rows, columns, 3)) * 0.45
        grid += chance.uniform(-1, 1, (rows, columns, 1)) * 0.75
        channels = [
            Image.fromarray(grid[..., band].astype(np.float32)).resize(
                (WIDTH, HEIGHT), Image.Resampling.BICUBIC
            )
            for band in range(3)
        ]
        total += weight * np.stack([np.asarray(channel) for channel in channels], axis=2)
    hue = np.array((0.95, 1.12, 0.72)) * chance.uniform(0.9, 1.1, 3)
    return np.clip((118 + total) * hue, 4, 250)


def _animal(seen: np.ndarray, chance: random.Random) -> None:
    """Something warm and darker or lighter than the ground, somewhere low in the picture."""
    if chance.random() < 0.3:
        return
    x, y = chance.uniform(20, 140), chance.uniform(55, 105)
    wide, high = chance.uniform(8, 26), chance.uniform(6, 16)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    inside = ((columns - x) / wide) ** 2 + ((rows - y) / high) ** 2 < 1
    shade = chance.choice((0.35, 0.5, 1.5))
    seen[inside] = np.clip(seen[inside] * shade * np.array((1.1, 0.95, 0.8)), 0, 255)


def _weather(seen: np.ndarray, look: Look, chance: random.Random, *, is_grey: bool) -> np.ndarray:
    if look is Look.FOG:
        return seen * 0.35 + 105
    if look is Look.SNOW:
        return seen * 0.03 + (225 if is_grey else chance.uniform(205, 232))
    if look is Look.UNLIT:
        return seen * 0.012 + 3
    if look is Look.LEAF:
        near = Image.fromarray(np.clip(seen, 0, 255).astype(np.uint8))
        blurred = np.asarray(near.filter(ImageFilter.GaussianBlur(40))) * 0.25
        tint = np.array((205, 205, 205) if is_grey else (52, 74, 30))
        return blurred + tint * 0.8
    if look is Look.BOARD:
        seen = seen.copy()
        seen[35:85, 50:115] = 232
        seen[48:52, 58:106] = seen[62:66, 58:100] = 25
    return seen


def daylight(altitude: float) -> float:
    """How bright a scene is under a sun of this altitude, 0..1."""
    return max(0.0, min(1.0, math.sin(math.radians(max(0.0, altitude + 4))) * 1.3))


def _jpeg(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()
