"""Containers: type told by content, cut files noticed, traps refused before decoding."""

from datetime import datetime
from io import BytesIO

import pillow_heif
import pytest
from picture_bytes import MAKE, ORIGINAL, make_exif, make_jpeg
from PIL import Image

from ingest.metadata import MediaFacts, MediaKind, read_facts


def _codes(facts: MediaFacts) -> set[str]:
    return {str(problem.code) for problem in facts.problems}


def _codes_of(data: bytes, file_name: str = "IMG_0001.JPG") -> set[str]:
    return _codes(read_facts(data, file_name=file_name))


def test_every_cut_is_noticed() -> None:
    """A JPEG cut at any length is refused, and so is one whose lost half is zeros."""
    data = make_jpeg(exif=make_exif(exif={ORIGINAL: "2025:08:03 16:19:06"}))
    assert _codes_of(data) == set()
    for length in range(1, len(data)):
        assert not read_facts(data[:length], file_name="IMG_0001.JPG").is_usable
    half = len(data) - 20
    assert "truncated" in _codes_of(data[:half] + bytes(len(data) - half))


@pytest.mark.parametrize("trailer", [bytes(512), make_jpeg(), b"\xff\xd8\xff\xe1cut"])
def test_bytes_after_the_picture_do_no_harm(trailer: bytes) -> None:
    """Padding, a second picture and a cut second picture leave the first one usable."""
    data = make_jpeg(exif=make_exif(exif={ORIGINAL: "2025:08:03 16:19:06"}))
    assert _codes_of(data + trailer) == set()


def test_cut_file_keeps_its_tags() -> None:
    """The list of lost files can still say which camera and minute a cut file came from."""
    exif = make_exif(image={MAKE: "HK"}, exif={ORIGINAL: "2025:08:03 16:19:06"})
    facts = read_facts(make_jpeg(exif=exif)[:-30], file_name="IMG_0001.JPG")
    assert (facts.make, facts.camera_time) == ("HK", datetime(2025, 8, 3, 16, 19, 6))
    assert not facts.is_usable


def test_bomb_is_refused_after_reading_its_tags() -> None:
    """A header of 65500 x 65500 is refused, and its metadata is read all the same."""
    exif = make_exif(exif={ORIGINAL: "2025:08:03 16:19:06"})
    data = make_jpeg(exif=exif).replace(b"\x08\x00\x08\x00\x08\x03", b"\x08\xff\xdc\xff\xdc\x03")
    facts = read_facts(data, file_name="IMG_0001.JPG")
    assert _codes(facts) == {"too_large"}
    assert facts.camera_time is not None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"log of the camera\n" * 20, "not_media"),
        (bytes(4096), "not_media"),
        (b"II*\x00\x08\x00\x00\x00", "unsupported_media"),
        (b"RIFF\x00\x10\x00\x00WEBPVP8 ", "unsupported_media"),
        (b"\xff\xd8\xff\xd9", "truncated"),
    ],
)
def test_refused_files(data: bytes, code: str) -> None:
    """Empty, foreign and pixel-less files named .jpg are refused for their own reason."""
    facts = read_facts(data, file_name="20250803161906.jpg")
    assert _codes(facts) == {code}
    assert not facts.is_usable


def test_type_is_told_by_content() -> None:
    """A JPEG named .png is a usable JPEG, and the report says so."""
    facts = read_facts(make_jpeg(), file_name="20250803161906.png")
    assert (facts.media_type, facts.is_usable) == ("image/jpeg", True)
    assert _codes(facts) == {"suffix_differs"}


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"RIFF\x00\x10\x00\x00AVI LIST", "video/x-msvideo"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
        (b"\x00\x00\x00\x08wide\x00\x10\x00\x00mdat", "video/quicktime"),
        (b"\x00\x00\x00\x14ftyp3gp4\x00\x00\x00\x003gp4", "video/3gpp"),
    ],
)
def test_the_head_of_a_film_is_a_film_cut_short(head: bytes, media_type: str) -> None:
    """A film is known by its first bytes and dated by its name, but needs its end too."""
    facts = read_facts(head, file_name="VID_20250803_161906.mp4")
    assert (facts.kind, facts.media_type) == (MediaKind.VIDEO, media_type)
    assert facts.camera_time == datetime(2025, 8, 3, 16, 19, 6)
    assert "truncated" in {str(problem.code) for problem in facts.problems}


def test_png_with_exif() -> None:
    """A PNG yields its size and the tags of its eXIf chunk; a cut one is refused."""
    block, out = Image.Exif(), BytesIO()
    block[MAKE] = "TrailCam"
    Image.new("RGB", (30, 20)).save(out, "PNG", exif=block)
    facts = read_facts(out.getvalue(), file_name="20250803161906.png")
    assert (facts.media_type, facts.width, facts.height) == ("image/png", 30, 20)
    assert (facts.make, facts.problems) == ("TrailCam", ())
    assert _codes_of(out.getvalue()[:-1], "20250803161906.png") == {"truncated"}


def test_heic_is_upright_and_a_cut_one_is_refused() -> None:
    """A phone's HEIC yields upright size and tags; cut inside its pixels it is refused."""
    out = BytesIO()
    exif = make_exif(image={MAKE: "Apple"}, exif={ORIGINAL: "2025:08:03 16:19:06"})
    pillow_heif.from_pillow(Image.new("RGB", (64, 48))).save(out, exif=exif, quality=50)
    facts = read_facts(out.getvalue(), file_name="IMG_1034.HEIC")
    assert (facts.media_type, facts.width, facts.height) == ("image/heic", 64, 48)
    assert (facts.make, facts.camera_time) == ("Apple", datetime(2025, 8, 3, 16, 19, 6))
    assert facts.problems == ()
    for length in (20, 60, len(out.getvalue()) // 2, len(out.getvalue()) - 1):
        assert not read_facts(out.getvalue()[:length], file_name="IMG_1034.HEIC").is_usable
