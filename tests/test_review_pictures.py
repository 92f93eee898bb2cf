"""Pictures for the screen, and what the page fetches besides itself."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from review_app.pictures import PictureError, draw, preview_of
from review_app.routes import find_taxa, show_film, show_picture
from species_db.review import view_event, view_media
from species_db.survey import Survey
from species_db.tables import Media
from species_db.taxa import seed_taxa
from tests.review_scene import three_events

ORIENTATION = 0x0112
RIGHT_SIDE_UP = 6  # the camera lay on its side


@pytest.fixture
def three(survey: Survey, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A survey on the desk, with three events of animals, an hour apart; gives their ids."""
    yield from three_events(survey, monkeypatch)


def test_a_preview_is_small_upright_and_without_exif(tmp_path: Path) -> None:
    """What the screen gets is turned as the camera lay, scaled, and carries no coordinate."""
    exif = Image.Exif()
    exif[ORIENTATION] = RIGHT_SIDE_UP
    exif.get_ifd(0x8825)[2] = (29.0, 19.0, 30.0)  # GPS latitude
    original = tmp_path / "photo.jpg"
    Image.new("RGB", (4000, 3000), (60, 80, 60)).save(original, exif=exif)
    preview = tmp_path / "preview.jpg"
    preview.write_bytes(draw(original))
    with Image.open(preview) as picture:
        assert picture.size == (960, 1280)
        assert not picture.getexif()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "I;16", "CMYK"])
def test_any_kind_of_picture_is_drawn(tmp_path: Path, mode: str) -> None:
    """Infrared grey, palettes and transparency all become a picture for the screen."""
    original = tmp_path / ("photo.tif" if mode in ("I;16", "CMYK") else "photo.png")
    Image.new(mode, (40, 30)).save(original)
    assert draw(original).startswith(b"\xff\xd8")


def test_a_16_bit_picture_is_not_white(tmp_path: Path) -> None:
    """Half of 65,535 is drawn as middle grey."""
    Image.new("I;16", (40, 30), 32_768).save(tmp_path / "photo.tif")
    (tmp_path / "preview.jpg").write_bytes(draw(tmp_path / "photo.tif"))
    with Image.open(tmp_path / "preview.jpg") as picture:
        assert picture.getpixel((20, 15)) == (128, 128, 128)


def test_programs_are_not_run(tmp_path: Path) -> None:
    """A PostScript file under a photo's name is refused, not run."""
    (tmp_path / "photo.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(PictureError):
        draw(tmp_path / "photo.jpg")


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"no picture"])
def test_a_damaged_file_is_said_so(tmp_path: Path, content: bytes) -> None:
    """A file that is no picture raises the one error that screens answer with a sentence."""
    original = tmp_path / "photo.jpg"
    original.write_bytes(content)
    with pytest.raises(PictureError, match=r"photo\.jpg"):
        draw(original)


def test_a_preview_is_made_once(survey: Survey, three: list[str]) -> None:
    """The second look at a picture reads the copy made at the first, and no scrap is left."""
    with survey.reading() as session:
        view = view_event(session, three[0])
    first = preview_of(survey, view.media[0]).stat()
    assert preview_of(survey, view.media[0]).stat().st_mtime_ns == first.st_mtime_ns
    assert [path.name for path in (survey.folder / "previews").iterdir()] == [
        f"{view.media[0].media_id}.jpg"
    ]


def _request(query: str = "", headers: tuple[tuple[str, str], ...] = (), **path: str) -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "query_string": query.encode(),
            "path_params": path,
        }
    )


def _picture(media_id: str, wish: str, **headers: str) -> Response:
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return asyncio.run(show_picture(_request(headers=told, media_id=media_id, wish=wish)))


def _media_id(survey: Survey, event_id: str) -> str:
    with survey.reading() as session:
        return view_event(session, event_id).media[0].media_id


