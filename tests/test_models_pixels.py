"""What decoding and fitting a photo promises."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from models.pixels import (
    Decode,
    PixelsError,
    decode_scaled,
    fit_within,
    letterbox,
    save_preview,
    size_for,
)

ORIENTATION = 0x0112


def encoded(image: Image.Image, form: str = "JPEG", **settings: object) -> bytes:
    """Write a picture to bytes."""
    stream = io.BytesIO()
    image.save(stream, form, **settings)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Write a PNG that claims a size and holds nothing."""
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + size, b"IDAT", b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


@pytest.mark.parametrize("width", [1500, 2048, 3264, 4000, 6000])
def test_large_jpeg_is_decoded_little_larger_than_asked(width: int) -> None:
    """A photo is decoded at least as large as asked, and less than twice as large."""
    photo = encoded(Image.new("RGB", (width, width * 3 // 4)))
    height, decoded, _ = decode_scaled(photo, at_least=(1280, 1280)).shape
    assert 1280 <= decoded < 2 * 1280
    assert 960 <= height < 2 * 960


def test_small_photo_keeps_its_size() -> None:
    """A photo smaller than asked is not enlarged."""
    assert decode_scaled(encoded(Image.new("RGB", (320, 240))), at_least=(1280, 1280)).shape == (
        240,
        320,
        3,
    )


def test_photo_taken_on_its_side_comes_out_upright() -> None:
    """Boxes belong to the photo as people see it, so the EXIF orientation is applied."""
    image = Image.new("RGB", (400, 300), "white")
    image.paste((255, 0, 0), (0, 0, 200, 300))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    upright = decode_scaled(encoded(image, exif=exif), at_least=(300, 400))
    assert upright.shape == (400, 300, 3)
    assert upright[50, 150, 1] < 50
    assert upright[350, 150, 1] > 200


def test_a_turned_photo_is_as_large_as_an_upright_one() -> None:
    """The size that is asked for is of the upright photo, so a turned one keeps its detail."""
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    photo = encoded(Image.new("RGB", (4000, 2250)), exif=exif)
    height, width, _ = decode_scaled(photo, at_least=(1280, 1280)).shape
    assert height >= 1280
    assert width >= 720


def test_full_decode_keeps_every_pixel() -> None:
    """Who wants no scaling gets the photo as it is."""
    photo = encoded(Image.new("RGB", (4000, 3000)))
    assert decode_scaled(photo, at_least=size_for(640, Decode.FULL)).shape == (3000, 4000, 3)


def test_scaled_decode_looks_like_the_whole_photo() -> None:
    """What is decoded small is the photo, not a piece of it or a shifted one."""
    ramp = np.linspace(0, 255, 4000).astype(np.uint8)
    photo = Image.fromarray(np.broadcast_to(ramp[None, :, None], (3000, 4000, 3)).copy())
    small = fit_within(
        decode_scaled(encoded(photo, quality=95), at_least=(1280, 1280)), (1280, 1280)
    )
    whole = fit_within(np.asarray(photo), (1280, 1280))
    assert small.shape == whole.shape == (960, 1280, 3)
    assert np.abs(small.astype(int) - whole).max() <= 3


def test_damage_within_a_photo_is_borne_as_pillow_bears_it() -> None:
    """A photo with a spoilt stretch still decodes to its size: the rest may hold the animal."""
    noise = np.random.default_rng(2).integers(0, 255, (480, 640, 3), np.uint8)
    spoilt = bytearray(encoded(Image.fromarray(noise)))
    middle = len(spoilt) // 2
    spoilt[middle : middle + 40] = b"\x55" * 40
    assert decode_scaled(bytes(spoilt), at_least=(640, 480)).shape == (480, 640, 3)


@given(width=st.integers(2, 3000), height=st.integers(2, 3000))
def test_what_is_fitted_halves_exactly(width: int, height: int) -> None:
    """A picture fitted into twice the network's input becomes the input by halving."""
    fitted = fit_within(np.zeros((height, width, 3), np.uint8), (640, 640))
    assert max(fitted.shape[:2]) <= 640
    if max(width, height) > 640:
        assert fitted.shape[0] % 2 == fitted.shape[1] % 2 == 0


@pytest.mark.parametrize(
    ("mode", "form"),
    [("L", "JPEG"), ("CMYK", "JPEG"), ("P", "PNG"), ("RGBA", "PNG"), ("LA", "PNG"), ("1", "PNG")],
)
def test_every_kind_of_pixel_becomes_rgb(mode: str, form: str) -> None:
    """Grey, palette, CMYK and transparent photos all come out as RGB."""
    image = decode_scaled(encoded(Image.new(mode, (64, 48)), form), at_least=(64, 48))
    assert image.shape == (48, 64, 3)
    assert image.dtype == np.uint8


def test_sixteen_bit_photo_keeps_its_middle_grey() -> None:
    """A 16-bit photo is scaled to 8 bits, not cut off at white."""
    deep = Image.fromarray(np.full((48, 64), 0x8000, np.uint16))
    assert decode_scaled(encoded(deep, "PNG"), at_least=(64, 48)).mean() == pytest.approx(128)


def test_heic_photo_is_decoded() -> None:
    """Photos of phones come as HEIC, and are decoded like others."""
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    image = decode_scaled(encoded(Image.new("RGB", (64, 48), "red"), "HEIF"), at_least=(64, 48))
    assert image.shape == (48, 64, 3)


def test_photo_without_its_last_rows_is_refused() -> None:
    """A photo that lost its end, of which a decoder would make grey rows, is refused too."""
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), np.uint8)
    whole = encoded(Image.fromarray(noise))
    with pytest.raises(PixelsError, match="truncated"):
        decode_scaled(whole[: len(whole) * 97 // 100], at_least=(640, 480))


@pytest.mark.parametrize("kept", [0, 3, 40, 400, 4000])
def test_photo_cut_short_is_refused_with_its_place(kept: int, tmp_path: Path) -> None:
    """A photo cut short on the card is an error that names the file, not half a picture."""
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), np.uint8)
    whole = encoded(Image.fromarray(noise))
    assert len(whole) > 2 * kept
    damaged = tmp_path / "IMG_0001.JPG"
    damaged.write_bytes(whole[:kept])
    with pytest.raises(PixelsError, match=r"IMG_0001\.JPG"):
        decode_scaled(damaged, at_least=(160, 120))


def test_missing_file_is_refused_with_its_place(tmp_path: Path) -> None:
    """A file that vanished is the same kind of error as one that is damaged."""
    with pytest.raises(PixelsError, match=r"gone\.jpg"):
        decode_scaled(tmp_path / "gone.jpg", at_least=(64, 48))


@pytest.mark.parametrize("side", [15_000, 19_000, 60_000])
def test_header_of_a_huge_picture_is_refused_before_decoding(side: int) -> None:
    """A header that claims hundreds of megapixels is refused before memory is taken for it."""
    with pytest.raises(PixelsError, match="200 megapixels"):
        decode_scaled(png_header(side, side), at_least=(64, 48))


@given(
    width=st.integers(20, 900),
    height=st.integers(20, 900),
    sides=st.tuples(*[st.floats(0, 1) for _ in range(4)]),
)
def test_box_survives_the_way_into_the_network_and_back(
    width: int, height: int, sides: tuple[float, float, float, float]
) -> None:
    """A box fitted into the network's input and taken back is the same box."""
    x1, x2 = sorted(sides[:2])
    y1, y2 = sorted(sides[2:])
    fit = letterbox(np.zeros((height, width, 3), np.uint8), 320)
    inside = np.array(
        [
            [
                x1 * width * fit.scale_x + fit.left,
                y1 * height * fit.scale_y + fit.top,
                x2 * width * fit.scale_x + fit.left,
                y2 * height * fit.scale_y + fit.top,
            ]
        ]
    )
    assert fit.relative_to_photo(inside)[0] == pytest.approx([x1, y1, x2, y2], abs=1e-6)


@given(width=st.integers(1, 3000), height=st.integers(1, 3000))
def test_input_is_made_of_whole_strides_and_no_larger_than_asked(width: int, height: int) -> None:
    """Any photo fits an input of whole strides, at most the asked size a side."""
    fit = letterbox(np.zeros((height, width, 3), np.uint8), 320)
    assert fit.pixels.shape[2] % 32 == 0
    assert fit.pixels.shape[3] % 32 == 0
    assert max(fit.pixels.shape) == 320


def test_shrinking_averages_every_pixel() -> None:
    """Fine stripes become grey when shrunk, instead of one of their two colours."""
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    assert letterbox(stripes, 320).pixels == pytest.approx(0.5, abs=0.01)


def test_preview_carries_no_exif_and_leaves_no_rest(tmp_path: Path) -> None:
    """A preview holds pixels alone, so no place leaves with it, and no temporary file stays."""
    preview = tmp_path / "previews" / "a.jpg"
    save_preview(np.zeros((1500, 2000, 3), np.uint8), preview)
    with Image.open(preview) as opened:
        assert opened.size == (1024, 768)
        assert not opened.getexif()
    assert [p.name for p in preview.parent.iterdir()] == ["a.jpg"]
