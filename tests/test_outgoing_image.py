"""Pictures that leave: nothing but pixels, the info bar masked, people blurred."""

import io
from pathlib import Path

import numpy as np
import pytest
from exports import fill_survey, media_of, telling_jpeg
from factories import make_machine_observation
from numpy.typing import NDArray
from PIL import Image

from species_db.export.jpeg import JpegError
from species_db.export.outgoing_image import (
    Banner,
    Body,
    OutgoingSettings,
    find_banner,
    outgoing_image,
    read_bodies,
)
from species_db.survey import Survey

USUAL = find_banner([])
NO_BANNER = Banner(0, 0)
# How far the printed text reaches on real pictures, read off with a ruler: top and bottom, in
# shares of the height. Makers' logos above the strip tell no place and are not counted.
PRINTED = {
    "sdcard/card01_bushnell_3shot": (0, 0.045),
    "sdcard/card02_reconyx_sm750": (0.026, 0.022),
    "sdcard/card03_reconyx_hf2": (0.023, 0.024),
    "sdcard/card04_hikmicro_gps": (0, 0.045),
    "sdcard/card05_mixed_brands": (0, 0.045),
    "exif/reconyx_hc500_fw330.jpg": (0.023, 0.024),
    "exif/reconyx_ultrafire_idaho.jpg": (0.018, 0.018),
    "exif/bushnell_trophy_119775c.jpg": (0, 0.045),
    "exif/reconyx_hc550_nacti.jpg": (0.023, 0.024),
    "exif/cuddeback_g4.jpg": (0, 0.05),
    "exif/cuddeback_g61.jpg": (0, 0.05),
    "exif/browning_btc5hdp_gimp.jpg": (0, 0.075),
    "exif/primos_truthcam35.jpg": (0, 0.055),
    "exif/bushnell_orinoquia.jpg": (0, 0.07),
    "exif/reconyx_hf2_burst_31.jpg": (0.023, 0.024),
    "exif/reconyx_hf2_pro_covert.jpg": (0.023, 0.024),
}
# What decoding needs, and the JFIF header; everything else could carry words.
KEPT_MARKERS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDD, 0xDA}


def pixels(data: bytes) -> NDArray[np.int16]:
    """The picture as an array."""
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.int16)


def jpeg_of(array: NDArray[np.uint8]) -> bytes:
    """An array as a JPEG of high quality."""
    written = io.BytesIO()
    Image.fromarray(array).save(written, "JPEG", quality=95)
    return written.getvalue()


def noise(seed: int, size: tuple[int, int] = (600, 800)) -> NDArray[np.uint8]:
    """A picture in which no two pixels are alike."""
    return np.random.default_rng(seed).integers(40, 215, (*size, 3), dtype=np.uint8)


def markers(data: bytes) -> tuple[set[int], bytes]:
    """The segments of a JPEG, and what follows its end."""
    position, found = 2, set()
    while data[position + 1] != 0xDA:
        found.add(data[position + 1])
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    end = data.rindex(b"\xff\xd9")
    return found | {0xDA}, data[end + 2 :]


@pytest.mark.parametrize(
    "name",
    [
        "d_linzhi_gps.jpg",
        "d_linzhi_4800m_utc_offset.jpg",
        "adobe_xmp_south.jpg",
        "pillow_frame_size.mpo",
        "pillow_cmyk.jpg",
        "iphone7_w.jpg",
        "reconyx_hf2_burst_31.jpg",
        "pixel8pro_offset.jpg",
    ],
)
def test_no_metadata_of_a_real_picture_leaves(shared: Path, name: str) -> None:
    """No Exif, XMP, IPTC, colour text, second picture, comment or trailing byte is left."""
    data = (shared / "data/exif" / name).read_bytes()
    found, rest = markers(outgoing_image(data, orientation=1, banner=USUAL))
    assert found <= KEPT_MARKERS
    assert rest == b""


