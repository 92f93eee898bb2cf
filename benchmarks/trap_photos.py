"""Make a card of 8 and 12 megapixel photos that cost as much to decode as a trap camera's.

Real photos of the shared folder, where it stands beside the checkout, and drawn scenes otherwise,
are scaled up and given noise until they hold about 2.1 bits a pixel at JPEG quality 90: real trap
photos hold 0.8 to 2.3. Half are 3264x2448, half 4000x3000; chroma is 4:2:0 and 4:2:2 in turns.
"""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
SIZES = ((3264, 2448), (4000, 3000))
SUBSAMPLINGS = ("4:2:0", "4:2:2")
QUALITY = 90
BITS_A_PIXEL = 2.1
NOISE_STEPS = (1.5, 3, 4.5, 6, 7.5, 9, 12, 16)
PROBE_PX = 768


def make_card(folder: Path, photos: int, report: Callable[[int], None]) -> list[Path]:
    """Write as many distinct photos; those already there from an earlier run are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(7)
    field = rng.standard_normal((3200, 4200, 1), np.float32)
    scenes = real_scenes()
    paths = []
    for number in range(photos):
        path = folder / f"IMG_{number + 1:04d}.JPG"
        paths.append(path)
        if not path.exists():
            size = SIZES[number % 2]
            if scenes and number % 8 != 7:
                with Image.open(scenes[number % len(scenes)]) as opened:
                    scene = opened.convert("RGB")
            else:
                scene = drawn_scene(number)
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(_photo(scene, size, field, number))
            unfinished.rename(path)
        report(number + 1)
    return paths


def real_scenes() -> list[Path]:
    """Give the real photos beside the checkout in a fixed order; none where they are absent."""
    found = sorted((SHARED / "detector" / "images" / "val").glob("*.jpg"))
    return found + sorted((SHARED / "sdcard").rglob("*.JPG"))


def drawn_scene(seed: int) -> Image.Image:
    """Draw a hillside of blurred greens and browns, with a dark animal-sized blob on it."""
    rng = np.random.default_rng(seed)
    light = np.zeros((600, 800), np.float32)
    for cells in (3, 7, 16, 40, 100):
        grey = Image.fromarray(rng.random((cells, cells), np.float32))
        light += np.asarray(grey.resize((800, 600), Image.Resampling.BICUBIC)) / cells**0.4
    light = (light - light.min()) / (light.max() - light.min())
    tint = np.array([90 + rng.integers(60), 110 + rng.integers(50), 60 + rng.integers(40)])
    scene = light[..., None] * tint + 40
    x, y = rng.integers(150, 650), rng.integers(300, 500)
    rows, columns = np.mgrid[:600, :800]
    scene[((columns - x) / 60) ** 2 + ((rows - y) / 30) ** 2 < 1] *= 0.4
    return Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))


def with_other_bytes(photo: bytes, number: int) -> bytes:
    """Give the same picture another hash by a comment, so that it counts as another photo."""
    comment = f"copy {number}".encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def _photo(scene: Image.Image, size: tuple[int, int], field: np.ndarray, number: int) -> bytes:
    large = np.asarray(scene.resize(size, Image.Resampling.BICUBIC), np.float32)
    noise = np.roll(field, number * 137, axis=1)[: size[1], : size[0]]
    subsampling = SUBSAMPLINGS[number // 2 % 2]
    middle = (slice(size[1] // 3, size[1] // 3 + PROBE_PX), slice(1000, 1000 + PROBE_PX))
    for step in NOISE_STEPS:
        probe = _encoded(large[middle] + step * noise[middle], subsampling)
        if 8 * len(probe) / PROBE_PX**2 >= BITS_A_PIXEL:
            break
    return _encoded(large + step * noise, subsampling)


def _encoded(pixels: np.ndarray, subsampling: str) -> bytes:
    written = BytesIO()
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    picture.save(written, "JPEG", quality=QUALITY, subsampling=subsampling)
    return written.getvalue()