def test_pictures_are_sent(survey: Survey, three: list[str]) -> None:
    """A picture is sent large for the stage and small for the filmstrip."""
    media_id = _media_id(survey, three[0])
    for wish, ending in (("clear", f"{media_id}.jpg"), ("small", f"{media_id}.small.jpg")):
        response = _picture(media_id, wish)
        assert isinstance(response, FileResponse) and str(response.path).endswith(ending)


def test_people_are_sent_blurred_unless_opened(survey: Survey, three: list[str]) -> None:
    """Of a restricted picture only a few pixels leave the server, until somebody opens it."""
    media_id = _media_id(survey, three[0])
    with survey.writing() as session:
        media = session.get_one(Media, media_id)
        media.is_restricted = True
        session.add(media)
    for wish in ("clear", "small", "blurred"):
        response = _picture(media_id, wish)
        assert not isinstance(response, FileResponse) and len(response.body) < 2000
        assert response.headers["cache-control"] == "no-store"
    opened_picture = _picture(media_id, "opened")
    assert isinstance(opened_picture, FileResponse)
    assert opened_picture.headers["cache-control"] == "no-store"


def test_what_cannot_be_shown_is_not_found(survey: Survey, three: list[str]) -> None:
    """A damaged picture, a file of another survey and a closed film are all simply not there."""
    media_id = _media_id(survey, three[0])
    with survey.reading() as session:
        view = view_media(session, media_id)
    assert view is not None
    survey.path_of(view.file_path).write_bytes(b"\xff\xd8")
    assert _picture(media_id, "clear").status_code == 404
    assert _picture("nobody", "clear").status_code == 404
    film = asyncio.run(show_film(_request(media_id="nobody", wish="clear")))
    assert film.status_code == 404


def test_other_pages_of_the_browser_get_nothing(survey: Survey, three: list[str]) -> None:
    """A page from elsewhere, open in the same browser, cannot show the survey's pictures."""
    media_id = _media_id(survey, three[0])
    assert _picture(media_id, "clear", sec_fetch_site="cross-site").status_code == 403
    taxa = _request("text=a", headers=(("sec-fetch-site", "cross-site"),))
    assert asyncio.run(find_taxa(taxa)).status_code == 403


def _film(media_id: str, wish: str) -> Response:
    return asyncio.run(show_film(_request(media_id=media_id, wish=wish)))


@pytest.mark.parametrize("is_restricted", [False, True])
@pytest.mark.parametrize("wish", ["clear", "opened"])
def test_a_photo_is_no_film(
    survey: Survey, three: list[str], wish: str, is_restricted: bool
) -> None:
    """The route of films never sends a photo as it came, with the coordinates in its EXIF."""
    media_id = _media_id(survey, three[0])
    _set(survey, media_id, is_restricted=is_restricted)
    assert _film(media_id, wish).status_code == 404


def test_a_film_of_people_has_to_be_opened(survey: Survey, three: list[str]) -> None:
    """A restricted film is sent only as opened; any other film is simply sent."""
    media_id = _media_id(survey, three[0])
    _set(survey, media_id, file_mediatype="video/mp4")
    assert isinstance(_film(media_id, "clear"), FileResponse)
    _set(survey, media_id, is_restricted=True)
    assert _film(media_id, "clear").status_code == 404
    assert isinstance(_film(media_id, "opened"), FileResponse)


def _set(survey: Survey, media_id: str, **values: object) -> None:
    with survey.writing() as session:
        media = session.get_one(Media, media_id)
        for name, value in values.items():
            setattr(media, name, value)
        session.add(media)


def test_taxa_are_offered_while_typing(survey: Survey, three: list[str]) -> None:
    """The search route answers with the text it answers to, and the best taxa."""
    with survey.writing() as session:
        seed_taxa(session)
    plants = asyncio.run(find_taxa(_request("text=%E7%89%9B%E8%86%9D%E8%8F%8A")))
    assert json.loads(bytes(plants.body))["hits"] == []
    response = asyncio.run(find_taxa(_request("text=%E8%B5%A4%E9%BA%82&recent=")))
    told = json.loads(bytes(response.body))
    assert told["text"] == "赤麂"
    assert told["hits"][0]["scientific_name"] == "Muntiacus vaginalis"