def test_nothing_but_pixels_of_any_real_picture_leaves(shared: Path) -> None:
    """Every picture of the cards and of the collection: cleaned, or refused with a reason."""
    words = (b"Exif\x00", b"http://ns.adobe.com", b"MPF\x00", b"ICC_PROFILE", b"Photoshop 3.0")
    words += (b"Reconyx", b"RECONYX", b"Bushnell", b"BUSHNELL", b"HIKMICRO", b"iPhone", b"Canon")
    left, refused = 0, set()
    for path in sorted([*(shared / "data/sdcard").rglob("*"), *(shared / "data/exif").iterdir()]):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".mpo", ".heic", ".png"):
            continue
        try:
            data = outgoing_image(path.read_bytes(), orientation=None, banner=USUAL)
        except JpegError:
            refused.add(path.name)
            continue
        left += 1
        found, rest = markers(data)
        assert found <= KEPT_MARKERS, path.name
        assert (rest, [word for word in words if word in data]) == (b"", []), path.name
    assert left > 100
    assert {"iphone8_guangzhou.heic", "d_trunc_half.jpg", "d_huge_dimensions.jpg"} <= refused


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "TIFF"])
def test_other_kinds_of_picture_do_not_leave(kind: str) -> None:
    """What carries text chunks, frames or Exif of its own is refused, whatever it is called."""
    written = io.BytesIO()
    Image.fromarray(noise(1, (32, 48))).save(written, kind)
    with pytest.raises(JpegError):
        outgoing_image(written.getvalue(), orientation=None, banner=USUAL)


def test_no_planted_word_leaves() -> None:
    """Words in Exif, in a comment and behind the end of the file stay behind."""
    data = telling_jpeg()
    assert b"HIDDEN" in data
    assert b"HIDDEN" not in outgoing_image(data, orientation=6, banner=USUAL)


@pytest.mark.parametrize("name", PRINTED)
def test_the_printed_bar_of_real_cameras_is_black(shared: Path, name: str) -> None:
    """Every row that carries text on a real picture leaves black, from edge to edge."""
    where = shared / "data" / name
    files = sorted(where.rglob("*.[Jj][Pp][Gg]")) if where.is_dir() else [where]
    banner = find_banner(file.read_bytes() for file in files[:: max(len(files) // 8, 1)][:8])
    top, bottom = PRINTED[name]
    for file in files[::3]:
        left = pixels(outgoing_image(file.read_bytes(), orientation=1, banner=banner))
        height = len(left)
        assert left[: int(height * top) + 1].max() <= 16
        assert left[height - int(height * bottom) - 1 :].max() <= 16
        assert left[int(height * 0.25) : int(height * 0.75)].max() > 40


@pytest.mark.parametrize("level", [0, 255])
def test_a_larger_bar_than_usual_is_found(level: int) -> None:
    """A bar of 16 % with a name in it is masked whole, in one picture as in many."""
    frames = []
    for seed in range(4):
        frame = noise(seed)
        frame[504:] = level
        frame[520:580, 100:200] = 255 - level
        frames.append(jpeg_of(frame))
    for shown in (frames, frames[:1]):
        banner = find_banner(shown)
        assert 0.16 < banner.bottom_share < 0.2
        assert pixels(outgoing_image(frames[0], orientation=1, banner=banner))[504:].max() <= 16
    assert banner.top_share == OutgoingSettings().top_share


def test_a_grey_bar_is_found_by_what_stays_while_the_scene_moves() -> None:
    """A bar that is neither black nor white shows itself by being alike in all frames."""
    frames = []
    for seed in range(4):
        frame = noise(seed)
        frame[:90] = 128
        frame[20:70, 300 + 40 * seed : 340 + 40 * seed] = 250
        frames.append(jpeg_of(frame))
    assert find_banner(frames).top_share > 0.15
    assert find_banner(frames[:1]).top_share == OutgoingSettings().top_share


def test_a_dark_or_still_scene_is_no_bar() -> None:
    """A night without a moon is not masked as a whole."""
    night = jpeg_of(np.zeros((600, 800, 3), dtype=np.uint8))
    assert find_banner([night] * 5) == USUAL


def test_a_body_cannot_be_told_from_another() -> None:
    """Stripes and checks of one mean leave alike, and so does the margin around the box."""
    body = Body(0.4, 0.3, 0.2, 0.4)
    left = []
    for period in (2, 5):
        scene = np.full((600, 800, 3), 120, dtype=np.uint8)
        rows, columns = np.mgrid[150:450, 280:520]
        scene[150:450, 280:520, :] = (60 + 120 * ((columns // period + rows // 3) % 2))[..., None]
        left.append(
            pixels(outgoing_image(jpeg_of(scene), orientation=1, banner=NO_BANNER, bodies=[body]))
        )
    inside = (slice(150, 450), slice(290, 510))
    assert np.abs(left[0][inside] - left[1][inside]).mean() < 6
    for picture in left:
        assert np.abs(np.diff(picture[inside], axis=1)).mean() < 2
    assert np.abs(left[0][:60] - 120).max() <= 3


def test_few_colours_are_left_of_a_body() -> None:
    """What leaves holds six by six colours at most: nothing that any filter could sharpen."""
    picture = noise(1)
    data = jpeg_of(picture)
    left = pixels(outgoing_image(data, orientation=1, banner=NO_BANNER, bodies=[Body(0, 0, 1, 1)]))
    before = np.abs(np.diff(picture.astype(np.int16), axis=0)).mean()
    assert np.abs(np.diff(left, axis=0)).mean() < before / 50


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (0, 0)), (6, (0, 0))])
def test_boxes_lie_on_the_upright_picture(orientation: int, corner: tuple[int, int]) -> None:
    """The camera hung askew: the picture leaves upright, with the blur where the box was drawn."""
    data = jpeg_of(noise(2, (240, 400)))
    box = Body(0, 0, 0.2, 0.2)
    left = pixels(outgoing_image(data, orientation=orientation, banner=NO_BANNER, bodies=[box]))
    assert left.shape[:2] == ((400, 240) if orientation == 6 else (240, 400))
    height, width = left.shape[0] // 6, left.shape[1] // 6
    blurred, clear = left[corner[0] : height, corner[1] : width], left[-height:, -width:]
    assert np.abs(np.diff(blurred, axis=1)).mean() * 5 < np.abs(np.diff(clear, axis=1)).mean()


def test_the_same_picture_gives_the_same_bytes() -> None:
    """A package written twice is one package."""
    data = jpeg_of(noise(3))
    body = [Body(0.1, 0.1, 0.3, 0.3)]
    first, second = (
        outgoing_image(data, orientation=1, banner=USUAL, bodies=body) for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("name", ["d_huge_dimensions.jpg", "d_trunc_half.jpg", "d_zero_bytes.jpg"])
def test_a_picture_that_cannot_be_seen_does_not_leave(shared: Path, name: str) -> None:
    """Of a damaged or monstrous file nobody can say what is in it."""
    data = (shared / "data/exif" / name).read_bytes()
    with pytest.raises(JpegError):
        outgoing_image(data, orientation=1, banner=USUAL)


def test_every_box_of_people_and_vehicles_is_blurred(survey: Survey) -> None:
    """Whoever drew it, and whatever was said later; an animal's box is not."""
    told = fill_survey(survey)
    media = media_of(survey, told.blank)[0]
    with survey.writing() as session:
        make_machine_observation(
            session, media, observation_type="vehicle", bbox=(0.5, 0.5, 0.1, 0.2)
        )
    with survey.reading() as session:
        bodies = read_bodies(session)
    assert bodies[media.media_id] == [Body(0.5, 0.5, 0.1, 0.2)]
    people = {item.media_id for item in media_of(survey, told.person)}
    assert set(bodies) == {media.media_id, *people}
